//! Keeps fork and the use of SQLite apart, so that a child can use SQLite as well.
//!
//! SQLite has locks of the whole process: memory, page cache, file system. A child that is
//! forked while another thread holds one inherits it held, for ever, and would hang at its
//! first database. So whoever uses SQLite does it inside this gate; a fork closes the gate and
//! waits until nobody is inside. Neither side waits for long, since a disk can hang and other
//! libraries have locks too. A child that was forked with somebody inside nevertheless looks
//! which locks are held; most often none is, since who takes long waits for the disk or for
//! another program. Else it is told so when it opens a database, see
//! [`ForkGate::inherited_in_use`].

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a fork waits for those inside.
const FORK_WAITS: Duration = Duration::from_millis(200);

/// How long a closed gate is waited for. It ends what would else be a deadlock: one library's
/// fork handler waits for a lock whose holder waits here.
const ENTRY_WAITS: Duration = Duration::from_secs(1);

const PAUSE: Duration = Duration::from_micros(100);

static GATE: Gate = Gate::new();

/// Set in a child for good: the held locks stay held, in its children too.
static INHERITED_IN_USE: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// How often this thread is inside. A constant without destructor: reading it in a fork
    /// handler allocates nothing.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Being inside, until it is dropped. Entries of one thread nest, and only the first can wait.
pub(crate) struct ForkGate {
    /// Counted by thread: it must be dropped in the one that made it.
    _not_send: PhantomData<*const ()>,
}

impl ForkGate {
    pub(crate) fn enter() -> ForkGate {
        let depth = DEPTH.get();
        if depth == 0 {
            // Before the handlers are registered no fork is noticed.
            super::fork_generation();
            GATE.enter(ENTRY_WAITS);
        }
        DEPTH.set(depth + 1);
        ForkGate {
            _not_send: PhantomData,
        }
    }

    /// Whether this process was forked while another thread held a lock of SQLite's, which is
    /// held for ever here.
    pub(crate) fn inherited_in_use() -> bool {
        INHERITED_IN_USE.load(Ordering::Relaxed)
    }
}

impl Drop for ForkGate {
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            GATE.leave();
        }
    }
}

/// What is dropped inside the gate, wherever that happens.
#[derive(Debug)]
pub(crate) struct Gated<T>(ManuallyDrop<T>);

impl<T> Gated<T> {
    pub(crate) fn new(value: T) -> Gated<T> {
        Gated(ManuallyDrop::new(value))
    }
}

impl<T> Deref for Gated<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Gated<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Drop for Gated<T> {
    fn drop(&mut self) {
        let _inside = ForkGate::enter();
        // SAFETY: the only place that drops it, and nothing reads it after this.
        unsafe { ManuallyDrop::drop(&mut self.0) };
    }
}

/// Before a fork. Like those below it runs as a fork handler: atomics and sleep only.
pub(super) fn before_fork() {
    GATE.close(own_entries(), FORK_WAITS);
}

/// After a fork, in the parent.
pub(super) fn in_parent() {
    GATE.open();
}

/// After a fork, in the child, where only the calling thread lives.
pub(super) fn in_child() {
    if GATE.begin_anew(own_entries()) && super::sqlite_locks::any_is_held() {
        INHERITED_IN_USE.store(true, Ordering::Relaxed);
    }
}

/// 1 if the calling thread is inside: it must not wait for itself.
fn own_entries() -> u64 {
    u64::from(DEPTH.get() > 0)
}

/// Threads inside in the lower half, forks under way in the upper one. In one word, so that
/// what a child finds in its copy is exactly who was inside when it was made.
struct Gate(AtomicU64);

const ONE_FORK: u64 = 1 << 32;

impl Gate {
    const fn new() -> Gate {
        Gate(AtomicU64::new(0))
    }

    fn enter(&self, patience: Duration) {
        let mut closed_since = None;
        let mut seen = self.0.load(Ordering::Relaxed);
        loop {
            if seen >= ONE_FORK {
                let since = *closed_since.get_or_insert_with(Instant::now);
                if since.elapsed() < patience {
                    std::thread::sleep(PAUSE);
                    seen = self.0.load(Ordering::Relaxed);
                    continue;
                }
            }
            let entered =
                self.0
                    .compare_exchange_weak(seen, seen + 1, Ordering::SeqCst, Ordering::Relaxed);
            match entered {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    fn leave(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }

    /// Several threads can fork at a time: the gate is open again after the last.
    fn close(&self, own: u64, patience: Duration) {
        self.0.fetch_add(ONE_FORK, Ordering::SeqCst);
        let since = Instant::now();
        while self.inside() > own && since.elapsed() < patience {
            std::thread::sleep(PAUSE);
        }
    }

    fn open(&self) {
        self.0.fetch_sub(ONE_FORK, Ordering::SeqCst);
    }

    /// Returns whether anybody else was inside.
    fn begin_anew(&self, own: u64) -> bool {
        let others = self.inside() > own;
        self.0.store(own, Ordering::SeqCst);
        others
    }

    fn inside(&self) -> u64 {
        self.0.load(Ordering::SeqCst) % ONE_FORK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(5);

    #[test]
    fn a_fork_waits_for_those_inside_and_newcomers_for_the_fork() {
        let gate = Gate::new();
        let forked = AtomicBool::new(false);
        gate.enter(LONG);
        std::thread::scope(|scope| {
            let fork = scope.spawn(|| {
                gate.close(0, LONG);
                assert_eq!(gate.inside(), 0);
                std::thread::sleep(SHORT);
                forked.store(true, Ordering::SeqCst);
                gate.open();
            });
            while gate.0.load(Ordering::SeqCst) < ONE_FORK {
                std::thread::sleep(PAUSE);
            }
            let newcomer = scope.spawn(|| {
                gate.enter(LONG);
                assert!(forked.load(Ordering::SeqCst));
                gate.leave();
            });
            std::thread::sleep(SHORT);
            assert!(!forked.load(Ordering::SeqCst));
            gate.leave();
            fork.join().unwrap();
            newcomer.join().unwrap();
        });
        assert_eq!(gate.0.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn neither_waits_for_ever() {
        let gate = Gate::new();
        gate.enter(LONG);
        gate.close(0, SHORT);
        gate.enter(SHORT);
        assert_eq!(gate.0.load(Ordering::SeqCst), ONE_FORK + 2);
        assert!(gate.begin_anew(1), "one more than the own");
        assert_eq!(gate.0.load(Ordering::SeqCst), 1);
        gate.leave();
        assert!(!gate.begin_anew(0));
    }

    #[test]
    fn two_forks_at_a_time_open_it_after_the_second() {
        let gate = Gate::new();
        gate.close(0, LONG);
        gate.close(0, LONG);
        gate.open();
        assert_eq!(gate.0.load(Ordering::SeqCst), ONE_FORK);
        gate.open();
        gate.enter(LONG);
        assert!(!gate.begin_anew(1));
    }

    #[test]
    fn nested_entries_pass_a_closed_gate_and_what_is_gated_is_dropped_inside() {
        struct SeesDepth<'a>(&'a Cell<u32>);
        impl Drop for SeesDepth<'_> {
            fn drop(&mut self) {
                self.0.set(DEPTH.get());
            }
        }
        let seen = Cell::new(0);
        let outer = ForkGate::enter();
        before_fork();
        let inner = ForkGate::enter();
        assert_eq!((DEPTH.get(), own_entries()), (2, 1));
        in_parent();
        drop(inner);
        drop(outer);
        drop(Gated::new(SeesDepth(&seen)));
        assert_eq!((seen.get(), DEPTH.get(), own_entries()), (1, 0, 0));
    }
}
