//! Rows of a run as columns: what a block is packed from, and what a reader gets of the
//! rows that are in no block yet.

use std::collections::HashMap;

use rusqlite::Connection;

use super::keys::tier_keys;
use super::log::{Run, Stamp, subs};
use crate::series::codec::{Column, Damage, EntityColumns, Times};
use crate::series::{ABSENT, Entity, Family, Tier};
use crate::store::fault::Outcome;
use crate::sys::ForkGate;

/// Values that are in memory at a time, nearly: half a megabyte of what is there, and as much
/// of what is made of it.
const MOST_CELLS: usize = 64 << 10;

const ROWS_OF_RUN: &str = "SELECT id, run, unix_us, second, below, data FROM series_head \
    WHERE id >= ?1 AND id < ?2 ORDER BY id";

/// As many entities of a run as fit into memory at a time.
#[derive(Debug)]
pub(super) struct Pass {
    pub(super) times: Times,
    pub(super) newest: Stamp,
    /// Where the next pass begins, if this was not the last.
    pub(super) next: Option<usize>,
    /// Why the rows end here and not at the end of the run.
    pub(super) damage: Option<Damage>,
    tier: Tier,
    run: Run,
    entities: Vec<Gathered>,
    cells: usize,
}

/// What is there of one entity.
#[derive(Debug)]
struct Gathered {
    family: Family,
    number: usize,
    /// The rows in which it is.
    rows: Vec<usize>,
    /// Row by row, value by value as an entity has them.
    values: Vec<i64>,
}

/// Reads rows of a run in their order, from its beginning, until `visit` says no.
pub(super) fn visit_run(
    connection: &Connection,
    tier: Tier,
    run_key: i64,
    visit: &mut dyn FnMut(i64, Stamp, &[u8]) -> bool,
) -> Outcome<()> {
    let _inside = ForkGate::enter();
    let mut statement = connection.prepare_cached(ROWS_OF_RUN)?;
    let mut rows = statement.query([run_key, tier_keys(tier).end])?;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(1)? != run_key {
            break;
        }
        let stamp = Stamp {
            unix_us: row.get(2)?,
            second: row.get(3)?,
            below: row.get(4)?,
        };
        // What is no bytes any more is as damaged as what has another checksum.
        let data = row.get_ref(5)?.as_blob().unwrap_or_default();
        if !visit(row.get(0)?, stamp, data) {
            break;
        }
    }
    Ok(())
}

/// What is read in one pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) families: &'a [Family],
    /// Entities from this number on.
    pub(super) start: usize,
    /// The first so many rows, once it is known how many are as they were written.
    pub(super) sound_rows: Option<usize>,
}

/// Reads a run, or what fits of it.
pub(super) fn pass(
    connection: &Connection,
    tier: Tier,
    run_key: i64,
    wanted: Wanted<'_>,
) -> Outcome<Pass> {
    let mut pass = Pass {
        times: Times::default(),
        newest: Stamp::default(),
        next: None,
        damage: None,
        tier,
        run: match wanted.sound_rows {
            Some(_) => Run::of_sound_rows(tier),
            None => Run::new(tier),
        },
        entities: Vec::new(),
        cells: 0,
    };
    let most_rows = wanted.sound_rows.unwrap_or(usize::MAX);
    let want = |family: Family| wanted.families.contains(&family);
    let mut slots = HashMap::new();
    visit_run(connection, tier, run_key, &mut |_, stamp, data| {
        if pass.times.unix_us.len() >= most_rows {
            return false;
        }
        match pass.run.read(stamp, data, &want) {
            Ok(families) => {
                pass.add(&families, wanted.start, &mut slots);
                pass.times.unix_us.push(stamp.unix_us);
                pass.times.second.push(stamp.second);
                pass.newest = stamp;
                true
            }
            Err(damage) => {
                pass.damage = Some(damage);
                false
            }
        }
    })?;
    Ok(pass)
}

impl Pass {
    fn add(&mut self, families: &[Family], start: usize, slots: &mut HashMap<usize, usize>) {
        let row = self.times.unix_us.len();
        for &family in families {
            for &newest in self.run.list(family) {
                let number = self.run.first_number(newest);
                if number < start || self.next.is_some_and(|next| number >= next) {
                    continue;
                }
                let slot = *slots.entry(number).or_insert_with(|| {
                    self.entities.push(Gathered {
                        family,
                        number,
                        rows: Vec::new(),
                        values: Vec::new(),
                    });
                    self.entities.len() - 1
                });
                let entity = &mut self.entities[slot];
                // Two of the same labels in one row are one, the later.
                if entity.rows.last() == Some(&row) {
                    continue;
                }
                let Some((_, values)) = self.run.entity(newest) else {
                    continue;
                };
                entity.rows.push(row);
                entity.values.extend_from_slice(values);
                self.cells += values.len();
            }
        }
        // Entities are numbered as they come, and the newest wait for the next pass.
        while self.cells > MOST_CELLS && self.entities.len() > 1 {
            if let Some(newest) = self.entities.pop() {
                self.cells -= newest.values.len();
                self.next = Some(newest.number);
                slots.remove(&newest.number);
            }
        }
    }

    /// Values of all its columns when they are as long as the run.
    pub(super) fn dense_cells(&self) -> usize {
        let width = |entity: &Gathered| entity.values.len() / entity.rows.len().max(1);
        self.entities.iter().map(width).sum::<usize>() * self.times.unix_us.len()
    }

    /// Hands on the columns, entity by entity.
    pub(super) fn entities(&mut self) -> impl Iterator<Item = EntityColumns> + '_ {
        let entities = std::mem::take(&mut self.entities).into_iter();
        entities.map(|entity| self.dense(&entity))
    }

    /// Hands on the columns, those of one family together, as many as fit into memory at a
    /// time.
    pub(super) fn columns<E>(
        &mut self,
        each: &mut dyn FnMut(Family, Vec<EntityColumns>) -> Result<(), E>,
    ) -> Result<(), E> {
        // Stable: within a family they stay as they came.
        self.entities.sort_by_key(|entity| entity.family);
        let mut chunk: Vec<EntityColumns> = Vec::new();
        let (mut family, mut cells) = (None, 0);
        for entity in std::mem::take(&mut self.entities) {
            if let Some(before) = family
                && (before != entity.family || cells >= MOST_CELLS)
            {
                each(before, std::mem::take(&mut chunk))?;
                cells = 0;
            }
            family = Some(entity.family);
            let columns = self.dense(&entity);
            cells += columns.columns.len() * self.times.unix_us.len();
            chunk.push(columns);
        }
        match family {
            Some(family) => each(family, chunk),
            None => Ok(()),
        }
    }

    fn dense(&self, gathered: &Gathered) -> EntityColumns {
        let rows = self.times.unix_us.len();
        let subs = subs(self.tier);
        let layout = self.run.layout(gathered.family).iter();
        let names = layout.flat_map(|&metric| subs.iter().map(move |&sub| (metric, sub)));
        let width = gathered.values.len() / gathered.rows.len().max(1);
        let column = |place: usize| gathered.values.iter().skip(place).step_by(width.max(1));
        let columns = names
            .enumerate()
            .filter(|(place, _)| column(*place).any(|value| *value != ABSENT))
            .map(|(place, (metric, sub))| {
                let mut values = vec![ABSENT; rows];
                for (&row, &value) in gathered.rows.iter().zip(column(place)) {
                    values[row] = value;
                }
                Column {
                    metric,
                    sub,
                    values,
                }
            });
        let present = (gathered.rows.len() < rows).then(|| {
            let mut present = vec![false; rows];
            gathered.rows.iter().for_each(|&row| present[row] = true);
            present
        });
        let entity = self.run.entity(gathered.number);
        EntityColumns {
            entity: entity.map_or_else(Entity::default, |(entity, _)| entity.as_ref().clone()),
            columns: columns.collect(),
            present,
        }
    }
}
