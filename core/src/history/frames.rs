//! The frames of a range of time, in the order in which they were written, a block at a time.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::stamp::in_words;
use super::unpacked::Unpacked;
use crate::Result;
use crate::series::codec::{Damage, Sub};
use crate::series::{ContextPiece, Family, Frame, Tier};
use crate::store::StoreReader;
use crate::store::series::Segment;

/// Fewer rows than this are read together: the open log may come row by row.
const FEW_ROWS: usize = 256;

/// Most notes that are kept, and the place of the last.
const MOST_NOTES: usize = 100;
const LAST_NOTE: usize = MOST_NOTES - 1;

/// What was read of a span: its blocks, the context that came with its rows, and notes.
type Read = (VecDeque<Unpacked>, Vec<(i64, ContextPiece)>, Vec<String>);

/// Consecutive rows that are read together.
#[derive(Debug, Clone, Copy)]
struct Span {
    first_row: i64,
    rows: usize,
    /// Least and greatest time.
    first_us: i64,
    last_us: i64,
}

impl Span {
    fn end_row(&self) -> i64 {
        self.first_row + self.rows as i64
    }
}

/// The frames of the raw tier between two times. The first brings all of the context that is
/// in force, the others what changed since the one before.
///
/// What there is to read is noted when it is made, in some bytes for each block, so that no
/// read transaction stays open between two frames: whoever reads slowly does not keep the
/// writer from emptying its log.
#[derive(Debug, Default)]
pub(super) struct Frames {
    since_us: i64,
    until_us: i64,
    spans: VecDeque<Span>,
    blocks: VecDeque<Unpacked>,
    /// Rows of the blocks that are still to be given.
    next_row: i64,
    end_row: i64,
    /// Context with the row that it came with, of rows that are still to be given.
    context: VecDeque<(i64, ContextPiece)>,
    /// Row after the last one whose context is known; `None` before the first.
    context_until: Option<i64>,
    rows: u64,
    notes: Vec<String>,
}

impl Frames {
    /// Looks up what there is between two times in Unix microseconds.
    pub(super) fn between(reader: &StoreReader, since_us: i64, until_us: i64) -> Result<Frames> {
        let mut frames = Frames {
            since_us,
            until_us,
            ..Frames::default()
        };
        let mut spans: VecDeque<Span> = VecDeque::new();
        let mut rows = 0;
        let unread = reader.segments(Tier::Raw, since_us, until_us, &[], &mut |segment| {
            let times = &segment.times.unix_us;
            let inside = times.iter().filter(|us| (since_us..until_us).contains(us));
            rows += inside.count() as u64;
            let (Some(first_us), Some(last_us)) = (times.iter().min(), times.iter().max()) else {
                return Ok(ControlFlow::Continue(()));
            };
            match spans.back_mut() {
                Some(span)
                    if span.end_row() == segment.first_row
                        && span.rows + times.len() <= FEW_ROWS =>
                {
                    span.rows += times.len();
                    span.first_us = span.first_us.min(*first_us);
                    span.last_us = span.last_us.max(*last_us);
                }
                _ => spans.push_back(Span {
                    first_row: segment.first_row,
                    rows: times.len(),
                    first_us: *first_us,
                    last_us: *last_us,
                }),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        frames.spans = spans;
        frames.rows = rows;
        frames.note(unread);
        Ok(frames)
    }

    /// Frames that the range held when it was looked up; what can't be read is among them.
    pub(super) fn len(&self) -> u64 {
        self.rows
    }

    /// What could not be read so far, in words.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// `Store`.
    pub(super) fn next(&mut self, reader: &StoreReader) -> Result<Option<Frame>> {
        loop {
            while let Some(block) = self.blocks.front_mut() {
                self.next_row = self.next_row.max(block.first_row());
                let end_row = block.end_row().min(self.end_row);
                while self.next_row < end_row {
                    let row = self.next_row;
                    self.next_row += 1;
                    let inside = block
                        .unix_us(row)
                        .is_some_and(|us| (self.since_us..self.until_us).contains(&us));
                    if inside && let Some(mut frame) = block.frame(row) {
                        frame.context = self.context_up_to(row);
                        return Ok(Some(frame));
                    }
                }
                self.blocks.pop_front();
            }
            let Some(span) = self.spans.pop_front() else {
                return Ok(None);
            };
            self.read(reader, span)?;
        }
    }

    /// Unpacks a span's rows. They may have been sealed into a block with others since they
    /// were looked up, or be gone.
    fn read(&mut self, reader: &StoreReader, span: Span) -> Result<()> {
        let (blocks, context, mut notes) =
            reader.snapshot(|reader| self.read_span(reader, span))?;
        let found = blocks
            .iter()
            .map(|block| block.rows_between(span.first_row, span.end_row()));
        if found.sum::<usize>() < span.rows && notes.is_empty() {
            notes.push(format!(
                "samples between {} and {} were deleted before they were read",
                in_words(span.first_us),
                in_words(span.last_us)
            ));
        }
        self.next_row = span.first_row;
        self.end_row = span.end_row();
        self.blocks = blocks;
        self.context.extend(context);
        self.context_until = Some(span.end_row());
        self.note(notes);
        Ok(())
    }

    fn read_span(&self, reader: &StoreReader, span: Span) -> Result<Read> {
        let mut blocks = VecDeque::new();
        let mut torn = Vec::new();
        let mut notes = reader.segments(
            Tier::Raw,
            span.first_us,
            span.last_us.saturating_add(1),
            &Family::ALL,
            &mut |segment| {
                // Blocks overlap in time where the clock went back.
                if segment.first_row >= span.end_row() {
                    return Ok(ControlFlow::Break(()));
                }
                if segment.first_row + segment.times.unix_us.len() as i64 > span.first_row {
                    match Unpacked::unpack(&segment, Sub::Value, None) {
                        Ok(block) => blocks.push_back(block),
                        Err(damage) => torn.push(torn_words(&segment, &damage)),
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        notes.append(&mut torn);
        let mut context: Vec<(i64, ContextPiece)> = Vec::new();
        let known_until = match self.context_until {
            Some(row) => row,
            None => {
                let pieces = reader.context_at(span.first_row)?.into_iter();
                context.extend(pieces.map(|piece| (span.first_row, piece)));
                span.first_row + 1
            }
        };
        context.extend(reader.context_between(known_until, span.end_row())?);
        Ok((blocks, context, notes))
    }

    /// The context that is new up to a row: the newest of each kind.
    fn context_up_to(&mut self, row: i64) -> Vec<ContextPiece> {
        let mut pieces: Vec<ContextPiece> = Vec::new();
        while self.context.front().is_some_and(|(of, _)| *of <= row) {
            let Some((_, piece)) = self.context.pop_front() else {
                break;
            };
            pieces.retain(|older| older.kind != piece.kind);
            pieces.push(piece);
        }
        pieces
    }

    fn note(&mut self, notes: Vec<String>) {
        for note in notes {
            match self.notes.len() {
                MOST_NOTES => return,
                _ if self.notes.contains(&note) => {}
                LAST_NOTE => self.notes.push("and more that could not be read".into()),
                _ => self.notes.push(note),
            }
        }
    }
}

/// What of a segment could not be unpacked, in words.
pub(super) fn torn_words(segment: &Segment, damage: &Damage) -> String {
    let at = |us: Option<&i64>| in_words(us.copied().unwrap_or(0));
    let times = &segment.times.unix_us;
    format!(
        "the samples from {} to {} can't be read: {}",
        at(times.first()),
        at(times.last()),
        damage.0
    )
}
