//! What a host program may do: fork, and ignore the end of its children.
#![allow(unsafe_code, reason = "there is no fork and no signal without")]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{PATIENCE, about, error_of, notifier, outcome_of};

const IGNORES: &str = "USM_NOTIFY_TEST_IGNORES_SIGCHLD";

#[test]
fn in_a_forked_child_it_does_nothing_and_waits_for_nobody() {
    let (notifier, outcomes) = notifier("[it]\ntype = \"log\"");
    // SAFETY: the child uses the notifier, whose threads it has not, and ends without
    // running anything of the test's; the C library keeps its allocator usable in a child.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        notifier.send(&["it", "other"], Arc::new(about()));
        let refused = notifier.test("it");
        let is_idle = notifier.set_channels(BTreeMap::new()).is_ok()
            && notifier.close(Duration::MAX)
            && refused.error.is_some_and(|error| error.contains("forked"));
        drop(notifier);
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(if is_idle { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: waits for the child just made, into a local.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert!(
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
        "{status}"
    );
    // The parent's own is untouched.
    notifier.send(&["it"], Arc::new(about()));
    assert!(notifier.close(PATIENCE));
    assert_eq!(outcomes.rest().len(), 1);
}

#[test]
fn where_the_host_ignores_its_childrens_end_a_command_runs_and_its_success_stays_open() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "host::in_a_host_that_ignores_sigchld"])
        .env(IGNORES, "1")
        .output()
        .unwrap();
    assert!(child.status.success(), "{child:?}");
}

/// Does nothing unless the test above asks for it: the signal is the whole process's.
#[test]
fn in_a_host_that_ignores_sigchld() {
    if std::env::var_os(IGNORES).is_none() {
        return;
    }
    // SAFETY: no handler is set, only the default is changed.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ran");
    for (script, timeout_seconds, wanted) in [
        ("echo x >> \"$0\"", 60.0, "SIGCHLD is ignored"),
        (
            "echo x >> \"$0\"; sleep 600",
            0.5,
            "not done after 0.5 s, ended",
        ),
    ] {
        let argv = serde_json::json!(["/bin/sh", "-c", script, file]);
        let outcome = outcome_of(
            &format!(
                "[it]\ntype = \"command\"\nargv = {argv}\ntimeout_seconds = {timeout_seconds:?}\n\
                 retry = {{ tries = 1 }}"
            ),
            about(),
        );
        assert!(error_of(&outcome).contains(wanted), "{outcome:?}");
    }
    assert!(std::fs::read_to_string(file).unwrap().starts_with("x\n"));
}
