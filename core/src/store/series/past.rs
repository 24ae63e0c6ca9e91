//! The past of another program, put beside what is there.
//!
//! A tier holds nothing that is older than it is kept: who reads takes the finest tier that
//! reaches back to a time, and would miss there what only coarser ones hold. So an old stretch
//! is put into the tier that its age leaves it, and goes from there into the coarser ones.

use super::gathering::{Gathering, Most, made};
use super::tier_log::row_bytes;
use super::writing::place;
use crate::series::{Frame, Tier, TierRow};
use crate::store::database::Database;
use crate::store::fault::{Fault, FaultKind, Outcome};

/// A piece of the past. They come in the order of time, more or less.
#[derive(Debug, Clone)]
pub(crate) enum Past {
    /// A sample.
    Sample(Frame),
    /// What became of samples in a stretch of this tier.
    Stretch(Tier, TierRow),
}

impl Database {
    /// Writes pieces of the past, in one transaction unless the size cap asks for several.
    ///
    /// # Errors
    /// A fault of kind `Held` when another process writes the series.
    pub(crate) fn bring_past(&mut self, past: &[Past], now: f64) -> Outcome<()> {
        if past.is_empty() || made(&self.series.settings).is_empty() {
            return Ok(());
        }
        if !self.owns_series()? {
            let words = self.series.warning();
            return Err(Fault::new(FaultKind::Held, words.unwrap_or_default()));
        }
        let most = Most::of(&self.cap);
        let mut gathering = match self.series.gathering.take() {
            Some(gathering) => gathering,
            None => {
                let mut gathering = self.load_series()?;
                gathering.end_stretches(most);
                gathering
            }
        };
        for piece in past {
            match piece {
                Past::Sample(frame) => gathering.take(frame, &[], most),
                Past::Stretch(tier, row) => gathering.take_past(*tier, row.clone(), most),
            }
        }
        match self.write_past(gathering, now)? {
            true => self.seal_series(),
            false => self.bring_halves(past, now),
        }
    }

    /// Commits what was gathered; false when it does not fit under the size cap at once.
    fn write_past(&mut self, gathering: Gathering, now: f64) -> Outcome<bool> {
        let rows = gathering.pending.rows.iter();
        let pages = self.cap.pages_of(&[])
            + self
                .cap
                .series_pages(rows.map(|row| row_bytes(row.data.len())));
        if !self.cap.allows(pages) {
            self.series.forget();
            return Ok(false);
        }
        self.series.gathering = Some(gathering);
        match self.write_gathered(&[], now, pages) {
            Ok(_) if self.series.gathering.is_some() => {
                self.series_written();
                Ok(true)
            }
            // Another process has taken over meanwhile.
            Ok(_) => {
                let words = "another process writes the history by now";
                Err(Fault::new(FaultKind::Held, words))
            }
            Err(fault) => {
                self.series.forget();
                Err(fault)
            }
        }
    }

    fn bring_halves(&mut self, past: &[Past], now: f64) -> Outcome<()> {
        if past.len() < 2 {
            return Err(Fault::new(
                FaultKind::Row,
                "a stretch does not fit under the size cap",
            ));
        }
        let (first, second) = past.split_at(past.len() / 2);
        self.bring_past(first, now)?;
        self.bring_past(second, now)
    }

    /// What was brought in stands by itself: every tier has its stretches to their end, and
    /// later samples begin other blocks.
    pub(crate) fn end_past(&mut self, now: f64) -> Outcome<()> {
        if let Some(mut gathering) = self.series.gathering.take() {
            gathering.end_stretches(Most::of(&self.cap));
            // Where it does not fit the next writer does it.
            if self.write_past(gathering, now)?
                && let Some(gathering) = &mut self.series.gathering
            {
                gathering.logs.iter_mut().for_each(|log| log.end_run());
                self.seal_series()?;
            }
        }
        self.series.forget();
        Ok(())
    }
}

impl Gathering {
    /// Ends every stretch that was begun, from the finest on, so that all rows are in one. A
    /// stretch that goes on afterwards gets a second row, as after a jump of the clock.
    fn end_stretches(&mut self, most: Most) {
        for place in 0..self.rollups.len() {
            if let Some(row) = self.rollups[place].finish() {
                let below = self.logs[place].next_row;
                self.take_row(place + 1, row, below, most);
            }
        }
    }

    /// Takes in a stretch that no rows of the tier below are there for.
    fn take_past(&mut self, tier: Tier, row: TierRow, most: Most) {
        let place = place(tier);
        let finer = place.checked_sub(1).and_then(|finer| self.logs.get(finer));
        if let Some(finer) = finer {
            let below = finer.next_row;
            self.take_row(place, row, below, most);
        }
    }
}
