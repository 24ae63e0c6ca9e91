//! Settings of an optimizer.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::act::Scope;
use crate::error::{Error, Result};

/// Settings of an [`Optimizer`](super::Optimizer).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OptimizerSettings {
    /// Folder of `performance_optimizer.db`; `None` for the monitor's.
    pub data_dir: Option<PathBuf>,
    /// What may be touched at all; `None`: the processes of the user that runs this program.
    pub scope: Option<Scope>,
    /// Profile in force at the start; `None`: the one applied last, else `balanced`.
    pub profile: Option<String>,
    /// Act by itself on the monitor's states, as the profile allows.
    pub auto_optimize: bool,
    /// In `auto_optimize`, say and record what would be done, and do nothing.
    pub auto_dry_run: bool,
    /// Length of the windows before and after an action in which its effect is measured,
    /// seconds, 0.1 to 60.
    pub verify_seconds: f64,
    /// Seconds after which a freeze or stop ends by itself, 0.1 to 3600.
    pub lease_seconds: f64,
    /// Seconds after which a plan is too old to be executed, 1 to 86,400.
    pub plan_shelf_seconds: f64,
    /// Most actions for real within a minute, 1 to 10,000.
    pub max_actions_per_minute: u32,
    /// Most processes that may be under changes at the same time, 1 to 100,000.
    pub max_processes_touched: u32,
    /// Seconds after an action during which `auto_optimize` leaves the same process or file
    /// system alone, 0 to 86,400.
    pub cooldown_seconds: f64,
    /// Samples in a row for which a target must stand before `auto_optimize` acts, 1 to 100.
    pub auto_samples: u32,
    /// Take everything back when the optimizer is closed; otherwise it stays until a
    /// rollback (what has a lease ends all the same).
    pub rollback_on_close: bool,
    /// Actions executed at the same time, 1 to 64.
    pub max_threads: usize,
    /// Folders that `cleanup_disk` may work in besides those of its built-in rules.
    pub cleanup_folders: Vec<PathBuf>,
    /// Age from which what lies in these folders may go, seconds, 0 to 31,536,000.
    pub cleanup_age_seconds: f64,
    /// Delete at once what can be fetched or made again (caches), instead of putting it aside.
    pub cleanup_purge_caches: bool,
    /// Whether the built-in cleaning rules (tmpfiles.d, caches, logs, trash) count.
    pub cleanup_builtin: bool,
    /// Seconds that cleaned files stay in quarantine, 0 to 31,536,000.
    pub quarantine_seconds: f64,
    /// Seconds that SIGTERM gets before SIGKILL may follow, 0 to 600.
    pub kill_timeout: f64,
}

impl Default for OptimizerSettings {
    fn default() -> OptimizerSettings {
        OptimizerSettings {
            data_dir: None,
            scope: None,
            profile: None,
            auto_optimize: false,
            auto_dry_run: false,
            verify_seconds: 1.0,
            lease_seconds: 30.0,
            plan_shelf_seconds: 120.0,
            max_actions_per_minute: 30,
            max_processes_touched: 256,
            cooldown_seconds: 60.0,
            auto_samples: 2,
            rollback_on_close: true,
            max_threads: 4,
            cleanup_folders: Vec::new(),
            cleanup_age_seconds: 86_400.0,
            cleanup_purge_caches: false,
            cleanup_builtin: true,
            quarantine_seconds: 86_400.0,
            kill_timeout: 5.0,
        }
    }
}

impl OptimizerSettings {
    /// # Errors
    /// `InvalidArgument` with the setting's name, the value and what is allowed.
    pub fn validate(&self) -> Result<()> {
        let numbers = [
            ("verify_seconds", self.verify_seconds, 0.1, 60.0),
            ("lease_seconds", self.lease_seconds, 0.1, 3600.0),
            ("plan_shelf_seconds", self.plan_shelf_seconds, 1.0, 86_400.0),
            ("cooldown_seconds", self.cooldown_seconds, 0.0, 86_400.0),
            (
                "quarantine_seconds",
                self.quarantine_seconds,
                0.0,
                31_536_000.0,
            ),
            (
                "cleanup_age_seconds",
                self.cleanup_age_seconds,
                0.0,
                31_536_000.0,
            ),
            ("kill_timeout", self.kill_timeout, 0.0, 600.0),
        ];
        for (name, value, least, most) in numbers {
            if !(least..=most).contains(&value) {
                let allowed = format!("{least} to {most} seconds");
                return Err(Error::invalid(name, value, allowed));
            }
        }
        let counts = [
            (
                "max_actions_per_minute",
                u64::from(self.max_actions_per_minute),
                10_000,
            ),
            (
                "max_processes_touched",
                u64::from(self.max_processes_touched),
                100_000,
            ),
            ("auto_samples", u64::from(self.auto_samples), 100),
            ("max_threads", self.max_threads as u64, 64),
        ];
        for (name, value, most) in counts {
            if !(1..=most).contains(&value) {
                let allowed = format!("a whole number, 1 to {most}");
                return Err(Error::invalid(name, value, allowed));
            }
        }
        if let Some(folder) = self.cleanup_folders.iter().find(|f| !f.is_absolute()) {
            let allowed = "absolute paths of folders";
            return Err(Error::invalid("cleanup_folders", folder.display(), allowed));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_its_range_is_named() {
        OptimizerSettings::default().validate().unwrap();
        let refused = |change: fn(&mut OptimizerSettings)| {
            let mut settings = OptimizerSettings::default();
            change(&mut settings);
            settings.validate().unwrap_err().to_string()
        };
        assert!(refused(|s| s.verify_seconds = 0.0).starts_with("verify_seconds: 0"));
        assert!(refused(|s| s.lease_seconds = f64::NAN).starts_with("lease_seconds"));
        assert!(refused(|s| s.max_threads = 0).contains("1 to 64"));
        assert!(refused(|s| s.cleanup_folders = vec!["tmp".into()]).contains("absolute"));
    }
}
