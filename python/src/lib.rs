//! The native half of the Python packages `unified_system_monitor` and
//! `performance_optimizer`: a translation of usm-core's public API, private to the packages
//! (`unified_system_monitor._native`).
//!
//! Rules of this border: whatever waits or reads runs with the interpreter released
//! ([`border::detached`]); an error becomes the exception that [`errors`] has for its kind;
//! a panic becomes `InternalError`.

mod border;
mod command;
mod errors;
mod export;
mod from_python;
mod history;
mod judgement;
mod live;
mod migrate;
mod monitor;
mod notes;
mod optimizer;
mod processes;
mod records;
mod run;
mod service;
mod settings;
mod stream;
mod to_python;

use pyo3::prelude::*;

/// Names, values and waiting of the engine; private to the package.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::border::{after_fork_in_child, begin_exit, report_unraisable, wait_for_callers};
    #[pymodule_export]
    use super::command::run_cli;
    #[pymodule_export]
    use super::errors::error_kinds;
    #[pymodule_export]
    use super::export::{export_data, report_data, write_report};
    #[pymodule_export]
    use super::history::{
        Column, History, Job, Moment, Past, Recorder, Replay, Table, import_table, parse_duration,
        parse_time,
    };
    #[pymodule_export]
    use super::judgement::{
        AlertDesk, Found, learn_of_tools, metric_names, performance_issues, recommend_tools,
        tool_analytics, tool_catalogue,
    };
    #[pymodule_export]
    use super::live::Live;
    #[pymodule_export]
    use super::migrate::migrate;
    #[pymodule_export]
    use super::monitor::Monitor;
    #[pymodule_export]
    use super::notes::{Notes, scores_of};
    #[pymodule_export]
    use super::optimizer::{Optimizer, optimizer_settings};
    #[pymodule_export]
    use super::run::Run;
    #[pymodule_export]
    use super::service::{
        reset_settings, save_setting, saved_settings, service_start, service_status, service_stop,
        settings_with_saved,
    };
    #[pymodule_export]
    use super::settings::{
        check_setting, check_settings, default_data_dir, default_settings, layered_settings,
        setting_names, settings_table,
    };
    #[pymodule_export]
    use super::stream::{Event, EventStream, event_names};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", usm_core::VERSION)
    }
}
