//! A table in CSV, read row by row.

use std::io::Read;

use super::intake::Intake;
use super::key::Series;
use super::record::Records;
use super::{TIME, refused};
use crate::history::when::parse_time;
use crate::series::Frame;
use crate::{Error, Result};

/// Unix seconds from here on have a year of five digits: they are milliseconds, by mistake.
const LAST_SECOND: f64 = 253_402_300_800.0;

/// What a time may be, in words.
const TIMES: &str = "Unix seconds, or a date of RFC 3339 with its offset from UTC";

/// Writes a field, in quotes where it needs them.
pub(super) fn push_field(text: &str, to: &mut String) {
    if !text.contains([',', '"', '\n', '\r']) {
        to.push_str(text);
        return;
    }
    to.push('"');
    to.push_str(&text.replace('"', "\"\""));
    to.push('"');
}

/// Hands out the rows as frames.
pub(super) fn read(from: &mut dyn Read, take: &mut dyn FnMut(Frame) -> Result<()>) -> Result<()> {
    let mut records = Records::new(from);
    let (mut intake, names) = header(&mut records)?;
    while records.read()? {
        let line = records.line();
        if records.len() != names.len() {
            let (found, wanted) = (records.len(), names.len());
            let allowed = format!("{wanted} fields, as in the first line");
            return Err(refused(
                line,
                found.min(wanted + 1),
                &format!("{found} fields"),
                &allowed,
            ));
        }
        let time = records.field(0)?;
        let unix_us = parse_moment(time).ok_or_else(|| refused(line, 1, time, TIMES))?;
        for column in 0..intake.columns() {
            let text = records.field(column + 1)?;
            let wrong = |allowed: &str| {
                let place = format!("{} ({})", column + 2, names[column + 1]);
                refused(line, place, text, allowed)
            };
            let value = parse_value(text).ok_or_else(|| wrong("a number, or nothing"))?;
            if !intake.set(column, value) {
                return Err(wrong("a number that the metric can hold"));
            }
        }
        match intake.row(unix_us) {
            Ok(Some(frame)) => take(frame)?,
            Ok(None) => {}
            Err(_) => {
                return Err(refused(
                    line,
                    1,
                    time,
                    "a time after that of the line before",
                ));
            }
        }
    }
    Ok(())
}

/// The first line: the columns, and their names with that of the times.
fn header(records: &mut Records<'_>) -> Result<(Intake, Vec<String>)> {
    if !records.read()? {
        return Err(refused(
            1,
            1,
            "",
            "a first line with the names of the columns",
        ));
    }
    let line = records.line();
    let mut names = Vec::with_capacity(records.len());
    for at in 0..records.len() {
        names.push(records.field(at)?.to_string());
    }
    // What some programs put before UTF-8.
    let first = names[0].trim_start_matches('\u{feff}');
    if first != TIME {
        return Err(refused(
            line,
            1,
            first,
            "timestamp, the first column's name",
        ));
    }
    let mut intake = Intake::default();
    for (at, name) in names.iter().enumerate().skip(1) {
        let series =
            Series::parse(name).map_err(|why| refused(line, at + 1, name, &series_words(&why)))?;
        if !intake.add(series) {
            return Err(refused(line, at + 1, name, "each series once"));
        }
    }
    Ok((intake, names))
}

pub(super) fn series_words(why: &str) -> String {
    format!("the name of a series ({why})")
}

/// A time as Unix microseconds.
pub(super) fn parse_moment(text: &str) -> Option<i64> {
    let seconds = match text.parse::<f64>() {
        Ok(seconds) => seconds,
        Err(_) => parse_date(text).ok()?,
    };
    moment(seconds)
}

/// Unix seconds as microseconds, if they can be meant.
pub(super) fn moment(unix_seconds: f64) -> Option<i64> {
    (0.0..LAST_SECOND)
        .contains(&unix_seconds)
        .then(|| (unix_seconds * 1e6).round() as i64)
}

fn parse_date(text: &str) -> Result<f64> {
    // A time in words knows more than dates (`24h`, `now`).
    let is_date = text.as_bytes().get(4) == Some(&b'-') && text.is_ascii();
    match is_date {
        // A blank between date and time, as pandas writes it, is of RFC 3339 too.
        true => parse_time(TIME, &text.replacen(' ', "T", 1), f64::NAN),
        false => Err(Error::invalid(TIME, text, TIMES)),
    }
}

/// A number; NaN when the field says that there is none.
fn parse_value(text: &str) -> Option<f64> {
    match text {
        "" | "NaN" | "nan" => Some(f64::NAN),
        text => text.parse().ok().filter(|value: &f64| value.is_finite()),
    }
}
