//! What a finished recording holds, in words or as JSON.

use std::path::Path;

use serde_json::json;
use usm_core::history::RecordingSummary;

use crate::draw::{Flow, Line, Page, Tone, notes, number};
use crate::failure::Outcome;
use crate::outlet::Outlet;
use crate::status::time_of;

pub(crate) fn tell(
    file: &Path,
    summary: &RecordingSummary,
    as_json: bool,
    out: &mut Outlet,
) -> Outcome {
    if as_json {
        let value = json!({
            "file": file.display().to_string(),
            "samples": summary.samples,
            "first": summary.first,
            "last": summary.last,
            "bytes": summary.bytes,
            "notes": summary.notes,
        });
        return out.json(&value, false);
    }
    let mut page = Page::new(out.style());
    draw(file, summary, &mut page);
    out.draw(&page)
}

fn draw(file: &Path, summary: &RecordingSummary, page: &mut Page) {
    let name = file.display().to_string();
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.add(Line::of(Tone::Strong, &name).and(Tone::Plain, ":"));
    let noun = if summary.samples == 1 {
        "sample"
    } else {
        "samples"
    };
    let mut text = format!("{} {noun}", summary.samples);
    if let (Some(first), Some(last)) = (summary.first, summary.last) {
        text.push_str(&format!(
            " of {}, from {} to {}",
            number::lasting(last - first),
            time_of(first),
            time_of(last)
        ));
    }
    text.push_str(&format!("; {}", number::bytes(summary.bytes)));
    if let Some(each) = summary.bytes.checked_div(summary.samples) {
        text.push_str(&format!(", {} a sample", number::bytes(each)));
    }
    text.push('.');
    flow.words(Tone::Plain, &text);
    flow.end(page);
    let mut hint = Flow::new(page, Line::new(), 0);
    hint.words(
        Tone::Quiet,
        &format!(
            "`usm replay {name}` tells what was found, `usm history --list --from {name}` which \
             series it holds."
        ),
    );
    hint.end(page);
    notes(&summary.notes, page);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    #[test]
    fn the_summary_tells_how_much_and_what_each_sample_takes() {
        let mut page = Page::new(Style {
            width: 200,
            unicode: true,
            colour: false,
        });
        let summary = RecordingSummary {
            samples: 100,
            first: Some(1_795_442_400.0),
            last: Some(1_795_442_499.0),
            bytes: 40_960,
            notes: vec!["a block can't be read".into()],
        };
        draw(Path::new("day\x1b[2J.usm"), &summary, &mut page);
        let text = page.render();
        for part in [
            "day\\x1b[2J.usm: 100 samples of 1 min 39 s",
            "40.0 KiB, 409 B a sample",
            "● a block can't be read",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let mut page = Page::new(page.style());
        draw(Path::new("empty"), &RecordingSummary::default(), &mut page);
        assert!(page.render().contains("0 samples; 0 B."));
    }
}
