//! Forecasts as a table, and what runs out as sentences.

use usm_core::judge::{Exhaustion, MetricForecast, Outcome};
use usm_core::series::SeriesKey;

use super::ToCome;
use crate::draw::{Column, Flow, Line, Page, Table, Tone, notes, number};
use crate::status::time_of;
use crate::when::in_words;
use crate::words::{range_of, unit_of, value_of};

/// Columns before what is said of a series that runs out.
const GUTTER: usize = 4;

/// What runs out within this is urgent, seconds.
const URGENT: f64 = 86_400.0;

pub(super) fn draw(come: &ToCome, page: &mut Page) {
    let is_known = |forecast: &&MetricForecast| forecast.outcome != Outcome::Learning;
    let known: Vec<&MetricForecast> = come.forecasts.iter().filter(is_known).collect();
    if !known.is_empty() {
        page.heading("Forecasts", &format!("from {} on", time_of(come.made_at)));
        table(&known, page);
    }
    runs_out(&come.exhaustion, come.made_at, page);
    learning(come, page);
    if !come.notes.is_empty() {
        page.gap();
        notes(&come.notes, page);
    }
}

fn table(known: &[&MetricForecast], page: &mut Page) {
    let mut table = Table::new(&[
        Column::text("SERIES").flexible(),
        Column::number("NOW"),
        Column::number("AHEAD"),
        Column::number("EXPECTED"),
        Column::text("80 % INTERVAL"),
        Column::text("95 % INTERVAL").dispensable(2),
        Column::text("SKILL").dispensable(1),
    ])
    .indented(0);
    let mut last: Option<&SeriesKey> = None;
    for forecast in known {
        let unit = forecast.unit;
        let is_first = last != Some(&forecast.series);
        last = Some(&forecast.series);
        let once = |text: String| if is_first { text } else { String::new() };
        let interval = |range: Option<(f64, f64)>| {
            let text = range.map_or_else(String::new, |range| range_of(range, unit));
            Line::of(Tone::Plain, text)
        };
        let (tone, skill) = skill(forecast);
        table.row(vec![
            Line::of(Tone::Label, once(forecast.series.to_string())),
            Line::of(Tone::Plain, once(value_of(forecast.now, unit))),
            Line::of(Tone::Quiet, in_words(forecast.horizon_seconds)),
            Line::of(Tone::Strong, value_of(forecast.value, unit)),
            interval(forecast.interval_80),
            interval(forecast.interval_95),
            Line::of(tone, skill),
        ]);
    }
    table.draw(page);
}

/// How much the forecast is worth, in words.
pub(crate) fn skill(forecast: &MetricForecast) -> (Tone, String) {
    match (forecast.outcome, forecast.skill) {
        (Outcome::Forecast, Some(skill)) => (
            Tone::Good,
            format!(
                "{} nearer than \"as now\"",
                number::whole_percent(Some(100.0 * skill))
            ),
        ),
        (Outcome::Forecast, None) => (Tone::Plain, String::new()),
        (Outcome::SameAsNow, _) => (Tone::Quiet, "can't tell better than \"as now\"".into()),
        (Outcome::Learning, _) => (Tone::Quiet, "too little is known yet".into()),
    }
}

pub(super) fn runs_out(exhaustion: &[Exhaustion], made_at: f64, page: &mut Page) {
    let (ends, lasts): (Vec<&Exhaustion>, Vec<&Exhaustion>) =
        exhaustion.iter().partition(|one| one.seconds.is_some());
    if exhaustion.is_empty() {
        return;
    }
    page.heading("What runs out", "");
    for one in &ends {
        let seconds = one.seconds.unwrap_or(f64::INFINITY);
        let tone = match seconds <= URGENT {
            true => Tone::Bad,
            false => Tone::Warning,
        };
        let mut flow = Flow::new(page, Line::of(tone, "  ●"), GUTTER);
        flow.words(Tone::Label, &one.series.to_string());
        let unit = unit_of(&one.series);
        let limit = value_of(Some(one.limit), unit);
        let now = value_of(one.now, unit);
        flow.words(Tone::Plain, &format!("is {now} and reaches {limit}"));
        flow.words(Tone::Strong, &when(seconds, made_at));
        flow.words(Tone::Quiet, &between(one));
        flow.end(page);
    }
    if !lasts.is_empty() {
        let names: Vec<String> = lasts.iter().map(|one| one.series.to_string()).collect();
        let mut flow = Flow::new(page, Line::of(Tone::Good, "  ○"), GUTTER);
        flow.words(Tone::Plain, "As far as can be told, these do not:");
        flow.words(Tone::Quiet, &names.join(", "));
        flow.end(page);
    }
}

/// `in 3 d 4 h, about 2026-12-01 14:00:00 UTC`.
fn when(seconds: f64, made_at: f64) -> String {
    match seconds {
        now if now <= 0.0 => "already".into(),
        seconds => format!(
            "in {}, about {}",
            number::duration(seconds),
            time_of(made_at + seconds)
        ),
    }
}

/// The interval in words.
fn between(one: &Exhaustion) -> String {
    match (one.earliest_seconds, one.latest_seconds) {
        (Some(early), Some(late)) => format!(
            "(in four cases of five in {} to {})",
            number::duration(early),
            number::duration(late)
        ),
        (Some(early), None) => format!(
            "(hardly before {}, and perhaps never)",
            number::duration(early)
        ),
        _ => String::new(),
    }
}

/// Series of which nothing is known yet at any horizon.
fn learning(come: &ToCome, page: &mut Page) {
    let mut names: Vec<String> = Vec::new();
    for forecast in &come.forecasts {
        let of_series = come
            .forecasts
            .iter()
            .filter(|f| f.series == forecast.series);
        let name = forecast.series.to_string();
        let mut outcomes = of_series.map(|f| f.outcome);
        if !names.contains(&name) && outcomes.all(|outcome| outcome == Outcome::Learning) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return;
    }
    page.gap();
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(
        Tone::Plain,
        "Too little has been recorded yet to foretell, and to try that on the past, for:",
    );
    flow.words(Tone::Quiet, &names.join(", "));
    flow.end(page);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::series::Unit;

    const THEN: f64 = 1_795_442_400.0;

    fn key(metric: &str) -> SeriesKey {
        SeriesKey {
            metric: metric.into(),
            labels: Vec::new(),
        }
    }

    fn forecast(metric: &str, hours: f64, outcome: Outcome) -> MetricForecast {
        let is_known = outcome != Outcome::Learning;
        MetricForecast {
            series: key(metric),
            unit: Unit::Percent,
            horizon_seconds: 3600.0 * hours,
            now: Some(40.0),
            value: is_known.then_some(45.0),
            interval_80: is_known.then_some((38.0, 52.0)),
            interval_95: is_known.then_some((30.0, 60.0)),
            skill: is_known.then_some(0.35),
            backtests: 100,
            outcome,
        }
    }

    fn exhaustion(metric: &str, seconds: Option<f64>, latest: Option<f64>) -> Exhaustion {
        Exhaustion {
            series: key(metric),
            limit: 100.0,
            now: Some(91.0),
            seconds,
            earliest_seconds: seconds.map(|seconds| seconds / 2.0),
            latest_seconds: latest,
            outcome: Outcome::Forecast,
        }
    }

    fn drawn(width: usize) -> String {
        let come = ToCome {
            made_at: THEN,
            forecasts: vec![
                forecast("cpu_percent", 1.0, Outcome::Forecast),
                forecast("cpu_percent", 24.0, Outcome::SameAsNow),
                forecast("swap_percent", 1.0, Outcome::Learning),
                forecast("swap_percent", 24.0, Outcome::Learning),
            ],
            exhaustion: vec![
                exhaustion("filesystem_used_percent", Some(7200.0), Some(14_400.0)),
                exhaustion("filesystem_inodes_used_percent", Some(259_200.0), None),
                exhaustion("memory_percent", None, None),
            ],
            notes: vec!["this is a note".into()],
        };
        let mut page = Page::new(Style {
            width,
            unicode: true,
            colour: false,
        });
        draw(&come, &mut page);
        page.render()
    }

    #[test]
    fn a_forecast_tells_its_intervals_and_what_it_is_worth() {
        let text = drawn(130);
        for part in [
            "cpu_percent  40.0 %    1 h    45.0 %  38.0 to 52.0 %  30.0 to 60.0 %  35 % nearer",
            "1 d    45.0 %  38.0 to 52.0 %  30.0 to 60.0 %  can't tell better than \"as now\"",
            "for: swap_percent",
            "● this is a note",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert_eq!(text.matches("cpu_percent").count(), 1, "{text}");
    }

    #[test]
    fn what_runs_out_is_told_with_its_time_and_interval() {
        let text = drawn(200);
        for part in [
            "filesystem_used_percent is 91.0 % and reaches 100.0 % in 2 h 0 min, about 2026-11-",
            "(in four cases of five in 1 h 0 min to 4 h 0 min)",
            "(hardly before 1 d 12 h, and perhaps never)",
            "these do not: memory_percent",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert_eq!(when(0.0, THEN), "already");
    }

    #[test]
    fn every_width_is_kept() {
        for width in [20, 40, 80, 100] {
            for line in drawn(width).lines() {
                let columns = unicode_width::UnicodeWidthStr::width(line);
                assert!(columns <= width, "{width}: {line}");
            }
        }
    }
}
