//! What others suffer: read over a window, for the analysis and for the verdict on an action.

use std::collections::BTreeSet;
use std::time::Duration;

use super::target::Metric;
use crate::act::ProcessId;
use crate::error::{Error, Result};
use crate::sample::Roots;

/// What was suffered in a window.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Pain {
    /// See [`Metric::CpuWait`].
    pub(crate) cpu_wait_percent: Option<f64>,
}

/// Watches for the length of the window; `culprits` (with their living descendants) are left
/// out of the victims. `stop` is asked every 20 ms or so.
pub(crate) fn measure(
    _roots: &Roots,
    _culprits: &BTreeSet<ProcessId>,
    _window: Duration,
    _stop: &dyn Fn() -> bool,
) -> Result<Pain> {
    Err(Error::Internal("not built yet".into()))
}

impl Pain {
    /// The value of a metric, `None` where it was not measured.
    pub(crate) fn value(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::CpuWait => self.cpu_wait_percent,
            _ => None,
        }
    }
}
