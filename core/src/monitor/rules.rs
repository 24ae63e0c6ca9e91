//! The rules of alerts in force: the built-in ones, over them those of the file, over them
//! those of the database; and the channels that they tell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use usm_notify::ChannelConfig;

use crate::alert::{AlertSeverity, RuleSet};
use crate::config::Config;
use crate::logging::{Level, tell};
use crate::store::{ListedRule, Store, StoreReader};
use crate::{Error, Result};

/// Name of the built-in rule about file systems.
const DISK: &str = "Disk";

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
        if !own.channels.is_empty() {
            check_owner(&path)?;
        }
        rules.merge(own);
    }
    if let Some(store) = store {
        lay_over(&mut rules, store.path());
    }
    rules.check_channels()?;
    channels(&rules)?;
    Ok(rules)
}

/// A channel may be a command, which runs with this process's rights: the file that names it
/// must be one that nobody else may change.
fn check_owner(path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).map_err(|error| Error::io(path, error))?;
    let own = rustix::process::geteuid().as_raw();
    let own_group = rustix::process::getegid().as_raw();
    let why = match (found.uid(), found.mode()) {
        (uid, _) if uid != own && uid != 0 => "it belongs to another user",
        (_, mode) if mode & 0o002 != 0 => "everybody may write it (chmod o-w)",
        // With a umask of 002 one's own group, which has no other members, may.
        (_, mode) if mode & 0o020 != 0 && found.gid() != own_group => {
            "another group may write it (chmod g-w)"
        }
        _ => return Ok(()),
    };
    Err(Error::Refused(format!(
        "{}: it sets up channels of alerts, but {why}",
        path.display()
    )))
}

/// Those of the database were understood when they were set: one that is not any more (a
/// channel is gone, a newer release wrote it) is told and left out. Channels come from the
/// file only.
fn lay_over(rules: &mut RuleSet, path: &Path) {
    let rows = match StoreReader::open(path).and_then(|reader| reader.rules()) {
        Ok(rows) => rows,
        Err(Error::NotFound { .. }) => return,
        Err(error) => {
            tell(
                Level::Warn,
                format_args!("the rules of the database are not in force: {error}"),
            );
            return;
        }
    };
    for row in rows {
        let text = row.toml.unwrap_or_default();
        let name = format!("rule {:?} of the database", row.name);
        let own = RuleSet::parse_over(rules, &text, &name);
        match own.and_then(|mut own| {
            own.channels.clear();
            own.default_channels.clear();
            let mut all = rules.clone();
            all.merge(own);
            all.check_channels().map(|()| all)
        }) {
            Ok(all) => *rules = all,
            Err(error) => tell(Level::Warn, format_args!("left out: {error}")),
        }
    }
}

/// The rules as the prototype's table of them has them: those that hold one metric against one
/// threshold, a row for each severity.
pub(super) fn listed(rules: &RuleSet) -> Vec<ListedRule> {
    let mut listed = Vec::new();
    for rule in &rules.rules {
        let when = rule.when.to_string();
        for level in rule.levels() {
            let (Some(metric), Some(threshold)) = (level.metric, level.threshold) else {
                continue;
            };
            if !threshold.is_finite() || !when.contains(&metric) {
                continue;
            }
            listed.push(ListedRule {
                name: level.name,
                metric: match &*metric {
                    // The one of all file systems, which the prototype's was of the root's.
                    _ if rule.name == DISK => "disk_percent".to_owned(),
                    "temperature_celsius" => "temperature".to_owned(),
                    _ => metric,
                },
                threshold,
                severity: match level.severity {
                    AlertSeverity::Info => "info",
                    AlertSeverity::Warning => "warning",
                    // The prototype knows nothing worse.
                    AlertSeverity::Critical | AlertSeverity::Emergency => "critical",
                },
                enabled: level.enabled,
                description: level.description,
            });
        }
    }
    listed
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
    fn a_file_with_channels_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let config = Config {
            alert_rules_file: Some(path.clone()),
            ..Config::default()
        };
        let written = |text: &str, mode: u32| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            load(&config, None)
        };
        let command = "[channels.x]\ntype = \"command\"\nargv = [\"/bin/true\"]\n";
        assert!(written(command, 0o644).is_ok());
        for mode in [0o666, 0o646] {
            let error = written(command, mode).unwrap_err();
            assert!(matches!(error, Error::Refused(_)), "{mode:o}: {error}");
        }
        // Rules alone tell nobody anything new.
        assert!(written("[[rule]]\nname = \"CPU\"\nenabled = false\n", 0o666).is_ok());
    }

    #[test]
    fn a_row_of_the_database_brings_no_channel() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(StoreSettings::new(folder.path())).unwrap();
        let toml = "[[rule]]\nname = \"a\"\nwhen = \"cpu_percent > 1\"\nchannels = [\"x\"]\n\
            [channels.x]\ntype = \"command\"\nargv = [\"/bin/true\"]\n";
        store.append(Row::Judged(JudgedRow::Rule(RuleRow {
            name: "a".into(),
            toml: Some(toml.into()),
            updated_at: 1.0,
        })));
        store.flush(Duration::from_secs(20)).unwrap();
        let rules = load(&config(folder.path()), Some(&store)).unwrap();
        assert_eq!(rules.get("a"), None);
        assert!(!channels(&rules).unwrap().contains_key("x"));
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
