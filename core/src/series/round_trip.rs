//! What goes into frames comes out of them: the whole sample, what follows from it, and
//! what is judged of it.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::filled;
use super::process::beginning;
use super::{Family, Frame, FrameTaker, Rebuild, settle};
use crate::judge::{Judge, Judgement};
use crate::sample::{
    Metrics, Moment, ProcessOrder, ProcessSample, Roots, Sample, Sampler, SamplerSettings,
};

/// Both ends of the way, with a judge at each.
pub(super) struct Way {
    taker: FrameTaker,
    rebuild: Rebuild,
    live: Judge,
    later: Judge,
    top: usize,
}

impl Way {
    pub(super) fn new(top: usize) -> Way {
        Way {
            taker: FrameTaker::new(top),
            rebuild: Rebuild::default(),
            live: Judge::default(),
            later: Judge::default(),
            top,
        }
    }

    fn frame(&mut self, sample: &Sample) -> (Frame, Judgement) {
        let metrics = Metrics::of(sample);
        let mut frame = self.taker.take(sample, &metrics);
        let judgement = self.live.judge(sample, &metrics, &mut frame);
        (frame, judgement)
    }

    /// Settles a sample, sends it through a frame and compares what comes out.
    pub(super) fn go(&mut self, mut sample: Sample) -> usize {
        settle(&mut sample);
        let mut again = sample.clone();
        settle(&mut again);
        assert_eq!(again, sample, "settling again changes nothing");

        let (frame, judgement) = self.frame(&sample);
        let rebuilt = self.rebuild.sample(&frame);
        let judged_later = self
            .later
            .judge(&rebuilt, &Metrics::of(&rebuilt), &mut frame.clone());
        assert_eq!(Metrics::of(&rebuilt), Metrics::of(&sample));
        assert_eq!(judged_later, judgement);

        let pids: Vec<i32> = rebuilt.processes.list.iter().map(|p| p.pid).collect();
        assert!(pids.len() <= 4 * self.top);
        self.holds_the_top(&sample, &pids);
        sample.processes.list.retain(|p| pids.contains(&p.pid));
        for process in &mut sample.processes.list {
            let command_line = process.details.command_line.as_ref().map(beginning);
            if process.details.command_line != command_line {
                Arc::make_mut(&mut process.details).command_line = command_line;
            }
        }
        assert_eq!(rebuilt, sample);
        pids.len()
    }

    /// Of the processes that use most, the frame has as many as it should.
    fn holds_the_top(&self, sample: &Sample, pids: &[i32]) {
        let cpu = |p: &ProcessSample| p.cpu_core_percent.unwrap_or(0.0);
        let memory = |p: &ProcessSample| p.rss_bytes as f64;
        self.holds_the_top_by(ProcessOrder::Cpu, cpu, sample, pids);
        self.holds_the_top_by(ProcessOrder::Memory, memory, sample, pids);
    }

    fn holds_the_top_by(
        &self,
        order: ProcessOrder,
        of: fn(&ProcessSample) -> f64,
        sample: &Sample,
        pids: &[i32],
    ) {
        let top = sample.processes.top(order, self.top);
        let least = top.last().map_or(0.0, |process| of(process));
        for process in top.iter().filter(|p| of(p) > least) {
            assert!(pids.contains(&process.pid), "{order:?}: {process:?}");
        }
    }
}

#[test]
fn every_number_and_word_of_a_sample_comes_back() {
    let sample = filled::distinct();
    let mut settled = sample.clone();
    settle(&mut settled);
    // Every number is an integer, so nothing is rounded; one follows from another.
    for (settled, whole) in settled
        .processes
        .list
        .iter_mut()
        .zip(&sample.processes.list)
    {
        settled.cpu_machine_percent = whole.cpu_machine_percent;
    }
    assert_eq!(settled, sample);
    Way::new(2).go(sample);
}

#[test]
fn what_is_absent_stays_absent() {
    let mut way = Way::new(10);
    way.go(Sample::default());
    way.go(filled::distinct());
    way.go(Sample::default());
    let (frame, _) = way.frame(&Sample::default());
    let rebuilt = serde_json::to_value(way.rebuild.sample(&frame)).unwrap();
    assert_eq!(rebuilt["memory"]["total_bytes"], Value::Null);
    assert_eq!(rebuilt["cpu"]["shares"], Value::Null);
}

proptest! {
    #[test]
    fn any_samples_come_back_one_after_another(seeds in prop::collection::vec(any::<u64>(), 1..4)) {
        let mut way = Way::new(3);
        for seed in seeds {
            way.go(filled::random(seed));
        }
    }

    #[test]
    fn the_order_of_entities_in_a_block_does_not_matter(seed: u64) {
        let mut sample = filled::random(seed);
        settle(&mut sample);
        let mut way = Way::new(50);
        let (mut frame, _) = way.frame(&sample);
        let rebuilt = way.rebuild.sample(&frame);
        for part in &mut frame.parts {
            let width = part.values.len() / part.entities.len();
            part.values = part.values.chunks(width).rev().flatten().copied().collect();
            part.entities = part.entities.iter().rev().cloned().collect();
        }
        prop_assert_eq!(way.rebuild.sample(&frame), rebuilt);
    }
}

#[test]
fn captured_machines_come_back() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    for (proc, sys) in [
        ("linux-6.18-vm", "linux-6.18-vm"),
        ("linux-2.6.32-no-psi", "linux-2.6.32-no-psi"),
        ("prometheus-procfs-mixed", "prometheus-procfs-mixed"),
        ("many-cpus", "laptop"),
        ("odd-names", "thermal-only"),
        ("cgroup-v2", "cgroup-v2"),
    ] {
        let mut way = Way::new(10);
        let settings = SamplerSettings {
            roots: Roots {
                proc_root: fixtures.join(proc).join("proc"),
                sys_root: fixtures.join(sys).join("sys"),
                host_root: fixtures.join(proc),
            },
            cpu_frequency: true,
            ..SamplerSettings::default()
        };
        let mut sampler = Sampler::new(settings).unwrap();
        for second in [0.0, 1.000_4, 2.1] {
            let mut sample = Sample::default();
            let moment = Moment {
                unix_seconds: 1_795_871_921.219_419_5 + second,
                monotonic_seconds: 259.482_476_075 + second,
            };
            sampler.sample_at(moment, &mut sample).unwrap();
            way.go(sample);
        }
    }
}

#[test]
fn this_machine_comes_back() {
    let mut sampler = Sampler::new(SamplerSettings::default()).unwrap();
    let mut way = Way::new(10);
    for _ in 0..3 {
        let mut sample = Sample::default();
        sampler.sample(&mut sample).unwrap();
        way.go(sample);
    }
}

#[test]
fn a_warm_frame_shares_its_entities_and_says_no_context() {
    let mut sample = filled::distinct();
    settle(&mut sample);
    let mut way = Way::new(10);
    let (first, _) = way.frame(&sample);
    assert_eq!(first.context.len(), 13);
    sample.cpu.forks_total = Some(7);
    let (second, _) = way.frame(&sample);
    assert_eq!(second.context, []);
    assert_eq!(first.parts.len(), Family::ALL.len());
    for (one, two) in first.parts.iter().zip(&second.parts) {
        assert!(
            Arc::ptr_eq(&one.entities, &two.entities),
            "{:?}",
            one.family
        );
    }
}

#[test]
fn context_is_said_when_it_changes_and_all_of_it_when_asked() {
    let mut sample = filled::distinct();
    settle(&mut sample);
    let mut way = Way::new(10);
    let (first, _) = way.frame(&sample);
    sample.filesystems[1].problem = Some("it hangs".into());
    let (second, _) = way.frame(&sample);
    let kinds: Vec<_> = second.context.iter().map(|piece| piece.kind).collect();
    assert_eq!(kinds, [super::ContextKind::Filesystems]);
    assert_eq!(first.parts.len(), second.parts.len());
    way.rebuild.know(&first.context);
    assert_eq!(way.rebuild.sample(&second).filesystems, sample.filesystems);
    way.taker.say_all_again();
    let (third, _) = way.frame(&sample);
    assert_eq!(third.context.len(), 13);
    assert_eq!(Rebuild::default().sample(&third), sample);
}

#[test]
fn a_process_that_runs_another_program_is_called_by_it() {
    let mut sample = filled::distinct();
    let mut way = Way::new(10);
    way.go(sample.clone());
    let mut details = (*sample.processes.list[1].details).clone();
    details.name = "another".into();
    sample.processes.list[1].details = details.into();
    way.go(sample);
}

#[test]
fn what_the_context_does_not_know_has_its_name() {
    let mut sample = filled::distinct();
    settle(&mut sample);
    let (mut frame, _) = Way::new(10).frame(&sample);
    frame.context.clear();
    let rebuilt = Rebuild::default().sample(&frame);
    assert_eq!(rebuilt.disks[1].name, sample.disks[1].name);
    assert_eq!(rebuilt.disks[1].counters, sample.disks[1].counters);
    assert_eq!(rebuilt.sensors[1].label, sample.sensors[1].label);
}

#[test]
fn a_process_of_no_use_is_not_named_as_a_cause() {
    // All CPU is the monitor's container's; no process shows any.
    let mut sample = filled::distinct();
    sample.cpu.shares = Some(Default::default());
    sample.limits.cpu_used_percent = Some(100.0);
    for process in &mut sample.processes.list {
        process.cpu_core_percent = Some(0.0);
        process.rss_bytes = 0;
    }
    Way::new(1).go(sample);
}
