//! Forecasts of the main metrics, and when something is used up.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Observation;
use crate::series::{SeriesKey, Unit};

/// What a forecast can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did better than "same as now" on the metric's own past.
    Forecast,
    /// It did not: the value is the one of now, the intervals still hold.
    SameAsNow,
    /// Too little has been seen to tell.
    #[default]
    Learning,
}

/// One metric, one horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricForecast {
    /// The series.
    pub series: SeriesKey,
    /// Unit of the values.
    pub unit: Unit,
    /// How far ahead, seconds.
    pub horizon_seconds: f64,
    /// Newest value.
    pub now: Option<f64>,
    /// The forecast.
    pub value: Option<f64>,
    /// Interval that holds the value in four cases of five: low and high.
    pub interval_80: Option<(f64, f64)>,
    /// Interval that holds the value in nineteen cases of twenty.
    pub interval_95: Option<(f64, f64)>,
    /// 1 − its error / the error of "same as now", in its own back-test; `None` before one.
    pub skill: Option<f64>,
    /// Forecasts that the back-test has scored.
    pub backtests: u64,
    /// What it can tell.
    pub outcome: Outcome,
}

/// When something is used up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhaustion {
    /// The series, e.g. `filesystem_used_percent{mount="/"}`.
    pub series: SeriesKey,
    /// The value at which it is.
    pub limit: f64,
    /// Newest value.
    pub now: Option<f64>,
    /// Seconds from now; `None` when it is not used up within the time that can be seen.
    pub seconds: Option<f64>,
    /// Interval of 80 %: not before, and (`None`: never) not after.
    pub earliest_seconds: Option<f64>,
    /// See `earliest_seconds`.
    pub latest_seconds: Option<f64>,
    /// Whether that can be told.
    pub outcome: Outcome,
}

/// All forecasts of one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Predictions {
    /// When they were made, Unix seconds.
    pub made_at: f64,
    /// Horizon (`15min`, `1h`, `6h`, `24h`, `7d`) → forecasts, in the order of the horizons.
    pub horizons: Vec<(String, Vec<MetricForecast>)>,
    /// What runs out, soonest first.
    pub exhaustion: Vec<Exhaustion>,
}

impl Predictions {
    /// The prototype's shape: horizon → metric → forecast.
    pub fn by_horizon(&self) -> BTreeMap<&str, BTreeMap<String, &MetricForecast>> {
        self.horizons
            .iter()
            .map(|(horizon, forecasts)| {
                let by_series = forecasts.iter().map(|f| (f.series.to_string(), f));
                (horizon.as_str(), by_series.collect())
            })
            .collect()
    }
}

/// The models of the main metrics.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outlook {}

impl Outlook {
    /// The newest forecasts; the same value until they are made anew.
    pub(crate) fn judge(&mut self, _seen: &Observation<'_>) -> Arc<Predictions> {
        Arc::default()
    }
}
