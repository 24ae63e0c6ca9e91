//! A notifier in a forked child.
#![allow(unsafe_code, reason = "there is no fork without")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{PATIENCE, about, notifier};

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
