//! Doing it: options, progress, execution and rollback.

use std::ffi::{c_char, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use usm_core::Error;
use usm_core::optimizer::{ExecuteOptions, Progress, RiskLevel, RollbackOf};

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::{new_handle, out_pointer};
use crate::optimizer::{at, give_optional_json, usm_optimizer};
use crate::optimizer_actions::{copy_of_actions, usm_action_list};
use crate::optimizer_numbers::risk_of;
use crate::optimizer_report::{Report, usm_execution_report};
use crate::plain::{self, PlainSize};
use crate::progress::{Caller, usm_progress_callback};
use crate::status::usm_status;

/// How actions are executed. Begin with `usm_execute_options options =
/// USM_EXECUTE_OPTIONS_INIT;`, which is demo mode.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_execute_options {
    /// sizeof(usm_execute_options) in the caller's program.
    pub struct_size: u32,
    /// Demo mode: everything is checked and told as it would be done, and nothing is changed.
    /// 0 acts for real, any other number is demo mode.
    pub dry_run: i32,
    /// Most risk that is accepted, USM_RISK_...; -1 for what the profile in force allows.
    pub allowed_risk: i32,
    /// Measure before and after, and take back what did not help: 0 is off, any other number
    /// is on.
    pub verify: i32,
    /// Called for each step; may be NULL.
    pub progress: usm_progress_callback,
    /// Handed to the callback; may be NULL.
    pub user_data: *mut c_void,
}

const OPTIONS: PlainSize = PlainSize {
    least: std::mem::offset_of!(usm_execute_options, allowed_risk),
    allowed: "sizeof(usm_execute_options); begin with USM_EXECUTE_OPTIONS_INIT",
};

/// What NULL stands for.
const DEMO: usm_execute_options = usm_execute_options {
    struct_size: size_of::<usm_execute_options>() as u32,
    dry_run: 1,
    allowed_risk: -1,
    verify: 1,
    progress: None,
    user_data: std::ptr::null_mut(),
};

/// Does the actions, or says what would be done. Each is checked at the moment of the act
/// (identity, scope, protection, risk), written into the journal first, measured before and
/// after, and taken back when it did not help. One that fails or is refused does not stop
/// the others: the report tells of each.
///
/// - actions: copied; the list may be used meanwhile.
/// - options: NULL for demo mode: nothing is changed.
/// - report: takes the report, to be ended by usm_execution_report_free().
///
/// Returns: USM_OK, also when actions failed; USM_ERR_INVALID_ARGUMENT for an option;
/// USM_ERR_UNSUPPORTED for an option of a later version; USM_ERR_STORE when the journal can't
/// be written; USM_ERR_REFUSED while halted; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_execute(
    optimizer: *mut usm_optimizer,
    actions: *const usm_action_list,
    options: *const usm_execute_options,
    report: *mut *mut usm_execution_report,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let report = unsafe { out_pointer(report, "report")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let optimizer = unsafe { at(optimizer)? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let actions = unsafe { copy_of_actions(actions)? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        let done =
            unsafe { with_options(options, |options| Ok(optimizer.execute(&actions, options)?))? };
        *report = new_handle(Report::new(done))?;
        Ok(())
    })
}

/// Takes changes back: each value that is still the one that was set gets its prior one; one
/// that somebody else has changed since is left alone.
///
/// - action_id: number of the action (usm_action_result.action_id); 0 for everything that
///   this optimizer, or one that is no more, has changed.
/// - json: takes a JSON array, to be freed by usm_string_free(): for each change "action_id",
///   "change" in words, "undo" ("restored", "unchanged", "gone", {"left": what was found} or
///   "irreversible"; null when it failed) and "error"; NULL when it is not wanted.
///
/// Returns: USM_OK, also when a change could not be taken back, which the JSON tells;
/// USM_ERR_INVALID_ARGUMENT for a negative number; USM_ERR_NOT_FOUND for an action that has
/// changed nothing; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_rollback(
    optimizer: *mut usm_optimizer,
    action_id: i64,
    json: *mut *mut c_char,
) -> usm_status {
    let rollback = |optimizer: &usm_core::optimizer::Optimizer| {
        let of = match action_id {
            0 => RollbackOf::All,
            1.. => RollbackOf::Action(action_id),
            _ => {
                let allowed = "the number of an action, or 0 for all";
                return Err(Error::invalid("action_id", action_id, allowed).into());
            }
        };
        Ok(optimizer.rollback(of)?)
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_optional_json(optimizer, json, rollback) })
}

/// Runs something with the caller's options.
///
/// # Safety
/// `options` is NULL or points to a struct of as many bytes as it says, whose callback may be
/// called with its user data.
pub(crate) unsafe fn with_options<R>(
    options: *const usm_execute_options,
    run: impl FnOnce(&ExecuteOptions<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let given = match options.is_null() {
        true => DEMO,
        // SAFETY: by this function's contract.
        false => unsafe { plain::read(options, "options", OPTIONS, DEMO)? },
    };
    let caller = Caller::new(given.progress, given.user_data);
    let cancel = AtomicBool::new(false);
    let tell = |progress: &Progress| {
        let Progress {
            stage,
            what,
            done,
            total,
        } = progress;
        if caller.tell(stage, what, *done, *total) {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    run(&ExecuteOptions {
        dry_run: given.dry_run != 0,
        allowed_risk: allowed_risk(given.allowed_risk)?,
        verify: given.verify != 0,
        progress: given.progress.is_some().then_some(&tell),
        cancel: Some(&cancel),
    })
}

fn allowed_risk(number: i32) -> Result<Option<RiskLevel>, Failure> {
    match risk_of(number) {
        Some(level) => Ok(Some(level)),
        None if number == -1 => Ok(None),
        None => {
            let allowed = "one of USM_RISK_..., or -1 for the profile's";
            Err(Error::invalid("allowed_risk", number, allowed).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::usm_progress;
    use std::ffi::CStr;

    unsafe extern "C-unwind" fn count_three(
        progress: *const usm_progress,
        user_data: *mut c_void,
    ) -> i32 {
        // SAFETY: the test gives a counter, and the struct lives until this returns.
        unsafe {
            assert_eq!(CStr::from_ptr((*progress).stage), c"acting");
            assert_eq!(CStr::from_ptr((*progress).what), c"a\\0b");
            let counter = user_data.cast::<u64>();
            *counter += (*progress).done;
            i32::from((*progress).done >= 3)
        }
    }

    fn step(done: u64) -> Progress {
        Progress {
            stage: "acting".into(),
            what: "a\0b".into(),
            done,
            total: 4,
        }
    }

    #[test]
    fn nothing_given_is_demo_mode() {
        // SAFETY: NULL is allowed.
        unsafe {
            with_options(std::ptr::null(), |options| {
                assert!(options.dry_run && options.verify && options.progress.is_none());
                assert_eq!(options.allowed_risk, None);
                Ok(())
            })
            .unwrap();
        }
    }

    #[test]
    fn the_callback_is_told_and_cancels() {
        let mut counter = 0u64;
        let options = usm_execute_options {
            dry_run: 0,
            allowed_risk: 1,
            verify: 0,
            progress: Some(count_three),
            user_data: (&raw mut counter).cast(),
            ..DEMO
        };
        // SAFETY: the callback gets the counter that it expects.
        unsafe {
            with_options(&raw const options, |options| {
                assert!(!options.dry_run && !options.verify);
                assert_eq!(options.allowed_risk, Some(RiskLevel::Medium));
                let (tell, cancel) = (options.progress.unwrap(), options.cancel.unwrap());
                tell(&step(2));
                assert!(!cancel.load(Ordering::Relaxed));
                tell(&step(3));
                assert!(cancel.load(Ordering::Relaxed));
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(counter, 5);
    }

    #[test]
    fn a_risk_that_is_none_is_refused() {
        for allowed_risk in [3, -2, i32::MAX, i32::MIN] {
            let options = usm_execute_options {
                allowed_risk,
                ..DEMO
            };
            // SAFETY: the struct is there.
            assert!(unsafe { with_options(&raw const options, |_| Ok(())) }.is_err());
        }
    }
}
