//! The bounded memory queue between whoever appends and the one writer.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::row::Row;

/// What a row costs in memory beside its texts, bytes.
const ROW_OVERHEAD_BYTES: usize = size_of::<Row>();

/// How much may wait, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
    pub(crate) commit_interval: Duration,
}

/// What the writer is to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Commit what waits (also: try again, apply new settings).
    Write,
    /// Commit what waits and end.
    Close,
}

/// What a flush waits for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FlushTicket {
    target: u64,
    number: u64,
    dropped: u64,
}

/// How a flush ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flushed {
    /// Everything is committed.
    Committed,
    /// An attempt made since failed, or rows were lost, or the writer is gone.
    Failed,
    /// The time is over.
    TimedOut,
}

#[derive(Debug)]
struct State {
    rows: VecDeque<Row>,
    bytes: usize,
    in_hand: usize,
    hand_start: u64,
    oldest: Option<Instant>,
    appended: u64,
    dropped: u64,
    flush_asked: u64,
    flush_taken: u64,
    flush_done: u64,
    changed: bool,
    /// The first state is there: other processes are to see it at once.
    is_due: bool,
    has_state: bool,
    closing: bool,
    tried: bool,
    ended: bool,
    bounds: Bounds,
}

/// Rows in order; when it is full the oldest goes and is counted.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    for_writer: Condvar,
    for_callers: Condvar,
}

impl Queue {
    pub(crate) fn new(bounds: Bounds) -> Queue {
        Queue {
            state: Mutex::new(State {
                rows: VecDeque::new(),
                bytes: 0,
                in_hand: 0,
                hand_start: 0,
                oldest: None,
                appended: 0,
                dropped: 0,
                flush_asked: 0,
                flush_taken: 0,
                flush_done: 0,
                changed: false,
                is_due: false,
                has_state: false,
                closing: false,
                tried: false,
                ended: false,
                bounds,
            }),
            for_writer: Condvar::new(),
            for_callers: Condvar::new(),
        }
    }

    /// Takes a row in. The writer is woken only by the first row of a batch, to start
    /// its clock, when the queue becomes half full, and by the first state of all, which is
    /// committed at once: so other processes soon see that somebody monitors.
    pub(crate) fn append(&self, row: Row) {
        let mut state = self.lock();
        state.appended += 1;
        let was_half_full = state.half_full();
        let was_empty = state.rows.is_empty();
        let is_first_state = !state.has_state && matches!(row, Row::State(_));
        state.has_state |= is_first_state;
        state.is_due |= is_first_state;
        state.bytes += weight(&row);
        state.rows.push_back(row);
        state.trim();
        if state.oldest.is_none() {
            state.oldest = Some(Instant::now());
        }
        let wake = is_first_state || was_empty || (!was_half_full && state.half_full());
        drop(state);
        if wake {
            self.for_writer.notify_one();
        }
    }

    /// Rows that can be taken.
    pub(crate) fn len(&self) -> usize {
        self.lock().rows.len()
    }

    /// Rows not committed yet, and rows lost since the start.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let state = self.lock();
        ((state.rows.len() + state.in_hand) as u64, state.dropped)
    }

    /// The writer's wait: without an end while there is nothing to do. With `retry_at`
    /// the storage is down and rows alone are no reason to try again.
    pub(crate) fn wait(&self, retry_at: Option<Instant>) -> Turn {
        let mut state = self.lock();
        loop {
            if state.closing {
                state.flush_taken = state.flush_asked;
                return Turn::Close;
            }
            if state.flush_asked > state.flush_taken || state.changed {
                break;
            }
            let due = match retry_at {
                Some(at) => Some(at),
                None if state.half_full() || state.is_due => break,
                None => state.oldest.map(|at| at + state.bounds.commit_interval),
            };
            state = match due.map(|at| at.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => break,
                Some(left) => {
                    let waited = self.for_writer.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .for_writer
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
        state.flush_taken = state.flush_asked;
        (state.changed, state.is_due) = (false, false);
        Turn::Write
    }

    /// The oldest rows into `chunk`: at least one if there is one, else as many as the
    /// two limits allow.
    pub(crate) fn take(&self, chunk: &mut Vec<Row>, max_rows: usize, max_bytes: usize) {
        let mut state = self.lock();
        state.hand_start = state.appended - state.rows.len() as u64;
        let mut bytes = 0;
        while let Some(row) = state.rows.front() {
            bytes += row.text_bytes();
            if !chunk.is_empty() && (chunk.len() >= max_rows || bytes > max_bytes) {
                break;
            }
            state.bytes -= weight(row);
            chunk.extend(state.rows.pop_front());
        }
        state.in_hand = chunk.len();
        state.oldest = Some(Instant::now()).filter(|_| !state.rows.is_empty());
        if state.rows.is_empty() {
            // What a long fault has made the queue grow to is not kept for ever.
            state.rows.shrink_to(64);
        }
    }

    /// What was taken is committed, but for `refused` rows.
    pub(crate) fn settle(&self, refused: u64) {
        let mut state = self.lock();
        state.in_hand = 0;
        state.dropped += refused;
        drop(state);
        self.for_callers.notify_all();
    }

    /// What was taken could not be committed: it waits again, first in line.
    pub(crate) fn put_back(&self, chunk: &mut Vec<Row>) {
        let mut state = self.lock();
        state.in_hand = 0;
        for row in chunk.drain(..).rev() {
            state.bytes += weight(&row);
            state.rows.push_front(row);
        }
        state.trim();
        if !state.rows.is_empty() {
            state.oldest = Some(Instant::now());
        }
    }

    /// An attempt is over, however it went.
    pub(crate) fn attempt_over(&self) {
        let mut state = self.lock();
        state.tried = true;
        state.flush_done = state.flush_taken;
        drop(state);
        self.for_callers.notify_all();
    }

    /// Waits for the first attempt, so that the first health report says something.
    pub(crate) fn wait_for_first_attempt(&self, timeout: Duration) {
        let state = self.lock();
        let waited = self
            .for_callers
            .wait_timeout_while(state, timeout, |state| !state.tried && !state.ended);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Asks for a commit of everything appended so far.
    pub(crate) fn ask_flush(&self) -> FlushTicket {
        let mut state = self.lock();
        state.flush_asked += 1;
        let ticket = FlushTicket {
            target: state.appended,
            number: state.flush_asked,
            dropped: state.dropped,
        };
        drop(state);
        self.for_writer.notify_one();
        ticket
    }

    /// Waits until that is done or has failed.
    pub(crate) fn wait_flush(&self, ticket: FlushTicket, timeout: Duration) -> Flushed {
        let pending = |state: &mut State| {
            !state.ended && !state.is_settled(ticket) && state.flush_done < ticket.number
        };
        let waited = self
            .for_callers
            .wait_timeout_while(self.lock(), timeout, pending);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_settled(ticket) {
            match state.dropped == ticket.dropped {
                true => Flushed::Committed,
                false => Flushed::Failed,
            }
        } else if state.ended || state.flush_done >= ticket.number {
            Flushed::Failed
        } else {
            Flushed::TimedOut
        }
    }

    /// Another interval from now on; the writer is woken to apply what else has changed.
    pub(crate) fn set_commit_interval(&self, commit_interval: Duration) {
        let mut state = self.lock();
        state.bounds.commit_interval = commit_interval;
        state.changed = true;
        drop(state);
        self.for_writer.notify_one();
    }

    /// Tells the writer to end.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.for_writer.notify_one();
    }

    /// The writer has ended; what still waits is lost, and counted so.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        let lost = state.rows.len() + state.in_hand;
        state.dropped += lost as u64;
        state.rows = VecDeque::new();
        (state.bytes, state.in_hand, state.ended) = (0, 0, true);
        drop(state);
        self.for_callers.notify_all();
    }

    /// Waits for the end of the writer; false when the time is over.
    pub(crate) fn wait_for_end(&self, timeout: Duration) -> bool {
        let waited = self
            .for_callers
            .wait_timeout_while(self.lock(), timeout, |state| !state.ended);
        waited.unwrap_or_else(PoisonError::into_inner).0.ended
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn half_full(&self) -> bool {
        self.rows.len() * 2 >= self.bounds.rows || self.bytes * 2 >= self.bounds.bytes
    }

    /// Drops the oldest rows until the bounds hold; the newest always stays. Rows that
    /// the writer has in hand count too: they may come back.
    fn trim(&mut self) {
        while self.rows.len() > 1
            && (self.rows.len() + self.in_hand > self.bounds.rows || self.bytes > self.bounds.bytes)
        {
            if let Some(row) = self.rows.pop_front() {
                self.bytes -= weight(&row);
                self.dropped += 1;
            }
        }
    }

    /// Every row up to the ticket's has been committed or dropped.
    fn is_settled(&self, ticket: FlushTicket) -> bool {
        let oldest_unsettled = match self.in_hand {
            0 => self.appended - self.rows.len() as u64,
            _ => self.hand_start,
        };
        oldest_unsettled >= ticket.target
    }
}

fn weight(row: &Row) -> usize {
    row.text_bytes() + ROW_OVERHEAD_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::StateRow;

    fn row(number: usize, bytes: usize) -> Row {
        Row::State(StateRow {
            timestamp: number as f64,
            metrics_data: Some("x".repeat(bytes)),
            ..StateRow::default()
        })
    }

    fn queue(rows: usize, bytes: usize) -> Queue {
        Queue::new(Bounds {
            rows,
            bytes,
            commit_interval: Duration::from_secs(3600),
        })
    }

    fn stamps(rows: &[Row]) -> Vec<f64> {
        let stamp = |row: &Row| match row {
            Row::State(row) => row.timestamp,
            other => panic!("not made here: {other:?}"),
        };
        rows.iter().map(stamp).collect()
    }

    #[test]
    fn a_full_queue_drops_its_oldest_rows_and_counts_them() {
        let queue = queue(3, usize::MAX / 4);
        (0..5).for_each(|n| queue.append(row(n, 1)));
        assert_eq!(queue.counts(), (3, 2));
        let mut chunk = Vec::new();
        queue.take(&mut chunk, 10, 1000);
        assert_eq!(stamps(&chunk), [2.0, 3.0, 4.0]);
    }

    #[test]
    fn the_bound_in_bytes_holds_but_the_newest_row_always_stays() {
        let queue = queue(100, 10_000);
        (0..5).for_each(|n| queue.append(row(n, 4000)));
        assert_eq!(queue.counts(), (2, 3));
        queue.append(row(9, 50_000));
        assert_eq!(queue.counts(), (1, 5));
    }

    #[test]
    fn rows_put_back_come_first_again_and_respect_the_bound() {
        let queue = queue(4, usize::MAX / 4);
        (0..3).for_each(|n| queue.append(row(n, 1)));
        let mut chunk = Vec::new();
        queue.take(&mut chunk, 2, 1000);
        assert_eq!(stamps(&chunk), [0.0, 1.0]);
        queue.append(row(3, 1));
        queue.put_back(&mut chunk);
        assert_eq!(queue.counts(), (4, 0));
        queue.append(row(4, 1));
        queue.take(&mut chunk, 10, 1000);
        assert_eq!(stamps(&chunk), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(queue.counts(), (4, 1));
    }

    #[test]
    fn a_chunk_stops_at_its_limit_but_is_never_empty() {
        let queue = queue(100, usize::MAX / 4);
        (0..4).for_each(|n| queue.append(row(n, 100)));
        let mut chunk = Vec::new();
        queue.take(&mut chunk, 10, 250);
        assert_eq!(chunk.len(), 2);
        chunk.clear();
        queue.take(&mut chunk, 10, 5);
        assert_eq!(chunk.len(), 1);
    }

    #[test]
    fn a_flush_ends_well_only_when_everything_before_it_is_settled() {
        let queue = queue(100, usize::MAX / 4);
        queue.append(row(0, 1));
        let ticket = queue.ask_flush();
        assert_eq!(
            queue.wait_flush(ticket, Duration::ZERO),
            Flushed::TimedOut,
            "nothing was tried yet"
        );
        assert_eq!(queue.wait(None), Turn::Write);
        let mut chunk = Vec::new();
        queue.take(&mut chunk, 10, 100);
        queue.append(row(1, 1));
        queue.settle(0);
        assert_eq!(queue.wait_flush(ticket, Duration::ZERO), Flushed::Committed);
    }

    #[test]
    fn a_flush_fails_after_a_failed_attempt_and_when_rows_were_lost() {
        let queue = queue(100, usize::MAX / 4);
        queue.append(row(0, 1));
        let ticket = queue.ask_flush();
        assert_eq!(queue.wait(None), Turn::Write);
        let mut chunk = Vec::new();
        queue.take(&mut chunk, 10, 100);
        queue.put_back(&mut chunk);
        queue.attempt_over();
        assert_eq!(queue.wait_flush(ticket, Duration::ZERO), Flushed::Failed);

        let ticket = queue.ask_flush();
        queue.take(&mut chunk, 10, 100);
        queue.settle(1);
        assert_eq!(queue.wait_flush(ticket, Duration::ZERO), Flushed::Failed);
    }

    #[test]
    fn rows_alone_do_not_end_the_pause_of_a_degraded_store() {
        let queue = Queue::new(Bounds {
            rows: 10,
            bytes: 10_000,
            commit_interval: Duration::ZERO,
        });
        queue.append(row(0, 1));
        assert_eq!(queue.wait(None), Turn::Write, "due at once");
        let retry_at = Instant::now() + Duration::from_millis(20);
        assert_eq!(queue.wait(Some(retry_at)), Turn::Write);
        assert!(Instant::now() >= retry_at);
        queue.ask_flush();
        let far = Instant::now() + Duration::from_secs(3600);
        assert_eq!(queue.wait(Some(far)), Turn::Write, "a flush is");
        queue.close();
        assert_eq!(queue.wait(Some(far)), Turn::Close);
    }
}
