//! Dates as SQLite's CURRENT_TIMESTAMP and Python's isoformat write them.

/// Unix seconds of `YYYY-MM-DD`, with ` HH:MM:SS`, a fraction and an offset from UTC if it is
/// there. Without one it is UTC, as CURRENT_TIMESTAMP is.
pub(super) fn unix_seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-').map(digits);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    if rest.is_empty() {
        return Some((days * 86_400) as f64);
    }
    let rest = rest.strip_prefix([' ', 'T'])?;
    let (clock, offset) = match rest.find(['Z', '+', '-']) {
        Some(at) => (&rest[..at], offset_seconds(&rest[at..])?),
        None => (rest, 0),
    };
    let mut parts = clock.trim_end().split(':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let second: f64 = match parts.next() {
        Some(text) if text.starts_with(|c: char| c.is_ascii_digit()) => text.parse().ok()?,
        Some(_) => return None,
        None => 0.0,
    };
    if parts.next().is_some() || hour > 23 || minute > 59 || second >= 61.0 {
        return None;
    }
    Some((days * 86_400 + hour * 3600 + minute * 60 - offset) as f64 + second)
}

fn digits(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn offset_seconds(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text[1..].split_once(':')?;
    Some(sign * (digits(hours)? * 3600 + digits(minutes)? * 60))
}

/// Days since 1970-01-01 of the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_sqlite_and_of_python_are_read() {
        for (text, seconds) in [
            ("1970-01-01", 0.0),
            ("2024-02-29 00:00:00", 1_709_164_800.0),
            ("2024-09-10 12:34:56", 1_725_971_696.0),
            ("2024-09-10T12:34:56.25", 1_725_971_696.25),
            ("2024-09-10T12:34:56Z", 1_725_971_696.0),
            ("2024-09-10 14:34:56+02:00", 1_725_971_696.0),
            ("2024-09-10T06:34:56-06:00", 1_725_971_696.0),
            ("2000-03-01 00:00", 951_868_800.0),
        ] {
            assert_eq!(unix_seconds(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "yesterday",
            "2024-13-01",
            "2024-00-01",
            "2024-01-32",
            "2024-01-01 25:00:00",
            "2024-01-01 10",
            "2024-01-01 10:00:inf",
            "2024-01-01 10:00:00+2",
            "2024-1-1",
            "ä024-01-01",
            "2024-01-01x10:00:00",
            "2024-01-01 10:00:00 PM",
        ] {
            assert_eq!(unix_seconds(text), None, "{text:?}");
        }
    }
}
