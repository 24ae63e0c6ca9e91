//! What is wrong with the machine, as far as tools are concerned.

use serde::{Deserialize, Serialize};

use super::kind::Problem;
use crate::judge::{Insight, InsightKind};
use crate::sample::Metrics;

/// Processors busy, percent, above which that is a problem (`high_cpu`).
const HIGH_CPU_PERCENT: f64 = 80.0;
/// Memory used, percent (`high_memory`).
const HIGH_MEMORY_PERCENT: f64 = 85.0;
/// Space used, percent (`low_disk`).
const LOW_DISK_PERCENT: f64 = 90.0;
/// Performance score below which the system is slow (`slow_system`).
const SLOW_SCORE: f64 = 70.0;

/// How sure a value just over its line is of a problem; at the end of the scale it is certain.
const SURE_AT_LINE: f64 = 0.85;

/// A problem that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenProblem {
    /// Which kind.
    pub problem: Problem,
    /// How sure it is, 0 to 1. One that is not a number does not count.
    pub confidence: f64,
    /// What shows it, with its numbers, e.g. `memory of postgres grows by 12 MiB a minute`.
    pub evidence: String,
}

impl SeenProblem {
    /// The problem that an insight has found; `None` for one that a tool shows no more of.
    pub fn of(insight: &Insight) -> Option<SeenProblem> {
        let problem = match insight.kind {
            InsightKind::CpuBound | InsightKind::Steal => Problem::CpuBound,
            InsightKind::MemoryThrash | InsightKind::MemoryFilling => Problem::MemoryThrash,
            InsightKind::IoBound => Problem::IoBound,
            InsightKind::RunQueue => Problem::RunQueue,
            InsightKind::Throttled => Problem::Throttled,
            InsightKind::NetworkRetransmits => Problem::NetworkRetransmits,
            InsightKind::CoreSaturated => Problem::CoreSaturated,
            InsightKind::LeakSuspected => Problem::Leak,
            InsightKind::DiskFilling => Problem::DiskFull,
            InsightKind::Correlated => return None,
        };
        Some(SeenProblem {
            problem,
            confidence: insight.confidence,
            evidence: insight.text.clone(),
        })
    }
}

/// What is known of the machine when tools are recommended. What is not known is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Processors busy, percent of the machine or of the own limit, whichever is tighter.
    pub cpu_percent: Option<f64>,
    /// Memory used, percent of the machine's or of the own limit.
    pub memory_percent: Option<f64>,
    /// Space used of the fullest file system that matters, percent.
    pub disk_percent: Option<f64>,
    /// Processes.
    pub process_count: Option<u64>,
    /// Performance score, 0 to 100.
    pub performance_score: Option<f64>,
    /// Problems that insights have found.
    pub problems: Vec<SeenProblem>,
}

impl Context {
    /// The context of a sample's numbers and its performance score; no insights.
    pub fn of(metrics: &Metrics, performance_score: Option<f64>) -> Context {
        let tighter = |host: Option<f64>, own: Option<f64>| match (host, own) {
            (Some(host), Some(own)) => Some(host.max(own)),
            (host, own) => host.or(own),
        };
        Context {
            cpu_percent: tighter(metrics.cpu_percent, metrics.container_cpu_percent),
            memory_percent: tighter(metrics.memory_percent, metrics.container_memory_percent),
            disk_percent: metrics.disk_percent,
            process_count: metrics.process_count,
            performance_score,
            problems: Vec::new(),
        }
    }

    /// Names of the prototype's performance issues that hold: `high_cpu`, `high_memory`,
    /// `low_disk`, `slow_system`.
    pub fn performance_issues(&self) -> Vec<&'static str> {
        self.triggers().iter().map(|(name, _)| *name).collect()
    }

    /// The issues with the problems that they are of.
    pub(super) fn triggers(&self) -> Vec<(&'static str, SeenProblem)> {
        let mut out = Vec::new();
        let mut above = |name, value: Option<f64>, line: f64, problem, what: &str| {
            if let Some(value) = value.filter(|value| value.is_finite() && *value > line) {
                let share = ((value - line) / (100.0 - line)).min(1.0);
                let seen = SeenProblem {
                    problem,
                    confidence: SURE_AT_LINE + (1.0 - SURE_AT_LINE) * share,
                    evidence: format!("{what} {value:.0} % (above {line:.0} %)"),
                };
                out.push((name, seen));
            }
        };
        above(
            "high_cpu",
            self.cpu_percent,
            HIGH_CPU_PERCENT,
            Problem::CpuBound,
            "processors busy",
        );
        above(
            "high_memory",
            self.memory_percent,
            HIGH_MEMORY_PERCENT,
            Problem::MemoryThrash,
            "memory used",
        );
        above(
            "low_disk",
            self.disk_percent,
            LOW_DISK_PERCENT,
            Problem::DiskFull,
            "disk space used",
        );
        let score = self.performance_score.filter(|score| score.is_finite());
        if let Some(score) = score.filter(|score| *score < SLOW_SCORE) {
            let share = ((SLOW_SCORE - score) / SLOW_SCORE).min(1.0);
            let seen = SeenProblem {
                problem: Problem::General,
                confidence: SURE_AT_LINE + (1.0 - SURE_AT_LINE) * share,
                evidence: format!("performance {score:.0} of 100 (below {SLOW_SCORE:.0})"),
            };
            out.push(("slow_system", seen));
        }
        out
    }
}
