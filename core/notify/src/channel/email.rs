//! A mail, by SMTP.

use super::{Delivery, deadline, note};
use crate::Notification;
use crate::config::{EmailConfig, Security};
use crate::failure::Failure;
use crate::net::Peer;
use crate::net::address::Address;
use crate::net::base64;
use crate::net::mail::Mail;
use crate::net::smtp::{self, Letter, Server};
use crate::secret::{Secret, Source};
use crate::words;

const PLACES: [&str; 7] = [
    "severity", "status", "rule", "title", "host", "metric", "value",
];

/// A mail channel whose addresses are read.
#[derive(Debug)]
pub(super) struct Email {
    config: EmailConfig,
    password: Option<Source>,
    from: Address,
    to: Vec<Address>,
    recipients: Vec<String>,
}

impl Email {
    pub(super) fn new(config: EmailConfig) -> Result<Email, String> {
        let from = Address::parse(&config.from)?;
        let to = config.to.iter().map(|to| Address::parse(to));
        let to = to.collect::<Result<Vec<_>, _>>()?;
        Ok(Email {
            password: Source::new(
                None,
                config.password_env.as_deref(),
                config.password_file.as_deref(),
            ),
            from,
            recipients: to.iter().map(|to| to.mailbox.clone()).collect(),
            to,
            config,
        })
    }

    pub(super) fn deliver(
        &self,
        delivery: Delivery<'_>,
        secrets: &mut Vec<Secret>,
    ) -> Result<Option<String>, Failure> {
        let config = &self.config;
        let password = match &self.password {
            None => None,
            Some(source) => Some(source.read("password")?),
        };
        if let (Some(user), Some(password)) = (&config.user, &password) {
            let plain = note(secrets, password);
            // A server may repeat what it was sent.
            let forms = [format!("\0{user}\0{plain}"), plain.to_string()];
            secrets.extend(forms.map(|form| Secret::new(base64::encode(form.as_bytes()))));
        }
        let port = config.port.unwrap_or(match config.security {
            Security::None => 25,
            Security::Starttls => 587,
            Security::Tls => 465,
        });
        let server = Server {
            peer: Peer {
                host: &config.server,
                port,
                deadline: deadline(config.timeout_seconds),
            },
            security: config.security,
            ca_file: config.ca_file.as_deref(),
            login: config.user.as_deref().zip(password.as_ref()),
        };
        let mail = Mail {
            from: &self.from,
            to: &self.to,
            subject: &subject(&config.subject, delivery.about),
            stamp: delivery.about.timestamp,
            id: delivery.id,
            body: &words::letter(delivery.about),
        };
        let letter = Letter {
            from: &self.from.mailbox,
            to: &self.recipients,
            text: &mail.text(),
        };
        smtp::send(&server, &letter)
            .map_err(|failure| failure.about(format_args!("{}:{port}", config.server)))
    }
}

/// Refuses a subject with a place that nothing stands for.
pub(crate) fn check_subject(template: &str) -> Result<(), String> {
    let mut rest = template;
    while let Some((_, behind)) = rest.split_once('{') {
        let Some((place, behind)) = behind.split_once('}') else {
            return Err("a { without its }".into());
        };
        if !PLACES.contains(&place) {
            return Err(format!("{{{place}}} is not known: {}", PLACES.join(", ")));
        }
        rest = behind;
    }
    Ok(())
}

/// What stands for a place is not looked through again: a title may contain `{host}`.
fn subject(template: &str, about: &Notification) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((place, behind)) = behind.split_once('}') else {
            break;
        };
        out.push_str(before);
        match place {
            "severity" => out.push_str(&about.severity),
            "status" => out.push_str(&about.status),
            "rule" => out.push_str(&about.rule),
            "title" => out.push_str(words::title(about)),
            "host" => out.push_str(&about.host),
            "metric" => out.push_str(about.metric.as_deref().unwrap_or_default()),
            "value" => out.push_str(&about.value.and_then(words::number).unwrap_or_default()),
            _ => {}
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_a_subject_are_filled_once() {
        let about = Notification {
            severity: "warning".into(),
            title: "{host}".into(),
            host: "web1".into(),
            ..Notification::default()
        };
        assert_eq!(
            subject("[{severity}] {title} on {host}{value}", &about),
            "[warning] {host} on web1"
        );
    }

    #[test]
    fn an_unknown_place_is_refused_with_those_that_there_are() {
        assert!(check_subject("plain").is_ok());
        let error = check_subject("{severity} {hots}").unwrap_err();
        assert!(
            error.contains("{hots}") && error.contains("host"),
            "{error}"
        );
        assert!(check_subject("{host").is_err());
    }
}
