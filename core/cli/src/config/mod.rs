//! `usm config`: the settings in force, which layer each comes from, and those that are saved.

mod change;
mod spelling;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use usm_core::Config;
use usm_core::config::{SETTINGS, Setting, SettingKind, saved, saved_path};

use crate::draw::{Flow, Line, Page, Tone, number};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

pub(crate) use spelling::plain;

const EXAMPLES: &str = "\
Examples:
  usm config                                   every setting, and where it comes from
  usm config set refresh_interval 5            saved, for every command and the monitor
  usm config set refresh_interval=5 max_threads=8
  usm config reset refresh_interval            its default again; without a name, all of them
  usm config --file usm.toml                   with those of a file
  usm --set refresh_interval=5 config --json   for one run
  USM_MAX_THREADS=8 usm config                 each has a variable in the environment

What is saved is in settings.toml in the data folder; a monitor that runs takes it over within
a second. It is overridden by a file (--config), which holds lines such as
`refresh_interval = 5.0`, that by the environment (USM_REFRESH_INTERVAL), and that by --set
before the command. `usm config --show`, `--set KEY VALUE` and `--reset` are understood too.";

/// Show the settings in force, save some for the next runs, or forget those that are saved.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConfigOptions {
    /// File of settings; the same as --config.
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    file: Option<PathBuf>,
    /// As JSON.
    #[arg(long, global = true)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json", global = true)]
    pretty: bool,
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, Subcommand)]
enum Change {
    Set(change::SetOptions),
    Reset(change::ResetOptions),
}

/// A setting in force.
struct InForce {
    setting: &'static Setting,
    value: Value,
    origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Default,
    Saved,
    File,
    Environment,
    Arguments,
}

impl Origin {
    fn name(self) -> &'static str {
        match self {
            Origin::Default => "default",
            Origin::Saved => "saved",
            Origin::File => "file",
            Origin::Environment => "environment",
            Origin::Arguments => "arguments",
        }
    }
}

pub(crate) fn perform(
    options: &ConfigOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let mut global = global.clone();
    if let Some(file) = &options.file {
        global.config = Some(file.clone());
    }
    match &options.change {
        Some(Change::Set(set)) => return change::set(set, options, &global, out),
        Some(Change::Reset(reset)) => return change::reset(reset, options, &global, out),
        None => {}
    }
    let settings = in_force(&global)?;
    if options.json {
        let list: Vec<Value> = settings.iter().map(as_json).collect();
        return out.json(&list, options.pretty);
    }
    let mut page = Page::new(out.style());
    draw(&settings, &mut page);
    if let Ok(folder) = global.data_folder() {
        page.gap();
        let mut flow = Flow::new(&page, Line::new(), 0);
        let path = saved_path(&folder);
        let how = match path.exists() {
            true => "are in",
            false => "come into",
        };
        flow.words(
            Tone::Quiet,
            &format!("Saved settings {how} {}.", path.display()),
        );
        flow.end(&mut page);
    }
    out.draw(&page)
}

/// Every setting with the highest layer that changes it. A file that repeats what is below it
/// is not told from that.
fn in_force(global: &GlobalOptions) -> Outcome<Vec<InForce>> {
    let config = global.settings()?;
    let folder = global.data_folder().ok();
    // They were read just now: none of it fails.
    let saved = folder.and_then(|folder| saved(&folder).ok());
    let saved = saved.unwrap_or_default();
    let mut below = Config::default();
    for (name, value) in &saved {
        below.set(name, value.clone())?;
    }
    let mut of_file = below.clone();
    if let Some(file) = &global.config {
        of_file
            .apply_file(file)
            .map_err(|e| Failure::of_settings(&e))?;
    }
    let given = global.given();
    SETTINGS
        .iter()
        .map(|setting| {
            let value = |config: &Config| config.get(setting.name);
            let origin = if given.contains(&setting.name) {
                Origin::Arguments
            } else if is_in_environment(setting.name) {
                Origin::Environment
            } else if value(&of_file)? != value(&below)? {
                Origin::File
            } else if saved.contains_key(setting.name) {
                Origin::Saved
            } else {
                Origin::Default
            };
            Ok(InForce {
                setting,
                value: value(&config)?,
                origin,
            })
        })
        .collect()
}

fn is_in_environment(name: &str) -> bool {
    let host_variable = match name {
        "proc_root" => Some("HOST_PROC"),
        "sys_root" => Some("HOST_SYS"),
        "host_root" => Some("HOST_ROOT"),
        _ => None,
    };
    let own_variable = format!("USM_{}", name.to_ascii_uppercase());
    [Some(own_variable.as_str()), host_variable]
        .into_iter()
        .flatten()
        .any(|variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty()))
}

fn as_json(entry: &InForce) -> Value {
    let (least, most) = match entry.setting.kind {
        SettingKind::Number { least, most, .. } => (json!(least), json!(most)),
        SettingKind::Count { least, most, .. } => (json!(least), json!(most)),
        _ => (Value::Null, Value::Null),
    };
    let choices = match entry.setting.kind {
        SettingKind::Choice(words) => json!(words),
        _ => Value::Null,
    };
    json!({
        "name": entry.setting.name,
        "value": entry.value,
        "unit": unit(entry.setting),
        "least": least,
        "most": most,
        "choices": choices,
        "allowed": entry.setting.allowed(),
        "origin": entry.origin.name(),
        "live": entry.setting.live,
        "about": entry.setting.about,
    })
}

fn unit(setting: &Setting) -> Option<&'static str> {
    match setting.kind {
        SettingKind::Number { unit, .. } | SettingKind::Count { unit, .. } => Some(unit),
        _ => None,
    }
}

fn draw(settings: &[InForce], page: &mut Page) {
    let names = settings
        .iter()
        .map(|entry| entry.setting.name.len())
        .max()
        .unwrap_or(0);
    for entry in settings {
        let indent = names + 2;
        let mut flow = Flow::new(page, Line::of(Tone::Label, entry.setting.name), indent);
        let tone = match entry.origin {
            Origin::Default => Tone::Plain,
            _ => Tone::Strong,
        };
        let mut value = Line::of(tone, text_of(entry));
        if let Some(unit) = unit(entry.setting) {
            value.push(Tone::Plain, format!(" {unit}"));
            if unit == "bytes" {
                let size = number::maybe_bytes(entry.value.as_u64());
                value.push(Tone::Quiet, format!(" ({size})"));
            }
        }
        flow.add(value);
        if entry.origin != Origin::Default {
            flow.add(Line::of(
                Tone::Warning,
                format!("({})", entry.origin.name()),
            ));
        }
        flow.end(page);
        let about = match entry.setting.kind {
            SettingKind::Number { .. } | SettingKind::Count { .. } | SettingKind::Choice(_) => {
                format!("{}; {}", entry.setting.about, entry.setting.allowed())
            }
            _ => entry.setting.about.to_string(),
        };
        let mut flow = Flow::new(page, Line::new(), indent);
        flow.words(Tone::Quiet, &about);
        flow.end(page);
    }
}

fn text_of(entry: &InForce) -> String {
    match &entry.value {
        Value::String(text) => text.clone(),
        Value::Null if entry.setting.name == "data_dir" => {
            match usm_core::store::default_folder() {
                Ok(folder) => format!("{}", folder.display()),
                Err(_) => "none".into(),
            }
        }
        Value::Null => "none".into(),
        Value::Array(texts) if texts.is_empty() => "none".into(),
        Value::Array(texts) => {
            let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
            texts.join(", ")
        }
        other => other.to_string(),
    }
}
