//! The age field of tmpfiles.d: `10d`, `1h30m`, `abcmABM:1w`, `~2d`.

/// A parsed age field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Age {
    pub(super) seconds: f64,
    /// `~`: what lies directly in the folder stays, only what is one level deeper goes.
    pub(super) spares_first_level: bool,
}

/// `None` for what is no age; `Some(None)` for `-`, empty and `infinity`: nothing goes.
///
/// The prefix that says which time stamps count is read and passed over: the youngest of
/// all counts here, which never removes more.
pub(super) fn parse(text: &str) -> Option<Option<Age>> {
    if matches!(text, "" | "-") {
        return Some(None);
    }
    let (spares_first_level, text) = match text.strip_prefix('~') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let text = match text.split_once(':') {
        Some((by, rest)) if !by.is_empty() && by.chars().all(|c| "abcmABCM".contains(c)) => rest,
        Some(_) => return None,
        None => text,
    };
    if text == "infinity" {
        return Some(None);
    }
    Some(Some(Age {
        seconds: seconds(text)?,
        spares_first_level,
    }))
}

fn seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().ok()?;
        rest = rest[end..].trim_start();
        let end = rest
            .find(|c: char| c.is_ascii_digit() || c.is_whitespace())
            .unwrap_or(rest.len());
        sum += number * unit(&rest[..end])?;
        rest = rest[end..].trim_start();
    }
    Some(sum)
}

fn unit(name: &str) -> Option<f64> {
    Some(match name {
        "us" | "usec" | "µs" | "μs" => 1e-6,
        "ms" | "msec" => 1e-3,
        "" | "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        "M" | "month" | "months" => 2_629_800.0,
        "y" | "year" | "years" => 31_557_600.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_as_systemd_reads_them() {
        let table = [
            ("10d", 864_000.0, false),
            ("1h30m", 5_400.0, false),
            ("1h 30min", 5_400.0, false),
            ("abcmABM:1w", 604_800.0, false),
            ("~2d", 172_800.0, true),
            ("~m:2d", 172_800.0, true),
            ("0", 0.0, false),
            ("90", 90.0, false),
            ("1.5h", 5_400.0, false),
            ("500ms", 0.5, false),
            ("6month", 15_778_800.0, false),
        ];
        for (text, seconds, spares_first_level) in table {
            let wanted = Age {
                seconds,
                spares_first_level,
            };
            assert_eq!(parse(text), Some(Some(wanted)), "{text}");
        }
        for text in ["-", "", "infinity"] {
            assert_eq!(parse(text), Some(None), "{text}");
        }
        for text in ["x", "10q", "d", "~", "z:1d", ":1d", "-5d", "1..2d", "10d-"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
