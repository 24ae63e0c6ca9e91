//! The open log of one tier, as its writer knows it.

use std::collections::VecDeque;

use super::keys::row_key;
use super::log::{Cells, Run, Stamp};
use crate::series::Tier;

/// Rows of a block, at most: the more, the better they pack, but the longer it takes to
/// read one of them.
const RAW_ROWS: usize = 600;
const COARSER_ROWS: usize = 360;

/// A row that is to be put into `series_head`.
#[derive(Debug)]
pub(super) struct HeadRow {
    pub(super) key: i64,
    /// Key of the first row of its run.
    pub(super) run: i64,
    pub(super) stamp: Stamp,
    pub(super) data: Vec<u8>,
}

/// Appends rows to the newest run, and begins another one when it is long enough or when a
/// clock went back: so the times of a run ascend.
#[derive(Debug)]
pub(super) struct TierLog {
    pub(super) tier: Tier,
    pub(super) next_row: i64,
    /// Keys of runs that are over and not sealed yet.
    pub(super) over: VecDeque<i64>,
    pub(super) run_key: i64,
    pub(super) rows: usize,
    pub(super) bytes: u64,
    pub(super) newest: Stamp,
    pub(super) run: Run,
}

impl TierLog {
    pub(super) fn new(tier: Tier, next_row: i64) -> TierLog {
        TierLog {
            tier,
            next_row,
            over: VecDeque::new(),
            run_key: row_key(tier, next_row),
            rows: 0,
            bytes: 0,
            newest: Stamp::default(),
            run: Run::new(tier),
        }
    }

    /// The row, and its number.
    pub(super) fn append(
        &mut self,
        stamp: Stamp,
        parts: &[Cells<'_>],
        most_bytes: u64,
    ) -> (HeadRow, i64) {
        if self.is_long(most_bytes) || self.goes_back(stamp) {
            self.end_run();
        }
        let number = self.next_row;
        let row = HeadRow {
            key: row_key(self.tier, number),
            run: self.run_key,
            stamp,
            data: self.run.write(stamp, parts),
        };
        self.next_row += 1;
        self.rows += 1;
        self.bytes += row_bytes(row.data.len());
        self.newest = stamp;
        (row, number)
    }

    /// What comes next begins another run.
    pub(super) fn end_run(&mut self) {
        if self.rows > 0 {
            self.over.push_back(self.run_key);
        }
        self.run_key = row_key(self.tier, self.next_row);
        (self.rows, self.bytes) = (0, 0);
        self.run = Run::new(self.tier);
    }

    fn is_long(&self, most_bytes: u64) -> bool {
        let most_rows = match self.tier {
            Tier::Raw => RAW_ROWS,
            _ => COARSER_ROWS,
        };
        self.rows >= most_rows || self.bytes >= most_bytes
    }

    /// The monotonic clock begins anew when the machine does.
    fn goes_back(&self, stamp: Stamp) -> bool {
        self.rows > 0
            && (stamp.unix_us <= self.newest.unix_us
                || self.tier == Tier::Raw && stamp.second <= self.newest.second)
    }
}

/// Of a row in the file, nearly.
pub(super) fn row_bytes(data: usize) -> u64 {
    data as u64 + 40
}
