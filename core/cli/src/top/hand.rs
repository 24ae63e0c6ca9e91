//! Acts on processes, on a thread of its own, through the optimizer alone: its scope, what it
//! protects, its journal and its way back.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use usm_core::act::{Lever, ProcessId, Scope};
use usm_core::optimizer::{
    Action, ExecuteOptions, Optimizer, OptimizerSettings, RollbackOf, Weighed,
};
use usm_core::{Error, Monitor};

use super::model::talk::{Deed, News, Task};
use super::wake::Bell;

/// After so long a process that was suspended goes on by itself, seconds.
const LEASE_SECONDS: f64 = 300.0;

/// How long a process gets to end by itself before that is told, seconds. It is never killed.
const GRACE_SECONDS: f64 = 3.0;

/// A lower priority, and the lowest for what has that already.
const LOWER: i32 = 10;
const LOWEST: i32 = 19;

#[derive(Debug)]
pub(super) struct Hand {
    tasks: Sender<Task>,
    thread: Option<JoinHandle<()>>,
}

struct Worker {
    monitor: Arc<Monitor>,
    is_demo: bool,
    /// Made with the first task: it opens a database for writing.
    optimizer: Option<Optimizer>,
}

impl Hand {
    pub(super) fn start(
        monitor: &Arc<Monitor>,
        is_demo: bool,
        news: Sender<News>,
        bell: Bell,
    ) -> std::io::Result<Hand> {
        let (tasks, given) = channel();
        let worker = Worker {
            monitor: monitor.clone(),
            is_demo,
            optimizer: None,
        };
        let thread = std::thread::Builder::new()
            .name("usm-top-act".into())
            .spawn(move || worker.work(&given, &news, &bell))?;
        Ok(Hand {
            tasks,
            thread: Some(thread),
        })
    }

    pub(super) fn give(&self, task: Task) {
        // It has ended by a panic, which was told.
        let _ = self.tasks.send(task);
    }

    /// Waits for what is being done, so that nothing is left half done.
    pub(super) fn end(mut self) {
        drop(self.tasks);
        if let Some(thread) = self.thread.take() {
            // A panic was told already.
            let _ = thread.join();
        }
    }
}

impl Worker {
    fn work(mut self, given: &Receiver<Task>, news: &Sender<News>, bell: &Bell) {
        while let Ok(task) = given.recv() {
            if news.send(self.perform(task)).is_err() {
                return;
            }
            bell.ring();
        }
    }

    fn perform(&mut self, task: Task) -> News {
        let words = |error: Error| error.to_string();
        match task {
            Task::Weigh(deed, process) => {
                News::Weighed(Box::new(self.weigh(deed, process).map_err(words)))
            }
            Task::Do(action) => News::Did(self.execute(*action).map(Box::new).map_err(words)),
            Task::Undo(action) => {
                let undone = self
                    .optimizer()
                    .and_then(|one| one.rollback(RollbackOf::Action(action)));
                News::Undid(undone.map_err(words))
            }
            Task::GoOn(process) => News::Undid(self.go_on(process).map_err(words)),
        }
    }

    fn optimizer(&mut self) -> Result<&Optimizer, Error> {
        let optimizer = match self.optimizer.take() {
            Some(optimizer) => optimizer,
            None => {
                let optimizer = Optimizer::attached(&self.monitor, settings())?;
                // Only what is asked for here, whatever the profile does by itself.
                optimizer.set_auto_optimize(false)?;
                optimizer
            }
        };
        Ok(self.optimizer.insert(optimizer))
    }

    fn weigh(&mut self, deed: Deed, process: ProcessId) -> Result<Weighed, Error> {
        let optimizer = self.optimizer()?;
        let weighed = optimizer.weigh(&action(deed, process, LOWER));
        match (deed, weighed) {
            (Deed::Lower, Err(_)) => optimizer.weigh(&action(deed, process, LOWEST)),
            (_, weighed) => weighed,
        }
    }

    fn execute(&mut self, action: Action) -> Result<usm_core::optimizer::ExecutionReport, Error> {
        let options = ExecuteOptions {
            dry_run: self.is_demo,
            // The user has seen this risk and said yes to it.
            allowed_risk: Some(action.risk.level),
            // It is wanted for its own sake, and not taken back when nothing else gets better.
            verify: false,
            ..ExecuteOptions::default()
        };
        self.optimizer()?.execute(&[action], &options)
    }

    /// Ends the suspension of a process, from whichever program of ours it is.
    fn go_on(&mut self, process: ProcessId) -> Result<Vec<usm_core::optimizer::RolledBack>, Error> {
        let optimizer = self.optimizer()?;
        for change in optimizer.status()?.changes.iter().rev() {
            let action = optimizer.explain(change.action_id)?.action;
            let is_it = action.is_some_and(|action| {
                action.action_type == Deed::Suspend.kind() && action.process == Some(process)
            });
            if is_it {
                return optimizer.rollback(RollbackOf::Action(change.action_id));
            }
        }
        Err(Error::Refused(format!(
            "process {} was not suspended by usm",
            process.pid
        )))
    }
}

fn settings() -> OptimizerSettings {
    OptimizerSettings {
        // What was done stays when the dashboard ends; what has a lease ends all the same.
        rollback_on_close: false,
        lease_seconds: LEASE_SECONDS,
        // Who is root may act upon everybody's; what is protected stays so.
        scope: rustix::process::geteuid()
            .is_root()
            .then_some(Scope::Machine),
        ..OptimizerSettings::default()
    }
}

/// The action of a deed, with its lever: SIGTERM only, and a priority as it is usually lowered.
fn action(deed: Deed, process: ProcessId, nice: i32) -> Action {
    let mut action = Action::by_hand(deed.kind(), process.pid.to_string());
    action.description = format!("{} process {}", deed.words(), process.pid);
    action.process = Some(process);
    action.lever = Some(match deed {
        Deed::Lower => Lever::Nice { process, nice },
        Deed::Suspend => Lever::Stop {
            process,
            lease_seconds: LEASE_SECONDS,
        },
        Deed::End => Lever::Terminate {
            process,
            grace_seconds: GRACE_SECONDS,
            may_kill: false,
        },
    });
    action
}
