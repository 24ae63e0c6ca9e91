//! Text for places where a control character would be a command, and stamps for people.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY_SECONDS: u64 = 86_400;

/// The last second of the year 9999.
const LAST_SECOND: f64 = 253_402_300_799.0;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The text on one line, without what a terminal, a header or a log would obey, and cut to
/// `most` characters.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    cut(text, most, |c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_command(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    })
}

/// As [`one_line`], but ends of lines remain, as `\n`.
pub(crate) fn lines(text: &str, most: usize) -> String {
    cut(&text.replace("\r\n", "\n"), most, |c| match c {
        '\n' => c,
        '\r' => '\n',
        '\t' => ' ',
        c if is_command(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    })
}

fn cut(text: &str, most: usize, clean: impl Fn(char) -> char) -> String {
    let mut rest = text.chars();
    let mut out: String = rest.by_ref().take(most).map(clean).collect();
    if rest.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}

/// Control characters, and those that turn the order or the lines of a text.
fn is_command(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

/// The wall clock.
pub(crate) fn unix_seconds() -> f64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}

/// The name of this host; empty when it has none.
pub(crate) fn host_name() -> String {
    one_line(&rustix::system::uname().nodename().to_string_lossy(), 255)
}

/// `2026-11-28 16:29:44 UTC`; `None` for what is no stamp.
pub(crate) fn utc(stamp: f64) -> Option<String> {
    let Civil {
        year,
        month,
        day,
        second,
        ..
    } = civil(stamp)?;
    let (hour, minute, second) = clock(second);
    Some(format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC"
    ))
}

/// The date as a mail's header wants it (RFC 5322 §3.3).
pub(crate) fn mail_date(stamp: f64) -> Option<String> {
    let date = civil(stamp)?;
    let (hour, minute, second) = clock(date.second);
    Some(format!(
        "{}, {:02} {} {:04} {hour:02}:{minute:02}:{second:02} +0000",
        WEEKDAYS[date.weekday],
        date.day,
        MONTHS[date.month - 1],
        date.year
    ))
}

/// Unix seconds of a date in HTTP's preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(text: &str) -> Option<u64> {
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: u64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let year: u64 = words.next()?.parse().ok()?;
    let mut clock = words
        .next()?
        .split(':')
        .map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next() != Some("GMT") || clock.next().is_some() {
        return None;
    }
    let is_a_date = (1970..=9999).contains(&year)
        && (1..=month_days(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_a_date {
        return None;
    }
    let days = (1970..year).map(year_days).sum::<u64>()
        + (1..month).map(|month| month_days(year, month)).sum::<u64>()
        + day
        - 1;
    Some(days * DAY_SECONDS + hour * 3600 + minute * 60 + second)
}

struct Civil {
    year: u64,
    month: usize,
    day: u64,
    weekday: usize,
    /// Second of the day.
    second: u64,
}

fn civil(stamp: f64) -> Option<Civil> {
    if !(0.0..=LAST_SECOND).contains(&stamp) {
        return None;
    }
    let seconds = stamp as u64;
    let days = seconds / DAY_SECONDS;
    let (mut year, mut month, mut rest) = (1970, 1, days);
    while rest >= year_days(year) {
        rest -= year_days(year);
        year += 1;
    }
    while rest >= month_days(year, month) {
        rest -= month_days(year, month);
        month += 1;
    }
    Some(Civil {
        year,
        month,
        day: rest + 1,
        // The first of January 1970 was a Thursday.
        weekday: ((days + 3) % 7) as usize,
        second: seconds % DAY_SECONDS,
    })
}

fn clock(second: u64) -> (u64, u64, u64) {
    (second / 3600, second / 60 % 60, second % 60)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn year_days(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_days(year: u64, month: usize) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_replaced() {
        assert_eq!(
            one_line("a\u{1b}[2Jb\r\nc\u{202e}d\u{9b}", 99),
            "a\u{fffd}[2Jb  c\u{fffd}d\u{fffd}"
        );
        assert_eq!(lines("a\r\nb\rc\u{7}", 99), "a\nb\nc\u{fffd}");
    }

    #[test]
    fn long_text_is_cut_at_a_character_with_a_mark() {
        assert_eq!(one_line("äöüß", 4), "äöüß");
        assert_eq!(one_line("äöüßx", 4), "äöü…");
    }

    #[test]
    fn stamps_are_dates_and_nonsense_is_none() {
        // Held against `date -u -d @… `.
        assert_eq!(utc(951_827_696.9).unwrap(), "2000-02-29 12:34:56 UTC");
        assert_eq!(utc(0.0).unwrap(), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(LAST_SECOND).unwrap(), "9999-12-31 23:59:59 UTC");
        assert_eq!(
            mail_date(951_827_696.0).unwrap(),
            "Tue, 29 Feb 2000 12:34:56 +0000"
        );
        for nonsense in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            assert_eq!(utc(nonsense), None);
        }
    }

    #[test]
    fn an_http_date_is_read_and_a_wrong_one_is_none() {
        assert_eq!(
            http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777)
        );
        for wrong in [
            "",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 99999999999 08:49:37 GMT",
        ] {
            assert_eq!(http_date(wrong), None, "{wrong}");
        }
    }
}
