//! The monitor itself, in the foreground or as the process in the background.

use std::path::Path;
use std::sync::Arc;

use usm_core::optimizer::Optimizer;
use usm_core::service::{Claim, Hold, ServiceLog, Taken};
use usm_core::{Config, Monitor};

use super::watch::Watch;
use super::{MonitorOptions, folder, show};
use crate::draw::{Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::follow::{Beside, Follow, Form, line};
use crate::optimize::Kept;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::status::time_of;
use crate::when::now;

pub(super) fn perform(
    options: &MonitorOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let config = settings(options, global)?;
    config
        .roots()
        .check()
        .map_err(|error| Failure::of_settings(&error))?;
    if !config.store_enabled {
        // Nothing is written, no lock either: it is nobody's business but the caller's.
        return watch(options, config, None, form_of(options, false), out);
    }
    let folder = folder(global)?;
    let mut log = ServiceLog::of_stdout(&folder)?;
    let claim = Claim {
        refresh_interval: config.refresh_interval,
        auto_optimize: options.auto_optimize,
        demo: options.demo,
        log: log.as_ref().map(|log| log.path().to_path_buf()),
    };
    let hold = match Hold::take(&folder, &claim)? {
        Taken::Held(hold) => hold,
        Taken::Busy(status) => {
            let pid = status.pid().map_or("?".into(), |pid| pid.to_string());
            return Err(Failure::new(
                &format!(
                    "a monitor runs for {} already (process {pid})",
                    folder.display()
                ),
                Some("`usm monitor --status` shows it, `usm monitor --stop` ends it"),
            ));
        }
    };
    let problem = log.as_mut().and_then(|log| log.begin().err());
    let form = form_of(options, log.is_some());
    if form == Form::Log {
        tell_of_the_start(&hold, &folder, &config, out);
    }
    if let Some(problem) = problem {
        say(Tone::Warning, &problem.to_string(), out);
    }
    let beside = Watch::new(hold, log, options, global, &folder);
    let outcome = watch(options, config, Some(&beside), form, out);
    let why = match &outcome {
        Ok(()) => "it was asked to, or its time was over".to_string(),
        Err(failure) => failure.words().unwrap_or("it failed").to_string(),
    };
    if form == Form::Log {
        say(Tone::Plain, &format!("ended: {why}"), out);
    }
    outcome.and(beside.end(&why))
}

/// The settings with the options of this command.
pub(super) fn settings(options: &MonitorOptions, global: &GlobalOptions) -> Outcome<Config> {
    let mut config = global.settings()?;
    if let Some(interval) = options.refresh_interval {
        config.refresh_interval = interval;
    }
    Ok(config)
}

fn form_of(options: &MonitorOptions, is_log: bool) -> Form {
    match (options.json, is_log) {
        (true, _) if options.pretty => Form::Pretty,
        (true, _) => Form::Json,
        (false, true) => Form::Log,
        (false, false) => Form::Lines,
    }
}

/// Monitors until it is asked to end; everything is written when it returns.
fn watch(
    options: &MonitorOptions,
    config: Config,
    beside: Option<&Watch<'_>>,
    form: Form,
    out: &mut Outlet,
) -> Outcome {
    let mut settings = options.aim.settings(&config)?;
    let monitor = Arc::new(Monitor::new(config)?);
    let optimizer = match options.auto_optimize {
        true => {
            settings.auto_optimize = true;
            settings.auto_dry_run = options.demo;
            settings.rollback_on_close = !options.keep;
            let optimizer = Optimizer::attached(&monitor, settings);
            Some(optimizer.map_err(Failure::of_optimizer)?)
        }
        false => None,
    };
    let outcome = Follow {
        monitor: &monitor,
        seconds: options.for_seconds,
        states: true,
        form,
        kept: match options.keep {
            true => Kept::Stay,
            false => Kept::TakenBack,
        },
        beside: beside.map(|beside| beside as &dyn Beside),
    }
    .run(optimizer, out);
    drop(monitor);
    outcome
}

fn tell_of_the_start(hold: &Hold, folder: &Path, config: &Config, out: &mut Outlet) {
    if let Some(before) = hold.before() {
        let how = match before.rebooted {
            true => "the machine went down",
            false => "it was killed or crashed",
        };
        let text = format!(
            "the monitor before, process {} of {}, did not end in good order: {how}; it was last \
             heard of {}",
            before.pid,
            time_of(before.started_at),
            time_of(before.heard_at)
        );
        say(Tone::Warning, &text, out);
    }
    let record = hold.record();
    let acts = match (record.auto_optimize, record.demo) {
        (false, _) => "",
        (true, false) => ", and acts by itself",
        (true, true) => ", and says what it would do",
    };
    let text = format!(
        "started: process {}, usm {}, every {}{acts}, for {}",
        record.pid(),
        record.version,
        show::seconds(config.refresh_interval),
        folder.display()
    );
    say(Tone::Plain, &text, out);
}

/// A line of the log. That it can't be written, on a full disk, ends nothing.
fn say(tone: Tone, text: &str, out: &mut Outlet) {
    let mut page = Page::new(out.style_of_listing());
    line(now(), tone, text, &mut page);
    let _ = out.draw(&page);
}
