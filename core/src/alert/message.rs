//! An alert's words, with the numbers that decided.

use super::compiled::{Compiled, CompiledTest, Reading, Truth};
use super::condition::{Check, Comparison};
use super::quantity::{in_words, seconds_text};
use super::rule_text::{Part, parts};
use super::{Alert, Rule};
use crate::series::{Entity, SeriesKey, Unit};

/// Most tests that are told of.
const MOST_TOLD: usize = 4;

/// Sets an alert's series (once), value, threshold and message.
pub(super) fn tell(
    rule: &Rule,
    compiled: &Compiled,
    entity: &Entity,
    readings: &[Reading],
    level: usize,
    alert: &mut Alert,
) {
    let decider = compiled.decider(readings);
    let Some(test) = compiled.tests.get(decider) else {
        return;
    };
    if alert.series.metric.is_empty() {
        alert.series = key_of(test, entity);
    }
    let reading = readings.get(decider).copied().unwrap_or_default();
    let (value, threshold) = (reading.value, compiled.threshold(decider, level));
    if alert.value == value
        && alert.threshold == threshold
        && !alert.message.is_empty()
        && !alert.is_flapping
    {
        return;
    }
    (alert.value, alert.threshold) = (value, threshold);
    alert.message = match &rule.message {
        Some(message) => filled(message, rule, test, entity, alert),
        None => made(rule, compiled, entity, readings, level),
    };
}

fn key_of(test: &CompiledTest, entity: &Entity) -> SeriesKey {
    match test.metric.family.label_names().is_empty() || matches!(test.check, Check::Absent { .. })
    {
        true => SeriesKey {
            metric: test.metric.name.to_owned(),
            labels: Vec::new(),
        },
        false => SeriesKey::of(test.metric, entity),
    }
}

/// The rule's own words.
fn filled(
    message: &str,
    rule: &Rule,
    test: &CompiledTest,
    entity: &Entity,
    alert: &Alert,
) -> String {
    let mut text = String::new();
    let number = |value: Option<f64>| match value {
        Some(value) => in_words(value, test.unit),
        None => "not known".to_owned(),
    };
    for part in parts(message) {
        match part {
            Part::Words(words) => text.push_str(words),
            Part::Place("rule") => text.push_str(&rule.name),
            Part::Place("description") => text.push_str(&rule.description),
            Part::Place("series") => text.push_str(&alert.series.to_string()),
            Part::Place("metric") => text.push_str(test.metric.name),
            Part::Place("value") => text.push_str(&number(alert.value)),
            Part::Place("threshold") => text.push_str(&number(alert.threshold)),
            Part::Place("severity") => text.push_str(alert.severity.name()),
            Part::Place("for") => text.push_str(&seconds_text(rule.for_seconds)),
            Part::Place(label) => {
                let own = SeriesKey::of(test.metric, entity).labels;
                let found = own.into_iter().find(|(name, _)| name == label);
                text.push_str(&found.map(|(_, value)| value).unwrap_or_default());
            }
        }
    }
    text
}

/// Words made of the condition: what each test that holds has found.
fn made(
    rule: &Rule,
    compiled: &Compiled,
    entity: &Entity,
    readings: &[Reading],
    level: usize,
) -> String {
    let own = compiled.own_tests();
    let held = own.iter().copied().filter(|place| {
        let reading = readings.get(*place);
        reading.is_some_and(|reading| reading.truth == Truth::Yes)
    });
    let mut held: Vec<usize> = held.take(MOST_TOLD).collect();
    if held.is_empty() {
        held.push(compiled.decider(readings));
    }
    let told = held.iter().filter_map(|place| {
        let test = compiled.tests.get(*place)?;
        let reading = readings.get(*place)?;
        let threshold = compiled.threshold(*place, level);
        Some(clause(test, reading, threshold, entity))
    });
    let told: Vec<String> = told.collect();
    format!("{}: {}", rule.name, told.join(", "))
}

fn clause(
    test: &CompiledTest,
    reading: &Reading,
    threshold: Option<f64>,
    entity: &Entity,
) -> String {
    let series = key_of(test, entity);
    let number = |value: Option<f64>, unit: Unit| match value {
        Some(value) => in_words(value, unit),
        None => "not known".to_owned(),
    };
    let value = number(reading.value, test.unit);
    let limit = number(threshold, test.unit);
    match test.check {
        Check::Compare {
            rate, comparison, ..
        } => {
            let what = if rate { "the rate of " } else { "" };
            let side = match comparison {
                Comparison::Above => "above",
                Comparison::AtLeast => "at least",
                Comparison::Below => "below",
                Comparison::AtMost => "at most",
                Comparison::Equal => "equal to",
                Comparison::NotEqual => "other than",
            };
            format!("{what}{series} is {value} (alerts {side} {limit})")
        }
        Check::Moves { by, within_seconds } => {
            let word = if by < 0.0 { "fell" } else { "rose" };
            let moved = number(reading.value.map(f64::abs), test.unit);
            let limit = in_words(by.abs(), test.unit);
            let within = seconds_text(within_seconds);
            format!("{series} {word} by {moved} within {within} (alerts from {limit} on)")
        }
        Check::Deviates { .. } => match reading.anomaly {
            Some((score, Some((low, high)))) => format!(
                "{series} is {value}, usual would be {} to {} (score {score:.3})",
                in_words(low, test.unit),
                in_words(high, test.unit)
            ),
            Some((score, None)) => {
                format!("{series} is {value}, which is not usual (score {score:.3})")
            }
            None => format!("{series} is {value}"),
        },
        Check::Reaches { within_seconds, .. } => {
            let within = seconds_text(within_seconds);
            format!("{series} is {value} and by its forecast reaches {limit} within {within}")
        }
        Check::Absent { for_seconds } => {
            let time = seconds_text(for_seconds);
            format!("{} has had no value for {time}", test.series_text())
        }
    }
}
