//! Rows of a tier into rows of the next coarser one, as they come.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use super::catalog;
use super::entity::Entity;
use super::frame::Frame;
use super::metric::{Family, Metric};
use super::stat::{Gathered, Tier, TierPart, TierRow};
use crate::arrange::arrange_by_key;

/// Entities of one family other than processes that a row holds at most: those seen first.
const MOST_ENTITIES: usize = 512;
/// Entities that a stretch may have left out before it takes no new ones.
const MOST_LEFT_OUT: usize = 4096;

/// Processes that a row holds at most: those that used most processor time, memory and
/// storage in its stretch, in turn, so at least 5, 4 and 3 of each. Where programs start
/// all the time, as in a build, each of them is another entity; they would soon take more
/// room than everything else.
fn most_processes(tier: Tier) -> usize {
    match tier {
        Tier::Raw | Tier::TenSeconds => 16,
        Tier::Minute => 12,
        Tier::TenMinutes => 10,
    }
}

/// Processes that are gathered at most before the least ones are left out.
const MOST_GATHERED: usize = 64;

/// Gathers rows of the tier below until a stretch is over.
///
/// A row of an earlier stretch than the one being gathered (the clock went back) ends that
/// stretch, so that there may be two rows of the same beginning; a reader takes them
/// together as [`RollUp`] itself would.
///
/// What it remembers is bounded, whatever comes and goes: it gathers a few times as many
/// processes as a row holds, and leaves out the least ones when there are more. An
/// entity that was left out once stays out of the whole stretch, so that what a row says of
/// an entity always covers all of the rows below it.
#[derive(Debug)]
pub(crate) struct RollUp {
    pub(crate) tier: Tier,
    /// Beginning of the stretch.
    start_us: Option<i64>,
    samples: u32,
    families: Vec<Gathering>,
}

impl RollUp {
    /// Gathers for `tier`, which is not `Raw`.
    pub(crate) fn new(tier: Tier) -> RollUp {
        RollUp {
            tier,
            start_us: None,
            samples: 0,
            families: Vec::new(),
        }
    }

    /// Takes in a sample; returns the row that it ended, if it belongs to another stretch.
    pub(crate) fn push_frame(&mut self, frame: &Frame) -> Option<TierRow> {
        let ended = self.begin(frame.unix_us);
        self.samples = self.samples.saturating_add(1);
        for part in &frame.parts {
            let take = |gathered: &mut Gathered, value: &i64| gathered.take(*value);
            self.gather(part.family, &part.entities, &part.values, take);
        }
        ended
    }

    /// Takes in a row of the tier below; returns the row that it ended.
    pub(crate) fn push_row(&mut self, row: &TierRow) -> Option<TierRow> {
        let ended = self.begin(row.start_us);
        self.samples = self.samples.saturating_add(row.samples);
        for part in &row.parts {
            self.gather(
                part.family,
                &part.entities,
                &part.stats,
                Gathered::take_stat,
            );
        }
        ended
    }

    /// The row of the stretch so far; nothing is gathered any more.
    pub(crate) fn finish(&mut self) -> Option<TierRow> {
        let start_us = self.start_us.take()?;
        let most = most_processes(self.tier);
        let parts = self
            .families
            .iter_mut()
            .filter_map(|family| family.finish(most));
        let mut parts: Vec<TierPart> = parts.collect();
        arrange_by_key(&mut parts, |part| part.family);
        Some(TierRow {
            start_us,
            samples: std::mem::take(&mut self.samples),
            parts,
        })
    }

    /// Begins the stretch of a moment; returns the row of another one that this ends.
    fn begin(&mut self, unix_us: i64) -> Option<TierRow> {
        let width = i64::from(self.tier.seconds().unwrap_or(1)) * 1_000_000;
        let start_us = unix_us.div_euclid(width).saturating_mul(width);
        if self.start_us == Some(start_us) {
            return None;
        }
        let ended = self.finish();
        self.start_us = Some(start_us);
        ended
    }

    fn gather<T>(
        &mut self,
        family: Family,
        entities: &Arc<[Arc<Entity>]>,
        values: &[T],
        take: impl Fn(&mut Gathered, &T),
    ) {
        let place = self.families.iter().position(|own| own.family == family);
        let place = place.unwrap_or_else(|| {
            self.families.push(Gathering::new(family));
            self.families.len() - 1
        });
        self.families[place].gather(entities, values, take);
    }
}

/// One family in the stretch.
#[derive(Debug)]
struct Gathering {
    family: Family,
    metrics: &'static [Metric],
    entities: Vec<Arc<Entity>>,
    /// Entity by entity.
    values: Vec<Gathered>,
    places: HashMap<Arc<Entity>, usize>,
    /// Hashes of those that are left out.
    left_out: HashSet<u64>,
    hasher: BuildHasherDefault<DefaultHasher>,
    /// The list of entities that came last, and the place of each here: mostly the next list
    /// is the same.
    list: Option<Arc<[Arc<Entity>]>>,
    list_places: Vec<Option<usize>>,
}

impl Gathering {
    fn new(family: Family) -> Gathering {
        Gathering {
            family,
            metrics: catalog::of_family(family),
            entities: Vec::new(),
            values: Vec::new(),
            places: HashMap::new(),
            left_out: HashSet::new(),
            hasher: BuildHasherDefault::default(),
            list: None,
            list_places: Vec::new(),
        }
    }

    fn gather<T>(
        &mut self,
        entities: &Arc<[Arc<Entity>]>,
        values: &[T],
        take: impl Fn(&mut Gathered, &T),
    ) {
        if self.metrics.is_empty() {
            return;
        }
        let is_same = |list: &Arc<[Arc<Entity>]>| Arc::ptr_eq(list, entities);
        if !self.list.as_ref().is_some_and(is_same) {
            self.list_places.clear();
            for entity in entities.iter() {
                let place = self.place(entity);
                self.list_places.push(place);
            }
            self.list = Some(entities.clone());
        }
        let width = self.metrics.len();
        for (place, values) in self.list_places.iter().zip(values.chunks(width)) {
            let Some(place) = place else { continue };
            let own = &mut self.values[place * width..(place + 1) * width];
            for (own, value) in own.iter_mut().zip(values) {
                take(own, value);
            }
        }
        if self.family == Family::Process && self.entities.len() > MOST_GATHERED {
            self.leave_out(MOST_GATHERED / 2);
        }
    }

    /// The place of an entity, a new one if need be; `None` if it is left out.
    fn place(&mut self, entity: &Arc<Entity>) -> Option<usize> {
        if let Some(place) = self.places.get(entity) {
            return Some(*place);
        }
        if !self.left_out.is_empty() {
            let is_out = self.left_out.contains(&self.hasher.hash_one(entity));
            if is_out || self.left_out.len() >= MOST_LEFT_OUT {
                return None;
            }
        }
        let place = self.entities.len();
        if place >= MOST_ENTITIES {
            return None;
        }
        self.entities.push(entity.clone());
        self.places.insert(entity.clone(), place);
        let more = self.values.len() + self.metrics.len();
        self.values.resize(more, Gathered::NOTHING);
        Some(place)
    }

    /// Keeps the so many entities that use most.
    fn leave_out(&mut self, most: usize) {
        let kept = self.greatest(most);
        let width = self.metrics.len();
        let mut to = 0;
        for (from, entity) in self.entities.iter().enumerate() {
            if kept.contains(&from) {
                self.values
                    .copy_within(from * width..(from + 1) * width, to * width);
                to += 1;
            } else {
                self.left_out.insert(self.hasher.hash_one(entity));
            }
        }
        self.values.truncate(to * width);
        let mut place = 0;
        self.entities.retain(|_| {
            place += 1;
            kept.contains(&(place - 1))
        });
        let places = self.entities.iter().cloned().enumerate();
        self.places = places.map(|(place, entity)| (entity, place)).collect();
        self.list = None;
    }

    /// Places of the so many entities that use most of something, in turn.
    fn greatest(&self, most: usize) -> HashSet<usize> {
        let width = self.metrics.len();
        let find = |name: &str| self.metrics.iter().position(|metric| metric.name == name);
        let used = |entity: usize, metrics: &[Option<usize>]| -> i128 {
            let of = |metric: &usize| self.values[entity * width + metric].sum();
            metrics.iter().flatten().map(of).sum()
        };
        let wishes = [
            vec![find("process_cpu_core_percent")],
            vec![find("process_rss_bytes")],
            vec![
                find("process_read_bytes_per_sec"),
                find("process_write_bytes_per_sec"),
            ],
        ];
        let ranks: Vec<Vec<usize>> = wishes
            .iter()
            .map(|metrics| {
                let mut places: Vec<usize> = (0..self.entities.len()).collect();
                places.sort_by_cached_key(|place| std::cmp::Reverse(used(*place, metrics)));
                places
            })
            .collect();
        let mut kept = HashSet::new();
        for rank in 0..self.entities.len() {
            for places in &ranks {
                if kept.len() < most {
                    kept.insert(places[rank]);
                }
            }
        }
        kept
    }

    /// The family's part of the row; nothing is gathered any more. `None` without an entity.
    fn finish(&mut self, most_processes: usize) -> Option<TierPart> {
        if self.family == Family::Process && self.entities.len() > most_processes {
            self.leave_out(most_processes);
        }
        let entities: Arc<[Arc<Entity>]> = self.entities.drain(..).collect();
        let width = self.metrics.len().max(1);
        let rows = self.values.chunks(width);
        let stats = rows.flat_map(|values| {
            let pairs = values.iter().zip(self.metrics);
            pairs.map(|(value, metric)| value.stat(metric.kind))
        });
        let stats = stats.collect();
        self.values.clear();
        self.places.clear();
        self.left_out.clear();
        self.list = None;
        (!entities.is_empty()).then_some(TierPart {
            family: self.family,
            entities,
            stats,
        })
    }
}

#[cfg(test)]
mod tests;
