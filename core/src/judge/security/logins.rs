//! Failed logins of the last minutes.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Draft, Drafts, SecurityKind};
use crate::judge::Severity;
use crate::sample::{LoginSample, Sample};

/// How far back failures are counted.
const WINDOW_SECONDS: f64 = 600.0;
/// Most steps of the count that are remembered; they come once in some seconds.
const MOST_STEPS: usize = 128;

/// Failures in the window from which on it matters, and how much. A few are a user who has
/// forgotten a password; hundreds are a machine that tries.
const STEPS: [(u64, Severity); 3] = [
    (200, Severity::High),
    (20, Severity::Medium),
    (5, Severity::Low),
];

/// The failures that are not older than the window.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct LoginWindow {
    /// The count of the last sample.
    failed: Option<u64>,
    /// When how many more were counted, by the monotonic clock.
    recent: VecDeque<(f64, u64)>,
}

impl LoginWindow {
    pub(super) fn judge(&mut self, sample: &Sample, drafts: &mut Drafts) {
        let Some(logins) = &sample.security.logins else {
            return;
        };
        let now = drafts.now;
        let new = match self.failed {
            None => 0,
            Some(before) if logins.failed >= before => logins.failed - before,
            // Counted from the start again.
            Some(_) => logins.failed,
        };
        self.failed = Some(logins.failed);
        // What is later than now is of another boot.
        self.recent
            .retain(|(at, _)| (0.0..WINDOW_SECONDS).contains(&(now - at)));
        if new > 0 {
            let is_full = self.recent.len() >= MOST_STEPS;
            match self.recent.back_mut() {
                Some((_, count)) if is_full => {
                    *count = count.saturating_add(new);
                }
                _ => self.recent.push_back((now, new)),
            }
        }
        if let Some((oldest, _)) = self.recent.front() {
            drafts.wait(oldest + WINDOW_SECONDS - now);
        }
        let count = self
            .recent
            .iter()
            .fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        let step = STEPS.iter().find(|(least, _)| count >= *least);
        if let Some((_, severity)) = step {
            drafts.list.push(draft(logins, count, *severity));
        }
    }
}

fn draft(logins: &LoginSample, count: u64, severity: Severity) -> Draft {
    let last = logins.last.as_ref();
    let user = last.and_then(|last| last.user.as_deref());
    let from = last.and_then(|last| last.from.as_deref());
    let mut text = format!("{count} logins failed within 10 minutes");
    if user.is_some() || from.is_some() {
        text.push_str(", the last");
        for (word, what) in [("as", user), ("from", from)] {
            if let Some(what) = what {
                text.push_str(&format!(" {word} {what}"));
            }
        }
    }
    text.push('.');
    Draft {
        kind: SecurityKind::FailedLogins,
        name: "recent".into(),
        severity,
        subject: "logins".into(),
        text,
        evidence: vec![format!(
            "{}: {} since the first look",
            logins.source, logins.failed
        )],
        advice: "Allow logins by key only, or block addresses that fail often (fail2ban).".into(),
        is_base_line: false,
        is_usual: false,
    }
}
