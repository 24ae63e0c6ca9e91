//! Which part of the past is wanted, and how fine.

use usm_core::{Error, Result};

/// A range of time, and how its rows are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// From this Unix time on.
    pub since: f64,
    /// To before this Unix time.
    pub until: f64,
    /// Width of a row of metrics, seconds; `None`: every row as it is still kept.
    pub step_seconds: Option<f64>,
    /// Beside each metric the least and the greatest value within its row.
    pub extremes: bool,
}

impl Wanted {
    /// From one Unix time to before another.
    pub fn range(since: f64, until: f64) -> Wanted {
        Wanted {
            since,
            until,
            step_seconds: None,
            extremes: false,
        }
    }

    /// The last so many seconds before a Unix time.
    pub fn last(seconds: f64, until: f64) -> Wanted {
        Wanted::range(until - seconds, until)
    }

    /// # Errors
    /// `InvalidArgument` for what is no range.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, time) in [("since", self.since), ("until", self.until)] {
            if time.is_nan() {
                return Err(Error::invalid(name, time, "a Unix time in seconds"));
            }
        }
        match self.since < self.until {
            true => Ok(()),
            false => Err(Error::invalid(
                "since",
                self.since,
                format!("a time before {}, where the range ends", self.until),
            )),
        }
    }

    /// How long it is in the prototype's words: `24h`, `7d`; up to two days in the
    /// greatest of hours, minutes and seconds that it is a whole number of, then in days.
    pub fn label(&self) -> String {
        let seconds = (self.until - self.since).round();
        if seconds > 172_800.0 {
            return format!("{:.0}d", seconds / 86_400.0);
        }
        let units = [(3600.0, "h"), (60.0, "min")];
        let whole = units
            .iter()
            .find(|(unit, _)| seconds >= *unit && seconds % unit == 0.0);
        let (unit, name) = whole.copied().unwrap_or((1.0, "s"));
        format!("{}{name}", seconds / unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_named_as_the_prototype_named_it() {
        for (seconds, label) in [
            (3600.0, "1h"),
            (86_400.0, "24h"),
            (7.0 * 86_400.0, "7d"),
            (30.0 * 86_400.0, "30d"),
            (90.0, "90s"),
            (5400.0, "90min"),
            (0.25, "0s"),
            (86_400.0 * 3.0 + 1.0, "3d"),
        ] {
            assert_eq!(Wanted::last(seconds, 1e9).label(), label);
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for (since, until) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::NAN)] {
            assert!(Wanted::range(since, until).check().is_err());
        }
    }
}
