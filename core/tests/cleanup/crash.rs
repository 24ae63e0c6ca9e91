//! kill -9 in the middle, then everything is put back.
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use usm_core::act::cleanup::{Quarantine, Settings, clean, restore};
use usm_core::sample::Roots;

use crate::support::*;

const FOLDER: &str = "USM_TEST_CLEANUP_FOLDER";

/// Not a test of its own: what the killed process does.
#[test]
#[ignore = "the other half of kill_9_at_any_moment"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER).map(std::path::PathBuf::from) else {
        return;
    };
    let journal_at = folder.join("journal");
    let mut journal = |made: &Quarantine| {
        std::fs::write(&journal_at, serde_json::to_string(made).unwrap()).unwrap();
        Ok(())
    };
    let rules = [rule(&folder.join("r"))];
    clean(
        &Roots::default(),
        &rules,
        &Settings::default(),
        &mut journal,
        &(),
    )
    .unwrap();
}

#[test]
fn kill_9_at_any_moment_loses_nothing() {
    let mut midway = 0;
    for round in 0..8_usize {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("r");
        for number in 0..3_000 {
            write(root.join(format!("d{}/f{number}", number % 40)), "content");
        }
        let before = tree(&root);
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "crash::child", "--ignored"]);
        child.env(FOLDER, dir.path()).stdout(Stdio::null());
        let mut child = child.spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(120);
        let journal = dir.path().join("journal");
        let wanted = 1 + round * 400;
        // Until so many are moved, or the child is through.
        while Instant::now() < deadline && child.try_wait().unwrap().is_none() {
            let read = std::fs::read(&journal).unwrap_or_default();
            let Ok(made) = serde_json::from_slice::<Quarantine>(&read) else {
                continue;
            };
            let moved = std::fs::read_dir(&made.folder).map_or(0, Iterator::count);
            if moved > wanted {
                break;
            }
        }
        let _ = child.kill();
        child.wait().unwrap();
        let stayed = tree(&root).len();
        midway += usize::from(stayed > 0 && stayed < before.len());
        let made: Quarantine = serde_json::from_slice(&std::fs::read(&journal).unwrap()).unwrap();
        let restored = restore(&made).unwrap();
        assert!(restored.left.is_empty(), "{restored:?}");
        assert_eq!(
            without_folder_times(tree(&root)),
            without_folder_times(before)
        );
        assert!(restore(&made).unwrap().gone);
    }
    assert!(midway > 0, "no kill came midway");
}
