//! Times in words, the same in every language and on the command line.

use crate::{Error, Result};

/// Reads a time: Unix seconds (`1795000000.5`), a stretch before now (`90s`, `15m`, `24h`,
/// `7d`, `2w`, `1d12h`), `now`, `now-1h`, or an RFC 3339 date and time with its offset
/// (`2026-11-23T14:05:00Z`). Returns Unix seconds. Dates in local time are the caller's
/// business: they need the time zone's rules.
///
/// # Errors
/// `InvalidArgument` naming `what`.
pub fn parse_time(what: &'static str, text: &str, _now: f64) -> Result<f64> {
    Err(Error::invalid(what, text, "not written yet"))
}
