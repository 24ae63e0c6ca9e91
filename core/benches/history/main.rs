//! What history costs on disk and in time, on a recording of a real machine that is looped
//! with shifted time.
//!
//! `cargo bench -p usm-core --bench history -- [--days N]`, with another recording by
//! `USM_BENCH_RECORDING=FILE` (made by `usm record FILE`).

#![allow(clippy::print_stdout)] // its output is its purpose
#![allow(clippy::expect_used, clippy::panic)] // a failed step ends the measurement

mod plain;
mod recorded;
mod written;

use std::path::{Path, PathBuf};
use std::time::Instant;

use usm_core::history::{History, Query, Selector};
use usm_core::series::Tier;
use usm_core::store::SeriesSettings;

use recorded::{Recorded, Which};
use written::{Written, cpu_seconds, write};

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let days: Option<f64> = match &arguments[..] {
        [] => None,
        [flag, days] if flag == "--days" => Some(days.parse().expect("a number of days")),
        other => panic!("unknown arguments {other:?}"),
    };
    let path = recording();
    let recorded = Recorded::read(&path);
    println!(
        "recording {}: {} samples in {:.0} s, {} known values a sample; machine alone {}, headline {}",
        path.display(),
        recorded.frames.len(),
        recorded.seconds(),
        recorded.values(Which::Whole) / recorded.frames.len() as u64,
        recorded.values(Which::Machine) / recorded.frames.len() as u64,
        recorded.values(Which::Headline) / recorded.frames.len() as u64,
    );
    let folder = tempfile::tempdir().expect("temporary folder");
    sizes(&recorded, folder.path());
    let day = folder.path().join("day");
    let written = write(&day, &recorded, Which::Whole, DAY);
    report("a day", &written);
    queries("a day", &written);
    if let Some(days) = days {
        let name = format!("{days} days");
        let written = write(
            &folder.path().join("days"),
            &recorded,
            Which::Whole,
            days * DAY,
        );
        report(&name, &written);
        queries(&name, &written);
        year(&written);
    }
}

fn recording() -> PathBuf {
    match std::env::var_os("USM_BENCH_RECORDING") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/hour.usm"),
    }
}

/// Bytes per value of the recording as it is, beside SQLite rows and JSON.
fn sizes(recorded: &Recorded, folder: &Path) {
    println!();
    println!("bytes per known value, raw samples:");
    println!(
        "  {:<28}{:>10}{:>10}{:>14}{:>12}{:>12}",
        "", "blocks", "file", "KB per hour", "SQLite rows", "JSON rows"
    );
    for which in [Which::Whole, Which::Machine, Which::Headline] {
        let values = recorded.values(which) as f64;
        let file = folder.join(format!("{which:?}.usm"));
        let bytes = recorded.write_recording(&file, which);
        let history = History::open(&file).expect("recording");
        let extents = history.extents().expect("extents");
        let blocks: u64 = extents.iter().map(|extent| extent.bytes).sum();
        let kb_per_hour = bytes as f64 / 1024.0 / (recorded.seconds() / HOUR);
        let plain = plain::sizes(recorded, which, folder);
        println!(
            "  {:<28}{:>10.3}{:>10.3}{:>14.0}{:>12}{:>12}",
            which.name(),
            blocks as f64 / values,
            bytes as f64 / values,
            kb_per_hour,
            plain.map_or("-".into(), |plain| format!(
                "{:.2}",
                plain.rows as f64 / values
            )),
            plain.map_or("-".into(), |plain| format!(
                "{:.2}",
                plain.json as f64 / values
            )),
        );
    }
}

fn report(name: &str, written: &Written) {
    println!();
    println!(
        "{name} through the store: {} samples, {:.1} µs of the writer each with roll-up, \
         sealing and retention; {:.1} MB on disk, at most {:.1} MB",
        written.samples,
        written.seconds_of_writer * 1e6 / written.samples as f64,
        written.bytes as f64 / 1e6,
        written.most_bytes as f64 / 1e6,
    );
    let history = History::open(&written.path).expect("database");
    for extent in history.extents().expect("extents") {
        let rows = extent.rows.max(1) as f64;
        println!(
            "  {:<12}{:>9} rows over {:>7.2} days {:>10.2} MB {:>9.1} bytes a row {:>8.3} a value",
            format!("{:?}", extent.tier),
            extent.rows,
            (extent.last - extent.first) / DAY,
            extent.bytes as f64 / 1e6,
            extent.bytes as f64 / rows,
            extent.bytes as f64 / rows / written.values_per_sample,
        );
    }
}

/// What a year of it comes to with the default retention: each row takes what it took here.
fn year(written: &Written) {
    let history = History::open(&written.path).expect("database");
    let keep = SeriesSettings::default().keep;
    let mut sum = 0.0;
    println!("a year with the default retention, from these bytes a row:");
    for extent in history.extents().expect("extents") {
        let days = (keep[usize::from(extent.tier.code())].as_secs_f64() / DAY).min(365.0);
        let seconds = (extent.last - extent.first).max(1.0);
        let bytes = extent.bytes as f64 / seconds * days * DAY;
        sum += bytes;
        println!(
            "  {:<12}{days:>6.0} days {:>8.1} MB",
            format!("{:?}", extent.tier),
            bytes / 1e6
        );
    }
    println!("  {:<12}{:>20.1} MB", "together", sum / 1e6);
}

fn queries(name: &str, written: &Written) {
    println!(
        "queries over {name}, milliseconds (best of 5; on the wall, of a processor): cold = History just opened, warm = asked again"
    );
    let until = written.until;
    for (what, series, since, step, tier) in [
        (
            "24 h at 1 s",
            "cpu_percent",
            until - DAY,
            None,
            Some(Tier::Raw),
        ),
        (
            "24 h at 1 s",
            "memory_used_bytes",
            until - DAY,
            None,
            Some(Tier::Raw),
        ),
        (
            "24 h at 1 s",
            "context_switches_total",
            until - DAY,
            None,
            Some(Tier::Raw),
        ),
        (
            "24 h, step 1 min",
            "cpu_percent",
            until - DAY,
            Some(60.0),
            None,
        ),
        (
            "all, step 10 min",
            "cpu_percent",
            written.since,
            Some(600.0),
            None,
        ),
        (
            "all, step 1 day",
            "cpu_percent",
            written.since,
            Some(DAY),
            None,
        ),
    ] {
        let mut query = Query::new(Selector::parse(series).expect("series"), since, until);
        query.step_seconds = step;
        query.tier = tier;
        let (mut cold, mut warm, mut rows) = (Vec::new(), Vec::new(), 0);
        for _ in 0..5 {
            let start = Clocks::now();
            let history = History::open(&written.path).expect("database");
            let table = history.query(&query).expect("answer");
            cold.push(start.milliseconds());
            rows = table.times.len();
            let start = Clocks::now();
            history.query(&query).expect("answer");
            warm.push(start.milliseconds());
        }
        println!(
            "  {what:<18}{series:<24}{rows:>7} rows   cold {}   warm {}",
            best(&cold),
            best(&warm)
        );
    }
}

/// The time on the wall, and of a processor: on a busy machine they are far apart.
struct Clocks {
    wall: Instant,
    cpu: f64,
}

impl Clocks {
    fn now() -> Clocks {
        Clocks {
            wall: Instant::now(),
            cpu: cpu_seconds(),
        }
    }

    fn milliseconds(&self) -> (f64, f64) {
        let wall = self.wall.elapsed().as_secs_f64();
        (wall * 1e3, (cpu_seconds() - self.cpu) * 1e3)
    }
}

fn best(times: &[(f64, f64)]) -> String {
    let least = |of: fn(&(f64, f64)) -> f64| times.iter().map(of).fold(f64::INFINITY, f64::min);
    format!(
        "{:>8.2} {:>8.2}",
        least(|time| time.0),
        least(|time| time.1)
    )
}
