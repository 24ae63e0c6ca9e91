//! The list of the processes, and what is known of the one that is chosen.

use ratatui_core::layout::Rect;

use super::canvas::Canvas;
use super::process_table::Table;
use super::{HEAD, above, below, details, rows_of};
use crate::draw::{Line, Tone};
use crate::top::model::{Model, Room};

/// The row of the screen in which the first process stands.
pub(in crate::top) const FIRST_PROCESS: usize = HEAD as usize + 2;

/// Lines of the list that stay beside the details.
const LEAST_LIST: u16 = 8;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Room {
    canvas.line(area, 0, &summary(model));
    let rest = below(area, 1);
    let details = model
        .chosen_process()
        .filter(|_| model.processes.has_details)
        .map(|process| details::page(model, process, canvas.look, rest.width));
    let most = rest.height.saturating_sub(LEAST_LIST);
    let details_rows = details
        .as_ref()
        .map_or(0, |page| rows_of(page.lines().len()).min(most));
    let list = above(rest, rest.height - details_rows);
    if let Some(page) = details {
        canvas.page(below(rest, list.height), &page, 0);
    }
    table(model, list, canvas)
}

fn summary(model: &Model) -> Line {
    let processes = &model.processes;
    let mut line = Line::new();
    let Some(table) = model
        .state
        .sample
        .as_deref()
        .map(|sample| &sample.processes)
    else {
        return Line::of(Tone::Quiet, "The first look is being taken…");
    };
    match processes.filter.is_empty() {
        true => line.push(Tone::Plain, format!("{} processes", table.total)),
        false => {
            let matching = processes.rows.iter().filter(|row| !row.is_passed).count();
            line.push(
                Tone::Strong,
                format!("{matching} of {} match ", table.total),
            );
            line.push(Tone::Label, format!("/{}", processes.filter.text()));
        }
    }
    for (count, state) in [
        (table.running, "running"),
        (table.disk_sleep, "waiting for a disk"),
        (table.stopped, "stopped"),
        (table.zombie, "zombie"),
    ] {
        if count > 0 {
            line.push(Tone::Quiet, format!(", {count} {state}"));
        }
    }
    let shape = if processes.is_tree { "tree by " } else { "by " };
    let order = if processes.is_reversed {
        ", reversed"
    } else {
        ""
    };
    line.push(
        Tone::Quiet,
        format!("; {shape}{}{order}", processes.sort.words()),
    );
    if table.stale {
        line.push(Tone::Warning, "; not scanned this time");
    }
    line
}

fn table(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Room {
    let processes = &model.processes;
    let list = model.list();
    let columns = Table::new(area.width, processes.sort, processes.is_reversed);
    canvas.line(area, 0, &columns.titles());
    let rows = usize::from(area.height).saturating_sub(1);
    let first = processes.place.first_of(rows, processes.rows.len());
    for (row, entry) in processes.rows.iter().skip(first).take(rows).enumerate() {
        let Some(process) = list.get(entry.place) else {
            continue;
        };
        let line = columns.row(process, &entry.branches, entry.is_passed);
        match first + row == processes.place.at {
            true => canvas.chosen(area, row + 1, &line),
            false => canvas.line(area, row + 1, &line),
        }
    }
    if processes.rows.is_empty() {
        let text = match processes.filter.is_empty() {
            true => "No process is to be seen.",
            false => "No process matches; Esc drops the filter.",
        };
        canvas.line(area, 1, &Line::of(Tone::Quiet, text));
    }
    Room {
        rows,
        ..Room::default()
    }
}
