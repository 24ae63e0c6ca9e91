//! A stretch of history in a file of its own: to keep, to send, to attach to a bug report.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::History;
use super::frames::Frames;
use super::mask::Mask;
use super::stamp::{to_seconds, to_us};
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
        let time = to_seconds(frame.unix_us);
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
