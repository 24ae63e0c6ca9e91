//! Conditions in one line: `filesystem_used_percent{mount!="/boot*"} > 85% clear 80%`.
//!
//! ```text
//! any  := all { "or" all }
//! all  := one { "and" one }
//! one  := "not" one | "(" any ")" | test
//! test := series sign limit [ "clear" limit ]
//!       | "rate" "(" series ")" sign limit [ "clear" limit ]
//!       | series ("rises" | "falls") "by" limit "within" time
//!       | series "deviates" [ score ]
//!       | series "reaches" limit "within" time
//!       | series "absent" "for" time
//! sign := ">" | ">=" | "<" | "<=" | "==" | "!="
//! ```

use super::condition::{Check, Comparison, Condition, Test, USUAL_DEVIATION, selector_words};
use super::node::{Read, Wrong};
use super::quantity;
use crate::config::nearest;
use crate::series::{Selector, Unit, catalog};

/// Most parentheses and `not`s in each other.
const DEEPEST: usize = 16;

/// Words that have a meaning, and so are no unit.
const WORDS: [&str; 14] = [
    "and", "or", "not", "rate", "rises", "falls", "by", "within", "deviates", "reaches", "absent",
    "for", "clear", "in",
];

/// Reads a condition. What is wrong is told with the character at which it stands.
pub(super) fn parse(text: &str) -> Read<Condition> {
    let mut reader = Reader { text, at: 0 };
    let condition = reader.any(0)?;
    reader.blanks();
    match reader.rest().is_empty() {
        true => Ok(condition),
        false => Err(reader.wrong("and, or, or the end")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn any(&mut self, depth: usize) -> Read<Condition> {
        let mut list = vec![self.all(depth)?];
        while self.take_word("or") {
            list.push(self.all(depth)?);
        }
        Ok(Condition::any(list))
    }

    fn all(&mut self, depth: usize) -> Read<Condition> {
        let mut list = vec![self.one(depth)?];
        while self.take_word("and") {
            list.push(self.one(depth)?);
        }
        Ok(Condition::all(list))
    }

    fn one(&mut self, depth: usize) -> Read<Condition> {
        if depth > DEEPEST {
            return Err(self.refuse(format!("at most {DEEPEST} parentheses in each other")));
        }
        if self.take_word("not") {
            let inner = self.one(depth + 1)?;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            return match self.take(")") {
                true => Ok(inner),
                false => Err(self.wrong("and, or, or the closing )")),
            };
        }
        Ok(Condition::Test(self.test()?))
    }

    fn test(&mut self) -> Read<Test> {
        let start = self.at;
        if self.take_word("rate") {
            if self.take("(") {
                let series = self.series()?;
                if !self.take(")") {
                    return Err(self.wrong("the closing ) of rate("));
                }
                let Some(comparison) = self.sign() else {
                    return Err(self.wrong("a comparison such as >"));
                };
                return self.compare(series, true, comparison);
            }
            self.at = start;
        }
        let series = self.series()?;
        if let Some(comparison) = self.sign() {
            return self.compare(series, false, comparison);
        }
        let unit = unit_of(&series);
        let check = match self.take_one_of(&["rises", "falls", "deviates", "reaches", "absent"]) {
            Some(word @ ("rises" | "falls")) => {
                self.expect_word("by")?;
                let by = self.limit(unit)?;
                self.within()?;
                Check::Moves {
                    by: if word == "falls" { -by } else { by },
                    within_seconds: self.seconds()?,
                }
            }
            Some("deviates") => Check::Deviates {
                score: match self.has_number() {
                    true => self.limit(Unit::Number)?,
                    false => USUAL_DEVIATION,
                },
            },
            Some("reaches") => {
                let limit = self.limit(unit)?;
                self.within()?;
                Check::Reaches {
                    limit,
                    within_seconds: self.seconds()?,
                }
            }
            Some(_) => {
                self.expect_word("for")?;
                Check::Absent {
                    for_seconds: self.seconds()?,
                }
            }
            None => {
                return Err(self.wrong(
                    "a comparison (>, >=, <, <=, ==, !=), rises by, falls by, deviates, reaches \
                     or absent for",
                ));
            }
        };
        Ok(Test { series, check })
    }

    fn compare(&mut self, series: Selector, rate: bool, comparison: Comparison) -> Read<Test> {
        let mut test = Test {
            series,
            check: Check::Compare {
                rate,
                comparison,
                limit: 0.0,
                clear: None,
            },
        };
        let unit = test.unit();
        let limit = self.limit(unit)?;
        let clear = match self.take_word("clear") {
            true => Some(self.limit(unit)?),
            false => None,
        };
        test.check = Check::Compare {
            rate,
            comparison,
            limit,
            clear,
        };
        Ok(test)
    }

    /// A selector: a name, and what follows it in braces.
    fn series(&mut self) -> Read<Selector> {
        self.blanks();
        let start = self.at;
        let name = self.word();
        if name.is_empty() || WORDS.contains(&name) {
            self.at = start;
            return Err(self.wrong("the name of a metric"));
        }
        let after_name = self.at;
        self.blanks();
        match self.rest().starts_with('{') {
            true => self.at += braces(self.rest()),
            false => self.at = after_name,
        }
        Selector::parse(&self.text[start..self.at]).map_err(|error| {
            self.at = start;
            self.refuse(selector_words(&error))
        })
    }

    fn sign(&mut self) -> Option<Comparison> {
        for (comparison, sign, _) in Comparison::ALL {
            if self.take(sign) {
                return Some(comparison);
            }
        }
        self.take("=").then_some(Comparison::Equal)
    }

    fn has_number(&mut self) -> bool {
        self.blanks();
        let first = self.rest().chars().next();
        first.is_some_and(|c| c.is_ascii_digit() || c == '.')
    }

    /// A number, and a unit after it or after a blank.
    fn limit(&mut self, unit: Unit) -> Read<f64> {
        self.blanks();
        let start = self.at;
        self.at += run(self.rest());
        let end = self.at;
        self.blanks();
        let next = &self.rest()[..run(self.rest())];
        if !next.is_empty() && !WORDS.contains(&next) {
            let with = self.at + next.len();
            if let Ok(value) = quantity::parse(&self.text[start..with], unit) {
                self.at = with;
                return Ok(value);
            }
        }
        self.at = end;
        quantity::parse(&self.text[start..end], unit).map_err(|wanted| {
            self.at = start;
            self.wrong(&wanted)
        })
    }

    fn seconds(&mut self) -> Read<f64> {
        self.blanks();
        let start = self.at;
        self.at += run(self.rest());
        quantity::parse_seconds(&self.text[start..self.at]).map_err(|wanted| {
            self.at = start;
            self.wrong(&wanted)
        })
    }

    fn within(&mut self) -> Read<()> {
        match self.take_word("within") || self.take_word("in") {
            true => Ok(()),
            false => Err(self.wrong("within and a stretch of time such as 1h")),
        }
    }

    fn expect_word(&mut self, word: &str) -> Read<()> {
        match self.take_word(word) {
            true => Ok(()),
            false => Err(self.wrong(word)),
        }
    }

    fn take_one_of(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|word| self.take_word(word))
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        self.blanks();
        let start = self.at;
        if self.word() == wanted {
            return true;
        }
        self.at = start;
        false
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn take(&mut self, sign: &str) -> bool {
        self.blanks();
        let is = self.rest().starts_with(sign);
        if is {
            self.at += sign.len();
        }
        is
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// A refusal of what stands here.
    fn wrong(&self, wanted: &str) -> Wrong {
        let rest = self.rest();
        let found = &rest[..run(rest)];
        let mut words = match found {
            "" => format!("expected {wanted}"),
            found => format!("expected {wanted}, not {found:?}"),
        };
        let lower = found.to_ascii_lowercase();
        let near = nearest(&lower, WORDS.into_iter(), 1);
        if let Some(near) = near.first().filter(|_| found.len() > 2) {
            words.push_str(&format!("; did you mean {near}?"));
        }
        self.refuse(words)
    }

    fn refuse(&self, words: String) -> Wrong {
        Wrong {
            keys: Vec::new(),
            words,
            span: None,
            character: Some(self.text[..self.at].chars().count()),
        }
    }
}

/// Length of what stands before a blank or a parenthesis.
fn run(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || c == ')' || c == '(')
        .unwrap_or(text.len())
}

/// Length of what stands in braces at the beginning, quotes heeded.
fn braces(text: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '}' => return at + 1,
            None => {}
        }
    }
    text.len()
}

fn unit_of(series: &Selector) -> Unit {
    catalog::by_name(&series.metric).map_or(Unit::Number, |metric| metric.unit)
}

impl std::fmt::Display for Condition {
    /// As it is read.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        show(self, 0, f)
    }
}

/// Shows a condition where another of a binding stands around it: 0 none, 1 or, 2 and, 3 not.
fn show(condition: &Condition, around: u8, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let joined = |list: &[Condition], word: &str, own: u8, f: &mut std::fmt::Formatter<'_>| {
        let needs = around >= own && list.len() > 1;
        f.write_str(if needs { "(" } else { "" })?;
        for (place, inner) in list.iter().enumerate() {
            if place > 0 {
                write!(f, " {word} ")?;
            }
            show(inner, own, f)?;
        }
        f.write_str(if needs { ")" } else { "" })
    };
    match condition {
        Condition::Any(list) => joined(list, "or", 1, f),
        Condition::All(list) => joined(list, "and", 2, f),
        Condition::Not(inner) => {
            f.write_str("not ")?;
            show(inner, 3, f)
        }
        Condition::Test(test) => write!(f, "{test}"),
    }
}

impl std::fmt::Display for Test {
    /// As it is read.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = self.unit();
        let series = selector_text(&self.series);
        let limit = |value: f64| quantity::limit_text(value, unit);
        let time = quantity::seconds_text;
        match &self.check {
            Check::Compare {
                rate,
                comparison,
                limit: level,
                clear,
            } => {
                let series = match rate {
                    true => format!("rate({series})"),
                    false => series,
                };
                write!(f, "{series} {} {}", comparison.sign(), limit(*level))?;
                match clear {
                    Some(clear) => write!(f, " clear {}", limit(*clear)),
                    None => Ok(()),
                }
            }
            Check::Moves { by, within_seconds } => {
                let word = if *by < 0.0 { "falls" } else { "rises" };
                let (by, within) = (limit(by.abs()), time(*within_seconds));
                write!(f, "{series} {word} by {by} within {within}")
            }
            Check::Deviates { score } => write!(f, "{series} deviates {score}"),
            Check::Reaches {
                limit: level,
                within_seconds,
            } => write!(
                f,
                "{series} reaches {} within {}",
                limit(*level),
                time(*within_seconds)
            ),
            Check::Absent { for_seconds } => {
                write!(f, "{series} absent for {}", time(*for_seconds))
            }
        }
    }
}

/// A selector as it is read.
pub(super) fn selector_text(selector: &Selector) -> String {
    let mut text = selector.metric.clone();
    for (place, matcher) in selector.matchers.iter().enumerate() {
        text.push_str(if place == 0 { "{" } else { "," });
        let sign = if matcher.negated { "!=" } else { "=" };
        text.push_str(&format!("{}{sign}{:?}", matcher.label, matcher.pattern));
    }
    if !selector.matchers.is_empty() {
        text.push('}');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        parse(text).unwrap().to_string()
    }

    fn refusal(text: &str) -> (usize, String) {
        let wrong = parse(text).unwrap_err();
        (wrong.character.unwrap(), wrong.words)
    }

    #[test]
    fn every_kind_of_test_is_read_and_shown_in_one_way() {
        for (text, wanted) in [
            ("cpu_percent>90", "cpu_percent > 90%"),
            (
                "cpu_percent >= 90 % clear 80",
                "cpu_percent >= 90% clear 80%",
            ),
            (
                "memory_available_bytes < 512 MiB",
                "memory_available_bytes < 512MiB",
            ),
            ("battery_plugged = 0", "battery_plugged == 0"),
            (
                "filesystem_used_percent { mount != '/boot*' , mount=/x } != 3.5",
                "filesystem_used_percent{mount!=\"/boot*\",mount=\"/x\"} != 3.5%",
            ),
            (
                "rate( interface_receive_errors_total ) > 1",
                "rate(interface_receive_errors_total) > 1",
            ),
            (
                "filesystem_used_bytes rises by 10GiB within 1h",
                "filesystem_used_bytes rises by 10GiB within 1h",
            ),
            (
                "memory_available_bytes falls by 1.5 GiB in 90s",
                "memory_available_bytes falls by 1.5GiB within 1m30s",
            ),
            ("cpu_percent deviates", "cpu_percent deviates 0.99"),
            (
                "filesystem_used_percent reaches 100 within 24h",
                "filesystem_used_percent reaches 100% within 1d",
            ),
            (
                "temperature_celsius absent for 5m",
                "temperature_celsius absent for 5m",
            ),
            (
                "not (cpu_percent > 1 or memory_percent > 2) and swap_percent > 3",
                "not (cpu_percent > 1% or memory_percent > 2%) and swap_percent > 3%",
            ),
            (
                "cpu_percent > 1 or (memory_percent > 2 and (swap_percent > 3 and cpu_percent < 4))",
                "cpu_percent > 1% or memory_percent > 2% and swap_percent > 3% and cpu_percent < 4%",
            ),
        ] {
            assert_eq!(shown(text), wanted);
            assert_eq!(parse(wanted).unwrap(), parse(text).unwrap());
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_what_was_meant() {
        for (text, at, wanted) in [
            ("", 0, "the name of a metric"),
            ("cpu_procent > 90", 0, "did you mean cpu_percent"),
            ("cpu_percent > 90 and", 20, "the name of a metric"),
            ("cpu_percent > lots", 14, "such as 90"),
            ("cpu_percent > 10GiB", 14, "percent"),
            ("cpu_percent >", 13, "such as 90"),
            ("cpu_percent deviate 0.9", 12, "did you mean deviates"),
            ("(cpu_percent > 90", 17, "closing )"),
            ("cpu_percent > 90 & swap_percent > 3", 17, "and, or"),
            ("cpu_percent rises by 3 for 1h", 23, "within"),
            ("temperature_celsius absent for ever", 31, "30s, 5m"),
            (
                "core_busy_percent{cpu=0} > 3",
                0,
                "the labels of core_busy_percent are core",
            ),
            ("rate(cpu_percent > 3", 17, "closing )"),
        ] {
            let (place, words) = refusal(text);
            assert!(words.contains(wanted), "{text}: {words}");
            assert_eq!(place, at, "{text}: {words}");
        }
        let deep = format!("{}cpu_percent > 1", "(".repeat(10_000));
        assert!(refusal(&deep).1.contains("at most 16"));
        let deep = format!("{}cpu_percent > 1", "not ".repeat(10_000));
        assert!(refusal(&deep).1.contains("at most 16"));
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        let series = prop_oneof![
            Just("cpu_percent".to_owned()),
            Just("memory_available_bytes".to_owned()),
            "\\PC{0,6}".prop_map(|mount| format!("filesystem_used_percent{{mount={mount:?}}}")),
        ];
        let number = prop_oneof![(0u32..100_000).prop_map(f64::from), 0.001f64..1e9];
        let check = (0..5, number.clone(), number, 1u32..100_000).prop_map(|(kind, a, b, s)| {
            let within_seconds = f64::from(s);
            match kind {
                0 => Check::Compare {
                    rate: false,
                    comparison: Comparison::Above,
                    limit: a.max(b),
                    clear: Some(a.min(b)),
                },
                1 => Check::Moves {
                    by: a - b - 0.5,
                    within_seconds,
                },
                2 => Check::Deviates {
                    score: (a / 1e9).clamp(0.01, 1.0),
                },
                3 => Check::Reaches {
                    limit: a,
                    within_seconds,
                },
                _ => Check::Absent {
                    for_seconds: within_seconds,
                },
            }
        });
        let test = (series, check).prop_filter_map("moves by nothing", |(series, check)| {
            let series = Selector::parse(&series).ok()?;
            Some(Condition::Test(Test { series, check }))
        });
        test.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::all),
                prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::any),
                inner.prop_map(|inner| Condition::Not(Box::new(inner))),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back_as_the_same_condition(condition in any_condition()) {
            prop_assert_eq!(parse(&condition.to_string()).unwrap(), condition);
        }

        #[test]
        fn no_text_makes_it_panic(
            text in "\\PC*|((cpu_percent|and|or|not|rate|\\(|\\)|>|<=|by|within|5m|3GiB|\\{|\\}|\"|é) ?){0,20}"
        ) {
            let _ = parse(&text);
            let _ = parse(&format!("cpu_percent {text}"));
        }
    }
}
