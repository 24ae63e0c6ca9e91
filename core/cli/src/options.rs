//! The options that every command takes, and the settings that come of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use clap::{Args, ValueEnum};
use usm_core::{Config, Error};

use crate::failure::{Failure, Outcome};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalOptions {
    /// File of settings: TOML, or JSON when its name ends in .json.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A setting that goes before file and environment; may be given several times.
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(crate) set: Vec<(String, String)>,
    /// Folder that stands for /proc, e.g. a host's as mounted into a container.
    #[arg(long, global = true, value_name = "DIR")]
    proc_root: Option<PathBuf>,
    /// Folder that stands for /sys.
    #[arg(long, global = true, value_name = "DIR")]
    sys_root: Option<PathBuf>,
    /// Folder that stands for /.
    #[arg(long, global = true, value_name = "DIR")]
    host_root: Option<PathBuf>,
    /// Folder of the database.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// When to use colours; auto: in a terminal, unless NO_COLOR is set.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value = "auto"
    )]
    color: When,
    /// The same as --color never.
    #[arg(long, global = true, conflicts_with = "color")]
    no_color: bool,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_string(), value.to_string()))
        }
        _ => Err("a setting is given as NAME=VALUE, e.g. refresh_interval=5".into()),
    }
}

impl GlobalOptions {
    /// When to use colours. The variables NO_COLOR and CLICOLOR_FORCE are heeded in `Auto`.
    pub(crate) fn colour(&self) -> ColorChoice {
        match (self.no_color, self.color) {
            (true, _) | (_, When::Never) => ColorChoice::Never,
            (_, When::Always) => ColorChoice::Always,
            (_, When::Auto) => ColorChoice::Auto,
        }
    }

    /// The settings: defaults, those saved in the data folder, file, environment and these
    /// options, the later the stronger.
    pub(crate) fn settings(&self) -> Outcome<Config> {
        let unsaved = self.layered(Config::default())?;
        // Without a folder (no home) nothing can be saved.
        let Ok(folder) = folder_of(&unsaved) else {
            return Ok(unsaved);
        };
        let mut config = Config::default();
        config
            .apply_saved(&folder)
            .map_err(|error| Failure::of_saved(&folder, &error))?;
        self.layered(config)
    }

    /// The data folder, which no saved setting can change.
    pub(crate) fn data_folder(&self) -> Outcome<PathBuf> {
        Ok(folder_of(&self.layered(Config::default())?)?)
    }

    /// The layers above the saved settings.
    fn layered(&self, mut config: Config) -> Outcome<Config> {
        let of_settings = |error: Error| Failure::of_settings(&error);
        if let Some(file) = &self.config {
            config.apply_file(file).map_err(of_settings)?;
        }
        config.apply_environment().map_err(of_settings)?;
        for (name, value) in &self.set {
            config.set_text(name, value).map_err(of_settings)?;
        }
        for (name, folder) in self.folders() {
            let text = folder.to_str().ok_or_else(|| {
                let error = Error::invalid(name, folder.display(), "a path in UTF-8");
                Failure::of_settings(&error)
            })?;
            config.set_text(name, text).map_err(of_settings)?;
        }
        Ok(config)
    }

    /// The same options for another process, whose working directory is another one.
    pub(crate) fn arguments(&self, config: &Config) -> Outcome<Vec<OsString>> {
        let mut arguments: Vec<OsString> = Vec::new();
        if let Some(file) = &self.config {
            arguments.extend(["--config".into(), absolute(file)?.into()]);
        }
        for (name, value) in &self.set {
            arguments.extend(["--set".into(), format!("{name}={value}").into()]);
        }
        let paths = [
            ("proc_root", Some(&config.proc_root)),
            ("sys_root", Some(&config.sys_root)),
            ("host_root", Some(&config.host_root)),
            ("alert_rules_file", config.alert_rules_file.as_ref()),
        ];
        let given: Vec<&str> = self.given();
        for (name, path) in paths {
            // Wherever a relative one comes from: it is meant from here.
            if let Some(path) = path.filter(|p| p.is_relative() || given.contains(&name)) {
                let mut setting = OsString::from(format!("{name}="));
                setting.push(absolute(path)?);
                arguments.extend(["--set".into(), setting]);
            }
        }
        arguments.extend(["--data-dir".into(), absolute(&folder_of(config)?)?.into()]);
        Ok(arguments)
    }

    /// The settings of a monitor that is made for one look and stores nothing.
    pub(crate) fn settings_without_store(&self) -> Outcome<Config> {
        let config = Config {
            store_enabled: false,
            ..self.settings()?
        };
        config
            .roots()
            .check()
            .map_err(|e| Failure::of_settings(&e))?;
        Ok(config)
    }

    /// Names of the settings that these options give.
    pub(crate) fn given(&self) -> Vec<&str> {
        let set = self.set.iter().map(|(name, _)| name.as_str());
        set.chain(self.folders().map(|(name, _)| name)).collect()
    }

    fn folders(&self) -> impl Iterator<Item = (&'static str, &PathBuf)> {
        [
            ("proc_root", &self.proc_root),
            ("sys_root", &self.sys_root),
            ("host_root", &self.host_root),
            ("data_dir", &self.data_dir),
        ]
        .into_iter()
        .filter_map(|(name, folder)| folder.as_ref().map(|folder| (name, folder)))
    }
}

fn folder_of(config: &Config) -> usm_core::Result<PathBuf> {
    let named = config.data_dir.clone();
    named.map_or_else(usm_core::store::default_folder, Ok)
}

fn absolute(path: &Path) -> Outcome<PathBuf> {
    std::path::absolute(path)
        .map_err(|error| Failure::usage(&format!("{}: {error}", path.display()), None))
}

/// A time in seconds within what a monitor takes as its interval.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.01..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("a time in seconds, 0.01 to 86400".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_needs_a_name_and_a_value() {
        assert_eq!(name_and_value("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(
            name_and_value("data_dir="),
            Ok(("data_dir".into(), String::new()))
        );
        assert!(name_and_value("refresh_interval").is_err());
        assert!(name_and_value("=3").is_err());
    }

    #[test]
    fn a_time_is_a_number_within_the_range() {
        assert_eq!(seconds("0.5"), Ok(0.5));
        for bad in ["0", "-1", "NaN", "inf", "1e9", "soon"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
