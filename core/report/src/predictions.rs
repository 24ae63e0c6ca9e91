//! Trends, anomalies and forecasts, by the prototype's names.

use std::borrow::Cow;

use usm_core::Result;
use usm_core::history::Selector;
use usm_core::judge::{Anomaly, MetricForecast, Outcome};
use usm_core::store::FindingKind;

use crate::alerts::prototype_name;
use crate::foretold::{Course, Foretold, courses};
use crate::row::{Cell, Rows};
use crate::source::{Found, unread_note};
use crate::trend::{Direction, Trend};
use crate::{Source, Wanted};

/// The tables, by the prototype's names.
pub(crate) const TABLES: [&str; 3] = ["trends", "anomalies", "forecasts"];

const TRENDS: [&str; 12] = [
    "metric_name",
    "current_value",
    "trend_direction",
    "trend_strength",
    "change_rate",
    "prediction_1h",
    "prediction_6h",
    "prediction_24h",
    "confidence",
    "timestamp",
    "p_value",
    "hours_seen",
];

const ANOMALIES: [&str; 10] = [
    "metric_name",
    "timestamp",
    "value",
    "expected_value",
    "deviation",
    "severity",
    "anomaly_type",
    "confidence",
    "ended_at",
    "series",
];

const FORECASTS: [&str; 8] = [
    "metric_name",
    "forecast_horizon",
    "predicted_value",
    "confidence_lower",
    "confidence_upper",
    "trend_analysis",
    "recommendations",
    "timestamp",
];

/// From which score on an anomaly is how severe.
const SEVERITIES: [(f64, &str); 4] = [
    (0.999, "critical"),
    (0.99, "high"),
    (0.95, "medium"),
    (f64::NEG_INFINITY, "low"),
];

fn trend_cells<'a>(course: &Course, trend: &Trend, made_at: f64) -> [Cell<'a>; TRENDS.len()] {
    let strength = match trend.direction {
        Direction::Stable => 0.1,
        _ => (trend.slope_per_hour.abs() / 10.0).min(1.0),
    };
    let confidence = 0.1 + 0.8 * (1.0 - trend.p_value) * (course.hours / 6.0).min(1.0);
    [
        Cell::text(course.judged.name),
        Cell::real(course.now),
        Cell::text(trend.direction.name()),
        Cell::real(strength),
        Cell::real(trend.slope_per_hour),
        Cell::real(course.at(1)),
        Cell::real(course.at(6)),
        Cell::real(course.at(24)),
        Cell::real(confidence),
        Cell::real(made_at),
        Cell::real(trend.p_value),
        Cell::real(course.hours),
    ]
}

pub(crate) fn severity_of(anomaly: &Anomaly) -> &'static str {
    let reached = SEVERITIES
        .iter()
        .find(|(least, _)| anomaly.worst_score >= *least);
    reached.map_or("low", |(_, word)| word)
}

fn anomaly_cells(found: &Found<Anomaly>) -> [Cell<'_>; ANOMALIES.len()] {
    let anomaly = &found.value;
    let middle = anomaly.expected.map(|(low, high)| (low + high) / 2.0);
    let kind = match (anomaly.value, anomaly.expected) {
        (Some(value), Some((_, high))) if value > high => "spike",
        (Some(value), Some((low, _))) if value < low => "drop",
        (Some(_), Some(_)) => "deviation",
        _ => "unknown",
    };
    let deviation = anomaly
        .value
        .zip(middle)
        .map(|(value, middle)| (value - middle).abs());
    [
        Cell::text(prototype_name(&anomaly.series)),
        Cell::real(anomaly.since),
        Cell::real(anomaly.value),
        Cell::real(middle),
        Cell::real(deviation),
        Cell::text(severity_of(anomaly)),
        Cell::text(kind),
        Cell::real(anomaly.worst_score.min(0.95)),
        Cell::real(found.row.closed_at),
        Cell::text(anomaly.series.to_string()),
    ]
}

fn forecast_cells<'a>(
    course: &Course,
    foretold: &Foretold,
    made_at: f64,
) -> [Cell<'a>; FORECASTS.len()] {
    let advice = course.judged.advice(foretold.value);
    [
        Cell::text(course.judged.name),
        Cell::text(format!("{}h", foretold.hours)),
        Cell::real(foretold.value),
        Cell::real(foretold.interval.0),
        Cell::real(foretold.interval.1),
        Cell::text(foretold.in_words()),
        Cell::List(advice.into_iter().map(Cow::from).collect()),
        Cell::real(made_at),
    ]
}

/// The anomalies that lasted in the range.
pub(crate) fn anomalies(
    source: &Source,
    wanted: &Wanted,
) -> Result<(Vec<Found<Anomaly>>, Vec<String>)> {
    let (found, unread) = source.findings::<Anomaly>(FindingKind::Anomaly, wanted)?;
    Ok((
        found,
        unread_note(unread, "anomalies").into_iter().collect(),
    ))
}

/// What is foretold of a metric from a Unix time on, as far as it tells anything.
pub(crate) fn ahead(
    source: &Source,
    metric: &str,
    from: f64,
    horizons: &[f64],
) -> Result<Vec<MetricForecast>> {
    let selector = Selector::parse(metric)?;
    let mut ahead = source.history.forecast(&selector, from, horizons)?;
    ahead.retain(|forecast| forecast.outcome != Outcome::Learning);
    Ok(ahead)
}

/// Writes them as three tables; answers how many rows those have.
pub(crate) fn write(
    source: &Source,
    wanted: &Wanted,
    to: &mut dyn Rows,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<(u64, Vec<String>)> {
    let courses = courses(source, wanted, progress)?;
    let held = source.held(wanted)?;
    // To the millisecond: what is behind the last row is not much behind it.
    let made_at = held.map_or(wanted.until, |range| (range.1 * 1e3).floor() / 1e3);
    let mut rows = 0;
    to.begin(&TRENDS.map(Cow::from))?;
    for course in &courses {
        if let Some(trend) = &course.trend {
            to.row(&trend_cells(course, trend, made_at))?;
            rows += 1;
        }
    }
    to.end()?;
    let (found, notes) = anomalies(source, wanted)?;
    to.begin(&ANOMALIES.map(Cow::from))?;
    for anomaly in &found {
        to.row(&anomaly_cells(anomaly))?;
        rows += 1;
    }
    to.end()?;
    to.begin(&FORECASTS.map(Cow::from))?;
    for course in &courses {
        for foretold in &course.ahead {
            to.row(&forecast_cells(course, foretold, made_at))?;
            rows += 1;
        }
    }
    to.end()?;
    Ok((rows, notes))
}
