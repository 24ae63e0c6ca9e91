//! Profiles: the one source of thresholds, and what the planner may do about them.

use serde::{Deserialize, Serialize};

use super::action::{ActionKind, RiskLevel};
use super::target::{Priority, Resource};
use crate::error::{Error, Result};

/// From `threshold` percent of the target's value on, `action` may be planned for `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// For which resource.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// What may be done.
    pub action: ActionKind,
    /// From which value of the target's own resource on, percent.
    pub threshold: f64,
    /// The priority that the action gets.
    pub priority: Priority,
}

/// A profile. The first seven fields are the prototype's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub profile_name: String,
    /// CPU use of the machine, percent.
    pub cpu_threshold: f64,
    /// Memory use, percent of the machine or of the own limit.
    pub memory_threshold: f64,
    /// Space or inodes of a file system in use, percent.
    pub disk_threshold: f64,
    /// Traffic of an interface, percent of its speed.
    pub network_threshold: f64,
    /// What may be planned, in no order.
    pub optimization_rules: Vec<Rule>,
    /// Acts by itself while the monitor runs.
    pub auto_optimize: bool,
    /// When it was made, Unix seconds.
    pub created_at: f64,

    /// Waiting of others (PSI or measured) from which on a busy resource is a problem,
    /// percent.
    pub pressure_threshold: f64,
    /// CPU of one process, percent of one core.
    pub process_cpu_threshold: f64,
    /// Memory of one process, percent of the machine.
    pub process_memory_threshold: f64,
    /// Programs and units that are never touched, besides the built-in ones.
    pub protected: Vec<String>,
    /// Programs in whose favour the planner acts: never culprits.
    pub foreground: Vec<String>,
    /// Most risk that a plan may hold.
    pub allowed_risk: RiskLevel,
    /// It comes with the library and can't be deleted.
    pub built_in: bool,
}

/// Longest name of a profile, and of an entry of its lists.
const LONGEST_NAME: usize = 64;

/// Longest entry of `protected` and `foreground`.
const LONGEST_ENTRY: usize = 256;

/// Most rules, and most entries of a list.
const MOST_ENTRIES: usize = 256;

impl Profile {
    /// Whether every value is within its range.
    ///
    /// # Errors
    /// `InvalidArgument` with the first field that is not, its value and the range.
    pub fn validate(&self) -> Result<()> {
        let name = &self.profile_name;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(allowed) {
            return Err(Error::invalid(
                "profile_name",
                name.escape_debug(),
                "1 to 64 letters, digits, `_` and `-`",
            ));
        }
        let percents = [
            ("cpu_threshold", self.cpu_threshold),
            ("memory_threshold", self.memory_threshold),
            ("disk_threshold", self.disk_threshold),
            ("network_threshold", self.network_threshold),
            ("pressure_threshold", self.pressure_threshold),
            ("process_memory_threshold", self.process_memory_threshold),
        ];
        for (field, value) in percents {
            within(field, value, 1.0, 100.0)?;
        }
        within(
            "process_cpu_threshold",
            self.process_cpu_threshold,
            1.0,
            1e6,
        )?;
        within("created_at", self.created_at, 0.0, 1e12)?;
        at_most("optimization_rules", self.optimization_rules.len())?;
        for (at, rule) in self.optimization_rules.iter().enumerate() {
            let field = format!("optimization_rules[{at}]");
            within(&format!("{field}.threshold"), rule.threshold, 0.0, 100.0)?;
            if rule.resource == Resource::Network {
                return Err(Error::invalid(
                    format!("{field}.type"),
                    "network",
                    "cpu, memory, disk or process: for networks there is advice only",
                ));
            }
        }
        entries("protected", &self.protected)?;
        entries("foreground", &self.foreground)
    }
}

fn within(field: &str, value: f64, least: f64, most: f64) -> Result<()> {
    // Written so that NaN is refused.
    if value >= least && value <= most {
        Ok(())
    } else {
        Err(Error::invalid(field, value, format!("{least} to {most}")))
    }
}

fn at_most(field: &str, length: usize) -> Result<()> {
    if length <= MOST_ENTRIES {
        return Ok(());
    }
    let allowed = format!("at most {MOST_ENTRIES} entries");
    Err(Error::invalid(field, format!("{length} entries"), allowed))
}

fn entries(field: &str, list: &[String]) -> Result<()> {
    at_most(field, list.len())?;
    for (at, entry) in list.iter().enumerate() {
        let is_clean = !entry.chars().any(char::is_control);
        if entry.trim().is_empty() || entry.len() > LONGEST_ENTRY || !is_clean {
            return Err(Error::invalid(
                format!("{field}[{at}]"),
                entry.escape_debug(),
                "1 to 256 bytes without control characters",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Profile)) -> String {
        let mut profile = Profile::named_default("mine");
        change(&mut profile);
        profile.validate().unwrap_err().to_string()
    }

    #[test]
    fn what_is_out_of_its_range_is_told_by_name() {
        for name in ["", "a b", "ä", "../x", &"x".repeat(65)] {
            assert!(refused(|p| p.profile_name = name.into()).starts_with("profile_name:"));
        }
        for value in [0.0, -1.0, 100.5, f64::NAN, f64::INFINITY] {
            let text = refused(|p| p.memory_threshold = value);
            assert!(text.starts_with("memory_threshold:"), "{text}");
            let text = refused(|p| p.pressure_threshold = value);
            assert!(text.contains("1 to 100"), "{text}");
        }
        let text = refused(|p| p.optimization_rules[1].threshold = 101.0);
        assert!(
            text.starts_with("optimization_rules[1].threshold:"),
            "{text}"
        );
        let text = refused(|p| p.optimization_rules[2].resource = Resource::Network);
        assert!(text.contains("advice only"), "{text}");
        let text = refused(|p| p.foreground = vec!["ok".into(), "a\nb".into()]);
        assert!(text.starts_with("foreground[1]:"), "{text}");
        let text = refused(|p| p.protected = vec!["x".into(); 257]);
        assert!(text.starts_with("protected:"), "{text}");
        let text = refused(|p| p.process_cpu_threshold = 0.0);
        assert!(text.starts_with("process_cpu_threshold:"), "{text}");
    }
}
