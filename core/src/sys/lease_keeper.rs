//! A tiny process that ends a lease when its time is over or this program is gone, whatever
//! became of this program.
//!
//! It is a copy of this process made by a bare clone without an exit signal: the embedding
//! program gets no SIGCHLD of it and no plain `wait` sees it. The copy runs nothing of the
//! program: system calls only, on memory that was filled before.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::ptr::{null, null_mut};

use rustix::pipe::{PipeFlags, pipe_with};

use super::thread::BlockedSignals;
use super::{PidFd, spawn};

/// How a lease ends.
#[derive(Debug)]
#[allow(dead_code)] // Writing is the freezer's.
pub(crate) enum LeaseEnd {
    /// SIGCONT to the process of a pidfd.
    Continue(OwnedFd),
    /// These bytes into a file that is open for writing.
    Write { file: OwnedFd, bytes: &'static [u8] },
}

/// What the keeper can be told, one byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum KeeperWord {
    /// The lease was ended by us: go, and do nothing.
    Release = b'r',
    /// Outlive this program: only the time counts from now on.
    Detach = b'd',
}

/// A lease that is being kept.
#[derive(Debug)]
pub(crate) struct Keeper {
    #[cfg(test)]
    pid: libc::pid_t,
    to: OwnedFd,
    /// Hung up when the keeper was reaped.
    ended: std::sync::mpsc::Receiver<()>,
}

/// Name of the keeper, NUL at its end.
const NAME: &std::ffi::CStr = c"usm-lease";

/// Stack of the thread that waits for a keeper's end.
const WAITER_STACK_BYTES: usize = 64 << 10;

/// What the copy needs, all of it made before.
struct Orders {
    /// Words come here.
    words: RawFd,
    /// Readable when the program is gone.
    program: RawFd,
    target: RawFd,
    /// `None`: SIGCONT.
    bytes: Option<&'static [u8]>,
    deadline: libc::timespec,
    /// Highest number that a descriptor may have, where close_range(2) is missing.
    highest_fd: RawFd,
}

impl Keeper {
    /// # Errors
    /// The system's own: no memory, too many processes or files.
    pub(crate) fn start(end: LeaseEnd, seconds: f64) -> io::Result<Keeper> {
        let (words, to) = pipe_with(PipeFlags::CLOEXEC)?;
        let own = i32::try_from(std::process::id()).map_err(|_| io::ErrorKind::InvalidData)?;
        let program = PidFd::open(own)?.to_owned_fd()?;
        let (target, bytes) = match &end {
            LeaseEnd::Continue(pidfd) => (pidfd.as_raw_fd(), None),
            LeaseEnd::Write { file, bytes } => (file.as_raw_fd(), Some(*bytes)),
        };
        let orders = Orders {
            words: words.as_raw_fd(),
            program: program.as_raw_fd(),
            target,
            bytes,
            deadline: after(seconds)?,
            highest_fd: RawFd::try_from(super::fd_limit()).unwrap_or(1 << 20),
        };
        let pid = {
            let _blocked = BlockedSignals::new();
            copy_process(&orders)?
        };
        drop((words, program, end));
        let (tell, ended) = std::sync::mpsc::channel::<()>();
        let waiter = spawn("usm-lease-wait", WAITER_STACK_BYTES, move || {
            reap(pid);
            drop(tell);
        });
        // Without a thread for it the keeper stays a zombie until this program ends, but
        // keeps its lease.
        drop(waiter);
        Ok(Keeper {
            #[cfg(test)]
            pid,
            to,
            ended,
        })
    }

    /// # Errors
    /// `BrokenPipe` when it has ended its lease already.
    pub(crate) fn tell(&self, word: KeeperWord) -> io::Result<()> {
        // A pipe whose reader is gone raises SIGPIPE, in this thread: blocked, then taken back.
        let byte = [word as u8];
        match write_without_signal(&self.to, &byte)? {
            1 => Ok(()),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    /// Waits until the keeper is gone; false when the time is over before.
    pub(crate) fn wait_for_end(&self, longest: std::time::Duration) -> bool {
        use std::sync::mpsc::RecvTimeoutError::Timeout;
        self.ended.recv_timeout(longest) != Err(Timeout)
    }

    #[cfg(test)]
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }
}

/// Moment of the monotonic clock so many seconds from now.
fn after(seconds: f64) -> io::Result<libc::timespec> {
    let span =
        std::time::Duration::try_from_secs_f64(seconds).map_err(|_| io::ErrorKind::InvalidInput)?;
    let now = monotonic();
    let nanoseconds = now.tv_nsec + libc::c_long::from(span.subsec_nanos() as i32);
    let whole = libc::time_t::try_from(span.as_secs()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let carried = libc::time_t::from(nanoseconds >= 1_000_000_000);
    Ok(libc::timespec {
        tv_sec: now.tv_sec.saturating_add(whole).saturating_add(carried),
        tv_nsec: nanoseconds % 1_000_000_000,
    })
}

fn monotonic() -> libc::timespec {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: writes into a local.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now
}

fn write_without_signal(to: &OwnedFd, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the sets are locals, filled before they are read; sigtimedwait with a zero time
    // takes back only a SIGPIPE that is pending now. The write reads `bytes` alone.
    unsafe {
        let mut pipe: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        let mut pending: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut pipe);
        libc::sigaddset(&mut pipe, libc::SIGPIPE);
        libc::sigpending(&mut pending);
        let was_pending = libc::sigismember(&pending, libc::SIGPIPE) == 1;
        libc::pthread_sigmask(libc::SIG_BLOCK, &pipe, &mut before);
        let answer = libc::write(to.as_raw_fd(), bytes.as_ptr().cast(), bytes.len());
        let error = io::Error::last_os_error();
        if answer < 0 && error.raw_os_error() == Some(libc::EPIPE) && !was_pending {
            let at_once = libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            libc::sigtimedwait(&pipe, null_mut(), &at_once);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, null_mut());
        usize::try_from(answer).map_err(|_| error)
    }
}

/// Waits for a child that has no exit signal.
fn reap(pid: libc::pid_t) {
    loop {
        // SAFETY: waits for the one child, whose status is not asked for.
        let answer = unsafe { libc::waitpid(pid, null_mut(), libc::__WALL) };
        if answer == pid || io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return;
        }
    }
}

/// Makes the copy, which keeps the lease and never returns from here.
fn copy_process(orders: &Orders) -> io::Result<libc::pid_t> {
    // No flag and no exit signal: like fork, without its handlers and without SIGCHLD.
    let none: libc::c_ulong = 0;
    // SAFETY: a copy with its own memory, going on right here on its copy of this stack (a
    // stack of NULL means that). All arguments are zero, so their order, which differs between
    // machines, does not matter. The copy calls nothing but `keep`, which makes system calls
    // only and does not return, so locks that other threads held at the moment can't matter.
    let answer = unsafe { libc::syscall(libc::SYS_clone, none, none, none, none, none) };
    match answer {
        0 => keep(orders),
        ..0 => Err(io::Error::last_os_error()),
        pid => libc::pid_t::try_from(pid).map_err(|_| io::ErrorKind::InvalidData.into()),
    }
}

/// Interrupts the wait and does nothing else.
extern "C" fn on_signal(_: libc::c_int) {}

/// The life of the copy. Only async-signal-safe calls; nothing is allocated or freed.
fn keep(orders: &Orders) -> ! {
    // SAFETY: plain system calls on locals and on descriptors that the orders hold open. This
    // is the only thread of its process. No handler of the program can run: all are set to
    // the default before any signal is let in.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::sigprocmask(libc::SIG_SETMASK, &all, null_mut());
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        for signal in 1..=64 {
            libc::sigaction(signal, &action, null_mut());
        }
        let handler: extern "C" fn(libc::c_int) = on_signal;
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        libc::sigaction(libc::SIGTERM, &action, null_mut());
        // Out of the terminal and of the program's group, so that Ctrl-C is not for us.
        libc::setsid();
        libc::prctl(libc::PR_SET_NAME, NAME.as_ptr());
        libc::chdir(c"/".as_ptr());
        close_all_but(orders);
        wait_and_end(orders, &all);
        libc::_exit(0)
    }
}

/// # Safety
/// In the copy only: it closes what the program has open.
unsafe fn close_all_but(orders: &Orders) {
    let mut kept = [orders.words, orders.program, orders.target];
    kept.sort_unstable();
    let mut from: RawFd = 0;
    for fd in kept {
        // SAFETY: as for this function.
        unsafe { close_range(from, fd - 1, orders.highest_fd) };
        from = from.max(fd + 1);
    }
    // SAFETY: as for this function.
    unsafe { close_range(from, RawFd::MAX, orders.highest_fd) };
}

/// # Safety
/// In the copy only: it closes what the program has open.
unsafe fn close_range(from: RawFd, to: RawFd, highest: RawFd) {
    if from > to {
        return;
    }
    // SAFETY: takes three integers; in the copy nobody uses these descriptors.
    unsafe {
        let (first, last) = (from as libc::c_uint, to as libc::c_uint);
        if libc::syscall(libc::SYS_close_range, first, last, 0) == 0 {
            return;
        }
        for fd in from..=to.min(highest) {
            libc::close(fd);
        }
    }
}

/// Waits for the time, a word, a signal or the end of the program; then ends the lease, unless
/// it was released.
///
/// # Safety
/// In the copy only.
unsafe fn wait_and_end(orders: &Orders, all: &libc::sigset_t) {
    // A process that has ended needs nobody to wake it. A file is always ready, so it is not watched.
    let target = orders.bytes.map_or(orders.target, |_| -1);
    let mut watched = [orders.words, orders.program, target].map(|fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    });
    let mut is_detached = false;
    // SAFETY: system calls on locals.
    unsafe {
        // Being told to end (a service manager stops the group) ends the lease.
        let mut waiting = *all;
        libc::sigdelset(&mut waiting, libc::SIGTERM);
        while let Some(left) = left_until(&orders.deadline) {
            let count = libc::ppoll(watched.as_mut_ptr(), 3, &left, &waiting);
            if count < 0 {
                break;
            }
            if count == 0 {
                continue;
            }
            if watched[2].revents != 0 {
                return;
            }
            let mut word = 0u8;
            let is_gone = match watched[0].revents {
                0 => watched[1].revents != 0,
                _ => match libc::read(orders.words, (&raw mut word).cast(), 1) {
                    1 if word == KeeperWord::Release as u8 => return,
                    1 if word == KeeperWord::Detach as u8 => {
                        is_detached = true;
                        watched[1].fd = -1;
                        watched[1].revents = 0;
                        false
                    }
                    _ => true,
                },
            };
            if is_gone && !is_detached {
                break;
            }
            if is_gone {
                watched[0].fd = -1;
                watched[0].revents = 0;
            }
        }
        end(orders);
    }
}

/// # Safety
/// In the copy only.
unsafe fn end(orders: &Orders) {
    // SAFETY: the descriptor is open in the copy; the bytes are static.
    unsafe {
        match orders.bytes {
            None => {
                let no_info = null::<libc::siginfo_t>();
                libc::syscall(
                    libc::SYS_pidfd_send_signal,
                    orders.target,
                    libc::SIGCONT,
                    no_info,
                    0,
                );
            }
            Some(bytes) => {
                libc::write(orders.target, bytes.as_ptr().cast(), bytes.len());
            }
        }
    }
}

/// Time left; `None` when it is over.
fn left_until(deadline: &libc::timespec) -> Option<libc::timespec> {
    let now = monotonic();
    let mut seconds = deadline.tv_sec - now.tv_sec;
    let mut nanoseconds = deadline.tv_nsec - now.tv_nsec;
    if nanoseconds < 0 {
        seconds -= 1;
        nanoseconds += 1_000_000_000;
    }
    let is_over = seconds < 0 || (seconds == 0 && nanoseconds == 0);
    (!is_over).then_some(libc::timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek};
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(60);

    fn start(seconds: f64) -> (Keeper, std::fs::File) {
        let file = tempfile::tempfile().unwrap();
        let end = LeaseEnd::Write {
            file: file.try_clone().unwrap().into(),
            bytes: b"ended",
        };
        (Keeper::start(end, seconds).unwrap(), file)
    }

    fn text(mut file: std::fs::File) -> String {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    fn is_there(pid: i32) -> bool {
        std::path::Path::new(&format!("/proc/{pid}")).exists()
    }

    #[test]
    fn the_time_ends_it_and_nothing_stays() {
        let (keeper, file) = start(0.05);
        assert!(keeper.wait_for_end(LONG));
        assert_eq!(text(file), "ended");
        assert!(!is_there(keeper.pid()));
        assert!(keeper.tell(KeeperWord::Release).is_err());
    }

    #[test]
    fn released_it_does_nothing() {
        let (keeper, file) = start(3600.0);
        assert!(is_there(keeper.pid()));
        keeper.tell(KeeperWord::Release).unwrap();
        assert!(keeper.wait_for_end(LONG));
        assert_eq!(text(file), "");
        assert!(!is_there(keeper.pid()));
    }

    #[test]
    fn dropped_without_a_word_it_ends_at_once_and_detached_it_waits() {
        let (keeper, file) = start(3600.0);
        let Keeper { to, ended, .. } = keeper;
        drop(to);
        let _ = ended.recv_timeout(LONG);
        assert_eq!(text(file), "ended");

        let (keeper, file) = start(0.4);
        keeper.tell(KeeperWord::Detach).unwrap();
        let Keeper { to, ended, .. } = keeper;
        drop(to);
        let early = text(file.try_clone().unwrap());
        let _ = ended.recv_timeout(LONG);
        assert_eq!((early.as_str(), text(file).as_str()), ("", "ended"));
    }

    #[test]
    fn when_the_stopped_process_has_ended_it_goes_also_when_detached() {
        let mut stopped = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        let target = PidFd::open(stopped.id() as i32).unwrap();
        let end = LeaseEnd::Continue(target.to_owned_fd().unwrap());
        let keeper = Keeper::start(end, 3600.0).unwrap();
        keeper.tell(KeeperWord::Detach).unwrap();
        assert!(is_there(keeper.pid()));
        stopped.kill().unwrap();
        stopped.wait().unwrap();
        assert!(keeper.wait_for_end(LONG));
    }

    #[test]
    fn told_to_end_by_a_signal_it_ends_the_lease() {
        let (keeper, file) = start(3600.0);
        let held = PidFd::open(keeper.pid()).unwrap();
        held.signal(super::super::ProcessSignal::Terminate).unwrap();
        assert!(keeper.wait_for_end(LONG));
        assert_eq!(text(file), "ended");
    }

    #[test]
    fn it_holds_nothing_of_the_program_and_has_a_name_and_a_session() {
        let (keeper, _file) = start(3600.0);
        let folder = format!("/proc/{}", keeper.pid());
        let mut names = String::new();
        // It needs a moment until it is on its own feet.
        for _ in 0..3000 {
            names = std::fs::read_to_string(format!("{folder}/comm")).unwrap();
            if names == "usm-lease\n"
                && std::fs::read_dir(format!("{folder}/fd")).unwrap().count() == 3
            {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(names, "usm-lease\n");
        assert_eq!(
            std::fs::read_dir(format!("{folder}/fd")).unwrap().count(),
            3
        );
        let stat = std::fs::read_to_string(format!("{folder}/stat")).unwrap();
        let session = stat.rsplit(')').next().unwrap().split(' ').nth(4).unwrap();
        assert_eq!(session, keeper.pid().to_string());
        // No wait of the program's own sees it.
        // SAFETY: asks only; no child of this test process is reaped by WNOWAIT.
        let seen = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
            libc::waitid(libc::P_PID, keeper.pid() as libc::id_t, &mut info, flags)
        };
        assert_eq!(seen, -1);
        keeper.tell(KeeperWord::Release).unwrap();
        assert!(keeper.wait_for_end(LONG));
    }
}
