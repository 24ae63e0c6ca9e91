//! A tree of `/proc` and `/sys` for the tests of the readers, and what must hold of any
//! sample whatever was read.

use proptest::prelude::*;

use crate::sample::*;

/// A tree in a temporary folder, filled by the test.
pub(crate) struct Fixture {
    folder: tempfile::TempDir,
    host: HostFacts,
}

impl Fixture {
    pub(crate) fn new() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let host = HostFacts {
            page_size_bytes: 4096,
            clock_ticks_per_second: 100,
            ..HostFacts::default()
        };
        Fixture { folder, host }
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots::tree(self.folder.path())
    }

    /// Writes `proc/…` or `sys/…`; a file that is there keeps its inode, as the kernel's do.
    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn path(&self, part: &str) -> std::path::PathBuf {
        self.folder.path().join(part)
    }

    pub(crate) fn folder(&self, folder: &str) {
        std::fs::create_dir_all(self.folder.path().join(folder)).unwrap();
    }

    pub(crate) fn tick(&self, elapsed_seconds: Option<f64>) -> Tick<'_> {
        Tick {
            moment: Moment::default(),
            elapsed_seconds,
            host: &self.host,
        }
    }

    /// Contents to try a reader with: any bytes, and the given text with some of it changed.
    pub(crate) fn content(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
        let change = (
            any::<prop::sample::Index>(),
            0usize..12,
            "[ 0-9a-z:\n-]{0,8}",
        );
        let changed = prop::collection::vec(change, 0..4).prop_map(|changes| {
            let mut bytes = text.as_bytes().to_vec();
            for (at, length, new) in changes {
                let start = at.index(bytes.len() + 1);
                let end = (start + length).min(bytes.len());
                bytes.splice(start..end, new.bytes());
            }
            bytes
        });
        prop_oneof![any::<Vec<u8>>(), changed]
    }
}

fn assert_rates(rates: &[Option<f64>]) {
    for rate in rates.iter().flatten() {
        assert!(*rate >= 0.0 && rate.is_finite(), "{rate}");
    }
}

fn assert_percentages(percentages: &[Option<f64>]) {
    for percent in percentages.iter().flatten() {
        assert!((0.0..=100.0).contains(percent), "{percent}");
    }
}

pub(crate) fn assert_cpu_is_sound(cpu: &CpuSample) {
    for shares in cpu
        .shares
        .iter()
        .chain(cpu.cores.iter().flat_map(|core| &core.shares))
    {
        let parts = [
            shares.user_percent,
            shares.nice_percent,
            shares.system_percent,
            shares.idle_percent,
            shares.iowait_percent,
            shares.irq_percent,
            shares.softirq_percent,
            shares.steal_percent,
            shares.guest_percent,
        ];
        assert_percentages(&parts.map(Some));
        assert_percentages(&[Some(shares.busy_percent)]);
        assert!((parts.iter().sum::<f64>() - 100.0).abs() < 1e-6);
    }
    assert_rates(&[
        cpu.context_switches_per_sec,
        cpu.interrupts_per_sec,
        cpu.forks_per_sec,
    ]);
}

pub(crate) fn assert_memory_is_sound(memory: &MemorySample) {
    assert_rates(&[
        memory.swap_in_bytes_per_sec,
        memory.swap_out_bytes_per_sec,
        memory.major_faults_per_sec,
    ]);
    assert_percentages(&[memory.used_percent, memory.swap_used_percent]);
    assert!(memory.used_bytes <= memory.total_bytes || memory.total_bytes.is_none());
}

pub(crate) fn assert_pressure_is_sound(pressure: &PressureSample) {
    for resource in [pressure.cpu, pressure.memory, pressure.io]
        .into_iter()
        .flatten()
    {
        for line in [Some(resource.some), resource.full].into_iter().flatten() {
            assert_percentages(&[
                Some(line.avg10_percent),
                Some(line.avg60_percent),
                Some(line.avg300_percent),
                line.stalled_percent,
            ]);
        }
    }
}

pub(crate) fn assert_disks_are_sound(disks: &[DiskSample]) {
    for disk in disks {
        assert_percentages(&[disk.utilisation_percent]);
        assert_rates(&[
            disk.read_bytes_per_sec,
            disk.write_bytes_per_sec,
            disk.reads_per_sec,
            disk.writes_per_sec,
            disk.read_latency_ms,
            disk.write_latency_ms,
            disk.queue_length,
        ]);
    }
}

pub(crate) fn assert_network_is_sound(network: &NetworkSample) {
    for interface in &network.interfaces {
        assert_rates(&[
            interface.received_bytes_per_sec,
            interface.sent_bytes_per_sec,
            interface.received_packets_per_sec,
            interface.sent_packets_per_sec,
            interface.errors_per_sec,
            interface.drops_per_sec,
        ]);
    }
    assert_rates(&[
        network.tcp.sent_segments_per_sec,
        network.tcp.retransmits_per_sec,
    ]);
}
