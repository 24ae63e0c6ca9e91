//! The processes that use most.

use std::cmp::Ordering;

use usm_core::Sample;
use usm_core::sample::{ProcessSample, ProcessState};

use super::Sort;
use crate::draw::number::{bytes, decimal, rate};
use crate::draw::{Column, Line, Page, Table, Tone, UNKNOWN, fit};

/// From this width on a program is shown with its folder.
const WIDE: usize = 110;

/// Columns of a user's name.
const USER: usize = 10;

pub(super) fn draw(sample: &Sample, most: usize, sort: Sort, page: &mut Page) {
    let table = &sample.processes;
    let by = match sort {
        Sort::Cpu => "processor time",
        Sort::Memory => "memory",
        Sort::Io => "disk use",
    };
    let mut about = table.total.to_string();
    if let Some(threads) = table.threads {
        about.push_str(&format!(" with {threads} threads"));
    }
    for (count, state) in [
        (table.running, "running"),
        (table.disk_sleep, "waiting for a disk"),
        (table.stopped, "stopped"),
        (table.zombie, "zombie"),
    ] {
        if count > 0 {
            about.push_str(&format!(", {count} {state}"));
        }
    }
    if table.stale {
        about.push_str(", not scanned this time");
    }
    if table.list.is_empty() {
        page.heading("Processes", "none to be seen");
        return;
    }
    if most == 0 {
        page.heading("Processes", &about);
        return;
    }
    page.heading("Processes", &format!("{about}; most {by} first"));
    let shown = top(&table.list, most, sort);
    list(&shown, sort, page);
}

/// The first by what they are sorted by; what is unknown comes last.
fn top(list: &[ProcessSample], most: usize, sort: Sort) -> Vec<&ProcessSample> {
    let key = |process: &ProcessSample| match sort {
        Sort::Cpu => process.cpu_core_percent,
        Sort::Memory => Some(process.rss_bytes as f64),
        Sort::Io => io_per_sec(process),
    };
    let mut list: Vec<&ProcessSample> = list.iter().collect();
    list.sort_by(|a, b| {
        let by_key = match (key(a), key(b)) {
            (Some(a), Some(b)) => b.total_cmp(&a),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_key
            .then(b.rss_bytes.cmp(&a.rss_bytes))
            .then(a.pid.cmp(&b.pid))
    });
    list.truncate(most);
    list
}

/// Bytes per second from and to disks; `None` when neither can be read.
fn io_per_sec(process: &ProcessSample) -> Option<f64> {
    match (process.read_bytes_per_sec, process.write_bytes_per_sec) {
        (Some(read), Some(write)) => Some(read + write),
        (read, write) => read.or(write),
    }
}

fn list(processes: &[&ProcessSample], sort: Sort, page: &mut Page) {
    let mut columns = vec![
        Column::number("PID"),
        Column::text("USER").dispensable(2),
        Column::number("CPU %"),
        Column::number("MEM %").dispensable(4),
        Column::number("RSS"),
        Column::number("THR").dispensable(3),
        Column::text("STATE").dispensable(1),
    ];
    if sort == Sort::Io {
        columns.push(Column::number("READ"));
        columns.push(Column::number("WRITE"));
    }
    columns.push(Column::text("COMMAND").flexible());
    let mut table = Table::new(&columns);
    for process in processes {
        let plain = |text: String| Line::of(Tone::Plain, text);
        let busy = match process.cpu_core_percent {
            Some(percent) if percent >= 90.0 => Tone::Bad,
            Some(percent) if percent >= 50.0 => Tone::Warning,
            Some(percent) if percent >= 0.05 => Tone::Strong,
            _ => Tone::Quiet,
        };
        let mut cells = vec![
            plain(process.pid.to_string()),
            Line::of(Tone::Quiet, user(process)),
            Line::of(busy, decimal(process.cpu_core_percent, 1)),
            plain(decimal(process.memory_percent, 1)),
            plain(bytes(process.rss_bytes)),
            plain(
                process
                    .threads
                    .map_or_else(|| UNKNOWN.into(), |n| n.to_string()),
            ),
            state(process.state),
        ];
        if sort == Sort::Io {
            cells.push(plain(rate(process.read_bytes_per_sec)));
            cells.push(plain(rate(process.write_bytes_per_sec)));
        }
        cells.push(command(process, page.width() >= WIDE));
        table.row(cells);
    }
    table.draw(page);
}

/// Its user, by name where that is known.
pub(crate) fn user(process: &ProcessSample) -> String {
    let details = &process.details;
    match (&details.user, details.uid) {
        (Some(name), _) => fit(name, USER).into_owned(),
        (None, Some(uid)) => uid.to_string(),
        (None, None) => UNKNOWN.into(),
    }
}

/// What it does, in a word.
pub(crate) fn state(state: ProcessState) -> Line {
    let (word, tone) = match state {
        ProcessState::Running => ("run", Tone::Good),
        ProcessState::Sleeping => ("sleep", Tone::Quiet),
        ProcessState::DiskSleep => ("disk", Tone::Warning),
        ProcessState::Zombie => ("zombie", Tone::Bad),
        ProcessState::Stopped => ("stop", Tone::Warning),
        ProcessState::Tracing => ("trace", Tone::Warning),
        ProcessState::Idle => ("idle", Tone::Quiet),
        ProcessState::Dead => ("dead", Tone::Bad),
        ProcessState::Other => ("other", Tone::Plain),
    };
    Line::of(tone, word)
}

/// The command line, the program by its last name where there is little room for its
/// folder; in brackets the name of what has no command line.
pub(crate) fn command(process: &ProcessSample, is_wide: bool) -> Line {
    let details = &process.details;
    match details
        .command_line
        .as_deref()
        .filter(|line| !line.trim().is_empty())
    {
        Some(line) if is_wide => Line::of(Tone::Plain, line),
        Some(line) => Line::of(Tone::Plain, without_folder(line)),
        None => Line::of(Tone::Quiet, format!("[{}]", details.name)),
    }
}

/// `/usr/bin/python3 -m http` as `python3 -m http`.
fn without_folder(line: &str) -> &str {
    let program = line.split(' ').next().unwrap_or(line);
    match program.rsplit_once('/') {
        Some((_, name)) if program.starts_with('/') && !name.is_empty() => {
            &line[program.len() - name.len()..]
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_folder_of_the_program_is_left_out() {
        assert_eq!(
            without_folder("/usr/bin/python3 /a/b.py"),
            "python3 /a/b.py"
        );
        assert_eq!(without_folder("sshd: user@pts/0"), "sshd: user@pts/0");
        assert_eq!(without_folder("a/b c"), "a/b c");
        assert_eq!(without_folder("/odd/ x"), "/odd/ x");
    }
}
