//! What is wrong: a list of targets, as plain structs and as JSON.

use std::ffi::{CString, c_char};

use usm_core::optimizer::{Culprit, Target};

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out, out_pointer};
use crate::optimizer::{at, usm_optimizer};
use crate::optimizer_numbers::{metric_number, priority_number, resource_number};
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// What is wrong, most urgent first. Made by usm_optimizer_analyze(), ended by
/// usm_target_list_free(). It never changes, and any number of threads may read it.
pub struct usm_target_list {
    _opaque: (),
}

impl Opaque for usm_target_list {
    type Value = TargetList;
    const MAGIC: u64 = 0x7573_6d20_7461_7267;
    const NAME: &'static str = "usm_target_list";
}

/// The targets, and their texts as C has them.
pub(crate) struct TargetList {
    targets: Vec<Target>,
    texts: Vec<TargetTexts>,
}

struct TargetTexts {
    description: CString,
    method: CString,
    impact: CString,
    subject: Option<CString>,
    advice: Option<CString>,
    culprits: Vec<CulpritTexts>,
}

struct CulpritTexts {
    name: CString,
    unit: CString,
    cgroup: Option<CString>,
    untouchable_reason: Option<CString>,
}

/// Something that is wrong, with numbers. The texts are borrowed: they live as long as the
/// list.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_target {
    /// sizeof(usm_target) in the caller's program, as usm_target_init() sets it.
    pub struct_size: u32,
    /// What it is about: USM_RESOURCE_...
    pub target_type: u32,
    /// How urgent: USM_PRIORITY_...
    pub priority: u32,
    /// What the values measure: USM_TARGET_METRIC_...
    pub metric: u32,
    /// Number in the database.
    pub id: i64,
    /// Now, in the unit of the metric.
    pub current_value: f64,
    /// What it should come down to.
    pub target_value: f64,
    /// How sure the diagnosis is, 0 to 1.
    pub confidence: f64,
    /// Since when, seconds since 1970; NaN when that was not watched.
    pub since: f64,
    /// How many processes cause it; see usm_target_list_culprit().
    pub culprit_count: u64,
    /// In a sentence.
    pub description: *const c_char,
    /// "process_optimization", "memory_cleanup", "disk_cleanup", "memory_optimization" or
    /// "network_advice".
    pub method: *const c_char,
    /// What relief would bring, in words.
    pub impact: *const c_char,
    /// Mount point, device or interface; NULL where it is not about one.
    pub subject: *const c_char,
    /// What the user could do beyond what a plan can; NULL when there is nothing.
    pub advice: *const c_char,
}

/// A process that causes what is wrong. The texts live as long as the list.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_culprit {
    /// sizeof(usm_culprit) in the caller's program, as usm_culprit_init() sets it.
    pub struct_size: u32,
    /// 1 when it is inside the scope and not protected, so that a plan may act on it; else 0.
    pub may_be_touched: i32,
    /// Process id.
    pub pid: i32,
    /// User id; UINT32_MAX when it is not known.
    pub uid: u32,
    /// Session id; -1 when it is not known.
    pub session_id: i32,
    /// 0.
    pub reserved: u32,
    /// Start in clock ticks after boot; with the pid it identifies the process.
    pub start_time_ticks: u64,
    /// What it uses of the resource, in the unit below.
    pub usage: f64,
    /// Its share of what is used in all, 0 to 1.
    pub share: f64,
    /// Name of its program.
    pub name: *const c_char,
    /// "percent of one core", "bytes", "bytes per second" or "processes per second".
    pub unit: *const c_char,
    /// Its control group; NULL when it is not known.
    pub cgroup: *const c_char,
    /// Why it may not be touched; NULL when it may.
    pub untouchable_reason: *const c_char,
}

const TARGET: PlainSize = PlainSize {
    least: std::mem::offset_of!(usm_target, current_value),
    allowed: "sizeof(usm_target); call usm_target_init() first",
};
const CULPRIT: PlainSize = PlainSize {
    least: std::mem::offset_of!(usm_culprit, usage),
    allowed: "sizeof(usm_culprit); call usm_culprit_init() first",
};

/// Looks for what is wrong now; the list is empty when nothing is. Watches the host for a
/// moment, half a second at most, unless a fresh measurement is at hand.
///
/// - targets: takes the list, to be ended by usm_target_list_free().
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND and the like when the host can't be sampled (never an
/// empty list instead); USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_analyze(
    optimizer: *mut usm_optimizer,
    targets: *mut *mut usm_target_list,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let list = unsafe { out_pointer(targets, "targets")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let targets = unsafe { at(optimizer)? }.analyze()?;
        *list = new_handle(TargetList::new(targets))?;
        Ok(())
    })
}

/// Ends a list of targets, and the texts that were borrowed from it.
///
/// - targets: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_target_list_free(targets: *mut *mut usm_target_list) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(targets, "targets") });
}

/// Tells how many targets there are.
///
/// - size: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_target_list_size(
    targets: *const usm_target_list,
    size: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let list = unsafe { look(targets)? };
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { out(size, "size")? }.write(list.targets.len());
        Ok(())
    })
}

/// Copies a target.
///
/// - index: 0 for the most urgent one.
/// - target: filled as far as its struct_size goes; see usm_target_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size
/// that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_target_list_at(
    targets: *const usm_target_list,
    index: usize,
    target: *mut usm_target,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let list = unsafe { look(targets)? };
        let (found, texts) = list.at(index)?;
        let make = |struct_size| usm_target::of(found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(target, "target", TARGET, make) }
    })
}

/// Copies one of the processes that cause a target.
///
/// - index: of the target.
/// - culprit_index: 0 for the one that causes most.
/// - culprit: filled as far as its struct_size goes; see usm_culprit_init().
///
/// Returns: as usm_target_list_at().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_target_list_culprit(
    targets: *const usm_target_list,
    index: usize,
    culprit_index: usize,
    culprit: *mut usm_culprit,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let list = unsafe { look(targets)? };
        let (target, texts) = list.at(index)?;
        let found = element(&target.culprits, "culprit_index", culprit_index)?;
        let texts = element(&texts.culprits, "culprit_index", culprit_index)?;
        let make = |struct_size| usm_culprit::of(found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(culprit, "culprit", CULPRIT, make) }
    })
}

/// Gives the targets as a JSON array, with what the structs do not have: baseline and
/// evidence.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_target_list_json(
    targets: *const usm_target_list,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let list = unsafe { look(targets)? };
        *json = text::give(text::json(&list.targets)?)?;
        Ok(())
    })
}

/// The targets behind a handle.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn targets_of(
    targets: *const usm_target_list,
) -> Result<Held<[Target]>, Failure> {
    // SAFETY: by this function's contract.
    Ok(unsafe { look(targets)? }.map(|list| list.targets.as_slice()))
}

/// # Safety
/// As for [`open`].
unsafe fn look(targets: *const usm_target_list) -> Result<Held<TargetList>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(targets, "targets") }
}

impl TargetList {
    fn new(targets: Vec<Target>) -> TargetList {
        let texts = targets.iter().map(TargetTexts::of).collect();
        TargetList { targets, texts }
    }

    fn at(&self, index: usize) -> Result<(&Target, &TargetTexts), Failure> {
        Ok((
            element(&self.targets, "index", index)?,
            element(&self.texts, "index", index)?,
        ))
    }
}

impl TargetTexts {
    fn of(target: &Target) -> TargetTexts {
        TargetTexts {
            description: text::kept(&target.description),
            method: text::kept(&target.optimization_method),
            impact: text::kept(&target.estimated_impact),
            subject: text::kept_optional(target.subject.as_ref()),
            advice: text::kept_optional(target.advice.as_ref()),
            culprits: target.culprits.iter().map(CulpritTexts::of).collect(),
        }
    }
}

impl CulpritTexts {
    fn of(culprit: &Culprit) -> CulpritTexts {
        CulpritTexts {
            name: text::kept(&culprit.name),
            unit: text::kept(&culprit.unit),
            cgroup: text::kept_optional(culprit.cgroup.as_ref()),
            untouchable_reason: text::kept_optional(culprit.untouchable_reason.as_ref()),
        }
    }
}

impl usm_target {
    fn of(target: &Target, texts: &TargetTexts, struct_size: u32) -> usm_target {
        usm_target {
            struct_size,
            target_type: resource_number(target.target_type),
            priority: priority_number(target.priority),
            metric: metric_number(target.metric),
            id: target.id,
            current_value: target.current_value,
            target_value: target.target_value,
            confidence: target.confidence,
            since: target.since.unwrap_or(f64::NAN),
            culprit_count: target.culprits.len() as u64,
            description: texts.description.as_ptr(),
            method: texts.method.as_ptr(),
            impact: texts.impact.as_ptr(),
            subject: text::pointer(texts.subject.as_ref()),
            advice: text::pointer(texts.advice.as_ref()),
        }
    }
}

impl usm_culprit {
    fn of(culprit: &Culprit, texts: &CulpritTexts, struct_size: u32) -> usm_culprit {
        usm_culprit {
            struct_size,
            may_be_touched: culprit.may_be_touched.into(),
            pid: culprit.process.pid,
            uid: culprit.uid.unwrap_or(u32::MAX),
            session_id: culprit.session_id.unwrap_or(-1),
            reserved: 0,
            start_time_ticks: culprit.process.start_time_ticks,
            usage: culprit.usage,
            share: culprit.share,
            name: texts.name.as_ptr(),
            unit: texts.unit.as_ptr(),
            cgroup: text::pointer(texts.cgroup.as_ref()),
            untouchable_reason: text::pointer(texts.untouchable_reason.as_ref()),
        }
    }
}
