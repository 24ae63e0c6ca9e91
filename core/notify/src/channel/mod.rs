//! The kinds of channels. Each makes one attempt; when to try again is not theirs.

mod command;
mod command_run;
mod console;
mod email;
mod slack;
mod webhook;

use std::time::{Duration, Instant};

use log::Level;

use crate::Notification;
use crate::config::{ChannelConfig, ConsoleConfig, RetryConfig};
use crate::error::ConfigError;
use crate::failure::Failure;
use crate::secret::{Secret, mask};
use crate::text;
use crate::words::{self, Urgency};

pub(crate) use command::VARIABLES;
pub(crate) use email::check_subject;

/// Longest reason that is kept, in characters.
const LONGEST_REASON: usize = 1000;

/// One notification on its way; `id` is the same for all attempts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivery<'a> {
    pub(crate) about: &'a Notification,
    pub(crate) id: &'a str,
}

/// A channel that is ready for use.
#[derive(Debug)]
pub(crate) struct Channel {
    config: ChannelConfig,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Console(ConsoleConfig),
    Log,
    Command(command::Command),
    Webhook(Box<webhook::Webhook>),
    Email(Box<email::Email>),
}

impl Channel {
    /// Reads the environment variables that the configuration names.
    pub(crate) fn new(name: &str, config: ChannelConfig) -> Result<Channel, ConfigError> {
        config.check(name)?;
        let kind = match config.clone() {
            ChannelConfig::Console(console) => Kind::Console(console),
            ChannelConfig::Log(_) => Kind::Log,
            ChannelConfig::Command(command) => Kind::Command(command::Command::new(command)),
            ChannelConfig::Webhook(webhook) => {
                Kind::Webhook(Box::new(webhook::Webhook::new(*webhook)))
            }
            ChannelConfig::Email(email) => {
                let email = email::Email::new(*email).map_err(|reason| ConfigError {
                    channel: name.to_string(),
                    field: "to".into(),
                    reason,
                })?;
                Kind::Email(Box::new(email))
            }
        };
        Ok(Channel { config, kind })
    }

    pub(crate) fn retry(&self) -> RetryConfig {
        self.config.retry()
    }

    /// Makes one attempt. The answer is what is to be said of a success all the same; no
    /// text that comes back holds a secret or a control character.
    pub(crate) fn deliver(&self, delivery: Delivery<'_>) -> Result<Option<String>, Failure> {
        let mut secrets = Vec::new();
        let answer = match &self.kind {
            Kind::Console(config) => console::deliver(*config, delivery).map(|()| None),
            Kind::Log => {
                log(delivery.about);
                Ok(None)
            }
            Kind::Command(command) => command.deliver(delivery, &mut secrets).map(|()| None),
            Kind::Webhook(webhook) => webhook.deliver(delivery, &mut secrets).map(|()| None),
            Kind::Email(email) => email.deliver(delivery, &mut secrets),
        };
        let clean = |message: &str| text::one_line(&mask(message, &secrets), LONGEST_REASON);
        match answer {
            Ok(remark) => Ok(remark.map(|remark| clean(&remark))),
            Err(Failure { message, again }) => Err(Failure {
                message: clean(&message),
                again,
            }),
        }
    }
}

fn log(about: &Notification) {
    let level = match Urgency::of(about) {
        Urgency::Over | Urgency::Info => Level::Info,
        Urgency::Warning => Level::Warn,
        Urgency::Critical => Level::Error,
    };
    log::log!(target: "usm::alert", level, "{}", words::line(about));
}

fn deadline(timeout_seconds: f64) -> Instant {
    Instant::now() + Duration::from_secs_f64(timeout_seconds)
}

/// Notes a secret, to be masked in whatever text comes back.
fn note<'a>(secrets: &mut Vec<Secret>, secret: &'a Secret) -> &'a str {
    secrets.push(secret.clone());
    secret.reveal()
}
