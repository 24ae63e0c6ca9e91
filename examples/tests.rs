//! The examples run, say what they should, and end as they are asked to.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test"
)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

const STATUS_BAR: &str = env!("CARGO_BIN_EXE_status_bar");
const SHED_LOAD: &str = env!("CARGO_BIN_EXE_shed_load");
const GAME_LOOP: &str = env!("CARGO_BIN_EXE_game_loop");

/// A program in a data folder of its own; ended with the test, however that ends.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    seen: String,
    data: tempfile::TempDir,
}

impl Running {
    fn new(program: &str, arguments: &[&str]) -> Running {
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(arguments)
            .env("USM_DATA_DIR", data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Running {
            child,
            lines,
            seen: String::new(),
            data,
        }
    }

    /// Reads until a line holds a text, however long that takes.
    fn wait_for(&mut self, text: &str) {
        loop {
            let begin = self.seen.len();
            let length = self.lines.read_line(&mut self.seen).unwrap();
            assert!(length > 0, "no {text:?} in:\n{}", self.seen);
            if self.seen.get(begin..).unwrap().contains(text) {
                return;
            }
        }
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("sh")
            .args(["-c", "kill -s \"$0\" \"$1\"", signal])
            .arg(self.child.id().to_string())
            .status();
        assert!(sent.unwrap().success());
    }

    /// All that it said; it must end well.
    fn finish(&mut self) -> String {
        self.lines.read_to_string(&mut self.seen).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}\n{}", self.seen);
        std::mem::take(&mut self.seen)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After a failed test it may still run; after finish() there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn says(program: &str, arguments: &[&str]) -> String {
    Running::new(program, arguments).finish()
}

#[test]
fn each_says_how_it_is_used() {
    for program in [STATUS_BAR, SHED_LOAD, GAME_LOOP] {
        assert!(says(program, &["--help"]).starts_with("usage: "));
        let output = Command::new(program).arg("--nonsense").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert!(output.stderr.starts_with(b"usage: "));
    }
}

#[test]
fn the_status_bar_writes_plain_lines_to_a_pipe() {
    let mut bar = Running::new(STATUS_BAR, &["--lines", "3", "--interval", "0.1"]);
    let text = bar.finish();
    assert_eq!(text.lines().count(), 3, "{text}");
    for line in text.lines() {
        assert!(
            line.contains("  cpu ") && line.contains("  wait "),
            "{line}"
        );
        assert!(!line.contains('\x1b'), "{line}");
    }
    let files = std::fs::read_dir(bar.data.path()).unwrap().count();
    assert_eq!(files, 0, "a bar writes no history");
}

#[test]
fn the_status_bar_speaks_the_protocol_of_i3bar_until_it_is_told_to_end() {
    for signal in ["INT", "TERM"] {
        let mut bar = Running::new(STATUS_BAR, &["--json", "--interval", "0.1"]);
        bar.wait_for("full_text");
        bar.wait_for("full_text");
        bar.signal(signal);
        let text = bar.finish();
        let (head, body) = text.split_once('\n').unwrap();
        assert_eq!(head, "{\"version\":1}");
        let lines: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(lines[0][1]["name"], "cpu");
    }
}

#[test]
fn the_status_bar_ends_quietly_when_nobody_reads_any_more() {
    let mut bar = Running::new(STATUS_BAR, &["--interval", "0.1"]);
    bar.wait_for("cpu");
    let (nobody, _) = std::io::pipe().unwrap();
    bar.lines = BufReader::new(ChildStdout::from(std::os::fd::OwnedFd::from(nobody)));
    let status = bar.child.wait().unwrap();
    assert!(status.success(), "{status}");
}

#[test]
fn the_service_sheds_load_while_its_rule_fires() {
    // Its load holds 128 MB for some seconds, which are seen for certain: pressure would also
    // come from what else this machine does.
    let rule = ["--load", "--when", "monitor_rss_bytes > 100MB clear 90MB"];
    let mut service = Running::new(SHED_LOAD, &rule);
    service.wait_for("* short: monitor_rss_bytes is ");
    service.wait_for("* over: monitor_rss_bytes is ");
    service.wait_for(" s  answered ");
    service.signal("INT");
    let text = service.finish();
    let (before, after) = text.split_once("* short").unwrap();
    let refused = |part: &str| {
        part.lines()
            .filter_map(|line| line.split_once("refused "))
            .filter_map(|(_, rest)| rest.split_whitespace().next()?.parse::<u32>().ok())
            .sum::<u32>()
    };
    assert_eq!(refused(before), 0, "{text}");
    assert!(refused(after) > 0, "{text}");
}

#[test]
fn the_services_own_rules_are_understood() {
    let text = says(SHED_LOAD, &["--seconds", "1"]);
    assert!(text.contains("  1 s  answered "), "{text}");
}

#[test]
fn the_game_loop_compares_frames_with_and_without_a_monitor() {
    let text = says(GAME_LOOP, &["--seconds", "0.9", "--fps", "100"]);
    for row in ["\nwithout monitor ", "\nwith monitor "] {
        let (_, rest) = text.split_once(row).unwrap_or_else(|| panic!("{text}"));
        let frames = rest.lines().next().unwrap().split_whitespace().last();
        // Four phases of 11 frames: 0.9 s at 100 a second in 9 phases, rounded up.
        assert_eq!(frames, Some("44"), "{text}");
    }
    assert!(text.contains("a read of the state: p50 "), "{text}");
}

#[test]
fn the_game_loop_tells_what_it_has_when_it_is_ended_early() {
    let mut game = Running::new(GAME_LOOP, &["--seconds", "90"]);
    game.wait_for("phase 0");
    game.signal("INT");
    assert!(game.finish().contains("\nwithout monitor "));
}
