//! The console, seen from outside: this program is started once more, and its streams read.

use std::process::Command;

use crate::support::{hostile, outcome_of};

const STREAM: &str = "USM_NOTIFY_TEST_STREAM";

#[test]
fn a_line_goes_to_the_stream_that_is_chosen_and_obeys_nobody() {
    for stream in ["stdout", "stderr"] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "console::in_a_child", "--nocapture"])
            .env(STREAM, stream)
            .output()
            .unwrap();
        assert!(child.status.success(), "{child:?}");
        let (told, other) = match stream {
            "stdout" => (&child.stdout, &child.stderr),
            _ => (&child.stderr, &child.stdout),
        };
        let told = String::from_utf8(told.clone()).unwrap();
        let line = told
            .lines()
            .find(|line| line.starts_with("[x  Bcc: evil@example.org"));
        // Where there is no terminal there is no colour.
        assert!(line.is_some() && !told.contains('\u{1b}'), "{told:?}");
        assert!(!String::from_utf8_lossy(other).contains("evil"), "{stream}");
    }
}

/// Does nothing unless the test above asks for it.
#[test]
fn in_a_child() {
    if let Ok(stream) = std::env::var(STREAM) {
        let toml = format!("[it]\ntype = \"console\"\nstream = \"{stream}\"");
        assert!(outcome_of(&toml, hostile()).ok);
    }
}
