//! What a rule asks of the metrics: tests of single series, joined by and, or, not.

use super::node::{Fields, Node, Read, Wrong};
use super::quantity;
use crate::Error;
use crate::series::{Kind, Metric, Selector, Unit, catalog};

/// Most conditions that may stand in each other, and most tests of a rule.
const DEEPEST: usize = 16;
const MOST_TESTS: usize = 32;

/// Score from which on a metric deviates, where a rule does not say.
pub(super) const USUAL_DEVIATION: f64 = 0.99;

/// What must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every one; as long as one is not known and none fails, it is not known.
    All(Vec<Condition>),
    /// At least one; of none: never.
    Any(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
    /// A test of a series.
    Test(Test),
}

/// A test of each series that a selector matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The series.
    pub series: Selector,
    /// What is asked of each.
    pub check: Check,
}

/// What is asked of a series.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// Its value, or the increase per second of a counter, held against a limit.
    Compare {
        /// The increase per second.
        rate: bool,
        /// How.
        comparison: Comparison,
        /// Against what, in the unit of the metric.
        limit: f64,
        /// Once it holds, it goes on holding until the value is past this.
        clear: Option<f64>,
    },
    /// It has risen (or with a negative amount fallen) by so much.
    Moves {
        /// By how much at least, in the unit of the metric.
        by: f64,
        /// Within the last so many seconds.
        within_seconds: f64,
    },
    /// It is outside its normal range.
    Deviates {
        /// Least anomaly score, 0 to 1.
        score: f64,
    },
    /// By its forecast it crosses a limit.
    Reaches {
        /// The limit, in the unit of the metric.
        limit: f64,
        /// Within the next so many seconds.
        within_seconds: f64,
    },
    /// None of the series has had a value.
    Absent {
        /// For so many seconds.
        for_seconds: f64,
    },
}

/// How a value is held against a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Greater.
    Above,
    /// Greater or equal.
    AtLeast,
    /// Less.
    Below,
    /// Less or equal.
    AtMost,
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
}

impl Comparison {
    /// With the sign and the key of a rule's table.
    pub(super) const ALL: [(Comparison, &'static str, &'static str); 6] = [
        (Comparison::AtLeast, ">=", "at_least"),
        (Comparison::AtMost, "<=", "at_most"),
        (Comparison::NotEqual, "!=", "not_equals"),
        (Comparison::Equal, "==", "equals"),
        (Comparison::Above, ">", "above"),
        (Comparison::Below, "<", "below"),
    ];

    /// The comparison as it is written, e.g. `>=`.
    pub fn sign(self) -> &'static str {
        let named = Comparison::ALL.iter().find(|(other, _, _)| *other == self);
        named.map_or("", |(_, sign, _)| sign)
    }

    /// 1 where greater values are worse, −1 where lesser are, 0 where neither.
    pub(super) fn direction(self) -> f64 {
        match self {
            Comparison::Above | Comparison::AtLeast => 1.0,
            Comparison::Below | Comparison::AtMost => -1.0,
            Comparison::Equal | Comparison::NotEqual => 0.0,
        }
    }

    pub(super) fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Comparison::Above => value > limit,
            Comparison::AtLeast => value >= limit,
            Comparison::Below => value < limit,
            Comparison::AtMost => value <= limit,
            Comparison::Equal => value == limit,
            Comparison::NotEqual => value != limit,
        }
    }
}

impl Default for Condition {
    /// Never holds.
    fn default() -> Condition {
        Condition::Any(Vec::new())
    }
}

impl Condition {
    /// All of these; one alone stands for itself.
    pub(super) fn all(mut list: Vec<Condition>) -> Condition {
        match list.len() {
            1 => list.remove(0),
            _ => Condition::All(flat(list, |inner| match inner {
                Condition::All(list) => Ok(list),
                other => Err(other),
            })),
        }
    }

    /// Any of these; one alone stands for itself.
    pub(super) fn any(mut list: Vec<Condition>) -> Condition {
        match list.len() {
            1 => list.remove(0),
            _ => Condition::Any(flat(list, |inner| match inner {
                Condition::Any(list) => Ok(list),
                other => Err(other),
            })),
        }
    }

    /// Every test, in the order in which they are written.
    pub fn tests(&self) -> Vec<&Test> {
        let mut tests = Vec::new();
        self.visit(&mut |test| tests.push(test));
        tests
    }

    fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Test)) {
        match self {
            Condition::All(list) | Condition::Any(list) => {
                list.iter().for_each(|inner| inner.visit(see));
            }
            Condition::Not(inner) => inner.visit(see),
            Condition::Test(test) => see(test),
        }
    }

    /// The first comparison to one side that is not negated: what steps and a clear level
    /// speak of.
    pub(super) fn primary_mut(&mut self) -> Option<&mut Check> {
        match self {
            Condition::All(list) | Condition::Any(list) => {
                list.iter_mut().find_map(Condition::primary_mut)
            }
            Condition::Not(_) => None,
            Condition::Test(test) => (test.direction() != 0.0).then_some(&mut test.check),
        }
    }

    /// That comparison, with its place among [`Condition::tests`].
    pub(super) fn primary(&self) -> Option<(usize, &Test)> {
        fn find<'a>(condition: &'a Condition, place: &mut usize) -> Option<(usize, &'a Test)> {
            match condition {
                Condition::All(list) | Condition::Any(list) => {
                    list.iter().find_map(|inner| find(inner, place))
                }
                Condition::Not(inner) => {
                    *place += inner.tests().len();
                    None
                }
                Condition::Test(test) => {
                    *place += 1;
                    (test.direction() != 0.0).then_some((*place - 1, test))
                }
            }
        }
        find(self, &mut 0)
    }

    /// Refuses what can't be evaluated.
    pub(super) fn check(&self) -> Result<(), String> {
        self.check_depth(0)?;
        let tests = self.tests();
        if tests.len() > MOST_TESTS {
            return Err(format!("a rule has at most {MOST_TESTS} conditions"));
        }
        let mut family = None;
        for test in tests {
            let metric = metric_of(&test.series)?;
            test.check_numbers(metric)?;
            if metric.family.label_names().is_empty() || matches!(test.check, Check::Absent { .. })
            {
                continue;
            }
            match family {
                None => family = Some((metric.family, metric.name)),
                Some((known, _)) if known == metric.family => {}
                Some((_, name)) => {
                    return Err(format!(
                        "{name} and {} are of different things: conditions are joined for each \
                         device, file system and so on, or are of the machine as a whole",
                        metric.name
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_depth(&self, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(format!(
                "conditions stand in each other at most {DEEPEST} deep"
            ));
        }
        match self {
            Condition::All(list) | Condition::Any(list) if list.is_empty() => {
                Err("there must be at least one condition".into())
            }
            Condition::All(list) | Condition::Any(list) => list
                .iter()
                .try_for_each(|inner| inner.check_depth(depth + 1)),
            Condition::Not(inner) => inner.check_depth(depth + 1),
            Condition::Test(_) => Ok(()),
        }
    }

    /// Reads a text or a table.
    pub(super) fn read(node: &Node) -> Read<Condition> {
        let condition = match node.text() {
            Ok(text) => super::expression::parse(text)?,
            Err(_) => of_table(node, 0)?,
        };
        let checked = condition.check();
        checked.map_err(|words| Wrong {
            keys: Vec::new(),
            words,
            span: node.span.clone(),
            character: None,
        })?;
        Ok(condition)
    }
}

fn flat(
    list: Vec<Condition>,
    same: impl Fn(Condition) -> Result<Vec<Condition>, Condition>,
) -> Vec<Condition> {
    let mut all = Vec::new();
    for inner in list {
        match same(inner) {
            Ok(mut list) => all.append(&mut list),
            Err(other) => all.push(other),
        }
    }
    all
}

impl Test {
    /// 1 or −1 for a comparison to one side, else 0.
    pub(super) fn direction(&self) -> f64 {
        match &self.check {
            Check::Compare { comparison, .. } => comparison.direction(),
            _ => 0.0,
        }
    }

    fn check_numbers(&self, metric: &Metric) -> Result<(), String> {
        let finite = |value: f64, what: &str| match value.is_finite() {
            true => Ok(()),
            false => Err(format!("{what} must be a finite number")),
        };
        let longer = |seconds: f64, what: &str| match seconds > 0.0 && seconds.is_finite() {
            true => Ok(()),
            false => Err(format!("{what} must be longer than nothing")),
        };
        match self.check {
            Check::Compare {
                rate,
                comparison,
                limit,
                clear,
            } => {
                finite(limit, "the limit")?;
                if rate && metric.kind != Kind::Counter {
                    return Err(format!(
                        "rate() is the increase of a counter; {} goes up and down: use it as it is",
                        metric.name
                    ));
                }
                let Some(clear) = clear else {
                    return Ok(());
                };
                finite(clear, "the clear level")?;
                match comparison.direction() * (limit - clear) {
                    0.0.. if comparison.direction() != 0.0 => Ok(()),
                    _ => Err(format!(
                        "the clear level {clear} must be {} the limit {limit}, where the alert ends",
                        match comparison.direction() {
                            1.0 => "at most",
                            -1.0 => "at least",
                            _ => "left out: there is none beside",
                        }
                    )),
                }
            }
            Check::Moves { by, within_seconds } => {
                finite(by, "the amount")?;
                longer(within_seconds, "the stretch of time")?;
                match by {
                    0.0 => Err("the amount must not be 0".into()),
                    _ => Ok(()),
                }
            }
            Check::Deviates { score } => match score > 0.0 && score <= 1.0 {
                true => Ok(()),
                false => Err(format!(
                    "the anomaly score {score} is not above 0 and at most 1"
                )),
            },
            Check::Reaches {
                limit,
                within_seconds,
            } => {
                finite(limit, "the limit")?;
                longer(within_seconds, "the stretch of time")
            }
            Check::Absent { for_seconds } => longer(for_seconds, "the stretch of time"),
        }
    }

    /// Unit of what is compared.
    pub(super) fn unit(&self) -> Unit {
        let Some(metric) = catalog::by_name(&self.series.metric) else {
            return Unit::Number;
        };
        match self.check {
            Check::Compare { rate: true, .. } => per_second(metric.unit),
            Check::Absent { .. } => Unit::Seconds,
            _ => metric.unit,
        }
    }
}

/// Unit of the increase per second of a counter.
fn per_second(unit: Unit) -> Unit {
    match unit {
        Unit::Bytes => Unit::BytesPerSecond,
        // Seconds of a second: a share.
        Unit::Seconds => Unit::Number,
        _ => Unit::PerSecond,
    }
}

/// The metric of a selector whose names are known.
pub(super) fn metric_of(selector: &Selector) -> Result<&'static Metric, String> {
    selector
        .resolve()
        .map(|resolved| resolved.metric)
        .map_err(|error| selector_words(&error))
}

/// What a selector's refusal says, without words that speak of an argument.
pub(super) fn selector_words(error: &Error) -> String {
    match error {
        Error::InvalidArgument {
            field,
            value,
            allowed,
        } => format!("{field} {value}: {allowed}"),
        other => other.to_string(),
    }
}

/// Keys of the table of a test; with those that join.
const KEYS: [&str; 17] = [
    "all",
    "any",
    "not",
    "metric",
    "rate",
    "above",
    "below",
    "at_least",
    "at_most",
    "equals",
    "not_equals",
    "clear",
    "rises_by",
    "falls_by",
    "within",
    "deviates",
    "reaches",
];
const ABSENT_KEY: &str = "absent_for";

fn of_table(node: &Node, depth: usize) -> Read<Condition> {
    let keys: Vec<&str> = KEYS.iter().copied().chain([ABSENT_KEY]).collect();
    let fields = node.table(&keys).map_err(|mut wrong| {
        if wrong.keys.is_empty() {
            wrong.words = "a condition is a text such as \"cpu_percent > 90\", or a table".into();
        }
        wrong
    })?;
    if depth > DEEPEST {
        return Err(fields.wrong(format!(
            "conditions stand in each other at most {DEEPEST} deep"
        )));
    }
    let inner = |node: &Node| match node.text() {
        Ok(text) => super::expression::parse(text).map_err(|wrong| wrong.at(&node.span)),
        Err(_) => of_table(node, depth + 1),
    };
    let list = |node: &Node| -> Read<Vec<Condition>> {
        let list = node.list()?;
        if list.is_empty() {
            return Err(node.wrong("a list with at least one condition"));
        }
        list.iter().map(inner).collect()
    };
    let joined = fields.among(&["all", "any", "not"]);
    if !joined.is_empty() && fields.len() > 1 {
        return Err(fields.wrong(format!(
            "beside `{}` nothing else may stand: put it into a list of all or any",
            joined[0]
        )));
    }
    if let Some(all) = fields.get("all", list)? {
        return Ok(Condition::all(all));
    }
    if let Some(any) = fields.get("any", list)? {
        return Ok(Condition::any(any));
    }
    if let Some(condition) = fields.get("not", inner)? {
        return Ok(Condition::Not(Box::new(condition)));
    }
    Ok(Condition::Test(test_of(&fields)?))
}

fn test_of(fields: &Fields<'_>) -> Read<Test> {
    let selector = |node: &Node| {
        Selector::parse(node.text()?).map_err(|error| Wrong {
            keys: Vec::new(),
            words: selector_words(&error),
            span: node.span.clone(),
            character: None,
        })
    };
    let (rate, series) = match (
        fields.get("metric", selector)?,
        fields.get("rate", selector)?,
    ) {
        (Some(series), None) => (false, series),
        (None, Some(series)) => (true, series),
        (Some(_), Some(_)) => return Err(fields.wrong("either `metric` or `rate`, not both")),
        (None, None) => {
            return Err(fields.wrong("`metric` (or `rate`, `all`, `any`, `not`) is missing"));
        }
    };
    let mut test = Test {
        series,
        check: Check::Absent { for_seconds: 0.0 },
    };
    let signs: Vec<&str> = Comparison::ALL.iter().map(|(_, _, key)| *key).collect();
    let others = ["rises_by", "falls_by", "deviates", "reaches", ABSENT_KEY];
    let asked = [fields.among(&signs), fields.among(&others)].concat();
    let [key] = asked.as_slice() else {
        let words = match asked.split_first() {
            None => format!("what is asked of it is missing: one of {}", {
                [signs.as_slice(), &others].concat().join(", ")
            }),
            Some(_) => format!("only one of {} may stand here", asked.join(", ")),
        };
        return Err(fields.wrong(words));
    };
    if rate && !signs.contains(key) {
        return Err(fields.wrong(format!("`{key}` goes with `metric`, not with `rate`")));
    }
    let unit = match rate {
        true => Test {
            check: Check::Compare {
                rate,
                comparison: Comparison::Above,
                limit: 0.0,
                clear: None,
            },
            ..test.clone()
        }
        .unit(),
        false => catalog::by_name(&test.series.metric).map_or(Unit::Number, |metric| metric.unit),
    };
    let limit = |node: &Node| quantity_of(node, unit);
    let seconds = |key| {
        let read = fields.get(key, seconds_of)?;
        read.ok_or_else(|| fields.wrong(format!("`{key}` is missing: how long")))
    };
    if *key != "rises_by" && *key != "falls_by" && *key != "reaches" && fields.has("within") {
        return Err(fields.wrong(format!("`within` does not go with `{key}`")));
    }
    if !signs.contains(key) && fields.has("clear") {
        return Err(fields.wrong(format!("`clear` does not go with `{key}`")));
    }
    let value = |read: Read<Option<f64>>| read.map(Option::unwrap_or_default);
    test.check = match *key {
        "rises_by" | "falls_by" => {
            let by = value(fields.get(key, limit))?;
            Check::Moves {
                by: if *key == "falls_by" { -by } else { by },
                within_seconds: seconds("within")?,
            }
        }
        "deviates" => Check::Deviates {
            score: value(fields.get(key, |node| match node.flag() {
                Ok(true) => Ok(USUAL_DEVIATION),
                _ => quantity_of(node, Unit::Number),
            }))?,
        },
        "reaches" => Check::Reaches {
            limit: value(fields.get(key, limit))?,
            within_seconds: seconds("within")?,
        },
        ABSENT_KEY => Check::Absent {
            for_seconds: seconds(ABSENT_KEY)?,
        },
        sign => {
            let named = Comparison::ALL.iter().find(|(_, _, key)| *key == sign);
            Check::Compare {
                rate,
                comparison: named.map_or(Comparison::Above, |(comparison, _, _)| *comparison),
                limit: value(fields.get(sign, limit))?,
                clear: fields.get("clear", limit)?,
            }
        }
    };
    Ok(test)
}

/// A number, or a text with a unit.
pub(super) fn quantity_of(node: &Node, unit: Unit) -> Read<f64> {
    match &node.value {
        super::node::Content::Number(number) => Ok(*number),
        super::node::Content::Text(text) => {
            quantity::parse(text, unit).map_err(|wanted| node.wrong(&wanted))
        }
        _ => Err(node.wrong("a number or a text with a unit")),
    }
}

/// A number of seconds, or a text such as `5m`.
pub(super) fn seconds_of(node: &Node) -> Read<f64> {
    let text = match &node.value {
        super::node::Content::Number(number) => number.to_string(),
        super::node::Content::Text(text) => text.clone(),
        _ => return Err(node.wrong("a stretch of time such as 30s, 5m, 1h30m or 7d")),
    };
    quantity::parse_seconds(&text).map_err(|wanted| node.wrong(&wanted))
}
