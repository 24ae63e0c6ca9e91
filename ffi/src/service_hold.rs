//! A program that is the monitor of a data folder itself.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::Error;
use usm_core::service::{Beat, Claim, Hold, Taken};

use crate::failure::Failure;
use crate::folder;
use crate::guard::{guard, guard_value};
use crate::handle::{Opaque, free, new_handle, open, out_pointer, take};
use crate::monitor::{in_own_process, usm_monitor};
use crate::owned::Owned;
use crate::plain::{self, PlainSize};
use crate::status::usm_status;
use crate::text;

/// The lock of a data folder, held by this process as its monitor. Made by
/// usm_service_hold_take(), ended by usm_service_hold_release(). Any number of threads may use
/// it at the same time; when the process ends in any way, the system gives the lock back.
pub struct usm_service_hold {
    _opaque: (),
}

impl Opaque for usm_service_hold {
    /// `None` once it was given back, while another thread is still inside.
    type Value = Owned<Option<Hold>>;
    const MAGIC: u64 = 0x7573_6d20_686f_6c64;
    const NAME: &'static str = "usm_service_hold";
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Owned<Option<Hold>>>();
};

/// What the monitor of a folder says of itself when it begins. Begin with `usm_service_claim
/// claim = USM_SERVICE_CLAIM_INIT;`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_service_claim {
    /// sizeof(usm_service_claim) in the caller's program.
    pub struct_size: u32,
    /// Any number but 0: it acts by itself.
    pub auto_optimize: i32,
    /// Any number but 0: it only says what it would do.
    pub demo: i32,
    /// 0.
    pub reserved: u32,
    /// Seconds between two states, as it will be told to who looks.
    pub refresh_interval: f64,
}

const CLAIM: PlainSize = PlainSize {
    least: offset_of!(usm_service_claim, refresh_interval),
    allowed: "sizeof(usm_service_claim); begin with USM_SERVICE_CLAIM_INIT",
};

/// What NULL stands for.
const PLAIN: usm_service_claim = usm_service_claim {
    struct_size: size_of::<usm_service_claim>() as u32,
    auto_optimize: 0,
    demo: 0,
    reserved: 0,
    refresh_interval: 2.0,
};

/// Becomes the monitor of a data folder, which one process at a time can be: usm_service_status()
/// shows it, usm_service_stop() ends it by SIGTERM, which the program should heed by
/// usm_service_hold_release(). The folder is made where it is missing. A program that only
/// embeds a monitor needs none of this.
///
/// - folder: the data folder; NULL for the default one.
/// - claim: what it says of itself; NULL for nothing but an interval of 2 seconds.
/// - hold: takes the handle, to be ended by usm_service_hold_release().
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE with its pid when another process is the monitor, and
/// when there is no default folder; USM_ERR_PERMISSION_DENIED, USM_ERR_IO and the like;
/// USM_ERR_REFUSED where something else stands in the lock's place; USM_ERR_INVALID_ARGUMENT;
/// USM_ERR_UNSUPPORTED for a field of a later version; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_hold_take(
    folder: *const c_char,
    claim: *const usm_service_claim,
    hold: *mut *mut usm_service_hold,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let hold = unsafe { out_pointer(hold, "hold")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { folder::read(folder)? };
        let claim = match claim.is_null() {
            true => PLAIN,
            // SAFETY: by the contract of the header: a struct of the caller's.
            false => unsafe { plain::read(claim, "claim", CLAIM, PLAIN)? },
        };
        let interval = claim.refresh_interval;
        if !(interval.is_finite() && interval > 0.0) {
            let allowed = "a time in seconds above 0";
            return Err(Error::invalid("refresh_interval", interval, allowed).into());
        }
        let taken = Hold::take(
            &folder,
            &Claim {
                refresh_interval: interval,
                auto_optimize: claim.auto_optimize != 0,
                demo: claim.demo != 0,
                log: None,
            },
        )?;
        match taken {
            Taken::Held(held) => {
                *hold = new_handle(Owned::new(Some(*held)))?;
                Ok(())
            }
            Taken::Busy(status) => {
                let pid = status.pid().map_or("?".into(), |pid| pid.to_string());
                let folder = folder.display();
                let message = format!("process {pid} is the monitor of {folder} already");
                Err(Error::InvalidState(message).into())
            }
        }
    })
}

/// Says that it has begun to monitor, and how it fares. To be called when the first state is
/// there (usm_service_start() waits for that), and every few seconds from then on. Where
/// somebody has removed the lock's file meanwhile, it is made again.
///
/// - monitor: the monitor whose newest state says how it fares; NULL for a program that has
///   none: then only that it is there.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE when the lock's file was removed and another process
/// is the monitor now; USM_ERR_IO and the like when it can't be written (a full disk): the lock
/// is held all the same; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_hold_beat(
    hold: *mut usm_service_hold,
    monitor: *const usm_monitor,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let hold = unsafe { open(hold.cast_const(), "hold")? };
        let beat = match monitor.is_null() {
            true => Beat::of(&usm_core::State::default()),
            // SAFETY: by the contract of the header: a handle.
            false => Beat::of(&unsafe { in_own_process(monitor)? }.state()),
        };
        let mut held = hold.lock()?;
        let given_back = || Failure::not_a(usm_service_hold::NAME, "hold");
        let hold = held.as_mut().ok_or_else(given_back)?;
        if !hold.is_in_place() && !hold.renew()? {
            let message = "the lock's file was removed, and another process is the monitor now";
            return Err(Error::InvalidState(message.into()).into());
        }
        Ok(hold.tell(|record| {
            record.ready = true;
            record.beat = Some(beat);
        })?)
    })
}

/// Ends being the monitor in good order, and gives the lock back.
///
/// - hold: address of the handle, which is set to NULL, also when the call fails; NULL and a
///   NULL handle are fine.
/// - why: what who looks is told, e.g. "asked to end"; NULL for just that.
///
/// Returns: USM_OK; USM_ERR_IO and the like when the end could not be written: the lock is given
/// back all the same; USM_ERR_FORKED, where the lock stays the parent's; USM_ERR_INVALID_UTF8
/// and USM_ERR_INVALID_HANDLE, and nothing is done.
/// Threads: any; no other thread may use the handle.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_hold_release(
    hold: *mut *mut usm_service_hold,
    why: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a text.
        let why = unsafe { text::read_optional(why, "why")? };
        // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
        let Some(taken) = (unsafe { take(hold, "hold")? }) else {
            return Ok(());
        };
        // Out of its lock: who is still inside finds that it is gone.
        let held = taken.lock()?.take();
        match held {
            Some(held) => Ok(held.end(why.unwrap_or("asked to end"))?),
            None => Ok(()),
        }
    })
}

/// Gives the lock back without a word, as if the process had died. See
/// usm_service_hold_release().
///
/// - hold: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any; no other thread may use the handle.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_hold_free(hold: *mut *mut usm_service_hold) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(hold, "hold") });
}
