//! What a frame becomes: a row of each tier that it is the end of.

use super::keys::context_key;
use super::log::{Cells, Stamp};
use super::settings::SeriesSettings;
use super::tier_log::{HeadRow, TierLog};
use crate::series::rollup::RollUp;
use crate::series::{ContextKind, ContextPiece, Frame, Tier, TierPart, TierRow};
use crate::store::cap::Cap;

/// What a stat takes in the open log, at most: five numbers.
const STAT_BYTES: usize = 50;

/// A piece of context that came with a row.
#[derive(Debug)]
pub(super) struct ContextRow {
    pub(super) kind: ContextKind,
    pub(super) row: i64,
    pub(super) piece: ContextPiece,
}

impl ContextRow {
    pub(super) fn key(&self) -> i64 {
        context_key(self.kind, self.row)
    }
}

/// What fits under the size cap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    pub(super) run_bytes: u64,
    pub(super) stretch_bytes: u64,
}

impl Most {
    pub(super) fn of(cap: &Cap) -> Most {
        Most {
            run_bytes: cap.run_bytes(),
            stretch_bytes: cap.stretch_bytes(),
        }
    }
}

/// Rows that are to be written in the next transaction.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) rows: Vec<HeadRow>,
    pub(super) context: Vec<ContextRow>,
    pub(super) frames: u64,
}

/// The open logs of the tiers and what is being gathered for the next row of each. It runs
/// ahead of the file: when a transaction fails it is thrown away and read from there again.
#[derive(Debug)]
pub(super) struct Gathering {
    pub(super) logs: Vec<TierLog>,
    /// What makes `logs[n + 1]` of `logs[n]`.
    pub(super) rollups: Vec<RollUp>,
    pub(super) pending: Pending,
    /// The file may lack context that came before: the next frame brings all that is known.
    pub(super) context_is_due: bool,
}

/// The tiers that are made: each is made of the one below it, so none is left out between
/// the raw one and the coarsest that is kept.
pub(super) fn made(settings: &SeriesSettings) -> &'static [Tier] {
    let kept = settings.keep.iter().rposition(|keep| !keep.is_zero());
    match (settings.enabled, kept) {
        (true, Some(coarsest)) => &Tier::ALL[..=coarsest],
        _ => &[],
    }
}

impl Gathering {
    /// Takes in a frame with the context that is to be written beside it.
    pub(super) fn take(&mut self, frame: &Frame, context: &[ContextPiece], most: Most) {
        let Some(raw) = self.logs.first_mut() else {
            return;
        };
        let stamp = Stamp {
            unix_us: frame.unix_us,
            second: frame.monotonic_us,
            below: 0,
        };
        let (row, number) = raw.append(stamp, &Cells::of_frame(frame), most.run_bytes);
        self.pending.rows.push(row);
        self.pending.frames += 1;
        self.pending
            .context
            .extend(context.iter().map(|piece| ContextRow {
                kind: piece.kind,
                row: number,
                piece: piece.clone(),
            }));
        if let Some(rollup) = self.rollups.first_mut()
            && let Some(row) = rollup.push_frame(frame)
        {
            self.take_row(1, row, number, most);
        }
    }

    /// Takes in a row of `logs[place]`; `below` is the first row of the tier below that is
    /// not in it.
    pub(super) fn take_row(
        &mut self,
        mut place: usize,
        mut row: TierRow,
        mut below: i64,
        most: Most,
    ) {
        while let Some(log) = self.logs.get_mut(place) {
            shorten(&mut row, most.stretch_bytes);
            let stamp = Stamp {
                unix_us: row.start_us,
                second: i64::from(row.samples),
                below,
            };
            let (head, number) = log.append(stamp, &Cells::of_row(&row), most.run_bytes);
            self.pending.rows.push(head);
            let Some(rollup) = self.rollups.get_mut(place) else {
                return;
            };
            let Some(next) = rollup.push_row(&row) else {
                return;
            };
            (place, row, below) = (place + 1, next, number);
        }
    }
}

/// Leaves out the biggest families of a stretch that would not fit into a transaction: with a
/// very small cap, or after thousands of short-lived processes. Better those than the stretch.
fn shorten(row: &mut TierRow, most_bytes: u64) {
    let bytes = |part: &TierPart| {
        let labels = part.entities.iter().flat_map(|entity| entity.labels.iter());
        let labels = labels.map(|label| label.as_ref().map_or(1, |label| label.len() + 2));
        (STAT_BYTES * part.stats.len() + labels.sum::<usize>()) as u64
    };
    while row.parts.iter().map(bytes).sum::<u64>() > most_bytes {
        let biggest = (0..row.parts.len()).max_by_key(|&place| bytes(&row.parts[place]));
        let Some(biggest) = biggest else { return };
        row.parts.remove(biggest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::{Entity, Family, Stat};

    #[test]
    fn of_a_stretch_that_is_too_big_the_biggest_family_is_left_out() {
        let part = |family, entities: usize| TierPart {
            family,
            entities: vec![Entity::single().into(); entities].into(),
            stats: vec![Stat::ABSENT; entities * 3],
        };
        let mut row = TierRow {
            start_us: 0,
            samples: 10,
            parts: vec![
                part(Family::Cpu, 1),
                part(Family::Core, 8),
                part(Family::Process, 500),
            ],
        };
        shorten(&mut row, 100_000);
        assert_eq!(row.parts.len(), 3);
        shorten(&mut row, 10_000);
        let left: Vec<Family> = row.parts.iter().map(|part| part.family).collect();
        assert_eq!(left, [Family::Cpu, Family::Core]);
    }
}
