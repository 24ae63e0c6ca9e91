//! The sampling thread from outside: start it, wake it, stop it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam::channel::bounded;

use super::control::Control;
use super::engine::Engine;
use super::memory;
use super::shared::Shared;
use crate::error::{Error, Result};
use crate::sys;

/// Tells that the thread has ended, however it ended.
struct EndMark(Arc<Control>);

impl Drop for EndMark {
    fn drop(&mut self) {
        self.0.set_ended();
    }
}

/// A sampling thread.
#[derive(Debug)]
pub(super) struct Running {
    control: Arc<Control>,
    /// It takes no sample any more, and may be about to end.
    is_over: Arc<AtomicBool>,
}

impl Running {
    /// Starts the thread and waits until its sampler is made.
    pub(super) fn start(shared: Arc<Shared>) -> Result<Running> {
        // Here, not on the thread: its descriptors may be its own.
        let open = shared.take_up_memory();
        let control = Arc::new(Control::default());
        let (made, is_made) = bounded(1);
        let is_over = Arc::new(AtomicBool::new(false));
        let of_thread = control.clone();
        let over = is_over.clone();
        sys::spawn("usm-sampler", 0, move || {
            let _mark = EndMark(of_thread.clone());
            // Let go of before the mark is set: who waits for the end may be the last to hold
            // it then, and closes the database.
            let shared = shared;
            // Made, used and dropped here: its files belong to this thread's table.
            match Engine::new(shared.clone(), open) {
                Ok(engine) => {
                    let _ = made.send(Ok(()));
                    let ran = catch_unwind(AssertUnwindSafe(|| engine.run(&of_thread)));
                    // What a panic left half done is not kept.
                    if ran.is_ok() {
                        memory::save(&shared);
                    } else {
                        shared.fail_sampling("internal error: the sampling thread panicked");
                    }
                    over.store(true, Ordering::Release);
                    shared.published.wake();
                }
                Err(error) => {
                    let _ = made.send(Err(error));
                }
            }
        })
        .map_err(|e| Error::Internal(format!("no thread for sampling: {e}")))?;
        is_made
            .recv()
            .map_err(|_| Error::Internal("the sampling thread ended at its start".into()))??;
        Ok(Running { control, is_over })
    }

    pub(super) fn is_alive(&self) -> bool {
        !self.is_over.load(Ordering::Acquire) && !self.control.has_ended()
    }

    /// Asks for a sample; answers what tells when none comes any more.
    pub(super) fn ask_for_sample(&self) -> Arc<AtomicBool> {
        self.control.ask_for_sample();
        self.is_over.clone()
    }

    pub(super) fn tell_settings_changed(&self) {
        self.control.tell_settings_changed();
    }

    /// Ends the thread: at once when it waits, else after the sample that it takes.
    pub(super) fn stop(self, patience: Duration) -> Result<()> {
        self.control.ask_to_stop();
        if self.control.wait_end(patience) {
            return Ok(());
        }
        Err(Error::TimedOut {
            what: "the sample in progress".into(),
            seconds: patience.as_secs_f64(),
        })
    }
}
