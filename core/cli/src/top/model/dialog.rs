//! What is asked of the user in the middle of the picture.

use usm_core::act::ProcessId;
use usm_core::optimizer::{Action, ExecutionReport, RolledBack, Weighed};
use usm_core::sample::ProcessSample;

use super::processes::id_of;
use super::talk::{Deed, Question, Task};

/// A process as it is named in a question.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) struct Named {
    pub(in crate::top) id: ProcessId,
    pub(in crate::top) name: String,
    pub(in crate::top) command: Option<String>,
    pub(in crate::top) user: Option<String>,
}

impl Named {
    pub(in crate::top) fn of(process: &ProcessSample) -> Named {
        Named {
            id: id_of(process),
            name: process.details.name.to_string(),
            command: process.details.command_line.as_deref().map(String::from),
            user: process.details.user.as_deref().map(String::from),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) enum Dialog {
    /// It is being looked at what the deed would do.
    Weighing(Deed, Named),
    /// Whether it shall be done; of what can't be taken back the pid is to be typed.
    Sure {
        deed: Deed,
        process: Named,
        weighed: Box<Weighed>,
        typed: String,
    },
    /// It can't be done, and why.
    Refused {
        deed: Deed,
        process: Named,
        why: String,
    },
    /// It is being done.
    Doing(String),
    /// What it came to.
    Done(Box<ExecutionReport>),
    /// Whether an action shall be taken back.
    Undo {
        action_id: i64,
        what: String,
    },
    Undone(Vec<RolledBack>),
    /// Whether an alert's rule shall be silenced.
    Silence {
        what: String,
        question: Question,
    },
}

/// What a key did to a dialog.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) enum Answer {
    /// It stays open.
    Open,
    Close,
    /// Yes: this is to be done.
    Do(Box<Action>),
    Undo(Task),
    Ask(Question),
}

impl Dialog {
    /// Whether a text is typed into it.
    pub(in crate::top) fn wants_text(&self) -> bool {
        matches!(
            self,
            Dialog::Sure {
                deed: Deed::End,
                ..
            }
        )
    }

    /// A letter that was typed.
    pub(in crate::top) fn letter(&mut self, letter: char) -> Answer {
        if let Dialog::Sure { typed, .. } = self
            && self_wants(letter)
            && typed.len() < 12
        {
            typed.push(letter);
        }
        if self.wants_text() {
            return Answer::Open;
        }
        let is_yes = matches!(letter, 'y' | 'Y');
        match self {
            Dialog::Weighing(..) | Dialog::Doing(_) => Answer::Open,
            Dialog::Sure { weighed, .. } if is_yes => Answer::Do(Box::new(weighed.action.clone())),
            Dialog::Undo { action_id, .. } if is_yes => Answer::Undo(Task::Undo(*action_id)),
            Dialog::Silence { question, .. } if is_yes => Answer::Ask(question.clone()),
            // Only a clear yes is a yes.
            _ => Answer::Close,
        }
    }

    pub(in crate::top) fn backspace(&mut self) {
        if let Dialog::Sure { typed, .. } = self {
            typed.pop();
        }
    }

    pub(in crate::top) fn enter(&self) -> Answer {
        match self {
            Dialog::Weighing(..) | Dialog::Doing(_) => Answer::Open,
            Dialog::Sure {
                deed: Deed::End,
                process,
                weighed,
                typed,
            } if *typed == process.id.pid.to_string() => {
                Answer::Do(Box::new(weighed.action.clone()))
            }
            Dialog::Sure {
                deed: Deed::End, ..
            } => Answer::Open,
            _ => Answer::Close,
        }
    }
}

/// Pids are typed: digits.
fn self_wants(letter: char) -> bool {
    letter.is_ascii_digit()
}

#[cfg(test)]
pub(in crate::top) mod tests {
    use super::*;

    pub(in crate::top) fn sure(deed: Deed) -> Dialog {
        let mut action = Action::by_hand(deed.kind(), "4242");
        action.risk.reasons = vec!["work that was not saved is lost".into()];
        action.reversible.reason = "by a rollback".into();
        Dialog::Sure {
            deed,
            process: Named {
                id: ProcessId {
                    pid: 4242,
                    start_time_ticks: 7,
                },
                name: "a\x1b[2Jb".into(),
                command: Some("/usr/bin/sleep 600".into()),
                user: Some("ann".into()),
            },
            weighed: Box::new(Weighed {
                action,
                changes: vec!["process 4242: SIGTERM".into()],
            }),
            typed: String::new(),
        }
    }

    #[test]
    fn only_a_clear_yes_is_a_yes() {
        for letter in ['y', 'Y'] {
            assert!(matches!(sure(Deed::Lower).letter(letter), Answer::Do(_)));
        }
        for letter in ['n', 'j', ' ', 'q', '1'] {
            assert_eq!(
                sure(Deed::Suspend).letter(letter),
                Answer::Close,
                "{letter}"
            );
        }
        assert_eq!(sure(Deed::Suspend).enter(), Answer::Close);
    }

    #[test]
    fn a_process_is_ended_only_when_its_pid_was_typed() {
        let mut dialog = sure(Deed::End);
        for letter in ['y', 'Y', '4', '2', '4'] {
            assert_eq!(dialog.letter(letter), Answer::Open);
            assert_eq!(dialog.enter(), Answer::Open);
        }
        dialog.letter('3');
        assert_eq!(dialog.enter(), Answer::Open);
        dialog.backspace();
        dialog.letter('2');
        assert!(matches!(dialog.enter(), Answer::Do(_)));
    }
}
