//! Processors: where their time goes, each of them, and what waits for them.

use usm_core::Sample;
use usm_core::sample::{CoreSample, PressureResource, PressureSample};

use super::{GUTTER, bar_cells, label, named};
use crate::draw::number::{count, decimal, percent, whole_percent};
use crate::draw::{Flow, Line, Page, Tone, UNKNOWN, bar, level_of, sparks};

/// With more processors than this each is one column instead of a bar.
const MOST_BARS: usize = 24;

/// Columns of the bar of one processor.
const SMALL: usize = 6;

pub(crate) fn draw(sample: &Sample, page: &mut Page) {
    whole(sample, page);
    match sample.cpu.cores.len() {
        0 | 1 => {}
        n if n <= MOST_BARS => bars(&sample.cpu.cores, page),
        _ => columns(&sample.cpu.cores, page),
    }
    load(sample, page);
    pressure(&sample.pressure, page);
}

/// A name, a bar and its number: the beginning of an entry.
pub(super) fn meter(name: &str, share: Option<f64>, page: &Page) -> Line {
    let cells = bar_cells(page);
    let tone = share.map_or(Tone::Quiet, level_of);
    let mut line = label(name).padded(GUTTER);
    line.append(bar(share, cells, tone, page.style()));
    line.padded(GUTTER + cells)
        .and(tone, format!("{:>8}", percent(share)))
}

fn whole(sample: &Sample, page: &mut Page) {
    let shares = sample.cpu.shares;
    let line = meter("Processors", shares.map(|s| s.busy_percent), page);
    let indent = line.width() + 2;
    let mut flow = Flow::new(page, line, indent);
    let of = |share: Option<f64>| decimal(share, 1);
    flow.add(named(
        "user",
        &of(shares.map(|s| s.user_percent + s.nice_percent)),
    ));
    flow.add(named(
        "system",
        &of(shares.map(|s| s.system_percent + s.irq_percent + s.softirq_percent)),
    ));
    flow.add(named("iowait", &of(shares.map(|s| s.iowait_percent))));
    flow.add(named("steal", &of(shares.map(|s| s.steal_percent))));
    if let Some(guest) = shares.map(|s| s.guest_percent).filter(|p| *p > 0.05) {
        flow.add(named("guest", &of(Some(guest))));
    }
    flow.end(page);
}

fn busy(core: &CoreSample) -> Option<f64> {
    core.shares.map(|shares| shares.busy_percent)
}

/// A small bar for each processor, as many in a line as fit.
fn bars(cores: &[CoreSample], page: &mut Page) {
    let digits = cores
        .iter()
        .map(|c| c.id.to_string().len())
        .max()
        .unwrap_or(1);
    let frequency = cores.iter().any(|core| core.frequency_mhz.is_some());
    let mut flow = Flow::new(page, label("  each"), GUTTER);
    for core in cores {
        let share = busy(core);
        let tone = share.map_or(Tone::Quiet, level_of);
        let mut piece = Line::of(Tone::Quiet, format!("{:>digits$} ", core.id));
        piece.append(bar(share, SMALL, tone, page.style()));
        let piece = piece.padded(digits + 1 + SMALL);
        let mut piece = piece.and(tone, format!("{:>6}", whole_percent(share)));
        if frequency {
            let mhz = decimal(core.frequency_mhz, 0);
            piece.push(Tone::Quiet, format!(" {mhz:>5} MHz"));
        }
        flow.add(piece);
    }
    flow.end(page);
}

/// One column for each processor; a space after each eighth where there is room for it.
fn columns(cores: &[CoreSample], page: &mut Page) {
    let digits = cores
        .iter()
        .map(|c| c.id.to_string().len())
        .max()
        .unwrap_or(1);
    let room = page.width().saturating_sub(GUTTER + digits + 1);
    let per_line = [128, 64, 32, 16]
        .into_iter()
        .find(|n| *n <= room)
        .unwrap_or(8);
    let has_spaces = per_line + per_line / 8 - 1 <= room;
    for (row, line_of_cores) in cores.chunks(per_line).enumerate() {
        let name = if row == 0 { "  each" } else { "" };
        let id = line_of_cores.first().map_or(0, |core| core.id);
        let mut line = label(name)
            .padded(GUTTER)
            .and(Tone::Quiet, format!("{id:>digits$} "));
        for (at, group) in line_of_cores.chunks(8).enumerate() {
            if at > 0 && has_spaces {
                line.push(Tone::Plain, " ");
            }
            let shares: Vec<Option<f64>> = group.iter().map(busy).collect();
            line.append(sparks(&shares, page.style()));
        }
        page.push(line);
    }
}

fn load(sample: &Sample, page: &mut Page) {
    let mut flow = Flow::new(page, label("Load"), GUTTER);
    let load = sample.cpu.load_average;
    let cpus = sample.cpu.cores.len();
    for value in [
        load.map(|l| l.one),
        load.map(|l| l.five),
        load.map(|l| l.fifteen),
    ] {
        let tone = match value {
            Some(value) if cpus > 0 && value > 2.0 * cpus as f64 => Tone::Bad,
            Some(value) if cpus > 0 && value > cpus as f64 => Tone::Warning,
            _ => Tone::Plain,
        };
        flow.add(Line::of(tone, decimal(value, 2)));
    }
    flow.add(Line::of(Tone::Quiet, "(1, 5, 15 min)"));
    let tasks = |n: Option<u32>| n.map_or_else(|| UNKNOWN.into(), |n| n.to_string());
    flow.add(named("running", &tasks(sample.cpu.runnable)));
    flow.add(named("blocked", &tasks(sample.cpu.blocked)));
    flow.add(named(
        "switches",
        &per_sec(sample.cpu.context_switches_per_sec),
    ));
    if page.width() >= 100 {
        flow.add(named("interrupts", &per_sec(sample.cpu.interrupts_per_sec)));
        flow.add(named("new tasks", &per_sec(sample.cpu.forks_per_sec)));
    }
    flow.end(page);
}

fn per_sec(value: Option<f64>) -> String {
    match value {
        Some(_) => format!("{}/s", count(value)),
        None => UNKNOWN.into(),
    }
}

fn pressure(pressure: &PressureSample, page: &mut Page) {
    let mut flow = Flow::new(page, label("Waiting for"), GUTTER);
    if pressure.cpu.is_none() && pressure.memory.is_none() && pressure.io.is_none() {
        flow.add(Line::of(
            Tone::Quiet,
            format!("{UNKNOWN} (this kernel does not tell)"),
        ));
        flow.end(page);
        return;
    }
    let resources = [
        ("cpu", pressure.cpu),
        ("memory", pressure.memory),
        ("disks", pressure.io),
    ];
    for (name, resource) in resources {
        let mut line = Line::of(Tone::Quiet, format!("{name} "));
        line.append(some_and_full(resource));
        flow.add(line);
    }
    flow.add(Line::of(Tone::Quiet, "(some/all, 10 s)"));
    flow.end(page);
}

fn some_and_full(resource: Option<PressureResource>) -> Line {
    let Some(resource) = resource else {
        return Line::of(Tone::Plain, UNKNOWN);
    };
    let some = resource.some.avg10_percent;
    let tone = match some {
        p if p >= 40.0 => Tone::Bad,
        p if p >= 10.0 => Tone::Warning,
        _ => Tone::Plain,
    };
    let full = percent(resource.full.map(|full| full.avg10_percent));
    Line::of(tone, format!("{}/{full}", decimal(Some(some), 1)))
}
