//! Killed at any moment: nothing that was confirmed is lost, and the tiers agree.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::support::*;
use crate::store::{DATABASE_NAME, Store, StoreReader, StoreSettings};

const CHILD_FOLDER: &str = "USM_TEST_KILLED_SERIES_FOLDER";
const CHILD_START: &str = "USM_TEST_KILLED_SERIES_START";

/// Not a test by itself: the child that the test below starts and kills. It commits so much
/// that it is often killed while it seals.
#[test]
fn child_that_writes_series_and_is_killed() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let start: u64 = std::env::var(CHILD_START).unwrap().parse().unwrap();
    let store = Store::open(StoreSettings {
        // Runs of a few dozen rows.
        max_bytes: 2 << 20,
        ..settings(Path::new(&folder))
    })
    .unwrap();
    let mut out = std::io::stdout();
    for batch in 0.. {
        let first = start + batch * 7;
        for frame in frames(first, 7) {
            store.append(row(frame));
        }
        if store.flush(PATIENCE).is_err() {
            continue;
        }
        let told = writeln!(out, "confirmed {}", first + 7).and_then(|()| out.flush());
        // The parent's end may be gone already: it kills us next.
        if told.is_err() {
            return;
        }
    }
}

/// `USM_SOAK_LOOPS=1000` makes it a soak test.
#[test]
fn kill_9_at_any_moment_loses_no_sample_that_was_confirmed_and_the_tiers_agree() {
    let loops = std::env::var("USM_SOAK_LOOPS").map_or(8, |n| n.parse::<u64>().unwrap());
    let mut folder = tempfile::tempdir().unwrap();
    let mut next = 0;
    for round in 0..loops {
        if next > 6000 {
            // Before the size cap takes the oldest blocks, which is not what is tried here.
            folder = tempfile::tempdir().unwrap();
            next = 0;
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "store::series::tests::kill::child_that_writes_series_and_is_killed",
                "--exact",
                "--nocapture",
            ])
            .env(CHILD_FOLDER, folder.path())
            .env(CHILD_START, next.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Killed somewhere after a varying number of confirmed commits.
        let commits = 1 + round * 29 % 90;
        let (mut confirmed, mut seen) = (0, 0);
        for line in lines.by_ref() {
            if let Some(number) = line.unwrap().strip_prefix("confirmed ") {
                confirmed = number.parse::<u64>().unwrap();
                seen += 1;
                if seen > commits {
                    break;
                }
            }
        }
        std::thread::sleep(Duration::from_micros(round * 7919 % 4000));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9), "killed, not ended");
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("confirmed ") {
                confirmed = number.parse().unwrap();
            }
        }
        let path = folder.path().join(DATABASE_NAME);
        check_file(&path);
        let reader = StoreReader::open(&path).unwrap();
        let found = read_frames(&reader);
        assert!(found.len() as u64 >= confirmed, "round {round}");
        let expected = frames(0, found.len() as u64);
        for ((number, found), expected) in found.iter().zip(&expected) {
            assert_eq!(plain(found), plain(expected), "round {round}, row {number}");
        }
        check_tiers(&reader);
        next = found.len() as u64;
    }
}
