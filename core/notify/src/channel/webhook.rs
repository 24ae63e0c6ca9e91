//! An HTTP POST, as JSON or in Slack's form.

use std::time::Duration;

use super::{Delivery, deadline, note, slack};
use crate::config::{Format, WebhookConfig};
use crate::failure::{Again, Failure};
use crate::net::url::Url;
use crate::net::{Peer, Stream, TimedStream, http, tls};
use crate::secret::{Secret, Source, mask_piece};

const AGENT: &str = concat!("usm-notify/", env!("CARGO_PKG_VERSION"));

/// A webhook whose secrets have a source.
#[derive(Debug)]
pub(super) struct Webhook {
    config: WebhookConfig,
    url: Option<Source>,
    token: Option<Source>,
    key: Option<Source>,
}

impl Webhook {
    pub(super) fn new(config: WebhookConfig) -> Webhook {
        let url = Source::new(
            config.url.as_ref(),
            config.url_env.as_deref(),
            config.url_file.as_deref(),
        );
        let token = Source::new(
            None,
            config.token_env.as_deref(),
            config.token_file.as_deref(),
        );
        let key = Source::new(
            None,
            config.sign_env.as_deref(),
            config.sign_file.as_deref(),
        );
        Webhook {
            config,
            url,
            token,
            key,
        }
    }

    pub(super) fn deliver(
        &self,
        delivery: Delivery<'_>,
        secrets: &mut Vec<Secret>,
    ) -> Result<(), Failure> {
        let url = self
            .url
            .as_ref()
            .ok_or_else(|| Failure::final_("url: missing"))?;
        let url = url.read("url")?;
        let url = Url::parse(note(secrets, &url))
            .map_err(|reason| Failure::final_(format!("url: {reason}")))?;
        if url.target != "/" {
            secrets.push(Secret::new(url.target.as_str()));
        }
        let body = self.body(delivery)?;
        let headers = self.headers(&url, delivery, &body, secrets)?;
        let to = |failure: Failure| failure.about(url.masked());
        let mut stream = self.connect(&url).map_err(to)?;
        let answer =
            http::post(stream.as_mut(), &self.target(&url), &headers, &body).map_err(to)?;
        judged(&url, answer, secrets)
    }

    fn body(&self, delivery: Delivery<'_>) -> Result<Vec<u8>, Failure> {
        let body = match self.config.format {
            Format::Json => serde_json::to_vec(delivery.about),
            Format::Slack => serde_json::to_vec(&slack::message(delivery.about)),
        };
        body.map_err(|error| Failure::final_(format!("writing the JSON: {error}")))
    }

    fn headers(
        &self,
        url: &Url,
        delivery: Delivery<'_>,
        body: &[u8],
        secrets: &mut Vec<Secret>,
    ) -> Result<Vec<(String, String)>, Failure> {
        let mut headers = vec![
            ("Host".to_string(), url.authority.clone()),
            (
                "Content-Type".into(),
                "application/json; charset=utf-8".into(),
            ),
            ("Accept".into(), "*/*".into()),
            ("Idempotency-Key".into(), delivery.id.to_string()),
        ];
        if !self
            .config
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("user-agent"))
        {
            headers.push(("User-Agent".into(), AGENT.into()));
        }
        for (name, value) in &self.config.headers {
            headers.push((name.clone(), note(secrets, value).to_string()));
        }
        if let Some(token) = &self.token {
            let token = token.read("token")?;
            headers.push((
                "Authorization".into(),
                format!("Bearer {}", note(secrets, &token)),
            ));
        }
        if let Some(key) = &self.key {
            let key = key.read("sign")?;
            let signature = tls::signature(note(secrets, &key).as_bytes(), body)?;
            headers.push(("X-USM-Signature".into(), format!("sha256={signature}")));
        }
        // What comes from files and variables was not seen before.
        for (name, value) in &headers {
            http::check_header(name, value)
                .map_err(|why| Failure::final_(format!("{name}: {why}")))?;
        }
        Ok(headers)
    }

    fn connect(&self, url: &Url) -> Result<Box<dyn Stream>, Failure> {
        let proxy = self.proxy()?;
        let first = proxy.as_ref().unwrap_or(url);
        let mut stream = TimedStream::connect(Peer {
            host: &first.host,
            port: first.port,
            deadline: deadline(self.config.timeout_seconds),
        })?;
        if !url.https {
            return Ok(Box::new(stream));
        }
        if proxy.is_some() {
            http::tunnel(&mut stream, &url.host_and_port())?;
        }
        tls::secure(stream, &url.host, self.config.ca_file.as_deref())
    }

    fn proxy(&self) -> Result<Option<Url>, Failure> {
        let proxy = self.config.proxy.as_deref().map(Url::parse).transpose();
        proxy.map_err(|reason| Failure::final_(format!("proxy: {reason}")))
    }

    /// What is asked for: of a proxy, the whole address.
    fn target(&self, url: &Url) -> String {
        match self.config.proxy.is_some() && !url.https {
            true => format!("http://{}{}", url.authority, url.target),
            false => url.target.clone(),
        }
    }
}

fn judged(url: &Url, answer: http::Answer, secrets: &[Secret]) -> Result<(), Failure> {
    let mut message = format!("{}: HTTP {}", url.masked(), answer.status);
    if !answer.excerpt.is_empty() {
        message.push_str(&format!(": {}", mask_piece(&answer.excerpt, secrets)));
    }
    match answer.status {
        200..=299 => Ok(()),
        // A POST to another place may tell it to the wrong people, so none is followed.
        300..=399 => Err(Failure::final_(
            match answer.location.as_deref().map(Url::parse) {
                Some(Ok(place)) => format!(
                    "{}: HTTP {}: it redirects to {}; redirects are not followed",
                    url.masked(),
                    answer.status,
                    place.masked()
                ),
                _ => format!(
                    "{}: HTTP {}: redirects are not followed",
                    url.masked(),
                    answer.status
                ),
            },
        )),
        408 | 429 | 500..=599 => Err(Failure {
            message,
            again: answer
                .retry_after
                .map_or(Again::Later, |wait: Duration| Again::After(wait)),
        }),
        _ => Err(Failure::final_(message)),
    }
}
