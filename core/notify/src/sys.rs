//! The few system calls that the standard library does not have.
#![allow(
    unsafe_code,
    reason = "signal masks and what happens between fork and exec have no safe face"
)]

use std::io;
use std::mem::zeroed;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr::null_mut;
use std::thread::JoinHandle;

use rustix::process::Pid;

/// Descriptors that are looked at one by one where the kernel can't do it for all.
const MOST_DESCRIPTORS: libc::rlim_t = 1 << 16;

/// Starts a thread in which every signal that can be sent to the process is blocked, so that
/// the program's handlers run on the program's own threads, and a broken pipe is an error.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    // A new thread inherits the mask: blocked here around its start, there is no moment at
    // which it could take a signal.
    let _blocked = BlockedSignals::new();
    std::thread::Builder::new()
        .name(name.to_string())
        .spawn(work)
}

/// Blocks signals in the calling thread until it is dropped.
struct BlockedSignals(Option<libc::sigset_t>);

impl BlockedSignals {
    fn new() -> BlockedSignals {
        // SAFETY: the sets are locals, initialised by sigfillset or by pthread_sigmask before
        // they are read; zero is a valid sigset_t.
        unsafe {
            let mut all: libc::sigset_t = zeroed();
            let mut before: libc::sigset_t = zeroed();
            libc::sigfillset(&mut all);
            // What a thread's own faults raise must reach it.
            for fault in [
                libc::SIGSEGV,
                libc::SIGBUS,
                libc::SIGFPE,
                libc::SIGILL,
                libc::SIGTRAP,
                libc::SIGABRT,
                libc::SIGSYS,
            ] {
                libc::sigdelset(&mut all, fault);
            }
            let failed = libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
            BlockedSignals((failed == 0).then_some(before))
        }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // SAFETY: restores the set that pthread_sigmask gave.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, null_mut()) };
        }
    }
}

/// Gives the child a process group of its own, no signal blocked, and of our descriptors
/// only the three standard ones: a host in C may have others without close-on-exec.
pub(crate) fn isolate(command: &mut Command) {
    command.process_group(0);
    // SAFETY: what runs in the child allocates nothing and takes no lock; it makes only
    // system calls, on locals.
    unsafe {
        command.pre_exec(|| {
            let mut none: libc::sigset_t = zeroed();
            libc::sigemptyset(&mut none);
            if libc::pthread_sigmask(libc::SIG_SETMASK, &none, null_mut()) != 0 {
                return Err(io::Error::last_os_error());
            }
            close_at_exec();
            Ok(())
        });
    }
}

/// Marks, not closes: the standard library tells through one of them how exec went.
fn close_at_exec() {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: changes flags of this process's descriptors, no memory (Linux 5.11).
        let answer = unsafe {
            libc::syscall(
                libc::SYS_close_range,
                3 as libc::c_uint,
                libc::c_uint::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            )
        };
        if answer == 0 {
            return;
        }
    }
    let mut limit = libc::rlimit {
        rlim_cur: MOST_DESCRIPTORS,
        rlim_max: MOST_DESCRIPTORS,
    };
    // SAFETY: writes into a local.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    for descriptor in 3..limit.rlim_cur.min(MOST_DESCRIPTORS) {
        // SAFETY: a number that is no descriptor is refused with EBADF.
        unsafe { libc::fcntl(descriptor as libc::c_int, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

/// A descriptor that becomes readable when this child has ended (Linux 5.3).
#[cfg(target_os = "linux")]
pub(crate) fn descriptor_of(pid: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
}

/// There is none here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn descriptor_of(_: Pid) -> Option<OwnedFd> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(signal: libc::c_int) -> bool {
        // SAFETY: reads the mask into a local set; zero is a valid sigset_t.
        unsafe {
            let mut mask: libc::sigset_t = zeroed();
            libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), &mut mask);
            libc::sigismember(&mask, signal) == 1
        }
    }

    #[test]
    fn our_threads_take_no_signal_and_the_callers_mask_is_as_before() {
        let before = blocks(libc::SIGTERM);
        let inside = spawn("usm-test", || {
            (blocks(libc::SIGPIPE), blocks(libc::SIGSEGV))
        });
        assert_eq!(inside.unwrap().join().unwrap(), (true, false));
        assert_eq!(blocks(libc::SIGTERM), before);
    }
}
