//! A program that is started for each notification.

use std::collections::BTreeMap;
use std::io;
use std::process;

use super::{Delivery, command_run, deadline, note};
use crate::Notification;
use crate::config::CommandConfig;
use crate::failure::Failure;
use crate::secret::{Secret, mask_piece};
use crate::text;
use crate::words;

/// How the variables begin that hold the notification.
pub(crate) const VARIABLES: &str = "USM_ALERT_";

/// Longest value of a variable, in characters; the JSON on standard input is whole.
const LONGEST_VALUE: usize = 4000;

const MOST_LABELS: usize = 100;

/// By convention (sysexits.h): a passing fault, try again later.
const TEMPORARY: i32 = 75;

/// A command and how it is run.
#[derive(Debug)]
pub(super) struct Command {
    config: CommandConfig,
}

impl Command {
    pub(super) fn new(config: CommandConfig) -> Command {
        Command { config }
    }

    pub(super) fn deliver(
        &self,
        delivery: Delivery<'_>,
        secrets: &mut Vec<Secret>,
    ) -> Result<(), Failure> {
        let [program, arguments @ ..] = self.config.argv.as_slice() else {
            return Err(Failure::final_("argv: empty"));
        };
        let input = serde_json::to_vec(delivery.about)
            .map_err(|error| Failure::final_(format!("writing the JSON: {error}")))?;
        let mut command = process::Command::new(program);
        command.args(arguments);
        for (name, value) in &self.config.env {
            command.env(name, note(secrets, value));
        }
        command.envs(variables(delivery));
        let run = command_run::run(&mut command, &input, deadline(self.config.timeout_seconds));
        let mut end = run.map_err(|error| {
            let message = format!("starting {program}: {error}");
            match error.kind() {
                // Too many processes, no memory: that may pass.
                io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory => Failure::passing(message),
                _ => Failure::final_(message),
            }
        })?;
        end.said = mask_piece(&end.said, secrets);
        judged(program, self.config.timeout_seconds, end)
    }
}

fn judged(program: &str, timeout_seconds: f64, end: command_run::End) -> Result<(), Failure> {
    let said = |what: String| match end.said.is_empty() {
        true => format!("{program}: {what}"),
        false => format!("{program}: {what}: {}", end.said),
    };
    if end.timed_out {
        let what = format!("not done after {timeout_seconds} s, ended");
        return Err(Failure::passing(said(what)));
    }
    match end.status {
        Some(status) if status.success() => Ok(()),
        Some(status) if status.code() == Some(TEMPORARY) => {
            Err(Failure::passing(said(status.to_string())))
        }
        Some(status) => Err(Failure::final_(said(status.to_string()))),
        None => Err(Failure::final_(said(
            "its exit status went to another wait of this program, or SIGCHLD is ignored".into(),
        ))),
    }
}

/// The notification as variables. What is absent is not set.
fn variables(delivery: Delivery<'_>) -> BTreeMap<String, String> {
    let about: &Notification = delivery.about;
    let stamp = |stamp: f64| stamp.is_finite().then(|| stamp.to_string());
    let fixed = [
        ("ID", Some(about.alert_id.to_string())),
        ("RULE", Some(about.rule.clone())),
        ("STATUS", Some(about.status.clone())),
        ("SEVERITY", Some(about.severity.clone())),
        ("TITLE", Some(words::title(about).to_string())),
        ("MESSAGE", Some(about.message.clone())),
        ("METRIC", about.metric.clone()),
        ("VALUE", about.value.and_then(stamp)),
        ("THRESHOLD", about.threshold.and_then(stamp)),
        ("HOST", Some(about.host.clone())),
        ("TIMESTAMP", stamp(about.timestamp)),
        ("SINCE", about.since.and_then(stamp)),
        ("DELIVERY", Some(delivery.id.to_string())),
    ];
    let mut variables = BTreeMap::new();
    for (name, value) in &about.labels[..about.labels.len().min(MOST_LABELS)] {
        let name = text::one_line(name, 100);
        let name = name.chars().map(|c| match c.is_ascii_alphanumeric() {
            true => c.to_ascii_uppercase(),
            false => '_',
        });
        let name = format!("{VARIABLES}LABEL_{}", String::from_iter(name));
        variables.insert(name, text::one_line(value, LONGEST_VALUE));
    }
    for (name, value) in fixed {
        if let Some(value) = value {
            variables.insert(
                format!("{VARIABLES}{name}"),
                text::one_line(&value, LONGEST_VALUE),
            );
        }
    }
    variables
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
