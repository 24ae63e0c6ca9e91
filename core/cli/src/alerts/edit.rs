//! Changes of the rules, and taking note of an alert: what is written into the database, for
//! the monitor that reads it.

use std::path::PathBuf;

use clap::Args;
use usm_core::alert::{AlertSeverity, Rule, RuleSet};
use usm_core::{Error, Monitor};

use super::rules::{Rules, in_a_file, of_rule};
use super::{WHEN_EXAMPLES, check, lasting, name_of, read, rule_table, say};
use crate::failure::{Failure, Outcome};
use crate::found::heeded;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::users::Users;

const ADD_EXAMPLES: &str = "\
Examples:
  usm alerts add --name Busy --when 'cpu_percent > 90% clear 80%' --for 5m
  usm alerts add --name \"Var full\" --when 'filesystem_used_percent{mount=\"/var\"} > 85%' \\
      --severity critical --channel ops
  usm alerts add rules.toml
  usm alerts show Memory --toml > memory.toml    to be edited, then
  usm alerts add memory.toml";

/// Add rules, or put them in the place of those of their names.
#[derive(Debug, Args)]
#[command(after_help = format!("{ADD_EXAMPLES}\n\n{WHEN_EXAMPLES}"))]
pub(super) struct AddOptions {
    /// A file of rules as `usm alerts rules --toml` writes them; - for standard input.
    #[arg(required_unless_present = "when", conflicts_with = "when")]
    file: Option<PathBuf>,
    /// What must hold.
    #[arg(long, value_name = "CONDITION", requires = "name")]
    when: Option<String>,
    /// Name of the rule.
    #[arg(long, requires = "when")]
    name: Option<String>,
    /// What it is for.
    #[arg(long, value_name = "TEXT", requires = "when")]
    description: Option<String>,
    /// For how long it must hold before it fires, e.g. 5m.
    #[arg(long = "for", value_name = "STRETCH", requires = "when", value_parser = lasting)]
    hold: Option<f64>,
    /// For how long it must not hold before it is over.
    #[arg(long, value_name = "STRETCH", requires = "when", value_parser = lasting)]
    clear_for: Option<f64>,
    /// For how long it is quiet after its end.
    #[arg(long, value_name = "STRETCH", requires = "when", value_parser = lasting)]
    cooldown: Option<f64>,
    /// How bad it is: info, warning (unless given), critical or emergency.
    #[arg(long, requires = "when", value_parser = severity)]
    severity: Option<AlertSeverity>,
    /// Its words; {series}, {value}, {threshold} and others stand for what they say.
    #[arg(long, value_name = "TEXT", requires = "when")]
    message: Option<String>,
    /// A channel that is told; may be given several times.
    #[arg(long, requires = "when")]
    channel: Vec<String>,
}

fn severity(text: &str) -> Result<AlertSeverity, String> {
    let known = AlertSeverity::ALL.into_iter();
    let mut alike = known.filter(|severity| severity.name().eq_ignore_ascii_case(text.trim()));
    alike
        .next()
        .ok_or_else(|| "info, warning, critical or emergency".into())
}

impl AddOptions {
    /// The rule that the options describe.
    fn rule(&self, name: &str, when: &str) -> Outcome<Rule> {
        let mut rule = Rule::from_expression(name, when)
            .map_err(|error| Failure::usage(&error.to_string(), Some(WHEN_EXAMPLES)))?;
        if let Some(description) = &self.description {
            rule.description.clone_from(description);
        }
        rule.for_seconds = self.hold.unwrap_or(rule.for_seconds);
        rule.clear_for_seconds = self.clear_for.unwrap_or(rule.clear_for_seconds);
        rule.cooldown_seconds = self.cooldown.unwrap_or(rule.cooldown_seconds);
        rule.severity = self.severity.unwrap_or(rule.severity);
        rule.message = self.message.clone().or(rule.message);
        rule.channels.clone_from(&self.channel);
        rule.check().map_err(|error| of_rule(&error))?;
        Ok(rule)
    }
}

pub(super) fn add(options: &AddOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let rules = Rules::read(global)?;
    let new = match (&options.name, &options.when, &options.file) {
        (Some(name), Some(when), _) => {
            let rule = options.rule(name, when)?;
            let mut set = rules.set();
            set.put(rule.clone());
            set.check_channels().map_err(|error| of_channel(&error))?;
            vec![rule]
        }
        (_, _, Some(file)) => {
            let text = in_a_file(&read(file)?);
            let name = name_of(file);
            let set = RuleSet::parse_over(&rules.set(), &text, &name)
                .map_err(|error| check::refused(&error, &text, out))?;
            of_file(set, &name)?
        }
        _ => return Err(Failure::lacking("name a FILE, or say --when", ADD_EXAMPLES)),
    };
    let monitor = Monitor::new(global.settings()?)?;
    for rule in &new {
        let is_known = rules.list.iter().any(|one| one.rule.name == rule.name);
        let rule = monitor
            .set_alert_rule(&rule_table::as_file(rule))
            .map_err(of_change)?;
        let what = match is_known {
            true => "is changed",
            false => "is added",
        };
        say(
            &format!("The rule {} {what}: {}", rule.name, rule.when),
            out,
        )?;
    }
    Ok(())
}

/// The rules of a file; what else may be in one has no place in the database.
fn of_file(set: RuleSet, name: &str) -> Outcome<Vec<Rule>> {
    if !set.channels.is_empty() || !set.default_channels.is_empty() {
        return Err(Failure::usage(
            &format!("{name}: channels can't be added: they may hold secrets"),
            Some("channels are set up in the rules' file, see `usm alerts channels`"),
        ));
    }
    match set.rules.is_empty() {
        true => Err(Failure::usage(&format!("{name}: no rule is in it"), None)),
        false => Ok(set.rules),
    }
}

fn of_channel(error: &Error) -> Failure {
    Failure::usage(
        &error.to_string(),
        Some("`usm alerts channels` lists the channels"),
    )
}

/// A change that could not be made.
pub(super) fn of_change(error: Error) -> Failure {
    match error {
        Error::InvalidArgument { .. } | Error::Malformed { .. } => of_rule(&error),
        other => other.into(),
    }
}

pub(super) fn remove(name: &str, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let rules = Rules::read(global)?;
    let one = rules.named(name)?;
    let name = one.rule.name.as_str();
    let removed = one.from == super::Origin::Database && {
        let monitor = Monitor::new(global.settings()?)?;
        monitor.remove_alert_rule(name).map_err(of_change)?
    };
    if !removed {
        return Err(Failure::new(
            &format!(
                "the rule {name} is not of the database but {}",
                one.from.words()
            ),
            Some("`usm alerts disable RULE` switches any rule off"),
        ));
    }
    let text = match one.is_builtin_name {
        true => format!("The rule {name} is again as it was before."),
        false => format!("The rule {name} is removed."),
    };
    say(&text, out)
}

pub(super) fn switch(
    name: &str,
    enabled: bool,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let rules = Rules::read(global)?;
    // It may be one severity of a rule, too.
    rules
        .set()
        .switched(name, enabled)
        .map_err(|error| of_rule(&error))?;
    let monitor = Monitor::new(global.settings()?)?;
    monitor
        .enable_alert_rule(name, enabled)
        .map_err(of_change)?;
    let how = if enabled { "on" } else { "off" };
    say(&format!("The rule {name} is switched {how}."), out)
}

/// Take note of an alert: nobody else is told of it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  usm alerts ack 17\n  usm alerts ack 17 --by ann --note \"on it\"\n\nA monitor in another process takes note with its next sample."
)]
pub(super) struct AckOptions {
    /// Its number, as `usm alerts` tells it.
    id: u64,
    /// Who takes note; this user unless given.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// What there is to be said.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(super) fn acknowledge(
    options: &AckOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let config = global.settings()?;
    let by = options.by.clone().unwrap_or_else(|| this_user(&config));
    let monitor = Monitor::new(config)?;
    monitor
        .acknowledge_alert(options.id, &by, options.note.as_deref())
        .map_err(|error| match error {
            Error::InvalidArgument { .. } => Failure::usage(
                &error.to_string(),
                Some("`usm alerts` lists what fires, with its numbers"),
            ),
            other => other.into(),
        })?;
    let heeded = heeded(global)?;
    say(
        &format!("{by} took note of alert {}.{heeded}", options.id),
        out,
    )
}

/// Name of the user that this process runs as.
pub(crate) fn this_user(config: &usm_core::Config) -> String {
    Users::read(&config.roots()).name(rustix::process::getuid().as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_severity_is_named_in_any_letters() {
        assert_eq!(severity("Critical"), Ok(AlertSeverity::Critical));
        assert!(severity("bad").unwrap_err().contains("emergency"));
    }

    #[test]
    fn a_file_of_rules_may_hold_nothing_else() {
        let set = |text: &str| RuleSet::parse(text, "x.toml").unwrap();
        let rule = "[[rule]]\nname = \"A\"\nwhen = \"cpu_percent > 90%\"\n";
        assert_eq!(of_file(set(rule), "x.toml").unwrap().len(), 1);
        let channel = format!("{rule}\n[channels.ops]\ntype = \"log\"\n");
        let failure = of_file(set(&channel), "x.toml").unwrap_err();
        assert!(failure.text().unwrap().contains("secrets"), "{failure:?}");
        assert_eq!(of_file(set(""), "x.toml").unwrap_err().code(), 2);
    }
}
