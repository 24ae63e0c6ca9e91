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

mod acting;
mod action;
mod analysis;
mod auto;
mod baseline;
mod budget;
mod builtin;
mod diagnosis;
mod execution;
mod files;
mod from_json;
mod halt;
mod history;
mod inner;
mod journal;
mod options;
mod outcome;
mod owner;
mod pain;
mod planning;
mod profile;
mod profiles;
mod recording;
mod records;
mod resuming;
mod settings;
mod source;
mod target;
mod undoing;

use std::path::Path;
use std::sync::Arc;

use crate::act::{Facts, Scope};
use crate::config::Config;
use crate::error::Result;
use crate::monitor::Monitor;

pub use action::{Action, ActionKind, Answer, Risk, RiskLevel};
pub use execution::Weighed;
pub use files::{CleanupPreview, Growth};
use inner::{Inner, Shared};
pub use options::ExecuteOptions;
pub use outcome::{ActionResult, ExecutionReport, Progress, RolledBack, Verdict};
pub use profile::{Profile, Rule};
pub use records::{ChangeRecord, Explanation, HistoryEntry, OptimizerStatus};
pub use settings::OptimizerSettings;
use source::Source;
pub use target::{Baseline, Culprit, Metric, Priority, Resource, Target, Victim};

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
/// After a fork() the child can't use it: every call answers
/// [`Error::Forked`](crate::Error::Forked).
#[derive(Debug)]
pub struct Optimizer {
    inner: Shared,
}

impl Optimizer {
    /// An optimizer that samples for itself. Whatever an optimizer that was killed has left
    /// changed is restored first.
    ///
    /// # Errors
    /// `InvalidArgument` for a setting; `Store` when `performance_optimizer.db` can't be
    /// written: without a journal nothing may be done.
    pub fn new(config: Config, settings: OptimizerSettings) -> Result<Optimizer> {
        config.validate()?;
        Optimizer::begin(Source::own(config), settings)
    }

    /// An optimizer that uses a monitor's states; it does not keep the monitor alive.
    ///
    /// # Errors
    /// As [`Optimizer::new`].
    pub fn attached(monitor: &Arc<Monitor>, settings: OptimizerSettings) -> Result<Optimizer> {
        monitor.check_process()?;
        Optimizer::begin(Source::attached(monitor), settings)
    }

    fn begin(source: Source, settings: OptimizerSettings) -> Result<Optimizer> {
        let inner = Arc::new(Inner::new(source, settings)?);
        undoing::recover(&inner)?;
        let auto = inner.settings.auto_optimize || inner.profile.load().auto_optimize;
        let optimizer = Optimizer { inner };
        if auto && !optimizer.inner.halt.is_on() {
            optimizer.set_auto_optimize(true)?;
        }
        Ok(optimizer)
    }

    /// What is wrong now, most urgent first; empty when nothing is. Watches the host for a
    /// moment (`verify_seconds`, at most 0.5 s).
    ///
    /// # Errors
    /// When the host can't be sampled: never an empty list instead.
    pub fn analyze(&self) -> Result<Vec<Target>> {
        self.inner.check_process()?;
        diagnosis::analyze(&self.inner, &|| false)
    }

    /// What could be done, in the order in which it should be. Nothing is changed.
    ///
    /// # Errors
    /// `Store` when the plan can't be recorded.
    pub fn plan(&self, targets: &[Target]) -> Result<Vec<Action>> {
        self.inner.check_process()?;
        diagnosis::plan(&self.inner, targets)
    }

    /// Looks at one action as [`execute`](Optimizer::execute) would at the act: what it would
    /// change, its risk and whether it can be taken back. Nothing is changed or recorded. For
    /// who asks a person first.
    ///
    /// # Errors
    /// `Refused` with the reason why it would not be done, `InvalidArgument` for its target,
    /// `NotFound` for a process that is no more.
    pub fn weigh(&self, action: &Action) -> Result<Weighed> {
        self.inner.check_process()?;
        execution::weigh(&self.inner, action)
    }

    /// Does the actions, or says what would be done. Each failure is in its action's result.
    ///
    /// # Errors
    /// `Store` when the journal can't be written, `Refused` while halted.
    pub fn execute(
        &self,
        actions: &[Action],
        options: &ExecuteOptions<'_>,
    ) -> Result<ExecutionReport> {
        self.inner.check_process()?;
        execution::execute(&self.inner, actions, options)
    }

    /// Takes changes back: each value that is still the one that was set gets its prior one.
    ///
    /// # Errors
    /// `NotFound` for an action that has changed nothing, `Refused` for one of another
    /// optimizer that is alive, `Store`.
    pub fn rollback(&self, of: RollbackOf) -> Result<Vec<RolledBack>> {
        self.inner.check_process()?;
        undoing::rollback(&self.inner, of)
    }

    /// Switches auto-optimization.
    ///
    /// # Errors
    /// `Refused` while the kill switch is on.
    pub fn set_auto_optimize(&self, on: bool) -> Result<()> {
        self.inner.check_process()?;
        auto::set(&self.inner, on)
    }

    /// The kill switch. On: auto-optimization ends, everything is taken back, and no
    /// optimizer of this data folder changes anything until it is off (the file
    /// `optimizer.halt` there). Answers what was taken back. Called by a function that is told
    /// of progress, it takes back when that call ends, and answers nothing.
    ///
    /// # Errors
    /// `Io` and the like for that file, `Store`.
    pub fn halt(&self, on: bool) -> Result<Vec<RolledBack>> {
        let inner = &self.inner;
        inner.check_process()?;
        let set = inner.halt.set(on);
        if !on {
            return set.map(|()| Vec::new());
        }
        // This optimizer stops, whether others could be told or not.
        auto::set(inner, false)?;
        if inner.acting.is_here() {
            // Asked for by who is told of the progress: the call itself ends first.
            inner.acting.halt_after();
            return set.map(|()| Vec::new());
        }
        // Whatever is being done now sees the switch and ends.
        let _nothing_is_done = inner.acting.begin()?;
        let taken_back = undoing::rollback(inner, RollbackOf::All)?;
        set.map(|()| taken_back)
    }

    /// How it stands.
    ///
    /// # Errors
    /// `Store`.
    pub fn status(&self) -> Result<OptimizerStatus> {
        let inner = &self.inner;
        inner.check_process()?;
        Ok(OptimizerStatus {
            auto_optimize: inner.auto.is_on(),
            halted: inner.halt.is_on(),
            profile: inner.profile.load().profile_name.clone(),
            scope: inner.scope.load().to_string(),
            changes: inner
                .ledger
                .journal_open()?
                .iter()
                .map(history::change_record)
                .collect(),
            last_decision: inner.auto.last_decision(),
            database: inner.ledger.path().to_path_buf(),
            database_warning: inner.ledger.warning(),
        })
    }

    /// The settings.
    pub fn settings(&self) -> &OptimizerSettings {
        &self.inner.settings
    }

    /// What may be touched.
    pub fn scope(&self) -> Scope {
        (**self.inner.scope.load()).clone()
    }

    /// Another scope from now on; `None` for the default one. Changes that were made in
    /// another scope stay, and can be taken back.
    ///
    /// # Errors
    /// `Forked` only.
    pub fn set_scope(&self, scope: Option<Scope>) -> Result<()> {
        self.inner.check_process()?;
        let scope = scope.unwrap_or_else(inner::default_scope);
        self.inner.scope.store(Arc::new(scope));
        Ok(())
    }

    /// What decides here whether a lever can work.
    pub fn facts(&self) -> Facts {
        Facts::read(&self.inner.roots)
    }

    /// Path of `performance_optimizer.db`.
    pub fn database(&self) -> &Path {
        self.inner.ledger.path()
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.inner.folder()
    }

    /// Takes back what was changed if `rollback_on_close` is on, and ends everything.
    ///
    /// # Errors
    /// When something could not be taken back: the next optimizer of this data folder tries
    /// again.
    pub fn close(self) -> Result<()> {
        self.inner.check_process()?;
        self.inner.end()
    }
}

impl Drop for Optimizer {
    fn drop(&mut self) {
        if self.inner.check_process().is_err() {
            // The threads are the parent's, and locks may be held for ever: leave everything.
            std::mem::forget(self.inner.clone());
            return;
        }
        if let Err(error) = self.inner.end() {
            crate::logging::tell(crate::logging::Level::Warn, format_args!("{error}"));
        }
    }
}
