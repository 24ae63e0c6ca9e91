//! What a rule says.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// One rule, as a table of the rules' file holds it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name; one of its kind.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Whether it is evaluated.
    #[serde(default = "on")]
    pub enabled: bool,
}

fn on() -> bool {
    true
}

/// All rules that are in force, and the channels that are told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RuleSet {
    /// The rules, by name.
    pub rules: Vec<Rule>,
}

impl RuleSet {
    /// The rules that are in force where nobody says otherwise.
    pub fn builtin() -> RuleSet {
        RuleSet::default()
    }

    /// Reads a file of rules (TOML).
    ///
    /// # Errors
    /// `Malformed` with line and column, and what was probably meant.
    pub fn parse(_text: &str, _name: &str) -> Result<RuleSet> {
        Err(Error::Internal("not written yet".into()))
    }
}
