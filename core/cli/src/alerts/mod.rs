//! `usm alerts`: what fires, the rules, and what somebody says to it.

mod channels;
mod check;
mod edit;
mod listing;
mod rule_table;
mod rules;
mod silences;
mod test;
mod timeline;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use usm_core::alert::Alert;
use usm_core::store::FindingKind;

use crate::draw::{Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::found::{Found, MOST, Wanted};
use crate::optimize::draw::paragraph;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::when::{moment, stretch};
pub(crate) use edit::this_user;
#[cfg(test)]
pub(crate) use listing::tests;
pub(crate) use listing::{of_one, worst_first};
use rules::Origin;
pub(crate) use rules::{Rules, file as rules_file};

const EXAMPLES: &str = "\
Examples:
  usm alerts                            what fires now
  usm alerts history --since 24h        what fired, and for how long
  usm alerts rules                      the rules in force
  usm alerts test 'cpu_percent > 90%' --over 24h
                                        when a rule would have fired, before it is added
  usm alerts add --name Busy --when 'cpu_percent > 90%' --for 5m
  usm alerts silence 'Disk*' --for 2h --label mount=/var --reason \"being cleaned\"
  usm alerts ack 17 --note \"on it\"

Alerts are raised by a monitor, e.g. `usm monitor --start`, and are read here out of its data
folder, also while it runs. --json is one object: alerts (as in `usm status --json`, with
closed_at), newest_state (Unix seconds), is_watched, and notes.";

const WHEN_EXAMPLES: &str = "\
A condition: METRIC > 90%, also >=, <, <=, ==, !=; METRIC{mount=\"/var*\"} > 85% clear 80%;
rises by 10GiB within 1h, deviates, reaches 100% within 24h, absent for 5m; joined by and, or,
not. `usm alerts show RULE` shows how a rule is written, `usm history --list` the metrics.";

/// Show what fires, and make, test and silence the rules of alerts.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct AlertsOptions {
    #[command(subcommand)]
    work: Option<Work>,
    #[command(flatten)]
    list: ListOptions,
}

#[derive(Debug, Subcommand)]
enum Work {
    /// What fires now, or all there was.
    #[command(
        after_help = "Examples:\n  usm alerts list\n  usm alerts list --all\n  usm alerts list --since 24h --json"
    )]
    List(ListOptions),
    /// What fired in the past, and for how long.
    #[command(
        after_help = "Examples:\n  usm alerts history\n  usm alerts history --since \"yesterday 14:00\""
    )]
    History {
        /// From this time on.
        #[arg(
            long,
            value_name = "TIME",
            default_value = "24h",
            allow_hyphen_values = true
        )]
        since: String,
        #[command(flatten)]
        form: FormOptions,
    },
    /// The rules in force.
    #[command(
        after_help = "Examples:\n  usm alerts rules\n  usm alerts rules --mine\n  usm alerts rules --builtin --toml > alerts.toml\n  usm alerts rules --json | jq '.rules[].name'"
    )]
    Rules {
        /// Only those that are as they were built in.
        #[arg(long, conflicts_with = "mine")]
        builtin: bool,
        /// Only those of the rules' file and of the database.
        #[arg(long)]
        mine: bool,
        /// As a rules' file, to read and to copy from.
        #[arg(long, conflicts_with_all = ["json", "pretty"])]
        toml: bool,
        #[command(flatten)]
        form: FormOptions,
    },
    /// One rule in full, also as it is written in a rules' file.
    #[command(
        after_help = "Examples:\n  usm alerts show Memory\n  usm alerts show Disk --toml\n  usm alerts show \"CPU Quota\" --json"
    )]
    Show {
        /// Its name.
        rule: String,
        /// As a rules' file, to read and to copy from.
        #[arg(long, conflicts_with_all = ["json", "pretty"])]
        toml: bool,
        #[command(flatten)]
        form: FormOptions,
    },
    Add(edit::AddOptions),
    /// Take a rule out of the database: a built-in one or one of the file is as it was.
    #[command(after_help = "Examples:\n  usm alerts remove Busy")]
    Remove {
        /// Its name.
        rule: String,
    },
    /// Switch a rule on, or one severity of it.
    #[command(
        after_help = "Examples:\n  usm alerts enable CPU\n  usm alerts enable \"CPU Warning\""
    )]
    Enable {
        /// Its name.
        rule: String,
    },
    /// Switch a rule off, or one severity of it; also a built-in one.
    #[command(
        after_help = "Examples:\n  usm alerts disable CPU\n  usm alerts disable \"CPU Warning\""
    )]
    Disable {
        /// Its name.
        rule: String,
    },
    Ack(edit::AckOptions),
    Silence(silences::SilenceOptions),
    /// The silences in force or still to come.
    #[command(after_help = "Examples:\n  usm alerts silences\n  usm alerts silences --json")]
    Silences {
        #[command(flatten)]
        form: FormOptions,
    },
    /// End a silence.
    #[command(after_help = "Examples:\n  usm alerts unsilence 3")]
    Unsilence {
        /// Its number, as `usm alerts silences` tells it.
        id: u64,
    },
    Test(test::TestOptions),
    /// Check a rules' file: the place of what is wrong, and what was probably meant.
    #[command(
        after_help = "Examples:\n  usm alerts check alerts.toml\n  usm alerts check - < alerts.toml\n\nExit code 1 when it will not do. Nothing is changed."
    )]
    Check {
        /// The file; - for standard input.
        file: PathBuf,
        #[command(flatten)]
        form: FormOptions,
    },
    /// The channels that are told of alerts.
    #[command(after_help = "Examples:\n  usm alerts channels\n  usm alerts channels --json")]
    Channels {
        #[command(flatten)]
        form: FormOptions,
    },
    /// Send a message of test to a channel, and tell what became of it.
    #[command(
        after_help = "Examples:\n  usm alerts test-channel ops\n\nExit code 1 when it did not arrive."
    )]
    TestChannel {
        /// Its name, as `usm alerts channels` tells it.
        channel: String,
        #[command(flatten)]
        form: FormOptions,
    },
    /// Who was told of what, and whether that worked.
    #[command(
        after_help = "Examples:\n  usm alerts notifications\n  usm alerts notifications --since 7d --json"
    )]
    Notifications {
        /// From this time on.
        #[arg(
            long,
            value_name = "TIME",
            default_value = "24h",
            allow_hyphen_values = true
        )]
        since: String,
        #[command(flatten)]
        form: FormOptions,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// All there was, not only what fires now.
    #[arg(long, conflicts_with = "since")]
    all: bool,
    /// What fired at or after this time, e.g. 24h.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    #[command(flatten)]
    form: FormOptions,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct FormOptions {
    /// As one JSON object in one line.
    #[arg(long)]
    pub(crate) json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pub(crate) pretty: bool,
}

pub(crate) fn perform(
    options: &AlertsOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let Some(work) = &options.work else {
        return list(&options.list, global, out);
    };
    match work {
        Work::List(options) => list(options, global, out),
        Work::History { since, form } => {
            let since = moment("--since", since)?;
            past(Wanted::Since(since), *form, global, out)
        }
        Work::Rules {
            builtin,
            mine,
            toml,
            form,
        } => {
            let wanted = |from: Origin| match (builtin, mine) {
                (true, _) => from == Origin::Builtin,
                (_, true) => from != Origin::Builtin,
                _ => true,
            };
            list_rules(wanted, *toml, *form, global, out)
        }
        Work::Show { rule, toml, form } => show(rule, *toml, *form, global, out),
        Work::Add(options) => edit::add(options, global, out),
        Work::Remove { rule } => edit::remove(rule, global, out),
        Work::Enable { rule } => edit::switch(rule, true, global, out),
        Work::Disable { rule } => edit::switch(rule, false, global, out),
        Work::Ack(options) => edit::acknowledge(options, global, out),
        Work::Silence(options) => silences::silence(options, global, out),
        Work::Silences { form } => silences::list(*form, global, out),
        Work::Unsilence { id } => silences::end(*id, global, out),
        Work::Test(options) => test::perform(options, global, out),
        Work::Check { file, form } => check::perform(file, *form, global, out),
        Work::Channels { form } => channels::list(*form, global, out),
        Work::TestChannel { channel, form } => channels::test(channel, *form, global, out),
        Work::Notifications { since, form } => {
            let since = moment("--since", since)?;
            channels::notifications(since, *form, global, out)
        }
    }
}

fn list(options: &ListOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let wanted = match (&options.since, options.all) {
        (Some(since), _) => Wanted::Since(moment("--since", since)?),
        (None, true) => Wanted::Since(f64::NEG_INFINITY),
        (None, false) => Wanted::Open,
    };
    past(wanted, options.form, global, out)
}

fn past(wanted: Wanted, form: FormOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let mut found = Found::open(global)?;
    let mut alerts = found.of::<Alert>(FindingKind::Alert, wanted, MOST)?;
    if wanted == Wanted::Open {
        worst_first(&mut alerts);
    }
    if form.json {
        let listed: Vec<_> = alerts.iter().map(listing::Listed::of).collect();
        let value = json!({
            "alerts": listed,
            "newest_state": found.newest(),
            "is_watched": found.is_watched(),
            "notes": found.notes(),
        });
        return out.json(&value, form.pretty);
    }
    let mut page = Page::new(out.style());
    let title = match wanted {
        Wanted::Open => "Alerts",
        Wanted::Since(_) => "Alerts of the past",
    };
    listing::draw(&alerts, title, found.now(), &mut page);
    match wanted {
        Wanted::Open if alerts.is_empty() => listing::nothing(found.is_watched(), &mut page),
        Wanted::Open => {}
        Wanted::Since(since) => listing::foot(alerts.len(), since, &mut page),
    }
    found.draw_notes(&mut page);
    out.draw(&page)
}

fn list_rules(
    wanted: impl Fn(Origin) -> bool,
    toml: bool,
    form: FormOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let rules = Rules::read(global)?;
    let shown: Vec<_> = rules.list.iter().filter(|one| wanted(one.from)).collect();
    if toml {
        let texts = shown.iter().map(|one| rule_table::as_file(&one.rule));
        return out.write(&texts.collect::<Vec<_>>().join("\n"));
    }
    if form.json {
        let value = json!({ "rules": shown, "notes": rules.notes });
        return out.json(&value, form.pretty);
    }
    let mut page = Page::new(out.style_of_listing());
    rule_table::table(&shown, &rules, &mut page);
    out.draw(&page)
}

fn show(
    name: &str,
    toml: bool,
    form: FormOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let rules = Rules::read(global)?;
    let one = rules.named(name)?;
    if toml {
        return out.write(&rule_table::as_file(&one.rule));
    }
    if form.json {
        return out.json(one, form.pretty);
    }
    let mut page = Page::new(out.style());
    rule_table::in_full(one, &mut page);
    out.draw(&page)
}

/// What was done, in a sentence.
fn say(text: &str, out: &mut Outlet) -> Outcome {
    let mut page = Page::new(out.style());
    paragraph(&mut page, 0, Tone::Plain, text);
    out.draw(&page)
}

/// The text of a file, or of standard input for `-`.
fn read(file: &std::path::Path) -> Outcome<String> {
    use std::io::Read;
    let mut text = String::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().lock().read_to_string(&mut text),
        _ => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    let name = name_of(file);
    read.map_err(|error| Failure::usage(&format!("{name}: {error}"), None))?;
    Ok(text)
}

fn name_of(file: &std::path::Path) -> String {
    match file.to_str() {
        Some("-") => "standard input".into(),
        _ => file.display().to_string(),
    }
}

/// A stretch of time that an option takes.
fn lasting(text: &str) -> Result<f64, String> {
    match stretch(text) {
        Ok(seconds) if seconds > 0.0 => Ok(seconds),
        Ok(_) => Err("a time of more than 0 s, such as 30m or 2h".into()),
        Err(error) => Err(error),
    }
}
