//! What all tests share.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use usm_notify::{ChannelConfig, Notification, Notifier, Outcome};

/// Only to fail instead of hanging: no test is decided by it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits that are over at once.
pub const QUICK: &str = "retry = { tries = 4, first_wait_seconds = 0.01 }\n";

/// What a server talks over.
pub trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// The channels of a rules file.
pub fn channels(toml: &str) -> BTreeMap<String, ChannelConfig> {
    toml::from_str(toml).unwrap()
}

/// A notifier whose outcomes can be waited for.
pub fn notifier(toml: &str) -> (Notifier, Outcomes) {
    let (tell, outcomes) = channel();
    let hear = move |outcome| {
        // The test may have seen enough.
        let _ = tell.send(outcome);
    };
    let notifier = Notifier::new(channels(toml), Box::new(hear)).unwrap();
    (notifier, Outcomes(outcomes))
}

/// Outcomes in the order in which they were told.
pub struct Outcomes(Receiver<Outcome>);

impl Outcomes {
    pub fn next(&self) -> Outcome {
        self.0.recv_timeout(PATIENCE).unwrap()
    }

    /// All that are told before the callback goes away, which is at the close.
    pub fn rest(self) -> Vec<Outcome> {
        self.0.into_iter().collect()
    }
}

/// Sends one notification over the channel `it`, and waits for what becomes of it.
pub fn outcome_of(toml: &str, about: Notification) -> Outcome {
    let (notifier, outcomes) = notifier(toml);
    notifier.send(&["it"], Arc::new(about));
    let outcome = outcomes.next();
    notifier.close(PATIENCE);
    outcome
}

/// A notification with everything in it.
pub fn about() -> Notification {
    Notification {
        alert_id: 42,
        rule: "cpu-high".into(),
        status: "firing".into(),
        severity: "critical".into(),
        title: "CPU high".into(),
        message: "CPU 97.5 % for 5 min".into(),
        metric: Some("cpu_percent".into()),
        labels: vec![("disk".into(), "sda".into())],
        value: Some(97.5),
        threshold: Some(90.0),
        host: "web1".into(),
        timestamp: 951_827_696.0,
        since: Some(951_827_396.0),
        extra: serde_json::json!({ "culprit": "make" }),
    }
}

/// One whose every text tries to be more than text.
pub fn hostile() -> Notification {
    let evil =
        "x\r\nBcc: evil@example.org\r\n\r\n.\r\nQUIT\r\n\u{1b}[2J\"'`$(touch evil)\0<!channel>";
    Notification {
        alert_id: 43,
        rule: evil.into(),
        status: evil.into(),
        severity: evil.into(),
        title: evil.into(),
        message: evil.into(),
        metric: Some(evil.into()),
        labels: vec![(evil.into(), evil.into()), ("PATH".into(), evil.into())],
        value: Some(f64::NAN),
        threshold: Some(f64::INFINITY),
        host: evil.into(),
        timestamp: f64::NAN,
        since: Some(-1e300),
        extra: serde_json::json!(evil),
    }
}

/// The error of an outcome that is none of success.
pub fn error_of(outcome: &Outcome) -> &str {
    assert!(!outcome.ok, "{outcome:?}");
    outcome.error.as_deref().unwrap()
}
