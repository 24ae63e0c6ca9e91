//! Commands, with real programs.

use std::fs;
use std::os::fd::AsRawFd;
use std::path::Path;

use serde_json::Value;
use usm_notify::{Notification, Outcome};

use crate::support::{QUICK, about, error_of, hostile, outcome_of};

fn run_with(script: &str, more: &str, about: Notification) -> Outcome {
    let argv = serde_json::json!(["/bin/sh", "-c", script]);
    let retry = if more.contains("retry") { "" } else { QUICK };
    outcome_of(
        &format!("[it]\ntype = \"command\"\nargv = {argv}\n{retry}{more}"),
        about,
    )
}

/// A script that may write into a folder `$D`.
fn run(script: &str, folder: &Path, more: &str) -> Outcome {
    let script = format!("D='{}'; {script}", folder.display());
    run_with(&script, more, about())
}

fn written(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_command_gets_the_json_and_the_variables() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(
        "cat > $D/in; env > $D/env",
        folder.path(),
        "env = { TEAM = \"ops\" }",
    );
    assert!(outcome.ok && outcome.error.is_none(), "{outcome:?}");
    let input: Value = serde_json::from_str(&written(folder.path(), "in")).unwrap();
    assert_eq!(input["rule"], "cpu-high");
    assert_eq!(input["extra"]["culprit"], "make");
    let env = written(folder.path(), "env");
    for line in [
        "TEAM=ops",
        "USM_ALERT_ID=42",
        "USM_ALERT_RULE=cpu-high",
        "USM_ALERT_STATUS=firing",
        "USM_ALERT_SEVERITY=critical",
        "USM_ALERT_TITLE=CPU high",
        "USM_ALERT_MESSAGE=CPU 97.5 % for 5 min",
        "USM_ALERT_METRIC=cpu_percent",
        "USM_ALERT_VALUE=97.5",
        "USM_ALERT_THRESHOLD=90",
        "USM_ALERT_HOST=web1",
        "USM_ALERT_TIMESTAMP=951827696",
        "USM_ALERT_SINCE=951827396",
        "USM_ALERT_LABEL_DISK=sda",
    ] {
        assert!(env.lines().any(|other| other == line), "{line}: {env}");
    }
}

#[test]
fn hostile_names_are_one_line_each_and_nothing_runs_them() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("cd '{}'; cat > in; env > env", folder.path().display());
    let outcome = run_with(&script, "", hostile());
    assert!(outcome.ok, "{outcome:?}");
    let input: Value = serde_json::from_str(&written(folder.path(), "in")).unwrap();
    assert_eq!(input["title"], hostile().title);
    let env = written(folder.path(), "env");
    assert!(!env.lines().any(|line| line.starts_with("Bcc")), "{env}");
    assert!(!env.contains('\u{1b}'), "{env}");
    assert!(env.contains("USM_ALERT_LABEL_PATH="), "{env}");
    assert!(!env.contains("USM_ALERT_VALUE="), "{env}");
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 2, "{files:?}");
}

#[test]
fn an_exit_code_is_told_with_the_last_words_and_without_secrets() {
    let outcome = run_with(
        "head -c 100000 /dev/zero | tr '\\0' x; echo; echo \"no: $TOKEN\" >&2; exit 3",
        "env = { TOKEN = \"s3cret-token\" }",
        about(),
    );
    assert_eq!(outcome.attempts, 1);
    let error = error_of(&outcome);
    assert!(error.starts_with("/bin/sh: exit status: 3: "), "{error}");
    assert!(
        error.contains("no: ***") && !error.contains("s3cret"),
        "{error}"
    );
    assert!(error.chars().count() < 1000, "{error}");
}

#[test]
fn a_signal_that_ended_it_is_told() {
    let outcome = run_with("kill -9 $$", "", about());
    assert!(error_of(&outcome).contains("signal: 9"), "{outcome:?}");
}

#[test]
fn the_code_for_a_passing_fault_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(
        "test -e $D/second && exit 0; touch $D/second; exit 75",
        folder.path(),
        "",
    );
    assert!(outcome.ok, "{outcome:?}");
    assert_eq!(outcome.attempts, 2);
}

#[test]
fn a_program_that_is_not_there_is_named_and_not_tried_again() {
    let outcome = outcome_of(
        &format!("[it]\ntype = \"command\"\nargv = [\"/nowhere/page\", \"x\"]\n{QUICK}"),
        about(),
    );
    assert_eq!(outcome.attempts, 1);
    assert!(
        error_of(&outcome).starts_with("starting /nowhere/page: "),
        "{outcome:?}"
    );
}

#[test]
fn at_the_deadline_all_that_it_started_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    // Its child heeds no request to end, and both hold a pipe: its end is theirs.
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let outcome = run(
        "exec 9>$D/pipe; (trap '' TERM; echo child >&9; while :; do sleep 1; done) & \
         echo parent >&9; echo waiting; wait",
        folder.path(),
        "timeout_seconds = 3\nretry = { tries = 1 }",
    );
    let outcome = (outcome.attempts, error_of(&outcome).to_string());
    // This comes to an end only when nobody is left who could write.
    let said = reader.join().unwrap();
    assert!(said.contains("child") && said.contains("parent"), "{said}");
    assert!(
        outcome.1.contains("not done after 3 s, ended: waiting"),
        "{outcome:?}"
    );
}

#[test]
fn a_program_that_reads_nothing_or_leaves_one_behind_is_no_failure() {
    let mut large = about();
    large.message = "x".repeat(1 << 20);
    assert!(run_with("exec <&-; exit 0", "", large).ok);
    let folder = tempfile::tempdir().unwrap();
    // The one left behind holds the outputs, and ends when the pipe is read.
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(run("(echo left > $D/pipe) & exit 0", folder.path(), "").ok);
    assert_eq!(fs::read_to_string(pipe).unwrap(), "left\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_has_no_descriptor_of_ours_and_no_signal_blocked() {
    let folder = tempfile::tempdir().unwrap();
    let ours = fs::File::create(folder.path().join("ours")).unwrap();
    // As a host in C opens it: handed on to every program that is started.
    let inherited = rustix::io::fcntl_dupfd_cloexec(&ours, 700).unwrap();
    rustix::io::fcntl_setfd(&inherited, rustix::io::FdFlags::empty()).unwrap();
    assert_eq!(inherited.as_raw_fd(), 700);
    let outcome = run(
        "ls /proc/self/fd > $D/fds; grep SigBlk /proc/self/status > $D/blocked",
        folder.path(),
        "",
    );
    assert!(outcome.ok, "{outcome:?}");
    let fds = written(folder.path(), "fds");
    // 3 is the folder that ls reads.
    assert_eq!(
        fds.split_whitespace().collect::<Vec<_>>(),
        ["0", "1", "2", "3"]
    );
    assert_eq!(
        written(folder.path(), "blocked").trim(),
        "SigBlk:\t0000000000000000"
    );
}
