//! Every metric there is. Ids are part of the file format: a metric that goes leaves its id
//! unused for ever.

mod battery;
mod census;
mod core;
mod cpu;
mod device;
mod filesystem;
mod headline;
mod interface;
mod limits;
mod memory;
mod network;
mod pressure;
mod process;
mod sensor;
#[cfg(test)]
mod tests;

use once_cell::sync::Lazy;

use super::field::Field;
use super::metric::{Family, Metric};
use crate::sample::Sample;

pub(crate) use battery::BATTERY;
pub(crate) use core::CORE;
pub(crate) use device::DEVICE;
pub(crate) use filesystem::FILESYSTEM;
pub(crate) use headline::{HEADLINE, HEADLINE_MADE, HEADLINE_SCORES};
pub(crate) use interface::INTERFACE;
pub(crate) use process::PROCESS;
pub(crate) use sensor::SENSOR;

/// The families of the machine as a whole; the headline's further metrics come after its own.
pub(crate) static OF_MACHINE: [(Family, &[Field<Sample>]); 7] = [
    (Family::Headline, HEADLINE),
    (Family::Cpu, cpu::CPU),
    (Family::Memory, memory::MEMORY),
    (Family::Pressure, pressure::PRESSURE),
    (Family::Limits, limits::LIMITS),
    (Family::Network, network::NETWORK),
    (Family::Census, census::CENSUS),
];

static ALL: Lazy<Vec<Metric>> = Lazy::new(|| {
    let mut all: Vec<Metric> = Vec::new();
    for (family, fields) in OF_MACHINE {
        add(&mut all, fields);
        if family == Family::Headline {
            add(&mut all, HEADLINE_MADE);
            add(&mut all, HEADLINE_SCORES);
        }
    }
    add(&mut all, CORE);
    add(&mut all, DEVICE);
    add(&mut all, FILESYSTEM);
    add(&mut all, INTERFACE);
    add(&mut all, SENSOR);
    add(&mut all, BATTERY);
    add(&mut all, PROCESS);
    all
});

fn add<T>(all: &mut Vec<Metric>, fields: &[Field<T>]) {
    all.extend(fields.iter().map(|field| field.metric));
}

/// Every metric, by family and in the order in which a frame holds them.
pub fn metrics() -> &'static [Metric] {
    &ALL
}

/// The metrics of one family, in the order of a frame's values.
pub fn of_family(family: Family) -> &'static [Metric] {
    let all = metrics();
    let start = all.partition_point(|metric| metric.family < family);
    let end = all.partition_point(|metric| metric.family <= family);
    &all[start..end]
}

/// The metric of a name.
pub fn by_name(name: &str) -> Option<&'static Metric> {
    metrics().iter().find(|metric| metric.name == name)
}

/// The metric of an id; `None` for one of a newer release.
pub fn by_id(id: u16) -> Option<&'static Metric> {
    static BY_ID: Lazy<Vec<Option<u16>>> = Lazy::new(|| {
        let most = metrics().iter().map(|metric| metric.id).max().unwrap_or(0);
        let mut places = vec![None; usize::from(most) + 1];
        for (place, metric) in metrics().iter().enumerate() {
            places[usize::from(metric.id)] = u16::try_from(place).ok();
        }
        places
    });
    let place = BY_ID.get(usize::from(id)).copied().flatten()?;
    metrics().get(usize::from(place))
}
