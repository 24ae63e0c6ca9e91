//! What is wrong with a channel's configuration, found before anything is sent.

use std::ops::RangeInclusive;
use std::path::Path;

use super::{ChannelConfig, CommandConfig, EmailConfig, RetryConfig, Security, WebhookConfig};
use crate::error::ConfigError;
use crate::net::url::Url;
use crate::net::{address::Address, http};
use crate::{channel, net};

type Fault = (String, String);
type Checked = Result<(), Fault>;

/// Headers that the library sets itself.
const OWN_HEADERS: [&str; 7] = [
    "host",
    "connection",
    "content-length",
    "content-type",
    "transfer-encoding",
    "idempotency-key",
    "x-usm-signature",
];

impl ChannelConfig {
    /// Says what is wrong with this configuration of the channel `name`. Nothing outside is
    /// looked at: no file, no environment, no network.
    ///
    /// # Errors
    /// The first field that can't be used, and why.
    pub fn check(&self, name: &str) -> Result<(), ConfigError> {
        let answer = match self {
            ChannelConfig::Console(_) | ChannelConfig::Log(_) => Ok(()),
            ChannelConfig::Command(command) => check_command(command),
            ChannelConfig::Webhook(webhook) => check_webhook(webhook),
            ChannelConfig::Email(email) => check_email(email),
        };
        answer.map_err(|(field, reason)| ConfigError {
            channel: name.to_string(),
            field,
            reason,
        })
    }
}

fn fault<T>(field: impl Into<String>, reason: impl Into<String>) -> Result<T, Fault> {
    Err((field.into(), reason.into()))
}

fn check_command(command: &CommandConfig) -> Checked {
    if command.argv.first().is_none_or(String::is_empty) {
        return fault("argv", "the program is missing: [\"/path/to/program\", …]");
    }
    if command.argv.iter().any(|word| word.contains('\0')) {
        return fault("argv", "a NUL character can't be handed over");
    }
    for (name, value) in &command.env {
        let field = format!("env.{name}");
        if name.is_empty() || name.contains(['=', '\0']) {
            return fault(field, "not the name of a variable");
        }
        if name.starts_with(channel::VARIABLES) {
            return fault(field, "USM_ALERT_… hold the notification");
        }
        if value.reveal().contains('\0') {
            return fault(field, "a NUL character can't be handed over");
        }
    }
    check_timing(command.timeout_seconds, &command.retry)
}

fn check_webhook(webhook: &WebhookConfig) -> Checked {
    let given = [
        webhook.url.is_some(),
        webhook.url_env.is_some(),
        webhook.url_file.is_some(),
    ];
    match given.iter().filter(|given| **given).count() {
        1 => {}
        0 => return fault("url", "missing: one of url, url_env, url_file"),
        _ => return fault("url", "only one of url, url_env, url_file"),
    }
    if let Some(url) = &webhook.url {
        let url = Url::parse(url.reveal()).or_else(|reason| fault("url", reason))?;
        if url.https {
            net::tls_is_built_in().or_else(|reason| fault("url", reason))?;
        }
    }
    if let Some(proxy) = &webhook.proxy {
        let proxy = Url::parse(proxy).or_else(|reason| fault("proxy", reason))?;
        if proxy.https || proxy.target != "/" {
            return fault("proxy", "must be of the form http://host:port");
        }
    }
    for (name, value) in &webhook.headers {
        let field = format!("headers.{name}");
        http::check_header(name, value.reveal()).or_else(|reason| fault(field.clone(), reason))?;
        if OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            return fault(field, "is set by the library");
        }
    }
    only_one("token", &webhook.token_env, &webhook.token_file)?;
    only_one("sign", &webhook.sign_env, &webhook.sign_file)?;
    let has_token = webhook.token_env.is_some() || webhook.token_file.is_some();
    let names = || webhook.headers.keys().map(|name| name.to_ascii_lowercase());
    if has_token && names().any(|name| name == "authorization") {
        return fault("headers.Authorization", "not together with a token");
    }
    if webhook.sign_env.is_some() || webhook.sign_file.is_some() {
        net::tls_is_built_in().or_else(|reason| fault("sign", reason))?;
    }
    check_timing(webhook.timeout_seconds, &webhook.retry)
}

fn check_email(email: &EmailConfig) -> Checked {
    net::url::check_host(&email.server).or_else(|reason| fault("server", reason))?;
    if email.port == Some(0) {
        return fault("port", "0 is not allowed: 1–65535");
    }
    if email.security != Security::None {
        net::tls_is_built_in().or_else(|reason| fault("security", reason))?;
    }
    only_one("password", &email.password_env, &email.password_file)?;
    let has_password = email.password_env.is_some() || email.password_file.is_some();
    match (&email.user, has_password) {
        (Some(_), false) => return fault("user", "needs password_env or password_file"),
        (None, true) => return fault("user", "missing: the name that the password is for"),
        (Some(user), true) if user.contains(['\0', '\r', '\n']) => {
            return fault("user", "no control characters");
        }
        _ => {}
    }
    if has_password && email.security == Security::None && !is_this_host(&email.server) {
        return fault(
            "security",
            "none would send the password in the clear: \"starttls\" or \"tls\"",
        );
    }
    Address::parse(&email.from).or_else(|reason| fault("from", reason))?;
    if email.to.is_empty() {
        return fault("to", "no recipient: [\"name@host\", …]");
    }
    for (index, recipient) in email.to.iter().enumerate() {
        Address::parse(recipient).or_else(|reason| fault(format!("to[{index}]"), reason))?;
    }
    channel::check_subject(&email.subject).or_else(|reason| fault("subject", reason))?;
    check_timing(email.timeout_seconds, &email.retry)
}

fn is_this_host(server: &str) -> bool {
    let address = server.parse::<std::net::IpAddr>();
    server.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn only_one(field: &str, variable: &Option<String>, file: &Option<impl AsRef<Path>>) -> Checked {
    if variable.is_some() && file.is_some() {
        return fault(field, format!("only one of {field}_env and {field}_file"));
    }
    if variable
        .as_ref()
        .is_some_and(|name| name.is_empty() || name.contains(['=', '\0']))
    {
        return fault(format!("{field}_env"), "not the name of a variable");
    }
    Ok(())
}

fn check_timing(timeout_seconds: f64, retry: &RetryConfig) -> Checked {
    within("timeout_seconds", timeout_seconds, 0.05..=300.0)?;
    within("retry.tries", f64::from(retry.tries), 1.0..=100.0)?;
    within(
        "retry.first_wait_seconds",
        retry.first_wait_seconds,
        0.0..=3600.0,
    )?;
    within(
        "retry.longest_wait_seconds",
        retry.longest_wait_seconds,
        0.0..=3600.0,
    )?;
    within("retry.total_seconds", retry.total_seconds, 0.0..=86_400.0)
}

fn within(field: &str, value: f64, allowed: RangeInclusive<f64>) -> Checked {
    if allowed.contains(&value) {
        return Ok(());
    }
    let (least, most) = allowed.into_inner();
    fault(field, format!("{value} is not allowed: {least}–{most}"))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
