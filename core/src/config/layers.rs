//! The layers below the arguments: a TOML or JSON file, and the environment.

use std::path::Path;

use serde_json::Value;

use super::{Config, SETTINGS, Setting};
use crate::error::{Error, Result};

impl Config {
    /// Defaults, overridden by `file` (if any), overridden by the environment of this
    /// process: `USM_REFRESH_INTERVAL=5`, and `HOST_PROC`, `HOST_SYS`, `HOST_ROOT` for the
    /// three roots, as containers set them.
    ///
    /// # Errors
    /// `NotFound`, `PermissionDenied` or `Io` for the file, `Malformed` with line and column
    /// where it is not TOML, `InvalidArgument` for a setting.
    pub fn layered(file: Option<&Path>) -> Result<Config> {
        let mut config = Config::default();
        if let Some(file) = file {
            config.apply_file(file)?;
        }
        config.apply_environment()?;
        Ok(config)
    }

    /// Applies the environment of this process; see [`Config::layered`].
    ///
    /// # Errors
    /// `InvalidArgument` with the variable's name; on an error nothing is changed.
    pub fn apply_environment(&mut self) -> Result<()> {
        let mut changed = self.clone();
        changed.apply_variables(|name| std::env::var_os(name))?;
        *self = changed;
        Ok(())
    }

    /// Applies a file of settings: TOML, or JSON when its name ends in `.json`.
    ///
    /// # Errors
    /// See [`Config::layered`]; on an error nothing is changed.
    pub fn apply_file(&mut self, file: &Path) -> Result<()> {
        let text = std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?;
        let settings: Value = if file.extension().is_some_and(|e| e == "json") {
            serde_json::from_str(&text).map_err(|e| Error::malformed(file, e.to_string()))?
        } else {
            toml::from_str(&text).map_err(|e| Error::malformed(file, e.to_string()))?
        };
        self.apply(&settings)
    }

    /// Applies settings given as a JSON object, e.g. `{"refresh_interval": 3.0}`.
    ///
    /// # Errors
    /// `InvalidArgument` when the text is not a JSON object or for a setting; on an error
    /// nothing is changed.
    pub fn apply_json(&mut self, text: &str) -> Result<()> {
        let settings: Value = serde_json::from_str(text)
            .map_err(|e| Error::invalid("settings", e, "a JSON object of settings"))?;
        self.apply(&settings)
    }

    /// Applies every setting of an object, or none.
    fn apply(&mut self, settings: &Value) -> Result<()> {
        let object = settings
            .as_object()
            .ok_or_else(|| Error::invalid("settings", settings, "an object of settings by name"))?;
        let mut changed = self.clone();
        for (name, value) in object {
            changed.set(name, value.clone())?;
        }
        *self = changed;
        Ok(())
    }

    /// Applies the environment; the reading of it is given, so that it can be tested.
    fn apply_variables(&mut self, read: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<()> {
        for (setting, variable) in [
            ("proc_root", "HOST_PROC"),
            ("sys_root", "HOST_SYS"),
            ("host_root", "HOST_ROOT"),
        ] {
            self.apply_variable(Setting::named(setting)?, variable, &read)?;
        }
        for setting in SETTINGS {
            let variable = format!("USM_{}", setting.name.to_ascii_uppercase());
            self.apply_variable(setting, &variable, &read)?;
        }
        Ok(())
    }

    fn apply_variable(
        &mut self,
        setting: &Setting,
        variable: &str,
        read: &impl Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Result<()> {
        let Some(value) = read(variable).filter(|value| !value.is_empty()) else {
            return Ok(());
        };
        let text = value
            .to_str()
            .ok_or_else(|| Error::invalid(variable, value.display(), "text in UTF-8"))?;
        self.set_text(setting.name, text)
            .map_err(|_| Error::invalid(variable, format!("{text:?}"), setting.allowed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_overrides_the_defaults_and_the_environment_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("usm.toml");
        std::fs::write(&file, "refresh_interval = 7\nmax_threads = 2\n").unwrap();
        let mut config = Config::default();
        config.apply_file(&file).unwrap();
        config
            .apply_variables(|name| match name {
                "USM_REFRESH_INTERVAL" => Some("9.5".into()),
                "HOST_PROC" => Some("/host/proc".into()),
                _ => None,
            })
            .unwrap();
        assert_eq!(config.refresh_interval, 9.5);
        assert_eq!(config.max_threads, 2);
        assert_eq!(config.proc_root, Path::new("/host/proc"));
    }

    #[test]
    fn a_wrong_file_says_where_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("usm.toml");
        let mut config = Config::default();

        std::fs::write(&file, "refresh_interval = 7\nmax_threads = \n").unwrap();
        let error = config.apply_file(&file).unwrap_err().to_string();
        assert!(
            error.contains("usm.toml") && error.contains("line 2"),
            "{error}"
        );

        std::fs::write(&file, "refresh_interval = 7\nmax_threads = 0\n").unwrap();
        let error = config.apply_file(&file).unwrap_err().to_string();
        assert!(error.contains("max_threads: 0 is not allowed"), "{error}");
        assert_eq!(config, Config::default());
    }

    #[test]
    fn an_environment_variable_out_of_range_is_named() {
        let error = Config::default()
            .apply_variables(|name| (name == "USM_MAX_THREADS").then(|| "many".into()))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("USM_MAX_THREADS") && error.contains("many"),
            "{error}"
        );
    }
}
