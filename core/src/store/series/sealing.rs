//! A run of the open log that is over becomes a block, in one transaction.

use rusqlite::params;

use super::columns::{self, Wanted};
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
        let mut packed = Packed::default();
        let mut wanted = Wanted {
            families: &[],
            start: 0,
            sound_rows: None,
        };
        let rows = columns::pass(&self.connection, tier, run.key, wanted)?;
        if let Some(damage) = &rows.damage {
            tell(
                Level::Warn,
                format_args!(
                    "{}: of {} rows of the open log of tier {tier:?} only the first {} can be \
                     read: {}",
                    self.path.display(),
                    run.rows,
                    rows.times.unix_us.len(),
                    damage.0
                ),
            );
        }
        wanted.sound_rows = Some(rows.times.unix_us.len());
        (packed.times, packed.newest) = (rows.times, rows.newest);
        let times = key(run.key, TIMES, 0)?;
        packed.parts.push((times, pack_times(&packed.times)));
        for family in &Family::ALL {
            wanted.families = std::slice::from_ref(family);
            self.pack_family(tier, run, wanted, &mut packed)?;
        }
        Ok(packed)
    }

    /// Its entities come in several passes; together they pack better.
    fn pack_family(
        &self,
        tier: Tier,
        run: &OpenRun,
        wanted: Wanted<'_>,
        packed: &mut Packed,
    ) -> Outcome<()> {
        let code = wanted
            .families
            .first()
            .map_or(TIMES, |family| family.code());
        let mut part = PartPacker::default();
        let mut chunk = 0;
        let mut start = Some(wanted.start);
        while let Some(start_now) = start {
            let wanted = Wanted {
                start: start_now,
                ..wanted
            };
            let mut pass = columns::pass(&self.connection, tier, run.key, wanted)?;
            start = pass.next;
            for entity in pass.entities() {
                part.push(&entity, &packed.times);
                if part.weight() >= HEAVY_PART {
                    let data = std::mem::take(&mut part).finish(&packed.times);
                    packed.parts.push((key(run.key, code, chunk)?, data));
                    chunk += 1;
                }
            }
        }
        if part.weight() > 0 {
            let data = part.finish(&packed.times);
            packed.parts.push((key(run.key, code, chunk)?, data));
        }
        Ok(())
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
