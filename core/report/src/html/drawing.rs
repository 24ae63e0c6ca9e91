//! Where the lines, bands and marks of a chart lie: numbers only, the page's template puts
//! them into SVG.

use jiff::tz::TimeZone;

use crate::document::{Chart, Line, Span, Timeline};
use crate::shown::clock::minute_of;
use crate::shown::number::duration;
use crate::shown::quantity::mark;
use crate::shown::scale::Scale;
use crate::shown::time_axis;

/// Size of a chart in its own units; a page scales it.
pub(super) const WIDTH: f64 = 560.0;
pub(super) const HEIGHT: f64 = 176.0;
/// The field within it that the lines are in.
pub(super) const LEFT: f64 = 58.0;
const RIGHT: f64 = 550.0;
pub(super) const TOP: f64 = 10.0;
pub(super) const BOTTOM: f64 = 150.0;

/// Of a timeline, which is twice as wide.
pub(super) const WIDE: f64 = 1120.0;
const WIDE_LEFT: f64 = 220.0;
const WIDE_RIGHT: f64 = 1110.0;
const ROW: f64 = 24.0;

/// Marks on the axis of values, at most.
const MOST_MARKS: usize = 5;

/// Letters that are as wide as the field, nearly.
const COLUMNS: usize = 74;
const WIDE_COLUMNS: usize = 130;

/// Letters of a name before a timeline's row.
const NAME_LETTERS: usize = 27;

/// Stretches without a value up to which a line goes on.
const LONGEST_LINK: f64 = 2.5;

/// Least width of a bar, so that it is seen.
const LEAST_BAR: f64 = 2.0;

/// A label on an axis, and where.
pub(super) struct Tick {
    pub(super) at: String,
    pub(super) label: String,
}

/// A line with its band, as paths.
pub(super) struct Stroke {
    /// Its number, from 1: its colour and its dashes.
    pub(super) number: usize,
    pub(super) line: String,
    pub(super) band: String,
    pub(super) name: String,
    pub(super) figures: String,
}

/// A bar of something that lasted.
pub(super) struct Bar {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) tone: &'static str,
    pub(super) title: String,
}

/// A chart.
pub(super) struct Drawing {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) about: String,
    pub(super) across: Vec<Tick>,
    pub(super) up: Vec<Tick>,
    pub(super) strokes: Vec<Stroke>,
    pub(super) bars: Vec<Bar>,
}

/// A timeline.
pub(super) struct Rows {
    pub(super) id: String,
    pub(super) about: String,
    pub(super) height: f64,
    pub(super) bottom: f64,
    pub(super) across: Vec<Tick>,
    pub(super) names: Vec<Tick>,
    pub(super) bars: Vec<Bar>,
    pub(super) left_out: usize,
}

/// A coordinate: a tenth is finer than the eye.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// From a range of time to a range of x.
#[derive(Clone, Copy)]
struct Across {
    since: f64,
    until: f64,
    left: f64,
    right: f64,
}

impl Across {
    fn x(&self, time: f64) -> f64 {
        let part = (time - self.since) / (self.until - self.since);
        let part = if part.is_finite() {
            part.clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.left + part * (self.right - self.left)
    }

    fn ticks(&self, columns: usize, zone: &TimeZone) -> Vec<Tick> {
        let marks = time_axis::marks(self.since, self.until, columns, zone);
        marks
            .into_iter()
            .map(|(time, label)| Tick {
                at: number(self.x(time)),
                label,
            })
            .collect()
    }

    /// `None` of what lies outside.
    fn bar(&self, span: &Span, y: f64, zone: &TimeZone) -> Option<Bar> {
        let end = span.until.unwrap_or(self.until);
        // Neither is true of what is not a number.
        if !(span.since < self.until && end >= self.since) {
            return None;
        }
        let (from, to) = (self.x(span.since), self.x(end));
        let width = (to - from).max(LEAST_BAR);
        let lasted = match span.until {
            Some(end) => format!("for {}", duration(end - span.since)),
            None => "lasts".into(),
        };
        Some(Bar {
            x: number(from.min(self.right - width)),
            y: number(y),
            width: number(width),
            tone: span.tone.name(),
            title: format!("{} ({}, {lasted})", span.title, minute_of(span.since, zone)),
        })
    }
}

impl Drawing {
    pub(super) fn of(chart: &Chart, id: String, zone: &TimeZone) -> Drawing {
        let across = Across {
            since: chart.range.0,
            until: chart.range.1,
            left: LEFT,
            right: RIGHT,
        };
        let (least, greatest) = reach(&chart.lines);
        let scale = Scale::of(least, greatest, chart.unit, MOST_MARKS);
        let y = |value: f64| {
            // Of a range beyond what a number holds there is no place.
            let place = Some(scale.place(value)).filter(|place| place.is_finite());
            BOTTOM - place.unwrap_or(0.0).clamp(0.0, 1.0) * (BOTTOM - TOP)
        };
        let up = scale.marks().map(|value| Tick {
            at: number(y(value)),
            label: mark(value, chart.unit, scale.step),
        });
        let middle = chart.step_seconds / 2.0;
        let strokes = chart.lines.iter().enumerate().map(|(place, line)| {
            // A stretch is drawn at its middle.
            let points = |values: &[f64]| -> Vec<(f64, f64, f64)> {
                let known = chart.times.iter().zip(values);
                known
                    .filter(|(_, value)| value.is_finite())
                    .map(|(time, value)| (*time, across.x(time + middle), y(*value)))
                    .collect()
            };
            let link = chart.step_seconds * LONGEST_LINK;
            Stroke {
                number: place % 3 + 1,
                line: polyline(&points(&line.mean), link),
                band: band(&points(&line.least), &points(&line.greatest), link),
                name: line.name.clone(),
                figures: line.figures.clone(),
            }
        });
        let bars = chart.marks.iter();
        Drawing {
            about: about(chart, zone),
            title: chart.title.clone(),
            id,
            across: across.ticks(COLUMNS, zone),
            up: up.collect(),
            strokes: strokes.collect(),
            bars: bars
                .filter_map(|span| across.bar(span, TOP - 6.0, zone))
                .collect(),
        }
    }
}

/// What the chart shows, for those who can't see it.
fn about(chart: &Chart, zone: &TimeZone) -> String {
    let lines: Vec<String> = chart
        .lines
        .iter()
        .map(|line| match line.name.is_empty() {
            true => line.figures.clone(),
            false => format!("{}: {}", line.name, line.figures),
        })
        .collect();
    format!(
        "{} from {} to {}. {}.",
        chart.title,
        minute_of(chart.range.0, zone),
        minute_of(chart.range.1, zone),
        lines.join("; ")
    )
}

/// The least and the greatest of all values, the bands' too; (0, 0) without any.
fn reach(lines: &[Line]) -> (f64, f64) {
    let values = || {
        let all = lines
            .iter()
            .flat_map(|line| [&line.mean, &line.least, &line.greatest]);
        all.flatten().copied().filter(|value| value.is_finite())
    };
    let least = values().fold(f64::INFINITY, f64::min);
    let greatest = values().fold(f64::NEG_INFINITY, f64::max);
    match least <= greatest {
        true => (least, greatest),
        false => (0.0, 0.0),
    }
}

/// Points (time, x, y) as a path that breaks where nothing is known.
fn polyline(points: &[(f64, f64, f64)], link: f64) -> String {
    let mut path = String::new();
    for run in points.chunk_by(|a, b| b.0 - a.0 <= link) {
        for (place, (_, x, y)) in run.iter().enumerate() {
            path.push_str(if place == 0 { "M" } else { "L" });
            path.push_str(&format!("{} {}", number(*x), number(*y)));
        }
        if run.len() == 1 {
            // Round ends make a dot of it.
            path.push_str("h0");
        }
    }
    path
}

/// The area between two lines of the same times.
fn band(least: &[(f64, f64, f64)], greatest: &[(f64, f64, f64)], link: f64) -> String {
    let mut path = String::new();
    if least.len() != greatest.len() {
        return path;
    }
    let mut begin = 0;
    for run in greatest.chunk_by(|a, b| b.0 - a.0 <= link) {
        let below = &least[begin..begin + run.len()];
        begin += run.len();
        if run.len() < 2 {
            continue;
        }
        for (place, (_, x, y)) in run.iter().chain(below.iter().rev()).enumerate() {
            path.push_str(if place == 0 { "M" } else { "L" });
            path.push_str(&format!("{} {}", number(*x), number(*y)));
        }
        path.push('Z');
    }
    path
}

impl Rows {
    pub(super) fn of(timeline: &Timeline, id: String, zone: &TimeZone) -> Rows {
        let across = Across {
            since: timeline.range.0,
            until: timeline.range.1,
            left: WIDE_LEFT,
            right: WIDE_RIGHT,
        };
        let bottom = TOP + ROW * timeline.rows.len() as f64;
        let top = |row: usize| TOP + ROW * row as f64;
        let names = timeline
            .rows
            .iter()
            .enumerate()
            .map(|(row, (name, _))| Tick {
                at: number(top(row) + 16.0),
                label: shortened(name, NAME_LETTERS),
            });
        let spans = timeline.rows.iter().enumerate();
        let bars = spans.flat_map(|(row, (_, spans))| {
            let y = top(row) + 5.0;
            spans
                .iter()
                .filter_map(move |span| across.bar(span, y, zone))
        });
        let fired: usize = timeline.rows.iter().map(|(_, spans)| spans.len()).sum();
        Rows {
            about: format!(
                "{fired} alerts of {} rules and series from {} to {}. The table of alerts has \
                 them in words.",
                timeline.rows.len(),
                minute_of(timeline.range.0, zone),
                minute_of(timeline.range.1, zone)
            ),
            id,
            height: bottom + 26.0,
            bottom,
            across: across.ticks(WIDE_COLUMNS, zone),
            names: names.collect(),
            bars: bars.collect(),
            left_out: timeline.left_out,
        }
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Tone;
    use usm_core::series::Unit;

    fn chart(values: &[f64]) -> Chart {
        Chart {
            title: "Memory".into(),
            unit: Unit::Percent,
            times: (0..values.len()).map(|n| 1.7e9 + 60.0 * n as f64).collect(),
            step_seconds: 60.0,
            range: (1.7e9, 1.7e9 + 60.0 * values.len() as f64),
            lines: vec![Line {
                name: String::new(),
                mean: values.to_vec(),
                least: values.iter().map(|v| v - 1.0).collect(),
                greatest: values.iter().map(|v| v + 1.0).collect(),
                figures: "mean 1 %".into(),
            }],
            marks: Vec::new(),
        }
    }

    fn drawn(chart: &Chart) -> Drawing {
        Drawing::of(chart, "c1".into(), &TimeZone::UTC)
    }

    #[test]
    fn a_gap_breaks_the_line_and_its_band_and_a_lonely_point_is_a_dot() {
        let nan = f64::NAN;
        let values = [5.0, 6.0, nan, nan, nan, 9.0, nan, nan, nan, 4.0, 3.0];
        let stroke = &drawn(&chart(&values)).strokes[0];
        assert_eq!(stroke.line.matches('M').count(), 3, "{}", stroke.line);
        assert_eq!(stroke.line.matches("h0").count(), 1);
        assert_eq!(stroke.band.matches('Z').count(), 2);
    }

    #[test]
    fn whatever_the_values_are_the_paths_hold_only_coordinates_within_the_field() {
        let wild = [f64::MAX, f64::MIN, f64::INFINITY, f64::NAN, 1e-300, -0.0];
        for values in [&wild[..], &[], &[f64::NAN; 4], &[7.0; 5]] {
            let drawing = drawn(&chart(values));
            for path in drawing.strokes.iter().flat_map(|s| [&s.line, &s.band]) {
                let is_plain = |c: char| c.is_ascii_digit() || "MLZh0 .".contains(c);
                assert!(path.chars().all(is_plain), "{path}");
            }
        }
    }

    #[test]
    fn what_lasted_is_a_bar_that_is_seen_and_stays_within_the_field() {
        let mut chart = chart(&[1.0; 60]);
        let span = |since: f64, until: Option<f64>| Span {
            since: 1.7e9 + since,
            until: until.map(|until| 1.7e9 + until),
            tone: Tone::Bad,
            title: "rule".into(),
        };
        chart.marks = vec![
            span(-500.0, Some(0.5)),
            span(3599.0, None),
            span(-90.0, Some(-50.0)),
            span(9e9, None),
            span(f64::NAN, None),
        ];
        let bars = drawn(&chart).bars;
        assert_eq!(bars.len(), 2);
        for bar in bars {
            let (x, width): (f64, f64) = (bar.x.parse().unwrap(), bar.width.parse().unwrap());
            assert!(width >= LEAST_BAR && x >= LEFT && x + width <= RIGHT + 0.2);
        }
    }
}
