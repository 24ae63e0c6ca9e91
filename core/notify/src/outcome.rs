//! What became of a notification on one channel.

use serde::{Deserialize, Serialize};

use crate::Notification;
use crate::text::{self, unix_seconds};

/// Longest error that is kept, in characters.
const LONGEST_ERROR: usize = 1000;

/// What became of one notification on one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Name of the channel.
    pub channel: String,
    /// See [`Notification::alert_id`].
    pub alert_id: u64,
    /// See [`Notification::rule`].
    pub rule: String,
    /// See [`Notification::status`].
    pub status: String,
    /// True when the other side took it.
    pub ok: bool,
    /// How often delivery was tried; 0 when it never was.
    pub attempts: u32,
    /// Why it was not delivered; with `ok`, what is to be said of the delivery all the same
    /// (a recipient that was refused). Never holds a secret.
    pub error: Option<String>,
    /// When it was handed over, Unix seconds.
    pub queued_at: f64,
    /// When its fate was decided, Unix seconds.
    pub finished_at: f64,
    /// True when it was given up to make room for later ones, or because of the close.
    pub dropped: bool,
}

impl Outcome {
    pub(crate) fn failed(channel: &str, about: &Notification, queued_at: f64, why: &str) -> Self {
        Outcome {
            channel: channel.to_string(),
            alert_id: about.alert_id,
            rule: about.rule.clone(),
            status: about.status.clone(),
            ok: false,
            attempts: 0,
            error: Some(text::one_line(why, LONGEST_ERROR)),
            queued_at,
            finished_at: unix_seconds(),
            dropped: false,
        }
    }
}

/// How many notifications there were since the start; see [`crate::Notifier::counts`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Delivered.
    pub delivered: u64,
    /// Given up after an error, on an unknown channel too.
    pub failed: u64,
    /// Given up to make room for later ones, or because of the close.
    pub dropped: u64,
    /// Outcomes that are in the numbers above but could not be reported, because the
    /// callback did not keep up.
    pub unreported: u64,
}
