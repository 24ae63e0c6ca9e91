//! The optimizer: finds what hurts, relieves it, proves that it helped, or takes it back.
//!
//! `analyze` gives [`Target`]s, `plan` gives [`Action`]s, `execute` does them (in demo mode
//! unless asked otherwise) and measures each, `rollback` takes them back.

mod action;
#[allow(dead_code)] // Until the optimizer itself uses it.
mod analysis;
#[allow(dead_code)]
mod baseline;
#[allow(dead_code)]
mod builtin;
mod outcome;
#[allow(dead_code, unused_imports)] // Until the optimizer itself uses all of it.
mod pain;
mod profile;
mod settings;
mod target;

pub use action::{Action, ActionKind, Answer, Risk, RiskLevel};
pub use outcome::{ActionResult, ExecutionReport, Progress, RolledBack, Verdict};
pub use profile::{Profile, Rule};
pub use settings::OptimizerSettings;
pub use target::{Baseline, Culprit, Metric, Priority, Resource, Target};
