//! The optimizer: finds what hurts, relieves it, proves that it helped, or takes it back.
//!
//! [`Optimizer::analyze`] gives [`Target`]s, [`Optimizer::plan`] gives [`Action`]s,
//! [`Optimizer::execute`] does them (in demo mode unless asked otherwise) and measures each,
//! [`Optimizer::rollback`] takes them back.
//!
//! ```no_run
//! use usm_core::optimizer::{ExecuteOptions, Optimizer, OptimizerSettings};
//! use usm_core::Config;
//!
//! # fn main() -> usm_core::Result<()> {
//! let optimizer = Optimizer::new(Config::default(), OptimizerSettings::default())?;
//! let targets = optimizer.analyze()?;
//! let actions = optimizer.plan(&targets)?;
//! let would = optimizer.execute(&actions, &ExecuteOptions::default())?;
//! for result in &would.details {
//!     println!("{}: {}", result.action, result.reason);
//! }
//! # Ok(())
//! # }
//! ```

mod action;

mod from_json;
mod history;
mod options;
mod outcome;
#[allow(dead_code)]
mod pain;
mod profile;
mod settings;
mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::act::{Facts, Scope};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::monitor::Monitor;

pub use action::{Action, ActionKind, Answer, Risk, RiskLevel};
pub use history::{ChangeRecord, Explanation, HistoryEntry, OptimizerStatus};
pub use options::ExecuteOptions;
pub use outcome::{ActionResult, ExecutionReport, Progress, RolledBack, Verdict};
pub use profile::{Profile, Rule};
pub use settings::OptimizerSettings;
pub use target::{Baseline, Culprit, Metric, Priority, Resource, Target};

/// What a rollback concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollbackOf {
    /// Everything that this optimizer, or one that is no more, has changed.
    All,
    /// One action, by its row in `optimization_actions`.
    Action(i64),
}

/// An optimizer of this host. Every method may be called from any thread. Dropping it takes
/// back what it has changed, unless `rollback_on_close` is off.
///
/// After a fork() the child can't use it: every call answers [`Error::Forked`].
#[derive(Debug)]
pub struct Optimizer {
    settings: OptimizerSettings,
}

impl Optimizer {
    /// An optimizer that samples for itself. Whatever an optimizer that was killed has left
    /// changed is restored first.
    ///
    /// # Errors
    /// `InvalidArgument` for a setting; `Store` when `performance_optimizer.db` can't be
    /// written: without a journal nothing may be done.
    pub fn new(_config: Config, settings: OptimizerSettings) -> Result<Optimizer> {
        Ok(Optimizer { settings })
    }

    /// An optimizer that uses a monitor's states; it does not keep the monitor alive.
    ///
    /// # Errors
    /// As [`Optimizer::new`].
    pub fn attached(_monitor: &Arc<Monitor>, settings: OptimizerSettings) -> Result<Optimizer> {
        Ok(Optimizer { settings })
    }

    /// What is wrong now, most urgent first; empty when nothing is. Watches the host for a
    /// moment (`verify_seconds`, at most 0.5 s) unless a fresh measurement is at hand.
    ///
    /// # Errors
    /// When the host can't be sampled: never an empty list instead.
    pub fn analyze(&self) -> Result<Vec<Target>> {
        not_built()
    }

    /// What could be done, in the order in which it should be. Nothing is changed.
    ///
    /// # Errors
    /// `Store` when the plan can't be recorded.
    pub fn plan(&self, _targets: &[Target]) -> Result<Vec<Action>> {
        not_built()
    }

    /// Does the actions, or says what would be done. Each failure is in its action's result.
    ///
    /// # Errors
    /// `Store` when the journal can't be written, `Refused` while halted.
    pub fn execute(
        &self,
        _actions: &[Action],
        _options: &ExecuteOptions<'_>,
    ) -> Result<ExecutionReport> {
        not_built()
    }

    /// Takes changes back: each value that is still the one that was set gets its prior one.
    ///
    /// # Errors
    /// `NotFound` for an action that has changed nothing, `Store`.
    pub fn rollback(&self, _of: RollbackOf) -> Result<Vec<RolledBack>> {
        not_built()
    }

    /// The profiles, built-in ones first.
    ///
    /// # Errors
    /// `Store`.
    pub fn profiles(&self) -> Result<Vec<Profile>> {
        not_built()
    }

    /// One profile.
    ///
    /// # Errors
    /// `InvalidArgument` with the names there are.
    pub fn profile(&self, _name: &str) -> Result<Profile> {
        not_built()
    }

    /// The profile in force.
    pub fn current_profile(&self) -> Arc<Profile> {
        Arc::new(Profile {
            profile_name: String::new(),
            cpu_threshold: 0.0,
            memory_threshold: 0.0,
            disk_threshold: 0.0,
            network_threshold: 0.0,
            optimization_rules: Vec::new(),
            auto_optimize: false,
            created_at: 0.0,
            pressure_threshold: 0.0,
            process_cpu_threshold: 0.0,
            process_memory_threshold: 0.0,
            protected: Vec::new(),
            foreground: Vec::new(),
            allowed_risk: RiskLevel::Low,
            built_in: false,
        })
    }

    /// Makes or replaces a profile of the user's own.
    ///
    /// # Errors
    /// `InvalidArgument` with field, value and range, or for the name of a built-in one.
    pub fn save_profile(&self, _profile: &Profile) -> Result<()> {
        not_built()
    }

    /// Puts a profile in force, now and for later optimizers of this data folder. Its
    /// `auto_optimize` switches auto-optimization.
    ///
    /// # Errors
    /// As [`Optimizer::profile`].
    pub fn apply_profile(&self, _name: &str) -> Result<()> {
        not_built()
    }

    /// Deletes a profile of the user's own; `balanced` is in force then if it was that one.
    ///
    /// # Errors
    /// `InvalidArgument` for a built-in or unknown one.
    pub fn delete_profile(&self, _name: &str) -> Result<()> {
        not_built()
    }

    /// Switches auto-optimization.
    ///
    /// # Errors
    /// When the host can't be sampled.
    pub fn set_auto_optimize(&self, _on: bool) -> Result<()> {
        not_built()
    }

    /// The kill switch. On: auto-optimization ends, everything is taken back, and no
    /// optimizer of this data folder changes anything until it is off (the file
    /// `optimizer.halt` there).
    ///
    /// # Errors
    /// `Io` and the like for that file.
    pub fn halt(&self, _on: bool) -> Result<Vec<RolledBack>> {
        not_built()
    }

    /// How it stands.
    ///
    /// # Errors
    /// `Store`.
    pub fn status(&self) -> Result<OptimizerStatus> {
        not_built()
    }

    /// The newest entries of the history, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub fn history(&self, _limit: usize) -> Result<Vec<HistoryEntry>> {
        not_built()
    }

    /// All about one action: why, what, before, after, verdict.
    ///
    /// # Errors
    /// `InvalidArgument` when there is no such action.
    pub fn explain(&self, _action_id: i64) -> Result<Explanation> {
        not_built()
    }

    /// The settings.
    pub fn settings(&self) -> OptimizerSettings {
        self.settings.clone()
    }

    /// Another scope from now on; `None` for the default one.
    ///
    /// # Errors
    /// `NotFound` when the root of a subtree is no more.
    pub fn set_scope(&self, _scope: Option<Scope>) -> Result<()> {
        not_built()
    }

    /// What decides here whether a lever can work.
    pub fn facts(&self) -> Facts {
        Facts::read(&crate::sample::Roots::default())
    }

    /// Path of `performance_optimizer.db`.
    pub fn database(&self) -> &Path {
        Path::new("")
    }

    /// Folders that grew most since the last look at them, biggest growth first; the first
    /// look at a folder gives none. `progress` and cancelling as in [`ExecuteOptions`].
    ///
    /// # Errors
    /// For the folder.
    pub fn growth(
        &self,
        _folder: &Path,
        _options: &ExecuteOptions<'_>,
    ) -> Result<Vec<(PathBuf, i64)>> {
        not_built()
    }

    /// Takes back what was changed if `rollback_on_close` is on, and ends everything.
    ///
    /// # Errors
    /// When something could not be taken back.
    pub fn close(self) -> Result<()> {
        not_built()
    }
}

fn not_built<T>() -> Result<T> {
    Err(Error::Internal("not built yet".into()))
}
