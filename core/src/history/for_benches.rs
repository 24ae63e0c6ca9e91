//! What the project's benches need of the inside, and nobody else.

use std::path::Path;

use super::frames::Frames;
use crate::Result;
use crate::series::Frame;
use crate::store::StoreReader;

/// All frames of a recording.
///
/// # Errors
/// As [`super::History::open`].
#[doc(hidden)]
pub fn frames_of(path: impl AsRef<Path>) -> Result<Vec<Frame>> {
    let reader = StoreReader::open(path)?;
    let mut frames = Frames::between(&reader, i64::MIN, i64::MAX)?;
    let mut all = Vec::new();
    while let Some(frame) = frames.next(&reader)? {
        all.push(frame);
    }
    Ok(all)
}
