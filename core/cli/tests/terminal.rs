//! In a terminal: colours, the window's width, and pictures drawn over each other. The
//! terminal is a pseudo-terminal of the test's own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // a test program

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::fs::File;
use std::io::Read;
use std::process::Child;

use pty::{all, terminal};
use unicode_width::UnicodeWidthStr;

fn start(args: &[&str], theirs: File, variables: &[(&str, &str)]) -> (tempfile::TempDir, Child) {
    let home = tempfile::tempdir().unwrap();
    let child = support::usm(home.path(), args)
        .envs(variables.iter().copied())
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs)
        .spawn()
        .unwrap();
    (home, child)
}

/// The text without sequences such as `ESC [ 3 2 m`.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        out.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        rest = &after[end + 1..];
    }
    out + rest
}

#[test]
fn in_a_terminal_there_are_colours_and_the_windows_width_is_kept() {
    for columns in [60, 132] {
        let Some((ours, theirs)) = terminal(columns, 50) else {
            return;
        };
        // COLUMNS is 90 here: the window goes before it.
        let (_home, mut child) = start(&["status"], theirs, &[]);
        let text = all(ours);
        assert!(child.wait().unwrap().success());
        assert!(text.contains("\x1b[36m"), "{text}");
        let plain = plain(&text);
        let widest = plain
            .lines()
            .map(|line| line.trim_end().width())
            .max()
            .unwrap();
        assert_eq!(widest, usize::from(columns), "{plain}");
    }
}

#[test]
fn no_color_is_heeded_in_a_terminal() {
    let Some((ours, theirs)) = terminal(80, 50) else {
        return;
    };
    let (_home, mut child) = start(&["status"], theirs, &[("NO_COLOR", "1")]);
    let text = all(ours);
    assert!(child.wait().unwrap().success());
    assert!(!text.contains('\x1b') && text.contains("Health"), "{text}");
}

#[test]
fn watching_draws_over_the_last_picture_and_never_scrolls() {
    let Some((mut ours, theirs)) = terminal(80, 20) else {
        return;
    };
    let (_home, mut child) = start(&["status", "--watch=0.1"], theirs, &[]);
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while text.matches("\x1b[J").count() < 3 {
        let count = ours.read(&mut buffer).unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&child),
        rustix::process::Signal::INT,
    )
    .unwrap();
    let status = child.wait().unwrap();
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(2)
    );
    for picture in text.split("\x1b[J").take(3) {
        assert!(picture.starts_with("\x1b[H"), "{picture:?}");
        assert!(picture.matches('\n').count() < 20);
    }
}
