//! The engine over what was recorded.

use std::path::Path;

use crate::state::State;
use crate::{Error, Result};

/// The states of a recording, judged again in their order: the same findings as live.
#[derive(Debug)]
pub struct Replay {
    failed: bool,
}

impl Replay {
    /// Opens a recording or a database and begins at the first sample at or after `since`;
    /// ends before `until` (Unix seconds).
    ///
    /// # Errors
    /// As [`super::History::open`].
    pub fn open(_path: impl AsRef<Path>, _since: f64, _until: f64) -> Result<Replay> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// Samples that the range holds, for a display of progress.
    pub fn len(&self) -> u64 {
        0
    }

    /// The range holds no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Iterator for Replay {
    type Item = Result<State>;

    fn next(&mut self) -> Option<Result<State>> {
        let _ = self.failed;
        None
    }
}
