//! Those works of `usm optimize` that change nothing.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use usm_core::optimizer::{ExecuteOptions, Optimizer, Target};

use super::{Call, draw};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::users::Users;

pub(super) fn analyze(call: Call<'_>, out: &mut Outlet) -> Outcome {
    let optimizer = call.options.aim.optimizer(call.global)?;
    let targets = found(&optimizer)?;
    if call.options.json {
        return out.json(&json!({ "targets": targets }), call.options.pretty);
    }
    let users = Users::read(&call.global.settings()?.roots());
    call.show(
        &targets,
        |targets, page| draw::targets(targets, &users, now(), page),
        out,
    )
}

pub(super) fn plan(call: Call<'_>, out: &mut Outlet) -> Outcome {
    let optimizer = call.options.aim.optimizer(call.global)?;
    let targets = found(&optimizer)?;
    let actions = optimizer.plan(&targets).map_err(Failure::of_optimizer)?;
    if call.options.json {
        return out.json(&json!({ "actions": actions }), call.options.pretty);
    }
    call.show(
        &actions,
        |actions, page| {
            draw::plan(actions, page);
            if actions.is_empty() {
                advise(&targets, page);
            }
        },
        out,
    )
}

/// What is wrong, with word that it is being looked for.
pub(super) fn found(optimizer: &Optimizer) -> Outcome<Vec<Target>> {
    let progress = ProgressLine::new();
    progress.say("measuring", "who waits, for what, because of whom");
    optimizer.analyze().map_err(Failure::of_optimizer)
}

/// Where nothing can be done by itself: what is wrong, and what the user could do.
pub(super) fn advise(targets: &[Target], page: &mut crate::draw::Page) {
    for target in targets {
        draw::point(page, 2, crate::draw::Tone::Plain, &target.description);
        if let Some(advice) = &target.advice {
            let text = format!("→ {advice}");
            draw::paragraph(page, 4, crate::draw::Tone::Quiet, &text);
        }
    }
}

pub(super) fn history(call: Call<'_>, out: &mut Outlet) -> Outcome {
    let optimizer = call.options.aim.optimizer(call.global)?;
    let entries = optimizer
        .history(call.options.limit())
        .map_err(Failure::of_optimizer)?;
    if call.options.json {
        return out.json(&json!({ "history": entries }), call.options.pretty);
    }
    call.show(&entries, |entries, page| draw::history(entries, page), out)
}

pub(super) fn explain(call: Call<'_>, id: i64, out: &mut Outlet) -> Outcome {
    let optimizer = call.options.aim.optimizer(call.global)?;
    let explanation = optimizer.explain(id).map_err(Failure::of_optimizer)?;
    call.show(&explanation, draw::explanation, out)
}

pub(super) fn status(call: Call<'_>, out: &mut Outlet) -> Outcome {
    let optimizer = call.options.aim.optimizer(call.global)?;
    let status = optimizer.status().map_err(Failure::of_optimizer)?;
    call.show(&status, draw::status, out)
}

pub(super) fn facts(call: Call<'_>, out: &mut Outlet) -> Outcome {
    // Nothing is opened or made for it.
    let facts = usm_core::act::Facts::read(&call.global.settings_without_store()?.roots());
    call.show(&facts, draw::facts, out)
}

pub(super) fn preview(call: Call<'_>, out: &mut Outlet) -> Outcome {
    let optimizer = call.options.aim.optimizer(call.global)?;
    let preview = scanned(|options| {
        let preview = optimizer
            .cleanup_preview(options)
            .map_err(Failure::of_optimizer)?;
        Ok(serde_json::to_value(preview)?)
    })?;
    let was_cancelled = preview.get("cancelled") == Some(&Value::Bool(true));
    call.show(&preview, draw::preview, out)?;
    match was_cancelled {
        true => Err(Failure::interrupted()),
        false => Ok(()),
    }
}

pub(super) fn growth(call: Call<'_>, folder: &Path, out: &mut Outlet) -> Outcome {
    let folder = super::aim::absolute(folder)?;
    let optimizer = call.options.aim.optimizer(call.global)?;
    let growth = scanned(|options| {
        optimizer
            .growth(&folder, options)
            .map_err(Failure::of_optimizer)
    })?;
    call.show(
        &growth,
        |growth, page| draw::growth(growth, now(), page),
        out,
    )
}

/// Something that takes its time: told how far it is, ended by Ctrl-C.
fn scanned<T>(work: impl FnOnce(&ExecuteOptions<'_>) -> Outcome<T>) -> Outcome<T> {
    let interrupt = Interrupt::listen()?;
    let progress = ProgressLine::new();
    work(&ExecuteOptions {
        progress: Some(&|step| progress.tell(step)),
        cancel: Some(interrupt.flag()),
        ..ExecuteOptions::default()
    })
    .map_err(|failure| match interrupt.came() {
        true => Failure::interrupted(),
        false => failure,
    })
}

pub(super) fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
