//! Pictures of what the optimizer found, plans, did and remembers. Pure: values in, lines out.

mod explanation;
mod facts;
mod growth;
mod history;
mod plan;
mod preview;
mod results;
mod status;
mod targets;
#[cfg(test)]
mod tests;
pub(crate) mod words;

pub(crate) use explanation::explanation;
pub(crate) use facts::facts;
pub(crate) use growth::growth;
pub(crate) use history::{entry, history};
pub(crate) use plan::plan;
pub(crate) use preview::preview;
pub(crate) use results::{report, rolled_back};
pub(crate) use status::status;
pub(crate) use targets::targets;

use crate::draw::{Flow, Line, Page, Tone};

/// Text over as many lines as it needs, from column `indent` on.
pub(crate) fn paragraph(page: &mut Page, indent: usize, tone: Tone, text: &str) {
    labelled(page, Line::new(), indent, tone, text);
}

/// The same with something before its first line.
pub(crate) fn labelled(page: &mut Page, first: Line, indent: usize, tone: Tone, text: &str) {
    let mut flow = Flow::new(page, first, indent);
    flow.words(tone, text);
    flow.end(page);
}

/// A point of a list, its mark at column `indent`.
pub(crate) fn point(page: &mut Page, indent: usize, tone: Tone, text: &str) {
    let mark = Line::new().padded(indent).and(Tone::Quiet, "·");
    labelled(page, mark, indent + 2, tone, text);
}

fn plain(text: impl AsRef<str>) -> Line {
    Line::of(Tone::Plain, text)
}

fn quiet(text: impl AsRef<str>) -> Line {
    Line::of(Tone::Quiet, text)
}
