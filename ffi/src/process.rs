//! The processes of the newest state, as plain structs.

use std::ffi::c_char;
use std::mem::{offset_of, size_of};

use usm_core::sample::{ProcessOrder, ProcessSample, ProcessState};
use usm_core::{Error, State};

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::out;
use crate::monitor::{in_own_process, usm_monitor};
use crate::plain::{self, PlainSize};
use crate::status::usm_status;

/// Sort by CPU use, most first.
pub const USM_ORDER_CPU: u32 = 0;
/// Sort by resident memory, most first.
pub const USM_ORDER_MEMORY: u32 = 1;
/// Sort by bytes read and written per second, most first.
pub const USM_ORDER_IO: u32 = 2;
/// Sort by process id, least first.
pub const USM_ORDER_PID: u32 = 3;

/// Bit of usm_process.present: uid.
pub const USM_PROCESS_UID: u32 = 0;
/// Bit of usm_process.present: threads.
pub const USM_PROCESS_THREADS: u32 = 1;
/// Bit of usm_process.present: nice.
pub const USM_PROCESS_NICE: u32 = 2;
/// Bit of usm_process.present: start_time_seconds.
pub const USM_PROCESS_START_TIME_SECONDS: u32 = 3;
/// Bit of usm_process.present: cpu_core_percent.
pub const USM_PROCESS_CPU_CORE_PERCENT: u32 = 4;
/// Bit of usm_process.present: cpu_machine_percent.
pub const USM_PROCESS_CPU_MACHINE_PERCENT: u32 = 5;
/// Bit of usm_process.present: memory_percent.
pub const USM_PROCESS_MEMORY_PERCENT: u32 = 6;
/// Bit of usm_process.present: read_bytes_per_sec.
pub const USM_PROCESS_READ_BYTES_PER_SEC: u32 = 7;
/// Bit of usm_process.present: write_bytes_per_sec.
pub const USM_PROCESS_WRITE_BYTES_PER_SEC: u32 = 8;
/// Bit of usm_process.present: user.
pub const USM_PROCESS_USER: u32 = 9;

/// One process. Values without a bit in `present` are always there.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_process {
    /// How many bytes of this element the library has filled; written by it. For
    /// usm_state_process() set by usm_process_init(), and left as it is.
    pub struct_size: u32,
    /// Bit USM_PROCESS_... is set when that value is known.
    pub present: u32,
    /// Process id.
    pub pid: i32,
    /// Parent's process id; 0 for the first processes.
    pub parent_pid: i32,
    /// Effective user id; UINT32_MAX when it is not known.
    pub uid: u32,
    /// What it is doing, the letter that `ps` shows: R running, S sleeping, D waiting for a
    /// disk, Z zombie, T stopped, t traced, I idle kernel thread, X dead, ? another.
    pub state: u32,
    /// Number of threads; 0 when it is not known.
    pub threads: u32,
    /// Nice value, -20 to 19; 0 when it is not known.
    pub nice: i32,
    /// 1 for a thread of the kernel, else 0.
    pub is_kernel_thread: u32,
    /// 0.
    pub reserved: u32,
    /// Start in clock ticks after boot; with the pid it identifies the process.
    pub start_time_ticks: u64,
    /// Start, seconds since 1970; NaN when it is not known.
    pub start_time_seconds: f64,
    /// CPU time of one core since the sample before, 0 to 100 x cores, as `top` shows it; NaN
    /// when it is not known.
    pub cpu_core_percent: f64,
    /// CPU time of the whole machine, 0 to 100; NaN when it is not known.
    pub cpu_machine_percent: f64,
    /// CPU time since its start, in seconds.
    pub cpu_seconds_total: f64,
    /// Resident memory.
    pub rss_bytes: u64,
    /// Resident memory, percent of the machine's; NaN when it is not known.
    pub memory_percent: f64,
    /// Bytes read from storage per second; NaN when it is not known.
    pub read_bytes_per_sec: f64,
    /// Bytes sent to storage per second; NaN when it is not known.
    pub write_bytes_per_sec: f64,
    /// Name of the program, cut at a character where it is longer.
    pub name: [c_char; 64],
    /// User name, cut at a character where it is longer; empty when it is not known.
    pub user: [c_char; 32],
}

const ELEMENT: PlainSize = PlainSize {
    // Up to and with `state`.
    least: offset_of!(usm_process, threads),
    allowed: "sizeof(usm_process)",
};

/// Copies the processes of the newest state, sorted, into an array of the caller's: as many
/// as it holds, or all of them. All come from one scan.
///
/// - order: USM_ORDER_...
/// - array: takes the processes; NULL when capacity is 0.
/// - element_size: sizeof(usm_process) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many processes there are, which may be more than capacity; the number
///   of elements written is the lesser of both. 0 before the first sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an
/// unknown order or an element size that no version of this header has; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_top_processes(
    monitor: *const usm_monitor,
    order: u32,
    array: *mut usm_process,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        let state = monitor.state();
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_top(&state, order, array, element_size, capacity, count) }
    })
}

/// Copies the processes of a state into the caller's array.
///
/// # Safety
/// `array` is NULL or has `capacity` elements of `element_size` bytes; `count` as for [`out`].
pub(crate) unsafe fn give_top(
    state: &State,
    order: u32,
    array: *mut usm_process,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let count = unsafe { out(count, "count")? };
    let order = order_of(order)?;
    plain::check_array(array, element_size, capacity, ELEMENT)?;
    let Some(sample) = &state.sample else {
        count.write(0);
        return Ok(());
    };
    let top = sample.processes.top(order, capacity);
    for (at, process) in top.into_iter().enumerate() {
        let element = usm_process::of(process, element_size);
        // SAFETY: `at` is below capacity, so by this function's contract the element is the
        // caller's to write.
        unsafe { plain::put(array, at, element_size, &element) };
    }
    count.write(sample.processes.list.len());
    Ok(())
}

/// As [`ELEMENT`], for a struct that the caller made ready.
pub(crate) const SINGLE: PlainSize = PlainSize {
    allowed: "sizeof(usm_process); call usm_process_init() first",
    ..ELEMENT
};

impl usm_process {
    /// A process for an element of `element_size` bytes.
    pub(crate) fn of(process: &ProcessSample, element_size: usize) -> usm_process {
        let mut present = 0;
        let mut number = |bit: u32, value: Option<f64>| {
            present |= u32::from(value.is_some()) << bit;
            value.unwrap_or(f64::NAN)
        };
        let details = &process.details;
        let start_time_seconds = number(USM_PROCESS_START_TIME_SECONDS, process.start_time_seconds);
        let cpu_core_percent = number(USM_PROCESS_CPU_CORE_PERCENT, process.cpu_core_percent);
        let cpu_machine_percent =
            number(USM_PROCESS_CPU_MACHINE_PERCENT, process.cpu_machine_percent);
        let memory_percent = number(USM_PROCESS_MEMORY_PERCENT, process.memory_percent);
        let read_bytes_per_sec = number(USM_PROCESS_READ_BYTES_PER_SEC, process.read_bytes_per_sec);
        let write_bytes_per_sec =
            number(USM_PROCESS_WRITE_BYTES_PER_SEC, process.write_bytes_per_sec);
        for (bit, is_known) in [
            (USM_PROCESS_UID, details.uid.is_some()),
            (USM_PROCESS_THREADS, process.threads.is_some()),
            (USM_PROCESS_NICE, process.nice.is_some()),
            (USM_PROCESS_USER, details.user.is_some()),
        ] {
            present |= u32::from(is_known) << bit;
        }
        usm_process {
            struct_size: size_of::<usm_process>().min(element_size) as u32,
            present,
            pid: process.pid,
            parent_pid: process.parent_pid,
            uid: details.uid.unwrap_or(u32::MAX),
            state: letter(process.state).into(),
            threads: process.threads.unwrap_or(0),
            nice: process.nice.unwrap_or(0),
            is_kernel_thread: details.is_kernel_thread.into(),
            reserved: 0,
            start_time_ticks: process.start_time_ticks,
            start_time_seconds,
            cpu_core_percent,
            cpu_machine_percent,
            cpu_seconds_total: process.cpu_seconds_total,
            rss_bytes: process.rss_bytes,
            memory_percent,
            read_bytes_per_sec,
            write_bytes_per_sec,
            name: cut(&details.name),
            user: cut(details.user.as_deref().unwrap_or_default()),
        }
    }
}

fn order_of(number: u32) -> Result<ProcessOrder, Failure> {
    Ok(match number {
        USM_ORDER_CPU => ProcessOrder::Cpu,
        USM_ORDER_MEMORY => ProcessOrder::Memory,
        USM_ORDER_IO => ProcessOrder::Io,
        USM_ORDER_PID => ProcessOrder::Pid,
        other => return Err(Error::invalid("order", other, "one of USM_ORDER_...").into()),
    })
}

fn letter(state: ProcessState) -> u8 {
    match state {
        ProcessState::Running => b'R',
        ProcessState::Sleeping => b'S',
        ProcessState::DiskSleep => b'D',
        ProcessState::Zombie => b'Z',
        ProcessState::Stopped => b'T',
        ProcessState::Tracing => b't',
        ProcessState::Idle => b'I',
        ProcessState::Dead => b'X',
        ProcessState::Other => b'?',
    }
}

/// As much of a text as fits with a NUL byte at its end, never half a character.
fn cut<const SIZE: usize>(text: &str) -> [c_char; SIZE] {
    let mut bytes = [0; SIZE];
    let end = text.floor_char_boundary(SIZE - 1);
    for (byte, from) in bytes.iter_mut().zip(text[..end].bytes()) {
        *byte = from as c_char;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use usm_core::sample::ProcessDetails;

    #[test]
    fn a_long_name_is_cut_at_a_character() {
        let bytes: [c_char; 5] = cut("aäöü");
        assert_eq!(bytes.map(|b| b as u8), *b"a\xc3\xa4\0\0");
        let bytes: [c_char; 4] = cut("abcdef");
        assert_eq!(bytes.map(|b| b as u8), *b"abc\0");
    }

    #[test]
    fn what_is_not_known_is_marked_as_absent() {
        let unknown = usm_process::of(&ProcessSample::default(), size_of::<usm_process>());
        assert_eq!((unknown.present, unknown.uid), (0, u32::MAX));
        assert!(unknown.cpu_core_percent.is_nan() && unknown.write_bytes_per_sec.is_nan());

        let known = ProcessSample {
            threads: Some(8),
            nice: Some(-9),
            start_time_seconds: Some(1.0),
            cpu_core_percent: Some(2.0),
            cpu_machine_percent: Some(3.0),
            memory_percent: Some(4.0),
            read_bytes_per_sec: Some(5.0),
            write_bytes_per_sec: Some(6.0),
            details: Arc::new(ProcessDetails {
                uid: Some(7),
                user: Some("u".into()),
                ..ProcessDetails::default()
            }),
            ..ProcessSample::default()
        };
        let known = usm_process::of(&known, 48);
        assert_eq!(
            (known.present, known.uid, known.struct_size),
            (0x3ff, 7, 48)
        );
        assert_eq!((known.threads, known.nice), (8, -9));
        assert_eq!((known.start_time_seconds, known.memory_percent), (1.0, 4.0));
        assert_eq!(
            (known.cpu_core_percent, known.cpu_machine_percent),
            (2.0, 3.0)
        );
        assert_eq!(
            (known.read_bytes_per_sec, known.write_bytes_per_sec),
            (5.0, 6.0)
        );
    }
}
