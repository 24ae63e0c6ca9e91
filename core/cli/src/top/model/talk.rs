//! What is asked of the threads behind the picture, and what they answer.

use std::sync::Arc;

use usm_core::State;
use usm_core::act::ProcessId;
use usm_core::alert::Alert;
use usm_core::history::Table;
use usm_core::optimizer::{Action, ActionKind, ExecutionReport, RolledBack, Weighed};

use super::processes::Extra;
use crate::forecast::{FanChart, ToCome};
use crate::found::Past;
use crate::insights::Matter;
use crate::when::Range;

/// What is to be read.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) enum Question {
    /// What a monitor has found in the data folder; with the alerts that are over.
    Found { with_past: bool },
    /// Dear details of a process.
    Extra(ProcessId),
    /// A chart of the past.
    History(Stretch),
    /// What is to come.
    Forecasts,
    /// The fan of one series.
    Fan(String),
    /// Take note of an alert.
    Acknowledge(u64),
    /// Tell nobody of a rule's alerts on these series for so many seconds.
    Silence {
        rule: String,
        labels: Vec<(String, String)>,
        seconds: f64,
    },
}

/// Which part of a metric's history.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) struct Stretch {
    pub(in crate::top) metric: String,
    /// Its end, Unix seconds; `None`: the newest.
    pub(in crate::top) until: Option<f64>,
    pub(in crate::top) seconds: f64,
    /// Values that can be told apart.
    pub(in crate::top) steps: usize,
}

/// A part of the history as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) struct Shown {
    pub(in crate::top) asked: Stretch,
    pub(in crate::top) range: Range,
    /// What the history holds.
    pub(in crate::top) held: Range,
    pub(in crate::top) table: Table,
}

/// What a monitor in another process has found.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) struct Found {
    /// It monitors now.
    pub(in crate::top) is_watched: bool,
    pub(in crate::top) alerts: Vec<Past<Alert>>,
    /// Those that are over, the newest first; `None` when they were not asked for.
    pub(in crate::top) past_alerts: Option<Vec<Past<Alert>>>,
    pub(in crate::top) matter: Matter,
}

/// What is to be done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::top) enum Deed {
    Lower,
    Suspend,
    End,
}

/// What is asked of the optimizer.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) enum Task {
    /// To be looked at before somebody is asked.
    Weigh(Deed, ProcessId),
    /// To be done: somebody has said yes.
    Do(Box<Action>),
    /// One action taken back.
    Undo(i64),
    /// A process that was suspended goes on.
    GoOn(ProcessId),
}

/// An answer, or news.
#[derive(Debug)]
pub(in crate::top) enum News {
    State(Arc<State>),
    /// `None` where nobody has monitored, or not lately.
    Found(Result<Option<Box<Found>>, String>),
    Extra(Extra),
    History(Stretch, Result<Box<Shown>, String>),
    Forecasts(Result<Box<ToCome>, String>),
    Fan(String, Result<Vec<FanChart>, String>),
    /// Something that was asked for is done: in words.
    Said(Result<String, String>),
    Weighed(Box<Result<Weighed, String>>),
    Did(Result<Box<ExecutionReport>, String>),
    Undid(Result<Vec<RolledBack>, String>),
}

impl Deed {
    pub(in crate::top) fn kind(self) -> ActionKind {
        match self {
            Deed::Lower => ActionKind::LowerPriority,
            Deed::Suspend => ActionKind::SuspendProcess,
            Deed::End => ActionKind::KillProcess,
        }
    }

    pub(in crate::top) fn words(self) -> &'static str {
        match self {
            Deed::Lower => "Lower the priority of",
            Deed::Suspend => "Suspend",
            Deed::End => "End",
        }
    }
}
