//! The state: one immutable value, published atomically, that holds the newest sample and
//! what was judged of it.

mod metrics;
mod record;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::judge::{Advice, HardeningFinding, Scores};
use crate::sample::Sample;
use crate::store::StoreHealth;

pub use metrics::Metrics;
pub use record::{StateRecord, SystemMetrics};

/// What the events' queues and callbacks did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventHealth {
    /// Subscriptions that are open.
    pub subscriptions: u64,
    /// Events that were handed to a callback or taken from a stream.
    pub delivered: u64,
    /// Events dropped since a subscriber was too slow.
    pub dropped: u64,
    /// Callbacks that failed: returned an error, raised or panicked.
    pub failed: u64,
    /// Callbacks that have been running for longer than 10 seconds.
    pub stuck: u64,
}

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
    /// What the user could do, most urgent first.
    pub recommendations: Arc<[Advice]>,
    /// The database.
    pub store: Option<Arc<StoreHealth>>,
    /// Events and callbacks.
    pub events: EventHealth,
    /// All that was read; `None` before the first sample.
    pub sample: Option<Arc<Sample>>,
}
