//! Threads of the library's own: they take no signal that is meant for the program, and
//! their CPU time is known.

use std::io;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::fork_generation;

/// The ledger of this process. A forked child begins one of its own: the threads in the
/// parent's are not there, and one of them may have held its lock.
static LEDGER: AtomicPtr<ProcessLedger> = AtomicPtr::new(null_mut());

struct ProcessLedger {
    generation: u64,
    ledger: Mutex<Ledger>,
}

/// The CPU clocks of the library's threads, and the time of those that have ended.
#[derive(Default)]
struct Ledger {
    clocks: Vec<libc::clockid_t>,
    ended_seconds: f64,
}

thread_local! {
    static IS_OURS: AtomicBool = const { AtomicBool::new(false) };
}

/// Starts a thread in which every signal that can be sent to the process is blocked, so that
/// the program's handlers run on the program's own threads. `stack_bytes` 0 is the default.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    stack_bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let mut builder = std::thread::Builder::new().name(name.to_string());
    if stack_bytes > 0 {
        builder = builder.stack_size(stack_bytes);
    }
    // A new thread inherits the mask: blocked here around its start, there is no moment at
    // which it could take a signal.
    let _blocked = BlockedSignals::new();
    builder.spawn(move || {
        let _listed = Listed::new();
        work()
    })
}

/// CPU time so far of all threads of the library, those that have ended and the calling one
/// included.
pub(crate) fn library_cpu_seconds() -> Option<f64> {
    let ledger = lock();
    let clocks: f64 = ledger
        .clocks
        .iter()
        .filter_map(|clock| clock_seconds(*clock))
        .sum();
    let own = match IS_OURS.with(|ours| ours.load(Ordering::Relaxed)) {
        true => 0.0,
        false => super::thread_cpu_seconds()?,
    };
    Some(ledger.ended_seconds + clocks + own)
}

fn lock() -> MutexGuard<'static, Ledger> {
    own_ledger().lock().unwrap_or_else(PoisonError::into_inner)
}

fn own_ledger() -> &'static Mutex<Ledger> {
    let generation = fork_generation();
    let known = LEDGER.load(Ordering::Acquire);
    // SAFETY: NULL, or made below and never freed.
    if let Some(known) = unsafe { known.as_ref() }
        && known.generation == generation
    {
        return &known.ledger;
    }
    let fresh = Box::into_raw(Box::new(ProcessLedger {
        generation,
        ledger: Mutex::default(),
    }));
    match LEDGER.compare_exchange(known, fresh, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: made just now, and never freed from here on.
        Ok(_) => unsafe { &(*fresh).ledger },
        Err(_) => {
            // SAFETY: nobody has seen it.
            drop(unsafe { Box::from_raw(fresh) });
            own_ledger()
        }
    }
}

/// The calling thread's entry in the ledger.
struct Listed(Option<libc::clockid_t>);

impl Listed {
    fn new() -> Listed {
        IS_OURS.with(|ours| ours.store(true, Ordering::Relaxed));
        let mut clock = 0;
        // SAFETY: pthread_self is the calling thread, which lives; `clock` is a local.
        let failed = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
        if failed != 0 {
            return Listed(None);
        }
        lock().clocks.push(clock);
        Listed(Some(clock))
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let Some(clock) = self.0 else { return };
        let mut ledger = lock();
        ledger.clocks.retain(|listed| *listed != clock);
        ledger.ended_seconds += super::thread_cpu_seconds().unwrap_or(0.0);
    }
}

fn clock_seconds(clock: libc::clockid_t) -> Option<f64> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: writes into a local; a clock of a thread that is gone is refused with EINVAL.
    let answer = unsafe { libc::clock_gettime(clock, &mut time) };
    (answer == 0).then_some(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
}

/// Blocks signals in the calling thread until it is dropped.
pub(super) struct BlockedSignals(Option<libc::sigset_t>);

impl BlockedSignals {
    pub(super) fn new() -> BlockedSignals {
        // SAFETY: the sets are locals, initialised by sigfillset or by pthread_sigmask before
        // they are read; zero is a valid sigset_t.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(signal: libc::c_int) -> bool {
        // SAFETY: reads the mask into a local set; zero is a valid sigset_t.
        unsafe {
            let mut mask: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), &mut mask);
            libc::sigismember(&mask, signal) == 1
        }
    }

    #[test]
    fn our_threads_take_no_signal_and_the_callers_mask_is_as_before() {
        let before = blocks(libc::SIGTERM);
        let inside = spawn("usm-test", 0, || {
            (blocks(libc::SIGTERM), blocks(libc::SIGSEGV))
        });
        assert_eq!(inside.unwrap().join().unwrap(), (true, false));
        assert_eq!(blocks(libc::SIGTERM), before);
    }

    #[test]
    fn a_child_forked_while_the_ledger_is_locked_has_its_own() {
        let held = lock();
        // SAFETY: the child takes a lock of its own, which needs memory (the C library keeps
        // its allocator usable in a child), and ends without running anything of the parent's.
        let child = unsafe { libc::fork() };
        assert!(child >= 0);
        if child == 0 {
            let is_empty = lock().clocks.is_empty();
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(if is_empty { 0 } else { 1 }) };
        }
        drop(held);
        let mut status = 0;
        // SAFETY: waits for the child just made, into a local.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0);
    }

    #[test]
    fn the_time_of_a_thread_is_counted_while_it_runs_and_after() {
        let start = library_cpu_seconds().unwrap();
        let thread = spawn("usm-test", 256 << 10, move || {
            let mut sum = 0u64;
            while super::super::thread_cpu_seconds().unwrap() < 0.02 {
                sum = std::hint::black_box(sum.wrapping_add(1));
            }
            library_cpu_seconds().unwrap()
        });
        let inside = thread.unwrap().join().unwrap();
        assert!(inside - start >= 0.015, "{inside} {start}");
        assert!(library_cpu_seconds().unwrap() - start >= 0.015);
    }
}
