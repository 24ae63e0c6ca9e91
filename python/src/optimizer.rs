//! `Optimizer`: core's optimizer behind a slot that can be emptied. What takes long goes on a
//! thread of its own ([`Run`]), so that progress, cancelling and Ctrl-C reach it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;
use usm_core::act::{ProcessId, Scope};
use usm_core::optimizer::{
    Action, ExecuteOptions, Optimizer as CoreOptimizer, OptimizerSettings, Profile, RiskLevel,
    RollbackOf, Target,
};
use usm_core::{Config, Error, Result};

use crate::border::{detached, detached_at_exit, park_if_exiting};
use crate::errors;
use crate::from_python::{named_fields, structure};
use crate::monitor::Monitor;
use crate::run::{Run, Wish};
use crate::settings;
use crate::to_python::to_python;

/// Longest that closing waits for calls of other threads that are still in the optimizer.
const CLOSE_PATIENCE: Duration = Duration::from_secs(12);

/// The open optimizer, and the executions that closing cancels.
struct Slot {
    open: ArcSwapOption<CoreOptimizer>,
    runs: Mutex<Vec<Weak<AtomicBool>>>,
    owner: u32,
}

impl Slot {
    fn is_forked(&self) -> bool {
        std::process::id() != self.owner
    }

    /// The open optimizer, in the process that made it.
    fn optimizer(&self, py: Python<'_>) -> PyResult<Arc<CoreOptimizer>> {
        if self.is_forked() {
            let owner = self.owner;
            return Err(errors::raise(py, &Error::Forked { owner }));
        }
        match self.open.load_full() {
            Some(optimizer) => Ok(optimizer),
            None => {
                park_if_exiting(py);
                let error = Error::InvalidState("the optimizer is closed".into());
                Err(errors::raise(py, &error))
            }
        }
    }

    /// Runs `work` with the interpreter released. The reference goes with it, so that a thread
    /// that stays outside at exit does not hold up the closing.
    fn outside<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&CoreOptimizer) -> Result<T> + Send,
    ) -> PyResult<T> {
        let optimizer = self.optimizer(py)?;
        detached(py, move || work(&optimizer))
    }

    /// Has `work` done on a thread of its own.
    fn start(
        &self,
        py: Python<'_>,
        wish: Wish,
        work: impl FnOnce(&CoreOptimizer, &ExecuteOptions<'_>) -> Result<Value> + Send + 'static,
    ) -> PyResult<Run> {
        let run = Run::start(self.optimizer(py)?, wish, work).map_err(|e| errors::raise(py, &e))?;
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.retain(|cancel| cancel.strong_count() > 0);
        runs.push(run.cancel_flag());
        Ok(run)
    }

    /// Empties the slot and ends the optimizer, which takes back what is to be taken back.
    fn close(&self) -> Result<()> {
        let Some(mut optimizer) = self.open.swap(None) else {
            return Ok(());
        };
        if self.is_forked() {
            // The parent's: nothing of it is touched, not even its ending.
            std::mem::forget(optimizer);
            return Ok(());
        }
        let runs = std::mem::take(&mut *self.runs.lock().unwrap_or_else(PoisonError::into_inner));
        for cancel in runs.iter().filter_map(Weak::upgrade) {
            cancel.store(true, Ordering::Relaxed);
        }
        let deadline = Instant::now() + CLOSE_PATIENCE;
        loop {
            optimizer = match Arc::try_unwrap(optimizer) {
                Ok(optimizer) => return optimizer.close(),
                Err(shared) => shared,
            };
            if Instant::now() >= deadline {
                let seconds = CLOSE_PATIENCE.as_secs_f64();
                let what = "calls of other threads to return".into();
                return Err(Error::TimedOut { what, seconds });
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// An optimizer of this host.
#[pyclass(frozen, weakref, module = "unified_system_monitor._native")]
pub(crate) struct Optimizer {
    slot: Slot,
}

#[pymethods]
impl Optimizer {
    /// An optimizer that uses a monitor's states, or samples for itself as `config` says.
    #[new]
    #[pyo3(signature = (settings, config, monitor=None))]
    fn new(
        py: Python<'_>,
        settings: &Bound<'_, PyDict>,
        config: &Bound<'_, PyDict>,
        monitor: Option<&Bound<'_, Monitor>>,
    ) -> PyResult<Optimizer> {
        let settings: OptimizerSettings = named_fields(settings, &OptimizerSettings::default())
            .map_err(|e| errors::raise(py, &e))?;
        let optimizer = match monitor {
            Some(monitor) => {
                let monitor = monitor.get().core(py)?;
                detached(py, move || CoreOptimizer::attached(&monitor, settings))?
            }
            None => {
                let mut own = Config::default();
                settings::apply(&mut own, config)?;
                detached(py, || CoreOptimizer::new(own, settings))?
            }
        };
        Ok(Optimizer {
            slot: Slot {
                open: ArcSwapOption::from_pointee(optimizer),
                runs: Mutex::default(),
                owner: std::process::id(),
            },
        })
    }

    /// Ends everything, and takes back what is to be taken back.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached_at_exit(py, || self.slot.close())
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.slot.open.load().is_none()
    }

    /// Raises ForkedError in a forked child, InvalidStateError when it is closed.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        self.slot.optimizer(py).map(|_| ())
    }

    /// What is wrong now.
    fn analyze<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, CoreOptimizer::analyze)?)
    }

    /// What could be done about targets.
    fn plan<'py>(
        &self,
        py: Python<'py>,
        targets: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let targets: Vec<Target> = taken("targets", targets)?;
        to_python(py, &self.slot.outside(py, |o| o.plan(&targets))?)
    }

    /// Begins to do actions, or to say what would be done.
    #[pyo3(signature = (actions, *, dry_run, allow_risk, verify, progress))]
    fn execute(
        &self,
        py: Python<'_>,
        actions: &Bound<'_, PyAny>,
        dry_run: bool,
        allow_risk: &Bound<'_, PyAny>,
        verify: bool,
        progress: bool,
    ) -> PyResult<Run> {
        let actions: Vec<Action> = taken("actions", actions)?;
        let allowed_risk: Option<RiskLevel> = taken("allow_risk", allow_risk)?;
        let wish = Wish {
            dry_run,
            allowed_risk,
            verify,
            progress,
        };
        self.slot.start(py, wish, move |optimizer, options| {
            json(&optimizer.execute(&actions, options)?)
        })
    }

    /// Begins to look for files that may be cleaned; nothing is changed.
    fn cleanup_preview(&self, py: Python<'_>, progress: bool) -> PyResult<Run> {
        self.slot
            .start(py, Wish::looking(progress), |optimizer, options| {
                json(&optimizer.cleanup_preview(options)?)
            })
    }

    /// What was put aside and is still there: row of the action and what it holds.
    fn quarantines<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, CoreOptimizer::quarantines)?)
    }

    /// Begins to look for folders that grew.
    fn growth(&self, py: Python<'_>, folder: PathBuf, progress: bool) -> PyResult<Run> {
        self.slot
            .start(py, Wish::looking(progress), move |optimizer, options| {
                json(&optimizer.growth(&folder, options)?)
            })
    }

    /// Takes one action's changes back, or all.
    #[pyo3(signature = (action_id=None))]
    fn rollback<'py>(
        &self,
        py: Python<'py>,
        action_id: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let of = action_id.map_or(RollbackOf::All, RollbackOf::Action);
        to_python(py, &self.slot.outside(py, |o| o.rollback(of))?)
    }

    /// Lets a process go on; "restored", "unchanged" and so on.
    fn resume_process<'py>(
        &self,
        py: Python<'py>,
        process: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let process: ProcessId = taken("process", process)?;
        to_python(py, &self.slot.outside(py, |o| o.resume_process(process))?)
    }

    /// Stores a target; its row.
    fn record_target(&self, py: Python<'_>, target: &Bound<'_, PyAny>) -> PyResult<i64> {
        let target: Target = taken("target", target)?;
        self.slot.outside(py, |o| o.record_target(target))
    }

    /// Stores an action; its row.
    fn record_action(&self, py: Python<'_>, action: &Bound<'_, PyAny>) -> PyResult<i64> {
        let action: Action = taken("action", action)?;
        self.slot.outside(py, |o| o.record_action(action))
    }

    /// Says of a stored action that it is completed or has failed.
    fn mark_action(&self, py: Python<'_>, action_id: i64, has_succeeded: bool) -> PyResult<()> {
        self.slot
            .outside(py, |o| o.mark_action(action_id, has_succeeded))
    }

    /// Adds a row for actions that were executed elsewhere to the history; the row.
    fn record_batch(
        &self,
        py: Python<'_>,
        successful: u64,
        failed: u64,
        seconds: f64,
    ) -> PyResult<i64> {
        self.slot
            .outside(py, |o| o.record_batch(successful, failed, seconds))
    }

    /// The profiles, built-in ones first.
    fn profiles<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, CoreOptimizer::profiles)?)
    }

    /// One profile.
    fn profile<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, |o| o.profile(name))?)
    }

    /// The profile in force.
    fn current_profile<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &*self.slot.outside(py, |o| Ok(o.current_profile()))?)
    }

    /// Makes or replaces a profile.
    fn save_profile(&self, py: Python<'_>, profile: &Bound<'_, PyAny>) -> PyResult<()> {
        let profile: Profile = taken("profile", profile)?;
        self.slot.outside(py, |o| o.save_profile(&profile))
    }

    /// Puts a profile in force.
    fn apply_profile(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        self.slot.outside(py, |o| o.apply_profile(name))
    }

    /// Deletes a profile.
    fn delete_profile(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        self.slot.outside(py, |o| o.delete_profile(name))
    }

    /// Switches auto-optimization.
    fn set_auto_optimize(&self, py: Python<'_>, on: bool) -> PyResult<()> {
        self.slot.outside(py, |o| o.set_auto_optimize(on))
    }

    /// The kill switch.
    fn halt<'py>(&self, py: Python<'py>, on: bool) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, |o| o.halt(on))?)
    }

    /// How it stands.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, CoreOptimizer::status)?)
    }

    /// The newest entries of the history, newest first.
    fn history<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, |o| o.history(limit))?)
    }

    /// All about one action.
    fn explain<'py>(&self, py: Python<'py>, action_id: i64) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, |o| o.explain(action_id))?)
    }

    /// The settings.
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.optimizer(py)?.settings())
    }

    /// Another scope from now on; None for the default one.
    fn set_scope(&self, py: Python<'_>, scope: &Bound<'_, PyAny>) -> PyResult<()> {
        let scope: Option<Scope> = taken("scope", scope)?;
        self.slot.outside(py, |o| o.set_scope(scope))
    }

    /// What decides here whether a lever can work.
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.outside(py, |o| Ok(o.facts()))?)
    }

    /// Path of the database.
    fn database(&self, py: Python<'_>) -> PyResult<PathBuf> {
        Ok(self.slot.optimizer(py)?.database().to_path_buf())
    }
}

impl Drop for Optimizer {
    /// Closing takes changes back: not while holding the interpreter.
    fn drop(&mut self) {
        let slot = &self.slot;
        if Python::try_attach(|py| py.detach(|| slot.close())).is_none() {
            // An error has nobody to go to here: who wants to know it calls close().
            let _ = slot.close();
        }
    }
}

/// The names of an optimizer's settings.
#[pyfunction]
pub(crate) fn optimizer_settings(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &OptimizerSettings::default())
}

fn taken<T: serde::de::DeserializeOwned>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    structure(name, value).map_err(|error| errors::raise(value.py(), &error))
}

fn json(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::Internal(error.to_string()))
}
