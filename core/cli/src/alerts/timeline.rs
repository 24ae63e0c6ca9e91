//! A rule's firings over time: as a band below which the hours stand, as a table, and with
//! the values themselves.

use jiff::tz::TimeZone;
use usm_core::alert::{Alert, AlertSeverity};
use usm_core::history::{Query, Selector};
use usm_core::series::{SeriesKey, Unit};

use super::test::{Tested, direction};
use crate::archive::Archive;
use crate::draw::chart::{Chart, Marks};
use crate::draw::{Column, Flow, Line, Page, Table, Tone, fit, notes, number};
use crate::failure::Outcome;
use crate::outlet::Outlet;
use crate::status::time_of;
use crate::when::Range;
use crate::words::{alert_tone, count_of, unit_of, value_of};

/// Most series that have a band, and most firings that are listed.
const MOST_BANDS: usize = 12;
const MOST_LISTED: usize = 50;

/// Columns of the names of the bands, at most.
const MOST_NAME: usize = 30;

/// Lines of text of a chart.
const ROWS: usize = 10;

/// Steps of a chart, nearly.
const STEPS: f64 = 200.0;

pub(super) fn draw(tested: &Tested, zone: &TimeZone, page: &mut Page) {
    let fired: Vec<(&Alert, Option<f64>)> = tested
        .found
        .alerts
        .iter()
        .zip(&tested.peaks)
        .filter(|(alert, _)| alert.fired_at.is_some())
        .map(|(alert, peak)| (alert, *peak))
        .collect();
    if !fired.is_empty() {
        bands(&fired, tested, zone, page);
        table(&fired, tested.rules.len() > 1, page);
    }
    page.gap();
    foot(&fired, tested, page);
    notes(&tested.found.notes, page);
}

/// One band for each series: what of the time it fired.
fn bands(fired: &[(&Alert, Option<f64>)], tested: &Tested, zone: &TimeZone, page: &mut Page) {
    page.heading("When it would have fired", "");
    let mut rows: Vec<(String, Vec<&Alert>)> = Vec::new();
    for (alert, _) in fired {
        let name = name_of(alert, tested.rules.len() > 1);
        match rows.iter_mut().find(|(known, _)| *known == name) {
            Some((_, alerts)) => alerts.push(alert),
            None => rows.push((name, vec![alert])),
        }
    }
    let widest = rows
        .iter()
        .map(|(name, _)| unicode_width::UnicodeWidthStr::width(name.as_str()));
    let gutter = widest
        .max()
        .unwrap_or(0)
        .min(MOST_NAME)
        .min(page.width() / 3)
        + 2;
    let columns = page.width().saturating_sub(gutter + 2).max(10);
    for (name, alerts) in rows.iter().take(MOST_BANDS) {
        let mut line = Line::of(Tone::Label, fit(name, gutter)).padded(gutter);
        line.push(Tone::Quiet, " │");
        for severity in band(alerts, tested.range, columns) {
            match severity {
                Some(severity) => line.push(alert_tone(severity), "█"),
                None => line.push(Tone::Quiet, "░"),
            }
        }
        page.push(line);
    }
    let chart = Chart {
        times: &[],
        series: Vec::new(),
        since: tested.range.since,
        until: tested.range.until,
        longest_link: 0.0,
        unit: Unit::Number,
        rows: 0,
        marks: Marks::Points,
        zone,
    };
    chart.time_axis(gutter, columns, page);
    if rows.len() > MOST_BANDS {
        let left = rows.len() - MOST_BANDS;
        let text = format!("and {} more", count_of(left, "series", "series"));
        page.push(Line::of(Tone::Quiet, text));
    }
}

/// The worst severity that fired within each column's share of the range.
fn band(alerts: &[&Alert], range: Range, columns: usize) -> Vec<Option<AlertSeverity>> {
    let mut cells = vec![None; columns];
    let width = (range.until - range.since) / columns as f64;
    for alert in alerts {
        let Some(begin) = alert.fired_at else {
            continue;
        };
        let end = alert.resolved_at.unwrap_or(range.until);
        let column = |time: f64| ((time - range.since) / width).floor();
        let (first, last) = (
            column(begin).max(0.0),
            column(end).min(columns as f64 - 1.0),
        );
        // Neither is true of what is not a number.
        if first <= last {
            for cell in &mut cells[first as usize..=last as usize] {
                *cell = (*cell).max(Some(alert.severity));
            }
        }
    }
    cells
}

fn name_of(alert: &Alert, with_rule: bool) -> String {
    match (with_rule, alert.series.labels.is_empty()) {
        (true, true) => alert.rule.clone(),
        (true, false) => format!("{} {}", alert.rule, labels(&alert.series)),
        (false, true) => alert.series.metric.clone(),
        (false, false) => labels(&alert.series),
    }
}

fn labels(series: &SeriesKey) -> String {
    let labels: Vec<String> = series
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    labels.join(" ")
}

fn table(fired: &[(&Alert, Option<f64>)], with_rule: bool, page: &mut Page) {
    page.gap();
    let mut table = Table::new(&[
        Column::text("FROM"),
        Column::text("TO"),
        Column::number("LASTED"),
        Column::text("SEVERITY").dispensable(1),
        Column::number("WORST"),
        Column::text("SERIES").flexible(),
    ])
    .indented(0);
    for (alert, peak) in fired.iter().take(MOST_LISTED) {
        let begin = alert.fired_at.unwrap_or(alert.since);
        let lasted = alert
            .resolved_at
            .map_or_else(|| "lasts".into(), |end| number::duration(end - begin));
        let end = alert.resolved_at.map_or_else(String::new, time_of);
        let unit = unit_of(&alert.series);
        table.row(vec![
            Line::of(Tone::Plain, time_of(begin)),
            Line::of(Tone::Plain, end),
            Line::of(Tone::Strong, lasted),
            Line::of(alert_tone(alert.severity), alert.severity.name()),
            Line::of(Tone::Plain, value_of(peak.or(alert.value), unit)),
            Line::of(Tone::Label, name_of(alert, with_rule)),
        ]);
    }
    table.draw(page);
    if fired.len() > MOST_LISTED {
        let text = format!("and {} more: --json lists all", fired.len() - MOST_LISTED);
        page.push(Line::of(Tone::Quiet, text));
    }
}

fn foot(fired: &[(&Alert, Option<f64>)], tested: &Tested, page: &mut Page) {
    let found = &tested.found;
    let mut flow = Flow::new(page, Line::new(), 0);
    let rules: Vec<&str> = tested.rules.iter().map(|rule| rule.name.as_str()).collect();
    let name = match rules.as_slice() {
        ["condition"] => "The condition".to_string(),
        [one] => format!("The rule {one}"),
        many => format!("One of {}", count_of(many.len(), "rule", "rules")),
    };
    match fired.len() {
        0 => flow.words(Tone::Good, &format!("{name} would not have fired.")),
        1 => flow.words(Tone::Strong, &format!("{name} would have fired once.")),
        n => flow.words(Tone::Strong, &format!("{name} would have fired {n} times.")),
    }
    if let Some(percent) = found.firing_percent.filter(|percent| *percent > 0.0) {
        flow.words(
            Tone::Plain,
            &format!("That is {} of the time.", share(percent)),
        );
    }
    let mut about = format!(
        "{} looked at",
        count_of(count(found.samples), "sample", "samples")
    );
    if let Some((since, until)) = found.range {
        about.push_str(&format!(", {} to {}", time_of(since), time_of(until)));
    }
    if found.without_data > 0 {
        about.push_str(&format!(
            "; of {} the values are not known",
            found.without_data
        ));
    }
    flow.words(Tone::Quiet, &format!("{about}."));
    flow.end(page);
}

/// A share that is small need not be none.
fn share(percent: f64) -> String {
    match percent {
        small if small < 0.05 => "less than 0.1 %".into(),
        percent => number::percent(Some(percent)),
    }
}

fn count(samples: u64) -> usize {
    usize::try_from(samples).unwrap_or(usize::MAX)
}

/// The values of the first metric that the rule compares, with its limit as a second line.
pub(super) fn plot(tested: &Tested, archive: &Archive, out: &Outlet, page: &mut Page) -> Outcome {
    let Some(rule) = tested.rules.first() else {
        return Ok(());
    };
    let fired = tested.found.alerts.iter().find(|a| a.rule == rule.name);
    let tests = rule.when.tests();
    // The series that fired first, else the first of the condition.
    let selector = match (fired, tests.first()) {
        (Some(alert), _) => Selector::parse(&alert.series.to_string())?,
        (None, Some(test)) => test.series.clone(),
        (None, None) => return Ok(()),
    };
    let metric = selector.metric.clone();
    let range = tested.range;
    let mut query = Query::new(selector, range.since, range.until);
    query.step_seconds = Some(((range.until - range.since) / STEPS).max(1.0).ceil());
    query.rate = direction(rule, &metric).1;
    query.top = Some(1);
    let table = archive.history.query(&query)?;
    let Some(column) = table.columns.first() else {
        return Ok(());
    };
    let limit = rule.limit().filter(|_| {
        let compared = tests.iter().find(|test| test.series.metric == metric);
        compared.is_some()
    });
    let limits = vec![limit.unwrap_or(f64::NAN); table.times.len()];
    let about = match limit {
        Some(limit) => format!("and the limit of {}", value_of(Some(limit), column.unit)),
        None => String::new(),
    };
    page.heading(&column.key.to_string(), &about);
    let has_braille = page.style().unicode && page.style().colour && out.has_braille();
    let chart = Chart {
        times: &table.times,
        series: vec![&column.values, &limits],
        since: range.since,
        until: range.until,
        longest_link: 3.0 * table.step_seconds.unwrap_or(1.0),
        unit: column.unit,
        rows: ROWS,
        marks: match has_braille {
            true => Marks::Braille,
            false => Marks::Letters,
        },
        zone: &TimeZone::system(),
    };
    chart.draw(page);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::listing::tests::alert;
    use super::*;
    use crate::draw::Style;
    use usm_core::alert::{Backtest, Rule};

    const THEN: f64 = 1_795_442_400.0;

    fn fired(begin: f64, end: Option<f64>, severity: AlertSeverity) -> Alert {
        Alert {
            fired_at: Some(THEN + begin),
            resolved_at: end.map(|end| THEN + end),
            ..alert(1, severity)
        }
    }

    fn tested(alerts: Vec<Alert>) -> Tested {
        Tested {
            rules: vec![Rule::from_expression("condition", "memory_percent > 90%").unwrap()],
            range: Range {
                since: THEN,
                until: THEN + 3600.0,
            },
            peaks: vec![Some(99.0); alerts.len()],
            found: Backtest {
                samples: 3600,
                without_data: 5,
                range: Some((THEN, THEN + 3600.0)),
                firing_percent: Some(12.5),
                alerts,
                notes: vec!["this is a note".into()],
            },
        }
    }

    fn drawn(tested: &Tested) -> String {
        let mut page = Page::new(Style {
            width: 100,
            unicode: true,
            colour: false,
        });
        draw(tested, &TimeZone::UTC, &mut page);
        page.render()
    }

    #[test]
    fn a_band_shows_the_worst_that_fired_in_each_column() {
        let (warning, critical) = (AlertSeverity::Warning, AlertSeverity::Critical);
        let alerts = [
            fired(0.0, Some(899.0), warning),
            fired(800.0, Some(890.0), critical),
            fired(3599.0, None, warning),
            // Before the range and behind it there is no column.
            fired(-500.0, Some(-100.0), critical),
            fired(9000.0, None, critical),
        ];
        let alerts: Vec<&Alert> = alerts.iter().collect();
        let range = tested(Vec::new()).range;
        let cells = band(&alerts, range, 8);
        let (w, c) = (Some(warning), Some(critical));
        assert_eq!(cells, [w, c, None, None, None, None, None, w]);
    }

    #[test]
    fn each_firing_tells_from_when_to_when_and_its_worst_value() {
        let text = drawn(&tested(vec![
            fired(60.0, Some(125.0), AlertSeverity::Warning),
            fired(3000.0, None, AlertSeverity::Critical),
        ]));
        for part in [
            "memory_percent   │░█",
            "1 min 5 s  warning   99.0 %  memory_percent",
            "lasts  critical",
            "The condition would have fired 2 times.",
            "That is 12.5 % of the time.",
            "3600 samples",
            "of 5 the values are not known",
            "● this is a note",
            "14:00",
        ] {
            let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                text.contains(part) || flat.contains(part),
                "{part} in\n{text}"
            );
        }
    }

    #[test]
    fn what_never_fired_has_no_band_and_says_so() {
        let text = drawn(&tested(Vec::new()));
        assert!(
            !text.contains('█') && text.contains("would not have fired"),
            "{text}"
        );
    }

    #[test]
    fn a_small_share_is_not_none() {
        assert_eq!(share(0.001), "less than 0.1 %");
        assert_eq!(share(12.5), "12.5 %");
    }
}
