//! Changes that are made to every thread of a process.

use std::io;

use serde::{Deserialize, Serialize};

use super::{Applied, Door, Held, ProcessId, ThreadPrior, stat};
use crate::error::{Error, Result};
use crate::sample::Roots;

/// A process that makes threads faster than so many rounds over all of them is given up.
const MOST_ROUNDS: usize = 64;

/// No such process.
const ESRCH: i32 = 3;

/// A value that every thread has for itself and passes on to what it starts.
pub trait ThreadValue: Clone {
    /// Its name, for people.
    const WHAT: &'static str;

    /// What a thread has.
    ///
    /// # Errors
    /// The system's own; ESRCH for a thread that has ended.
    fn read(tid: i32) -> io::Result<Self>;

    /// Gives it to a thread that has `found`.
    ///
    /// # Errors
    /// The system's own.
    fn write(&self, tid: i32, found: &Self) -> io::Result<()>;

    /// Gives it back to a thread that has `found`.
    ///
    /// # Errors
    /// The system's own.
    fn restore(&self, tid: i32, found: &Self) -> io::Result<()> {
        self.write(tid, found)
    }

    /// Whether the part that a change is about is the same.
    fn is_same(&self, other: &Self) -> bool;

    /// Whether a thread that has `found` is better left alone.
    fn is_left_alone(&self, _found: &Self) -> bool {
        false
    }

    /// The value, for people.
    fn words(&self) -> String;
}

/// A value set for every thread of a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThreadChange<T> {
    /// Whose threads.
    pub process: ProcessId,
    /// Name of the process, for people.
    pub name: String,
    /// What every thread gets.
    pub intended: T,
    /// The threads and what they had; those that had it already are left out.
    pub threads: Vec<ThreadPrior<T>>,
    /// Before that was read, in clock ticks after boot: threads and processes that began later
    /// and are not among the threads may have inherited what was set.
    pub prepared_ticks: u64,
}

/// One thread as it is now.
pub(super) struct Found<T> {
    pub(super) tid: i32,
    pub(super) start_time_ticks: u64,
    pub(super) value: T,
}

impl<T: ThreadValue> ThreadChange<T> {
    /// Reads what every thread has; `None` when nothing would change.
    pub(super) fn prepare(
        process: ProcessId,
        intended: T,
        door: &Door,
    ) -> Result<Option<ThreadChange<T>>> {
        let held = door.admit(process)?;
        // What begins from here on begins in a later tick than this one.
        let prepared_ticks = now_ticks()?;
        while now_ticks()? <= prepared_ticks {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let mut threads = Vec::new();
        for tid in stat::threads(&door.roots, process.pid)? {
            let Some(found) = find::<T>(&door.roots, process.pid, tid)? else {
                continue;
            };
            // One that began just now must be told from those that will inherit.
            let is_known = found.start_time_ticks <= prepared_ticks;
            let is_needless = intended.is_same(&found.value) && is_known;
            if !is_needless && !intended.is_left_alone(&found.value) {
                threads.push(ThreadPrior {
                    tid,
                    start_time_ticks: found.start_time_ticks,
                    prior: found.value,
                });
            }
        }
        held.check()?;
        let has_work = threads.iter().any(|t| !intended.is_same(&t.prior));
        Ok(has_work.then_some(ThreadChange {
            process,
            name: held.name,
            intended,
            threads,
            prepared_ticks,
        }))
    }

    pub(crate) fn apply(&self, door: &Door) -> Result<Applied> {
        let held = door.admit(self.process)?;
        let (mut count, mut left) = (0, 0);
        for _ in 0..MOST_ROUNDS {
            let before = count;
            left = 0;
            for tid in stat::threads(&door.roots, self.process.pid)? {
                match self.set(&held, door, tid)? {
                    Set::Done => count += 1,
                    Set::LeftAlone => left += 1,
                    Set::NotNeeded => {}
                }
            }
            held.check()?;
            if count == before {
                return Ok(self.applied(count, left));
            }
        }
        Err(Error::Refused(format!(
            "{} makes threads faster than they can be changed ({count} so far, {left} left alone)",
            self.name
        )))
    }

    fn set(&self, held: &Held, door: &Door, tid: i32) -> Result<Set> {
        let Some(found) = find::<T>(&door.roots, self.process.pid, tid)? else {
            return Ok(Set::NotNeeded);
        };
        if self.intended.is_same(&found.value) {
            return Ok(Set::NotNeeded);
        }
        if self.intended.is_left_alone(&found.value) {
            return Ok(Set::LeftAlone);
        }
        match self.prior_of(&found) {
            Some(prior) if !prior.is_same(&found.value) => {
                return Err(Error::Refused(format!(
                    "the {} of thread {tid} of {} is {} by now, not {} as it was when the change \
                     was prepared",
                    T::WHAT,
                    self.name,
                    found.value.words(),
                    prior.words()
                )));
            }
            Some(_) => {}
            // It began since, and what it inherited can be given back to it; another value was
            // its own choice.
            None if self.threads.iter().any(|t| t.prior.is_same(&found.value)) => {}
            None => return Ok(Set::LeftAlone),
        }
        held.check()?;
        match self.intended.write(tid, &found.value) {
            Err(error) if has_ended(&error) => return Ok(Set::NotNeeded),
            answer => answer.map_err(|e| thread_error(&door.roots, self.process.pid, tid, e))?,
        }
        held.check()?;
        self.read_back(door, &found)
    }

    fn read_back(&self, door: &Door, before: &Found<T>) -> Result<Set> {
        let tid = before.tid;
        let Some(now) = find::<T>(&door.roots, self.process.pid, tid)? else {
            return Ok(Set::NotNeeded);
        };
        if self.intended.is_same(&now.value) {
            return Ok(Set::Done);
        }
        // The kernel made another value of it (processors outside of the cpuset): as it was.
        before
            .value
            .restore(tid, &now.value)
            .map_err(|e| thread_error(&door.roots, self.process.pid, tid, e))?;
        Err(Error::Refused(format!(
            "the kernel gave thread {tid} of {} {} {} instead of {}",
            self.name,
            T::WHAT,
            now.value.words(),
            self.intended.words()
        )))
    }

    /// What a thread had when the change was prepared.
    pub(super) fn prior_of(&self, found: &Found<T>) -> Option<&T> {
        let is_it = |known: &&ThreadPrior<T>| {
            known.tid == found.tid && known.start_time_ticks == found.start_time_ticks
        };
        self.threads.iter().find(is_it).map(|known| &known.prior)
    }

    fn changing(&self) -> impl Iterator<Item = &ThreadPrior<T>> {
        let is_other = |t: &&ThreadPrior<T>| !self.intended.is_same(&t.prior);
        self.threads.iter().filter(is_other)
    }

    fn applied(&self, count: usize, left: usize) -> Applied {
        let alone = match left {
            0 => String::new(),
            _ => format!("; {left} left alone, which chose another value since"),
        };
        Applied {
            what: format!(
                "{} of {} (pid {}) set to {} for {count} of its threads{alone}",
                T::WHAT,
                self.name,
                self.process.pid,
                self.intended.words()
            ),
            lease_until: None,
        }
    }

    pub(crate) fn about(&self) -> String {
        let mut priors: Vec<String> = Vec::new();
        for thread in self.changing() {
            let words = thread.prior.words();
            if !priors.contains(&words) {
                priors.push(words);
            }
        }
        format!(
            "{} of {} (pid {}): {} → {} ({} threads)",
            T::WHAT,
            self.name,
            self.process.pid,
            priors.join(" or "),
            self.intended.words(),
            self.changing().count()
        )
    }
}

enum Set {
    Done,
    NotNeeded,
    LeftAlone,
}

/// A thread and its value; `None` for one that has ended, or has a real-time policy, which is
/// never touched.
pub(super) fn find<T: ThreadValue>(roots: &Roots, pid: i32, tid: i32) -> Result<Option<Found<T>>> {
    let read = || match stat::of_thread(roots, pid, tid) {
        Err(Error::NotFound { .. }) => Ok(None),
        answer => answer.map(Some),
    };
    let Some(before) = read()?.filter(|s| !s.is_real_time() && !s.has_ended()) else {
        return Ok(None);
    };
    let value = match T::read(tid) {
        Err(error) if has_ended(&error) => return Ok(None),
        answer => answer.map_err(|e| thread_error(roots, pid, tid, e))?,
    };
    // The value was this thread's if it still is the one that it was.
    let is_same = |after: &stat::Stat| after.start_time_ticks == before.start_time_ticks;
    Ok(read()?.filter(is_same).map(|after| Found {
        tid,
        start_time_ticks: after.start_time_ticks,
        value,
    }))
}

pub(super) fn has_ended(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ESRCH)
}

pub(super) fn thread_error(roots: &Roots, pid: i32, tid: i32, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::Unsupported => Error::Unsupported("changing threads by their id".into()),
        _ => Error::io(roots.proc(&format!("{pid}/task/{tid}")), source),
    }
}

/// Clock ticks after boot, as `stat` counts starts.
#[cfg(target_os = "linux")]
fn now_ticks() -> Result<u64> {
    let hertz = rustix::param::clock_ticks_per_second();
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(now.tv_nsec).unwrap_or(0);
    Ok(seconds * hertz + nanoseconds * hertz / 1_000_000_000)
}

#[cfg(not(target_os = "linux"))]
fn now_ticks() -> Result<u64> {
    Err(Error::Unsupported("changing threads by their id".into()))
}
