//! The compact state that is kept: in the history ring, in the database and in the report,
//! with the prototype's names.

use serde::{Deserialize, Serialize};

use super::State;
use super::shapes::{AlertRecords, InsightRecords, PredictionRecords};
use crate::sample::{InterfaceCounters, InterfaceSample, Sample};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const MIB: f64 = 1024.0 * 1024.0;

/// The prototype's seventeen metrics, by its names; "gb" are GiB and "mb" MiB. What can't
/// be read is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct SystemMetrics {
    /// When the sample was read, Unix seconds.
    pub timestamp: f64,
    /// Processors busy, percent of the machine.
    pub cpu_percent: Option<f64>,
    /// Memory used, percent.
    pub memory_percent: Option<f64>,
    /// Memory used, GiB.
    pub memory_used_gb: Option<f64>,
    /// Memory of the machine, GiB.
    pub memory_total_gb: Option<f64>,
    /// Root file system used, percent.
    pub disk_percent: Option<f64>,
    /// Root file system used, GiB.
    pub disk_used_gb: Option<f64>,
    /// Root file system's size, GiB.
    pub disk_total_gb: Option<f64>,
    /// Sent since boot on all interfaces, loopback included, MiB.
    pub network_sent_mb: Option<f64>,
    /// Received since boot on all interfaces, loopback included, MiB.
    pub network_recv_mb: Option<f64>,
    /// Sent on all interfaces, MiB per second.
    pub network_sent_rate: Option<f64>,
    /// Received on all interfaces, MiB per second.
    pub network_recv_rate: Option<f64>,
    /// Processes.
    pub process_count: Option<u64>,
    /// Load averages over 1, 5 and 15 minutes.
    pub load_average: Option<(f64, f64, f64)>,
    /// Temperature, °C.
    pub temperature: Option<f64>,
    /// Charge of the battery, percent.
    pub battery_percent: Option<f64>,
    /// Mains are plugged in.
    pub battery_plugged: Option<bool>,
}

impl SystemMetrics {
    fn of(state: &State, sample: &Sample) -> SystemMetrics {
        let m = &state.metrics;
        let gib = |bytes: Option<u64>| bytes.map(|b| b as f64 / GIB);
        let interfaces = &sample.network.interfaces;
        let counter = |read: fn(&InterfaceCounters) -> u64| {
            interfaces
                .iter()
                .map(|i| read(&i.counters))
                .reduce(u64::saturating_add)
                .map(|bytes| bytes as f64 / MIB)
        };
        let rate = |read: fn(&InterfaceSample) -> Option<f64>| {
            interfaces
                .iter()
                .filter_map(read)
                .reduce(|a, b| a + b)
                .map(|bytes| bytes / MIB)
        };
        SystemMetrics {
            timestamp: state.timestamp,
            cpu_percent: m.cpu_percent,
            memory_percent: m.memory_percent,
            memory_used_gb: gib(m.memory_used_bytes),
            memory_total_gb: gib(m.memory_total_bytes),
            disk_percent: m.disk_percent,
            disk_used_gb: gib(m.disk_used_bytes),
            disk_total_gb: gib(m.disk_total_bytes),
            network_sent_mb: counter(|c| c.sent_bytes_total),
            network_recv_mb: counter(|c| c.received_bytes_total),
            network_sent_rate: rate(|i| i.sent_bytes_per_sec),
            network_recv_rate: rate(|i| i.received_bytes_per_sec),
            process_count: m.process_count,
            load_average: sample.cpu.load_average.map(|l| (l.one, l.five, l.fifteen)),
            temperature: m.temperature_celsius,
            battery_percent: m.battery_percent,
            battery_plugged: m.battery_plugged,
        }
    }
}

/// The prototype's `SystemState`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct StateRecord {
    /// When the sample was read, Unix seconds.
    pub timestamp: f64,
    /// The seventeen metrics; `None` before the first sample or with monitoring disabled.
    pub metrics: Option<SystemMetrics>,
    /// Active alerts; `None` before the first sample.
    pub alerts: Option<AlertRecords>,
    /// What the user could do, in words; `None` before the first sample.
    pub recommendations: Option<Vec<String>>,
    /// Forecasts by horizon; `None` as long as there are none.
    pub predictions: Option<PredictionRecords>,
    /// Insights; `None` before the first sample.
    pub insights: Option<InsightRecords>,
    /// Health, 0 to 100; `None` when nothing of it is known.
    pub health_score: Option<f64>,
    /// Performance, 0 to 100.
    pub performance_score: Option<f64>,
    /// Security, 0 to 100.
    pub security_score: Option<f64>,
}

impl State {
    /// This state in the prototype's shape, without the sample.
    pub fn record(&self) -> StateRecord {
        StateRecord {
            timestamp: self.timestamp,
            metrics: self
                .sample
                .as_deref()
                .map(|sample| SystemMetrics::of(self, sample)),
            alerts: self
                .sample
                .is_some()
                .then(|| AlertRecords(self.alerts.clone())),
            recommendations: self.sample.is_some().then(|| {
                self.recommendations
                    .iter()
                    .map(|advice| advice.text.clone())
                    .collect()
            }),
            predictions: (!self.predictions.horizons.is_empty())
                .then(|| PredictionRecords(self.predictions.clone())),
            insights: self
                .sample
                .is_some()
                .then(|| InsightRecords(self.insights.clone())),
            health_score: self.scores.health.value,
            performance_score: self.scores.performance.value,
            security_score: self.scores.security.value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_prototypes_nine_fields_and_seventeen_metrics() {
        let state = State {
            sample: Some(std::sync::Arc::new(Sample::default())),
            ..State::default()
        };
        let record = serde_json::to_value(state.record()).unwrap();
        let names: Vec<&String> = record.as_object().unwrap().keys().collect();
        assert_eq!(names.len(), 9);
        assert_eq!(record["metrics"].as_object().unwrap().len(), 17);
        assert_eq!(record["alerts"], serde_json::json!([]));
        assert_eq!(record["insights"], serde_json::json!([]));
        assert!(record["predictions"].is_null());
    }

    #[test]
    fn a_state_without_a_sample_has_no_metrics_and_no_advice() {
        let record = State::default().record();
        assert_eq!(record.metrics, None);
        assert_eq!(record.recommendations, None);
        assert_eq!(record.health_score, None);
    }
}
