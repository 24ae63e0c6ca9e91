//! Metrics into the history.
//!
//! What the history has of a time is not put there again: the same sample, a time within our
//! own samples, or a stretch of the width that the time's age leaves.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Told;
use super::catalogue::How;
use super::copy::{NO_ROOM, Work};
use super::metrics::{self, Moment};
use super::plain::TOLD_ROWS;
use super::report::TableReport;
use super::target::Target;
use crate::Result;
use crate::series::rollup::RollUp;
use crate::series::{Entity, Frame, Tier, TierRow};
use crate::store::series::Past;
use crate::store::{SeriesSettings, StoreReader, Took};

/// Name of the way in the report.
const INTO: &str = "history";

/// Pieces of one transaction.
const PIECES: usize = 64;

/// Samples of ours that are no further apart than this leave nothing out between them.
const DENSE_US: i64 = 60_000_000;

/// All tiers' stretches begin at multiples of it.
const WIDEST_US: i64 = 600_000_000;

const KNOWN_TIME: &str = "our own history covers its time";
const TOO_OLD: &str = "older than the history is kept (history_10min_days)";

/// What the history holds, and what it keeps.
struct Reach {
    /// Of each tier the times of its rows, ascending.
    times: [Vec<i64>; 4],
    /// From when on a tier takes samples; `None` for one that is not made.
    from_us: [Option<i64>; 4],
}

/// What the history has of a time.
#[derive(Debug, PartialEq, Eq)]
enum Known {
    Nothing,
    /// This sample, or the stretch that it belongs to.
    This,
    /// Samples of our own around it.
    Around,
}

/// Samples on their way, through the stretches that are finer than the tier they go to.
#[derive(Default)]
struct Chain {
    tier: Option<Tier>,
    rollups: Vec<RollUp>,
    out: Vec<Past>,
}

/// The work on one table.
struct Bringing<'a> {
    report: TableReport,
    target: &'a mut Target,
    reach: Reach,
    chain: Chain,
    single: Arc<[Arc<Entity>]>,
    /// Rows since the last transaction.
    waiting: u64,
    /// Why nothing more is written.
    stopped: Option<String>,
    newest_allowed: f64,
}

pub(super) fn bring(
    work: &Work<'_>,
    settings: &SeriesSettings,
    target: &mut Target,
    told: &mut Told<'_>,
) -> Result<TableReport> {
    let spec = work.spec;
    let mut report = TableReport::new(spec.name, INTO);
    let columns = match work.source.columns(spec.name) {
        Ok(theirs) => metrics::columns(spec.how, &theirs),
        Err(fault) => {
            report.error = Some(fault.cause);
            return Ok(report);
        }
    };
    // Told on the other way.
    let Some(columns) = columns else {
        return Ok(report);
    };
    let reach = Reach::of(target, settings, work.now)?;
    let stopped = reach.from_us.iter().all(Option::is_none);
    let mut bringing = Bringing {
        report,
        target,
        reach,
        chain: Chain::default(),
        single: vec![Arc::new(Entity::single())].into(),
        waiting: 0,
        stopped: stopped.then(|| "no history is kept (history_enabled)".to_owned()),
        newest_allowed: work.now,
    };
    // Of a table with one metric a row: those of one moment make one sample.
    let mut gathered: Option<(i64, u64, Moment)> = None;
    let torn = work.source.scan(spec.name, &columns, &mut |row, values| {
        bringing.report.found += 1;
        let moment = values.and_then(|values| Moment::of_row(spec.how, &columns, &values));
        match (moment, gathered.take()) {
            (Err(why), before) => {
                bringing.report.skip(row, &why);
                gathered = before;
            }
            (Ok(moment), None) => gathered = Some((row, 1, moment)),
            (Ok(moment), Some((first, rows, before))) => {
                let both = match spec.how {
                    How::Tall if before.timestamp == moment.timestamp => before.with(&moment),
                    _ => None,
                };
                match both {
                    Some(both) => gathered = Some((first, rows + 1, both)),
                    None => {
                        bringing.take(first, rows, &before)?;
                        gathered = Some((row, 1, moment));
                    }
                }
            }
        }
        match bringing.report.found % TOLD_ROWS {
            0 => Ok(told.rows(bringing.report.found)),
            _ => Ok(ControlFlow::Continue(())),
        }
    })?;
    if let Some((row, rows, moment)) = gathered {
        bringing.take(row, rows, &moment)?;
    }
    bringing.chain.finish();
    while !bringing.chain.out.is_empty() {
        bringing.write()?;
    }
    bringing.settle(None);
    let mut report = bringing.report;
    target.intake.end_past()?;
    report.error = report.error.or(torn);
    Ok(report)
}

impl Bringing<'_> {
    /// Takes in a sample that so many rows, from this on, make.
    fn take(&mut self, row: i64, rows: u64, moment: &Moment) -> Result<()> {
        if let Some(why) = &self.stopped {
            self.report.skip_all(&[row], rows, why);
            return Ok(());
        }
        if moment.timestamp > self.newest_allowed {
            self.report
                .skip_all(&[row], rows, "its time is in the future");
            return Ok(());
        }
        let frame = match moment.frame(&self.single) {
            Ok(Some(frame)) => frame,
            Ok(None) => {
                let why = "the history has no such metric (see the states)";
                self.report.skip_all(&[row], rows, why);
                return Ok(());
            }
            Err(why) => {
                self.report.skip_all(&[row], rows, &why);
                return Ok(());
            }
        };
        let Some(tier) = self.reach.tier_for(frame.unix_us) else {
            self.report.skip_all(&[row], rows, TOO_OLD);
            return Ok(());
        };
        match self.reach.knows(frame.unix_us, tier) {
            Known::This => self.report.already_there += rows,
            Known::Around => self.report.skip_all(&[row], rows, KNOWN_TIME),
            Known::Nothing => {
                self.waiting += rows;
                self.chain.take(&frame, tier);
                if self.chain.out.len() >= PIECES {
                    self.write()?;
                }
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        let pieces = self.chain.out.len().min(PIECES);
        let past: Vec<Past> = self.chain.out.drain(..pieces).collect();
        let stopped = match self.target.intake.bring_past(&past)? {
            Took::Done(()) => None,
            Took::NoRoom => Some(NO_ROOM.to_owned()),
            Took::NotOurs(pid) => Some(format!(
                "process {pid} is writing the history: stop the monitor (`usm monitor --stop`) \
                 and do this again; only what is missing is brought in"
            )),
        };
        let is_stopped = stopped.is_some();
        self.settle(stopped);
        if is_stopped {
            self.chain = Chain::default();
        }
        Ok(())
    }

    /// Counts the rows since the last transaction.
    fn settle(&mut self, stopped: Option<String>) {
        let rows = std::mem::take(&mut self.waiting);
        match stopped {
            None => self.report.imported += rows,
            Some(why) => {
                self.report.skip_all(&[], rows, &why);
                self.report.error = Some(why.clone());
                self.stopped = Some(why);
            }
        }
    }
}

impl Reach {
    fn of(target: &Target, settings: &SeriesSettings, now: f64) -> Result<Reach> {
        let mut times: [Vec<i64>; 4] = Default::default();
        let reader = StoreReader::open(target.intake.path())?;
        for tier in Tier::ALL {
            let times = &mut times[usize::from(tier.code())];
            reader.segments(tier, i64::MIN, i64::MAX, &[], &mut |segment| {
                times.extend(&segment.times.unix_us);
                Ok(ControlFlow::Continue(()))
            })?;
            times.sort_unstable();
        }
        let coarsest = settings.keep.iter().rposition(|keep| !keep.is_zero());
        let from_us = std::array::from_fn(|place| {
            let is_made = settings.enabled && coarsest.is_some_and(|coarsest| place <= coarsest);
            is_made.then(|| cutoff_us(now, settings.keep[place].as_secs_f64()))
        });
        Ok(Reach { times, from_us })
    }

    /// The finest tier that takes a sample of this time.
    fn tier_for(&self, unix_us: i64) -> Option<Tier> {
        let takes = |tier: &Tier| {
            let from_us = self.from_us[usize::from(tier.code())];
            from_us.is_some_and(|from_us| unix_us >= from_us)
        };
        Tier::ALL.into_iter().find(takes)
    }

    fn knows(&self, unix_us: i64, tier: Tier) -> Known {
        let [raw, ..] = &self.times;
        let next = raw.partition_point(|time| *time < unix_us);
        if raw.get(next) == Some(&unix_us) {
            return Known::This;
        }
        match tier.seconds() {
            Some(seconds) => {
                let width_us = i64::from(seconds) * 1_000_000;
                let start_us = unix_us - unix_us.rem_euclid(width_us);
                let stretches = &self.times[usize::from(tier.code())];
                match stretches.binary_search(&start_us) {
                    Ok(_) => Known::This,
                    Err(_) => Known::Nothing,
                }
            }
            None => match (
                next.checked_sub(1).and_then(|at| raw.get(at)),
                raw.get(next),
            ) {
                (Some(before), Some(after)) if after - before <= DENSE_US => Known::Around,
                _ => Known::Nothing,
            },
        }
    }
}

/// From when on what is kept for so long takes samples: where a stretch of every tier begins.
fn cutoff_us(now: f64, keep_seconds: f64) -> i64 {
    let from = ((now - keep_seconds) * 1e6).max(-9e15) as i64;
    from - from.rem_euclid(WIDEST_US) + WIDEST_US
}

impl Chain {
    fn take(&mut self, frame: &Frame, tier: Tier) {
        if self.tier != Some(tier) {
            self.finish();
            self.tier = Some(tier);
            let coarser = Tier::ALL
                .into_iter()
                .filter(|t| *t != Tier::Raw && *t <= tier);
            self.rollups = coarser.map(RollUp::new).collect();
        }
        match self.rollups.first_mut() {
            None => self.out.push(Past::Sample(frame.clone())),
            Some(finest) => {
                let ended = finest.push_frame(frame);
                self.carry(ended, 1);
            }
        }
    }

    /// A stretch that was ended goes into the next coarser one, or is one to be written.
    fn carry(&mut self, mut ended: Option<TierRow>, mut place: usize) {
        while let Some(row) = ended {
            ended = match (self.rollups.get_mut(place), self.tier) {
                (Some(coarser), _) => coarser.push_row(&row),
                (None, Some(tier)) => {
                    self.out.push(Past::Stretch(tier, row));
                    None
                }
                (None, None) => None,
            };
            place += 1;
        }
    }

    /// Ends what was begun.
    fn finish(&mut self) {
        for place in 0..self.rollups.len() {
            let ended = self.rollups[place].finish();
            self.carry(ended, place + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_US: i64 = 86_400_000_000;
    const NOW: f64 = 1_795_000_123.0;

    fn reach(times: [Vec<i64>; 4]) -> Reach {
        let keep = SeriesSettings::default().keep;
        Reach {
            times,
            from_us: std::array::from_fn(|place| Some(cutoff_us(NOW, keep[place].as_secs_f64()))),
        }
    }

    #[test]
    fn a_sample_goes_to_the_finest_tier_that_keeps_it() {
        let reach = reach(Default::default());
        let now_us = (NOW * 1e6) as i64;
        for (days, tier) in [
            (0, Some(Tier::Raw)),
            (2, Some(Tier::TenSeconds)),
            (15, Some(Tier::Minute)),
            (100, Some(Tier::TenMinutes)),
            (4000, None),
        ] {
            assert_eq!(reach.tier_for(now_us - days * DAY_US), tier, "{days} days");
        }
        for from_us in reach.from_us.into_iter().flatten() {
            assert_eq!(from_us % WIDEST_US, 0);
        }
    }

    #[test]
    fn what_is_there_is_told_by_time_and_by_stretch() {
        let second = 1_000_000;
        let reach = reach([
            vec![100 * second, 102 * second, 500 * second],
            vec![20 * second],
            vec![],
            vec![],
        ]);
        assert_eq!(reach.knows(100 * second, Tier::Raw), Known::This);
        assert_eq!(reach.knows(101 * second, Tier::Raw), Known::Around);
        assert_eq!(reach.knows(300 * second, Tier::Raw), Known::Nothing);
        assert_eq!(reach.knows(600 * second, Tier::Raw), Known::Nothing);
        assert_eq!(reach.knows(29 * second, Tier::TenSeconds), Known::This);
        assert_eq!(reach.knows(30 * second, Tier::TenSeconds), Known::Nothing);
        assert_eq!(reach.knows(29 * second, Tier::Minute), Known::Nothing);
    }
}
