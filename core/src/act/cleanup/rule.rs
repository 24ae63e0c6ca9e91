//! What may be cleaned, and how the caller is asked and told.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Whose files a rule takes. An ordinary user's rules take the user's own, whatever they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Those of the effective user.
    Me,
    /// Anyone's.
    Anyone,
    /// Those of one user.
    User(u32),
}

/// What sort of files a rule takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Temporary files.
    Temporary,
    /// What can be fetched or made again.
    Cache,
    /// Rotated logs.
    Log,
    /// Dumps of crashed programs.
    CrashDump,
    /// What a desktop's user has thrown away; content and info file go together.
    Trash,
    /// What was moved away earlier.
    Quarantine,
    /// A folder that the caller named.
    Custom,
}

/// Files that may go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Short name, for people and journals.
    pub name: String,
    /// What it takes, in a sentence.
    pub about: String,
    /// The folder below which it works, absolute, as this process sees it. It stays itself.
    pub root: PathBuf,
    /// Globs relative to the root: `*`, `?`, `[..]` within a name, `**` for any folders
    /// between. Empty: everything.
    pub patterns: Vec<String>,
    /// Globs of what stays with all that is below it.
    pub exclude: Vec<String>,
    /// Globs of what stays itself, while its content may go.
    pub keep: Vec<String>,
    /// Age by the youngest of change of content, change of attributes and last use.
    pub min_age_seconds: f64,
    /// Whose files.
    pub owner: Owner,
    /// What sort.
    pub kind: Kind,
    /// It can be fetched or made again: it may be purged at once when that is asked for.
    pub regenerable: bool,
    /// `built-in`, `settings`, or the tmpfiles.d file and line.
    pub source: String,
}

/// Something to know about the rules: a line that was left out, an advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// File and line, or `built-in`.
    pub source: String,
    /// What and why, in words.
    pub what: String,
}

/// What may be cleaned here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleBook {
    /// The rules.
    pub rules: Vec<Rule>,
    /// What was left out or is only advised.
    pub notes: Vec<Note>,
}

/// How to clean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Folders of the caller's own, absolute, as this process sees them.
    pub folders: Vec<PathBuf>,
    /// Age from which what lies in these folders may go, seconds.
    pub folder_age_seconds: f64,
    /// Whether the built-in rules and tmpfiles.d count.
    pub builtin: bool,
    /// Seconds that cleaned files stay in quarantine.
    pub quarantine_seconds: f64,
    /// The user's home as the host sees it; `None`: `$HOME`, where the host's root is `/`.
    pub home: Option<PathBuf>,
    /// The user's folder of temporary files as the host sees it; `None`: `$TMPDIR`, where the
    /// host's root is `/`.
    pub temporary: Option<PathBuf>,
    /// Purge at once what rules call regenerable.
    pub purge_regenerable: bool,
    /// How many of the biggest entries a preview names for each rule.
    pub biggest: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            folders: Vec::new(),
            folder_age_seconds: 86_400.0,
            builtin: true,
            quarantine_seconds: 86_400.0,
            home: None,
            temporary: None,
            purge_regenerable: false,
            biggest: 20,
        }
    }
}

/// Who is told how far the work is, and may end it.
pub trait Watch {
    /// `stage` is `scanning`, `cleaning` or `measuring`; `what` is being looked at; `total` is
    /// 0 when it is not known.
    fn progress(&self, stage: &str, what: &str, done: u64, total: u64);
    /// Asked every few hundred entries; true ends the work after what is under way.
    fn cancelled(&self) -> bool;
}

/// Nobody watches.
impl Watch for () {
    fn progress(&self, _stage: &str, _what: &str, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        false
    }
}
