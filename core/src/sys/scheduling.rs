//! Policy, nice value, I/O priority and processors of a thread, by its id.

use std::io;

use rustix::process::{Pid, getpriority_process, setpriority_process};

use super::ThreadPolicy;

/// sched_attr as of Linux 3.14, 48 bytes; later kernels take and fill the short form.
#[repr(C)]
#[derive(Default)]
struct SchedAttr {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
}

/// SCHED_FLAG_RESET_ON_FORK in sched_attr.
const RESET_ON_FORK: u64 = 1;

/// The same in the policy of sched_setscheduler(2).
const SCHED_RESET_ON_FORK: u32 = 0x4000_0000;

/// `IOPRIO_WHO_PROCESS`: one thread, despite its name.
const IOPRIO_WHO_PROCESS: libc::c_int = 1;

/// Class bits of an I/O priority.
const IOPRIO_CLASS_SHIFT: u16 = 13;

/// Longest processor mask: the kernel's largest builds know 8,192.
const MASK_WORDS: usize = 1024;

/// Bits of a word of a mask: the kernel's masks are arrays of `unsigned long`.
const WORD_BITS: usize = libc::c_ulong::BITS as usize;

/// # Errors
/// The system's own, as of all functions here; ESRCH for a thread that has ended.
pub(crate) fn thread_policy(tid: i32) -> io::Result<ThreadPolicy> {
    let mut attr = SchedAttr::default();
    let size = size_of::<SchedAttr>();
    // SAFETY: the kernel writes at most `size` bytes, which is what the structure has.
    let answer = unsafe { libc::syscall(libc::SYS_sched_getattr, tid, &raw mut attr, size, 0) };
    done(answer)?;
    Ok(ThreadPolicy {
        policy: attr.policy,
        nice: attr.nice,
        flags: attr.flags,
    })
}

/// Sets a policy without real-time priority and keeps all else. By the older call:
/// sched_setattr(2) can't leave a time slice alone (Linux 6.12) while it sets the policy.
pub(crate) fn set_thread_policy(tid: i32, policy: u32, flags: u64) -> io::Result<()> {
    let reset = match flags & RESET_ON_FORK {
        0 => 0,
        _ => SCHED_RESET_ON_FORK,
    };
    let priority: libc::c_int = 0;
    // SAFETY: sched_param begins with its priority and the kernel reads nothing else of it; it
    // lives until the end. By number: musl's wrapper only answers ENOSYS.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_sched_setscheduler,
            tid,
            policy | reset,
            &raw const priority,
        )
    };
    done(answer)
}

pub(crate) fn thread_nice(tid: i32) -> io::Result<i32> {
    Ok(getpriority_process(Some(thread(tid)?))?)
}

pub(crate) fn set_thread_nice(tid: i32, nice: i32) -> io::Result<()> {
    Ok(setpriority_process(Some(thread(tid)?), nice)?)
}

/// An I/O priority as the kernel numbers it: class << 13 | level. One that was never set is
/// 0, whatever level older kernels show with it.
pub(crate) fn thread_io_priority(tid: i32) -> io::Result<u16> {
    // SAFETY: takes two integers and touches no memory.
    let answer = unsafe { libc::syscall(libc::SYS_ioprio_get, IOPRIO_WHO_PROCESS, tid) };
    let value = u16::try_from(answer).map_err(|_| io::Error::last_os_error())?;
    match value >> IOPRIO_CLASS_SHIFT {
        0 => Ok(0),
        _ => Ok(value),
    }
}

pub(crate) fn set_thread_io_priority(tid: i32, value: u16) -> io::Result<()> {
    let value = libc::c_int::from(value);
    // SAFETY: takes three integers and touches no memory.
    let answer = unsafe { libc::syscall(libc::SYS_ioprio_set, IOPRIO_WHO_PROCESS, tid, value) };
    done(answer)
}

/// The processors that a thread may run on, ascending.
pub(crate) fn thread_processors(tid: i32) -> io::Result<Vec<u32>> {
    let mut mask = vec![0 as libc::c_ulong; MASK_WORDS];
    let bytes = size_of_val(mask.as_slice());
    // SAFETY: the kernel writes at most `bytes` bytes, which is what the mask has.
    let answer =
        unsafe { libc::syscall(libc::SYS_sched_getaffinity, tid, bytes, mask.as_mut_ptr()) };
    done(answer)?;
    let is_set = |number: &usize| mask[number / WORD_BITS] >> (number % WORD_BITS) & 1 == 1;
    let numbers = (0..MASK_WORDS * WORD_BITS).filter(is_set);
    Ok(numbers.filter_map(|n| u32::try_from(n).ok()).collect())
}

/// `None`: all of them, also those that will be there later.
pub(crate) fn set_thread_processors(tid: i32, processors: Option<&[u32]>) -> io::Result<()> {
    let mut mask = match processors {
        None => vec![libc::c_ulong::MAX; MASK_WORDS],
        Some(_) => vec![0; MASK_WORDS],
    };
    for number in processors.unwrap_or_default() {
        let number = *number as usize;
        let word = mask.get_mut(number / WORD_BITS);
        *word.ok_or(io::ErrorKind::InvalidInput)? |= 1 << (number % WORD_BITS);
    }
    let bytes = size_of_val(mask.as_slice());
    // SAFETY: the kernel reads at most `bytes` bytes, which is what the mask has.
    let answer = unsafe { libc::syscall(libc::SYS_sched_setaffinity, tid, bytes, mask.as_ptr()) };
    done(answer)
}

fn thread(tid: i32) -> io::Result<Pid> {
    // 0 and negative numbers would mean the caller or a group.
    let tid = Some(tid).filter(|tid| *tid > 0).and_then(Pid::from_raw);
    tid.ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH))
}

fn done(answer: libc::c_long) -> io::Result<()> {
    match answer {
        ..0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs on a thread of its own, so that nothing else changes.
    fn apart(work: impl FnOnce(i32) + Send + 'static) {
        let run = move || work(rustix::thread::gettid().as_raw_nonzero().get());
        std::thread::spawn(run).join().unwrap();
    }

    #[test]
    fn a_policy_is_set_and_all_else_is_kept() {
        apart(|tid| {
            set_thread_nice(tid, 3).unwrap();
            let before = thread_policy(tid).unwrap();
            assert_eq!((before.policy, before.nice, before.flags), (0, 3, 0));
            set_thread_policy(tid, 3, before.flags).unwrap();
            let batch = thread_policy(tid).unwrap();
            assert_eq!((batch.policy, batch.nice, batch.flags), (3, 3, 0));
            set_thread_policy(tid, 0, before.flags).unwrap();
            assert_eq!(thread_policy(tid).unwrap(), before);
            set_thread_policy(tid, 3, RESET_ON_FORK).unwrap();
            assert_eq!(thread_policy(tid).unwrap().flags, RESET_ON_FORK);
        });
    }

    #[test]
    fn an_io_priority_never_set_is_none_and_can_be_put_back() {
        apart(|tid| {
            assert_eq!(thread_io_priority(tid).unwrap(), 0);
            set_thread_io_priority(tid, 2 << 13 | 6).unwrap();
            assert_eq!(thread_io_priority(tid).unwrap(), 2 << 13 | 6);
            set_thread_io_priority(tid, 0).unwrap();
            assert_eq!(thread_io_priority(tid).unwrap(), 0);
        });
    }

    #[test]
    fn processors_are_those_that_the_kernel_shows() {
        apart(|tid| {
            let before = thread_processors(tid).unwrap();
            set_thread_processors(tid, Some(&before[..1])).unwrap();
            assert_eq!(thread_processors(tid).unwrap(), before[..1]);
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
            assert!(status.contains(&format!("Cpus_allowed_list:\t{}\n", before[0])));
            set_thread_processors(tid, None).unwrap();
            assert!(thread_processors(tid).unwrap().len() >= before.len());
            set_thread_processors(tid, Some(&before)).unwrap();
            assert_eq!(thread_processors(tid).unwrap(), before);
            assert!(set_thread_processors(tid, Some(&[])).is_err());
            assert!(set_thread_processors(tid, Some(&[u32::MAX])).is_err());
        });
    }

    #[test]
    fn what_is_no_thread_is_an_error_and_never_this_one() {
        for tid in [-1, i32::MIN, i32::MAX] {
            assert!(thread_policy(tid).is_err(), "{tid}");
            assert!(thread_io_priority(tid).is_err() && thread_processors(tid).is_err());
            assert!(thread_nice(tid).is_err() && set_thread_nice(tid, 5).is_err());
        }
        assert!(thread_nice(0).is_err() && set_thread_nice(0, 5).is_err());
    }
}
