//! The state: one immutable value, published atomically, that holds the newest sample and
//! what was judged of it.

mod health;
mod record;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::judge::{Advice, HardeningFinding, Scores, SecurityFinding};
use crate::sample::{Metrics, Sample};

pub use health::{EventHealth, StoreHealth, StoreStatus};
pub use record::{StateRecord, SystemMetrics};

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
