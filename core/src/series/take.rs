//! A sample as a frame.

use std::sync::Arc;

use super::catalog::{CORE, HEADLINE_MADE, HEADLINE_SCORES, OF_MACHINE, PROCESS};
use super::chosen::Chosen;
use super::context::{ContextKind, ContextPiece, LimitWords};
use super::entity::{Entity, distinct};
use super::field::Field;
use super::frame::{Frame, PartRow};
use super::listed::{Listed, entities};
use super::metric::Family;
use super::process::entity_of;
use super::raw::{ABSENT, Stored};
use crate::sample::{
    BatterySample, CoreSample, DiskSample, FilesystemSample, HardeningSample, HostFacts,
    InterfaceSample, Metrics, ProcessDetails, ProcessSample, Sample, SecuritySample, SensorSample,
    SourceReport,
};

/// Microseconds of a second.
const CLOCK_STEPS: u32 = 1_000_000;

/// Takes frames of samples in their order: remembers what it need not say again.
#[derive(Debug)]
pub(crate) struct FrameTaker {
    chosen: Chosen,
    machine: Arc<[Arc<Entity>]>,
    cores: Cores,
    devices: Members<DiskSample>,
    filesystems: Members<FilesystemSample>,
    interfaces: Members<InterfaceSample>,
    sensors: Members<SensorSample>,
    batteries: Members<BatterySample>,
    processes: Processes,
    said: Said,
}

impl FrameTaker {
    /// Takes as many of the processes that use most CPU, most memory and most storage.
    pub(crate) fn new(top_processes: usize) -> FrameTaker {
        FrameTaker {
            chosen: Chosen::new(top_processes),
            machine: Arc::new([Arc::new(Entity::single())]),
            cores: Cores::default(),
            devices: Members::default(),
            filesystems: Members::default(),
            interfaces: Members::default(),
            sensors: Members::default(),
            batteries: Members::default(),
            processes: Processes::default(),
            said: Said::default(),
        }
    }

    /// The next frame holds the whole context: a frame before it was lost.
    pub(crate) fn say_all_again(&mut self) {
        self.said = Said::default();
        self.devices.words = None;
        self.filesystems.words = None;
        self.interfaces.words = None;
        self.sensors.words = None;
        self.batteries.words = None;
    }

    /// One settled sample (see [`super::settle`]). Its scores are not known yet:
    /// [`Frame::set_scores`].
    pub(crate) fn take(&mut self, sample: &Sample, metrics: &Metrics) -> Frame {
        let mut frame = Frame {
            unix_us: microseconds(sample.moment.unix_seconds),
            monotonic_us: microseconds(sample.moment.monotonic_seconds),
            parts: Vec::with_capacity(Family::ALL.len()),
            context: Vec::new(),
        };
        self.said.say(sample, &mut frame);
        for (family, fields) in OF_MACHINE {
            let mut values = Vec::with_capacity(super::catalog::of_family(family).len());
            read(fields, sample, &mut values);
            if family == Family::Headline {
                read(HEADLINE_MADE, metrics, &mut values);
                values.extend(HEADLINE_SCORES.iter().map(|_| ABSENT));
            }
            if values.iter().any(|value| *value != ABSENT) {
                frame.parts.push(PartRow {
                    family,
                    entities: self.machine.clone(),
                    values,
                });
            }
        }
        let cores = &sample.cpu.cores;
        let entities = self.cores.follow(cores);
        add_part(Family::Core, CORE, cores.iter(), entities, &mut frame);
        self.devices.add(&sample.disks, &mut frame);
        self.filesystems.add(&sample.filesystems, &mut frame);
        self.interfaces.add(&sample.network.interfaces, &mut frame);
        self.sensors.add(&sample.sensors, &mut frame);
        self.batteries.add(&sample.power.batteries, &mut frame);
        let list = &sample.processes.list;
        let places = self.chosen.choose(&sample.processes, frame.monotonic_us);
        let chosen = places.iter().map(|place| &list[*place]);
        let entities = self.processes.follow(chosen.clone());
        add_part(Family::Process, PROCESS, chosen, entities, &mut frame);
        frame
    }
}

fn microseconds(seconds: f64) -> i64 {
    match seconds.to_raw(CLOCK_STEPS) {
        ABSENT => 0,
        steps => steps,
    }
}

fn read<T>(fields: &[Field<T>], item: &T, into: &mut Vec<i64>) {
    into.extend(fields.iter().map(|field| (field.get)(item)));
}

fn add_part<'a, T: 'static>(
    family: Family,
    fields: &[Field<T>],
    items: impl Iterator<Item = &'a T>,
    entities: &Arc<[Arc<Entity>]>,
    frame: &mut Frame,
) {
    if entities.is_empty() {
        return;
    }
    let mut values = Vec::with_capacity(fields.len() * entities.len());
    for item in items {
        read(fields, item, &mut values);
    }
    frame.parts.push(PartRow {
        family,
        entities: entities.clone(),
        values,
    });
}

/// The whole machine's context as it was last said.
#[derive(Debug, Default)]
struct Said {
    host: Option<Arc<HostFacts>>,
    hardening: Option<Arc<HardeningSample>>,
    unavailable: Option<Arc<[SourceReport]>>,
    limits: Option<LimitWords>,
    /// `None` before it was said, parts that are not known included.
    security: Option<SecuritySample>,
}

impl Said {
    fn say(&mut self, sample: &Sample, frame: &mut Frame) {
        say_shared(ContextKind::Host, &sample.host, &mut self.host, frame);
        let hardening = &sample.hardening;
        say_shared(
            ContextKind::Hardening,
            hardening,
            &mut self.hardening,
            frame,
        );
        let unavailable = &sample.unavailable;
        say_shared(
            ContextKind::Unavailable,
            unavailable,
            &mut self.unavailable,
            frame,
        );
        self.say_security(&sample.security, frame);
        let is_said = self.limits.as_ref();
        if !is_said.is_some_and(|words| words.are_of(&sample.limits)) {
            let words = LimitWords::of(&sample.limits);
            frame
                .context
                .extend(ContextPiece::of(ContextKind::Limits, &words));
            self.limits = Some(words);
        }
    }

    fn say_security(&mut self, now: &SecuritySample, frame: &mut Frame) {
        let is_first = self.security.is_none();
        let said = self.security.get_or_insert_default();
        say_part(
            ContextKind::Listeners,
            is_first,
            &now.listeners,
            &mut said.listeners,
            frame,
        );
        say_part(
            ContextKind::Programs,
            is_first,
            &now.programs,
            &mut said.programs,
            frame,
        );
        say_part(
            ContextKind::Logins,
            is_first,
            &now.logins,
            &mut said.logins,
            frame,
        );
        say_part(
            ContextKind::SearchPath,
            is_first,
            &now.search_path,
            &mut said.search_path,
            frame,
        );
    }
}

/// Says what is shared or not known, when it is not what was said.
fn say_part<T: ?Sized + serde::Serialize + PartialEq>(
    kind: ContextKind,
    is_first: bool,
    now: &Option<Arc<T>>,
    said: &mut Option<Arc<T>>,
    frame: &mut Frame,
) {
    let is_shared = match (&*said, now) {
        (Some(said), Some(now)) => Arc::ptr_eq(said, now),
        (None, None) => true,
        _ => false,
    };
    if is_shared && !is_first {
        return;
    }
    if is_first || said.as_deref() != now.as_deref() {
        frame.context.extend(ContextPiece::of(kind, now));
    }
    said.clone_from(now);
}

/// Says what is shared from sample to sample, when it is not what was said.
fn say_shared<T: ?Sized + serde::Serialize + PartialEq>(
    kind: ContextKind,
    now: &Arc<T>,
    said: &mut Option<Arc<T>>,
    frame: &mut Frame,
) {
    if said.as_ref().is_some_and(|said| Arc::ptr_eq(said, now)) {
        return;
    }
    if said.as_deref() != Some(&**now) {
        frame.context.extend(ContextPiece::of(kind, now));
    }
    *said = Some(now.clone());
}

/// A list whose members have names, as it was last said.
#[derive(Debug)]
struct Members<T: Listed> {
    words: Option<Vec<T::Words>>,
    entities: Arc<[Arc<Entity>]>,
}

impl<T: Listed> Default for Members<T> {
    fn default() -> Members<T> {
        Members {
            words: None,
            entities: Arc::default(),
        }
    }
}

impl<T: Listed> Members<T> {
    fn add(&mut self, list: &[T], frame: &mut Frame) {
        let is_said = self.words.as_ref().is_some_and(|words| {
            words.len() == list.len() && list.iter().zip(words).all(|(item, words)| item.has(words))
        });
        if !is_said {
            let words: Vec<T::Words> = list.iter().map(T::words).collect();
            frame.context.extend(ContextPiece::of(T::CONTEXT, &words));
            let entities = entities::<T>(&words);
            if self.entities != entities {
                self.entities = entities;
            }
            self.words = Some(words);
        }
        add_part(T::FAMILY, T::fields(), list.iter(), &self.entities, frame);
    }
}

/// The processors of the last frame.
#[derive(Debug, Default)]
struct Cores {
    ids: Vec<u32>,
    entities: Arc<[Arc<Entity>]>,
}

impl Cores {
    fn follow(&mut self, cores: &[CoreSample]) -> &Arc<[Arc<Entity>]> {
        let ids = || cores.iter().map(|core| core.id);
        if !self.ids.iter().copied().eq(ids()) {
            self.ids = ids().collect();
            self.entities = distinct(ids().map(|id| vec![Some(id.to_string().into())]));
        }
        &self.entities
    }
}

/// The processes of the last frame.
#[derive(Debug, Default)]
struct Processes {
    known: Vec<Known>,
    previous: Vec<Known>,
    entities: Arc<[Arc<Entity>]>,
}

#[derive(Debug)]
struct Known {
    pid: i32,
    start_time_ticks: u64,
    details: Arc<ProcessDetails>,
    entity: Arc<Entity>,
}

impl Known {
    fn is(&self, process: &ProcessSample) -> bool {
        self.pid == process.pid
            && self.start_time_ticks == process.start_time_ticks
            && (Arc::ptr_eq(&self.details, &process.details) || self.details == process.details)
    }
}

impl Processes {
    fn follow<'a>(
        &mut self,
        chosen: impl ExactSizeIterator<Item = &'a ProcessSample> + Clone,
    ) -> &Arc<[Arc<Entity>]> {
        let is_same = chosen.len() == self.known.len()
            && chosen
                .clone()
                .zip(&self.known)
                .all(|(process, known)| known.is(process));
        if is_same {
            return &self.entities;
        }
        std::mem::swap(&mut self.known, &mut self.previous);
        // Both go by pid.
        let mut previous = self.previous.drain(..).peekable();
        self.known.extend(chosen.map(|process| {
            while previous.next_if(|known| known.pid < process.pid).is_some() {}
            match previous.next_if(|known| known.is(process)) {
                Some(known) => known,
                None => Known {
                    pid: process.pid,
                    start_time_ticks: process.start_time_ticks,
                    details: process.details.clone(),
                    entity: Arc::new(entity_of(process)),
                },
            }
        }));
        drop(previous);
        self.entities = self
            .known
            .iter()
            .map(|known| known.entity.clone())
            .collect();
        &self.entities
    }
}
