//! Which series: a metric by name, narrowed by labels.

use super::pattern;
use super::{Entity, Family, Metric, catalog};
use crate::config::nearest;
use crate::{Error, Result};

/// Names that are offered for one that is unknown.
const OFFERED: usize = 3;

/// A condition on a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// Name of the label, e.g. `device`.
    pub label: String,
    /// The value, or a pattern with `*` and `?`.
    pub pattern: String,
    /// The label must not match.
    pub negated: bool,
}

/// `name`, or `name{label="value", other!="pat*"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Name of the metric.
    pub metric: String,
    /// Conditions, all of which must hold.
    pub matchers: Vec<Matcher>,
}

impl Selector {
    /// Reads a selector: `cpu_percent`, `core_busy_percent{core="0"}`,
    /// `process_rss_bytes{name="postgres*"}`. Quotes may be left out where the value has
    /// none of `,"'{}` and no blank. A label that is not known counts as empty.
    ///
    /// # Errors
    /// `InvalidArgument` with the place that can't be read; for an unknown metric or label
    /// with the nearest known ones.
    pub fn parse(text: &str) -> Result<Selector> {
        let mut reader = Reader { text, at: 0 };
        let selector = reader.selector()?;
        reader.blanks();
        if reader.at < text.len() {
            return Err(reader.wrong("the end, or conditions in {}"));
        }
        Ok(selector)
    }

    /// Reads several selectors with commas between them.
    ///
    /// # Errors
    /// As [`Selector::parse`].
    pub fn parse_list(text: &str) -> Result<Vec<Selector>> {
        let mut reader = Reader { text, at: 0 };
        let mut selectors = vec![reader.selector()?];
        while reader.take(',') {
            selectors.push(reader.selector()?);
        }
        if reader.at < text.len() {
            return Err(reader.wrong("a comma or the end"));
        }
        Ok(selectors)
    }

    /// The metric and, for each condition, the place of its label; refuses what is unknown.
    pub(crate) fn resolve(&self) -> Result<Resolved> {
        let metric = catalog::by_name(&self.metric).ok_or_else(|| unknown_metric(&self.metric))?;
        let conditions = self.matchers.iter().map(|matcher| {
            Ok(Condition {
                label: label_place(metric, &matcher.label)?,
                pattern: matcher.pattern.clone(),
                negated: matcher.negated,
            })
        });
        Ok(Resolved {
            metric,
            conditions: conditions.collect::<Result<_>>()?,
        })
    }
}

/// A selector whose names were found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) metric: &'static Metric,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq)]
struct Condition {
    label: usize,
    pattern: String,
    negated: bool,
}

impl Resolved {
    pub(crate) fn matches(&self, entity: &Entity) -> bool {
        self.conditions.iter().all(|condition| {
            let label = entity.labels.get(condition.label);
            let value = label.and_then(|value| value.as_deref()).unwrap_or("");
            pattern::matches(&condition.pattern, value) != condition.negated
        })
    }
}

/// The labels of a family that its series show.
pub(crate) fn shown_labels(family: Family) -> impl Iterator<Item = (usize, &'static str)> {
    let names = family.label_names().iter().copied().enumerate();
    names.filter(|(_, name)| !name.starts_with('.'))
}

/// Place of a label among those of a metric.
///
/// # Errors
/// `InvalidArgument` with the labels that there are.
pub(crate) fn label_place(metric: &Metric, label: &str) -> Result<usize> {
    let mut known = shown_labels(metric.family);
    if let Some((place, _)) = known.find(|(_, name)| *name == label) {
        return Ok(place);
    }
    let known: Vec<&str> = shown_labels(metric.family).map(|(_, name)| name).collect();
    let allowed = match known.is_empty() {
        true => format!("{} has no labels", metric.name),
        false => format!("the labels of {} are {}", metric.name, known.join(", ")),
    };
    Err(Error::invalid("label", label, allowed))
}

/// Names that hold the text come before those that merely look like it.
fn unknown_metric(name: &str) -> Error {
    let lower = name.to_ascii_lowercase();
    let known = || catalog::metrics().iter().map(|metric| metric.name);
    let mut offered: Vec<&str> = match lower.len() {
        0..3 => Vec::new(),
        _ => known()
            .filter(|known| known.contains(lower.as_str()))
            .collect(),
    };
    offered.truncate(OFFERED);
    if offered.is_empty() {
        offered = nearest(&lower, known(), OFFERED);
    }
    let allowed = match offered.split_last() {
        None => "no metric of this name".to_owned(),
        Some((only, [])) => format!("no metric of this name; did you mean {only}?"),
        Some((last, others)) => format!(
            "no metric of this name; did you mean {} or {last}?",
            others.join(", ")
        ),
    };
    Error::invalid("metric", name, allowed)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn selector(&mut self) -> Result<Selector> {
        let metric = self.name("the name of a metric")?;
        let mut selector = Selector {
            metric,
            matchers: Vec::new(),
        };
        if self.take('{') {
            while !self.take('}') {
                selector.matchers.push(self.matcher()?);
                if !self.take(',') && self.peek() != Some('}') {
                    return Err(self.wrong("a comma or }"));
                }
            }
        }
        self.blanks();
        selector.resolve()?;
        Ok(selector)
    }

    fn matcher(&mut self) -> Result<Matcher> {
        let label = self.name("a label or }")?;
        let negated = self.take('!');
        if !self.take('=') {
            return Err(self.wrong(match negated {
                true => "= after !",
                false => "= or !=",
            }));
        }
        Ok(Matcher {
            label,
            pattern: self.value()?,
            negated,
        })
    }

    fn name(&mut self, wanted: &str) -> Result<String> {
        self.blanks();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = self.run(is_part);
        match name.is_empty() {
            true => Err(self.wrong(wanted)),
            false => Ok(name),
        }
    }

    fn value(&mut self) -> Result<String> {
        self.blanks();
        let quote = match self.peek() {
            Some(quote @ ('"' | '\'')) => quote,
            _ => return Ok(self.run(|c| !c.is_whitespace() && !",\"'{}".contains(c))),
        };
        self.at += 1;
        let mut value = String::new();
        while let Some(c) = self.next() {
            match c {
                '\\' => value.push(self.escaped()?),
                c if c == quote => return Ok(value),
                c => value.push(c),
            }
        }
        Err(self.wrong(&format!("the closing {quote}")))
    }

    /// What a backslash stands for, as Rust writes text.
    fn escaped(&mut self) -> Result<char> {
        let from = self.at;
        let found = match self.next() {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('0') => Some('\0'),
            Some('u') if self.peek() == Some('{') => {
                self.at += 1;
                let digits = self.run(|c| c.is_ascii_hexdigit());
                let closed = self.next() == Some('}');
                let code = u32::from_str_radix(&digits, 16).ok();
                code.filter(|_| closed).and_then(char::from_u32)
            }
            Some(c) if c.is_ascii_punctuation() => Some(c),
            _ => None,
        };
        found.ok_or_else(|| {
            self.at = from;
            self.wrong("an escape such as \\\" or \\n")
        })
    }

    fn run(&mut self, is_part: impl Fn(char) -> bool) -> String {
        let rest = &self.text[self.at..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_owned()
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take(&mut self, wanted: char) -> bool {
        self.blanks();
        let is = self.peek() == Some(wanted);
        if is {
            self.at += wanted.len_utf8();
        }
        is
    }

    fn wrong(&self, wanted: &str) -> Error {
        let place = self.text[..self.at].chars().count() + 1;
        let allowed = format!("expected {wanted} at character {place}");
        Error::invalid("metric", format!("{:?}", self.text), allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::SeriesKey;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn matcher(label: &str, pattern: &str, negated: bool) -> Matcher {
        Matcher {
            label: label.into(),
            pattern: pattern.into(),
            negated,
        }
    }

    fn refusal(text: &str) -> String {
        Selector::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_name_with_conditions_is_read_with_and_without_quotes() {
        let read = Selector::parse(" core_busy_percent { core = \"0\", core!='1*' , } ").unwrap();
        assert_eq!(read.metric, "core_busy_percent");
        let wanted = [matcher("core", "0", false), matcher("core", "1*", true)];
        assert_eq!(read.matchers, wanted);
        let bare = Selector::parse("core_busy_percent{core=0,core!=1*}").unwrap();
        assert_eq!(bare, read);
        assert_eq!(Selector::parse("core_busy_percent{}").unwrap().matchers, []);
    }

    #[test]
    fn several_selectors_stand_between_commas() {
        let read = Selector::parse_list("core_busy_percent{core=0,core!=1}, core_user_percent");
        let read = read.unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[1].metric, "core_user_percent");
        assert!(Selector::parse_list("core_busy_percent,").is_err());
        assert!(Selector::parse_list("").is_err());
    }

    #[test]
    fn a_wrong_character_is_named_by_its_place() {
        for (text, wanted) in [
            ("", "expected the name of a metric at character 1"),
            ("core_busy_percent x", "at character 19"),
            (
                "core_busy_percent{core~\"0\"}",
                "expected = or != at character 23",
            ),
            (
                "core_busy_percent{core=\"0}",
                "expected the closing \" at character 27",
            ),
            (
                "core_busy_percent{core=\"\\q\"}",
                "expected an escape such as \\\" or \\n at character 26",
            ),
            (
                "core_busy_percent{core=0",
                "expected a comma or } at character 25",
            ),
        ] {
            assert!(refusal(text).contains(wanted), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn unknown_names_are_answered_with_the_nearest() {
        assert!(refusal("CPU_PERCENT").contains("did you mean cpu_percent"));
        let mistyped = refusal("core_bussy_percent");
        assert!(
            mistyped.contains("did you mean core_busy_percent"),
            "{mistyped}"
        );
        let part = refusal("user_percent_");
        assert!(part.contains("no metric of this name"), "{part}");
        let part = refusal("busy");
        assert!(part.contains("core_busy_percent"), "{part}");
        let label = refusal("core_busy_percent{cpu=0}");
        assert!(
            label.contains("label: cpu") && label.contains("are core"),
            "{label}"
        );
    }

    #[test]
    fn conditions_must_all_hold_and_an_unknown_label_counts_as_empty() {
        let core = |label: Option<&str>| Entity::new([label.map(Arc::from)]);
        let chosen = |text: &str, label: Option<&str>| {
            let resolved = Selector::parse(text).unwrap().resolve().unwrap();
            resolved.matches(&core(label))
        };
        assert!(chosen("core_busy_percent", None));
        assert!(chosen("core_busy_percent{core=\"1*\"}", Some("12")));
        assert!(!chosen(
            "core_busy_percent{core=\"1*\",core!=12}",
            Some("12")
        ));
        assert!(chosen("core_busy_percent{core=\"\"}", None));
        assert!(!chosen("core_busy_percent{core!=\"\"}", None));
    }

    proptest! {
        #[test]
        fn what_a_key_shows_of_itself_is_read_as_a_selector_of_it(value in "\\PC*|[\n\r\t\0\"'\\\\]*") {
            let key = SeriesKey {
                metric: "core_busy_percent".into(),
                labels: vec![("core".into(), value.clone())],
            };
            let read = Selector::parse(&key.to_string()).unwrap();
            prop_assert_eq!(&read.matchers[0].pattern, &value);
            prop_assert!(read.resolve().unwrap().matches(&Entity::new([Some(value.into())])));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = Selector::parse(&text);
            let _ = Selector::parse(&format!("core_busy_percent{{{text}"));
        }
    }
}
