//! A table in JSON.
//!
//! Its columns come one after the other, so that a row is only whole at the end: the numbers
//! are held, eight bytes each, but no tree of them.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::csv::{moment, series_words};
use super::intake::{Intake, steps};
use super::key::Series;
use crate::series::{Frame, Unit};
use crate::{Error, Result};

/// The table; what it tells besides (step, tiers, notes) is passed over.
#[derive(Deserialize)]
struct Text {
    times: Times,
    columns: Vec<Column>,
}

/// Times as Unix microseconds, ascending.
struct Times(Vec<i64>);

/// A series and its numbers.
struct Column {
    series: Series,
    values: Vec<Number>,
}

/// A number; NaN for `null`.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Number, D::Error> {
        Ok(Number(Option::deserialize(from)?.unwrap_or(f64::NAN)))
    }
}

/// One time.
struct Moment(i64);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Moment, D::Error> {
        let seconds = f64::deserialize(from)?;
        let us = moment(seconds);
        us.map(Moment)
            .ok_or_else(|| D::Error::custom(format!("{seconds} is not Unix seconds")))
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Times, D::Error> {
        struct Ascending;
        impl<'de> serde::de::Visitor<'de> for Ascending {
            type Value = Times;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of times")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut from: A,
            ) -> std::result::Result<Times, A::Error> {
                let mut times: Vec<i64> = Vec::new();
                while let Some(Moment(us)) = from.next_element()? {
                    if times.last().is_some_and(|last| *last >= us) {
                        return Err(A::Error::custom("a time that is not after the one before"));
                    }
                    times.push(us);
                }
                Ok(Times(times))
            }
        }
        from.deserialize_seq(Ascending)
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Column, D::Error> {
        #[derive(Deserialize)]
        struct Fields {
            metric: String,
            #[serde(default)]
            labels: BTreeMap<String, String>,
            unit: Option<Unit>,
            values: Vec<Number>,
        }
        let fields = Fields::deserialize(from)?;
        let labels = fields.labels.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let series = Series::new(&fields.metric, labels).map_err(|why| {
            D::Error::custom(format!("{} is not {}", fields.metric, series_words(&why)))
        })?;
        if fields.unit.is_some_and(|unit| unit != series.metric.unit) {
            let words = "is not in the unit of its metric: a rate has no place in a recording";
            return Err(D::Error::custom(format!("{} {words}", fields.metric)));
        }
        let wrong = fields
            .values
            .iter()
            .find(|v| steps(series.metric, v.0).is_none());
        if let Some(Number(value)) = wrong {
            let name = &fields.metric;
            return Err(D::Error::custom(format!("{value} does not fit {name}")));
        }
        Ok(Column {
            series,
            values: fields.values,
        })
    }
}

/// Hands out the rows as frames.
pub(super) fn read(from: &mut dyn Read, take: &mut dyn FnMut(Frame) -> Result<()>) -> Result<()> {
    let mut from = serde_json::Deserializer::from_reader(BufReader::with_capacity(64 << 10, from));
    let text = Text::deserialize(&mut from).map_err(explained)?;
    from.end().map_err(explained)?;
    let rows = text.times.0.len();
    let mut intake = Intake::default();
    let mut columns = Vec::with_capacity(text.columns.len());
    for Column { series, values } in text.columns {
        let name = series.metric.name;
        if values.len() != rows {
            let found = format!("{} values", values.len());
            return Err(Error::invalid(name, found, "as many as there are times"));
        }
        if !intake.add(series) {
            return Err(Error::invalid("columns", name, "each series once"));
        }
        columns.push(values);
    }
    for (row, unix_us) in text.times.0.into_iter().enumerate() {
        for (at, values) in columns.iter().enumerate() {
            // What does not fit was refused when it was read.
            intake.set(at, values[row].0);
        }
        if let Some(frame) = intake.row(unix_us)? {
            take(frame)?;
        }
    }
    Ok(())
}

/// The parser's words with the place.
fn explained(error: serde_json::Error) -> Error {
    if error.is_io() {
        return Error::io("JSON input", std::io::Error::from(error));
    }
    let (line, column) = (error.line(), error.column());
    let words = error.to_string();
    let place = format!(" at line {line} column {column}");
    let words = words.strip_suffix(&place).unwrap_or(&words);
    let place = format!("line {line}, column {column}");
    Error::invalid(place, format!("{words:?}"), "a table as to_json gives it")
}
