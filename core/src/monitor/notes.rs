//! What a program that embeds the monitor has to say itself: how long its own work took, what
//! happened to it, a state that it made.

use std::time::Instant;

use super::Monitor;
use crate::error::{Error, Result};
use crate::store::{EventRow, PerformanceRow, Row, StateRow};
use crate::sys;

/// Longest name of a component and the like, bytes.
const LONGEST_NAME: usize = 128;
/// Longest text of an event, bytes.
const LONGEST_TEXT: usize = 64 * 1024;

impl Monitor {
    /// Notes how long an operation of a program's own took: it counts in
    /// [`timings`](Monitor::timings), and is a row of `performance_metrics` where something is
    /// stored.
    ///
    /// # Errors
    /// `InvalidArgument` for a name without a letter or one that is too long, and for a time
    /// that is no time; `Forked`.
    pub fn note_timing(&self, component: &str, operation: &str, seconds: f64) -> Result<()> {
        self.check_process()?;
        let component = name("component", component)?;
        let operation = name("operation", operation)?;
        if !(seconds.is_finite() && seconds >= 0.0) {
            return Err(Error::invalid("seconds", seconds, "seconds, 0 or more"));
        }
        let now = Instant::now();
        let mut timings = self.shared.lock_timings();
        timings.add_own(component, operation, seconds, now);
        drop(timings);
        self.note(Row::Performance(PerformanceRow {
            component_name: component.to_string().into(),
            operation_name: operation.to_string().into(),
            execution_time: seconds,
            memory_usage: None,
            cpu_usage: None,
            timestamp: sys::moment().unix_seconds,
        }));
        Ok(())
    }

    /// Notes something that happened, in `integration_events`; without a store it is forgotten.
    ///
    /// # Errors
    /// `InvalidArgument` for names without a letter and what is too long; `Forked`.
    pub fn note_event(
        &self,
        event_type: &str,
        text: &str,
        severity: &str,
        component: &str,
    ) -> Result<()> {
        self.check_process()?;
        let event_type = name("event_type", event_type)?.to_string();
        let severity = name("severity", severity)?.to_string();
        let component = name("component", component)?.to_string();
        if text.len() > LONGEST_TEXT {
            let found = format!("{} bytes", text.len());
            return Err(Error::invalid("text", found, "at most 65536 bytes"));
        }
        self.note(Row::Event(EventRow {
            event_type: event_type.into(),
            event_data: Some(text.to_string()),
            severity: Some(severity.into()),
            component_name: Some(component.into()),
            timestamp: Some(sys::moment().unix_seconds),
        }));
        Ok(())
    }

    /// Notes a state that was not taken by this monitor, in `unified_system_states`; without a
    /// store it is forgotten.
    ///
    /// # Errors
    /// `InvalidArgument` for a time that is no time; `Forked`.
    pub fn note_state(&self, mut state: StateRow) -> Result<()> {
        self.check_process()?;
        if !state.timestamp.is_finite() {
            return Err(Error::invalid("timestamp", state.timestamp, "Unix seconds"));
        }
        for score in [
            &mut state.health_score,
            &mut state.performance_score,
            &mut state.security_score,
        ] {
            *score = score.filter(|value| value.is_finite());
        }
        self.note(Row::State(state));
        Ok(())
    }

    fn note(&self, row: Row) {
        if !self.shared.is_recording {
            self.shared.append(row);
        }
    }
}

fn name<'a>(what: &str, given: &'a str) -> Result<&'a str> {
    if given.trim().is_empty() || given.len() > LONGEST_NAME {
        let allowed = format!("a name of at most {LONGEST_NAME} bytes");
        return Err(Error::invalid(what, format!("{given:?}"), allowed));
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::time::Duration;

    fn monitor(folder: &tempfile::TempDir) -> Monitor {
        let config = Config {
            data_dir: Some(folder.path().to_path_buf()),
            ..Config::default()
        };
        Monitor::new(config).unwrap()
    }

    #[test]
    fn what_a_program_notes_is_counted_and_stored() {
        let folder = tempfile::tempdir().unwrap();
        let monitor = monitor(&folder);
        monitor.note_timing("mine", "work", 0.25).unwrap();
        monitor.note_timing("mine", "work", 0.75).unwrap();
        let [timing] = &monitor.timings()[..] else {
            panic!("one operation was noted");
        };
        assert_eq!(
            (timing.avg_execution_time, timing.operation_count),
            (0.5, 2)
        );
        monitor
            .note_event("error", "it fell", "high", "mine")
            .unwrap();
        let state = StateRow {
            timestamp: 5.0,
            health_score: Some(f64::NAN),
            performance_score: Some(40.0),
            ..StateRow::default()
        };
        monitor.note_state(state).unwrap();
        monitor.flush(Duration::from_secs(20)).unwrap();
        let [row] = &monitor.stored_states(0.0, 10.0, 9).unwrap()[..] else {
            panic!("one state was noted");
        };
        assert_eq!(
            (row.health_score, row.performance_score),
            (None, Some(40.0))
        );
    }

    #[test]
    fn what_says_nothing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let monitor = monitor(&folder);
        for seconds in [f64::NAN, -1.0, f64::INFINITY] {
            assert!(monitor.note_timing("a", "b", seconds).is_err(), "{seconds}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        for name in ["", " ", &long] {
            assert!(monitor.note_timing(name, "b", 1.0).is_err());
            assert!(monitor.note_event(name, "", "high", "c").is_err());
        }
        let state = StateRow {
            timestamp: f64::NAN,
            ..StateRow::default()
        };
        assert!(monitor.note_state(state).is_err());
    }
}
