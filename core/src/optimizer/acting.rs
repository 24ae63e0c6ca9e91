//! One batch of acts at a time: the effect of each is measured.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread::ThreadId;

use super::inner::locked;
use crate::error::{Error, Result};

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Acting {
    turn: Mutex<()>,
    by: Mutex<Option<ThreadId>>,
    /// The kill switch was pulled by a function that is told of progress.
    halted: AtomicBool,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    acting: &'a Acting,
    _turn: MutexGuard<'a, ()>,
}

impl Acting {
    /// Waits for the turn.
    ///
    /// # Errors
    /// `InvalidState` in a function that is told of the progress of a call: that call would be
    /// waited for by itself.
    pub(super) fn begin(&self) -> Result<Turn<'_>> {
        if self.is_here() {
            return Err(Error::InvalidState(
                "actions can't be executed from within the progress of a call that executes".into(),
            ));
        }
        let turn = locked(&self.turn);
        *locked(&self.by) = Some(std::thread::current().id());
        Ok(Turn {
            acting: self,
            _turn: turn,
        })
    }

    /// This thread itself has the turn.
    pub(super) fn is_here(&self) -> bool {
        *locked(&self.by) == Some(std::thread::current().id())
    }

    /// Everything is to be taken back when the present turn is over.
    pub(super) fn halt_after(&self) {
        self.halted.store(true, Ordering::SeqCst);
    }
}

impl Turn<'_> {
    /// Whether everything is to be taken back now.
    pub(super) fn was_halted(&self) -> bool {
        self.acting.halted.swap(false, Ordering::SeqCst)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *locked(&self.acting.by) = None;
    }
}
