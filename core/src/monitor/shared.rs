//! What the monitor's threads and its callers share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::alert_desk::AlertDesk;
use super::memory::{self, OpenFindings};
use super::past::OpenPast;
use super::published::Published;
use super::rules;
use super::timing::Timings;
use super::tools::KnownTools;
use crate::alert::RuleSet;
use crate::cache::Cache;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::event::{Event, EventBus, EventData, EventKind};
use crate::judge::Judge;
use crate::logging::{self, Level, tell};
use crate::pool::WorkerPool;
use crate::sample::SourceReport;
use crate::state::{State, StateRecord};
use crate::store::{
    JudgedRow, Request, Row, SeriesSettings, Store, StoreHealth, StoreSettings, StoreStatus,
};
use crate::sys;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: ArcSwap<Config>,
    pub(super) state: ArcSwap<State>,
    pub(super) published: Published,
    is_closed: AtomicBool,
    history: Mutex<VecDeque<Arc<StateRecord>>>,
    pub(super) sources: ArcSwap<Vec<SourceReport>>,
    pub(super) bus: Arc<EventBus>,
    pub(super) event_queue_size: usize,
    /// The database, open for queries of the history: what one unpacked serves the next.
    /// Closed before the store, which may want the file for itself then.
    pub(super) past: Mutex<Option<OpenPast>>,
    pub(super) store: Option<Store>,
    /// The file is a recording: only series go there.
    pub(super) is_recording: bool,
    pub(super) cache: Cache<serde_json::Value>,
    pub(super) pool: WorkerPool,
    timings: Mutex<Timings>,
    changing: Mutex<()>,
    /// Memory of the judgement, kept from one start to the next.
    judge: Mutex<Judge>,
    /// Rules and what fires.
    pub(super) alerts: AlertDesk,
    /// One caller after the other changes the rules, in the database and here.
    changing_rules: Mutex<()>,
    /// From the look at the rules in force until others are. Never held for the database's
    /// writer to do something: that is who reads them anew.
    putting_rules: Mutex<()>,
    tools: Mutex<Option<KnownTools>>,
    /// The memory of an earlier run was taken up.
    has_memory: Mutex<bool>,
    sampling_failure: Mutex<Option<String>>,
    pub(super) owner: u32,
    pub(super) fork_generation: u64,
}

impl Shared {
    pub(super) fn new(config: Config) -> Result<Shared> {
        let store = match config.store_enabled {
            true => Some(store_settings(&config)?),
            false => None,
        };
        let shared = Shared::storing(config, store)?;
        let rules = rules::load(&shared.config.load(), shared.store.as_ref())?;
        shared.set_rules(rules)?;
        Ok(shared)
    }

    /// With a recording in place of the database.
    pub(super) fn recording(config: Config, settings: StoreSettings) -> Result<Shared> {
        let mut shared = Shared::storing(config, Some(settings))?;
        shared.is_recording = true;
        Ok(shared)
    }

    fn storing(config: Config, settings: Option<StoreSettings>) -> Result<Shared> {
        logging::set_level(config.log_level);
        let bus = Arc::new(EventBus::default());
        let store = match settings {
            Some(settings) => Some(open_store(settings, &bus)?),
            None => None,
        };
        let initial = State {
            timestamp: sys::moment().unix_seconds,
            store: store.as_ref().map(Store::health),
            ..State::default()
        };
        Ok(Shared {
            state: ArcSwap::from_pointee(initial),
            published: Published::default(),
            is_closed: AtomicBool::new(false),
            history: Mutex::default(),
            sources: ArcSwap::default(),
            bus,
            event_queue_size: config.event_queue_size,
            store,
            is_recording: false,
            past: Mutex::default(),
            cache: Cache::default(),
            pool: WorkerPool::new(config.max_threads),
            timings: Mutex::default(),
            changing: Mutex::default(),
            judge: Mutex::default(),
            alerts: AlertDesk::default(),
            changing_rules: Mutex::default(),
            putting_rules: Mutex::default(),
            tools: Mutex::default(),
            has_memory: Mutex::default(),
            sampling_failure: Mutex::default(),
            owner: std::process::id(),
            fork_generation: sys::fork_generation(),
            config: ArcSwap::from_pointee(config),
        })
    }

    /// Publishes a state: from now on every reader sees it, and who waits is woken.
    pub(super) fn publish(&self, state: Arc<State>, record: Arc<StateRecord>) {
        let most = self.config.load().max_history_size;
        {
            let mut history = self.lock_history();
            while history.len() >= most {
                history.pop_front();
            }
            history.push_back(record);
        }
        let sequence = state.sequence;
        self.state.store(state);
        self.published.publish(sequence);
    }

    /// No state comes any more: who waits for one is told.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.published.wake();
    }

    /// Fails once the monitor was closed.
    pub(super) fn check_open(&self) -> Result<()> {
        match self.is_closed.load(Ordering::Acquire) {
            true => Err(Error::InvalidState("the monitor was closed".into())),
            false => Ok(()),
        }
    }

    pub(super) fn publish_event(&self, kind: EventKind, data: EventData) {
        self.bus.publish(&Event {
            kind,
            timestamp: sys::moment().unix_seconds,
            data,
        });
    }

    /// Applies a change to the settings; returns the names of those that changed.
    pub(super) fn reconfigure(
        &self,
        change: impl FnOnce(&mut Config) -> Result<()>,
    ) -> Result<Vec<String>> {
        // One change at a time.
        let guard = lock(&self.changing);
        let old = self.config.load_full();
        let mut new = Config::clone(&old);
        change(&mut new)?;
        new.validate()?;
        let changed: Vec<String> = crate::config::SETTINGS
            .iter()
            .filter(|setting| old.get(setting.name).ok() != new.get(setting.name).ok())
            .map(|setting| setting.name.to_string())
            .collect();
        if let Some(store) = &self.store
            && !self.is_recording
        {
            let settings = store_settings(&new)?;
            store.reconfigure(
                settings.retention,
                settings.max_bytes,
                settings.commit_interval,
                settings.series,
            )?;
        }
        logging::set_level(new.log_level);
        self.config.store(Arc::new(new));
        drop(guard);
        Ok(changed)
    }

    /// # Errors
    /// `InvalidState` with `store_enabled` false.
    pub(super) fn store(&self) -> Result<&Store> {
        self.store
            .as_ref()
            .ok_or_else(|| Error::InvalidState("nothing is stored: store_enabled is false".into()))
    }

    pub(super) fn sampling_failure(&self) -> Option<String> {
        lock(&self.sampling_failure).clone()
    }

    /// Notes that the host can't be sampled, and tells it once; true when that is news.
    pub(super) fn fail_sampling(&self, reason: &str) -> bool {
        let mut known = lock(&self.sampling_failure);
        let news = known.as_deref() != Some(reason);
        *known = Some(reason.to_string());
        drop(known);
        if news {
            self.publish_event(
                EventKind::SamplingFailed,
                EventData::Text(reason.to_string()),
            );
        }
        news
    }

    /// Notes that it can be sampled.
    pub(super) fn end_sampling_failure(&self) {
        *lock(&self.sampling_failure) = None;
    }

    /// Takes up what an earlier run has learnt, once; answers the findings that lasted then.
    pub(super) fn take_up_memory(self: &Arc<Self>) -> OpenFindings {
        let mut has_memory = lock(&self.has_memory);
        if std::mem::replace(&mut *has_memory, true) {
            return Vec::new();
        }
        memory::restore(self)
    }

    /// Takes up what an earlier run has learnt, to look at it, without starting: a start later
    /// reads it again.
    pub(super) fn look_into_memory(self: &Arc<Self>) {
        if !*lock(&self.has_memory) {
            memory::restore(self);
        }
    }

    /// Does what somebody asks of the alerts; answers the number of a new silence.
    pub(super) fn answer(&self, request: &Request, now: f64) -> Result<Option<u64>> {
        self.alerts.answer(request, now)
    }

    /// To be held while rules are changed in the database and then here.
    pub(super) fn lock_rules(&self) -> MutexGuard<'_, ()> {
        lock(&self.changing_rules)
    }

    /// Has other rules in force, made of those that are, and in the prototype's table of them.
    ///
    /// # Errors
    /// Those of `make`; `InvalidArgument` for a channel. Nothing is changed then.
    pub(super) fn put_rules(&self, make: impl FnOnce(&RuleSet) -> Result<RuleSet>) -> Result<()> {
        let _putting = lock(&self.putting_rules);
        self.set_rules(make(&self.alerts.rules())?)
    }

    fn set_rules(&self, rules: RuleSet) -> Result<()> {
        let listed = rules::listed(&rules);
        self.alerts.set_rules(rules)?;
        self.append(Row::Judged(JudgedRow::Listed(listed)));
        Ok(())
    }

    /// Reads the rules anew. Not for the sampling thread: it opens the database.
    pub(super) fn reload_rules(&self) {
        let read = self.put_rules(|_| rules::load(&self.config.load(), self.store.as_ref()));
        if let Err(error) = read {
            tell(
                Level::Warn,
                format_args!("the rules stay as they were: {error}"),
            );
        }
    }

    pub(super) fn lock_history(&self) -> MutexGuard<'_, VecDeque<Arc<StateRecord>>> {
        lock(&self.history)
    }

    pub(super) fn lock_timings(&self) -> MutexGuard<'_, Timings> {
        lock(&self.timings)
    }

    pub(super) fn lock_tools(&self) -> MutexGuard<'_, Option<KnownTools>> {
        lock(&self.tools)
    }

    pub(super) fn lock_judge(&self) -> MutexGuard<'_, Judge> {
        lock(&self.judge)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn store_settings(config: &Config) -> Result<StoreSettings> {
    let folder = match &config.data_dir {
        Some(folder) => folder.clone(),
        None => crate::store::default_folder()?,
    };
    Ok(StoreSettings {
        commit_interval: Duration::from_secs_f64(config.commit_interval),
        retention: Duration::from_secs_f64(config.retention_days * 86_400.0),
        max_bytes: config.max_store_bytes,
        series: SeriesSettings {
            enabled: config.history_enabled,
            keep: [
                config.history_raw_days,
                config.history_10s_days,
                config.history_1min_days,
                config.history_10min_days,
            ]
            .map(|days| Duration::from_secs_f64(days * 86_400.0)),
        },
        ..StoreSettings::new(folder)
    })
}

fn open_store(settings: StoreSettings, bus: &Arc<EventBus>) -> Result<Store> {
    let store = Store::open(settings)?;
    let bus = Arc::downgrade(bus);
    store.set_watcher(Box::new(move |health: &StoreHealth| {
        let Some(bus) = bus.upgrade() else { return };
        let kind = match health.status {
            StoreStatus::Ok => EventKind::StoreRecovered,
            StoreStatus::Degraded => EventKind::StoreDegraded,
        };
        let data = EventData::Store(Arc::new(health.clone()));
        bus.publish(&Event {
            kind,
            timestamp: sys::moment().unix_seconds,
            data,
        });
    }));
    Ok(store)
}
