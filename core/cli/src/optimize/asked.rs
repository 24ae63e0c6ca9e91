//! The options of `usm optimize`, and which of its works they ask for.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};
use usm_core::optimizer::RiskLevel;

use super::AimOptions;
use crate::options::seconds;

pub(super) const EXAMPLES: &str = "\
Examples:
  usm optimize --analyze                 what is wrong, who causes it, how sure that is
  usm optimize --plan                    what could be done about it, and its risk
  usm optimize --execute                 shows the plan, and does it when you say yes
  usm optimize --execute --demo          everything is checked, nothing is changed
  usm optimize --execute --yes --scope subtree:4242
  usm optimize --auto --for 60           acts by itself for a minute, then takes it back
  usm optimize --history --limit 5
  usm optimize --explain 12              all about action 12
  usm optimize --rollback                takes back everything; --rollback 12: action 12
  usm optimize --preview --clean ~/tmp   what cleaning would take
  usm optimize --growth /var             which folders grew since the last look
  usm optimize --facts                   what works here and why not
  usm optimize --halt                    takes everything back; nothing acts until --resume

Exit codes: 0 done or nothing to do, 1 an action failed or was refused, 2 wrong usage,
130 interrupted.";

/// Find what hurts, relieve it, prove that it helped, or take it back.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("work").args([
    "analyze", "plan", "execute", "auto", "rollback", "history", "explain", "status",
    "facts", "preview", "growth", "halt", "resume",
])))]
pub(crate) struct OptimizeOptions {
    /// What is wrong now: waiting, pressure and lack of room, with who causes it.
    #[arg(long)]
    analyze: bool,
    /// What could be done about it, with benefit, risk and whether it can be taken back.
    #[arg(long)]
    plan: bool,
    /// Do it, measure each action, and take back what did not help. Asks before.
    #[arg(long)]
    execute: bool,
    /// Act by itself until Ctrl-C, then take everything back.
    #[arg(long)]
    auto: bool,
    /// Take back everything, or one action.
    #[arg(long, value_name = "ID", num_args = 0..=1)]
    #[allow(clippy::option_option)] // Without a value it is asked for all the same.
    rollback: Option<Option<i64>>,
    /// What was done before, and what came of it.
    #[arg(long)]
    history: bool,
    /// All about one action: why, what, before, after, verdict.
    #[arg(long, value_name = "ID")]
    explain: Option<i64>,
    /// How the optimizer stands: profile, scope, changes in force.
    #[arg(long)]
    status: bool,
    /// What works on this machine and what does not, with the reason.
    #[arg(long)]
    facts: bool,
    /// What cleaning would take, rule by rule.
    #[arg(long)]
    preview: bool,
    /// Which folders below DIR grew since the last look at it.
    #[arg(long, value_name = "DIR")]
    growth: Option<PathBuf>,
    /// Take everything back; no optimizer changes anything until --resume.
    #[arg(long)]
    halt: bool,
    /// Allow changes again after --halt.
    #[arg(long)]
    resume: bool,

    /// With --execute or --auto: only say what would be done.
    #[arg(long, conflicts_with = "yes")]
    pub(super) demo: bool,
    /// With --execute: without asking.
    #[arg(long)]
    pub(super) yes: bool,
    /// With --execute: most risk that is accepted; what the profile allows unless given.
    #[arg(long, value_name = "RISK", value_enum)]
    allow_risk: Option<Risk>,
    /// With --execute: don't measure whether it helped; it stays in any case.
    #[arg(long)]
    pub(super) no_verify: bool,
    /// Leave the changes in force at the end (--execute does so unless told otherwise).
    #[arg(long, conflicts_with = "rollback_on_exit")]
    pub(super) keep: bool,
    /// Take the changes back at the end (--auto does so unless told otherwise).
    #[arg(long)]
    pub(super) rollback_on_exit: bool,
    /// How long --auto acts, or --execute --rollback-on-exit leaves its changes in force.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub(super) for_seconds: Option<f64>,
    /// With --history: how many entries; 20 unless given.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// As JSON in one line.
    #[arg(long)]
    pub(super) json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pub(super) pretty: bool,
    #[command(flatten)]
    pub(super) aim: AimOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Risk {
    Low,
    Medium,
    High,
}

/// One of the works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    Analyze,
    Plan,
    Execute,
    Auto,
    Rollback(Option<i64>),
    History,
    Explain(i64),
    Status,
    Facts,
    Preview,
    Growth(&'a Path),
    /// On, or off again.
    Halt(bool),
}

impl OptimizeOptions {
    /// The one that was asked for; clap has refused several.
    pub(super) fn asked(&self) -> Option<Asked<'_>> {
        let flags = [
            (self.analyze, Asked::Analyze),
            (self.plan, Asked::Plan),
            (self.execute, Asked::Execute),
            (self.auto, Asked::Auto),
            (self.history, Asked::History),
            (self.status, Asked::Status),
            (self.facts, Asked::Facts),
            (self.preview, Asked::Preview),
            (self.halt, Asked::Halt(true)),
            (self.resume, Asked::Halt(false)),
        ];
        let with_value = self
            .rollback
            .map(Asked::Rollback)
            .or(self.explain.map(Asked::Explain))
            .or(self.growth.as_deref().map(Asked::Growth));
        let flag = flags.into_iter().find(|(is_given, _)| *is_given);
        flag.map(|(_, asked)| asked).or(with_value)
    }

    /// An option that was given without what it modifies, with that. (Of clap's own rules
    /// those that require are void where something else excludes what they require.)
    pub(super) fn misplaced(&self) -> Option<(&'static str, &'static str)> {
        let executes = self.execute;
        let acts = self.execute || self.auto;
        let (execute, either) = ("--execute", "--execute or --auto");
        [
            ("--yes", self.yes, executes, execute),
            ("--allow-risk", self.allow_risk.is_some(), executes, execute),
            ("--no-verify", self.no_verify, executes, execute),
            ("--demo", self.demo, acts, either),
            ("--keep", self.keep, acts, either),
            ("--rollback-on-exit", self.rollback_on_exit, acts, either),
            (
                "--for",
                self.for_seconds.is_some(),
                self.auto || self.rollback_on_exit,
                "--auto or --execute --rollback-on-exit",
            ),
            ("--limit", self.limit.is_some(), self.history, "--history"),
        ]
        .into_iter()
        .find(|(_, is_given, is_in_place, _)| *is_given && !is_in_place)
        .map(|(option, _, _, needed)| (option, needed))
    }

    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(20)
    }

    pub(super) fn allowed_risk(&self) -> Option<RiskLevel> {
        self.allow_risk.map(|risk| match risk {
            Risk::Low => RiskLevel::Low,
            Risk::Medium => RiskLevel::Medium,
            Risk::High => RiskLevel::High,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: OptimizeOptions,
    }

    fn parsed(text: &str) -> Result<OptimizeOptions, String> {
        let args = std::iter::once("optimize").chain(text.split_whitespace());
        let line = Line::try_parse_from(args).map_err(|error| error.to_string())?;
        match line.options.misplaced() {
            Some((option, needed)) => Err(format!("{option} without {needed}")),
            None => Ok(line.options),
        }
    }

    #[test]
    fn each_work_can_be_asked_for() {
        for (text, wanted) in [
            ("--analyze", Asked::Analyze),
            ("--plan --json --pretty", Asked::Plan),
            ("--execute --demo", Asked::Execute),
            (
                "--execute --yes --allow-risk high --no-verify",
                Asked::Execute,
            ),
            ("--execute --yes --rollback-on-exit --for 5", Asked::Execute),
            ("--auto --demo --for 5 --keep", Asked::Auto),
            ("--rollback", Asked::Rollback(None)),
            ("--rollback 7", Asked::Rollback(Some(7))),
            ("--history --limit 3", Asked::History),
            ("--explain 7", Asked::Explain(7)),
            ("--status", Asked::Status),
            ("--facts", Asked::Facts),
            (
                "--preview --clean /a --clean /b --no-builtin-rules",
                Asked::Preview,
            ),
            ("--growth /var", Asked::Growth(Path::new("/var"))),
            ("--halt", Asked::Halt(true)),
            ("--resume", Asked::Halt(false)),
        ] {
            let options = parsed(text).unwrap();
            assert_eq!(options.asked(), Some(wanted), "{text}");
        }
        assert_eq!(parsed("").unwrap().asked(), None);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for text in [
            "--analyze --plan",
            "--execute --auto",
            "--halt --resume",
            "--rollback --history",
            "--demo",
            "--analyze --demo",
            "--plan --yes",
            "--auto --yes",
            "--execute --demo --yes",
            "--plan --allow-risk low",
            "--execute --allow-risk none",
            "--execute --for 5",
            "--execute --keep --rollback-on-exit",
            "--analyze --limit 5",
            "--analyze --pretty",
            "--explain",
            "--rollback x",
            "--growth",
            "--analyze --scope everything",
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}
