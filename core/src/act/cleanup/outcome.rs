//! What a look, an act and its undoing came to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::rule::Rule;

/// Where cleaned files are, complete enough to put them back after a crash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Its folder: `<root>/.usm-quarantine-<uid>/<time>-<n>`.
    pub folder: PathBuf,
    /// The folder that was cleaned.
    pub root: PathBuf,
    /// Who owned that folder.
    pub root_uid: u32,
    /// Number of its device at that time.
    pub device: u64,
    /// When, Unix seconds.
    pub made_at: f64,
    /// Name of the rule.
    pub rule: String,
    /// What is in it can be fetched or made again.
    pub regenerable: bool,
    /// Who cleaned.
    pub uid: u32,
}

/// Why something that a rule names stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The rule or tmpfiles.d excludes it.
    Excluded,
    /// Too young.
    TooYoung,
    /// Another user's.
    OtherOwner,
    /// A process has it open, mapped, as its working folder, or a program runs from it.
    InUse,
    /// Somebody holds a lock on it or on its folder.
    Locked,
    /// It has a second name elsewhere (hard link).
    HardLinked,
    /// A socket, pipe or device.
    Special,
    /// It runs with another user's rights (setuid, setgid).
    SetUid,
    /// Its mode marks it as to be kept: the sticky bit, or a read-only file of root's.
    Marked,
    /// A mount point or another file system.
    Mount,
    /// The folder is not empty.
    NotEmpty,
    /// The system does not let this user look or act.
    NotPermitted,
    /// The quarantine would be on another file system.
    OtherFileSystem,
    /// Its path is too long to be reached safely.
    TooDeep,
    /// The other half of its pair in the trash stays.
    Pair,
    /// It is not any more what it was when it was looked at.
    Changed,
    /// The system failed in another way.
    Failed,
}

/// One entry, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Path below the rule's root; what is not UTF-8 is replaced.
    pub path: String,
    /// Allocated bytes.
    pub bytes: u64,
    /// Age in seconds.
    pub age_seconds: f64,
}

/// What one rule would take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RulePreview {
    /// The rule.
    pub rule: Rule,
    /// Why it can't be followed here at all.
    pub refused: Option<String>,
    /// Files and links that would go.
    pub files: u64,
    /// Empty folders that would go.
    pub folders: u64,
    /// Allocated bytes of the files.
    pub bytes: u64,
    /// The biggest of them, biggest first.
    pub biggest: Vec<Entry>,
    /// How many stay, by reason.
    pub skipped: BTreeMap<Reason, u64>,
}

/// What would go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// Rule by rule, biggest first.
    pub rules: Vec<RulePreview>,
    /// Files in all.
    pub files: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Processes whose open files this user may not see.
    pub processes_unseen: u64,
    /// Ended early by the caller: the numbers are of a part.
    pub cancelled: bool,
}

/// What one rule took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleCleaned {
    /// Name of the rule.
    pub rule: String,
    /// Why it was not followed, or not to its end.
    pub error: Option<String>,
    /// Files and links moved away.
    pub files: u64,
    /// Empty folders removed.
    pub folders: u64,
    /// Allocated bytes of the files.
    pub bytes: u64,
    /// How many stay, by reason.
    pub skipped: BTreeMap<Reason, u64>,
    /// Where they are; `None` when nothing was moved.
    pub quarantine: Option<Quarantine>,
    /// The quarantine was purged at once.
    pub purged: bool,
}

/// What was cleaned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cleaned {
    /// Rule by rule, in the order given.
    pub rules: Vec<RuleCleaned>,
    /// Files in all.
    pub files: u64,
    /// Bytes freed at once.
    pub freed_bytes: u64,
    /// Bytes in quarantine, which are freed when it is purged.
    pub quarantined_bytes: u64,
    /// Ended early by the caller; what was moved until then can be restored.
    pub cancelled: bool,
}

/// Something that was not put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Path below the rule's root; what is not UTF-8 is replaced.
    pub path: String,
    /// Why.
    pub why: String,
}

/// What a restoration came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Restored {
    /// Files and links put back.
    pub files: u64,
    /// Folders made again.
    pub folders: u64,
    /// What is still in quarantine.
    pub left: Vec<Left>,
    /// There is no such quarantine any more: it was restored or purged before.
    pub gone: bool,
}

/// A quarantine that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Which.
    pub quarantine: Quarantine,
    /// Seconds since it was made; never negative.
    pub age_seconds: f64,
    /// Files in it.
    pub files: u64,
    /// Bytes that purging it would free.
    pub bytes: u64,
    /// It is older than the settings let it become.
    pub expired: bool,
}
