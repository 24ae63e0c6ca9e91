//! The head of the picture: which machine, since when, and what of it may be used.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use usm_core::State;
use usm_core::sample::{HostFacts, Limits};

use super::{GUTTER, label};
use crate::draw::{Flow, Line, Page, Tone, UNKNOWN, number};

pub(super) fn draw(state: &State, page: &mut Page) {
    let host = state.sample.as_deref().map(|sample| &*sample.host);
    let mut first = Flow::new(page, Line::new(), 0);
    let name = host.and_then(|h| h.hostname.as_deref()).unwrap_or(UNKNOWN);
    first.add(Line::of(Tone::Strong, name));
    if let Some(host) = host {
        identity(host, state.timestamp, &mut first);
    }
    first.add(Line::of(Tone::Quiet, time_of(state.timestamp)));
    first.end(page);
    let Some(sample) = &state.sample else { return };

    let mut machine = Flow::new(page, Line::new(), 0);
    if let Some(model) = sample.host.cpu_model.as_deref() {
        machine.add(Line::of(Tone::Plain, model.trim()));
    }
    machine.add(Line::of(
        Tone::Plain,
        processors(&sample.host, sample.cpu.cores.len()),
    ));
    let memory = sample.memory.total_bytes.or(sample.host.memory_total_bytes);
    machine.add(Line::of(
        Tone::Plain,
        format!("{} memory", number::maybe_bytes(memory)),
    ));
    if let Some(kind) = sample.host.virtualization.as_deref() {
        machine.add(Line::of(Tone::Quiet, format!("({kind})")));
    }
    machine.end(page);
    limits(&sample.limits, page);
}

fn identity(host: &HostFacts, now: f64, flow: &mut Flow) {
    if let Some(os) = host.os_name.as_deref() {
        flow.add(Line::of(Tone::Plain, os));
    }
    let kernel = host.kernel_release.as_deref().unwrap_or(UNKNOWN);
    flow.add(Line::of(
        Tone::Plain,
        format!("kernel {kernel} {}", host.architecture),
    ));
    let up = host.boot_time_seconds.map_or(f64::NAN, |boot| now - boot);
    flow.add(Line::of(
        Tone::Plain,
        format!("up {}", number::duration(up)),
    ));
}

fn processors(host: &HostFacts, online: usize) -> String {
    let logical = match online {
        0 => host
            .logical_cpus
            .map_or_else(|| UNKNOWN.into(), |n| n.to_string()),
        online => online.to_string(),
    };
    let noun = if logical == "1" {
        "processor"
    } else {
        "processors"
    };
    match host.physical_cores {
        Some(cores) if cores.to_string() != logical => {
            format!("{logical} {noun} ({cores} cores)")
        }
        _ => format!("{logical} {noun}"),
    }
}

/// What the control groups allow, with the file that says so; nothing when unlimited.
fn limits(limits: &Limits, page: &mut Page) {
    let cpu = limits.quota_cpus.is_some() || limits.cpu_used_percent.is_some();
    let memory = limits.memory_limit_bytes.is_some();
    let pids = limits.pids_limit.is_some();
    if !(cpu || memory || pids) {
        return;
    }
    let mut flow = Flow::new(page, label("Limits"), GUTTER);
    if cpu {
        let cpus = limits
            .effective_cpus
            .map(tidy)
            .unwrap_or_else(|| UNKNOWN.into());
        flow.add(of(&format!("{cpus} processors"), limits.cpu_used_percent));
        source(limits.effective_cpus_source.as_deref(), &mut flow);
        if let Some(throttled) = limits.throttled_percent.filter(|p| *p > 0.05) {
            let text = format!("held back {throttled:.1} % of the time");
            flow.add(Line::of(Tone::Warning, text));
        }
        flow.end_line();
    }
    if memory {
        let bytes = number::maybe_bytes(limits.memory_limit_bytes);
        flow.add(of(&format!("{bytes} memory"), limits.memory_used_percent));
        source(limits.effective_memory_source.as_deref(), &mut flow);
        if let Some(kills) = limits.oom_kills_total.filter(|kills| *kills > 0) {
            flow.add(Line::of(
                Tone::Bad,
                format!("{kills} killed for want of memory"),
            ));
        }
        flow.end_line();
    }
    if let Some(limit) = limits.pids_limit {
        let used = limits
            .pids_current
            .map(|n| 100.0 * n as f64 / limit.max(1) as f64);
        flow.add(of(&format!("{limit} tasks"), used));
    }
    flow.end(page);
}

/// `2.0 GiB memory, 41 % used`.
fn of(what: &str, used: Option<f64>) -> Line {
    let line = Line::of(Tone::Strong, what);
    match used {
        Some(percent) => line.and(
            crate::draw::level_of(percent),
            format!(" {percent:.0} % used"),
        ),
        None => line,
    }
}

fn source(file: Option<&str>, flow: &mut Flow) {
    if let Some(file) = file {
        flow.add(Line::of(Tone::Quiet, format!("({file})")));
    }
}

/// A number of processors, which may be a fraction: `2`, `1.5`.
fn tidy(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A Unix time as the clock on the wall shows it.
pub(crate) fn time_of(unix_seconds: f64) -> String {
    // Before any sample it may be 0, and from a broken clock anything.
    let known = unix_seconds.is_finite() && unix_seconds != 0.0;
    let stamp = known
        .then(|| Timestamp::from_second(unix_seconds.floor() as i64).ok())
        .flatten();
    match stamp {
        Some(stamp) => stamp
            .to_zoned_datetime(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S %Z")
            .to_string(),
        None => UNKNOWN.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_processors_has_no_more_decimals_than_it_needs() {
        assert_eq!(tidy(2.0), "2");
        assert_eq!(tidy(1.5), "1.5");
        assert_eq!(tidy(0.25), "0.25");
        assert_eq!(tidy(10.0), "10");
    }

    #[test]
    fn a_time_that_cannot_be_is_unknown() {
        for bad in [0.0, f64::NAN, f64::INFINITY, 1e300, -1e300] {
            assert_eq!(time_of(bad), UNKNOWN);
        }
        assert!(time_of(1_700_000_000.0).starts_with("2023-11-1"));
        // Somebody may ask for it.
        assert!(time_of(-86_400.5).starts_with("1969-12-3"));
    }
}
