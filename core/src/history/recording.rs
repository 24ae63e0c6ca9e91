//! A stretch of history in a file of its own: to keep, to send, to attach to a bug report.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::History;
use super::frames::Frames;
use super::mask::Mask;
use super::stamp::to_us;
use super::units::seconds;
use crate::series::Frame;
use crate::store::series::SeriesFile;
use crate::{Error, Result};

/// Frames between two calls that tell how far the work is.
const FRAMES_BETWEEN_CALLS: u64 = 64;

/// What of a recording tells about the user rather than the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// All names as they are.
    #[default]
    Kept,
    /// Names of processes, users, control groups, hosts, mounts and interfaces are replaced
    /// by numbered ones (the same name by the same number); command lines are left out. Names
    /// that every machine has stay: `/`, `/tmp`, `lo`, `eth0`, `sda1`, `root`, kernel threads
    /// of the usual names. Numbers stay, but user ids other than 0 do not.
    Masked,
}

/// What a recording holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RecordingSummary {
    /// Samples.
    pub samples: u64,
    /// Time of the first, Unix seconds.
    pub first: Option<f64>,
    /// Time of the last.
    pub last: Option<f64>,
    /// Size of the file.
    pub bytes: u64,
    /// What could not be read of the source (torn blocks) and so is missing, in words.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl RecordingSummary {
    /// Counts a sample in.
    pub(super) fn count(&mut self, frame: &Frame) {
        let time = seconds(frame.unix_us);
        self.samples += 1;
        self.first.get_or_insert(time);
        self.last = Some(time);
    }
}

impl History {
    /// Writes the samples between two Unix times into a new recording. `progress` is told
    /// the share that is done, 0 to 1, and ends the work by returning false.
    ///
    /// # Errors
    /// `InvalidArgument` when the file exists, `InvalidState` when ended by `progress` (no
    /// file is left then), `Io`, `Store`.
    pub fn extract(
        &self,
        to: &Path,
        since: f64,
        until: f64,
        names: Names,
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<RecordingSummary> {
        let (since_us, until_us) = (to_us("since", since)?, to_us("until", until)?);
        let mut frames = Frames::between(&self.reader, since_us, until_us)?;
        let mut mask = match names {
            Names::Kept => None,
            Names::Masked => Some(Mask::default()),
        };
        let mut tell = |share: f64| match progress(share) {
            true => Ok(()),
            false => Err(Error::InvalidState(
                "the recording was ended by its caller: nothing was written".into(),
            )),
        };
        let total = frames.len().max(1);
        let mut file = SeriesFile::create(to)?;
        let mut summary = RecordingSummary::default();
        while let Some(mut frame) = frames.next(&self.reader)? {
            if summary.samples % FRAMES_BETWEEN_CALLS == 0 {
                tell(summary.samples as f64 / total as f64)?;
            }
            if let Some(mask) = &mut mask {
                mask.frame(&mut frame);
            }
            file.append(&frame)?;
            summary.count(&frame);
        }
        tell(1.0)?;
        summary.bytes = file.finish()?;
        summary.notes = frames.notes().to_vec();
        Ok(summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Replay;
    use crate::history::fixture::{Live, SECRETS, START, findings_alone, record};
    use crate::state::State;
    use std::path::PathBuf;

    fn machine(folder: &Path, samples: usize) -> (Vec<State>, PathBuf) {
        let path = folder.join("all.db");
        let live = Live::new().ticks(samples);
        record(&path, live.iter().map(|(_, frame)| frame));
        (live.into_iter().map(|(state, _)| state).collect(), path)
    }

    fn states(path: &Path) -> Vec<State> {
        let replay = Replay::open(path, f64::NEG_INFINITY, f64::INFINITY).unwrap();
        replay.map(Result::unwrap).collect()
    }

    fn extract(from: &Path, to: &Path, names: Names) -> RecordingSummary {
        let history = History::open(from).unwrap();
        let (since, until) = (START + 10.0, START + 810.0);
        history
            .extract(to, since, until, names, &mut |_| true)
            .unwrap()
    }

    #[test]
    fn an_extract_holds_the_samples_of_its_range() {
        let folder = tempfile::tempdir().unwrap();
        let (live, path) = machine(folder.path(), 1000);
        let to = folder.path().join("part.db");
        let summary = extract(&path, &to, Names::Kept);
        assert_eq!(summary.samples, 800);
        assert_eq!(
            (summary.first, summary.last),
            (Some(START + 10.0), Some(START + 809.0))
        );
        assert_eq!(summary.bytes, std::fs::metadata(&to).unwrap().len());
        assert!(summary.notes.is_empty());
        let found = states(&to);
        assert_eq!(found.len(), 800);
        for (state, live) in found.iter().zip(&live[10..]) {
            assert_eq!(findings_alone(state), findings_alone(live));
        }
        // One file, and nothing beside it.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn the_caller_is_told_how_far_it_is_and_may_end_it() {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = machine(folder.path(), 1000);
        let to = folder.path().join("part.db");
        let history = History::open(&path).unwrap();
        let mut told = Vec::new();
        let mut tell = |share: f64| {
            told.push(share);
            true
        };
        history
            .extract(&to, 0.0, f64::MAX, Names::Kept, &mut tell)
            .unwrap();
        assert_eq!((told[0], told[told.len() - 1]), (0.0, 1.0));
        assert!(told.len() > 10 && told.is_sorted());
        let again = history.extract(&to, 0.0, f64::MAX, Names::Kept, &mut |_| true);
        assert_eq!(again.unwrap_err().kind(), crate::ErrorKind::InvalidArgument);

        let ended = folder.path().join("ended.db");
        let mut calls = 0;
        let mut end = |_| {
            calls += 1;
            calls < 5
        };
        let error = history
            .extract(&ended, 0.0, f64::MAX, Names::Masked, &mut end)
            .unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidState);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn an_empty_range_gives_an_empty_recording() {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = machine(folder.path(), 10);
        let to = folder.path().join("part.db");
        let history = History::open(&path).unwrap();
        let summary = history
            .extract(&to, 5.0, 6.0, Names::Kept, &mut |_| true)
            .unwrap();
        assert_eq!((summary.samples, summary.first), (0, None));
        assert!(states(&to).is_empty());
    }

    #[test]
    fn no_name_is_left_in_a_masked_recording() {
        let folder = tempfile::tempdir().unwrap();
        let (live, path) = machine(folder.path(), 1000);
        let to = folder.path().join("masked.db");
        extract(&path, &to, Names::Masked);
        let bytes = std::fs::read(&to).unwrap();
        let history = History::open(&to).unwrap();
        let mut frames = Frames::between(&history.reader, i64::MIN, i64::MAX).unwrap();
        let mut texts = String::new();
        while let Some(frame) = frames.next(&history.reader).unwrap() {
            texts += &format!("{frame:?}");
        }
        texts += &format!("{:?}", history.reader.context_between(0, i64::MAX).unwrap());
        for secret in SECRETS {
            let in_bytes = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!in_bytes, "{secret} is in the file");
            assert!(
                !texts.contains(secret),
                "{secret} is in what the file holds"
            );
        }
        if let Ok(boot) = std::fs::read_to_string("/proc/sys/kernel/random/boot_id") {
            let boot = boot.trim().as_bytes();
            assert!(
                !bytes.windows(boot.len()).any(|w| w == boot),
                "which boot wrote it is told"
            );
        }
        // The same search finds them where they are.
        let known = extract(&path, &folder.path().join("kept.db"), Names::Kept);
        assert_eq!(known.samples, 800);
        let kept = format!("{:?}", states(&folder.path().join("kept.db")));
        for secret in SECRETS {
            assert!(kept.contains(secret), "{secret} was never there");
        }

        for (state, live) in states(&to).iter().zip(&live[10..]) {
            assert_eq!(state.metrics, live.metrics);
            assert_eq!(state.scores, live.scores);
            let sample = state.sample.as_ref().unwrap();
            for process in &sample.processes.list {
                assert_eq!(process.details.uid, Some(100_001));
                assert_eq!(process.details.user.as_deref(), Some("user-1"));
                assert_eq!(process.details.command_line, None);
            }
            let interfaces = sample.network.interfaces.iter().map(|i| &*i.name);
            assert!(interfaces.eq(["lo", "eth0", "interface-1"]));
        }
    }
}
