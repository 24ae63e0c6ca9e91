//! What is asked of the history, as C writes it, and times in words.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::Error;
use usm_core::history::{Aggregate, Query, Selector, parse_duration, parse_time};
use usm_core::series::Tier;

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::out;
use crate::plain::{self, PlainSize};
use crate::status::usm_status;
use crate::text;

/// A question about series over a range of time. Begin with usm_query_init(); then only
/// `select` and `select_count` must be set.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_query {
    /// sizeof(usm_query) in the caller's program, as usm_query_init() sets it.
    pub struct_size: u32,
    /// Only from this tier: USM_TIER_...; USM_TIER_ANY: the finest that covers the range, or
    /// the coarsest that divides the step.
    pub tier: u32,
    /// The series: names, narrowed by labels where it is wanted: "cpu_percent",
    /// "core_busy_percent{core=\"0\"}", "process_rss_bytes{name=\"postgres*\"}". Each gives one
    /// column for each series that it matches.
    pub select: *const *const c_char,
    /// Number of texts in `select`.
    pub select_count: usize,
    /// From this time on, seconds since 1970; 0 for the beginning.
    pub since: f64,
    /// To before this time, seconds since 1970; 0 for the end.
    pub until: f64,
    /// Width of a row in seconds, at least 0.001; 0: the rows as they are.
    pub step_seconds: f64,
    /// How the values of a step become one: "mean", "min", "max", "last", "sum", "count",
    /// "median", "p95", "p99.9"; NULL for "mean".
    pub aggregate: *const c_char,
    /// Puts the columns of one metric together that agree in these labels: their names. Only
    /// with `combine`.
    pub by: *const *const c_char,
    /// Number of texts in `by`; 0: all columns of a metric are put together.
    pub by_count: usize,
    /// How the values of columns that are put together become one, as `aggregate`; NULL: the
    /// columns stay apart.
    pub combine: *const c_char,
    /// Only so many columns of each metric: those whose mean over the range is greatest; 0 for
    /// all.
    pub top: u64,
    /// 1: of a counter the increase per second, where a reset gives a gap, not a fall; 0: the
    /// values.
    pub rate: i32,
    /// 0.
    pub reserved: u32,
}

const QUERY: PlainSize = PlainSize {
    least: offset_of!(usm_query, step_seconds),
    allowed: "sizeof(usm_query); call usm_query_init() first",
};

/// What usm_query_init() makes.
const NOTHING: usm_query = usm_query {
    struct_size: size_of::<usm_query>() as u32,
    tier: 0,
    select: std::ptr::null(),
    select_count: 0,
    since: 0.0,
    until: 0.0,
    step_seconds: 0.0,
    aggregate: std::ptr::null(),
    by: std::ptr::null(),
    by_count: 0,
    combine: std::ptr::null(),
    top: 0,
    rate: 0,
    reserved: 0,
};

/// More texts than this are a mistake, not a query.
const MOST_TEXTS: usize = 1 << 20;

/// Reads a time in words: seconds since 1970 ("1795000000.5"), a stretch before now ("90s",
/// "24h", "1d12h"; see usm_parse_duration()), "now", "now-1h", or a date and time with its
/// offset (RFC 3339, "2026-11-23T14:05:00Z").
///
/// - text: the words.
/// - now: what they are relative to, seconds since 1970.
/// - time: takes seconds since 1970.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_parse_time(
    text: *const c_char,
    now: f64,
    time: *mut f64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let time = unsafe { out(time, "time")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let text = unsafe { text::read(text, "text")? };
        time.write(parse_time("text", text, now)?);
        Ok(())
    })
}

/// Reads a length of time in words: "500ms", "90s", "15m", "24h", "7d", "2w", "1y", "1d12h", or
/// a number of seconds.
///
/// - text: the words.
/// - seconds: takes the length.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_parse_duration(text: *const c_char, seconds: *mut f64) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let seconds = unsafe { out(seconds, "seconds")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let text = unsafe { text::read(text, "text")? };
        seconds.write(parse_duration("text", text)?);
        Ok(())
    })
}

/// The end of a range, of which 0 says that there is none.
pub(crate) fn end_of(until: f64) -> f64 {
    match until == 0.0 {
        true => NO_END,
        false => until,
    }
}

/// The end of the year 9999.
const NO_END: f64 = 253_402_300_800.0;

/// The query as the core has it.
///
/// # Safety
/// `query` is NULL or points to a struct of as many bytes as it says, whose texts and arrays
/// are as its fields say.
pub(crate) unsafe fn query_of(query: *const usm_query) -> Result<Query, Failure> {
    // SAFETY: by this function's contract.
    let asked = unsafe { plain::read(query, "query", QUERY, NOTHING)? };
    // SAFETY: by this function's contract.
    let select = unsafe { texts(asked.select, asked.select_count, "select")? };
    if select.is_empty() {
        return Err(Error::invalid("select_count", 0, "at least one series").into());
    }
    // SAFETY: by this function's contract.
    let combine = unsafe { aggregate(asked.combine, "combine")? };
    // SAFETY: by this function's contract.
    let by = unsafe { texts(asked.by, asked.by_count, "by")? };
    if !by.is_empty() && combine.is_none() {
        let allowed = "0 where columns stay apart: by needs combine";
        return Err(Error::invalid("by_count", by.len(), allowed).into());
    }
    let selectors = select.into_iter().map(Selector::parse);
    Ok(Query {
        select: selectors.collect::<Result<_, _>>()?,
        since: asked.since,
        until: end_of(asked.until),
        step_seconds: (asked.step_seconds != 0.0).then_some(asked.step_seconds),
        // SAFETY: by this function's contract.
        aggregate: unsafe { aggregate(asked.aggregate, "aggregate")? }.unwrap_or_default(),
        rate: asked.rate != 0,
        by: combine.map(|_| by.into_iter().map(str::to_string).collect()),
        combine: combine.unwrap_or(Aggregate::Sum),
        top: (asked.top != 0).then(|| usize::try_from(asked.top).unwrap_or(usize::MAX)),
        tier: tier_of(asked.tier)?,
    })
}

fn tier_of(number: u32) -> Result<Option<Tier>, Failure> {
    let Some(code) = number.checked_sub(1) else {
        return Ok(None);
    };
    match u8::try_from(code).ok().and_then(Tier::from_code) {
        Some(tier) => Ok(Some(tier)),
        None => Err(Error::invalid("tier", number, "one of USM_TIER_...").into()),
    }
}

/// # Safety
/// As for [`text::read_optional`].
unsafe fn aggregate(words: *const c_char, field: &str) -> Result<Option<Aggregate>, Failure> {
    // SAFETY: by this function's contract.
    let words = unsafe { text::read_optional(words, field)? };
    Ok(words.map(Aggregate::parse).transpose()?)
}

/// The texts of an array.
///
/// # Safety
/// `array` is NULL or points to `count` texts that stay as they are during `'a`.
unsafe fn texts<'a>(
    array: *const *const c_char,
    count: usize,
    field: &str,
) -> Result<Vec<&'a str>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if array.is_null() {
        return Err(Failure::null(field));
    }
    if !array.is_aligned() {
        return Err(Failure::unaligned(field));
    }
    if count > MOST_TEXTS {
        return Err(Error::invalid(field, count, "as many texts as there are").into());
    }
    // SAFETY: neither NULL nor unaligned, and of `count` texts by this function's contract.
    let array = unsafe { std::slice::from_raw_parts(array, count) };
    // SAFETY: by this function's contract.
    let texts = array.iter().map(|text| unsafe { text::read(*text, field) });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELECT: [*const c_char; 1] = [c"cpu_percent".as_ptr()];

    fn asked() -> usm_query {
        usm_query {
            select: SELECT.as_ptr(),
            select_count: 1,
            ..NOTHING
        }
    }

    fn read(query: &usm_query) -> Result<Query, Failure> {
        // SAFETY: the structs and texts of these tests are there.
        unsafe { query_of(query) }
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        let query = read(&asked()).unwrap();
        assert_eq!(query.select[0].metric, "cpu_percent");
        assert_eq!((query.since, query.until), (0.0, NO_END));
        assert_eq!(
            (query.step_seconds, query.by, query.top),
            (None, None, None)
        );
        assert_eq!((query.aggregate, query.tier), (Aggregate::Mean, None));
        assert!(!query.rate);
    }

    #[test]
    fn everything_that_is_set_arrives() {
        let by = [c"core".as_ptr(), c"device".as_ptr()];
        let query = read(&usm_query {
            tier: 3,
            since: 1.0,
            until: 2.0,
            step_seconds: 60.0,
            aggregate: c"max".as_ptr(),
            by: by.as_ptr(),
            by_count: 2,
            combine: c"mean".as_ptr(),
            top: 5,
            rate: 1,
            ..asked()
        })
        .unwrap();
        assert_eq!((query.since, query.until), (1.0, 2.0));
        assert_eq!((query.step_seconds, query.top), (Some(60.0), Some(5)));
        assert_eq!(
            (query.aggregate, query.combine),
            (Aggregate::Max, Aggregate::Mean)
        );
        assert_eq!(query.by.unwrap(), ["core", "device"]);
        assert_eq!((query.tier, query.rate), (Some(Tier::Minute), true));
    }

    #[test]
    fn combine_alone_puts_all_together_and_by_alone_is_refused() {
        let combine = c"sum".as_ptr();
        let all = read(&usm_query { combine, ..asked() }).unwrap();
        assert_eq!(all.by, Some(Vec::new()));
        let by = [c"core".as_ptr()];
        let alone = usm_query {
            by: by.as_ptr(),
            by_count: 1,
            ..asked()
        };
        assert!(read(&alone).is_err());
    }

    #[test]
    fn what_is_no_query_is_refused() {
        let missing = [c"cpu_percent".as_ptr(), std::ptr::null()];
        for wrong in [
            NOTHING,
            usm_query {
                select_count: 1,
                ..NOTHING
            },
            usm_query {
                select: missing.as_ptr(),
                select_count: 2,
                ..asked()
            },
            usm_query {
                select_count: usize::MAX,
                ..asked()
            },
            usm_query { tier: 5, ..asked() },
            usm_query {
                tier: u32::MAX,
                ..asked()
            },
            usm_query {
                struct_size: 4,
                ..asked()
            },
            usm_query {
                aggregate: c"meen".as_ptr(),
                ..asked()
            },
        ] {
            assert!(read(&wrong).is_err(), "{wrong:?}");
        }
    }
}
