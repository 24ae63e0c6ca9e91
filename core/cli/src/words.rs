//! Words and tones for what was judged: severities, ages, series with their values.

use usm_core::alert::AlertSeverity;
use usm_core::judge::Severity;
use usm_core::series::{SeriesKey, Unit, catalog};

use crate::draw::quantity::quantity;
use crate::draw::{Tone, number};

pub(crate) fn severity_tone(severity: Severity) -> Tone {
    match severity {
        Severity::Low => Tone::Quiet,
        Severity::Medium => Tone::Warning,
        Severity::High | Severity::Critical => Tone::Bad,
    }
}

pub(crate) fn alert_tone(severity: AlertSeverity) -> Tone {
    match severity {
        AlertSeverity::Info => Tone::Label,
        AlertSeverity::Warning => Tone::Warning,
        AlertSeverity::Critical | AlertSeverity::Emergency => Tone::Bad,
    }
}

/// Unit of a series; a plain number for one that this version does not know.
pub(crate) fn unit_of(series: &SeriesKey) -> Unit {
    catalog::by_name(&series.metric).map_or(Unit::Number, |metric| metric.unit)
}

/// A value of a series with its unit; what is not known is shown as that.
pub(crate) fn value_of(value: Option<f64>, unit: Unit) -> String {
    quantity(value.unwrap_or(f64::NAN), unit)
}

/// `low to high`, the unit once where it is the same.
pub(crate) fn range_of((low, high): (f64, f64), unit: Unit) -> String {
    let (low, high) = (quantity(low, unit), quantity(high, unit));
    match (low.rsplit_once(' '), high.rsplit_once(' ')) {
        (Some((number, of_low)), Some((_, of_high))) if of_low == of_high => {
            format!("{number} to {high}")
        }
        _ => format!("{low} to {high}"),
    }
}

/// How long before `now` a time was.
pub(crate) fn ago(time: f64, now: f64) -> String {
    match now - time {
        past if past >= 0.0 => format!("{} ago", number::duration(past)),
        _ => "just now".into(),
    }
}

/// `1 alert`, `3 alerts`.
pub(crate) fn count_of(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_tells_its_unit_once_unless_there_are_two() {
        assert_eq!(range_of((1.0, 20.0), Unit::Percent), "1.0 to 20.0 %");
        assert_eq!(range_of((0.0, 2048.0), Unit::Bytes), "0 B to 2.0 KiB");
        assert_eq!(range_of((f64::NAN, 2.0), Unit::Number), "– to 2");
    }

    #[test]
    fn what_is_yet_to_come_is_just_now() {
        assert_eq!(ago(100.0, 165.0), "1 min 5 s ago");
        assert_eq!(ago(100.0, 99.0), "just now");
    }

    #[test]
    fn a_series_of_another_version_is_a_plain_number() {
        let key = |metric: &str| SeriesKey {
            metric: metric.into(),
            labels: Vec::new(),
        };
        assert_eq!(unit_of(&key("memory_percent")), Unit::Percent);
        assert_eq!(unit_of(&key("of_tomorrow")), Unit::Number);
        assert_eq!(value_of(None, Unit::Percent), "–");
    }
}
