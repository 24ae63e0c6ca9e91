//! What was: the history of a database or a recording.

use std::ffi::c_char;
use std::mem::offset_of;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::{Map, Value, json};
use usm_core::history::{History, PastState, Query, SeriesInfo, Table, TierExtent};
use usm_core::series::Tier;
use usm_core::{Error, Monitor};

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out, out_pointer};
use crate::history_query::{end_of, query_of, usm_query};
use crate::history_state::{Moment, usm_state};
use crate::history_table::{Answer, usm_table};
use crate::monitor::{in_own_process, usm_monitor};
use crate::owned::Owned;
use crate::plain::{self, PlainSize};
use crate::status::usm_status;
use crate::text;

/// Any tier: the library chooses.
pub const USM_TIER_ANY: u32 = 0;
/// Every sample as it was taken.
pub const USM_TIER_RAW: u32 = 1;
/// Stretches of 10 seconds.
pub const USM_TIER_TEN_SECONDS: u32 = 2;
/// Stretches of a minute.
pub const USM_TIER_MINUTE: u32 = 3;
/// Stretches of 10 minutes.
pub const USM_TIER_TEN_MINUTES: u32 = 4;

/// A database or a recording, opened for reading. Made by usm_history_open() or
/// usm_monitor_history(), ended by usm_history_free(). Any number of threads may use it; one
/// call is answered at a time. A handle is cheap: threads that read at the same time should
/// have one each.
pub struct usm_history {
    _opaque: (),
}

impl Opaque for usm_history {
    type Value = Source;
    const MAGIC: u64 = 0x7573_6d20_6869_7374;
    const NAME: &'static str = "usm_history";
}

/// Where the history comes from.
pub(crate) enum Source {
    File(Box<Owned<History>>),
    /// A monitor's own, which what is not committed yet belongs to.
    Monitor(Weak<Monitor>),
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Source>();
};

/// How much a tier holds.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_extent {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// USM_TIER_...
    pub tier: u32,
    /// Width of a row in seconds; 0 for samples as they were taken.
    pub step_seconds: f64,
    /// Beginning of the first row, seconds since 1970.
    pub first: f64,
    /// End of the last row, seconds since 1970.
    pub last: f64,
    /// Rows.
    pub rows: u64,
    /// Bytes that they take.
    pub bytes: u64,
}

const EXTENT: PlainSize = PlainSize {
    // Up to and with `last`.
    least: offset_of!(usm_extent, rows),
    allowed: "sizeof(usm_extent)",
};

/// Opens a database (unified_system.db in the data folder) or a recording for reading. Who
/// writes it is not held up.
///
/// - path: the file.
/// - history: takes the handle, to be ended by usm_history_free().
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND and the like for the file; USM_ERR_STORE when it is no
/// database; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_history_open(
    path: *const c_char,
    history: *mut *mut usm_history,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let history = unsafe { out_pointer(history, "history")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let path = unsafe { text::read(path, "path")? };
        let opened = Box::new(Owned::new(History::open(path)?));
        *history = new_handle(Source::File(opened))?;
        Ok(())
    })
}

/// Gives the history of a monitor, what it has not committed yet included. It does not keep
/// the monitor alive: after that is freed every call answers USM_ERR_INVALID_STATE.
///
/// - history: takes the handle, to be ended by usm_history_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_history(
    monitor: *const usm_monitor,
    history: *mut *mut usm_history,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let history = unsafe { out_pointer(history, "history")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        *history = new_handle(Source::Monitor(Arc::downgrade(&monitor)))?;
        Ok(())
    })
}

/// Ends a history. Tables and states that came from it stay.
///
/// - history: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_history_free(history: *mut *mut usm_history) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(history, "history") });
}

/// Copies how much each tier holds, from fine to coarse, into an array of the caller's: as
/// many as it holds, or all of them. A history that is empty has none.
///
/// - array: takes the extents; NULL when capacity is 0.
/// - element_size: sizeof(usm_extent) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
/// size that no version of this header has; USM_ERR_INVALID_STATE for a monitor that keeps
/// none or was freed; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_history_extents(
    history: *const usm_history,
    array: *mut usm_extent,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let source = unsafe { at(history)? };
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let count = unsafe { out(count, "count")? };
        plain::check_array(array, element_size, capacity, EXTENT)?;
        let extents = source.extents()?;
        for (at, extent) in extents.iter().take(capacity).enumerate() {
            let element = usm_extent::of(extent, element_size);
            // SAFETY: `at` is below capacity, so by the contract of the header the element is
            // the caller's to write.
            unsafe { plain::put(array, at, element_size, &element) };
        }
        count.write(extents.len());
        Ok(())
    })
}

impl usm_extent {
    /// An extent for an element of `element_size` bytes.
    fn of(extent: &TierExtent, element_size: usize) -> usm_extent {
        usm_extent {
            struct_size: size_of::<usm_extent>().min(element_size) as u32,
            tier: tier_number(extent.tier),
            step_seconds: extent.tier.seconds().map_or(0.0, f64::from),
            first: extent.first,
            last: extent.last,
            rows: extent.rows,
            bytes: extent.bytes,
        }
    }
}

/// Gives the series that have a value in a range as a JSON array of objects with the fields of
/// a column of usm_table_json(), "name", "metric", "labels", "unit" and "kind", and with
/// "help", what is measured.
///
/// - since: seconds since 1970; 0 for the beginning.
/// - until: seconds since 1970; 0 for the end.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_STATE for a monitor that keeps
/// no history or was freed; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_history_series_json(
    history: *const usm_history,
    since: f64,
    until: f64,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let series = unsafe { at(history)? }.list(since, end_of(until))?;
        let series: Vec<Value> = series.iter().map(described).collect();
        *json = text::give(text::json(&series)?)?;
        Ok(())
    })
}

/// A series with the fields of a table's column.
fn described(series: &SeriesInfo) -> Value {
    let labels = series.key.labels.iter();
    json!({
        "name": series.key.to_string(),
        "metric": series.key.metric,
        "labels": labels
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect::<Map<String, Value>>(),
        "unit": series.unit,
        "kind": series.kind,
        "help": series.help,
    })
}

/// Answers a query: one axis of time, and a column for each series.
///
/// - query: what is asked; begin with usm_query_init().
/// - table: takes the answer, to be ended by usm_table_free().
///
/// Returns: USM_OK, also when nothing was recorded then; USM_ERR_INVALID_ARGUMENT for a metric
/// that is not known (with the nearest names), a label, a range or a struct_size;
/// USM_ERR_INVALID_UTF8; USM_ERR_UNSUPPORTED for a field of a later version;
/// USM_ERR_INVALID_STATE for a monitor that keeps no history or was freed; USM_ERR_STORE;
/// USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_history_query(
    history: *const usm_history,
    query: *const usm_query,
    table: *mut *mut usm_table,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let table = unsafe { out_pointer(table, "table")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let source = unsafe { at(history)? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        let query = unsafe { query_of(query)? };
        *table = new_handle(Answer::new(source.query(&query)?))?;
        Ok(())
    })
}

/// Gives the whole state as it was at a moment: the newest sample at or before it. Of a time
/// of which only a coarser tier is left, it holds means (see usm_state_tier()), and the
/// processes are those that used most.
///
/// - time: seconds since 1970.
/// - state: takes the state, to be ended by usm_state_free().
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND when nothing was recorded then, with the nearest times
/// that were; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_STATE for a monitor that keeps no
/// history or was freed; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_history_state_at(
    history: *const usm_history,
    time: f64,
    state: *mut *mut usm_state,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let state = unsafe { out_pointer(state, "state")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let past = unsafe { at(history)? }.state_at(time)?;
        *state = new_handle(Moment::past(past))?;
        Ok(())
    })
}

impl Source {
    fn monitor(monitor: &Weak<Monitor>) -> Result<Arc<Monitor>, Failure> {
        let monitor = monitor
            .upgrade()
            .ok_or_else(|| Error::InvalidState("the monitor was freed".into()))?;
        monitor.check_process()?;
        Ok(monitor)
    }

    fn extents(&self) -> Result<Vec<TierExtent>, Failure> {
        Ok(match self {
            Source::File(history) => history.lock()?.extents()?,
            Source::Monitor(monitor) => Source::monitor(monitor)?.history_extents()?,
        })
    }

    fn list(&self, since: f64, until: f64) -> Result<Vec<SeriesInfo>, Failure> {
        Ok(match self {
            Source::File(history) => history.lock()?.list(since, until)?,
            Source::Monitor(monitor) => Source::monitor(monitor)?.series(since, until)?,
        })
    }

    fn query(&self, query: &Query) -> Result<Table, Failure> {
        Ok(match self {
            Source::File(history) => history.lock()?.query(query)?,
            Source::Monitor(monitor) => Source::monitor(monitor)?.query(query)?,
        })
    }

    fn state_at(&self, time: f64) -> Result<PastState, Failure> {
        Ok(match self {
            Source::File(history) => history.lock()?.state_at(time)?,
            Source::Monitor(monitor) => Source::monitor(monitor)?.state_at(time)?,
        })
    }

    /// The same file once more, for a long read that shall not hold up others.
    pub(crate) fn reopened(&self) -> Result<History, Failure> {
        let opened = |path: &Path| Ok(History::open(path)?);
        match self {
            Source::File(history) => {
                let path = history.lock()?.path().to_path_buf();
                opened(&path)
            }
            Source::Monitor(monitor) => {
                let monitor = Source::monitor(monitor)?;
                monitor.flush(Duration::from_secs_f64(monitor.config().call_timeout))?;
                let path = monitor.store_path();
                let missing = || Error::InvalidState("the monitor keeps no history".into());
                opened(&path.ok_or_else(missing)?)
            }
        }
    }
}

/// The number of a tier in C.
pub(crate) fn tier_number(tier: Tier) -> u32 {
    u32::from(tier.code()) + 1
}

/// The history behind a handle.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn at(history: *const usm_history) -> Result<Held<Source>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(history, "history") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_have_the_numbers_of_the_header() {
        let numbers = Tier::ALL.map(tier_number);
        let header = [
            USM_TIER_RAW,
            USM_TIER_TEN_SECONDS,
            USM_TIER_MINUTE,
            USM_TIER_TEN_MINUTES,
        ];
        assert_eq!(numbers, header);
    }
}
