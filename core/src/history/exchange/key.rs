//! The name of a series as a table writes it, read back.

use std::sync::Arc;

use crate::series::{Entity, Family, Metric, catalog};

/// One series: a metric and whose it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) metric: &'static Metric,
    pub(super) entity: Entity,
}

/// Labels that may be unknown in a series.
const MAY_BE_UNKNOWN: [&str; 1] = ["user"];

/// The label that tells when a process was started; no series shows it.
const START: &str = ".start_time_ticks";

impl Series {
    /// Reads `name` or `name{label="value",…}`, with values quoted as Rust's `{:?}` does it.
    /// The error says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Series, String> {
        let (metric, rest) = match text.find('{') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let mut labels = Vec::new();
        if !rest.is_empty() {
            let inner = rest.strip_prefix('{').and_then(|r| r.strip_suffix('}'));
            let mut rest = inner.ok_or("labels end with }")?;
            while !rest.is_empty() {
                let (name, after) = rest.split_once('=').ok_or("a label is name=\"value\"")?;
                let (value, after) = unquote(after)?;
                labels.push((name, value));
                rest = match after.strip_prefix(',') {
                    Some(more) if !more.is_empty() => more,
                    None if after.is_empty() => after,
                    _ => return Err("labels are parted by a comma".into()),
                };
            }
        }
        let labels = labels.iter().map(|(name, value)| (*name, value.as_str()));
        Series::new(metric, labels)
    }

    /// The series of a metric and labels by name.
    pub(super) fn new<'a>(
        metric: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Series, String> {
        let metric = catalog::by_name(metric).ok_or("no metric of this name")?;
        let names = metric.family.label_names();
        let mut values: Vec<Option<Arc<str>>> = vec![None; names.len()];
        for (name, value) in labels {
            let place = names.iter().position(|n| *n == name && is_shown(n));
            let place = place.ok_or_else(|| format!("{} has no label {name}", metric.name))?;
            if value.is_empty() && MAY_BE_UNKNOWN.contains(&name) {
                continue;
            }
            if values[place].replace(value.into()).is_some() {
                return Err(format!("label {name} is given twice"));
            }
        }
        for (name, value) in names.iter().zip(&values) {
            if value.is_none() && is_shown(name) && !MAY_BE_UNKNOWN.contains(name) {
                return Err(format!("{} needs its label {name}", metric.name));
            }
        }
        if metric.family == Family::Process {
            if values[0].as_ref().is_some_and(|v| !is_pid(v)) {
                return Err("a pid is a number".into());
            }
            // A process without it would be none.
            if let Some(place) = names.iter().position(|name| *name == START) {
                values[place] = Some("0".into());
            }
        }
        Ok(Series {
            metric,
            entity: Entity::new(values),
        })
    }
}

fn is_shown(label: &str) -> bool {
    !label.starts_with('.')
}

fn is_pid(text: &str) -> bool {
    text.parse::<i32>().is_ok_and(|pid| pid >= 0)
}

/// Reads a quoted value; returns it with what comes after.
fn unquote(text: &str) -> Result<(String, &str), &'static str> {
    const WRONG: &str = "a label's value is quoted";
    let mut value = String::new();
    let mut rest = text.strip_prefix('"').ok_or(WRONG)?.chars();
    loop {
        match rest.next().ok_or(WRONG)? {
            '"' => return Ok((value, rest.as_str())),
            '\\' => match rest.next().ok_or(WRONG)? {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                '0' => value.push('\0'),
                'u' => {
                    let (digits, after) = rest
                        .as_str()
                        .strip_prefix('{')
                        .and_then(|r| r.split_once('}'))
                        .ok_or(WRONG)?;
                    let code = u32::from_str_radix(digits, 16).map_err(|_| WRONG)?;
                    value.push(char::from_u32(code).ok_or(WRONG)?);
                    rest = after.chars();
                }
                plain @ ('"' | '\\' | '\'') => value.push(plain),
                _ => return Err(WRONG),
            },
            plain => value.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::SeriesKey;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_series_is_read_as_it_is_shown(core in ".*") {
            let key = SeriesKey {
                metric: "core_busy_percent".into(),
                labels: vec![("core".into(), core.clone())],
            };
            let series = Series::parse(&key.to_string()).unwrap();
            prop_assert_eq!(series.metric.id, 600);
            prop_assert_eq!(series.entity.labels[0].as_deref(), Some(core.as_str()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*", tail in "core_busy_percent\\{.*") {
            let _ = Series::parse(&text);
            let _ = Series::parse(&tail);
        }
    }

    #[test]
    fn what_is_no_series_is_refused_with_the_reason() {
        for (text, reason) in [
            ("nonsense", "no metric"),
            ("core_busy_percent", "needs its label core"),
            ("core_busy_percent{}", "needs its label core"),
            ("core_busy_percent{core=\"0\"", "end with }"),
            ("core_busy_percent{core=0}", "quoted"),
            ("core_busy_percent{core=\"0\",core=\"1\"}", "twice"),
            ("core_busy_percent{core=\"0\",}", "comma"),
            ("core_busy_percent{device=\"sda\"}", "no label device"),
            ("core_busy_percent{core=\"\\u{d800}\"}", "quoted"),
        ] {
            let error = Series::parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
