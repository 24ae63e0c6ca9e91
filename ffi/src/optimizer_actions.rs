//! What could be done: a plan, as plain structs and as JSON, or actions made by hand.

use std::ffi::{CString, c_char};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use usm_core::optimizer::Action;

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out, out_pointer};
use crate::optimizer::{at, usm_optimizer};
use crate::optimizer_numbers::{action_number, metric_number, priority_number};
use crate::optimizer_numbers::{resource_number, risk_number};
use crate::optimizer_targets::{targets_of, usm_target_list};
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// Actions in the order in which they should be done. Made by usm_optimizer_plan() or
/// usm_action_list_from_json(), ended by usm_action_list_free().
pub struct usm_action_list {
    _opaque: (),
}

impl Opaque for usm_action_list {
    type Value = RwLock<Vec<Row>>;
    const MAGIC: u64 = 0x7573_6d20_6163_7469;
    const NAME: &'static str = "usm_action_list";
}

/// An action, and its texts as C has them.
pub(crate) struct Row {
    action: Action,
    description: CString,
    target_id: CString,
    subject: Option<CString>,
    risk_reason: CString,
    reversible_reason: CString,
    effect_reason: CString,
}

/// Something that could be done, with its benefit, its risk and whether it can be taken back.
/// The texts are borrowed: they live until the action is removed or its list is freed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_action {
    /// sizeof(usm_action) in the caller's program, as usm_action_init() sets it.
    pub struct_size: u32,
    /// What it does: USM_ACTION_...
    pub action_type: u32,
    /// How urgent: USM_PRIORITY_...
    pub priority: u32,
    /// How much could be lost: USM_RISK_...
    pub risk_level: u32,
    /// For which resource: USM_RESOURCE_...
    pub target_type: u32,
    /// By what its effect is judged: USM_TARGET_METRIC_...
    pub metric: u32,
    /// 1 when a rollback restores what was, with the privileges at hand; else 0.
    pub reversible: i32,
    /// 1 when it can have an effect here, else 0.
    pub effect_expected: i32,
    /// The process acted on; 0 where it is not about one.
    pub pid: i32,
    /// 0.
    pub reserved: u32,
    /// Start of that process in clock ticks after boot; 0 where there is none.
    pub start_time_ticks: u64,
    /// Number in the database; 0 for an action made by hand.
    pub id: i64,
    /// 0 (none) to 100.
    pub risk_score: f64,
    /// Percent points of the metric that it may bring.
    pub estimated_benefit: f64,
    /// Estimated duration in seconds.
    pub execution_time: f64,
    /// In a sentence.
    pub description: *const c_char,
    /// Pid as text, "system_memory" or "system_disk".
    pub target_id: *const c_char,
    /// Mount point, device or interface; NULL where it is not about one.
    pub subject: *const c_char,
    /// Why the risk is what it is.
    pub risk_reason: *const c_char,
    /// Why it can or can't be taken back.
    pub reversible_reason: *const c_char,
    /// Why an effect is or is not expected.
    pub effect_reason: *const c_char,
}

const ACTION: PlainSize = PlainSize {
    least: std::mem::offset_of!(usm_action, id),
    allowed: "sizeof(usm_action); call usm_action_init() first",
};

/// Plans what could be done about targets: for each the gentlest action that could help. It
/// changes nothing. A plan must be executed within "plan_shelf_seconds".
///
/// - targets: what is wrong, from usm_optimizer_analyze().
/// - actions: takes the list, to be ended by usm_action_list_free().
///
/// Returns: USM_OK; USM_ERR_STORE when the plan can't be recorded; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_plan(
    optimizer: *mut usm_optimizer,
    targets: *const usm_target_list,
    actions: *mut *mut usm_action_list,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let list = unsafe { out_pointer(actions, "actions")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let optimizer = unsafe { at(optimizer)? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let targets = unsafe { targets_of(targets)? };
        *list = new_list(optimizer.plan(&targets)?)?;
        Ok(())
    })
}

/// Makes a list of actions by hand, or from what usm_action_list_json() gave. Safety is not
/// in the list: whatever it says, scope, protection, identity and risk are checked when it
/// is executed.
///
/// - json: an array of objects, or one object. "action_type" (a name of USM_ACTION_..., see
///   usm_action_name()) and "target_id" (a pid as text, "system_memory" or "system_disk")
///   are enough.
/// - actions: takes the list, to be ended by usm_action_list_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT with the field; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_action_list_from_json(
    json: *const c_char,
    actions: *mut *mut usm_action_list,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let list = unsafe { out_pointer(actions, "actions")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let json = unsafe { text::read(json, "json")? };
        *list = new_list(Action::list_from_json(json)?)?;
        Ok(())
    })
}

/// Ends a list of actions, and the texts that were borrowed from it.
///
/// - actions: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_action_list_free(actions: *mut *mut usm_action_list) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(actions, "actions") });
}

/// Tells how many actions there are.
///
/// - size: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_action_list_size(
    actions: *const usm_action_list,
    size: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let list = unsafe { list_of(actions)? };
        let rows = rows(&list);
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { out(size, "size")? }.write(rows.len());
        Ok(())
    })
}

/// Copies an action.
///
/// - index: 0 for the first.
/// - action: filled as far as its struct_size goes; see usm_action_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size
/// that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_action_list_at(
    actions: *const usm_action_list,
    index: usize,
    action: *mut usm_action,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let list = unsafe { list_of(actions)? };
        let rows = rows(&list);
        let row = element(&rows, "index", index)?;
        let make = |struct_size| usm_action::of(row, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(action, "action", ACTION, make) }
    })
}

/// Removes an action, so that it will not be executed. Those behind it move up.
///
/// - index: 0 for the first.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end.
/// Threads: any; the texts borrowed from this action are gone.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_action_list_remove(
    actions: *mut usm_action_list,
    index: usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let list = unsafe { open(actions.cast_const(), "actions")? };
        let mut rows = list.write().unwrap_or_else(PoisonError::into_inner);
        element(&rows, "index", index)?;
        rows.remove(index);
        Ok(())
    })
}

/// Gives the actions as a JSON array, with what the structs do not have, e.g. what exactly is
/// done to the host ("lever"). usm_action_list_from_json() reads it.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_action_list_json(
    actions: *const usm_action_list,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        *json = text::give(text::json(&unsafe { copy_of_actions(actions)? })?)?;
        Ok(())
    })
}

/// A copy of the actions behind a handle, so that the list is not held while they are done.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn copy_of_actions(
    actions: *const usm_action_list,
) -> Result<Vec<Action>, Failure> {
    // SAFETY: by this function's contract.
    let list = unsafe { list_of(actions)? };
    let rows = rows(&list);
    Ok(rows.iter().map(|row| row.action.clone()).collect())
}

/// # Safety
/// As for [`open`].
unsafe fn list_of(actions: *const usm_action_list) -> Result<Held<RwLock<Vec<Row>>>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(actions, "actions") }
}

fn rows(list: &RwLock<Vec<Row>>) -> RwLockReadGuard<'_, Vec<Row>> {
    list.read().unwrap_or_else(PoisonError::into_inner)
}

fn new_list(actions: Vec<Action>) -> Result<*mut usm_action_list, Failure> {
    new_handle(RwLock::new(actions.into_iter().map(Row::new).collect()))
}

impl Row {
    fn new(action: Action) -> Row {
        Row {
            description: text::kept(&action.description),
            target_id: text::kept(&action.target_id),
            subject: text::kept_optional(action.subject.as_ref()),
            risk_reason: text::kept(&action.risk.reasons.join("; ")),
            reversible_reason: text::kept(&action.reversible.reason),
            effect_reason: text::kept(&action.effect.reason),
            action,
        }
    }
}

impl usm_action {
    fn of(row: &Row, struct_size: u32) -> usm_action {
        let action = &row.action;
        usm_action {
            struct_size,
            action_type: action_number(action.action_type),
            priority: priority_number(action.priority),
            risk_level: risk_number(action.risk.level),
            target_type: resource_number(action.resource),
            metric: metric_number(action.metric),
            reversible: action.reversible.yes.into(),
            effect_expected: action.effect.yes.into(),
            pid: action.process.map_or(0, |process| process.pid),
            reserved: 0,
            start_time_ticks: action.process.map_or(0, |process| process.start_time_ticks),
            id: action.id,
            risk_score: action.risk.score,
            estimated_benefit: action.estimated_benefit,
            execution_time: action.execution_time,
            description: row.description.as_ptr(),
            target_id: row.target_id.as_ptr(),
            subject: text::pointer(row.subject.as_ref()),
            risk_reason: row.risk_reason.as_ptr(),
            reversible_reason: row.reversible_reason.as_ptr(),
            effect_reason: row.effect_reason.as_ptr(),
        }
    }
}
