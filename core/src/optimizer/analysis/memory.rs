//! Memory: tasks stall for it, or it is nearly used up and still growing.

use std::collections::BTreeMap;

use super::since::Since;
use super::view::{Suspect, View, ids, most_by};
use super::words::{self, Draft};
use crate::act::ProcessId;
use crate::arrange::{arrange_by, map_of};
use crate::optimizer::target::{Metric, Priority, Resource, Target};

/// Disk faults of the others per second from which on they suffer for want of memory.
pub(super) const SUFFERING_FAULTS: f64 = 10.0;

/// Growth of a process that counts: bytes per second, or percent of all memory per second.
const LEAST_GROWTH_BYTES: f64 = 8.0 * 1024.0 * 1024.0;
const LEAST_GROWTH_PERCENT: f64 = 0.2;

/// A process of this share of the memory is great.
const GREAT_PERCENT: f64 = 10.0;

/// Whoever reads so much from disks replaces what others have cached.
const READER_BYTES_PER_SEC: f64 = 20.0 * 1024.0 * 1024.0;

/// Under pressure others suffer when they must read so much from disks.
const SUFFERING_READS: f64 = 1024.0 * 1024.0;

/// Shorter times give no sound rate of growth.
const LEAST_SECONDS: f64 = 0.2;

/// Above this nearly nothing is left.
const HIGH_PERCENT: f64 = 90.0;

/// Resident memory of all processes at an earlier look.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    at: f64,
    rss_bytes: BTreeMap<ProcessId, u64>,
}

impl Earlier {
    /// Remembers what the window ended with.
    pub(super) fn note(&mut self, view: &View<'_>) {
        let now = view.pain.processes.iter().map(|p| (p.id(), p.rss_bytes));
        self.rss_bytes = map_of(now);
        self.at = view.now;
    }

    /// Growth in bytes per second since the earlier look, else since the sample.
    fn growth(&self, view: &View<'_>, id: ProcessId, rss_bytes: u64) -> Option<f64> {
        let rate = |then: u64, seconds: f64| {
            (seconds >= LEAST_SECONDS).then(|| (rss_bytes as f64 - then as f64) / seconds)
        };
        let earlier = self.rss_bytes.get(&id);
        earlier
            .and_then(|then| rate(*then, view.now - self.at))
            .or_else(|| rate(view.row(id)?.rss_bytes, view.now - view.state.timestamp))
    }
}

pub(super) fn targets(view: &View<'_>, since: &mut Since, earlier: &mut Earlier) -> Vec<Target> {
    let found = diagnose(view, earlier);
    earlier.note(view);
    let begin = since.note("memory", found.is_some(), view.now);
    found
        .map(|found| found.target(view, begin))
        .into_iter()
        .collect()
}

/// Of the machine or of the own limit, whichever is tighter.
pub(super) fn used_percent(view: &View<'_>) -> Option<f64> {
    let known = [
        view.pain.memory_used_percent,
        view.sample.memory.used_percent,
        view.sample.limits.memory_used_percent,
    ];
    known.into_iter().flatten().reduce(f64::max)
}

struct Found {
    metric: Metric,
    value: f64,
    used: Option<f64>,
    pressure: Option<f64>,
    faults: f64,
    suspects: Vec<Suspect>,
    unit: &'static str,
    whole: f64,
    is_growing: bool,
}

fn diagnose(view: &View<'_>, earlier: &Earlier) -> Option<Found> {
    let used = used_percent(view);
    let pressure = pressure(view);
    let is_full = used.is_some_and(|used| used > view.profile.memory_threshold);
    let total = view
        .pain
        .memory_total_bytes
        .or(view.sample.memory.total_bytes);
    let total = total.filter(|total| *total > 0).map(|total| total as f64);

    let growing = growing(view, earlier, total);
    let is_growing = !growing.is_empty();
    let readers = readers(view);
    let (suspects, unit) = if is_growing {
        (growing, "bytes")
    } else if is_full || readers.is_empty() {
        (great(view, total), "bytes")
    } else {
        (readers, "bytes per second")
    };
    let faults = view.pain.victims_of(&ids(&suspects)).major_faults_per_sec;
    let suffer = faults >= SUFFERING_FAULTS || rereads(view, &suspects) >= SUFFERING_READS;
    let is_pressed = pressure.is_some_and(|p| p >= view.profile.pressure_threshold);
    let (metric, value) = match (pressure, used) {
        (Some(pressure), _) if is_pressed && (is_full || suffer) => {
            (Metric::MemoryPressure, pressure)
        }
        (_, Some(used)) if is_full && (is_growing || (pressure.is_none() && suffer)) => {
            (Metric::MemoryUsed, used)
        }
        _ => return None,
    };
    let whole = match unit {
        "bytes" => total.unwrap_or(0.0),
        _ => suspects.iter().map(|s| s.usage).sum(),
    };
    Some(Found {
        metric,
        value,
        used,
        pressure,
        faults,
        suspects,
        unit,
        whole,
        is_growing,
    })
}

impl Found {
    fn target(self, view: &View<'_>, since: Option<f64>) -> Target {
        let mut evidence = Vec::new();
        if let Some(used) = self.used {
            let threshold = view.profile.memory_threshold;
            evidence.push(format!(
                "memory {used:.1} percent in use, of the machine or of the own limit (threshold \
                 {threshold:.0})"
            ));
        }
        evidence.extend(
            self.pressure
                .map(|p| format!("some task waited for memory {p:.1} percent of the time (PSI)")),
        );
        evidence.push(format!(
            "others faulted {:.0} pages per second in from disk",
            self.faults
        ));
        if self.is_growing {
            evidence.push(format!("{} processes are growing", self.suspects.len()));
        }
        let is_pressure = self.metric == Metric::MemoryPressure;
        let used = self
            .used
            .map_or(String::new(), |u| format!("{u:.0} percent in use, "));
        let what = if is_pressure {
            format!("tasks wait for it {:.0} percent of the time", self.value)
        } else {
            "and it goes on growing".to_string()
        };
        let share = self.suspects.iter().map(|s| s.usage).sum::<f64>() / self.whole.max(1.0);
        let is_high = self.used.is_some_and(|used| used > HIGH_PERCENT)
            || (is_pressure && self.value > super::cpu::SEVERE_WAIT_PERCENT);
        words::target(
            view,
            Draft {
                resource: Resource::Memory,
                metric: self.metric,
                subject: None,
                current_value: self.value,
                target_value: if is_pressure {
                    view.profile.pressure_threshold / 2.0
                } else {
                    (view.profile.memory_threshold - 15.0).max(0.0)
                },
                priority: if is_high {
                    Priority::High
                } else {
                    Priority::Medium
                },
                description: format!("Memory {used}{what}{}", most_by(&self.suspects)),
                method: "memory_cleanup",
                impact: "others keep what they have in memory",
                since,
                certainty: match (is_pressure, self.faults >= SUFFERING_FAULTS) {
                    (true, true) => 0.8,
                    (true, false) | (false, true) => 0.6,
                    (false, false) => 0.4,
                },
                share,
                culprits: view.culprits(&self.suspects, self.unit, self.whole),
                evidence,
                advice: Some("Fewer programs at a time, a limit for this one, or zram".into()),
                utilisation_percent: self.used,
            },
        )
    }
}

fn pressure(view: &View<'_>) -> Option<f64> {
    view.pain.memory_pressure_percent.or_else(|| {
        let some = view.sample.pressure.memory?.some;
        some.stalled_percent.or(Some(some.avg10_percent))
    })
}

fn growing(view: &View<'_>, earlier: &Earlier, total: Option<f64>) -> Vec<Suspect> {
    let least = total.map_or(LEAST_GROWTH_BYTES, |total| {
        LEAST_GROWTH_BYTES.max(LEAST_GROWTH_PERCENT / 100.0 * total)
    });
    let mut growing: Vec<(f64, Suspect)> = Vec::new();
    for process in &view.pain.processes {
        let rate = earlier.growth(view, process.id(), process.rss_bytes);
        if let Some(rate) = rate.filter(|rate| *rate >= least) {
            let suspect = view.suspect(process.id(), process.rss_bytes as f64);
            growing.push((rate, suspect));
        }
    }
    arrange_by(&mut growing, |a, b| b.0.total_cmp(&a.0));
    let growing = growing.into_iter().map(|(_, suspect)| suspect);
    growing.filter(|s| !view.is_spared(s)).collect()
}

fn great(view: &View<'_>, total: Option<f64>) -> Vec<Suspect> {
    let Some(total) = total else {
        return Vec::new();
    };
    let is_great = |rss: u64| rss as f64 >= GREAT_PERCENT / 100.0 * total;
    let great = view.pain.processes.iter().filter(|p| is_great(p.rss_bytes));
    sorted(
        view,
        great
            .map(|p| view.suspect(p.id(), p.rss_bytes as f64))
            .collect(),
    )
}

/// Bytes per second that others must read from disks, perhaps again.
fn rereads(view: &View<'_>, suspects: &[Suspect]) -> f64 {
    let suspects = ids(suspects);
    let others = view.sample.processes.list.iter();
    others
        .filter(|row| !suspects.contains(&super::view::id_of(row)))
        .filter_map(|row| row.read_bytes_per_sec)
        .sum()
}

fn readers(view: &View<'_>) -> Vec<Suspect> {
    let list = view.sample.processes.list.iter();
    let readers = list.filter_map(|row| {
        let rate = row
            .read_bytes_per_sec
            .filter(|r| *r >= READER_BYTES_PER_SEC)?;
        Some(view.suspect(super::view::id_of(row), rate))
    });
    sorted(view, readers.collect())
}

fn sorted(view: &View<'_>, mut suspects: Vec<Suspect>) -> Vec<Suspect> {
    suspects.retain(|suspect| !view.is_spared(suspect));
    arrange_by(&mut suspects, |a, b| b.usage.total_cmp(&a.usage));
    suspects
}
