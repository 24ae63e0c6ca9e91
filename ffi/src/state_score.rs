//! What made the scores of a state, and what could not be read for it.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::Error;
use usm_core::judge::{Score, ScorePart, Scores};
use usm_core::sample::{Availability, SourceReport};

use crate::failure::Failure;
use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::PlainSize;
use crate::state_part::give_rows;
use crate::status::usm_status;

/// How much of the machine's resources is left.
pub const USM_SCORE_HEALTH: u32 = 0;
/// How little work has to wait.
pub const USM_SCORE_PERFORMANCE: u32 = 1;
/// How little was found of weak settings and other security findings.
pub const USM_SCORE_SECURITY: u32 = 2;

/// Not tried yet.
pub const USM_SOURCE_UNKNOWN: u32 = 0;
/// Read without trouble.
pub const USM_SOURCE_AVAILABLE: u32 = 1;
/// This kernel or machine does not have it.
pub const USM_SOURCE_ABSENT: u32 = 2;
/// It exists, but this user may not read it.
pub const USM_SOURCE_FORBIDDEN: u32 = 3;
/// It does not answer in time.
pub const USM_SOURCE_SLOW: u32 = 4;
/// It was read, but its content is not what its format promises.
pub const USM_SOURCE_MALFORMED: u32 = 5;
/// Any other failure.
pub const USM_SOURCE_FAILED: u32 = 6;

/// One input of a score, and what it cost. Its texts live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_score_part {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Name of the input, e.g. "memory_percent".
    pub name: *const c_char,
    /// Its value; NaN when it can't be read, and then it takes no part.
    pub input: f64,
    /// Points taken off for it; NaN when it takes no part.
    pub loss: f64,
}

const SCORE_PART: PlainSize = PlainSize {
    least: offset_of!(usm_score_part, loss),
    allowed: "sizeof(usm_score_part)",
};

/// One source that can't be read here, and why. Its texts live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_source {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// USM_SOURCE_...
    pub availability: u32,
    /// The file, or what else the facts come from.
    pub source: *const c_char,
    /// What it tells, e.g. "load averages".
    pub gives: *const c_char,
    /// Why not, in words with the error number; NULL when there is none.
    pub reason: *const c_char,
}

const SOURCE: PlainSize = PlainSize {
    least: offset_of!(usm_source, reason),
    allowed: "sizeof(usm_source)",
};

/// Copies the inputs of a score, with the points that each cost, into an array of the caller's.
/// The scores themselves are in usm_metrics.
///
/// - score: USM_SCORE_...
/// - array: takes them; NULL when capacity is 0.
/// - element_size: sizeof(usm_score_part) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; 0 before the first
///   sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an unknown
/// score or an element size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_score_parts(
    state: *const usm_state,
    score: u32,
    array: *mut usm_score_part,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let list = &score_of(&moment.state.scores, score)?.parts;
        let texts = moment.texts.scores.get(score as usize);
        let make = |at, part: &ScorePart, struct_size| {
            let name = texts.map(|texts| texts.row(list.len(), at, [Some(&*part.name)]));
            let [name] = name.unwrap_or([std::ptr::null()]);
            usm_score_part::of(part, name, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_rows(list, make, array, element_size, capacity, count, SCORE_PART) }
    })
}

/// Copies the sources that can't be read on this host into an array of the caller's.
///
/// - array: takes them; NULL when capacity is 0.
/// - element_size: sizeof(usm_source) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; 0 before the first
///   sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
/// size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_sources(
    state: *const usm_state,
    array: *mut usm_source,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let list = moment.list(|sample| &sample.unavailable);
        let make = |at, source: &SourceReport, struct_size| {
            let texts = [
                Some(source.source.as_str()),
                Some(source.gives.as_str()),
                source.reason.as_deref(),
            ];
            let texts = moment.texts.sources.row(list.len(), at, texts);
            usm_source::of(source, texts, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_rows(list, make, array, element_size, capacity, count, SOURCE) }
    })
}

fn score_of(scores: &Scores, number: u32) -> Result<&Score, Failure> {
    Ok(match number {
        USM_SCORE_HEALTH => &scores.health,
        USM_SCORE_PERFORMANCE => &scores.performance,
        USM_SCORE_SECURITY => &scores.security,
        other => return Err(Error::invalid("score", other, "one of USM_SCORE_...").into()),
    })
}

fn availability_number(availability: Availability) -> u32 {
    match availability {
        Availability::Unknown => USM_SOURCE_UNKNOWN,
        Availability::Available => USM_SOURCE_AVAILABLE,
        Availability::Absent => USM_SOURCE_ABSENT,
        Availability::Forbidden => USM_SOURCE_FORBIDDEN,
        Availability::Slow => USM_SOURCE_SLOW,
        Availability::Malformed => USM_SOURCE_MALFORMED,
        Availability::Failed => USM_SOURCE_FAILED,
    }
}

impl usm_score_part {
    fn of(part: &ScorePart, name: *const c_char, struct_size: u32) -> usm_score_part {
        usm_score_part {
            struct_size,
            reserved: 0,
            name,
            input: number(part.input),
            loss: number(part.loss),
        }
    }
}

impl usm_source {
    fn of(
        source: &SourceReport,
        [file, gives, reason]: [*const c_char; 3],
        struct_size: u32,
    ) -> usm_source {
        usm_source {
            struct_size,
            availability: availability_number(source.availability),
            source: file,
            gives,
            reason,
        }
    }
}
