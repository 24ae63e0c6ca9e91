//! One sensor. Drivers tell temperatures in thousandths of a degree.

use crate::sample::{SensorKind, SensorSample};
use crate::series::field::{Field, fields};
use crate::series::raw::{ABSENT, Stored};

/// Metrics 900 to 949.
pub(crate) static SENSOR: &[Field<SensorSample>] = fields!(Sensor of SensorSample {
    900 "sensor_temperature_celsius" Celsius / 1000 (gauge) "Temperature" => [|sensor| value_of(sensor, SensorKind::Temperature), |sensor, raw| put(sensor, raw, 1000)];
    901 "sensor_fan_rpm" Rpm / 1 (gauge) "Turns of a fan" => [|sensor| value_of(sensor, SensorKind::Fan), |sensor, raw| put(sensor, raw, 1)];
    902 "sensor_high_celsius" Celsius / 1000 (gauge) "Temperature that the maker calls high" => [high];
    903 "sensor_critical_celsius" Celsius / 1000 (gauge) "Temperature that the maker calls critical" => [critical];
    904 "sensor_is_stale" Flag / 1 (gauge) "It did not answer in time; the value is the last known one" => [stale];
});

/// A sensor has one value; its kind tells which of the two metrics that is.
fn value_of(sensor: &SensorSample, kind: SensorKind) -> Option<f64> {
    (sensor.kind == kind).then_some(sensor.value)
}

fn put(sensor: &mut SensorSample, raw: i64, steps_per_unit: u32) {
    if raw != ABSENT {
        sensor.value.take_raw(raw, steps_per_unit);
    }
}
