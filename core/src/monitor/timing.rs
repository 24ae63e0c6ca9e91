//! How long operations took, over the last hour, in one bucket a minute.

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

#[derive(Debug, Default)]
pub(super) struct Timings {
    operations: Vec<Operation>,
    origin: Option<Instant>,
}

#[derive(Debug)]
struct Operation {
    component: &'static str,
    name: &'static str,
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
        let number = self.minute_of(now);
        let known = self
            .operations
            .iter()
            .position(|o| o.component == component && o.name == name);
        let at = known.unwrap_or_else(|| {
            let minutes = [Minute::default(); MINUTES];
            self.operations.push(Operation {
                component,
                name,
                minutes,
            });
            self.operations.len() - 1
        });
        let minute = &mut self.operations[at].minutes[number as usize % MINUTES];
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
                    component: operation.component.into(),
                    operation: operation.name.into(),
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
