//! Makes a target of what was found.

use super::cpu::Suffering;
use super::view::View;
use crate::optimizer::target::{Culprit, Metric, Priority, Resource, Target};

/// Seconds after which something has lasted.
const LASTING_SECONDS: f64 = 5.0;

/// A target before its confidence is known.
pub(super) struct Draft {
    pub(super) resource: Resource,
    pub(super) metric: Metric,
    pub(super) subject: Option<String>,
    pub(super) current_value: f64,
    pub(super) target_value: f64,
    pub(super) priority: Priority,
    pub(super) description: String,
    pub(super) method: &'static str,
    pub(super) impact: &'static str,
    pub(super) since: Option<f64>,
    /// How sure the diagnosis is by its kind, 0 to 0.8.
    pub(super) certainty: f64,
    /// Share of the culprits in what is used.
    pub(super) share: f64,
    pub(super) culprits: Vec<Culprit>,
    pub(super) evidence: Vec<String>,
    pub(super) advice: Option<String>,
    pub(super) utilisation_percent: Option<f64>,
}

pub(super) fn target(view: &View<'_>, draft: Draft) -> Target {
    let mut confidence = draft.certainty;
    let lasted = draft.since.map(|since| view.now - since);
    if lasted.is_some_and(|seconds| seconds >= LASTING_SECONDS) {
        confidence += 0.1;
    }
    if draft.share >= 0.5 {
        confidence += 0.1;
    }
    let mut evidence = draft.evidence;
    evidence.extend(
        lasted
            .filter(|seconds| *seconds > 0.0)
            .map(|seconds| format!("it has lasted for {seconds:.0} s")),
    );
    Target {
        id: 0,
        target_type: draft.resource,
        current_value: draft.current_value,
        target_value: draft.target_value,
        priority: draft.priority,
        description: draft.description,
        optimization_method: draft.method.to_string(),
        estimated_impact: draft.impact.to_string(),
        victims: view.victims(draft.metric, &draft.culprits),
        size_bytes: None,
        metric: draft.metric,
        subject: draft.subject,
        since: draft.since,
        confidence: confidence.clamp(0.05, 0.95),
        baseline: None,
        culprits: draft.culprits,
        evidence,
        advice: draft.advice,
        utilisation_percent: draft.utilisation_percent,
    }
}

/// How the others suffer, in a line of evidence.
pub(super) fn suffering(view: &View<'_>, suffering: Suffering, of_what: &str) -> String {
    let percent = suffering.percent;
    if suffering.is_measured {
        let seconds = view.pain.window_seconds;
        format!(
            "others waited {percent:.1} percent of their time for {of_what}, measured over {seconds:.2} s"
        )
    } else {
        format!(
            "some task waited for {of_what} {percent:.1} percent of the time (PSI or run queue)"
        )
    }
}

/// The name under which the normal of a metric is learnt.
pub(super) fn key(metric: Metric, subject: Option<&str>) -> String {
    let name = match metric {
        Metric::CpuWait => "cpu_wait",
        Metric::CpuPressure => "cpu_pressure",
        Metric::IoWait => "io_wait",
        Metric::IoPressure => "io_pressure",
        Metric::MemoryPressure => "memory_pressure",
        Metric::MemoryUsed => "memory_used",
        Metric::SpaceUsed => "space_used",
        Metric::InodesUsed => "inodes_used",
        Metric::NetworkUsed => "network_used",
        Metric::ProcessCpu => "process_cpu",
        Metric::ProcessMemory => "process_memory",
        Metric::ForkRate => "fork_rate",
    };
    let has_place = matches!(
        metric,
        Metric::SpaceUsed | Metric::InodesUsed | Metric::NetworkUsed
    );
    match subject.filter(|_| has_place) {
        Some(subject) => format!("{name} {subject}"),
        None => name.to_string(),
    }
}
