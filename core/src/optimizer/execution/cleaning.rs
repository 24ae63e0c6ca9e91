//! Files that may go by the rules of cleaning.

use super::super::outcome::ActionResult;
use super::{Numbered, Run};
use crate::error::Result;

pub(super) fn perform(_run: &Run, _actions: Vec<Numbered>) -> Result<Vec<(usize, ActionResult)>> {
    Err(crate::Error::Internal("not built yet".into()))
}
