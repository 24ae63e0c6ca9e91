//! A library that was built without the feature `reports` says so.

use std::io::Write;
use std::path::{Path, PathBuf};

use usm_core::{Error, Result};

use crate::export::usm_export_options;
use crate::report_file::usm_report_options;

/// Hears the share that is done; false ends the work.
pub(crate) type Tell<'a> = &'a mut dyn FnMut(f64) -> bool;

/// What an export or a report came to.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) path: Option<PathBuf>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) notes: Vec<String>,
}

fn left_out<T>() -> Result<T> {
    Err(Error::Unsupported(
        "this library was built without exports and reports".into(),
    ))
}

/// Says that it can't.
pub(crate) fn export_to_file(
    _source: Option<&str>,
    _options: &usm_export_options,
    _to: &Path,
    _tell: Tell<'_>,
) -> Result<Done> {
    left_out()
}

/// Says that it can't.
pub(crate) fn export_through(
    _source: Option<&str>,
    _options: &usm_export_options,
    _to: &mut dyn Write,
    _tell: Tell<'_>,
) -> Result<Done> {
    left_out()
}

/// Says that it can't.
pub(crate) fn export_piecewise(
    _source: Option<&str>,
    _options: &usm_export_options,
    _pass_on: &mut dyn FnMut(&[u8]) -> i32,
    _tell: Tell<'_>,
) -> Result<Done> {
    left_out()
}

/// Says that it can't.
pub(crate) fn report_to_file(
    _source: Option<&str>,
    _options: &usm_report_options,
    _to: &Path,
    _tell: Tell<'_>,
) -> Result<Done> {
    left_out()
}

/// Says that it can't.
pub(crate) fn report_json(
    _source: Option<&str>,
    _options: &usm_report_options,
    _tell: Tell<'_>,
) -> Result<Option<String>> {
    left_out()
}
