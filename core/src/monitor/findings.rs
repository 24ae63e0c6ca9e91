//! What was found over time, and forecasts of any series.

use super::Monitor;
use crate::history::Selector;
use crate::judge::MetricForecast;
use crate::store::{FindingFilter, FindingRow, StoreReader};
use crate::{Result, sys};

impl Monitor {
    /// Findings of the past: anomalies, incidents, insights, security findings, alerts. Those
    /// of now are in the newest state.
    ///
    /// # Errors
    /// `Store`, `TimedOut` after `call_timeout`, and `InvalidState` with `store_enabled` false.
    pub fn findings(&self, filter: &FindingFilter) -> Result<Vec<FindingRow>> {
        self.check_process()?;
        let path = self.shared.store()?.path().to_path_buf();
        let filter = filter.clone();
        let query = self
            .shared
            .pool
            .submit(move || StoreReader::open(&path)?.findings(&filter))?;
        query.wait(self.patience())?
    }

    /// Forecasts of series, worked out of their history: one for each series that the selector
    /// names and each horizon (seconds ahead), see [`crate::history::History::forecast`]. The main metrics'
    /// forecasts are in the newest state, too.
    ///
    /// # Errors
    /// As there; `InvalidState` with `store_enabled` or `history_enabled` false.
    pub fn forecast(&self, selector: &str, horizons: &[f64]) -> Result<Vec<MetricForecast>> {
        let selector = Selector::parse(selector)?;
        self.commit_for_reading()?;
        let now = sys::moment().unix_seconds;
        self.with_history(|history| history.forecast(&selector, now, horizons))
    }
}
