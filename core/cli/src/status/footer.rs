//! The foot of the picture: what could be done, what could not be read, and what looking
//! has cost.

use usm_core::judge::Severity;
use usm_core::sample::Availability;
use usm_core::{Sample, State};

use crate::draw::number::{decimal, maybe_bytes, milliseconds};
use crate::draw::{Flow, Line, Page, Tone};

pub(super) fn draw(state: &State, sample: &Sample, page: &mut Page) {
    if !state.recommendations.is_empty() {
        page.heading("What could be done", "");
        for advice in state.recommendations.iter() {
            let tone = match advice.severity {
                Severity::Low => Tone::Quiet,
                Severity::Medium => Tone::Warning,
                Severity::High | Severity::Critical => Tone::Bad,
            };
            let mut flow = Flow::new(page, Line::of(tone, "  ●"), 4);
            flow.words(Tone::Plain, &advice.text);
            flow.end(page);
        }
    }
    page.gap();
    let overhead = &sample.overhead;
    let took = milliseconds(Some(overhead.sample_seconds * 1000.0));
    let mut text = format!(
        "usm itself: {took} for this look, {} % of a core, {} memory",
        decimal(overhead.cpu_core_percent, 1),
        maybe_bytes(overhead.process_rss_bytes)
    );
    let lost = sample.unavailable.iter().filter(|source| {
        !matches!(
            source.availability,
            Availability::Absent | Availability::Unknown
        )
    });
    match lost.count() {
        0 => text.push('.'),
        1 => text.push_str(". One source can't be read: see usm doctor."),
        n => text.push_str(&format!(". {n} sources can't be read: see usm doctor.")),
    }
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(Tone::Quiet, &text);
    flow.end(page);
}
