//! A machine for the tests of the history: samples as a monitor takes them, the states that
//! it publishes of them, and the frames that it hands to its store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::judge::Judge;
use crate::sample::{
    BatterySample, CoreSample, CpuShares, CpuTimes, DiskSample, FilesystemSample, HardeningSample,
    HostFacts, InterfaceSample, LoadAverage, Metrics, Moment, PressureLine, PressureResource,
    ProcessDetails, ProcessSample, ProcessState, Sample, SensorSample,
};
use crate::series::{Frame, FrameTaker, settle};
use crate::state::State;
use crate::store::series::SeriesFile;
use crate::store::{Row, SeriesSettings, Store, StoreSettings};

/// When the machine is first sampled, Unix seconds.
pub(super) const START: f64 = 1_795_442_700.0;

/// Names of the machine that tell about its user; none is part of another or of a word that a
/// recording holds anyway.
pub(super) const SECRETS: [&str; 13] = [
    "zeltmast",
    "quarkweib",
    "xylobert",
    "mount_yeti",
    "vaultgnu",
    "wg-zorro",
    "md_quux",
    "fanwolke",
    "hid-kobold",
    "7f3a-boot-9c",
    "ws-gruft",
    "kheimdall",
    "group_owl",
];

/// A machine under changing load, and a monitor of it.
pub(super) struct Live {
    judge: Judge,
    taker: FrameTaker,
    host: Arc<HostFacts>,
    hardening: Arc<HardeningSample>,
    /// Samples so far.
    pub(super) samples: u64,
    /// Added to the wall clock from now on, seconds.
    pub(super) clock_off: f64,
    /// Seconds between two samples.
    pub(super) interval: f64,
    monotonic: f64,
}

impl Live {
    pub(super) fn new() -> Live {
        Live {
            judge: Judge::default(),
            taker: FrameTaker::new(5),
            host: Arc::new(HostFacts {
                hostname: Some("zeltmast".into()),
                boot_id: Some("7f3a-boot-9c".into()),
                os_name: Some("Debian GNU/Linux 12 (bookworm)".into()),
                logical_cpus: Some(2),
                ..HostFacts::default()
            }),
            hardening: Arc::default(),
            samples: 0,
            clock_off: 0.0,
            interval: 1.0,
            monotonic: 100.0,
        }
    }

    /// The next sample: the state that was published and the frame that was stored.
    pub(super) fn tick(&mut self) -> (State, Frame) {
        let mut sample = self.sample();
        settle(&mut sample);
        let metrics = Metrics::of(&sample);
        let mut frame = self.taker.take(&sample, &metrics);
        let judgement = self.judge.judge(&sample, &metrics, &mut frame);
        let state = State {
            sequence: self.samples,
            timestamp: sample.moment.unix_seconds,
            metrics,
            sample: Some(Arc::new(sample)),
            ..State::judged(judgement)
        };
        (state, frame)
    }

    pub(super) fn ticks(&mut self, count: usize) -> Vec<(State, Frame)> {
        (0..count).map(|_| self.tick()).collect()
    }

    fn sample(&mut self) -> Sample {
        let n = self.samples;
        self.samples += 1;
        let interval = (n > 0).then_some(self.interval);
        self.monotonic += interval.unwrap_or(0.0);
        // A third of the time hardly anything runs, then more and more.
        let load = ((n % 90) as f64 - 30.0).max(0.0) * 1.7;
        if n % 50 == 20 {
            // An administrator at work.
            self.hardening = Arc::new(HardeningSample {
                randomize_va_space: Some(if n % 100 == 20 { 0 } else { 2 }),
                ptrace_scope: Some(1),
                core_pattern: Some("/vaultgnu/core".into()),
                ..HardeningSample::default()
            });
        }
        let mut sample = Sample {
            sequence: n + 1,
            moment: Moment {
                unix_seconds: START + self.clock_off + n as f64 * self.interval,
                monotonic_seconds: self.monotonic,
            },
            interval_seconds: interval,
            hardening: Arc::clone(&self.hardening),
            host: Arc::clone(&self.host),
            ..Sample::default()
        };
        self.processors(load, &mut sample);
        self.storage(n, load, &mut sample);
        self.processes(n, load, &mut sample);
        sample.network.interfaces = vec![
            interface("lo", true, n),
            interface("eth0", false, n),
            interface("wg-zorro", false, n / 3),
        ];
        sample.sensors = vec![SensorSample {
            chip: "coretemp".into(),
            label: "fanwolke".into(),
            value: 40.0 + load / 4.0,
            ..SensorSample::default()
        }];
        sample.power.batteries = vec![BatterySample {
            name: "hid-kobold".into(),
            charge_percent: Some(80.0),
            status: Some("Discharging".into()),
            ..BatterySample::default()
        }];
        sample.limits.cgroup = Some("/system.slice/group_owl.service".into());
        sample
    }

    fn processors(&self, load: f64, sample: &mut Sample) {
        let shares = CpuShares {
            busy_percent: load,
            user_percent: load,
            idle_percent: 100.0 - load,
            ..CpuShares::default()
        };
        sample.cpu.shares = Some(shares);
        sample.cpu.cores = (0..2)
            .map(|id| CoreSample {
                id,
                shares: Some(shares),
                times: CpuTimes {
                    user_seconds_total: self.monotonic * load / 100.0,
                    ..CpuTimes::default()
                },
                frequency_mhz: None,
            })
            .collect();
        sample.cpu.load_average = Some(LoadAverage {
            one: load / 7.0,
            five: load / 9.0,
            fifteen: load / 11.0,
            ..LoadAverage::default()
        });
        let line = PressureLine {
            avg10_percent: load / 2.0,
            ..PressureLine::default()
        };
        sample.pressure.cpu = Some(PressureResource {
            some: line,
            full: Some(line),
        });
        sample.memory.total_bytes = Some(8 << 30);
        sample.memory.used_bytes = Some((load * 85e6) as u64);
        sample.memory.used_percent = Some(load);
    }

    fn storage(&self, n: u64, load: f64, sample: &mut Sample) {
        let disk = |name: &str| DiskSample {
            name: name.into(),
            read_bytes_per_sec: Some(load * 1e5),
            utilisation_percent: Some(load),
            ..DiskSample::default()
        };
        sample.disks = vec![disk("sda"), disk("md_quux")];
        let filesystem = |path: &str, device: &str, used: f64| FilesystemSample {
            mount_point: path.into(),
            device: device.into(),
            kind: "ext4".into(),
            total_bytes: Some(1 << 40),
            used_percent: Some(used),
            ..FilesystemSample::default()
        };
        sample.filesystems = vec![filesystem("/", "/dev/sda1", 40.0 + load / 2.0)];
        if n % 70 >= 35 {
            // Something is plugged in, and filled.
            let used = 80.0 + (n % 35) as f64 / 2.0;
            let device = "/dev/mapper/vaultgnu";
            sample
                .filesystems
                .push(filesystem("/media/mount_yeti", device, used));
        }
    }

    fn processes(&self, n: u64, load: f64, sample: &mut Sample) {
        let process = |pid: i32, name: &str, cpu: f64| ProcessSample {
            pid,
            parent_pid: 1,
            start_time_ticks: 70 + pid as u64,
            details: Arc::new(ProcessDetails {
                name: name.into(),
                uid: Some(4711),
                user: Some("quarkweib".into()),
                cgroup: Some("/user.slice/group_owl.scope".into()),
                command_line: Some(format!("{name} --room ws-gruft").into()),
                is_kernel_thread: name == "kheimdall",
            }),
            state: ProcessState::Running,
            cpu_core_percent: Some(cpu),
            rss_bytes: (cpu * 1e7) as u64,
            ..ProcessSample::default()
        };
        let list = &mut sample.processes.list;
        *list = (10..20)
            .map(|pid| process(pid, "xylobert", f64::from(pid) / 10.0))
            .collect();
        list.push(process(30, "kheimdall", 15.0));
        // One that does the work, another one in each minute.
        list.push(process(100 + (n / 60) as i32, "xylobert", 1.0 + load * 2.0));
        sample.processes.total = list.len();
        sample.processes.running = list.len();
    }
}

fn interface(name: &str, is_loopback: bool, n: u64) -> InterfaceSample {
    let mut interface = InterfaceSample {
        name: name.into(),
        is_loopback,
        received_bytes_per_sec: Some(1000.0),
        ..InterfaceSample::default()
    };
    interface.counters.received_bytes_total = 1000 * n;
    interface
}

/// What was judged of a sample, without what a recording does not hold: the number of the
/// state, of the processes those that were not chosen, and since when a finding is there, which
/// nobody knows who begins in the middle.
pub(super) fn findings(state: &State) -> State {
    let mut security = state.security.to_vec();
    for finding in &mut security {
        finding.since = 0.0;
    }
    State {
        sequence: 0,
        sample: None,
        security: security.into(),
        ..state.clone()
    }
}

/// Of these what stands on the sample alone, and not on what came before it.
pub(super) fn findings_alone(state: &State) -> State {
    State {
        anomalies: Arc::default(),
        incidents: Arc::default(),
        predictions: Arc::default(),
        correlations: Arc::default(),
        insights: Arc::default(),
        recommendations: Arc::default(),
        ..findings(state)
    }
}

/// A recording of frames.
pub(super) fn record<'f>(path: &Path, frames: impl IntoIterator<Item = &'f Frame>) {
    let mut file = SeriesFile::create(path).unwrap();
    for frame in frames {
        file.append(frame).unwrap();
    }
    file.finish().unwrap();
}

/// A database that a monitor wrote, with every tier; closed.
pub(super) fn store<'f>(folder: &Path, frames: impl IntoIterator<Item = &'f Frame>) -> PathBuf {
    let store = Store::open(settings(folder)).unwrap();
    for frame in frames {
        store.append(Row::Frame(Arc::new(frame.clone())));
        if store.health().rows_waiting > 1000 {
            store.flush(PATIENCE).unwrap();
        }
    }
    let path = store.path().to_path_buf();
    store.close().unwrap();
    path
}

/// A store that keeps samples of any age and writes when it is told to.
pub(super) fn settings(folder: &Path) -> StoreSettings {
    StoreSettings {
        commit_interval: Duration::from_secs(3600),
        series: SeriesSettings {
            keep: [Duration::from_secs(1 << 40); 4],
            ..SeriesSettings::default()
        },
        ..StoreSettings::new(folder)
    }
}

/// Long enough for a loaded machine; nothing waits for it in a good run.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Changes a database behind its back.
pub(super) fn damage(path: &Path, sql: &str) {
    let connection = crate::store::open_beside(path).unwrap();
    assert!(
        connection.execute(sql, []).unwrap() > 0,
        "{sql} changed nothing"
    );
}
