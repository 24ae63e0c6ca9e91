//! Disks that work waits for, and file systems that fill up.

use super::means::{
    DEVICE_READ_MS, DEVICE_USE, DEVICE_WRITE_MS, DEVICES, FILESYSTEMS, INODES, Mean, READ_ONLY,
    SPACE, SPACE_LEFT,
};
use super::view::{Draft, View, graded, of_crowd, of_member};
use super::{Evidence, InsightKind};
use crate::judge::process_use::{Crowd, Use};
use crate::judge::words::{amount, span};
use crate::judge::{Exhaustion, Severity};
use crate::series::Unit;

const HOLD_SECONDS: f64 = 30.0;
/// A forecast is told when it is nearer than this.
const NEAR_SECONDS: f64 = 24.0 * 3600.0;
/// With so much left there is time, whatever the percentage.
const PLENTY_BYTES: f64 = 50.0 * 1_073_741_824.0;

/// All of the disks.
pub(super) fn judge(view: &View<'_>, out: &mut Vec<Draft>) {
    // Memory that is short makes the disks busy: it is not their fault.
    if !view.is_open("memory_thrash") {
        out.extend(bound(view));
    }
    for (mount, means) in view.filesystems.each() {
        if means[READ_ONLY] > 0.0 {
            continue;
        }
        out.extend(filling(view, mount, means, &Resource::SPACE));
        out.extend(filling(view, mount, means, &Resource::INODES));
    }
}

fn bound(view: &View<'_>) -> Option<Draft> {
    let id = "io_bound";
    let (some, full) = (
        view.get(Mean::PressureIoSome),
        view.get(Mean::PressureIoFull),
    );
    let iowait = view.get(Mean::CpuIowait);
    let (severity, confidence, waits) = match some {
        Some(some) => {
            let full = full.unwrap_or(0.0);
            let is_slow = some >= view.level(id, 35.0, 20.0) || full >= view.level(id, 20.0, 10.0);
            is_slow.then_some(())?;
            let severity = graded(some, 50.0, 80.0, f64::INFINITY).max(graded(
                full,
                30.0,
                60.0,
                f64::INFINITY,
            ));
            let waits = format!(
                "tasks wait for a disk {} of the time (all of them {})",
                amount(some, Unit::Percent),
                amount(full, Unit::Percent)
            );
            (severity, 0.9, waits)
        }
        None => {
            let iowait = iowait?;
            let is_slow = iowait >= view.level(id, 25.0, 12.0)
                && view.get(Mean::Blocked)? >= view.level(id, 1.0, 0.5);
            is_slow.then_some(())?;
            let waits = format!(
                "processors are idle {} of the time because tasks wait for a disk",
                amount(iowait, Unit::Percent)
            );
            (graded(iowait, 40.0, 70.0, f64::INFINITY), 0.6, waits)
        }
    };
    let mut evidence = view.all(&[
        (Mean::PressureIoSome, Some(35.0)),
        (Mean::PressureIoFull, Some(20.0)),
        (Mean::CpuIowait, None),
    ]);
    let device = busiest(view, &mut evidence);
    let most = greatest(view);
    evidence.extend(most.as_ref().map(of_crowd));
    let who = match &most {
        Some(crowd) => format!(" Most {} by {crowd}.", crowd.of.noun()),
        None => String::new(),
    };
    let mut advice = Vec::new();
    if let Some(crowd) = &most {
        let name = &crowd.first.name;
        advice.push(format!(
            "Let {name} run when nobody waits, or limit it (IOWeight=, IOReadBandwidthMax= or \
             IOWriteBandwidthMax= of its control group; ionice works with bfq only)."
        ));
    }
    advice.push("Use a faster disk, or put what is used most on one of its own.".into());
    Some(Draft {
        id: id.into(),
        kind: InsightKind::IoBound,
        severity,
        confidence,
        text: format!("The disks are the bottleneck: {waits}{device}.{who}"),
        evidence,
        advice,
        hold_seconds: HOLD_SECONDS,
    })
}

/// The disk that has most to do, in words.
fn busiest(view: &View<'_>, evidence: &mut Vec<Evidence>) -> String {
    let devices = view
        .devices
        .each()
        .filter(|(_, means)| means[DEVICE_USE].is_finite());
    let busiest = devices.max_by(|a, b| a.1[DEVICE_USE].total_cmp(&b.1[DEVICE_USE]));
    let Some((name, means)) = busiest else {
        return String::new();
    };
    let places = [DEVICE_USE, DEVICE_READ_MS, DEVICE_WRITE_MS];
    let numbers = places.map(|place| of_member(&DEVICES, name, means, place, None));
    evidence.extend(numbers.into_iter().flatten());
    let times = [("read", DEVICE_READ_MS), ("write", DEVICE_WRITE_MS)];
    let times: Vec<String> = times
        .iter()
        .filter(|(_, place)| means[*place].is_finite())
        .map(|(what, place)| {
            format!(
                "a {what} takes {}",
                amount(means[*place], Unit::Milliseconds)
            )
        })
        .collect();
    let times = match times.is_empty() {
        true => String::new(),
        false => format!(" ({})", times.join(", ")),
    };
    format!(
        "; {name} is in use {} of it{times}",
        amount(means[DEVICE_USE], Unit::Percent)
    )
}

/// The program that reads or writes most.
fn greatest<'a>(view: &'a View<'_>) -> Option<Crowd<'a>> {
    let crowds = [view.most(Use::Read), view.most(Use::Write)];
    crowds
        .into_iter()
        .flatten()
        .max_by(|a, b| a.sum.total_cmp(&b.sum))
}

/// What of a file system runs out.
struct Resource {
    place: usize,
    metrics: &'static [&'static str],
    suffix: &'static str,
    noun: &'static str,
}

impl Resource {
    const SPACE: Resource = Resource {
        place: SPACE,
        metrics: &[
            "filesystem_used_percent",
            "filesystem_used_bytes",
            "filesystem_available_bytes",
        ],
        suffix: "",
        noun: "space",
    };
    const INODES: Resource = Resource {
        place: INODES,
        metrics: &["filesystem_inodes_used_percent", "filesystem_inodes_used"],
        suffix: ":inodes",
        noun: "inodes",
    };
}

fn filling(view: &View<'_>, mount: &str, means: &[f64], of: &Resource) -> Option<Draft> {
    let percent = Some(means[of.place]).filter(|percent| percent.is_finite())?;
    let id = format!("disk_filling:{mount}{}", of.suffix);
    let left = Some(means[SPACE_LEFT]).filter(|bytes| bytes.is_finite() && of.place == SPACE);
    let near = view.level(&id, 1.0, 1.5) * NEAR_SECONDS;
    let soon = view
        .exhaustion(of.metrics, Some(mount))
        .filter(|e| e.seconds.is_some_and(|seconds| seconds <= near));
    (percent >= view.level(&id, 90.0, 88.0) || soon.is_some()).then_some(())?;
    let has_plenty = left.is_some_and(|bytes| bytes >= PLENTY_BYTES);
    let by_use = match has_plenty {
        true => Severity::Low,
        false => graded(percent, 90.0, 95.0, 98.0),
    };
    let left = match left {
        Some(bytes) => format!(", {} are left", amount(bytes, Unit::Bytes)),
        None => String::new(),
    };
    let when = soon.map_or(String::new(), when);
    let writer = view.most(Use::Write).filter(|_| soon.is_some());
    let who = match &writer {
        Some(crowd) => format!(" Most is written by {crowd}."),
        None => String::new(),
    };
    let mut evidence: Vec<Evidence> = of_member(&FILESYSTEMS, mount, means, of.place, Some(90.0))
        .into_iter()
        .collect();
    if of.place == SPACE {
        evidence.extend(of_member(&FILESYSTEMS, mount, means, SPACE_LEFT, None));
    }
    let remedy = match of.place {
        INODES => {
            "Remove folders with very many small files (find -xdev -printf '%h\\n' | sort | uniq -c)."
        }
        _ => "Remove what is not needed (caches, old logs, packages), or give it more.",
    };
    Some(Draft {
        id: id.into(),
        kind: InsightKind::DiskFilling,
        severity: by_use.max(by_time(soon)),
        confidence: if percent >= 90.0 { 0.95 } else { 0.7 },
        text: format!(
            "File system {mount} has {percent:.1} % of its {} in use{left}{when}.{who}",
            of.noun
        ),
        evidence,
        advice: vec![remedy.into()],
        hold_seconds: 0.0,
    })
}

fn when(exhaustion: &Exhaustion) -> String {
    let seconds = exhaustion.seconds.unwrap_or(f64::INFINITY);
    let earliest = exhaustion.earliest_seconds.map(span);
    let range = match (earliest, exhaustion.latest_seconds.map(span)) {
        (Some(earliest), Some(latest)) => format!(" (between {earliest} and {latest})"),
        (Some(earliest), None) => format!(" (not before {earliest})"),
        _ => String::new(),
    };
    format!(
        "; at this rate it is full in about {}{range}",
        span(seconds)
    )
}

fn by_time(soon: Option<&Exhaustion>) -> Severity {
    match soon.and_then(|e| e.seconds) {
        Some(seconds) if seconds <= 3600.0 => Severity::Critical,
        Some(seconds) if seconds <= 6.0 * 3600.0 => Severity::High,
        Some(_) => Severity::Medium,
        None => Severity::Low,
    }
}
