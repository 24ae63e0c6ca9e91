//! `usm optimize`: find what hurts, relieve it, prove that it helped, or take it back.

mod aim;
mod asked;
mod auto;
pub(crate) mod draw;
mod execute;
mod looks;
mod scope;
mod taking_back;

pub(crate) use aim::{AimOptions, one_look, opened};
pub(crate) use asked::OptimizeOptions;
pub(crate) use taking_back::{Kept, close, take_back_own};

use asked::Asked;
use usm_core::optimizer::RollbackOf;

use crate::draw::Page;
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

pub(crate) fn perform(
    options: &OptimizeOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let Some(asked) = options.asked() else {
        return Err(Failure::lacking(
            "say what to do: --analyze, --plan, --execute, --auto, --rollback, --history, \
             --explain, --status, --facts, --preview, --growth, --halt or --resume",
            asked::EXAMPLES,
        ));
    };
    if let Some((option, needed)) = options.misplaced() {
        let message = format!("{option} is for {needed}");
        return Err(Failure::usage(&message, None));
    }
    let call = Call { options, global };
    match asked {
        Asked::Analyze => looks::analyze(call, out),
        Asked::Plan => looks::plan(call, out),
        Asked::Execute => execute::perform(call, out),
        Asked::Auto => auto::perform(call, out),
        Asked::Rollback(None) => taking_back::perform(call, RollbackOf::All, out),
        Asked::Rollback(Some(id)) => taking_back::perform(call, RollbackOf::Action(id), out),
        Asked::History => looks::history(call, out),
        Asked::Explain(id) => looks::explain(call, id, out),
        Asked::Status => looks::status(call, out),
        Asked::Facts => looks::facts(call, out),
        Asked::Preview => looks::preview(call, out),
        Asked::Growth(folder) => looks::growth(call, folder, out),
        Asked::Halt(on) => taking_back::halt(call, on, out),
    }
}

/// What was asked for.
#[derive(Clone, Copy)]
struct Call<'a> {
    options: &'a OptimizeOptions,
    global: &'a GlobalOptions,
}

impl Call<'_> {
    /// A value as JSON or as a picture, as was asked for.
    fn show<T: serde::Serialize>(
        self,
        value: &T,
        draw: impl FnOnce(&T, &mut Page),
        out: &mut Outlet,
    ) -> Outcome {
        if self.options.json {
            return out.json(value, self.options.pretty);
        }
        let mut page = Page::new(out.style());
        draw(value, &mut page);
        out.draw(&page)
    }
}
