//! What cleaning would take, rule by rule, biggest first.

use serde_json::Value;

use super::{labelled, paragraph};
use crate::draw::number::{bytes, duration};
use crate::draw::{Line, Page, Tone};

/// Columns of the size at the left edge.
const GUTTER: usize = 12;

/// `preview` is the serialised form of `usm_core::optimizer::CleanupPreview`.
pub(crate) fn preview(preview: &Value, page: &mut Page) {
    let rules = array(preview, "rules");
    let (files, all) = (count(preview, "files"), count(preview, "bytes"));
    let about = format!("{} in {}", bytes(all), number_of(files, "file"));
    page.heading("What cleaning would take", &about);
    let (taking, idle): (Vec<_>, Vec<_>) = rules.iter().partition(|rule| takes(rule));
    for rule in &taking {
        draw(rule, page);
    }
    let refused: Vec<_> = idle
        .iter()
        .filter(|r| text(r, "refused").is_some())
        .collect();
    for rule in &refused {
        draw(rule, page);
    }
    let nothing = idle.len() - refused.len();
    if nothing > 0 {
        let text = format!("{} would take nothing.", number_of(nothing as u64, "rule"));
        paragraph(page, 2, Tone::Quiet, &text);
    }
    for note in array(preview, "notes") {
        let source = text(note, "source").unwrap_or("rules");
        let what = text(note, "what").unwrap_or_default();
        paragraph(page, 2, Tone::Quiet, &format!("{source}: {what}"));
    }
    page.gap();
    let unseen = count(preview, "processes_unseen");
    if unseen > 0 {
        let text = format!(
            "The open files of {} can't be seen by this user.",
            number_of(unseen, "process")
        );
        paragraph(page, 0, Tone::Quiet, &text);
    }
    if preview.get("cancelled") == Some(&Value::Bool(true)) {
        let text = "Ended early: the numbers are of a part.";
        paragraph(page, 0, Tone::Warning, text);
    }
    let text = "Nothing was changed. Files go into a quarantine first, from which \
                `usm optimize --rollback` brings them back.";
    paragraph(page, 0, Tone::Quiet, text);
}

fn takes(rule: &Value) -> bool {
    ["files", "folders", "bytes"]
        .iter()
        .any(|name| count(rule, name) > 0)
}

fn draw(entry: &Value, page: &mut Page) {
    let rule = entry.get("rule").unwrap_or(entry);
    let size = bytes(count(entry, "bytes"));
    let first = Line::new().padded(2).and(Tone::Strong, size);
    let mut name = text(rule, "name").unwrap_or("rule").to_string();
    if let Some(root) = text(rule, "root") {
        name.push_str(&format!(" in {root}"));
    }
    labelled(page, first, GUTTER, Tone::Label, &name);
    let mut about = Vec::new();
    for (field, noun) in [("files", "file"), ("folders", "empty folder")] {
        match count(entry, field) {
            0 => {}
            n => about.push(number_of(n, noun)),
        }
    }
    if let Some(age) = rule.get("min_age_seconds").and_then(Value::as_f64) {
        about.push(format!("older than {}", duration(age)));
    }
    paragraph(page, GUTTER, Tone::Plain, &about.join(", "));
    if let Some(what) = text(rule, "about") {
        paragraph(page, GUTTER, Tone::Quiet, what);
    }
    if let Some(reason) = text(entry, "refused") {
        paragraph(
            page,
            GUTTER,
            Tone::Warning,
            &format!("not followed: {reason}"),
        );
    }
    for file in array(entry, "biggest") {
        let size = bytes(count(file, "bytes"));
        let first = Line::new().padded(GUTTER).and(Tone::Plain, size);
        let mut path = text(file, "path").unwrap_or_default().to_string();
        if let Some(age) = file.get("age_seconds").and_then(Value::as_f64) {
            path.push_str(&format!(", {} old", duration(age)));
        }
        labelled(page, first, GUTTER + 10, Tone::Quiet, &path);
    }
    let skipped: Vec<String> = entry
        .get("skipped")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(reason, n)| format!("{n} {}", reason.replace('_', " ")))
        .collect();
    if !skipped.is_empty() {
        let text = format!("left alone: {}", skipped.join(", "));
        paragraph(page, GUTTER, Tone::Quiet, &text);
    }
}

fn array<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn count(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn number_of(count: u64, noun: &str) -> String {
    match (count, noun) {
        (1, noun) => format!("1 {noun}"),
        (n, "process") => format!("{n} processes"),
        (n, noun) => format!("{n} {noun}s"),
    }
}
