//! Options of every command that uses the optimizer, and the optimizer that comes of them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use usm_core::Config;
use usm_core::optimizer::{Optimizer, OptimizerSettings};

use super::scope::ScopeAsked;
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;

/// What the optimizer may do, and by which profile.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AimOptions {
    /// What may be touched: machine, user, user:UID, user:NAME, subtree:PID, cgroup:PATH or
    /// list:PID,PID; your own processes unless given.
    #[arg(long, value_name = "SCOPE", value_parser = ScopeAsked::parse, help_heading = HEADING)]
    scope: Option<ScopeAsked>,
    /// Profile to go by, for this command only.
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    profile: Option<String>,
    /// A folder that may be cleaned too; may be given several times.
    #[arg(long, value_name = "DIR", help_heading = HEADING)]
    clean: Vec<PathBuf>,
    /// Without the built-in rules of cleaning: only the folders of --clean.
    #[arg(long, help_heading = HEADING)]
    no_builtin_rules: bool,
    /// Length of the windows before and after an action in which its effect is measured.
    #[arg(long, value_name = "SECONDS", help_heading = HEADING)]
    verify_seconds: Option<f64>,
    /// After which a freeze or stop ends by itself.
    #[arg(long, value_name = "SECONDS", help_heading = HEADING)]
    lease_seconds: Option<f64>,
}

const HEADING: &str = "Optimizer options";

impl AimOptions {
    /// Whether any of them was given.
    pub(crate) fn is_given(&self) -> bool {
        self.scope.is_some()
            || self.profile.is_some()
            || !self.clean.is_empty()
            || self.no_builtin_rules
            || self.verify_seconds.is_some()
            || self.lease_seconds.is_some()
    }

    /// The same options for another process, whose working directory is another one.
    pub(crate) fn arguments(&self) -> Outcome<Vec<OsString>> {
        let mut arguments: Vec<OsString> = Vec::new();
        let mut add = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        if let Some(scope) = &self.scope {
            add("--scope", scope.to_text().into());
        }
        if let Some(profile) = &self.profile {
            add("--profile", profile.into());
        }
        for folder in &self.clean {
            add("--clean", absolute(folder)?.into());
        }
        if let Some(seconds) = self.verify_seconds {
            add("--verify-seconds", seconds.to_string().into());
        }
        if let Some(seconds) = self.lease_seconds {
            add("--lease-seconds", seconds.to_string().into());
        }
        if self.no_builtin_rules {
            arguments.push("--no-builtin-rules".into());
        }
        Ok(arguments)
    }

    /// The settings: what this command changes stays after it, as the user asked for it; what
    /// has a lease ends all the same.
    pub(crate) fn settings(&self, config: &Config) -> Outcome<OptimizerSettings> {
        let mut settings = OptimizerSettings {
            rollback_on_close: false,
            profile: self.profile.clone(),
            cleanup_builtin: !self.no_builtin_rules,
            ..OptimizerSettings::default()
        };
        if let Some(scope) = &self.scope {
            settings.scope = Some(scope.resolve(&config.roots())?);
        }
        for folder in &self.clean {
            settings.cleanup_folders.push(absolute(folder)?);
        }
        if let Some(seconds) = self.verify_seconds {
            settings.verify_seconds = seconds;
        }
        if let Some(seconds) = self.lease_seconds {
            settings.lease_seconds = seconds;
        }
        Ok(settings)
    }

    /// An optimizer for one command; it samples for itself.
    pub(crate) fn optimizer(&self, global: &GlobalOptions) -> Outcome<Optimizer> {
        let config = one_look(global)?;
        let settings = self.settings(&config)?;
        opened(config, settings)
    }
}

/// An optimizer that does what it is told only, whatever the profile in force lets it do by
/// itself while a monitor runs.
pub(crate) fn opened(config: Config, settings: OptimizerSettings) -> Outcome<Optimizer> {
    let optimizer = Optimizer::new(config, settings).map_err(Failure::of_optimizer)?;
    optimizer
        .set_auto_optimize(false)
        .map_err(Failure::of_optimizer)?;
    Ok(optimizer)
}

/// Settings of a monitor for one command: nothing is stored, and nothing left out, for the
/// budget is for who watches all day.
pub(crate) fn one_look(global: &GlobalOptions) -> Outcome<Config> {
    Ok(Config {
        overhead_budget_percent: 100.0,
        ..global.settings_without_store()?
    })
}

/// The folder as the optimizer wants it, whatever the working directory is later.
pub(super) fn absolute(folder: &std::path::Path) -> Outcome<PathBuf> {
    std::path::absolute(folder)
        .map_err(|error| Failure::usage(&format!("{}: {error}", folder.display()), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_the_default_except_that_changes_stay() {
        let settings = AimOptions::default().settings(&Config::default()).unwrap();
        let wanted = OptimizerSettings {
            rollback_on_close: false,
            ..OptimizerSettings::default()
        };
        assert_eq!(settings, wanted);
        assert!(!AimOptions::default().is_given());
    }

    #[test]
    fn what_is_given_is_taken() {
        let aim = AimOptions {
            scope: Some(ScopeAsked::Machine),
            profile: Some("server".into()),
            clean: vec!["relative".into()],
            no_builtin_rules: true,
            verify_seconds: Some(0.5),
            lease_seconds: Some(5.0),
        };
        assert!(aim.is_given());
        let arguments = aim.arguments().unwrap();
        let names = arguments.iter().filter_map(|word| word.to_str());
        let names: Vec<&str> = names.filter(|word| word.starts_with("--")).collect();
        assert_eq!(
            names,
            [
                "--scope",
                "--profile",
                "--clean",
                "--verify-seconds",
                "--lease-seconds",
                "--no-builtin-rules"
            ]
        );
        assert!(arguments.iter().any(|word| word == "machine"));
        let settings = aim.settings(&Config::default()).unwrap();
        assert_eq!(settings.scope, Some(usm_core::act::Scope::Machine));
        assert_eq!(settings.profile.as_deref(), Some("server"));
        assert!(settings.cleanup_folders[0].is_absolute());
        assert!(!settings.cleanup_builtin);
        assert_eq!(
            (settings.verify_seconds, settings.lease_seconds),
            (0.5, 5.0)
        );
    }
}
