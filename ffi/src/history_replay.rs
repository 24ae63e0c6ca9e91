//! The engine over what was recorded.

use std::ffi::c_char;
use std::sync::Arc;

use usm_core::history::Replay;

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out, out_pointer};
use crate::history_query::end_of;
use crate::history_state::{Moment, usm_state};
use crate::owned::Owned;
use crate::status::usm_status;
use crate::text;

/// The states of a recording, judged again in their order: the same findings as live. Made by
/// usm_replay_open(), ended by usm_replay_free(). Any number of threads may use it; each state
/// goes to one of them.
pub struct usm_replay {
    _opaque: (),
}

impl Opaque for usm_replay {
    type Value = Owned<Replay>;
    const MAGIC: u64 = 0x7573_6d20_7265_706c;
    const NAME: &'static str = "usm_replay";
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Owned<Replay>>();
};

/// Opens a recording or a database for replay.
///
/// - path: the file.
/// - since: begins at the first sample at or after this time, seconds since 1970; 0 for the
///   beginning.
/// - until: ends before this time, seconds since 1970; 0 for the end.
/// - replay: takes the handle, to be ended by usm_replay_free().
///
/// Returns: USM_OK, also when nothing was recorded then; USM_ERR_INVALID_ARGUMENT;
/// USM_ERR_NOT_FOUND and the like for the file; USM_ERR_STORE; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_replay_open(
    path: *const c_char,
    since: f64,
    until: f64,
    replay: *mut *mut usm_replay,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let replay = unsafe { out_pointer(replay, "replay")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let path = unsafe { text::read(path, "path")? };
        *replay = new_handle(Owned::new(Replay::open(path, since, end_of(until))?))?;
        Ok(())
    })
}

/// Ends a replay. States that came from it stay.
///
/// - replay: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_replay_free(replay: *mut *mut usm_replay) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(replay, "replay") });
}

/// Gives how many samples the range holds, for a display of progress.
///
/// - samples: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_replay_size(
    replay: *const usm_replay,
    samples: *mut u64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let samples = unsafe { out(samples, "samples")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        samples.write(unsafe { at(replay)? }.lock()?.len());
        Ok(())
    })
}

/// Gives the next state.
///
/// - state: takes the state, to be ended by usm_state_free(); NULL at the end.
///
/// Returns: USM_OK, also at the end; USM_ERR_STORE or USM_ERR_MALFORMED for what can't be
/// read; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_replay_next(
    replay: *mut usm_replay,
    state: *mut *mut usm_state,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let state = unsafe { out_pointer(state, "state")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let next = unsafe { at(replay)? }.lock()?.next().transpose()?;
        if let Some(next) = next {
            *state = new_handle(Moment::sampled(Arc::new(next)))?;
        }
        Ok(())
    })
}

/// Gives what could not be read so far (torn blocks) and so is missing.
///
/// - notes: takes the text, a line for each, to be freed by usm_string_free(); empty when
///   nothing is missing.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_replay_notes(
    replay: *const usm_replay,
    notes: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let notes = unsafe { out_pointer(notes, "notes")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let replay = unsafe { at(replay)? };
        let replay = replay.lock()?;
        *notes = text::kept(&replay.notes().join("\n")).into_raw();
        Ok(())
    })
}

/// The replay behind a handle.
///
/// # Safety
/// As for [`open`].
unsafe fn at(replay: *const usm_replay) -> Result<Held<Owned<Replay>>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(replay, "replay") }
}
