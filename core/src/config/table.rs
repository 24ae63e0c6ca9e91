//! The settings as a table: what each is, its unit and what it may be.

use serde_json::Value;

use crate::error::{Error, Result};

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SettingKind {
    /// `true` or `false`.
    Switch,
    /// A number with a fraction, both ends allowed.
    Number {
        /// Least value.
        least: f64,
        /// Greatest value.
        most: f64,
        /// Unit, e.g. `seconds`.
        unit: &'static str,
    },
    /// A whole number, both ends allowed.
    Count {
        /// Least value.
        least: u64,
        /// Greatest value.
        most: u64,
        /// Unit, e.g. `threads`.
        unit: &'static str,
    },
    /// One of some words; case does not matter.
    Choice(&'static [&'static str]),
    /// A folder.
    Folder,
    /// A folder, or nothing for the default one.
    OptionalFolder,
    /// A file, or nothing for the default one.
    OptionalFile,
    /// Some texts, none of them empty; as one text, separated by commas.
    Texts {
        /// Most of them.
        most: usize,
        /// What each is, e.g. `patterns`.
        unit: &'static str,
    },
}

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Its name, the same in every language, in files and (as `USM_…`) in the environment.
    pub name: &'static str,
    /// What it takes.
    pub kind: SettingKind,
    /// What it does, in one line.
    pub about: &'static str,
    /// It acts on a running monitor; otherwise from the next start on.
    pub live: bool,
}

const fn switch(name: &'static str, about: &'static str) -> Setting {
    Setting {
        name,
        kind: SettingKind::Switch,
        about,
        live: true,
    }
}

const fn number(
    name: &'static str,
    (least, most, unit): (f64, f64, &'static str),
    about: &'static str,
) -> Setting {
    Setting {
        name,
        kind: SettingKind::Number { least, most, unit },
        about,
        live: true,
    }
}

const fn count(
    name: &'static str,
    (least, most, unit): (u64, u64, &'static str),
    about: &'static str,
) -> Setting {
    Setting {
        name,
        kind: SettingKind::Count { least, most, unit },
        about,
        live: true,
    }
}

const fn at_start(setting: Setting) -> Setting {
    Setting {
        live: false,
        ..setting
    }
}

const fn folder(name: &'static str, about: &'static str) -> Setting {
    Setting {
        name,
        kind: SettingKind::Folder,
        about,
        live: false,
    }
}

const LEVELS: &[&str] = &["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    switch("enable_monitoring", "sample the host and compute scores"),
    switch("enable_analytics", "predictions and insights"),
    switch("enable_ml", "learnt models"),
    switch("enable_export", "exports"),
    switch("enable_dashboard", "dashboards"),
    switch("enable_alerts", "alerts"),
    switch("enable_process_management", "the process manager"),
    number(
        "refresh_interval",
        (0.01, 86_400.0, "seconds"),
        "time between two samples",
    ),
    at_start(count(
        "max_threads",
        (1, 256, "threads"),
        "most threads for slow work",
    )),
    number(
        "cache_duration",
        (0.0, 86_400.0, "seconds"),
        "how long a dear value is kept",
    ),
    Setting {
        name: "log_level",
        kind: SettingKind::Choice(LEVELS),
        about: "what is passed to the log facade",
        live: true,
    },
    Setting {
        name: "data_dir",
        kind: SettingKind::OptionalFolder,
        about: "data folder",
        live: false,
    },
    at_start(switch("store_enabled", "write to unified_system.db")),
    number(
        "commit_interval",
        (0.0, 3_600.0, "seconds"),
        "longest wait of a row for its commit",
    ),
    number(
        "retention_days",
        (0.001, 36_500.0, "days"),
        "age at which rows are removed",
    ),
    count(
        "max_store_bytes",
        (1 << 20, 1 << 50, "bytes"),
        "hard cap over all database files together",
    ),
    at_start(switch(
        "history_enabled",
        "keep the history of every metric",
    )),
    number(
        "history_raw_days",
        (0.001, 36_500.0, "days"),
        "how long every sample is kept",
    ),
    number(
        "history_10s_days",
        (0.0, 36_500.0, "days"),
        "how long stretches of 10 s are kept",
    ),
    number(
        "history_1min_days",
        (0.0, 36_500.0, "days"),
        "how long stretches of a minute are kept",
    ),
    number(
        "history_10min_days",
        (0.0, 36_500.0, "days"),
        "how long stretches of 10 minutes are kept",
    ),
    count(
        "history_top_processes",
        (0, 100, "processes"),
        "top processes by CPU, memory and storage each that are kept",
    ),
    folder("proc_root", "folder that stands for /proc"),
    folder("sys_root", "folder that stands for /sys"),
    folder("host_root", "folder that stands for /"),
    switch("cpu_frequency", "read each processor's frequency"),
    switch("process_scan", "scan the processes"),
    switch("process_io", "read each process's storage counters"),
    count(
        "process_extra_count",
        (0, 1_000, "processes"),
        "top processes that get PSS and open files",
    ),
    at_start(switch("sysinfo_backend", "read processes through sysinfo")),
    at_start(switch(
        "private_descriptors",
        "a descriptor table of the sampling thread's own",
    )),
    at_start(number(
        "slow_source_deadline",
        (0.001, 10.0, "seconds"),
        "wait for a file system or sensor that does not answer",
    )),
    number(
        "overhead_budget_percent",
        (0.01, 100.0, "percent of one core"),
        "cost above which processes are scanned less often",
    ),
    number(
        "jitter_percent",
        (0.0, 20.0, "percent of the interval"),
        "jitter of the tick",
    ),
    number(
        "call_timeout",
        (0.1, 86_400.0, "seconds"),
        "longest wait of a call for a sample or the database",
    ),
    count(
        "max_history_size",
        (1, 1_000_000, "states"),
        "compact states kept in memory",
    ),
    at_start(count(
        "event_queue_size",
        (1, 1_000_000, "events"),
        "events that may wait for a slow callback",
    )),
    Setting {
        name: "alert_rules_file",
        kind: SettingKind::OptionalFile,
        about: "rules of alerts (TOML); by default alerts.toml in the data folder",
        live: false,
    },
    Setting {
        name: "security_allow",
        kind: SettingKind::Texts {
            most: 1000,
            unit: "patterns",
        },
        about: "security findings that are meant, by their id; * stands for any text",
        live: true,
    },
];

impl Setting {
    /// The setting of that name.
    ///
    /// # Errors
    /// `InvalidArgument` with the nearest name.
    pub fn named(name: &str) -> Result<&'static Setting> {
        if let Some(setting) = SETTINGS.iter().find(|s| s.name == name) {
            return Ok(setting);
        }
        let known = SETTINGS.iter().map(|setting| setting.name);
        let allowed = match nearest(name, known, 1).first() {
            Some(nearest) => format!("no setting of this name; did you mean {nearest}?"),
            None => "no setting of this name".to_string(),
        };
        Err(Error::invalid("setting", name, allowed))
    }

    /// What it may be, in words.
    pub fn allowed(&self) -> String {
        match self.kind {
            SettingKind::Switch => "true or false".into(),
            SettingKind::Number { least, most, unit } => format!("{least} to {most} {unit}"),
            SettingKind::Count { least, most, unit } => {
                format!("a whole number, {least} to {most} {unit}")
            }
            SettingKind::Choice(words) => format!("one of {}", words.join(", ")),
            SettingKind::Folder => "the path of a folder".into(),
            SettingKind::OptionalFolder => "the path of a folder, or nothing".into(),
            SettingKind::OptionalFile => "the path of a file, or nothing".into(),
            SettingKind::Texts { most, unit } => format!("a list of at most {most} {unit}"),
        }
    }

    /// # Errors
    /// `InvalidArgument` with the setting's name, the value and what is allowed.
    pub fn check(&self, value: &Value) -> Result<()> {
        let fits = match self.kind {
            SettingKind::Switch => value.is_boolean(),
            SettingKind::Number { least, most, .. } => {
                value.as_f64().is_some_and(|n| n >= least && n <= most)
            }
            SettingKind::Count { least, most, .. } => {
                value.as_u64().is_some_and(|n| n >= least && n <= most)
            }
            SettingKind::Choice(words) => value.as_str().is_some_and(|w| words.contains(&w)),
            SettingKind::Folder => is_path(value),
            SettingKind::OptionalFolder | SettingKind::OptionalFile => {
                value.is_null() || is_path(value)
            }
            SettingKind::Texts { most, .. } => value.as_array().is_some_and(|list| {
                let is_text = |text: &Value| text.as_str().is_some_and(|t| !t.is_empty());
                list.len() <= most && list.iter().all(is_text)
            }),
        };
        if fits {
            Ok(())
        } else {
            Err(Error::invalid(self.name, value, self.allowed()))
        }
    }

    /// The value that a text means for this setting.
    ///
    /// # Errors
    /// `InvalidArgument` when the text does not fit.
    pub fn value_of_text(&self, text: &str) -> Result<Value> {
        let text = text.trim();
        let refused = || Error::invalid(self.name, format!("{text:?}"), self.allowed());
        Ok(match self.kind {
            SettingKind::Switch => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Value::Bool(true),
                "false" | "0" | "no" | "off" => Value::Bool(false),
                _ => return Err(refused()),
            },
            SettingKind::Number { .. } => {
                let number: f64 = text.parse().map_err(|_| refused())?;
                serde_json::Number::from_f64(number)
                    .map(Value::Number)
                    .ok_or_else(refused)?
            }
            SettingKind::Count { .. } => Value::from(text.parse::<u64>().map_err(|_| refused())?),
            SettingKind::Choice(_) => Value::String(text.to_ascii_uppercase()),
            SettingKind::OptionalFolder | SettingKind::OptionalFile if text.is_empty() => {
                Value::Null
            }
            SettingKind::Folder | SettingKind::OptionalFolder | SettingKind::OptionalFile => {
                Value::String(text.to_string())
            }
            SettingKind::Texts { .. } => {
                let texts = text.split(',').map(str::trim);
                let texts = texts.filter(|text| !text.is_empty()).map(Value::from);
                Value::Array(texts.collect())
            }
        })
    }
}

fn is_path(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|path| !path.is_empty() && !path.contains('\0'))
}

/// Of the known names those that a mistyped one may have meant, at most `most`, nearest first.
pub(crate) fn nearest<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> = known
        .map(|known| (distance(name, known), known))
        .filter(|(distance, _)| *distance <= name.len().max(3) / 2)
        .collect();
    near.sort_unstable();
    near.into_iter()
        .take(most)
        .map(|(_, known)| known)
        .collect()
}

/// Levenshtein distance: least number of letters to add, drop or change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
