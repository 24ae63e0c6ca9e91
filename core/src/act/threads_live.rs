//! Tests of what is set for every thread, on real processes made for it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use proptest::prelude::*;

use super::threads::ThreadValue;
use super::{Change, CpuList, Door, IoClass, Lever, ProcessId, Scheduling, Scope, Undo, stat};
use crate::error::ErrorKind;
use crate::sample::Roots;

/// A process with threads and children at our command.
struct Worker {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    grandchildren: Vec<i32>,
}

impl Worker {
    fn new(threads: usize) -> Worker {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "act::threads_live::role",
                "--nocapture",
                "--ignored",
            ])
            .env("USM_TEST_ROLE", "worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let mut worker = Worker {
            child,
            to,
            from,
            grandchildren: Vec::new(),
        };
        worker.answer("ready");
        (0..threads).for_each(|_| worker.thread());
        worker
    }

    fn answer(&mut self, wanted: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(
                self.from.read_line(&mut line).unwrap() > 0,
                "the worker ended"
            );
            if let Some((_, rest)) = line.split_once(&format!("USM {wanted}")) {
                return rest.trim().to_string();
            }
        }
    }

    fn thread(&mut self) {
        writeln!(self.to, "thread").unwrap();
        self.answer("thread");
    }

    fn fork(&mut self) -> i32 {
        writeln!(self.to, "child").unwrap();
        let pid = self.answer("child").parse().unwrap();
        self.grandchildren.push(pid);
        pid
    }

    fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    fn id(&self) -> ProcessId {
        ProcessId::now(&Roots::default(), self.pid()).unwrap()
    }

    fn door(&self) -> Door {
        Door {
            roots: Roots::default(),
            scope: Scope::Subtree(self.id()),
            protected: Vec::new(),
        }
    }

    fn tids(&self) -> Vec<i32> {
        stat::threads(&Roots::default(), self.pid()).unwrap()
    }

    fn snapshot(&self) -> Vec<(i32, State)> {
        self.tids()
            .into_iter()
            .map(|tid| (tid, state(tid)))
            .collect()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        for pid in &self.grandchildren {
            let pid = rustix::process::Pid::from_raw(*pid).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "a part of the other tests: the process that they act on"]
fn role() {
    if std::env::var("USM_TEST_ROLE").as_deref() != Ok("worker") {
        return;
    }
    println!("USM ready");
    let mut children = Vec::new();
    for line in std::io::stdin().lines() {
        match line.unwrap().as_str() {
            "thread" => {
                std::thread::spawn(|| {
                    loop {
                        std::thread::park();
                    }
                });
                println!("USM thread");
            }
            _ => {
                let child = Command::new("sleep").arg("120").spawn().unwrap();
                println!("USM child {}", child.id());
                children.push(child);
            }
        }
    }
    for mut child in children {
        let _ = child.kill();
        let _ = child.wait();
    }
    std::process::exit(0);
}

type State = (i32, Scheduling, u16, CpuList);

fn state(tid: i32) -> State {
    (
        i32::read(tid).unwrap(),
        Scheduling::read(tid).unwrap(),
        u16::read(tid).unwrap(),
        CpuList::read(tid).unwrap(),
    )
}

fn give(tid: i32, nice: i32, policy: u32, io: u16, cpu: usize) {
    let every = CpuList::read(tid).unwrap().0;
    crate::sys::set_thread_nice(tid, nice).unwrap();
    crate::sys::set_thread_policy(tid, policy, 0).unwrap();
    crate::sys::set_thread_io_priority(tid, io).unwrap();
    if let Some(cpu) = every.get(cpu) {
        crate::sys::set_thread_processors(tid, Some(&[*cpu])).unwrap();
    }
}

/// Whether this user may raise priorities again.
fn is_privileged() -> bool {
    rustix::process::geteuid().is_root()
}

/// As if it had been stored and read by another process.
fn stored(change: &Change) -> Change {
    serde_json::from_str(&serde_json::to_string(change).unwrap()).unwrap()
}

fn levers(process: ProcessId) -> Vec<Lever> {
    let (class, level) = (IoClass::BestEffort, 7);
    let mut levers = vec![
        Lever::Batch { process },
        Lever::IoPriority {
            process,
            class,
            level,
        },
        Lever::IoPriority {
            process,
            class: IoClass::Idle,
            level: 0,
        },
        Lever::Affinity {
            process,
            cpus: vec![CpuList::read(process.pid).unwrap().0[0]],
        },
    ];
    if is_privileged() {
        levers.push(Lever::Nice { process, nice: 15 });
        levers.push(Lever::Nice { process, nice: -3 });
        levers.push(Lever::Idle { process });
    }
    levers
}

fn has_intended(change: &Change, tid: i32) -> bool {
    match change {
        Change::Nice(c) => c.intended.is_same(&i32::read(tid).unwrap()),
        Change::Policy(c) => c.intended.is_same(&Scheduling::read(tid).unwrap()),
        Change::IoPriority(c) => c.intended.is_same(&u16::read(tid).unwrap()),
        Change::Affinity(c) => c.intended.is_same(&CpuList::read(tid).unwrap()),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn applied_and_undone_every_thread_has_what_it_had(
        priors in prop::collection::vec(
            (0..10i32, prop::sample::select(vec![0u32, 3]), 0..8u16, 0..4usize), 4),
    ) {
        let worker = Worker::new(3);
        let mut tids = worker.tids();
        tids.reverse(); // The leader last: its threads may not inherit from it by chance.
        for (tid, (nice, policy, io, cpu)) in tids.into_iter().zip(priors) {
            let io = if io == 0 { 0 } else { 2 << 13 | io };
            give(tid, nice, policy, io, cpu);
        }
        let before = worker.snapshot();
        for lever in levers(worker.id()) {
            let changes = lever.prepare(&worker.door()).unwrap();
            prop_assert_eq!(worker.snapshot(), before.clone(), "preparing changed something");
            for change in &changes {
                prop_assert_eq!(stored(change), change.clone());
                change.apply(&worker.door()).unwrap();
                prop_assert!(worker.tids().iter().all(|tid| has_intended(change, *tid)));
                prop_assert_eq!(stored(change).undo(&worker.door()).unwrap(), Undo::Restored);
                prop_assert_eq!(worker.snapshot(), before.clone(), "{}", change.about());
                prop_assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Unchanged);
            }
        }
    }
}

#[test]
fn what_has_it_already_is_no_change() {
    let worker = Worker::new(2);
    for tid in worker.tids() {
        give(tid, 4, 3, 2 << 13 | 7, 0);
    }
    let process = worker.id();
    for lever in [
        Lever::Batch { process },
        Lever::Nice { process, nice: 4 },
        Lever::IoPriority {
            process,
            class: IoClass::BestEffort,
            level: 7,
        },
    ] {
        assert_eq!(lever.prepare(&worker.door()).unwrap(), []);
    }
    assert!(
        Lever::Nice { process, nice: 20 }
            .prepare(&worker.door())
            .is_err()
    );
    let cpus = Vec::new();
    assert!(
        Lever::Affinity { process, cpus }
            .prepare(&worker.door())
            .is_err()
    );
}

#[test]
fn threads_and_children_that_began_since_get_the_leaders_value_back() {
    for pick in 0..levers(ProcessId {
        pid: std::process::id() as i32,
        start_time_ticks: 0,
    })
    .len()
    {
        let mut worker = Worker::new(1);
        let lever = levers(worker.id()).swap_remove(pick);
        let leader = state(worker.pid());
        let changes = lever.prepare(&worker.door()).unwrap();
        let [change] = changes.as_slice() else {
            println!("skipped: one processor only");
            continue;
        };
        worker.thread(); // Between prepare and apply.
        change.apply(&worker.door()).unwrap();
        worker.thread();
        let child = worker.fork();
        assert!(worker.tids().len() >= 5, "{:?}", worker.tids());
        assert!(worker.tids().iter().all(|tid| has_intended(change, *tid)));
        assert!(has_intended(change, child));
        assert_eq!(stored(change).undo(&worker.door()).unwrap(), Undo::Restored);
        for (tid, state) in worker.snapshot() {
            assert_eq!(state, leader, "{tid}: {}", change.about());
        }
        assert_eq!(state(child), leader, "{}", change.about());
    }
}

#[test]
fn a_child_that_chose_the_same_value_before_keeps_it() {
    let mut worker = Worker::new(0);
    let child = worker.fork();
    crate::sys::set_thread_io_priority(child, 3 << 13).unwrap();
    let process = worker.id();
    let lever = Lever::IoPriority {
        process,
        class: IoClass::Idle,
        level: 0,
    };
    let changes = lever.prepare(&worker.door()).unwrap();
    changes[0].apply(&worker.door()).unwrap();
    assert_eq!(changes[0].undo(&worker.door()).unwrap(), Undo::Restored);
    assert_eq!(u16::read(child).unwrap(), 3 << 13);
    assert_eq!(u16::read(worker.pid()).unwrap(), 0);
}

#[test]
fn what_somebody_else_changed_since_is_left_and_told() {
    let worker = Worker::new(2);
    let process = worker.id();
    let changes = Lever::Batch { process }.prepare(&worker.door()).unwrap();
    changes[0].apply(&worker.door()).unwrap();
    let theirs = worker.tids()[2];
    crate::sys::set_thread_policy(theirs, 5, 0).unwrap();
    let Undo::Left(found) = changes[0].undo(&worker.door()).unwrap() else {
        panic!("it was not told");
    };
    assert!(
        found.contains(&theirs.to_string()) && found.contains("SCHED_IDLE"),
        "{found}"
    );
    for tid in worker.tids() {
        let expected = if tid == theirs { 5 } else { 0 };
        assert_eq!(Scheduling::read(tid).unwrap().policy, expected);
    }
}

#[test]
fn what_changed_between_prepare_and_apply_is_refused() {
    let worker = Worker::new(1);
    let process = worker.id();
    let lever = Lever::IoPriority {
        process,
        class: IoClass::Idle,
        level: 0,
    };
    let changes = lever.prepare(&worker.door()).unwrap();
    let theirs = *worker.tids().last().unwrap();
    crate::sys::set_thread_io_priority(theirs, 2 << 13 | 1).unwrap();
    let refused = changes[0].apply(&worker.door()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    // What was done of it is taken back, and theirs is left.
    let undone = changes[0].undo(&worker.door()).unwrap();
    assert!(matches!(undone, Undo::Left(_)));
    for tid in worker.tids() {
        let expected = if tid == theirs { 2 << 13 | 1 } else { 0 };
        assert_eq!(u16::read(tid).unwrap(), expected);
    }
}

#[test]
fn without_the_privilege_it_is_said_what_could_not_be_put_back() {
    if is_privileged() {
        println!("skipped: this user may raise priorities");
        return;
    }
    for pick in [0, 1] {
        let worker = Worker::new(1);
        let process = worker.id();
        let lever = [Lever::Nice { process, nice: 7 }, Lever::Idle { process }][pick].clone();
        let changes = lever.prepare(&worker.door()).unwrap();
        changes[0].apply(&worker.door()).unwrap();
        let error = changes[0].undo(&worker.door()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
        let nothing = Lever::Nice { process, nice: -5 }
            .prepare(&worker.door())
            .unwrap();
        let denied = nothing[0].apply(&worker.door()).unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::PermissionDenied);
    }
}

#[test]
fn a_thread_with_a_real_time_policy_is_left_alone() {
    let worker = Worker::new(1);
    let tid = *worker.tids().last().unwrap();
    let set = Command::new("chrt")
        .args(["-f", "-p", "1", &tid.to_string()])
        .status();
    if !set.is_ok_and(|s| s.success()) {
        println!("skipped: no real-time policy can be set here");
        return;
    }
    let process = worker.id();
    let changes = Lever::Batch { process }.prepare(&worker.door()).unwrap();
    changes[0].apply(&worker.door()).unwrap();
    assert_eq!(Scheduling::read(tid).unwrap().policy, 1);
    assert_eq!(Scheduling::read(worker.pid()).unwrap().policy, 3);
    assert_eq!(changes[0].undo(&worker.door()).unwrap(), Undo::Restored);
    assert_eq!(Scheduling::read(tid).unwrap().policy, 1);
    let lease_seconds = 60.0;
    let stop = Lever::Stop {
        process,
        lease_seconds,
    };
    assert_eq!(
        stop.prepare(&worker.door()).unwrap_err().kind(),
        ErrorKind::Refused
    );
}

#[test]
fn what_has_ended_is_gone_and_what_the_kernel_refuses_leaves_nothing() {
    let mut worker = Worker::new(1);
    let process = worker.id();
    let before = worker.snapshot();
    let cpus = vec![60_000];
    let changes = Lever::Affinity { process, cpus }
        .prepare(&worker.door())
        .unwrap();
    changes[0].apply(&worker.door()).unwrap_err();
    assert_eq!(changes[0].undo(&worker.door()).unwrap(), Undo::Unchanged);
    assert_eq!(worker.snapshot(), before);
    let mut cpus = CpuList::read(process.pid).unwrap().0;
    cpus.truncate(1);
    cpus.push(60_000);
    for change in (Lever::Affinity { process, cpus })
        .prepare(&worker.door())
        .unwrap()
    {
        change.apply(&worker.door()).unwrap_err();
        change.undo(&worker.door()).unwrap();
        assert_eq!(worker.snapshot(), before);
    }
    let changes = Lever::Batch { process }.prepare(&worker.door()).unwrap();
    let door = worker.door();
    changes[0].apply(&door).unwrap();
    worker.child.kill().unwrap();
    worker.child.wait().unwrap();
    assert_eq!(changes[0].undo(&door).unwrap(), Undo::Gone);
    assert_eq!(
        changes[0].apply(&door).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(
        Lever::Batch { process }.prepare(&door).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}
