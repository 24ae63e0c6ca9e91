//! Times and stretches of time in words, in this machine's time zone.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use usm_core::Error;
use usm_core::history::{parse_duration, parse_time};

use crate::failure::{Failure, Outcome};
use crate::status::time_of;

/// What is taken, for help texts and errors.
pub(crate) const FORMS: &str = "a time such as \"2026-11-23 14:05\", 14:05, \"yesterday 14:05\", \
     \"2h ago\", 24h (before now), now, an RFC 3339 time or Unix seconds";

const DATES_AND_TIMES: [&str; 4] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
];

const TIMES: [&str; 2] = ["%H:%M:%S%.f", "%H:%M"];

/// Seconds since 1970 by the wall clock.
pub(crate) fn now() -> f64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// A time that an option gives, in Unix seconds.
pub(crate) fn moment(option: &'static str, text: &str) -> Outcome<f64> {
    moment_at(option, text, now(), &TimeZone::system())
}

/// What --since and --until say, before it is known what there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    since: Option<f64>,
    until: Option<f64>,
}

/// From when to before when, Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) since: f64,
    pub(crate) until: f64,
}

impl Asked {
    pub(crate) fn of(since: Option<&str>, until: Option<&str>) -> Outcome<Asked> {
        Ok(Asked {
            since: since.map(|text| moment("--since", text)).transpose()?,
            until: until.map(|text| moment("--until", text)).transpose()?,
        })
    }

    /// Is either given?
    pub(crate) fn is_given(self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// The range, with these where nothing was said; the beginning may follow from the end.
    pub(crate) fn or(self, since: impl FnOnce(f64) -> f64, until: f64) -> Outcome<Range> {
        let until = self.until.unwrap_or(until);
        let since = self.since.unwrap_or_else(|| since(until));
        match since < until {
            true => Ok(Range { since, until }),
            false => Err(Failure::usage(
                &format!(
                    "the range would end before it begins: {} to {}",
                    time_of(since),
                    time_of(until)
                ),
                Some("--since is the earlier time, --until the later one"),
            )),
        }
    }
}

fn moment_at(option: &'static str, text: &str, now: f64, zone: &TimeZone) -> Outcome<f64> {
    let trimmed = text.trim();
    let plain = trimmed
        .strip_suffix(" ago")
        .or_else(|| trimmed.strip_suffix(" before now"))
        .unwrap_or(trimmed);
    if let Ok(seconds) = parse_time(option, plain, now) {
        return Ok(seconds);
    }
    if let Ok(stamp) = trimmed.parse::<Timestamp>() {
        return Ok(stamp.as_microsecond() as f64 / 1e6);
    }
    let today = Timestamp::from_second(now as i64)
        .ok()
        .map(|stamp| stamp.to_zoned_datetime(zone.clone()).datetime());
    today
        .and_then(|today| local(&trimmed.to_ascii_lowercase(), today))
        .and_then(|time| time.to_zoned_datetime(zone.clone()).ok())
        .map(|zoned| zoned.timestamp().as_microsecond() as f64 / 1e6)
        .ok_or_else(|| {
            let message = format!("{option}: {text:?} is not allowed: {FORMS}");
            Failure::usage(&message, None)
        })
}

/// A date, a time or both, as the clock on the wall shows them.
fn local(text: &str, now: DateTime) -> Option<DateTime> {
    let upper = text.to_ascii_uppercase();
    let whole = DATES_AND_TIMES
        .iter()
        .find_map(|form| DateTime::strptime(form, &upper).ok());
    if whole.is_some() {
        return whole;
    }
    let (day, time) = match text.split_once(' ') {
        Some((day, time)) => (date(day, now.date())?, time_of_day(time.trim())?),
        None => match time_of_day(text) {
            // The last one: history is of the past.
            Some(time) if DateTime::from_parts(now.date(), time) > now => {
                (now.date().yesterday().ok()?, time)
            }
            Some(time) => (now.date(), time),
            None => (date(text, now.date())?, Time::midnight()),
        },
    };
    Some(DateTime::from_parts(day, time))
}

fn time_of_day(text: &str) -> Option<Time> {
    TIMES
        .iter()
        .find_map(|form| Time::strptime(form, text).ok())
}

/// `today`, `yesterday`, a day of the week (the last one before today), or a date.
fn date(text: &str, today: Date) -> Option<Date> {
    let weekday = match text {
        "today" => return Some(today),
        "yesterday" => return today.yesterday().ok(),
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return Date::strptime("%Y-%m-%d", text).ok(),
    };
    let days = match i64::from(weekday.until(today.weekday())) {
        0 => 7,
        days => days,
    };
    today.checked_sub(days.days()).ok()
}

/// A stretch of time such as `90`, `90s`, `15m` or `1h30m`, in seconds.
pub(crate) fn stretch(text: &str) -> Result<f64, String> {
    parse_duration("stretch", text).map_err(|error| match error {
        Error::InvalidArgument { allowed, .. } => allowed,
        other => other.to_string(),
    })
}

/// A stretch of time in its greatest units that it fills: `10 s`, `1 h 30 min`, `7 d`.
pub(crate) fn in_words(seconds: f64) -> String {
    if seconds < 1.0 || seconds.fract() != 0.0 {
        return format!("{seconds} s");
    }
    let all = seconds as u64;
    let parts = [
        (all / 86_400, "d"),
        (all / 3600 % 24, "h"),
        (all / 60 % 60, "min"),
        (all % 60, "s"),
    ];
    let shown = parts.iter().filter(|(count, _)| *count > 0);
    let texts: Vec<String> = shown
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 2026-11-23 14:05:00 in UTC, 15:05 in Berlin.
    const THEN: f64 = 1_795_442_700.0;

    fn berlin(text: &str) -> Option<f64> {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        moment_at("--since", text, THEN, &zone).ok()
    }

    #[test]
    fn dates_and_times_are_of_the_machines_own_zone() {
        let hour = 3600.0;
        for (text, wanted) in [
            ("2026-11-23 15:05", THEN),
            ("2026-11-23T15:05:00", THEN),
            ("2026-11-23 15:05:30.5", THEN + 30.5),
            ("2026-11-23", THEN - 15.0 * hour - 300.0),
            ("15:00", THEN - 300.0),
            ("today 15:00", THEN - 300.0),
            // It is not that late yet: yesterday's.
            ("16:05", THEN - 23.0 * hour),
            ("yesterday 15:05", THEN - 24.0 * hour),
            ("Yesterday", THEN - 39.0 * hour - 300.0),
            ("sunday 15:05", THEN - 24.0 * hour),
            ("Mon 15:05", THEN - 7.0 * 24.0 * hour),
            ("2026-07-01 12:00", 1_782_900_000.0),
        ] {
            assert_eq!(berlin(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_stretch_is_told_in_the_units_that_it_fills() {
        for (seconds, wanted) in [
            (0.5, "0.5 s"),
            (10.0, "10 s"),
            (600.0, "10 min"),
            (5400.0, "1 h 30 min"),
            (604_800.0, "7 d"),
        ] {
            assert_eq!(in_words(seconds), wanted);
        }
    }

    #[test]
    fn an_offset_in_the_text_goes_before_the_zone() {
        assert_eq!(berlin("2026-11-23T14:05:00Z"), Some(THEN));
        assert_eq!(berlin("2026-11-23 16:05+02:00"), Some(THEN));
    }

    #[test]
    fn what_is_no_time_is_refused_with_what_would_be_one() {
        for text in [
            "",
            "soon",
            "2026-13-01",
            "25:00",
            "yesterday 25:00",
            "1 2 3",
            "2026-11-23 ",
        ] {
            let zone = TimeZone::UTC;
            match moment_at("--since", text, THEN, &zone) {
                Ok(time) if text == "2026-11-23 " => assert!(time < THEN),
                Ok(time) => panic!("{text:?} gave {time}"),
                Err(failure) => {
                    assert!(failure.text().unwrap().contains("--since"), "{failure:?}");
                    assert_eq!(failure.code(), 2);
                }
            }
        }
    }
}
