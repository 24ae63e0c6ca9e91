//! What becomes of what is done to processes.

use usm_core::optimizer::{ExecutionReport, RolledBack, Weighed};

use super::dialog::{Answer, Dialog};
use super::talk::{Deed, Task};
use super::{Model, Order};
use crate::draw::Tone;

impl Model {
    /// A deed at the chosen process: first it is looked at.
    pub(in crate::top) fn begin(&mut self, deed: Deed) -> Vec<Order> {
        let Some(process) = self.named() else {
            self.say(Tone::Warning, "no process is chosen".into());
            return Vec::new();
        };
        let task = Task::Weigh(deed, process.id);
        self.dialog = Some(Dialog::Weighing(deed, process));
        vec![Order::Act(task)]
    }

    pub(in crate::top) fn go_on(&mut self) -> Vec<Order> {
        let Some(process) = self.named() else {
            return Vec::new();
        };
        self.dialog = Some(Dialog::Doing(format!(
            "{} ({}) goes on",
            process.name, process.id.pid
        )));
        vec![Order::Act(Task::GoOn(process.id))]
    }

    /// The newest of what was done from here.
    pub(in crate::top) fn ask_undo(&mut self) {
        match self.done.last() {
            Some((action_id, what)) => {
                self.dialog = Some(Dialog::Undo {
                    action_id: *action_id,
                    what: what.clone(),
                });
            }
            None => self.say(
                Tone::Plain,
                "nothing was done from here; `usm optimize --rollback` takes back the rest".into(),
            ),
        }
    }

    /// Goes on after a key in a dialog.
    pub(in crate::top) fn answered(&mut self, answer: Answer) -> Vec<Order> {
        match answer {
            Answer::Open => Vec::new(),
            Answer::Close => {
                self.dialog = None;
                Vec::new()
            }
            Answer::Do(action) => {
                self.dialog = Some(Dialog::Doing(action.description.clone()));
                vec![Order::Act(Task::Do(action))]
            }
            Answer::Undo(task) => {
                self.dialog = Some(Dialog::Doing("taking it back".into()));
                vec![Order::Act(task)]
            }
            Answer::Ask(question) => {
                self.dialog = None;
                vec![Order::Ask(question)]
            }
        }
    }

    pub(super) fn see_weighed(&mut self, answer: Result<Weighed, String>) {
        // Closed meanwhile: nobody wants to know any more.
        let Some(Dialog::Weighing(deed, process)) = self.dialog.take() else {
            return;
        };
        self.dialog = Some(match answer {
            Ok(weighed) => Dialog::Sure {
                deed,
                process,
                weighed: Box::new(weighed),
                typed: String::new(),
            },
            Err(why) => Dialog::Refused { deed, process, why },
        });
    }

    pub(super) fn see_done(&mut self, answer: Result<Box<ExecutionReport>, String>) {
        match answer {
            Ok(report) => {
                for result in &report.details {
                    let may_come_back = result.action_type != Deed::End.kind();
                    if result.success && !result.dry_run && may_come_back {
                        self.done.push((result.action_id, result.action.clone()));
                    }
                }
                self.dialog = Some(Dialog::Done(report));
            }
            Err(why) => {
                self.dialog = None;
                self.say(Tone::Bad, why);
            }
        }
    }

    pub(super) fn see_undone(&mut self, answer: Result<Vec<RolledBack>, String>) {
        match answer {
            Ok(list) => {
                let is_back = |id: i64| {
                    list.iter().any(|one| one.action_id == id)
                        && !list
                            .iter()
                            .any(|one| one.action_id == id && one.error.is_some())
                };
                self.done.retain(|(id, _)| !is_back(*id));
                self.dialog = Some(Dialog::Undone(list));
            }
            Err(why) => {
                self.dialog = None;
                self.say(Tone::Bad, why);
            }
        }
    }
}
