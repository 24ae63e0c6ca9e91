//! The narrow door on real processes, all of them made by these tests: who is let in, stops
//! with a lease, ends, autogroups.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use usm_core::act::{Change, Door, Lever, ProcessId, Scope, Undo};
use usm_core::sample::Roots;
use usm_core::{Error, ErrorKind};

/// A child, ended and waited for at the end.
struct Guard(Child);

impl Guard {
    fn run(program: &str, arguments: &[&str]) -> Guard {
        Guard(Command::new(program).args(arguments).spawn().unwrap())
    }

    fn sleeper() -> Guard {
        Guard::run("sleep", &["300"])
    }

    fn pid(&self) -> i32 {
        self.0.id() as i32
    }

    fn id(&self) -> ProcessId {
        now(self.pid())
    }

    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.end();
    }
}

fn now(pid: i32) -> ProcessId {
    ProcessId::now(&Roots::default(), pid).unwrap()
}

fn door(scope: Scope) -> Door {
    Door {
        roots: Roots::default(),
        scope,
        protected: Vec::new(),
    }
}

fn only(process: ProcessId) -> Door {
    door(Scope::List(vec![process]))
}

/// Field of `stat` behind the name, by the manual's numbers.
fn stat_field(pid: i32, number: usize) -> String {
    let text = std::fs::read(format!("/proc/{pid}/stat")).unwrap();
    let text = String::from_utf8_lossy(&text).into_owned();
    let rest = text.rsplit(") ").next().unwrap();
    rest.split(' ').nth(number - 3).unwrap().to_string()
}

fn state(pid: i32) -> String {
    stat_field(pid, 3)
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::Refused(reason) => reason.clone(),
        other => panic!("not refused: {other}"),
    }
}

fn one(lever: Lever, door: &Door) -> Change {
    let mut changes = lever.prepare(door).unwrap();
    assert_eq!(changes.len(), 1);
    let text = serde_json::to_string(&changes[0]).unwrap();
    assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), changes[0]);
    changes.remove(0)
}

#[test]
fn what_this_program_and_the_host_stand_on_is_refused_in_every_scope() {
    let own = std::process::id() as i32;
    let session = stat_field(own, 6).parse().unwrap();
    let mut pids = vec![own, std::os::unix::process::parent_id() as i32, 1];
    if session > 0 && Path::new(&format!("/proc/{session}")).exists() {
        pids.push(session);
    }
    if stat_field(2, 9).parse::<u64>().unwrap_or(0) & 0x20_0000 != 0 {
        pids.push(2);
        pids.extend(
            (3..20).find(|pid| {
                Path::new(&format!("/proc/{pid}")).exists() && stat_field(*pid, 4) == "2"
            }),
        );
    }
    for pid in pids {
        let process = now(pid);
        for scope in [Scope::Machine, Scope::List(vec![process])] {
            let refused = door(scope).admit(process).unwrap_err();
            let reason = reason(&refused);
            assert!(reason.starts_with("protected: "), "{pid}: {reason}");
        }
        assert!(door(Scope::Machine).may_touch(process).is_err());
    }
}

#[test]
fn a_process_is_let_in_by_its_start_time_and_its_name_does_not_matter() {
    let child = Guard::sleeper();
    let held = only(child.id()).admit(child.id()).unwrap();
    assert_eq!((held.id, held.name.as_str()), (child.id(), "sleep"));
    held.check().unwrap();
    for by in [-1i64, 1] {
        let mut other = child.id();
        other.start_time_ticks = other.start_time_ticks.checked_add_signed(by).unwrap();
        let error = only(other).admit(other).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    // The kernel names a process after the file that it was started from.
    let folder = tempfile::tempdir().unwrap();
    let sleep = ["/bin/sleep", "/usr/bin/sleep"].map(Path::new);
    let sleep = sleep.into_iter().find(|path| path.exists()).unwrap();
    for name in ["PID: 1", "systemd", "x) S 1 (PID: 1", "kthreadd"] {
        let link = folder.path().join(name);
        std::os::unix::fs::symlink(sleep, &link).unwrap();
        let child = Guard::run(link.to_str().unwrap(), &["300"]);
        let held = only(child.id()).admit(child.id()).unwrap();
        assert_eq!(held.name, name);
    }
}

#[test]
fn the_scope_and_the_settings_keep_processes_out() {
    let (child, other) = (Guard::sleeper(), Guard::sleeper());
    let euid = rustix::process::geteuid().as_raw();
    for scope in [
        Scope::Subtree(child.id()),
        Scope::List(vec![child.id()]),
        Scope::User(euid),
        Scope::Cgroup("/".into()),
        Scope::Machine,
    ] {
        door(scope).admit(child.id()).unwrap();
    }
    for scope in [
        Scope::Subtree(other.id()),
        Scope::List(vec![other.id()]),
        Scope::User(euid + 1),
        Scope::Cgroup("/no/such/group".into()),
    ] {
        let refused = door(scope).admit(child.id()).unwrap_err();
        assert!(reason(&refused).starts_with("outside the scope"));
    }
    let mut door = only(child.id());
    door.protected = vec!["slee*".into()];
    assert!(reason(&door.admit(child.id()).unwrap_err()).contains("by the settings"));
    door.roots.sys_root = "/nowhere".into();
    assert!(reason(&door.admit(child.id()).unwrap_err()).contains("running kernel"));
}

#[test]
fn one_that_ended_is_not_found_and_a_holder_notices() {
    let mut child = Guard::sleeper();
    let id = child.id();
    let held = only(id).admit(id).unwrap();
    child.0.kill().unwrap();
    wait_until("it ends", || held.check().is_err());
    // A zombie, and then nothing.
    for _ in 0..2 {
        assert_eq!(held.check().unwrap_err().kind(), ErrorKind::NotFound);
        let error = only(id).admit(id).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        let _ = child.0.wait();
    }
}

#[test]
fn a_process_is_stopped_and_goes_on_when_it_is_undone() {
    let child = Guard::sleeper();
    let (process, lease_seconds) = (child.id(), 300.0);
    let door = only(process);
    let change = one(
        Lever::Stop {
            process,
            lease_seconds,
        },
        &door,
    );
    assert_eq!(change.undo(&door).unwrap(), Undo::Unchanged);
    let applied = change.apply(&door).unwrap();
    assert!(applied.lease_until.unwrap() > 300.0);
    assert_eq!(state(child.pid()), "T");
    assert_eq!(change.undo(&door).unwrap(), Undo::Restored);
    assert_ne!(state(child.pid()), "T");
    assert_eq!(change.undo(&door).unwrap(), Undo::Unchanged);
}

#[test]
fn what_was_stopped_before_is_never_let_go_on() {
    let child = Guard::sleeper();
    signal(child.pid(), rustix::process::Signal::STOP);
    wait_until("it is stopped", || state(child.pid()) == "T");
    let (process, lease_seconds) = (child.id(), 300.0);
    let door = only(process);
    let change = one(
        Lever::Stop {
            process,
            lease_seconds,
        },
        &door,
    );
    assert!(matches!(&change, Change::Stop(stop) if stop.was_stopped));
    assert_eq!(change.apply(&door).unwrap().lease_until, None);
    assert_eq!(change.undo(&door).unwrap(), Undo::Unchanged);
    assert_eq!(state(child.pid()), "T");
}

#[test]
fn the_lease_ends_a_stop_by_itself() {
    let child = Guard::sleeper();
    let (process, lease_seconds) = (child.id(), 0.3);
    let door = only(process);
    let change = one(
        Lever::Stop {
            process,
            lease_seconds,
        },
        &door,
    );
    change.apply(&door).unwrap();
    wait_until("the lease ends", || state(child.pid()) != "T");
    assert_eq!(change.undo(&door).unwrap(), Undo::Unchanged);
    for lease_seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let stop = Lever::Stop {
            process,
            lease_seconds,
        };
        let error = stop.prepare(&door).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}

fn signal(pid: i32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Another process of this program that stops `victim` and then does nothing any more.
fn stopper(victim: &Guard, lease_seconds: f64, detach: bool) -> Guard {
    let id = victim.id();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "role_of_a_stopper", "--nocapture", "--ignored"])
        .env("USM_TEST_VICTIM", serde_json::to_string(&id).unwrap())
        .env("USM_TEST_LEASE", lease_seconds.to_string())
        .env("USM_TEST_DETACH", if detach { "1" } else { "0" })
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut from = BufReader::new(child.stdout.take().unwrap());
    let guard = Guard(child);
    let mut line = String::new();
    while !line.contains("USM stopped") {
        line.clear();
        assert!(from.read_line(&mut line).unwrap() > 0, "the stopper ended");
    }
    guard
}

#[test]
#[ignore = "a part of the other tests: the process that is killed"]
fn role_of_a_stopper() {
    let Ok(victim) = std::env::var("USM_TEST_VICTIM") else {
        return;
    };
    let process: ProcessId = serde_json::from_str(&victim).unwrap();
    let lease_seconds = std::env::var("USM_TEST_LEASE").unwrap().parse().unwrap();
    let door = only(process);
    one(
        Lever::Stop {
            process,
            lease_seconds,
        },
        &door,
    )
    .apply(&door)
    .unwrap();
    if std::env::var("USM_TEST_DETACH").as_deref() == Ok("1") {
        usm_core::act::detach_leases();
    }
    println!("USM stopped");
    std::thread::sleep(Duration::from_secs(300));
}

#[test]
fn killed_with_kill_9_the_program_leaves_nothing_stopped() {
    let victim = Guard::sleeper();
    let mut stopper = stopper(&victim, 3600.0, false);
    assert_eq!(state(victim.pid()), "T");
    stopper.end();
    wait_until("it goes on", || state(victim.pid()) != "T");
}

#[test]
fn detached_a_lease_outlives_the_program_until_its_time() {
    let victim = Guard::sleeper();
    let mut stopper = stopper(&victim, 2.0, true);
    let began = Instant::now();
    stopper.end();
    assert_eq!(state(victim.pid()), "T");
    wait_until("the lease ends", || state(victim.pid()) != "T");
    assert!(began.elapsed() > Duration::from_millis(500));
}

#[test]
fn another_process_undoes_the_stop_of_one_that_was_killed() {
    let victim = Guard::sleeper();
    let (process, lease_seconds) = (victim.id(), 3600.0);
    let change = one(
        Lever::Stop {
            process,
            lease_seconds,
        },
        &only(process),
    );
    let mut stopper = stopper(&victim, 3600.0, true);
    stopper.end();
    assert_eq!(state(victim.pid()), "T");
    assert_eq!(change.undo(&only(process)).unwrap(), Undo::Restored);
    assert_ne!(state(victim.pid()), "T");
    // End the detached keeper, which the stopper can't any more.
    let mut keepers = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|n| n.parse::<i32>().ok())
        else {
            continue;
        };
        if is_keeper_of(pid, process.pid) {
            signal(pid, rustix::process::Signal::TERM);
            keepers += 1;
        }
    }
    assert_eq!(keepers, 1);
}

/// Whether a process keeps a lease on another, by what its files show.
fn is_keeper_of(pid: i32, victim: i32) -> bool {
    let comm = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let Ok(infos) = std::fs::read_dir(format!("/proc/{pid}/fdinfo")) else {
        return false;
    };
    let text: String = infos
        .flatten()
        .filter_map(|info| std::fs::read_to_string(info.path()).ok())
        .collect();
    comm == "usm-lease\n" && text.contains(&format!("\nPid:\t{victim}\n"))
}

fn terminate(process: ProcessId, grace_seconds: f64, may_kill: bool) -> Lever {
    Lever::Terminate {
        process,
        grace_seconds,
        may_kill,
    }
}

#[test]
fn a_process_is_asked_to_end_and_killed_only_where_that_is_allowed() {
    let mut child = Guard::sleeper();
    let door = only(child.id());
    let change = one(terminate(child.id(), 60.0, false), &door);
    let applied = change.apply(&door).unwrap();
    assert!(applied.what.contains("SIGTERM"), "{}", applied.what);
    assert_eq!(child.0.wait().unwrap().signal(), Some(15));
    assert_eq!(change.undo(&door).unwrap(), Undo::Irreversible);

    let mut child = Guard::run("sh", &["-c", "trap '' TERM; while :; do sleep 0.05; done"]);
    let ignores = |pid| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = text
            .lines()
            .find_map(|l| l.strip_prefix("SigIgn:"))
            .unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap() & (1 << 14) != 0
    };
    wait_until("the trap is set", || ignores(child.pid()));
    let door = only(child.id());
    let change = one(terminate(child.id(), 0.2, false), &door);
    assert_eq!(change.apply(&door).unwrap_err().kind(), ErrorKind::TimedOut);
    assert!(child.0.try_wait().unwrap().is_none());
    let change = one(terminate(child.id(), 0.2, true), &door);
    assert!(change.apply(&door).unwrap().what.contains("SIGKILL"));
    assert_eq!(child.0.wait().unwrap().signal(), Some(9));
}

#[test]
fn a_stopped_process_can_end_too() {
    let mut child = Guard::sleeper();
    signal(child.pid(), rustix::process::Signal::STOP);
    wait_until("it is stopped", || state(child.pid()) == "T");
    let door = only(child.id());
    one(terminate(child.id(), 60.0, false), &door)
        .apply(&door)
        .unwrap();
    assert_eq!(child.0.wait().unwrap().signal(), Some(15));
}

#[test]
fn a_target_that_ended_between_plan_and_act_is_not_found_and_no_other_is_hit() {
    let mut child = Guard::sleeper();
    let id = child.id();
    let door = only(id);
    let changes = [
        one(terminate(id, 1.0, true), &door),
        one(
            Lever::Stop {
                process: id,
                lease_seconds: 60.0,
            },
            &door,
        ),
        one(Lever::PageOut { process: id }, &door),
    ];
    child.end();
    for change in &changes {
        let error = change.apply(&door).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    assert_eq!(changes[1].undo(&door).unwrap(), Undo::Gone);
}

#[test]
fn memory_is_asked_out_and_the_own_heap_is_trimmed() {
    let child = Guard::sleeper();
    let door = only(child.id());
    let change = one(
        Lever::PageOut {
            process: child.id(),
        },
        &door,
    );
    match change.apply(&door) {
        Ok(applied) => assert!(applied.what.contains("MemAvailable")),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::Unsupported
            ) =>
        {
            println!("skipped: {error}");
        }
        Err(error) => panic!("{error}"),
    }
    assert_eq!(change.undo(&door).unwrap(), Undo::Irreversible);
    let trim = one(Lever::TrimOwnHeap, &door);
    match trim.apply(&door) {
        Ok(applied) => assert!(applied.what.contains("KiB"), "{}", applied.what),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
    }
}

/// A child in a session of its own.
fn in_own_session(program: &str, arguments: &[&str]) -> Guard {
    let mut plain = Command::new("setsid");
    plain.arg(program).args(arguments);
    let guard = Guard(plain.spawn().unwrap());
    wait_until("it has a session", || {
        stat_field(guard.pid(), 6) == guard.pid().to_string()
    });
    guard
}

fn autogroup(pid: i32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/autogroup")).ok()?;
    Some(text.trim().to_string()).filter(|t| !t.is_empty())
}

#[test]
fn the_autogroup_of_a_session_is_set_and_put_back() {
    let child = in_own_session("sleep", &["300"]);
    let process = child.id();
    let door = only(process);
    let Some(before) = autogroup(child.pid()) else {
        println!("skipped: no autogroups here");
        return;
    };
    let lever = Lever::Autogroup { process, nice: 12 };
    let change = match lever.prepare(&door) {
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            println!("skipped: {error}");
            return;
        }
        _ => one(lever.clone(), &door),
    };
    change.apply(&door).unwrap();
    assert!(autogroup(child.pid()).unwrap().ends_with(" nice 12"));
    assert_eq!(change.undo(&door).unwrap(), Undo::Restored);
    assert_eq!(autogroup(child.pid()).unwrap(), before);
    assert_eq!(change.undo(&door).unwrap(), Undo::Unchanged);
    // An administrator's value stays.
    change.apply(&door).unwrap();
    let path = format!("/proc/{}/autogroup", child.pid());
    wait_until("it may be written", || std::fs::write(&path, "5").is_ok());
    assert!(matches!(change.undo(&door).unwrap(), Undo::Left(found) if found.contains('5')));
    let mut child = child;
    child.end();
    assert_eq!(change.undo(&door).unwrap(), Undo::Gone);
}

#[test]
fn a_session_with_somebody_who_may_not_be_touched_is_left_alone() {
    if autogroup(std::process::id() as i32).is_none() {
        println!("skipped: no autogroups here");
        return;
    }
    // A child of this test is in this program's own session.
    let child = Guard::sleeper();
    let process = child.id();
    let lever = Lever::Autogroup { process, nice: 12 };
    let refused = lever.prepare(&door(Scope::Subtree(process))).unwrap_err();
    let why = reason(&refused);
    assert!(why.contains("session"), "{why}");

    let shell = in_own_session("sh", &["-c", "sleep 300 & echo $!; wait"]);
    let process = shell.id();
    let lever = Lever::Autogroup { process, nice: 12 };
    let mut second = None;
    wait_until("the shell's child is there", || {
        let path = format!("/proc/{0}/task/{0}/children", shell.pid());
        let text = std::fs::read_to_string(path).unwrap_or_default();
        second = text.trim().parse::<i32>().ok();
        second.is_some()
    });
    let second = second.unwrap();
    let refused = lever.prepare(&only(process));
    let allowed = lever.prepare(&door(Scope::Subtree(process)));
    signal(second, rustix::process::Signal::KILL);
    assert!(reason(&refused.unwrap_err()).contains("outside the scope"));
    assert_eq!(allowed.unwrap().len(), 1);
}

/// In a pid namespace of its own, where the next pid can be chosen without touching others.
#[test]
fn a_pid_that_is_another_process_by_now_is_never_acted_upon() {
    let output = Command::new("unshare")
        .args(["--pid", "--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "role_in_a_namespace", "--nocapture", "--ignored"])
        .env("USM_TEST_NAMESPACE", "1")
        .output();
    let Ok(output) = output else {
        println!("skipped: no unshare");
        return;
    };
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if !out.contains("running 1 test") {
        println!("skipped: no pid namespace here: {err}");
        return;
    }
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("USM reused"), "{out}{err}");
}

#[test]
#[ignore = "a part of another test: it runs in a pid namespace"]
fn role_in_a_namespace() {
    if std::env::var("USM_TEST_NAMESPACE").is_err() {
        return;
    }
    let mut first = Guard::sleeper();
    let process = first.id();
    let door = only(process);
    let lease_seconds = 60.0;
    let changes = [
        one(terminate(process, 1.0, true), &door),
        one(
            Lever::Stop {
                process,
                lease_seconds,
            },
            &door,
        ),
        one(Lever::Batch { process }, &door),
        one(Lever::PageOut { process }, &door),
    ];
    first.end();
    // A start time of its own takes another clock tick.
    std::thread::sleep(Duration::from_millis(50));
    let last = (process.pid - 1).to_string();
    std::fs::write("/proc/sys/kernel/ns_last_pid", last).unwrap();
    let second = Guard::sleeper();
    assert_eq!(second.pid(), process.pid, "the pid was not given again");
    assert_ne!(second.id(), process);
    let before = (state(second.pid()), stat_field(second.pid(), 41));
    for change in &changes {
        let error = change.apply(&door).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert!(matches!(
            change.undo(&door).unwrap(),
            Undo::Gone | Undo::Irreversible
        ));
    }
    let error = Lever::Batch { process }.prepare(&door).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!((state(second.pid()), stat_field(second.pid(), 41)), before);
    println!("USM reused");
}
