//! How many files a process may have open, and a file table of one thread's own.

/// Files that this process may have open at once (soft RLIMIT_NOFILE); `u64::MAX` when
/// unlimited.
#[cfg(unix)]
pub(crate) fn fd_limit() -> u64 {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// No such limit on this system.
#[cfg(not(unix))]
pub(crate) fn fd_limit() -> u64 {
    u64::MAX
}

/// Gives the calling thread a file table of its own that holds no file but 0, 1 and 2. What
/// the thread opens from then on takes nothing from the table that the program's other
/// threads share, and is not inherited by children which those fork.
///
/// Call it only as the first thing in a thread that was just begun. From then on a file
/// number means different files inside and outside of the thread, so:
/// - the thread must own no file yet, nor use one through a reference (a socket, a logger
///   that writes to a file, a database connection): the numbers are gone in its table;
/// - what it opens must be used and dropped by the same thread: dropped by another one, the
///   number would close a foreign file there. Join the thread, or let its owner hand over
///   plain data only;
/// - a file that another thread closes later stays open while this table holds it; 0, 1 and
///   2 are held.
///
/// # Errors
/// `Unsupported` before Linux 5.9 or where a filter of system calls forbids it: the
/// thread then simply goes on with the common table.
#[cfg(target_os = "linux")]
pub(crate) fn private_fd_table() -> crate::error::Result<()> {
    const FIRST: libc::c_uint = 3;
    // SAFETY: close_range takes three integers and touches no memory of ours. With
    // CLOSE_RANGE_UNSHARE it works on a fresh copy of the table, so no file of another
    // thread is closed. By number, since older C libraries lack the function.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            FIRST,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_UNSHARE,
        )
    };
    if answer == 0 {
        return Ok(());
    }
    let cause = std::io::Error::last_os_error();
    Err(crate::error::Error::Unsupported(format!(
        "a private file table for a thread (close_range): {cause}"
    )))
}

/// # Errors
/// `Unsupported`: only Linux has it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn private_fd_table() -> crate::error::Result<()> {
    Err(crate::error::Error::Unsupported(
        "a private file table for a thread".into(),
    ))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::{Read, Seek};
    use std::os::fd::AsRawFd;

    #[test]
    fn the_limit_is_the_one_that_the_kernel_shows() {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let line = limits
            .lines()
            .find(|l| l.starts_with("Max open files"))
            .unwrap();
        let soft = line.split_whitespace().nth(3).unwrap();
        let expected = soft.parse().unwrap_or(u64::MAX);
        assert_eq!(fd_limit(), expected);
    }

    #[test]
    fn a_private_table_leaves_the_files_of_other_threads_alone() {
        let mut ours = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut ours, b"kept").unwrap();
        let number = ours.as_raw_fd();
        let seen = std::thread::spawn(move || {
            private_fd_table().map(|()| {
                // What the thread can see of the number: no file any more.
                std::fs::read_link(format!("/proc/thread-self/fd/{number}")).is_err()
            })
        })
        .join()
        .unwrap();
        match seen {
            Ok(gone) => assert!(gone),
            Err(error) => println!("skipped: {error}"),
        }
        ours.rewind().unwrap();
        let mut text = String::new();
        ours.read_to_string(&mut text).unwrap();
        assert_eq!(text, "kept");
    }
}
