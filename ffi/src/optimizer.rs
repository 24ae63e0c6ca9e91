//! The optimizer: its life, its scope, its switches.

use std::ffi::c_char;

use usm_core::act::Scope;
use usm_core::optimizer::{Optimizer, OptimizerSettings};
use usm_core::sample::Roots;
use usm_core::{Config, Error};

use crate::config::{copy_of, usm_config};
use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out_pointer};
use crate::monitor::{in_own_process, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// Finds what hurts on this host, relieves it, proves that it helped, or takes it back:
/// usm_optimizer_analyze(), usm_optimizer_plan(), usm_optimizer_execute() and
/// usm_optimizer_rollback(). Made by usm_optimizer_new() or usm_optimizer_attach(), ended by
/// usm_optimizer_free(). Any number of threads may use it at the same time.
pub struct usm_optimizer {
    _opaque: (),
}

impl Opaque for usm_optimizer {
    type Value = Engine;
    const MAGIC: u64 = 0x7573_6d20_6f70_7469;
    const NAME: &'static str = "usm_optimizer";
}

/// An optimizer, and where its host's files are.
pub(crate) struct Engine {
    optimizer: Optimizer,
    roots: Roots,
    /// Process that made it.
    owner: u32,
}

impl Engine {
    fn new(optimizer: Optimizer, roots: Roots) -> Engine {
        Engine {
            optimizer,
            roots,
            owner: std::process::id(),
        }
    }
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Engine>();
};

/// Makes an optimizer that samples for itself. What an optimizer that was killed has left
/// changed on the host is restored first. The scope, what may be touched at all, is the
/// processes of the user that runs this program, unless the settings say otherwise.
///
/// - config: the settings of its sampling, copied; NULL for the defaults overridden by the
///   environment.
/// - settings_json: its own settings as a JSON object, e.g. {"scope": "subtree:123",
///   "verify_seconds": 0.5}; NULL for the defaults. What is left out keeps its default;
///   usm_optimizer_settings_json() lists them all. The scope may be a word as for
///   usm_optimizer_set_scope().
/// - optimizer: takes the handle, to be ended by usm_optimizer_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a setting, with its name;
/// USM_ERR_INVALID_UTF8; USM_ERR_NOT_FOUND for a process of the scope; USM_ERR_STORE when
/// performance_optimizer.db can't be written: without a journal nothing may be done.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_new(
    config: *const usm_config,
    settings_json: *const c_char,
    optimizer: *mut *mut usm_optimizer,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let handle = unsafe { out_pointer(optimizer, "optimizer")? };
        let config = match config.is_null() {
            true => Config::layered(None)?,
            // SAFETY: by the contract of the header: a handle.
            false => unsafe { copy_of(config)? },
        };
        let roots = config.roots();
        // SAFETY: by the contract of the header: NULL or a text.
        let settings = unsafe { settings_of(settings_json, &roots)? };
        let optimizer = Optimizer::new(config, settings)?;
        *handle = new_handle(Engine::new(optimizer, roots))?;
        Ok(())
    })
}

/// Makes an optimizer that uses the states of a monitor and its data folder. It does not keep
/// the monitor alive: when that is freed first, the optimizer samples for itself.
///
/// - monitor: the monitor; it may be freed before the optimizer.
/// - settings_json, optimizer: as for usm_optimizer_new().
///
/// Returns: as usm_optimizer_new(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_attach(
    monitor: *mut usm_monitor,
    settings_json: *const c_char,
    optimizer: *mut *mut usm_optimizer,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let handle = unsafe { out_pointer(optimizer, "optimizer")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        let roots = monitor.config().roots();
        // SAFETY: by the contract of the header: NULL or a text.
        let settings = unsafe { settings_of(settings_json, &roots)? };
        let optimizer = Optimizer::attached(&monitor, settings)?;
        *handle = new_handle(Engine::new(optimizer, roots))?;
        Ok(())
    })
}

/// Ends an optimizer and takes back what it has changed, unless its setting
/// "rollback_on_close" is off. Call usm_optimizer_rollback() before to learn what became of
/// each change; what can't be taken back now is taken back by the next optimizer of the data
/// folder. In a forked child it leaves alone what is the parent's.
///
/// - optimizer: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any. While another call with it runs, e.g. the one whose progress callback frees
/// it, it ends when that call does.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_free(optimizer: *mut *mut usm_optimizer) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(optimizer, "optimizer") });
}

/// Changes what may be touched at all. Whatever lies outside is never touched, whatever a
/// plan says.
///
/// - scope: "user:UID", "subtree:PID" (the process and its living descendants),
///   "cgroup:/PATH" (as /proc/PID/cgroup shows it), "list:PID,PID,...", "machine" (every
///   process that is not protected); NULL for the default, the processes of this user. The
///   pids are those of now: a process that gets one of them later is not meant.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a text that is none of these;
/// USM_ERR_INVALID_UTF8; USM_ERR_NOT_FOUND for a process; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_set_scope(
    optimizer: *mut usm_optimizer,
    scope: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let engine = unsafe { engine(optimizer)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let scope = match unsafe { text::read_optional(scope, "scope")? } {
            Some(word) => Some(Scope::parse(word, &engine.roots)?),
            None => None,
        };
        Ok(engine.optimizer.set_scope(scope)?)
    })
}

/// Switches auto-optimization: it acts by itself on each new state, as far as the profile in
/// force allows, and takes back what did not help.
///
/// - on: 0 is off, any other number is on.
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND and the like when the host can't be sampled;
/// USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_set_auto(
    optimizer: *mut usm_optimizer,
    on: i32,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL or a handle.
    guard(|| Ok(unsafe { at(optimizer)? }.set_auto_optimize(on != 0)?))
}

/// The kill switch. On: auto-optimization ends, everything is taken back, and no optimizer of
/// this data folder changes anything until it is off, in this process or another (the file
/// optimizer.halt there).
///
/// - on: 0 is off, any other number is on.
/// - json: takes what was taken back, as usm_optimizer_rollback() gives it, to be freed by
///   usm_string_free(); NULL when it is not wanted.
///
/// Returns: USM_OK, also when a change could not be taken back, which the JSON tells;
/// USM_ERR_IO and the like for the file; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_halt(
    optimizer: *mut usm_optimizer,
    on: i32,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe {
        give_optional_json(optimizer, json, |optimizer| Ok(optimizer.halt(on != 0)?))
    })
}

/// The settings from JSON, or the defaults.
///
/// # Safety
/// As for [`text::read`].
unsafe fn settings_of(json: *const c_char, roots: &Roots) -> Result<OptimizerSettings, Failure> {
    // SAFETY: by this function's contract.
    match unsafe { text::read_optional(json, "settings_json")? } {
        Some(json) => Ok(OptimizerSettings::from_json(json, roots)?),
        None => Ok(OptimizerSettings::default()),
    }
}

/// The optimizer behind a handle, unless it is the parent's, whose locks may be held for ever.
///
/// # Safety
/// As for [`open`].
unsafe fn engine(optimizer: *const usm_optimizer) -> Result<Held<Engine>, Failure> {
    // SAFETY: by this function's contract.
    let engine = unsafe { open(optimizer, "optimizer")? };
    match engine.owner == std::process::id() {
        true => Ok(engine),
        false => Err(Error::Forked {
            owner: engine.owner,
        }
        .into()),
    }
}

/// The optimizer behind a handle.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn at(optimizer: *const usm_optimizer) -> Result<Held<Optimizer>, Failure> {
    // SAFETY: by this function's contract.
    Ok(unsafe { engine(optimizer)? }.map(|engine| &engine.optimizer))
}

/// Gives what the optimizer answers as JSON.
///
/// # Safety
/// As for [`open`] and [`out_pointer`].
pub(crate) unsafe fn give_json<T: serde::Serialize>(
    optimizer: *const usm_optimizer,
    json: *mut *mut c_char,
    ask: impl FnOnce(&Optimizer) -> Result<T, Failure>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let json = unsafe { out_pointer(json, "json")? };
    // SAFETY: by this function's contract.
    let optimizer = unsafe { at(optimizer)? };
    let answer = ask(&optimizer)?;
    *json = text::give(text::json(&answer)?)?;
    Ok(())
}

/// The same for a caller who may not want to know.
///
/// # Safety
/// As for [`give_json`]; `json` may be NULL.
pub(crate) unsafe fn give_optional_json<T: serde::Serialize>(
    optimizer: *const usm_optimizer,
    json: *mut *mut c_char,
    ask: impl FnOnce(&Optimizer) -> Result<T, Failure>,
) -> Result<(), Failure> {
    if json.is_null() {
        // SAFETY: by this function's contract.
        let optimizer = unsafe { at(optimizer)? };
        return ask(&optimizer).map(drop);
    }
    // SAFETY: by this function's contract.
    unsafe { give_json(optimizer, json, ask) }
}
