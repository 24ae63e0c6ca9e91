//! Lines over time in a terminal. Own code rather than a library's widget: the marks are at
//! round times of the day, gaps stay gaps, and it is drawn without Unicode and without
//! colours as well.

mod raster;

use jiff::tz::TimeZone;
use usm_core::series::Unit;
use usm_report::shown::scale::Scale;
use usm_report::shown::time_axis;

use super::quantity::mark;
use super::{Line, Page, Tone};
use raster::Raster;
pub(crate) use raster::{Marks, letter};

/// Lines of text between two marks of the axis of values, nearly.
const ROWS_PER_MARK: usize = 3;

/// Least columns that the lines have.
const LEAST_COLUMNS: usize = 10;

/// Several series of one unit.
#[derive(Debug)]
pub(crate) struct Chart<'a> {
    /// Unix seconds, ascending.
    pub(crate) times: &'a [f64],
    /// Values of each series at those times; NaN where nothing is known.
    pub(crate) series: Vec<&'a [f64]>,
    /// The range that the axis shows, Unix seconds.
    pub(crate) since: f64,
    /// Its end.
    pub(crate) until: f64,
    /// Seconds between two values up to which a line is drawn from one to the other.
    pub(crate) longest_link: f64,
    pub(crate) unit: Unit,
    /// Lines of text, the axis of time not counted.
    pub(crate) rows: usize,
    pub(crate) marks: Marks,
    pub(crate) zone: &'a TimeZone,
}

impl Chart<'_> {
    pub(crate) fn draw(&self, page: &mut Page) {
        let rows = self.rows.max(2);
        let known = || {
            self.series
                .iter()
                .copied()
                .flatten()
                .filter(|v| v.is_finite())
        };
        let least = known().copied().fold(f64::INFINITY, f64::min);
        let greatest = known().copied().fold(f64::NEG_INFINITY, f64::max);
        let (least, greatest) = match least <= greatest {
            true => (least, greatest),
            false => (0.0, 0.0),
        };
        let scale = Scale::of(least, greatest, self.unit, (rows - 1) / ROWS_PER_MARK + 1);
        let down = rows * self.marks.dots().1;
        let dot_of = |value: f64| {
            let from_bottom = scale.place(value).clamp(0.0, 1.0) * (down - 1) as f64;
            down - 1 - from_bottom.round() as usize
        };
        let mut labels = vec![None; rows];
        for value in scale.marks() {
            labels[dot_of(value) / self.marks.dots().1] = Some(mark(value, self.unit, scale.step));
        }
        let gutter = labels
            .iter()
            .flatten()
            .map(|label| unicode_width::UnicodeWidthStr::width(label.as_str()))
            .max()
            .unwrap_or(0);
        let columns = page.width().saturating_sub(gutter + 2).max(LEAST_COLUMNS);
        let raster = self.raster(columns, rows, dot_of);
        for (row, label) in labels.iter().enumerate() {
            page.push(self.row(&raster, row, label.as_deref(), gutter));
        }
        self.time_axis(gutter, columns, page);
    }

    fn raster(&self, columns: usize, rows: usize, dot_of: impl Fn(f64) -> usize) -> Raster {
        let mut raster = Raster::new(self.marks, columns, rows);
        let across = raster.size().0;
        // The first series is drawn last: its dots lie above the others'.
        for (place, values) in self.series.iter().enumerate().rev() {
            let mut before: Option<(f64, (usize, usize))> = None;
            for (time, value) in self.times.iter().zip(values.iter()) {
                let part = (time - self.since) / (self.until - self.since);
                if !value.is_finite() || !(0.0..=1.0).contains(&part) {
                    continue;
                }
                let at = (
                    (part * (across - 1) as f64).round() as usize,
                    dot_of(*value),
                );
                match before {
                    Some((last, from)) if time - last <= self.longest_link => {
                        raster.link(from, at, place);
                    }
                    _ => raster.set(at.0, at.1, place),
                }
                before = Some((*time, at));
            }
        }
        raster
    }

    fn row(&self, raster: &Raster, row: usize, label: Option<&str>, gutter: usize) -> Line {
        let text = label.unwrap_or_default();
        let width = unicode_width::UnicodeWidthStr::width(text);
        let edge = if label.is_some() { "┤" } else { "│" };
        let mut line = Line::new()
            .padded(gutter.saturating_sub(width))
            .and(Tone::Quiet, text)
            .and(Tone::Quiet, format!(" {edge}"));
        for (owner, text) in raster.runs(row) {
            let tone = owner.map_or(Tone::Plain, tone_of);
            line.push(tone, text);
        }
        line
    }

    /// The axis of time alone, below `columns` that begin behind a gutter and its edge.
    pub(crate) fn time_axis(&self, gutter: usize, columns: usize, page: &mut Page) {
        let marks = time_axis::marks(self.since, self.until, columns, self.zone);
        let mut edge: Vec<char> = vec!['─'; columns];
        let mut labels = Line::new().padded(gutter + 2);
        for (time, label) in marks {
            let part = (time - self.since) / (self.until - self.since);
            let column = (part * (columns - 1) as f64).round() as usize;
            // The middle of a label below its mark, unless it would leave the picture.
            let start = (gutter + 2 + column)
                .saturating_sub(label.len() / 2)
                .min((gutter + 2 + columns).saturating_sub(label.len()));
            let is_free = labels.width() == gutter + 2 || start > labels.width() + 1;
            if let Some(place) = edge.get_mut(column).filter(|_| is_free) {
                *place = '┬';
                labels = labels.padded(start).and(Tone::Quiet, label);
            }
        }
        let edge: String = edge.into_iter().collect();
        let corner = Line::new().padded(gutter + 1).and(Tone::Quiet, "└");
        page.push(corner.and(Tone::Quiet, edge));
        page.push(labels);
    }
}

/// The colour of a line.
pub(crate) fn tone_of(series: usize) -> Tone {
    Tone::Series(u8::try_from(series).unwrap_or(u8::MAX))
}
