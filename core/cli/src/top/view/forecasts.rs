//! What is to come: what runs out, the main metrics, and a fan of the one that is chosen.

use ratatui_core::layout::Rect;
use usm_core::judge::{MetricForecast, Outcome};

use super::canvas::Canvas;
use super::{above, below, list, rows_of};
use crate::draw::{Column, Flow, Line, Page, Table, Tone, notes};
use crate::forecast::{ToCome, skill};
use crate::top::model::{Forecasts, Model, Room};
use crate::when::in_words;
use crate::words::{range_of, value_of};

/// Lines around a fan: its heading, the axis of time, the legend.
const AROUND: u16 = 5;

/// Lines of the list that stay.
const LEAST_LIST: u16 = 6;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Room {
    let forecasts = &model.forecasts;
    let Some(come) = forecasts.come.as_deref() else {
        return without(model, area, canvas);
    };
    let mut head = canvas.look.page(area.width);
    come.draw_what_runs_out(&mut head);
    notes(&come.notes, &mut head);
    let head_rows = rows_of(head.lines().len()).min(area.height / 3);
    // A page's heading begins with a gap.
    canvas.page(above(area, head_rows.saturating_sub(1)), &head, 1);
    let rest = below(area, head_rows);
    let series = forecasts.series();
    let at = forecasts.place.at.min(series.len().saturating_sub(1));
    let page = table(come, &series, canvas.look.page(area.width));
    let rows = rows_of(page.lines().len()).max(2);
    let list_rows = rows.min((rest.height / 2).max(LEAST_LIST));
    let first = |rows| forecasts.place.first_of(rows, series.len());
    let room = list::draw(&page, at, first, above(rest, list_rows), canvas);
    fan(forecasts, series.get(at), below(rest, list_rows), canvas);
    room
}

/// Nothing is foretold yet, and why.
fn without(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Room {
    let forecasts = &model.forecasts;
    let mut page = canvas.look.page(area.width);
    let mut flow = Flow::new(&page, Line::new(), 0);
    match &forecasts.problem {
        Some(problem) => {
            flow.words(Tone::Warning, "Nothing can be foretold:");
            flow.words(Tone::Plain, problem);
        }
        None => flow.words(Tone::Quiet, "Learning from the history…"),
    }
    flow.end(&mut page);
    let own = &model.state.predictions;
    if !own.exhaustion.is_empty() {
        let come = ToCome {
            made_at: own.made_at,
            exhaustion: own.exhaustion.clone(),
            ..ToCome::default()
        };
        come.draw_what_runs_out(&mut page);
    }
    canvas.page(area, &page, 0);
    Room::default()
}

/// A row for each series, the horizons beside each other.
fn table(come: &ToCome, series: &[String], mut page: Page) -> Page {
    let mut horizons: Vec<f64> = come.forecasts.iter().map(|f| f.horizon_seconds).collect();
    horizons.sort_by(f64::total_cmp);
    horizons.dedup();
    let mut table = Table::new(&[
        Column::text("SERIES").flexible(),
        Column::text("").dispensable(1),
        Column::number("NOW"),
    ])
    .indented(0);
    for horizon in &horizons {
        table = table.with_number(&format!("IN {}", in_words(*horizon)));
    }
    for name in series {
        let of: Vec<&MetricForecast> = come
            .forecasts
            .iter()
            .filter(|f| f.series.to_string() == *name)
            .collect();
        let Some(first) = of.first() else { continue };
        let (tone, worth) = match first.outcome {
            Outcome::Learning => (Tone::Quiet, "learning".to_string()),
            Outcome::SameAsNow => (Tone::Quiet, "as now".into()),
            Outcome::Forecast => {
                let (tone, _) = skill(first);
                (tone, "foretold".into())
            }
        };
        let mut cells = vec![
            Line::of(Tone::Label, name),
            Line::of(tone, worth),
            Line::of(Tone::Plain, value_of(first.now, first.unit)),
        ];
        for horizon in &horizons {
            let forecast = of.iter().find(|f| f.horizon_seconds == *horizon);
            cells.push(forecast.map_or_else(Line::new, |f| expected(f)));
        }
        table.row(cells);
    }
    table.draw(&mut page);
    page
}

/// The interval of 80 %: the middle alone would say more than is known.
fn expected(forecast: &MetricForecast) -> Line {
    match forecast.interval_80 {
        Some(range) => Line::of(Tone::Plain, range_of(range, forecast.unit)),
        None => Line::of(Tone::Quiet, value_of(forecast.value, forecast.unit)),
    }
}

fn fan(forecasts: &Forecasts, series: Option<&String>, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(name) = series.filter(|_| area.height > AROUND) else {
        return;
    };
    let mut page = canvas.look.page(area.width);
    page.heading(name, "the last day, and the next");
    match forecasts.fan.as_ref().filter(|(of, _)| of == name) {
        Some((_, Ok(charts))) => match charts.first() {
            Some(chart) => {
                let rows = usize::from(area.height - AROUND);
                chart.draw(rows, canvas.look.braille, &mut page);
            }
            None => page.push(Line::of(Tone::Quiet, "nothing of it is known")),
        },
        Some((_, Err(why))) => page.push(Line::of(Tone::Warning, why)),
        None => page.push(Line::of(Tone::Quiet, "being worked out…")),
    }
    canvas.page(area, &page, 0);
}
