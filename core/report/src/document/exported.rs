//! Exports of metrics, alerts and predictions as documents.

use jiff::tz::TimeZone;
use usm_core::Result;
use usm_core::series::Unit;
use usm_core::store::SavedAlert;

use super::health::CHARTS;
use super::parts::{
    about_charts, alert_table, chart, headings, maybe_minute, range_in_words, stretch, timeline,
    unit_of,
};
use super::{Body, Document, Section, Table, TableCell, Tone};
use crate::alerts::{fired, saved};
use crate::curve::{Curves, step};
use crate::foretold::{Course, courses};
use crate::health::{CHARTED, host, now, state_at_end};
use crate::metrics::{self, COLUMNS, Row};
use crate::predictions::{anomalies, severity_of};
use crate::shown::clock::{second_of, time_of};
use crate::shown::quantity::quantity;
use crate::{Exported, Source, Wanted};

/// Rows of a page; JSON and CSV have all.
const MOST_ROWS: f64 = 400.0;
const MOST_ALERTS: usize = 5000;

fn begun(title: &str, source: &Source, wanted: &Wanted, zone: &TimeZone) -> Result<Document> {
    let held = source.held(wanted)?;
    let state = match held {
        Some(range) => state_at_end(source, range)?,
        None => None,
    };
    Ok(Document {
        title: title.into(),
        host: state.as_ref().and_then(host),
        // Where all is wanted the range is that of what there is.
        range: range_in_words(shown(wanted, held), zone),
        made: time_of(now(), zone),
        ..Document::default()
    })
}

fn shown(wanted: &Wanted, held: Option<(f64, f64)>) -> (f64, f64) {
    match (wanted.since.is_finite() && wanted.until.is_finite(), held) {
        (false, Some(held)) => held,
        _ => (wanted.since, wanted.until),
    }
}

/// Metrics: charts, and rows as wide as asked for or as there is room for.
pub(crate) fn metrics(
    source: &Source,
    wanted: &Wanted,
    zone: &TimeZone,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<(Document, Exported)> {
    let mut document = begun("System metrics", source, wanted, zone)?;
    let Some(range) = source.held(wanted)? else {
        return Ok((document, Exported::default()));
    };
    let step_seconds = wanted
        .step_seconds
        .unwrap_or_else(|| step(range, MOST_ROWS));
    let mut rows: Vec<Row> = Vec::new();
    let stepped = Wanted {
        step_seconds: Some(step_seconds),
        ..*wanted
    };
    let mut take = |row: &Row| {
        rows.push(row.clone());
        Ok(())
    };
    let read = metrics::read(source, &stepped, &mut take, progress)?;
    let curves = Curves::read(source, &CHARTED, range)?;
    let (alerts, _) = fired(source, wanted)?;
    let charts = CHARTS
        .iter()
        .filter_map(|(title, series)| chart(title, series, &curves, range, &alerts));
    document.sections = vec![
        Section::new(
            "Over time",
            about_charts(curves.step_seconds),
            Body::Charts(charts.collect()),
        ),
        Section::new(
            "Rows",
            format!(
                "Each row is the mean of {}. Exports as JSON or CSV have every row.",
                stretch(step_seconds)
            ),
            Body::Table(rows_table(&rows, zone)),
        ),
    ];
    document.sections.retain(Section::has_content);
    document.notes.clone_from(&read.notes);
    let exported = Exported {
        rows: read.rows,
        notes: read.notes,
    };
    Ok((document, exported))
}

fn rows_table(rows: &[Row], zone: &TimeZone) -> Table {
    // What this machine does not have takes no room.
    let is_known = |place: &usize| rows.iter().any(|row| !row.values[*place].is_nan());
    let known: Vec<usize> = (0..COLUMNS.len()).filter(is_known).collect();
    let names = known.iter().map(|place| (COLUMNS[*place].name, true));
    let columns: Vec<(&str, bool)> = std::iter::once(("Time", false)).chain(names).collect();
    let cells = |row: &Row| -> Vec<TableCell> {
        let values = known.iter().map(|place| {
            let unit = unit_of(COLUMNS[*place].series);
            TableCell::from(quantity(row.values[*place], unit))
        });
        std::iter::once(TableCell::from(second_of(row.time, zone)))
            .chain(values)
            .collect()
    };
    Table {
        caption: "The machine's main metrics".into(),
        columns: headings(&columns),
        rows: rows.iter().map(cells).collect(),
        left_out: 0,
    }
}

/// Alerts: when they fired, and a table.
pub(crate) fn alerts(
    source: &Source,
    wanted: &Wanted,
    zone: &TimeZone,
) -> Result<(Document, Exported)> {
    let mut document = begun("Alerts", source, wanted, zone)?;
    let (alerts, notes) = fired(source, wanted)?;
    let first = alerts.first().map_or(wanted.since, crate::alerts::fired_at);
    let held = source.held(wanted)?.unwrap_or((first, first + 1.0));
    document.sections.extend(timeline(&alerts, held));
    let table = alert_table(&alerts, MOST_ALERTS, zone);
    document
        .sections
        .push(Section::new("Alerts", "", Body::Table(table)));
    let saved = saved(source, wanted)?;
    let table = saved_table(&saved, zone);
    document.sections.push(Section::new(
        "Alerts that programs saved",
        "",
        Body::Table(table),
    ));
    document.sections.retain(Section::has_content);
    document.notes.clone_from(&notes);
    let exported = Exported {
        rows: (alerts.len() + saved.len()) as u64,
        notes,
    };
    Ok((document, exported))
}

fn saved_table(saved: &[SavedAlert], zone: &TimeZone) -> Table {
    let rows = saved.iter().rev().take(MOST_ALERTS).map(|alert| {
        vec![
            second_of(alert.timestamp, zone).into(),
            alert.severity.as_str().into(),
            alert.alert_type.as_str().into(),
            alert.message.as_str().into(),
            alert.metric_name.as_str().into(),
            number(alert.metric_value).into(),
            number(alert.threshold).into(),
        ]
    });
    Table {
        caption: "Alerts that programs saved, the newest first".into(),
        columns: headings(&[
            ("Time", false),
            ("Severity", false),
            ("Rule", false),
            ("What", false),
            ("Metric", false),
            ("Value", true),
            ("Threshold", true),
        ]),
        rows: rows.collect(),
        left_out: saved.len().saturating_sub(MOST_ALERTS),
    }
}

/// Trends, anomalies and forecasts as three tables.
pub(crate) fn predictions(
    source: &Source,
    wanted: &Wanted,
    zone: &TimeZone,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<(Document, Exported)> {
    let mut document = begun("Predictions", source, wanted, zone)?;
    let courses = courses(source, wanted, progress)?;
    let (found, notes) = anomalies(source, wanted)?;
    let anomaly_rows = found.iter().rev().map(|found| {
        let anomaly = &found.value;
        let unit = unit_of(&anomaly.series.metric);
        let tone = match severity_of(anomaly) {
            "critical" | "high" => Tone::Bad,
            "medium" => Tone::Warning,
            _ => Tone::Plain,
        };
        let expected = anomaly.expected.map_or_else(
            || "–".to_owned(),
            |(low, high)| format!("{} to {}", quantity(low, unit), quantity(high, unit)),
        );
        vec![
            second_of(anomaly.since, zone).into(),
            maybe_minute(found.row.closed_at, zone).into(),
            anomaly.series.to_string().into(),
            quantity(anomaly.value.unwrap_or(f64::NAN), unit).into(),
            expected.into(),
            TableCell {
                text: severity_of(anomaly).into(),
                tone,
                bar: None,
            },
        ]
    });
    let anomalies = Table {
        caption: "Anomalies, the newest first".into(),
        columns: headings(&[
            ("Since", false),
            ("Until", false),
            ("Metric", false),
            ("Value", true),
            ("Expected", true),
            ("Severity", false),
        ]),
        rows: anomaly_rows.collect(),
        left_out: 0,
    };
    document.sections = vec![
        Section::new("Trends", "", Body::Table(trend_table(&courses))),
        Section::new("Anomalies", "", Body::Table(anomalies)),
        Section::new(
            "Forecasts",
            "In an interval of 95 % lies what comes in nineteen cases of twenty.",
            Body::Table(forecast_table(&courses)),
        ),
    ];
    let rows = document.sections.iter().map(|section| match &section.body {
        Body::Table(table) => table.rows.len(),
        _ => 0,
    });
    let rows = rows.sum::<usize>() as u64;
    document.sections.retain(Section::has_content);
    document.notes.clone_from(&notes);
    Ok((document, Exported { rows, notes }))
}

/// Of a rate with its unit.
fn name(course: &Course) -> String {
    let name = course.judged.name;
    match name.ends_with("_rate") {
        true => format!("{name}, MiB/s"),
        false => name.to_owned(),
    }
}

/// A number to two decimals.
fn number(value: Option<f64>) -> String {
    quantity(value.unwrap_or(f64::NAN), Unit::Number)
}

fn trend_table(courses: &[Course]) -> Table {
    let rows = courses.iter().filter_map(|course| {
        let trend = course.trend?;
        Some(vec![
            name(course).into(),
            number(course.now).into(),
            trend.direction.name().into(),
            number(Some(trend.slope_per_hour)).into(),
            number(course.at(1)).into(),
            number(course.at(6)).into(),
            number(course.at(24)).into(),
        ])
    });
    Table {
        caption: "Trends".into(),
        columns: headings(&[
            ("Metric", false),
            ("Now", true),
            ("Direction", false),
            ("Per hour", true),
            ("In 1 h", true),
            ("In 6 h", true),
            ("In 24 h", true),
        ]),
        rows: rows.collect(),
        left_out: 0,
    }
}

fn forecast_table(courses: &[Course]) -> Table {
    let rows = courses.iter().flat_map(|course| {
        course.ahead.iter().map(|foretold| {
            let (low, high) = foretold.interval;
            vec![
                name(course).into(),
                format!("{} h", foretold.hours).into(),
                number(Some(foretold.value)).into(),
                format!("{} to {}", number(Some(low)), number(Some(high))).into(),
                foretold.in_words().into(),
                course.judged.advice(foretold.value).unwrap_or("").into(),
            ]
        })
    });
    Table {
        caption: "Forecasts".into(),
        columns: headings(&[
            ("Metric", false),
            ("In", true),
            ("Value", true),
            ("95 % interval", true),
            ("In words", false),
            ("What to do", false),
        ]),
        rows: rows.collect(),
        left_out: 0,
    }
}
