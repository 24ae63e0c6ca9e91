//! Around every view: the machine and the views at the top, keys at the foot, the help.

use ratatui_core::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::canvas::Canvas;
use super::rows_of;
use crate::draw::{Flow, Line, Tone, UNKNOWN, fit, number};
use crate::status::time_of;
use crate::top::keys::{EVERYWHERE, Hint, hints};
use crate::top::model::{Model, View};
use crate::when::in_words;
use crate::words::{alert_tone, severity_tone};

/// Columns of the help, of a half of it, and of a key.
const HELP: u16 = 66;
const HALF: usize = 34;
const KEY: usize = 14;

pub(super) fn head(model: &Model, canvas: &mut Canvas<'_>) {
    let area = canvas.area();
    let (mut left, right) = (machine(model), standing(model));
    let room = usize::from(area.width).saturating_sub(right.width());
    if left.width() + 1 > room {
        left = Line::of(Tone::Strong, fit(&host_name(model), room.saturating_sub(1)));
    }
    let mut line = left.padded(room);
    line.append(right);
    canvas.line(area, 0, &line);
    let mut tabs = Line::new();
    for (at, view) in View::ALL.into_iter().enumerate() {
        tabs.append(tab(model, at, view));
    }
    canvas.line(area, 1, &tabs);
    // The one that is shown, reversed, so that it is seen without colours too.
    let (mut start, mut width) = (0, 0);
    for (at, view) in View::ALL.into_iter().enumerate() {
        width = tab_width(model, at, view);
        if view == model.view {
            break;
        }
        start += width;
    }
    let place = Rect::new(rows_of(start), 1, rows_of(width), 1);
    let shown = format!(" {} ", label(model.view));
    canvas.chosen(place, 0, &Line::of(Tone::Plain, shown));
}

fn host_name(model: &Model) -> String {
    let sample = model.state.sample.as_deref();
    let name = sample.and_then(|sample| sample.host.hostname.as_deref());
    name.unwrap_or(UNKNOWN).to_string()
}

fn machine(model: &Model) -> Line {
    let mut line = Line::of(Tone::Strong, host_name(model));
    if let Some(sample) = model.state.sample.as_deref() {
        let boot = sample.host.boot_time_seconds;
        let up = boot.map_or(f64::NAN, |boot| model.state.timestamp - boot);
        line.push(Tone::Plain, format!("  up {}", number::duration(up)));
    }
    if model.is_demo {
        line.push(Tone::Warning, "  demo: nothing is changed");
    }
    line
}

/// Where it comes from, how often, and when.
fn standing(model: &Model) -> Line {
    let mut line = Line::new();
    if model.watched().is_some() {
        line.push(Tone::Good, "● a monitor runs  ");
    }
    match model.is_paused {
        true => line.push(Tone::Warning, "paused  "),
        false => line.push(Tone::Quiet, format!("every {}  ", in_words(model.interval))),
    }
    line.and(Tone::Plain, time_of(model.state.timestamp))
}

fn label(view: View) -> String {
    let at = View::ALL.iter().position(|one| *one == view).unwrap_or(0);
    format!("{} {}", at + 1, view.title())
}

/// ` 3 Alerts ●2 `.
fn tab(model: &Model, at: usize, view: View) -> Line {
    let line = Line::of(Tone::Quiet, format!(" {}", at + 1))
        .and(Tone::Plain, format!(" {} ", view.title()));
    let badge = match view {
        View::Alerts => {
            let alerts = model.firing();
            let fire: Vec<_> = alerts
                .iter()
                .filter(|one| one.value.fired_at.is_some())
                .collect();
            let tone = fire.first().map(|one| alert_tone(one.value.severity));
            tone.map(|tone| (tone, fire.len()))
        }
        View::Findings => {
            let matter = model.matter();
            let count = matter.lasting();
            let tone = matter
                .worst()
                .map_or(Tone::Warning, |one| severity_tone(one.severity));
            (count > 0).then_some((tone, count))
        }
        _ => None,
    };
    match badge {
        Some((tone, count)) => line.and(tone, format!("●{} ", count.min(999))),
        None => line,
    }
}

/// Columns of a view's name at the top.
pub(in crate::top) fn tab_width(model: &Model, at: usize, view: View) -> usize {
    tab(model, at, view).width()
}

pub(super) fn foot(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let line = match &model.notice {
        Some((tone, text)) => Line::of(*tone, fit(text, area.width.into())),
        None if model.is_typing => typed(model, area.width.into()),
        None => keys(model, area.width.into()),
    };
    canvas.line(area, 0, &line);
}

fn typed(model: &Model, width: usize) -> Line {
    let filter = match model.view {
        View::History => &model.past.filter,
        _ => &model.processes.filter,
    };
    let rest = "   Enter keeps it, Esc drops it";
    let room = width.saturating_sub(rest.len() + 3);
    // The end is where it is typed.
    let mut text = filter.text();
    while text.width() > room {
        let mut letters = text.chars();
        letters.next();
        text = letters.as_str();
    }
    Line::of(Tone::Strong, format!("/{text}"))
        .and(Tone::Plain, "█")
        .and(Tone::Quiet, rest)
}

/// The view's own keys, then those of everywhere, as many as fit; help and quit always.
fn keys(model: &Model, width: usize) -> Line {
    let last: Vec<&Hint> = EVERYWHERE
        .iter()
        .filter(|(key, _)| matches!(*key, "?" | "q"))
        .collect();
    let hint =
        |(key, words): &Hint| Line::of(Tone::Strong, *key).and(Tone::Quiet, format!(" {words}  "));
    let mut end = Line::new();
    for one in &last {
        end.append(hint(one));
    }
    let mut line = Line::new();
    let others = EVERYWHERE.iter().filter(|one| !last.contains(one));
    for one in hints(model.view).iter().chain(others) {
        let piece = hint(one);
        if line.width() + piece.width() + end.width() <= width + 2 {
            line.append(piece);
        }
    }
    line.append(end);
    line
}

/// The view's keys at the left, those of everywhere at the right.
pub(super) fn help(model: &Model, body: Rect, canvas: &mut Canvas<'_>) {
    let mut page = canvas.look.page(body.width.min(HELP));
    let title = format!("{}:", model.view.title());
    let of_view = hints(model.view);
    let first = Line::of(Tone::Strong, if of_view.is_empty() { "" } else { &title });
    page.push(first.padded(HALF).and(Tone::Strong, "Everywhere:"));
    for row in 0..of_view.len().max(EVERYWHERE.len()) {
        let left = of_view.get(row).map(entry).unwrap_or_default();
        let mut line = left.padded(HALF);
        line.append(EVERYWHERE.get(row).map(entry).unwrap_or_default());
        page.push(line);
    }
    page.gap();
    let mut flow = Flow::new(&page, Line::new(), 0);
    flow.words(
        Tone::Quiet,
        "Sorted by c: processor time, m: memory, i: disk use, p: pid, n: name, t: time in all. \
         What is done to a process goes through the optimizer, which shows the risk and asks \
         before, and never touches what is protected; `usm optimize --history` tells of it.",
    );
    flow.end(&mut page);
    super::dialog::framed("Keys", &page, body, canvas);
}

fn entry((key, words): &Hint) -> Line {
    Line::of(Tone::Label, *key)
        .padded(KEY)
        .and(Tone::Plain, *words)
}
