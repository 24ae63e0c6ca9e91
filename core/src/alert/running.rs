//! One rule that is in force, with all that it remembers of its series.

use std::sync::Arc;

use super::book::{KeptLife, Told};
use super::compiled::{Compiled, Reading, Seen, Truth};
use super::life::{Life, Stage, Tick};
use super::watch::Watch;
use super::{Alert, Change, Rule, Silence, message};
use crate::Result;
use crate::series::{Entity, Family, PartRow};

/// A process that is not among the frame's any more is not waited for longer, seconds.
const FORGET_PROCESS_SECONDS: f64 = 60.0;

/// Most lives of series that are gone, of one rule.
const MOST_GONE: usize = 1000;

/// What an evaluation has at hand.
pub(super) struct Scene<'a> {
    pub(super) seen: Seen<'a>,
    pub(super) tick: Tick,
    pub(super) silences: &'a [Silence],
    pub(super) next_id: &'a mut u64,
    pub(super) changes: &'a mut Vec<Change>,
}

/// A rule that is in force.
#[derive(Debug, Clone)]
pub(super) struct Running {
    /// Its place in the set.
    pub(super) rule: usize,
    name: String,
    compiled: Compiled,
    /// The entities of the last frame.
    entities: Arc<[Arc<Entity>]>,
    /// One for each of them; for the machine as a whole the only one.
    slots: Vec<Slot>,
    /// What is remembered of those that are not in the frame.
    gone: Vec<Slot>,
    readings: Vec<Reading>,
}

/// What is remembered of one series.
#[derive(Debug, Clone)]
struct Slot {
    entity: Arc<Entity>,
    /// Tests that speak of it, a bit each.
    matching: u64,
    watches: Vec<Watch>,
    life: Option<Box<Life>>,
}

impl Running {
    /// Makes a rule ready and takes up what was remembered under its name.
    pub(super) fn new(place: usize, rule: &Rule, kept: Vec<KeptLife>) -> Result<Running> {
        let compiled = Compiled::of(rule)?;
        let mut running = Running {
            rule: place,
            name: rule.name.clone(),
            compiled,
            entities: Arc::default(),
            slots: Vec::new(),
            gone: Vec::new(),
            readings: Vec::new(),
        };
        for kept in kept {
            let mut slot = running.slot(Arc::new(Entity::new(kept.labels)));
            slot.life = Some(Box::new(kept.life));
            running.gone.push(slot);
        }
        if running.compiled.family.is_none() {
            let machine = Arc::new(Entity::single());
            let slot = running.take_gone(&machine);
            running.slots.push(slot);
        }
        Ok(running)
    }

    pub(super) fn lives(&self) -> impl Iterator<Item = &Life> {
        let slots = self.slots.iter().chain(&self.gone);
        slots.filter_map(|slot| slot.life.as_deref())
    }

    pub(super) fn lives_mut(&mut self) -> impl Iterator<Item = &mut Life> {
        let slots = self.slots.iter_mut().chain(&mut self.gone);
        slots.filter_map(|slot| slot.life.as_deref_mut())
    }

    /// Hands over what is to be remembered.
    pub(super) fn keep(self, kept: &mut Vec<KeptLife>) {
        for slot in self.slots.into_iter().chain(self.gone) {
            kept.extend(slot.life.map(|life| KeptLife {
                rule: self.name.clone(),
                labels: slot.entity.labels.to_vec(),
                life: *life,
            }));
        }
    }

    /// Holds the rule against one sample.
    pub(super) fn evaluate(&mut self, rule: &Rule, scene: &mut Scene<'_>, told: &mut Told) {
        let seen = scene.seen;
        self.compiled.begin(&seen);
        let part = match self.compiled.family {
            None => None,
            Some(family) => {
                let part = seen.frame.part(family);
                self.follow(part.map(|part| &part.entities));
                part
            }
        };
        for row in 0..self.slots.len() {
            let place = part.map(|part| (part, row));
            self.evaluate_slot(row, place, rule, scene, told);
        }
        if !self.gone.is_empty() {
            self.miss(rule, scene);
            told.unknown = told.unknown.saturating_add(self.gone.len() as u32);
        }
    }

    fn evaluate_slot(
        &mut self,
        row: usize,
        place: Option<(&PartRow, usize)>,
        rule: &Rule,
        scene: &mut Scene<'_>,
        told: &mut Told,
    ) {
        let Some(slot) = self.slots.get_mut(row) else {
            return;
        };
        if slot.matching == 0 {
            return;
        }
        let sticky = slot.life.as_ref().is_some_and(|life| life.is_on());
        self.compiled.read(
            &scene.seen,
            slot.matching,
            place,
            sticky,
            &mut slot.watches,
            &mut self.readings,
        );
        let (compiled, readings, entity) = (&self.compiled, &self.readings, &slot.entity);
        let truth = compiled.truth(readings);
        match truth {
            Truth::Unknown => told.unknown += 1,
            _ => told.known += 1,
        }
        if slot.life.is_none() && truth != Truth::Yes {
            return;
        }
        let life = slot.life.get_or_insert_with(Box::default);
        let words = |readings: &[Reading], level: usize, alert: &mut Alert| {
            message::tell(rule, compiled, entity, readings, level, alert);
        };
        let now = scene.tick.unix_seconds;
        let silenced = |alert: &Alert| silenced_until(scene.silences, alert, now);
        life.follow(
            readings,
            truth,
            &mut Stage {
                tick: scene.tick,
                rule,
                compiled,
                next_id: scene.next_id,
                changes: scene.changes,
                silenced: &silenced,
                words: &words,
            },
        );
        if life.is_over(scene.tick.clock, rule) {
            slot.life = None;
        }
    }

    /// Lives of series that are not in the frame.
    fn miss(&mut self, rule: &Rule, scene: &mut Scene<'_>) {
        let forget_after = match self.compiled.family {
            Some(Family::Process) => rule.forget_after_seconds.min(FORGET_PROCESS_SECONDS),
            _ => rule.forget_after_seconds,
        };
        let compiled = &self.compiled;
        let now = scene.tick.unix_seconds;
        let silences = scene.silences;
        self.gone.retain_mut(|slot| {
            let Some(life) = &mut slot.life else {
                return false;
            };
            let mut stage = Stage {
                tick: scene.tick,
                rule,
                compiled,
                next_id: scene.next_id,
                changes: scene.changes,
                silenced: &|alert| silenced_until(silences, alert, now),
                words: &|_, _, _| {},
            };
            life.miss(&mut stage, forget_after);
            !life.is_over(scene.tick.clock, rule)
        });
        // Those that are longest gone are in front.
        let over = self.gone.len().saturating_sub(MOST_GONE);
        self.gone.drain(..over);
    }

    /// Brings the slots to the entities of the frame.
    fn follow(&mut self, now: Option<&Arc<[Arc<Entity>]>>) {
        let Some(now) = now else {
            if !self.slots.is_empty() {
                self.put_aside();
                self.entities = Arc::default();
            }
            return;
        };
        if Arc::ptr_eq(now, &self.entities) && now.len() == self.slots.len() {
            return;
        }
        let is_same = now.len() == self.slots.len()
            && now
                .iter()
                .zip(&self.slots)
                .all(|(entity, slot)| *entity == slot.entity);
        if !is_same {
            self.put_aside();
            // Most are in the same order as before.
            for entity in now.iter() {
                let slot = self.take_gone(entity);
                self.slots.push(slot);
            }
            self.gone.retain(|slot| slot.life.is_some());
        }
        self.entities = now.clone();
    }

    fn put_aside(&mut self) {
        self.gone.append(&mut self.slots);
    }

    /// The slot of an entity: the one that was put aside, or a new one.
    fn take_gone(&mut self, entity: &Arc<Entity>) -> Slot {
        let same = |slot: &Slot| Arc::ptr_eq(&slot.entity, entity) || slot.entity == *entity;
        match self.gone.iter().position(same) {
            Some(place) => {
                let mut slot = self.gone.remove(place);
                slot.entity = entity.clone();
                slot
            }
            None => self.slot(entity.clone()),
        }
    }

    fn slot(&self, entity: Arc<Entity>) -> Slot {
        let watches = match self.compiled.watches {
            true => vec![Watch::Nothing; self.compiled.tests.len()],
            false => Vec::new(),
        };
        Slot {
            matching: self.compiled.matching(&entity),
            entity,
            watches,
            life: None,
        }
    }
}

/// Until when an alert is silenced: by the silence that lasts longest.
fn silenced_until(silences: &[Silence], alert: &Alert, now: f64) -> Option<f64> {
    let covering = silences.iter().filter(|silence| silence.covers(alert, now));
    covering.map(|silence| silence.until).reduce(f64::max)
}

/// Ends the alert of a rule that is not in force any more.
pub(super) fn end(gone: KeptLife, scene: &mut Scene<'_>) {
    let rule = Rule {
        name: gone.rule,
        ..Rule::default()
    };
    let mut life = gone.life;
    let (silences, now) = (scene.silences, scene.tick.unix_seconds);
    life.drop_out(&mut Stage {
        tick: scene.tick,
        rule: &rule,
        compiled: &Compiled::default(),
        next_id: scene.next_id,
        changes: scene.changes,
        silenced: &|alert| silenced_until(silences, alert, now),
        words: &|_, _, _| {},
    });
}
