//! One model for each series that is watched, found without a search as long as the machine
//! stays as it is.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Observation;
use super::watch::Watch;
use crate::series::{Entity, SeriesKey};

/// Most series of one metric: further cores and disks of a large machine go unwatched.
const MOST_OF_METRIC: usize = 16;

/// Seconds after which the model of a series that is gone goes, too.
const FORGET_AFTER: f64 = 14.0 * 86_400.0;

/// The models of many series.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Fleet<M> {
    groups: Vec<Group<M>>,
}

impl<M> Default for Fleet<M> {
    fn default() -> Fleet<M> {
        Fleet { groups: Vec::new() }
    }
}

/// The models of one metric, in the order of its entities in the last frame; those that are
/// gone come behind.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Group<M> {
    metric: String,
    slots: Vec<Slot<M>>,
}

/// One series and its model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Slot<M> {
    pub(super) key: SeriesKey,
    pub(super) model: M,
    /// When it last had a value, Unix seconds.
    pub(super) seen_at: f64,
    /// Newest value.
    pub(super) value: Option<f64>,
    #[serde(skip)]
    entity: Option<Arc<Entity>>,
}

impl<M> Fleet<M> {
    /// Shows each series of the watches to its model. `make` gives a new series its first.
    pub(super) fn each(
        &mut self,
        watches: &[Watch],
        seen: &Observation<'_>,
        make: impl Fn(&Watch) -> M,
        mut visit: impl FnMut(&Watch, &mut Slot<M>),
    ) {
        for (number, watch) in watches.iter().enumerate() {
            let name = watch.place.metric.name;
            if self
                .groups
                .get(number)
                .is_none_or(|group| group.metric != name)
            {
                self.place_group(number, name);
            }
            let Some(group) = self.groups.get_mut(number) else {
                continue;
            };
            let values = seen.frame.values(watch.place).take(MOST_OF_METRIC);
            for (at, (entity, value)) in values.enumerate() {
                let is_here = group.slots.get(at).is_some_and(|slot| slot.is_of(entity));
                if !is_here {
                    group.place(at, watch, entity, seen.unix_seconds, &make);
                }
                let Some(slot) = group.slots.get_mut(at) else {
                    continue;
                };
                slot.value = Some(value).filter(|value| !value.is_nan());
                if slot.value.is_some() {
                    slot.seen_at = seen.unix_seconds;
                }
                visit(watch, slot);
            }
        }
    }

    /// Every series, in the order of the watches.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot<M>> {
        self.groups.iter().flat_map(|group| &group.slots)
    }

    fn place_group(&mut self, number: usize, name: &str) {
        let found = self.groups.iter().position(|group| group.metric == name);
        match found {
            Some(found) if number < self.groups.len() => self.groups.swap(number, found),
            _ => {
                let at = number.min(self.groups.len());
                self.groups.insert(
                    at,
                    Group {
                        metric: name.to_owned(),
                        slots: Vec::new(),
                    },
                );
            }
        }
    }
}

impl<M> Slot<M> {
    fn is_of(&self, entity: &Arc<Entity>) -> bool {
        let known = self.entity.as_ref();
        known.is_some_and(|known| Arc::ptr_eq(known, entity))
    }
}

impl<M> Group<M> {
    /// Brings the slot of an entity to its place.
    fn place(
        &mut self,
        at: usize,
        watch: &Watch,
        entity: &Arc<Entity>,
        now: f64,
        make: impl Fn(&Watch) -> M,
    ) {
        let key = SeriesKey::of(watch.place.metric, entity);
        match self.slots.iter().position(|slot| slot.key == key) {
            Some(found) => {
                if let Some(slot) = self.slots.get_mut(found) {
                    slot.entity = Some(entity.clone());
                }
                if at < self.slots.len() {
                    self.slots.swap(at, found);
                }
            }
            None => {
                let slot = Slot {
                    key,
                    model: make(watch),
                    seen_at: now,
                    value: None,
                    entity: Some(entity.clone()),
                };
                self.slots.insert(at.min(self.slots.len()), slot);
                self.forget(now);
            }
        }
    }

    /// The models of series that are long gone, or too many, go.
    fn forget(&mut self, now: f64) {
        self.slots
            .retain(|slot| (now - slot.seen_at).abs() < FORGET_AFTER);
        self.slots.truncate(2 * MOST_OF_METRIC);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::watch;
    use crate::sample::{DiskSample, Metrics, Sample};
    use crate::series::{Frame, FrameTaker};

    fn shown(fleet: &mut Fleet<u32>, taker: &mut FrameTaker, disks: &[&str], at: f64) -> Frame {
        let sample = Sample {
            disks: disks
                .iter()
                .map(|name| DiskSample {
                    name: (*name).into(),
                    utilisation_percent: Some(name.len() as f64),
                    ..DiskSample::default()
                })
                .collect(),
            ..Sample::default()
        };
        let frame = taker.take(&sample, &Metrics::of(&sample));
        let seen = Observation {
            unix_seconds: at,
            monotonic_seconds: at,
            frame: &frame,
        };
        let watches = watch::all();
        fleet.each(&watches, &seen, |_| 0, |_, slot| slot.model += 1);
        frame
    }

    fn counts(fleet: &Fleet<u32>) -> Vec<(String, u32)> {
        let of_devices = fleet
            .slots()
            .filter(|slot| slot.key.metric == "device_utilisation_percent");
        of_devices
            .map(|slot| (slot.key.labels[0].1.clone(), slot.model))
            .collect()
    }

    #[test]
    fn each_series_keeps_its_model_when_others_come_and_go() {
        let (mut fleet, mut taker) = (Fleet::default(), FrameTaker::new(1));
        for (at, disks) in [
            &["sda", "sdb"][..],
            &["sda", "sdb"],
            &["sdb"],
            &["new", "sda", "sdb"],
            &["sdb", "sda"],
        ]
        .iter()
        .enumerate()
        {
            shown(&mut fleet, &mut taker, disks, at as f64);
        }
        let mut counts = counts(&fleet);
        counts.sort();
        let wanted = [("new", 1), ("sda", 4), ("sdb", 5)];
        assert_eq!(counts, wanted.map(|(name, count)| (name.to_owned(), count)));
    }

    #[test]
    fn a_fleet_of_bytes_goes_on_with_the_same_series() {
        let (mut fleet, mut taker) = (Fleet::default(), FrameTaker::new(1));
        shown(&mut fleet, &mut taker, &["sda", "sdb"], 1.0);
        let bytes = postcard::to_stdvec(&fleet).unwrap();
        let mut again: Fleet<u32> = postcard::from_bytes(&bytes).unwrap();
        shown(&mut again, &mut FrameTaker::new(1), &["sdb", "sda"], 2.0);
        let mut counts = counts(&again);
        counts.sort();
        let wanted = [("sda", 2), ("sdb", 2)];
        assert_eq!(counts, wanted.map(|(name, count)| (name.to_owned(), count)));
    }

    #[test]
    fn what_is_long_gone_is_forgotten_and_a_machine_of_many_disks_is_bounded() {
        let (mut fleet, mut taker) = (Fleet::default(), FrameTaker::new(1));
        shown(&mut fleet, &mut taker, &["old"], 0.0);
        shown(&mut fleet, &mut taker, &["sda"], FORGET_AFTER + 1.0);
        assert_eq!(counts(&fleet), [("sda".to_owned(), 1)]);
        for round in 0..10 {
            let names: Vec<String> = (0..40).map(|n| format!("d{round}-{n}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            shown(&mut fleet, &mut taker, &names, FORGET_AFTER + 2.0);
        }
        assert!(counts(&fleet).len() <= 2 * MOST_OF_METRIC);
    }
}
