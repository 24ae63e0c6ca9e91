//! The command line, the same as that of the native `usm`.

use std::ffi::OsString;

use pyo3::prelude::*;
use pyo3::types::PyModule;

use crate::border::detached;

/// Does what the arguments say, the first being the program's name; returns the exit code.
#[pyfunction]
pub(crate) fn run_cli(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<i32> {
    let sys = PyModule::import(py, "sys")?;
    // Empty where it is not known, in an embedded interpreter.
    if let Ok(interpreter) = sys.getattr("executable")?.extract::<OsString>()
        && !interpreter.is_empty()
    {
        usm_cli::set_command(vec![
            interpreter,
            "-m".into(),
            "unified_system_monitor".into(),
        ]);
    }
    detached(py, || Ok(usm_cli::run(arguments)))
}
