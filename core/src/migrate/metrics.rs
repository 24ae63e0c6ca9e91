//! The prototype's metrics of one moment, out of its tables and as our states hold them.

use std::sync::Arc;

use rusqlite::types::Value;
use serde_json::{Map, Value as Json};

use super::catalogue::How;
use super::value;
use crate::series::{ABSENT, Entity, Family, Frame, PartRow, catalog};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// Beyond it a double no longer tells a number from its neighbours.
const GREATEST: f64 = 9_007_199_254_740_992.0;

/// One of the prototype's metrics.
#[derive(Debug)]
pub(super) struct MetricSpec {
    /// As the prototype's columns and its historical metrics name it.
    pub(super) name: &'static str,
    shape: Shape,
    /// The series of the history that says the same, and how many of its units one is.
    series: Option<(&'static str, f64)>,
}

/// How a state's JSON holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Number,
    Count,
    Flag,
    /// In the list `load_average`.
    Load(usize),
}

const fn number(name: &'static str, series: &'static str, unit: f64) -> MetricSpec {
    MetricSpec {
        name,
        shape: Shape::Number,
        series: Some((series, unit)),
    }
}

/// The prototype counted the loopback in, our series do not.
const fn network(name: &'static str) -> MetricSpec {
    MetricSpec {
        name,
        shape: Shape::Number,
        series: None,
    }
}

const fn shaped(spec: MetricSpec, shape: Shape) -> MetricSpec {
    MetricSpec { shape, ..spec }
}

/// How many there are.
pub(super) const COUNT: usize = 18;

/// All of them, in the order of the prototype's columns.
pub(super) static METRICS: [MetricSpec; COUNT] = [
    number("cpu_percent", "cpu_percent", 1.0),
    number("memory_percent", "memory_percent", 1.0),
    number("memory_used_gb", "memory_used_bytes", GIB),
    number("memory_total_gb", "memory_total_bytes", GIB),
    number("disk_percent", "disk_percent", 1.0),
    number("disk_used_gb", "disk_used_bytes", GIB),
    number("disk_total_gb", "disk_total_bytes", GIB),
    network("network_sent_mb"),
    network("network_recv_mb"),
    network("network_sent_rate"),
    network("network_recv_rate"),
    shaped(number("process_count", "process_count", 1.0), Shape::Count),
    shaped(
        number("load_average_1", "load_average_1", 1.0),
        Shape::Load(0),
    ),
    shaped(
        number("load_average_5", "load_average_5", 1.0),
        Shape::Load(1),
    ),
    shaped(
        number("load_average_15", "load_average_15", 1.0),
        Shape::Load(2),
    ),
    number("temperature", "temperature_celsius", 1.0),
    number("battery_percent", "battery_percent", 1.0),
    shaped(
        number("battery_plugged", "battery_plugged", 1.0),
        Shape::Flag,
    ),
];

/// Places of the battery's two.
const BATTERY: (usize, usize) = (16, 17);

/// What is known of one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    /// Unix seconds.
    pub(super) timestamp: f64,
    pub(super) values: [Option<f64>; COUNT],
}

/// Columns that are read of a table that has these, `timestamp` first; `None` when it has not
/// what a moment needs.
pub(super) fn columns(how: How, theirs: &[String]) -> Option<Vec<String>> {
    let has = |name: &str| theirs.iter().any(|other| other.eq_ignore_ascii_case(name));
    if !has("timestamp") {
        return None;
    }
    let chosen: Vec<&str> = match how {
        How::Tall if has("metric_name") && has("value") => vec!["metric_name", "value"],
        How::Tall => return None,
        _ => METRICS.iter().map(|m| m.name).filter(|m| has(m)).collect(),
    };
    let names = std::iter::once("timestamp").chain(chosen);
    Some(names.map(str::to_owned).collect())
}

impl Moment {
    /// Of a row in these columns. The error says why it can't be taken.
    pub(super) fn of_row(how: How, columns: &[String], row: &[Value]) -> Result<Moment, String> {
        let time = row.first().map(|value| value::real("timestamp", value));
        let timestamp = time.transpose()?.flatten().ok_or("timestamp is missing")?;
        let mut moment = Moment {
            timestamp,
            values: [None; COUNT],
        };
        match (how, row) {
            (How::Tall, [_, Value::Text(name), number]) => {
                let place = METRICS.iter().position(|metric| metric.name == name);
                let place = place.ok_or("metric_name is none of the prototype's")?;
                let number = value::real("value", number)?.ok_or("value is missing")?;
                moment.values[place] = Some(number);
            }
            (How::Tall, _) => return Err("metric_name is missing".into()),
            _ => {
                for (name, value) in columns.iter().zip(row).skip(1) {
                    if let Some(place) = METRICS.iter().position(|metric| metric.name == name) {
                        moment.values[place] = value::real(name, value)?;
                    }
                }
                // Without a battery the prototype has stored that the mains are not plugged in.
                let (charge, plugged) = BATTERY;
                if moment.values[charge].is_none() && moment.values[plugged] == Some(0.0) {
                    moment.values[plugged] = None;
                }
            }
        }
        match moment.values.iter().any(Option::is_some) {
            true => Ok(moment),
            false => Err("no metric is known".into()),
        }
    }

    /// As `metrics_data` of a state.
    pub(super) fn to_json(&self) -> String {
        let mut object = Map::new();
        object.insert("timestamp".into(), number_json(self.timestamp));
        let mut load = [Json::Null, Json::Null, Json::Null];
        for (metric, value) in METRICS.iter().zip(self.values) {
            let json = value.map_or(Json::Null, |value| match metric.shape {
                Shape::Flag => Json::from(value != 0.0),
                Shape::Count if value.fract() == 0.0 && (0.0..GREATEST).contains(&value) => {
                    Json::from(value as u64)
                }
                _ => number_json(value),
            });
            match metric.shape {
                Shape::Load(place) => load[place] = json,
                _ => {
                    object.insert(metric.name.into(), json);
                }
            }
        }
        let load = match load.iter().all(Json::is_null) {
            true => Json::Null,
            false => Json::from(load.to_vec()),
        };
        object.insert("load_average".into(), load);
        Json::Object(object).to_string()
    }

    /// Of `metrics_data` of a state; `None` when it is none.
    pub(super) fn of_json(timestamp: f64, text: &str) -> Option<Moment> {
        let object: Map<String, Json> = serde_json::from_str(text).ok()?;
        let mut moment = Moment {
            timestamp,
            values: [None; COUNT],
        };
        for (metric, value) in METRICS.iter().zip(&mut moment.values) {
            let json = match metric.shape {
                Shape::Load(place) => object.get("load_average").and_then(|list| list.get(place)),
                _ => object.get(metric.name),
            };
            *value = json.and_then(|json| match json {
                Json::Bool(flag) => Some(f64::from(u8::from(*flag))),
                json => json.as_f64(),
            });
        }
        Some(moment)
    }

    /// Whether it says all that another one says.
    pub(super) fn holds(&self, other: &Moment) -> bool {
        let pairs = self.values.iter().zip(&other.values);
        pairs
            .into_iter()
            .all(|(own, other)| other.is_none() || own == other)
    }

    /// Both together; `None` when they contradict each other.
    pub(super) fn with(&self, other: &Moment) -> Option<Moment> {
        let mut both = self.clone();
        for (own, other) in both.values.iter_mut().zip(&other.values) {
            match (*own, *other) {
                (Some(own), Some(other)) if own != other => return None,
                (None, other) => *own = other,
                _ => {}
            }
        }
        Some(both)
    }

    /// When it was, Unix microseconds.
    pub(super) fn unix_us(&self) -> i64 {
        (self.timestamp * 1e6).round() as i64
    }

    /// As a sample of the history, as far as that has the metrics; `None` when it has none. The
    /// error names a metric that is out of every range.
    pub(super) fn frame(&self, single: &Arc<[Arc<Entity>]>) -> Result<Option<Frame>, String> {
        let width = catalog::of_family(Family::Headline).len();
        let mut values = vec![ABSENT; width];
        let mut is_empty = true;
        for (metric, value) in METRICS.iter().zip(self.values) {
            let (Some(value), Some((series, unit))) = (value, metric.series) else {
                continue;
            };
            let found = catalog::by_name(series);
            let place = found.and_then(|found| {
                let mut family = catalog::of_family(Family::Headline).iter();
                family.position(|other| other.id == found.id)
            });
            if let (Some(found), Some(place)) = (found, place) {
                let steps = (value * unit * f64::from(found.steps_per_unit)).round();
                if steps.abs() >= GREATEST {
                    return Err(format!("{} is out of range", metric.name));
                }
                values[place] = steps as i64;
                is_empty = false;
            }
        }
        let unix_us = self.unix_us();
        Ok((!is_empty).then(|| Frame {
            unix_us,
            // The prototype has kept no clock that never jumps.
            monotonic_us: unix_us,
            parts: vec![PartRow {
                family: Family::Headline,
                entities: Arc::clone(single),
                values,
            }],
            context: Vec::new(),
        }))
    }
}

fn number_json(value: f64) -> Json {
    serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::SystemMetrics;

    fn wide(values: &[(&str, Value)]) -> Result<Moment, String> {
        let names: Vec<String> = values.iter().map(|(name, _)| (*name).to_owned()).collect();
        let row: Vec<Value> = values.iter().map(|(_, value)| value.clone()).collect();
        Moment::of_row(How::Wide, &names, &row)
    }

    #[test]
    fn a_row_becomes_a_state_that_our_own_type_reads() {
        let moment = wide(&[
            ("timestamp", Value::Real(1_725_971_696.5)),
            ("cpu_percent", Value::Real(12.5)),
            ("process_count", Value::Integer(210)),
            ("load_average_1", Value::Real(0.5)),
            ("load_average_5", Value::Real(0.25)),
            ("load_average_15", Value::Real(0.125)),
            ("battery_percent", Value::Integer(80)),
            ("battery_plugged", Value::Integer(0)),
        ])
        .unwrap();
        let json = moment.to_json();
        let read: SystemMetrics = serde_json::from_str(&json).unwrap();
        assert_eq!(read.timestamp, 1_725_971_696.5);
        assert_eq!(read.cpu_percent, Some(12.5));
        assert_eq!(read.process_count, Some(210));
        assert_eq!(read.load_average, Some((0.5, 0.25, 0.125)));
        assert_eq!(read.battery_plugged, Some(false));
        assert_eq!(read.memory_percent, None);
        assert_eq!(Moment::of_json(moment.timestamp, &json), Some(moment));
    }

    #[test]
    fn without_a_battery_nothing_is_said_of_the_mains() {
        let moment = wide(&[
            ("timestamp", Value::Real(1.0)),
            ("cpu_percent", Value::Real(1.0)),
            ("battery_percent", Value::Null),
            ("battery_plugged", Value::Integer(0)),
        ]);
        assert_eq!(moment.unwrap().values[17], None);
    }

    #[test]
    fn moments_are_put_together_unless_they_contradict() {
        let of = |pairs: &[(usize, f64)]| {
            let mut values = [None; COUNT];
            for (place, value) in pairs {
                values[*place] = Some(*value);
            }
            Moment {
                timestamp: 1.0,
                values,
            }
        };
        let (one, other) = (of(&[(0, 1.0)]), of(&[(1, 2.0)]));
        let both = one.with(&other).unwrap();
        assert!(both.holds(&one) && both.holds(&other) && !one.holds(&other));
        assert_eq!(both.with(&of(&[(0, 3.0)])), None);
    }

    #[test]
    fn every_series_is_one_of_the_headline() {
        let all = Moment {
            timestamp: 2.0,
            values: [Some(1.0); COUNT],
        };
        let single: Arc<[Arc<Entity>]> = vec![Arc::new(Entity::single())].into();
        let frame = all.frame(&single).unwrap().unwrap();
        let known = frame.parts[0].values.iter().filter(|v| **v != ABSENT);
        assert_eq!(known.count(), COUNT - 4);
        for metric in METRICS.iter().filter_map(|metric| metric.series) {
            let found = catalog::by_name(metric.0).map(|found| found.family);
            assert_eq!(found, Some(Family::Headline), "{}", metric.0);
        }
        let huge = Moment {
            values: [Some(1e300); COUNT],
            ..all
        };
        assert!(huge.frame(&single).unwrap_err().contains("cpu_percent"));
    }
}
