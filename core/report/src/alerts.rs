//! The alerts that fired, and those that programs saved, by the prototype's names.

use std::borrow::Cow;

use usm_core::Result;
use usm_core::alert::{Alert, AlertStatus};
use usm_core::series::SeriesKey;
use usm_core::store::{FindingKind, SavedAlert};

use crate::metrics::COLUMNS;
use crate::row::{Cell, Rows};
use crate::source::{Found, unread_note};
use crate::{Source, Wanted};

/// Most alerts of programs: the store keeps no more.
const MOST_SAVED: usize = 20_000;

/// The prototype's columns, then what it lacked.
const NAMES: [&str; 14] = [
    "id",
    "timestamp",
    "alert_type",
    "metric_name",
    "metric_value",
    "threshold",
    "severity",
    "message",
    "acknowledged",
    "acknowledged_by",
    "acknowledged_at",
    "status",
    "resolved_at",
    "series",
];

/// Those that fired and lasted in the range, by the time at which they fired; and what the
/// reader should know.
pub(crate) fn fired(source: &Source, wanted: &Wanted) -> Result<(Vec<Alert>, Vec<String>)> {
    let (found, unread) = source.findings::<Alert>(FindingKind::Alert, wanted)?;
    let mut alerts: Vec<Alert> = found.into_iter().filter_map(|f| ended(f, wanted)).collect();
    alerts.sort_by(|a, b| fired_at(a).total_cmp(&fired_at(b)));
    Ok((alerts, unread_note(unread, "alerts").into_iter().collect()))
}

/// The alert, if it fired before the end of the range; its end as its row has it.
fn ended(found: Found<Alert>, wanted: &Wanted) -> Option<Alert> {
    let mut alert = found.value;
    let fired = alert.fired_at?;
    // A monitor that was ended from outside leaves the end to the one that starts next.
    if let (None, Some(end)) = (alert.resolved_at, found.row.closed_at) {
        alert.resolved_at = Some(end);
        alert.status = AlertStatus::Resolved;
    }
    (fired < wanted.until).then_some(alert)
}

pub(crate) fn fired_at(alert: &Alert) -> f64 {
    alert.fired_at.unwrap_or(alert.since)
}

pub(crate) fn status_name(status: AlertStatus) -> &'static str {
    match status {
        AlertStatus::Pending => "pending",
        AlertStatus::Firing => "firing",
        AlertStatus::NoData => "no_data",
        AlertStatus::Resolved => "resolved",
    }
}

/// The prototype's name of what a series measures; of what it did not know the metric's.
pub(crate) fn prototype_name(series: &SeriesKey) -> &str {
    let known = COLUMNS
        .iter()
        .find(|column| series.labels.is_empty() && column.series == series.metric);
    known.map_or(&series.metric, |column| column.name)
}

/// The cells of an alert, as [`NAMES`] has them.
fn cells(alert: &Alert) -> [Cell<'_>; NAMES.len()] {
    let by = alert.acknowledged.as_ref();
    [
        Cell::Whole(i64::try_from(alert.id).unwrap_or(i64::MAX)),
        Cell::real(fired_at(alert)),
        Cell::text(alert.rule.as_str()),
        Cell::text(prototype_name(&alert.series)),
        Cell::real(alert.value),
        Cell::real(alert.threshold),
        Cell::text(alert.severity.name()),
        Cell::text(alert.message.as_str()),
        Cell::Flag(by.is_some()),
        Cell::maybe_text(by.map(|by| by.by.as_str())),
        Cell::real(by.map(|by| by.at)),
        Cell::text(status_name(alert.status)),
        Cell::real(alert.resolved_at),
        Cell::text(alert.series.to_string()),
    ]
}

/// The cells of an alert that a program saved itself: how long it lasted nobody knows.
fn saved_cells(alert: &SavedAlert) -> [Cell<'_>; NAMES.len()] {
    [
        Cell::Whole(alert.id),
        Cell::real(alert.timestamp),
        Cell::text(alert.alert_type.as_str()),
        Cell::text(alert.metric_name.as_str()),
        Cell::real(alert.metric_value),
        Cell::real(alert.threshold),
        Cell::text(alert.severity.as_str()),
        Cell::text(alert.message.as_str()),
        Cell::Flag(alert.acknowledged),
        Cell::maybe_text(alert.acknowledged_by.as_deref()),
        Cell::real(alert.acknowledged_at),
        Cell::text("saved"),
        Cell::Unknown,
        Cell::Unknown,
    ]
}

/// The alerts that programs saved themselves, of the range.
pub(crate) fn saved(source: &Source, wanted: &Wanted) -> Result<Vec<SavedAlert>> {
    let reader = &source.reader;
    reader.saved_alerts(wanted.since, wanted.until, MOST_SAVED)
}

/// Writes those of the range as one table, by time; answers how many there are.
pub(crate) fn write(
    source: &Source,
    wanted: &Wanted,
    to: &mut dyn Rows,
) -> Result<(u64, Vec<String>)> {
    wanted.check()?;
    let (alerts, notes) = fired(source, wanted)?;
    let saved = saved(source, wanted)?;
    to.begin(&NAMES.map(Cow::from))?;
    let mut others = saved.iter().peekable();
    for alert in &alerts {
        while let Some(other) = others.next_if(|other| other.timestamp < fired_at(alert)) {
            to.row(&saved_cells(other))?;
        }
        to.row(&cells(alert))?;
    }
    for other in others {
        to.row(&saved_cells(other))?;
    }
    to.end()?;
    Ok(((alerts.len() + saved.len()) as u64, notes))
}
