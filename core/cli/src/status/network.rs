//! Network interfaces, and TCP as a whole.

use usm_core::Sample;
use usm_core::sample::{InterfaceCounters, InterfaceSample};

use crate::draw::number::{bytes, count, rate};
use crate::draw::{Column, Flow, Line, Page, Table, Tone, UNKNOWN};

pub(crate) fn draw(sample: &Sample, page: &mut Page) {
    let tcp = &sample.network.tcp;
    let number = |n: Option<u64>| n.map_or_else(|| UNKNOWN.into(), |n| n.to_string());
    let mut about = format!(
        "TCP: {} connected, {} listening",
        number(tcp.established),
        number(tcp.listening)
    );
    if tcp.retransmits_per_sec.is_some_and(|rate| rate > 0.0) {
        about.push_str(&format!(
            ", {}/s sent again",
            count(tcp.retransmits_per_sec)
        ));
    }
    page.heading("Network", &about);
    if sample.network.interfaces.is_empty() {
        page.push(Line::of(Tone::Quiet, "  none to be seen"));
        return;
    }
    let mut table = Table::new(&[
        Column::text("INTERFACE"),
        Column::number("RECEIVED"),
        Column::number("SENT"),
        Column::number("PKT IN").dispensable(2),
        Column::number("PKT OUT").dispensable(2),
        Column::number("TOTAL IN").dispensable(1),
        Column::number("TOTAL OUT").dispensable(1),
        Column::text("NOTE"),
    ]);
    let plain = |text: String| Line::of(Tone::Plain, text);
    let packets = |per_sec: Option<f64>| match per_sec {
        Some(_) => plain(format!("{}/s", count(per_sec))),
        None => plain(UNKNOWN.into()),
    };
    let (used, unused): (Vec<_>, Vec<_>) = sample
        .network
        .interfaces
        .iter()
        .partition(|interface| was_used(interface));
    for interface in used {
        let tone = if interface.is_loopback {
            Tone::Quiet
        } else {
            Tone::Label
        };
        table.row(vec![
            Line::of(tone, &interface.name),
            plain(rate(interface.received_bytes_per_sec)),
            plain(rate(interface.sent_bytes_per_sec)),
            packets(interface.received_packets_per_sec),
            packets(interface.sent_packets_per_sec),
            plain(bytes(interface.counters.received_bytes_total)),
            plain(bytes(interface.counters.sent_bytes_total)),
            trouble(interface),
        ]);
    }
    table.draw(page);
    if !unused.is_empty() {
        let names: Vec<&str> = unused.iter().map(|interface| &*interface.name).collect();
        let mut flow = Flow::new(page, Line::new(), 2);
        flow.words(Tone::Quiet, &format!("never used: {}", names.join(", ")));
        flow.end(page);
    }
}

/// Anything has gone through it since boot, be it only trouble.
fn was_used(interface: &InterfaceSample) -> bool {
    interface.counters != InterfaceCounters::default()
}

/// Errors and drops that happen now are a warning; those of the past are only told.
fn trouble(interface: &InterfaceSample) -> Line {
    let counters = &interface.counters;
    let errors = counters
        .receive_errors_total
        .saturating_add(counters.send_errors_total);
    let drops = counters
        .receive_drops_total
        .saturating_add(counters.send_drops_total);
    let mut line = Line::new();
    for (name, total, now) in [
        ("errors", errors, interface.errors_per_sec),
        ("drops", drops, interface.drops_per_sec),
    ] {
        if total == 0 {
            continue;
        }
        if line.width() > 0 {
            line.push(Tone::Plain, " ");
        }
        match now.filter(|now| *now > 0.0) {
            Some(now) => line.push(Tone::Warning, format!("{}/s {name}", count(Some(now)))),
            None => line.push(Tone::Quiet, format!("{} {name}", count(Some(total as f64)))),
        }
    }
    line
}
