//! Memory and swap.

use usm_core::Sample;

use super::cpu::meter;
use super::{label, named};
use crate::draw::number::{maybe_bytes, rate};
use crate::draw::{Flow, Line, Page, Tone};

pub(crate) fn draw(sample: &Sample, page: &mut Page) {
    let memory = &sample.memory;
    let line = meter("Memory", memory.used_percent, page);
    let indent = line.width() + 2;
    let mut flow = Flow::new(page, line, indent);
    flow.add(used_of(memory.used_bytes, memory.total_bytes));
    let estimated = if memory.available_is_estimated {
        "about "
    } else {
        ""
    };
    let available = format!("{estimated}{}", maybe_bytes(memory.available_bytes));
    flow.add(Line::of(Tone::Plain, available).and(Tone::Quiet, " available"));
    flow.add(named("cache", &maybe_bytes(memory.cached_bytes)));
    if memory.dirty_bytes.is_some_and(|dirty| dirty > 64 << 20) {
        flow.add(named("to be written", &maybe_bytes(memory.dirty_bytes)));
    }
    if let Some(kills) = memory.oom_kills_since_last.filter(|kills| *kills > 0) {
        flow.add(Line::of(
            Tone::Bad,
            format!("{kills} killed for want of memory just now"),
        ));
    }
    flow.end(page);

    if memory.swap_total_bytes == Some(0) {
        let mut flow = Flow::new(page, label("Swap"), super::GUTTER);
        flow.add(Line::of(Tone::Quiet, "none"));
        flow.end(page);
        return;
    }
    let line = meter("Swap", memory.swap_used_percent, page);
    let mut flow = Flow::new(page, line, indent);
    flow.add(used_of(memory.swap_used_bytes, memory.swap_total_bytes));
    let moves = |per_sec: Option<f64>| per_sec.is_some_and(|rate| rate > 0.0);
    if moves(memory.swap_in_bytes_per_sec) || moves(memory.swap_out_bytes_per_sec) {
        flow.add(named("in", &rate(memory.swap_in_bytes_per_sec)));
        flow.add(named("out", &rate(memory.swap_out_bytes_per_sec)));
    }
    flow.end(page);
}

fn used_of(used: Option<u64>, total: Option<u64>) -> Line {
    Line::of(Tone::Plain, maybe_bytes(used))
        .and(Tone::Quiet, " of ")
        .and(Tone::Plain, maybe_bytes(total))
}
