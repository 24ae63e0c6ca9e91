//! How the monitor, its events and its database do, of a state.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::sample::Overhead;
use usm_core::state::{EventHealth, StoreHealth, StoreStatus};

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::{self, PlainSize};
use crate::state_part::Known;
use crate::status::usm_status;

/// There is no database, or this state knows none.
pub const USM_STORE_NONE: u32 = 0;
/// The last attempt to write succeeded.
pub const USM_STORE_OK: u32 = 1;
/// It did not, or the file is not open yet: rows wait in memory.
pub const USM_STORE_DEGRADED: u32 = 2;

/// Bit of usm_overhead.present: process_rss_bytes.
pub const USM_OVERHEAD_PROCESS_RSS_BYTES: u32 = 0;

/// What the monitor itself costs. What is not known is NaN; the whole number has its bit in
/// `present` cleared (ask by usm_is_present()).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_overhead {
    /// sizeof(usm_overhead) in the caller's program, as usm_overhead_init() sets it.
    pub struct_size: u32,
    /// Samples between two scans of the processes: 1, or more to keep the overhead budget; 0
    /// before the first sample.
    pub process_scan_every: u32,
    /// Bit USM_OVERHEAD_... is set when that whole number is known.
    pub present: u64,
    /// Between this sample and the one before, seconds; NaN in the first one.
    pub interval_seconds: f64,
    /// Wall time of this sample, seconds.
    pub sample_seconds: f64,
    /// Wall time of the scan of the processes in it, seconds; NaN when it had none.
    pub process_scan_seconds: f64,
    /// CPU time of this sample, seconds.
    pub sample_cpu_seconds: f64,
    /// CPU time of all of the library's threads since the sample before, percent of one core.
    pub cpu_core_percent: f64,
    /// Resident memory of the process that embeds the monitor.
    pub process_rss_bytes: u64,
}

const OVERHEAD: PlainSize = PlainSize {
    least: offset_of!(usm_overhead, process_scan_seconds),
    allowed: "sizeof(usm_overhead); call usm_overhead_init() first",
};

/// What the queues and callbacks of the events did so far.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_event_health {
    /// sizeof(usm_event_health) in the caller's program, as usm_event_health_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Subscriptions that are open.
    pub subscriptions: u64,
    /// Events that were handed to a callback.
    pub delivered: u64,
    /// Events dropped since a subscriber was too slow.
    pub dropped: u64,
    /// Callbacks that returned a number other than 0.
    pub failed: u64,
    /// Callbacks that have been running for longer than 10 seconds.
    pub stuck: u64,
}

const EVENT_HEALTH: PlainSize = PlainSize {
    least: offset_of!(usm_event_health, dropped),
    allowed: "sizeof(usm_event_health); call usm_event_health_init() first",
};

/// How the database does. Without one, `status` is USM_STORE_NONE and the rest absent: NaN, 0
/// and NULL.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_store_health {
    /// sizeof(usm_store_health) in the caller's program, as usm_store_health_init() sets it.
    pub struct_size: u32,
    /// USM_STORE_...
    pub status: u32,
    /// 1 when the size cap has cost rows that are younger than the retention; else 0.
    pub retention_lost: u32,
    /// 0.
    pub reserved: u32,
    /// Why rows do not reach the file, in words with path and error number; NULL while they do.
    pub cause: *const c_char,
    /// What is not as it should be although rows are written; NULL when nothing.
    pub warning: *const c_char,
    /// Where the last corrupt file was put; NULL when there was none.
    pub set_aside: *const c_char,
    /// Since when the status is what it is, seconds since 1970.
    pub since: f64,
    /// Rows committed since the database was opened.
    pub rows_written: u64,
    /// Rows in memory that are not committed yet.
    pub rows_waiting: u64,
    /// Rows lost.
    pub rows_dropped: u64,
    /// Size of the database with its side files.
    pub bytes: u64,
    /// When rows were last committed, seconds since 1970.
    pub last_commit: f64,
    /// How long that took, seconds.
    pub last_commit_seconds: f64,
    /// Rows in it.
    pub last_commit_rows: u64,
}

pub(crate) const STORE_HEALTH: PlainSize = PlainSize {
    least: offset_of!(usm_store_health, set_aside),
    allowed: "sizeof(usm_store_health); call usm_store_health_init() first",
};

/// Copies what the monitor itself cost at this sample.
///
/// - overhead: filled as far as its struct_size goes; see usm_overhead_init().
///
/// Returns: USM_OK, also before the first sample, when nothing is known;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_overhead(
    state: *const usm_state,
    overhead: *mut usm_overhead,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make = |struct_size| {
            let overhead = moment.part(|sample| &sample.overhead);
            let interval = moment.part(|sample| &sample.interval_seconds).copied();
            usm_overhead::of(overhead, interval.flatten(), struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(overhead, "overhead", OVERHEAD, make) }
    })
}

/// Copies what the events did so far, among it how many were dropped.
///
/// - health: filled as far as its struct_size goes; see usm_event_health_init().
///
/// Returns: USM_OK, also before the first sample; USM_ERR_INVALID_ARGUMENT for a struct_size
/// that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_event_health(
    state: *const usm_state,
    health: *mut usm_event_health,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make = |struct_size| usm_event_health::of(&moment.state.events, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(health, "health", EVENT_HEALTH, make) }
    })
}

/// Copies how the database does. Its texts live as long as the state.
///
/// - health: filled as far as its struct_size goes; see usm_store_health_init().
///
/// Returns: USM_OK, also without a database; USM_ERR_INVALID_ARGUMENT for a struct_size that no
/// version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_store_health(
    state: *const usm_state,
    health: *mut usm_store_health,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make = |struct_size| {
            let store = moment.state.store.as_deref();
            let texts = with_store_texts(store, |texts| moment.texts.store.row(1, 0, texts));
            usm_store_health::of(store, texts, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(health, "health", STORE_HEALTH, make) }
    })
}

/// The texts of a database's health, for [`usm_store_health::of`].
pub(crate) fn with_store_texts<T>(
    store: Option<&StoreHealth>,
    take: impl FnOnce([Option<&str>; 3]) -> T,
) -> T {
    let path = store.and_then(|store| store.set_aside.as_ref());
    let path = path.map(|path| path.to_string_lossy());
    take([
        store.and_then(|store| store.cause.as_deref()),
        store.and_then(|store| store.warning.as_deref()),
        path.as_deref(),
    ])
}

fn status_number(store: Option<&StoreHealth>) -> u32 {
    match store.map(|store| store.status) {
        None => USM_STORE_NONE,
        Some(StoreStatus::Ok) => USM_STORE_OK,
        Some(StoreStatus::Degraded) => USM_STORE_DEGRADED,
    }
}

impl usm_overhead {
    fn of(
        overhead: Option<&Overhead>,
        interval_seconds: Option<f64>,
        struct_size: u32,
    ) -> usm_overhead {
        let mut known = Known::default();
        let mut filled = usm_overhead {
            struct_size,
            process_scan_every: overhead.map_or(0, |overhead| overhead.process_scan_every),
            present: 0,
            interval_seconds: number(interval_seconds),
            sample_seconds: number(overhead.map(|overhead| overhead.sample_seconds)),
            process_scan_seconds: number(
                overhead.and_then(|overhead| overhead.process_scan_seconds),
            ),
            sample_cpu_seconds: number(overhead.and_then(|overhead| overhead.sample_cpu_seconds)),
            cpu_core_percent: number(overhead.and_then(|overhead| overhead.cpu_core_percent)),
            process_rss_bytes: known.count(
                USM_OVERHEAD_PROCESS_RSS_BYTES,
                overhead.and_then(|overhead| overhead.process_rss_bytes),
            ),
        };
        filled.present = known.bits();
        filled
    }
}

impl usm_event_health {
    fn of(events: &EventHealth, struct_size: u32) -> usm_event_health {
        usm_event_health {
            struct_size,
            reserved: 0,
            subscriptions: events.subscriptions,
            delivered: events.delivered,
            dropped: events.dropped,
            failed: events.failed,
            stuck: events.stuck,
        }
    }
}

impl usm_store_health {
    pub(crate) fn of(
        store: Option<&StoreHealth>,
        [cause, warning, set_aside]: [*const c_char; 3],
        struct_size: u32,
    ) -> usm_store_health {
        usm_store_health {
            struct_size,
            status: status_number(store),
            retention_lost: store.is_some_and(|store| store.retention_lost).into(),
            reserved: 0,
            cause,
            warning,
            set_aside,
            since: number(store.and_then(|store| store.since)),
            rows_written: store.map_or(0, |store| store.rows_written),
            rows_waiting: store.map_or(0, |store| store.rows_waiting),
            rows_dropped: store.map_or(0, |store| store.rows_dropped),
            bytes: store.map_or(0, |store| store.bytes),
            last_commit: number(store.and_then(|store| store.last_commit)),
            last_commit_seconds: number(store.and_then(|store| store.last_commit_seconds)),
            last_commit_rows: store.map_or(0, |store| store.last_commit_rows),
        }
    }
}
