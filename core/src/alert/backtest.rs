//! When rules would have fired: a book of their own, fed with what was.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::clock::BookClock;
use super::compiled::Compiled;
use super::{Alert, AlertStatus, Book, Change, RuleSet};
use crate::Result;
use crate::judge::Judgement;
use crate::series::Frame;

/// Most alerts that are listed.
const MOST_ALERTS: usize = 10_000;

/// When a rule would have fired.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Backtest {
    /// Samples or rows that were looked at.
    pub samples: u64,
    /// Of them those at which the condition could not be told for want of data.
    pub without_data: u64,
    /// Beginning and end of what was looked at, Unix seconds.
    pub range: Option<(f64, f64)>,
    /// The alerts, in the order in which they began; what still lasts has no end.
    pub alerts: Vec<Alert>,
    /// Share of the time in which at least one fired, percent.
    pub firing_percent: Option<f64>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Holds rules against samples of the past, in their order.
#[derive(Debug)]
pub(crate) struct Backtester {
    rules: Arc<RuleSet>,
    book: Book,
    clock: BookClock,
    found: Backtest,
    /// Places in the list of alerts that last, by their number.
    places: HashMap<u64, usize>,
    is_firing: bool,
    firing_seconds: f64,
    seconds: f64,
    left_out: u64,
}

impl Backtester {
    /// A test of these rules; those that are switched off count, too.
    ///
    /// # Errors
    /// `InvalidArgument` for a rule that can't be evaluated.
    pub(crate) fn new(rules: &RuleSet) -> Result<Backtester> {
        let mut rules = rules.clone();
        for rule in &mut rules.rules {
            rule.check()?;
            rule.enabled = true;
        }
        Ok(Backtester {
            rules: Arc::new(rules),
            book: Book::default(),
            clock: BookClock::default(),
            found: Backtest::default(),
            places: HashMap::new(),
            is_firing: false,
            firing_seconds: 0.0,
            seconds: 0.0,
            left_out: 0,
        })
    }

    /// Whether some rule needs anomalies or forecasts.
    pub(crate) fn needs_judgement(&self) -> bool {
        let compiled = self
            .rules
            .rules
            .iter()
            .filter_map(|rule| Compiled::of(rule).ok());
        compiled
            .into_iter()
            .any(|compiled| compiled.needs_judgement())
    }

    /// The next sample.
    pub(crate) fn feed(&mut self, frame: &Frame, judgement: &Judgement) {
        let unix_seconds = frame.unix_us as f64 / 1e6;
        let tick = self.clock.advance(unix_seconds, frame.monotonic_us);
        self.seconds += tick.watched;
        if self.is_firing {
            self.firing_seconds += tick.watched;
        }
        let changes = self
            .book
            .evaluate(&self.rules, unix_seconds, frame, judgement);
        self.found.samples += 1;
        if self.book.told().known == 0 {
            self.found.without_data += 1;
        }
        let (first, last) = self.found.range.unwrap_or((unix_seconds, unix_seconds));
        self.found.range = Some((first.min(unix_seconds), last.max(unix_seconds)));
        for change in &changes {
            self.note(change);
        }
        let is_firing = |alert: &Arc<Alert>| alert.status == AlertStatus::Firing;
        self.is_firing = self.book.active().iter().any(is_firing);
    }

    fn note(&mut self, change: &Change) {
        let alert = change.alert();
        let place = match self.places.get(&alert.id) {
            Some(place) => *place,
            None if self.found.alerts.len() >= MOST_ALERTS => {
                self.left_out += u64::from(matches!(change, Change::Fired(_)));
                return;
            }
            None => {
                self.places.insert(alert.id, self.found.alerts.len());
                self.found.alerts.push((**alert).clone());
                self.found.alerts.len() - 1
            }
        };
        let Some(known) = self.found.alerts.get_mut(place) else {
            return;
        };
        // The worst that it was, with the words of that time.
        let worst = known.severity.max(alert.severity);
        let (message, value) = match known.severity < alert.severity {
            true => (alert.message.clone(), alert.value),
            false => (known.message.clone(), known.value),
        };
        *known = Alert {
            severity: worst,
            message,
            value,
            ..(**alert).clone()
        };
        if matches!(change, Change::Resolved(_)) {
            self.places.remove(&alert.id);
        }
    }

    /// Adds what the reader should know.
    pub(crate) fn add_note(&mut self, note: String) {
        if !self.found.notes.contains(&note) {
            self.found.notes.push(note);
        }
    }

    /// What was found.
    pub(crate) fn finish(mut self) -> Backtest {
        if self.left_out > 0 {
            let words = format!("{} further alerts are not listed", self.left_out);
            self.add_note(words);
        }
        let share = 100.0 * self.firing_seconds / self.seconds;
        self.found.firing_percent = Some(share).filter(|share| share.is_finite());
        self.found
    }
}
