//! The machine itself and its kernel, of a state.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::sample::{HostFacts, KernelSample};

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{Moment, at, usm_state};
use crate::plain::{self, PlainSize};
use crate::state_part::Known;
use crate::status::usm_status;

/// Bit of usm_host.present: logical_cpus.
pub const USM_HOST_LOGICAL_CPUS: u32 = 0;
/// Bit of usm_host.present: physical_cores.
pub const USM_HOST_PHYSICAL_CORES: u32 = 1;
/// Bit of usm_host.present: memory_total_bytes.
pub const USM_HOST_MEMORY_TOTAL_BYTES: u32 = 2;
/// Bit of usm_host.present: page_size_bytes.
pub const USM_HOST_PAGE_SIZE_BYTES: u32 = 3;
/// Bit of usm_host.present: clock_ticks_per_second.
pub const USM_HOST_CLOCK_TICKS_PER_SECOND: u32 = 4;

/// What machine this is. A fact that can't be read is NULL or NaN, a whole number has its bit
/// in `present` cleared (ask by usm_is_present()). Its texts live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_host {
    /// sizeof(usm_host) in the caller's program, as usm_host_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Bit USM_HOST_... is set when that whole number is known.
    pub present: u64,
    /// Host name.
    pub hostname: *const c_char,
    /// Operating system, e.g. "Debian GNU/Linux 12 (bookworm)".
    pub os_name: *const c_char,
    /// Kernel, e.g. "6.1.0-18-amd64".
    pub kernel_release: *const c_char,
    /// Architecture of this library, e.g. "x86_64".
    pub architecture: *const c_char,
    /// Processor, e.g. "AMD EPYC 7B13".
    pub cpu_model: *const c_char,
    /// Processors online.
    pub logical_cpus: u64,
    /// Cores; threads of one core are counted once.
    pub physical_cores: u64,
    /// Memory of the machine.
    pub memory_total_bytes: u64,
    /// Start of the machine, seconds since 1970.
    pub boot_time: f64,
    /// Random id of this boot.
    pub boot_id: *const c_char,
    /// Container, else hypervisor, where a file tells: "docker", "lxc", "kvm"; NULL where none
    /// does.
    pub virtualization: *const c_char,
    /// Size of a page of memory.
    pub page_size_bytes: u64,
    /// The unit of times in /proc, e.g. usm_process.start_time_ticks.
    pub clock_ticks_per_second: u64,
}

const HOST: PlainSize = PlainSize {
    least: offset_of!(usm_host, kernel_release),
    allowed: "sizeof(usm_host); call usm_host_init() first",
};

/// Bit of usm_kernel_tables.present: open_files.
pub const USM_KERNEL_TABLES_OPEN_FILES: u32 = 0;
/// Bit of usm_kernel_tables.present: open_files_limit.
pub const USM_KERNEL_TABLES_OPEN_FILES_LIMIT: u32 = 1;
/// Bit of usm_kernel_tables.present: task_limit.
pub const USM_KERNEL_TABLES_TASK_LIMIT: u32 = 2;
/// Bit of usm_kernel_tables.present: clock_is_synchronised.
pub const USM_KERNEL_TABLES_CLOCK_IS_SYNCHRONISED: u32 = 3;

/// Tables of the kernel against their limits, and its clock. A number that can't be read is
/// NaN, a whole one has its bit in `present` cleared (ask by usm_is_present()).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_kernel_tables {
    /// sizeof(usm_kernel_tables) in the caller's program, as usm_kernel_tables_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Bit USM_KERNEL_TABLES_... is set when that whole number is known.
    pub present: u64,
    /// Open files of all processes.
    pub open_files: u64,
    /// Most of them that are allowed.
    pub open_files_limit: u64,
    /// 100 x open files / limit.
    pub open_files_percent: f64,
    /// Most tasks that are allowed, threads counted.
    pub task_limit: u64,
    /// 100 x tasks / limit.
    pub task_percent: f64,
    /// 1 when others keep the clock right (NTP), else 0.
    pub clock_is_synchronised: u64,
    /// How far the wall clock was set forward, or with a negative number back, since the sample
    /// before.
    pub clock_jump_seconds: f64,
}

const KERNEL_TABLES: PlainSize = PlainSize {
    least: offset_of!(usm_kernel_tables, open_files_percent),
    allowed: "sizeof(usm_kernel_tables); call usm_kernel_tables_init() first",
};

/// Copies what machine the state is of.
///
/// - host: filled as far as its struct_size goes; see usm_host_init().
///
/// Returns: USM_OK, also before the first sample, when nothing is known;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_host(
    state: *const usm_state,
    host: *mut usm_host,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make = |struct_size| usm_host::of(&moment, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(host, "host", HOST, make) }
    })
}

/// Copies how full the tables of the kernel are.
///
/// - tables: filled as far as its struct_size goes; see usm_kernel_tables_init().
///
/// Returns: USM_OK, also before the first sample, when nothing is known;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_kernel_tables(
    state: *const usm_state,
    tables: *mut usm_kernel_tables,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make =
            |struct_size| usm_kernel_tables::of(moment.part(|sample| &sample.kernel), struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(tables, "tables", KERNEL_TABLES, make) }
    })
}

impl usm_host {
    fn of(moment: &Moment, struct_size: u32) -> usm_host {
        let none = HostFacts::default();
        let host = moment.part(|sample| &*sample.host).unwrap_or(&none);
        let texts = [
            host.hostname.as_deref(),
            host.os_name.as_deref(),
            host.kernel_release.as_deref(),
            Some(&*host.architecture).filter(|name| !name.is_empty()),
            host.cpu_model.as_deref(),
            host.boot_id.as_deref(),
            host.virtualization.as_deref(),
        ];
        let [
            hostname,
            os_name,
            kernel_release,
            architecture,
            cpu_model,
            boot_id,
            virtualization,
        ] = moment.texts.host.row(1, 0, texts);
        let mut known = Known::default();
        let mut filled = usm_host {
            struct_size,
            reserved: 0,
            present: 0,
            hostname,
            os_name,
            kernel_release,
            architecture,
            cpu_model,
            logical_cpus: known.count(USM_HOST_LOGICAL_CPUS, host.logical_cpus.map(u64::from)),
            physical_cores: known
                .count(USM_HOST_PHYSICAL_CORES, host.physical_cores.map(u64::from)),
            memory_total_bytes: known.count(USM_HOST_MEMORY_TOTAL_BYTES, host.memory_total_bytes),
            boot_time: number(host.boot_time_seconds),
            boot_id,
            virtualization,
            page_size_bytes: known.count(
                USM_HOST_PAGE_SIZE_BYTES,
                (host.page_size_bytes > 0).then_some(host.page_size_bytes),
            ),
            clock_ticks_per_second: known.count(
                USM_HOST_CLOCK_TICKS_PER_SECOND,
                (host.clock_ticks_per_second > 0).then_some(host.clock_ticks_per_second),
            ),
        };
        filled.present = known.bits();
        filled
    }
}

impl usm_kernel_tables {
    fn of(kernel: Option<&KernelSample>, struct_size: u32) -> usm_kernel_tables {
        let none = KernelSample::default();
        let kernel = kernel.unwrap_or(&none);
        let mut known = Known::default();
        let mut filled = usm_kernel_tables {
            struct_size,
            reserved: 0,
            present: 0,
            open_files: known.count(USM_KERNEL_TABLES_OPEN_FILES, kernel.open_files),
            open_files_limit: known
                .count(USM_KERNEL_TABLES_OPEN_FILES_LIMIT, kernel.open_files_limit),
            open_files_percent: number(kernel.open_files_percent),
            task_limit: known.count(USM_KERNEL_TABLES_TASK_LIMIT, kernel.task_limit),
            task_percent: number(kernel.task_percent),
            clock_is_synchronised: known.count(
                USM_KERNEL_TABLES_CLOCK_IS_SYNCHRONISED,
                kernel.clock_is_synchronised.map(u64::from),
            ),
            clock_jump_seconds: number(kernel.clock_jump_seconds),
        };
        filled.present = known.bits();
        filled
    }
}
