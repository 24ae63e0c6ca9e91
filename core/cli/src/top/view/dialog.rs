//! Questions and answers in a frame in the middle.

use ratatui_core::layout::Rect;
use usm_core::optimizer::{Answer, ExecutionReport, Weighed};

use super::canvas::Canvas;
use super::rows_of;
use crate::draw::{Flow, Line, Page, Tone};
use crate::optimize::draw::{labelled, paragraph, point, words};
use crate::status::time_of;
use crate::top::model::dialog::{Dialog, Named};
use crate::top::model::talk::Deed;

const WIDTH: u16 = 72;

pub(super) fn draw(open: &Dialog, is_demo: bool, body: Rect, canvas: &mut Canvas<'_>) {
    let mut page = canvas.look.page(body.width.min(WIDTH) - 4);
    let title = fill(open, is_demo, &mut page);
    framed(&title, &page, body, canvas);
}

/// A page in a frame over the middle of an area.
pub(super) fn framed(title: &str, page: &Page, body: Rect, canvas: &mut Canvas<'_>) {
    let width = rows_of(page.width() + 4).min(body.width);
    let height = rows_of(page.lines().len() + 2).min(body.height);
    let place = Rect::new(
        body.x + (body.width - width) / 2,
        body.y + (body.height - height) / 2,
        width,
        height,
    );
    canvas.clear(place);
    let inner = usize::from(width).saturating_sub(2);
    let rest = inner.saturating_sub(Line::of(Tone::Plain, title).width() + 3);
    let top = Line::of(Tone::Quiet, "┌─ ")
        .and(Tone::Strong, title)
        .and(Tone::Quiet, format!(" {}┐", "─".repeat(rest)));
    canvas.line(place, 0, &top);
    for row in 1..usize::from(height).saturating_sub(1) {
        let edges = Line::of(Tone::Quiet, "│")
            .padded(inner + 1)
            .and(Tone::Quiet, "│");
        canvas.line(place, row, &edges);
    }
    let bottom = format!("└{}┘", "─".repeat(inner));
    canvas.line(
        place,
        usize::from(height).saturating_sub(1),
        &Line::of(Tone::Quiet, bottom),
    );
    let within = Rect::new(
        place.x + 2,
        place.y + 1,
        width.saturating_sub(4),
        height.saturating_sub(2),
    );
    canvas.page(within, page, 0);
}

/// Its text; answers its title.
fn fill(open: &Dialog, is_demo: bool, page: &mut Page) -> String {
    match open {
        Dialog::Weighing(deed, process) => {
            who(process, page);
            ask(
                page,
                Tone::Quiet,
                "It is being looked at what that would do…",
            );
            title(*deed, process)
        }
        Dialog::Sure {
            deed,
            process,
            weighed,
            typed,
        } => {
            who(process, page);
            weigh(weighed, page);
            page.gap();
            let demo = if is_demo {
                " (demo: nothing is changed)"
            } else {
                ""
            };
            match deed {
                Deed::End => {
                    let pid = process.id.pid;
                    let text = format!("Type {pid} and press Enter{demo}; Esc leaves it alone.");
                    paragraph(page, 0, Tone::Strong, &text);
                    page.push(Line::of(Tone::Strong, format!("> {typed}█")));
                }
                _ => paragraph(page, 0, Tone::Strong, &format!("Do it{demo}? [y/N]")),
            }
            title(*deed, process)
        }
        Dialog::Refused { deed, process, why } => {
            who(process, page);
            ask(page, Tone::Bad, "It is not done:");
            paragraph(page, 2, Tone::Plain, why);
            any_key(page);
            title(*deed, process)
        }
        Dialog::Doing(what) => {
            paragraph(page, 0, Tone::Plain, &format!("{what}…"));
            "At work".into()
        }
        Dialog::Done(report) => {
            done(report, page);
            any_key(page);
            match report.dry_run {
                true => "Nothing was changed".into(),
                false => "What it came to".into(),
            }
        }
        Dialog::Undo { what, .. } => {
            paragraph(page, 0, Tone::Plain, what);
            ask(page, Tone::Strong, "Take it back? [y/N]");
            "Undo".into()
        }
        Dialog::Undone(list) => {
            for entry in list {
                let (tone, word) = words::undo(entry.undo.as_ref());
                paragraph(page, 0, Tone::Plain, &entry.change);
                let text = entry
                    .error
                    .as_ref()
                    .map_or(word.clone(), |why| format!("{word}: {why}"));
                paragraph(page, 2, tone, &text);
            }
            if list.is_empty() {
                paragraph(page, 0, Tone::Plain, "There was nothing to be taken back.");
            }
            any_key(page);
            "Taken back".into()
        }
        Dialog::Silence { what, .. } => {
            paragraph(
                page,
                0,
                Tone::Plain,
                &format!("Nobody is told of {what} for an hour."),
            );
            ask(page, Tone::Strong, "Silence it? [y/N]");
            "Silence".into()
        }
    }
}

fn title(deed: Deed, process: &Named) -> String {
    format!("{} {}", deed.words(), process.id.pid)
}

fn who(process: &Named, page: &mut Page) {
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(Tone::Strong, &process.name);
    flow.words(Tone::Plain, &format!("pid {}", process.id.pid));
    if let Some(user) = &process.user {
        flow.words(Tone::Plain, &format!("of {user}"));
    }
    flow.end(page);
    if let Some(command) = &process.command {
        // The rest of a long one says no more of whom it is.
        let short: String = command.chars().take(160).collect();
        paragraph(page, 2, Tone::Quiet, &short);
    }
}

fn weigh(weighed: &Weighed, page: &mut Page) {
    page.gap();
    for change in &weighed.changes {
        paragraph(page, 0, Tone::Plain, change);
    }
    let risk = &weighed.action.risk;
    let (tone, word) = words::risk(risk.level);
    labelled(page, Line::of(Tone::Label, "Risk"), 16, tone, word);
    for reason in &risk.reasons {
        point(page, 14, Tone::Quiet, reason);
    }
    answer("Can be undone", &weighed.action.reversible, page);
}

fn answer(question: &str, answer: &Answer, page: &mut Page) {
    let (tone, word) = match answer.yes {
        true => (Tone::Good, "yes"),
        false => (Tone::Warning, "no"),
    };
    let mut flow = Flow::new(page, Line::of(Tone::Label, question), 16);
    flow.words(tone, word);
    if !answer.reason.is_empty() {
        flow.words(Tone::Quiet, &format!("({})", answer.reason));
    }
    flow.end(page);
}

fn done(report: &ExecutionReport, page: &mut Page) {
    for result in &report.details {
        let (tone, word) = match result {
            r if r.error.is_some() => (Tone::Bad, "Not done."),
            r if r.success && r.dry_run => (Tone::Plain, "It would be done."),
            r if r.success => (Tone::Good, "Done."),
            _ => (Tone::Bad, "Not done."),
        };
        paragraph(page, 0, Tone::Plain, &result.action);
        paragraph(page, 0, tone, word);
        if let Some(error) = &result.error {
            paragraph(page, 2, Tone::Plain, error);
        }
        for change in &result.changes {
            point(page, 2, Tone::Quiet, change);
        }
        if let Some(until) = result.lease_until {
            let text = format!("It goes on by itself at {}; g before that.", time_of(until));
            paragraph(page, 2, Tone::Plain, &text);
        }
    }
}

fn ask(page: &mut Page, tone: Tone, text: &str) {
    page.gap();
    paragraph(page, 0, tone, text);
}

fn any_key(page: &mut Page) {
    ask(page, Tone::Quiet, "Any key goes back.");
}
