//! All that is known of one process.

use usm_core::sample::ProcessSample;

use super::canvas::Look;
use crate::draw::number::{bytes, decimal, duration, maybe_bytes, rate};
use crate::draw::{Flow, Line, Page, Tone, UNKNOWN, fit};
use crate::status::processes::{state, user};
use crate::status::time_of;
use crate::top::model::Model;
use crate::top::model::processes::{id_of, time_words};

/// Columns of the names at the left edge.
const GUTTER: usize = 10;

/// Lines of a long command line, nearly.
const COMMAND_LINES: usize = 3;

pub(super) fn page(model: &Model, process: &ProcessSample, look: Look, width: u16) -> Page {
    let mut page = look.page(width);
    let details = &process.details;
    page.heading(&details.name, &format!("pid {}", process.pid));
    command(process, &mut page);
    who(model, process, &mut page);
    uses(process, &mut page);
    memory(model, process, &mut page);
    where_from(process, &mut page);
    page
}

fn label(page: &Page, name: &str) -> Flow {
    Flow::new(page, Line::of(Tone::Label, name), GUTTER)
}

fn named(name: &str, value: impl AsRef<str>) -> Line {
    Line::of(Tone::Quiet, format!("{name} ")).and(Tone::Plain, value)
}

fn number<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNKNOWN.into(), |value| value.to_string())
}

fn command(process: &ProcessSample, page: &mut Page) {
    let mut flow = label(page, "command");
    match process.details.command_line.as_deref() {
        Some(line) => {
            let room = (page.width() - GUTTER) * COMMAND_LINES;
            flow.words(Tone::Plain, &fit(line, room.saturating_sub(GUTTER)));
        }
        None if process.details.is_kernel_thread => {
            flow.words(Tone::Quiet, "none: a thread of the kernel");
        }
        None => flow.words(Tone::Quiet, "can't be read"),
    }
    flow.end(page);
}

fn who(model: &Model, process: &ProcessSample, page: &mut Page) {
    let mut flow = label(page, "is");
    flow.add(state(process.state));
    flow.add(named("user", user(process)));
    flow.add(named("nice", number(process.nice)));
    flow.add(named("threads", number(process.threads)));
    let parent = model
        .list()
        .iter()
        .find(|one| one.pid == process.parent_pid);
    let name = parent.map_or(String::new(), |one| format!(" ({})", one.details.name));
    flow.add(named("parent", format!("{}{name}", process.parent_pid)));
    let children = model
        .list()
        .iter()
        .filter(|one| one.parent_pid == process.pid);
    flow.add(named("children", children.count().to_string()));
    flow.add(named("session", number(process.session_id)));
    flow.end(page);
}

fn uses(process: &ProcessSample, page: &mut Page) {
    let mut flow = label(page, "uses");
    flow.add(named(
        "of a core",
        format!("{} %", decimal(process.cpu_core_percent, 1)),
    ));
    flow.add(named(
        "of the machine",
        format!("{} %", decimal(process.cpu_machine_percent, 1)),
    ));
    flow.add(named("in all", time_words(process.cpu_seconds_total)));
    flow.add(named("reads", rate(process.read_bytes_per_sec)));
    flow.add(named("writes", rate(process.write_bytes_per_sec)));
    let totals = (process.read_bytes_total, process.write_bytes_total);
    flow.add(named(
        "in all",
        format!("{} / {}", maybe_bytes(totals.0), maybe_bytes(totals.1)),
    ));
    flow.end(page);
}

fn memory(model: &Model, process: &ProcessSample, page: &mut Page) {
    let mut flow = label(page, "memory");
    flow.add(named("rss", bytes(process.rss_bytes)));
    let known = model
        .processes
        .extra
        .as_ref()
        .filter(|extra| extra.process == id_of(process));
    match known.map(|extra| &extra.read) {
        Some(Ok(extra)) => {
            flow.add(named("pss", maybe_bytes(extra.pss_bytes)));
            flow.add(named("open files", number(extra.open_files)));
        }
        Some(Err(why)) => flow.words(Tone::Quiet, &format!("more can't be read: {why}")),
        None => flow.add(Line::of(Tone::Quiet, "pss and open files are being read…")),
    }
    flow.add(named(
        "of the machine",
        format!("{} %", decimal(process.memory_percent, 1)),
    ));
    flow.add(named("major faults", number(process.major_faults_total)));
    flow.end(page);
}

fn where_from(process: &ProcessSample, page: &mut Page) {
    let mut flow = label(page, "since");
    let since = process.start_time_seconds;
    flow.words(Tone::Plain, &since.map_or_else(|| UNKNOWN.into(), time_of));
    if let Some(since) = since {
        let age = crate::when::now() - since;
        flow.words(Tone::Quiet, &format!("({})", duration(age.max(0.0))));
    }
    if let Some(group) = process.details.cgroup.as_deref() {
        flow.words(Tone::Quiet, "in");
        flow.words(Tone::Plain, group);
    }
    flow.end(page);
}
