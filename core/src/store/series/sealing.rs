//! A run of the open log that is over becomes a block, in one transaction.

use std::collections::BTreeMap;

use rusqlite::params;

use super::columns;
use super::gathering::made;
use super::keys::{TIMES, part_key, row_of};
use super::log::Stamp;
use super::scan::{self, OpenRun};
use crate::logging::{Level, tell};
use crate::series::codec::{PartPacker, Times, pack_times};
use crate::series::{Family, Tier};
use crate::store::database::Database;
use crate::store::fault::{Fault, FaultKind, Outcome};
use crate::sys::ForkGate;

/// A part is ended when it has become so heavy: what packing takes in memory.
const HEAVY_PART: usize = 256 << 10;

/// A block that is packed and not written yet.
#[derive(Debug, Default)]
struct Packed {
    times: Times,
    newest: Stamp,
    parts: Vec<(i64, Vec<u8>)>,
}

impl Database {
    /// Seals every run that is over.
    pub(crate) fn seal_series(&mut self) -> Outcome<()> {
        let places = self.series.gathering.as_ref().map_or(0, |g| g.logs.len());
        for place in 0..places {
            while let Some((tier, run)) = self.run_that_is_over(place) {
                self.seal(tier, run)?;
                if let Some(gathering) = &mut self.series.gathering {
                    gathering.logs[place].over.pop_front();
                }
            }
        }
        Ok(())
    }

    /// Seals the newest runs too: the file is complete as it is.
    pub(crate) fn seal_all_series(&mut self) -> Outcome<()> {
        if made(&self.series.settings).is_empty() || !self.owns_series()? {
            return Ok(());
        }
        if self.series.gathering.is_none() {
            self.series.gathering = Some(self.load_series()?);
        }
        if let Some(gathering) = &mut self.series.gathering {
            gathering.logs.iter_mut().for_each(|log| log.end_run());
        }
        self.seal_series()
    }

    fn run_that_is_over(&self, place: usize) -> Option<(Tier, i64)> {
        let log = self.series.gathering.as_ref()?.logs.get(place)?;
        Some((log.tier, *log.over.front()?))
    }

    /// Packed before the transaction begins, so that it is known what it needs and nobody
    /// waits for the packing. A run that is too big for the size cap stays as it is.
    fn seal(&mut self, tier: Tier, run_key: i64) -> Outcome<()> {
        let runs = scan::runs(&self.connection, tier, row_of(run_key))?;
        let Some(run) = runs.into_iter().find(|run| run.key == run_key) else {
            return Ok(());
        };
        let packed = self.pack(tier, &run)?;
        let parts = packed.parts.iter().map(|(_, data)| data.len() as u64);
        let pages = self.cap.seal_pages(run.bytes.unsigned_abs(), parts);
        if !self.cap.allows(pages) {
            tell(
                Level::Debug,
                format_args!("{}: {run:?} is not sealed: too big", self.path.display()),
            );
            return Ok(());
        }
        self.make_room(pages)?;
        self.begin(pages)?;
        let sealed = self.put_block(&run, &packed).and_then(|()| self.commit());
        if sealed.is_err() {
            self.rollback();
        }
        sealed
    }

    fn pack(&self, tier: Tier, run: &OpenRun) -> Outcome<Packed> {
        let _inside = ForkGate::enter();
        let rows = usize::try_from(run.rows).unwrap_or(0);
        let mut packed = Packed::default();
        // Entities of one family come in several passes; together they pack better.
        let mut open: BTreeMap<Family, (usize, PartPacker)> = BTreeMap::new();
        let mut start = Some(0);
        while let Some(from) = start {
            let mut pass = columns::pass(&self.connection, tier, run.key, &|_| true, from)?;
            if from == 0 {
                if let Some(damage) = &pass.damage {
                    tell(
                        Level::Warn,
                        format_args!(
                            "{}: {} of {rows} rows of the open log of tier {tier:?} are lost: {}",
                            self.path.display(),
                            rows - pass.times.unix_us.len().min(rows),
                            damage.0
                        ),
                    );
                }
                (packed.times, packed.newest) = (pass.times.clone(), pass.newest);
                let key = key(run.key, TIMES, 0)?;
                packed.parts.push((key, pack_times(&packed.times)));
            }
            start = pass.next;
            let Packed { times, parts, .. } = &mut packed;
            pass.columns(&mut |family, entities| {
                let (chunk, part) = open.entry(family).or_default();
                for entity in &entities {
                    part.push(entity, times);
                    if part.weight() >= HEAVY_PART {
                        let key = key(run.key, family.code(), *chunk)?;
                        parts.push((key, std::mem::take(part).finish(times)));
                        *chunk += 1;
                    }
                }
                Ok::<(), Fault>(())
            })?;
        }
        for (family, (chunk, part)) in open {
            if part.weight() > 0 {
                let key = key(run.key, family.code(), chunk)?;
                packed.parts.push((key, part.finish(&packed.times)));
            }
        }
        Ok(packed)
    }

    /// In a transaction. A run of which nothing can be read leaves no block.
    fn put_block(&self, run: &OpenRun, packed: &Packed) -> Outcome<()> {
        let _inside = ForkGate::enter();
        let times = &packed.times.unix_us;
        if let (Some(first_us), Some(last_us)) = (times.first(), times.last()) {
            let bytes: usize = packed.parts.iter().map(|(_, data)| data.len()).sum();
            self.connection
                .prepare_cached(
                    "INSERT INTO series_blocks (id, rows, first_us, last_us, below, bytes) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    run.key,
                    times.len() as i64,
                    first_us,
                    last_us,
                    packed.newest.below,
                    bytes as i64
                ])?;
            let mut part = self
                .connection
                .prepare_cached("INSERT INTO series_parts (id, data) VALUES (?1, ?2)")?;
            for (key, data) in &packed.parts {
                part.execute(params![key, data])?;
            }
        }
        self.connection
            .prepare_cached("DELETE FROM series_head WHERE id >= ?1 AND id <= ?2")?
            .execute([run.key, run.last_key])?;
        Ok(())
    }
}

fn key(block: i64, family: u8, chunk: usize) -> Outcome<i64> {
    part_key(block, family, chunk).map_err(|damage| Fault::new(FaultKind::Other, damage.0))
}
