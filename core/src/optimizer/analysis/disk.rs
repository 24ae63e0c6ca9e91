//! Disks: file systems that are nearly full, and waits for disks.

use super::since::Since;
use super::view::{MOST_CULPRITS, Suspect, View, id_of, ids, most_by};
use super::words::{self, Draft};
use crate::arrange::arrange_by;
use crate::optimizer::target::{Metric, Priority, Resource, Target};
use crate::sample::{DiskSample, FilesystemSample};

/// Above this a file system is about to be full.
const HIGH_PERCENT: f64 = 95.0;

/// Traffic of a process below which it is no culprit.
const LEAST_BYTES_PER_SEC: f64 = 1024.0 * 1024.0;

/// Least part of what the greatest takes.
const SHARE_OF_GREATEST: f64 = 0.25;

/// Every writable file system whose space or inodes are used beyond the threshold.
pub(super) fn spaces(view: &View<'_>, since: &mut Since) -> Vec<Target> {
    let mut targets = Vec::new();
    let list = view.sample.filesystems.iter();
    for filesystem in list.filter(|f| !f.read_only && !f.stale) {
        let found = [
            (Metric::SpaceUsed, "space", filesystem.used_percent),
            (Metric::InodesUsed, "inodes", filesystem.inodes_used_percent),
        ];
        for (metric, what, used) in found {
            let used = used.filter(|used| *used > view.profile.disk_threshold);
            let key = words::key(metric, Some(&filesystem.mount_point));
            let begin = since.note(&key, used.is_some(), view.now);
            if let Some(used) = used {
                targets.push(space(view, filesystem, metric, what, used, begin));
            }
        }
    }
    targets
}

fn space(
    view: &View<'_>,
    filesystem: &FilesystemSample,
    metric: Metric,
    what: &str,
    used: f64,
    since: Option<f64>,
) -> Target {
    let mount_point = super::view::plain(&filesystem.mount_point);
    let threshold = view.profile.disk_threshold;
    let mut evidence = vec![format!(
        "{used:.1} percent of the {what} of {mount_point} are used (threshold {threshold:.0})"
    )];
    if let (Metric::SpaceUsed, Some(left)) = (metric, filesystem.available_bytes) {
        evidence.push(format!("{left} bytes are left to users"));
    }
    let is_high = used > HIGH_PERCENT;
    let target = words::target(
        view,
        Draft {
            resource: Resource::Disk,
            metric,
            subject: Some(filesystem.mount_point.to_string()),
            current_value: used,
            target_value: (threshold - 10.0).max(0.0),
            priority: if is_high {
                Priority::High
            } else {
                Priority::Medium
            },
            description: format!("{mount_point} has {used:.0} percent of its {what} in use"),
            method: "disk_cleanup",
            impact: "room for new files",
            since,
            // It is simply so.
            certainty: 0.9,
            share: 0.0,
            culprits: Vec::new(),
            evidence,
            advice: Some("Move or delete what the cleaning rules do not know".into()),
            utilisation_percent: Some(used),
        },
    );
    Target {
        size_bytes: filesystem.total_bytes,
        ..target
    }
}

/// Others wait for disks while somebody moves much.
pub(super) fn waits(view: &View<'_>, since: &mut Since) -> Vec<Target> {
    let found = diagnose(view);
    let begin = since.note("io", found.is_some(), view.now);
    let Some((suspects, metric, value)) = found else {
        return Vec::new();
    };
    let device = busiest(view);
    let used = device.and_then(|d| d.utilisation_percent);
    let sum: f64 = suspects.iter().map(|s| s.usage).sum();
    let all: f64 = view.sample.processes.list.iter().filter_map(traffic).sum();
    let mut evidence = vec![match metric {
        Metric::IoWait => {
            format!("others were waiting for a disk in {value:.1} percent of the looks at them")
        }
        _ => format!("some task waited for a disk {value:.1} percent of the time (PSI)"),
    }];
    if let (Metric::IoWait, Some(pressure)) = (metric, pressure(view)) {
        evidence.push(format!(
            "some task waited for a disk {pressure:.1} percent of the time (PSI)"
        ));
    }
    evidence.push(format!(
        "{} processes move {:.1} MB per second",
        suspects.len(),
        sum / 1e6
    ));
    if let Some(device) = device {
        let busy = used.map_or(String::new(), |u| format!("{u:.0} percent busy"));
        let queue = device.queue_length.unwrap_or(0.0);
        evidence.push(format!(
            "{} is {busy}, {queue:.1} requests wait in its queue",
            device.name
        ));
    }
    let of = device.map_or("disks".to_string(), |d| d.name.to_string());
    vec![words::target(
        view,
        Draft {
            resource: Resource::Disk,
            metric,
            subject: device.map(|d| d.name.to_string()),
            current_value: value,
            target_value: view.profile.pressure_threshold / 2.0,
            priority: if value > super::cpu::SEVERE_WAIT_PERCENT {
                Priority::High
            } else {
                Priority::Medium
            },
            description: format!(
                "Others wait for {of} {value:.0} percent of the time{}",
                most_by(&suspects)
            ),
            method: "process_optimization",
            impact: "others read and write sooner",
            since: begin,
            certainty: if metric == Metric::IoWait { 0.7 } else { 0.5 },
            share: if all > 0.0 { sum / all } else { 0.0 },
            culprits: view.culprits(&suspects, "bytes per second", all.max(sum)),
            evidence,
            advice: None,
            utilisation_percent: used,
        },
    )]
}

fn diagnose(view: &View<'_>) -> Option<(Vec<Suspect>, Metric, f64)> {
    let threshold = view.profile.pressure_threshold;
    // PSI is the witness: uninterruptible waits may be for something else.
    let pressure = pressure(view);
    if pressure.is_some_and(|pressure| pressure < threshold) {
        return None;
    }
    let suspects = movers(view);
    if suspects.is_empty() {
        return None;
    }
    let looked = view.pain.processes.iter().any(|p| p.looks > 0);
    let (metric, value) = match (looked, pressure) {
        (true, _) => {
            let waits = view.pain.victims_of(&ids(&suspects)).io_wait_percent?;
            (Metric::IoWait, waits)
        }
        (false, Some(pressure)) => (Metric::IoPressure, pressure),
        (false, None) => return None,
    };
    (value >= threshold).then_some((suspects, metric, value))
}

/// Whoever moves most to and from storage; one that moves little beside them suffers.
fn movers(view: &View<'_>) -> Vec<Suspect> {
    let list = view.sample.processes.list.iter();
    let moving = list
        .filter(|row| !row.details.is_kernel_thread)
        .filter_map(|row| {
            let rate = traffic(row).filter(|rate| *rate >= LEAST_BYTES_PER_SEC)?;
            Some(view.suspect(id_of(row), rate))
        });
    let mut suspects: Vec<Suspect> = moving.filter(|s| !view.is_spared(s)).collect();
    arrange_by(&mut suspects, |a, b| b.usage.total_cmp(&a.usage));
    let greatest = suspects.first().map_or(0.0, |first| first.usage);
    suspects.retain(|suspect| suspect.usage >= SHARE_OF_GREATEST * greatest);
    suspects.truncate(MOST_CULPRITS);
    suspects
}

fn traffic(row: &crate::sample::ProcessSample) -> Option<f64> {
    match (row.read_bytes_per_sec, row.write_bytes_per_sec) {
        (Some(read), Some(write)) => Some(read + write),
        (one, other) => one.or(other),
    }
}

fn pressure(view: &View<'_>) -> Option<f64> {
    view.pain.io_pressure_percent.or_else(|| {
        let some = view.sample.pressure.io?.some;
        some.stalled_percent.or(Some(some.avg10_percent))
    })
}

fn busiest<'a>(view: &View<'a>) -> Option<&'a DiskSample> {
    let real = view.sample.disks.iter().filter(|disk| !disk.is_stacked);
    real.filter(|disk| disk.utilisation_percent.is_some())
        .max_by(|a, b| {
            a.utilisation_percent
                .partial_cmp(&b.utilisation_percent)
                .unwrap_or(std::cmp::Ordering::Equal)
        })
}
