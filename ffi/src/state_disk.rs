//! The disks of a state.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::sample::DiskSample;

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::PlainSize;
use crate::state_part::give_rows;
use crate::status::usm_status;

/// One whole block device (no partitions, no device that was never used). A rate that is not
/// known, as in the first sample, is NaN. Its texts live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_disk {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// 1 when it stands on other block devices or on a file (dm-, md, loop), so that what it
    /// moves is counted again below it; else 0.
    pub is_stacked: u32,
    /// Name of the device, e.g. "nvme0n1".
    pub name: *const c_char,
    /// Bytes read per second.
    pub read_bytes_per_sec: f64,
    /// Bytes written per second.
    pub write_bytes_per_sec: f64,
    /// Reads completed per second.
    pub reads_per_sec: f64,
    /// Writes completed per second.
    pub writes_per_sec: f64,
    /// Mean time of a read, queueing included, milliseconds; NaN without a read.
    pub read_latency_ms: f64,
    /// Mean time of a write, queueing included, milliseconds; NaN without a write.
    pub write_latency_ms: f64,
    /// Share of the time in which it had anything to do. One that serves requests side by side
    /// (SSD, RAID) is not full at 100.
    pub utilisation_percent: f64,
    /// Mean number of requests in flight.
    pub queue_length: f64,
    /// Requests in flight now.
    pub in_flight: u64,
    /// Reads completed since boot.
    pub reads_total: u64,
    /// Bytes read since boot.
    pub read_bytes_total: u64,
    /// Time spent reading since boot, milliseconds, summed over requests.
    pub read_ms_total: u64,
    /// Writes completed since boot.
    pub writes_total: u64,
    /// Bytes written since boot.
    pub write_bytes_total: u64,
    /// Time spent writing since boot, milliseconds, summed over requests.
    pub write_ms_total: u64,
    /// Time since boot in which it had anything to do, milliseconds.
    pub busy_ms_total: u64,
    /// Requests in flight multiplied by time, milliseconds since boot.
    pub weighted_ms_total: u64,
}

const DISK: PlainSize = PlainSize {
    least: offset_of!(usm_disk, write_bytes_per_sec),
    allowed: "sizeof(usm_disk)",
};

/// Copies the disks, in the order of the kernel, into an array of the caller's.
///
/// - array: takes them; NULL when capacity is 0.
/// - element_size: sizeof(usm_disk) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; 0 before the first
///   sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
/// size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_disks(
    state: *const usm_state,
    array: *mut usm_disk,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let list = moment.list(|sample| &sample.disks);
        let make = |at, disk: &DiskSample, struct_size| {
            let [name] = moment.texts.disks.row(list.len(), at, [Some(&disk.name)]);
            usm_disk::of(disk, name, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_rows(list, make, array, element_size, capacity, count, DISK) }
    })
}

impl usm_disk {
    fn of(disk: &DiskSample, name: *const c_char, struct_size: u32) -> usm_disk {
        usm_disk {
            struct_size,
            is_stacked: disk.is_stacked.into(),
            name,
            read_bytes_per_sec: number(disk.read_bytes_per_sec),
            write_bytes_per_sec: number(disk.write_bytes_per_sec),
            reads_per_sec: number(disk.reads_per_sec),
            writes_per_sec: number(disk.writes_per_sec),
            read_latency_ms: number(disk.read_latency_ms),
            write_latency_ms: number(disk.write_latency_ms),
            utilisation_percent: number(disk.utilisation_percent),
            queue_length: number(disk.queue_length),
            in_flight: disk.in_flight,
            reads_total: disk.counters.reads_total,
            read_bytes_total: disk.counters.read_bytes_total,
            read_ms_total: disk.counters.read_ms_total,
            writes_total: disk.counters.writes_total,
            write_bytes_total: disk.counters.write_bytes_total,
            write_ms_total: disk.counters.write_ms_total,
            busy_ms_total: disk.counters.busy_ms_total,
            weighted_ms_total: disk.counters.weighted_ms_total,
        }
    }
}
