//! A quiet machine for the tests of the judgement, which a test makes busy. Each sample is
//! judged live, and again from its frame as a replay does: both have to find the same.

use std::sync::Arc;

use super::{Insight, Judge, Judgement};
use crate::sample::{
    CoreSample, CpuShares, DiskSample, FilesystemSample, InterfaceSample, LoadAverage, Metrics,
    Moment, PressureLine, PressureResource, ProcessDetails, ProcessSample, Sample,
};
use crate::series::{Frame, FrameTaker, Rebuild, settle};

pub(super) const GIB: u64 = 1 << 30;
pub(super) const START: f64 = 1_795_442_700.0;

pub(super) struct Machine {
    live: Judge,
    again: Judge,
    taker: FrameTaker,
    rebuild: Rebuild,
    pub(super) second: u32,
    /// Seconds between two samples.
    pub(super) interval: u32,
}

impl Machine {
    pub(super) fn new() -> Machine {
        Machine {
            live: Judge::default(),
            again: Judge::default(),
            taker: FrameTaker::new(5),
            rebuild: Rebuild::default(),
            second: 0,
            interval: 1,
        }
    }

    /// The next sample and its frame, without judging it.
    pub(super) fn sample(&mut self, change: impl FnOnce(&mut Sample)) -> (Sample, Metrics, Frame) {
        self.second += self.interval;
        let mut sample = quiet(self.second);
        change(&mut sample);
        settle(&mut sample);
        let metrics = Metrics::of(&sample);
        let frame = self.taker.take(&sample, &metrics);
        (sample, metrics, frame)
    }

    /// The next sample, judged.
    pub(super) fn tick(&mut self, change: impl FnOnce(&mut Sample)) -> Judgement {
        let (sample, metrics, mut frame) = self.sample(change);
        let mut copy = frame.clone();
        let judgement = self.live.judge(&sample, &metrics, &mut frame);
        let rebuilt = self.rebuild.sample(&copy);
        let again = self
            .again
            .judge(&rebuilt, &Metrics::of(&rebuilt), &mut copy);
        assert_eq!(again.insights, judgement.insights);
        // A score that is not known is NaN, which is equal to nothing.
        let text = |judgement: &Judgement| format!("{:?}", judgement.incidents);
        assert_eq!(text(&again), text(&judgement));
        assert_eq!(again.correlations, judgement.correlations);
        assert_eq!(again.advice, judgement.advice);
        judgement
    }

    /// So many samples; every insight in its newest form, in the order in which they came.
    pub(super) fn run(&mut self, samples: u32, change: impl Fn(&mut Sample)) -> Vec<Insight> {
        let mut all: Vec<Insight> = Vec::new();
        for _ in 0..samples {
            for insight in self.tick(&change).insights.iter() {
                match all.iter_mut().find(|known| known.id == insight.id) {
                    Some(known) => *known = insight.clone(),
                    None => all.push(insight.clone()),
                }
            }
        }
        all
    }

    /// The judge's memory is stored and taken up again.
    pub(super) fn restart(&mut self) {
        for judge in [&mut self.live, &mut self.again] {
            let memory = judge.memory().unwrap();
            *judge = Judge::default();
            judge.restore(&memory).unwrap();
        }
    }
}

pub(super) fn shares(sample: &mut Sample) -> &mut CpuShares {
    sample.cpu.shares.get_or_insert_with(CpuShares::default)
}

/// Some and full pressure of the last ten seconds.
pub(super) fn pressure(some: f64, full: f64) -> Option<PressureResource> {
    let line = |percent| PressureLine {
        avg10_percent: percent,
        stalled_percent: Some(percent),
        ..PressureLine::default()
    };
    Some(PressureResource {
        some: line(some),
        full: Some(line(full)),
    })
}

pub(super) fn process(pid: i32, name: &str, cpu: f64, rss_bytes: u64) -> ProcessSample {
    ProcessSample {
        pid,
        parent_pid: 1,
        start_time_ticks: 1000 + pid as u64,
        start_time_seconds: Some(START - 90_000.0),
        details: Arc::new(ProcessDetails {
            name: name.into(),
            uid: Some(1000),
            user: Some("ada".into()),
            ..ProcessDetails::default()
        }),
        cpu_core_percent: Some(cpu),
        children_cpu_core_percent: Some(0.0),
        rss_bytes,
        read_bytes_per_sec: Some(0.0),
        write_bytes_per_sec: Some(0.0),
        threads: Some(1),
        ..ProcessSample::default()
    }
}

fn quiet(second: u32) -> Sample {
    let mut sample = Sample {
        sequence: u64::from(second),
        moment: Moment {
            unix_seconds: START + f64::from(second),
            monotonic_seconds: 5000.0 + f64::from(second),
        },
        interval_seconds: Some(1.0),
        ..Sample::default()
    };
    let wave = f64::from(second % 7) / 7.0;
    let idle = CpuShares {
        busy_percent: 2.0 + wave,
        user_percent: 1.0 + wave,
        system_percent: 1.0,
        idle_percent: 98.0 - wave,
        ..CpuShares::default()
    };
    sample.cpu.shares = Some(idle);
    let core = |id| CoreSample {
        id,
        shares: Some(idle),
        times: Default::default(),
        frequency_mhz: None,
    };
    sample.cpu.cores = (0..4).map(core).collect();
    sample.cpu.load_average = Some(LoadAverage {
        one: 0.1,
        five: 0.1,
        fifteen: 0.1,
        ..LoadAverage::default()
    });
    sample.cpu.runnable = Some(1);
    sample.cpu.blocked = Some(0);
    sample.cpu.context_switches_per_sec = Some(800.0 + 100.0 * wave);
    sample.pressure.cpu = pressure(0.1, 0.0);
    sample.pressure.memory = pressure(0.0, 0.0);
    sample.pressure.io = pressure(0.2, 0.1);
    memory(&mut sample, 4 * GIB);
    sample.memory.swap_total_bytes = Some(2 * GIB);
    sample.memory.swap_used_bytes = Some(0);
    sample.memory.swap_used_percent = Some(0.0);
    sample.memory.major_faults_per_sec = Some(0.0);
    sample.disks = vec![DiskSample {
        name: "sda".into(),
        read_bytes_per_sec: Some(0.0),
        write_bytes_per_sec: Some(2e4),
        utilisation_percent: Some(0.5),
        write_latency_ms: Some(1.0),
        ..DiskSample::default()
    }];
    sample.filesystems = vec![filesystem("/", 40.0, 60 * GIB)];
    sample.network.interfaces = vec![InterfaceSample {
        name: "eth0".into(),
        received_packets_per_sec: Some(100.0),
        sent_packets_per_sec: Some(80.0),
        errors_per_sec: Some(0.0),
        drops_per_sec: Some(0.0),
        ..InterfaceSample::default()
    }];
    sample.network.tcp.sent_segments_per_sec = Some(80.0);
    sample.network.tcp.retransmits_per_sec = Some(0.1);
    sample.processes.list = vec![
        process(700, "sshd", 0.1, 10 << 20),
        process(800, "postgres", 2.0, 300 << 20),
    ];
    sample.processes.total = 2;
    sample
}

/// Memory in use, of 16 GiB.
pub(super) fn memory(sample: &mut Sample, used: u64) {
    let total = 16 * GIB;
    sample.memory.total_bytes = Some(total);
    sample.memory.used_bytes = Some(used);
    sample.memory.available_bytes = Some(total - used);
    sample.memory.used_percent = Some(100.0 * used as f64 / total as f64);
}

pub(super) fn filesystem(mount: &str, used_percent: f64, left: u64) -> FilesystemSample {
    FilesystemSample {
        mount_point: mount.into(),
        device: "/dev/sda1".into(),
        kind: "ext4".into(),
        total_bytes: Some(100 * GIB),
        used_percent: Some(used_percent),
        available_bytes: Some(left),
        inodes_used_percent: Some(10.0),
        ..FilesystemSample::default()
    }
}
