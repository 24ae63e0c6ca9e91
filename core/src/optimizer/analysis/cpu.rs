//! Processors: busy beyond the threshold while others wait for them.

use std::collections::{BTreeMap, BTreeSet};

use super::since::Since;
use super::view::{Suspect, View, ids, most_by};
use super::words::{self, Draft};
use crate::act::ProcessId;
use crate::arrange::{arrange_by, set_of};
use crate::optimizer::pain::ProcessPain;
use crate::optimizer::target::{Metric, Priority, Resource, Target};

/// A thread that wants to run for so much of the window wants to all the time.
const HUNGRY_PERCENT: f64 = 80.0;

/// Processor time that makes a hog of a hungry process, percent of one core; where they are
/// many, half of what the greatest of them gets does too. One that is starved gets less.
const LEAST_CORE_PERCENT: f64 = 10.0;

/// Of so many hogs the status is read; the others are judged by those of the same command.
const MOST_ASKED: usize = 256;

/// Sleeps by itself per second of processor time from which on a process is one that works
/// for somebody: a hog has next to none.
const OFTEN_PER_CPU_SECOND: f64 = 50.0;

/// A group of hogs that takes less than this share of what the greatest one takes is no
/// culprit beside it.
const SHARE_OF_GREATEST: f64 = 0.5;

/// Without hogs, whoever uses so much of a core is named, and so many at most.
const BUSY_CORE_PERCENT: f64 = 30.0;
const MOST_BUSY: usize = 5;

/// Who was there so much earlier than all other hogs is disturbed by them, not they by it.
const EARLIER_TICKS: u64 = 200;

/// From this wait on the machine need not be busy as a whole: a part of it is.
pub(super) const SEVERE_WAIT_PERCENT: f64 = 50.0;

/// How others suffer, in which unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Suffering {
    pub(super) metric: Metric,
    pub(super) percent: f64,
    /// The waits of the others alone were measured.
    pub(super) is_measured: bool,
}

pub(super) fn targets(view: &View<'_>, since: &mut Since) -> Vec<Target> {
    let found = diagnose(view);
    let begin = since.note("cpu", found.is_some(), view.now);
    let Some((suspects, suffering, certainty)) = found else {
        return Vec::new();
    };
    let used = utilisation(view);
    let sum: f64 = suspects.iter().map(|s| s.usage).sum();
    let all: f64 = view.pain.processes.iter().map(usage).sum();
    let whole = all.max(sum);
    let mut evidence = Vec::new();
    evidence.extend(used.map(|used| {
        let threshold = view.profile.cpu_threshold;
        format!("processors {used:.1} percent busy (threshold {threshold:.0})")
    }));
    evidence.push(words::suffering(view, suffering, "a processor"));
    if !suspects.is_empty() {
        let count = suspects.len();
        evidence.push(format!(
            "{count} processes want to run nearly all the time and take {sum:.0} of {:.0} \
             percent of one core",
            100.0 * view.cores
        ));
    }
    let busy = used.map_or(String::new(), |used| format!("{used:.0} percent busy, "));
    let description = format!(
        "Processors {busy}others wait {:.0} percent of the time for one{}",
        suffering.percent,
        most_by(&suspects)
    );
    let is_high = suffering.percent > SEVERE_WAIT_PERCENT || used.is_some_and(|used| used > 90.0);
    vec![words::target(
        view,
        Draft {
            resource: Resource::Cpu,
            metric: suffering.metric,
            subject: None,
            current_value: suffering.percent,
            target_value: view.profile.pressure_threshold / 2.0,
            priority: if is_high {
                Priority::High
            } else {
                Priority::Medium
            },
            description,
            method: "process_optimization",
            impact: "others get the processor when they want it",
            since: begin,
            certainty: certainty + if suffering.is_measured { 0.2 } else { 0.0 },
            share: if whole > 0.0 { sum / whole } else { 0.0 },
            culprits: view.culprits(&suspects, "percent of one core", whole),
            evidence,
            advice: suspects.is_empty().then(|| {
                "No single process stands out: fewer of them at a time, or more processors".into()
            }),
            utilisation_percent: used,
        },
    )]
}

/// Who makes the others wait, how they suffer, and how sure that is (0 to 0.6).
fn diagnose(view: &View<'_>) -> Option<(Vec<Suspect>, Suffering, f64)> {
    let used = utilisation(view);
    let enough = |suspects: &[Suspect]| {
        let suffering = suffering(view, &ids(suspects))?;
        let waits = suffering.percent >= view.profile.pressure_threshold;
        let busy = used.is_some_and(|used| used > view.profile.cpu_threshold);
        (waits && (busy || suffering.percent >= SEVERE_WAIT_PERCENT)).then_some(suffering)
    };
    let hogs = hogs(view);
    if !hogs.is_empty() {
        if let Some(suffering) = enough(&hogs) {
            return Some((hogs, suffering, 0.6));
        }
        let newcomers = without_the_oldest(view, &hogs)?;
        let suffering = enough(&newcomers)?;
        return Some((newcomers, suffering, 0.4));
    }
    if view.has_storm {
        return None;
    }
    let busy = busiest(view);
    let suffering = enough(&busy)?;
    Some((busy, suffering, 0.3))
}

/// Processes that want to run all the time and take a notable share, most first: all of them,
/// however many, since who is left out counts as one that suffers.
pub(super) fn hogs(view: &View<'_>) -> Vec<Suspect> {
    let all = view.pain.processes.iter();
    let hungry: Vec<&ProcessPain> = all
        .filter(|p| p.hungriest_percent >= HUNGRY_PERCENT)
        .collect();
    let most = hungry.iter().map(|p| usage(p)).fold(0.0, f64::max);
    let least = LEAST_CORE_PERCENT.min(SHARE_OF_GREATEST * most);
    let hungry = hungry.into_iter().filter(|p| usage(p) >= least);
    let mut suspects: Vec<Suspect> = hungry.map(|p| view.suspect(p.id(), usage(p))).collect();
    suspects.retain(|suspect| !view.is_spared(suspect));
    arrange_by(&mut suspects, |a, b| b.usage.total_cmp(&a.usage));
    let not_asked = suspects.split_off(suspects.len().min(MOST_ASKED));
    let (sleepers, mut tireless): (Vec<Suspect>, Vec<Suspect>) =
        suspects.into_iter().partition(|s| sleeps_often(view, s.id));
    let known = set_of(tireless.iter().map(|s| s.command.clone()));
    tireless.extend(not_asked.into_iter().filter(|s| known.contains(&s.command)));
    let mut suspects = if tireless.is_empty() {
        sleepers
    } else {
        tireless
    };
    let mut groups: BTreeMap<&str, f64> = BTreeMap::new();
    for suspect in &suspects {
        *groups.entry(&suspect.command).or_default() += suspect.usage;
    }
    let greatest = groups.values().fold(0.0, |most: f64, sum| most.max(*sum));
    let small = groups
        .iter()
        .filter(|(_, sum)| **sum < SHARE_OF_GREATEST * greatest);
    let small = set_of(small.map(|(command, _)| (*command).to_string()));
    suspects.retain(|suspect| !small.contains(&suspect.command));
    // Fewer hogs than processors leave one to others: beside a storm they are not the cause.
    if view.has_storm && (suspects.len() as f64) < view.cores {
        suspects.clear();
    }
    suspects
}

fn sleeps_often(view: &View<'_>, id: ProcessId) -> bool {
    let Some((voluntary, forced)) = view.switches(id) else {
        return false;
    };
    let seconds = view
        .row(id)
        .map_or(1.0, |row| row.cpu_seconds_total.max(0.1));
    voluntary > forced && voluntary as f64 / seconds >= OFTEN_PER_CPU_SECOND
}

/// Where only hogs are there to suffer: the oldest of them, if it is clearly older than all
/// others, is the one that is disturbed. The newcomers are left.
fn without_the_oldest(view: &View<'_>, hogs: &[Suspect]) -> Option<Vec<Suspect>> {
    let oldest = hogs.iter().min_by_key(|hog| hog.id.start_time_ticks)?;
    let newcomers: Vec<Suspect> = hogs
        .iter()
        .filter(|hog| hog.command != oldest.command)
        .cloned()
        .collect();
    let next = newcomers.iter().map(|hog| hog.id.start_time_ticks).min()?;
    let earlier = EARLIER_TICKS.max(2 * view.sample.host.clock_ticks_per_second);
    (next.saturating_sub(oldest.id.start_time_ticks) >= earlier).then_some(newcomers)
}

/// Whoever uses much, where nobody wants to run all the time.
fn busiest(view: &View<'_>) -> Vec<Suspect> {
    let busy = view
        .pain
        .processes
        .iter()
        .filter(|p| usage(p) >= BUSY_CORE_PERCENT);
    let mut suspects: Vec<Suspect> = busy.map(|p| view.suspect(p.id(), usage(p))).collect();
    suspects.retain(|suspect| !view.is_spared(suspect));
    arrange_by(&mut suspects, |a, b| b.usage.total_cmp(&a.usage));
    suspects.truncate(MOST_BUSY);
    suspects
}

/// How those suffer that are not of the culprits: by measured waits, else by PSI, else by the
/// run queue.
pub(super) fn suffering(view: &View<'_>, culprits: &BTreeSet<ProcessId>) -> Option<Suffering> {
    if view.pain.has_run_delays {
        let percent = view.pain.victims_of(culprits).cpu_wait_percent?;
        return Some(Suffering {
            metric: Metric::CpuWait,
            percent,
            is_measured: true,
        });
    }
    let pressure = view.pain.cpu_pressure_percent.or_else(|| {
        let some = view.sample.pressure.cpu?.some;
        some.stalled_percent.or(Some(some.avg10_percent))
    });
    let percent = pressure.or_else(|| {
        // Of so many that want to run, the share that has no processor.
        let runnable = f64::from(view.sample.cpu.runnable?);
        (runnable > view.cores).then(|| 100.0 * (1.0 - view.cores / runnable))
    })?;
    Some(Suffering {
        metric: Metric::CpuPressure,
        percent,
        is_measured: false,
    })
}

/// Of the machine or of the own limit, whichever is tighter; by the sample or by the window.
pub(super) fn utilisation(view: &View<'_>) -> Option<f64> {
    let seconds = view.pain.window_seconds;
    let run: f64 = view.pain.processes.iter().map(|p| p.run_seconds).sum();
    let of_window = (seconds > 0.0).then(|| (100.0 * run / seconds / view.cores).min(100.0));
    let known = [
        view.sample.cpu.shares.map(|shares| shares.busy_percent),
        view.sample.limits.cpu_used_percent,
        of_window,
    ];
    known.into_iter().flatten().reduce(f64::max)
}

fn usage(process: &ProcessPain) -> f64 {
    process.cpu_core_percent()
}
