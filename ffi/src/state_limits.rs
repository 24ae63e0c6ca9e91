//! The limits of the own control group, of a state.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::sample::{CgroupVersion, Limits};

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{Moment, at, usm_state};
use crate::plain::{self, PlainSize};
use crate::state_part::Known;
use crate::status::usm_status;

/// No control groups, or they can't be read.
pub const USM_CGROUP_NONE: u32 = 0;
/// Only hierarchies of version 1.
pub const USM_CGROUP_V1: u32 = 1;
/// Only the unified hierarchy.
pub const USM_CGROUP_V2: u32 = 2;
/// Controllers of version 1 beside a unified hierarchy.
pub const USM_CGROUP_HYBRID: u32 = 3;

/// Bit of usm_limits.present: cpuset_cpus.
pub const USM_LIMITS_CPUSET_CPUS: u32 = 0;
/// Bit of usm_limits.present: effective_memory_bytes.
pub const USM_LIMITS_EFFECTIVE_MEMORY_BYTES: u32 = 1;
/// Bit of usm_limits.present: memory_limit_bytes.
pub const USM_LIMITS_MEMORY_LIMIT_BYTES: u32 = 2;
/// Bit of usm_limits.present: memory_used_bytes.
pub const USM_LIMITS_MEMORY_USED_BYTES: u32 = 3;
/// Bit of usm_limits.present: cpu_usage_usec_total.
pub const USM_LIMITS_CPU_USAGE_USEC_TOTAL: u32 = 4;
/// Bit of usm_limits.present: throttled_usec_total.
pub const USM_LIMITS_THROTTLED_USEC_TOTAL: u32 = 5;
/// Bit of usm_limits.present: pids_current.
pub const USM_LIMITS_PIDS_CURRENT: u32 = 6;
/// Bit of usm_limits.present: pids_limit.
pub const USM_LIMITS_PIDS_LIMIT: u32 = 7;
/// Bit of usm_limits.present: oom_kills_total.
pub const USM_LIMITS_OOM_KILLS_TOTAL: u32 = 8;

/// What this process may use at most, and how close its control group is to it. A number that
/// is not known or not limited is NaN, a whole one has its bit in `present` cleared (ask by
/// usm_is_present()). Its texts live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_limits {
    /// sizeof(usm_limits) in the caller's program, as usm_limits_init() sets it.
    pub struct_size: u32,
    /// Which control groups the machine has: USM_CGROUP_...
    pub version: u32,
    /// Bit USM_LIMITS_... is set when that whole number is known.
    pub present: u64,
    /// Path of the own group; NULL when there is none.
    pub cgroup: *const c_char,
    /// Processors that may really be used, by processors online, cpuset, quota and affinity;
    /// may be a fraction.
    pub effective_cpus: f64,
    /// The file or call that decided it; NULL when it is not known.
    pub effective_cpus_source: *const c_char,
    /// Quota in processors, the least of the chain of parents; NaN when unlimited.
    pub quota_cpus: f64,
    /// Processors in the cpuset.
    pub cpuset_cpus: u64,
    /// Memory that may really be used: the least of the machine's and every limit.
    pub effective_memory_bytes: u64,
    /// The file that decided it; NULL when it is not known.
    pub effective_memory_source: *const c_char,
    /// Least memory limit of the chain of parents.
    pub memory_limit_bytes: u64,
    /// Memory of the group that has it, less the file cache that is given back first.
    pub memory_used_bytes: u64,
    /// Memory used, percent of the limit; NaN when unlimited.
    pub memory_used_percent: f64,
    /// CPU time used by the group that has the least quota, else by the own one, microseconds.
    pub cpu_usage_usec_total: u64,
    /// CPU used since the sample before, percent of the quota; NaN when unlimited.
    pub cpu_used_percent: f64,
    /// Time in which that group was held back by its quota, microseconds.
    pub throttled_usec_total: u64,
    /// Share of the time since the sample before in which it was held back.
    pub throttled_percent: f64,
    /// Processes and threads in the group that has the least limit of them, else in the own
    /// one.
    pub pids_current: u64,
    /// Most of them that are allowed.
    pub pids_limit: u64,
    /// Processes of the own group killed for want of memory.
    pub oom_kills_total: u64,
}

const LIMITS: PlainSize = PlainSize {
    least: offset_of!(usm_limits, effective_cpus_source),
    allowed: "sizeof(usm_limits); call usm_limits_init() first",
};

/// Copies the limits of the own control group.
///
/// - limits: filled as far as its struct_size goes; see usm_limits_init().
///
/// Returns: USM_OK, also before the first sample, when nothing is known;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_limits(
    state: *const usm_state,
    limits: *mut usm_limits,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make = |struct_size| usm_limits::of(&moment, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(limits, "limits", LIMITS, make) }
    })
}

fn version_number(version: CgroupVersion) -> u32 {
    match version {
        CgroupVersion::None => USM_CGROUP_NONE,
        CgroupVersion::V1 => USM_CGROUP_V1,
        CgroupVersion::V2 => USM_CGROUP_V2,
        CgroupVersion::Hybrid => USM_CGROUP_HYBRID,
    }
}

impl usm_limits {
    fn of(moment: &Moment, struct_size: u32) -> usm_limits {
        let none = Limits::default();
        let limits = moment.part(|sample| &sample.limits).unwrap_or(&none);
        let texts = [
            limits.cgroup.as_deref(),
            limits.effective_cpus_source.as_deref(),
            limits.effective_memory_source.as_deref(),
        ];
        let [cgroup, cpus_source, memory_source] = moment.texts.limits.row(1, 0, texts);
        let mut known = Known::default();
        let mut filled = usm_limits {
            struct_size,
            version: version_number(limits.version),
            present: 0,
            cgroup,
            effective_cpus: number(limits.effective_cpus),
            effective_cpus_source: cpus_source,
            quota_cpus: number(limits.quota_cpus),
            cpuset_cpus: known.count(USM_LIMITS_CPUSET_CPUS, limits.cpuset_cpus.map(u64::from)),
            effective_memory_bytes: known.count(
                USM_LIMITS_EFFECTIVE_MEMORY_BYTES,
                limits.effective_memory_bytes,
            ),
            effective_memory_source: memory_source,
            memory_limit_bytes: known
                .count(USM_LIMITS_MEMORY_LIMIT_BYTES, limits.memory_limit_bytes),
            memory_used_bytes: known.count(USM_LIMITS_MEMORY_USED_BYTES, limits.memory_used_bytes),
            memory_used_percent: number(limits.memory_used_percent),
            cpu_usage_usec_total: known
                .count(USM_LIMITS_CPU_USAGE_USEC_TOTAL, limits.cpu_usage_usec_total),
            cpu_used_percent: number(limits.cpu_used_percent),
            throttled_usec_total: known
                .count(USM_LIMITS_THROTTLED_USEC_TOTAL, limits.throttled_usec_total),
            throttled_percent: number(limits.throttled_percent),
            pids_current: known.count(USM_LIMITS_PIDS_CURRENT, limits.pids_current),
            pids_limit: known.count(USM_LIMITS_PIDS_LIMIT, limits.pids_limit),
            oom_kills_total: known.count(USM_LIMITS_OOM_KILLS_TOTAL, limits.oom_kills_total),
        };
        filled.present = known.bits();
        filled
    }
}
