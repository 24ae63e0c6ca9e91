//! Where the writer goes on: the open logs and what was being gathered, from the file.

use std::ops::ControlFlow;

use super::columns::visit_run;
use super::gathering::{Gathering, Most, Pending, made};
use super::keys::{row_key, row_of};
use super::log::Run;
use super::scan::{self, OpenRun};
use super::segment_rows::SegmentRows;
use super::tier_log::{TierLog, row_bytes};
use crate::logging::{Level, tell};
use crate::series::rollup::RollUp;
use crate::series::{Family, Frame, Tier, TierRow};
use crate::store::database::Database;
use crate::store::fault::Outcome;

/// Rows of the tier below that a tier without a row of its own is begun from, at most: it
/// may have been switched on only now.
const FIRST_ROWS: i64 = 1200;

/// A row of either sort, with its number.
enum AnyRow {
    Sample(Frame),
    Stretch(TierRow),
}

impl Database {
    /// Reads the open logs, and feeds what makes the coarser tiers with the rows since the
    /// last that each has made: so no tier misses what the one below it has, however the
    /// last writer ended.
    pub(super) fn load_series(&self) -> Outcome<Gathering> {
        let tiers = made(&self.series.settings);
        let mut logs = Vec::new();
        for &tier in tiers {
            logs.push(self.load_log(tier)?);
        }
        let coarser = tiers.iter().skip(1);
        let mut gathering = Gathering {
            logs,
            rollups: coarser.map(|&tier| RollUp::new(tier)).collect(),
            pending: Pending::default(),
            context_is_due: true,
        };
        let most = Most::of(&self.cap);
        // From the coarsest on: what a finer one brings then finds the coarser ones ready.
        for (place, &tier) in tiers.iter().enumerate().skip(1).rev() {
            let below = tiers[place - 1];
            let from = match scan::newest_below(&self.connection, tier)? {
                Some(from) => from,
                None => (gathering.logs[place - 1].next_row - FIRST_ROWS).max(0),
            };
            self.rows_from(below, from, &mut |number, row| {
                let rollup = &mut gathering.rollups[place - 1];
                let ended = match &row {
                    AnyRow::Sample(frame) => rollup.push_frame(frame),
                    AnyRow::Stretch(row) => rollup.push_row(row),
                };
                if let Some(ended) = ended {
                    gathering.take_row(place, ended, number, most);
                }
            })?;
        }
        Ok(gathering)
    }

    fn load_log(&self, tier: Tier) -> Outcome<TierLog> {
        let mut next_row = scan::next_row(&self.connection, tier)?;
        if let Some(coarser) = tier.coarser() {
            // Numbers are not given twice, even if all rows are gone.
            let taken = scan::newest_below(&self.connection, coarser)?;
            next_row = next_row.max(taken.unwrap_or(0));
        }
        let mut log = TierLog::new(tier, next_row);
        let mut runs = scan::runs(&self.connection, tier, 0)?;
        let newest = runs.pop();
        log.over = runs.iter().map(|run| run.key).collect();
        let Some(newest) = newest else {
            return Ok(log);
        };
        let mut run = Run::new(tier);
        let mut is_sound = true;
        visit_run(
            &self.connection,
            tier,
            newest.key,
            &mut |_, stamp, data| match run.read(stamp, data, &|_| true) {
                Ok(_) => {
                    log.rows += 1;
                    log.bytes += row_bytes(data.len());
                    log.newest = stamp;
                    true
                }
                Err(_) => {
                    is_sound = false;
                    false
                }
            },
        )?;
        if is_sound && run.is_of_today() && log.bytes < self.cap.run_bytes() {
            log.run_key = newest.key;
            log.run = run.into_writer();
        } else {
            // Nothing can be added to it: it is damaged, of an older release, or long enough.
            log.over.push_back(newest.key);
            (log.rows, log.bytes) = (0, 0);
            log.run_key = row_key(tier, log.next_row);
        }
        Ok(log)
    }

    /// Every row of a tier from a number on, in their order. What can't be read is told to
    /// the log and left out.
    fn rows_from(&self, tier: Tier, from: i64, visit: &mut dyn FnMut(i64, AnyRow)) -> Outcome<()> {
        for block in scan::blocks_from(&self.connection, tier, from)? {
            let (segment, notes) = scan::read_block(&self.connection, tier, &block, &Family::ALL)?;
            for note in notes {
                tell(Level::Warn, format_args!("{}: {note}", self.path.display()));
            }
            let Some(segment) = segment else { continue };
            let rows = SegmentRows::new(&segment);
            for place in 0..rows.len() {
                let number = block.first_row() + place as i64;
                if number >= from {
                    visit(
                        number,
                        any(tier, || rows.frame(place), || rows.tier_row(place)),
                    );
                }
            }
        }
        for run in scan::runs(&self.connection, tier, 0)? {
            if row_of(run.last_key) >= from {
                self.rows_of_run(tier, &run, &mut |number, row| {
                    if number >= from {
                        visit(number, row);
                    }
                    ControlFlow::Continue(())
                })?;
            }
        }
        Ok(())
    }

    fn rows_of_run(
        &self,
        tier: Tier,
        open: &OpenRun,
        visit: &mut dyn FnMut(i64, AnyRow) -> ControlFlow<()>,
    ) -> Outcome<()> {
        let mut run = Run::new(tier);
        visit_run(&self.connection, tier, open.key, &mut |key, stamp, data| {
            let Ok(families) = run.read(stamp, data, &|_| true) else {
                return false;
            };
            let row = any(
                tier,
                || run.frame(stamp, &families),
                || run.tier_row(stamp, &families),
            );
            visit(row_of(key), row).is_continue()
        })
    }
}

fn any(tier: Tier, frame: impl FnOnce() -> Frame, stretch: impl FnOnce() -> TierRow) -> AnyRow {
    match tier {
        Tier::Raw => AnyRow::Sample(frame()),
        _ => AnyRow::Stretch(stretch()),
    }
}
