//! Ctrl-C while something is done that has to be ended in good order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::failure::{Failure, Outcome};

/// What a shell reports for a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// As long as it lives, the first Ctrl-C (or a request to end, or a closed terminal) is only
/// noted; the second ends the program at once.
#[derive(Debug)]
pub(crate) struct Interrupt {
    came: Arc<AtomicBool>,
    registered: Vec<SigId>,
}

impl Interrupt {
    pub(crate) fn listen() -> Outcome<Interrupt> {
        Interrupt::of(&[SIGINT, SIGTERM, SIGHUP])
    }

    /// For a program in the background: the end of a terminal means nothing to it.
    pub(crate) fn listen_in_the_background() -> Outcome<Interrupt> {
        let mut interrupt = Interrupt::of(&[SIGINT, SIGTERM])?;
        let unheeded = Arc::default();
        interrupt.registered.push(heard(note(SIGHUP, unheeded))?);
        Ok(interrupt)
    }

    fn of(signals: &[i32]) -> Outcome<Interrupt> {
        let mut interrupt = Interrupt {
            came: Arc::default(),
            registered: Vec::new(),
        };
        for signal in signals {
            // In this order: the first asks whether there was one before, and then it is noted.
            for register in [at_once, note] {
                let id = heard(register(*signal, interrupt.came.clone()))?;
                interrupt.registered.push(id);
            }
        }
        Ok(interrupt)
    }

    /// Becomes true when it came.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.came
    }

    pub(crate) fn came(&self) -> bool {
        self.came.load(Ordering::Relaxed)
    }
}

fn heard(registered: std::io::Result<SigId>) -> Outcome<SigId> {
    registered.map_err(|error| Failure::new(&format!("listening for Ctrl-C: {error}"), None))
}

fn at_once(signal: i32, came: Arc<AtomicBool>) -> std::io::Result<SigId> {
    signal_hook::flag::register_conditional_shutdown(signal, INTERRUPTED, came)
}

fn note(signal: i32, came: Arc<AtomicBool>) -> std::io::Result<SigId> {
    signal_hook::flag::register(signal, came)
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}
