//! A state as an object of its own: the newest one, one of the past, one of a replay.

use std::ffi::c_char;
use std::sync::Arc;

use usm_arrow::ArrowArrayStream;
use usm_core::history::PastState;
use usm_core::sample::ProcessTable;
use usm_core::series::Tier;
use usm_core::{Sample, State};

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out, out_pointer};
use crate::history::tier_number;
use crate::metrics::{fill, usm_metrics};
use crate::monitor::{in_own_process, usm_monitor};
use crate::process::{give_top, usm_process};
use crate::state_part::Texts;
use crate::status::usm_status;
use crate::text;

/// One state of a host. Ended by usm_state_free(). It never changes, and any number of threads
/// may read it. The texts of its structs are borrowed: they live as long as the state.
pub struct usm_state {
    _opaque: (),
}

impl Opaque for usm_state {
    type Value = Moment;
    const MAGIC: u64 = 0x7573_6d20_7374_6174;
    const NAME: &'static str = "usm_state";
}

/// The state, how finely it was kept, and its texts as C has them.
pub(crate) struct Moment {
    pub(crate) state: Arc<State>,
    tier: Tier,
    pub(crate) texts: Texts,
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Moment>();
};

impl Moment {
    /// A state as it was sampled.
    pub(crate) fn sampled(state: Arc<State>) -> Moment {
        Moment {
            state,
            tier: Tier::Raw,
            texts: Texts::default(),
        }
    }

    /// A state of the past.
    pub(crate) fn past(past: PastState) -> Moment {
        Moment {
            state: Arc::new(past.state),
            tier: past.tier,
            texts: Texts::default(),
        }
    }

    /// A part of what was read; `None` before the first sample.
    pub(crate) fn part<'a, T>(&'a self, of: impl FnOnce(&'a Sample) -> &'a T) -> Option<&'a T> {
        self.state.sample.as_deref().map(of)
    }

    /// A list of what was read; empty before the first sample.
    pub(crate) fn list<'a, T>(&'a self, of: impl FnOnce(&'a Sample) -> &'a [T]) -> &'a [T] {
        self.state.sample.as_deref().map(of).unwrap_or_default()
    }
}

/// Gives the newest state of a monitor, which stays as it is while the monitor goes on. No
/// lock, no waiting for a sample.
///
/// - state: takes the state, to be ended by usm_state_free().
///
/// Returns: USM_OK, also before the first sample; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_state(
    monitor: *const usm_monitor,
    state: *mut *mut usm_state,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let state = unsafe { out_pointer(state, "state")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        *state = new_handle(Moment::sampled(monitor.state()))?;
        Ok(())
    })
}

/// Ends a state.
///
/// - state: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_free(state: *mut *mut usm_state) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(state, "state") });
}

/// Copies the numbers of a state.
///
/// - metrics: filled; see usm_monitor_metrics(). Its timestamp is when the state was sampled,
///   of a coarser tier the beginning of its stretch.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_metrics(
    state: *const usm_state,
    metrics: *mut usm_metrics,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a struct of the caller's.
    guard(|| unsafe { fill(metrics, &at(state)?.state) })
}

/// Tells how finely a state was kept.
///
/// - tier: takes USM_TIER_RAW for a state as it was sampled, another USM_TIER_... for the
///   means of a stretch of that width.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_tier(state: *const usm_state, tier: *mut u32) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let tier = unsafe { out(tier, "tier")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        tier.write(tier_number(unsafe { at(state)? }.tier));
        Ok(())
    })
}

/// Copies the processes of a state, sorted, into an array of the caller's: as many as it
/// holds, or all of them. The history holds those that used most.
///
/// - order, array, element_size, capacity, count: as for usm_monitor_top_processes().
///
/// Returns: as usm_monitor_top_processes().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_top_processes(
    state: *const usm_state,
    order: u32,
    array: *mut usm_process,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let state = &unsafe { at(state)? }.state;
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_top(state, order, array, element_size, capacity, count) }
    })
}

/// Gives the processes of a state as an Arrow C stream of one batch: `pid`, `parent_pid`,
/// `name`, `user`, `state`, `cpu_core_percent`, `rss_bytes` and more, null where a value is
/// not known.
///
/// - stream: filled; what it held is not looked at. The caller calls its `release`, at any
///   time, also after usm_state_free(). It is marked as released when the call fails.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any; the stream by one thread at a time.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_processes_arrow_stream(
    state: *const usm_state,
    stream: *mut ArrowArrayStream,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a struct of the caller's.
        let stream = unsafe { out(stream, "stream")? };
        stream.write(ArrowArrayStream::EMPTY);
        // SAFETY: by the contract of the header: NULL or a handle.
        let state = &unsafe { at(state)? }.state;
        let none = ProcessTable::default();
        let processes = state.sample.as_ref().map(|sample| &sample.processes);
        stream.write(usm_arrow::processes_stream(processes.unwrap_or(&none)));
        Ok(())
    })
}

/// Gives a state as JSON; see usm_monitor_state_json().
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_json(
    state: *const usm_state,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let state = &unsafe { at(state)? }.state;
        *json = text::give(text::json(&**state)?)?;
        Ok(())
    })
}

/// The state behind a handle.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn at(state: *const usm_state) -> Result<Held<Moment>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(state, "state") }
}

/// The state itself.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn state_of(state: *const usm_state) -> Result<Held<Arc<State>>, Failure> {
    // SAFETY: by this function's contract.
    Ok(unsafe { at(state)? }.map(|moment| &moment.state))
}
