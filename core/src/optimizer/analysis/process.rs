//! Single processes above their thresholds while others suffer, where no target about the
//! whole machine names them already.

use std::collections::BTreeSet;

use super::cpu;
use super::memory;
use super::since::Since;
use super::view::{Suspect, View, ids};
use super::words::{self, Draft};
use crate::act::ProcessId;
use crate::arrange::arrange_by;
use crate::optimizer::target::{Metric, Priority, Resource, Target};

/// Most targets of one kind.
const MOST_TARGETS: usize = 5;

/// Processor time above which it is urgent, percent of one core, as in the prototype.
const HIGH_CPU_PERCENT: f64 = 80.0;

pub(super) fn targets(
    view: &View<'_>,
    since: &mut Since,
    named: &BTreeSet<ProcessId>,
) -> Vec<Target> {
    let mut targets = Vec::new();
    let hogs = cpu::hogs(view);
    // Hogs that get in each other's way alone disturb nobody.
    let suffering = cpu::suffering(view, &ids(&hogs))
        .filter(|s| !hogs.is_empty() && s.percent >= view.profile.pressure_threshold);
    let is_new = |hog: &&Suspect| {
        hog.usage >= view.profile.process_cpu_threshold && !named.contains(&hog.id)
    };
    for hog in hogs.iter().filter(is_new).take(MOST_TARGETS) {
        let Some(suffering) = suffering else { break };
        let begin = since.note(&format!("process {}", hog.id.pid), true, view.now);
        targets.push(of_cpu(view, hog, suffering, begin));
    }
    let memory = of_memory(view, named);
    for suspect in &memory {
        let begin = since.note(&format!("memory of {}", suspect.id.pid), true, view.now);
        targets.push(memory_target(view, suspect, begin));
    }
    targets
}

fn of_cpu(view: &View<'_>, hog: &Suspect, suffering: cpu::Suffering, since: Option<f64>) -> Target {
    let usage = hog.usage;
    let threshold = view.profile.process_cpu_threshold;
    let is_high = usage > HIGH_CPU_PERCENT || suffering.percent > cpu::SEVERE_WAIT_PERCENT;
    let whole = 100.0 * view.cores;
    words::target(
        view,
        Draft {
            resource: Resource::Process,
            metric: Metric::ProcessCpu,
            subject: Some(hog.id.pid.to_string()),
            current_value: usage,
            target_value: 0.6 * threshold,
            priority: if is_high {
                Priority::High
            } else {
                Priority::Medium
            },
            description: format!(
                "{} takes {usage:.0} percent of one core while others wait (PID: {})",
                hog.name, hog.id.pid
            ),
            method: "process_optimization",
            impact: "others get the processor when they want it",
            since,
            certainty: if suffering.is_measured { 0.6 } else { 0.4 },
            share: usage / whole,
            culprits: view.culprits(std::slice::from_ref(hog), "percent of one core", whole),
            evidence: vec![
                format!("{usage:.1} percent of one core (threshold {threshold:.0})"),
                words::suffering(view, suffering, "a processor"),
            ],
            advice: None,
            utilisation_percent: None,
        },
    )
}

/// Great processes while tasks stall for memory.
fn of_memory(view: &View<'_>, named: &BTreeSet<ProcessId>) -> Vec<Suspect> {
    let pressure = view.pain.memory_pressure_percent.unwrap_or(0.0);
    let total = view.pain.memory_total_bytes.unwrap_or(0) as f64;
    if pressure < view.profile.pressure_threshold || total <= 0.0 {
        return Vec::new();
    }
    let least = view.profile.process_memory_threshold / 100.0 * total;
    let great = view.pain.processes.iter().filter(|p| {
        let id = p.id();
        let suffer = || {
            let faults = view
                .pain
                .victims_of(&BTreeSet::from([id]))
                .major_faults_per_sec;
            faults >= memory::SUFFERING_FAULTS
        };
        p.rss_bytes as f64 > least && !named.contains(&id) && suffer()
    });
    let mut suspects: Vec<Suspect> = great
        .map(|p| view.suspect(p.id(), p.rss_bytes as f64))
        .filter(|suspect| !view.is_spared(suspect))
        .collect();
    arrange_by(&mut suspects, |a, b| b.usage.total_cmp(&a.usage));
    suspects.truncate(MOST_TARGETS);
    suspects
}

fn memory_target(view: &View<'_>, suspect: &Suspect, since: Option<f64>) -> Target {
    let total = view.pain.memory_total_bytes.unwrap_or(1).max(1) as f64;
    let percent = 100.0 * suspect.usage / total;
    let threshold = view.profile.process_memory_threshold;
    words::target(
        view,
        Draft {
            resource: Resource::Process,
            metric: Metric::ProcessMemory,
            subject: Some(suspect.id.pid.to_string()),
            current_value: percent,
            target_value: 0.5 * threshold,
            priority: Priority::Medium,
            description: format!(
                "{} holds {percent:.0} percent of the memory while others wait for it (PID: {})",
                suspect.name, suspect.id.pid
            ),
            method: "memory_optimization",
            impact: "others keep what they have in memory",
            since,
            certainty: 0.4,
            share: suspect.usage / total,
            culprits: view.culprits(std::slice::from_ref(suspect), "bytes", total),
            evidence: vec![format!(
                "{percent:.1} percent of the memory (threshold {threshold:.0})"
            )],
            advice: None,
            utilisation_percent: memory::used_percent(view),
        },
    )
}
