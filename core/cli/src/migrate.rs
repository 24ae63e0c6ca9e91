//! `usm migrate`: a prototype's databases into the data folder.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};
use usm_core::ErrorKind;
use usm_core::migrate::{
    FileReport, FileStatus, MigrateSettings, Migration, MigrationProgress, TableReport, migrate,
};
use usm_core::optimizer::Progress;

use crate::draw::{Column, Flow, Line, Page, Style, Table, Tone, number};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::words::count_of;

const EXAMPLES: &str = "\
Examples:
  usm migrate ~/toolkit/db --dry-run      what would be brought in
  usm migrate ~/toolkit/db                bring it in
  usm migrate ~/toolkit/db --json | jq '.files[].tables[] | {table, into, imported}'
  usm migrate ~/.local/state/usm          a prototype's files in the data folder itself

FOLDER is where the prototype has unified_system.db, system_metrics.db and the others. They are
copied, read, and never changed. Metrics go into states (the tables of the old names show them)
and into the history (`usm history`); network counters only into states, since the prototype
counted the loopback in. Rows older than retention_days are left out of the tables, not of the
history. Done again, it brings in only what is new, and never changes what is here.

Exit codes: 0 all was read and written, or there was nothing new; 1 something could not be;
2 no such folder, or no database of the prototype in it; 130 interrupted: done again, it goes on.";

/// How often the line that tells how far it is is written anew.
const SAY: Duration = Duration::from_millis(100);

/// Columns of the widest report.
const WIDTH: usize = 120;

/// Bring a prototype's databases in.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct MigrateOptions {
    /// The prototype's folder of databases.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Only tell what would be brought in.
    #[arg(long)]
    dry_run: bool,
    /// The report as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn perform(
    options: &MigrateOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let mut settings = MigrateSettings::of(&global.settings()?)?;
    settings.dry_run = options.dry_run;
    let interrupt = Interrupt::listen()?;
    let line = ProgressLine::new();
    let mut said: Option<Instant> = None;
    let done = migrate(&options.folder, &settings, &mut |progress| {
        if said.is_none_or(|said| said.elapsed() >= SAY) {
            said = Some(Instant::now());
            line.tell(&in_words(progress));
        }
        match interrupt.came() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    line.erase();
    let report = done.map_err(|error| match error.kind() {
        ErrorKind::InvalidArgument | ErrorKind::NotFound => Failure::of_settings(&error),
        _ => error.into(),
    })?;
    match options.json {
        true => out.json(&to_json(&report)?, false)?,
        false => {
            let style = out.style();
            // In a file nothing is cut off.
            let least = if out.is_terminal() { 0 } else { WIDTH };
            let mut page = Page::new(Style {
                width: style.width.max(least),
                ..style
            });
            draw(&report, &mut page);
            out.draw(&page)?;
        }
    }
    match (report.cancelled, report.is_complete()) {
        (true, _) => Err(Failure::interrupted()),
        (false, true) => Ok(()),
        (false, false) => Err(Failure::shown()),
    }
}

fn in_words(progress: &MigrationProgress) -> Progress {
    Progress {
        stage: "bringing in".into(),
        what: match progress.table.as_str() {
            "" => progress.file.clone(),
            table => format!("{table} of {}", progress.file),
        },
        done: progress.done,
        total: progress.total,
    }
}

fn to_json(report: &Migration) -> Outcome<Value> {
    let internal = |error: serde_json::Error| Failure::new(&error.to_string(), None);
    let mut value = serde_json::to_value(report).map_err(internal)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("complete".into(), json!(report.is_complete()));
        object.insert("imported".into(), json!(report.imported()));
    }
    Ok(value)
}

fn draw(report: &Migration, page: &mut Page) {
    let there = |file: &&FileReport| file.status != FileStatus::Missing;
    for file in report.files.iter().filter(there) {
        draw_file(file, page);
    }
    page.gap();
    let missing: Vec<&str> = report
        .files
        .iter()
        .filter(|file| file.status == FileStatus::Missing)
        .map(|file| file.name.as_str())
        .collect();
    if !missing.is_empty() {
        say(
            page,
            Tone::Quiet,
            &format!("Not there: {}.", missing.join(", ")),
        );
    }
    if !report.others.is_empty() {
        let names = report.others.join(", ");
        say(page, Tone::Quiet, &format!("Not the prototype's: {names}."));
    }
    conclude(report, page);
}

fn draw_file(file: &FileReport, page: &mut Page) {
    let about = match &file.status {
        FileStatus::Read => number::bytes(file.bytes),
        FileStatus::NotReached => "not reached".into(),
        FileStatus::Own(why) | FileStatus::Unreadable(why) => why.clone(),
        FileStatus::Missing => String::new(),
    };
    page.heading(&file.name, &about);
    let mut table = Table::new(&[
        Column::text("TABLE").flexible(),
        Column::number("FOUND"),
        Column::number("IMPORTED"),
        Column::number("ALREADY THERE"),
        Column::number("SKIPPED"),
    ]);
    let count = |count: u64| match count {
        0 => Line::of(Tone::Quiet, "0"),
        count => Line::of(Tone::Plain, count.to_string()),
    };
    let (filled, empty): (Vec<_>, Vec<_>) = file
        .tables
        .iter()
        .partition(|one| one.found > 0 || one.error.is_some());
    for one in &filled {
        table.row(vec![
            Line::of(Tone::Plain, way(one)),
            count(one.found),
            count(one.imported),
            count(one.already_there),
            count(one.skipped),
        ]);
    }
    if !filled.is_empty() {
        table.draw(page);
    }
    for one in filled {
        draw_reasons(one, page);
    }
    let mut names: Vec<&str> = empty.iter().map(|one| one.table.as_str()).collect();
    names.dedup();
    if !names.is_empty() {
        item(page, Tone::Quiet, &format!("empty: {}", names.join(", ")));
    }
    for note in &file.notes {
        item(page, Tone::Quiet, note);
    }
    if !file.foreign.is_empty() {
        let names = file.foreign.join(", ");
        item(
            page,
            Tone::Quiet,
            &format!("tables that are not the prototype's: {names}"),
        );
    }
}

/// The table, and where its rows go unless that has the same name.
fn way(table: &TableReport) -> String {
    match table.into == table.table {
        true => table.table.clone(),
        false => format!("{} → {}", table.table, table.into),
    }
}

fn draw_reasons(table: &TableReport, page: &mut Page) {
    if let Some(error) = &table.error {
        item(page, Tone::Bad, &format!("{}: {error}", way(table)));
    }
    for reason in &table.reasons {
        // Said above.
        if table.error.as_ref() == Some(&reason.why) {
            continue;
        }
        let mut text = format!("{}: {} skipped: {}", way(table), reason.count, reason.why);
        if !reason.rows.is_empty() {
            let rows: Vec<String> = reason.rows.iter().map(i64::to_string).collect();
            let more = match reason.count > rows.len() as u64 {
                true => " …",
                false => "",
            };
            text.push_str(&format!(" (row {}{more})", rows.join(", ")));
        }
        item(page, Tone::Plain, &text);
    }
    for note in &table.notes {
        item(page, Tone::Quiet, &format!("{}: {note}", way(table)));
    }
}

fn conclude(report: &Migration, page: &mut Page) {
    let samples: u64 = report
        .tables()
        .filter(|table| table.into == "history")
        .map(|table| table.imported)
        .sum();
    let rows = format!(
        "{}, and {} of the history,",
        counted(report.imported() - samples, "row", "rows"),
        counted(samples, "sample", "samples")
    );
    let folder = report.folder.display();
    let source = report.source.display();
    page.gap();
    say(
        page,
        Tone::Strong,
        &match (report.dry_run, report.imported()) {
            (true, _) => format!("{rows} would come into {folder}; nothing was written."),
            (false, 0) => format!("Nothing new for {folder}."),
            (false, _) => format!("{rows} came into {folder}."),
        },
    );
    let next = match (report.cancelled, report.is_complete(), report.dry_run) {
        (true, ..) => "Ended early: what was brought in stays. Do it again to go on.".into(),
        (false, false, _) => {
            "Not everything could be read or written, see above. Done again, only what is missing \
             is brought in."
                .into()
        }
        (false, true, true) => format!("`usm migrate {source}` does it."),
        (false, true, false) => format!(
            "{source} is as it was. Next: `usm history cpu_percent --since 7d` shows the past, \
             `usm monitor --start` goes on watching. Done again, only what is new is brought in."
        ),
    };
    say(page, Tone::Quiet, &next);
}

fn counted(count: u64, one: &str, many: &str) -> String {
    count_of(usize::try_from(count).unwrap_or(usize::MAX), one, many)
}

fn say(page: &mut Page, tone: Tone, text: &str) {
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(tone, text);
    flow.end(page);
}

fn item(page: &mut Page, tone: Tone, text: &str) {
    let mut flow = Flow::new(page, Line::of(Tone::Quiet, "  "), 4);
    flow.words(tone, text);
    flow.end(page);
}

#[cfg(test)]
mod tests {
    use super::*;
    use usm_core::migrate::Reason;

    fn report() -> Migration {
        let table = |name: &str, into: &str| TableReport {
            table: name.into(),
            into: into.into(),
            found: 12,
            imported: 9,
            already_there: 1,
            skipped: 2,
            reasons: vec![Reason {
                why: "timestamp is\x1b[2J text".into(),
                count: 7,
                rows: vec![3, 4],
            }],
            notes: Vec::new(),
            error: None,
        };
        let file = |name: &str, status, tables| FileReport {
            name: name.into(),
            status,
            bytes: 4096,
            notes: Vec::new(),
            tables,
            foreign: Vec::new(),
        };
        Migration {
            source: "/old/db".into(),
            folder: "/new".into(),
            dry_run: false,
            cancelled: false,
            retention_days: 30.0,
            files: vec![
                file(
                    "system_metrics.db",
                    FileStatus::Read,
                    vec![table("system_metrics", "history")],
                ),
                file("tool_analytics.db", FileStatus::Missing, Vec::new()),
                file(
                    "system_alerts.db",
                    FileStatus::Own("it is a link".into()),
                    Vec::new(),
                ),
            ],
            others: vec!["shop.db".into()],
        }
    }

    fn text_of(report: &Migration) -> String {
        let mut page = Page::new(Style {
            width: 100,
            unicode: true,
            colour: false,
        });
        draw(report, &mut page);
        page.render()
    }

    #[test]
    fn the_report_names_every_file_and_why_rows_stayed_behind() {
        let text = text_of(&report());
        for part in [
            "system_metrics → history",
            "7 skipped: timestamp is\\x1b[2J text (row 3, 4 …)",
            "it is a link",
            "Not there: tool_analytics.db.",
            "Not the prototype's: shop.db.",
            "0 rows, and 9 samples of the history, came into /new.",
            "/old/db is as it was.",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn what_is_to_be_done_next_depends_on_how_it_ended() {
        let mut report = report();
        report.dry_run = true;
        assert!(
            text_of(&report)
                .contains("9 samples of the history, would come into /new; nothing was written.")
        );
        report.dry_run = false;
        report.files[0].tables[0].error = Some("torn".into());
        assert!(text_of(&report).contains("Not everything could be read"));
        report.cancelled = true;
        assert!(text_of(&report).contains("Ended early"));
    }
}
