//! What each of the processes that use most uses, now and before: short running means for
//! each identity (pid and start time), and the same of the machine.

use std::sync::Arc;

use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};

use super::{Observation, words};
use crate::series::{Entity, Family, Frame, MetricPlace, Unit};

/// Most processes that are remembered.
const MOST: usize = 48;
/// Time constant of the mean that stands for before, seconds.
const BEFORE_SECONDS: f64 = 600.0;
/// One sample stands for no more than this, however long nothing was sampled.
pub(super) const LONGEST_STEP_SECONDS: f64 = 15.0;
/// A process that has not been among the chosen for so long is forgotten.
const FORGET_SECONDS: f64 = 600.0;
/// A process counts to those of its name with at least this part of what the greatest uses.
const COUNTED_PART: f64 = 0.05;
/// One that started within this before it is first seen had nothing before.
const YOUNG_SECONDS: f64 = 120.0;

/// What a process can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Processor time, percent of one core; with that of short-lived children.
    Cpu,
    /// Resident memory, bytes.
    Memory,
    /// Reads of storage, bytes per second.
    Read,
    /// Writes to storage, bytes per second.
    Write,
    /// As [`Use::Cpu`], of the process alone.
    OwnCpu,
}

/// One number for each use.
type Uses = [f64; 5];

impl Use {
    fn index(self) -> usize {
        self as usize
    }

    /// The metric of a process that tells it.
    pub(super) fn metric(self) -> &'static str {
        match self {
            Use::Cpu | Use::OwnCpu => "process_cpu_core_percent",
            Use::Memory => "process_rss_bytes",
            Use::Read => "process_read_bytes_per_sec",
            Use::Write => "process_write_bytes_per_sec",
        }
    }

    /// What it is, with an amount of it.
    pub(super) fn amount(self, value: f64) -> String {
        match self {
            // Hundredths of a core are no news.
            Use::Cpu | Use::OwnCpu => format!("{:.0} % of a core", value.max(0.0)),
            Use::Memory => words::amount(value, Unit::Bytes),
            Use::Read | Use::Write => words::amount(value, Unit::BytesPerSecond),
        }
    }

    /// What it is a use of.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Use::Cpu | Use::OwnCpu => "processor time",
            Use::Memory => "resident memory",
            Use::Read => "reads",
            Use::Write => "writes",
        }
    }
}

/// One process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) pid: i32,
    pub(super) start_time_ticks: u64,
    pub(super) name: String,
    pub(super) user: Option<String>,
    /// Unix seconds; NaN when not known.
    pub(super) started_at: f64,
    now: Uses,
    before: Uses,
    /// When it was last among the chosen, on the clock that never jumps.
    last_seen: f64,
}

impl Known {
    pub(super) fn now(&self, of: Use) -> f64 {
        self.now[of.index()]
    }

    pub(super) fn before(&self, of: Use) -> f64 {
        self.before[of.index()]
    }
}

/// A process's part in a change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) process: &'a Known,
    /// Of the machine's change; all parts add up to at most 100.
    pub(super) share_percent: f64,
}

/// The processes and the machine.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct ProcessUse {
    known: Vec<Known>,
    machine_now: Option<Uses>,
    machine_before: Option<Uses>,
    last_monotonic: Option<f64>,
    /// Those of the last frame and their places in `known`.
    #[serde(skip)]
    entities: Option<Arc<[Arc<Entity>]>>,
    #[serde(skip)]
    places: Vec<usize>,
    #[serde(skip)]
    rows: Vec<Row>,
}

/// Numbers of a process in a frame.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    uses: Uses,
    children_cpu: f64,
    start_unix: f64,
}

struct Places {
    cpu: Option<MetricPlace>,
    children_cpu: Option<MetricPlace>,
    rss: Option<MetricPlace>,
    read: Option<MetricPlace>,
    write: Option<MetricPlace>,
    start: Option<MetricPlace>,
    machine_cpu: Option<MetricPlace>,
    cpus: Option<MetricPlace>,
    machine_memory: Option<MetricPlace>,
    machine_read: Option<MetricPlace>,
    machine_write: Option<MetricPlace>,
}

static PLACES: Lazy<Places> = Lazy::new(|| Places {
    cpu: MetricPlace::named("process_cpu_core_percent"),
    children_cpu: MetricPlace::named("process_children_cpu_core_percent"),
    rss: MetricPlace::named("process_rss_bytes"),
    read: MetricPlace::named("process_read_bytes_per_sec"),
    write: MetricPlace::named("process_write_bytes_per_sec"),
    start: MetricPlace::named("process_start_time_seconds"),
    machine_cpu: MetricPlace::named("cpu_percent"),
    cpus: MetricPlace::named("logical_cpus"),
    machine_memory: MetricPlace::named("memory_used_bytes"),
    machine_read: MetricPlace::named("disk_read_bytes_per_sec"),
    machine_write: MetricPlace::named("disk_write_bytes_per_sec"),
});

/// Weight of a new value in a running mean.
pub(super) fn weight(elapsed: f64, time_constant: f64) -> f64 {
    1.0 - (-elapsed / time_constant).exp()
}

impl ProcessUse {
    /// Takes the numbers of a frame. While `before_stands`, the means of before stay as they
    /// are: what happens now is held against them. Now is a mean with a time constant of
    /// `now_seconds`.
    pub(super) fn see(&mut self, seen: &Observation<'_>, now_seconds: f64, before_stands: bool) {
        let now = seen.monotonic_seconds;
        let elapsed = match self.last_monotonic {
            Some(last) if now >= last => (now - last).min(LONGEST_STEP_SECONDS),
            // The first sample, or the clock began anew with the machine.
            _ => LONGEST_STEP_SECONDS,
        };
        let is_first = self.last_monotonic.is_none();
        self.last_monotonic = Some(now);
        let to_now = weight(elapsed, now_seconds);
        let to_before = match before_stands {
            true => 0.0,
            false => weight(elapsed, BEFORE_SECONDS),
        };
        let machine = machine(seen.frame);
        self.read(seen.frame);
        self.share_children(machine[0]);
        self.follow(seen, is_first);
        for (known, row) in self.places.iter().zip(&self.rows) {
            let known = &mut self.known[*known];
            known.last_seen = now;
            towards(&mut known.now, &row.uses, to_now);
        }
        for known in &mut self.known {
            if known.last_seen != now {
                // Not among those that use most: next to nothing, of memory nobody knows.
                towards(&mut known.now, &[0.0, f64::NAN, 0.0, 0.0, 0.0], to_now);
            }
            let of_now = known.now;
            towards(&mut known.before, &of_now, to_before);
        }
        let count = self.known.len();
        // A clock that began anew makes all that was before old.
        self.known
            .retain(|known| (0.0..=FORGET_SECONDS).contains(&(now - known.last_seen)));
        if self.known.len() != count {
            // Places have moved: they are looked up again.
            self.entities = None;
        }
        let of_now = self.machine_now.get_or_insert(machine);
        towards(of_now, &machine, to_now);
        let of_now = *of_now;
        towards(
            self.machine_before.get_or_insert(machine),
            &of_now,
            to_before,
        );
    }

    fn read(&mut self, frame: &Frame) {
        let count = frame
            .part(Family::Process)
            .map_or(0, |part| part.entities.len());
        self.rows.clear();
        self.rows.resize(count, Row::default());
        let places = &*PLACES;
        let mut fill = |place: Option<MetricPlace>, put: fn(&mut Row, f64)| {
            let values = place.into_iter().flat_map(|place| frame.values(place));
            for (row, (_, value)) in self.rows.iter_mut().zip(values) {
                put(row, value);
            }
        };
        fill(places.cpu, |row, value| {
            (row.uses[0], row.uses[4]) = (value, value);
        });
        fill(places.children_cpu, |row, value| row.children_cpu = value);
        fill(places.rss, |row, value| row.uses[1] = value);
        fill(places.read, |row, value| row.uses[2] = value);
        fill(places.write, |row, value| row.uses[3] = value);
        fill(places.start, |row, value| row.start_unix = value);
    }

    /// What no process of the frame accounts for is given to those whose children ended,
    /// which are too short-lived to be seen. No more than that: the time of a child that was
    /// seen is told again, in one piece, when it ends.
    fn share_children(&mut self, machine_cpu: f64) {
        let direct: f64 = self.rows.iter().map(|row| finite(row.uses[0])).sum();
        let children: f64 = self.rows.iter().map(|row| finite(row.children_cpu)).sum();
        let left = (finite(machine_cpu) - direct).max(0.0);
        if children <= 0.0 || left <= 0.0 {
            return;
        }
        let part = (left / children).min(1.0);
        for row in &mut self.rows {
            let of_children = finite(row.children_cpu) * part;
            if of_children > 0.0 {
                row.uses[0] = finite(row.uses[0]) + of_children;
            }
        }
    }

    /// Finds what is remembered of each process of the frame.
    fn follow(&mut self, seen: &Observation<'_>, is_first: bool) {
        let Some(part) = seen.frame.part(Family::Process) else {
            self.places.clear();
            self.entities = None;
            return;
        };
        let same = |entities: &Arc<[Arc<Entity>]>| Arc::ptr_eq(entities, &part.entities);
        if self.entities.as_ref().is_some_and(same) {
            return;
        }
        self.places.clear();
        // Pids that are not numbers take no part; rows and places stay side by side.
        let rows = std::mem::take(&mut self.rows);
        let mut kept = Vec::with_capacity(rows.len());
        for (entity, row) in part.entities.iter().zip(&rows) {
            let Some(place) = self.place_of(entity, row, seen, is_first) else {
                continue;
            };
            self.places.push(place);
            kept.push(*row);
        }
        let is_whole = kept.len() == rows.len();
        self.rows = kept;
        self.entities = is_whole.then(|| part.entities.clone());
    }

    fn place_of(
        &mut self,
        entity: &Entity,
        row: &Row,
        seen: &Observation<'_>,
        is_first: bool,
    ) -> Option<usize> {
        let label = |place: usize| entity.labels.get(place).and_then(Option::as_deref);
        let pid: i32 = label(0)?.parse().ok()?;
        let start_time_ticks: u64 = label(3)?.parse().ok()?;
        let name = label(1).unwrap_or_default();
        let is = |known: &Known| known.pid == pid && known.start_time_ticks == start_time_ticks;
        if let Some(place) = self.known.iter().position(is) {
            let known = &mut self.known[place];
            if known.name != name {
                // It runs another program now (exec).
                known.name = name.to_string();
            }
            return Some(place);
        }
        let uses = row.uses.map(finite);
        let is_young = seen.unix_seconds - row.start_unix < YOUNG_SECONDS;
        let before = match (is_first, is_young) {
            (true, _) => uses,
            (false, true) => [0.0; 5],
            // It was there before, but not among those that use most.
            (false, false) => [0.0, uses[1], 0.0, 0.0, 0.0],
        };
        let known = Known {
            pid,
            start_time_ticks,
            name: name.to_string(),
            user: label(2).map(str::to_string),
            started_at: row.start_unix,
            // As the machine's, its mean of now begins with what was before.
            now: before,
            before,
            last_seen: seen.monotonic_seconds,
        };
        if self.known.len() < MOST {
            self.known.push(known);
            return Some(self.known.len() - 1);
        }
        let free = |place: &usize| !self.places.contains(place);
        let oldest = (0..self.known.len()).filter(free).min_by(|a, b| {
            self.known[*a]
                .last_seen
                .total_cmp(&self.known[*b].last_seen)
        })?;
        self.known[oldest] = known;
        Some(oldest)
    }

    /// The processes that changed with the machine, the greatest part first: those that have
    /// at least `least_percent` of its change.
    pub(super) fn parts(&self, of: Use, least_percent: f64) -> Vec<Part<'_>> {
        let Some(change) = self.machine_change(of) else {
            return Vec::new();
        };
        let direction = change.signum();
        let moved = |known: &Known| (direction * (known.now(of) - known.before(of))).max(0.0);
        let sum: f64 = self.known.iter().map(moved).sum();
        let whole = change.abs().max(sum);
        if whole <= 0.0 || !whole.is_finite() {
            return Vec::new();
        }
        let parts = self.known.iter().map(|process| Part {
            process,
            share_percent: 100.0 * moved(process) / whole,
        });
        let mut parts: Vec<Part<'_>> = parts
            .filter(|part| part.share_percent >= least_percent)
            .collect();
        crate::arrange::arrange_by(&mut parts, |a, b| {
            b.share_percent.total_cmp(&a.share_percent)
        });
        parts
    }

    /// How far the machine's use now is from that before.
    pub(super) fn machine_change(&self, of: Use) -> Option<f64> {
        let (now, before) = (self.machine_now?, self.machine_before?);
        let change = now[of.index()] - before[of.index()];
        change.is_finite().then_some(change)
    }

    /// The machine's use now; processor time in percent of one core.
    pub(super) fn machine_now(&self, of: Use) -> Option<f64> {
        let now = self.machine_now?[of.index()];
        now.is_finite().then_some(now)
    }

    /// The program that uses most now, its processes taken together; those that use next to
    /// nothing are not counted.
    pub(super) fn crowd(&self, of: Use) -> Option<Crowd<'_>> {
        let least = COUNTED_PART * self.most(of)?.now(of);
        let mut crowds: Vec<Crowd<'_>> = Vec::new();
        for known in self.known.iter().filter(|known| known.now(of) >= least) {
            match crowds
                .iter_mut()
                .find(|crowd| crowd.first.name == known.name)
            {
                Some(crowd) => {
                    crowd.count += 1;
                    crowd.sum += known.now(of);
                    if known.now(of) > crowd.first.now(of) {
                        crowd.first = known;
                    }
                }
                None => crowds.push(Crowd {
                    of,
                    first: known,
                    count: 1,
                    sum: known.now(of),
                }),
            }
        }
        crowds.into_iter().max_by(|a, b| a.sum.total_cmp(&b.sum))
    }

    /// The process that uses most now.
    pub(super) fn most(&self, of: Use) -> Option<&Known> {
        let using = self.known.iter().filter(|known| known.now(of) > 0.0);
        using.max_by(|a, b| a.now(of).total_cmp(&b.now(of)))
    }

    /// The processes that were in the last frame.
    pub(super) fn present(&self) -> impl Iterator<Item = &Known> {
        let last = self.last_monotonic;
        let known = self.known.iter();
        known.filter(move |known| Some(known.last_seen) == last)
    }
}

/// Processes of one name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crowd<'a> {
    pub(super) of: Use,
    /// The one that uses most.
    pub(super) first: &'a Known,
    pub(super) count: usize,
    /// What they use together.
    pub(super) sum: f64,
}

impl std::fmt::Display for Crowd<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, pid, sum) = (&self.first.name, self.first.pid, self.of.amount(self.sum));
        match self.count {
            1 => write!(f, "{name} (pid {pid}, {sum})"),
            count => write!(f, "{name} ({count} processes, {sum}, most by pid {pid})"),
        }
    }
}

fn machine(frame: &Frame) -> Uses {
    let value = |place: Option<MetricPlace>| place.and_then(|place| frame.value(place));
    let places = &*PLACES;
    let cpu = value(places.machine_cpu)
        .zip(value(places.cpus))
        .map_or(f64::NAN, |(percent, cpus)| percent * cpus);
    [
        cpu,
        value(places.machine_memory).unwrap_or(f64::NAN),
        value(places.machine_read).unwrap_or(f64::NAN),
        value(places.machine_write).unwrap_or(f64::NAN),
        cpu,
    ]
}

/// Moves means towards values; what is not known moves nothing.
fn towards(means: &mut Uses, values: &Uses, weight: f64) {
    for (mean, value) in means.iter_mut().zip(values) {
        if !value.is_finite() {
            continue;
        }
        match mean.is_finite() {
            true => *mean += weight * (value - *mean),
            false => *mean = *value,
        }
    }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}
