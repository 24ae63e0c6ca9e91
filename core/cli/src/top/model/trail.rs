//! The last minutes of the main numbers, as they were seen here.

use usm_core::State;
use usm_core::sample::Metrics;
use usm_core::series::{Unit, catalog};

/// Most states that are kept, and how many go at once when there are more.
const MOST: usize = 3600;
const AT_ONCE: usize = 600;

type Reading = fn(&Metrics) -> Option<f64>;

/// What is kept, by its name in the history.
const KEPT: [(&str, Reading); 13] = [
    ("cpu_percent", |m| m.cpu_percent),
    ("memory_percent", |m| m.memory_percent),
    ("swap_percent", |m| m.swap_percent),
    ("load_average_1", |m| m.load_average_1),
    ("disk_read_bytes_per_sec", |m| m.disk_read_bytes_per_sec),
    ("disk_write_bytes_per_sec", |m| m.disk_write_bytes_per_sec),
    ("network_received_bytes_per_sec", |m| {
        m.network_received_bytes_per_sec
    }),
    ("network_sent_bytes_per_sec", |m| {
        m.network_sent_bytes_per_sec
    }),
    ("pressure_cpu_some_percent", |m| m.pressure_cpu_some_percent),
    ("pressure_memory_some_percent", |m| {
        m.pressure_memory_some_percent
    }),
    ("pressure_io_some_percent", |m| m.pressure_io_some_percent),
    ("process_count", |m| m.process_count.map(|n| n as f64)),
    ("temperature_celsius", |m| m.temperature_celsius),
];

#[derive(Debug, Default)]
pub(in crate::top) struct Trail {
    times: Vec<f64>,
    values: [Vec<f64>; KEPT.len()],
}

impl Trail {
    /// Adds what a state says; one that is not later than the last begins anew, for the clock
    /// was set back.
    pub(in crate::top) fn add(&mut self, state: &State) {
        if self
            .times
            .last()
            .is_some_and(|last| state.timestamp <= *last)
        {
            *self = Trail::default();
        }
        if self.times.len() >= MOST {
            self.times.drain(..AT_ONCE);
            for values in &mut self.values {
                values.drain(..AT_ONCE);
            }
        }
        self.times.push(state.timestamp);
        for ((_, read), values) in KEPT.iter().zip(&mut self.values) {
            values.push(read(&state.metrics).unwrap_or(f64::NAN));
        }
    }

    pub(in crate::top) fn times(&self) -> &[f64] {
        &self.times
    }

    /// Values at those times; none for a metric that is not kept.
    pub(in crate::top) fn values(&self, metric: &str) -> &[f64] {
        let place = KEPT.iter().position(|(name, _)| *name == metric);
        place.map_or(&[], |place| &self.values[place])
    }

    /// The names of what is kept.
    pub(in crate::top) fn names() -> impl Iterator<Item = &'static str> {
        KEPT.iter().map(|(name, _)| *name)
    }
}

/// Unit of a metric by its name.
pub(in crate::top) fn unit(metric: &str) -> Unit {
    catalog::by_name(metric).map_or(Unit::Number, |metric| metric.unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(timestamp: f64, cpu: Option<f64>) -> State {
        State {
            timestamp,
            metrics: Metrics {
                cpu_percent: cpu,
                ..Metrics::default()
            },
            ..State::default()
        }
    }

    #[test]
    fn what_is_kept_is_in_the_catalogue_of_the_history() {
        for name in Trail::names() {
            assert!(catalog::by_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn it_is_bounded_keeps_gaps_and_begins_anew_when_the_clock_is_set_back() {
        let mut trail = Trail::default();
        for second in 0..10_000 {
            trail.add(&state(f64::from(second), Some(1.0)));
        }
        assert!(trail.times().len() <= MOST);
        trail.add(&state(10_000.0, None));
        assert!(trail.values("cpu_percent").last().unwrap().is_nan());
        assert!(trail.values("of_tomorrow").is_empty());
        trail.add(&state(5.0, Some(2.0)));
        assert_eq!(
            (trail.times(), trail.values("cpu_percent")),
            (&[5.0][..], &[2.0][..])
        );
    }
}
