//! A status bar: one line each interval, for a terminal, tmux, i3bar or a pipe:
//! `cargo run -p usm-examples --bin status_bar -- --json`.

mod ends;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use usm_core::alert::{AlertSeverity, AlertStatus};
use usm_core::sample::ProcessOrder;
use usm_core::{Config, Monitor, State};

use ends::Outcome;

const USAGE: &str = "\
usage: status_bar [--json] [--interval SECONDS] [--lines COUNT]

  --json      the protocol of i3bar and swaybar
  --interval  seconds from line to line, 0.1 to 3600 (usually 1)
  --lines     ends after so many lines; else by Ctrl-C

It shows the worst alert that fires, or else the health (of 100); processors
and memory in use; for how much of the last 10 s work waited for processors,
memory and disks; the root file system in use, and bytes per second of all
disks; bytes received and sent per second; and the busiest process (percent
of one core).
";

/// How a block looks: a terminal's colour, and the bar's.
#[derive(Clone, Copy)]
struct Look(&'static str, &'static str);
const GOOD: Look = Look("\x1b[32m", "#8ec07c");
const FAIR: Look = Look("\x1b[33m", "#fabd2f");
const BAD: Look = Look("\x1b[1;31m", "#fb4934");
const UNKNOWN: Look = Look("\x1b[2m", "#928374");

struct Block {
    name: &'static str,
    look: Look,
    text: String,
}

fn judged(value: Option<f64>, fair: f64, bad: f64) -> Look {
    match value {
        None => UNKNOWN,
        Some(value) if value < fair => GOOD,
        Some(value) if value < bad => FAIR,
        Some(_) => BAD,
    }
}

/// What can't be read is shown as such: never as a made-up 0.
fn number(value: Option<f64>) -> String {
    value.map_or("?".into(), |value| format!("{value:.0}"))
}

fn bytes(value: Option<f64>) -> String {
    let Some(mut value) = value else {
        return "?".into();
    };
    let mut units = "BKMGT".chars();
    let mut unit = units.next();
    while value >= 999.5 && !units.as_str().is_empty() {
        value /= 1024.0;
        unit = units.next();
    }
    let digits = usize::from(value < 9.95 && unit != Some('B'));
    format!("{value:.digits$}{}", unit.unwrap_or('B'))
}

/// The worst alert that fires and how many others do; where there is none, the health.
fn health(state: &State) -> Block {
    let mut firing = state
        .alerts
        .iter()
        .filter(|alert| alert.status == AlertStatus::Firing);
    let score = state.scores.health.value;
    let Some(worst) = firing.next() else {
        return Block {
            name: "health",
            look: judged(score.map(|score| 100.0 - score), 40.0, 70.0),
            text: format!("health {}", number(score)),
        };
    };
    let others = match firing.count() {
        0 => String::new(),
        count => format!(" +{count}"),
    };
    Block {
        name: "alerts",
        look: if worst.severity >= AlertSeverity::Critical {
            BAD
        } else {
            FAIR
        },
        text: format!("! {:.20}{others}", worst.rule),
    }
}

fn blocks(state: &State) -> Vec<Block> {
    let m = &state.metrics;
    let block = |name, look, text| Block { name, look, text };
    let waits = [
        // A queue for processors is usual; for memory and disks it is not.
        m.pressure_cpu_some_percent.map(|percent| percent / 3.0),
        m.pressure_memory_some_percent,
        m.pressure_io_some_percent,
    ];
    let worst_wait = waits.into_iter().flatten().reduce(f64::max);
    let disks = m.disk_read_bytes_per_sec.zip(m.disk_write_bytes_per_sec);
    let mut blocks = vec![
        health(state),
        block(
            "cpu",
            judged(m.cpu_percent, 70.0, 95.0),
            format!("cpu {}%", number(m.cpu_percent)),
        ),
        block(
            "memory",
            judged(m.memory_percent, 80.0, 95.0),
            format!("mem {}%", number(m.memory_percent)),
        ),
        block(
            "pressure",
            judged(worst_wait, 10.0, 30.0),
            format!(
                "wait {}/{}/{}%",
                number(m.pressure_cpu_some_percent),
                number(m.pressure_memory_some_percent),
                number(m.pressure_io_some_percent)
            ),
        ),
        block(
            "disk",
            judged(m.disk_percent, 85.0, 95.0),
            format!(
                "disk {}% {}",
                number(m.disk_percent),
                bytes(disks.map(|(r, w)| r + w))
            ),
        ),
        block(
            "network",
            GOOD,
            format!(
                "net {} {}",
                bytes(m.network_received_bytes_per_sec),
                bytes(m.network_sent_bytes_per_sec)
            ),
        ),
    ];
    if let Some(sample) = &state.sample
        && let Some(top) = sample.processes.top(ProcessOrder::Cpu, 1).first()
    {
        let text = format!("{:.10} {}%", top.details.name, number(top.cpu_core_percent));
        blocks.push(block("top", GOOD, text));
    }
    blocks
}

/// The protocol of i3bar: an array without an end, a line of blocks for each interval.
fn json(blocks: &[Block]) -> String {
    let blocks = blocks.iter().map(|block| {
        serde_json::json!({"name": block.name, "color": block.look.1, "full_text": block.text})
    });
    format!("{},\n", serde_json::Value::Array(blocks.collect()))
}

fn line(blocks: &[Block], in_terminal: bool) -> String {
    let texts = blocks.iter().map(|block| match in_terminal {
        true => format!("{}{}\x1b[0m", block.look.0, block.text),
        false => block.text.clone(),
    });
    let line = texts.collect::<Vec<_>>().join("  ");
    match in_terminal {
        // Again on the same line, which is cut at the terminal's width and not wrapped.
        true => format!("\r\x1b[K\x1b[?7l{line}\x1b[?7h"),
        false => line + "\n",
    }
}

struct Options {
    json: bool,
    interval: f64,
    /// 0: without an end.
    lines: u64,
}

impl Options {
    /// `None` for what is no such option.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Options> {
        let mut options = Options {
            json: false,
            interval: 1.0,
            lines: 0,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--json" => options.json = true,
                "--interval" => options.interval = arguments.next()?.parse().ok()?,
                "--lines" => options.lines = arguments.next()?.parse().ok()?,
                _ => return None,
            }
        }
        (0.1..=3600.0)
            .contains(&options.interval)
            .then_some(options)
    }
}

fn run(options: &Options) -> Outcome {
    // A bar needs no past: without a store no file is written.
    let monitor = Monitor::new(Config {
        refresh_interval: options.interval,
        store_enabled: false,
        ..Config::layered(None)?
    })?;
    monitor.start()?;
    monitor.wait_for_state(0, Duration::MAX)?;
    // From here on Ctrl-C ends the pause between two lines, not the bar in the midst of one.
    let ends = ends::ends()?;

    let mut out = std::io::stdout();
    let in_terminal = !options.json && out.is_terminal();
    if options.json {
        out.write_all(b"{\"version\":1}\n[\n")?;
    }
    let mut written = 0;
    loop {
        let state = monitor.state();
        let blocks = blocks(&state);
        let text = match options.json {
            true => json(&blocks),
            false => line(&blocks, in_terminal),
        };
        out.write_all(text.as_bytes())?;
        out.flush()?;
        written += 1;
        let pause = Duration::from_secs_f64(options.interval);
        if written == options.lines || ends.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            break;
        }
        // The next one is due about now; where none comes, the last one is shown again.
        let _ = monitor.wait_for_state(state.sequence, pause);
    }
    if options.json {
        out.write_all(b"[]]\n")?;
    } else if in_terminal {
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let options = Options::parse(std::env::args().skip(1));
    ends::code("status_bar", USAGE, options.map(|options| run(&options)))
}
