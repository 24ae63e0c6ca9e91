//! The command line of the Unified System Monitor.
//!
//! [`run`] is the whole of `usm`: it takes the arguments, writes to standard output and
//! standard error and answers the exit code, so that a program in another language can
//! offer the same command.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no monitor runs (`usm monitor --status`),
//! 130 interrupted, 141 the reader of the output went away.

mod alerts;
mod archive;
mod at;
mod completion;
mod config;
mod doctor;
mod draw;
mod export;
mod failure;
mod follow;
mod forecast;
mod found;
mod history;
mod import;
mod insights;
mod interrupt;
mod migrate;
mod monitor;
mod news;
mod optimize;
mod options;
mod outlet;
mod profile;
mod progress;
mod record;
mod recording;
mod replay;
mod report;
mod sample;
mod security;
mod status;
mod tools;
mod top;
mod users;
mod when;
mod words;

use std::ffi::OsString;
use std::io::Write;
use std::sync::OnceLock;

use clap::{Parser, Subcommand};

use failure::{Failure, Outcome};
use options::GlobalOptions;
use outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  usm status                      a picture of this machine
  usm status --watch              the same, drawn again every 2 seconds
  usm status --json | jq .metrics the numbers, for a script
  usm top                         the same live, with keys: processes, alerts, history
  usm doctor                      what can be read here, what can't, and why
  usm sample --json --raw         the raw counters of one reading
  usm config                      the settings in force and where they came from
  usm config set log_level DEBUG  saved for every command; the monitor takes it over
  usm monitor --start             watch in the background, and store what is seen
  usm history cpu_percent         a chart of the past
  usm at yesterday 14:05          this machine as it was then
  usm alerts                      what fires; `usm alerts rules` shows why it would
  usm insights                    what is the matter, and which process causes it
  usm forecast                    what is to come, and what runs out when
  usm security                    what is wrong or new with this machine's security
  usm tools disk full             which tool shows more, and how it is had here
  usm report --health -o day.html a page with scores, charts, alerts and forecasts
  usm export metrics --since 24h  every sample of a day, for another program
  usm record day.usm              record until Ctrl-C; `usm replay` tells what was found
  usm migrate FOLDER              bring the prototype's databases in
  usm optimize --analyze          what is wrong, who causes it, how sure that is
  usm optimize --execute          what could be done; does it when you say yes
  usm optimize --rollback         takes back what was done

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.";

/// Watch this machine: what it does, what it waits for and what could be better.
#[derive(Debug, Parser)]
#[command(name = "usm", version = usm_core::VERSION, after_help = EXAMPLES)]
struct CommandLine {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(status::StatusOptions),
    Top(top::TopOptions),
    Sample(sample::SampleOptions),
    Report(report::ReportOptions),
    Monitor(monitor::MonitorOptions),
    Alerts(alerts::AlertsOptions),
    Insights(insights::InsightsOptions),
    Forecast(forecast::ForecastOptions),
    Security(security::SecurityOptions),
    Tools(tools::ToolsOptions),
    Optimize(optimize::OptimizeOptions),
    Profile(profile::ProfileOptions),
    History(history::HistoryOptions),
    At(at::AtOptions),
    Record(record::RecordOptions),
    Replay(replay::ReplayOptions),
    Import(import::ImportOptions),
    Export(export::ExportOptions),
    Migrate(migrate::MigrateOptions),
    Doctor(doctor::DoctorOptions),
    Config(config::ConfigOptions),
    Completion(completion::CompletionOptions),
}

/// How this command line is run by another process; the program itself unless it was said.
static COMMAND: OnceLock<Vec<OsString>> = OnceLock::new();

/// Says how this command line is run by another process, which a monitor in the background
/// needs: the program with the arguments before those of `usm`. Only the first time counts.
pub fn set_command(command: Vec<OsString>) {
    // A second one is the same in every program that there is.
    let _ = COMMAND.set(command);
}

pub(crate) fn command() -> Outcome<Vec<OsString>> {
    if let Some(command) = COMMAND.get() {
        return Ok(command.clone());
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(&format!("where this program is: {error}"), None))?;
    Ok(vec![program.into_os_string()])
}

/// Does what the arguments say (the first is the program's name, as in
/// `std::env::args_os`) and returns the exit code. Never panics and never exits.
pub fn run<I: IntoIterator<Item = OsString>>(args: I) -> i32 {
    let outcome = match CommandLine::try_parse_from(config::plain(args)) {
        Ok(line) => line.perform(),
        Err(message) if message.use_stderr() => Err(Failure::from_usage(&message)),
        // Help and version are asked for: they are the output.
        Err(message) => {
            Outlet::new(anstream::ColorChoice::Auto).write(&message.render().ansi().to_string())
        }
    };
    match outcome {
        Ok(()) => 0,
        Err(failure) => {
            if let Some(text) = failure.text() {
                // Where standard error can't be written either, only the code is left.
                let _ = anstream::stderr().write_all(text.as_bytes());
            }
            failure.code()
        }
    }
}

impl CommandLine {
    fn perform(self) -> Outcome {
        let mut out = Outlet::new(self.global.colour());
        match self.command {
            Command::Status(options) => status::perform(&options, &self.global, &mut out),
            Command::Top(options) => top::perform(&options, &self.global, &mut out),
            Command::Sample(options) => sample::perform(&options, &self.global, &mut out),
            Command::Report(options) => report::perform(&options, &self.global, &mut out),
            Command::Monitor(options) => monitor::perform(&options, &self.global, &mut out),
            Command::Alerts(options) => alerts::perform(&options, &self.global, &mut out),
            Command::Insights(options) => insights::perform(&options, &self.global, &mut out),
            Command::Forecast(options) => forecast::perform(&options, &self.global, &mut out),
            Command::Security(options) => security::perform(&options, &self.global, &mut out),
            Command::Tools(options) => tools::perform(&options, &self.global, &mut out),
            Command::Optimize(options) => optimize::perform(&options, &self.global, &mut out),
            Command::Profile(options) => profile::perform(&options, &self.global, &mut out),
            Command::History(options) => history::perform(&options, &self.global, &mut out),
            Command::At(options) => at::perform(&options, &self.global, &mut out),
            Command::Record(options) => record::perform(&options, &self.global, &mut out),
            Command::Replay(options) => replay::perform(&options, &self.global, &mut out),
            Command::Import(options) => import::perform(&options, &mut out),
            Command::Export(options) => export::perform(&options, &self.global, &mut out),
            Command::Migrate(options) => migrate::perform(&options, &self.global, &mut out),
            Command::Doctor(options) => doctor::perform(&options, &self.global, &mut out),
            Command::Config(options) => config::perform(&options, &self.global, &mut out),
            Command::Completion(options) => completion::perform(&options, &mut out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    fn examples_of(command: &clap::Command) {
        for sub in command.get_subcommands().filter(|s| s.get_name() != "help") {
            let taught = sub
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(taught.contains("Examples:\n  usm "), "{}", sub.get_name());
            examples_of(sub);
        }
    }

    #[test]
    fn every_subcommand_teaches_by_example() {
        examples_of(&CommandLine::command());
    }
}
