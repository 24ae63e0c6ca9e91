//! The past of a series and the intervals of what is to come, as a chart.

use jiff::tz::TimeZone;
use usm_core::history::{Query, Selector, TableColumn};
use usm_core::judge::MetricForecast;
use usm_core::series::{Kind, SeriesKey, Unit, catalog};

use super::of;
use crate::archive::Archive;
use crate::draw::chart::{Chart, Marks};
use crate::draw::{Flow, Line, Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::outlet::Outlet;

/// Lines of text of a chart.
const ROWS: usize = 12;

/// Steps of the past, and moments ahead at which it is foretold.
const PAST_STEPS: f64 = 120.0;
const AHEAD_STEPS: usize = 48;

/// Most series that are drawn.
const MOST_SERIES: usize = 3;

/// The lines of a fan: the past, what is expected, and the ends of the intervals.
const LINES: usize = 6;

/// Times and values of one fan.
#[derive(Debug, PartialEq)]
struct Fan {
    times: Vec<f64>,
    lines: [Vec<f64>; LINES],
}

/// One series with its fan, to be drawn.
#[derive(Debug, PartialEq)]
pub(crate) struct FanChart {
    pub(crate) series: SeriesKey,
    fan: Fan,
    unit: Unit,
    since: f64,
    until: f64,
    longest_link: f64,
}

impl FanChart {
    /// Of each series that the selector names (the first few), and how many more there are.
    pub(crate) fn read(
        archive: &Archive,
        selector: &Selector,
        furthest: f64,
        now: f64,
    ) -> Outcome<(Vec<FanChart>, usize)> {
        let begin = archive.range().since.max(now - furthest);
        let metric = catalog::by_name(&selector.metric);
        let kind = metric.map_or(Kind::Gauge, |metric| metric.kind);
        let mut query = Query::new(selector.clone(), begin, now);
        query.step_seconds = Some(((now - begin) / PAST_STEPS).max(1.0).ceil());
        query.rate = kind == Kind::Counter;
        let table = archive
            .history
            .query(&query)
            .map_err(Failure::of_question)?;
        let moments: Vec<f64> = (1..=AHEAD_STEPS)
            .map(|step| furthest * step as f64 / AHEAD_STEPS as f64)
            .collect();
        let ahead = of(archive, selector, now, &moments)?;
        let past_step = table.step_seconds.unwrap_or(1.0);
        let chart = |column: &TableColumn| FanChart {
            series: column.key.clone(),
            fan: fan(&table.times, column, &ahead, now),
            unit: unit_of(column, kind),
            since: begin,
            until: now + furthest,
            longest_link: 3.0 * past_step.max(furthest / AHEAD_STEPS as f64),
        };
        let charts = table.columns.iter().take(MOST_SERIES).map(chart).collect();
        Ok((charts, table.columns.len().saturating_sub(MOST_SERIES)))
    }

    /// In so many lines of text besides the axis of time and the legend.
    pub(crate) fn draw(&self, rows: usize, has_braille: bool, page: &mut Page) {
        let has_braille = page.style().unicode && page.style().colour && has_braille;
        let chart = Chart {
            times: &self.fan.times,
            series: self.fan.lines.iter().map(Vec::as_slice).collect(),
            since: self.since,
            until: self.until,
            longest_link: self.longest_link,
            unit: self.unit,
            rows,
            marks: match has_braille {
                true => Marks::Braille,
                false => Marks::Letters,
            },
            zone: &TimeZone::system(),
        };
        chart.draw(page);
        legend(has_braille, page);
    }
}

pub(super) fn draw(
    archive: &Archive,
    selector: &Selector,
    horizons: &[f64],
    now: f64,
    out: &Outlet,
    page: &mut Page,
) -> Outcome {
    let Some(furthest) = horizons.last().copied() else {
        return Ok(());
    };
    let (charts, left) = FanChart::read(archive, selector, furthest, now)?;
    for chart in charts {
        page.heading(&chart.series.to_string(), "and what is to come");
        chart.draw(ROWS, out.has_braille(), page);
    }
    if left > 0 {
        let text = format!("{left} more series are not drawn: a label in braces chooses.");
        let mut flow = Flow::new(page, Line::new(), 0);
        flow.words(Tone::Quiet, &text);
        flow.end(page);
    }
    Ok(())
}

fn unit_of(column: &TableColumn, kind: Kind) -> Unit {
    match kind {
        Kind::Gauge => column.unit,
        Kind::Counter if column.unit == Unit::Bytes => Unit::BytesPerSecond,
        Kind::Counter => column.unit,
    }
}

fn fan(times: &[f64], column: &TableColumn, ahead: &[MetricForecast], now: f64) -> Fan {
    let mut all = times.to_vec();
    let mut lines: [Vec<f64>; LINES] = Default::default();
    lines[0].clone_from(&column.values);
    for line in &mut lines[1..] {
        line.resize(times.len(), f64::NAN);
    }
    for forecast in ahead.iter().filter(|f| f.series == column.key) {
        all.push(now + forecast.horizon_seconds);
        let ends = |range: Option<(f64, f64)>| range.unwrap_or((f64::NAN, f64::NAN));
        let (low80, high80) = ends(forecast.interval_80);
        let (low95, high95) = ends(forecast.interval_95);
        let value = forecast.value.unwrap_or(f64::NAN);
        let values = [f64::NAN, value, low80, high80, low95, high95];
        for (line, value) in lines.iter_mut().zip(values) {
            line.push(value);
        }
    }
    Fan { times: all, lines }
}

fn legend(has_braille: bool, page: &mut Page) {
    let names = ["past", "expected", "80 %", "80 %", "95 %", "95 %"];
    let mut flow = Flow::new(page, Line::new(), 2);
    for (place, name) in (0..).zip(names) {
        let mark = match has_braille {
            true => "●".to_string(),
            false => crate::draw::chart::letter(usize::from(place)).to_string(),
        };
        let line = Line::of(Tone::Series(place), mark);
        flow.add(line.and(Tone::Plain, format!(" {name}")));
    }
    flow.end(page);
}

#[cfg(test)]
mod tests {
    use super::*;
    use usm_core::judge::Outcome as Told;

    #[test]
    fn the_past_ends_where_the_fan_begins() {
        let key = SeriesKey {
            metric: "cpu_percent".into(),
            labels: Vec::new(),
        };
        let column = TableColumn {
            key: key.clone(),
            unit: Unit::Percent,
            kind: Kind::Gauge,
            values: vec![1.0, 2.0],
        };
        let forecast = |series: &SeriesKey, value| MetricForecast {
            series: series.clone(),
            unit: Unit::Percent,
            horizon_seconds: 60.0,
            now: Some(2.0),
            value,
            interval_80: value.map(|v| (v - 1.0, v + 1.0)),
            interval_95: value.map(|v| (v - 2.0, v + 2.0)),
            skill: None,
            backtests: 0,
            outcome: Told::Forecast,
        };
        let other = SeriesKey {
            metric: "other".into(),
            labels: Vec::new(),
        };
        let ahead = [forecast(&key, Some(5.0)), forecast(&other, Some(9.0))];
        let fan = fan(&[10.0, 20.0], &column, &ahead, 20.0);
        assert_eq!(fan.times, [10.0, 20.0, 80.0]);
        assert_eq!(&fan.lines[0][..2], [1.0, 2.0]);
        assert!(fan.lines[0][2].is_nan() && fan.lines[1][1].is_nan());
        let ends: Vec<f64> = fan.lines[1..].iter().map(|line| line[2]).collect();
        assert_eq!(ends, [5.0, 4.0, 6.0, 3.0, 7.0]);
    }
}
