//! The alerts that are not over, and how each sample changes them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::clock::BookClock;
use super::compiled::Seen;
use super::life::Life;
use super::running::{Running, Scene};
use super::{Acknowledgement, Active, Alert, AlertStatus, RuleSet, Silence};
use crate::arrange::arrange_by;
use crate::error::{Error, Result};
use crate::judge::Judgement;
use crate::logging::{Level, tell};
use crate::series::Frame;

/// Most silences at a time.
const MOST_SILENCES: usize = 1000;

/// What happened to an alert.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// It began to fire, or grew worse; or it fires and the silence that covered it ended.
    Fired(Arc<Alert>),
    /// Nobody has answered it: the channels of its next step are to be told.
    Escalated(Arc<Alert>),
    /// It ended.
    Resolved(Arc<Alert>),
    /// Anything else that is to be remembered (acknowledged, silenced, no data).
    Updated(Arc<Alert>),
}

impl Change {
    /// The alert as it is now.
    pub(crate) fn alert(&self) -> &Arc<Alert> {
        match self {
            Change::Fired(alert)
            | Change::Escalated(alert)
            | Change::Resolved(alert)
            | Change::Updated(alert) => alert,
        }
    }

    /// Whether channels are to be told: not of what a silence covers.
    pub(crate) fn is_told(&self) -> bool {
        !matches!(self, Change::Updated(_)) && self.alert().silenced_until.is_none()
    }
}

/// Memory of the alerts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub(crate) struct Book {
    rules: Option<Arc<RuleSet>>,
    running: Vec<Running>,
    /// Lives of an earlier run, until the rules are known.
    kept: Vec<KeptLife>,
    silences: Vec<Silence>,
    last_id: u64,
    last_silence: u64,
    clock: BookClock,
    active: Active,
    /// Series that the last sample told something of, and those of which it did not.
    told: Told,
}

/// How many series of a rule could be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) known: u32,
    pub(crate) unknown: u32,
}

/// What of a book outlives a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept {
    last_id: u64,
    last_silence: u64,
    clock: BookClock,
    silences: Vec<Silence>,
    lives: Vec<KeptLife>,
}

/// A life of an earlier run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptLife {
    pub(super) rule: String,
    pub(super) labels: Vec<Option<Arc<str>>>,
    pub(super) life: Life,
}

impl From<Kept> for Book {
    fn from(kept: Kept) -> Book {
        let mut book = Book {
            kept: kept.lives,
            silences: kept.silences,
            last_id: kept.last_id,
            last_silence: kept.last_silence,
            clock: kept.clock,
            ..Book::default()
        };
        book.renew_active();
        book
    }
}

impl From<Book> for Kept {
    fn from(book: Book) -> Kept {
        let mut lives = book.kept;
        for running in book.running {
            running.keep(&mut lives);
        }
        Kept {
            last_id: book.last_id,
            last_silence: book.last_silence,
            clock: book.clock,
            silences: book.silences,
            lives,
        }
    }
}

impl Book {
    /// Version of what [`Book::memory`] gives.
    pub(crate) const MEMORY_VERSION: u32 = 2;

    /// All of it, as bytes.
    ///
    /// # Errors
    /// `Internal`.
    pub(crate) fn memory(&self) -> Result<Vec<u8>> {
        postcard::to_stdvec(self).map_err(|error| Error::Internal(error.to_string()))
    }

    /// A book of bytes.
    ///
    /// # Errors
    /// `Internal` for bytes that are not of this version.
    pub(crate) fn restored(data: &[u8]) -> Result<Book> {
        postcard::from_bytes(data)
            .map_err(|error| Error::Internal(format!("memory of the alerts: {error}")))
    }

    /// Holds the rules against one sample.
    pub(crate) fn evaluate(
        &mut self,
        rules: &Arc<RuleSet>,
        unix_seconds: f64,
        frame: &Frame,
        judgement: &Judgement,
    ) -> Vec<Change> {
        let tick = self.clock.advance(unix_seconds, frame.monotonic_us);
        let mut changes = Vec::new();
        let mut next_id = self.last_id.saturating_add(1);
        let silences = std::mem::take(&mut self.silences);
        let mut scene = Scene {
            seen: Seen {
                frame,
                judgement,
                clock: tick.clock,
            },
            tick,
            silences: &silences,
            next_id: &mut next_id,
            changes: &mut changes,
        };
        let is_new = match &self.rules {
            Some(known) => !Arc::ptr_eq(known, rules),
            None => true,
        };
        if is_new {
            self.running = adopt(
                std::mem::take(&mut self.running),
                std::mem::take(&mut self.kept),
                rules,
                &mut scene,
            );
            self.rules = Some(rules.clone());
        }
        self.told = Told::default();
        for running in &mut self.running {
            if let Some(rule) = rules.rules.get(running.rule) {
                running.evaluate(rule, &mut scene, &mut self.told);
            }
        }
        self.last_id = next_id.saturating_sub(1);
        self.silences = silences;
        self.silences.retain(|silence| silence.until > unix_seconds);
        if !changes.is_empty() || self.lives().any(|life| life.alert.is_some()) || is_new {
            self.renew_active();
        } else if !self.active.is_empty() {
            self.active = Active::default();
        }
        changes
    }

    /// The alerts that are not over, worst first.
    pub(crate) fn active(&self) -> Active {
        self.active.clone()
    }

    /// How many series the last sample told something of.
    pub(crate) fn told(&self) -> Told {
        self.told
    }

    /// Takes note of an alert: it does not escalate any more.
    ///
    /// # Errors
    /// `InvalidArgument` for a number that no alert has that is not over.
    pub(crate) fn acknowledge(
        &mut self,
        id: u64,
        by: &str,
        note: Option<&str>,
        at: f64,
    ) -> Result<Change> {
        let mut lives = self.lives_mut();
        let found = lives.find_map(|life| life.alert.as_mut().filter(|a| a.id == id && id > 0));
        let Some(alert) = found else {
            drop(lives);
            return Err(self.no_alert(id));
        };
        Arc::make_mut(alert).acknowledged = Some(Acknowledgement {
            by: by.to_owned(),
            at,
            note: note.map(str::to_owned),
        });
        let change = Change::Updated(alert.clone());
        drop(lives);
        self.renew_active();
        Ok(change)
    }

    fn no_alert(&self, id: u64) -> Error {
        let ids = self.active.iter().map(|alert| alert.id);
        let ids: Vec<String> = ids.filter(|id| *id > 0).map(|id| id.to_string()).collect();
        let allowed = match ids.is_empty() {
            true => "no alert is firing".to_owned(),
            false => format!(
                "the number of an alert that is not over: {}",
                ids.join(", ")
            ),
        };
        Error::invalid("alert", id, allowed)
    }

    /// From the next sample on nobody is told of what a silence covers. Answers its number.
    ///
    /// # Errors
    /// `InvalidArgument` when it ends before it begins, and when there are too many.
    pub(crate) fn silence(&mut self, silence: Silence) -> Result<u64> {
        let lasts = silence.from < silence.until && silence.until.is_finite();
        if !lasts || !silence.from.is_finite() {
            let allowed = "a time after the silence begins";
            return Err(Error::invalid("until", silence.until, allowed));
        }
        if self.silences.len() >= MOST_SILENCES {
            let allowed = "at most a thousand silences at a time";
            return Err(Error::invalid("silence", self.silences.len() + 1, allowed));
        }
        self.last_silence += 1;
        self.silences.push(Silence {
            id: self.last_silence,
            ..silence
        });
        Ok(self.last_silence)
    }

    /// Ends a silence; false for a number that there is not.
    pub(crate) fn unsilence(&mut self, id: u64) -> bool {
        let before = self.silences.len();
        self.silences.retain(|silence| silence.id != id);
        self.silences.len() < before
    }

    /// The silences that are in force or still to come.
    pub(crate) fn silences(&self) -> &[Silence] {
        &self.silences
    }

    #[cfg(test)]
    pub(crate) fn next_id(&self) -> u64 {
        self.last_id.saturating_add(1)
    }

    /// No alert gets a number below this: what the database holds, when the memory is lost.
    pub(crate) fn set_next_id(&mut self, id: u64) {
        self.last_id = self.last_id.max(id.saturating_sub(1));
    }

    fn lives(&self) -> impl Iterator<Item = &Life> {
        let kept = self.kept.iter().map(|kept| &kept.life);
        kept.chain(self.running.iter().flat_map(Running::lives))
    }

    fn lives_mut(&mut self) -> impl Iterator<Item = &mut Life> {
        let kept = self.kept.iter_mut().map(|kept| &mut kept.life);
        kept.chain(self.running.iter_mut().flat_map(Running::lives_mut))
    }

    fn renew_active(&mut self) {
        let mut active: Vec<Arc<Alert>> = self.lives().filter_map(|l| l.alert.clone()).collect();
        let rank = |alert: &Alert| match alert.status {
            AlertStatus::Firing => 0,
            AlertStatus::NoData if alert.fired_at.is_some() => 1,
            _ => 2,
        };
        arrange_by(&mut active, |a, b| {
            let by_rank = rank(a).cmp(&rank(b));
            let by_severity = b.severity.cmp(&a.severity);
            let by_age = a.since.total_cmp(&b.since).then(a.id.cmp(&b.id));
            by_rank.then(by_severity).then(by_age)
        });
        self.active = active.into();
    }
}

/// Makes a new set of rules ready. What goes on under the same name goes on; alerts of rules
/// that are not in force any more end.
fn adopt(
    old: Vec<Running>,
    mut kept: Vec<KeptLife>,
    rules: &RuleSet,
    scene: &mut Scene<'_>,
) -> Vec<Running> {
    for running in old {
        running.keep(&mut kept);
    }
    let mut all = Vec::new();
    for (place, rule) in rules.rules.iter().enumerate() {
        if !rule.enabled {
            continue;
        }
        let own = |life: &mut KeptLife| life.rule == rule.name;
        match Running::new(place, rule, kept.extract_if(.., own).collect()) {
            Ok(running) => all.push(running),
            // It was checked when it was read.
            Err(error) => tell(
                Level::Warn,
                format_args!("alert rule {:?} is left out: {error}", rule.name),
            ),
        }
    }
    for gone in kept {
        super::running::end(gone, scene);
    }
    all
}
