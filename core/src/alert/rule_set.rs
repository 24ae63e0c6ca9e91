//! The rules that are in force together, and the channels that are told.

use std::collections::BTreeMap;

use once_cell::sync::Lazy;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use usm_notify::{ChannelConfig, ConsoleConfig, LogConfig};

use super::channels::{self, ChannelTable, OWN_CHANNELS};
use super::node::{Node, Read, Wrong};
use super::rule::Level;
use super::{Alert, AlertStatus, Rule, rule_text, toml_text};
use crate::config::nearest;
use crate::{Error, Result};

/// The built-in rules, as a rules' file.
const BUILTIN: &str = include_str!("builtin.toml");

/// Most rules of a set.
const MOST_RULES: usize = 1000;

/// All rules that are in force, and the channels that are told.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RuleSet {
    /// The rules, each name once.
    pub rules: Vec<Rule>,
    /// Channels that are told by rules that name none.
    pub default_channels: Vec<String>,
    /// The channels' tables, by name.
    pub channels: BTreeMap<String, ChannelTable>,
}

impl RuleSet {
    /// The rules that are in force where nobody says otherwise.
    pub fn builtin() -> RuleSet {
        RuleSet::usual().clone()
    }

    /// The text of the built-in rules: a rules' file, to read and to copy from.
    pub fn builtin_text() -> &'static str {
        BUILTIN
    }

    pub(super) fn usual() -> &'static RuleSet {
        // A test reads it: it has no error.
        static USUAL: Lazy<RuleSet> = Lazy::new(|| {
            RuleSet::parse_over(&RuleSet::default(), BUILTIN, "builtin.toml").unwrap_or_default()
        });
        &USUAL
    }

    /// Reads a file of rules (TOML): `[[rule]]` tables, `[channels.NAME]` tables and
    /// `default_channels`. What a rule leaves out is taken from the built-in rule of its
    /// name.
    ///
    /// # Errors
    /// `Malformed` with line and column, and what was probably meant.
    pub fn parse(text: &str, name: &str) -> Result<RuleSet> {
        RuleSet::parse_over(RuleSet::usual(), text, name)
    }

    /// As [`RuleSet::parse`]; what a rule leaves out is taken from the rule of its name in
    /// `base`, whose channels may be named, too.
    ///
    /// # Errors
    /// As [`RuleSet::parse`].
    pub fn parse_over(base: &RuleSet, text: &str, name: &str) -> Result<RuleSet> {
        let read = || -> Read<RuleSet> {
            let node = Node::parse_toml(text)?;
            read(&node, base)
        };
        read().map_err(|wrong| Error::malformed(name, wrong.in_text(text)))
    }

    /// The set as a rules' file that is read back as the same; with the channels' secrets.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        if !self.default_channels.is_empty() {
            let list = Value::from(self.default_channels.clone());
            text.push_str(&format!("default_channels = {}\n", toml_text::value(&list)));
        }
        for (name, channel) in &self.channels {
            text.push_str(&format!("\n[channels.{}]\n", toml_text::key(name)));
            text.push_str(&toml_text::table(channel.table()));
        }
        for rule in &self.rules {
            text.push_str("\n[[rule]]\n");
            text.push_str(&toml_text::table(&rule_text::to_json(rule)));
        }
        text
    }

    /// Lays another set over this one: its rules take the place of those of their name, its
    /// channels of those of theirs.
    pub fn merge(&mut self, over: RuleSet) {
        for rule in over.rules {
            self.put(rule);
        }
        self.channels.extend(over.channels);
        if !over.default_channels.is_empty() {
            self.default_channels = over.default_channels;
        }
    }

    /// Adds a rule, or puts it in the place of the one of its name.
    pub fn put(&mut self, rule: Rule) {
        match self.rules.iter_mut().find(|known| known.name == rule.name) {
            Some(known) => *known = rule,
            None => self.rules.push(rule),
        }
    }

    /// Removes a rule; false if there is none of this name.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.name != name);
        self.rules.len() < before
    }

    /// The rule of a name.
    pub fn get(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The rule of a name.
    ///
    /// # Errors
    /// `InvalidArgument` with the nearest names.
    pub fn named(&self, name: &str) -> Result<&Rule> {
        self.get(name).ok_or_else(|| {
            let names = self.rules.iter().map(|rule| rule.name.as_str());
            let allowed = match nearest(name, names, 3) {
                near if near.is_empty() => "no rule of this name".to_owned(),
                near => format!("no rule of this name; did you mean {}?", near.join(" or ")),
            };
            Error::invalid("rule", format!("{name:?}"), allowed)
        })
    }

    /// Every severity of every rule as a row, as the prototype lists its rules.
    pub fn levels(&self) -> Vec<Level> {
        self.rules.iter().flat_map(Rule::levels).collect()
    }

    /// A rule or one level of it (`CPU Warning`), switched on or off: the rule as it is then.
    ///
    /// # Errors
    /// `InvalidArgument` with the nearest names.
    pub fn switched(&self, name: &str, enabled: bool) -> Result<Rule> {
        if let Some(rule) = self.get(name) {
            let mut rule = rule.clone();
            rule.enabled = enabled;
            return Ok(rule);
        }
        let level = self.levels().into_iter().find(|level| level.name == name);
        let Some(level) = level else {
            return Err(match self.named(name) {
                Err(error) => error,
                Ok(_) => Error::Internal(format!("rule {name:?} has no level")),
            });
        };
        let mut rule = self.named(&level.rule)?.clone();
        let steps = rule.steps.iter_mut();
        for step in steps.filter(|step| step.severity == level.severity) {
            step.enabled = enabled;
        }
        rule.enabled = rule.steps.iter().any(|step| step.enabled);
        Ok(rule)
    }

    /// Every channel that there is, for who delivers: `console` and `log` also where nobody
    /// has set them up.
    ///
    /// # Errors
    /// `InvalidArgument` for a table that can't be used.
    pub fn channel_configs(&self) -> Result<BTreeMap<String, ChannelConfig>> {
        let own = [
            ChannelConfig::Console(ConsoleConfig::default()),
            ChannelConfig::Log(LogConfig::default()),
        ];
        let names = OWN_CHANNELS.map(str::to_owned);
        let mut all = BTreeMap::new();
        all.extend(names.into_iter().zip(own));
        for (name, channel) in &self.channels {
            all.insert(name.clone(), channel.config(name)?);
        }
        Ok(all)
    }

    /// The channels that are told of an alert now: those of its rule's step, else the
    /// default. Of the end of an alert all that were told of it.
    pub fn channels_of(&self, alert: &Alert) -> Vec<&str> {
        let Some(rule) = self.get(&alert.rule) else {
            return self.default_channels.iter().map(String::as_str).collect();
        };
        let mut lists = vec![rule.channels_of(alert)];
        if alert.status == AlertStatus::Resolved {
            let reached = alert.escalation_step as usize;
            let escalated = rule.escalate.iter().take(reached);
            lists.extend(escalated.map(|step| step.channels.as_slice()));
            lists.push(&rule.channels);
        }
        let mut told: Vec<&str> = Vec::new();
        for name in lists.into_iter().flatten() {
            if !told.contains(&name.as_str()) {
                told.push(name);
            }
        }
        match told.is_empty() {
            true => self.default_channels.iter().map(String::as_str).collect(),
            false => told,
        }
    }

    /// Checks that every channel that is named is there.
    ///
    /// # Errors
    /// `InvalidArgument` with the rule and the nearest name.
    pub fn check_channels(&self) -> Result<()> {
        let refuse = |place: String, wrong: Wrong| Error::invalid("channel", place, wrong.words);
        for rule in &self.rules {
            let named = |wrong| refuse(format!("of rule {:?}", rule.name), wrong);
            check_rule_channels(rule, &[self]).map_err(named)?;
        }
        let all = &self.default_channels;
        check_names(all, &[self]).map_err(|wrong| refuse("of default_channels".into(), wrong))
    }
}

impl<'de> Deserialize<'de> for RuleSet {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<RuleSet, D::Error> {
        let node = Node::of_json(&Value::deserialize(from)?);
        read(&node, RuleSet::usual()).map_err(|wrong| serde::de::Error::custom(wrong.in_words()))
    }
}

fn read(node: &Node, base: &RuleSet) -> Read<RuleSet> {
    let fields = node.table(&["rule", "rules", "channels", "default_channels"])?;
    let set = RuleSet {
        channels: fields.get("channels", channels::read)?.unwrap_or_default(),
        ..RuleSet::default()
    };
    let names = |node: &Node| -> Read<Vec<String>> {
        let list = node.list()?.iter().map(|name| Ok(name.text()?.to_owned()));
        let list: Vec<String> = list.collect::<Read<_>>()?;
        match check_names(&list, &[&set, base]) {
            Ok(()) => Ok(list),
            Err(wrong) => Err(wrong),
        }
    };
    let default_channels = fields.get("default_channels", names)?;
    let rules = |node: &Node| -> Read<Vec<Rule>> {
        let list = node.list()?;
        if list.len() > MOST_RULES {
            return Err(node.wrong(&format!("a list of at most {MOST_RULES} rules")));
        }
        let mut rules: Vec<Rule> = Vec::with_capacity(list.len());
        for one in list {
            let rule = rule_text::read(one, base).map_err(|wrong| wrong.at(&one.span))?;
            if rules.iter().any(|other| other.name == rule.name) {
                let words = format!("there are two rules of the name {:?}", rule.name);
                return Err(Wrong {
                    words,
                    ..one.wrong("")
                });
            }
            check_rule_channels(&rule, &[&set, base]).map_err(|wrong| {
                let span = one.span_of("channels");
                wrong.within(&format!("rule {:?}", rule.name)).at(&span)
            })?;
            rules.push(rule);
        }
        Ok(rules)
    };
    let bare = |wrong: Wrong| Wrong {
        keys: wrong.keys.into_iter().skip(1).collect(),
        ..wrong
    };
    let mut all = Vec::new();
    for key in ["rule", "rules"] {
        all.extend(fields.get(key, rules).map_err(bare)?.unwrap_or_default());
    }
    Ok(RuleSet {
        rules: all,
        default_channels: default_channels.unwrap_or_default(),
        ..set
    })
}

fn check_rule_channels(rule: &Rule, sets: &[&RuleSet]) -> Read<()> {
    check_names(&rule.channels, sets)?;
    for step in &rule.steps {
        check_names(&step.channels, sets)?;
    }
    let mut escalations = rule.escalate.iter();
    escalations.try_for_each(|escalation| check_names(&escalation.channels, sets))
}

fn check_names(names: &[String], sets: &[&RuleSet]) -> Read<()> {
    let own = OWN_CHANNELS.into_iter();
    let set_up = sets.iter().flat_map(|set| set.channels.keys());
    let known: Vec<&str> = own.chain(set_up.map(String::as_str)).collect();
    let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let near = nearest(unknown, known.iter().copied(), 1);
    let words = match near.first() {
        Some(near) => format!("there is no channel {unknown:?}; did you mean {near:?}?"),
        None => format!(
            "there is no channel {unknown:?}; there are {}",
            known.join(", ")
        ),
    };
    Err(Wrong {
        keys: vec!["channels".into()],
        words,
        span: None,
        character: None,
    })
}
