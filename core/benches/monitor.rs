//! What a running monitor costs the program that embeds it: CPU and memory at 1 Hz with
//! everything switched on, and what its callers pay for a state, a report and a component
//! status.
//!
//! `cargo bench -p usm-core --bench monitor -- [--seconds N]`
// A bench is a program that prints.
#![allow(clippy::print_stdout)]

#[allow(dead_code)] // Each bench uses what it needs of it.
mod support;

use std::hint::black_box;
use std::io::{BufRead, BufReader, Error, Result, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use usm_core::{Config, EventKind, Monitor};

use support::crowd::Crowd;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let seconds = match &arguments[..] {
        [flag] if flag == "--peer" => return be_peer(),
        [flag, seconds] if flag == "--seconds" => seconds.parse().map_err(Error::other)?,
        [] => 20,
        other => return Err(Error::other(format!("unknown arguments {other:?}"))),
    };
    println!("embedded at 1 Hz, {seconds} s: sampling, judgement, database, one subscriber");
    for count in [0, 1000, 3000] {
        let crowd = Crowd::new(count)?;
        let (cpu_percent, rss_mb, every) = embedded(seconds)?;
        println!(
            "  +{count:<5} processes: {cpu_percent:.2} % of a core, RSS {rss_mb:.1} MB, \
             processes scanned every {every} ticks"
        );
        drop(crowd);
    }
    let folder = tempfile::tempdir()?;
    let monitor = start(folder.path())?;
    println!("what callers pay, median of 9 runs");
    let count = 100_000;
    calls("newest state (shared pointer)", count, || {
        drop(black_box(monitor.state()))
    });
    calls("newest metrics (copied)", count, || {
        let _ = black_box(monitor.metrics());
    });
    calls("component status", 1000, || {
        drop(black_box(monitor.component_status()))
    });
    calls("report", 200, || drop(black_box(monitor.report())));
    event_latency(&monitor)?;
    start_up()
}

fn start(folder: &std::path::Path) -> Result<Monitor> {
    let config = Config {
        refresh_interval: 1.0,
        data_dir: Some(folder.to_path_buf()),
        ..Config::default()
    };
    let monitor = Monitor::new(config).map_err(Error::other)?;
    monitor.start().map_err(Error::other)?;
    monitor
        .wait_for_state(0, Duration::from_secs(10))
        .map_err(Error::other)?;
    Ok(monitor)
}

/// The program that embeds: for each line that it is sent, it says what CPU time it used so
/// far, its resident memory and how often it scans the processes.
fn be_peer() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let monitor = start(folder.path())?;
    let subscriber = Box::new(|event: &usm_core::Event| {
        black_box(event);
        Ok(())
    });
    monitor
        .subscribe(EventKind::StateUpdate, subscriber)
        .map_err(Error::other)?;
    let mut out = std::io::stdout();
    for line in std::io::stdin().lines() {
        line?;
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        let cpu_seconds = time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9;
        let every = monitor
            .state()
            .sample
            .as_ref()
            .map_or(0, |s| s.overhead.process_scan_every);
        writeln!(out, "{cpu_seconds} {} {every}", rss_bytes()?)?;
        out.flush()?;
    }
    Ok(())
}

/// CPU in percent of a core, resident memory in MB, ticks between two scans.
fn embedded(seconds: u64) -> Result<(f64, f64, f64)> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--peer")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let missing = || Error::other("no pipe to the program that embeds");
    let mut ask = child.stdin.take().ok_or_else(missing)?;
    let mut answers = BufReader::new(child.stdout.take().ok_or_else(missing)?).lines();
    let mut measure = || -> Result<Vec<f64>> {
        writeln!(ask)?;
        let line = answers.next().ok_or_else(missing)??;
        line.split(' ')
            .map(|word| word.parse().map_err(Error::other))
            .collect()
    };
    measure()?;
    // Not the start, but what follows it.
    std::thread::sleep(Duration::from_secs(3));
    let (before, started) = (measure()?, Instant::now());
    std::thread::sleep(Duration::from_secs(seconds));
    let (after, elapsed) = (measure()?, started.elapsed().as_secs_f64());
    drop(ask);
    child.wait()?;
    Ok((
        100.0 * (after[0] - before[0]) / elapsed,
        after[1] / 1e6,
        after[2],
    ))
}

fn rss_bytes() -> Result<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: f64 = statm
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .ok_or_else(|| Error::other("statm"))?;
    Ok(pages * rustix::param::page_size() as f64)
}

fn calls(what: &str, count: u32, mut call: impl FnMut()) {
    let mut runs: Vec<f64> = (0..9)
        .map(|_| {
            let started = Instant::now();
            (0..count).for_each(|_| call());
            started.elapsed().as_secs_f64() / f64::from(count)
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    let median = runs[runs.len() / 2];
    match median < 1e-6 {
        true => println!("  {what}: {:.1} ns", median * 1e9),
        false => println!("  {what}: {:.1} µs", median * 1e6),
    }
}

/// From a change of a setting, which is told to subscribers, to the start of the callback: the
/// checking of the setting is in it.
fn event_latency(monitor: &Monitor) -> Result<()> {
    let (told, arrived) = std::sync::mpsc::channel();
    let callback = Box::new(move |_: &usm_core::Event| {
        told.send(Instant::now()).map_err(|error| error.to_string())
    });
    let subscription = monitor
        .subscribe(EventKind::ConfigChanged, callback)
        .map_err(Error::other)?;
    let mut runs = Vec::new();
    for round in 0..2000 {
        let started = Instant::now();
        monitor
            .reconfigure(|config| {
                config.cache_duration = 31.0 + f64::from(round % 2);
                Ok(())
            })
            .map_err(Error::other)?;
        let called = arrived
            .recv_timeout(Duration::from_secs(5))
            .map_err(Error::other)?;
        runs.push(called.saturating_duration_since(started).as_secs_f64() * 1e6);
        std::thread::sleep(Duration::from_micros(200));
    }
    monitor.unsubscribe(subscription).map_err(Error::other)?;
    runs.sort_by(f64::total_cmp);
    let at = |share: f64| runs[((runs.len() - 1) as f64 * share) as usize];
    println!(
        "  change of a setting to callback: median {:.0} µs, p99 {:.0} µs",
        at(0.5),
        at(0.99)
    );
    Ok(())
}

/// From `start` to the first complete state.
fn start_up() -> Result<()> {
    let mut runs = Vec::new();
    for _ in 0..5 {
        let folder = tempfile::tempdir()?;
        let started = Instant::now();
        drop(start(folder.path())?);
        runs.push(started.elapsed().as_secs_f64());
    }
    runs.sort_by(f64::total_cmp);
    println!(
        "  new, start, first complete state, drop: {:.0} ms",
        runs[2] * 1e3
    );
    Ok(())
}
