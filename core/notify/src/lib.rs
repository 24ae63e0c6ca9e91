//! Notification channels of the Unified System Monitor: console, log, command, webhook and
//! e-mail, each with time-out, retries and a recorded outcome.
//!
//! ```text
//! send ──▶ queue of the channel ──▶ its thread: attempt ─ wait ─ attempt ──▶ outcome
//! ```
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::sync::Arc;
//! use std::time::Duration;
//! use usm_notify::{ChannelConfig, Notification, Notifier};
//!
//! let channels: BTreeMap<String, ChannelConfig> = toml::from_str(r#"
//!     [terminal]
//!     type = "console"
//! "#)?;
//! let notifier = Notifier::new(channels, Box::new(|outcome| assert!(outcome.ok)))?;
//! notifier.send(&["terminal"], Arc::new(Notification {
//!     rule: "disk-full".into(),
//!     status: "firing".into(),
//!     severity: "critical".into(),
//!     title: "/ is 97 % full".into(),
//!     ..Notification::default()
//! }));
//! assert!(notifier.close(Duration::from_secs(5)));
//! assert_eq!(notifier.counts().delivered, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The channels' tables
//!
//! Every field that is not marked as needed may be left out, and has then the value that is
//! shown. An unknown field is refused. `retry` and `timeout_seconds` mean the same in all
//! three channels that have them.
//!
//! ```toml
//! [channels.terminal]
//! type = "console"
//! stream = "stderr"               # or "stdout"
//! color = "auto"                  # on a terminal and without NO_COLOR; "always", "never"
//!
//! [channels.journal]
//! type = "log"                    # the program's own log, target usm::alert
//!
//! [channels.pager]
//! type = "command"
//! argv = ["/usr/local/bin/page", "--team", "ops"]   # needed; no shell reads it
//! env = { PAGER_TOKEN = "…" }     # beside the program's environment; shown as ***
//! timeout_seconds = 10            # then its process group is ended
//! retry = { tries = 5, first_wait_seconds = 1, longest_wait_seconds = 60, total_seconds = 300 }
//!
//! [channels.hook]
//! type = "webhook"
//! url = "https://monitor.example.org/alerts"   # needed; or url_env, url_file
//! format = "json"                 # or "slack"
//! headers = { X-Team = "ops" }    # shown as ***
//! token_file = "/etc/usm/token"   # Authorization: Bearer; or token_env; by default none
//! sign_env = "HOOK_KEY"           # X-USM-Signature, HMAC-SHA256; or sign_file; by default none
//! proxy = "http://proxy:3128"     # by default there is none, whatever the environment says
//! ca_file = "/etc/usm/ca.pem"     # trusted in place of the system's certificates
//! timeout_seconds = 10
//!
//! [channels.slack]
//! type = "webhook"
//! format = "slack"
//! url_env = "SLACK_WEBHOOK_URL"   # the address is a secret
//!
//! [channels.mail]
//! type = "email"
//! server = "mail.example.org"     # needed
//! port = 587                      # by default 587 (starttls), 465 (tls), 25 (none)
//! security = "starttls"           # or "tls", "none"; never less than what is asked for
//! user = "usm"                    # by default there is no login
//! password_file = "/etc/usm/mail-password"     # or password_env
//! from = "Monitor <usm@example.org>"           # needed
//! to = ["ops@example.org"]        # needed
//! subject = "[{severity}] {status}: {title} ({host})"   # also {rule}, {metric}, {value}
//! ca_file = "/etc/usm/ca.pem"     # trusted in place of the system's certificates
//! timeout_seconds = 30
//! ```
//!
//! # What a command gets
//!
//! The [`Notification`] as JSON on standard input, and in short form the variables
//! `USM_ALERT_ID`, `_RULE`, `_STATUS`, `_SEVERITY`, `_TITLE`, `_MESSAGE`, `_METRIC`,
//! `_VALUE`, `_THRESHOLD`, `_HOST`, `_TIMESTAMP`, `_SINCE`, `_DELIVERY` and one
//! `USM_ALERT_LABEL_NAME` for each label, all on one line and without control characters;
//! what is absent is not set. Exit code 0 is success, 75 asks for another try, any other is
//! a failure; the end of what it wrote is then in the outcome.
//!
//! # Secrets
//!
//! Passwords, tokens, keys, headers and the paths of addresses are in no `Debug`, error,
//! outcome or log. An environment variable is read when the channels are set, a file at
//! each delivery.

mod channel;
mod config;
mod error;
mod failure;
mod net;
mod notification;
mod notifier;
mod outcome;
mod retry;
mod secret;
mod sys;
mod text;
mod words;

pub use config::{
    ChannelConfig, Color, CommandConfig, ConsoleConfig, EmailConfig, Format, LogConfig,
    RetryConfig, Security, Stream, WebhookConfig,
};
pub use error::{ConfigError, Error};
pub use notification::Notification;
pub use notifier::{Notifier, OnOutcome};
pub use outcome::{Counts, Outcome};
pub use secret::Secret;
