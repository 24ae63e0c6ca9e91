//! A frame as a sample again.

use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::catalog::{CORE, OF_MACHINE, PROCESS};
use super::context::{ContextKind, ContextPiece, LimitWords};
use super::entity::Entity;
use super::field::Field;
use super::frame::{Frame, PartRow};
use super::listed::{Listed, entities};
use super::metric::Family;
use super::process::Identity;
use super::settle::follow;
use crate::arrange::arrange_by_key;
use crate::sample::{
    BatterySample, CoreSample, DiskSample, FilesystemSample, HardeningSample, HostFacts,
    InterfaceSample, Moment, ProcessSample, Sample, SecuritySample, SensorSample, SourceReport,
};

/// Microseconds of a second.
const CLOCK_STEPS: f64 = 1e6;

/// Makes samples of frames in their order: remembers the context and who the processes are.
#[derive(Debug, Default)]
pub(crate) struct Rebuild {
    host: Arc<HostFacts>,
    hardening: Arc<HardeningSample>,
    security: SecuritySample,
    unavailable: Arc<[SourceReport]>,
    limits: LimitWords,
    devices: Members<DiskSample>,
    filesystems: Members<FilesystemSample>,
    interfaces: Members<InterfaceSample>,
    sensors: Members<SensorSample>,
    batteries: Members<BatterySample>,
    processes: Processes,
}

impl Rebuild {
    /// Takes up context from before the first frame. A piece that can't be read, since it is
    /// torn or of a newer release, leaves what was known.
    pub(crate) fn know(&mut self, pieces: &[ContextPiece]) {
        for piece in pieces {
            let json = &*piece.json;
            match piece.kind {
                ContextKind::Host => take_up(json, &mut self.host),
                ContextKind::Hardening => take_up(json, &mut self.hardening),
                ContextKind::Limits => take_up(json, &mut self.limits),
                ContextKind::Unavailable => take_up(json, &mut self.unavailable),
                ContextKind::Filesystems => self.filesystems.know(json),
                ContextKind::Devices => self.devices.know(json),
                ContextKind::Interfaces => self.interfaces.know(json),
                ContextKind::Sensors => self.sensors.know(json),
                ContextKind::Power => self.batteries.know(json),
                ContextKind::Listeners => take_up(json, &mut self.security.listeners),
                ContextKind::Programs => take_up(json, &mut self.security.programs),
                ContextKind::Logins => take_up(json, &mut self.security.logins),
                ContextKind::SearchPath => take_up(json, &mut self.security.search_path),
            }
        }
    }

    /// The sample that the frame was taken from: every settled number the same, of the
    /// processes the chosen ones, with the beginning of their command line.
    pub(crate) fn sample(&mut self, frame: &Frame) -> Sample {
        self.know(&frame.context);
        let mut sample = Sample {
            moment: Moment {
                unix_seconds: frame.unix_us as f64 / CLOCK_STEPS,
                monotonic_seconds: frame.monotonic_us as f64 / CLOCK_STEPS,
            },
            host: self.host.clone(),
            hardening: self.hardening.clone(),
            security: self.security.clone(),
            unavailable: self.unavailable.clone(),
            ..Sample::default()
        };
        self.limits.put(&mut sample.limits);
        for part in &frame.parts {
            match part.family {
                Family::Core => sample.cpu.cores = cores(part),
                Family::Device => sample.disks = self.devices.list(part),
                Family::Filesystem => sample.filesystems = self.filesystems.list(part),
                Family::Interface => sample.network.interfaces = self.interfaces.list(part),
                Family::Sensor => sample.sensors = self.sensors.list(part),
                Family::Battery => sample.power.batteries = self.batteries.list(part),
                Family::Process => sample.processes.list = self.processes.list(part),
                family => {
                    let fields = OF_MACHINE.iter().find(|(of, _)| *of == family);
                    if let Some((_, fields)) = fields {
                        put(fields, &part.values, &mut sample);
                    }
                }
            }
        }
        let cpus = sample.cpu.cores.len();
        for process in &mut sample.processes.list {
            follow(process, cpus);
        }
        sample
    }
}

fn take_up<T: DeserializeOwned>(json: &str, into: &mut T) {
    if let Ok(value) = serde_json::from_str(json) {
        *into = value;
    }
}

fn put<T>(fields: &[Field<T>], values: &[i64], into: &mut T) {
    for (field, value) in fields.iter().zip(values) {
        (field.set)(into, *value);
    }
}

/// The entities of a part, each with its values.
fn rows(part: &PartRow) -> impl Iterator<Item = (&Arc<Entity>, &[i64])> {
    let width = super::catalog::of_family(part.family).len();
    part.entities.iter().zip(part.values.chunks_exact(width))
}

/// The processors, by number.
fn cores(part: &PartRow) -> Vec<CoreSample> {
    let core = |(entity, values): (&Arc<Entity>, &[i64])| {
        let mut core = CoreSample {
            id: entity.labels.first()?.as_deref()?.parse().ok()?,
            ..CoreSample::default()
        };
        put(CORE, values, &mut core);
        Some(core)
    };
    let mut cores: Vec<CoreSample> = rows(part).filter_map(core).collect();
    arrange_by_key(&mut cores, |core| core.id);
    cores
}

/// A list whose members have names.
#[derive(Debug)]
struct Members<T: Listed> {
    words: Vec<T::Words>,
    entities: Arc<[Arc<Entity>]>,
}

impl<T: Listed> Default for Members<T> {
    fn default() -> Members<T> {
        Members {
            words: Vec::new(),
            entities: Arc::default(),
        }
    }
}

impl<T: Listed> Members<T> {
    fn know(&mut self, json: &str) {
        take_up(json, &mut self.words);
        self.entities = entities::<T>(&self.words);
    }

    /// In the order of the context: a block need not keep the sample's. One that the context
    /// does not know comes last, with its name only.
    fn list(&self, part: &PartRow) -> Vec<T> {
        let mut list: Vec<(usize, T)> = Vec::with_capacity(part.entities.len());
        for (index, (entity, values)) in rows(part).enumerate() {
            let place = self.place(entity, index);
            let words = place.and_then(|place| self.words.get(place));
            let mut item = words.map_or_else(|| T::called(entity), T::of);
            put(T::fields(), values, &mut item);
            list.push((place.unwrap_or(usize::MAX), item));
        }
        arrange_by_key(&mut list, |(place, _)| *place);
        list.into_iter().map(|(_, item)| item).collect()
    }

    fn place(&self, entity: &Arc<Entity>, guess: usize) -> Option<usize> {
        match self.entities.get(guess) {
            Some(known) if known == entity => Some(guess),
            _ => self.entities.iter().position(|known| known == entity),
        }
    }
}

/// Who the processes of the last frame are, by the address of their entity, which is kept
/// and so not given to another.
#[derive(Debug, Default)]
struct Processes {
    known: HashMap<usize, (Arc<Entity>, Option<Identity>)>,
}

impl Processes {
    fn list(&mut self, part: &PartRow) -> Vec<ProcessSample> {
        let mut before = std::mem::take(&mut self.known);
        let mut list = Vec::with_capacity(part.entities.len());
        for (entity, values) in rows(part) {
            let address = Arc::as_ptr(entity) as usize;
            let known = before
                .remove(&address)
                .unwrap_or_else(|| (entity.clone(), Identity::of(entity)));
            if let (_, Some(identity)) = &known {
                let mut process = identity.process();
                put(PROCESS, values, &mut process);
                list.push(process);
            }
            self.known.insert(address, known);
        }
        arrange_by_key(&mut list, |process: &ProcessSample| process.pid);
        list
    }
}
