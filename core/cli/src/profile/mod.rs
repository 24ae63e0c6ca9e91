//! `usm profile`: thresholds, rules and what is protected; one source for analysis and plan.

mod draw;
mod edit;

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use usm_core::optimizer::{Optimizer, OptimizerSettings, Profile};

use crate::draw::{Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::optimize::draw::paragraph;
use crate::optimize::{one_look, opened};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  usm profile list
  usm profile show server
  usm profile create mine --from server --set cpu_threshold=60 --set protected=nginx,postgres
  usm profile apply mine                 in force now and for later commands
  usm profile export mine mine.json
  usm profile create copy --file mine.json
  usm profile delete mine";

const CREATE_EXAMPLES: &str = "\
Examples:
  usm profile create mine --set cpu_threshold=60
  usm profile create mine --from desktop --set foreground=firefox,code --set allowed_risk=medium
  usm profile create copy --file mine.json
  usm profile export server | usm profile create mine --file -

--set takes the fields that `usm profile show NAME --json` shows, besides the settings of
usm itself; a list is given as a,b,c, a rule in JSON. What is not given is that of --from,
or of balanced.";

/// Show and make profiles: from when on something is wrong, and what may be done about it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct ProfileOptions {
    #[command(subcommand)]
    work: Work,
}

#[derive(Debug, Subcommand)]
enum Work {
    /// The profiles there are, and which is in force.
    #[command(after_help = "Examples:\n  usm profile list\n  usm profile list --json")]
    List {
        #[command(flatten)]
        form: FormOptions,
    },
    /// One profile: thresholds, rules, what is protected.
    #[command(
        after_help = "Examples:\n  usm profile show balanced\n  usm profile show mine --json"
    )]
    Show {
        /// Its name.
        name: String,
        #[command(flatten)]
        form: FormOptions,
    },
    /// Make a profile of your own, or replace one.
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// Its name: letters, digits, _ and -.
        name: String,
        /// The profile that it starts from; balanced unless given.
        #[arg(long, value_name = "NAME")]
        from: Option<String>,
        /// Fields in JSON, as `export` writes them; - for standard input.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Put a profile in force, now and for later commands.
    #[command(after_help = "Examples:\n  usm profile apply server")]
    Apply {
        /// Its name.
        name: String,
    },
    /// Write a profile as JSON.
    #[command(
        after_help = "Examples:\n  usm profile export mine mine.json\n  usm profile export mine | jq .optimization_rules"
    )]
    Export {
        /// Its name.
        name: String,
        /// The file; standard output unless given.
        file: Option<PathBuf>,
    },
    /// Delete a profile of your own.
    #[command(after_help = "Examples:\n  usm profile delete mine")]
    Delete {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Clone, Copy, Args)]
struct FormOptions {
    /// As JSON in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
}

pub(crate) fn perform(
    options: &ProfileOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    match &options.work {
        Work::List { form } => list(*form, global, out),
        Work::Show { name, form } => show(name, *form, global, out),
        Work::Create { name, from, file } => {
            create(name, from.as_deref(), file.as_deref(), global, out)
        }
        Work::Apply { name } => {
            let optimizer = optimizer(global)?;
            optimizer
                .apply_profile(name)
                .map_err(Failure::of_optimizer)?;
            say(&format!("The profile {name} is in force."), out)
        }
        Work::Export { name, file } => {
            let profile = found(&optimizer(global)?, name)?;
            match file {
                None => out.json(&profile, true),
                Some(file) => export(&profile, file, out),
            }
        }
        Work::Delete { name } => {
            let optimizer = optimizer(global)?;
            optimizer
                .delete_profile(name)
                .map_err(Failure::of_optimizer)?;
            say(&format!("The profile {name} is deleted."), out)
        }
    }
}

fn optimizer(global: &GlobalOptions) -> Outcome<Optimizer> {
    let settings = OptimizerSettings {
        rollback_on_close: false,
        ..OptimizerSettings::default()
    };
    opened(one_look(global)?, settings)
}

fn found(optimizer: &Optimizer, name: &str) -> Outcome<Profile> {
    optimizer.profile(name).map_err(Failure::of_optimizer)
}

fn list(form: FormOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let optimizer = optimizer(global)?;
    let profiles = optimizer.profiles().map_err(Failure::of_optimizer)?;
    let current = optimizer.current_profile();
    if form.json {
        let value = json!({ "profiles": profiles, "current": current.profile_name });
        return out.json(&value, form.pretty);
    }
    let mut page = Page::new(out.style());
    draw::list(&profiles, &current.profile_name, &mut page);
    out.draw(&page)
}

fn show(name: &str, form: FormOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let profile = found(&optimizer(global)?, name)?;
    if form.json {
        return out.json(&profile, form.pretty);
    }
    let mut page = Page::new(out.style());
    draw::profile(&profile, &mut page);
    out.draw(&page)
}

fn create(
    name: &str,
    from: Option<&str>,
    file: Option<&Path>,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let mut global = global.clone();
    let fields = edit::take_fields(&mut global.set);
    let given = file.map(read).transpose()?;
    let optimizer = optimizer(&global)?;
    let base = found(&optimizer, from.unwrap_or("balanced"))?;
    let profile = edit::made(name, &base, given, &fields)?;
    optimizer
        .save_profile(&profile)
        .map_err(Failure::of_optimizer)?;
    say(&format!("The profile {name} is stored."), out)
}

/// A JSON value from a file, or from standard input for `-`.
fn read(file: &Path) -> Outcome<Value> {
    let mut text = String::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().lock().read_to_string(&mut text),
        _ => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    let name = file.display();
    read.map_err(|error| Failure::usage(&format!("{name}: {error}"), None))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(
            &format!("{name}: {error}"),
            Some("`usm profile export NAME` writes what is read here"),
        )
    })
}

fn export(profile: &Profile, file: &Path, out: &mut Outlet) -> Outcome {
    let mut text = serde_json::to_string_pretty(profile)?;
    text.push('\n');
    let name = file.display();
    std::fs::write(file, text).map_err(|error| Failure::new(&format!("{name}: {error}"), None))?;
    let text = format!("The profile {} is in {name}.", profile.profile_name);
    say(&text, out)
}

fn say(text: &str, out: &mut Outlet) -> Outcome {
    let mut page = Page::new(out.style());
    paragraph(&mut page, 0, Tone::Plain, text);
    out.draw(&page)
}
