//! `usm monitor` in the foreground: what it prints and stores, and how it ends.

#![allow(clippy::unwrap_used, clippy::panic)] // a test program

mod support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::usm;

fn output(args: &[&str]) -> (tempfile::TempDir, std::process::Output) {
    let home = tempfile::tempdir().unwrap();
    let output = usm(home.path(), args).output().unwrap();
    (home, output)
}

#[test]
fn it_tells_each_state_in_a_line_stores_it_and_ends_by_itself() {
    let args = "monitor --foreground --refresh-interval 0.1 --for 1.5";
    let args: Vec<&str> = args.split(' ').collect();
    let (home, output) = output(&args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""));
    let text = String::from_utf8(output.stdout).unwrap();
    // What is found on this machine has lines of its own.
    let is_state = |line: &&str| !line.contains('●') && !line.contains('○');
    let states: Vec<&str> = text.lines().filter(is_state).collect();
    assert!(!states.is_empty());
    for line in states {
        for part in ["cpu ", "memory ", "psi cpu ", "io ", "store "] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    assert!(home.path().join("data/unified_system.db").exists());
}

#[test]
fn without_a_store_nothing_is_written() {
    let args = "monitor --foreground --set store_enabled=false --for 0.5";
    let (home, output) = output(&args.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0));
    assert!(!home.path().join("data").exists());
}

#[test]
fn ctrl_c_and_a_request_to_end_stop_it_in_good_order() {
    for signal in [Signal::INT, Signal::TERM] {
        let home = tempfile::tempdir().unwrap();
        let args = [
            "monitor",
            "--foreground",
            "--json",
            "--refresh-interval",
            "0.1",
        ];
        let mut child = usm(home.path(), &args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..2 {
            let line = lines.next().unwrap().unwrap();
            let value: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(value["event"], "state");
            assert!(value["state"]["sequence"].as_u64().unwrap() >= 1);
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        for line in lines {
            let whole: Result<Value, _> = serde_json::from_str(&line.unwrap());
            assert!(whole.is_ok(), "no line is cut off");
        }
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0), "{signal:?}");
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let home = tempfile::tempdir().unwrap();
    let args = ["monitor", "--foreground", "--refresh-interval", "0.1"];
    let mut child = usm(home.path(), &args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    drop(lines);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(141));
}
