//! The engine over what was recorded.

use std::path::Path;

use super::frames::Frames;
use super::judged::Judged;
use super::stamp::to_us;
use crate::Result;
use crate::state::State;
use crate::store::StoreReader;

/// The states of a recording, judged again in the order in which they were sampled: the same
/// findings as live. A database that is being written is read up to what it held when this
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
