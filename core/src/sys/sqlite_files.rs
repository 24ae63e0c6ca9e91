//! SQLite's locks on files, so taken that another SQLite in the same process can't undo them.
//!
//! SQLite locks with `fcntl(F_SETLK)`, and such a lock belongs to the process: it is released
//! as soon as the process closes *any* descriptor of the file, and nobody in the process is
//! held up by it. A program that embeds this library can have a second SQLite (Python's
//! `sqlite3` is one). When that one closes our file it would drop our locks, take itself for
//! the last user, and delete the log that we go on writing to.
//!
//! So ours takes the locks for an open file description (`F_OFD_SETLK`, Linux 3.15), which is
//! what any other SQLite sees as another process. SQLite counts the locks of all its
//! connections to one file together and may give back through one descriptor what it took
//! through another; therefore the locks of the main file are taken on a description of their
//! own, one for each file, that is kept here until the last of them is released. The shared
//! memory beside a log has a single descriptor in SQLite already.
//!
//! A child that was forked shares the descriptions. It uses none of its parent's files (see
//! `store::inherited`), but where the parent is killed in the midst of a transaction, its lock
//! lasts as long as such a child.

use std::ffi::{c_char, c_int, c_void};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::{Mutex, Once, PoisonError};

use rusqlite::ffi;
use rustix::fs::{Mode, OFlags};

/// Where the locks of the main file begin: `PENDING_BYTE`.
const MAIN_FILE_LOCKS: libc::off_t = 0x4000_0000;

/// The description that holds the locks of one main file.
struct Held {
    device: u64,
    inode: u64,
    process: u32,
    file: OwnedFd,
}

static HELD: Mutex<Vec<Held>> = Mutex::new(Vec::new());

static INSTALLED: Once = Once::new();

/// Has SQLite take its locks in this way, from the first call on; costs nothing later.
pub(crate) fn keep_sqlite_locks_apart() {
    INSTALLED.call_once(|| {
        if !is_offered() {
            return;
        }
        // SAFETY: initialising may be repeated. The default file system, once found, lives as
        // long as the process, and its `xSetSystemCall` takes the name of a call of which it
        // keeps the address. `locked` takes what SQLite gives to `fcntl`: see there.
        unsafe {
            if ffi::sqlite3_initialize() != ffi::SQLITE_OK {
                return;
            }
            let system = ffi::sqlite3_vfs_find(std::ptr::null());
            if system.is_null() {
                return;
            }
            if let Some(set) = (*system).xSetSystemCall {
                let call: unsafe extern "C" fn(c_int, c_int, *mut c_void) -> c_int = locked;
                let call: unsafe extern "C" fn() = std::mem::transmute(call);
                set(system, c"fcntl".as_ptr().cast::<c_char>(), Some(call));
            }
        }
    });
}

/// Whether the kernel knows such locks; some sandboxes do not.
fn is_offered() -> bool {
    let Ok(file) = rustix::fs::memfd_create("usm-locks", rustix::fs::MemfdFlags::CLOEXEC) else {
        return false;
    };
    let mut lock = whole_file(libc::F_RDLCK);
    ask(file.as_raw_fd(), libc::F_OFD_GETLK, &mut lock) == 0
}

/// Takes the place of `fcntl` in SQLite, which declares it `int (*)(int, int, ...)`: on Linux
/// the one further argument is passed in the same register with and without the dots.
///
/// # Safety
/// As `fcntl`: for the commands of locks `argument` points to a `struct flock` that is this
/// thread's alone.
unsafe extern "C" fn locked(fd: c_int, command: c_int, argument: *mut c_void) -> c_int {
    let of_description = match command {
        libc::F_GETLK => libc::F_OFD_GETLK,
        libc::F_SETLK => libc::F_OFD_SETLK,
        libc::F_SETLKW => libc::F_OFD_SETLKW,
        // SAFETY: what SQLite asks, unchanged.
        _ => return unsafe { libc::fcntl(fd, command, argument) },
    };
    // SAFETY: for these commands it points to a lock, says the caller.
    let lock = unsafe { &mut *argument.cast::<libc::flock>() };
    // The kernel wants this empty, and SQLite does not fill it.
    lock.l_pid = 0;
    let is_everything = lock.l_start == 0 && lock.l_len == 0;
    if lock.l_start < MAIN_FILE_LOCKS && !is_everything {
        return ask(fd, of_description, lock);
    }
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let begins = command == libc::F_SETLK
        && c_int::from(lock.l_type) == libc::F_RDLCK
        && lock.l_start == MAIN_FILE_LOCKS;
    let place = match place_of(&mut held, fd) {
        None if begins => add(&mut held, fd),
        known => known,
    };
    let Some(place) = place else {
        // Locked before this was installed, by a program that shares our SQLite: to its end as
        // it began.
        return ask(fd, command, lock);
    };
    let answer = ask(held[place].file.as_raw_fd(), of_description, lock);
    if is_everything && c_int::from(lock.l_type) == libc::F_UNLCK && command == libc::F_SETLK {
        held.swap_remove(place);
    }
    answer
}

/// Where the description for the locks of this descriptor's file is in the list.
fn place_of(held: &mut Vec<Held>, fd: RawFd) -> Option<usize> {
    let (device, inode) = identity(fd)?;
    let process = std::process::id();
    // A parent's: closing them here leaves its locks alone.
    held.retain(|one| one.process == process);
    held.iter()
        .position(|one| (one.device, one.inode) == (device, inode))
}

/// Makes one; `None` when it can't be made.
fn add(held: &mut Vec<Held>, fd: RawFd) -> Option<usize> {
    let (device, inode) = identity(fd)?;
    let path = format!("/proc/self/fd/{fd}");
    let open = |access| rustix::fs::open(&*path, access | OFlags::CLOEXEC, Mode::empty());
    // The same file may be read by one connection and written by the next.
    let file = open(OFlags::RDWR).or_else(|_| open(OFlags::RDONLY)).ok()?;
    held.push(Held {
        device,
        inode,
        process: std::process::id(),
        file,
    });
    Some(held.len() - 1)
}

fn identity(fd: RawFd) -> Option<(u64, u64)> {
    // SAFETY: SQLite has it open for the time of the call.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    let found = rustix::fs::fstat(borrowed).ok()?;
    Some((found.st_dev, found.st_ino))
}

fn ask(fd: RawFd, command: c_int, lock: &mut libc::flock) -> c_int {
    // SAFETY: the kernel reads and writes the lock for the time of the call.
    unsafe { libc::fcntl(fd, command, std::ptr::from_mut(lock)) }
}

fn whole_file(kind: c_int) -> libc::flock {
    // SAFETY: a structure of plain numbers.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as _;
    lock.l_whence = libc::SEEK_SET as _;
    lock
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use std::fs::File;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// The kind of lock that keeps a second SQLite of this process from the whole file.
    fn in_the_way(path: &Path) -> c_int {
        let file = File::options().read(true).write(true).open(path).unwrap();
        let mut lock = whole_file(libc::F_WRLCK);
        assert_eq!(ask(file.as_raw_fd(), libc::F_GETLK, &mut lock), 0);
        c_int::from(lock.l_type)
    }

    fn descriptions(path: &Path) -> usize {
        let inode = std::fs::metadata(path).unwrap().ino();
        let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().filter(|one| one.inode == inode).count()
    }

    fn opened(path: &Path) -> Connection {
        keep_sqlite_locks_apart();
        Connection::open(path).unwrap()
    }

    fn mode(connection: &Connection, mode: &str) -> rusqlite::Result<String> {
        connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))
    }

    #[test]
    fn who_else_closes_the_file_in_this_process_does_not_end_the_locks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.db");
        let connection = opened(&path);
        assert_eq!(mode(&connection, "WAL").unwrap(), "wal");
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        for _ in 0..2 {
            // With locks of the process this would be the end of them.
            drop(File::open(&path).unwrap());
            drop(File::open(path.with_extension("db-shm")).unwrap());
            assert_eq!(in_the_way(&path), libc::F_RDLCK);
            assert_eq!(in_the_way(&path.with_extension("db-shm")), libc::F_RDLCK);
        }
        drop(connection);
        assert_eq!((in_the_way(&path), descriptions(&path)), (libc::F_UNLCK, 0));
        assert!(!path.with_extension("db-wal").exists());
    }

    #[test]
    fn what_one_connection_locked_another_gives_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.db");
        let (first, second) = (opened(&path), opened(&path));
        first
            .execute_batch("CREATE TABLE t (x); BEGIN; SELECT * FROM t")
            .unwrap();
        second.execute_batch("BEGIN; SELECT * FROM t").unwrap();
        assert_eq!((in_the_way(&path), descriptions(&path)), (libc::F_RDLCK, 1));
        first.execute_batch("COMMIT").unwrap();
        second.execute_batch("COMMIT").unwrap();
        assert_eq!((in_the_way(&path), descriptions(&path)), (libc::F_UNLCK, 0));
        first.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(second.execute_batch("BEGIN IMMEDIATE").is_err());
        first
            .execute_batch("INSERT INTO t VALUES (1); COMMIT")
            .unwrap();
        // The first to be opened is the first to go: the other can have the file for itself.
        assert_eq!(mode(&second, "WAL").unwrap(), "wal");
        drop(first);
        assert_eq!(mode(&second, "DELETE").unwrap(), "delete");
        drop(second);
        assert_eq!(descriptions(&path), 0);
    }
}
