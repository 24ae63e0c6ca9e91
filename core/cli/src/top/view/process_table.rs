//! Processes in columns of fixed widths, so that nothing moves while one scrolls.

use usm_core::sample::ProcessSample;

use crate::draw::number::{bytes, decimal, rate};
use crate::draw::{Line, Tone, UNKNOWN, fit};
use crate::status::processes::{command, state, user};
use crate::top::model::processes::{Sort, time_words};

/// From this width on a program is shown with its folder.
const WIDE: usize = 110;

/// Columns that the name at the end has at least.
const LEAST_NAME: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Pid,
    User,
    Nice,
    State,
    Threads,
    Memory,
    MemoryShare,
    Cpu,
    Read,
    Write,
    Time,
}

struct Spec {
    column: Column,
    title: &'static str,
    width: usize,
    is_right: bool,
    /// What sorts by it.
    sort: Option<Sort>,
    /// The higher, the sooner it is left out where there is little room.
    dispensable: u8,
}

const fn spec(
    column: Column,
    title: &'static str,
    width: usize,
    sort: Option<Sort>,
    dispensable: u8,
) -> Spec {
    Spec {
        column,
        title,
        width,
        is_right: !matches!(column, Column::User | Column::State),
        sort,
        dispensable,
    }
}

const COLUMNS: [Spec; 11] = [
    spec(Column::Pid, "PID", 7, Some(Sort::Pid), 0),
    spec(Column::User, "USER", 10, None, 1),
    spec(Column::Nice, "NI", 3, None, 5),
    spec(Column::State, "STATE", 6, None, 2),
    spec(Column::Threads, "THR", 4, None, 6),
    spec(Column::Cpu, "CPU %", 7, Some(Sort::Cpu), 0),
    spec(Column::MemoryShare, "MEM %", 6, None, 3),
    spec(Column::Memory, "RSS", 9, Some(Sort::Memory), 0),
    spec(Column::Read, "READ", 11, Some(Sort::Io), 7),
    spec(Column::Write, "WRITE", 11, Some(Sort::Io), 7),
    spec(Column::Time, "TIME", 8, Some(Sort::Time), 4),
];

/// The columns that fit, and how many are left for the name.
pub(super) struct Table {
    shown: Vec<&'static Spec>,
    name: usize,
    width: usize,
    sort: Sort,
    is_reversed: bool,
}

impl Table {
    pub(super) fn new(width: u16, sort: Sort, is_reversed: bool) -> Table {
        let width = usize::from(width);
        let mut shown: Vec<&Spec> = COLUMNS.iter().collect();
        let taken = |shown: &[&Spec]| shown.iter().map(|spec| spec.width + 1).sum::<usize>();
        while taken(&shown) + LEAST_NAME > width {
            // What is sorted by stays in sight.
            let least = shown
                .iter()
                .enumerate()
                .filter(|(_, spec)| spec.dispensable > 0 && spec.sort != Some(sort))
                .max_by_key(|(_, spec)| spec.dispensable)
                .map(|(at, _)| at);
            match least {
                Some(at) => drop(shown.remove(at)),
                None => break,
            }
        }
        Table {
            name: width.saturating_sub(taken(&shown)),
            shown,
            width,
            sort,
            is_reversed,
        }
    }

    pub(super) fn titles(&self) -> Line {
        let falls = !matches!(self.sort, Sort::Pid | Sort::Name);
        let arrow = if falls != self.is_reversed {
            "↓"
        } else {
            "↑"
        };
        let mut line = Line::new();
        for spec in &self.shown {
            let (tone, title) = match spec.sort == Some(self.sort) {
                true => (Tone::Strong, format!("{}{arrow}", spec.title)),
                false => (Tone::Quiet, spec.title.to_string()),
            };
            put(&mut line, Line::of(tone, title), spec);
        }
        match self.sort {
            Sort::Name => line.and(Tone::Strong, format!("COMMAND{arrow}")),
            _ => line.and(Tone::Quiet, "COMMAND"),
        }
    }

    /// A process; `branches` of a tree stand before its name, and what is only passed on the
    /// way to others is quiet.
    pub(super) fn row(&self, process: &ProcessSample, branches: &str, is_passed: bool) -> Line {
        let mut line = Line::new();
        for spec in &self.shown {
            put(&mut line, cell(spec.column, process), spec);
        }
        let branches = fit(branches, self.name / 2);
        line.push(Tone::Quiet, &branches);
        let room = self.width.saturating_sub(line.width());
        let name = command(process, self.width >= WIDE);
        let text: String = name.pieces().map(|(_, text)| text).collect();
        let tone = match name.only_piece() {
            Some((tone, _)) if !is_passed => tone,
            _ => Tone::Quiet,
        };
        line.and(tone, fit(&text, room))
    }
}

fn put(line: &mut Line, cell: Line, spec: &Spec) {
    let end = line.width() + spec.width;
    let before = if spec.is_right {
        end.saturating_sub(cell.width())
    } else {
        line.width()
    };
    let mut whole = std::mem::take(line).padded(before);
    whole.append(cell);
    *line = whole.padded(end).and(Tone::Plain, " ");
}

fn cell(column: Column, process: &ProcessSample) -> Line {
    let plain = |text: String| Line::of(Tone::Plain, text);
    let flow = |per_sec: Option<f64>| {
        let tone = match per_sec {
            Some(value) if value > 0.0 => Tone::Plain,
            _ => Tone::Quiet,
        };
        Line::of(tone, rate(per_sec))
    };
    match column {
        Column::Pid => plain(process.pid.to_string()),
        Column::User => Line::of(Tone::Quiet, fit(&user(process), 10)),
        Column::Nice => match process.nice {
            Some(0) => Line::of(Tone::Quiet, "0"),
            Some(nice) => plain(nice.to_string().replace('-', "−")),
            None => Line::of(Tone::Quiet, UNKNOWN),
        },
        Column::State => state(process.state),
        Column::Threads => match process.threads {
            Some(count @ 0..=9999) => plain(count.to_string()),
            Some(count) => plain(format!("{}k", count / 1000)),
            None => Line::of(Tone::Quiet, UNKNOWN),
        },
        Column::Memory => plain(bytes(process.rss_bytes)),
        Column::MemoryShare => plain(decimal(process.memory_percent, 1)),
        Column::Cpu => {
            let tone = match process.cpu_core_percent {
                Some(percent) if percent >= 90.0 => Tone::Bad,
                Some(percent) if percent >= 50.0 => Tone::Warning,
                Some(percent) if percent >= 0.05 => Tone::Strong,
                _ => Tone::Quiet,
            };
            Line::of(tone, decimal(process.cpu_core_percent, 1))
        }
        Column::Read => flow(process.read_bytes_per_sec),
        Column::Write => flow(process.write_bytes_per_sec),
        Column::Time => plain(time_words(process.cpu_seconds_total)),
    }
}
