//! Every setting: its default, unit and allowed range. Defaults are overridden by a file,
//! the file by the environment (`USM_*`), the environment by arguments. A program that wants
//! the settings that a user saved in the data folder asks for them ([`saved`]).

mod layers;
mod read;
#[cfg(unix)]
mod saved;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::sample::{ProcessBackend, ProcessSettings, Roots, SamplerSettings};
use crate::tree::{from_tree, to_tree};

#[cfg(unix)]
pub use saved::{SAVED_NAME, reset, save, save_all, saved, saved_path};
pub(crate) use table::nearest;
pub use table::{SETTINGS, Setting, SettingKind};

/// How much the library tells through the `log` facade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happened.
    #[default]
    Info,
    /// What should be looked at.
    Warning,
    /// What failed.
    Error,
    /// The same as `ERROR`, for scripts of the prototype.
    Critical,
}

/// The settings of a monitor. The first eleven are the prototype's `IntegrationConfig`;
/// ranges and units are in [`SETTINGS`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Sample the host and compute health and performance scores.
    pub enable_monitoring: bool,
    /// Predictions and insights.
    pub enable_analytics: bool,
    /// Learnt models.
    pub enable_ml: bool,
    /// Exports.
    pub enable_export: bool,
    /// Dashboards.
    pub enable_dashboard: bool,
    /// Alerts.
    pub enable_alerts: bool,
    /// The process manager: what acts on processes. They are shown all the same.
    pub enable_process_management: bool,
    /// Seconds between two samples.
    pub refresh_interval: f64,
    /// Most threads of the worker pool for slow work; they are started when needed.
    pub max_threads: usize,
    /// Seconds for which a value that is dear to compute on demand is kept.
    pub cache_duration: f64,
    /// What is passed to the `log` facade.
    pub log_level: LogLevel,

    /// Data folder; `None`: `$USM_DATA_DIR`, `$XDG_STATE_HOME/usm` or `~/.local/state/usm`.
    pub data_dir: Option<PathBuf>,
    /// Write states, timings and events to `unified_system.db`.
    pub store_enabled: bool,
    /// Longest time in seconds that a row waits before it is committed.
    pub commit_interval: f64,
    /// Rows older than this many days are removed.
    pub retention_days: f64,
    /// Hard cap over all database files together, in bytes.
    pub max_store_bytes: u64,
    /// Keep the history of every metric as series, in the same file.
    pub history_enabled: bool,
    /// Days for which every sample is kept.
    pub history_raw_days: f64,
    /// Days for which stretches of 10 s are kept; 0: they are not made.
    pub history_10s_days: f64,
    /// Days for which stretches of a minute are kept; 0: they are not made.
    pub history_1min_days: f64,
    /// Days for which stretches of 10 minutes are kept; 0: they are not made.
    pub history_10min_days: f64,
    /// How many processes that use most CPU, most memory and most storage are kept of each
    /// sample.
    pub history_top_processes: usize,

    /// Folder that stands for `/proc`.
    pub proc_root: PathBuf,
    /// Folder that stands for `/sys`.
    pub sys_root: PathBuf,
    /// Folder that stands for `/`.
    pub host_root: PathBuf,
    /// Read each processor's frequency (may take milliseconds each).
    pub cpu_frequency: bool,
    /// Scan the processes; without it there is no process table and no count of them.
    pub process_scan: bool,
    /// Read each process's storage counters where permitted.
    pub process_io: bool,
    /// How many of the processes that use most CPU or memory get PSS and open files.
    pub process_extra_count: usize,
    /// Read processes through the sysinfo library instead of directly (Linux; elsewhere
    /// it is the only way).
    pub sysinfo_backend: bool,
    /// Give the sampling thread a table of file descriptors of its own (Linux ≥ 5.9), so
    /// that what it keeps open takes none from the program that embeds it. Switch it off
    /// under a tool that can't follow that (valgrind).
    pub private_descriptors: bool,
    /// Seconds that a tick waits for a file system or sensor that does not answer.
    pub slow_source_deadline: f64,
    /// Most that the monitor may cost, percent of one core, before it scans processes
    /// less often.
    pub overhead_budget_percent: f64,
    /// Jitter of the tick as percent of the interval, so as not to beat with the kernel's
    /// own load sampling.
    pub jitter_percent: f64,
    /// Seconds that a call waits at most for a sample, or for the database.
    pub call_timeout: f64,
    /// Compact states kept in memory.
    pub max_history_size: usize,
    /// Events that may wait for a slow callback before the oldest is dropped.
    pub event_queue_size: usize,

    /// Rules of alerts; `None`: `alerts.toml` in the data folder, if there is one.
    pub alert_rules_file: Option<PathBuf>,
    /// Security findings that are meant, by patterns on their ids in which `*` stands for any
    /// text, e.g. `listener:tcp:*:22`: they are listed, but raise no event and cost no points.
    pub security_allow: Vec<String>,
}

impl Default for Config {
    fn default() -> Config {
        let roots = Roots::default();
        Config {
            enable_monitoring: true,
            enable_analytics: true,
            enable_ml: true,
            enable_export: true,
            enable_dashboard: true,
            enable_alerts: true,
            enable_process_management: true,
            refresh_interval: 2.0,
            max_threads: 4,
            cache_duration: 30.0,
            log_level: LogLevel::Info,
            data_dir: None,
            store_enabled: true,
            commit_interval: 5.0,
            retention_days: 30.0,
            max_store_bytes: 256 * 1024 * 1024,
            history_enabled: true,
            history_raw_days: 1.0,
            history_10s_days: 14.0,
            history_1min_days: 90.0,
            history_10min_days: 3653.0,
            history_top_processes: 5,
            proc_root: roots.proc_root,
            sys_root: roots.sys_root,
            host_root: roots.host_root,
            cpu_frequency: false,
            process_scan: true,
            process_io: true,
            process_extra_count: 0,
            sysinfo_backend: false,
            private_descriptors: true,
            slow_source_deadline: 0.25,
            overhead_budget_percent: 1.0,
            jitter_percent: 2.0,
            call_timeout: 10.0,
            max_history_size: 1000,
            event_queue_size: 1024,
            alert_rules_file: None,
            security_allow: Vec::new(),
        }
    }
}

impl Config {
    /// The roots that the sampler reads below.
    pub fn roots(&self) -> Roots {
        Roots {
            proc_root: self.proc_root.clone(),
            sys_root: self.sys_root.clone(),
            host_root: self.host_root.clone(),
        }
    }

    /// What a sampler reads by these settings, for a program that samples without a
    /// [`Monitor`](crate::Monitor).
    pub fn sampler_settings(&self) -> SamplerSettings {
        SamplerSettings {
            roots: self.roots(),
            cpu_frequency: self.cpu_frequency,
            scan_processes: self.process_scan,
            processes: ProcessSettings {
                io: self.process_io,
                extra_count: self.process_extra_count,
                backend: match self.sysinfo_backend {
                    true => ProcessBackend::Sysinfo,
                    false => ProcessBackend::Auto,
                },
                ..ProcessSettings::default()
            },
            slow_source_deadline: Duration::from_secs_f64(self.slow_source_deadline),
            interval: Duration::from_secs_f64(self.refresh_interval),
            overhead_budget_percent: self.overhead_budget_percent,
        }
    }

    /// The value of a setting by its name.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is not a setting, with the nearest one.
    pub fn get(&self, name: &str) -> Result<serde_json::Value> {
        let setting = Setting::named(name)?;
        let all = to_tree(self).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(all
            .get(setting.name)
            .cloned()
            .unwrap_or(serde_json::Value::Null))
    }

    /// Sets one setting by its name; on an error nothing is changed.
    ///
    /// # Errors
    /// `InvalidArgument` with the name, the value and what is allowed.
    pub fn set(&mut self, name: &str, value: serde_json::Value) -> Result<()> {
        let setting = Setting::named(name)?;
        setting.check(&value)?;
        let mut all = to_tree(self).map_err(|e| Error::Internal(e.to_string()))?;
        all[setting.name] = value.clone();
        *self =
            from_tree(&all).map_err(|_| Error::invalid(setting.name, &value, setting.allowed()))?;
        Ok(())
    }

    /// Sets one setting from text, as given on a command line or in the environment:
    /// `true`, `1`, `yes` and `on` in any case are true, their opposites false.
    ///
    /// # Errors
    /// As [`Config::set`].
    pub fn set_text(&mut self, name: &str, text: &str) -> Result<()> {
        let value = Setting::named(name)?.value_of_text(text)?;
        self.set(name, value)
    }

    /// Sets one setting from a number, as a language without whole numbers of its own has
    /// it: for a count, 5.0 is 5.
    ///
    /// # Errors
    /// As [`Config::set`]; NaN and infinities are out of every range.
    pub fn set_number(&mut self, name: &str, number: f64) -> Result<()> {
        /// Up to here every whole number is exact in 64-bit floating point.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let setting = Setting::named(name)?;
        let is_whole = number.fract() == 0.0 && (0.0..=EXACT).contains(&number);
        let value = match setting.kind {
            SettingKind::Count { .. } if is_whole => Some((number as u64).into()),
            _ => serde_json::Number::from_f64(number),
        };
        let value = value.ok_or_else(|| Error::invalid(name, number, setting.allowed()))?;
        self.set(name, serde_json::Value::Number(value))
    }

    /// Checks every setting against its range.
    ///
    /// # Errors
    /// `InvalidArgument` for the first setting that is out of its range.
    pub fn validate(&self) -> Result<()> {
        let all = to_tree(self).map_err(|e| Error::Internal(e.to_string()))?;
        // JSON has no NaN and no infinity: both arrive as null, which `check` refuses.
        SETTINGS
            .iter()
            .try_for_each(|setting| match all.get(setting.name) {
                Some(value) => setting.check(value),
                None => Err(Error::Internal(format!(
                    "{} is not in the configuration",
                    setting.name
                ))),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_defaults_are_valid_and_the_table_names_every_setting() {
        Config::default().validate().unwrap();
        let all = serde_json::to_value(Config::default()).unwrap();
        let fields: Vec<&str> = all
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut table: Vec<&str> = SETTINGS.iter().map(|s| s.name).collect();
        let mut sorted = fields.clone();
        sorted.sort_unstable();
        table.sort_unstable();
        assert_eq!(sorted, table);
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_field_value_and_range() {
        let mut config = Config::default();
        for bad in [
            json!(-1.0),
            json!(0),
            json!("fast"),
            json!(null),
            json!(true),
        ] {
            let error = config
                .set("refresh_interval", bad.clone())
                .unwrap_err()
                .to_string();
            assert!(error.contains("refresh_interval"), "{error}");
            assert!(error.contains(&bad.to_string()), "{error}");
            assert!(error.contains("0.01 to 86400"), "{error}");
        }
        assert_eq!(config, Config::default());
        config.refresh_interval = f64::NAN;
        assert!(
            config
                .validate()
                .unwrap_err()
                .to_string()
                .contains("refresh_interval")
        );
    }

    #[test]
    fn a_number_sets_a_count_when_it_is_whole_and_nothing_when_it_is_none() {
        let mut config = Config::default();
        config.set_number("max_threads", 5.0).unwrap();
        config.set_number("refresh_interval", 0.5).unwrap();
        assert_eq!((config.max_threads, config.refresh_interval), (5, 0.5));
        for (name, number) in [
            ("max_threads", 2.5),
            ("max_threads", -1.0),
            ("max_threads", 1e300),
            ("refresh_interval", f64::NAN),
            ("refresh_interval", f64::INFINITY),
            ("enable_alerts", 1.0),
        ] {
            let error = config.set_number(name, number).unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
        assert_eq!((config.max_threads, config.refresh_interval), (5, 0.5));
    }

    #[test]
    fn a_list_of_patterns_is_given_as_a_list_or_separated_by_commas() {
        let mut config = Config::default();
        config
            .set_text("security_allow", " listener:tcp:*:22, setuid:/opt/x,")
            .unwrap();
        let given = ["listener:tcp:*:22", "setuid:/opt/x"];
        assert_eq!(config.security_allow, given);
        for bad in [json!("a"), json!([1]), json!([""]), json!(null), json!({})] {
            let error = config.set("security_allow", bad).unwrap_err().to_string();
            assert!(error.contains("a list of at most 1000 patterns"), "{error}");
        }
        assert_eq!(config.security_allow, given);
        config.set("security_allow", json!([])).unwrap();
        config.set_text("security_allow", "").unwrap();
        assert_eq!(config, Config::default());
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_one() {
        let error = Config::default()
            .get("refresh_intervall")
            .unwrap_err()
            .to_string();
        assert!(error.contains("did you mean refresh_interval"), "{error}");
    }

    #[test]
    fn text_is_read_by_the_kind_of_the_setting() {
        let mut config = Config::default();
        config.set_text("enable_ml", "Off").unwrap();
        config.set_text("refresh_interval", "3").unwrap();
        config.set_text("max_threads", "8").unwrap();
        config.set_text("log_level", "debug").unwrap();
        config.set_text("data_dir", "/tmp/x").unwrap();
        assert!(!config.enable_ml);
        assert_eq!(config.refresh_interval, 3.0);
        assert_eq!(config.max_threads, 8);
        assert_eq!(config.log_level, LogLevel::Debug);
        assert_eq!(config.data_dir, Some("/tmp/x".into()));
        assert!(config.set_text("max_threads", "2.5").is_err());
        assert!(config.set_text("enable_ml", "maybe").is_err());
    }
}
