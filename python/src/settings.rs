//! Core's table of settings for `IntegrationConfig`.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use usm_core::config::{SETTINGS, Setting};
use usm_core::{Config, Result};

use crate::border::detached;
use crate::errors;
use crate::from_python::setting_value;
use crate::to_python::to_python;

/// Sets each setting of a dict by its name.
pub(crate) fn apply(config: &mut Config, settings: &Bound<'_, PyDict>) -> PyResult<()> {
    for (name, value) in settings {
        let name = name.cast::<PyString>()?;
        set(config, &name.to_cow()?, &value).map_err(|e| errors::raise(settings.py(), &e))?;
    }
    Ok(())
}

fn set(config: &mut Config, name: &str, value: &Bound<'_, PyAny>) -> Result<()> {
    config.set(name, setting_value(Setting::named(name)?, value)?)
}

/// The names of all settings, in the order of core's table.
#[pyfunction]
pub(crate) fn setting_names() -> Vec<&'static str> {
    SETTINGS.iter().map(|setting| setting.name).collect()
}

/// Every setting: name, what it does, what it may be, its default and whether it acts on a
/// running monitor.
#[pyfunction]
pub(crate) fn settings_table(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let defaults = default_settings(py)?;
    SETTINGS
        .iter()
        .map(|setting| {
            let row = PyDict::new(py);
            row.set_item("name", setting.name)?;
            row.set_item("about", setting.about)?;
            row.set_item("allowed", setting.allowed())?;
            row.set_item("default", defaults.get_item(setting.name)?)?;
            row.set_item("live", setting.live)?;
            Ok(row)
        })
        .collect()
}

/// The default of every setting.
#[pyfunction]
pub(crate) fn default_settings(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &Config::default())
}

/// One setting's value as core takes it, e.g. 3 seconds as 3.0.
///
/// Raises InvalidArgumentError with name, value and what is allowed.
#[pyfunction]
pub(crate) fn check_setting<'py>(
    name: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let mut config = Config::default();
    let kept = set(&mut config, name, value).and_then(|()| config.get(name));
    to_python(py, &kept.map_err(|e| errors::raise(py, &e))?)
}

/// As check_setting, for a dict of settings at once; those not named have their defaults.
#[pyfunction]
pub(crate) fn check_settings<'py>(settings: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    let mut config = Config::default();
    apply(&mut config, settings)?;
    to_python(settings.py(), &config)
}

/// Defaults, overridden by a TOML or JSON file (if one is given), overridden by the
/// environment.
#[pyfunction]
#[pyo3(signature = (file=None))]
pub(crate) fn layered_settings(
    py: Python<'_>,
    file: Option<PathBuf>,
) -> PyResult<Bound<'_, PyAny>> {
    let config = detached(py, || Config::layered(file.as_deref()))?;
    to_python(py, &config)
}

/// The data folder where no setting says another one.
#[pyfunction]
pub(crate) fn default_data_dir(py: Python<'_>) -> PyResult<PathBuf> {
    usm_core::store::default_folder().map_err(|e| errors::raise(py, &e))
}
