//! Bars: a share of 100 as a row of blocks, and many shares as one small column each.

use super::{Line, Style, Tone};

/// How a share of a resource in use is to be seen.
pub(crate) fn level_of(percent: f64) -> Tone {
    match percent {
        p if p >= 90.0 => Tone::Bad,
        p if p >= 70.0 => Tone::Warning,
        _ => Tone::Good,
    }
}

/// A bar of `cells` columns, filled up to `percent`; empty when it is unknown. What is more
/// than nothing fills at least one cell, what is less than all leaves at least one.
pub(crate) fn bar(percent: Option<f64>, cells: usize, tone: Tone, style: Style) -> Line {
    let inner = match style.unicode {
        true => cells,
        false => cells.saturating_sub(2),
    };
    let filled = percent.filter(|p| p.is_finite()).map_or(0, |percent| {
        let exact = percent.clamp(0.0, 100.0) / 100.0 * inner as f64;
        match exact.round() as usize {
            0 if percent >= 1.0 => 1.min(inner),
            all if all == inner && percent < 99.0 => inner.saturating_sub(1),
            some => some,
        }
    });
    let mut line = Line::new();
    if !style.unicode {
        line.push(Tone::Quiet, "[");
    }
    line.push(tone, "█".repeat(filled));
    let rest = if percent.is_some() { "░" } else { " " };
    line.push(Tone::Quiet, rest.repeat(inner.saturating_sub(filled)));
    if !style.unicode {
        line.push(Tone::Quiet, "]");
    }
    line
}

/// One column for each share: the higher the fuller. Without Unicode a digit in tenths.
pub(crate) fn sparks(shares: &[Option<f64>], style: Style) -> Line {
    const STEPS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut line = Line::new();
    for share in shares {
        let Some(percent) = share.filter(|p| p.is_finite()) else {
            line.push(Tone::Quiet, "–");
            continue;
        };
        let part = percent.clamp(0.0, 100.0) / 100.0;
        let steps: &[&str] = if style.unicode { &STEPS } else { &DIGITS };
        let step = ((part * steps.len() as f64) as usize).min(steps.len() - 1);
        line.push(
            if percent < 1.0 {
                Tone::Quiet
            } else {
                level_of(percent)
            },
            steps[step],
        );
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &Line, unicode: bool) -> String {
        let mut out = String::new();
        line.render(
            Style {
                width: 200,
                unicode,
                colour: false,
            },
            &mut out,
        );
        out
    }

    const UNICODE: Style = Style {
        width: 80,
        unicode: true,
        colour: false,
    };
    const ASCII: Style = Style {
        width: 80,
        unicode: false,
        colour: false,
    };

    #[test]
    fn a_bar_is_filled_by_its_share_and_keeps_its_width() {
        let drawn = |percent| text(&bar(percent, 10, Tone::Good, UNICODE), true);
        assert_eq!(drawn(Some(0.0)), "░░░░░░░░░░");
        assert_eq!(drawn(Some(1.0)), "█░░░░░░░░░");
        assert_eq!(drawn(Some(50.0)), "█████░░░░░");
        assert_eq!(drawn(Some(98.0)), "█████████░");
        assert_eq!(drawn(Some(250.0)), "██████████");
        assert_eq!(drawn(None), "");
        assert_eq!(drawn(Some(f64::NAN)), "░░░░░░░░░░");
        assert_eq!(
            text(&bar(Some(50.0), 10, Tone::Good, ASCII), false),
            "[####....]"
        );
        for cells in 0..5 {
            assert!(bar(Some(70.0), cells, Tone::Good, UNICODE).width() <= cells);
        }
    }

    #[test]
    fn a_spark_rises_with_its_share() {
        let shares = [Some(0.0), Some(40.0), Some(100.0), None];
        assert_eq!(text(&sparks(&shares, UNICODE), true), "▁▄█–");
        assert_eq!(text(&sparks(&shares, ASCII), false), "049-");
    }
}
