//! Processes can't be held where there are no pidfds.

use std::io;
use std::time::Duration;

use super::ProcessSignal;

/// Never made.
#[derive(Debug)]
pub(crate) enum PidFd {}

impl PidFd {
    /// # Errors
    /// `Unsupported`: only Linux has it.
    pub(crate) fn open(_pid: i32) -> io::Result<PidFd> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn signal(&self, _signal: ProcessSignal) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn has_ended(&self) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn wait_for_end(&self, _longest: Duration) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn page_out(&self, _ranges: &[(u64, u64)]) -> io::Result<u64> {
        match *self {}
    }

    pub(crate) fn to_owned_fd(&self) -> io::Result<super::LeaseFile> {
        match *self {}
    }
}
