//! Parts that several reports have.

use jiff::tz::TimeZone;
use usm_core::alert::{Alert, AlertSeverity};
use usm_core::judge::Severity;
use usm_core::series::Unit;

use super::{Body, Chart, Line, Section, Span, Table, TableCell, TableColumn, Timeline, Tone};
use crate::alerts::{fired_at, status_name};
use crate::curve::Curves;
use crate::shown::clock::{minute_of, second_of, time_of};
use crate::shown::number::duration;
use crate::shown::quantity::quantity;

/// Rows of a timeline.
const MOST_ROWS: usize = 14;

/// Alerts in a report's table; an export has all.
pub(super) const MOST_ALERTS: usize = 60;

/// Words of a range.
pub(super) fn range_in_words((since, until): (f64, f64), zone: &TimeZone) -> String {
    format!("{} to {}", time_of(since, zone), time_of(until, zone))
}

pub(super) fn tone_of_alert(severity: AlertSeverity) -> Tone {
    match severity {
        AlertSeverity::Info => Tone::Plain,
        AlertSeverity::Warning => Tone::Warning,
        AlertSeverity::Critical | AlertSeverity::Emergency => Tone::Bad,
    }
}

pub(super) fn tone_of(severity: Severity) -> Tone {
    match severity {
        severity if severity >= Severity::High => Tone::Bad,
        severity if severity >= Severity::Medium => Tone::Warning,
        _ => Tone::Plain,
    }
}

/// A chart of the series that are known; `None` where none is. Only a single line has a band:
/// several over each other would hide the lines.
pub(super) fn chart(
    title: &str,
    series: &[(&str, &str)],
    curves: &Curves,
    range: (f64, f64),
    alerts: &[Alert],
) -> Option<Chart> {
    let known: Vec<_> = series
        .iter()
        .filter_map(|(metric, name)| Some((curves.get(metric)?, *name)))
        .collect();
    let unit = known.first()?.0.unit;
    let is_single = known.len() == 1;
    let lines = known.iter().map(|(curve, name)| {
        let figures = curve.figures();
        let of = |value: Option<f64>| quantity(value.unwrap_or(f64::NAN), unit);
        Line {
            name: match series.len() {
                1 => String::new(),
                _ => (*name).to_owned(),
            },
            mean: curve.mean.clone(),
            least: if is_single {
                curve.least.clone()
            } else {
                Vec::new()
            },
            greatest: if is_single {
                curve.greatest.clone()
            } else {
                Vec::new()
            },
            figures: format!(
                "mean {}, lowest {}, highest {}, last {}",
                of(figures.average),
                of(figures.min),
                of(figures.max),
                of(figures.last)
            ),
        }
    });
    let about = alerts.iter().filter(|alert| {
        series
            .iter()
            .any(|(metric, _)| alert.series.metric == *metric)
    });
    Some(Chart {
        title: title.to_owned(),
        unit,
        times: curves.times.clone(),
        step_seconds: curves.step_seconds,
        range,
        lines: lines.collect(),
        marks: about.map(span).collect(),
    })
}

fn span(alert: &Alert) -> Span {
    Span {
        since: fired_at(alert),
        until: alert.resolved_at,
        tone: tone_of_alert(alert.severity),
        title: format!("{}: {}", alert.rule, alert.message),
    }
}

/// When each rule's alerts fired.
pub(super) fn timeline(alerts: &[Alert], range: (f64, f64)) -> Option<Section> {
    let mut rows: Vec<(String, Vec<Span>)> = Vec::new();
    for alert in alerts {
        let labels: Vec<&str> = alert
            .series
            .labels
            .iter()
            .map(|(_, v)| v.as_str())
            .collect();
        let name = match labels.is_empty() {
            true => alert.rule.clone(),
            false => format!("{} ({})", alert.rule, labels.join(" ")),
        };
        match rows.iter_mut().find(|(known, _)| *known == name) {
            Some((_, spans)) => spans.push(span(alert)),
            None => rows.push((name, vec![span(alert)])),
        }
    }
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    let section = Section::new(
        "When alerts fired",
        "",
        Body::Timeline(Timeline {
            range,
            rows,
            left_out,
        }),
    );
    section.has_content().then_some(section)
}

/// The alerts, the newest first.
pub(super) fn alert_table(alerts: &[Alert], most: usize, zone: &TimeZone) -> Table {
    let columns = [
        ("Fired", false),
        ("Lasted", true),
        ("Severity", false),
        ("Rule", false),
        ("What", false),
        ("Value", true),
        ("Status", false),
    ];
    let rows = alerts.iter().rev().take(most).map(|alert| {
        let fired = fired_at(alert);
        let lasted = match alert.resolved_at {
            Some(end) => duration(end - fired),
            None => "still".into(),
        };
        let unit = unit_of(&alert.series.metric);
        let mut status = status_name(alert.status).replace('_', " ");
        if let Some(by) = &alert.acknowledged {
            status.push_str(&format!(", acknowledged by {}", by.by));
        }
        vec![
            second_of(fired, zone).into(),
            lasted.into(),
            TableCell {
                text: alert.severity.name().into(),
                tone: tone_of_alert(alert.severity),
                bar: None,
            },
            alert.rule.as_str().into(),
            alert.message.as_str().into(),
            quantity(alert.value.unwrap_or(f64::NAN), unit).into(),
            status.into(),
        ]
    });
    Table {
        caption: "Alerts, the newest first".into(),
        columns: headings(&columns),
        rows: rows.collect(),
        left_out: alerts.len().saturating_sub(most),
    }
}

/// Unit of a metric of the catalogue; a plain number where it is not in it.
pub(super) fn unit_of(metric: &str) -> Unit {
    usm_core::series::catalog::by_name(metric).map_or(Unit::Number, |metric| metric.unit)
}

/// `2026-11-23 14:05` of a time, nothing of none.
pub(super) fn maybe_minute(time: Option<f64>, zone: &TimeZone) -> String {
    time.map_or_else(String::new, |time| minute_of(time, zone))
}

/// Columns by name and whether numbers stand below.
pub(super) fn headings(names: &[(&str, bool)]) -> Vec<TableColumn> {
    let column = |(name, is_number): &(&str, bool)| TableColumn {
        name: (*name).to_owned(),
        is_number: *is_number,
        is_minor: false,
    };
    names.iter().map(column).collect()
}

/// A stretch of time in the units that it fills: `5 min`, `1 h 30 min`, `7 d`.
pub(super) fn stretch(seconds: f64) -> String {
    if !(1.0..1e15).contains(&seconds) || seconds.fract() != 0.0 {
        return format!("{seconds} s");
    }
    let all = seconds as u64;
    let parts = [
        (all / 86_400, "d"),
        (all / 3600 % 24, "h"),
        (all / 60 % 60, "min"),
        (all % 60, "s"),
    ];
    let shown = parts.iter().filter(|(count, _)| *count > 0);
    let texts: Vec<String> = shown
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    texts.join(" ")
}

/// What the lines and bands of charts are.
pub(super) fn about_charts(step_seconds: f64) -> String {
    format!(
        "The line is the mean of each {}; where it is alone, the band reaches from the lowest \
         to the highest value in it. Where a line breaks nothing was recorded.",
        stretch(step_seconds)
    )
}
