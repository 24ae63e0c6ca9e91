//! The memory of a state.

use std::mem::offset_of;

use usm_core::sample::MemorySample;

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::{self, PlainSize};
use crate::state_part::Known;
use crate::status::usm_status;

/// Bit of usm_memory.present: total_bytes.
pub const USM_MEMORY_TOTAL_BYTES: u32 = 0;
/// Bit of usm_memory.present: available_bytes.
pub const USM_MEMORY_AVAILABLE_BYTES: u32 = 1;
/// Bit of usm_memory.present: used_bytes.
pub const USM_MEMORY_USED_BYTES: u32 = 2;
/// Bit of usm_memory.present: free_bytes.
pub const USM_MEMORY_FREE_BYTES: u32 = 3;
/// Bit of usm_memory.present: buffers_bytes.
pub const USM_MEMORY_BUFFERS_BYTES: u32 = 4;
/// Bit of usm_memory.present: cached_bytes.
pub const USM_MEMORY_CACHED_BYTES: u32 = 5;
/// Bit of usm_memory.present: slab_bytes.
pub const USM_MEMORY_SLAB_BYTES: u32 = 6;
/// Bit of usm_memory.present: slab_reclaimable_bytes.
pub const USM_MEMORY_SLAB_RECLAIMABLE_BYTES: u32 = 7;
/// Bit of usm_memory.present: shmem_bytes.
pub const USM_MEMORY_SHMEM_BYTES: u32 = 8;
/// Bit of usm_memory.present: dirty_bytes.
pub const USM_MEMORY_DIRTY_BYTES: u32 = 9;
/// Bit of usm_memory.present: writeback_bytes.
pub const USM_MEMORY_WRITEBACK_BYTES: u32 = 10;
/// Bit of usm_memory.present: anonymous_bytes.
pub const USM_MEMORY_ANONYMOUS_BYTES: u32 = 11;
/// Bit of usm_memory.present: swap_total_bytes.
pub const USM_MEMORY_SWAP_TOTAL_BYTES: u32 = 12;
/// Bit of usm_memory.present: swap_used_bytes.
pub const USM_MEMORY_SWAP_USED_BYTES: u32 = 13;
/// Bit of usm_memory.present: swap_in_bytes_total.
pub const USM_MEMORY_SWAP_IN_BYTES_TOTAL: u32 = 14;
/// Bit of usm_memory.present: swap_out_bytes_total.
pub const USM_MEMORY_SWAP_OUT_BYTES_TOTAL: u32 = 15;
/// Bit of usm_memory.present: major_faults_total.
pub const USM_MEMORY_MAJOR_FAULTS_TOTAL: u32 = 16;
/// Bit of usm_memory.present: oom_kills_total.
pub const USM_MEMORY_OOM_KILLS_TOTAL: u32 = 17;
/// Bit of usm_memory.present: oom_kills_since_last.
pub const USM_MEMORY_OOM_KILLS_SINCE_LAST: u32 = 18;

/// Memory and swap of the machine. A number that can't be read is NaN, a whole one has its bit
/// in `present` cleared (ask by usm_is_present()).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_memory {
    /// sizeof(usm_memory) in the caller's program, as usm_memory_init() sets it.
    pub struct_size: u32,
    /// 1 where the kernel has no MemAvailable and it was estimated; else 0.
    pub available_is_estimated: u32,
    /// Bit USM_MEMORY_... is set when that whole number is known.
    pub present: u64,
    /// Memory that the kernel can use.
    pub total_bytes: u64,
    /// What new programs could get without swapping.
    pub available_bytes: u64,
    /// total - available.
    pub used_bytes: u64,
    /// 100 x used / total.
    pub used_percent: f64,
    /// Not used for anything.
    pub free_bytes: u64,
    /// Buffers of block devices.
    pub buffers_bytes: u64,
    /// Page cache, shared memory included.
    pub cached_bytes: u64,
    /// Data structures of the kernel.
    pub slab_bytes: u64,
    /// The part of them that can be given back.
    pub slab_reclaimable_bytes: u64,
    /// Shared memory and tmpfs.
    pub shmem_bytes: u64,
    /// Waiting to be written to disk.
    pub dirty_bytes: u64,
    /// Being written to disk.
    pub writeback_bytes: u64,
    /// Anonymous memory.
    pub anonymous_bytes: u64,
    /// Swap space; 0 when there is none.
    pub swap_total_bytes: u64,
    /// Swap used.
    pub swap_used_bytes: u64,
    /// Swap used, percent; NaN without swap.
    pub swap_used_percent: f64,
    /// Read back from swap since boot.
    pub swap_in_bytes_total: u64,
    /// Read back from swap per second.
    pub swap_in_bytes_per_sec: f64,
    /// Written to swap since boot.
    pub swap_out_bytes_total: u64,
    /// Written to swap per second.
    pub swap_out_bytes_per_sec: f64,
    /// Page faults that needed a disk, since boot.
    pub major_faults_total: u64,
    /// Page faults that needed a disk, per second.
    pub major_faults_per_sec: f64,
    /// Processes killed for want of memory since boot.
    pub oom_kills_total: u64,
    /// Those since the sample before.
    pub oom_kills_since_last: u64,
}

const MEMORY: PlainSize = PlainSize {
    least: offset_of!(usm_memory, used_bytes),
    allowed: "sizeof(usm_memory); call usm_memory_init() first",
};

/// Copies the memory and swap of the machine.
///
/// - memory: filled as far as its struct_size goes; see usm_memory_init().
///
/// Returns: USM_OK, also before the first sample, when nothing is known;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_memory(
    state: *const usm_state,
    memory: *mut usm_memory,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make = |struct_size| usm_memory::of(moment.part(|sample| &sample.memory), struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(memory, "memory", MEMORY, make) }
    })
}

impl usm_memory {
    fn of(memory: Option<&MemorySample>, struct_size: u32) -> usm_memory {
        let none = MemorySample::default();
        let memory = memory.unwrap_or(&none);
        let mut known = Known::default();
        let mut filled = usm_memory {
            struct_size,
            available_is_estimated: memory.available_is_estimated.into(),
            present: 0,
            total_bytes: known.count(USM_MEMORY_TOTAL_BYTES, memory.total_bytes),
            available_bytes: known.count(USM_MEMORY_AVAILABLE_BYTES, memory.available_bytes),
            used_bytes: known.count(USM_MEMORY_USED_BYTES, memory.used_bytes),
            used_percent: number(memory.used_percent),
            free_bytes: known.count(USM_MEMORY_FREE_BYTES, memory.free_bytes),
            buffers_bytes: known.count(USM_MEMORY_BUFFERS_BYTES, memory.buffers_bytes),
            cached_bytes: known.count(USM_MEMORY_CACHED_BYTES, memory.cached_bytes),
            slab_bytes: known.count(USM_MEMORY_SLAB_BYTES, memory.slab_bytes),
            slab_reclaimable_bytes: known.count(
                USM_MEMORY_SLAB_RECLAIMABLE_BYTES,
                memory.slab_reclaimable_bytes,
            ),
            shmem_bytes: known.count(USM_MEMORY_SHMEM_BYTES, memory.shmem_bytes),
            dirty_bytes: known.count(USM_MEMORY_DIRTY_BYTES, memory.dirty_bytes),
            writeback_bytes: known.count(USM_MEMORY_WRITEBACK_BYTES, memory.writeback_bytes),
            anonymous_bytes: known.count(USM_MEMORY_ANONYMOUS_BYTES, memory.anonymous_bytes),
            swap_total_bytes: known.count(USM_MEMORY_SWAP_TOTAL_BYTES, memory.swap_total_bytes),
            swap_used_bytes: known.count(USM_MEMORY_SWAP_USED_BYTES, memory.swap_used_bytes),
            swap_used_percent: number(memory.swap_used_percent),
            swap_in_bytes_total: known
                .count(USM_MEMORY_SWAP_IN_BYTES_TOTAL, memory.swap_in_bytes_total),
            swap_in_bytes_per_sec: number(memory.swap_in_bytes_per_sec),
            swap_out_bytes_total: known
                .count(USM_MEMORY_SWAP_OUT_BYTES_TOTAL, memory.swap_out_bytes_total),
            swap_out_bytes_per_sec: number(memory.swap_out_bytes_per_sec),
            major_faults_total: known
                .count(USM_MEMORY_MAJOR_FAULTS_TOTAL, memory.major_faults_total),
            major_faults_per_sec: number(memory.major_faults_per_sec),
            oom_kills_total: known.count(USM_MEMORY_OOM_KILLS_TOTAL, memory.oom_kills_total),
            oom_kills_since_last: known
                .count(USM_MEMORY_OOM_KILLS_SINCE_LAST, memory.oom_kills_since_last),
        };
        filled.present = known.bits();
        filled
    }
}
