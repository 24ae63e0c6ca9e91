//! A long piece of work on a thread of its own. The loop that asks it how far it is, hands
//! that to a callback and passes on a wish to cancel is Python code (`_run.py`): native code
//! that called Python in the midst could not be left when the interpreter ends (see
//! [`border`](crate::border)).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;
use usm_core::optimizer::{ExecuteOptions, Optimizer, Progress, RiskLevel};
use usm_core::{Error, Result};

use crate::border::{SLICE, detached, guarded};
use crate::errors;
use crate::to_python::to_python;

/// Between two looks at the wish to cancel, while the callback has its turn.
const TURN: Duration = Duration::from_millis(20);

/// How the work is to be done.
pub(crate) struct Wish {
    pub(crate) dry_run: bool,
    pub(crate) allowed_risk: Option<RiskLevel>,
    pub(crate) verify: bool,
    /// Somebody wants to know of each step.
    pub(crate) progress: bool,
}

impl Wish {
    /// For work that changes nothing by its nature.
    pub(crate) fn looking(progress: bool) -> Wish {
        Wish {
            dry_run: true,
            allowed_risk: None,
            verify: true,
            progress,
        }
    }
}

enum Told {
    Step(Progress),
    Done(Result<Value>),
}

struct Inbox {
    told: Receiver<Told>,
    /// The worker waits until the step that it told was looked at.
    owes_turn: bool,
    result: Option<Result<Value>>,
    ended: bool,
}

/// A piece of work in progress. Dropping it cancels the work.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Run {
    inbox: Mutex<Inbox>,
    turns: Sender<()>,
    cancel: Arc<AtomicBool>,
}

impl Run {
    pub(crate) fn start(
        optimizer: Arc<Optimizer>,
        wish: Wish,
        work: impl FnOnce(&Optimizer, &ExecuteOptions<'_>) -> Result<Value> + Send + 'static,
    ) -> Result<Run> {
        let (tell, told) = channel();
        let (turns, turn) = channel();
        let cancel = Arc::new(AtomicBool::new(false));
        let cancelled = cancel.clone();
        let thread = move || {
            let steps = Steps {
                tell: &tell,
                turn: Mutex::new(turn),
                cancelled: &cancelled,
            };
            let progress = |progress: &Progress| steps.tell(progress);
            let options = ExecuteOptions {
                dry_run: wish.dry_run,
                allowed_risk: wish.allowed_risk,
                verify: wish.verify,
                progress: wish
                    .progress
                    .then_some(&progress as &(dyn Fn(&Progress) + Sync)),
                cancel: Some(&cancelled),
            };
            let result = guarded(|| work(&optimizer, &options));
            // Before the end is told: who closes then finds nobody inside.
            drop(optimizer);
            // Nobody may be there any more to hear it.
            let _ = tell.send(Told::Done(result));
        };
        std::thread::Builder::new()
            .name("usm-optimizer".into())
            .spawn(thread)
            .map_err(|error| Error::io("a thread", error))?;
        let inbox = Inbox {
            told,
            owes_turn: false,
            result: None,
            ended: false,
        };
        Ok(Run {
            inbox: Mutex::new(inbox),
            turns,
            cancel,
        })
    }

    /// Set to end the work, by the one who closes the optimizer.
    pub(crate) fn cancel_flag(&self) -> Weak<AtomicBool> {
        Arc::downgrade(&self.cancel)
    }

    /// What comes within a slice.
    fn listen(&self) -> Result<Heard> {
        let mut inbox = lock(&self.inbox);
        if inbox.ended {
            return Ok(Heard::End);
        }
        if std::mem::take(&mut inbox.owes_turn) {
            // Nobody waits for it when the work was cancelled.
            let _ = self.turns.send(());
        }
        match inbox.told.recv_timeout(SLICE) {
            Ok(Told::Step(step)) => {
                inbox.owes_turn = true;
                Ok(Heard::Step(step))
            }
            Ok(Told::Done(result)) => {
                inbox.result = Some(result);
                inbox.ended = true;
                Ok(Heard::End)
            }
            Err(RecvTimeoutError::Timeout) => Ok(Heard::Nothing),
            Err(RecvTimeoutError::Disconnected) => {
                inbox.ended = true;
                Err(Error::Internal("the work ended without a result".into()))
            }
        }
    }
}

enum Heard {
    Step(Progress),
    Nothing,
    End,
}

#[pymethods]
impl Run {
    /// The next step, or an empty dict if none comes within a moment; None at the end. The
    /// work goes on from a step when this is called again.
    fn step<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let heard = detached(py, || self.listen())?;
        py.check_signals()?;
        match heard {
            Heard::Step(step) => to_python(py, &step).map(Some),
            Heard::Nothing => Ok(Some(PyDict::new(py).into_any())),
            Heard::End => Ok(None),
        }
    }

    /// What has not begun is left undone, what waits for its verdict is taken back.
    fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// What it came to, once, after the end.
    fn result<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let result = lock(&self.inbox).result.take();
        match result {
            Some(Ok(value)) => to_python(py, &value),
            Some(Err(error)) => Err(errors::raise(py, &error)),
            None => {
                let error = Error::InvalidState("there is no result to take".into());
                Err(errors::raise(py, &error))
            }
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The worker's end.
struct Steps<'a> {
    tell: &'a Sender<Told>,
    turn: Mutex<Receiver<()>>,
    cancelled: &'a AtomicBool,
}

impl Steps<'_> {
    /// Tells a step and waits until it was looked at, so that who cancels on seeing it is in
    /// time.
    fn tell(&self, progress: &Progress) {
        let turn = lock(&self.turn);
        if self.cancelled.load(Ordering::Relaxed)
            || self.tell.send(Told::Step(progress.clone())).is_err()
        {
            return;
        }
        while !self.cancelled.load(Ordering::Relaxed) {
            match turn.recv_timeout(TURN) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
