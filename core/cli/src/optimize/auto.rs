//! `usm optimize --auto`: acts by itself until Ctrl-C, then takes everything back.

use std::sync::Arc;

use usm_core::Monitor;
use usm_core::optimizer::Optimizer;

use super::{Call, Kept};
use crate::failure::{Failure, Outcome};
use crate::follow::{Follow, Form};
use crate::outlet::Outlet;

pub(super) fn perform(call: Call<'_>, out: &mut Outlet) -> Outcome {
    let options = call.options;
    let config = call.global.settings_without_store()?;
    let mut settings = options.aim.settings(&config)?;
    settings.auto_optimize = true;
    settings.auto_dry_run = options.demo;
    settings.rollback_on_close = !options.keep;
    let monitor = Arc::new(Monitor::new(config)?);
    let optimizer = Optimizer::attached(&monitor, settings).map_err(Failure::of_optimizer)?;
    Follow {
        monitor: &monitor,
        seconds: options.for_seconds,
        states: false,
        form: match (options.json, options.pretty) {
            (false, _) => Form::Lines,
            (true, false) => Form::Json,
            (true, true) => Form::Pretty,
        },
        kept: match options.keep {
            true => Kept::Stay,
            false => Kept::TakenBack,
        },
        beside: None,
    }
    .run(Some(optimizer), out)
}
