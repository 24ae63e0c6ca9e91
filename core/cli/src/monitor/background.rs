//! Starting, stopping and restarting the monitor in the background.

use std::ffi::OsString;

use serde_json::{Value, json};
use usm_core::ErrorKind;
use usm_core::service::{self, ServiceStatus, Started, Stopped};

use super::{MonitorOptions, folder, run, show};
use crate::draw::{Line, Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

pub(super) fn start(options: &MonitorOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let arguments = arguments(options, global)?;
    started(&arguments, options, global, out)
}

/// Ends the one that runs and starts it with its own command, or with the options given now.
pub(super) fn restart(
    options: &MonitorOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let folder = folder(global)?;
    let before = service::status(&folder)?;
    let is_given = options.auto_optimize
        || options.refresh_interval.is_some()
        || options.for_seconds.is_some()
        || options.aim.is_given()
        || global.given().iter().any(|name| *name != "data_dir");
    let mut arguments = arguments(options, global)?;
    if let Some(record) = before.running_record().filter(|_| !is_given) {
        let was = record.command.iter().position(|word| word == "monitor");
        if let Some(words) = was.map(|at| &record.command[at..]) {
            arguments = words.iter().map(OsString::from).collect();
        }
    }
    stopped(options, global)?;
    started(&arguments, options, global, out)
}

pub(super) fn stop(options: &MonitorOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let stopped = stopped(options, global)?;
    let answer = match &stopped {
        Stopped::NotRunning(_) => json!({ "stopped": false, "pid": null }),
        Stopped::Stopped {
            pid,
            seconds,
            killed,
        } => json!({ "stopped": true, "pid": pid, "seconds": seconds, "killed": killed }),
    };
    if options.json {
        return out.json(&answer, options.pretty);
    }
    let (tone, text) = match stopped {
        Stopped::NotRunning(status) => (Tone::Plain, show::nobody(&status)),
        Stopped::Stopped {
            pid,
            seconds,
            killed,
        } => {
            let took = show::seconds(seconds);
            match killed {
                false => (
                    Tone::Good,
                    format!("The monitor (process {pid}) has ended, after {took}."),
                ),
                true => (
                    Tone::Warning,
                    format!("The monitor (process {pid}) was killed, after {took}."),
                ),
            }
        }
    };
    say(tone, &text, out)
}

fn stopped(options: &MonitorOptions, global: &GlobalOptions) -> Outcome<Stopped> {
    let (folder, patience) = (folder(global)?, options.patience());
    let stopped = match options.force {
        true => service::kill(&folder, patience),
        false => service::stop(&folder, patience),
    };
    stopped.map_err(|error| match error.kind() {
        ErrorKind::TimedOut => Failure::new(
            &format!("{error}: it runs on, and was asked to end"),
            Some("`usm monitor --stop --force` kills one that does not end in time"),
        ),
        _ => error.into(),
    })
}

fn started(
    arguments: &[OsString],
    options: &MonitorOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let mut command = crate::command()?;
    command.extend(arguments.iter().cloned());
    let folder = folder(global)?;
    let started =
        service::start(&folder, &command, options.patience()).map_err(|error| {
            match error.kind() {
                ErrorKind::TimedOut => Failure::new(
                    &error.to_string(),
                    Some("`usm monitor --log` shows what it told, `usm monitor --stop` ends it"),
                ),
                _ => error.into(),
            }
        })?;
    let (status, is_new) = match &started {
        Started::Now(status) => (status, true),
        Started::AlreadyRunning(status) => (status, false),
    };
    if options.json {
        let mut answer = show::as_json(status)?;
        if let Value::Object(fields) = &mut answer {
            fields.insert("started".into(), json!(is_new));
            fields.insert("already_running".into(), json!(!is_new));
        }
        return out.json(&answer, options.pretty);
    }
    match is_new {
        true => {
            say(Tone::Good, &of_start(status), out)?;
            draw_places(status, out)
        }
        false => {
            let pid = show::pid(status);
            let text = format!("A monitor runs already (process {pid}): nothing was changed.");
            say(Tone::Plain, &text, out)?;
            draw_places(status, out)
        }
    }
}

fn of_start(status: &ServiceStatus) -> String {
    let record = status.running_record();
    let interval = record.map_or(f64::NAN, |record| record.refresh_interval);
    let acts = match record.map(|record| (record.auto_optimize, record.demo)) {
        Some((true, false)) => " It acts by itself.",
        Some((true, true)) => " It says what it would do.",
        _ => "",
    };
    format!(
        "The monitor has started: process {}, every {}.{acts}",
        show::pid(status),
        show::seconds(interval)
    )
}

fn draw_places(status: &ServiceStatus, out: &mut Outlet) -> Outcome {
    let mut page = Page::new(out.style_of_listing());
    let mut place = |name: &str, path: &std::path::Path| {
        let line = Line::of(Tone::Label, format!("  {name}")).padded(10);
        page.push(line.and(Tone::Plain, path.display().to_string()));
    };
    place("folder", &status.folder);
    if let Some(log) = status.running_record().and_then(|r| r.log.as_deref()) {
        place("log", log);
    }
    out.draw(&page)
}

fn say(tone: Tone, text: &str, out: &mut Outlet) -> Outcome {
    let mut page = Page::new(out.style_of_listing());
    page.push(Line::of(tone, text));
    out.draw(&page)
}

/// The arguments of the process in the background, as these options mean it.
fn arguments(options: &MonitorOptions, global: &GlobalOptions) -> Outcome<Vec<OsString>> {
    let config = run::settings(options, global)?;
    config
        .roots()
        .check()
        .map_err(|error| Failure::of_settings(&error))?;
    if !config.store_enabled {
        return Err(Failure::usage(
            "a monitor in the background is of no use with store_enabled off: nothing that it \
             sees would be kept",
            Some("`usm monitor --foreground` watches without a database"),
        ));
    }
    // What is wrong with them is to be told here, not in the log.
    options.aim.settings(&config)?;
    let mut arguments: Vec<OsString> = vec!["monitor".into(), "--foreground".into()];
    for (name, is_given) in [
        ("--auto-optimize", options.auto_optimize),
        ("--demo", options.demo),
        ("--keep", options.keep),
    ] {
        if is_given {
            arguments.push(name.into());
        }
    }
    for (name, value) in [
        ("--refresh-interval", options.refresh_interval),
        ("--for", options.for_seconds),
    ] {
        if let Some(value) = value {
            arguments.extend([name.into(), value.to_string().into()]);
        }
    }
    arguments.extend(options.aim.arguments()?);
    arguments.extend(global.arguments(&config)?);
    Ok(arguments)
}
