//! A prototype's databases, brought in: what `usm migrate` does.

use std::ops::ControlFlow;
use std::path::PathBuf;

use pyo3::prelude::*;
use usm_core::migrate::{MigrateSettings, Migration};

use crate::errors;
use crate::history::{Going, Job};
use crate::to_python::to_python;

/// Brings them in, with the settings of the data folder and the environment. What is committed stays when the job
/// is cancelled; the result then says `cancelled`.
#[pyfunction]
pub(crate) fn migrate(
    py: Python<'_>,
    source: PathBuf,
    folder: Option<PathBuf>,
    dry_run: bool,
) -> PyResult<Job> {
    let settings = MigrateSettings::in_force(folder.as_deref());
    settings
        .and_then(|mut settings| {
            settings.dry_run = dry_run;
            let work = move |going: &Going| {
                // Two ways of one table go over the same share.
                let mut most = 0.0_f64;
                usm_core::migrate::migrate(&source, &settings, &mut |progress| {
                    most = most.max(progress.share);
                    match going.on(most) {
                        true => ControlFlow::Continue(()),
                        false => ControlFlow::Break(()),
                    }
                })
            };
            Job::start(work, give)
        })
        .map_err(|error| errors::raise(py, &error))
}

fn give(py: Python<'_>, report: Migration) -> PyResult<Bound<'_, PyAny>> {
    let dict = to_python(py, &report)?;
    dict.set_item("complete", report.is_complete())?;
    dict.set_item("imported", report.imported())?;
    Ok(dict)
}
