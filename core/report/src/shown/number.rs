//! Numbers as people read them: sizes in IEC units, rates, times and shares. What is not a
//! finite number is shown as unknown.

use super::UNKNOWN;

pub(crate) const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A size, e.g. `1.5 GiB`.
pub fn bytes(count: u64) -> String {
    bytes_of(count as f64)
}

/// A size that may be unknown.
pub fn maybe_bytes(count: Option<u64>) -> String {
    count.map_or_else(|| UNKNOWN.into(), bytes)
}

/// A size that need not be whole, e.g. a mean.
pub fn bytes_of(count: f64) -> String {
    if !count.is_finite() {
        return UNKNOWN.into();
    }
    let mut value = count;
    let mut unit = 0;
    // 1023.96 would be rounded to 1024.0: that is one of the next unit.
    while value.abs() >= 999.5 && unit < UNITS.len() - 1 {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{value:.0} B"),
        _ if value.abs() < 99.95 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

/// Bytes per second, e.g. `12.3 MiB/s`.
pub fn rate(per_sec: Option<f64>) -> String {
    match per_sec {
        Some(value) if value.is_finite() => format!("{}/s", bytes_of(value)),
        _ => UNKNOWN.into(),
    }
}

/// A share of 100 with one decimal, e.g. `12.3 %`.
pub fn percent(value: Option<f64>) -> String {
    match value {
        Some(value) if value.is_finite() => format!("{value:.1} %"),
        _ => UNKNOWN.into(),
    }
}

/// A share of 100 without decimals, e.g. `12 %`.
pub fn whole_percent(value: Option<f64>) -> String {
    match value {
        Some(value) if value.is_finite() => format!("{value:.0} %"),
        _ => UNKNOWN.into(),
    }
}

/// A number with `decimals`.
pub fn decimal(value: Option<f64>, decimals: usize) -> String {
    match value {
        Some(value) if value.is_finite() => format!("{value:.decimals$}"),
        _ => UNKNOWN.into(),
    }
}

/// A count, short: `950`, `12.3 k`, `4.50 M`.
pub fn count(value: Option<f64>) -> String {
    let Some(mut value) = value.filter(|v| v.is_finite()) else {
        return UNKNOWN.into();
    };
    for unit in ["", " k", " M", " G"] {
        if value.abs() < 999.5 {
            return match unit {
                "" => format!("{value:.0}"),
                _ => format!("{}{unit}", three_digits(value)),
            };
        }
        value /= 1000.0;
    }
    format!("{value:.0} T")
}

/// A time that lasts, in its two greatest units: `3 d 4 h`, `12 min 5 s`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return UNKNOWN.into();
    }
    let all = seconds as u64;
    let (days, hours, minutes, rest) = (all / 86_400, all / 3600 % 24, all / 60 % 60, all % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// How long something took; of a short time its tenths count.
pub fn lasting(seconds: f64) -> String {
    match seconds {
        short if (0.0..10.0).contains(&short) => format!("{} s", decimal(Some(short), 1)),
        seconds => duration(seconds),
    }
}

/// A short time in milliseconds: `0.40 ms`, `12.3 ms`, `1.20 s`.
pub fn milliseconds(value: Option<f64>) -> String {
    match value.filter(|v| v.is_finite()) {
        Some(value) if value >= 999.5 => format!("{} s", three_digits(value / 1000.0)),
        Some(value) => format!("{} ms", three_digits(value)),
        None => UNKNOWN.into(),
    }
}

/// Three digits that count: 1.50, 12.3, 123.
pub fn three_digits(value: f64) -> String {
    match value.abs() {
        v if v < 9.995 => format!("{value:.2}"),
        v if v < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_iec_units() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1023), "1.0 KiB");
        assert_eq!(bytes(1536 << 20), "1.5 GiB");
        assert_eq!(bytes(1_048_575), "1.0 MiB");
        assert_eq!(bytes(123 << 30), "123 GiB");
        assert_eq!(bytes(u64::MAX), "16.0 EiB");
        assert_eq!(rate(Some(12.3 * 1_048_576.0)), "12.3 MiB/s");
        assert_eq!(rate(Some(0.0)), "0 B/s");
    }

    #[test]
    fn what_is_unknown_is_never_a_number() {
        for text in [
            maybe_bytes(None),
            rate(None),
            rate(Some(f64::NAN)),
            percent(None),
            percent(Some(f64::INFINITY)),
            whole_percent(None),
            decimal(None, 2),
            count(None),
            milliseconds(Some(f64::NAN)),
            duration(f64::NAN),
            duration(-1.0),
        ] {
            assert_eq!(text, UNKNOWN);
        }
    }

    #[test]
    fn times_have_their_two_greatest_units() {
        assert_eq!(duration(45.9), "45 s");
        assert_eq!(duration(725.0), "12 min 5 s");
        assert_eq!(duration(15_120.0), "4 h 12 min");
        assert_eq!(duration(273_600.0), "3 d 4 h");
        assert_eq!(milliseconds(Some(0.4)), "0.40 ms");
        assert_eq!(milliseconds(Some(12.34)), "12.3 ms");
        assert_eq!(milliseconds(Some(1200.0)), "1.20 s");
    }

    #[test]
    fn counts_are_short() {
        assert_eq!(count(Some(950.0)), "950");
        assert_eq!(count(Some(12_345.0)), "12.3 k");
        assert_eq!(count(Some(999_999.0)), "1.00 M");
        assert_eq!(count(Some(4.5e6)), "4.50 M");
    }
}
