//! The picture of constructed states, at every width.

use std::sync::Arc;

use unicode_width::UnicodeWidthStr;
use usm_core::State;
use usm_core::judge::{Advice, Score, ScorePart, Severity};
use usm_core::sample::{
    BatterySample, CoreSample, CpuShares, DiskSample, FilesystemSample, HostFacts,
    InterfaceCounters, InterfaceSample, Limits, LoadAverage, PressureLine, PressureResource,
    ProcessDetails, ProcessSample, Sample, SensorSample,
};

use super::{Sort, picture};
use crate::draw::Style;

const PLAIN: Style = Style {
    width: 80,
    unicode: true,
    colour: false,
};

fn text(state: &State, style: Style) -> String {
    picture(state, style, 10, Sort::Cpu).render()
}

fn shares(busy: f64) -> Option<CpuShares> {
    Some(CpuShares {
        busy_percent: busy,
        user_percent: busy * 0.75,
        system_percent: busy * 0.25,
        idle_percent: 100.0 - busy,
        ..CpuShares::default()
    })
}

fn score(value: f64, parts: &[(&'static str, Option<f64>, f64)]) -> Score {
    let part = |(name, input, loss): &(&'static str, Option<f64>, f64)| ScorePart {
        name: (*name).into(),
        input: *input,
        loss: Some(*loss),
    };
    Score {
        value: Some(value),
        parts: parts.iter().map(part).collect(),
    }
}

pub(crate) fn process(pid: i32, cpu: Option<f64>, command: &str) -> ProcessSample {
    ProcessSample {
        pid,
        cpu_core_percent: cpu,
        rss_bytes: 1 << 20,
        threads: Some(3),
        details: Arc::new(ProcessDetails {
            name: "name".into(),
            uid: Some(1000),
            user: Some("a_user_with_a_long_name".into()),
            command_line: Some(command.into()),
            ..ProcessDetails::default()
        }),
        ..ProcessSample::default()
    }
}

/// A machine that has everything, with `cpus` processors.
fn full_sample(cpus: u32) -> Sample {
    let host = Arc::new(HostFacts {
        hostname: Some("host.example.org".into()),
        os_name: Some("Debian GNU/Linux 12 (bookworm)".into()),
        kernel_release: Some("6.1.0-18-amd64".into()),
        architecture: "x86_64".into(),
        cpu_model: Some("AMD EPYC 7B13 64-Core Processor".into()),
        physical_cores: Some(cpus / 2),
        boot_time_seconds: Some(1_699_000_000.0),
        virtualization: Some("kvm".into()),
        ..HostFacts::default()
    });
    let mut sample = Sample {
        host,
        ..Sample::default()
    };
    sample.cpu.shares = shares(43.2);
    sample.cpu.cores = (0..cpus)
        .map(|id| CoreSample {
            id,
            shares: shares(f64::from(id * 37 % 101)),
            ..CoreSample::default()
        })
        .collect();
    sample.cpu.load_average = Some(LoadAverage {
        one: 3.5,
        five: 2.25,
        fifteen: 1.0,
        runnable: 3,
        tasks: 900,
    });
    sample.memory.total_bytes = Some(8 << 30);
    sample.memory.used_bytes = Some(6 << 30);
    sample.memory.used_percent = Some(75.0);
    sample.memory.available_bytes = Some(2 << 30);
    sample.memory.swap_total_bytes = Some(1 << 30);
    let line = PressureLine {
        avg10_percent: 12.5,
        ..PressureLine::default()
    };
    sample.pressure.io = Some(PressureResource {
        some: line,
        full: Some(line),
    });
    sample.disks = vec![DiskSample {
        name: "nvme0n1".into(),
        read_bytes_per_sec: Some(123_456_789.0),
        write_bytes_per_sec: Some(0.0),
        read_latency_ms: Some(0.4),
        utilisation_percent: Some(33.0),
        ..DiskSample::default()
    }];
    sample.filesystems = vec![FilesystemSample {
        mount_point: "/a/very/long/mount/point/that/does/not/fit/into/eighty/columns/at/all".into(),
        kind: "ext4".into(),
        total_bytes: Some(100 << 30),
        used_percent: Some(91.0),
        inodes_used_percent: Some(77.0),
        ..FilesystemSample::default()
    }];
    sample.network.interfaces = vec![InterfaceSample {
        name: "eth0".into(),
        received_bytes_per_sec: Some(1e6),
        drops_per_sec: Some(2.0),
        counters: InterfaceCounters {
            received_bytes_total: 1 << 40,
            receive_drops_total: 500,
            send_errors_total: 3,
            ..InterfaceCounters::default()
        },
        ..InterfaceSample::default()
    }];
    sample.sensors = (0..12)
        .map(|n| SensorSample {
            chip: "coretemp".into(),
            label: format!("Core {n}").into(),
            value: 40.0 + f64::from(n),
            critical: Some(100.0),
            ..SensorSample::default()
        })
        .collect();
    sample.power.plugged = Some(false);
    sample.power.batteries = vec![BatterySample {
        name: "BAT0".into(),
        charge_percent: Some(9.0),
        status: Some("Discharging".into()),
        seconds_to_empty: Some(1234.0),
        power_watts: Some(11.5),
        ..BatterySample::default()
    }];
    sample.limits = Limits {
        effective_cpus: Some(1.5),
        effective_cpus_source: Some("/sys/fs/cgroup/cpu.max".into()),
        quota_cpus: Some(1.5),
        memory_limit_bytes: Some(2 << 30),
        memory_used_percent: Some(41.0),
        effective_memory_source: Some("/sys/fs/cgroup/memory.max".into()),
        throttled_percent: Some(7.0),
        pids_limit: Some(1000),
        ..Limits::default()
    };
    sample.processes.list = vec![
        process(1, Some(0.0), "/sbin/init"),
        process(
            4242,
            Some(97.5),
            "worker --name プロセス --with a very long command line indeed",
        ),
        process(31, None, "unknown"),
    ];
    sample.processes.total = 3;
    sample
}

pub(crate) fn full_state(cpus: u32) -> State {
    let mut state = State {
        sequence: 2,
        timestamp: 1_700_000_000.0,
        recommendations: Arc::from([Advice {
            id: "memory_full".into(),
            text: "75.0 % of the machine's memory is in use; most of it by name (pid 1).".into(),
            severity: Severity::High,
            ..Advice::default()
        }]),
        sample: Some(Arc::new(full_sample(cpus))),
        ..State::default()
    };
    state.scores.health = score(
        62.0,
        &[
            ("cpu_percent", Some(43.2), 17.3),
            ("memory_percent", Some(75.0), 30.0),
        ],
    );
    state.scores.security = score(80.0, &[("kernel.kptr_restrict", None, 20.0)]);
    state
}

#[test]
fn no_line_is_wider_than_the_terminal_and_nothing_panics() {
    let states = [
        State::default(),
        full_state(2),
        full_state(24),
        full_state(256),
        {
            let sample = Some(Arc::new(Sample::default()));
            State {
                sample,
                ..State::default()
            }
        },
    ];
    for state in &states {
        for width in (1..=200).chain([1000]) {
            for unicode in [true, false] {
                for sort in [Sort::Cpu, Sort::Memory, Sort::Io] {
                    let style = Style {
                        width,
                        unicode,
                        colour: false,
                    };
                    for line in picture(state, style, 5, sort).render().lines() {
                        assert!(line.width() <= width, "{width}: {line}");
                        assert!(unicode || line.is_ascii(), "{line}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_never_shown_as_zero() {
    let sample = Some(Arc::new(Sample::default()));
    let text = text(
        &State {
            sample,
            ..State::default()
        },
        PLAIN,
    );
    for name in [
        "Processors ",
        "Memory ",
        "Swap ",
        "Load ",
        "Waiting for",
        "Health ",
        "Security ",
    ] {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        let mut words = line.split(|c: char| c.is_whitespace() || c == '/');
        assert!(
            line.contains('–') && !words.any(|word| word.starts_with('0')),
            "{line}"
        );
    }
}

#[test]
fn numbers_of_the_state_are_in_the_picture() {
    let text = text(
        &full_state(2),
        Style {
            width: 120,
            ..PLAIN
        },
    );
    for wanted in [
        "host.example.org",
        "up 11 d 13 h",
        "1.5 processors",
        "(/sys/fs/cgroup/cpu.max)",
        "held back 7.0 % of the time",
        "−30 memory 75 %",
        "43.2 %",
        "6.0 GiB of 8.0 GiB",
        "118 MiB/s",
        "0.40 ms",
        "inodes 77 %",
        "3 errors 2/s drops",
        "BAT0 9 % discharging, 20 min 34 s left, 11.5 W",
        "and 4 more",
        "disks 12.5/12.5 %",
        "● 75.0 % of the machine's memory",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
}

#[test]
fn what_fires_and_what_is_the_matter_stand_below_the_scores() {
    let mut state = full_state(2);
    assert!(!text(&state, PLAIN).contains("Alerts"), "nothing fires yet");
    let alert = crate::alerts::tests::alert(1, usm_core::alert::AlertSeverity::Critical);
    let pending = usm_core::alert::Alert {
        fired_at: None,
        rule: "Disk".into(),
        ..alert.clone()
    };
    state.alerts = [Arc::new(alert), Arc::new(pending)].into();
    state.insights = [usm_core::judge::Insight {
        id: "cpu_bound".into(),
        kind: usm_core::judge::InsightKind::CpuBound,
        severity: Severity::High,
        confidence: 0.9,
        text: "The processors are busy".into(),
        evidence: Vec::new(),
        advice: Vec::new(),
        opened_at: 1.0,
        updated_at: 1.0,
        closed_at: None,
    }]
    .into();
    let picture = text(&state, PLAIN);
    for line in [
        "Alerts      ● 1 fires  Memory  see usm alerts",
        "Insight     ● The processors are busy See usm insights.",
    ] {
        assert!(picture.lines().any(|l| l == line), "{line} in\n{picture}");
    }
}

#[test]
fn the_busiest_process_comes_first_and_the_unknown_last() {
    let text = text(&full_state(2), PLAIN);
    let place = |pid: &str| {
        text.lines()
            .position(|line| line.split_whitespace().next() == Some(pid))
            .unwrap()
    };
    assert!(place("4242") < place("1") && place("1") < place("31"));
}

#[test]
fn a_process_cannot_steer_the_terminal() {
    let mut state = full_state(2);
    let mut sample = full_sample(2);
    sample.processes.list = vec![process(7, Some(5.0), "evil\x1b[2J\r\n\u{202e}\u{9b}31m")];
    sample.host = Arc::new(HostFacts {
        hostname: Some("a\x1b]0;b\x07".into()),
        ..HostFacts::default()
    });
    state.sample = Some(Arc::new(sample));
    let text = text(
        &state,
        Style {
            width: 200,
            ..PLAIN
        },
    );
    assert!(
        text.contains("evil\\x1b[2J\\x0d\\x0a\\u{202e}\\x9b31m"),
        "{text}"
    );
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
}

#[test]
fn many_processors_are_one_column_each() {
    let text = text(&full_state(256), PLAIN);
    let columns = text
        .lines()
        .skip_while(|line| !line.starts_with("  each"))
        .take_while(|line| !line.starts_with("Load"))
        .flat_map(str::chars)
        .filter(|c| ('▁'..='█').contains(c))
        .count();
    assert_eq!(columns, 256);
}

#[test]
fn colours_are_there_only_when_asked_for() {
    let state = full_state(2);
    let coloured = text(
        &state,
        Style {
            colour: true,
            ..PLAIN
        },
    );
    assert!(coloured.contains("\x1b[32m"));
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, text(&state, PLAIN));
}
