//! Rules as tables: read with the place of what is wrong, written so that they are read back
//! as they were.

use serde_json::{Map, Value};

use super::condition::{Check, Comparison, Condition, quantity_of, seconds_of};
use super::node::{Content, Fields, Node, Read, Wrong, number_value};
use super::quantity::seconds_text;
use super::rule::{Escalation, Flapping, Step};
use super::{AlertSeverity, Rule, RuleSet};
use crate::config::nearest;
use crate::series::{Family, Unit, catalog, shown_labels};

/// Most letters of a name, steps and escalations of a rule.
const LONGEST_NAME: usize = 100;
const MOST_STEPS: usize = 16;

/// Keys of a rule.
const KEYS: [&str; 15] = [
    "name",
    "description",
    "enabled",
    "when",
    "threshold",
    "clear",
    "for",
    "clear_for",
    "severity",
    "steps",
    "cooldown",
    "channels",
    "escalate",
    "flapping",
    "forget_after",
];
const MESSAGE_KEY: &str = "message";

/// Keys of a step beside the comparisons.
const STEP_KEYS: [&str; 7] = [
    "clear", "when", "for", "severity", "name", "enabled", "channels",
];

/// Reads one rule of a text of TOML.
pub(super) fn one_of_toml(text: &str, base: &RuleSet) -> Read<Rule> {
    let node = Node::parse_toml(text)?;
    let Content::Table(table) = &node.value else {
        return Err(node.wrong("a table"));
    };
    match table.as_slice() {
        [(key, _, list)] if key == "rule" => match list.list().unwrap_or_default() {
            [one] => read(one, base),
            _ => Err(list.wrong("one rule")),
        },
        _ => read(&node, base),
    }
}

/// Reads a rule. What it leaves out is taken from the rule of its name in `base`.
pub(super) fn read(node: &Node, base: &RuleSet) -> Read<Rule> {
    let keys: Vec<&str> = KEYS.iter().copied().chain([MESSAGE_KEY]).collect();
    let fields = node.table(&keys)?;
    let name = fields.get("name", |node| Ok(node.text()?.to_owned()))?;
    let name = name.ok_or_else(|| fields.wrong("the rule has no `name`"))?;
    let named = |wrong: Wrong| match wrong.keys.first().map(String::as_str) {
        Some("name") => wrong,
        _ => wrong.within(&format!("rule {name:?}")),
    };
    read_named(&fields, &name, base).map_err(named)
}

fn read_named(fields: &Fields<'_>, name: &str, base: &RuleSet) -> Read<Rule> {
    let known = base.get(name);
    let mut rule = known.cloned().unwrap_or_else(|| Rule {
        name: name.to_owned(),
        ..Rule::default()
    });
    match fields.get("when", Condition::read)? {
        Some(when) => {
            if rule.when != when && !fields.has("steps") {
                // Limits of another condition.
                rule.steps.clear();
            }
            rule.when = when;
        }
        None if known.is_none() => {
            let names = base.rules.iter().map(|rule| rule.name.as_str());
            let words = match nearest(name, names, 1).first() {
                Some(near) => format!(
                    "it has no `when`, and there is no built-in rule of this name; did you mean \
                     {near:?}?"
                ),
                None => {
                    "it has no `when`: what must hold, e.g. when = \"cpu_percent > 90%\"".into()
                }
            };
            return Err(fields.wrong(words));
        }
        None => {}
    }
    let unit = primary_unit(&rule);
    let limit = |node: &Node| {
        let unit = unit.ok_or_else(|| {
            node.wrong("possible here: the condition has no comparison to one side")
        })?;
        quantity_of(node, unit)
    };
    if let Some(threshold) = fields.get("threshold", limit)? {
        let set = rule.set_limit(threshold);
        set.map_err(|error| fields.wrong(error.to_string()).within("threshold"))?;
    }
    if let Some(level) = fields.get("clear", limit)?
        && let Some(Check::Compare { clear, .. }) = rule.when.primary_mut()
    {
        *clear = Some(level);
    }
    set(&mut rule.description, fields.get("description", text)?);
    set(&mut rule.enabled, fields.get("enabled", Node::flag)?);
    set(&mut rule.for_seconds, fields.get("for", seconds_of)?);
    set(
        &mut rule.clear_for_seconds,
        fields.get("clear_for", seconds_of)?,
    );
    set(&mut rule.severity, fields.get("severity", severity)?);
    set(
        &mut rule.cooldown_seconds,
        fields.get("cooldown", seconds_of)?,
    );
    set(&mut rule.channels, fields.get("channels", names)?);
    set(&mut rule.escalate, fields.get("escalate", escalations)?);
    set(&mut rule.flapping, fields.get("flapping", flapping)?);
    set(
        &mut rule.forget_after_seconds,
        fields.get("forget_after", seconds_of)?,
    );
    if let Some(message) = fields.get(MESSAGE_KEY, text)? {
        rule.message = Some(message).filter(|message| !message.is_empty());
    }
    let comparison = rule.comparison();
    let read_steps = |node: &Node| {
        let list = node.list()?.iter();
        list.map(|node| step(node, comparison, unit)).collect()
    };
    set(&mut rule.steps, fields.get("steps", read_steps)?);
    check(&rule).map_err(|wrong| {
        // Where the key that is to blame stands.
        let span = fields.span_of(wrong.keys.first().map_or("", String::as_str));
        wrong.at(&span)
    })?;
    Ok(rule)
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn text(node: &Node) -> Read<String> {
    Ok(node.text()?.to_owned())
}

fn names(node: &Node) -> Read<Vec<String>> {
    match &node.value {
        Content::Text(name) => Ok(vec![name.clone()]),
        _ => node.list()?.iter().map(text).collect(),
    }
}

fn severity(node: &Node) -> Read<AlertSeverity> {
    let written = node.text()?;
    let lower = written.to_ascii_lowercase();
    let found = AlertSeverity::ALL.into_iter().find(|s| s.name() == lower);
    found.ok_or_else(|| {
        let names = AlertSeverity::ALL.map(AlertSeverity::name);
        let begins = names
            .into_iter()
            .find(|name| lower.len() > 1 && name.starts_with(&lower));
        let near = nearest(&lower, names.into_iter(), 1);
        match begins.as_ref().or(near.first()) {
            Some(near) => node.wrong(&format!("a severity; did you mean {near}?")),
            None => node.wrong(&format!("one of {}", names.join(", "))),
        }
    })
}

fn flapping(node: &Node) -> Read<Flapping> {
    if node.flag() == Ok(false) {
        return Ok(Flapping {
            changes: 0,
            ..Flapping::default()
        });
    }
    let fields = node.table(&["changes", "within"])?;
    let usual = Flapping::default();
    let changes = |node: &Node| match &node.value {
        Content::Number(number) if number.fract() == 0.0 && (0.0..=1000.0).contains(number) => {
            Ok(*number as u32)
        }
        _ => Err(node.wrong("a whole number from 0 to 1000")),
    };
    Ok(Flapping {
        changes: fields.get("changes", changes)?.unwrap_or(usual.changes),
        within_seconds: fields
            .get("within", seconds_of)?
            .unwrap_or(usual.within_seconds),
    })
}

fn escalations(node: &Node) -> Read<Vec<Escalation>> {
    let one = |node: &Node| -> Read<Escalation> {
        let fields = node.table(&["after", "severity", "channels"])?;
        let after = fields.get("after", seconds_of)?;
        Ok(Escalation {
            after_seconds: after
                .ok_or_else(|| fields.wrong("`after` is missing: how long nobody took note"))?,
            severity: fields.get("severity", severity)?,
            channels: fields.get("channels", names)?.unwrap_or_default(),
        })
    };
    node.list()?.iter().map(one).collect()
}

fn step(node: &Node, comparison: Option<Comparison>, unit: Option<Unit>) -> Read<Step> {
    let signs = Comparison::ALL.map(|(_, _, key)| key);
    let keys: Vec<&str> = STEP_KEYS.iter().copied().chain(signs).collect();
    let fields = node.table(&keys)?;
    let own = Comparison::ALL
        .iter()
        .find(|(c, _, _)| Some(*c) == comparison);
    let own = own.map(|(_, _, key)| *key);
    let written = fields.among(&signs);
    // `above` stands for `at_least` and the other way about: the rule says which it is.
    let same_side = |key: &str| {
        let named = Comparison::ALL.iter().find(|(_, _, name)| *name == key);
        named.map(|(c, _, _)| c.direction()) == comparison.map(Comparison::direction)
    };
    let limit = match written.as_slice() {
        [] => None,
        [key] if own.is_some() && same_side(key) => {
            fields.get(key, |node| quantity_of(node, unit.unwrap_or(Unit::Number)))?
        }
        [key] => {
            return Err(fields.wrong(match own {
                Some(own) => {
                    format!("`{key}` is not to the side of the rule's own limit: use `{own}`")
                }
                None => format!(
                    "`{key}` needs a rule whose condition has a comparison to one side; use `when`"
                ),
            }));
        }
        _ => return Err(fields.wrong(format!("only one of {} may stand here", written.join(", ")))),
    };
    let level = |node: &Node| quantity_of(node, unit.unwrap_or(Unit::Number));
    let when = fields.get("when", Condition::read)?;
    if limit.is_none() && when.is_none() && !fields.has("severity") {
        return Err(fields.wrong("the step says neither a limit nor `when`"));
    }
    let clear = fields.get("clear", level)?;
    if clear.is_some() && limit.is_none() {
        return Err(fields.wrong("`clear` needs a limit beside it"));
    }
    Ok(Step {
        limit,
        clear,
        when,
        for_seconds: fields.get("for", seconds_of)?.unwrap_or(0.0),
        severity: fields
            .get("severity", severity)?
            .ok_or_else(|| fields.wrong("the step has no `severity`"))?,
        name: fields.get("name", text)?,
        enabled: fields.get("enabled", Node::flag)?.unwrap_or(true),
        channels: fields.get("channels", names)?.unwrap_or_default(),
    })
}

/// Unit of the first comparison to one side.
fn primary_unit(rule: &Rule) -> Option<Unit> {
    Some(rule.when.primary()?.1.unit())
}

/// Checks what can't be seen of a key alone.
pub(super) fn check(rule: &Rule) -> Read<()> {
    let refuse = |key: &str, words: String| Wrong {
        keys: vec![key.to_owned()],
        words,
        span: None,
        character: None,
    };
    let name = rule.name.trim();
    if name.is_empty() || name != rule.name || rule.name.chars().count() > LONGEST_NAME {
        let words = format!("a name has 1 to {LONGEST_NAME} characters and no blanks around it");
        return Err(refuse("name", words));
    }
    if rule.name.chars().any(char::is_control) {
        return Err(refuse("name", "a name has no control characters".into()));
    }
    let checked = rule.when.check();
    checked.map_err(|words| refuse("when", words))?;
    for (key, seconds) in [
        ("for", rule.for_seconds),
        ("clear_for", rule.clear_for_seconds),
        ("cooldown", rule.cooldown_seconds),
        ("forget_after", rule.forget_after_seconds),
        ("flapping", rule.flapping.within_seconds),
    ] {
        if !(seconds >= 0.0 && seconds.is_finite()) {
            return Err(refuse(key, format!("{seconds} is no stretch of time")));
        }
    }
    if rule.steps.len() > MOST_STEPS || rule.escalate.len() > MOST_STEPS {
        return Err(refuse(
            "steps",
            format!("a rule has at most {MOST_STEPS} of them"),
        ));
    }
    for step in &rule.steps {
        check_step(rule, step).map_err(|words| refuse("steps", words))?;
    }
    let delays: Vec<f64> = rule.escalate.iter().map(|e| e.after_seconds).collect();
    if !delays.is_sorted() || delays.iter().any(|delay| !delay.is_finite()) {
        let words = "the delays `after` must go from short to long".into();
        return Err(refuse("escalate", words));
    }
    match &rule.message {
        Some(message) => check_message(rule, message).map_err(|words| refuse(MESSAGE_KEY, words)),
        None => Ok(()),
    }
}

fn check_step(rule: &Rule, step: &Step) -> Result<(), String> {
    if !(step.for_seconds >= 0.0 && step.for_seconds.is_finite()) {
        return Err(format!("for: {} is no stretch of time", step.for_seconds));
    }
    if let Some(limit) = step.limit {
        let (Some(own), Some(comparison)) = (rule.limit(), rule.comparison()) else {
            let words = "a limit needs a rule whose condition has a comparison to one side";
            return Err(words.into());
        };
        let further = comparison.direction() * (limit - own);
        if !(further >= 0.0 && limit.is_finite()) {
            return Err(format!(
                "the limit {limit} is never reached before the rule's own, {own}"
            ));
        }
        let beside = |clear: f64| comparison.direction() * (limit - clear) >= 0.0;
        if let Some(clear) = step.clear.filter(|clear| !beside(*clear)) {
            return Err(format!("the clear level {clear} is past the limit {limit}"));
        }
    }
    match &step.when {
        Some(when) => {
            let both = Condition::all(vec![rule.when.clone(), when.clone()]);
            both.check()
        }
        None => Ok(()),
    }
}

fn check_message(rule: &Rule, message: &str) -> Result<(), String> {
    let labels = family_of(&rule.when).map(|family| {
        let labels = shown_labels(family).map(|(_, name)| name);
        labels.collect::<Vec<_>>()
    });
    let known: Vec<&str> = Rule::PLACES
        .into_iter()
        .chain(labels.unwrap_or_default())
        .collect();
    for part in parts(message) {
        let Part::Place(place) = part else { continue };
        if known.contains(&place) {
            continue;
        }
        return Err(match nearest(place, known.iter().copied(), 1).first() {
            Some(near) => format!("there is no {{{place}}}; did you mean {{{near}}}?"),
            None => format!("there is no {{{place}}}; there are {}", known.join(", ")),
        });
    }
    Ok(())
}

/// The family whose entities are told apart; `None` when all is of the machine.
pub(super) fn family_of(condition: &Condition) -> Option<Family> {
    let mut families = condition.tests().into_iter().filter_map(|test| {
        let metric = catalog::by_name(&test.series.metric)?;
        let has_entities = !metric.family.label_names().is_empty();
        let is_joined = has_entities && !matches!(test.check, Check::Absent { .. });
        is_joined.then_some(metric.family)
    });
    families.next()
}

/// A part of a message.
pub(super) enum Part<'a> {
    Words(&'a str),
    Place(&'a str),
}

/// The parts of a message; a brace that encloses no name stands for itself.
pub(super) fn parts(message: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = message;
    while let Some(open) = rest.find('{') {
        let (words, place) = rest.split_at(open);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = place[1..].find(|c| !is_name(c)).unwrap_or(place.len() - 1);
        if end > 0 && place[1 + end..].starts_with('}') {
            parts.push(Part::Words(words));
            parts.push(Part::Place(&place[1..1 + end]));
            rest = &place[end + 2..];
        } else {
            parts.push(Part::Words(&rest[..=open]));
            rest = &place[1..];
        }
    }
    parts.push(Part::Words(rest));
    parts
}

/// The table of a rule, without what is as usual.
pub(super) fn to_json(rule: &Rule) -> Value {
    let usual = Rule::default();
    let mut table = Map::new();
    let mut put = |key: &str, value: Value| drop(table.insert(key.to_owned(), value));
    let time = |seconds: f64| Value::String(seconds_text(seconds));
    put("name", rule.name.clone().into());
    put("description", rule.description.clone().into());
    put("enabled", rule.enabled.into());
    put("when", rule.when.to_string().into());
    put("for", time(rule.for_seconds));
    put("clear_for", time(rule.clear_for_seconds));
    put("severity", rule.severity.name().into());
    put("cooldown", time(rule.cooldown_seconds));
    put("channels", rule.channels.clone().into());
    put("forget_after", time(rule.forget_after_seconds));
    if rule.flapping != usual.flapping || is_builtin(&rule.name) {
        let mut flapping = Map::new();
        flapping.insert("changes".into(), rule.flapping.changes.into());
        flapping.insert("within".into(), time(rule.flapping.within_seconds));
        put("flapping", Value::Object(flapping));
    }
    // An empty text or list takes back what the built-in rule of the name has.
    put(MESSAGE_KEY, rule.message.clone().unwrap_or_default().into());
    let own = Comparison::ALL
        .iter()
        .find(|(c, _, _)| Some(*c) == rule.comparison());
    let sign = own.map_or("above", |(_, _, key)| *key);
    let steps: Vec<Value> = rule
        .steps
        .iter()
        .map(|step| step_json(step, sign))
        .collect();
    put("steps", steps.into());
    let escalate: Vec<Value> = rule.escalate.iter().map(escalation_json).collect();
    put("escalate", escalate.into());
    Value::Object(table)
}

fn is_builtin(name: &str) -> bool {
    RuleSet::usual().get(name).is_some()
}

fn step_json(step: &Step, sign: &str) -> Value {
    let mut table = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            table.insert(key.to_owned(), value);
        }
    };
    put(sign, step.limit.map(number_value));
    put("clear", step.clear.map(number_value));
    put(
        "when",
        step.when.as_ref().map(|when| when.to_string().into()),
    );
    let held = (step.for_seconds > 0.0).then(|| seconds_text(step.for_seconds).into());
    put("for", held);
    put("severity", Some(step.severity.name().into()));
    put("name", step.name.clone().map(Value::String));
    put("enabled", (!step.enabled).then_some(Value::Bool(false)));
    let channels = (!step.channels.is_empty()).then(|| step.channels.clone().into());
    put("channels", channels);
    Value::Object(table)
}

fn escalation_json(escalation: &Escalation) -> Value {
    let mut table = Map::new();
    table.insert(
        "after".into(),
        seconds_text(escalation.after_seconds).into(),
    );
    if let Some(severity) = escalation.severity {
        table.insert("severity".into(), severity.name().into());
    }
    if !escalation.channels.is_empty() {
        table.insert("channels".into(), escalation.channels.clone().into());
    }
    Value::Object(table)
}
