//! From what is wanted to the changes that would do it.

use super::{Change, Door, Lever};
use crate::error::{Error, Result};

pub(super) fn prepare(_lever: &Lever, _door: &Door) -> Result<Vec<Change>> {
    Err(Error::Internal("not built yet".into()))
}
