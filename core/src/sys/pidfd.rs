//! A process held by a file descriptor: its pid can't become another's unnoticed.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::ProcessSignal;

/// Ranges handed to the kernel at once (its own limit, IOV_MAX, is 1024).
const RANGES_AT_ONCE: usize = 512;

/// A pidfd (Linux 5.3).
#[derive(Debug)]
pub(crate) struct PidFd(OwnedFd);

impl PidFd {
    /// # Errors
    /// `NotFound` when there is no such process, `Unsupported` before Linux 5.3.
    pub(crate) fn open(pid: i32) -> io::Result<PidFd> {
        let pid = Some(pid).filter(|pid| *pid > 0).and_then(Pid::from_raw);
        let pid = pid.ok_or(io::ErrorKind::NotFound)?;
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(fd) => Ok(PidFd(fd)),
            // INVAL, later NOENT: the number is a thread's, not a process's.
            Err(rustix::io::Errno::SRCH | rustix::io::Errno::INVAL | rustix::io::Errno::NOENT) => {
                Err(io::ErrorKind::NotFound.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// # Errors
    /// `NotFound` when it has ended and was reaped, `PermissionDenied`.
    pub(crate) fn signal(&self, signal: ProcessSignal) -> io::Result<()> {
        let signal = match signal {
            ProcessSignal::Terminate => Signal::TERM,
            ProcessSignal::Kill => Signal::KILL,
            ProcessSignal::Stop => Signal::STOP,
            ProcessSignal::Continue => Signal::CONT,
        };
        match pidfd_send_signal(&self.0, signal) {
            Err(rustix::io::Errno::SRCH) => Err(io::ErrorKind::NotFound.into()),
            answer => Ok(answer?),
        }
    }

    /// True as soon as all its threads have ended, reaped or not.
    pub(crate) fn has_ended(&self) -> io::Result<bool> {
        self.wait_for_end(Duration::ZERO)
    }

    /// Waits until it has ended; false when the time is over before.
    pub(crate) fn wait_for_end(&self, longest: Duration) -> io::Result<bool> {
        let start = Instant::now();
        loop {
            let left = longest.saturating_sub(start.elapsed());
            let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
            let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
            match poll(&mut fds, Some(&left)) {
                Ok(count) => return Ok(count > 0),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Asks the kernel to write ranges of its memory (address, length) out to swap or to
    /// their files, and answers how many bytes the kernel went over, which says nothing of
    /// what it freed.
    ///
    /// # Errors
    /// `Unsupported` before Linux 5.10; `PermissionDenied`; `NotFound`.
    pub(crate) fn page_out(&self, ranges: &[(u64, u64)]) -> io::Result<u64> {
        let mut advised_bytes = 0;
        let mut rest = ranges;
        while !rest.is_empty() {
            let chunk = &rest[..rest.len().min(RANGES_AT_ONCE)];
            let vectors: Vec<libc::iovec> = chunk.iter().map(vector).collect();
            // SAFETY: the vectors describe memory of the other process, which the kernel
            // looks up there; of ours it only reads the array, which lives until the end.
            let answer = unsafe {
                libc::syscall(
                    libc::SYS_process_madvise,
                    self.0.as_raw_fd(),
                    vectors.as_ptr(),
                    vectors.len(),
                    libc::MADV_PAGEOUT,
                    0,
                )
            };
            let bytes = match u64::try_from(answer) {
                Ok(bytes) => bytes,
                Err(_) => skippable(io::Error::last_os_error())?,
            };
            advised_bytes += bytes;
            let mut end = 0;
            let whole = chunk.iter().take_while(|(_, length)| {
                end += length;
                end <= bytes
            });
            // It stops at a range that is gone or locked in memory by now: on behind it.
            let done = (whole.count() + 1).min(chunk.len());
            rest = &rest[done..];
        }
        Ok(advised_bytes)
    }

    /// The descriptor once more, for somebody who outlives this one.
    pub(crate) fn to_owned_fd(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }
}

fn vector(range: &(u64, u64)) -> libc::iovec {
    libc::iovec {
        iov_base: std::ptr::without_provenance_mut(range.0 as usize),
        iov_len: range.1 as usize,
    }
}

/// Bytes done when the first range was one that can't be paged out.
fn skippable(error: io::Error) -> io::Result<u64> {
    match error.raw_os_error() {
        Some(libc::ENOMEM | libc::EINVAL | libc::EFAULT) => Ok(0),
        Some(libc::ESRCH) => Err(io::ErrorKind::NotFound.into()),
        Some(libc::ENOSYS) => Err(io::ErrorKind::Unsupported.into()),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_waited_for_and_its_end_is_seen_before_it_is_reaped() {
        let mut child = std::process::Command::new("sleep")
            .arg("300")
            .spawn()
            .unwrap();
        let held = PidFd::open(child.id() as i32).unwrap();
        let lived = !held.has_ended().unwrap();
        let signalled = held.signal(ProcessSignal::Kill);
        let ended = held.wait_for_end(Duration::from_secs(30));
        let after = held.has_ended();
        child.wait().unwrap();
        signalled.unwrap();
        assert!(lived && ended.unwrap() && after.unwrap());
        let reaped = held.signal(ProcessSignal::Continue).unwrap_err();
        assert_eq!(reaped.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_is_no_process_is_not_found() {
        for pid in [0, -1, i32::MIN, i32::MAX] {
            let error = PidFd::open(pid).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{pid}");
        }
        let thread = std::thread::spawn(rustix::thread::gettid);
        let tid = thread.join().unwrap().as_raw_nonzero().get();
        assert!(PidFd::open(tid).is_err());
    }
}
