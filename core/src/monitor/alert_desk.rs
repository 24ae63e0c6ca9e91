//! The alerts of a monitor: rules in force, the book of what fires, who is told, and what
//! others ask.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use usm_notify::{Notification, Notifier, Outcome};

use super::rules;
use super::shared::Shared;
use crate::alert::{Active, Alert, Book, Change, RuleSet};
use crate::judge::Judgement;
use crate::series::Frame;
use crate::store::{JudgedRow, NotificationRow, Request, RequestRow, Row};
use crate::{Error, Result};

/// Shared between the sampling thread and the callers.
#[derive(Debug, Default)]
pub(super) struct AlertDesk {
    book: Mutex<Book>,
    rules: ArcSwap<RuleSet>,
    /// What other processes ask, until the next sample.
    requests: Mutex<Vec<RequestRow>>,
    /// What callers changed since the last sample.
    changes: Mutex<Vec<Change>>,
    notifier: ArcSwapOption<Told>,
}

/// The notifier, which has no `Debug` of its own.
pub(super) struct Told(Notifier);

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Told").field(&self.0.counts()).finish()
    }
}

impl AlertDesk {
    pub(super) fn lock_book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    pub(super) fn rules(&self) -> Arc<RuleSet> {
        self.rules.load_full()
    }

    /// Other rules, and other channels, from now on.
    ///
    /// # Errors
    /// `InvalidArgument` for a channel, with nothing changed.
    pub(super) fn set_rules(&self, rules: RuleSet) -> Result<()> {
        if let Some(told) = &*self.notifier.load() {
            told.0
                .set_channels(rules::channels(&rules)?)
                .map_err(|error| Error::invalid("channel", "", error.to_string()))?;
        }
        self.rules.store(Arc::new(rules));
        Ok(())
    }

    /// Starts the channels, once; outcomes go into the database.
    pub(super) fn start_notifier(&self, shared: &Arc<Shared>) -> Result<()> {
        if self.notifier.load().is_some() {
            return Ok(());
        }
        let of_outcomes: Weak<Shared> = Arc::downgrade(shared);
        let notifier = Notifier::new(
            rules::channels(&self.rules.load())?,
            Box::new(move |outcome| {
                if let Some(shared) = of_outcomes.upgrade() {
                    shared.append(Row::Judged(JudgedRow::Notification(row(outcome))));
                }
            }),
        )
        .map_err(|error| Error::Internal(format!("channels of alerts: {error}")))?;
        self.notifier.store(Some(Arc::new(Told(notifier))));
        Ok(())
    }

    /// Ends the channels, which deliver what waits.
    pub(super) fn stop_notifier(&self, patience: Duration) {
        if let Some(told) = self.notifier.swap(None) {
            told.0.close(patience);
        }
    }

    /// One message of test to one channel, and what became of it.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that there is not.
    pub(super) fn test_channel(&self, shared: &Arc<Shared>, name: &str) -> Result<NotificationRow> {
        let channels = rules::channels(&self.rules.load())?;
        if !channels.contains_key(name) {
            let names: Vec<&str> = channels.keys().map(String::as_str).collect();
            let allowed = format!("one of {}", names.join(", "));
            return Err(Error::invalid("channel", format!("{name:?}"), allowed));
        }
        self.start_notifier(shared)?;
        match &*self.notifier.load() {
            Some(told) => Ok(row(told.0.test(name))),
            None => Err(Error::InvalidState("the monitor is being closed".into())),
        }
    }

    /// Notes what other processes ask.
    pub(super) fn ask(&self, requests: Vec<RequestRow>) {
        lock(&self.requests).extend(requests);
    }

    /// What was asked since the last sample.
    pub(super) fn take_requests(&self) -> Vec<RequestRow> {
        std::mem::take(&mut lock(&self.requests))
    }

    /// What callers changed since the last sample.
    pub(super) fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut lock(&self.changes))
    }

    /// Does what is asked of the book; answers the number of a new silence.
    ///
    /// # Errors
    /// `InvalidArgument` for a number that there is not.
    pub(super) fn answer(&self, request: &Request, now: f64) -> Result<Option<u64>> {
        let mut book = self.lock_book();
        match request {
            Request::Acknowledge { id, by, note } => {
                let change = book.acknowledge(*id, by, note.as_deref(), now)?;
                drop(book);
                lock(&self.changes).push(change);
                Ok(None)
            }
            Request::Silence(silence) => book.silence(silence.clone()).map(Some),
            Request::Unsilence { id } => match book.unsilence(*id) {
                true => Ok(None),
                false => Err(Error::invalid("silence", id, "the number of one in force")),
            },
            // Read already, when the database told of it.
            Request::ReloadRules => Ok(None),
        }
    }

    /// Holds the rules against one sample.
    pub(super) fn evaluate(
        &self,
        unix_seconds: f64,
        frame: &Frame,
        judgement: &Judgement,
    ) -> (Vec<Change>, Active) {
        let mut book = self.lock_book();
        let changes = book.evaluate(&self.rules.load(), unix_seconds, frame, judgement);
        (changes, book.active())
    }

    /// Tells the channels of a change.
    pub(super) fn notify(&self, change: &Change, host: &str) {
        if !change.is_told() {
            return;
        }
        let Some(told) = &*self.notifier.load() else {
            return;
        };
        let rules = self.rules.load();
        let alert = change.alert();
        let channels = rules.channels_of(alert);
        if !channels.is_empty() {
            let status = match change {
                Change::Escalated(_) => "escalated",
                Change::Resolved(_) => "resolved",
                _ => "firing",
            };
            told.0
                .send(&channels, Arc::new(notification(alert, status, host)));
        }
    }

    /// What the book remembers, as bytes.
    pub(super) fn memory(&self) -> Result<Vec<u8>> {
        self.lock_book().memory()
    }

    /// Takes up what it remembered.
    pub(super) fn restore(&self, data: &[u8]) -> Result<()> {
        *self.lock_book() = Book::restored(data)?;
        Ok(())
    }
}

fn notification(alert: &Alert, status: &str, host: &str) -> Notification {
    Notification {
        alert_id: alert.id,
        rule: alert.rule.clone(),
        status: status.into(),
        severity: alert.severity.name().into(),
        title: match alert.series.labels.is_empty() {
            true => alert.rule.clone(),
            false => format!("{}: {}", alert.rule, alert.series),
        },
        message: alert.message.clone(),
        metric: Some(alert.series.metric.clone()).filter(|metric| !metric.is_empty()),
        labels: alert.series.labels.clone(),
        value: alert.value,
        threshold: alert.threshold,
        host: host.into(),
        timestamp: alert.updated_at,
        since: Some(alert.since),
        extra: serde_json::Value::Null,
    }
}

fn row(outcome: Outcome) -> NotificationRow {
    NotificationRow {
        alert_id: outcome.alert_id,
        rule: outcome.rule,
        channel: outcome.channel,
        status: outcome.status,
        ok: outcome.ok,
        attempts: outcome.attempts,
        error: outcome.error,
        queued_at: outcome.queued_at,
        finished_at: outcome.finished_at,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
