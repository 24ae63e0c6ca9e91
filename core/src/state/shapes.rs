//! Alerts, forecasts and insights in the prototype's shapes, with what it lacked beside its
//! fields. Shared with the state that they are of; only writing them out costs anything.

use std::sync::Arc;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::alert::{Alert, AlertSeverity, AlertStatus};
use crate::judge::{Insight, InsightKind, MetricForecast, Outcome, Predictions, Severity};

/// Alerts as a list of the prototype's `Alert`: those that fired, not what is only pending.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlertRecords(pub Arc<[Arc<Alert>]>);

/// Forecasts as a dictionary: horizon → series → forecast.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PredictionRecords(pub Arc<Predictions>);

/// Insights as a list of the prototype's `PerformanceInsight`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InsightRecords(pub Arc<[Insight]>);

#[derive(Serialize)]
struct AlertRecord<'a> {
    id: u64,
    timestamp: f64,
    alert_type: &'a str,
    metric_name: String,
    metric_value: Option<f64>,
    threshold: Option<f64>,
    severity: AlertSeverity,
    message: &'a str,
    acknowledged: bool,
    acknowledged_by: Option<&'a str>,
    acknowledged_at: Option<f64>,
    status: AlertStatus,
    since: f64,
    fired_at: Option<f64>,
    silenced_until: Option<f64>,
    is_flapping: bool,
}

impl Serialize for AlertRecords {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(None)?;
        for alert in self.0.iter().filter(|alert| alert.fired_at.is_some()) {
            let by = alert.acknowledged.as_ref();
            list.serialize_element(&AlertRecord {
                id: alert.id,
                timestamp: alert.fired_at.unwrap_or(alert.since),
                alert_type: &alert.rule,
                metric_name: alert.series.to_string(),
                metric_value: alert.value,
                threshold: alert.threshold,
                severity: alert.severity,
                message: &alert.message,
                acknowledged: by.is_some(),
                acknowledged_by: by.map(|by| by.by.as_str()),
                acknowledged_at: by.map(|by| by.at),
                status: alert.status,
                since: alert.since,
                fired_at: alert.fired_at,
                silenced_until: alert.silenced_until,
                is_flapping: alert.is_flapping,
            })?;
        }
        list.end()
    }
}

#[derive(Serialize)]
struct ForecastRecord {
    predicted_value: Option<f64>,
    interval_80: Option<(f64, f64)>,
    interval_95: Option<(f64, f64)>,
    skill: Option<f64>,
    outcome: Outcome,
}

impl PredictionRecords {
    /// Only those of the machine as a whole.
    pub(crate) fn headline(&self) -> PredictionRecords {
        let of_machine = |forecasts: &Vec<MetricForecast>| {
            let whole = forecasts.iter().filter(|f| f.series.labels.is_empty());
            whole.cloned().collect()
        };
        let horizons = self.0.horizons.iter();
        PredictionRecords(Arc::new(Predictions {
            made_at: self.0.made_at,
            horizons: horizons
                .map(|(name, all)| (name.clone(), of_machine(all)))
                .collect(),
            exhaustion: Vec::new(),
        }))
    }
}

struct BySeries<'a>(&'a [MetricForecast]);

impl Serialize for BySeries<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for forecast in self.0 {
            let record = ForecastRecord {
                predicted_value: forecast.value,
                interval_80: forecast.interval_80,
                interval_95: forecast.interval_95,
                skill: forecast.skill,
                outcome: forecast.outcome,
            };
            map.serialize_entry(&forecast.series.to_string(), &record)?;
        }
        map.end()
    }
}

impl Serialize for PredictionRecords {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.horizons.len()))?;
        for (horizon, forecasts) in &self.0.horizons {
            map.serialize_entry(horizon, &BySeries(forecasts))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct InsightRecord<'a> {
    insight_type: &'static str,
    metric_name: Option<String>,
    description: &'a str,
    severity: Severity,
    confidence: f64,
    recommendations: &'a [String],
    timestamp: f64,
    id: &'a str,
    kind: InsightKind,
    opened_at: f64,
    closed_at: Option<f64>,
}

/// The prototype's four words.
fn insight_type(kind: InsightKind) -> &'static str {
    match kind {
        InsightKind::LeakSuspected | InsightKind::DiskFilling | InsightKind::MemoryFilling => {
            "trend"
        }
        InsightKind::Correlated => "anomaly",
        _ => "bottleneck",
    }
}

impl Serialize for InsightRecords {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.0.len()))?;
        for insight in self.0.iter() {
            list.serialize_element(&InsightRecord {
                insight_type: insight_type(insight.kind),
                metric_name: insight.evidence.first().map(|e| e.series.to_string()),
                description: &insight.text,
                severity: insight.severity,
                confidence: insight.confidence,
                recommendations: &insight.advice,
                timestamp: insight.updated_at,
                id: &insight.id,
                kind: insight.kind,
                opened_at: insight.opened_at,
                closed_at: insight.closed_at,
            })?;
        }
        list.end()
    }
}
