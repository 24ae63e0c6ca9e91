//! What a rule says.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::condition::{Check, Comparison, Condition};
use super::node::Node;
use super::{Alert, AlertSeverity, rule_text};
use crate::{Error, Result};

/// Cooldown where a rule does not say.
pub(super) const USUAL_COOLDOWN_SECONDS: f64 = 300.0;

/// After so long a series that is gone ends its alert, where a rule does not say.
pub(super) const USUAL_FORGET_SECONDS: f64 = 3600.0;

/// One rule. In JSON and TOML it is the table of a rules' file: stretches of time as text
/// (`for = "5m"`), the condition as one line (`when = "cpu_percent > 90%"`).
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name; one of its kind.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it is evaluated.
    pub enabled: bool,
    /// What must hold, of each series for itself.
    pub when: Condition,
    /// For how long it must hold before the alert fires.
    pub for_seconds: f64,
    /// For how long it must not hold before the alert ends.
    pub clear_for_seconds: f64,
    /// How bad it is while no step holds.
    pub severity: AlertSeverity,
    /// Further limits at which it is worse, or less bad.
    pub steps: Vec<Step>,
    /// For how long after its end it does not fire again for the same series.
    pub cooldown_seconds: f64,
    /// Channels that are told; none: the set's default.
    pub channels: Vec<String>,
    /// Who is told as long as nobody takes note, in the order of their delay.
    pub escalate: Vec<Escalation>,
    /// When it counts as flapping.
    pub flapping: Flapping,
    /// A series that does not exist any more ends its alert after so long.
    pub forget_after_seconds: f64,
    /// The alert's words, with places in braces (see [`Rule::PLACES`]); `None`: made of the
    /// condition.
    pub message: Option<String>,
}

/// A severity of a rule, with what must hold for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What takes the place of the limit of the rule's comparison.
    pub limit: Option<f64>,
    /// Where a value must be past so that this step ends; `None`: as far from the limit as
    /// the rule's own clear level is.
    pub clear: Option<f64>,
    /// What must hold besides.
    pub when: Option<Condition>,
    /// For how long; 0: at once.
    pub for_seconds: f64,
    /// How bad it is then.
    pub severity: AlertSeverity,
    /// Name of the step; `None`: name of the rule and the severity.
    pub name: Option<String>,
    /// Whether it counts.
    pub enabled: bool,
    /// Channels that are told from this step on; none: those of the rule.
    pub channels: Vec<String>,
}

/// Who is told when nobody takes note.
#[derive(Debug, Clone, PartialEq)]
pub struct Escalation {
    /// Seconds since it fires.
    pub after_seconds: f64,
    /// How bad it is then at least; `None`: as it was.
    pub severity: Option<AlertSeverity>,
    /// Channels that are told; none: those of the rule.
    pub channels: Vec<String>,
}

/// When a rule counts as flapping for a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flapping {
    /// Changes; 0: never.
    pub changes: u32,
    /// Within so many seconds.
    pub within_seconds: f64,
}

impl Default for Flapping {
    fn default() -> Flapping {
        Flapping {
            changes: 6,
            within_seconds: 1800.0,
        }
    }
}

impl Default for Rule {
    fn default() -> Rule {
        Rule {
            name: String::new(),
            description: String::new(),
            enabled: true,
            when: Condition::default(),
            for_seconds: 0.0,
            clear_for_seconds: 0.0,
            severity: AlertSeverity::Warning,
            steps: Vec::new(),
            cooldown_seconds: USUAL_COOLDOWN_SECONDS,
            channels: Vec::new(),
            escalate: Vec::new(),
            flapping: Flapping::default(),
            forget_after_seconds: USUAL_FORGET_SECONDS,
            message: None,
        }
    }
}

/// One severity of a rule as a row: what the prototype calls a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// Its name, e.g. `CPU Warning`.
    pub name: String,
    /// The rule, e.g. `CPU`.
    pub rule: String,
    /// The metric that is compared; `None` where there is no such one.
    pub metric: Option<String>,
    /// Against what it is held.
    pub threshold: Option<f64>,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// Whether it counts.
    pub enabled: bool,
    /// What it is for.
    pub description: String,
}

impl Rule {
    /// What may stand in braces in a message; `{mount}` and other labels may too.
    pub const PLACES: [&'static str; 8] = [
        "rule",
        "series",
        "metric",
        "value",
        "threshold",
        "severity",
        "for",
        "description",
    ];

    /// Reads one rule: the table of a rules' file, with or without `[[rule]]` above it. What
    /// it leaves out is taken from the built-in rule of its name.
    ///
    /// # Errors
    /// `InvalidArgument` with line, column and key, and what was probably meant.
    pub fn parse_toml(text: &str) -> Result<Rule> {
        rule_text::one_of_toml(text, super::RuleSet::usual())
            .map_err(|wrong| Error::invalid("rule", shortened(text), wrong.in_text(text)))
    }

    /// A rule of one line, e.g. `cpu_percent > 90% clear 80%`.
    ///
    /// # Errors
    /// `InvalidArgument` with the character that can't be read, and what was probably meant.
    pub fn from_expression(name: &str, expression: &str) -> Result<Rule> {
        let rule = Rule {
            name: name.to_owned(),
            when: Condition::parse(expression)?,
            ..Rule::default()
        };
        rule.check()?;
        Ok(rule)
    }

    /// Checks what can't be seen of a field alone.
    ///
    /// # Errors
    /// `InvalidArgument` with the field.
    pub fn check(&self) -> Result<()> {
        rule_text::check(self)
            .map_err(|wrong| Error::invalid("rule", format!("{:?}", self.name), wrong.in_words()))
    }

    /// Its severities as rows, the least first.
    pub fn levels(&self) -> Vec<Level> {
        let limit = self.limit();
        let first = self.when.tests().first().copied();
        let test = self.when.primary().map(|(_, test)| test).or(first);
        let metric = test.map(|test| test.series.metric.clone());
        let base = Level {
            name: self.name.clone(),
            rule: self.name.clone(),
            metric,
            threshold: limit,
            severity: self.severity,
            enabled: self.enabled,
            description: self.description.clone(),
        };
        let mut levels = Vec::new();
        if !self.steps.iter().any(|step| self.is_base(step)) {
            levels.push(base.clone());
        }
        levels.extend(self.steps.iter().map(|step| Level {
            name: step.name.clone().unwrap_or_else(|| self.name.clone()),
            threshold: step.limit.or(limit),
            severity: step.severity,
            enabled: self.enabled && step.enabled,
            ..base.clone()
        }));
        let unnamed = |level: &Level| level.name == self.name;
        if levels.len() > 1 {
            for level in levels.iter_mut().filter(|level| unnamed(level)) {
                level.name = self.level_name(level.severity);
            }
        }
        levels
    }

    /// Name of what fires at a severity, e.g. `CPU Warning`; the rule's own where it has but
    /// one.
    pub fn level_name(&self, severity: AlertSeverity) -> String {
        let step = self.steps.iter().find(|step| step.severity == severity);
        match step.and_then(|step| step.name.clone()) {
            Some(name) => name,
            None if self.steps.is_empty() => self.name.clone(),
            None => format!("{} {}", self.name, severity.title()),
        }
    }

    /// A step that says what the rule's own limit means.
    pub(super) fn is_base(&self, step: &Step) -> bool {
        step.when.is_none() && (step.limit.is_none() || step.limit == self.limit())
    }

    /// The limit of the condition's first comparison to one side.
    pub fn limit(&self) -> Option<f64> {
        match self.when.primary()?.1.check {
            Check::Compare { limit, .. } => Some(limit),
            _ => None,
        }
    }

    /// Sets that limit; the clear level and a step with the same limit move with it.
    ///
    /// # Errors
    /// `InvalidArgument` when the rule has no such comparison or the value is no number.
    pub fn set_limit(&mut self, to: f64) -> Result<()> {
        let mut changed = self.clone();
        let refusal = || {
            let wanted = "a finite number, of a rule with a comparison to one side";
            Error::invalid("threshold", to, wanted)
        };
        let Some(Check::Compare { limit, clear, .. }) = changed.when.primary_mut() else {
            return Err(refusal());
        };
        if !to.is_finite() {
            return Err(refusal());
        }
        let from = *limit;
        *limit = to;
        *clear = clear.map(|clear| clear + (to - from));
        for step in &mut changed.steps {
            if step.limit == Some(from) {
                step.limit = Some(to);
            }
        }
        changed.check()?;
        *self = changed;
        Ok(())
    }

    /// How that comparison is made.
    pub(super) fn comparison(&self) -> Option<Comparison> {
        match self.when.primary()?.1.check {
            Check::Compare { comparison, .. } => Some(comparison),
            _ => None,
        }
    }

    /// The channels that are told of an alert of this rule as it is now; empty: the set's
    /// default.
    pub fn channels_of(&self, alert: &Alert) -> &[String] {
        let escalated = alert.escalation_step.checked_sub(1);
        let escalated = escalated.and_then(|step| self.escalate.get(step as usize));
        if let Some(escalation) = escalated.filter(|step| !step.channels.is_empty()) {
            return &escalation.channels;
        }
        let mut steps = self.steps.iter();
        match steps.find(|step| step.severity == alert.severity && !step.channels.is_empty()) {
            Some(step) => &step.channels,
            None => &self.channels,
        }
    }
}

impl Condition {
    /// Reads a condition of one line, e.g. `cpu_percent > 90% and memory_percent > 80%`.
    ///
    /// # Errors
    /// `InvalidArgument` with the character that can't be read, and what was probably meant.
    pub fn parse(text: &str) -> Result<Condition> {
        let node = Node {
            value: super::node::Content::Text(text.to_owned()),
            span: None,
        };
        Condition::read(&node)
            .map_err(|wrong| Error::invalid("condition", format!("{text:?}"), wrong.in_words()))
    }
}

/// The first line of a text, for a message.
fn shortened(text: &str) -> String {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let line = first.unwrap_or_default().trim();
    let mut short: String = line.chars().take(60).collect();
    if short.len() < text.trim().len() {
        short.push('…');
    }
    format!("{short:?}")
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        rule_text::to_json(self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Rule, D::Error> {
        let tree = serde_json::Value::deserialize(from)?;
        rule_text::read(&Node::of_json(&tree), super::RuleSet::usual())
            .map_err(|wrong| serde::de::Error::custom(wrong.in_words()))
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Condition, D::Error> {
        let tree = serde_json::Value::deserialize(from)?;
        Condition::read(&Node::of_json(&tree))
            .map_err(|wrong| serde::de::Error::custom(wrong.in_words()))
    }
}
