//! Threads of other processes can't be changed where ids of threads mean nothing.

use std::io;

use super::ThreadPolicy;

fn unsupported<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

/// # Errors
/// `Unsupported`, as of all functions here.
pub(crate) fn thread_policy(_tid: i32) -> io::Result<ThreadPolicy> {
    unsupported()
}

pub(crate) fn set_thread_policy(_tid: i32, _policy: u32, _flags: u64) -> io::Result<()> {
    unsupported()
}

pub(crate) fn thread_nice(_tid: i32) -> io::Result<i32> {
    unsupported()
}

pub(crate) fn set_thread_nice(_tid: i32, _nice: i32) -> io::Result<()> {
    unsupported()
}

pub(crate) fn thread_io_priority(_tid: i32) -> io::Result<u16> {
    unsupported()
}

pub(crate) fn set_thread_io_priority(_tid: i32, _value: u16) -> io::Result<()> {
    unsupported()
}

pub(crate) fn thread_processors(_tid: i32) -> io::Result<Vec<u32>> {
    unsupported()
}

pub(crate) fn set_thread_processors(_tid: i32, _processors: Option<&[u32]>) -> io::Result<()> {
    unsupported()
}
