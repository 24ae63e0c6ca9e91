//! The whole machine on one screen.

use ratatui_core::layout::Rect;
use usm_core::Sample;
use usm_core::judge::Score;

use super::canvas::Canvas;
use super::process_table::Table;
use super::{above, below, beside, live, rows_of};
use crate::draw::number::{rate, whole_percent};
use crate::draw::{Flow, Line, Page, Tone, UNKNOWN, bar, level_of, sparks};
use crate::status::{cpu, memory, network, sensors, storage};
use crate::top::model::{Model, Room};
use crate::words::{alert_tone, count_of, severity_tone};

/// From here on there are charts beside the numbers.
const WIDE: u16 = 110;
const HIGH: u16 = 32;

/// Columns of the names at the left edge, as in `usm status`.
const GUTTER: usize = 12;

/// Lines that the processes have at least.
const LEAST_PROCESSES: u16 = 8;

/// Columns of a small chart of a rate.
const SPARKS: usize = 16;

/// Lines of one chart at least.
const LEAST_CHART: u16 = 8;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Room {
    let Some(sample) = model.state.sample.as_deref() else {
        let (tone, text) = match model.state.sequence {
            0 => (Tone::Quiet, "The first look is being taken…"),
            _ => (
                Tone::Warning,
                "No sample is taken: enable_monitoring is off.",
            ),
        };
        canvas.line(area, 0, &Line::of(tone, text));
        return Room::default();
    };
    let rest = match area.width >= WIDE && area.height >= HIGH {
        true => wide(model, sample, area, canvas),
        false => {
            let mut page = numbers(model, sample, canvas, area.width);
            flows(model, sample, &mut page);
            let most = area.height.saturating_sub(LEAST_PROCESSES);
            let rows = rows_of(page.lines().len()).min(most);
            canvas.page(above(area, rows), &page, 0);
            below(area, rows)
        }
    };
    processes(model, sample, rest, canvas);
    Room::default()
}

/// Numbers at the left, charts at the right, tables below them; what is left.
fn wide(model: &Model, sample: &Sample, area: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let (left, right) = beside(area, area.width / 2 - 1, 2);
    let page = numbers(model, sample, canvas, left.width);
    let lines = rows_of(page.lines().len());
    let rows = lines
        .max(area.height * 2 / 5)
        .min(area.height - LEAST_PROCESSES);
    canvas.page(above(left, rows), &page, 0);
    charts(model, above(right, rows), canvas);
    let rest = below(area, rows);
    // Enough is left for the processes, which are what one looks for.
    let most = rest.height.saturating_sub(LEAST_PROCESSES + 4);
    let (left, right) = beside(above(rest, most), area.width / 2 - 1, 2);
    let mut devices = canvas.look.page(left.width);
    storage::disks(sample, &mut devices);
    network::draw(sample, &mut devices);
    let mut places = canvas.look.page(right.width);
    storage::filesystems(&sample.filesystems, &mut places);
    if sample.sensors.len() + sample.power.batteries.len() > 0 {
        places.gap();
        sensors::draw(sample, &mut places);
    }
    canvas.page(left, &devices, 0);
    canvas.page(right, &places, 0);
    let used = rows_of(devices.lines().len().max(places.lines().len())).min(most);
    below(rest, used)
}

/// As many charts as fit, below each other, and beside each other where it is very wide.
fn charts(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let across = if area.width >= 90 { 2 } else { 1 };
    let down = (area.height / LEAST_CHART).clamp(1, 4 / across);
    let (width, height) = (area.width / across, area.height / down);
    for (at, panel) in (0..).zip(live::PANELS.iter().take(usize::from(across * down))) {
        let place = Rect::new(
            area.x + at % across * width,
            area.y + at / across * height,
            width - u16::from(across > 1),
            height,
        );
        let page = live::draw(panel, model, canvas.look, place.width, usize::from(height));
        canvas.page(place, &page, 0);
    }
}

/// Scores, what is the matter, processors, memory, load and waiting.
fn numbers(model: &Model, sample: &Sample, canvas: &Canvas<'_>, width: u16) -> Page {
    let mut page = canvas.look.page(width);
    scores(model, &mut page);
    matters(model, &mut page);
    cpu::draw(sample, &mut page);
    memory::draw(sample, &mut page);
    page
}

fn scores(model: &Model, page: &mut Page) {
    let scores = &model.state.scores;
    let cells = page.width() / 10;
    let mut flow = Flow::new(page, Line::of(Tone::Label, "Scores"), GUTTER);
    for (name, score) in [
        ("health", &scores.health),
        ("performance", &scores.performance),
        ("security", &scores.security),
    ] {
        let value = score.value;
        let tone = tone_of(score);
        let number = value.map_or_else(|| UNKNOWN.into(), |value| format!("{value:.0}"));
        let mut piece = Line::of(Tone::Quiet, format!("{name} "));
        piece.append(bar(value, cells.min(10), tone, page.style()));
        flow.add(piece.and(tone, format!("{number:>4}")));
    }
    flow.end(page);
}

fn tone_of(score: &Score) -> Tone {
    score.value.map_or(Tone::Quiet, |value| match value {
        v if v >= 70.0 => Tone::Good,
        v if v >= 40.0 => Tone::Warning,
        _ => Tone::Bad,
    })
}

/// What fires and the worst that is the matter, each in a line or two.
fn matters(model: &Model, page: &mut Page) {
    let alerts = model.firing();
    let fire: Vec<_> = alerts
        .iter()
        .filter(|one| one.value.fired_at.is_some())
        .collect();
    if let Some(worst) = fire.first() {
        let tone = alert_tone(worst.value.severity);
        let mut flow = Flow::new(page, Line::of(Tone::Label, "Alerts"), GUTTER);
        flow.words(
            tone,
            &format!("● {}:", count_of(fire.len(), "fires", "fire")),
        );
        flow.words(Tone::Plain, &worst.value.message);
        flow.end(page);
    }
    let matter = model.matter();
    if let Some(worst) = matter.worst() {
        let mut flow = Flow::new(page, Line::of(Tone::Label, "Insight"), GUTTER);
        flow.words(severity_tone(worst.severity), "●");
        flow.words(Tone::Plain, &worst.text);
        flow.end(page);
    }
}

/// Disks, network and file systems in a line each.
fn flows(model: &Model, sample: &Sample, page: &mut Page) {
    let metrics = &model.state.metrics;
    let busy = metrics.disk_utilisation_percent;
    let more = busy
        .map(|busy| Line::of(Tone::Quiet, "busy ").and(level_of(busy), whole_percent(Some(busy))));
    moving(
        "Disks",
        [
            (
                "read",
                "disk_read_bytes_per_sec",
                metrics.disk_read_bytes_per_sec,
            ),
            (
                "write",
                "disk_write_bytes_per_sec",
                metrics.disk_write_bytes_per_sec,
            ),
        ],
        more,
        model,
        page,
    );
    moving(
        "Network",
        [
            (
                "in",
                "network_received_bytes_per_sec",
                metrics.network_received_bytes_per_sec,
            ),
            (
                "out",
                "network_sent_bytes_per_sec",
                metrics.network_sent_bytes_per_sec,
            ),
        ],
        None,
        model,
        page,
    );
    let mut flow = Flow::new(page, Line::of(Tone::Label, "File systems"), GUTTER + 1);
    let mut systems: Vec<_> = sample.filesystems.iter().collect();
    let used = |percent: Option<f64>| percent.unwrap_or(-1.0);
    systems.sort_by(|a, b| used(b.used_percent).total_cmp(&used(a.used_percent)));
    for system in systems.iter().take(4) {
        let tone = system.used_percent.map_or(Tone::Quiet, level_of);
        let place = Line::of(Tone::Quiet, format!("{} ", system.mount_point));
        flow.add(place.and(tone, whole_percent(system.used_percent)));
    }
    if systems.is_empty() {
        flow.add(Line::of(Tone::Quiet, "none to be seen"));
    }
    flow.end(page);
}

/// Two rates, each with its last while in small.
fn moving(
    name: &str,
    rates: [(&str, &str, Option<f64>); 2],
    more: Option<Line>,
    model: &Model,
    page: &mut Page,
) {
    let mut flow = Flow::new(page, Line::of(Tone::Label, name), GUTTER);
    for (word, metric, now) in rates {
        let values = model.trail.values(metric);
        let last = &values[values.len().saturating_sub(SPARKS)..];
        let most = last
            .iter()
            .copied()
            .filter(|v| v.is_finite())
            .fold(0.0, f64::max);
        // Of the greatest of this while: quiet colours, for much is not bad here.
        let share = |value: &f64| value.is_finite().then(|| 69.0 * value / most.max(1.0));
        let shares: Vec<Option<f64>> = last.iter().map(share).collect();
        let mut piece = Line::of(Tone::Quiet, format!("{word} "));
        piece.append(Line::of(Tone::Plain, format!("{:<11}", rate(now))));
        piece.append(sparks(&shares, page.style()));
        flow.add(piece);
    }
    if let Some(more) = more {
        flow.add(more);
    }
    flow.end(page);
}

fn processes(model: &Model, sample: &Sample, area: Rect, canvas: &mut Canvas<'_>) {
    let order = &model.processes;
    let mut list: Vec<_> = sample.processes.list.iter().collect();
    list.sort_by(|a, b| order.order(a, b));
    let mut page = canvas.look.page(area.width);
    let table = &sample.processes;
    let mut about = format!("{}, by {}", table.total, order.sort.words());
    if table.stale {
        about.push_str(", not scanned this time");
    }
    page.heading("Processes", &about);
    // The heading begins with a gap, which costs a line that a process could have.
    canvas.page(area, &page, 1);
    let rest = below(area, 1);
    let columns = Table::new(area.width, order.sort, order.is_reversed);
    canvas.line(rest, 0, &columns.titles());
    for (row, process) in list.into_iter().take(usize::from(rest.height)).enumerate() {
        canvas.line(rest, row + 1, &columns.row(process, "", false));
    }
}
