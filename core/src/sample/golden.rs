//! The trees of `tests/fixtures`, read by the five system-wide readers and compared with
//! what another program worked out from the same files.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sample::cpu::CpuReader;
use crate::sample::disk::DiskReader;
use crate::sample::fixture::*;
use crate::sample::memory::MemoryReader;
use crate::sample::network::NetworkReader;
use crate::sample::pressure::PressureReader;
use crate::sample::*;

/// The five readers of the system-wide part, and what they fill in.
struct SystemReaders {
    cpu: CpuReader,
    memory: MemoryReader,
    pressure: PressureReader,
    disks: DiskReader,
    network: NetworkReader,
    buffer: Vec<u8>,
}

impl SystemReaders {
    fn new(roots: &Roots) -> SystemReaders {
        SystemReaders {
            cpu: CpuReader::new(roots, false),
            memory: MemoryReader::new(roots),
            pressure: PressureReader::new(roots),
            disks: DiskReader::new(roots),
            network: NetworkReader::new(roots),
            buffer: Vec::new(),
        }
    }

    fn read(&mut self, tick: &Tick<'_>, into: &mut Sample) {
        let buffer = &mut self.buffer;
        self.cpu.read(tick, buffer, &mut into.cpu);
        self.memory.read(tick, buffer, &mut into.memory);
        self.pressure.read(tick, buffer, &mut into.pressure);
        self.disks.read(tick, buffer, &mut into.disks);
        self.network.read(tick, buffer, &mut into.network);
    }

    fn reports(&self) -> Vec<SourceReport> {
        let mut reports = Vec::new();
        self.cpu.report(&mut reports);
        self.memory.report(&mut reports);
        self.pressure.report(&mut reports);
        self.disks.report(&mut reports);
        self.network.report(&mut reports);
        reports
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures")
}

/// Copies a tree over another, keeping the inodes of what is there.
fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::write(target, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// Every field that `expected` names must be in `actual` with that value, and no other.
/// A long list may be given as `{"length": N, "at": {"7": …}}`.
fn assert_same(expected: &Value, actual: &Value, place: &str) {
    match (expected, actual) {
        (Value::Object(wanted), Value::Array(found)) => {
            assert_eq!(wanted["length"], found.len(), "{place}");
            for (index, value) in wanted["at"].as_object().unwrap() {
                let at = index.parse::<usize>().unwrap();
                assert_same(value, &found[at], &format!("{place}[{index}]"));
            }
        }
        (Value::Object(wanted), Value::Object(found)) => {
            let names = |map: &serde_json::Map<String, Value>| {
                map.keys()
                    .cloned()
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(names(wanted), names(found), "{place}");
            for (name, value) in wanted {
                assert_same(value, &found[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(wanted), Value::Array(found)) => {
            assert_eq!(wanted.len(), found.len(), "{place}");
            for (index, (value, other)) in wanted.iter().zip(found).enumerate() {
                assert_same(value, other, &format!("{place}[{index}]"));
            }
        }
        (Value::Number(wanted), Value::Number(found)) => {
            let (wanted, found) = (wanted.as_f64().unwrap(), found.as_f64().unwrap());
            let tolerance = 1e-9 * wanted.abs().max(1.0);
            assert!(
                (wanted - found).abs() <= tolerance,
                "{place}: {found}, not {wanted}"
            );
        }
        _ => assert_eq!(expected, actual, "{place}"),
    }
}

/// Reads a tree and, when there is one, its later state; compares with what
/// `tests/fixtures/expected_system.py` worked out from the same files.
fn check_tree(name: &str) -> Vec<SourceReport> {
    let tree = fixtures().join(name);
    let expected = std::fs::read_to_string(tree.join("expected-system.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();

    let fixture = Fixture::new();
    for part in ["proc", "sys"] {
        if tree.join(part).is_dir() {
            copy_tree(&tree.join(part), &fixture.path(part));
        }
    }
    let mut readers = SystemReaders::new(&fixture.roots());
    let mut sample = Sample::default();
    readers.read(&fixture.tick(None), &mut sample);
    compare(&expected["first"], &sample, name);
    if let Some(later) = expected.get("later") {
        let later_proc = fixtures().join(format!("{name}-later/proc"));
        copy_tree(&later_proc, &fixture.path("proc"));
        let elapsed = expected["elapsed_seconds"].as_f64();
        assert!(elapsed.is_some());
        readers.read(&fixture.tick(elapsed), &mut sample);
        compare(later, &sample, &format!("{name}-later"));
    }
    readers.reports()
}

fn compare(expected: &Value, sample: &Sample, name: &str) {
    let actual = serde_json::to_value(sample).unwrap();
    for part in ["cpu", "memory", "pressure", "disks", "network"] {
        assert_same(&expected[part], &actual[part], &format!("{name}: {part}"));
    }
}

fn not_available(reports: &[SourceReport]) -> Vec<(String, Availability)> {
    let below_proc = |report: &SourceReport| {
        let path = report.source.split_once("/proc/").unwrap().1;
        (path.to_string(), report.availability)
    };
    reports
        .iter()
        .filter(|report| report.availability != Availability::Available)
        .map(below_proc)
        .collect()
}

#[test]
fn a_current_kernel_is_read_as_worked_out_by_hand() {
    assert_eq!(not_available(&check_tree("linux-6.18-vm")), []);
}

#[test]
fn an_old_kernel_is_read_as_worked_out_by_hand_and_says_what_it_lacks() {
    let absent = ["pressure/cpu", "pressure/memory", "pressure/io", "net/tcp6"];
    let absent = absent.map(|file| (file.to_string(), Availability::Absent));
    assert_eq!(not_available(&check_tree("linux-2.6.32-no-psi")), absent);
}

#[test]
fn a_machine_of_many_processors_is_read_as_worked_out_by_hand() {
    check_tree("many-cpus");
}

#[test]
fn the_captures_of_the_procfs_project_are_read_as_worked_out_by_hand() {
    let missing = [("vmstat".to_string(), Availability::Absent)];
    assert_eq!(
        not_available(&check_tree("prometheus-procfs-mixed")),
        missing
    );
}

#[test]
fn this_machine_is_read_without_a_malformed_source() {
    let fixture = Fixture::new();
    let mut readers = SystemReaders::new(&Roots::default());
    let mut sample = Sample::default();
    readers.read(&fixture.tick(None), &mut sample);
    std::thread::sleep(std::time::Duration::from_millis(50));
    readers.read(&fixture.tick(Some(0.05)), &mut sample);
    for report in readers.reports() {
        assert_ne!(report.availability, Availability::Malformed, "{report:?}");
        assert_ne!(report.availability, Availability::Unknown, "{report:?}");
    }
    assert_cpu_is_sound(&sample.cpu);
    assert_memory_is_sound(&sample.memory);
    assert_pressure_is_sound(&sample.pressure);
    assert_disks_are_sound(&sample.disks);
    assert_network_is_sound(&sample.network);
    // A second witness.
    let mut other = sysinfo::System::new().unwrap();
    other.refresh_memory();
    assert_eq!(sample.memory.total_bytes, Some(other.total_memory()));
}
