//! Files whose lock a forked child must not keep.
//!
//! A lock of `flock` belongs to the open file, which a child that is forked shares: it would
//! hold the lock for as long as it lives, although it is not who took it. So the child closes
//! these files, in the handler of fork.

use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicI32, Ordering};

/// Most of them at a time: one for each data folder in which this process monitors.
const MOST: usize = 16;

const FREE: i32 = -1;

static HELD: [AtomicI32; MOST] = [const { AtomicI32::new(FREE) }; MOST];

/// A file that a forked child closes.
#[derive(Debug)]
pub(crate) struct HeldFile {
    file: ManuallyDrop<File>,
    place: usize,
    generation: u64,
}

impl HeldFile {
    /// # Errors
    /// The file back, when there are too many already.
    pub(crate) fn new(file: File) -> Result<HeldFile, io::Error> {
        let generation = super::fork_generation();
        let number = file.as_raw_fd();
        let take = |place: &AtomicI32| {
            place
                .compare_exchange(FREE, number, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        };
        match HELD.iter().position(take) {
            Some(place) => Ok(HeldFile {
                file: ManuallyDrop::new(file),
                place,
                generation,
            }),
            None => Err(io::Error::other(format!(
                "this process holds {MOST} such files already"
            ))),
        }
    }

    /// The file; `None` in a forked child, where it is closed.
    pub(crate) fn file(&self) -> Option<&File> {
        (super::fork_generation() == self.generation).then_some(&*self.file)
    }
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        // In a child the number may be another file's by now.
        if super::fork_generation() != self.generation {
            return;
        }
        HELD[self.place].store(FREE, Ordering::Release);
        // SAFETY: this is the only place that drops it, and nothing uses it afterwards.
        unsafe { ManuallyDrop::drop(&mut self.file) };
    }
}

/// In the child of a fork: closes them. Only atomic operations and close(2).
pub(super) fn close_in_child() {
    for place in &HELD {
        let number = place.swap(FREE, Ordering::AcqRel);
        if number != FREE {
            // SAFETY: the number is a file's of a `HeldFile`, which from now on answers that
            // it has none, and does not close it.
            unsafe { libc::close(number) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{FlockOperation, flock};
    use std::time::{Duration, Instant};

    #[test]
    fn a_childs_copy_of_the_lock_does_not_outlive_the_parents() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let open = || File::options().create(true).append(true).open(&path);
        let held = HeldFile::new(open().unwrap()).unwrap();
        flock(
            held.file().unwrap(),
            FlockOperation::NonBlockingLockExclusive,
        )
        .unwrap();
        let other = open().unwrap();
        assert!(flock(&other, FlockOperation::NonBlockingLockExclusive).is_err());
        // SAFETY: the child calls nothing but sleep and _exit.
        let child = unsafe { libc::fork() };
        assert!(child >= 0);
        if child == 0 {
            // SAFETY: waits for its end by a signal, and ends without running anything.
            unsafe {
                libc::sleep(60);
                libc::_exit(0)
            };
        }
        drop(held);
        // The child's handler may not have run yet, and a child that another thread is just
        // starting has a copy until it executes its program.
        let begun = Instant::now();
        let free = loop {
            let free = flock(&other, FlockOperation::NonBlockingLockExclusive);
            if free.is_ok() || begun.elapsed() > Duration::from_secs(30) {
                break free;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        // SAFETY: the child just made, which is not reaped yet.
        unsafe {
            libc::kill(child, libc::SIGKILL);
            libc::waitpid(child, std::ptr::null_mut(), 0);
        }
        free.unwrap();
    }
}
