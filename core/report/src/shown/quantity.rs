//! Values with their unit, as people read them.

use usm_core::series::Unit;

use super::UNKNOWN;
use super::number::{UNITS, bytes_of, count, duration, milliseconds, three_digits};

/// A value of a series, e.g. `12.3 %` or `1.5 GiB`.
pub fn quantity(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return UNKNOWN.into();
    }
    match unit {
        Unit::Percent => format!("{value:.1} %"),
        Unit::Bytes => bytes_of(value),
        Unit::BytesPerSecond => format!("{}/s", bytes_of(value)),
        Unit::PerSecond => format!("{}/s", number(value)),
        Unit::Count | Unit::Number => number(value),
        Unit::Seconds => seconds(value),
        Unit::Milliseconds => milliseconds(Some(value)),
        Unit::Microseconds if value.abs() >= 999.5 => milliseconds(Some(value / 1000.0)),
        Unit::Microseconds => format!("{} µs", number(value)),
        Unit::Celsius => format!("{value:.1} °C"),
        Unit::Rpm => format!("{value:.0} rpm"),
        Unit::Megahertz => format!("{value:.0} MHz"),
        Unit::Watts => format!("{value:.1} W"),
        Unit::Flag if value == 0.0 => "no".into(),
        Unit::Flag if value == 1.0 => "yes".into(),
        // The mean of a flag: how much of the time it held.
        Unit::Flag => format!("{:.0} % yes", 100.0 * value),
    }
}

/// A mark beside an axis whose marks are `step` apart: short, and no two alike.
pub fn mark(value: f64, unit: Unit, step: f64) -> String {
    let plain = || {
        let decimals = (-step.log10()).ceil().clamp(0.0, 6.0) as usize;
        match value.abs().max(step) {
            large if large >= 10_000.0 => count(Some(value)),
            _ => format!("{value:.decimals$}"),
        }
    };
    match unit {
        Unit::Bytes => bytes_mark(value, step),
        Unit::BytesPerSecond => format!("{}/s", bytes_mark(value, step)),
        Unit::Flag => quantity(value, unit),
        Unit::Seconds if step >= 1.0 => quantity(value, unit),
        Unit::Percent => format!("{} %", plain()),
        Unit::PerSecond => format!("{}/s", plain()),
        Unit::Count | Unit::Number => plain(),
        Unit::Seconds => format!("{} s", plain()),
        Unit::Milliseconds => format!("{} ms", plain()),
        Unit::Microseconds => format!("{} µs", plain()),
        Unit::Celsius => format!("{} °C", plain()),
        Unit::Rpm => format!("{} rpm", plain()),
        Unit::Megahertz => format!("{} MHz", plain()),
        Unit::Watts => format!("{} W", plain()),
    }
}

/// A size with as many decimals as tell it from one that is `step` away.
fn bytes_mark(value: f64, step: f64) -> String {
    let usual = bytes_of(value);
    let unit = usual.rsplit(' ').next().unwrap_or_default();
    let power = UNITS.iter().position(|name| *name == unit).unwrap_or(0);
    let size = 1024f64.powi(power as i32);
    let decimals = (-(step / size).log10()).ceil().clamp(0.0, 6.0) as usize;
    match power {
        0 => usual,
        _ => format!("{:.decimals$} {unit}", value / size),
    }
}

/// Name of a unit in a list; empty where a number says it all.
pub fn name(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "%",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes/s",
        Unit::PerSecond => "per s",
        Unit::Count => "count",
        Unit::Seconds => "s",
        Unit::Milliseconds => "ms",
        Unit::Microseconds => "µs",
        Unit::Celsius => "°C",
        Unit::Rpm => "rpm",
        Unit::Megahertz => "MHz",
        Unit::Watts => "W",
        Unit::Number => "",
        Unit::Flag => "yes/no",
    }
}

/// A number that is mostly whole: without decimals when it is, with some when it is a mean.
fn number(value: f64) -> String {
    match value.abs() {
        v if v < 999.5 && value.fract() == 0.0 => format!("{value:.0}"),
        v if v < 999.5 => three_digits(value),
        _ => count(Some(value)),
    }
}

fn seconds(value: f64) -> String {
    match value.abs() {
        v if v < 0.9995 => milliseconds(Some(value * 1000.0)),
        v if v < 60.0 => format!("{} s", number(value)),
        _ if value < 0.0 => format!("−{}", duration(-value)),
        _ => duration(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_read_as_people_read_it() {
        for (value, unit, wanted) in [
            (12.345, Unit::Percent, "12.3 %"),
            (1.5 * 1_073_741_824.0, Unit::Bytes, "1.5 GiB"),
            (0.0, Unit::BytesPerSecond, "0 B/s"),
            (2.5, Unit::PerSecond, "2.50/s"),
            (12_345.0, Unit::Count, "12.3 k"),
            (7.0, Unit::Count, "7"),
            (0.52, Unit::Number, "0.52"),
            (725.0, Unit::Seconds, "12 min 5 s"),
            (0.25, Unit::Seconds, "250 ms"),
            (1500.0, Unit::Microseconds, "1.50 ms"),
            (45.06, Unit::Celsius, "45.1 °C"),
            (1.0, Unit::Flag, "yes"),
            (0.25, Unit::Flag, "25 % yes"),
            (f64::NAN, Unit::Bytes, "–"),
        ] {
            assert_eq!(quantity(value, unit), wanted);
        }
    }

    #[test]
    fn the_marks_of_an_axis_have_as_many_decimals_as_their_distance_needs() {
        assert_eq!(mark(25.0, Unit::Percent, 25.0), "25 %");
        assert_eq!(mark(2.5, Unit::Percent, 0.5), "2.5 %");
        assert_eq!(mark(0.05, Unit::Number, 0.05), "0.05");
        assert_eq!(mark(20_000.0, Unit::PerSecond, 5000.0), "20.0 k/s");
        let mib = 1_048_576.0;
        assert_eq!(mark(512.0 * mib, Unit::Bytes, 1e8), "512 MiB");
        assert_eq!(mark(2000.0 * mib, Unit::Bytes, 500.0 * mib), "2.0 GiB");
        assert_eq!(mark(3900.0 * mib, Unit::Bytes, 5.0 * mib), "3.809 GiB");
        assert_eq!(mark(3905.0 * mib, Unit::Bytes, 5.0 * mib), "3.813 GiB");
        assert_eq!(mark(0.0, Unit::BytesPerSecond, mib), "0 B/s");
    }
}
