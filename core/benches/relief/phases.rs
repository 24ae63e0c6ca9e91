//! The four phases of one kind of hog.

use std::time::{Duration, Instant};

use usm_core::Config;
use usm_core::act::{ProcessId, Scope};
use usm_core::optimizer::{Optimizer, OptimizerSettings, RollbackOf};

use super::arena::Arena;
use super::hogs::{Hogs, Kind};
use super::snapshot;
use super::victim::{Rate, Victim, now_usec, rate};

/// Length of a phase.
const PHASE: Duration = Duration::from_secs(6);
/// How long the optimizer has before its phase is measured.
const PATIENCE: Duration = Duration::from_secs(15);
/// Throughput relative to alone from which on it is relief.
const RELIEF: f64 = 0.9;
/// Length of the windows in which relief is looked for.
const LOOK_USEC: u64 = 500_000;

pub struct Outcome {
    kind: Kind,
    alone: Rate,
    hogged: Rate,
    relieved: Rate,
    after: Rate,
    until_seconds: Option<f64>,
    not_restored: Vec<String>,
    touched: Vec<String>,
    died: usize,
}

pub fn run(kind: Kind) -> Outcome {
    println!("\n== {} ({} hogs)", kind.name(), kind.count());
    let arena = Arena::new(kind);
    let own = std::process::id() as i32;
    let foreign_before = snapshot::take(own, false);
    let victim = Victim::start(kind, arena.folder());
    arena.take_in(victim.pid());
    std::thread::sleep(Duration::from_secs(1));
    let alone = phase(PHASE);

    let first = Hogs::start(kind, arena.folder());
    first.pids().into_iter().for_each(|pid| arena.take_in(pid));
    std::thread::sleep(Duration::from_secs(1));
    let hogged = phase(PHASE);
    drop(first);
    std::thread::sleep(Duration::from_secs(1));

    let state = tempfile::tempdir().unwrap();
    let optimizer = Optimizer::new(
        Config {
            refresh_interval: 1.0,
            data_dir: Some(state.path().into()),
            store_enabled: false,
            ..Config::default()
        },
        OptimizerSettings {
            scope: Some(Scope::Subtree(self_id())),
            auto_optimize: true,
            ..OptimizerSettings::default()
        },
    )
    .unwrap();
    let mut hogs = Hogs::start(kind, arena.folder());
    let hogs_began = now_usec();
    hogs.pids().into_iter().for_each(|pid| arena.take_in(pid));
    // Each has its session by then, and the optimizer has hardly begun to look.
    std::thread::sleep(Duration::from_millis(300));
    let own_before = snapshot::take(own, true);
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(500));
        let foreign = snapshot::take(own, false);
        let touched = snapshot::changed(&foreign_before, &foreign);
        assert!(touched.is_empty(), "foreign processes touched: {touched:?}");
        if begun.elapsed() > Duration::from_secs(6)
            && !optimizer.status().unwrap().changes.is_empty()
        {
            break;
        }
    }
    let relieved = phase(PHASE);
    let foreign_during = snapshot::take(own, false);
    for entry in optimizer.history(200).unwrap().iter().rev() {
        println!(
            "  {:>5.1} s  {:<18} {:<10} {}",
            entry.created_at - started_at(hogs_began),
            entry.optimization_type,
            entry.status,
            entry.reason.as_deref().unwrap_or_default()
        );
    }
    optimizer.set_auto_optimize(false).unwrap();
    let undone = optimizer.rollback(RollbackOf::All).unwrap();
    for one in undone.iter().filter(|one| one.error.is_some()) {
        println!("  NOT TAKEN BACK: {one:?}");
    }
    let own_after = snapshot::take(own, true);
    let after = phase(PHASE / 2);
    let died = hogs.dead();
    drop(hogs);
    drop(optimizer);
    let units = victim.finish();
    let foreign_after = snapshot::take(own, false);
    let mut touched = snapshot::changed(&foreign_before, &foreign_during);
    touched.extend(snapshot::changed(&foreign_before, &foreign_after));
    let of = |(from, until)| rate(&units, from, until);
    let outcome = Outcome {
        kind,
        alone: of(alone),
        hogged: of(hogged),
        relieved: of(relieved),
        after: of(after),
        until_seconds: until_relief(&units, hogs_began, of(alone).per_sec, relieved.1),
        not_restored: snapshot::changed(&own_before, &own_after),
        touched,
        died,
    };
    println!("{}", outcome.line());
    for line in outcome.not_restored.iter().chain(&outcome.touched) {
        println!("  CHANGED: {line}");
    }
    outcome
}

fn phase(length: Duration) -> (u64, u64) {
    let from = now_usec();
    std::thread::sleep(length);
    (from, now_usec())
}

/// Wall clock time of a moment of the monotonic clock.
fn started_at(usec: u64) -> f64 {
    let unix = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    unix.as_secs_f64() - (now_usec() - usec) as f64 / 1e6
}

/// When the throughput was first as good as nearly alone, and stayed so for two windows.
fn until_relief(units: &[(u64, u64)], from: u64, alone: f64, end: u64) -> Option<f64> {
    let mut at = from;
    let mut good = 0;
    while at + LOOK_USEC <= end {
        let is_good = rate(units, at, at + LOOK_USEC).per_sec >= RELIEF * alone;
        good = if is_good { good + 1 } else { 0 };
        // The first windows may be before the hogs have begun in earnest.
        if good == 2 && at > from + 2 * LOOK_USEC {
            return Some((at - LOOK_USEC - from) as f64 / 1e6);
        }
        at += LOOK_USEC;
    }
    None
}

fn self_id() -> ProcessId {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    ProcessId {
        pid: std::process::id() as i32,
        start_time_ticks: rest.split(' ').nth(19).unwrap().parse().unwrap(),
    }
}

impl Outcome {
    pub fn line(&self) -> String {
        let relative = |rate: Rate| {
            format!(
                "{:>4.0} % p99 {:>5.1}x",
                100.0 * rate.per_sec / self.alone.per_sec,
                rate.p99_usec / self.alone.p99_usec
            )
        };
        let yes = |good: bool| if good { "yes" } else { "NO" };
        format!(
            "{:<9} {} {} {:>4.0} %  {:>7}  {:>8}  {:>7}  {:>4}",
            self.kind.name(),
            relative(self.hogged),
            relative(self.relieved),
            100.0 * self.after.per_sec / self.alone.per_sec,
            self.until_seconds
                .map_or("never".into(), |s| format!("{s:.1} s")),
            yes(self.not_restored.is_empty()),
            self.touched.len(),
            self.died,
        )
    }

    pub fn is_safe(&self) -> bool {
        self.not_restored.is_empty() && self.touched.is_empty() && self.died == 0
    }
}
