//! The rules of alerts in force: the built-in ones, over them those of the file, over them
//! those of the database; and the channels that they tell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use usm_notify::ChannelConfig;

use crate::alert::RuleSet;
use crate::config::Config;
use crate::logging::{Level, tell};
use crate::store::{Store, StoreReader};
use crate::{Error, Result};

/// Name of the rules' file in the data folder, where no other is set.
const FILE_NAME: &str = "alerts.toml";

/// The rules' file: that of the settings, or the one in the data folder if there is one.
pub(super) fn file(config: &Config, store: Option<&Store>) -> Option<PathBuf> {
    if let Some(path) = &config.alert_rules_file {
        return Some(path.clone());
    }
    let beside = store?.path().with_file_name(FILE_NAME);
    beside.exists().then_some(beside)
}

/// Reads the rules of all three places.
///
/// # Errors
/// `Malformed` with the place for a file that can't be read as rules, `NotFound` and the like.
pub(super) fn load(config: &Config, store: Option<&Store>) -> Result<RuleSet> {
    let mut rules = RuleSet::builtin();
    if let Some(path) = file(config, store) {
        let text = std::fs::read_to_string(&path).map_err(|error| Error::io(&path, error))?;
        let own = RuleSet::parse_over(&rules, &text, &path.display().to_string())?;
        rules.merge(own);
    }
    if let Some(store) = store {
        lay_over(&mut rules, store.path());
    }
    rules.check_channels()?;
    channels(&rules)?;
    Ok(rules)
}

/// Those of the database were understood when they were set: one that is not any more (a
/// channel is gone, a newer release wrote it) is told and left out.
fn lay_over(rules: &mut RuleSet, path: &Path) {
    let rows = match StoreReader::open(path).and_then(|reader| reader.rules()) {
        Ok(rows) => rows,
        // Not made yet, or what is wrong with it the store tells.
        Err(_) => return,
    };
    for row in rows {
        let text = row.toml.unwrap_or_default();
        let name = format!("rule {:?} of the database", row.name);
        let own = RuleSet::parse_over(rules, &text, &name);
        match own.and_then(|own| {
            let mut all = rules.clone();
            all.merge(own);
            all.check_channels().map(|()| all)
        }) {
            Ok(all) => *rules = all,
            Err(error) => tell(Level::Warn, format_args!("left out: {error}")),
        }
    }
}

/// The channels that are set up, and those that there are without that.
///
/// # Errors
/// `InvalidArgument` with the channel and the field.
pub(super) fn channels(rules: &RuleSet) -> Result<BTreeMap<String, ChannelConfig>> {
    rules.channel_configs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{JudgedRow, Row, RuleRow, StoreSettings};
    use std::time::Duration;

    fn config(folder: &Path) -> Config {
        Config {
            data_dir: Some(folder.into()),
            ..Config::default()
        }
    }

    #[test]
    fn a_file_lies_over_the_built_in_rules_and_the_database_over_both() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(StoreSettings::new(folder.path())).unwrap();
        let names = |rules: &RuleSet| -> Vec<String> {
            rules.rules.iter().map(|rule| rule.name.clone()).collect()
        };
        let built_in = names(&load(&config(folder.path()), Some(&store)).unwrap());
        assert_eq!(built_in, names(&RuleSet::builtin()));

        let text = "[[rule]]\nname = \"CPU\"\nenabled = false\n\
            [[rule]]\nname = \"mine\"\nwhen = \"memory_percent > 50\"\nchannels = [\"ops\"]\n\
            [channels.ops]\ntype = \"command\"\nargv = [\"/bin/true\"]\n";
        std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
        let with_file = load(&config(folder.path()), Some(&store)).unwrap();
        assert_eq!(names(&with_file).len(), built_in.len() + 1);
        assert!(!with_file.get("CPU").unwrap().enabled);
        assert!(channels(&with_file).unwrap().contains_key("ops"));

        for (name, toml) in [
            (
                "mine",
                "[[rule]]\nname = \"mine\"\nwhen = \"memory_percent > 60\"",
            ),
            (
                "broken",
                "[[rule]]\nname = \"broken\"\nwhen = \"memory_percnt > 60\"",
            ),
        ] {
            store.append(Row::Judged(JudgedRow::Rule(RuleRow {
                name: name.into(),
                toml: Some(toml.into()),
                updated_at: 1.0,
            })));
        }
        store.flush(Duration::from_secs(20)).unwrap();
        let all = load(&config(folder.path()), Some(&store)).unwrap();
        assert_eq!(all.get("mine").unwrap().limit(), Some(60.0));
        assert_eq!(all.get("broken"), None);
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.toml");
        let refusal = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let config = Config {
                alert_rules_file: Some(path.clone()),
                ..Config::default()
            };
            load(&config, None).unwrap_err().to_string()
        };
        let error = refusal("[[rule]]\nname = \"a\"\nwhen = \"cpu_percnt > 3\"\n");
        for part in ["rules.toml", "line 3", "cpu_percent"] {
            assert!(error.contains(part), "{error}");
        }
        let error = refusal("[channels.x]\ntype = \"webhook\"\nurl = \"ftp://a\"\n");
        assert!(error.contains('x') && error.contains("url"), "{error}");
        let none = Config {
            alert_rules_file: Some(folder.path().join("none.toml")),
            ..Config::default()
        };
        assert!(
            load(&none, None)
                .unwrap_err()
                .to_string()
                .contains("none.toml")
        );
    }
}
