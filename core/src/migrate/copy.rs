//! What all ways have in common: rows are read one by one, checked, and written in chunks.

use rusqlite::Connection;

use super::catalogue::{Side, TableSpec};
use super::report::TableReport;
use super::source::Source;
use super::target::Target;
use crate::Result;
use crate::store::{Outcome, Took};

/// A clock that was wrong may have been so far ahead.
const AHEAD_SECONDS: f64 = 3600.0;

/// One table that is brought in.
pub(super) struct Work<'a> {
    pub(super) source: &'a Source,
    pub(super) spec: &'a TableSpec,
    pub(super) side: Side,
    /// Wall clock at the beginning, Unix seconds.
    pub(super) now: f64,
    pub(super) retention_seconds: f64,
}

/// What became of something that was to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    Imported,
    AlreadyThere,
    Skipped(String),
}

/// Rows on their way.
pub(super) trait Way {
    type Item;

    /// Number of the row in the prototype's table.
    fn row(item: &Self::Item) -> i64;

    /// Bytes that it takes, nearly.
    fn bytes(item: &Self::Item) -> usize;

    /// Writes it, in a transaction.
    fn write(&self, connection: &Connection, item: &Self::Item) -> Outcome<Fate>;
}

/// Items that wait for their transaction.
pub(super) struct Chunks<W: Way> {
    way: W,
    side: Side,
    waiting: Vec<W::Item>,
    bytes: usize,
    is_full: bool,
}

/// Why nothing more is written.
pub(super) const NO_ROOM: &str = "there is no room for the oldest under half the size cap; set \
    a larger max_store_bytes and do this again";

impl Work<'_> {
    /// Whether a row of this time can be kept.
    pub(super) fn check_age(&self, seconds: f64) -> std::result::Result<(), String> {
        match () {
            () if seconds > self.now + AHEAD_SECONDS => Err("its time is in the future".into()),
            () if seconds < self.now - self.retention_seconds => Err(format!(
                "older than retention_days ({:.4}), it would be deleted at once",
                self.retention_seconds / 86_400.0
            )
            .replace(".0000)", ")")),
            () => Ok(()),
        }
    }

    /// How many rows that are not here yet there is no room for, when each takes so many bytes
    /// and so many are here already. The oldest are left out.
    pub(super) fn surplus(&self, target: &Target, row_bytes: u64, there: u64) -> Result<u64> {
        let (Side::Monitor, Some(age)) = (self.side, self.spec.age) else {
            return Ok(0);
        };
        let since = (self.now - self.retention_seconds).max(f64::MIN);
        let young = self
            .source
            .count_of(self.spec.name, &format!("{age} >= {since:e}"));
        // What can't be counted is tried.
        let new = young.map_or(0, |young| young.saturating_sub(there));
        Ok(new.saturating_sub(target.intake.room_bytes()? / row_bytes))
    }

    /// Rows of the prototype's table that are not newer than this.
    pub(super) fn older(&self, stamp: &str, newest: f64) -> u64 {
        // `∞` is no literal of SQL. Where it can't be counted the numbers need not be dense.
        let newest = newest.clamp(f64::MIN, f64::MAX);
        let condition = format!("NOT ({stamp} > {newest:e})  OR {stamp} IS NULL");
        let table = self.spec.name;
        let counted = self.source.count_of(table, &condition);
        counted
            .or_else(|_| self.source.count(table))
            .unwrap_or(1 << 20)
    }
}

impl<W: Way> Chunks<W> {
    pub(super) fn new(way: W, side: Side) -> Chunks<W> {
        Chunks {
            way,
            side,
            waiting: Vec::new(),
            bytes: 0,
            is_full: false,
        }
    }

    /// Takes in an item, and writes what waits when that is enough for a transaction.
    pub(super) fn push(
        &mut self,
        item: W::Item,
        target: &mut Target,
        report: &mut TableReport,
    ) -> Result<()> {
        if self.is_full {
            report.skip(W::row(&item), NO_ROOM);
            return Ok(());
        }
        let (most_rows, most_bytes) = target.batch(self.side);
        let bytes = W::bytes(&item);
        if self.bytes + bytes > most_bytes {
            self.flush(target, report)?;
        }
        self.bytes += bytes;
        self.waiting.push(item);
        match self.waiting.len() < most_rows {
            true => Ok(()),
            false => self.flush(target, report),
        }
    }

    pub(super) fn flush(&mut self, target: &mut Target, report: &mut TableReport) -> Result<()> {
        let items = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if items.is_empty() {
            return Ok(());
        }
        let way = &self.way;
        let bytes = items.iter().map(|item| W::bytes(item) as u64);
        let took = target.bring(self.side, bytes, |connection| {
            let fates = items.iter().map(|item| way.write(connection, item));
            fates.collect::<Outcome<Vec<Fate>>>()
        })?;
        let fates = match took {
            Took::Done(fates) => fates,
            Took::NoRoom | Took::NotOurs(_) => {
                self.is_full = true;
                report.error = Some(NO_ROOM.to_owned());
                vec![Fate::Skipped(NO_ROOM.to_owned()); items.len()]
            }
        };
        for (item, fate) in items.iter().zip(fates) {
            match fate {
                Fate::Imported => report.imported += 1,
                Fate::AlreadyThere => report.already_there += 1,
                Fate::Skipped(why) => report.skip(W::row(item), &why),
            }
        }
        Ok(())
    }
}
