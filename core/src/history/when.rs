//! Times and stretches of time in words, the same in every language and on the command line.

use crate::{Error, Result};

/// The last second of the year 9999.
const LATEST: f64 = 253_402_300_799.0;

/// Longest stretch: a hundred years.
const LONGEST: f64 = 100.0 * 365.0 * 86_400.0;

const TIMES: &str = "a time: Unix seconds, a stretch before now such as 90s, 24h or 1d12h, now, \
    now-1h, or a date and time with its offset such as 2026-11-23T14:05:00Z";

const STRETCHES: &str = "a stretch of time such as 500ms, 10s, 1m, 1h30m, 7d, 2w or 1y, \
    or a number of seconds, at most a hundred years";

/// Reads a time: Unix seconds (`1795000000.5`), a stretch before now (`90s`, `15m`, `24h`,
/// `7d`, `2w`, `1d12h`, with or without a `-` before it), `now`, `now-1h`, `now+5m`, or an
/// RFC 3339 date and time with its offset (`2026-11-23T14:05:00Z`,
/// `2026-11-23 14:05:00.5+01:00`). Returns Unix seconds, from 0 to the end of the year 9999.
/// Dates in local time are the caller's business: they need the time zone's rules.
///
/// # Errors
/// `InvalidArgument` naming `what`.
pub fn parse_time(what: &'static str, text: &str, now: f64) -> Result<f64> {
    let trimmed = text.trim();
    let read = if let Ok(seconds) = trimmed.parse::<f64>() {
        Some(seconds)
    } else if let Some(rest) = trimmed.strip_prefix("now") {
        after_now(rest.trim_start()).map(|stretch| now + stretch)
    } else if let Some(stretch) = stretch(trimmed.strip_prefix('-').unwrap_or(trimmed)) {
        Some(now - stretch)
    } else {
        date_and_time(trimmed)
    };
    read.filter(|time| (0.0..=LATEST).contains(time))
        .ok_or_else(|| Error::invalid(what, format!("{text:?}"), TIMES))
}

/// Reads a stretch of time: `500ms`, `10s`, `1m`, `1h30m`, `7d`, `2w`, `1y` (365 days), or a
/// number of seconds. Returns seconds, more than 0.
///
/// # Errors
/// `InvalidArgument` naming `what`.
pub fn parse_duration(what: &'static str, text: &str) -> Result<f64> {
    let trimmed = text.trim();
    let read = trimmed.parse::<f64>().ok().or_else(|| stretch(trimmed));
    read.filter(|seconds| *seconds > 0.0 && *seconds <= LONGEST)
        .ok_or_else(|| Error::invalid(what, format!("{text:?}"), STRETCHES))
}

/// What follows `now`: nothing, or a stretch with its sign.
fn after_now(rest: &str) -> Option<f64> {
    if rest.is_empty() {
        return Some(0.0);
    }
    let signed = |sign: char, factor: f64| {
        let rest = rest.strip_prefix(sign)?;
        Some(stretch(rest.trim_start())? * factor)
    };
    signed('-', -1.0).or_else(|| signed('+', 1.0))
}

/// Numbers, each with its unit: `1d12h`.
fn stretch(text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        seconds += number * seconds_of(&rest[..letters])?;
        rest = &rest[letters..];
    }
    (!text.is_empty() && seconds.is_finite()).then_some(seconds)
}

fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "w" => 7.0 * 86_400.0,
        "y" => 365.0 * 86_400.0,
        _ => return None,
    })
}

/// RFC 3339, with `T`, `t` or a blank between date and time.
fn date_and_time(text: &str) -> Option<f64> {
    let mut reader = Digits(text);
    let (year, month, day) = (
        reader.number(4)?,
        reader.after('-', 2)?,
        reader.after('-', 2)?,
    );
    reader.one_of("Tt ")?;
    let (hour, minute) = (reader.number(2)?, reader.after(':', 2)?);
    let second = reader.after(':', 2)?;
    let fraction = reader.fraction()?;
    let offset = reader.offset()?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of_month = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => 31,
    };
    // A leap second (60) counts as the first of the next minute, as Unix time has it.
    let fits = (1..=12).contains(&month)
        && (1..=days_of_month).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !fits {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some((seconds - offset) as f64 + fraction)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years begin in March here, so
/// that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The rest of a text that is read from its beginning.
struct Digits<'a>(&'a str);

impl Digits<'_> {
    fn one_of(&mut self, wanted: &str) -> Option<char> {
        let first = self.0.chars().next().filter(|c| wanted.contains(*c))?;
        self.0 = &self.0[first.len_utf8()..];
        Some(first)
    }

    fn number(&mut self, digits: usize) -> Option<i64> {
        let number = self.0.get(..digits)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = &self.0[digits..];
        number.parse().ok()
    }

    fn after(&mut self, mark: char, digits: usize) -> Option<i64> {
        self.one_of(mark.encode_utf8(&mut [0; 4]))?;
        self.number(digits)
    }

    fn fraction(&mut self) -> Option<f64> {
        if !self.0.starts_with('.') {
            return Some(0.0);
        }
        let rest = &self.0[1..];
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let fraction = self.0[..=digits].parse().ok().filter(|_| digits > 0)?;
        self.0 = &rest[digits..];
        Some(fraction)
    }

    /// Seconds that the local time is ahead of UTC; nothing may follow.
    fn offset(&mut self) -> Option<i64> {
        let seconds = match self.one_of("Zz+-")? {
            '+' => self.hours_and_minutes()?,
            '-' => -self.hours_and_minutes()?,
            _ => 0,
        };
        self.0.is_empty().then_some(seconds)
    }

    fn hours_and_minutes(&mut self) -> Option<i64> {
        let (hours, minutes) = (self.number(2)?, self.after(':', 2)?);
        (hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: f64 = 1_795_000_000.0;

    fn time(text: &str) -> Option<f64> {
        parse_time("since", text, NOW).ok()
    }

    #[test]
    fn times_are_read_in_every_form() {
        for (text, wanted) in [
            ("1795000000.5", 1_795_000_000.5),
            ("0", 0.0),
            ("now", NOW),
            (" now ", NOW),
            ("90s", NOW - 90.0),
            ("15m", NOW - 900.0),
            ("24h", NOW - 86_400.0),
            ("-24h", NOW - 86_400.0),
            ("1d12h", NOW - 129_600.0),
            ("2w", NOW - 1_209_600.0),
            ("now-1h", NOW - 3600.0),
            ("now - 1h30m", NOW - 5400.0),
            ("now+5m", NOW + 300.0),
            // By `date -u -d … +%s`.
            ("2026-11-23T14:05:00Z", 1_795_442_700.0),
            ("2026-11-23 14:05:00.25+01:30", 1_795_437_300.25),
            ("2024-02-29t23:59:60z", 1_709_251_200.0),
            ("1970-01-01T00:00:00-01:00", 3600.0),
            ("2000-03-01T00:00:00Z", 951_868_800.0),
        ] {
            assert_eq!(time(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_by_name() {
        for text in [
            "",
            "-5",
            "1e300",
            "inf",
            "nan",
            "100y",
            "now-",
            "now 1h",
            "nowadays",
            "12x",
            "1h2",
            "h",
            "--1h",
            "2026-11-23",
            "2026-11-23T14:05:00",
            "2026-11-23T14:05Z",
            "2026-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T14:05:00.Z",
            "2026-11-23T14:05:00Z+01:00",
            "2026-11-23T14:05:00+1:00",
            "1969-12-31T23:59:59Z",
            "20é6-11-23T14:05:00Z",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
        let error = parse_time("until", "yesterday", NOW).unwrap_err();
        assert!(error.to_string().starts_with("until: \"yesterday\""));
    }

    #[test]
    fn stretches_are_read_with_any_units() {
        for (text, wanted) in [
            ("1m", 60.0),
            ("10s", 10.0),
            ("10", 10.0),
            ("0.5", 0.5),
            ("500ms", 0.5),
            ("1h30m", 5400.0),
            ("1.5h", 5400.0),
            ("10min", 600.0),
            ("1y", 31_536_000.0),
        ] {
            assert_eq!(parse_duration("step", text).unwrap(), wanted, "{text}");
        }
        for text in [
            "", "0", "0s", "-1m", "1.2.3s", "m", "1 m", "1M", "1e99", "101y", "nan",
        ] {
            assert!(parse_duration("step", text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn days_are_counted_one_by_one(days in 0i64..2_000_000) {
            // The calendar by walking it year by year and month by month.
            let (mut year, mut month, mut rest) = (1970, 1, days);
            let length = |year: i64, month: i64| match month {
                2 if year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            while rest >= length(year, month) {
                rest -= length(year, month);
                (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            }
            prop_assert_eq!(days_since_1970(year, month, rest + 1), days);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|[0-9TZ:. +-]*|now\\PC*") {
            let _ = parse_time("since", &text, NOW);
            let _ = parse_duration("step", &text);
        }
    }
}
