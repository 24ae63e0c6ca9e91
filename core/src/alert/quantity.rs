//! Numbers with units, as people write them in a rule and read them in a message.

use crate::series::Unit;

/// What a unit that was written measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Bytes,
    Percent,
    Seconds,
    Celsius,
    Plain,
}

/// Units of bytes, least first; those of 1024 before those of 1000.
const BYTES: [(&str, f64); 9] = [
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("B", 1.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
];

/// Units of time, longest first.
const TIMES: [(&str, f64); 6] = [
    ("w", 604_800.0),
    ("d", 86_400.0),
    ("h", 3600.0),
    ("m", 60.0),
    ("s", 1.0),
    ("ms", 0.001),
];

/// A hundred years.
const LONGEST_SECONDS: f64 = 3_153_600_000.0;

/// Reads a limit for values of a unit: `90`, `90%`, `10GiB`, `20ms`, `2k`. `Err` says what
/// would do.
pub(super) fn parse(text: &str, unit: Unit) -> Result<f64, String> {
    let trimmed = text.trim();
    let found = read(trimmed).ok_or_else(|| {
        format!(
            "a number{}, such as {}",
            match example(unit) {
                "90" => "",
                _ => " with or without its unit",
            },
            example(unit)
        )
    })?;
    let factor = match (found.1, unit) {
        (Measure::Plain, _) => 1.0,
        (Measure::Bytes, Unit::Bytes | Unit::BytesPerSecond) => 1.0,
        (Measure::Percent, Unit::Percent) => 1.0,
        (Measure::Celsius, Unit::Celsius) => 1.0,
        (Measure::Seconds, Unit::Seconds) => 1.0,
        (Measure::Seconds, Unit::Milliseconds) => 1e3,
        (Measure::Seconds, Unit::Microseconds) => 1e6,
        _ => {
            return Err(format!(
                "a value in {}, such as {}",
                words(unit),
                example(unit)
            ));
        }
    };
    Ok(found.0 * factor)
}

/// A number and what its unit measures, in that measure's base unit.
fn read(text: &str) -> Option<(f64, Measure)> {
    let (number, unit) = split(text)?;
    let per_second = unit.strip_suffix("/s");
    let unit = per_second.unwrap_or(unit);
    let bytes = BYTES
        .iter()
        .find(|(name, _)| unit.eq_ignore_ascii_case(name));
    if let Some((_, factor)) = bytes {
        return Some((number * factor, Measure::Bytes));
    }
    let found = match unit {
        "" => (number, Measure::Plain),
        "k" => (number * 1e3, Measure::Plain),
        _ if per_second.is_some() => return None,
        "%" => (number, Measure::Percent),
        "°C" | "C" => (number, Measure::Celsius),
        _ => match text.strip_prefix('-') {
            Some(back) => (-stretch(back)?, Measure::Seconds),
            None => (stretch(text)?, Measure::Seconds),
        },
    };
    found.0.is_finite().then_some(found)
}

/// The number at the beginning, and the rest.
fn split(text: &str) -> Option<(f64, &str)> {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | '_');
    let mut end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    // An exponent, where digits follow it.
    let rest = &text[end..];
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let digits = exponent.trim_start_matches(['+', '-']);
        let signs = exponent.len() - digits.len();
        let length = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        if length > 0 && signs <= 1 {
            end += 1 + signs + length;
        }
    }
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    Some((number, text[end..].trim_start()))
}

/// Reads a stretch of time, in seconds: `5m`, `1h30m`, or a number of seconds. `Err` says
/// what would do.
pub(super) fn parse_seconds(text: &str) -> Result<f64, String> {
    let trimmed = text.trim();
    let read = trimmed.parse::<f64>().ok().or_else(|| stretch(trimmed));
    read.filter(|seconds| (0.0..=LONGEST_SECONDS).contains(seconds))
        .ok_or_else(|| "a stretch of time such as 30s, 5m, 1h30m or 7d".to_owned())
}

fn stretch(text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = split(rest)?;
        let letters = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let unit = TIMES.iter().find(|(name, _)| *name == &after[..letters])?;
        if number < 0.0 {
            return None;
        }
        seconds += number * unit.1;
        rest = after[letters..].trim_start();
    }
    (!text.is_empty() && seconds.is_finite()).then_some(seconds)
}

/// A stretch of time that [`parse_seconds`] reads back as it was.
pub(super) fn seconds_text(seconds: f64) -> String {
    let mut rest = seconds;
    let mut text = String::new();
    for (name, size) in &TIMES[..5] {
        let count = (rest / size).floor();
        if count > 0.0 && count < 1e15 {
            text.push_str(&format!("{count}{name}"));
            rest -= count * size;
        }
    }
    match parse_seconds(&text) {
        Ok(read) if read == seconds => text,
        _ => format!("{seconds}s"),
    }
}

/// A limit that [`parse`] reads back as it was, with its unit where that is short.
pub(super) fn limit_text(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Percent => format!("{value}%"),
        Unit::Seconds => format!("{value}s"),
        Unit::Milliseconds => format!("{value}ms"),
        Unit::Bytes | Unit::BytesPerSecond => {
            let even = |factor: f64| value.abs() >= factor && (value / factor * 4.0).fract() == 0.0;
            let suffix = if unit == Unit::Bytes { "" } else { "/s" };
            match BYTES[..4].iter().rev().find(|(_, factor)| even(*factor)) {
                Some((name, factor)) => format!("{}{name}{suffix}", value / factor),
                None => format!("{value}"),
            }
        }
        _ => format!("{value}"),
    }
}

/// A value as a message tells it: rounded, with its unit.
pub(super) fn in_words(value: f64, unit: Unit) -> String {
    let number = |value: f64| {
        let size = value.abs();
        match size {
            _ if value.fract() == 0.0 => format!("{value}"),
            100.0.. => format!("{value:.0}"),
            10.0.. => format!("{value:.1}"),
            1.0.. => format!("{value:.2}"),
            _ => format!("{value:.3}"),
        }
    };
    let with = |unit: &str| format!("{} {unit}", number(value));
    match unit {
        Unit::Percent => match value.abs() {
            0.0..0.1 if value != 0.0 => format!("{value:.2} %"),
            _ => format!("{} %", (value * 10.0).round() / 10.0),
        },
        Unit::Bytes | Unit::BytesPerSecond => {
            let suffix = if unit == Unit::Bytes { "" } else { "/s" };
            let fits = |factor: f64| value.abs() >= factor;
            match BYTES[..4].iter().rev().find(|(_, factor)| fits(*factor)) {
                Some((name, factor)) => format!("{} {name}{suffix}", number(value / factor)),
                None => format!("{} B{suffix}", number(value)),
            }
        }
        Unit::PerSecond => with("per second"),
        Unit::Seconds => with("s"),
        Unit::Milliseconds => with("ms"),
        Unit::Microseconds => with("µs"),
        Unit::Celsius => with("°C"),
        Unit::Rpm => with("rpm"),
        Unit::Megahertz => with("MHz"),
        Unit::Watts => with("W"),
        Unit::Count | Unit::Number | Unit::Flag => number(value),
    }
}

fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "90 or 90%",
        Unit::Bytes => "10GiB",
        Unit::BytesPerSecond => "50MiB/s",
        Unit::Seconds => "30s",
        Unit::Milliseconds => "20ms",
        Unit::Microseconds => "500",
        Unit::Celsius => "85",
        _ => "90",
    }
}

fn words(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "percent",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes per second",
        Unit::PerSecond => "things per second",
        Unit::Seconds | Unit::Milliseconds | Unit::Microseconds => "a unit of time",
        Unit::Celsius => "°C",
        Unit::Flag => "0 or 1",
        _ => "plain numbers",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_limit_is_read_in_the_unit_of_its_metric() {
        for (text, unit, value) in [
            ("90%", Unit::Percent, 90.0),
            ("90", Unit::Percent, 90.0),
            ("10GiB", Unit::Bytes, 10_737_418_240.0),
            ("1.5 gb", Unit::Bytes, 1.5e9),
            ("2MB/s", Unit::BytesPerSecond, 2e6),
            ("20ms", Unit::Milliseconds, 20.0),
            ("20ms", Unit::Seconds, 0.02),
            ("5m", Unit::Seconds, 300.0),
            ("-1m30s", Unit::Seconds, -90.0),
            ("85°C", Unit::Celsius, 85.0),
            ("-3.5", Unit::Number, -3.5),
            ("2e3", Unit::Count, 2000.0),
            ("10k", Unit::PerSecond, 1e4),
            ("1_000", Unit::Count, 1000.0),
        ] {
            assert_eq!(parse(text, unit), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_limit_in_another_unit_is_refused_with_an_example() {
        for (text, unit, wanted) in [
            ("10GiB", Unit::Percent, "percent, such as 90 or 90%"),
            ("5%", Unit::Bytes, "bytes, such as 10GiB"),
            ("lots", Unit::Bytes, "such as 10GiB"),
            ("", Unit::Count, "a number, such as 90"),
            ("nan", Unit::Number, "a number"),
            ("1e999", Unit::Number, "a number"),
        ] {
            let error = parse(text, unit).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn stretches_of_time_are_read_and_shown() {
        for (text, seconds) in [
            ("5m", 300.0),
            ("1h30m", 5400.0),
            ("7d", 604_800.0),
            ("12", 12.0),
        ] {
            assert_eq!(parse_seconds(text), Ok(seconds));
        }
        for (seconds, text) in [
            (300.0, "5m"),
            (5400.0, "1h30m"),
            (0.25, "0.25s"),
            (0.0, "0s"),
        ] {
            assert_eq!(seconds_text(seconds), text);
        }
        for text in ["", "5 parsecs", "-5m", "m", "1e30y"] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_value_is_told_with_its_unit_and_not_too_many_digits() {
        for (value, unit, text) in [
            (91.234, Unit::Percent, "91.2 %"),
            (3.2e9, Unit::Bytes, "2.98 GiB"),
            (12.0, Unit::Count, "12"),
            (0.0, Unit::Percent, "0 %"),
            (71.25, Unit::Celsius, "71.2 °C"),
            (1234.5, Unit::PerSecond, "1234 per second"),
        ] {
            assert_eq!(in_words(value, unit), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(value in -1e15f64..1e15, whole in 0u64..1 << 50) {
            for unit in [Unit::Percent, Unit::Bytes, Unit::BytesPerSecond, Unit::Seconds, Unit::Milliseconds, Unit::Count] {
                for value in [value.abs(), whole as f64, whole as f64 * 1024.0] {
                    let read = parse(&limit_text(value, unit), unit).unwrap();
                    prop_assert!((read - value).abs() <= value.abs() * 1e-12, "{} {:?}", value, unit);
                }
            }
            let seconds = value.abs() / 1e6;
            prop_assert_eq!(parse_seconds(&seconds_text(seconds)), Ok(seconds));
            prop_assert_eq!(parse_seconds(&seconds_text(whole as f64 / 1e6)), Ok(whole as f64 / 1e6));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|[0-9.eE+-]{0,12}[a-zA-Z%/]{0,5}") {
            let _ = parse(&text, Unit::Bytes);
            let _ = parse_seconds(&text);
        }
    }
}
