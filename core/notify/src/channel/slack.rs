//! The body that Slack's incoming webhooks take, and those of Mattermost, Rocket.Chat and
//! Discord (`/slack`): `text` and one attachment, which all of them show.

use serde_json::{Value, json};

use crate::Notification;
use crate::text;
use crate::words::{self, Urgency};

/// Slack cuts longer ones, or refuses them.
const LONGEST_LINE: usize = 500;
const LONGEST_TEXT: usize = 3000;
const MOST_FIELDS: usize = 20;

/// A value up to this many characters stands beside the next one.
const SHORT: usize = 40;

pub(super) fn message(about: &Notification) -> Value {
    let color = match Urgency::of(about) {
        Urgency::Over => "good",
        Urgency::Info => "#439FE0",
        Urgency::Warning => "warning",
        Urgency::Critical => "danger",
    };
    let facts = words::facts(about).into_iter().take(MOST_FIELDS);
    let fields: Vec<Value> = facts
        .map(|(name, value)| {
            let is_short = value.chars().count() <= SHORT;
            json!({ "title": escaped(&name), "value": escaped(&value), "short": is_short })
        })
        .collect();
    let line = escaped(&text::one_line(&words::line(about), LONGEST_LINE));
    let mut attachment = json!({
        "fallback": line,
        "color": color,
        "title": escaped(&text::one_line(words::title(about), LONGEST_LINE)),
        "text": escaped(&text::lines(&about.message, LONGEST_TEXT)),
        "fields": fields,
    });
    if about.timestamp.is_finite() && about.timestamp > 0.0 {
        attachment["ts"] = json!(about.timestamp as u64);
    }
    json!({ "text": line, "attachments": [attachment] })
}

/// The three characters that begin a mention, a link or an entity.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_documented_fields() {
        let about = Notification {
            alert_id: 7,
            rule: "cpu".into(),
            status: "firing".into(),
            severity: "critical".into(),
            title: "CPU high".into(),
            message: "97 %".into(),
            value: Some(97.0),
            timestamp: 951_827_696.5,
            ..Notification::default()
        };
        assert_eq!(
            message(&about),
            json!({
                "text": "[critical] firing: CPU high: 97 %",
                "attachments": [{
                    "fallback": "[critical] firing: CPU high: 97 %",
                    "color": "danger",
                    "title": "CPU high",
                    "text": "97 %",
                    "fields": [
                        { "title": "rule", "value": "cpu", "short": true },
                        { "title": "severity", "value": "critical", "short": true },
                        { "title": "status", "value": "firing", "short": true },
                        { "title": "value", "value": "97", "short": true },
                        { "title": "time", "value": "2000-02-29 12:34:56 UTC", "short": true },
                        { "title": "alert", "value": "7", "short": true },
                    ],
                    "ts": 951_827_696,
                }],
            })
        );
    }

    #[test]
    fn a_name_can_not_call_a_whole_channel_or_hide_a_link() {
        let about = Notification {
            title: "<!channel> & <https://evil.example|ok>".into(),
            labels: vec![("<!here>".into(), "<@U1>".into())],
            ..Notification::default()
        };
        let text = message(&about).to_string();
        assert!(!text.contains('<') && !text.contains('>'), "{text}");
        assert!(text.contains("&lt;!channel&gt; &amp; &lt;https"), "{text}");
    }

    #[test]
    fn long_texts_are_cut_and_nonsense_stamps_left_out() {
        let about = Notification {
            title: "x".repeat(100_000),
            message: "y".repeat(100_000),
            labels: vec![("z".repeat(10_000), "z".repeat(10_000)); 1000],
            timestamp: f64::NAN,
            ..Notification::default()
        };
        let message = message(&about);
        assert!(message.to_string().len() < 20_000);
        assert_eq!(message["attachments"][0].get("ts"), None);
    }
}
