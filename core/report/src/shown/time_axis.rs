//! The axis of time: round times of the clock on the wall.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// Distances of marks within a day, seconds. Each divides the day.
const WITHIN_A_DAY: [i64; 17] = [
    1,
    2,
    5,
    10,
    15,
    30,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
];

/// Distances in days, and in months.
const DAYS: [i64; 4] = [1, 2, 7, 14];
const MONTHS: [i64; 7] = [1, 3, 6, 12, 24, 60, 120];

/// Columns between two labels at least.
const BETWEEN: f64 = 3.0;

/// Most marks that any axis has: a bound for what comes in.
const MOST: usize = 400;

/// Times to mark between two Unix times on an axis of so many columns, each with its label.
pub fn marks(since: f64, until: f64, columns: usize, zone: &TimeZone) -> Vec<(f64, String)> {
    let seconds = until - since;
    // A negative one as well, and NaN.
    if !(seconds > 0.0 && since.abs() < 1e11 && until.abs() < 1e11) {
        return Vec::new();
    }
    let room = |label: f64| seconds * (label + BETWEEN) / columns.max(1) as f64;
    let within = WITHIN_A_DAY
        .into_iter()
        .find(|step| *step as f64 >= room(if *step < MINUTE { 8.0 } else { 5.0 }));
    if let Some(step) = within {
        return within_days(since, until, step, zone);
    }
    let (days, months) = match DAYS
        .into_iter()
        .find(|days| (days * DAY) as f64 >= room(6.0))
    {
        Some(days) => (days, 0),
        None => {
            let fits = |months: &i64| {
                let label = if *months < 12 { 8.0 } else { 4.0 };
                (months * 30 * DAY) as f64 >= room(label)
            };
            (0, MONTHS.into_iter().find(fits).unwrap_or(120))
        }
    };
    dates(since, until, days, months, zone)
}

fn zoned(seconds: f64, zone: &TimeZone) -> Option<ZonedDateTime> {
    let stamp = Timestamp::from_second(seconds.floor() as i64).ok()?;
    Some(stamp.to_zoned_datetime(zone.clone()))
}

fn unix(at: DateTime, zone: &TimeZone) -> Option<f64> {
    let zoned = at.to_zoned_datetime(zone.clone()).ok()?;
    Some(zoned.timestamp().as_second() as f64)
}

fn within_days(since: f64, until: f64, step: i64, zone: &TimeZone) -> Vec<(f64, String)> {
    let mut marks = Vec::new();
    let Some(first) = zoned(since, zone) else {
        return marks;
    };
    // By the wall's clock, not by seconds: where an hour is put in or left out, the marks
    // after it are at round times again.
    let mut day = first.date();
    while marks.len() < MOST {
        for second in (0..DAY).step_by(step as usize) {
            let time = DateTime::from(day).checked_add(second.seconds());
            let Some(at) = time.ok().and_then(|time| unix(time, zone)) else {
                return marks;
            };
            if at >= until {
                return marks;
            }
            let is_known = marks.last().is_some_and(|(last, _)| at <= *last);
            if at >= since && !is_known && marks.len() < MOST {
                marks.push((at, label(second, step, day)));
            }
        }
        match day.tomorrow() {
            Ok(tomorrow) => day = tomorrow,
            Err(_) => break,
        }
    }
    marks
}

/// The date at midnight, the time otherwise.
fn label(second: i64, step: i64, day: Date) -> String {
    let (hour, minute, rest) = (second / HOUR, second / MINUTE % 60, second % 60);
    match step {
        _ if second == 0 => day.strftime("%b %-d").to_string(),
        step if step < MINUTE => format!("{hour:02}:{minute:02}:{rest:02}"),
        _ => format!("{hour:02}:{minute:02}"),
    }
}

/// Midnights so many days or months apart.
fn dates(since: f64, until: f64, days: i64, months: i64, zone: &TimeZone) -> Vec<(f64, String)> {
    let mut marks = Vec::new();
    let Some(first) = zoned(since, zone) else {
        return marks;
    };
    let mut date = match months {
        0 => first.date(),
        _ => first.date().first_of_year(),
    };
    if days % 7 == 0 && months == 0 {
        let past_monday = i64::from(date.weekday().to_monday_zero_offset());
        date = date.saturating_sub(past_monday.days());
    }
    while marks.len() < MOST {
        let Some(at) = unix(DateTime::from(date), zone).filter(|at| *at < until) else {
            break;
        };
        if at >= since {
            let form = match months {
                0 => "%b %-d",
                1..12 => "%b %Y",
                _ => "%Y",
            };
            marks.push((at, date.strftime(form).to_string()));
        }
        let span = if months == 0 {
            days.days()
        } else {
            months.months()
        };
        match date.checked_add(span) {
            Ok(next) => date = next,
            Err(_) => break,
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 14:05:00 in UTC.
    const THEN: f64 = 1_795_442_700.0;

    fn labels(since: f64, until: f64, columns: usize) -> Vec<String> {
        marks(since, until, columns, &TimeZone::UTC)
            .into_iter()
            .map(|(_, label)| label)
            .collect()
    }

    #[test]
    fn times_are_round_and_midnight_is_a_date() {
        assert_eq!(
            labels(THEN - 60.0, THEN, 70),
            [
                "14:04:00", "14:04:10", "14:04:20", "14:04:30", "14:04:40", "14:04:50"
            ]
        );
        assert_eq!(
            labels(THEN - 86_400.0, THEN, 40),
            ["18:00", "Nov 23", "06:00", "12:00"]
        );
        assert_eq!(
            labels(THEN - 6.0 * 86_400.0, THEN, 70),
            ["Nov 18", "Nov 19", "Nov 20", "Nov 21", "Nov 22", "Nov 23"]
        );
        assert_eq!(
            labels(THEN - 365.0 * 86_400.0, THEN, 70),
            ["Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026"]
        );
        assert_eq!(
            labels(THEN - 4.0 * 365.0 * 86_400.0, THEN, 40),
            ["2023", "2024", "2025", "2026"]
        );
    }

    #[test]
    fn where_the_clock_is_put_back_the_marks_stay_at_round_times() {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        // 2026-10-25 00:00 to 12:00 local time, thirteen hours.
        let since = 1_792_879_200.0;
        let found = marks(since, since + 13.0 * 3600.0, 40, &berlin);
        let labels: Vec<&str> = found.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["Oct 25", "03:00", "06:00", "09:00"]);
        assert_eq!(found[1].0 - found[0].0, 4.0 * 3600.0);
    }

    #[test]
    fn labels_never_run_into_each_other_and_odd_ranges_have_none() {
        for seconds in [0.5, 3.0, 59.0, 3600.0, 1e5, 1e6, 1e7, 1e8, 3e8] {
            for columns in [10, 33, 70, 200] {
                let found = marks(THEN - seconds, THEN, columns, &TimeZone::UTC);
                for pair in found.windows(2) {
                    let distance = (pair[1].0 - pair[0].0) / seconds * columns as f64;
                    let is_far = distance >= pair[0].1.len() as f64;
                    assert!(is_far, "{seconds} {columns} {pair:?}");
                }
            }
        }
        assert!(labels(THEN, THEN, 70).is_empty());
        assert!(labels(f64::NAN, THEN, 70).is_empty());
        assert!(labels(-1e300, 1e300, 70).is_empty());
    }
}
