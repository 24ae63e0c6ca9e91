//! `AlertDesk`: the alerts' rules, what was told of them, and what is said to them.

use std::sync::Arc;

use pyo3::prelude::*;
use usm_core::Error;
use usm_core::alert::{Backtest, Rule};

use crate::errors;
use crate::history::{Going, Job};
use crate::monitor::Slot;
use crate::to_python::to_python;

/// The alerts of a monitor.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct AlertDesk {
    slot: Arc<Slot>,
}

impl AlertDesk {
    pub(crate) fn new(slot: Arc<Slot>) -> AlertDesk {
        AlertDesk { slot }
    }
}

#[pymethods]
impl AlertDesk {
    /// Alerts that lasted in a range, oldest first, at most `limit`, the newest.
    fn history<'py>(
        &self,
        py: Python<'py>,
        since: f64,
        until: f64,
        limit: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let alerts = self
            .slot
            .outside(py, |monitor| monitor.alert_history(since, until, limit))?;
        to_python(py, &alerts)
    }

    /// The rules by name.
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rules = self.slot.outside(py, usm_core::Monitor::alert_rules)?;
        to_python(py, &rules)
    }

    /// Their severities as rows, by name: what the prototype calls a rule.
    fn levels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rules = self.slot.outside(py, usm_core::Monitor::alert_rules)?;
        let levels: Vec<_> = rules.iter().flat_map(Rule::levels).collect();
        to_python(py, &levels)
    }

    /// Adds a rule, or puts it in the place of the one of its name.
    fn set_rule<'py>(&self, py: Python<'py>, toml: &str) -> PyResult<Bound<'py, PyAny>> {
        let rule = self
            .slot
            .outside(py, |monitor| monitor.set_alert_rule(toml))?;
        to_python(py, &rule)
    }

    /// Switches a rule on or off.
    fn enable_rule(&self, py: Python<'_>, name: &str, enabled: bool) -> PyResult<()> {
        self.slot
            .outside(py, |monitor| monitor.enable_alert_rule(name, enabled))
    }

    /// Removes a rule; false where the database has none of this name.
    fn remove_rule(&self, py: Python<'_>, name: &str) -> PyResult<bool> {
        self.slot
            .outside(py, |monitor| monitor.remove_alert_rule(name))
    }

    /// Takes note of an alert.
    fn acknowledge(
        &self,
        py: Python<'_>,
        number: u64,
        by: &str,
        note: Option<&str>,
    ) -> PyResult<()> {
        self.slot
            .outside(py, |monitor| monitor.acknowledge_alert(number, by, note))
    }

    /// Tells nobody of some alerts for so many seconds; the silence's number, or None when
    /// another process monitors and is asked to.
    fn silence(
        &self,
        py: Python<'_>,
        rule: &str,
        labels: Vec<(String, String)>,
        seconds: f64,
        by: &str,
        reason: Option<&str>,
    ) -> PyResult<Option<u64>> {
        self.slot.outside(py, |monitor| {
            monitor.silence_alerts(rule, &labels, seconds, by, reason)
        })
    }

    /// Ends a silence; false for a number that there is not.
    fn end_silence(&self, py: Python<'_>, number: u64) -> PyResult<bool> {
        self.slot.outside(py, |monitor| monitor.end_silence(number))
    }

    /// The silences that are in force or still to come.
    fn silences<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let silences = self.slot.outside(py, usm_core::Monitor::silences)?;
        to_python(py, &silences)
    }

    /// Tests a rule, by its name or as TOML, on a range of the history.
    fn test_rule(&self, py: Python<'_>, rule: String, since: f64, until: f64) -> PyResult<Job> {
        // In the process that made it, and open.
        drop(self.slot.monitor(py)?);
        let slot = self.slot.clone();
        let work = move |going: &Going| {
            let Some(monitor) = slot.open_monitor() else {
                return Err(Error::InvalidState("the monitor was closed".into()));
            };
            // Who closes the monitor waits for this.
            monitor.test_alert_rule(&rule, since, until, &mut |share| {
                going.on(share) && slot.is_open()
            })
        };
        Job::start(work, give_backtest).map_err(|e| errors::raise(py, &e))
    }

    /// Name and kind of each channel.
    fn channels(&self, py: Python<'_>) -> PyResult<Vec<(String, String)>> {
        self.slot.outside(py, usm_core::Monitor::alert_channels)
    }

    /// Sends a message of test to a channel and waits for what becomes of it.
    fn test_channel<'py>(&self, py: Python<'py>, channel: &str) -> PyResult<Bound<'py, PyAny>> {
        let outcome = self
            .slot
            .outside(py, |monitor| monitor.test_alert_channel(channel))?;
        to_python(py, &outcome)
    }

    /// Who was told of what since a time, oldest first, at most `limit`, the newest.
    fn notifications<'py>(
        &self,
        py: Python<'py>,
        since: f64,
        limit: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let rows = self
            .slot
            .outside(py, |monitor| monitor.notifications(since, limit))?;
        to_python(py, &rows)
    }
}

fn give_backtest<'py>(py: Python<'py>, backtest: Backtest) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, &backtest)
}
