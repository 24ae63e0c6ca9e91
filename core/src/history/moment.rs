//! The state as it was at a moment.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::frames::torn_words;
use super::judged::Judged;
use super::stamp::{in_words, to_us};
use super::unpacked::Unpacked;
use super::{History, PastState};
use crate::arrange::set_of;
use crate::series::codec::Sub;
use crate::series::{ContextKind, ContextPiece, Family, Frame, Tier};
use crate::state::State;
use crate::store::StoreReader;
use crate::store::series::Extent;
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
    /// seen in it). Scores and advice are judged of it; alerts, anomalies, incidents and
    /// insights are those that the monitor noted for that moment.
    ///
    /// # Errors
    /// `NotFound` when nothing was recorded then (with the nearest times that were).
    pub fn state_at(&self, unix_seconds: f64) -> Result<PastState> {
        let at_us = to_us("time", unix_seconds)?;
        self.reader.snapshot(|reader| {
            let extents = reader.extents()?;
            let mut torn = Vec::new();
            for tier in Tier::ALL {
                let torn_before = torn.len();
                let found = match tier.seconds() {
                    None => find_sample(reader, at_us, &mut torn)?,
                    Some(seconds) => find_stretch(reader, tier, seconds, at_us, &mut torn)?,
                };
                let Some(found) = found else {
                    let reaches_back = |e: &Extent| e.tier == tier && e.first_us <= at_us;
                    if torn.len() == torn_before && extents.iter().any(reaches_back) {
                        // It would have it: nothing was sampled then. A coarser tier's stretch
                        // may well begin before the gap, but does not tell of it.
                        break;
                    }
                    continue;
                };
                let Some(frame) = read(reader, tier, found, &mut torn)? else {
                    continue;
                };
                let mut state = judge(reader, tier, found, &frame)?;
                super::found::put(reader, unix_seconds, &mut state)?;
                return Ok(PastState {
                    asked: unix_seconds,
                    state,
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
        for note in set_of(torn.iter()) {
            words += &format!("; {note}");
        }
        Ok(Error::io(
            &self.path,
            std::io::Error::new(std::io::ErrorKind::NotFound, words),
        ))
    }
}

/// The newest sample at or before a moment, if it is not too old.
fn find_sample(reader: &StoreReader, at_us: i64, torn: &mut Vec<String>) -> Result<Option<Found>> {
    for window in WINDOWS_US {
        let since_us = at_us.saturating_sub(window);
        if let Some(found) = newest(reader, Tier::Raw, since_us, at_us, torn)? {
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
    torn: &mut Vec<String>,
) -> Result<Option<Found>> {
    let width = i64::from(seconds) * 1_000_000;
    newest(reader, tier, at_us.saturating_sub(width), at_us, torn)
}

/// The newest row from `since_us` up to and with `at_us`; of several of one time the one that
/// was written last.
fn newest(
    reader: &StoreReader,
    tier: Tier,
    since_us: i64,
    at_us: i64,
    torn: &mut Vec<String>,
) -> Result<Option<Found>> {
    let mut found: Option<Found> = None;
    let mut before: Option<(i64, i64)> = None;
    let mut distances: VecDeque<i64> = VecDeque::with_capacity(INTERVALS + 1);
    let notes = reader.segments(
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
    torn.extend(notes);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::fixture::{Live, START, damage, findings_alone, record, store};
    use crate::series::Frame;
    use crate::store::series::tests::places;

    /// Deletes every sealed sample.
    fn delete_samples(path: &std::path::Path) {
        let (first, end) = (places::samples().start, places::samples().end);
        let samples = format!("id >= {first} AND id < {end}");
        damage(path, &format!("DELETE FROM series_blocks WHERE {samples}"));
    }

    /// A database of some samples, of which only those of the open log are left.
    fn without_samples(live: &[(State, Frame)], folder: &std::path::Path) -> History {
        let path = store(folder, live.iter().map(|(_, frame)| frame));
        delete_samples(&path);
        History::open(path).unwrap()
    }

    #[test]
    fn a_moment_is_the_newest_sample_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let live = Live::new().ticks(1300);
        let path = store(folder.path(), live.iter().map(|(_, frame)| frame));
        let history = History::open(path).unwrap();
        for number in [0, 1, 599, 600, 1299] {
            for after in [0.0, 0.999] {
                let past = history.state_at(START + number as f64 + after).unwrap();
                assert_eq!(past.tier, Tier::Raw);
                assert_eq!(past.asked, START + number as f64 + after);
                let live = &live[number].0;
                assert_eq!(findings_alone(&past.state), findings_alone(live));
                let (now, then) = (past.state.sample.unwrap(), live.sample.clone().unwrap());
                assert_eq!(now.interval_seconds, then.interval_seconds);
                assert_eq!(now.filesystems, then.filesystems);
                assert_eq!(now.hardening, then.hardening);
            }
        }
    }

    #[test]
    fn where_nothing_was_recorded_the_nearest_times_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.db");
        let mut machine = Live::new();
        let mut live = machine.ticks(20);
        machine.clock_off = 3600.0;
        live.extend(machine.ticks(20));
        record(&path, live.iter().map(|(_, frame)| frame));
        let history = History::open(&path).unwrap();
        let words = |at: f64| {
            let error = history.state_at(START + at).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::NotFound);
            error.to_string()
        };
        // The last sample before the gap is ten seconds old, then more.
        assert_eq!(
            history.state_at(START + 29.0).unwrap().state.timestamp,
            START + 19.0
        );
        let gap = words(29.5);
        assert!(gap.contains("at 2026-11-23T14:05:29.5Z"), "{gap}");
        assert!(gap.contains("2026-11-23T14:05:19Z before"), "{gap}");
        assert!(gap.contains("2026-11-23T15:05:20Z after"), "{gap}");
        assert!(words(-1.0).contains("the first after it is 2026-11-23T14:05:00Z"));
        assert!(words(9999.0).contains("the last before it is 2026-11-23T15:05:39Z"));
        assert!(history.state_at(f64::NAN).is_err());

        let empty = folder.path().join("empty.db");
        record(&empty, []);
        let nothing = History::open(&empty).unwrap().state_at(START).unwrap_err();
        assert!(nothing.to_string().contains("no history"), "{nothing}");
    }

    #[test]
    fn samples_that_were_taken_seldom_stand_for_longer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.db");
        let mut machine = Live::new();
        machine.interval = 120.0;
        let live = machine.ticks(40);
        record(&path, live.iter().map(|(_, frame)| frame));
        let history = History::open(&path).unwrap();
        let last = START + 39.0 * 120.0;
        for after in [1.0, 119.0, 360.0] {
            assert_eq!(
                history.state_at(last + after).unwrap().state.timestamp,
                last
            );
        }
        assert!(history.state_at(last + 361.0).is_err());
    }

    #[test]
    fn of_two_samples_of_one_moment_the_later_one_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.db");
        let mut machine = Live::new();
        let mut live = machine.ticks(100);
        machine.clock_off = -50.0;
        live.extend(machine.ticks(10));
        record(&path, live.iter().map(|(_, frame)| frame));
        let history = History::open(&path).unwrap();
        let at = |at: f64| findings_alone(&history.state_at(START + at).unwrap().state);
        assert_eq!(at(55.0), findings_alone(&live[105].0));
        assert_eq!(at(49.0), findings_alone(&live[49].0));
        assert_eq!(at(60.0), findings_alone(&live[60].0));
    }

    #[test]
    fn where_the_samples_are_gone_a_stretch_answers_with_its_newest_values() {
        let folder = tempfile::tempdir().unwrap();
        let live = Live::new().ticks(1300);
        let history = without_samples(&live, folder.path());
        for number in [0usize, 35, 634, 1000] {
            let past = history.state_at(START + number as f64).unwrap();
            assert_eq!(past.tier, Tier::TenSeconds);
            // Stretches begin at whole tens of seconds, and so does the machine.
            let begin = number / 10 * 10;
            assert_eq!(past.state.timestamp, START + begin as f64);
            let last = &live[begin + 9].0;
            let now = past.state.sample.unwrap();
            let then = last.sample.clone().unwrap();
            assert_eq!(now.cpu.cores, then.cpu.cores);
            assert_eq!(now.hardening, then.hardening);
            assert_eq!(now.host, then.host);
            let metrics = crate::Metrics {
                timestamp: past.state.timestamp,
                ..last.metrics
            };
            assert_eq!(past.state.metrics, metrics);
            assert!(!now.processes.list.is_empty());
        }
    }

    #[test]
    fn a_gap_is_not_filled_by_a_stretch_that_began_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut machine = Live::new();
        let mut live = machine.ticks(20);
        machine.clock_off = 1800.0;
        live.extend(machine.ticks(700));
        let path = store(folder.path(), live.iter().map(|(_, frame)| frame));
        let history = History::open(&path).unwrap();
        // The ten minutes from the start on have a row in the coarsest tier.
        for after in [60.0, 300.0, 900.0] {
            assert!(history.state_at(START + after).is_err(), "{after}");
        }
        // Also when the samples are gone: then the stretches of ten seconds tell it.
        delete_samples(&path);
        assert_eq!(
            history.state_at(START + 5.0).unwrap().tier,
            Tier::TenSeconds
        );
        assert!(history.state_at(START + 300.0).is_err());
    }

    #[test]
    fn what_is_no_longer_known_of_a_stretch_is_not_made_up() {
        let folder = tempfile::tempdir().unwrap();
        let live = Live::new().ticks(700);
        let path = store(folder.path(), live.iter().map(|(_, frame)| frame));
        // As if all before sample 650 had become too old.
        delete_samples(&path);
        let connection = crate::store::open_beside(&path).unwrap();
        for keys in places::context_before(650) {
            let sql = "DELETE FROM series_context WHERE id >= ?1 AND id < ?2";
            connection.execute(sql, [keys.start, keys.end]).unwrap();
        }
        let past = History::open(path).unwrap().state_at(START + 36.0).unwrap();
        assert_ne!(past.tier, Tier::Raw);
        let sample = past.state.sample.unwrap();
        assert_eq!(sample.hardening, Default::default());
        assert_eq!(past.state.scores.security.value, None);
        let names: Vec<&str> = sample.filesystems.iter().map(|f| &*f.mount_point).collect();
        assert_eq!(names, ["/", "/media/mount_yeti"]);
    }

    #[test]
    fn a_torn_block_is_passed_over_for_a_coarser_tier() {
        let folder = tempfile::tempdir().unwrap();
        let live = Live::new().ticks(1300);
        let path = store(folder.path(), live.iter().map(|(_, frame)| frame));
        let part = places::part(places::samples().start, Family::Core.code());
        damage(
            &path,
            &format!("UPDATE series_parts SET data = x'0102' WHERE id = {part}"),
        );
        let history = History::open(&path).unwrap();
        let past = history.state_at(START + 123.0).unwrap();
        assert_eq!(
            (past.tier, past.state.timestamp),
            (Tier::TenSeconds, START + 120.0)
        );
        assert_eq!(history.state_at(START + 1200.0).unwrap().tier, Tier::Raw);
    }
}
