//! No lease can be kept where processes can't be held.

use std::io;

use super::LeaseFile;

/// How a lease ends.
#[derive(Debug)]
#[allow(dead_code)] // Made by nobody here.
pub(crate) enum LeaseEnd {
    Continue(LeaseFile),
    Write {
        file: LeaseFile,
        bytes: &'static [u8],
    },
}

/// What the keeper can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeeperWord {
    Release,
    Detach,
}

/// Never made.
#[derive(Debug)]
pub(crate) enum Keeper {}

impl Keeper {
    /// # Errors
    /// `Unsupported`: only Linux has it.
    pub(crate) fn start(_end: LeaseEnd, _seconds: f64) -> io::Result<Keeper> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn tell(&self, _word: KeeperWord) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn wait_for_end(&self, _longest: std::time::Duration) -> bool {
        match *self {}
    }
}
