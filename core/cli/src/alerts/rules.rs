//! The rules in force and where each comes from, worked out without writing anything.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use usm_core::alert::{ChannelTable, OWN_CHANNELS, Rule, RuleSet};
use usm_core::store::default_folder;
use usm_core::{Config, Error};

use crate::failure::{Failure, Outcome};
use crate::found::Found;
use crate::options::GlobalOptions;

/// Name of the rules' file in the data folder, where no other is set.
const FILE_NAME: &str = "alerts.toml";

/// Where what is said of a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    Builtin,
    File,
    Database,
}

impl Origin {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Origin::Builtin => "built in",
            Origin::File => "file",
            Origin::Database => "database",
        }
    }
}

/// One rule in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct InForce {
    #[serde(flatten)]
    pub(crate) rule: Rule,
    pub(crate) from: Origin,
    /// A built-in rule has this name; what it says was changed where it is from elsewhere.
    pub(crate) is_builtin_name: bool,
}

/// All rules in force, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    pub(crate) list: Vec<InForce>,
    pub(crate) default_channels: Vec<String>,
    /// Those that are set up in the rules' file.
    channels: BTreeMap<String, ChannelTable>,
    /// What of the database could not be read.
    pub(crate) notes: Vec<String>,
}

impl Rules {
    pub(crate) fn read(global: &GlobalOptions) -> Outcome<Rules> {
        Rules::beside(Found::open_if_there(global)?, global)
    }

    /// The same, without those of a database that nobody has open: that would make files
    /// beside it.
    pub(crate) fn read_in_use(global: &GlobalOptions) -> Outcome<Rules> {
        Rules::beside(Found::open_if_in_use(global)?, global)
    }

    fn beside(found: Option<Found>, global: &GlobalOptions) -> Outcome<Rules> {
        let mut base = RuleSet::builtin();
        if let Some(path) = file(&global.settings()?)? {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Failure::new(&format!("{}: {error}", path.display()), None))?;
            let own = RuleSet::parse_over(&base, &text, &path.display().to_string())
                .map_err(|error| of_file(&error))?;
            base.merge(own);
        }
        base.check_channels().map_err(|error| of_file(&error))?;
        let rows = match &found {
            Some(found) => found.reader().rules()?,
            None => Vec::new(),
        };
        let rows = rows
            .into_iter()
            .filter_map(|row| Some((row.name, row.toml?)));
        Ok(Rules::of(base, rows))
    }

    fn of(base: RuleSet, rows: impl IntoIterator<Item = (String, String)>) -> Rules {
        let builtin = RuleSet::builtin();
        let mut rules = Rules {
            default_channels: base.default_channels,
            channels: base.channels,
            ..Rules::default()
        };
        for rule in base.rules {
            let own = builtin.get(&rule.name);
            rules.list.push(InForce {
                from: match own == Some(&rule) {
                    true => Origin::Builtin,
                    false => Origin::File,
                },
                is_builtin_name: own.is_some(),
                rule,
            });
        }
        for (name, toml) in rows {
            match RuleSet::parse_over(&rules.set(), &in_a_file(&toml), "database") {
                Ok(set) => set.rules.into_iter().for_each(|rule| rules.put(rule)),
                Err(error) => {
                    let why = plain(&error);
                    let note = format!("the rule {name:?} of the database is not in force: {why}");
                    rules.notes.push(note);
                }
            }
        }
        rules.list.sort_by(|a, b| a.rule.name.cmp(&b.rule.name));
        rules
    }

    fn put(&mut self, rule: Rule) {
        let same = self.list.iter_mut().find(|one| one.rule.name == rule.name);
        match same {
            Some(one) => {
                one.rule = rule;
                one.from = Origin::Database;
            }
            None => self.list.push(InForce {
                rule,
                from: Origin::Database,
                is_builtin_name: false,
            }),
        }
    }

    /// The rules as a set, e.g. to read another rule over them.
    pub(crate) fn set(&self) -> RuleSet {
        RuleSet {
            rules: self.list.iter().map(|one| one.rule.clone()).collect(),
            default_channels: self.default_channels.clone(),
            channels: self.channels.clone(),
        }
    }

    /// Names of the channels that there are, with their kind.
    pub(crate) fn channels(&self) -> Vec<(String, String)> {
        let own = OWN_CHANNELS
            .iter()
            .map(|name| (name.to_string(), name.to_string()));
        let set_up = self.channels.iter();
        let set_up = set_up.map(|(name, table)| (name.clone(), table.kind().to_string()));
        own.filter(|(name, _)| !self.channels.contains_key(name))
            .chain(set_up)
            .collect()
    }

    /// The rule of a name, also when it is written in other letters.
    pub(crate) fn named(&self, name: &str) -> Outcome<&InForce> {
        let exact = self.list.iter().find(|one| one.rule.name == name);
        let folded = || {
            let mut alike = self
                .list
                .iter()
                .filter(|one| one.rule.name.eq_ignore_ascii_case(name));
            alike.next().filter(|_| alike.next().is_none())
        };
        match exact.or_else(folded) {
            Some(one) => Ok(one),
            None => match self.set().named(name) {
                Err(error) => Err(of_rule(&error)),
                Ok(_) => Err(Failure::usage(&format!("there is no rule {name:?}"), None)),
            },
        }
    }
}

/// A rules' file that will not do; its place is in the message.
fn of_file(error: &Error) -> Failure {
    Failure::new(
        &error.to_string(),
        Some("`usm alerts check FILE` shows the place; until it is mended no monitor starts"),
    )
}

/// The rules' file: that of the settings, or the one in the data folder if there is one.
pub(crate) fn file(config: &Config) -> Outcome<Option<PathBuf>> {
    if config.alert_rules_file.is_some() {
        return Ok(config.alert_rules_file.clone());
    }
    let folder = match &config.data_dir {
        Some(folder) => folder.clone(),
        None => default_folder()?,
    };
    let beside = folder.join(FILE_NAME);
    Ok(beside.exists().then_some(beside))
}

/// The table of one rule with the line above it that a rules' file has.
pub(crate) fn in_a_file(toml: &str) -> String {
    match toml
        .lines()
        .any(|line| line.trim_start().starts_with("[[rule"))
    {
        true => toml.to_string(),
        false => format!("[[rule]]\n{toml}"),
    }
}

/// A rule that will not do is wrong usage; `usm alerts rules` shows those that do.
pub(crate) fn of_rule(error: &Error) -> Failure {
    Failure::usage(
        &error.to_string(),
        Some("`usm alerts rules` lists the rules, `usm alerts show RULE` shows how one is written"),
    )
}

/// What is wrong, without the file that it is not of.
fn plain(error: &Error) -> String {
    match error {
        Error::Malformed { wanted, .. } => wanted.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::alerts) fn rules() -> Rules {
        let mut base = RuleSet::builtin();
        base.rules[0].enabled = false;
        let own = "name = \"Full\"\nwhen = \"filesystem_used_percent > 85%\"\nfor = \"5m\"";
        let wrong = "name = \"Wrong\"\nwhen = \"cpu_percnt > 3\"";
        let rows = [("Full", own), ("Wrong", wrong)];
        Rules::of(base, rows.map(|(name, toml)| (name.into(), toml.into())))
    }

    #[test]
    fn each_rule_tells_where_it_comes_from() {
        let rules = rules();
        let from = |name: &str| rules.named(name).unwrap().from;
        let builtin = RuleSet::builtin();
        assert_eq!(from(&builtin.rules[0].name), Origin::File);
        assert_eq!(from(&builtin.rules[1].name), Origin::Builtin);
        assert_eq!(from("Full"), Origin::Database);
        assert_eq!(rules.list.len(), builtin.rules.len() + 1);
    }

    #[test]
    fn a_rule_of_the_database_that_cannot_be_read_is_told_and_the_others_hold() {
        let rules = rules();
        assert_eq!(rules.notes.len(), 1);
        let note = &rules.notes[0];
        assert!(
            note.contains("\"Wrong\"") && note.contains("cpu_percent"),
            "{note}"
        );
    }

    #[test]
    fn a_name_is_found_in_other_letters_and_a_wrong_one_told_with_the_nearest() {
        let rules = rules();
        assert_eq!(rules.named("full").unwrap().rule.name, "Full");
        let failure = rules.named("Memry").unwrap_err();
        assert!(failure.text().unwrap().contains("Memory"), "{failure:?}");
        assert_eq!(failure.code(), 2);
    }
}
