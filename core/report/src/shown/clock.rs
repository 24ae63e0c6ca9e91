//! Times in words, in a zone.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use super::UNKNOWN;

fn zoned(unix_seconds: f64, zone: &TimeZone) -> Option<ZonedDateTime> {
    let is_known = unix_seconds.is_finite() && unix_seconds != 0.0;
    let stamp = is_known
        .then(|| Timestamp::from_second(unix_seconds.floor() as i64).ok())
        .flatten()?;
    Some(stamp.to_zoned_datetime(zone.clone()))
}

fn form(unix_seconds: f64, zone: &TimeZone, form: &str) -> String {
    match zoned(unix_seconds, zone) {
        Some(time) => time.strftime(form).to_string(),
        None => UNKNOWN.into(),
    }
}

/// `2026-11-23 14:05:00 UTC`.
pub fn time_of(unix_seconds: f64, zone: &TimeZone) -> String {
    form(unix_seconds, zone, "%Y-%m-%d %H:%M:%S %Z")
}

/// `2026-11-23 14:05`, for tables.
pub fn minute_of(unix_seconds: f64, zone: &TimeZone) -> String {
    form(unix_seconds, zone, "%Y-%m-%d %H:%M")
}

/// `2026-11-23 14:05:07`, for tables of what is seconds apart.
pub fn second_of(unix_seconds: f64, zone: &TimeZone) -> String {
    form(unix_seconds, zone, "%Y-%m-%d %H:%M:%S")
}

/// `2026-11-23T14:05:00Z`, for programs.
pub fn rfc3339(unix_seconds: f64) -> String {
    form(unix_seconds, &TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ")
}
