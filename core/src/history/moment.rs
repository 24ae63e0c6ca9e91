//! The state as it was at a moment.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::frames::torn_words;
use super::judged::Judged;
use super::stamp::{in_words, to_us};
use super::unpacked::Unpacked;
use super::{History, PastState};
use crate::series::codec::Sub;
use crate::series::{ContextKind, ContextPiece, Family, Frame, Tier};
use crate::state::State;
use crate::store::StoreReader;
use crate::{Error, Result};

/// How old a sample may at least be, microseconds.
const LEAST_GAP_US: i64 = 10_000_000;
/// How many sampling intervals old it may be.
const GAP_INTERVALS: i64 = 3;
/// How far back a sample is looked for, microseconds: a minute, else an hour, else as long as
/// the longest sampling interval (a day) allows.
const WINDOWS_US: [i64; 3] = [60_000_000, 3_600_000_000, 3 * 86_400_000_000];
/// Samples whose distance tells the sampling interval.
const INTERVALS: usize = 7;

/// A row that is to be the answer.
#[derive(Debug, Clone, Copy)]
struct Found {
    row: i64,
    unix_us: i64,
    /// The usual distance of rows here, microseconds.
    interval_us: Option<i64>,
}

impl History {
    /// The whole state as it was at a moment: the newest sample at or before it, if that is
    /// not older than three sampling intervals or ten seconds; else the newest values of the
    /// stretch of the finest coarser tier that the moment lies in (with every process that was
    /// seen in it). Judged as it was live.
    ///
    /// # Errors
    /// `NotFound` when nothing was recorded then (with the nearest times that were).
    pub fn state_at(&self, unix_seconds: f64) -> Result<PastState> {
        let at_us = to_us("time", unix_seconds)?;
        self.reader.snapshot(|reader| {
            let mut torn = Vec::new();
            for tier in Tier::ALL {
                let found = match tier.seconds() {
                    None => find_sample(reader, at_us)?,
                    Some(seconds) => find_stretch(reader, tier, seconds, at_us)?,
                };
                let Some(found) = found else { continue };
                let Some(frame) = read(reader, tier, found, &mut torn)? else {
                    continue;
                };
                return Ok(PastState {
                    asked: unix_seconds,
                    state: judge(reader, tier, found, &frame)?,
                    tier,
                });
            }
            Err(self.nothing_at(reader, at_us, &torn)?)
        })
    }

    /// Why there is no answer, with the nearest times for which there is one.
    fn nothing_at(&self, reader: &StoreReader, at_us: i64, torn: &[String]) -> Result<Error> {
        let (mut before, mut after): (Option<i64>, Option<i64>) = (None, None);
        for extent in reader.extents()? {
            reader.segments(extent.tier, i64::MIN, i64::MAX, &[], &mut |segment| {
                for us in segment.times.unix_us {
                    match us <= at_us {
                        true => before = before.max(Some(us)),
                        false => after = Some(after.map_or(us, |known| known.min(us))),
                    }
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        let mut words = format!("nothing was recorded at {}", in_words(at_us));
        match (before, after) {
            (None, None) => words = "no history was recorded".into(),
            (Some(us), None) => words += &format!("; the last before it is {}", in_words(us)),
            (None, Some(us)) => words += &format!("; the first after it is {}", in_words(us)),
            (Some(before), Some(after)) => {
                words += &format!(
                    "; the nearest are {} before it and {} after it",
                    in_words(before),
                    in_words(after)
                );
            }
        }
        for note in torn {
            words += &format!("; {note}");
        }
        Ok(Error::io(
            &self.path,
            std::io::Error::new(std::io::ErrorKind::NotFound, words),
        ))
    }
}

/// The newest sample at or before a moment, if it is not too old.
fn find_sample(reader: &StoreReader, at_us: i64) -> Result<Option<Found>> {
    for window in WINDOWS_US {
        let since_us = at_us.saturating_sub(window);
        if let Some(found) = newest(reader, Tier::Raw, since_us, at_us)? {
            let by_interval = found.interval_us.unwrap_or(0).saturating_mul(GAP_INTERVALS);
            let gap = by_interval.max(LEAST_GAP_US);
            return Ok((at_us - found.unix_us <= gap).then_some(found));
        }
    }
    Ok(None)
}

/// The stretch of a coarser tier that a moment lies in.
fn find_stretch(
    reader: &StoreReader,
    tier: Tier,
    seconds: u32,
    at_us: i64,
) -> Result<Option<Found>> {
    let width = i64::from(seconds) * 1_000_000;
    newest(reader, tier, at_us.saturating_sub(width), at_us)
}

/// The newest row from `since_us` up to and with `at_us`; of several of one time the one that
/// was written last.
fn newest(reader: &StoreReader, tier: Tier, since_us: i64, at_us: i64) -> Result<Option<Found>> {
    let mut found: Option<Found> = None;
    let mut before: Option<(i64, i64)> = None;
    let mut distances: VecDeque<i64> = VecDeque::with_capacity(INTERVALS + 1);
    reader.segments(
        tier,
        since_us,
        at_us.saturating_add(1),
        &[],
        &mut |segment| {
            let times = segment.times.unix_us.iter().zip(&segment.times.second);
            for ((unix_us, monotonic_us), row) in times.zip(segment.first_row..) {
                let before_us = before
                    .filter(|(known, _)| known + 1 == row)
                    .map(|(_, us)| us)
                    // It begins anew when the machine does.
                    .filter(|us| us < monotonic_us);
                before = Some((row, *monotonic_us));
                if let Some(us) = before_us {
                    distances.push_back(monotonic_us - us);
                    if distances.len() > INTERVALS {
                        distances.pop_front();
                    }
                }
                let is_in = (since_us..=at_us).contains(unix_us);
                if is_in && found.is_none_or(|best| best.unix_us <= *unix_us) {
                    found = Some(Found {
                        row,
                        unix_us: *unix_us,
                        interval_us: median(&distances),
                    });
                }
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    Ok(found)
}

fn median(of: &VecDeque<i64>) -> Option<i64> {
    let mut sorted: Vec<i64> = of.iter().copied().collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// The row as a frame; `None` when it is damaged, and `torn` tells it.
fn read(
    reader: &StoreReader,
    tier: Tier,
    found: Found,
    torn: &mut Vec<String>,
) -> Result<Option<Frame>> {
    let sub = match tier {
        Tier::Raw => Sub::Value,
        _ => Sub::Last,
    };
    let mut frame = None;
    let until_us = found.unix_us.saturating_add(1);
    let mut damaged = Vec::new();
    let notes = reader.segments(
        tier,
        found.unix_us,
        until_us,
        &Family::ALL,
        &mut |segment| {
            let end_row = segment.first_row + segment.times.unix_us.len() as i64;
            if !(segment.first_row..end_row).contains(&found.row) {
                return Ok(ControlFlow::Continue(()));
            }
            let at = usize::try_from(found.row - segment.first_row).ok();
            match Unpacked::unpack(&segment, sub, at) {
                Ok(mut block) => frame = block.frame(found.row),
                Err(damage) => damaged.push(torn_words(&segment, &damage)),
            }
            Ok(ControlFlow::Break(()))
        },
    )?;
    torn.extend(notes.into_iter().chain(damaged));
    Ok(frame)
}

/// The state of a row, with the context that was in force.
fn judge(reader: &StoreReader, tier: Tier, found: Found, frame: &Frame) -> Result<State> {
    let row = match tier.seconds() {
        None => found.row,
        Some(seconds) => sample_of(reader, tier, seconds, found.row)?,
    };
    let mut judged = Judged::default();
    judged.know(&context(reader, row)?);
    Ok(judged.state(frame))
}

/// The context at a sample. Where it was deleted with the samples, the machine and the names
/// of its parts are taken from the oldest that is left; what may have been another then
/// (settings, what could be read) is not known.
fn context(reader: &StoreReader, row: i64) -> Result<Vec<ContextPiece>> {
    use ContextKind::{Devices, Filesystems, Host, Interfaces, Limits, Sensors};
    let mut pieces = reader.context_at(row)?;
    let kinds = [Host, Limits, Filesystems, Devices, Interfaces, Sensors];
    if kinds
        .iter()
        .all(|kind| pieces.iter().any(|piece| piece.kind == *kind))
    {
        return Ok(pieces);
    }
    for (_, piece) in reader.context_between(row, i64::MAX)? {
        if kinds.contains(&piece.kind) && !pieces.iter().any(|known| known.kind == piece.kind) {
            pieces.push(piece);
        }
    }
    Ok(pieces)
}

/// Number of the last sample of a stretch. The sample itself may be gone; but every sample is
/// in one stretch of each tier, and stretches tell how many they have, so that it can be
/// counted back from the newest stretch.
fn sample_of(reader: &StoreReader, tier: Tier, seconds: u32, row: i64) -> Result<i64> {
    let mut samples_after = 0;
    let mut newest_us = 0;
    let all = (i64::MIN, i64::MAX);
    reader.segments(tier, all.0, all.1, &[], &mut |segment| {
        for (samples, number) in segment.times.second.iter().zip(segment.first_row..) {
            samples_after += if number > row { *samples } else { 0 };
        }
        newest_us = segment.times.unix_us.last().copied().unwrap_or(newest_us);
        Ok(ControlFlow::Continue(()))
    })?;
    let end_us = newest_us.saturating_add(i64::from(seconds) * 1_000_000);
    let mut last = None;
    reader.segments(Tier::Raw, newest_us, end_us, &[], &mut |segment| {
        let times = segment.times.unix_us.iter().zip(segment.first_row..);
        let inside = times.filter(|(us, _)| (newest_us..end_us).contains(us));
        last = last.max(inside.map(|(_, number)| number).max());
        Ok(ControlFlow::Continue(()))
    })?;
    // Without any sample left what was known last has to do.
    Ok(last.map_or(i64::MAX, |last| last - samples_after))
}
