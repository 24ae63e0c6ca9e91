//! A value that only the process that made it may use, one thread at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use usm_core::Error;

use crate::failure::Failure;

/// The value, and whose it is.
pub(crate) struct Owned<T> {
    value: Mutex<T>,
    owner: u32,
}

impl<T> Owned<T> {
    pub(crate) fn new(value: T) -> Owned<T> {
        Owned {
            value: Mutex::new(value),
            owner: std::process::id(),
        }
    }

    /// Fails in a forked child, where a lock may be held for ever.
    pub(crate) fn check_process(&self) -> Result<(), Failure> {
        match self.owner == std::process::id() {
            true => Ok(()),
            false => Err(Error::Forked { owner: self.owner }.into()),
        }
    }

    /// The value, once no other thread uses it.
    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, T>, Failure> {
        self.check_process()?;
        Ok(self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
