//! Running means over half a minute: of the machine's numbers, and of each core, disk, file
//! system and interface. One sample that stands out is not a finding.

use std::sync::Arc;

use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};

use crate::series::{Entity, Family, Frame, MetricPlace};

/// Time constant, seconds.
pub(super) const MEAN_SECONDS: f64 = 30.0;
/// Most members of a family that are followed.
const MOST_MEMBERS: usize = 1024;

/// A number of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mean {
    Cpu,
    CpuSystem,
    CpuNice,
    CpuIowait,
    CpuSteal,
    LogicalCpus,
    EffectiveCpus,
    ContainerCpu,
    ContainerMemory,
    Throttled,
    QuotaCpus,
    Runnable,
    Blocked,
    ContextSwitches,
    Memory,
    MemoryAvailable,
    Swap,
    SwapIn,
    SwapOut,
    MajorFaults,
    PressureCpu,
    PressureMemorySome,
    PressureMemoryFull,
    PressureIoSome,
    PressureIoFull,
    Retransmits,
    SentSegments,
}

/// Their metrics, in the order of [`Mean`].
const NAMES: [&str; 27] = [
    "cpu_percent",
    "cpu_system_percent",
    "cpu_nice_percent",
    "cpu_iowait_percent",
    "cpu_steal_percent",
    "logical_cpus",
    "effective_cpus",
    "container_cpu_percent",
    "container_memory_percent",
    "container_throttled_percent",
    "container_quota_cpus",
    "runnable",
    "blocked",
    "context_switches_per_sec",
    "memory_percent",
    "memory_available_bytes",
    "swap_percent",
    "swap_in_bytes_per_sec",
    "swap_out_bytes_per_sec",
    "major_faults_per_sec",
    "pressure_cpu_some_percent",
    "pressure_memory_some_percent",
    "pressure_memory_full_percent",
    "pressure_io_some_percent",
    "pressure_io_full_percent",
    "tcp_retransmits_per_sec",
    "tcp_sent_segments_per_sec",
];

static PLACES: Lazy<Vec<Option<MetricPlace>>> = Lazy::new(|| places(&NAMES));

fn places(names: &[&str]) -> Vec<Option<MetricPlace>> {
    names.iter().map(|name| MetricPlace::named(name)).collect()
}

impl Mean {
    /// Its place in the catalogue.
    pub(super) fn place(self) -> Option<MetricPlace> {
        PLACES.get(self as usize).copied().flatten()
    }
}

/// Running means of the machine's numbers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Means {
    values: Vec<f64>,
}

impl Means {
    pub(super) fn see(&mut self, frame: &Frame, weight: f64) {
        self.values.resize(NAMES.len(), f64::NAN);
        for (mean, place) in self.values.iter_mut().zip(PLACES.iter()) {
            let value = place.and_then(|place| frame.value(place));
            *mean = follow(*mean, value.unwrap_or(f64::NAN), weight);
        }
    }

    pub(super) fn get(&self, of: Mean) -> Option<f64> {
        let value = self.values.get(of as usize).copied()?;
        value.is_finite().then_some(value)
    }
}

/// What is not known any more has no mean: it is never judged by what it was.
fn follow(mean: f64, value: f64, weight: f64) -> f64 {
    match (mean.is_finite(), value.is_finite()) {
        (true, true) => mean + weight * (value - mean),
        (_, true) => value,
        (_, false) => f64::NAN,
    }
}

/// A family with many members, and which of its metrics are followed.
#[derive(Debug)]
pub(super) struct Kind {
    family: Family,
    names: &'static [&'static str],
    places: Vec<Option<MetricPlace>>,
}

impl Kind {
    fn new(family: Family, names: &'static [&'static str]) -> Kind {
        Kind {
            family,
            names,
            places: places(names),
        }
    }

    pub(super) fn metric(&self, place: usize) -> &'static str {
        self.names.get(place).copied().unwrap_or_default()
    }

    pub(super) fn label(&self) -> &'static str {
        self.family
            .label_names()
            .first()
            .copied()
            .unwrap_or_default()
    }
}

/// Places of a core's numbers.
pub(super) const CORE_BUSY: usize = 0;
pub(super) static CORES: Lazy<Kind> = Lazy::new(|| Kind::new(Family::Core, &["core_busy_percent"]));

/// Places of a disk's numbers.
pub(super) const DEVICE_USE: usize = 0;
pub(super) const DEVICE_READ_MS: usize = 1;
pub(super) const DEVICE_WRITE_MS: usize = 2;
pub(super) static DEVICES: Lazy<Kind> = Lazy::new(|| {
    let names = &[
        "device_utilisation_percent",
        "device_read_latency_ms",
        "device_write_latency_ms",
    ];
    Kind::new(Family::Device, names)
});

/// Places of a file system's numbers.
pub(super) const SPACE: usize = 0;
pub(super) const INODES: usize = 1;
pub(super) const SPACE_LEFT: usize = 2;
pub(super) const READ_ONLY: usize = 3;
pub(super) static FILESYSTEMS: Lazy<Kind> = Lazy::new(|| {
    let names = &[
        "filesystem_used_percent",
        "filesystem_inodes_used_percent",
        "filesystem_available_bytes",
        "filesystem_is_read_only",
    ];
    Kind::new(Family::Filesystem, names)
});

/// Places of an interface's numbers.
pub(super) const ERRORS: usize = 0;
pub(super) const DROPS: usize = 1;
pub(super) const PACKETS_IN: usize = 2;
pub(super) const PACKETS_OUT: usize = 3;
pub(super) static INTERFACES: Lazy<Kind> = Lazy::new(|| {
    let names = &[
        "interface_errors_per_sec",
        "interface_drops_per_sec",
        "interface_received_packets_per_sec",
        "interface_sent_packets_per_sec",
    ];
    Kind::new(Family::Interface, names)
});

/// Running means of each member of a family.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Members {
    names: Vec<String>,
    /// Member by member.
    means: Vec<f64>,
    /// Those of the last frame.
    #[serde(skip)]
    entities: Option<Arc<[Arc<Entity>]>>,
}

impl Members {
    pub(super) fn see(&mut self, frame: &Frame, kind: &Kind, weight: f64) {
        let width = kind.places.len();
        let Some(part) = frame.part(kind.family) else {
            *self = Members::default();
            return;
        };
        let same = |entities: &Arc<[Arc<Entity>]>| Arc::ptr_eq(entities, &part.entities);
        if !self.entities.as_ref().is_some_and(same) {
            self.rename(&part.entities, width);
            self.entities = Some(part.entities.clone());
        }
        for (place, metric) in kind.places.iter().enumerate() {
            let values = metric.iter().flat_map(|metric| frame.values(*metric));
            let means = self.means.iter_mut().skip(place).step_by(width.max(1));
            for (mean, (_, value)) in means.zip(values) {
                *mean = follow(*mean, value, weight);
            }
        }
    }

    /// Members come and go; those that stay keep their means.
    fn rename(&mut self, entities: &[Arc<Entity>], width: usize) {
        let name = |entity: &Arc<Entity>| {
            let label = entity.labels.first().cloned().flatten();
            label.as_deref().unwrap_or_default().to_string()
        };
        let names: Vec<String> = entities.iter().take(MOST_MEMBERS).map(name).collect();
        if names == self.names && self.means.len() == names.len() * width {
            return;
        }
        let mut means = vec![f64::NAN; names.len() * width];
        for (new, name) in means.chunks_exact_mut(width.max(1)).zip(&names) {
            let old = self.names.iter().position(|old| old == name);
            let old = old.and_then(|place| self.means.get(place * width..(place + 1) * width));
            if let Some(old) = old {
                new.copy_from_slice(old);
            }
        }
        (self.names, self.means) = (names, means);
    }

    /// Each member with its means in the order of the kind; NaN where one is not known.
    pub(super) fn each(&self) -> impl Iterator<Item = (&str, &[f64])> {
        let width = self.means.len() / self.names.len().max(1);
        let names = self.names.iter().map(String::as_str);
        names.zip(self.means.chunks_exact(width.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mean_has_a_metric() {
        assert_eq!(NAMES.len(), Mean::SentSegments as usize + 1);
        assert!(PLACES.iter().all(Option::is_some));
        for kind in [&CORES, &DEVICES, &FILESYSTEMS, &INTERFACES] {
            assert!(
                kind.places
                    .iter()
                    .all(|place| place.is_some_and(|p| p.metric.family == kind.family))
            );
        }
        assert_eq!(
            NAMES[Mean::PressureIoFull as usize],
            "pressure_io_full_percent"
        );
        assert_eq!(NAMES[Mean::Memory as usize], "memory_percent");
        assert_eq!(
            NAMES[Mean::Throttled as usize],
            "container_throttled_percent"
        );
    }

    #[test]
    fn what_is_not_known_any_more_has_no_mean() {
        assert!(follow(5.0, f64::NAN, 0.5).is_nan());
        assert_eq!(follow(f64::NAN, 5.0, 0.5), 5.0);
        assert_eq!(follow(1.0, 2.0, 0.5), 1.5);
    }

    #[test]
    fn members_keep_their_means_when_another_goes() {
        let entity = |name: &str| Arc::new(Entity::new([Some(name.into())]));
        let mut members = Members::default();
        members.rename(&[entity("a"), entity("b")], 2);
        members.means = vec![1.0, 2.0, 3.0, 4.0];
        members.rename(&[entity("b"), entity("c")], 2);
        let each: Vec<(&str, &[f64])> = members.each().collect();
        assert_eq!(each[0], ("b", &[3.0, 4.0][..]));
        assert!(each[1].0 == "c" && each[1].1.iter().all(|mean| mean.is_nan()));
    }
}
