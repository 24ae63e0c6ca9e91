//! What all parts of an optimizer share.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use super::acting::Acting;
use super::action::ActionKind;
use super::analysis::Analyst;
use super::auto::AutoState;
use super::budget::Budget;
use super::halt::Halt;
use super::owner::Owner;
use super::pain::Pain;
use super::profile::Profile;
use super::settings::OptimizerSettings;
use super::source::Source;
use super::undoing;
use crate::act::{Door, ProcessId, Scope};
use crate::arrange::set_of;
use crate::error::{Error, Result};
use crate::pool::WorkerPool;
use crate::sample::Roots;
use crate::store::{Ledger, default_folder};
use crate::sys;

/// A measurement of what others suffer, kept for a moment.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) pain: Pain,
    pub(super) culprits: BTreeSet<ProcessId>,
    pub(super) at_monotonic_seconds: f64,
}

/// The shared parts.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) settings: OptimizerSettings,
    pub(super) source: Source,
    pub(super) ledger: Ledger,
    pub(super) folder: PathBuf,
    pub(super) owner: Owner,
    pub(super) halt: Halt,
    pub(super) roots: Roots,
    pub(super) scope: ArcSwap<Scope>,
    pub(super) profile: ArcSwap<Profile>,
    pub(super) analyst: Mutex<Analyst>,
    pub(super) measured: Mutex<Option<Measured>>,
    pub(super) budget: Mutex<Budget>,
    /// What was tried and did not help, until when (monotonic seconds).
    pub(super) in_vain: Mutex<Vec<(ActionKind, ProcessId, f64)>>,
    pub(super) pool: WorkerPool,
    pub(super) auto: AutoState,
    pub(super) acting: Acting,
    pub(super) undoing: Mutex<()>,
    has_ended: std::sync::atomic::AtomicBool,
    fork_generation: u64,
}

impl Inner {
    pub(super) fn new(source: Source, settings: OptimizerSettings) -> Result<Inner> {
        settings.validate()?;
        let config = source.config();
        let roots = config.roots();
        roots.check()?;
        let folder = match settings
            .data_dir
            .clone()
            .or_else(|| config.data_dir.clone())
        {
            Some(folder) => folder,
            None => default_folder()?,
        };
        let ledger = Ledger::open(&folder)?;
        let scope = settings.scope.clone().unwrap_or_else(default_scope);
        let analyst = Analyst::restored(ledger.note(super::diagnosis::BASELINE_NOTE)?.as_deref());
        let profile = super::profiles::at_start(&ledger, settings.profile.as_deref())?;
        Ok(Inner {
            halt: Halt::of(&folder),
            owner: Owner::new()?,
            scope: ArcSwap::from_pointee(scope),
            profile: ArcSwap::from_pointee(profile),
            analyst: Mutex::new(analyst),
            measured: Mutex::default(),
            budget: Mutex::default(),
            in_vain: Mutex::default(),
            pool: WorkerPool::new(settings.max_threads),
            auto: AutoState::default(),
            acting: Acting::default(),
            undoing: Mutex::default(),
            has_ended: false.into(),
            fork_generation: sys::fork_generation(),
            settings,
            source,
            ledger,
            folder,
            roots,
        })
    }

    /// The door as it is now: scope and protected names of the profile in force.
    pub(super) fn door(&self) -> Door {
        let profile = self.profile.load();
        Door {
            roots: self.roots.clone(),
            scope: (**self.scope.load()).clone(),
            protected: profile.protected.clone(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// # Errors
    /// `Forked` in a child of the process that made this optimizer.
    pub(super) fn check_process(&self) -> Result<()> {
        if sys::fork_generation() == self.fork_generation {
            return Ok(());
        }
        Err(Error::Forked {
            owner: self.owner.pid as u32,
        })
    }

    /// Ends the thread, takes back what is not to stay, and retires. A second call does
    /// nothing more.
    ///
    /// # Errors
    /// When something could not be taken back.
    pub(super) fn end(&self) -> Result<()> {
        if self
            .has_ended
            .swap(true, std::sync::atomic::Ordering::SeqCst)
        {
            return Ok(());
        }
        super::auto::close(self);
        let taken_back = undoing::at_close(self);
        if !self.settings.rollback_on_close {
            crate::act::leases::detach_all();
        }
        self.owner.retire();
        self.source.close();
        let failed: Vec<String> = taken_back?
            .into_iter()
            .filter_map(|result| Some(format!("{}: {}", result.change, result.error?)))
            .collect();
        match failed.is_empty() {
            true => Ok(()),
            false => Err(Error::InvalidState(format!(
                "not everything could be taken back: {}",
                failed.join("; ")
            ))),
        }
    }

    /// Processors of this host, by number.
    pub(super) fn cpus(&self) -> Vec<u32> {
        let monitor = self.source.monitor();
        let count = monitor
            .ok()
            .and_then(|m| m.state().sample.as_ref().map(|s| s.cpu.cores.len()))
            .filter(|count| *count > 0)
            .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1);
        (0..count as u32).collect()
    }

    /// Memory of the machine, where it is known.
    pub(super) fn memory_total_bytes(&self) -> Option<u64> {
        let info = rustix::system::sysinfo();
        // The types differ between C libraries.
        #[allow(clippy::unnecessary_cast, clippy::useless_conversion)]
        let total = (info.totalram as u64).checked_mul(u64::from(info.mem_unit));
        total.filter(|total| *total > 0)
    }

    /// Has the leases looked at.
    pub(super) fn wake_housekeeping(self: &Arc<Self>) {
        super::auto::wake_housekeeping(self);
    }

    /// What was tried in vain lately.
    pub(super) fn in_vain_now(&self) -> BTreeSet<(ActionKind, ProcessId)> {
        let now = sys::moment().monotonic_seconds;
        let mut list = locked(&self.in_vain);
        list.retain(|(_, _, until)| *until > now);
        set_of(list.iter().map(|(kind, process, _)| (*kind, *process)))
    }
}

/// The processes of the user that runs this program.
pub(super) fn default_scope() -> Scope {
    Scope::User(rustix::process::geteuid().as_raw())
}

/// Locks, whatever a panic elsewhere has left: every part is sound between two statements.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn now_unix() -> f64 {
    sys::moment().unix_seconds
}

/// The shared parts, as threads of the optimizer hold them.
pub(super) type Shared = Arc<Inner>;
