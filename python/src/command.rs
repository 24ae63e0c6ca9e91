//! The command line, the same as that of the native `usm`.

use std::ffi::OsString;

use pyo3::prelude::*;

use crate::border::detached;

/// Does what the arguments say, the first being the program's name; returns the exit code.
#[pyfunction]
pub(crate) fn run_cli(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<i32> {
    detached(py, || Ok(usm_cli::run(arguments)))
}
