//! The file systems of a state.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::sample::FilesystemSample;

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::PlainSize;
use crate::state_part::{Known, give_rows};
use crate::status::usm_status;

/// Bit of usm_filesystem.present: total_bytes.
pub const USM_FILESYSTEM_TOTAL_BYTES: u32 = 0;
/// Bit of usm_filesystem.present: used_bytes.
pub const USM_FILESYSTEM_USED_BYTES: u32 = 1;
/// Bit of usm_filesystem.present: available_bytes.
pub const USM_FILESYSTEM_AVAILABLE_BYTES: u32 = 2;
/// Bit of usm_filesystem.present: inodes_total.
pub const USM_FILESYSTEM_INODES_TOTAL: u32 = 3;
/// Bit of usm_filesystem.present: inodes_used.
pub const USM_FILESYSTEM_INODES_USED: u32 = 4;

/// One mounted file system that holds data. A number that can't be read is NaN, a whole one has
/// its bit in `present` cleared (ask by usm_is_present()). Its texts live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_filesystem {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// 1 when it is mounted read-only; else 0.
    pub is_read_only: u32,
    /// 1 when it did not answer in time and the values are the last known ones; else 0.
    pub is_stale: u32,
    /// 0.
    pub reserved: u32,
    /// Bit USM_FILESYSTEM_... is set when that whole number is known.
    pub present: u64,
    /// Where it is mounted.
    pub mount_point: *const c_char,
    /// What is mounted, e.g. "/dev/sda1".
    pub device: *const c_char,
    /// Type, e.g. "ext4".
    pub kind: *const c_char,
    /// Size.
    pub total_bytes: u64,
    /// In use.
    pub used_bytes: u64,
    /// What an ordinary user may still write.
    pub available_bytes: u64,
    /// In use, percent as `df` shows it.
    pub used_percent: f64,
    /// Inodes; not known where the file system has no fixed number of them.
    pub inodes_total: u64,
    /// Inodes in use.
    pub inodes_used: u64,
    /// Inodes in use, percent.
    pub inodes_used_percent: f64,
    /// Why the values are absent or stale; NULL when they are not.
    pub problem: *const c_char,
}

const FILESYSTEM: PlainSize = PlainSize {
    least: offset_of!(usm_filesystem, kind),
    allowed: "sizeof(usm_filesystem)",
};

/// Copies the file systems into an array of the caller's: what `df` shows, less what holds no
/// data.
///
/// - array: takes them; NULL when capacity is 0.
/// - element_size: sizeof(usm_filesystem) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; 0 before the first
///   sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
/// size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_filesystems(
    state: *const usm_state,
    array: *mut usm_filesystem,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let list = moment.list(|sample| &sample.filesystems);
        let make = |at, filesystem: &FilesystemSample, struct_size| {
            let texts = [
                Some(&*filesystem.mount_point),
                Some(&*filesystem.device),
                Some(&*filesystem.kind),
                filesystem.problem.as_deref(),
            ];
            let texts = moment.texts.filesystems.row(list.len(), at, texts);
            usm_filesystem::of(filesystem, texts, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_rows(list, make, array, element_size, capacity, count, FILESYSTEM) }
    })
}

impl usm_filesystem {
    fn of(
        filesystem: &FilesystemSample,
        [mount_point, device, kind, problem]: [*const c_char; 4],
        struct_size: u32,
    ) -> usm_filesystem {
        let mut known = Known::default();
        let mut filled = usm_filesystem {
            struct_size,
            is_read_only: filesystem.read_only.into(),
            is_stale: filesystem.stale.into(),
            reserved: 0,
            present: 0,
            mount_point,
            device,
            kind,
            total_bytes: known.count(USM_FILESYSTEM_TOTAL_BYTES, filesystem.total_bytes),
            used_bytes: known.count(USM_FILESYSTEM_USED_BYTES, filesystem.used_bytes),
            available_bytes: known
                .count(USM_FILESYSTEM_AVAILABLE_BYTES, filesystem.available_bytes),
            used_percent: number(filesystem.used_percent),
            inodes_total: known.count(USM_FILESYSTEM_INODES_TOTAL, filesystem.inodes_total),
            inodes_used: known.count(USM_FILESYSTEM_INODES_USED, filesystem.inodes_used),
            inodes_used_percent: number(filesystem.inodes_used_percent),
            problem,
        };
        filled.present = known.bits();
        filled
    }
}
