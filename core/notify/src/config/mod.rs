//! What a table `[channels.NAME]` holds. [`ChannelConfig::check`] says what is wrong with it.

mod check;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::secret::Secret;

/// One channel. The field `type` says which kind; an unknown field is refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ChannelConfig {
    /// A line on the program's own terminal.
    Console(ConsoleConfig),
    /// A record of the `log` facade, target `usm::alert`.
    Log(LogConfig),
    /// A program that is started for each notification.
    Command(CommandConfig),
    /// An HTTP POST.
    Webhook(Box<WebhookConfig>),
    /// A mail, by SMTP.
    Email(Box<EmailConfig>),
}

impl ChannelConfig {
    /// The kind, as it stands in `type`.
    pub fn kind(&self) -> &'static str {
        match self {
            ChannelConfig::Console(_) => "console",
            ChannelConfig::Log(_) => "log",
            ChannelConfig::Command(_) => "command",
            ChannelConfig::Webhook(_) => "webhook",
            ChannelConfig::Email(_) => "email",
        }
    }

    /// How often it is tried; console and log never try again.
    pub(crate) fn retry(&self) -> RetryConfig {
        match self {
            ChannelConfig::Console(_) | ChannelConfig::Log(_) => RetryConfig {
                tries: 1,
                ..RetryConfig::default()
            },
            ChannelConfig::Command(command) => command.retry,
            ChannelConfig::Webhook(webhook) => webhook.retry,
            ChannelConfig::Email(email) => email.retry,
        }
    }
}

/// See [`ChannelConfig::Console`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Where the line goes.
    pub stream: Stream,
    /// Whether it is coloured by severity.
    pub color: Color,
}

/// Where the console's lines go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard error.
    #[default]
    Stderr,
    /// Standard output.
    Stdout,
}

/// Whether the console's lines are coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// See [`ChannelConfig::Log`].
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {}

/// See [`ChannelConfig::Command`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandConfig {
    /// The program and its arguments. No shell reads them, and nothing is put into them.
    pub argv: Vec<String>,
    /// Variables beside those of the program's own environment and the `USM_ALERT_*`.
    #[serde(default)]
    pub env: BTreeMap<String, Secret>,
    /// Longest run, in seconds; then its process group is ended.
    #[serde(default = "ten_seconds")]
    pub timeout_seconds: f64,
    /// Tried again after a time-out and after the exit code 75 (EX_TEMPFAIL).
    #[serde(default)]
    pub retry: RetryConfig,
}

/// See [`ChannelConfig::Webhook`]. Of the three `url`, `url_env` and `url_file` exactly one
/// is needed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where to; shown without its path, which is often a secret.
    pub url: Option<Secret>,
    /// Environment variable that holds the address.
    pub url_env: Option<String>,
    /// File that holds the address.
    pub url_file: Option<PathBuf>,
    /// Form of the body.
    #[serde(default)]
    pub format: Format,
    /// Headers beside those of the format.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
    /// Environment variable that holds a token for `Authorization: Bearer`.
    pub token_env: Option<String>,
    /// File that holds a token for `Authorization: Bearer`.
    pub token_file: Option<PathBuf>,
    /// Environment variable that holds the key that the body is signed with:
    /// `X-USM-Signature: sha256=` and the HMAC-SHA256 of the body in hexadecimal.
    pub sign_env: Option<String>,
    /// File that holds the key that the body is signed with.
    pub sign_file: Option<PathBuf>,
    /// Proxy that the request goes through, `http://host:port`; the environment's is not used.
    pub proxy: Option<String>,
    /// PEM file of the certificates that are trusted in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// Longest time of one attempt, in seconds.
    #[serde(default = "ten_seconds")]
    pub timeout_seconds: f64,
    /// Tried again when there is no connection, no answer in time, and on the answers 408,
    /// 429 and 5xx.
    #[serde(default)]
    pub retry: RetryConfig,
}

/// Form of a webhook's body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The [`crate::Notification`] as a JSON object.
    #[default]
    Json,
    /// What Slack's incoming webhooks take, and those of Mattermost and others.
    Slack,
}

/// See [`ChannelConfig::Email`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// Name or address of the mail server.
    pub server: String,
    /// Its port; by `security` 465 (tls), 587 (starttls) or 25 (none).
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub security: Security,
    /// Name to log in with; without one there is no login.
    pub user: Option<String>,
    /// Environment variable that holds the password.
    pub password_env: Option<String>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// The sender, `name@host` or `Words <name@host>`.
    pub from: String,
    /// The recipients, each in the same form.
    pub to: Vec<String>,
    /// The subject; `{severity}`, `{status}`, `{rule}`, `{title}`, `{host}`, `{metric}` and
    /// `{value}` stand for the notification's.
    #[serde(default = "usual_subject")]
    pub subject: String,
    /// PEM file of the certificates that are trusted in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// Longest time of one attempt, in seconds.
    #[serde(default = "thirty_seconds")]
    pub timeout_seconds: f64,
    /// Tried again when there is no connection, no answer in time, and on the answers 4xx.
    #[serde(default)]
    pub retry: RetryConfig,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all; a login is then only possible on this host.
    None,
    /// Encrypted after the first words. A server that can't is refused.
    #[default]
    Starttls,
    /// Encrypted from the first byte.
    Tls,
}

/// How often and how long a delivery is tried again: the waits double, and up to half of
/// each is cut off by chance.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// Most attempts, the first included.
    pub tries: u32,
    /// Wait after the first attempt, in seconds.
    pub first_wait_seconds: f64,
    /// Longest wait between two attempts, in seconds; only the other side may ask for more.
    pub longest_wait_seconds: f64,
    /// No attempt begins later than this after the first, in seconds.
    pub total_seconds: f64,
}

impl Default for RetryConfig {
    fn default() -> RetryConfig {
        RetryConfig {
            tries: 5,
            first_wait_seconds: 1.0,
            longest_wait_seconds: 60.0,
            total_seconds: 300.0,
        }
    }
}

fn ten_seconds() -> f64 {
    10.0
}

fn thirty_seconds() -> f64 {
    30.0
}

fn usual_subject() -> String {
    "[{severity}] {status}: {title} ({host})".into()
}
