//! A captured machine whose processes the test makes.

use super::*;
use crate::sample::HostFacts;
use crate::sample::Moment;
use crate::sample::fixture::Fixture;

/// A captured machine whose processes the test makes, and its reader.
struct Machine {
    fixture: Fixture,
    reader: ProgramReader,
    list: Vec<ProcessSample>,
    now: f64,
}

impl Machine {
    fn new() -> Machine {
        Machine {
            fixture: Fixture::new(),
            reader: ProgramReader::default(),
            list: Vec::new(),
            now: 1000.0,
        }
    }

    /// A process with its link and its user ids.
    fn start(&mut self, pid: i32, link: Option<&str>, uids: &str) {
        let status = format!("Name:\tx\nUid:\t{uids}\nGid:\t0\t0\t0\t0\n");
        self.fixture.write(&format!("proc/{pid}/status"), status);
        self.link(pid, link);
        self.list.push(ProcessSample {
            pid,
            start_time_ticks: 50_000,
            details: Arc::new(ProcessDetails {
                name: "prog".into(),
                ..ProcessDetails::default()
            }),
            ..ProcessSample::default()
        });
    }

    fn link(&self, pid: i32, link: Option<&str>) {
        let path = self.fixture.path(&format!("proc/{pid}/exe"));
        let _ = std::fs::remove_file(&path);
        if let Some(link) = link {
            std::os::unix::fs::symlink(link, path).unwrap();
        }
    }

    fn details(&mut self, at: usize, change: impl FnOnce(&mut ProcessDetails)) {
        let mut details = (*self.list[at].details).clone();
        change(&mut details);
        self.list[at].details = details.into();
    }

    fn scan(&mut self) -> Arc<ProgramSample> {
        self.now += 1.0;
        let host = HostFacts {
            clock_ticks_per_second: 100,
            ..HostFacts::default()
        };
        let tick = Tick {
            moment: Moment {
                unix_seconds: self.now,
                monotonic_seconds: self.now,
            },
            elapsed_seconds: None,
            host: &host,
        };
        let roots = self.fixture.roots();
        let mut buffer = Vec::new();
        let sample = self.reader.read(&tick, &self.list, &roots, &mut buffer);
        sample.unwrap().clone()
    }

    /// Scans until everything was looked at again.
    fn scan_round(&mut self) -> Arc<ProgramSample> {
        for _ in 0..AGAIN_SCANS {
            self.scan();
        }
        self.scan()
    }

    fn pids(&mut self) -> Vec<i32> {
        self.scan().notable.iter().map(|p| p.pid).collect()
    }
}

const ANN: &str = "1000\t1000\t1000\t1000";

#[test]
fn the_link_of_an_executable_tells_where_it_is_and_whether_it_is_gone() {
    let of = |link: &'static str| {
        let executable = Executable::of(link.as_bytes());
        let path = std::str::from_utf8(executable.path.unwrap()).unwrap();
        (path, executable.place, executable.is_deleted)
    };
    use ProgramPlace::{Memory, TemporaryFolder, Usual};
    assert_eq!(of("/usr/bin/cat"), ("/usr/bin/cat", Usual, false));
    assert_eq!(of("/opt/x (deleted)"), ("/opt/x", Usual, true));
    assert_eq!(of("/tmp/x"), ("/tmp/x", TemporaryFolder, false));
    assert_eq!(
        of("/dev/shm/x (deleted)"),
        ("/dev/shm/x", TemporaryFolder, true)
    );
    assert_eq!(of("/tmpfiles/x"), ("/tmpfiles/x", Usual, false));
    assert_eq!(of("/memfd:a b (deleted)"), ("a b", Memory, false));
    // A file of that name in the root folder.
    assert_eq!(of("/memfd:a"), ("/memfd:a", Usual, false));
    assert_eq!(of(""), ("", Usual, false));
}

#[test]
fn what_is_out_of_the_ordinary_is_listed_with_what_it_is() {
    let mut machine = Machine::new();
    machine.start(10, Some("/usr/bin/cat"), ANN);
    machine.start(11, Some("/tmp/x (deleted)"), ANN);
    machine.start(12, Some("/usr/bin/passwd"), "1000\t0\t0\t0");
    machine.start(13, Some("/usr/bin/sleep"), ANN);
    machine.details(3, |details| {
        details.command_line = Some("[kworker/0:1] 600".into());
    });
    machine.start(14, None, ANN);
    machine.start(15, Some("/memfd:odd\nname (deleted)"), ANN);
    let sample = machine.scan();
    let shown: Vec<(i32, Option<&str>, ProgramPlace, bool)> = sample
        .notable
        .iter()
        .map(|p| (p.pid, p.executable.as_deref(), p.place, p.is_deleted))
        .collect();
    use ProgramPlace::{Memory, TemporaryFolder, Usual};
    assert_eq!(
        shown,
        [
            (11, Some("/tmp/x"), TemporaryFolder, true),
            (12, Some("/usr/bin/passwd"), Usual, false),
            (13, Some("/usr/bin/sleep"), Usual, false),
            (15, Some("odd\\x0aname"), Memory, false),
        ]
    );
    let setuid = &sample.notable[1];
    assert_eq!(
        (setuid.real_uid, setuid.effective_uid),
        (Some(1000), Some(0))
    );
    let hidden = &sample.notable[2];
    assert_eq!(hidden.kernel_name.as_deref(), Some("[kworker/0:1]"));
    assert!(Arc::ptr_eq(&sample, &machine.scan()));
}

#[test]
fn a_real_thread_of_the_kernel_is_not_looked_at() {
    let mut machine = Machine::new();
    machine.start(10, None, "0\t0\t0\t0");
    machine.details(0, |details| {
        details.name = "kworker/0:1".into();
        details.is_kernel_thread = true;
    });
    machine.start(11, None, ANN);
    machine.details(1, |details| details.name = "kworker/0:1".into());
    assert_eq!(machine.pids(), [11]);
}

#[test]
fn a_file_that_is_deleted_later_and_a_program_that_becomes_another_are_seen() {
    let mut machine = Machine::new();
    machine.start(10, Some("/usr/bin/a"), ANN);
    machine.start(11, Some("/usr/bin/b"), ANN);
    assert_eq!(machine.pids(), [0; 0]);
    machine.link(10, Some("/usr/bin/a (deleted)"));
    let sample = machine.scan_round();
    assert_eq!(sample.notable[0].pid, 10);
    machine.link(10, Some("/usr/bin/a"));
    assert_eq!(machine.scan_round().notable, []);
    // An exec shows in the details, and is looked at in the same scan.
    machine.link(11, Some("/tmp/b"));
    machine.details(1, |details| details.name = "other".into());
    assert_eq!(machine.pids(), [11]);
    machine.list.pop();
    assert_eq!(machine.pids(), [0; 0]);
}

#[test]
fn a_pid_that_was_given_again_is_looked_at_anew() {
    let mut machine = Machine::new();
    machine.start(10, Some("/tmp/a"), ANN);
    assert_eq!(machine.pids(), [10]);
    machine.link(10, Some("/usr/bin/a"));
    machine.list[0].start_time_ticks += 1;
    assert_eq!(machine.pids(), [0; 0]);
}

#[test]
fn young_processes_wait_and_many_are_looked_at_a_few_in_each_scan() {
    let mut machine = Machine::new();
    machine.start(1, Some("/tmp/first"), ANN);
    assert_eq!(machine.pids(), [1]);
    for pid in 2..50 {
        machine.start(pid, Some(&format!("/tmp/{pid}")), ANN);
    }
    let ticks = ((machine.now + 0.5) * 100.0) as u64;
    machine.list[48].start_time_ticks = ticks;
    let first = machine.pids();
    assert_eq!(first.len(), 1 + LOOKS);
    while machine.pids().len() < 48 {}
    assert_eq!(machine.pids().last(), Some(&49));
    assert!(machine.now - 0.01 * ticks as f64 >= LEAST_AGE_SECONDS);
}

#[test]
fn processes_that_are_alike_are_listed_once_and_the_list_is_bounded() {
    let mut machine = Machine::new();
    for pid in 1..=100 {
        machine.start(pid, Some("/usr/bin/old (deleted)"), ANN);
    }
    for pid in 101..=170 {
        machine.start(pid, Some(&format!("/tmp/{pid}")), ANN);
    }
    let sample = machine.scan();
    assert_eq!(sample.notable.len(), MOST_PROGRAMS);
    assert_eq!((sample.notable[0].pid, sample.notable[1].pid), (1, 101));
    assert!(sample.is_cut);
}
