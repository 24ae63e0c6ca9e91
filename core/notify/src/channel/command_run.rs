//! Runs one program to its end or to its deadline: input in, the end of its words out.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::sys;

/// What is kept of a program's words, in bytes.
const TAIL: usize = 600;

/// Between the request to end and the end.
const GRACE: Duration = Duration::from_secs(1);

/// How often a child is looked at where the kernel has no descriptor for it.
const SLICE: Duration = Duration::from_millis(20);

/// How a program ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) timed_out: bool,
    /// `None` when the system kept it from us.
    pub(super) status: Option<ExitStatus>,
    /// The end of what it wrote, as it came.
    pub(super) said: String,
}

/// Runs it in a process group of its own. At the deadline the group is asked to end and then
/// killed; what the program left behind of its own accord before that is left alone.
///
/// # Errors
/// When it could not be started, or not be waited for.
pub(super) fn run(command: &mut Command, input: &[u8], deadline: Instant) -> io::Result<End> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    sys::isolate(command);
    let mut running = Running::new(command.spawn()?, input)?;
    let timed_out = !running.wait(deadline)?;
    if timed_out {
        running.signal_group(Signal::TERM);
        running.wait(Instant::now() + GRACE)?;
        // Not only the program itself: what it started may not have heeded the request.
        running.signal_group(Signal::KILL);
    }
    running.end(timed_out)
}

struct Running<'a> {
    child: Child,
    pid: Pid,
    /// Readable when the child has ended.
    ended: Option<std::os::fd::OwnedFd>,
    input: Option<(ChildStdin, &'a [u8])>,
    outputs: Vec<Box<dyn Output>>,
    tail: VecDeque<u8>,
    /// Its status went to someone else: its number may be another's by now.
    is_lost: bool,
    is_reaped: bool,
}

trait Output: Read + AsFd {}
impl<T: Read + AsFd> Output for T {}

impl<'a> Running<'a> {
    fn new(mut child: Child, input: &'a [u8]) -> io::Result<Running<'a>> {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("no process number"))?;
        let mut outputs: Vec<Box<dyn Output>> = Vec::new();
        let mut failed = Ok(());
        let mut prepare = |fd: BorrowedFd<'_>| {
            failed = failed.and(ioctl_fionbio(fd, true));
        };
        if let Some(stdout) = child.stdout.take() {
            prepare(stdout.as_fd());
            outputs.push(Box::new(stdout));
        }
        if let Some(stderr) = child.stderr.take() {
            prepare(stderr.as_fd());
            outputs.push(Box::new(stderr));
        }
        let stdin = child.stdin.take();
        if let Some(stdin) = &stdin {
            prepare(stdin.as_fd());
        }
        let running = Running {
            child,
            pid,
            ended: sys::descriptor_of(pid),
            input: stdin.map(|stdin| (stdin, input)),
            outputs,
            tail: VecDeque::new(),
            is_lost: false,
            is_reaped: false,
        };
        // From here on a failure ends the child: see Drop.
        failed?;
        Ok(running)
    }

    /// Feeds and listens until the child has ended; false at the deadline.
    fn wait(&mut self, deadline: Instant) -> io::Result<bool> {
        loop {
            if self.has_ended()? {
                self.transfer();
                return Ok(true);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            let wait = if self.ended.is_some() {
                left
            } else {
                left.min(SLICE)
            };
            self.poll(wait)?;
            self.transfer();
        }
    }

    /// Whether it has ended. It stays a zombie, so that its number stays its own.
    fn has_ended(&mut self) -> io::Result<bool> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        loop {
            return match waitid(WaitId::Pid(self.pid), options) {
                Ok(status) => Ok(status.is_some()),
                Err(Errno::INTR) => continue,
                Err(Errno::CHILD) => {
                    self.is_lost = true;
                    Ok(true)
                }
                Err(error) => Err(error.into()),
            };
        }
    }

    fn poll(&self, longest: Duration) -> io::Result<()> {
        let mut fds: Vec<PollFd<'_>> = Vec::new();
        fds.extend(
            self.ended
                .iter()
                .map(|ended| PollFd::new(ended, PollFlags::IN)),
        );
        fds.extend(
            self.outputs
                .iter()
                .map(|output| PollFd::from_borrowed_fd(output.as_fd(), PollFlags::IN)),
        );
        fds.extend(
            self.input
                .iter()
                .map(|(input, _)| PollFd::new(input, PollFlags::OUT)),
        );
        let longest = Timespec::try_from(longest).map_err(|_| io::ErrorKind::InvalidInput)?;
        match poll(&mut fds, Some(&longest)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Moves what can be moved without waiting.
    fn transfer(&mut self) {
        if let Some((stdin, rest)) = &mut self.input {
            let is_done = match stdin.write(rest) {
                Ok(count) => {
                    *rest = &rest[count..];
                    rest.is_empty()
                }
                // A program need not read its input: that is no failure.
                Err(error) => !is_passing(&error),
            };
            if is_done {
                self.input = None;
            }
        }
        let tail = &mut self.tail;
        self.outputs
            .retain_mut(|output| listen(output.as_mut(), tail));
    }

    fn signal_group(&self, signal: Signal) {
        if !self.is_lost {
            // All of it may be gone already.
            let _ = kill_process_group(self.pid, signal);
        }
    }

    fn end(mut self, timed_out: bool) -> io::Result<End> {
        let status = match self.is_lost {
            true => None,
            false => Some(self.child.wait()?),
        };
        self.is_reaped = true;
        let said: Vec<u8> = self.tail.iter().copied().collect();
        let said = String::from_utf8_lossy(&said).trim().to_string();
        Ok(End {
            timed_out,
            status,
            said,
        })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.is_reaped && !self.is_lost {
            self.signal_group(Signal::KILL);
            // Killed: it ends now. There is nobody to tell of a failure.
            let _ = self.child.wait();
        }
    }
}

/// Reads what is there; false at the end of it.
fn listen(output: &mut dyn Output, tail: &mut VecDeque<u8>) -> bool {
    let mut buffer = [0; 4096];
    // A program that never stops talking must not keep us from looking at the clock.
    for _ in 0..16 {
        match output.read(&mut buffer) {
            Ok(0) => return false,
            Ok(count) => {
                tail.extend(&buffer[..count]);
                tail.drain(..tail.len().saturating_sub(TAIL));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return is_passing(&error),
        }
    }
    true
}

fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
