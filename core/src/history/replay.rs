//! The engine over what was recorded.

use std::path::Path;

use super::frames::Frames;
use super::judged::Judged;
use super::stamp::to_us;
use crate::Result;
use crate::state::State;
use crate::store::StoreReader;

/// The states of a recording, judged again in the order in which they were sampled: the same
/// findings as live. Models learn from the first sample on: of a range within a recording
/// they know nothing that came before it. A database that is being written is read up to what it held when this
/// was opened.
///
/// What can't be read is left out, and [`Replay::notes`] tells it. After an error there is
/// nothing more.
#[derive(Debug)]
pub struct Replay {
    reader: StoreReader,
    frames: Frames,
    judged: Judged,
    done: u64,
    failed: bool,
}

impl Replay {
    /// Opens a recording or a database and begins at the first sample at or after `since`;
    /// ends before `until` (Unix seconds).
    ///
    /// # Errors
    /// As [`super::History::open`].
    pub fn open(path: impl AsRef<Path>, since: f64, until: f64) -> Result<Replay> {
        let (since_us, until_us) = (to_us("since", since)?, to_us("until", until)?);
        let reader = StoreReader::open(path)?;
        let frames = Frames::between(&reader, since_us, until_us)?;
        Ok(Replay {
            reader,
            frames,
            judged: Judged::default(),
            done: 0,
            failed: false,
        })
    }

    /// Samples that the range holds, for a display of progress; with those that turn out not
    /// to be readable.
    pub fn len(&self) -> u64 {
        self.frames.len()
    }

    /// The range holds no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Samples that were replayed so far.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// What could not be read so far (torn blocks), in words.
    pub fn notes(&self) -> &[String] {
        self.frames.notes()
    }
}

impl Iterator for Replay {
    type Item = Result<State>;

    fn next(&mut self) -> Option<Result<State>> {
        if self.failed {
            return None;
        }
        match self.frames.next(&self.reader) {
            Ok(frame) => {
                let state = self.judged.state(&frame?);
                self.done += 1;
                Some(Ok(state))
            }
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::fixture::{
        Live, PATIENCE, START, damage, findings, findings_alone, record, settings,
    };
    use crate::series::{Family, Frame};
    use crate::store::series::tests::places;
    use crate::store::{Row, Store};
    use std::sync::Arc;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn all(path: &Path) -> (Vec<State>, Replay) {
        let mut replay = Replay::open(path, f64::NEG_INFINITY, f64::INFINITY).unwrap();
        let states = replay.by_ref().map(Result::unwrap).collect();
        (states, replay)
    }

    fn frames(live: &[(State, Frame)]) -> impl Iterator<Item = &Frame> {
        live.iter().map(|(_, frame)| frame)
    }

    #[test]
    fn a_replay_finds_what_was_found_live() {
        let folder = folder();
        let path = folder.path().join("recording.db");
        let live = Live::new().ticks(1500);
        record(&path, frames(&live));
        let (states, replay) = all(&path);
        assert_eq!((replay.len(), replay.done()), (1500, 1500));
        assert!(replay.notes().is_empty(), "{:?}", replay.notes());
        for (number, (state, (live, _))) in (1..).zip(states.iter().zip(&live)) {
            assert_eq!(state.sequence, number);
            assert_eq!(findings(state), findings(live));
            let (now, then) = (
                state.sample.as_ref().unwrap(),
                live.sample.as_ref().unwrap(),
            );
            assert_eq!(now.filesystems, then.filesystems);
            assert_eq!((&now.host, &now.sensors), (&then.host, &then.sensors));
            assert_eq!(now.cpu, then.cpu);
        }
    }

    #[test]
    fn a_range_begins_at_its_first_sample_with_all_context() {
        let folder = folder();
        let path = folder.path().join("recording.db");
        let live = Live::new().ticks(900);
        record(&path, frames(&live));
        // In the first block, across two, from within the second, and before and after all.
        for (from, to) in [(0, 1), (30, 60), (590, 650), (700, 900), (899, 900), (5, 5)] {
            let (since, until) = (START + f64::from(from), START + f64::from(to));
            let mut replay = Replay::open(&path, since, until).unwrap();
            assert_eq!(replay.len(), (to - from) as u64);
            assert_eq!(replay.is_empty(), from == to);
            let states: Vec<State> = replay.by_ref().map(Result::unwrap).collect();
            assert_eq!(states.len(), (to - from) as usize);
            for (state, (live, _)) in states.iter().zip(&live[from as usize..]) {
                assert_eq!(findings_alone(state), findings_alone(live));
                assert_eq!(
                    state.sample.as_ref().unwrap().hardening,
                    live.sample.as_ref().unwrap().hardening
                );
            }
        }
        assert!(Replay::open(&path, f64::NAN, 0.0).is_err());
    }

    #[test]
    fn what_happened_is_replayed_in_its_order_when_the_clock_went_back() {
        let folder = folder();
        let path = folder.path().join("recording.db");
        let mut machine = Live::new();
        let mut live = machine.ticks(700);
        machine.clock_off = -400.0;
        live.extend(machine.ticks(700));
        record(&path, frames(&live));
        let (states, replay) = all(&path);
        assert_eq!(replay.len(), 1400);
        for (state, (live, _)) in states.iter().zip(&live) {
            assert_eq!(findings(state), findings(live));
        }
        // Seconds that were lived through twice are there twice.
        let replay = Replay::open(&path, START + 650.0, START + 660.0).unwrap();
        assert_eq!(replay.len(), 20);
        let times: Vec<f64> = replay.map(|s| s.unwrap().timestamp - START).collect();
        let once: Vec<f64> = (650..660).map(f64::from).collect();
        assert_eq!(times, [once.as_slice(), &once].concat());
    }

    #[test]
    fn a_database_is_replayed_while_it_is_being_written() {
        let folder = folder();
        let store = Store::open(settings(folder.path())).unwrap();
        let mut machine = Live::new();
        let mut live: Vec<(State, Frame)> = Vec::new();
        let append = |live: &mut Vec<(State, Frame)>, machine: &mut Live| {
            for (state, frame) in machine.ticks(500) {
                store.append(Row::Frame(Arc::new(frame.clone())));
                live.push((state, frame));
            }
            store.flush(PATIENCE).unwrap();
        };
        append(&mut live, &mut machine);
        let path = store.path().to_path_buf();
        let mut replay = Replay::open(&path, f64::NEG_INFINITY, f64::INFINITY).unwrap();
        let mut states: Vec<State> = replay.by_ref().take(10).map(Result::unwrap).collect();
        // What is open by now is sealed before the rest is read.
        append(&mut live, &mut machine);
        append(&mut live, &mut machine);
        states.extend(replay.by_ref().map(Result::unwrap));
        assert_eq!((states.len(), replay.len()), (500, 500));
        assert!(replay.notes().is_empty(), "{:?}", replay.notes());
        let (states_now, _) = all(&path);
        assert_eq!(states_now.len(), 1500);
        for states in [states, states_now] {
            for (state, (live, _)) in states.iter().zip(&live) {
                assert_eq!(findings(state), findings(live));
            }
        }
        store.close().unwrap();
    }

    #[test]
    fn a_replay_may_go_on_in_another_thread() {
        fn may_be_sent<T: Send>() {}
        may_be_sent::<Replay>();
    }

    /// What was live, what is replayed, and the range that is torn.
    type Torn = (Vec<(State, Frame)>, Vec<State>, Replay, [usize; 2]);

    /// Damages a part of the second of three blocks.
    fn torn(family: u8) -> Torn {
        let folder = folder();
        let path = folder.path().join("recording.db");
        let live = Live::new().ticks(1300);
        record(&path, frames(&live));
        let connection = crate::store::open_beside(&path).unwrap();
        let blocks: Vec<(i64, usize)> = connection
            .prepare("SELECT id, rows FROM series_blocks ORDER BY id")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)))
            .unwrap()
            .map(|row| row.unwrap())
            .collect();
        assert!(blocks.len() > 2, "{blocks:?}");
        let part = places::part(blocks[1].0, family);
        let broken = "data = substr(data, 1, 20) || x'00' || substr(data, 22)";
        damage(
            &path,
            &format!("UPDATE series_parts SET {broken} WHERE id = {part}"),
        );
        let (states, replay) = all(&path);
        (
            live,
            states,
            replay,
            [blocks[0].1, blocks[0].1 + blocks[1].1],
        )
    }

    #[test]
    fn a_torn_block_is_passed_over_and_told() {
        for family in [Family::Core.code(), Family::Process.code(), 0] {
            let (live, states, replay, [from, to]) = torn(family);
            let left: Vec<&(State, Frame)> = live[..from].iter().chain(&live[to..]).collect();
            assert_eq!(states.len(), left.len());
            // What the torn samples brought along (settings, a new file system) is not lost.
            for (state, (live, _)) in states.iter().zip(left) {
                assert_eq!(findings_alone(state), findings_alone(live));
            }
            assert!(!replay.notes().is_empty());
            assert!(
                replay.notes()[0].contains("can't be read"),
                "{:?}",
                replay.notes()
            );
        }
    }
}
