//! What could go by the rules of cleaning, what is put aside, and what grew.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Optimizer;
use super::inner::{Inner, now_unix};
use super::options::ExecuteOptions;
use super::owner::Ownership;
use crate::act::Change;
use crate::act::cleanup::{
    self, FolderSizes, Grown, Note, Preview, Quarantine, RuleBook, Settings, Watch,
};
use crate::error::{Error, Result};
use crate::logging::{Level, tell};
use crate::store::JournalState;

/// How long a plan looks for what could go.
const PLAN_PATIENCE: Duration = Duration::from_secs(2);
/// How deep folders are named by the finder of what grew.
const GROWTH_DEPTH: usize = 4;
/// What grew is named up to so many.
const MOST_GROWN: usize = 100;

/// What would go, and what there is to know about the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CleanupPreview {
    /// Rule by rule.
    #[serde(flatten)]
    pub preview: Preview,
    /// Lines of tmpfiles.d that were left out, and advice.
    pub notes: Vec<Note>,
}

/// Folders that have grown between two looks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// The folder that was measured.
    pub folder: std::path::PathBuf,
    /// Bytes in it now.
    pub bytes: u64,
    /// When it was measured before, Unix seconds; `None` at the first look.
    pub since: Option<f64>,
    /// Folders below it by growth, most first.
    pub grown: Vec<Grown>,
    /// Folders that could not be read.
    pub unreadable: u64,
}

/// The rules of cleaning that are in force.
pub(super) fn rules(inner: &Inner) -> (RuleBook, Settings) {
    let own = &inner.settings;
    let settings = Settings {
        folders: own.cleanup_folders.clone(),
        folder_age_seconds: own.cleanup_age_seconds,
        builtin: own.cleanup_builtin,
        quarantine_seconds: own.quarantine_seconds,
        purge_regenerable: own.cleanup_purge_caches,
        ..Settings::default()
    };
    (cleanup::rules(&inner.roots, &settings), settings)
}

/// Ends a look after some time.
struct Deadline(Instant);

impl Watch for Deadline {
    fn progress(&self, _stage: &str, _what: &str, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        Instant::now() >= self.0
    }
}

/// Bytes that cleaning would move away; `None` when it takes too long to find out.
pub(super) fn cleanable_bytes(inner: &Inner) -> Option<u64> {
    let (book, settings) = rules(inner);
    let deadline = Deadline(Instant::now() + PLAN_PATIENCE);
    let preview = cleanup::preview(&inner.roots, &book.rules, &settings, &deadline).ok()?;
    // The numbers of a part are at least something.
    (!preview.cancelled || preview.bytes > 0).then_some(preview.bytes)
}

/// Deletes what was put aside long enough ago. Answers the bytes freed.
pub(super) fn purge_expired(inner: &Inner) -> Result<u64> {
    let oldest = now_unix() - inner.settings.quarantine_seconds;
    let mut freed = 0;
    for row in inner.ledger.journal_open()? {
        let quarantine = match serde_json::from_str(&row.change) {
            Ok(Change::Quarantine(quarantine)) => quarantine,
            _ => continue,
        };
        if row.state != JournalState::Kept || quarantine.made_at > oldest {
            continue;
        }
        // A living optimizer keeps its own for as long as it was told to.
        if inner.owner.of(&row) == Ownership::Others {
            continue;
        }
        match cleanup::purge(&quarantine) {
            Ok(bytes) => {
                freed += bytes;
                let detail = format!("purged: {bytes} bytes freed");
                inner
                    .ledger
                    .journal_mark(row.id, JournalState::Settled, Some(&detail))?;
            }
            Err(error) => tell(
                Level::Warn,
                format_args!("{} is not purged: {error}", quarantine.folder.display()),
            ),
        }
    }
    Ok(freed)
}

/// Passes progress on to the caller.
struct Told<'a, 'b>(&'a ExecuteOptions<'b>);

impl Watch for Told<'_, '_> {
    fn progress(&self, stage: &str, what: &str, done: u64, total: u64) {
        self.0.tell(stage, what, done, total);
    }

    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl Optimizer {
    /// What `cleanup_disk` would put aside, rule by rule, biggest first, and what stays and
    /// why. Nothing is changed. Of the options only progress and cancelling count.
    ///
    /// # Errors
    /// `Forked` only: a rule that can't be followed says so in its part.
    pub fn cleanup_preview(&self, options: &ExecuteOptions<'_>) -> Result<CleanupPreview> {
        let inner = &self.inner;
        inner.check_process()?;
        let (book, settings) = rules(inner);
        let preview = cleanup::preview(&inner.roots, &book.rules, &settings, &Told(options))?;
        Ok(CleanupPreview {
            preview,
            notes: book.notes,
        })
    }

    /// What was put aside by `cleanup_disk` and is still there, newest first, with the action
    /// whose rollback restores it.
    ///
    /// # Errors
    /// `Store`.
    pub fn quarantines(&self) -> Result<Vec<(i64, Quarantine)>> {
        self.inner.check_process()?;
        let rows = self.inner.ledger.journal_open()?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match serde_json::from_str(&row.change) {
                Ok(Change::Quarantine(quarantine)) => Some((row.action_id, quarantine)),
                _ => None,
            })
            .collect())
    }

    /// Measures a folder and tells which folders below it have grown most since the last
    /// time that this was asked; the first time there is nothing to compare with.
    ///
    /// # Errors
    /// `NotFound` and the like for the folder, `InvalidState` when it was cancelled.
    pub fn growth(&self, folder: &Path, options: &ExecuteOptions<'_>) -> Result<Growth> {
        let inner = &self.inner;
        inner.check_process()?;
        let now = cleanup::measure(folder, GROWTH_DEPTH, &Told(options))?;
        if now.cancelled {
            return Err(Error::InvalidState("the measuring was cancelled".into()));
        }
        let note = format!("folder_sizes:{}", folder.display());
        let before: Option<FolderSizes> = inner
            .ledger
            .note(&note)?
            .and_then(|text| serde_json::from_str(&text).ok());
        let mut grown = match &before {
            Some(before) => cleanup::growth(before, &now),
            None => Vec::new(),
        };
        grown.truncate(MOST_GROWN);
        let text = serde_json::to_string(&now).map_err(|e| Error::Internal(e.to_string()))?;
        inner.ledger.put_note(&note, &text)?;
        Ok(Growth {
            folder: folder.to_path_buf(),
            bytes: now.bytes.get("").copied().unwrap_or(0),
            since: before.map(|before| before.at),
            grown,
            unreadable: now.unreadable,
        })
    }
}
