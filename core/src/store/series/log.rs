//! Rows of the open log as bytes, and back.
//!
//! The log is divided into runs; each will be one block. A run stands by itself: its first
//! row says which metrics a family has and which entities there are, later ones only what
//! is new, and every value by what it differs from the same one in the row before. An entity
//! that is no longer there is forgotten by the writer; when it comes back it is a new one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::bytes::{Bytes, checksum, put_number, put_text, put_value};
use crate::series::codec::{Damage, Sub};
use crate::series::{ABSENT, Entity, Family, Frame, Stat, Tier, TierPart, TierRow, catalog};

/// When a row was; of a coarser tier `second` is the number of samples. `below` is, of a
/// coarser tier, the number of the first row of the next finer one that is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stamp {
    pub(super) unix_us: i64,
    pub(super) second: i64,
    pub(super) below: i64,
}

impl Stamp {
    fn numbers(self) -> [i64; 3] {
        [self.unix_us, self.second, self.below]
    }
}

/// What a tier holds of each metric, in this order.
pub(super) fn subs(tier: Tier) -> &'static [Sub] {
    match tier {
        Tier::Raw => &[Sub::Value],
        _ => &[Sub::Count, Sub::Mean, Sub::Min, Sub::Max, Sub::Last],
    }
}

/// One family of a row: entity by entity, metric by metric, sub-value by sub-value.
pub(super) struct Cells<'a> {
    pub(super) family: Family,
    pub(super) entities: &'a Arc<[Arc<Entity>]>,
    pub(super) values: Cow<'a, [i64]>,
}

impl Cells<'_> {
    pub(super) fn of_frame(frame: &Frame) -> Vec<Cells<'_>> {
        let parts = frame.parts.iter();
        parts
            .map(|part| Cells {
                family: part.family,
                entities: &part.entities,
                values: Cow::Borrowed(&part.values),
            })
            .collect()
    }

    pub(super) fn of_row(row: &TierRow) -> Vec<Cells<'_>> {
        let parts = row.parts.iter();
        parts
            .map(|part| Cells {
                family: part.family,
                entities: &part.entities,
                values: part.stats.iter().flat_map(numbers).collect(),
            })
            .collect()
    }
}

/// In the order of [`subs`].
fn numbers(stat: &Stat) -> [i64; 5] {
    let count = i64::from(stat.count);
    [count, stat.mean, stat.min, stat.max, stat.last]
}

/// The other way; an entity or metric that the row does not hold has no count.
pub(super) fn stat(numbers: &[i64]) -> Stat {
    match *numbers {
        [count, mean, min, max, last] if count > 0 => Stat {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            min,
            mean,
            max,
            last,
        },
        _ => Stat::ABSENT,
    }
}

/// What a run has said so far: the next row is written, and read, by it.
#[derive(Debug, Default)]
pub(super) struct Run {
    subs: usize,
    families: Vec<FamilyState>,
    /// By their numbers; a writer keeps those of the newest row only.
    entities: Vec<Option<Box<EntityState>>>,
    /// Of a writer their newest numbers, of a reader their first.
    numbers: HashMap<(Family, Arc<Entity>), usize>,
    rows: u64,
    /// The rows were read before, and their checksums were right.
    is_sound: bool,
}

#[derive(Debug)]
struct FamilyState {
    family: Family,
    /// Metric ids.
    layout: Vec<u16>,
    /// Numbers of the entities in the newest row.
    list: Vec<usize>,
    /// The same as they came.
    shared: Option<Arc<[Arc<Entity>]>>,
}

#[derive(Debug)]
struct EntityState {
    family: Family,
    entity: Arc<Entity>,
    /// The first number that it had in this run.
    first: usize,
    /// The newest row that had it.
    row: u64,
    /// In that row.
    values: Vec<i64>,
}

impl Run {
    pub(super) fn new(tier: Tier) -> Run {
        Run {
            subs: subs(tier).len(),
            ..Run::default()
        }
    }

    /// Reads rows that are known to be as they were written.
    pub(super) fn of_sound_rows(tier: Tier) -> Run {
        Run {
            is_sound: true,
            ..Run::new(tier)
        }
    }

    /// An entity, and its values in the newest row that had it.
    pub(super) fn entity(&self, number: usize) -> Option<(&Arc<Entity>, &[i64])> {
        let state = self.entities.get(number)?.as_ref()?;
        Some((&state.entity, &state.values))
    }

    /// The first number that it had: one entity is one column, however often it went.
    pub(super) fn first_number(&self, number: usize) -> usize {
        let state = self.entities.get(number).and_then(Option::as_ref);
        state.map_or(number, |state| state.first)
    }

    /// After the last row was read: goes on as the one that has written them.
    pub(super) fn into_writer(mut self) -> Run {
        let there: Vec<usize> = self
            .families
            .iter()
            .flat_map(|state| state.list.iter().copied())
            .collect();
        let mut entities: Vec<Option<Box<EntityState>>> = Vec::new();
        entities.resize_with(self.entities.len(), || None);
        self.numbers.clear();
        for number in there {
            if let Some(state) = self.entities[number].take() {
                let key = (state.family, Arc::clone(&state.entity));
                self.numbers.insert(key, number);
                entities[number] = Some(state);
            }
        }
        self.entities = entities;
        self
    }

    /// Numbers of the entities that a family has in the newest row.
    pub(super) fn list(&self, family: Family) -> &[usize] {
        self.state(family).map_or(&[], |state| &state.list)
    }

    /// Metric ids of a family, in the order of an entity's values.
    pub(super) fn layout(&self, family: Family) -> &[u16] {
        self.state(family).map_or(&[], |state| &state.layout)
    }

    fn state(&self, family: Family) -> Option<&FamilyState> {
        self.families.iter().find(|state| state.family == family)
    }

    /// The row as bytes. A family whose values do not fit its entities is left out.
    pub(super) fn write(&mut self, stamp: Stamp, parts: &[Cells<'_>]) -> Vec<u8> {
        let (mut layouts, mut entities, mut sections) = (Vec::new(), Vec::new(), Vec::new());
        let (mut new_layouts, first_new) = (0, self.entities.len());
        let mut section = Vec::new();
        self.rows += 1;
        for part in parts {
            let metrics = catalog::of_family(part.family);
            if part.values.len() != part.entities.len() * metrics.len() * self.subs
                || part.values.is_empty()
            {
                continue;
            }
            let place = self.place(part.family);
            if self.families[place].layout.is_empty() {
                self.families[place].layout = metrics.iter().map(|m| m.id).collect();
                layouts.push(part.family.code());
                put_number(&mut layouts, metrics.len() as u64);
                let ids = metrics.iter().map(|m| u64::from(m.id));
                ids.for_each(|id| put_number(&mut layouts, id));
                new_layouts += 1;
            }
            section.clear();
            self.write_list(place, part, &mut section);
            let width = metrics.len() * self.subs;
            let state = &self.families[place];
            for (&number, values) in state.list.iter().zip(part.values.chunks_exact(width)) {
                let Some(entity) = &mut self.entities[number] else {
                    continue;
                };
                for (before, &value) in entity.values.iter_mut().zip(values) {
                    put_value(&mut section, value, *before);
                    *before = value;
                }
            }
            sections.push(part.family.code());
            put_number(&mut sections, section.len() as u64);
            sections.extend_from_slice(&section);
        }
        let new = &self.entities[first_new..];
        for state in new.iter().flatten() {
            entities.push(state.family.code());
            put_number(&mut entities, state.entity.labels.len() as u64);
            let labels = state.entity.labels.iter();
            labels.for_each(|label| put_text(&mut entities, label.as_deref()));
        }
        let mut out = vec![0; 4];
        put_number(&mut out, new_layouts);
        out.extend_from_slice(&layouts);
        put_number(&mut out, new.len() as u64);
        out.extend_from_slice(&entities);
        out.extend_from_slice(&sections);
        let sum = checksum(stamp.numbers(), &out[4..]);
        out[..4].copy_from_slice(&sum);
        out
    }

    fn place(&mut self, family: Family) -> usize {
        let found = self.families.iter().position(|s| s.family == family);
        found.unwrap_or_else(|| {
            self.families.push(FamilyState {
                family,
                layout: Vec::new(),
                list: Vec::new(),
                shared: None,
            });
            self.families.len() - 1
        })
    }

    /// Whether rows by the metrics that are known today can be added: not after an update of
    /// the program that has brought others.
    pub(super) fn is_of_today(&self) -> bool {
        self.families.iter().all(|state| {
            let metrics = catalog::of_family(state.family).iter();
            state.layout.iter().copied().eq(metrics.map(|m| m.id))
        })
    }

    /// Which entities follow: 0 for those of the row before, else their numbers.
    fn write_list(&mut self, place: usize, part: &Cells<'_>, out: &mut Vec<u8>) {
        let shared = self.families[place].shared.as_ref();
        if shared.is_some_and(|shared| Arc::ptr_eq(shared, part.entities)) {
            return put_number(out, 0);
        }
        let width = self.families[place].layout.len() * self.subs;
        let list: Vec<usize> = part
            .entities
            .iter()
            .map(|entity| self.number(part.family, entity, width))
            .collect();
        let state = &mut self.families[place];
        state.shared = Some(Arc::clone(part.entities));
        if state.list == list {
            return put_number(out, 0);
        }
        put_number(out, list.len() as u64);
        for &number in &list {
            put_number(out, number as u64);
        }
        let before = std::mem::replace(&mut state.list, list);
        before.into_iter().for_each(|number| self.forget(number));
    }

    /// Unless it is in the row that is being written.
    fn forget(&mut self, number: usize) {
        let rows = self.rows;
        if let Some(gone) = self.entities[number].take_if(|state| state.row != rows) {
            self.numbers.remove(&(gone.family, gone.entity));
        }
    }

    fn number(&mut self, family: Family, entity: &Arc<Entity>, width: usize) -> usize {
        let key = (family, Arc::clone(entity));
        let known = self.numbers.get(&key).copied();
        let number = known.unwrap_or_else(|| self.define(family, Arc::clone(entity), width));
        if let Some(state) = &mut self.entities[number] {
            state.row = self.rows;
        }
        number
    }

    /// Gives an entity the next number.
    fn define(&mut self, family: Family, entity: Arc<Entity>, width: usize) -> usize {
        let number = self.entities.len();
        let key = (family, Arc::clone(&entity));
        let first = *self.numbers.entry(key).or_insert(number);
        self.entities.push(Some(Box::new(EntityState {
            family,
            entity,
            first,
            row: 0,
            values: vec![ABSENT; width],
        })));
        number
    }

    /// Reads the next row, of the families that `want` says yes to; the others keep what
    /// they had. Returns which families the row has, as far as wanted.
    pub(super) fn read(
        &mut self,
        stamp: Stamp,
        row: &[u8],
        want: &dyn Fn(Family) -> bool,
    ) -> Result<Vec<Family>, Damage> {
        let (sum, body) = row.split_at_checked(4).ok_or(Damage("a row is empty"))?;
        if !self.is_sound && sum != checksum(stamp.numbers(), body) {
            return Err(Damage("a row of the open log has a wrong checksum"));
        }
        let mut bytes = Bytes(body);
        for _ in 0..bytes.count()? {
            let code = bytes.byte()?;
            let layout: Result<Vec<u16>, Damage> = (0..bytes.count()?)
                .map(|_| Ok(bytes.number()? as u16))
                .collect();
            let layout = layout?;
            if let Some(family) = Family::from_code(code) {
                let place = self.place(family);
                if !self.families[place].layout.is_empty() {
                    return Err(Damage("the open log names its metrics twice"));
                }
                self.families[place].layout = layout;
            }
        }
        for _ in 0..bytes.count()? {
            let family = Family::from_code(bytes.byte()?);
            let labels = bytes.count()?;
            match family.filter(|family| want(*family)) {
                Some(family) => {
                    let labels: Result<Vec<_>, Damage> =
                        (0..labels).map(|_| bytes.text()).collect();
                    let width = self.layout(family).len() * self.subs;
                    self.define(family, Arc::new(Entity::new(labels?)), width);
                }
                None => {
                    for _ in 0..labels {
                        bytes.skip_text()?;
                    }
                    // Numbers are given to all.
                    self.entities.push(None);
                }
            }
        }
        let mut seen = Vec::new();
        while !bytes.is_empty() {
            let family = Family::from_code(bytes.byte()?);
            let length = bytes.count()?;
            let section = bytes.take(length)?;
            if let Some(family) = family.filter(|family| want(*family)) {
                self.read_section(family, Bytes(section))?;
                seen.push(family);
            }
        }
        Ok(seen)
    }

    fn read_section(&mut self, family: Family, mut bytes: Bytes<'_>) -> Result<(), Damage> {
        let place = self.place(family);
        let entities = bytes.count()?;
        if entities > 0 {
            let mut list = Vec::with_capacity(entities);
            for _ in 0..entities {
                let number = bytes.number()? as usize;
                let known = self.entities.get(number).and_then(Option::as_ref);
                if known.is_none_or(|known| known.family != family) {
                    return Err(Damage("the open log speaks of an entity that is not there"));
                }
                list.push(number);
            }
            self.families[place].list = list;
            self.families[place].shared = None;
        }
        for &number in &self.families[place].list {
            for before in self.entities[number].iter_mut().flat_map(|e| &mut e.values) {
                *before = bytes.value(*before)?;
            }
        }
        Ok(())
    }

    /// The newest row as a frame, by the metrics that are known today.
    pub(super) fn frame(&self, stamp: Stamp, families: &[Family]) -> Frame {
        let parts = families.iter().map(|&family| crate::series::PartRow {
            family,
            entities: self.entities_of(family),
            values: self.by_catalogue(family),
        });
        Frame {
            unix_us: stamp.unix_us,
            monotonic_us: stamp.second,
            parts: parts.collect(),
            context: Vec::new(),
        }
    }

    /// The newest row of a coarser tier, the same way.
    pub(super) fn tier_row(&self, stamp: Stamp, families: &[Family]) -> TierRow {
        let parts = families.iter().map(|&family| TierPart {
            family,
            entities: self.entities_of(family),
            stats: self
                .by_catalogue(family)
                .chunks_exact(self.subs)
                .map(stat)
                .collect(),
        });
        TierRow {
            start_us: stamp.unix_us,
            samples: u32::try_from(stamp.second).unwrap_or(0),
            parts: parts.collect(),
        }
    }

    fn entities_of(&self, family: Family) -> Arc<[Arc<Entity>]> {
        let list = self.list(family).iter();
        list.filter_map(|&number| self.entity(number))
            .map(|(entity, _)| Arc::clone(entity))
            .collect()
    }

    fn by_catalogue(&self, family: Family) -> Vec<i64> {
        let layout = self.layout(family);
        let metrics = catalog::of_family(family);
        let places: Vec<Option<usize>> = metrics
            .iter()
            .map(|metric| layout.iter().position(|id| *id == metric.id))
            .collect();
        let mut values = Vec::new();
        let list = self.list(family).iter();
        for (_, known) in list.filter_map(|&number| self.entity(number)) {
            for place in &places {
                for sub in 0..self.subs {
                    let value = place.and_then(|place| known.get(place * self.subs + sub));
                    values.push(value.copied().unwrap_or(ABSENT));
                }
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, order and number of the metrics may change from release to release.
    #[test]
    fn a_log_of_a_release_with_other_metrics_is_read() {
        let metrics = catalog::of_family(Family::Core);
        let family = Family::Core.code();
        let mut body = Vec::new();
        // One layout, of three metrics.
        body.extend([1, family]);
        let older = [u64::from(metrics[1].id), 65_000, u64::from(metrics[0].id)];
        put_number(&mut body, 3);
        older.iter().for_each(|id| put_number(&mut body, *id));
        // One entity, with one label.
        body.extend([1, family, 1]);
        put_text(&mut body, Some("7"));
        let mut section = vec![1, 0];
        for value in [11, 22, 33] {
            put_value(&mut section, value, ABSENT);
        }
        body.extend([family, section.len() as u8]);
        body.extend(section);
        let stamp = Stamp::default();
        let row = [&checksum(stamp.numbers(), &body)[..], &body].concat();

        let mut run = Run::new(Tier::Raw);
        let families = run.read(stamp, &row, &|_| true).unwrap();
        let frame = run.frame(stamp, &families);
        let part = &frame.parts[0];
        assert_eq!(part.entities[0].labels[0].as_deref(), Some("7"));
        assert_eq!(part.values[..2], [33, 11]);
        assert!(part.values[2..].iter().all(|value| *value == ABSENT));

        assert!(!run.is_of_today());
    }

    #[test]
    fn a_row_that_was_cut_or_changed_is_an_error() {
        let frame = Frame {
            parts: vec![crate::series::PartRow {
                family: Family::Core,
                entities: [Arc::new(Entity::new([Some("0".into())]))].into(),
                values: vec![5; catalog::of_family(Family::Core).len()],
            }],
            ..Frame::default()
        };
        let stamp = Stamp::default();
        let row = Run::new(Tier::Raw).write(stamp, &Cells::of_frame(&frame));
        for end in 0..row.len() {
            assert!(
                Run::new(Tier::Raw)
                    .read(stamp, &row[..end], &|_| true)
                    .is_err()
            );
        }
        for place in 0..row.len() {
            let mut torn = row.clone();
            torn[place] ^= 1;
            assert!(Run::new(Tier::Raw).read(stamp, &torn, &|_| true).is_err());
        }
        let other = Stamp { below: 1, ..stamp };
        assert!(Run::new(Tier::Raw).read(other, &row, &|_| true).is_err());
        assert!(Run::new(Tier::Raw).read(stamp, &row, &|_| true).is_ok());
    }
}
