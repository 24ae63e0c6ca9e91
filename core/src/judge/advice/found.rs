//! Advice from what was found: insights, forecasts, incidents.

use std::borrow::Cow;

use super::{Advice, Cause, Source};
use crate::judge::words::{amount, name, sentence, span};
use crate::judge::{Evidence, Incident, Insight, InsightKind, Outcome, Predictions, Severity};
use crate::series::Unit;

/// A forecast is advised about when it is nearer than this.
const NEAR_SECONDS: f64 = 24.0 * 3600.0;

/// One for each insight that lasts; of one cause the most severe.
pub(super) fn insights(insights: &[Insight], known: &mut Vec<Cause>, out: &mut Vec<Advice>) {
    let open = insights
        .iter()
        .filter(|insight| insight.closed_at.is_none());
    for insight in open {
        if insight.kind == InsightKind::Correlated {
            // Good to know; nothing to be done.
            continue;
        }
        let cause = cause(insight);
        let is_of_one = !matches!(
            insight.kind,
            InsightKind::LeakSuspected | InsightKind::CoreSaturated
        );
        if is_of_one && cause.as_ref().is_some_and(|cause| known.contains(cause)) {
            continue;
        }
        out.push(Advice {
            id: id(insight, cause.as_ref()),
            text: match insight.advice.first() {
                Some(first) => format!("{} {first}", insight.text),
                None => insight.text.clone(),
            },
            severity: insight.severity,
            benefit: benefit(insight),
            source: Source::Insight,
        });
        // A leak that is far from harm does not explain why memory is short now; nor does
        // one full core explain a full machine.
        if is_of_one {
            known.extend(cause);
        }
    }
}

/// As the same thing is called when the sample alone tells it: it is one advice.
fn id(insight: &Insight, cause: Option<&Cause>) -> Cow<'static, str> {
    match (insight.kind, cause) {
        (InsightKind::DiskFilling, Some(Cause::Space(mount))) => {
            format!("disk_full:{mount}").into()
        }
        (InsightKind::DiskFilling, Some(Cause::Inodes(mount))) => {
            format!("inodes_full:{mount}").into()
        }
        (InsightKind::MemoryFilling, _) => "memory_full".into(),
        _ => insight.id.clone(),
    }
}

fn cause(insight: &Insight) -> Option<Cause> {
    Some(match insight.kind {
        InsightKind::CpuBound
        | InsightKind::RunQueue
        | InsightKind::Throttled
        | InsightKind::CoreSaturated
        | InsightKind::Steal => Cause::Processors,
        InsightKind::MemoryThrash | InsightKind::MemoryFilling | InsightKind::LeakSuspected => {
            Cause::Memory
        }
        InsightKind::IoBound => Cause::Disks,
        InsightKind::NetworkRetransmits => Cause::Network,
        InsightKind::DiskFilling => {
            let series = &insight.evidence.first()?.series;
            let mount = series.labels.first()?.1.clone();
            match series.metric.contains("inodes") {
                true => Cause::Inodes(mount),
                false => Cause::Space(mount),
            }
        }
        InsightKind::Correlated => return None,
    })
}

/// What would be won, by the numbers of the process that is named.
fn benefit(insight: &Insight) -> Option<String> {
    let of = |metric: &str| insight.evidence.iter().find(|e| e.series.metric == metric);
    match insight.kind {
        InsightKind::CpuBound => of("process_cpu_core_percent").map(|cpu| {
            let cores = amount(cpu.value / 100.0, Unit::Number);
            format!("frees about {cores} of the processors' time")
        }),
        InsightKind::MemoryThrash | InsightKind::MemoryFilling => of("process_rss_bytes")
            .map(|rss| format!("frees up to {}", amount(rss.value, Unit::Bytes))),
        InsightKind::LeakSuspected => of("process_rss_bytes").and_then(|rss| {
            let grown = rss.value - rss.against?;
            Some(format!(
                "gives back at least {}",
                amount(grown, Unit::Bytes)
            ))
        }),
        InsightKind::IoBound => {
            let rates = ["process_read_bytes_per_sec", "process_write_bytes_per_sec"];
            let rate: Option<&Evidence> = rates.iter().find_map(|metric| of(metric));
            rate.map(|rate| format!("takes {} off the disks", amount(rate.value, rate.unit)))
        }
        InsightKind::Throttled => of("container_throttled_percent").map(|held| {
            format!(
                "gives back {} of the time",
                amount(held.value, Unit::Percent)
            )
        }),
        InsightKind::Steal => of("cpu_steal_percent").map(|steal| {
            format!(
                "gives back {} of the processors' time",
                amount(steal.value, Unit::Percent)
            )
        }),
        _ => None,
    }
}

/// What runs out and has no insight of its own: descriptors, processes, swap.
pub(super) fn forecasts(predictions: &Predictions, out: &mut Vec<Advice>) {
    for exhaustion in &predictions.exhaustion {
        let seconds = exhaustion
            .seconds
            .filter(|seconds| *seconds <= NEAR_SECONDS);
        let Some(seconds) = seconds.filter(|_| exhaustion.outcome == Outcome::Forecast) else {
            continue;
        };
        let metric = &exhaustion.series.metric;
        let has_insight = [
            "filesystem_",
            "memory_",
            "swap_",
            "disk_",
            "container_memory",
        ];
        if has_insight.iter().any(|start| metric.starts_with(start)) {
            continue;
        }
        out.push(Advice {
            id: format!("exhaustion:{}", exhaustion.series).into(),
            text: format!(
                "{} reaches its limit of {} in about {} at this rate: raise the limit, or look \
                 what does not give back what it takes.",
                sentence(&name(&exhaustion.series)),
                amount(exhaustion.limit, Unit::Number),
                span(seconds)
            ),
            severity: match seconds {
                s if s <= 3600.0 => Severity::High,
                _ => Severity::Medium,
            },
            benefit: None,
            source: Source::Forecast,
        });
    }
}

/// Incidents that hurt, and that no insight explains.
pub(super) fn incidents(incidents: &[Incident], known: &mut Vec<Cause>, out: &mut Vec<Advice>) {
    let open = incidents
        .iter()
        .filter(|incident| incident.closed_at.is_none());
    for incident in open.filter(|incident| incident.severity >= Severity::High) {
        let causes: Vec<Cause> = incident.anomalies.iter().filter_map(of_anomaly).collect();
        if causes.iter().any(|cause| known.contains(cause)) {
            continue;
        }
        let look = match incident.culprits.first() {
            Some(culprit) => format!("Look at {} (pid {}).", culprit.name, culprit.pid),
            None => "Look what has changed on the machine since.".into(),
        };
        out.push(Advice {
            id: format!("incident:{}", incident.id).into(),
            text: format!("{} {look}", incident.summary),
            severity: incident.severity,
            benefit: None,
            source: Source::Incident,
        });
        known.extend(causes);
    }
}

fn of_anomaly(anomaly: &crate::judge::Anomaly) -> Option<Cause> {
    let metric = anomaly.series.metric.as_str();
    let begins = |starts: &[&str]| starts.iter().any(|start| metric.starts_with(start));
    if begins(&[
        "pressure_memory",
        "memory_",
        "swap_",
        "major_faults",
        "container_memory",
    ]) {
        Some(Cause::Memory)
    } else if begins(&["pressure_io", "device_", "cpu_iowait", "blocked"]) {
        Some(Cause::Disks)
    } else if begins(&[
        "pressure_cpu",
        "cpu_",
        "load_average",
        "runnable",
        "container_",
    ]) {
        Some(Cause::Processors)
    } else if begins(&["filesystem_"]) {
        let mount = anomaly.series.labels.first()?.1.clone();
        Some(Cause::Space(mount))
    } else if begins(&["tcp_", "network_", "interface_"]) {
        Some(Cause::Network)
    } else {
        None
    }
}
