//! The state: one immutable value, published atomically, that holds the newest sample and
//! what was judged of it.

mod health;
mod record;
mod shapes;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::judge::{
    Advice, Anomaly, Correlation, HardeningFinding, Incident, Insight, Judgement, Predictions,
    Scores, SecurityFinding,
};
use crate::sample::{Metrics, Sample};

pub use health::{EventHealth, StoreHealth, StoreStatus};
pub use record::{StateRecord, SystemMetrics};
pub use shapes::{AlertRecords, InsightRecords, PredictionRecords};

/// The state of the machine at one moment, as the monitor sees it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    /// Number of this state, from 1; 0 before the first sample.
    pub sequence: u64,
    /// When the sample was read, Unix seconds; before the first sample the time at which
    /// the monitor was made.
    pub timestamp: f64,
    /// The most asked-for numbers, flat.
    pub metrics: Metrics,
    /// Health, performance and security, 0 to 100 each.
    pub scores: Scores,
    /// Weak settings of the kernel.
    pub hardening: Arc<[HardeningFinding]>,
    /// Alerts that are not over, worst first.
    pub alerts: Arc<[Arc<Alert>]>,
    /// Metrics that are outside their normal range, worst first.
    pub anomalies: Arc<[Anomaly]>,
    /// Anomalies with one cause.
    pub incidents: Arc<[Incident]>,
    /// Forecasts; made anew every few minutes.
    pub predictions: Arc<Predictions>,
    /// Metrics that move together.
    pub correlations: Arc<[Correlation]>,
    /// What is the matter, most severe first.
    pub insights: Arc<[Insight]>,
    /// What is wrong or new with the machine's security, those that matter most first.
    pub security: Arc<[SecurityFinding]>,
    /// What the user could do, most urgent first.
    pub recommendations: Arc<[Advice]>,
    /// The database.
    pub store: Option<Arc<StoreHealth>>,
    /// Events and callbacks.
    pub events: EventHealth,
    /// All that was read; `None` before the first sample.
    pub sample: Option<Arc<Sample>>,
}

impl State {
    /// A state that holds what was judged, and nothing else.
    pub(crate) fn judged(judgement: Judgement) -> State {
        State {
            scores: judgement.scores,
            hardening: judgement.hardening,
            security: judgement.security,
            anomalies: judgement.anomalies,
            incidents: judgement.incidents,
            predictions: judgement.predictions,
            correlations: judgement.correlations,
            insights: judgement.insights,
            recommendations: judgement.advice,
            ..State::default()
        }
    }
}
