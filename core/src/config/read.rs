//! Settings read back by name, as a language with plain types has them.

use serde_json::Value;

use super::{Config, Setting, SettingKind};
use crate::error::{Error, Result};

impl Config {
    /// A number by its name; of a count, too.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is not a setting, with the nearest one, and for a
    /// setting that is no number.
    pub fn number(&self, name: &str) -> Result<f64> {
        let value = self.get(name)?;
        value.as_f64().ok_or_else(|| is_not(name, "a number"))
    }

    /// A switch by its name.
    ///
    /// # Errors
    /// As [`Config::number`].
    pub fn switch(&self, name: &str) -> Result<bool> {
        let value = self.get(name)?;
        value.as_bool().ok_or_else(|| is_not(name, "a switch"))
    }

    /// Any setting by its name as the text that [`Config::set_text`] takes; `None` for a path
    /// that is not set.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is not a setting, with the nearest one.
    pub fn text(&self, name: &str) -> Result<Option<String>> {
        Ok(text_of(self.get(name)?))
    }
}

impl Setting {
    /// Its value by default, as [`Config::text`] gives it.
    pub fn default_text(&self) -> Option<String> {
        Config::default().text(self.name).ok().flatten()
    }

    /// Least and greatest value of a number or a count.
    pub fn range(&self) -> Option<(f64, f64)> {
        match self.kind {
            SettingKind::Number { least, most, .. } => Some((least, most)),
            SettingKind::Count { least, most, .. } => Some((least as f64, most as f64)),
            _ => None,
        }
    }

    /// Unit of a number or a count, and what the texts of a list are.
    pub fn unit(&self) -> Option<&'static str> {
        match self.kind {
            SettingKind::Number { unit, .. }
            | SettingKind::Count { unit, .. }
            | SettingKind::Texts { unit, .. } => Some(unit),
            _ => None,
        }
    }
}

fn is_not(name: &str, wanted: &str) -> Error {
    Error::invalid("setting", name, format!("the name of {wanted}"))
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Array(list) => {
            let texts: Vec<String> = list.into_iter().filter_map(text_of).collect();
            Some(texts.join(","))
        }
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::SETTINGS;
    use super::*;

    #[test]
    fn what_was_read_as_text_can_be_set_again() {
        let mut config = Config::default();
        config.set_text("security_allow", "a:*, b").unwrap();
        config.set_text("data_dir", "/srv/x").unwrap();
        config.set_text("refresh_interval", "0.25").unwrap();
        let mut again = Config::default();
        for setting in SETTINGS {
            let text = config.text(setting.name).unwrap().unwrap_or_default();
            again.set_text(setting.name, &text).unwrap();
        }
        assert_eq!(again, config);
        assert_eq!(config.text("security_allow").unwrap().unwrap(), "a:*,b");
        assert_eq!(config.text("alert_rules_file").unwrap(), None);
    }

    #[test]
    fn a_setting_is_read_as_what_it_is() {
        let config = Config::default();
        assert_eq!(config.number("max_threads").unwrap(), 4.0);
        assert_eq!(config.number("refresh_interval").unwrap(), 2.0);
        assert!(config.switch("store_enabled").unwrap());
        for error in [
            config.number("store_enabled").unwrap_err(),
            config.number("log_level").unwrap_err(),
            config.switch("max_threads").map(drop).unwrap_err(),
        ] {
            assert!(error.to_string().contains("the name of a "), "{error}");
        }
        let error = config.number("refresh_intervall").unwrap_err().to_string();
        assert!(error.contains("did you mean refresh_interval"), "{error}");
    }

    #[test]
    fn a_default_is_within_its_range() {
        for setting in SETTINGS {
            let Some((least, most)) = setting.range() else {
                continue;
            };
            let default = Config::default().number(setting.name).unwrap();
            assert!((least..=most).contains(&default), "{}", setting.name);
            assert!(setting.unit().is_some(), "{}", setting.name);
        }
    }
}
