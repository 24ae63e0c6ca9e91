//! Unix seconds as the microseconds that rows are kept by, and as a date for a message.

use super::units::{micros, seconds};
use crate::{Error, Result};

/// Microseconds of Unix seconds; what lies beyond their range is its end.
///
/// # Errors
/// `InvalidArgument` for what is not a number.
pub(super) fn to_us(what: &'static str, unix_seconds: f64) -> Result<i64> {
    if unix_seconds.is_nan() {
        return Err(Error::invalid(what, unix_seconds, "Unix seconds"));
    }
    Ok(micros(unix_seconds))
}

/// `2026-11-23T14:05:00.25Z`: RFC 3339 in UTC, with as much of a second as there is. Unix
/// seconds where the year would not have four digits.
pub(super) fn in_words(unix_us: i64) -> String {
    let second = unix_us.div_euclid(1_000_000);
    let (day, second) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    let (year, month, day) = date(day);
    if !(0..=9999).contains(&year) {
        return format!("{}", seconds(unix_us));
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    let fraction = unix_us.rem_euclid(1_000_000);
    if fraction != 0 {
        let digits = format!(".{fraction:06}");
        text.push_str(digits.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar. Years
/// are counted from March on, so that a leap day is the last of its year.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = match month {
        0..=9 => (month + 3, 0),
        _ => (month - 9, 1),
    };
    (year + era * 400 + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_as_its_date() {
        for (seconds, words) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_442_700, "2026-11-23T14:05:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(in_words(seconds * 1_000_000), words);
        }
        assert_eq!(in_words(1_795_442_700_250_000), "2026-11-23T14:05:00.25Z");
        assert_eq!(in_words(i64::MAX), "9223372036854.775");
    }

    #[test]
    fn microseconds_come_back_and_no_number_is_refused() {
        for us in [0, 1, 1_795_871_902_214_124, -5] {
            assert_eq!(to_us("since", seconds(us)).unwrap(), us);
        }
        assert_eq!(to_us("until", f64::INFINITY).unwrap(), i64::MAX);
        assert!(to_us("since", f64::NAN).is_err());
    }
}
