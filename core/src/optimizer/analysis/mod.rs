//! The diagnosis: out of a state and of the pain of a window, the [`Target`]s.
//!
//! A busy resource alone is no target: others must wait for it. Space is the exception, and
//! networks, where there is advice only.

mod cpu;
mod disk;
mod forks;
mod memory;
mod network;
mod process;
mod since;
#[cfg(test)]
mod tests;
mod view;
mod words;

use std::collections::BTreeSet;

use super::baseline::Baselines;
use super::pain::Pain;
use super::profile::Profile;
use super::target::{Metric, Target};
use crate::act::{Door, ProcessId};
use crate::arrange::arrange_by;
use crate::sample::{PressureResource, Sample};
use crate::state::State;

/// Seconds between two looks for the sake of what changes slowly: space and memory in use.
const SLOW_SECONDS: f64 = 30.0;

/// What an optimizer remembers from one diagnosis to the next.
#[derive(Debug, Default)]
pub(crate) struct Analyst {
    since: since::Since,
    earlier: memory::Earlier,
    baselines: Baselines,
    /// Time stamp of the state learnt from last.
    learnt: Option<f64>,
    /// When a slow reason was last worth a look.
    slow_look: Option<f64>,
}

impl Analyst {
    /// One that has seen nothing yet.
    #[cfg(test)]
    pub(crate) fn new() -> Analyst {
        Analyst::default()
    }

    /// One that goes on with what was learnt and stored.
    pub(crate) fn restored(learnt: Option<&str>) -> Analyst {
        Analyst {
            baselines: learnt.map(Baselines::from_json).unwrap_or_default(),
            ..Analyst::default()
        }
    }

    /// What was learnt of the host's own normal, to be stored.
    pub(crate) fn learnt(&self) -> String {
        self.baselines.to_json()
    }

    /// Finds what is wrong, the most urgent first. The pain is best measured without culprits:
    /// who they are is found here.
    pub(crate) fn analyze(
        &mut self,
        state: &State,
        pain: &Pain,
        profile: &Profile,
        door: &Door,
        now_unix: f64,
    ) -> Vec<Target> {
        let Some(sample) = &state.sample else {
            return Vec::new();
        };
        self.learn(state, sample);
        self.baselines.add("cpu_wait", pain.cpu_wait_percent);
        self.baselines.add("io_wait", pain.io_wait_percent);
        let view = view::View::new(state, sample, pain, profile, door, now_unix);
        let since = &mut self.since;
        since.begin(now_unix);
        let mut targets = forks::targets(&view, since);
        let makers = forks::makers_now(&view);
        let calm = (!makers.is_empty()).then(|| pain.seen_without(&makers));
        // What a storm's processes wait is nobody's suffering.
        let calm = calm.as_ref().unwrap_or(pain);
        let mut beside = view::View::new(state, sample, calm, profile, door, now_unix);
        beside.has_storm = !makers.is_empty();
        targets.extend(cpu::targets(&beside, since));
        targets.extend(memory::targets(&view, since, &mut self.earlier));
        targets.extend(disk::spaces(&view, since));
        targets.extend(disk::waits(&view, since));
        targets.extend(network::targets(&view, since));
        let named = culprits_of(&targets);
        targets.extend(process::targets(&beside, since, &named));
        since.end(now_unix);
        for target in &mut targets {
            self.compare_with_normal(target);
        }
        arrange_by(&mut targets, |a, b| {
            let by_confidence = b.confidence.total_cmp(&a.confidence);
            b.priority.cmp(&a.priority).then(by_confidence)
        });
        targets
    }

    /// Whether a state gives reason to measure the pain. It is asked at each tick and costs
    /// next to nothing.
    pub(crate) fn is_worth_a_look(&mut self, state: &State, profile: &Profile) -> bool {
        let Some(sample) = &state.sample else {
            return false;
        };
        self.learn(state, sample);
        let enough = profile.pressure_threshold / 2.0;
        let pressures = [
            sample.pressure.cpu,
            sample.pressure.memory,
            sample.pressure.io,
        ];
        let is_pressed = pressures
            .into_iter()
            .any(|pressure| stalled(pressure).is_some_and(|percent| percent >= enough));
        let forks = sample.cpu.forks_per_sec;
        if is_pressed || forks.is_some_and(|rate| rate >= forks::STORM_PER_SECOND) {
            return true;
        }
        let exceeds = |value: Option<f64>, threshold: f64| value.is_some_and(|v| v > threshold);
        let busy = sample.cpu.shares.map(|shares| shares.busy_percent);
        if sample.pressure.cpu.is_none() && exceeds(busy, profile.cpu_threshold) {
            return true;
        }
        if sample.pressure.io.is_none() && sample.cpu.blocked.is_some_and(|blocked| blocked > 0) {
            return true;
        }
        // What changes slowly is looked at now and then only.
        let is_full = exceeds(sample.memory.used_percent, profile.memory_threshold)
            || exceeds(sample.limits.memory_used_percent, profile.memory_threshold)
            || sample.filesystems.iter().any(|f| {
                let full = exceeds(f.used_percent, profile.disk_threshold)
                    || exceeds(f.inodes_used_percent, profile.disk_threshold);
                full && !f.read_only && !f.stale
            });
        let at = state.timestamp;
        let is_due = self
            .slow_look
            .is_none_or(|last| at < last || at - last >= SLOW_SECONDS);
        if is_full && is_due {
            self.slow_look = Some(at);
        }
        is_full && is_due
    }

    /// Learns what is normal, once from each state.
    fn learn(&mut self, state: &State, sample: &Sample) {
        if self.learnt == Some(state.timestamp) {
            return;
        }
        self.learnt = Some(state.timestamp);
        let learnt = &mut self.baselines;
        learnt.add("cpu_pressure", stalled(sample.pressure.cpu));
        learnt.add("memory_pressure", stalled(sample.pressure.memory));
        learnt.add("io_pressure", stalled(sample.pressure.io));
        learnt.add("memory_used", sample.memory.used_percent);
        learnt.add("fork_rate", sample.cpu.forks_per_sec);
        for filesystem in &sample.filesystems {
            if let Some(used) = filesystem.used_percent {
                let key = words::key(Metric::SpaceUsed, Some(&filesystem.mount_point));
                learnt.add(&key, Some(used));
            }
        }
    }

    /// Adds the host's own normal, and what it means: what has always been so is less sure to
    /// be wrong.
    fn compare_with_normal(&self, target: &mut Target) {
        let key = words::key(target.metric, target.subject.as_deref());
        let Some(normal) = self.baselines.get(&key) else {
            return;
        };
        target.evidence.push(format!(
            "normal here: {:.1}, and {:.1} or less in 95 of 100 samples",
            normal.typical, normal.high
        ));
        target.baseline = Some(normal);
        // Waits are measured in times of trouble only, so that what is usual then is no excuse.
        let is_learnt_always = matches!(
            target.metric,
            Metric::CpuPressure | Metric::IoPressure | Metric::MemoryPressure | Metric::MemoryUsed
        );
        if is_learnt_always && target.current_value <= normal.high {
            target.confidence = (target.confidence - 0.1).max(0.05);
        }
    }
}

fn stalled(pressure: Option<PressureResource>) -> Option<f64> {
    let some = pressure?.some;
    some.stalled_percent.or(Some(some.avg10_percent))
}

fn culprits_of(targets: &[Target]) -> BTreeSet<ProcessId> {
    let culprits = targets.iter().flat_map(|target| &target.culprits);
    culprits.map(|culprit| culprit.process).collect()
}
