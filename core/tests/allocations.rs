//! Nothing is allocated by a scan of processes that stay the same, nor by a tick of the whole
//! sampler on a machine whose devices do.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // A helper of tests may do what tests may.
// A counting allocator can't be written without it.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use usm_core::sample::{HostFacts, Moment, ProcessScanner, ProcessSettings, ProcessTable, Roots};
use usm_core::{Sample, Sampler, SamplerSettings};

struct Counting;

thread_local! {
    /// Allocations of this thread. Needs no allocation itself: it is a plain number.
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending has no counter any more and is not the one under test.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const PROCESSES: usize = 600;

fn line(pid: usize, scan: u64) -> String {
    format!(
        "{pid} (worker {pid}) S 1 1 1 0 -1 4194304 1 2 3 4 {scan} 7 0 0 20 0 1 0 55 4096 {rss} 99 \
         8192 9 9 0\n",
        rss = 100 + scan
    )
}

fn write_tree(root: &std::path::Path) {
    for pid in 1..=PROCESSES {
        let folder = root.join(format!("proc/{pid}"));
        std::fs::create_dir_all(&folder).unwrap();
        write_numbers(&folder, pid, 0);
        std::fs::write(folder.join("status"), "Name:\tx\nUid:\t0\t0\t0\t0\n").unwrap();
        std::fs::write(folder.join("cgroup"), format!("0::/a/{pid}\n")).unwrap();
        let line = format!("worker\0--password\0{pid}\0");
        std::fs::write(folder.join("cmdline"), line).unwrap();
    }
    // One more that can't be read.
    let folder = root.join(format!("proc/{}", PROCESSES + 1));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("stat"), "cut off").unwrap();
}

fn write_numbers(folder: &std::path::Path, pid: usize, scan: u64) {
    std::fs::write(folder.join("stat"), line(pid, scan)).unwrap();
    let io = format!("read_bytes: {scan}\nwrite_bytes: 5\n");
    std::fs::write(folder.join("io"), io).unwrap();
}

/// Allocations of each of six scans, after two to warm up, while the numbers change. There
/// are so many processes that each scan refreshes the details of one or two.
fn counted(settings: ProcessSettings) -> Vec<u64> {
    let tree = tempfile::tempdir().unwrap();
    write_tree(tree.path());
    let host = HostFacts {
        page_size_bytes: 4096,
        clock_ticks_per_second: 100,
        ..HostFacts::default()
    };
    let mut scanner = ProcessScanner::new(&Roots::tree(tree.path()), settings);
    let mut table = ProcessTable::default();
    let mut counts = Vec::new();
    for scan in 1..=8 {
        for pid in (20..=PROCESSES).step_by(20) {
            write_numbers(&tree.path().join(format!("proc/{pid}")), pid, scan);
        }
        let moment = Moment {
            unix_seconds: scan as f64,
            monotonic_seconds: scan as f64,
        };
        let before = COUNT.get();
        scanner.scan(moment, &host, &mut table).unwrap();
        counts.push(COUNT.get() - before);
        assert_eq!(table.total, PROCESSES);
        assert_eq!(table.list[PROCESSES - 1].read_bytes_total, Some(scan));
    }
    assert!(counts[0] > 0, "the counter does not count");
    counts.split_off(2)
}

#[test]
fn a_warm_scan_allocates_nothing_whether_files_are_kept_or_not() {
    let default = ProcessSettings::default();
    for kept_files in [0, 100] {
        let settings = ProcessSettings {
            kept_files,
            ..default.clone()
        };
        assert_eq!(counted(settings), [0; 6], "{kept_files} kept files");
    }
    let with_extras = ProcessSettings {
        extra_count: 5,
        ..default
    };
    assert_eq!(counted(with_extras), [0; 6]);
}

/// Once in thirty ticks the sources, the groups and a captured mount table are looked at anew;
/// the ticks in between allocate nothing.
#[test]
fn a_tick_of_the_whole_sampler_allocates_nothing_between_two_looks_around() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    let mut trees: Vec<_> = std::fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("proc").is_dir())
        .collect();
    trees.sort();
    assert!(trees.len() >= 10);
    for tree in trees {
        let settings = SamplerSettings {
            roots: Roots::tree(&tree),
            overhead_budget_percent: 100.0,
            ..SamplerSettings::default()
        };
        let mut sampler = Sampler::new(settings).unwrap();
        let mut sample = Sample::default();
        let mut quiet = 0;
        for tick in 0..60 {
            let seconds = f64::from(tick);
            let moment = Moment {
                unix_seconds: 1.7e9 + seconds,
                monotonic_seconds: 1000.0 + seconds,
            };
            let before = COUNT.with(Cell::get);
            sampler.sample_at(moment, &mut sample).unwrap();
            if COUNT.with(Cell::get) == before {
                quiet += 1;
            }
        }
        println!("{}: {quiet} of 60 ticks without allocation", tree.display());
        assert!(quiet >= 45, "{}: only {quiet} of 60", tree.display());
    }
}
