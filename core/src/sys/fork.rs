//! What happens around fork: a number that grows in each child, and the gate before SQLite.

use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::sync::OnceCell;

use super::fork_gate;

static GENERATION: AtomicU64 = AtomicU64::new(0);

/// Whether the C library took our handlers.
static REGISTERED: OnceCell<bool> = OnceCell::new();

/// Forks between this process and the first one that asked: note it when a handle is
/// made, and a handle whose note differs was made by a parent. Costs two plain loads.
/// A child made by `vfork`, `posix_spawn` or a bare `clone` runs no handlers and must not
/// use the library before it executes another program.
pub(crate) fn fork_generation() -> u64 {
    if *REGISTERED.get_or_init(register) {
        GENERATION.load(Ordering::Relaxed)
    } else {
        // No memory for the handlers: the own pid tells the same at the price of a call.
        u64::from(std::process::id())
    }
}

fn register() -> bool {
    // SAFETY: the handlers are plain functions of this library, which stays loaded as long as
    // they may run (the C library drops handlers of an unloaded one). In the child they do
    // nothing but atomic operations, tries of mutexes and close(2), which neither allocate nor
    // wait; before the fork they sleep as well.
    unsafe { libc::pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child)) == 0 }
}

unsafe extern "C" fn before_fork() {
    fork_gate::before_fork();
}

unsafe extern "C" fn in_parent() {
    fork_gate::in_parent();
}

unsafe extern "C" fn in_child() {
    fork_gate::in_child();
    super::held_file::close_in_child();
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_has_another_generation_and_the_parent_keeps_its_own() {
        let before = fork_generation();
        // SAFETY: the child calls nothing but our atomic load and _exit.
        let child = unsafe { libc::fork() };
        assert!(child >= 0);
        if child == 0 {
            let differs = fork_generation() != before;
            // SAFETY: ends the child at once, without running anything of the parent's.
            unsafe { libc::_exit(if differs { 0 } else { 1 }) };
        }
        let mut status = 0;
        // SAFETY: waits for the child just made, into a local.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0);
        assert_eq!(fork_generation(), before);
    }
}
