//! How long operations took, over the last hour, in one bucket a minute.

use std::borrow::Cow;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Mean time of one operation of a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationTiming {
    /// Component, e.g. `unified_monitor`.
    pub component: String,
    /// Operation, e.g. `state_collection`.
    pub operation: String,
    /// Mean time in seconds.
    pub avg_execution_time: f64,
    /// Times it ran.
    pub operation_count: u64,
}

const MINUTES: usize = 60;
/// Operations that are counted at most: beyond that the one that ran longest ago is forgotten.
const MOST_OPERATIONS: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Timings {
    operations: Vec<Operation>,
    origin: Option<Instant>,
}

#[derive(Debug)]
struct Operation {
    component: Cow<'static, str>,
    name: Cow<'static, str>,
    newest: u64,
    minutes: [Minute; MINUTES],
}

#[derive(Debug, Clone, Copy, Default)]
struct Minute {
    number: u64,
    seconds: f64,
    count: u64,
}

impl Timings {
    pub(super) fn add(
        &mut self,
        component: &'static str,
        name: &'static str,
        seconds: f64,
        now: Instant,
    ) {
        let at = self
            .position(component, name)
            .unwrap_or_else(|| self.begin(component.into(), name.into()));
        self.count(at, seconds, now);
    }

    /// The same for an operation whose name somebody gives.
    pub(super) fn add_own(&mut self, component: &str, name: &str, seconds: f64, now: Instant) {
        let at = self
            .position(component, name)
            .unwrap_or_else(|| self.begin(component.to_string().into(), name.to_string().into()));
        self.count(at, seconds, now);
    }

    fn position(&self, component: &str, name: &str) -> Option<usize> {
        self.operations
            .iter()
            .position(|o| o.component == component && o.name == name)
    }

    fn begin(&mut self, component: Cow<'static, str>, name: Cow<'static, str>) -> usize {
        let oldest = (0..self.operations.len()).min_by_key(|at| self.operations[*at].newest);
        if let Some(oldest) = oldest.filter(|_| self.operations.len() >= MOST_OPERATIONS) {
            self.operations.swap_remove(oldest);
        }
        self.operations.push(Operation {
            component,
            name,
            newest: 0,
            minutes: [Minute::default(); MINUTES],
        });
        self.operations.len() - 1
    }

    fn count(&mut self, at: usize, seconds: f64, now: Instant) {
        let number = self.minute_of(now);
        let operation = &mut self.operations[at];
        operation.newest = number;
        let minute = &mut operation.minutes[number as usize % MINUTES];
        if minute.number != number {
            *minute = Minute {
                number,
                ..Minute::default()
            };
        }
        minute.seconds += seconds;
        minute.count += 1;
    }

    pub(super) fn summary(&mut self, now: Instant) -> Vec<OperationTiming> {
        let newest = self.minute_of(now);
        let recent = |minute: &&Minute| minute.number + MINUTES as u64 > newest;
        self.operations
            .iter()
            .filter_map(|operation| {
                let count: u64 = operation
                    .minutes
                    .iter()
                    .filter(recent)
                    .map(|m| m.count)
                    .sum();
                let seconds: f64 = operation
                    .minutes
                    .iter()
                    .filter(recent)
                    .map(|m| m.seconds)
                    .sum();
                (count > 0).then(|| OperationTiming {
                    component: operation.component.to_string(),
                    operation: operation.name.to_string(),
                    avg_execution_time: seconds / count as f64,
                    operation_count: count,
                })
            })
            .collect()
    }

    fn minute_of(&mut self, now: Instant) -> u64 {
        let origin = *self.origin.get_or_insert(now);
        now.saturating_duration_since(origin).as_secs() / 60
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn operations_without_end_take_no_memory_without_end() {
        let mut timings = Timings::default();
        let start = Instant::now();
        // The clock begins with the first.
        timings.add("kept", "x", 1.0, start);
        timings.add("kept", "x", 1.0, start + Duration::from_secs(60));
        for n in 0..MOST_OPERATIONS * 2 {
            timings.add_own("own", &n.to_string(), 1.0, start);
        }
        let summary = timings.summary(start + Duration::from_secs(61));
        assert_eq!(summary.len(), MOST_OPERATIONS);
        assert!(summary.iter().any(|o| o.component == "kept"));
    }

    #[test]
    fn the_mean_is_of_the_last_hour() {
        let mut timings = Timings::default();
        let start = Instant::now();
        timings.add("a", "x", 1.0, start);
        timings.add("a", "x", 3.0, start + Duration::from_secs(120));
        let summary = timings.summary(start + Duration::from_secs(130));
        assert_eq!(
            (summary[0].avg_execution_time, summary[0].operation_count),
            (2.0, 2)
        );
        let summary = timings.summary(start + Duration::from_secs(3605));
        assert_eq!(
            (summary[0].avg_execution_time, summary[0].operation_count),
            (3.0, 1)
        );
        assert_eq!(timings.summary(start + Duration::from_secs(7200)), []);
        // A bucket that is used again does not keep what it held an hour ago.
        timings.add("a", "x", 5.0, start + Duration::from_secs(3600 + 125));
        let summary = timings.summary(start + Duration::from_secs(3600 + 130));
        assert_eq!(
            (summary[0].avg_execution_time, summary[0].operation_count),
            (5.0, 1)
        );
    }
}
