//! One family's columns of a block.

use std::sync::Arc;

use super::column::{Outside, Recipe, clock, pack, unpack};
use super::directory::{self, ENTRIES_PER_BYTE, Entry, FREE_ENTRIES};
use super::envelope::{put_size, seal, take_bytes, take_size, unseal};
use super::predict::Predictor;
use super::{Column, Damage, EntityColumns, MOST_ROWS, Sub, Times};
use crate::series::{ABSENT, Entity, Kind, catalog};

/// A counter is predicted from its rate, and that may go along with another gauge.
const DEEPEST: usize = 2;

/// Packs one family's columns. `times` are those of the block's rows: counters are predicted
/// from their rate and the time that passed.
pub(crate) fn pack_part(entities: &[EntityColumns], times: &Times) -> Vec<u8> {
    let mut packer = PartPacker::new();
    for entity in entities {
        packer.push(entity, times);
    }
    packer.finish(times)
}

/// Packs a part entity by entity, for who can't have all of them in memory: of those that
/// are packed it keeps little more than their bytes.
#[derive(Debug, Default)]
pub(crate) struct PartPacker {
    entities: Vec<Entity>,
    entries: Vec<Entry>,
    columns: Vec<u8>,
    /// Bytes of entities and entries.
    directory: usize,
}

impl PartPacker {
    pub(crate) fn new() -> PartPacker {
        PartPacker::default()
    }

    /// Bytes that it has in memory, nearly.
    pub(crate) fn weight(&self) -> usize {
        self.columns.len() + self.directory
    }

    /// Packs an entity; `times` are those of the block.
    pub(crate) fn push(&mut self, entity: &EntityColumns, times: &Times) {
        let own = || entity.columns.iter().map(|c| (c.metric, c.sub));
        let keys = match self.entries.last() {
            Some(before) if own().eq(before.keys.iter().copied()) => before.keys.clone(),
            _ => own().collect(),
        };
        let count = times.unix_us.len();
        let rows = match &entity.present {
            Some(present) => rows_of(present, count),
            None => (0..count).collect(),
        };
        let mut recipes: Vec<Recipe> = Vec::with_capacity(entity.columns.len());
        for column in &entity.columns {
            let helper = helper(column, &entity.columns, times);
            let others = movers(column, &entity.columns, &recipes, times);
            let clock = (column.sub == Sub::Value).then_some(Outside {
                predictor: Predictor::Passed,
                place: 0,
                values: &[],
                factor: 0.0,
                clock_us: &times.second,
            });
            let outside = helper.into_iter().chain(clock).chain(others);
            let (recipe, bytes) = pack(&column.values, &rows, outside);
            self.columns.extend_from_slice(&bytes);
            recipes.push(recipe);
        }
        let labels = entity.entity.labels.iter().flatten();
        self.directory += labels.map(|label| 24 + label.len()).sum::<usize>();
        self.directory += 64 + recipes.len() * size_of::<Recipe>();
        self.entities.push(entity.entity.clone());
        self.entries.push(Entry {
            keys,
            runs: entity.present.as_ref().map(|present| runs_of(present)),
            recipes,
        });
    }

    /// The part.
    pub(crate) fn finish(self, times: &Times) -> Vec<u8> {
        let named: Vec<(&Entity, &Entry)> = self.entities.iter().zip(&self.entries).collect();
        let directory = directory::write(&named, times.unix_us.len());
        let least = directory::entries(&named)
            .saturating_sub(FREE_ENTRIES)
            .div_ceil(ENTRIES_PER_BYTE);
        let mut body = Vec::with_capacity(directory.len() + self.columns.len() + 8);
        put_size(&mut body, times.unix_us.len());
        put_size(&mut body, directory.len());
        body.extend_from_slice(&directory);
        body.extend_from_slice(&self.columns);
        body.resize(body.len().max(least), 0);
        seal(&body)
    }
}

fn rows_of(present: &[bool], count: usize) -> Vec<usize> {
    let there = present.iter().take(count).enumerate();
    there
        .filter(|(_, there)| **there)
        .map(|(row, _)| row)
        .collect()
}

/// Lengths of alternating runs, first of rows in which it is there; the last one is left
/// out when it is of rows in which it is not. Never empty.
fn runs_of(present: &[bool]) -> Arc<[u32]> {
    let mut runs = vec![0u32];
    let mut there = true;
    for now in present {
        if *now != there {
            runs.push(0);
            there = *now;
        }
        if let Some(run) = runs.last_mut() {
            *run += 1;
        }
    }
    if !there && runs.len() > 1 {
        runs.pop();
    }
    runs.into()
}

/// The column that may help to predict one: the rate of a counter, the mean of the others.
fn helper<'a>(column: &Column, columns: &'a [Column], times: &'a Times) -> Option<Outside<'a>> {
    let link = catalog::by_id(column.metric).and_then(|metric| metric.integral_of);
    let find = |metric: u16, sub: Sub| {
        let is = |column: &Column| column.metric == metric && column.sub == sub;
        columns.iter().position(is)
    };
    let (place, predictor, factor) = match (column.sub, link) {
        (Sub::Min | Sub::Max, _) | (Sub::Last, None) => {
            (find(column.metric, Sub::Mean)?, Predictor::Sibling, 0.0)
        }
        (Sub::Value, Some((gauge, factor))) => {
            (find(gauge, Sub::Value)?, Predictor::Integral, factor as f32)
        }
        (Sub::Last, Some((gauge, factor))) => {
            (find(gauge, Sub::Mean)?, Predictor::Integral, factor as f32)
        }
        _ => return None,
    };
    Some(Outside {
        predictor,
        place,
        values: &columns[place].values,
        factor,
        clock_us: clock(times, column.sub == Sub::Value),
    })
}

/// The columns before that move, and that need no other one: this one may go along, or
/// count what one of them is the rate of.
fn movers<'a>(
    column: &Column,
    columns: &'a [Column],
    recipes: &[Recipe],
    times: &'a Times,
) -> impl Iterator<Item = Outside<'a>> {
    let kind = catalog::by_id(column.metric).map(|metric| metric.kind);
    let (predictor, of) = match (column.sub, kind) {
        (Sub::Last, Some(Kind::Counter)) => (Predictor::Integral, Sub::Mean),
        (sub, Some(Kind::Counter)) => (Predictor::Integral, sub),
        (sub, _) => (Predictor::Along, sub),
    };
    let clock_us = clock(times, column.sub == Sub::Value);
    let pairs = columns.iter().zip(recipes).enumerate();
    pairs.filter_map(move |(place, (column, recipe))| {
        let moves = recipe.most > 0 && column.sub == of && !recipe.predictor.refers();
        moves.then_some(Outside {
            predictor,
            place,
            values: &column.values,
            factor: 0.0,
            clock_us,
        })
    })
}

/// A packed part, opened: its directory is read, its columns are not.
#[derive(Debug)]
pub(crate) struct PartView {
    bytes: Vec<u8>,
    rows: usize,
    entities: Vec<Entity>,
    entries: Vec<Entry>,
    /// Where the columns of each entity begin.
    starts: Vec<usize>,
}

impl PartView {
    /// Checks the checksum and reads the directory.
    pub(crate) fn open(bytes: Vec<u8>) -> Result<PartView, Damage> {
        let mut body = unseal(&bytes)?;
        let most = FREE_ENTRIES.saturating_add(body.len().saturating_mul(ENTRIES_PER_BYTE));
        let rows = take_size(&mut body)?;
        if rows > MOST_ROWS {
            return Err(Damage("it says that it has too many rows"));
        }
        let directory = take_size(&mut body)?;
        let directory = take_bytes(&mut body, directory)?;
        let (entities, entries) = directory::read(directory, rows, most)?;
        let mut start = bytes.len() - body.len();
        let mut starts = Vec::with_capacity(entries.len());
        for entry in &entries {
            starts.push(start);
            for recipe in &entry.recipes {
                start = start.saturating_add(recipe.bytes);
            }
        }
        if start > bytes.len() {
            return Err(Damage("its columns are shorter than it says"));
        }
        Ok(PartView {
            bytes,
            rows,
            entities,
            entries,
            starts,
        })
    }

    /// Rows in the block.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The entities, in the order in which they were packed.
    pub(crate) fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// In which rows an entity is there; `None`: in all.
    pub(crate) fn present(&self, entity: usize) -> Result<Option<Vec<bool>>, Damage> {
        let Some(runs) = self
            .entries
            .get(entity)
            .and_then(|entry| entry.runs.as_deref())
        else {
            return Ok(None);
        };
        let mut present = Vec::with_capacity(self.rows);
        let mut there = true;
        for run in runs {
            present.resize((present.len() + *run as usize).min(self.rows), there);
            there = !there;
        }
        present.resize(self.rows, false);
        Ok(Some(present))
    }

    /// Metric and sub-value of each column of an entity.
    pub(crate) fn columns(&self, entity: usize) -> Vec<(u16, Sub)> {
        let entry = self.entries.get(entity);
        entry.map_or_else(Vec::new, |entry| entry.keys.to_vec())
    }

    /// One column, a value for each row; `None` when the block has no such column.
    pub(crate) fn read(
        &self,
        entity: usize,
        metric: u16,
        sub: Sub,
        times: &Times,
    ) -> Result<Option<Vec<i64>>, Damage> {
        let keys = self.entries.get(entity).map(|entry| &entry.keys);
        let place = keys.and_then(|keys| keys.iter().position(|key| *key == (metric, sub)));
        let Some(place) = place else {
            return Ok(None);
        };
        if times.unix_us.len() != self.rows || times.second.len() != self.rows {
            return Err(Damage("its rows are not those of its times"));
        }
        let rows = match self.present(entity)? {
            Some(present) => rows_of(&present, self.rows),
            None => (0..self.rows).collect(),
        };
        self.column(entity, place, &rows, times, DEEPEST).map(Some)
    }

    /// A column with those that it is predicted from, at most so many deep.
    fn column(
        &self,
        entity: usize,
        place: usize,
        rows: &[usize],
        times: &Times,
        deep: usize,
    ) -> Result<Vec<i64>, Damage> {
        let recipe = self.recipe(entity, place)?;
        let other = match (recipe.predictor.refers(), deep.checked_sub(1)) {
            (false, _) => Vec::new(),
            (true, Some(deep)) => self.column(entity, recipe.other, rows, times, deep)?,
            (true, None) => return Err(Damage("columns refer to each other")),
        };
        let outside = Outside {
            predictor: recipe.predictor,
            place: recipe.other,
            values: &other,
            factor: recipe.factor,
            clock_us: clock(times, self.entries[entity].keys[place].1 == Sub::Value),
        };
        let helps = recipe.predictor.refers() || recipe.predictor.scales();
        self.unpack(entity, place, rows, helps.then_some(outside))
    }

    fn recipe(&self, entity: usize, place: usize) -> Result<&Recipe, Damage> {
        let entry = self.entries.get(entity);
        let recipe = entry.and_then(|entry| entry.recipes.get(place));
        recipe.ok_or(Damage("a column refers to one that is not there"))
    }

    fn unpack(
        &self,
        entity: usize,
        place: usize,
        rows: &[usize],
        outside: Option<Outside<'_>>,
    ) -> Result<Vec<i64>, Damage> {
        let recipe = self.recipe(entity, place)?;
        let before = &self.entries[entity].recipes[..place];
        let start = before
            .iter()
            .fold(self.starts[entity], |start, recipe| start + recipe.bytes);
        let bytes = self.bytes.get(start..start + recipe.bytes);
        let bytes = bytes.ok_or(Damage("a column is shorter than it says"))?;
        let mut values = vec![ABSENT; self.rows];
        unpack(recipe, bytes, rows, outside, &mut values)?;
        Ok(values)
    }
}
