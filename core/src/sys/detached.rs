//! Starting a program that lives on without who started it.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// Has the command begin a session of its own, so that no terminal's end reaches it, and keeps
/// no file of this process open but 0, 1 and 2: a lock or a pipe that somebody waits for.
pub(crate) fn detach(command: &mut Command) {
    // SAFETY: between fork and exec the child makes two system calls, which neither allocate
    // nor take a lock.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            close_the_rest_at_exec();
            Ok(())
        });
    }
}

/// Where the kernel can't (before 5.11) the files that this process opened itself are closed
/// all the same: each is opened so.
#[cfg(target_os = "linux")]
fn close_the_rest_at_exec() {
    const FIRST: libc::c_uint = 3;
    // SAFETY: close_range takes three integers and touches no memory of ours; with this flag
    // it closes nothing yet. By number, since older C libraries lack the function.
    unsafe {
        libc::syscall(
            libc::SYS_close_range,
            FIRST,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        );
    }
}

#[cfg(not(target_os = "linux"))]
fn close_the_rest_at_exec() {}
