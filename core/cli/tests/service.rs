//! The monitor in the background, from the command line: start, status and stop across
//! processes, and what may be in their way.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // a test program

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::usm;

/// Ends by itself what a test forgot, on a machine that is slow.
const LONG: Duration = Duration::from_secs(60);

/// A home of the test's own; whatever monitors for it is ended with it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn data(&self, name: &str) -> PathBuf {
        self.path().join("data").join(name)
    }

    fn run(&self, line: &str) -> Output {
        let args: Vec<&str> = line.split(' ').collect();
        usm(self.path(), &args).output().unwrap()
    }

    /// Standard output of a run that must succeed.
    fn text(&self, line: &str) -> String {
        let output = self.run(line);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{line}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.text(line)).unwrap()
    }

    /// Exit code and standard error of a run that must fail.
    fn refused(&self, line: &str) -> (i32, String) {
        let output = self.run(line);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.starts_with("usm: error: "), "{line}: {errors}");
        (output.status.code().unwrap(), errors)
    }

    fn start(&self) -> i32 {
        let answer = self.json("monitor --start --refresh-interval 0.2 --json");
        assert_eq!(answer["started"], true, "{answer}");
        pid_of(&answer)
    }

    fn status(&self) -> Value {
        let output = self.run("monitor --status --json");
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        let code = if status["running"] == true { 0 } else { 3 };
        assert_eq!(output.status.code(), Some(code));
        status
    }

    /// The status, once it is what is waited for.
    fn until(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let status = self.status();
            if is_it(&status) {
                return status;
            }
            assert!(begun.elapsed() < LONG, "{what} never came: {status}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        self.text("monitor --log -n 1000")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let args = ["monitor", "--stop", "--force", "--timeout", "10"];
        let _ = usm(self.path(), &args).output();
    }
}

fn pid_of(answer: &Value) -> i32 {
    i32::try_from(answer["pid"].as_i64().unwrap()).unwrap()
}

/// Whether the process lives; one that ended and was not reaped does not.
fn lives(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
    state.is_some_and(|state| state != "Z" && state != "X")
}

fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

#[test]
fn it_is_started_shown_and_stopped_by_processes_of_their_own() {
    let home = Home::new();
    assert_eq!(home.status()["running"], false);
    let told = home.text("monitor --start --refresh-interval 0.2");
    assert!(
        told.contains("every 0.2 s") && told.contains("monitor.log"),
        "{told}"
    );
    let status = home.until("a row", |s| s["beat"]["rows_written"].as_u64() > Some(0));
    let pid = pid_of(&status);
    assert!(told.contains(&format!("process {pid}")), "{told}");
    assert!(lives(pid));
    assert_eq!(status["refresh_interval"], 0.2);
    assert!(status["newest_state_age_seconds"].as_f64().unwrap() < 60.0);
    for part in ["Since", "rows written", "% of a core", "monitor.log"] {
        let text = home.text("monitor --status");
        assert!(text.contains(part), "{part} in {text}");
    }
    // Of a second start nothing comes but the word of the first.
    let again = home.json("monitor --start --json");
    assert_eq!(again["already_running"], true);
    assert_eq!(pid_of(&again), pid);
    let told = home.text("monitor --stop");
    assert!(told.contains(&format!("process {pid}")), "{told}");
    assert!(!lives(pid));
    let status = home.status();
    assert_eq!(
        (&status["running"], &status["silence"]),
        (&false.into(), &Value::Null)
    );
    let log = home.log();
    assert!(
        log.contains("started: process") && log.contains("ended:"),
        "{log}"
    );
    // What it saw is there, written to the last row.
    let history = home.json("history cpu_percent --json");
    assert!(!history["times"].as_array().unwrap().is_empty());
    // To stop what is stopped is no failure.
    assert!(home.text("monitor --stop").contains("No monitor runs"));
    assert_eq!(home.json("monitor --stop --json")["stopped"], false);
}

#[test]
fn a_look_is_told_from_what_the_monitor_found() {
    let home = Home::new();
    assert!(
        home.text("status")
            .contains("A look of its own: no monitor runs.")
    );
    let pid = home.start();
    home.until("a row", |s| s["beat"]["rows_written"].as_u64() > Some(0));
    // The terminal breaks lines.
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let who = format!("(process {pid})");
    let status = words(home.text("status"));
    assert!(
        status.contains("Alerts and insights are from the monitor"),
        "{status}"
    );
    assert!(status.contains(&who), "{status}");
    let report = words(home.text("report --comprehensive"));
    assert!(
        report.contains("This is from the monitor that runs since"),
        "{report}"
    );
    let report = home.json("report --comprehensive --json");
    for score in ["health_score", "performance_score", "security_score"] {
        assert!(report["system_state"][score].is_number(), "{report}");
    }
    assert!(report["system_state"]["metrics"]["process_count"].is_number());
    assert_eq!(report.as_object().unwrap().len(), 8);
}

#[test]
fn it_outlives_the_terminal_that_it_was_started_in() {
    let home = Home::new();
    let Some((ours, theirs)) = pty::terminal(80, 24) else {
        return;
    };
    // A shell with the terminal as its own, which then waits in it.
    let script = "\"$USM\" monitor --start --refresh-interval 0.2; echo is started; read line";
    let mut shell = Command::new("setsid")
        .args(["--ctty", "sh", "-c", script])
        .envs(
            usm(home.path(), &[])
                .get_envs()
                .filter_map(|(k, v)| Some((k, v?))),
        )
        .env("USM", env!("CARGO_BIN_EXE_usm"))
        .stdin(theirs.try_clone().unwrap())
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs)
        .spawn()
        .unwrap();
    let mut terminal = ours;
    let (mut text, mut buffer) = (String::new(), [0; 1024]);
    while !text.contains("is started") {
        let count = terminal.read(&mut buffer).unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    let pid = pid_of(&home.status());
    // The window is closed.
    drop(terminal);
    shell.wait().unwrap();
    assert!(lives(pid), "{text}");
    // A hangup that somebody sends does not end it either.
    signal(pid, Signal::HUP);
    let sequence = home.status()["beat"]["sequence"].as_u64();
    home.until("another state", |s| {
        s["beat"]["sequence"].as_u64() > sequence
    });
    assert_eq!(pid_of(&home.status()), pid);
}

#[test]
fn it_keeps_nothing_open_that_somebody_waits_for() {
    let home = Home::new();
    // The reader of the pipe gets its end only when nobody has it open any more.
    let script = "exec 9>&1; \"$USM\" monitor --start --refresh-interval 0.2 >/dev/null";
    let output = Command::new("sh")
        .args(["-c", script])
        .envs(
            usm(home.path(), &[])
                .get_envs()
                .filter_map(|(k, v)| Some((k, v?))),
        )
        .env("USM", env!("CARGO_BIN_EXE_usm"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(home.status()["running"], true);
    let folder = fs::read_link(format!("/proc/{}/cwd", pid_of(&home.status())));
    assert_eq!(folder.unwrap(), Path::new("/"));
}

#[test]
fn of_starts_at_once_exactly_one_becomes_the_monitor() {
    const AT_ONCE: usize = 3;
    let home = Home::new();
    for round in 0..10 {
        let args = ["monitor", "--start", "--refresh-interval", "0.2", "--json"];
        let starts: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let mut command = usm(home.path(), &args);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        let answers: Vec<Value> = starts
            .into_iter()
            .map(|start| {
                let output = start.wait_with_output().unwrap();
                let errors = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(0), "{round}: {errors}");
                serde_json::from_slice(&output.stdout).unwrap()
            })
            .collect();
        let new = answers.iter().filter(|answer| answer["started"] == true);
        assert_eq!(new.count(), 1, "{round}: {answers:?}");
        let pid = pid_of(&home.status());
        let same = answers.iter().filter(|answer| pid_of(answer) == pid);
        assert_eq!(same.count(), AT_ONCE, "{round}: {answers:?}");
        assert_eq!(home.json("monitor --stop --json")["stopped"], true);
        assert!(!lives(pid));
    }
}

#[test]
fn what_a_killed_one_left_is_told_and_no_hindrance() {
    let home = Home::new();
    let pid = home.start();
    home.until("a row", |s| s["beat"]["rows_written"].as_u64() > Some(0));
    signal(pid, Signal::KILL);
    let status = home.until("its end", |s| s["running"] == false);
    assert_eq!(status["silence"]["pid"], pid);
    let output = home.run("monitor --status");
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.replace('\n', " ").contains("was killed or crashed"),
        "{told}"
    );
    assert_eq!(home.json("monitor --stop --json")["stopped"], false);
    let next = home.start();
    assert_ne!(next, pid);
    let log = home.log();
    assert!(log.contains("did not end in good order"), "{log}");
}

/// The file names a process that has the pid of the monitor before.
#[test]
fn a_process_that_has_the_pid_by_now_is_left_alone() {
    let home = Home::new();
    let pid = home.start();
    signal(pid, Signal::KILL);
    home.until("its end", |s| s["running"] == false);
    let mut bystander = Command::new("sleep").arg("300").spawn().unwrap();
    let lock = home.data("monitor.lock");
    let text = fs::read_to_string(&lock).unwrap();
    let named = text.replace(
        &format!("\"pid\":{pid}"),
        &format!("\"pid\":{}", bystander.id()),
    );
    assert_ne!(named, text);
    fs::write(&lock, named).unwrap();
    assert_eq!(home.status()["running"], false);
    assert_eq!(home.json("monitor --stop --json")["stopped"], false);
    home.start();
    home.text("monitor --stop");
    let is_left = bystander.try_wait().unwrap().is_none();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert!(is_left);
}

#[test]
fn one_that_does_not_end_is_not_said_to_have_ended() {
    let home = Home::new();
    let pid = home.start();
    signal(pid, Signal::STOP);
    let (code, errors) = home.refused("monitor --stop --timeout 0.3");
    assert!(code == 1 && errors.contains("it runs on"), "{errors}");
    assert!(errors.contains("--force"), "{errors}");
    assert!(lives(pid));
    let answer = home.json("monitor --stop --force --timeout 0.3 --json");
    assert_eq!(
        (&answer["stopped"], &answer["killed"]),
        (&true.into(), &true.into())
    );
    assert!(!lives(pid));
}

#[test]
fn in_the_foreground_it_is_the_one_monitor_too() {
    let home = Home::new();
    let args = ["monitor", "--foreground", "--refresh-interval", "0.2"];
    let mut command = usm(home.path(), &args);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = home.until("the monitor", |s| s["ready"] == true);
    let is_it = pid_of(&status) == i32::try_from(child.id()).unwrap();
    let (code, errors) = home.refused("monitor --foreground --for 1");
    let started = home.json("monitor --start --json");
    let stopped = home.json("monitor --stop --json");
    let ended = child.wait().unwrap();
    assert!(is_it, "{status}");
    assert!(code == 1 && errors.contains("runs for"), "{errors}");
    assert_eq!(started["already_running"], true);
    assert_eq!(stopped["stopped"], true);
    assert!(ended.success());
}

#[test]
fn a_planted_link_is_not_written_through() {
    for name in ["monitor.lock", "monitor.log"] {
        let home = Home::new();
        fs::create_dir(home.path().join("data")).unwrap();
        let victim = home.path().join("victim");
        fs::write(&victim, "mine\n").unwrap();
        symlink(&victim, home.data(name)).unwrap();
        let (code, errors) = home.refused("monitor --start");
        assert!(code == 1 && errors.contains("symbolic link"), "{errors}");
        assert!(errors.contains(name), "{errors}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine\n");
        fs::remove_file(home.data(name)).unwrap();
        assert_eq!(home.status()["running"], false);
    }
}

#[test]
fn a_folder_that_can_not_be_written_is_named() {
    let home = Home::new();
    // A file is in its way, also for root.
    fs::write(home.path().join("data"), "").unwrap();
    for line in [
        "monitor --start",
        "monitor --foreground",
        "config set max_threads 3",
    ] {
        let (code, errors) = home.refused(line);
        assert_eq!(code, 1, "{line}: {errors}");
        assert!(errors.contains("/data"), "{line}: {errors}");
    }
}

#[test]
fn one_that_can_not_begin_says_why_where_it_was_started() {
    let home = Home::new();
    let (code, errors) = home.refused("monitor --start --set store_enabled=false");
    assert!(code == 2 && errors.contains("--foreground"), "{errors}");
    let (code, errors) = home.refused("monitor --start --proc-root /nonexistent");
    assert!(code == 2 && errors.contains("/nonexistent"), "{errors}");
    // Found only by the process in the background.
    let args = [
        "monitor",
        "--start",
        "--auto-optimize",
        "--profile",
        "none such",
    ];
    let output = usm(home.path(), &args).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("none such"), "{errors}");
    assert_eq!(home.status()["running"], false);
}

#[test]
fn a_long_log_is_put_aside_at_the_start() {
    let home = Home::new();
    fs::create_dir(home.path().join("data")).unwrap();
    fs::write(home.data("monitor.log"), "old line\n".repeat(150_000)).unwrap();
    home.start();
    let log = fs::read_to_string(home.data("monitor.log")).unwrap();
    assert!(
        log.contains("started") && !log.contains("old line"),
        "{log}"
    );
    assert_eq!(
        fs::read(home.data("monitor.log.1")).unwrap().len() / 9,
        150_000
    );
    // However much the new one has by now, what alerts say included.
    assert!(home.text("monitor --log -n 1000").contains("old line"));
}

#[test]
fn saved_settings_reach_the_running_monitor_and_a_broken_file_does_not_end_it() {
    let home = Home::new();
    home.start();
    let told = home.text("config --set refresh_interval 0.3");
    assert!(told.contains("takes over refresh_interval"), "{told}");
    home.until("the interval", |s| s["refresh_interval"] == 0.3);
    let told = home.text("config set max_threads=8 log_level=debug");
    assert!(
        told.contains("max_threads acts from its next start on"),
        "{told}"
    );
    home.until("more settings", |_| {
        home.log().contains("setting max_threads: 4 → 8")
    });

    fs::write(
        home.data("settings.toml"),
        "refresh_interval = 0.4\nmax_threads = \n",
    )
    .unwrap();
    let status = home.until("the error", |s| s["settings_error"].is_string());
    assert_eq!(status["refresh_interval"], 0.3);
    assert!(
        status["settings_error"]
            .as_str()
            .unwrap()
            .contains("line 2"),
        "{status}"
    );
    assert!(home.log().contains("the settings stay as they are"));
    let (code, errors) = home.refused("config --set max_threads 3");
    assert!(code == 2 && errors.contains("usm config reset"), "{errors}");
    let (code, errors) = home.refused("status");
    assert!(code == 2 && errors.contains("settings.toml"), "{errors}");

    assert!(home.text("config --reset").contains("settings.toml.broken"));
    let status = home.until("its end", |s| s["settings_error"].is_null());
    // The interval that it was started with.
    assert_eq!(status["refresh_interval"], 0.2);
}

#[test]
fn saved_settings_are_for_every_command_and_are_shown_with_their_origin() {
    let home = Home::new();
    let interval = |line: &str| -> (Value, Value) {
        let list = home.json(line);
        let list = list.as_array().unwrap();
        let one = list.iter().find(|one| one["name"] == "refresh_interval");
        let one = one.unwrap();
        (one["value"].clone(), one["origin"].clone())
    };
    assert_eq!(interval("config --json"), (2.0.into(), "default".into()));
    let answer = home.json("config --json --set refresh_interval=7");
    assert_eq!(answer["saved"]["refresh_interval"], 7.0);
    assert_eq!(
        interval("config --show --json"),
        (7.0.into(), "saved".into())
    );
    assert_eq!(
        interval("--set refresh_interval=9 config --json"),
        (9.0.into(), "arguments".into())
    );
    fs::write(home.path().join("usm.toml"), "refresh_interval = 8\n").unwrap();
    assert_eq!(
        interval("config --file usm.toml --json"),
        (8.0.into(), "file".into())
    );
    let before = fs::read(home.data("settings.toml")).unwrap();
    for (line, part) in [
        (
            "config --set refresh_intervall 3",
            "did you mean refresh_interval",
        ),
        ("config --set refresh_interval 0", "0.01 to 86400"),
        (
            "config --set max_threads 8 --set enable_ml maybe",
            "true or false",
        ),
        ("config reset max_thread", "did you mean max_threads"),
    ] {
        let (code, errors) = home.refused(line);
        assert!(code == 2 && errors.contains(part), "{line}: {errors}");
    }
    assert_eq!(fs::read(home.data("settings.toml")).unwrap(), before);
    assert_eq!(
        home.json("config reset --json")["reset"][0],
        "refresh_interval"
    );
    assert_eq!(interval("config --json"), (2.0.into(), "default".into()));
}

#[test]
fn restarted_it_is_what_it_was_started_as() {
    let home = Home::new();
    let pid = home.start();
    let again = home.json("monitor --restart --json");
    assert_eq!(again["started"], true);
    assert_ne!(pid_of(&again), pid);
    assert_eq!(again["refresh_interval"], 0.2);
    assert!(!lives(pid));
    let other = home.json("monitor --restart --refresh-interval 0.5 --json");
    assert_eq!(other["refresh_interval"], 0.5);
}

#[test]
fn a_lock_that_somebody_removed_is_made_again() {
    let home = Home::new();
    let pid = home.start();
    fs::remove_file(home.data("monitor.lock")).unwrap();
    let status = home.until("the lock", |s| s["running"] == true);
    assert_eq!(pid_of(&status), pid);
    assert!(home.log().contains("was removed"));
    assert_eq!(home.json("monitor --stop --json")["stopped"], true);
    assert!(!lives(pid));
}

/// A small file system of the test's own, filled: nothing begins where it can't say so, and
/// what runs goes on.
#[test]
fn on_a_full_disk_a_start_fails_in_words_and_a_running_monitor_goes_on() {
    let home = Home::new();
    let folder = home.path().join("data");
    fs::create_dir(&folder).unwrap();
    let script = r#"
        set -eu
        mount -t tmpfs -o size=2m tmpfs "$USM_DATA_DIR" || exit 77
        fill() { dd if=/dev/zero of="$USM_DATA_DIR/filler" bs=4096 >/dev/null 2>&1 || true; }
        wait_for() {
            for _ in $(seq 600); do
                "$USM" monitor --status --json | grep -q "$1" && return 0
                sleep 0.1
            done
            echo "never: $1"; "$USM" monitor --status --json; exit 1
        }
        fill
        code=0; "$USM" monitor --start || code=$?
        echo "start on a full disk: $code"
        code=0; "$USM" monitor --status || code=$?
        echo "status: $code"
        rm "$USM_DATA_DIR/filler"
        "$USM" monitor --start --refresh-interval 0.2 --set commit_interval=0.2
        trap '"$USM" monitor --stop --force --timeout 10' EXIT
        wait_for '"store_degraded":null'
        "$USM" config set max_threads 5
        fill
        wait_for '"store_degraded":"'
        code=0; "$USM" config set max_threads 6 || code=$?
        echo "setting on a full disk: $code"
        grep max_threads "$USM_DATA_DIR/settings.toml"
        rm "$USM_DATA_DIR/filler"
        wait_for '"store_degraded":null'
        "$USM" monitor --stop
        trap - EXIT
        echo all done
    "#;
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", script])
        .envs(
            usm(home.path(), &[])
                .get_envs()
                .filter_map(|(k, v)| Some((k, v?))),
        )
        .env("USM", env!("CARGO_BIN_EXE_usm"))
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) if output.status.code() != Some(77) => output,
        _ => {
            eprintln!("skipped: no file system can be mounted here");
            return;
        }
    };
    let (told, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if errors.contains("unshare failed") {
        eprintln!("skipped: no file system can be mounted here: {errors}");
        return;
    }
    for part in [
        "start on a full disk: 1",
        "status: 3",
        "setting on a full disk: 1",
        "max_threads = 5",
        "all done",
    ] {
        assert!(told.contains(part), "{part} in {told}\n{errors}");
    }
    assert!(errors.contains("No space left"), "{errors}");
}
