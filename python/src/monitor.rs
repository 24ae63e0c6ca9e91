//! `Monitor`: core's monitor behind a slot that can be emptied, since Python closes
//! explicitly what Rust drops. What was measured stays readable after closing.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use usm_core::event::EventSet;
use usm_core::{self as core, Config, Error, Result, Started, State, StateRecord, Stopped};

use crate::border::{detached, detached_at_exit, park_if_exiting, patiently};
use crate::errors;
use crate::history::Past;
use crate::judgement::{AlertDesk, Found};
use crate::live::Live;
use crate::notes::Notes;
use crate::processes::{self, Order};
use crate::records;
use crate::settings;
use crate::stream::EventStream;
use crate::to_python::to_python;

/// Longest that closing waits for calls of other threads that are still in the monitor.
const CLOSE_PATIENCE: Duration = Duration::from_secs(12);

/// The open monitor, or what it had measured when it was closed.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    open: ArcSwapOption<core::Monitor>,
    last: OnceLock<Last>,
}

#[derive(Debug)]
struct Last {
    state: Arc<State>,
    history: Vec<Arc<StateRecord>>,
}

impl Slot {
    /// The open monitor, for a thread that may not raise.
    pub(crate) fn open_monitor(&self) -> Option<Arc<core::Monitor>> {
        self.open.load_full()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load().is_some()
    }

    /// The open monitor, in the process that made it.
    pub(crate) fn monitor(&self, py: Python<'_>) -> PyResult<Arc<core::Monitor>> {
        let Some(monitor) = self.open.load_full() else {
            park_if_exiting(py);
            return Err(errors::closed(py));
        };
        monitor.check_process().map_err(|e| errors::raise(py, &e))?;
        Ok(monitor)
    }

    /// Runs `work` on the open monitor with the interpreter released. The reference goes with
    /// it, so that a thread that stays outside at exit does not hold up the closing.
    pub(crate) fn outside<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&core::Monitor) -> Result<T> + Send,
    ) -> PyResult<T> {
        let monitor = self.monitor(py)?;
        detached(py, move || work(&monitor))
    }

    /// The newest state: no lock, no waiting.
    pub(crate) fn state(&self, py: Python<'_>) -> PyResult<Arc<State>> {
        match &*self.open.load() {
            Some(monitor) => match monitor.check_process() {
                Ok(()) => Ok(monitor.state()),
                Err(error) => Err(errors::raise(py, &error)),
            },
            None => match self.last.get() {
                Some(last) => Ok(last.state.clone()),
                None => Err(errors::closed(py)),
            },
        }
    }

    /// Reads something small of the newest state in place.
    pub(crate) fn peek<R>(&self, py: Python<'_>, read: impl FnOnce(&State) -> R) -> PyResult<R> {
        match &*self.open.load() {
            Some(monitor) => match monitor.check_process() {
                Ok(()) => Ok(monitor.peek(read)),
                Err(error) => Err(errors::raise(py, &error)),
            },
            None => match self.last.get() {
                Some(last) => Ok(read(&last.state)),
                None => Err(errors::closed(py)),
            },
        }
    }

    /// Empties the slot and ends the monitor: in core that is its dropping, so this waits
    /// until no other thread is inside.
    fn close(&self) -> Result<()> {
        let Some(monitor) = self.open.load_full() else {
            return Ok(());
        };
        if monitor.check_process().is_err() {
            // The parent's: nothing of it is touched.
            return Ok(());
        }
        let stopped = monitor.stop();
        self.last.get_or_init(|| Last {
            state: monitor.state(),
            history: monitor.history(),
        });
        drop(self.open.swap(None));
        let alive = Arc::downgrade(&monitor);
        drop(monitor);
        let deadline = Instant::now() + CLOSE_PATIENCE;
        while alive.strong_count() > 0 {
            if Instant::now() >= deadline {
                let seconds = CLOSE_PATIENCE.as_secs_f64();
                let what = "calls of other threads to return".into();
                return Err(Error::TimedOut { what, seconds });
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        stopped.map(|_| ())
    }
}

/// A monitor of this host.
#[pyclass(frozen, weakref, module = "unified_system_monitor._native")]
pub(crate) struct Monitor {
    slot: Arc<Slot>,
}

#[pymethods]
impl Monitor {
    #[new]
    fn new(py: Python<'_>, settings: &Bound<'_, PyDict>) -> PyResult<Monitor> {
        let mut config = Config::default();
        settings::apply(&mut config, settings)?;
        let monitor = detached(py, || core::Monitor::new(config))?;
        let slot = Slot {
            open: ArcSwapOption::from_pointee(monitor),
            last: OnceLock::new(),
        };
        Ok(Monitor {
            slot: Arc::new(slot),
        })
    }

    /// Starts monitoring; false when it was active already.
    fn start(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.slot.outside(py, core::Monitor::start)? == Started::Now)
    }

    /// Stops monitoring; false when it was not active.
    fn stop(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.slot.outside(py, core::Monitor::stop)? == Stopped::Now)
    }

    /// Whether monitoring is active; false in a forked child.
    fn is_active(&self) -> bool {
        self.slot
            .open
            .load()
            .as_ref()
            .is_some_and(|monitor| monitor.is_active())
    }

    /// Ends monitoring and every subscription and writes what waits for the database.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached_at_exit(py, || self.slot.close())
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.slot.open.load().is_none()
    }

    /// Raises ForkedError in a forked child.
    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        self.slot.state(py).map(|_| ())
    }

    /// The newest values, one attribute each.
    #[getter]
    fn live(&self) -> Live {
        Live::new(self.slot.clone())
    }

    /// What its database remembers.
    #[getter]
    fn past(&self) -> Past {
        Past::new(self.slot.clone())
    }

    /// What it has found.
    #[getter]
    fn found(&self) -> Found {
        Found::new(self.slot.clone())
    }

    /// Its alerts' rules, and what is said to alerts.
    #[getter]
    fn alert_desk(&self) -> AlertDesk {
        AlertDesk::new(self.slot.clone())
    }

    /// What a program says to it.
    #[getter]
    fn notes(&self) -> Notes {
        Notes::new(self.slot.clone())
    }

    /// Number of the newest state; 0 before the first.
    fn sequence(&self, py: Python<'_>) -> PyResult<u64> {
        self.slot.peek(py, |state| state.sequence)
    }

    /// The values of the newest state as a SystemState takes them.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        records::of_state(py, &*self.slot.state(py)?)
    }

    /// The states of the recent past, oldest first.
    fn history<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let records = match (&*self.slot.open.load(), self.slot.last.get()) {
            (None, Some(last)) => last.history.clone(),
            _ => self.slot.monitor(py)?.history(),
        };
        records
            .iter()
            .map(|record| records::of_record(py, record))
            .collect()
    }

    /// Everything that is known of the newest state, as dicts and lists.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &*self.slot.state(py)?)
    }

    /// The first processes in an order, or all of them by pid.
    #[pyo3(signature = (most=None, by=None))]
    fn processes<'py>(
        &self,
        py: Python<'py>,
        most: Option<usize>,
        by: Option<&str>,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let order = by
            .map(Order::named)
            .transpose()
            .map_err(|e| errors::raise(py, &e))?;
        processes::list(
            py,
            &*self.slot.state(py)?,
            most.unwrap_or(usize::MAX),
            order,
        )
    }

    /// Takes a sample now.
    fn collect<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let state = self.slot.outside(py, core::Monitor::collect)?;
        records::of_state(py, &state)
    }

    /// Waits for a state newer than number `after`, at most `timeout` seconds (None: for
    /// ever).
    #[pyo3(signature = (after, timeout=None))]
    fn wait<'py>(
        &self,
        py: Python<'py>,
        after: u64,
        timeout: Option<f64>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let limit = duration(py, "timeout", timeout)?;
        let state = patiently(py, limit, |slice| {
            // Taken anew in each slice, so that another thread can close it.
            let Some(monitor) = self.slot.open.load_full() else {
                return Err(Error::InvalidState("the monitor was closed".into()));
            };
            match monitor.wait_for_state(after, slice) {
                Ok(state) => Ok(Some(state)),
                Err(Error::TimedOut { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })?;
        match (state, limit) {
            (Some(state), _) => records::of_state(py, &state),
            (None, limit) => {
                let seconds = limit.unwrap_or_default().as_secs_f64();
                let error = Error::TimedOut {
                    what: "a state".into(),
                    seconds,
                };
                Err(errors::raise(py, &error))
            }
        }
    }

    /// The prototype's report, eight sections.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let report = self.slot.outside(py, |monitor| Ok(monitor.report()))?;
        to_python(py, &report)
    }

    /// The nine components: name, status and why.
    fn component_status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.monitor(py)?.component_status())
    }

    /// How long each operation took on average over the last hour.
    fn timings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.monitor(py)?.timings())
    }

    /// Dear facts of one process that the caller has chosen.
    fn process_extra<'py>(&self, py: Python<'py>, pid: i32) -> PyResult<Bound<'py, PyAny>> {
        let extra = self
            .slot
            .outside(py, |monitor| monitor.process_extra(pid))?;
        to_python(py, &extra)
    }

    /// Every source of facts and whether it can be read here.
    fn sources<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &*self.slot.monitor(py)?.sources())
    }

    /// Subscribes a stream to every event.
    fn stream(&self, py: Python<'_>) -> PyResult<EventStream> {
        let stream = self
            .slot
            .outside(py, |monitor| monitor.stream(EventSet::ALL))?;
        Ok(EventStream(stream))
    }

    /// Changes settings of the monitor, all or none.
    fn reconfigure(&self, py: Python<'_>, settings: &Bound<'_, PyDict>) -> PyResult<()> {
        let mut config = Config::clone(&self.slot.monitor(py)?.config());
        settings::apply(&mut config, settings)?;
        self.slot.outside(py, |monitor| {
            monitor.reconfigure(|current| {
                *current = config;
                Ok(())
            })
        })
    }

    /// Path of the database; None when nothing is stored.
    fn store_path(&self, py: Python<'_>) -> PyResult<Option<PathBuf>> {
        Ok(self.slot.monitor(py)?.store_path())
    }

    /// How the database is doing; None when nothing is stored.
    fn store_health<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.slot.monitor(py)?.store_health())
    }

    /// Waits until all that was measured so far is in the database.
    fn flush(&self, py: Python<'_>, timeout: f64) -> PyResult<()> {
        let timeout = duration(py, "timeout", Some(timeout))?.unwrap_or_default();
        self.slot.outside(py, |monitor| monitor.flush(timeout))
    }

    /// States in the database between two Unix times, oldest first.
    fn stored_states<'py>(
        &self,
        py: Python<'py>,
        since: f64,
        until: f64,
        limit: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let rows = self
            .slot
            .outside(py, |monitor| monitor.stored_states(since, until, limit))?;
        to_python(py, &rows)
    }

    /// What the cache keeps: key, value and age in seconds.
    fn cached<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let monitor = self.slot.monitor(py)?;
        let cache = monitor.cache();
        let kept: Vec<_> = cache
            .keys()
            .into_iter()
            .filter_map(|key| {
                let cached = cache.peek(&key)?;
                Some((key, cached.value, cached.age.as_secs_f64()))
            })
            .collect();
        to_python(py, &kept)
    }
}

impl Monitor {
    /// Core's own, for what attaches to it.
    pub(crate) fn core(&self, py: Python<'_>) -> PyResult<Arc<core::Monitor>> {
        self.slot.monitor(py)
    }
}

impl Drop for Monitor {
    /// Dropping core's monitor waits for its threads: not while holding the interpreter.
    fn drop(&mut self) {
        let slot = &self.slot;
        let outside = |py: Python<'_>| py.detach(|| slot.close());
        // An error has nobody to go to here: who wants to know it calls close().
        if Python::try_attach(outside).is_none() {
            let _ = slot.close();
        }
    }
}

/// Seconds as a duration; `None` is none.
pub(crate) fn duration(
    py: Python<'_>,
    name: &str,
    seconds: Option<f64>,
) -> PyResult<Option<Duration>> {
    let Some(seconds) = seconds else {
        return Ok(None);
    };
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) => Ok(Some(duration)),
        Err(_) if seconds == f64::INFINITY => Ok(None),
        Err(_) => {
            let error = Error::invalid(name, seconds, "seconds, 0 or more");
            Err(errors::raise(py, &error))
        }
    }
}
