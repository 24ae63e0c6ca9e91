//! `usm config set` and `usm config reset`: the settings that are saved in the data folder.

use clap::Args;
use serde_json::{Value, json};
use usm_core::config::{self, Setting, saved_path};
use usm_core::service;
use usm_core::{Error, ErrorKind};

use super::{ConfigOptions, is_in_environment, unit};
use crate::draw::{Flow, Line, Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

const SET_EXAMPLES: &str = "\
Examples:
  usm config set refresh_interval 5
  usm config set refresh_interval=5 max_threads=8
  usm config set security_allow 'listener:tcp:*:22,listener:tcp:*:80'";

const RESET_EXAMPLES: &str = "\
Examples:
  usm config reset refresh_interval            its default again
  usm config reset                             all of them; a file that can't be read is kept
                                               under another name";

/// Save settings for every later command, and for the monitor that runs.
#[derive(Debug, Args)]
#[command(after_help = SET_EXAMPLES)]
pub(super) struct SetOptions {
    /// Name and value, as two words or with = between; several at once.
    #[arg(
        required = true,
        value_name = "KEY VALUE",
        allow_negative_numbers = true
    )]
    pairs: Vec<String>,
}

/// Forget settings that are saved: they have their defaults again.
#[derive(Debug, Args)]
#[command(after_help = RESET_EXAMPLES)]
pub(super) struct ResetOptions {
    /// Which; all unless given.
    #[arg(value_name = "KEY")]
    names: Vec<String>,
}

pub(super) fn set(
    set: &SetOptions,
    options: &ConfigOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let folder = global.data_folder()?;
    let pairs = pairs(&set.pairs)?;
    let values = config::save_all(&folder, &pairs).map_err(|error| of_change(&folder, error))?;
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let effects = effects(&names, global)?;
    if options.json {
        let saved: serde_json::Map<String, Value> = names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(values)
            .collect();
        let answer = json!({ "saved": saved, "file": saved_path(&folder), "notes": effects });
        return out.json(&answer, options.pretty);
    }
    let mut page = Page::new(out.style());
    for (name, value) in names.iter().zip(&values) {
        let value = with_unit(name, value)?;
        page.push(Line::of(Tone::Label, *name).and(Tone::Plain, format!(" = {value}")));
    }
    say(
        &format!("Saved in {}.", saved_path(&folder).display()),
        &mut page,
    );
    effects.iter().for_each(|text| say(text, &mut page));
    out.draw(&page)
}

pub(super) fn reset(
    reset: &ResetOptions,
    options: &ConfigOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let folder = global.data_folder()?;
    let names: Vec<&str> = reset.names.iter().map(String::as_str).collect();
    let is_readable = config::saved(&folder).is_ok();
    let removed = config::reset(&folder, &names).map_err(|error| of_change(&folder, error))?;
    let removed_names: Vec<&str> = removed.iter().map(String::as_str).collect();
    let mut notes = match removed.is_empty() {
        true => Vec::new(),
        false => effects(&removed_names, global)?,
    };
    if !is_readable {
        let path = saved_path(&folder);
        notes.push(format!(
            "The file could not be read: it is kept as {}.broken.",
            path.display()
        ));
    }
    if options.json {
        return out.json(&json!({ "reset": removed, "notes": notes }), options.pretty);
    }
    let mut page = Page::new(out.style());
    let text = match (removed.is_empty(), names.is_empty()) {
        (true, true) if is_readable => "No setting was saved.".into(),
        (true, true) => "Every setting has its default again.".into(),
        (true, false) => format!("Not saved, so nothing was changed: {}.", names.join(", ")),
        (false, _) => format!("At the default again: {}.", removed.join(", ")),
    };
    say(&text, &mut page);
    notes.iter().for_each(|text| say(text, &mut page));
    out.draw(&page)
}

/// Names and values out of `KEY VALUE` and `KEY=VALUE`.
fn pairs(words: &[String]) -> Outcome<Vec<(&str, &str)>> {
    let mut pairs = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let pair = match word.split_once('=') {
            Some((name, value)) => (name.trim(), value),
            None => match words.next() {
                Some(value) => (word.trim(), value.as_str()),
                None => {
                    let allowed = match Setting::named(word.trim()) {
                        Ok(setting) => setting.allowed(),
                        Err(error) => return Err(Failure::of_settings(&error)),
                    };
                    let message = format!("{word}: a value is missing: {allowed}");
                    return Err(Failure::usage(&message, None));
                }
            },
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

/// A wrong name, value or range, or a file that is wrong already, is wrong usage.
fn of_change(folder: &std::path::Path, error: Error) -> Failure {
    match error.kind() {
        ErrorKind::InvalidArgument => match config::saved(folder) {
            Err(broken) => Failure::of_saved(folder, &broken),
            Ok(_) => Failure::of_settings(&error),
        },
        ErrorKind::Malformed => Failure::of_saved(folder, &error),
        _ => error.into(),
    }
}

fn with_unit(name: &str, value: &Value) -> Outcome<String> {
    let setting = Setting::named(name)?;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".into(),
        other => other.to_string(),
    };
    Ok(match unit(setting) {
        Some(unit) => format!("{text} {unit}"),
        None => text,
    })
}

/// When a change acts, and what goes before it.
fn effects(names: &[&str], global: &GlobalOptions) -> Outcome<Vec<String>> {
    let mut effects = Vec::new();
    let is_live = |name: &&str| Setting::named(name).is_ok_and(|setting| setting.live);
    let (at_once, later): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| is_live(name));
    let status = service::status(&global.data_folder()?)?;
    match status.pid() {
        Some(pid) => {
            if !at_once.is_empty() {
                effects.push(format!(
                    "The monitor that runs (process {pid}) takes over {} within a second.",
                    at_once.join(", ")
                ));
            }
            if !later.is_empty() {
                let verb = if later.len() == 1 { "acts" } else { "act" };
                effects.push(format!(
                    "{} {verb} from its next start on: usm monitor --restart.",
                    later.join(", ")
                ));
            }
        }
        None => effects.push("No monitor runs now: the next one that starts heeds it.".into()),
    }
    let file = match &global.config {
        Some(file) => {
            let mut config = usm_core::Config::default();
            config
                .apply_file(file)
                .map_err(|error| Failure::of_settings(&error))?;
            Some(config)
        }
        None => None,
    };
    let defaults = usm_core::Config::default();
    for name in names {
        if is_in_environment(name) {
            effects.push(format!(
                "USM_{} in this environment goes before it.",
                name.to_ascii_uppercase()
            ));
        }
        if let Some(file) = &file
            && file.get(name)? != defaults.get(name)?
        {
            effects.push(format!(
                "The file of --config says {name} too, and goes before it."
            ));
        }
    }
    Ok(effects)
}

fn say(text: &str, page: &mut Page) {
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(Tone::Plain, text);
    flow.end(page);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_come_as_two_words_or_one() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let given = words("max_threads 8 refresh_interval=5 data_dir=");
        let wanted = [
            ("max_threads", "8"),
            ("refresh_interval", "5"),
            ("data_dir", ""),
        ];
        assert_eq!(pairs(&given).unwrap(), wanted);
        let failure = pairs(&words("max_threads")).unwrap_err();
        assert!(failure.text().unwrap().contains("1 to"), "{failure:?}");
        let failure = pairs(&words("max_thread")).unwrap_err();
        assert!(
            failure.text().unwrap().contains("did you mean"),
            "{failure:?}"
        );
        assert_eq!(failure.code(), 2);
    }
}
