//! The life of what one rule finds in one series: from the first sample at which the
//! condition holds to its end, with hold times, flapping and cooldown.
//!
//! ```text
//! raw truth ──▶ held long enough: on / off ──▶ pending ─▶ firing ─▶ resolved
//!                      └▶ too many changes: flapping, told once, until it is calm
//! ```

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::compiled::{Compiled, Reading, Truth};
use super::{Alert, AlertSeverity, AlertStatus, Change, Rule};

/// Seconds and holds of one evaluation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tick {
    /// Wall clock, Unix seconds: for stamps only.
    pub(super) unix_seconds: f64,
    /// The book's own clock, which never goes back.
    pub(super) clock: f64,
    /// Seconds since the evaluation before that count as watched; 0 after a gap.
    pub(super) watched: f64,
    /// Samples are missing before this one: what held before may have ended meanwhile.
    pub(super) after_gap: bool,
}

/// What is remembered of one rule and one series.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Life {
    /// The condition holds, by its hold times.
    on: bool,
    /// For how long it has been the other way, seconds; `None`: it is not.
    contrary: Option<f64>,
    /// It was known at the evaluation before.
    was_known: bool,
    /// Level that is in force while the condition holds.
    level: usize,
    /// For how long a higher level has held, and for how long the level has not.
    level_up: Option<f64>,
    level_down: Option<f64>,
    /// When `on` changed, by the book's clock; those of the flapping window.
    changes: Vec<f64>,
    is_flapping: bool,
    /// When the last alert ended, by the book's clock.
    ended: Option<f64>,
    /// When the alert fired, by the book's clock.
    fired: f64,
    /// Status that data took away.
    before: AlertStatus,
    /// Since when the series is gone, by the book's clock.
    gone: Option<f64>,
    /// Somebody was told of this severity.
    pub(super) told: Option<AlertSeverity>,
    /// The alert; `None` when all is well.
    pub(super) alert: Option<Arc<Alert>>,
}

/// What is at hand when a life goes on.
pub(super) struct Stage<'a> {
    pub(super) tick: Tick,
    pub(super) rule: &'a Rule,
    pub(super) compiled: &'a Compiled,
    pub(super) next_id: &'a mut u64,
    pub(super) changes: &'a mut Vec<Change>,
    /// Until when the series is silenced, if it is.
    pub(super) silenced: &'a dyn Fn(&Alert) -> Option<f64>,
    /// Makes a new alert's key and words of the readings.
    pub(super) words: &'a dyn Fn(&[Reading], usize, &mut Alert),
}

impl Life {
    /// Whether nothing is to be remembered.
    pub(super) fn is_over(&self, clock: f64, rule: &Rule) -> bool {
        let cooled = self
            .ended
            .is_none_or(|ended| clock - ended >= rule.cooldown_seconds);
        let is_calm = self
            .changes
            .iter()
            .all(|then| clock - then >= rule.flapping.within_seconds);
        self.alert.is_none() && !self.on && self.contrary.is_none() && cooled && is_calm
    }

    /// Whether limits are to be read as those at which it ends.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Goes on with what a sample tells.
    pub(super) fn follow(&mut self, readings: &[Reading], truth: Truth, stage: &mut Stage<'_>) {
        if truth == Truth::Unknown {
            return self.lose(stage);
        }
        self.gone = None;
        let current = (self.on || self.contrary.is_some()).then_some(self.level);
        let level = stage.compiled.level(readings, current);
        let holds = truth == Truth::Yes && level.is_some();
        self.find(stage);
        let watched = match self.was_known {
            true => stage.tick.watched,
            false => 0.0,
        };
        self.was_known = true;
        if stage.tick.after_gap {
            self.begin_holds_anew();
        }
        if let Some(level) = level.filter(|_| holds) {
            self.climb(level, watched, stage);
        }
        self.settle(holds, watched, stage);
        self.act(readings, holds, stage);
    }

    /// The series is not in the frame.
    pub(super) fn miss(&mut self, stage: &mut Stage<'_>, forget_after: f64) {
        self.lose(stage);
        let since = *self.gone.get_or_insert(stage.tick.clock);
        if stage.tick.clock - since < forget_after {
            return;
        }
        self.on = false;
        self.contrary = None;
        self.end(stage);
    }

    /// The rule is not in force any more.
    pub(super) fn drop_out(&mut self, stage: &mut Stage<'_>) {
        self.end(stage);
    }

    /// `on` follows the condition when it has held, or not, for long enough.
    fn settle(&mut self, holds: bool, watched: f64, stage: &Stage<'_>) {
        if holds == self.on {
            self.contrary = None;
            return;
        }
        let held = match self.contrary {
            Some(held) => held + watched,
            None => 0.0,
        };
        self.contrary = Some(held);
        let needed = match holds {
            true => stage.compiled.hold_seconds(stage.rule),
            false => stage.rule.clear_for_seconds,
        };
        if held < needed {
            return;
        }
        self.on = holds;
        self.contrary = None;
        let flapping = stage.rule.flapping;
        let clock = stage.tick.clock;
        self.changes
            .retain(|then| clock - then < flapping.within_seconds);
        // No more of them decide anything.
        let most = flapping.changes.max(1) as usize;
        if self.changes.len() >= most {
            self.changes.remove(0);
        }
        self.changes.push(clock);
    }

    /// Goes to the level that holds when it has held for long enough.
    fn climb(&mut self, level: usize, watched: f64, stage: &Stage<'_>) {
        if !self.on && self.contrary.is_none() {
            self.level = stage.compiled.first_level(level);
            (self.level_up, self.level_down) = (None, None);
        }
        let longer = |held: Option<f64>| held.map_or(0.0, |held| held + watched);
        if level > self.level {
            let up = longer(self.level_up);
            (self.level_up, self.level_down) = (Some(up), None);
            let held = |place: &usize| {
                let level = stage.compiled.levels.get(*place);
                level.is_some_and(|level| level.for_seconds <= up)
            };
            if let Some(reached) = (self.level + 1..=level).rev().find(held) {
                self.level = reached;
                self.level_up = None;
            }
        } else if level < self.level {
            let down = longer(self.level_down);
            (self.level_up, self.level_down) = (None, Some(down));
            if down >= stage.rule.clear_for_seconds {
                self.level = level;
                self.level_down = None;
            }
        } else {
            (self.level_up, self.level_down) = (None, None);
        }
    }

    /// What follows for the alert.
    fn act(&mut self, readings: &[Reading], holds: bool, stage: &mut Stage<'_>) {
        let clock = stage.tick.clock;
        let status = self.alert.as_ref().map(|alert| alert.status);
        match status {
            Some(AlertStatus::Firing) => self.go_on(readings, stage),
            _ if self.on => {
                let rest = stage.rule.cooldown_seconds;
                let rests = self.ended.is_some_and(|ended| clock - ended < rest);
                // After a cooldown it may be about to end already.
                match rests || !holds {
                    true => self.wait(readings, stage),
                    false => self.fire(readings, stage),
                }
            }
            _ if holds => self.wait(readings, stage),
            _ => self.alert = None,
        }
    }

    /// Pending.
    fn wait(&mut self, readings: &[Reading], stage: &Stage<'_>) {
        let level = self.level;
        let tick = stage.tick;
        if self.alert.is_none() {
            let mut alert = new_alert(stage.rule, &tick);
            (stage.words)(readings, level, &mut alert);
            self.alert = Some(Arc::new(alert));
        } else {
            self.renew(readings, stage);
        }
    }

    fn fire(&mut self, readings: &[Reading], stage: &mut Stage<'_>) {
        self.wait(readings, stage);
        self.forget_changes(stage);
        let most = stage.rule.flapping.changes;
        self.is_flapping = most > 0 && self.changes.len() >= most as usize;
        let Some(alert) = self.alert.as_mut().map(Arc::make_mut) else {
            return;
        };
        alert.id = *stage.next_id;
        *stage.next_id += 1;
        alert.status = AlertStatus::Firing;
        alert.fired_at = Some(stage.tick.unix_seconds);
        alert.silenced_until = (stage.silenced)(alert);
        mark_flapping(alert, self.is_flapping, stage.rule);
        self.fired = stage.tick.clock;
        self.told = None;
        self.tell(stage);
    }

    /// Fired: to be told unless a silence covers it.
    fn tell(&mut self, stage: &mut Stage<'_>) {
        let Some(alert) = &self.alert else { return };
        if alert.silenced_until.is_none() {
            self.told = Some(alert.severity);
        }
        stage.changes.push(Change::Fired(alert.clone()));
    }

    fn note_update(&self, stage: &mut Stage<'_>) {
        let alert = self.alert.iter().cloned();
        stage.changes.extend(alert.map(Change::Updated));
    }

    /// Changes from before the flapping window decide nothing any more.
    fn forget_changes(&mut self, stage: &Stage<'_>) {
        let (clock, window) = (stage.tick.clock, stage.rule.flapping.within_seconds);
        self.changes.retain(|then| clock - then < window);
    }

    /// Firing at a further sample.
    fn go_on(&mut self, readings: &[Reading], stage: &mut Stage<'_>) {
        if self.is_flapping {
            self.forget_changes(stage);
            self.is_flapping = self.changes.len() as u32 > stage.rule.flapping.changes / 2;
        }
        if !self.on && !self.is_flapping {
            self.renew(readings, stage);
            self.end(stage);
            return;
        }
        let of = |alert: &Alert| (alert.severity, alert.is_flapping, alert.silenced_until);
        let before = self.alert.as_deref().map(of);
        self.renew(readings, stage);
        let Some(alert) = self.alert.as_mut().map(Arc::make_mut) else {
            return;
        };
        alert.silenced_until = (stage.silenced)(alert);
        mark_flapping(alert, self.is_flapping, stage.rule);
        let after = of(alert);
        let is_news = match self.told {
            None => true,
            Some(told) => told < alert.severity && !alert.is_flapping,
        };
        // What was less bad for a while is told again when it grows worse.
        self.told = self.told.map(|told| told.min(alert.severity));
        if is_news && alert.silenced_until.is_none() {
            self.tell(stage);
        } else if before != Some(after) {
            self.note_update(stage);
        }
        self.escalate(stage);
    }

    /// Nobody has taken note of it.
    fn escalate(&mut self, stage: &mut Stage<'_>) {
        let Some(alert) = self.alert.as_mut() else {
            return;
        };
        if alert.acknowledged.is_some() || alert.silenced_until.is_some() {
            return;
        }
        let step = alert.escalation_step as usize;
        let Some(next) = stage.rule.escalate.get(step) else {
            return;
        };
        if stage.tick.clock - self.fired < next.after_seconds {
            return;
        }
        let changed = Arc::make_mut(alert);
        changed.escalation_step += 1;
        if let Some(severity) = next.severity {
            changed.severity = changed.severity.max(severity);
        }
        self.told = self.told.max(Some(changed.severity));
        stage.changes.push(Change::Escalated(alert.clone()));
    }

    /// The alert's numbers and words as they are now.
    fn renew(&mut self, readings: &[Reading], stage: &Stage<'_>) {
        let level = self.level;
        let Some(alert) = self.alert.as_mut().map(Arc::make_mut) else {
            return;
        };
        let of_level = stage.compiled.levels.get(level).map(|level| level.severity);
        alert.severity = of_level.unwrap_or(alert.severity);
        let steps = stage
            .rule
            .escalate
            .iter()
            .take(alert.escalation_step as usize);
        for severity in steps.filter_map(|step| step.severity) {
            alert.severity = alert.severity.max(severity);
        }
        alert.updated_at = stage.tick.unix_seconds;
        (stage.words)(readings, level, alert);
    }

    /// What was seen before samples were missing proves nothing of the time between.
    fn begin_holds_anew(&mut self) {
        self.contrary = None;
        (self.level_up, self.level_down) = (None, None);
    }

    /// Its data is gone: nothing changes but what it is called.
    fn lose(&mut self, stage: &mut Stage<'_>) {
        self.was_known = false;
        if stage.tick.after_gap {
            self.begin_holds_anew();
        }
        let Some(alert) = self.alert.as_mut() else {
            return;
        };
        if alert.status == AlertStatus::NoData {
            return;
        }
        self.before = alert.status;
        let alert = Arc::make_mut(alert);
        alert.status = AlertStatus::NoData;
        alert.value = None;
        alert.updated_at = stage.tick.unix_seconds;
        if self.before == AlertStatus::Firing {
            self.note_update(stage);
        }
    }

    /// Its data is back.
    fn find(&mut self, stage: &mut Stage<'_>) {
        let before = self.before;
        let Some(alert) = self.alert.as_mut() else {
            return;
        };
        if alert.status != AlertStatus::NoData {
            return;
        }
        let alert = Arc::make_mut(alert);
        alert.status = before;
        if before == AlertStatus::Firing {
            self.note_update(stage);
        }
    }

    /// The alert ends.
    fn end(&mut self, stage: &mut Stage<'_>) {
        let Some(mut alert) = self.alert.take() else {
            return;
        };
        self.is_flapping = false;
        self.told = None;
        if alert.fired_at.is_none() {
            return;
        }
        self.ended = Some(stage.tick.clock);
        let ended = Arc::make_mut(&mut alert);
        ended.silenced_until = (stage.silenced)(ended);
        ended.status = AlertStatus::Resolved;
        ended.resolved_at = Some(stage.tick.unix_seconds);
        ended.updated_at = stage.tick.unix_seconds;
        stage.changes.push(Change::Resolved(alert));
    }
}

fn new_alert(rule: &Rule, tick: &Tick) -> Alert {
    Alert {
        id: 0,
        rule: rule.name.clone(),
        series: Default::default(),
        severity: rule.severity,
        status: AlertStatus::Pending,
        value: None,
        threshold: None,
        message: String::new(),
        since: tick.unix_seconds,
        fired_at: None,
        resolved_at: None,
        updated_at: tick.unix_seconds,
        acknowledged: None,
        silenced_until: None,
        is_flapping: false,
        escalation_step: 0,
    }
}

fn mark_flapping(alert: &mut Alert, is_flapping: bool, rule: &Rule) {
    alert.is_flapping = is_flapping;
    if is_flapping {
        alert.message.push_str(&format!(
            " – it changes to and fro, {} times within {}: told once until it is calm",
            rule.flapping.changes,
            super::quantity::seconds_text(rule.flapping.within_seconds)
        ));
    }
}
