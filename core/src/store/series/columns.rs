//! Rows of a run as columns: what a block is packed from, and what a reader gets of the
//! rows that are in no block yet.

use std::collections::HashMap;

use rusqlite::Connection;

use super::keys::tier_keys;
use super::log::{Run, Stamp, subs};
use crate::series::codec::{Column, Damage, EntityColumns, Times};
use crate::series::{ABSENT, Family, Tier};
use crate::store::fault::Outcome;
use crate::sys::ForkGate;

/// Values that are unpacked at a time, nearly: a megabyte.
const MOST_CELLS: usize = 128 << 10;

const ROWS_OF_RUN: &str = "SELECT id, run, unix_us, second, below, data FROM series_head \
    WHERE id >= ?1 AND id < ?2 ORDER BY id";

/// As many entities of a run as fit into memory at a time.
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) times: Times,
    pub(super) newest: Stamp,
    /// Key of the last row that could be read.
    pub(super) last_key: i64,
    pub(super) parts: Vec<(Family, Vec<EntityColumns>)>,
    /// Where the next pass begins, if this was not the last.
    pub(super) next: Option<usize>,
    /// Why the rows end here and not at the end of the run.
    pub(super) damage: Option<Damage>,
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

/// Entities from number `start` on, of the families that `want` says yes to. `rows` is how
/// many rows the run has, nearly.
pub(super) fn pass(
    connection: &Connection,
    tier: Tier,
    run_key: i64,
    rows: usize,
    want: &dyn Fn(Family) -> bool,
    start: usize,
) -> Outcome<Pass> {
    let mut run = Run::new(tier);
    let mut gathered = Gathered {
        start,
        rows: rows.max(1),
        ..Gathered::default()
    };
    let mut pass = Pass::default();
    visit_run(
        connection,
        tier,
        run_key,
        &mut |key, stamp, data| match run.read(stamp, data, want) {
            Ok(families) => {
                pass.times.unix_us.push(stamp.unix_us);
                pass.times.second.push(stamp.second);
                (pass.newest, pass.last_key) = (stamp, key);
                gathered.add(&run, &families, pass.times.unix_us.len());
                true
            }
            Err(damage) => {
                pass.damage = Some(damage);
                false
            }
        },
    )?;
    pass.next = gathered.limit;
    pass.parts = gathered.finish(tier, &run, pass.times.unix_us.len());
    Ok(pass)
}

#[derive(Debug, Default)]
struct Gathered {
    start: usize,
    rows: usize,
    cells: usize,
    /// Entities from this number on are for the next pass.
    limit: Option<usize>,
    slots: HashMap<usize, usize>,
    entities: Vec<Gathering>,
}

#[derive(Debug)]
struct Gathering {
    family: Family,
    number: usize,
    present: Vec<bool>,
    /// Value by value as an entity has them.
    columns: Vec<Vec<i64>>,
}

impl Gathered {
    /// The newest row, which is the `rows`th.
    fn add(&mut self, run: &Run, families: &[Family], rows: usize) {
        for &family in families {
            for &number in run.list(family) {
                if number < self.start || self.limit.is_some_and(|limit| number >= limit) {
                    continue;
                }
                let (_, values) = run.entity(number);
                let Some(slot) = self.slot(family, number, values.len()) else {
                    continue;
                };
                let entity = &mut self.entities[slot];
                entity.present.resize(rows - 1, false);
                entity.present.push(true);
                entity.columns.resize(values.len(), Vec::new());
                for (column, &value) in entity.columns.iter_mut().zip(values) {
                    column.resize(rows - 1, ABSENT);
                    column.push(value);
                }
            }
        }
    }

    fn slot(&mut self, family: Family, number: usize, width: usize) -> Option<usize> {
        if let Some(&slot) = self.slots.get(&number) {
            return Some(slot);
        }
        let cells = width * self.rows;
        // One at least, however big it is.
        if self.cells > 0 && self.cells + cells > MOST_CELLS {
            self.limit = Some(number);
            return None;
        }
        self.cells += cells;
        self.slots.insert(number, self.entities.len());
        self.entities.push(Gathering {
            family,
            number,
            present: Vec::new(),
            columns: Vec::new(),
        });
        Some(self.entities.len() - 1)
    }

    fn finish(self, tier: Tier, run: &Run, rows: usize) -> Vec<(Family, Vec<EntityColumns>)> {
        let mut parts: Vec<(Family, Vec<EntityColumns>)> = Vec::new();
        let subs = subs(tier);
        for mut gathering in self.entities {
            gathering.present.resize(rows, false);
            let (entity, _) = run.entity(gathering.number);
            let names = run
                .layout(gathering.family)
                .iter()
                .flat_map(|&metric| subs.iter().map(move |&sub| (metric, sub)));
            let columns = names.zip(gathering.columns).map(|((metric, sub), values)| {
                let mut values = values;
                values.resize(rows, ABSENT);
                Column {
                    metric,
                    sub,
                    values,
                }
            });
            let columns = EntityColumns {
                entity: entity.as_ref().clone(),
                present: Some(gathering.present).filter(|present| present.contains(&false)),
                columns: columns
                    .filter(|column| column.values.iter().any(|value| *value != ABSENT))
                    .collect(),
            };
            match parts.iter_mut().find(|(f, _)| *f == gathering.family) {
                Some((_, entities)) => entities.push(columns),
                None => parts.push((gathering.family, vec![columns])),
            }
        }
        parts
    }
}
