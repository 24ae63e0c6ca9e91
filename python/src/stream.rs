//! Events as Python takes them: one at a time, from a queue of its own.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use usm_core::event::EventData;
use usm_core::{self as core, EventKind};

use crate::border::{SLICE, detached_at_exit};
use crate::records;
use crate::to_python::to_python;

/// The names of all events; the first five are the prototype's.
#[pyfunction]
pub(crate) fn event_names() -> Vec<&'static str> {
    EventKind::ALL.map(EventKind::name).into()
}

/// Something that happened.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Event(core::Event);

#[pymethods]
impl Event {
    /// Name of the event, e.g. state_update.
    #[getter]
    fn name(&self) -> &'static str {
        self.0.kind.name()
    }

    /// When, Unix seconds.
    #[getter]
    fn timestamp(&self) -> f64 {
        self.0.timestamp
    }

    /// What a callback gets: the values of a SystemState for state_update, else a dict with
    /// event, timestamp and what the event carries.
    fn payload<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let carried = match &self.0.data {
            EventData::State(state) => return Ok(records::of_state(py, state)?.into_any()),
            EventData::Advice(advice) => to_python(py, advice)?,
            EventData::Alert(alert) => to_python(py, &**alert)?,
            EventData::Anomaly(news) => to_python(py, &**news)?,
            EventData::Insight(insight) => to_python(py, &**insight)?,
            EventData::Hardening(finding) => to_python(py, finding)?,
            EventData::Security(finding) => to_python(py, finding)?,
            EventData::Store(health) => to_python(py, &**health)?,
            EventData::Settings(names) => named(py, "settings", names)?,
            EventData::Text(reason) => named(py, "reason", reason)?,
            EventData::None => PyDict::new(py).into_any(),
        };
        let payload = PyDict::new(py);
        payload.set_item("event", self.0.kind.name())?;
        payload.set_item("timestamp", self.0.timestamp)?;
        payload.update(carried.cast::<PyDict>()?.as_mapping())?;
        Ok(payload.into_any())
    }

    fn __repr__(&self) -> String {
        format!("<Event {} at {}>", self.0.kind.name(), self.0.timestamp)
    }
}

fn named<'py>(
    py: Python<'py>,
    key: &str,
    value: &impl serde::Serialize,
) -> PyResult<Bound<'py, PyAny>> {
    let dict = PyDict::new(py);
    dict.set_item(key, to_python(py, value)?)?;
    Ok(dict.into_any())
}

/// The end of a subscription at which events are taken. The oldest event is dropped, and
/// counted, when nobody takes them in time.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct EventStream(pub(crate) core::EventStream);

#[pymethods]
impl EventStream {
    /// The next event; waits for it until the stream is closed. None when it is closed and
    /// empty.
    fn next(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        loop {
            let waiting = &self.0;
            // Longer slices than elsewhere: closing wakes this wait, at exit too.
            if let Some(event) = detached_at_exit(py, || Ok(waiting.next(Some(SLICE * 10))))? {
                return Ok(Some(Event(event)));
            }
            if self.0.is_closed() {
                return Ok(None);
            }
            py.check_signals()?;
        }
    }

    /// Ends the subscription: nothing more arrives, and who waits is woken.
    fn close(&self) {
        self.0.close();
    }

    /// Whether it was closed, by either end.
    #[getter]
    fn closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Events taken so far.
    #[getter]
    fn delivered(&self) -> u64 {
        self.0.delivered()
    }

    /// Events dropped so far since nobody took them in time.
    #[getter]
    fn dropped(&self) -> u64 {
        self.0.dropped()
    }
}
