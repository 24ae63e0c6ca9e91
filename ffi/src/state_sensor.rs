//! The sensors and batteries of a state.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::sample::{BatterySample, SensorKind, SensorSample};

use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{at, usm_state};
use crate::plain::PlainSize;
use crate::state_part::give_rows;
use crate::status::usm_status;

/// Degrees Celsius.
pub const USM_SENSOR_TEMPERATURE: u32 = 0;
/// Turns per minute of a fan.
pub const USM_SENSOR_FAN: u32 = 1;

/// One sensor that gave a believable value. Its texts live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_sensor {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// What it measures: USM_SENSOR_...
    pub kind: u32,
    /// 1 when it did not answer in time and the value is the last known one; else 0.
    pub is_stale: u32,
    /// 0.
    pub reserved: u32,
    /// Chip, e.g. "coretemp"; a second one of the same name is "nvme #2".
    pub chip: *const c_char,
    /// Label, e.g. "Package id 0"; "temp1" where there is none.
    pub label: *const c_char,
    /// Degrees Celsius, or turns per minute of a fan.
    pub value: f64,
    /// Temperature that its maker calls high; NaN where none is told.
    pub high: f64,
    /// Temperature that its maker calls critical; NaN where none is told.
    pub critical: f64,
}

const SENSOR: PlainSize = PlainSize {
    least: offset_of!(usm_sensor, high),
    allowed: "sizeof(usm_sensor)",
};

/// One battery of the system. A number that can't be read is NaN. Whether mains are plugged in:
/// usm_metrics.battery_plugged. Its texts live as long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_battery {
    /// How many bytes of this element the library has filled; written by it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Name, e.g. "BAT0".
    pub name: *const c_char,
    /// The kernel's word: "Charging", "Discharging", "Full", "Not charging"; NULL when it tells
    /// none.
    pub status: *const c_char,
    /// Charge, 0 to 100.
    pub charge_percent: f64,
    /// Power drawn or taken, watts.
    pub power_watts: f64,
    /// Until it is empty at this power, seconds; NaN unless it discharges.
    pub seconds_to_empty: f64,
    /// Full charge now against that of the design, 0 to 100: its health.
    pub capacity_percent: f64,
}

const BATTERY: PlainSize = PlainSize {
    least: offset_of!(usm_battery, charge_percent),
    allowed: "sizeof(usm_battery)",
};

/// Copies the temperatures and fans into an array of the caller's.
///
/// - array: takes them; NULL when capacity is 0.
/// - element_size: sizeof(usm_sensor) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; 0 before the first
///   sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
/// size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_sensors(
    state: *const usm_state,
    array: *mut usm_sensor,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let list = moment.list(|sample| &sample.sensors);
        let make = |at, sensor: &SensorSample, struct_size| {
            let texts = [Some(&*sensor.chip), Some(&*sensor.label)];
            let texts = moment.texts.sensors.row(list.len(), at, texts);
            usm_sensor::of(sensor, texts, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_rows(list, make, array, element_size, capacity, count, SENSOR) }
    })
}

/// Copies the batteries of the system into an array of the caller's.
///
/// - array: takes them; NULL when capacity is 0.
/// - element_size: sizeof(usm_battery) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; 0 before the first
///   sample.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT for an element
/// size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_batteries(
    state: *const usm_state,
    array: *mut usm_battery,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let list = moment.list(|sample| &sample.power.batteries);
        let make = |at, battery: &BatterySample, struct_size| {
            let texts = [Some(&*battery.name), battery.status.as_deref()];
            let texts = moment.texts.batteries.row(list.len(), at, texts);
            usm_battery::of(battery, texts, struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or an array and a variable.
        unsafe { give_rows(list, make, array, element_size, capacity, count, BATTERY) }
    })
}

fn kind_number(kind: SensorKind) -> u32 {
    match kind {
        SensorKind::Temperature => USM_SENSOR_TEMPERATURE,
        SensorKind::Fan => USM_SENSOR_FAN,
    }
}

impl usm_sensor {
    fn of(
        sensor: &SensorSample,
        [chip, label]: [*const c_char; 2],
        struct_size: u32,
    ) -> usm_sensor {
        usm_sensor {
            struct_size,
            kind: kind_number(sensor.kind),
            is_stale: sensor.stale.into(),
            reserved: 0,
            chip,
            label,
            value: sensor.value,
            high: number(sensor.high),
            critical: number(sensor.critical),
        }
    }
}

impl usm_battery {
    fn of(
        battery: &BatterySample,
        [name, status]: [*const c_char; 2],
        struct_size: u32,
    ) -> usm_battery {
        usm_battery {
            struct_size,
            reserved: 0,
            name,
            status,
            charge_percent: number(battery.charge_percent),
            power_watts: number(battery.power_watts),
            seconds_to_empty: number(battery.seconds_to_empty),
            capacity_percent: number(battery.capacity_percent),
        }
    }
}
