//! Fork storms: many short-lived processes, each gone before it can be found busy.

use std::collections::{BTreeMap, BTreeSet};

use super::cpu;
use super::since::Since;
use super::view::{Suspect, View, id_of, ids, most_by};
use super::words::{self, Draft};
use crate::act::ProcessId;
use crate::arrange::arrange_by;
use crate::optimizer::target::{PROCESSES_PER_SECOND, Priority, Resource, Target};

/// Processes made per second from which on it is a storm.
pub(super) const STORM_PER_SECOND: f64 = 150.0;

/// Least part in the storm by which a process is a culprit.
const LEAST_SHARE: f64 = 0.2;

/// Percent of one core that one living newborn child counts for.
const NEWBORN_WEIGHT: f64 = 2.0;

pub(super) fn targets(view: &View<'_>, since: &mut Since) -> Vec<Target> {
    let found = diagnose(view);
    let begin = since.note("forks", found.is_some(), view.now);
    let Some((suspects, suffering, rate)) = found else {
        return Vec::new();
    };
    let used = cpu::utilisation(view);
    let made: f64 = suspects.iter().map(|s| s.usage).sum();
    let first = suspects.first();
    let who = first.map_or("Something".to_string(), |first| {
        format!("{} (PID: {})", first.name, first.id.pid)
    });
    let evidence = vec![
        format!("{rate:.0} processes are made per second (a storm from {STORM_PER_SECOND:.0} on)"),
        words::suffering(view, suffering, "a processor"),
        format!(
            "its ended children took {:.0} percent of one core",
            first
                .and_then(|s| view.row(s.id)?.children_cpu_core_percent)
                .unwrap_or(0.0)
        ),
    ];
    let severe = suffering.percent > cpu::SEVERE_WAIT_PERCENT;
    vec![words::target(
        view,
        Draft {
            resource: Resource::Cpu,
            metric: suffering.metric,
            subject: None,
            current_value: suffering.percent,
            target_value: view.profile.pressure_threshold / 2.0,
            priority: if severe {
                Priority::High
            } else {
                Priority::Medium
            },
            description: format!(
                "{who} makes {made:.0} processes per second, others wait {:.0} percent of the \
                 time for a processor{}",
                suffering.percent,
                if suspects.len() > 1 {
                    most_by(&suspects)
                } else {
                    String::new()
                }
            ),
            method: "process_optimization",
            impact: "others get the processor when they want it",
            since: begin,
            certainty: if suffering.is_measured { 0.7 } else { 0.5 },
            share: made / rate,
            culprits: view.culprits(&suspects, PROCESSES_PER_SECOND, rate),
            evidence,
            advice: Some("Let the script use built-in commands, or one long-lived helper".into()),
            utilisation_percent: used,
        },
    )]
}

/// Whoever makes a storm, whether or not somebody suffers from it.
pub(super) fn makers_now(view: &View<'_>) -> BTreeSet<ProcessId> {
    match storm_rate(view) {
        Some(rate) => ids(&makers(view, rate)),
        None => BTreeSet::new(),
    }
}

fn storm_rate(view: &View<'_>) -> Option<f64> {
    let of_sample = view.sample.cpu.forks_per_sec;
    let rate = match (view.pain.forks_per_sec, of_sample) {
        (Some(now), Some(then)) => now.max(then),
        (one, other) => one.or(other)?,
    };
    (rate >= STORM_PER_SECOND).then_some(rate)
}

fn diagnose(view: &View<'_>) -> Option<(Vec<Suspect>, cpu::Suffering, f64)> {
    let rate = storm_rate(view)?;
    let suspects = makers(view, rate);
    if suspects.is_empty() {
        return None;
    }
    let suffering = cpu::suffering(view, &ids(&suspects))?;
    (suffering.percent >= view.profile.pressure_threshold).then_some((suspects, suffering, rate))
}

/// Who makes them: by the time of its children that ended, and by its living newborn ones. A
/// maker's own parent is no maker for that.
fn makers(view: &View<'_>, rate: f64) -> Vec<Suspect> {
    let mut newborn: BTreeMap<i32, f64> = BTreeMap::new();
    for process in view.pain.processes.iter().filter(|p| p.is_new) {
        *newborn.entry(process.parent_pid).or_default() += NEWBORN_WEIGHT;
    }
    let mut scores: Vec<(ProcessId, f64)> = Vec::new();
    for row in &view.sample.processes.list {
        // Orphans are collected by pid 1, which has not made them.
        if row.pid <= 1 || row.details.is_kernel_thread {
            continue;
        }
        let ended = row.children_cpu_core_percent.unwrap_or(0.0);
        let score = ended + newborn.get(&row.pid).copied().unwrap_or(0.0);
        if score > 0.0 {
            scores.push((id_of(row), score));
        }
    }
    let all: f64 = scores.iter().map(|(_, score)| score).sum();
    let mut suspects: Vec<Suspect> = scores
        .into_iter()
        .filter(|(_, score)| *score >= LEAST_SHARE * all)
        .map(|(id, score)| view.suspect(id, rate * score / all))
        .filter(|suspect| !view.is_spared(suspect))
        .collect();
    arrange_by(&mut suspects, |a, b| b.usage.total_cmp(&a.usage));
    // Whoever only has a maker below it is left out: its children are the makers.
    let chosen: BTreeSet<i32> = suspects.iter().map(|s| s.id.pid).collect();
    let parents: BTreeSet<i32> = suspects
        .iter()
        .filter_map(|s| Some(view.row(s.id)?.parent_pid))
        .filter(|parent| chosen.contains(parent))
        .collect();
    suspects.retain(|s| !parents.contains(&s.id.pid) || s.usage >= 0.5 * rate);
    suspects
}
