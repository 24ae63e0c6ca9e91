//! The processors of a state.

use std::mem::offset_of;

use usm_core::sample::{CoreSample, CpuSample, CpuShares, CpuTimes, LoadAverage};

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::{self, PlainSize};
use crate::state_part::{Known, give_rows};
use crate::status::usm_status;

/// Bit of usm_cpu.present: context_switches_total.
pub const USM_CPU_CONTEXT_SWITCHES_TOTAL: u32 = 0;
/// Bit of usm_cpu.present: interrupts_total.
pub const USM_CPU_INTERRUPTS_TOTAL: u32 = 1;
/// Bit of usm_cpu.present: forks_total.
pub const USM_CPU_FORKS_TOTAL: u32 = 2;
/// Bit of usm_cpu.present: runnable.
pub const USM_CPU_RUNNABLE: u32 = 3;
/// Bit of usm_cpu.present: blocked.
pub const USM_CPU_BLOCKED: u32 = 4;
/// Bit of usm_cpu.present: tasks.
pub const USM_CPU_TASKS: u32 = 5;

/// The processors of the machine together. Shares add up to 100; a number that can't be read is
/// NaN, a whole one has its bit in `present` cleared (ask by usm_is_present()).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_cpu {
    /// sizeof(usm_cpu) in the caller's program, as usm_cpu_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Bit USM_CPU_... is set when that whole number is known.
    pub present: u64,
    /// Everything but idle and iowait, percent of the time since the sample before; NaN in the
    /// first one.
    pub busy_percent: f64,
    /// Normal processes in user mode, without guests.
    pub user_percent: f64,
    /// Niced processes in user mode, without guests.
    pub nice_percent: f64,
    /// Kernel mode.
    pub system_percent: f64,
    /// Nothing to do.
    pub idle_percent: f64,
    /// Nothing to do while a task waits for a disk.
    pub iowait_percent: f64,
    /// Hardware interrupts.
    pub irq_percent: f64,
    /// Soft interrupts.
    pub softirq_percent: f64,
    /// Taken by the hypervisor for other machines.
    pub steal_percent: f64,
    /// Virtual processors of guests.
    pub guest_percent: f64,
    /// Normal processes in user mode, guests included, seconds since boot.
    pub user_seconds_total: f64,
    /// Niced processes in user mode, guests included.
    pub nice_seconds_total: f64,
    /// Kernel mode.
    pub system_seconds_total: f64,
    /// Idle.
    pub idle_seconds_total: f64,
    /// Idle with a disk read or write outstanding.
    pub iowait_seconds_total: f64,
    /// Hardware interrupts.
    pub irq_seconds_total: f64,
    /// Soft interrupts.
    pub softirq_seconds_total: f64,
    /// Stolen by the hypervisor.
    pub steal_seconds_total: f64,
    /// Guests.
    pub guest_seconds_total: f64,
    /// Niced guests.
    pub guest_nice_seconds_total: f64,
    /// Mean number of runnable or uninterruptible tasks over 1 minute.
    pub load_average_1: f64,
    /// The same over 5 minutes.
    pub load_average_5: f64,
    /// The same over 15 minutes.
    pub load_average_15: f64,
    /// Context switches per second.
    pub context_switches_per_sec: f64,
    /// Interrupts per second.
    pub interrupts_per_sec: f64,
    /// Processes and threads made per second.
    pub forks_per_sec: f64,
    /// Context switches since boot.
    pub context_switches_total: u64,
    /// Interrupts since boot.
    pub interrupts_total: u64,
    /// Processes and threads made since boot.
    pub forks_total: u64,
    /// Tasks running or ready to run.
    pub runnable: u64,
    /// Tasks blocked in a disk read or write.
    pub blocked: u64,
    /// Tasks that exist, threads counted.
    pub tasks: u64,
}

const CPU: PlainSize = PlainSize {
    least: offset_of!(usm_cpu, nice_percent),
    allowed: "sizeof(usm_cpu); call usm_cpu_init() first",
};

/// One processor that is online. Shares add up to 100.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_cpu_core {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// Number of the processor, as in cpuN of /proc/stat.
    pub id: u32,
    /// Everything but idle and iowait, percent of the time since the sample before; NaN in the
    /// first one.
    pub busy_percent: f64,
    /// Normal processes in user mode, without guests.
    pub user_percent: f64,
    /// Niced processes in user mode, without guests.
    pub nice_percent: f64,
    /// Kernel mode.
    pub system_percent: f64,
    /// Nothing to do.
    pub idle_percent: f64,
    /// Nothing to do while a task waits for a disk.
    pub iowait_percent: f64,
    /// Hardware interrupts.
    pub irq_percent: f64,
    /// Soft interrupts.
    pub softirq_percent: f64,
    /// Taken by the hypervisor for other machines.
    pub steal_percent: f64,
    /// Virtual processors of guests.
    pub guest_percent: f64,
    /// Normal processes in user mode, guests included, seconds since boot.
    pub user_seconds_total: f64,
    /// Niced processes in user mode, guests included.
    pub nice_seconds_total: f64,
    /// Kernel mode.
    pub system_seconds_total: f64,
    /// Idle.
    pub idle_seconds_total: f64,
    /// Idle with a disk read or write outstanding.
    pub iowait_seconds_total: f64,
    /// Hardware interrupts.
    pub irq_seconds_total: f64,
    /// Soft interrupts.
    pub softirq_seconds_total: f64,
    /// Stolen by the hypervisor.
    pub steal_seconds_total: f64,
    /// Guests.
    pub guest_seconds_total: f64,
    /// Niced guests.
    pub guest_nice_seconds_total: f64,
    /// Frequency now, MHz; NaN unless the setting "cpu_frequency" is on and the processor tells
    /// it.
    pub frequency_mhz: f64,
}

const CPU_CORE: PlainSize = PlainSize {
    least: offset_of!(usm_cpu_core, nice_percent),
    allowed: "sizeof(usm_cpu_core)",
};

/// Copies what the processors did together.
///
/// - cpu: filled as far as its struct_size goes; see usm_cpu_init().
///
/// Returns: USM_OK, also before the first sample, when nothing is known;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_cpu(state: *const usm_state, cpu: *mut usm_cpu) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make = |struct_size| usm_cpu::of(moment.part(|sample| &sample.cpu), struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(cpu, "cpu", CPU, make) }
    })
}

/// Copies every processor that is online, by its number, into an array of the caller's.
///
/// - array: takes them; NULL when capacity is 0.
/// - element_size: sizeof(usm_cpu_core) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; 0 before the first
///   sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
/// size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_cpu_cores(
    state: *const usm_state,
    array: *mut usm_cpu_core,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let list = moment.list(|sample| &sample.cpu.cores);
        let make = |_, core: &CoreSample, struct_size| usm_cpu_core::of(core, struct_size);
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_rows(list, make, array, element_size, capacity, count, CPU_CORE) }
    })
}

impl usm_cpu {
    fn of(cpu: Option<&CpuSample>, struct_size: u32) -> usm_cpu {
        let none = CpuSample::default();
        let cpu = cpu.unwrap_or(&none);
        let share = |of: fn(&CpuShares) -> f64| number(cpu.shares.as_ref().map(of));
        let time = |of: fn(&CpuTimes) -> f64| number(cpu.times.as_ref().map(of));
        let load = |of: fn(&LoadAverage) -> f64| number(cpu.load_average.as_ref().map(of));
        let mut known = Known::default();
        let mut filled = usm_cpu {
            struct_size,
            reserved: 0,
            present: 0,
            busy_percent: share(|s| s.busy_percent),
            user_percent: share(|s| s.user_percent),
            nice_percent: share(|s| s.nice_percent),
            system_percent: share(|s| s.system_percent),
            idle_percent: share(|s| s.idle_percent),
            iowait_percent: share(|s| s.iowait_percent),
            irq_percent: share(|s| s.irq_percent),
            softirq_percent: share(|s| s.softirq_percent),
            steal_percent: share(|s| s.steal_percent),
            guest_percent: share(|s| s.guest_percent),
            user_seconds_total: time(|t| t.user_seconds_total),
            nice_seconds_total: time(|t| t.nice_seconds_total),
            system_seconds_total: time(|t| t.system_seconds_total),
            idle_seconds_total: time(|t| t.idle_seconds_total),
            iowait_seconds_total: time(|t| t.iowait_seconds_total),
            irq_seconds_total: time(|t| t.irq_seconds_total),
            softirq_seconds_total: time(|t| t.softirq_seconds_total),
            steal_seconds_total: time(|t| t.steal_seconds_total),
            guest_seconds_total: time(|t| t.guest_seconds_total),
            guest_nice_seconds_total: time(|t| t.guest_nice_seconds_total),
            load_average_1: load(|l| l.one),
            load_average_5: load(|l| l.five),
            load_average_15: load(|l| l.fifteen),
            context_switches_per_sec: number(cpu.context_switches_per_sec),
            interrupts_per_sec: number(cpu.interrupts_per_sec),
            forks_per_sec: number(cpu.forks_per_sec),
            context_switches_total: known
                .count(USM_CPU_CONTEXT_SWITCHES_TOTAL, cpu.context_switches_total),
            interrupts_total: known.count(USM_CPU_INTERRUPTS_TOTAL, cpu.interrupts_total),
            forks_total: known.count(USM_CPU_FORKS_TOTAL, cpu.forks_total),
            runnable: known.count(USM_CPU_RUNNABLE, cpu.runnable.map(u64::from)),
            blocked: known.count(USM_CPU_BLOCKED, cpu.blocked.map(u64::from)),
            tasks: known.count(USM_CPU_TASKS, cpu.load_average.map(|load| load.tasks)),
        };
        filled.present = known.bits();
        filled
    }
}

impl usm_cpu_core {
    fn of(core: &CoreSample, struct_size: u32) -> usm_cpu_core {
        let share = |of: fn(&CpuShares) -> f64| number(core.shares.as_ref().map(of));
        usm_cpu_core {
            struct_size,
            id: core.id,
            busy_percent: share(|s| s.busy_percent),
            user_percent: share(|s| s.user_percent),
            nice_percent: share(|s| s.nice_percent),
            system_percent: share(|s| s.system_percent),
            idle_percent: share(|s| s.idle_percent),
            iowait_percent: share(|s| s.iowait_percent),
            irq_percent: share(|s| s.irq_percent),
            softirq_percent: share(|s| s.softirq_percent),
            steal_percent: share(|s| s.steal_percent),
            guest_percent: share(|s| s.guest_percent),
            user_seconds_total: core.times.user_seconds_total,
            nice_seconds_total: core.times.nice_seconds_total,
            system_seconds_total: core.times.system_seconds_total,
            idle_seconds_total: core.times.idle_seconds_total,
            iowait_seconds_total: core.times.iowait_seconds_total,
            irq_seconds_total: core.times.irq_seconds_total,
            softirq_seconds_total: core.times.softirq_seconds_total,
            steal_seconds_total: core.times.steal_seconds_total,
            guest_seconds_total: core.times.guest_seconds_total,
            guest_nice_seconds_total: core.times.guest_nice_seconds_total,
            frequency_mhz: number(core.frequency_mhz),
        }
    }
}
