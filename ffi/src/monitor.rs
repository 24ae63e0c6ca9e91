//! The monitor: its life, its states, its settings.

use std::ffi::c_char;
use std::sync::Arc;
use std::time::{Duration, Instant};

use usm_core::{Config, Error, Monitor};

use crate::config::{copy_of, json_of, usm_config};
use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{
    Held, LAST_USE_PATIENCE, Opaque, Taken, new_handle, open, out, out_pointer, take,
};
use crate::status::usm_status;
use crate::text;

/// A monitor of this host. Made by usm_monitor_new(), ended by usm_monitor_free(). Any number
/// of threads may use it at the same time.
pub struct usm_monitor {
    _opaque: (),
}

impl Opaque for usm_monitor {
    type Value = Arc<Monitor>;
    const MAGIC: u64 = 0x7573_6d20_6d6f_6e69;
    const NAME: &'static str = "usm_monitor";
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Monitor>();
};

/// Makes a monitor that is not started yet, and opens its database unless "store_enabled" is
/// off. A database that can't be written is no error: sampling goes on without it, and the
/// state says so.
///
/// - config: the settings, copied; NULL for the defaults overridden by the environment.
/// - monitor: takes the handle, to be ended by usm_monitor_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a setting; USM_ERR_MALFORMED for a rules' file
/// of alerts ("alert_rules_file", or alerts.toml in the data folder), with line, column and what
/// was probably meant; USM_ERR_NOT_FOUND, USM_ERR_PERMISSION_DENIED or USM_ERR_IO for that file,
/// for the folder that stands for /proc, or where there is no place for the data folder.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_new(
    config: *const usm_config,
    monitor: *mut *mut usm_monitor,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let monitor = unsafe { out_pointer(monitor, "monitor")? };
        let config = match config.is_null() {
            true => Config::layered(None)?,
            // SAFETY: by the contract of the header: a handle.
            false => unsafe { copy_of(config)? },
        };
        *monitor = new_handle(Arc::new(Monitor::new(config)?))?;
        Ok(())
    })
}

/// Ends a monitor: stops it, closes its subscriptions, and writes what waits for the
/// database. It waits up to the setting "call_timeout" for a sample that is being taken, and up to
/// 5 seconds for callbacks that run; one that does not return in that time keeps its thread and
/// its user data, which is destroyed if it ever returns. Called from inside a callback, it does
/// not wait for that one.
///
/// A thread that waits in a call with it gets USM_ERR_INVALID_STATE; one that is busy in one
/// is waited for, up to 5 seconds, and after that it is the one who ends the monitor, when it
/// leaves. An optimizer that is attached to it goes on sampling for itself.
///
/// - monitor: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_free(monitor: *mut *mut usm_monitor) {
    guard_value((), || {
        // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
        match unsafe { take(monitor, "monitor")? } {
            Some(monitor) => end(monitor),
            None => Ok(()),
        }
    });
}

/// Ends a monitor whose handle has ended.
fn end(monitor: Taken<Arc<Monitor>>) -> Result<(), Failure> {
    if monitor.check_process().is_err() {
        // In a forked child nobody is left to wait for; what is the parent's stays.
        return Ok(());
    }
    // Wakes whoever waits for a state of it.
    let closed = monitor.close();
    // Otherwise the thread that leaves it last ends it.
    if let Ok(monitor) = monitor.into_value(LAST_USE_PATIENCE) {
        await_last_use(&monitor);
    }
    Ok(closed?)
}

/// An attached optimizer that looks at the monitor at this moment holds it for that long.
/// It shall not be the one to end it: what is subscribed has ended when the handle is freed.
fn await_last_use(monitor: &Arc<Monitor>) {
    let patience = Instant::now() + LAST_USE_PATIENCE;
    while Arc::strong_count(monitor) > 1 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Starts monitoring on a thread of its own; the first complete state is there within about
/// 0.2 seconds (see usm_monitor_wait()). USM_OK also when it is active already.
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND and the like when the folder that stands for /proc
/// can't be listed any more; USM_ERR_INTERNAL when no thread can be started; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_start(monitor: *mut usm_monitor) -> usm_status {
    // SAFETY: by the contract of the header: NULL or a handle.
    guard(|| Ok(unsafe { at(monitor)? }.start().map(drop)?))
}

/// Stops monitoring; a sample that is being taken is waited for. The newest state stays, and
/// the monitor may be started again. USM_OK also when it is not active.
///
/// Returns: USM_OK; USM_ERR_TIMED_OUT when the sample does not end within the setting
/// "call_timeout" (the monitoring ends with it); USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_stop(monitor: *mut usm_monitor) -> usm_status {
    // SAFETY: by the contract of the header: NULL or a handle.
    guard(|| Ok(unsafe { at(monitor)? }.stop().map(drop)?))
}

/// Tells whether monitoring is active.
///
/// - active: takes 1 or 0.
///
/// Returns: USM_OK; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_is_active(
    monitor: *const usm_monitor,
    active: *mut i32,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { out(active, "active")? }.write(monitor.is_active().into());
        Ok(())
    })
}

/// Takes a sample now and publishes it, whether monitoring is active or not: its state knows
/// whatever was set before this call. When monitoring is not active, this takes 0.1 seconds, since
/// rates need two samples.
///
/// - sequence: takes the number of the state; NULL when it is not wanted.
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND and the like when the host can't be sampled;
/// USM_ERR_TIMED_OUT after the setting "call_timeout", 10 seconds unless set; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_collect(
    monitor: *mut usm_monitor,
    sequence: *mut u64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let state = unsafe { at(monitor)? }.collect()?;
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { tell(sequence, state.sequence) }
    })
}

/// Waits until a state newer than a given one is published, and returns at once when there
/// is one. `usm_monitor_wait(m, 0, 5, NULL)` waits for the first state after the start.
///
/// - after_sequence: number of the state that is known; 0 for none.
/// - timeout_seconds: longest wait, 0 or more; INFINITY waits for ever.
/// - sequence: takes the number of the newest state; NULL when it is not wanted.
///
/// Returns: USM_OK; USM_ERR_TIMED_OUT, and when sampling fails the message says why;
/// USM_ERR_INVALID_STATE when the monitor is freed meanwhile;
/// USM_ERR_INVALID_ARGUMENT for a timeout that is negative or NaN; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_wait(
    monitor: *const usm_monitor,
    after_sequence: u64,
    timeout_seconds: f64,
    sequence: *mut u64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { at(monitor)? };
        let state = monitor.wait_for_state(after_sequence, timeout(timeout_seconds)?)?;
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { tell(sequence, state.sequence) }
    })
}

/// Waits until everything that was measured so far is in the database.
///
/// - timeout_seconds: longest wait, 0 or more; INFINITY waits for ever.
///
/// Returns: USM_OK; USM_ERR_STORE with the cause when the database can't be written;
/// USM_ERR_TIMED_OUT; USM_ERR_INVALID_STATE when "store_enabled" is off;
/// USM_ERR_INVALID_ARGUMENT for a timeout that is negative or NaN; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_flush(
    monitor: *mut usm_monitor,
    timeout_seconds: f64,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL or a handle.
    guard(|| Ok(unsafe { at(monitor)? }.flush(timeout(timeout_seconds)?)?))
}

/// Changes a number among the settings of a monitor, also while it is active. Most act at
/// once, the others (e.g. "max_threads") from the next start on.
///
/// - name: name of the setting.
/// - value: the number, in the unit of the setting.
///
/// Returns: as usm_config_set_number(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_set_number(
    monitor: *mut usm_monitor,
    name: *const c_char,
    value: f64,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a text.
    guard(|| unsafe { change(monitor, name, |config, name| config.set_number(name, value)) })
}

/// Changes a switch among the settings of a monitor; see usm_monitor_set_number().
///
/// - name: name of the setting.
/// - value: 0 is off, any other number is on.
///
/// Returns: as usm_config_set_number(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_set_bool(
    monitor: *mut usm_monitor,
    name: *const c_char,
    value: i32,
) -> usm_status {
    guard(|| {
        let set = |config: &mut Config, name: &str| config.set(name, (value != 0).into());
        // SAFETY: by the contract of the header: NULL, or a handle and a text.
        unsafe { change(monitor, name, set) }
    })
}

/// Changes a setting of a monitor from text; see usm_monitor_set_number() and
/// usm_config_set_text().
///
/// - name: name of the setting.
/// - value: the text; copied.
///
/// Returns: as usm_config_set_number(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_set_text(
    monitor: *mut usm_monitor,
    name: *const c_char,
    value: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or a text.
        let value = unsafe { text::read(value, "value")? };
        // SAFETY: by the contract of the header: NULL, or a handle and a text.
        unsafe { change(monitor, name, |config, name| config.set_text(name, value)) }
    })
}

/// Gives a setting in force, or all of them, as JSON.
///
/// - name: name of the setting; NULL for an object of all settings by name.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: as usm_config_get_json(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_config_json(
    monitor: *const usm_monitor,
    name: *const c_char,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |monitor: &Monitor| {
        // SAFETY: by the contract of the header: NULL or a text.
        let name = unsafe { text::read_optional(name, "name")? };
        json_of(&monitor.config(), name)
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, ask) })
}

/// Gives the newest state as JSON: everything that was read, the scores with the parts that
/// made them, findings, advice, and the health of the database and of the events. Before the
/// first sample `sequence` is 0 and `sample` null.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_state_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, |monitor| text::json(&*monitor.state())) })
}

/// Gives the comprehensive report as JSON: state, components, timings, recommendations. A
/// section whose part is not in this version says so.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_report_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, |monitor| text::json(&monitor.report())) })
}

/// Gives as JSON what can be read on this host and what can't, and why: an object with
/// `sources`, an array that is empty before the first sample, and `store`, the health of the
/// database or null.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_doctor_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    let doctor = |monitor: &Monitor| {
        text::json(&serde_json::json!({
            "sources": *monitor.sources(),
            "store": monitor.store_health(),
        }))
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, doctor) })
}

/// The monitor behind a handle.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn at(monitor: *const usm_monitor) -> Result<Held<Arc<Monitor>>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(monitor, "monitor") }
}

/// The monitor behind a handle, unless it is the parent's: for what the core itself answers
/// in any process.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn in_own_process(
    monitor: *const usm_monitor,
) -> Result<Held<Arc<Monitor>>, Failure> {
    // SAFETY: by this function's contract.
    let monitor = unsafe { at(monitor)? };
    monitor.check_process()?;
    Ok(monitor)
}

/// # Safety
/// As for [`open`] and [`out_pointer`].
pub(crate) unsafe fn give_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
    make: impl FnOnce(&Monitor) -> Result<String, Failure>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let json = unsafe { out_pointer(json, "json")? };
    // SAFETY: by this function's contract.
    let monitor = unsafe { in_own_process(monitor)? };
    *json = text::give(make(&monitor)?)?;
    Ok(())
}

/// # Safety
/// As for [`open`] and [`text::read`].
unsafe fn change(
    monitor: *mut usm_monitor,
    name: *const c_char,
    set: impl FnOnce(&mut Config, &str) -> Result<(), Error>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let monitor = unsafe { at(monitor)? };
    // SAFETY: by this function's contract.
    let name = unsafe { text::read(name, "name")? };
    Ok(monitor.reconfigure(|config| set(config, name))?)
}

/// Writes a number that the caller may not want.
///
/// # Safety
/// As for [`out`].
unsafe fn tell(variable: *mut u64, value: u64) -> Result<(), Failure> {
    if !variable.is_null() {
        // SAFETY: by this function's contract.
        unsafe { out(variable, "sequence")? }.write(value);
    }
    Ok(())
}

/// A length of time that a caller is ready to wait.
pub(crate) fn timeout(seconds: f64) -> Result<Duration, Failure> {
    if seconds.is_nan() || seconds < 0.0 {
        return Err(Error::invalid("timeout_seconds", seconds, "0 or more seconds").into());
    }
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}
