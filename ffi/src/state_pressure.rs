//! The pressure on a resource, of a state.

use std::mem::offset_of;

use usm_core::Error;
use usm_core::sample::{PressureLine, PressureResource, PressureSample};

use crate::failure::Failure;
use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::{self, PlainSize};
use crate::state_part::Known;
use crate::status::usm_status;

/// Waiting for a processor.
pub const USM_PRESSURE_CPU: u32 = 0;
/// Waiting for memory: reclaim, swap, and what was thrown out of it too early.
pub const USM_PRESSURE_MEMORY: u32 = 1;
/// Waiting for a disk.
pub const USM_PRESSURE_IO: u32 = 2;

/// Bit of usm_pressure.present: some_stalled_usec_total.
pub const USM_PRESSURE_SOME_STALLED_USEC_TOTAL: u32 = 0;
/// Bit of usm_pressure.present: full_stalled_usec_total.
pub const USM_PRESSURE_FULL_STALLED_USEC_TOTAL: u32 = 1;

/// Pressure stall information of one resource: how long tasks waited for it. Where the kernel
/// does not account it, every number is NaN and every bit in `present` cleared (ask by
/// usm_is_present()).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_pressure {
    /// sizeof(usm_pressure) in the caller's program, as usm_pressure_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Bit USM_PRESSURE_... is set when that whole number is known.
    pub present: u64,
    /// At least one task waited, percent of the time since the sample before; NaN in the first
    /// one.
    pub some_percent: f64,
    /// The same of the last 10 seconds.
    pub some_avg10_percent: f64,
    /// The same of the last minute.
    pub some_avg60_percent: f64,
    /// The same of the last 5 minutes.
    pub some_avg300_percent: f64,
    /// Time waited since boot, microseconds.
    pub some_stalled_usec_total: u64,
    /// All tasks that had work waited at once, percent of the time since the sample before; NaN
    /// in the first one.
    pub full_percent: f64,
    /// The same of the last 10 seconds.
    pub full_avg10_percent: f64,
    /// The same of the last minute.
    pub full_avg60_percent: f64,
    /// The same of the last 5 minutes.
    pub full_avg300_percent: f64,
    /// Time waited since boot, microseconds.
    pub full_stalled_usec_total: u64,
}

const PRESSURE: PlainSize = PlainSize {
    least: offset_of!(usm_pressure, some_avg60_percent),
    allowed: "sizeof(usm_pressure); call usm_pressure_init() first",
};

/// Copies the pressure on a resource of the machine.
///
/// - resource: USM_PRESSURE_...
/// - pressure: filled as far as its struct_size goes; see usm_pressure_init().
///
/// Returns: USM_OK, also before the first sample and where the kernel does not account it, when
/// nothing is known; USM_ERR_INVALID_ARGUMENT for an unknown resource or a struct_size that no
/// version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_pressure(
    state: *const usm_state,
    resource: u32,
    pressure: *mut usm_pressure,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let of = resource_of(resource)?;
        let known = moment.part(|sample| &sample.pressure).and_then(of);
        let make = |struct_size| usm_pressure::of(known.as_ref(), struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(pressure, "pressure", PRESSURE, make) }
    })
}

/// Finds one resource among those that are accounted.
type Resource = fn(&PressureSample) -> Option<PressureResource>;

fn resource_of(number: u32) -> Result<Resource, Failure> {
    Ok(match number {
        USM_PRESSURE_CPU => |sample| sample.cpu,
        USM_PRESSURE_MEMORY => |sample| sample.memory,
        USM_PRESSURE_IO => |sample| sample.io,
        other => return Err(Error::invalid("resource", other, "one of USM_PRESSURE_...").into()),
    })
}

fn average(line: Option<&PressureLine>, of: fn(&PressureLine) -> f64) -> f64 {
    number(line.map(of))
}

impl usm_pressure {
    fn of(resource: Option<&PressureResource>, struct_size: u32) -> usm_pressure {
        let some = resource.map(|resource| &resource.some);
        let full = resource.and_then(|resource| resource.full.as_ref());
        let mut known = Known::default();
        let mut filled = usm_pressure {
            struct_size,
            reserved: 0,
            present: 0,
            some_percent: number(some.and_then(|line| line.stalled_percent)),
            some_avg10_percent: average(some, |line| line.avg10_percent),
            some_avg60_percent: average(some, |line| line.avg60_percent),
            some_avg300_percent: average(some, |line| line.avg300_percent),
            some_stalled_usec_total: known.count(
                USM_PRESSURE_SOME_STALLED_USEC_TOTAL,
                some.map(|line| line.stalled_usec_total),
            ),
            full_percent: number(full.and_then(|line| line.stalled_percent)),
            full_avg10_percent: average(full, |line| line.avg10_percent),
            full_avg60_percent: average(full, |line| line.avg60_percent),
            full_avg300_percent: average(full, |line| line.avg300_percent),
            full_stalled_usec_total: known.count(
                USM_PRESSURE_FULL_STALLED_USEC_TOTAL,
                full.map(|line| line.stalled_usec_total),
            ),
        };
        filled.present = known.bits();
        filled
    }
}
