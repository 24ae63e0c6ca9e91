//! What of the history is kept.

use std::time::Duration;

/// What of the history is kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesSettings {
    /// Rows of series are written at all.
    pub enabled: bool,
    /// How long each tier is kept, from raw to 10 minutes; zero: no longer than the next
    /// coarser one needs it, and not made at all when no coarser one is kept.
    pub keep: [Duration; 4],
}

impl Default for SeriesSettings {
    /// Raw for a day, 10 s for 14 days, 1 min for 90 days, 10 min for 10 years.
    fn default() -> SeriesSettings {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        SeriesSettings {
            enabled: true,
            keep: [days(1), days(14), days(90), days(3653)],
        }
    }
}
