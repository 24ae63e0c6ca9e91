//! Unified System Monitor: an engine that watches its host, judges what it sees, tells the
//! program that embeds it, and relieves the host when it is asked to.
//!
//! The way of the data is one direction: the host is *sampled* ([`sample`]), the sample is
//! *judged* ([`judge`]), both are published as one immutable [`state::State`], and the state
//! is told to subscribers ([`event`]) and remembered in SQLite ([`store`]). [`Monitor`]
//! conducts. The [`optimizer`] finds what hurts, plans, acts through one narrow door ([`act`]),
//! measures, and takes back what did not help.
//!
//! ```no_run
//! use usm_core::{Config, Monitor};
//!
//! # fn main() -> usm_core::Result<()> {
//! let monitor = Monitor::new(Config { refresh_interval: 1.0, ..Config::default() })?;
//! monitor.start()?;
//! let state = monitor.wait_for_state(0, std::time::Duration::from_secs(5))?;
//! if let Some(cpu) = state.metrics.cpu_percent {
//!     println!("processors {cpu:.1} % busy");
//! }
//! monitor.stop()?;
//! # Ok(())
//! # }
//! ```

pub mod act;
pub mod alert;
mod arrange;
pub mod cache;
pub mod config;
pub mod error;
pub mod event;
pub mod history;
pub mod judge;
mod logging;
pub mod migrate;
mod monitor;
pub mod optimizer;
pub mod pool;
pub mod sample;
mod score;
pub mod series;
#[cfg(unix)]
pub mod service;
pub mod state;
pub mod store;
mod sys;
pub mod tools;
mod tree;

pub use config::Config;
pub use error::{Error, ErrorKind, Result};
pub use event::{AnomalyNews, Event, EventData, EventKind, EventSet, EventStream};
pub use monitor::{
    ComponentState, ComponentStatus, Monitor, OperationTiming, Recorder, Started, Stopped,
};
pub use sample::{Metrics, Sample, Sampler, SamplerSettings};
pub use state::{State, StateRecord, SystemMetrics};

/// Version of this library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
