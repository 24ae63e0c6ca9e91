//! How the optimizer stands.

use usm_core::optimizer::OptimizerStatus;

use super::explanation::changes;
use super::labelled;
use crate::draw::{Line, Page, Tone};

/// Columns of the names at the left edge.
const GUTTER: usize = 16;

pub(crate) fn status(status: &OptimizerStatus, page: &mut Page) {
    let mut line = |name: &str, tone, text: &str| {
        labelled(page, Line::of(Tone::Label, name), GUTTER, tone, text);
    };
    match status.halted {
        true => line(
            "Halted",
            Tone::Bad,
            "yes: nothing is changed until `usm optimize --resume`",
        ),
        false => line("Halted", Tone::Plain, "no"),
    }
    line("Profile", Tone::Plain, &status.profile);
    line("May touch", Tone::Plain, &status.scope);
    let by_itself = match status.auto_optimize {
        true => "yes",
        false => "no",
    };
    line("Acts by itself", Tone::Plain, by_itself);
    if let Some(decision) = &status.last_decision {
        line("Last decision", Tone::Plain, decision);
    }
    let database = status.database.display().to_string();
    line("Database", Tone::Quiet, &database);
    if let Some(warning) = &status.database_warning {
        line("", Tone::Warning, warning);
    }
    if status.changes.is_empty() {
        line("In force", Tone::Plain, "no changes");
        return;
    }
    page.heading("Changes in force", &status.changes.len().to_string());
    changes(&status.changes, page);
    page.gap();
    let text = "`usm optimize --rollback` takes them back, `--rollback ACTION` those of one.";
    labelled(page, Line::new(), 0, Tone::Quiet, text);
}
