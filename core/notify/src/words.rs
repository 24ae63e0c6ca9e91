//! A notification in words, for people.

use crate::Notification;
use crate::text;

/// Longest message on one line, in characters.
const LONGEST_LINE: usize = 1000;

/// Longest message in a mail, in characters.
const LONGEST_MESSAGE: usize = 20_000;

/// Labels that are shown, and their longest names and values in characters.
const MOST_LABELS: usize = 50;
const LONGEST_LABEL: usize = 200;

/// What the colours of a console and of Slack tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    Over,
    Info,
    Warning,
    Critical,
}

impl Urgency {
    pub(crate) fn of(about: &Notification) -> Urgency {
        if about.status == "resolved" {
            return Urgency::Over;
        }
        match about.severity.to_ascii_lowercase().as_str() {
            "critical" | "emergency" => Urgency::Critical,
            "warning" => Urgency::Warning,
            _ => Urgency::Info,
        }
    }
}

/// `[critical] firing: title (host): message`, on one line.
pub(crate) fn line(about: &Notification) -> String {
    let mut line = format!("[{}] {}: {}", about.severity, about.status, title(about));
    if !about.host.is_empty() {
        line.push_str(&format!(" ({})", about.host));
    }
    if !about.message.is_empty() && about.message != about.title {
        line.push_str(&format!(": {}", about.message));
    }
    text::one_line(&line, LONGEST_LINE)
}

/// The title, or the rule's name where there is none.
pub(crate) fn title(about: &Notification) -> &str {
    match about.title.is_empty() {
        true => &about.rule,
        false => &about.title,
    }
}

/// What is known beside title and message, as name and value; what is absent is left out.
pub(crate) fn facts(about: &Notification) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let value = text::one_line(&value, LONGEST_LABEL);
            facts.push((text::one_line(name, LONGEST_LABEL), value));
        }
    };
    fact("host", Some(about.host.clone()));
    fact("rule", Some(about.rule.clone()));
    fact("severity", Some(about.severity.clone()));
    fact("status", Some(about.status.clone()));
    fact("metric", about.metric.clone());
    fact("value", about.value.and_then(number));
    fact("threshold", about.threshold.and_then(number));
    fact("since", about.since.and_then(text::utc));
    fact("time", text::utc(about.timestamp));
    fact("alert", Some(about.alert_id.to_string()));
    for (name, value) in about.labels.iter().take(MOST_LABELS) {
        fact(name, Some(value.clone()));
    }
    facts
}

/// Title, message and facts, as lines ended by `\n`.
pub(crate) fn letter(about: &Notification) -> String {
    let mut letter = format!("{}\n\n", text::one_line(title(about), LONGEST_LINE));
    if !about.message.is_empty() {
        letter.push_str(&text::lines(&about.message, LONGEST_MESSAGE));
        letter.push_str("\n\n");
    }
    for (name, value) in facts(about) {
        letter.push_str(&format!("{name}: {value}\n"));
    }
    letter
}

/// At most three decimals; `None` for what is no number.
pub(crate) fn number(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let size = value.abs();
    if size != 0.0 && !(0.001..1e15).contains(&size) {
        return Some(format!("{value:.3e}"));
    }
    let text = format!("{value:.3}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_is_known_and_no_command() {
        let about = Notification {
            severity: "critical".into(),
            status: "firing".into(),
            title: "CPU \u{1b}[31mhigh".into(),
            message: "97.2 %\nfor 5 min".into(),
            host: "web1".into(),
            ..Notification::default()
        };
        assert_eq!(
            line(&about),
            "[critical] firing: CPU \u{fffd}[31mhigh (web1): 97.2 % for 5 min"
        );
    }

    #[test]
    fn what_is_absent_or_no_number_is_left_out() {
        let about = Notification {
            rule: "cpu".into(),
            value: Some(f64::NAN),
            timestamp: f64::INFINITY,
            ..Notification::default()
        };
        let names: Vec<_> = facts(&about).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["rule", "alert"]);
        assert_eq!(title(&about), "cpu");
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (97.25, "97.25"),
            (90.0, "90"),
            (0.0, "0"),
            (1e20, "1.000e20"),
            (-2e-9, "-2.000e-9"),
        ] {
            assert_eq!(number(value).unwrap(), text);
        }
        assert_eq!(number(f64::NEG_INFINITY), None);
    }
}
