//! Charts of the last minutes.

use jiff::tz::TimeZone;

use super::canvas::Look;
use crate::draw::chart::{Chart, letter};
use crate::draw::quantity::quantity;
use crate::draw::{Line, Page, Tone};
use crate::top::model::Model;
use crate::top::model::trail::unit;

/// A chart: its name, and the metrics with theirs.
pub(super) struct Panel {
    name: &'static str,
    lines: &'static [(&'static str, &'static str)],
}

pub(super) const PANELS: [Panel; 4] = [
    Panel {
        name: "In use",
        lines: &[("processors", "cpu_percent"), ("memory", "memory_percent")],
    },
    Panel {
        name: "Network",
        lines: &[
            ("received", "network_received_bytes_per_sec"),
            ("sent", "network_sent_bytes_per_sec"),
        ],
    },
    Panel {
        name: "Disks",
        lines: &[
            ("read", "disk_read_bytes_per_sec"),
            ("written", "disk_write_bytes_per_sec"),
        ],
    },
    Panel {
        name: "Waiting for",
        lines: &[
            ("processors", "pressure_cpu_some_percent"),
            ("memory", "pressure_memory_some_percent"),
            ("disks", "pressure_io_some_percent"),
        ],
    },
];

/// Lines around a chart: its name, and the axis of time.
const AROUND: usize = 3;

/// Columns beside the lines, nearly.
const GUTTER: usize = 12;

/// A chart in so many lines in all, over as long as one dot for each state reaches.
pub(super) fn draw(panel: &Panel, model: &Model, look: Look, width: u16, rows: usize) -> Page {
    let mut page = look.page(width);
    let marks = look.marks(panel.lines.len());
    let mut title = Line::of(Tone::Strong, panel.name).and(Tone::Plain, "  ");
    for (at, (name, metric)) in panel.lines.iter().enumerate() {
        let tone = Tone::Series(u8::try_from(at).unwrap_or(u8::MAX));
        let mark = match look.colour {
            true => "●".to_string(),
            false => letter(at).to_string(),
        };
        let now = model
            .trail
            .values(metric)
            .last()
            .copied()
            .unwrap_or(f64::NAN);
        title.push(tone, mark);
        title.push(Tone::Quiet, format!(" {name} "));
        title.push(Tone::Plain, format!("{}  ", quantity(now, unit(metric))));
    }
    page.push(title);
    let until = model.state.timestamp;
    let dots = usize::from(width).saturating_sub(GUTTER).max(10) * marks.dots().0;
    let metric = panel.lines.first().map_or("", |(_, metric)| metric);
    let chart = Chart {
        times: model.trail.times(),
        series: panel
            .lines
            .iter()
            .map(|(_, metric)| model.trail.values(metric))
            .collect(),
        since: until - dots as f64 * model.interval.max(0.1),
        until,
        longest_link: 3.0 * model.interval + 1.0,
        unit: unit(metric),
        rows: rows.saturating_sub(AROUND),
        marks,
        zone: &TimeZone::system(),
    };
    chart.draw(&mut page);
    page
}
