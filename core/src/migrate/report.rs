//! What became of every row.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::store::StoreSettings;

/// Rows that are named with a reason.
const NAMED_ROWS: usize = 5;

/// Reasons that are kept apart.
const MOST_REASONS: usize = 20;

/// What a migration did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Migration {
    /// The prototype's folder.
    pub source: PathBuf,
    /// The data folder.
    pub folder: PathBuf,
    /// Nothing was written.
    pub dry_run: bool,
    /// It was ended before its end; doing it again goes on.
    pub cancelled: bool,
    /// States, events and timings are kept for so many days.
    pub retention_days: f64,
    /// The prototype's nine files, there or not.
    pub files: Vec<FileReport>,
    /// Other databases in the folder, which are not the prototype's.
    pub others: Vec<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// What it was.
    #[serde(flatten)]
    pub status: FileStatus,
    /// Its size with its log or journal.
    pub bytes: u64,
    /// What is to be known of it.
    pub notes: Vec<String>,
    /// The prototype's tables that it holds.
    pub tables: Vec<TableReport>,
    /// Tables that are not the prototype's; they are left where they are.
    pub foreign: Vec<String>,
}

/// What a file was.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "status", content = "why", rename_all = "snake_case")]
pub enum FileStatus {
    /// A database of the prototype.
    Read,
    /// There is none of this name.
    Missing,
    /// This program's own: there is nothing to bring in, as the words say.
    Own(String),
    /// It could not be read, as the words say.
    Unreadable(String),
    /// The migration was ended before.
    NotReached,
}

/// One table, on one of its ways.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct TableReport {
    /// The prototype's table.
    pub table: String,
    /// Where its rows go: a table of ours, or `history`.
    pub into: String,
    /// Rows that could be read.
    pub found: u64,
    /// Rows that were brought in.
    pub imported: u64,
    /// Rows that were there before.
    pub already_there: u64,
    /// Rows that were left out.
    pub skipped: u64,
    /// Why, and which.
    pub reasons: Vec<Reason>,
    /// What is to be known of it.
    pub notes: Vec<String>,
    /// What could not be read, or written; the rest is as the numbers say.
    pub error: Option<String>,
}

/// Why rows were left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// In words.
    pub why: String,
    /// How many.
    pub count: u64,
    /// The numbers of the first few.
    pub rows: Vec<i64>,
}

impl Migration {
    pub(super) fn new(source: &Path, store: &StoreSettings, dry_run: bool) -> Migration {
        Migration {
            source: source.to_path_buf(),
            folder: store.folder.clone(),
            dry_run,
            cancelled: false,
            retention_days: store.retention.as_secs_f64() / 86_400.0,
            files: Vec::new(),
            others: Vec::new(),
        }
    }

    /// All that is there was read, and could be written.
    pub fn is_complete(&self) -> bool {
        let could = |file: &FileReport| {
            let is_read = !matches!(
                file.status,
                FileStatus::Unreadable(_) | FileStatus::NotReached
            );
            is_read && file.tables.iter().all(|table| table.error.is_none())
        };
        !self.cancelled && self.files.iter().all(could)
    }

    /// Rows that were brought in.
    pub fn imported(&self) -> u64 {
        self.tables().map(|table| table.imported).sum()
    }

    /// Every table of every file.
    pub fn tables(&self) -> impl Iterator<Item = &TableReport> {
        self.files.iter().flat_map(|file| file.tables.iter())
    }
}

impl FileReport {
    pub(super) fn new(name: &str, status: FileStatus) -> FileReport {
        FileReport {
            name: name.to_owned(),
            status,
            bytes: 0,
            notes: Vec::new(),
            tables: Vec::new(),
            foreign: Vec::new(),
        }
    }
}

impl TableReport {
    pub(super) fn new(table: &str, into: &str) -> TableReport {
        TableReport {
            table: table.to_owned(),
            into: into.to_owned(),
            ..TableReport::default()
        }
    }

    /// Leaves a row out.
    pub(super) fn skip(&mut self, row: i64, why: &str) {
        self.skip_all(&[row], 1, why);
    }

    /// Leaves so many rows out, of which these are named.
    pub(super) fn skip_all(&mut self, rows: &[i64], count: u64, why: &str) {
        if count == 0 {
            return;
        }
        self.skipped += count;
        let known = self.reasons.iter().position(|reason| reason.why == why);
        let place = known.unwrap_or_else(|| {
            let is_full = self.reasons.len() >= MOST_REASONS;
            if !is_full || self.reasons.len() == MOST_REASONS {
                self.reasons.push(Reason {
                    why: if is_full { "other reasons" } else { why }.to_owned(),
                    count: 0,
                    rows: Vec::new(),
                });
            }
            self.reasons.len() - 1
        });
        let reason = &mut self.reasons[place];
        reason.count += count;
        let free = NAMED_ROWS.saturating_sub(reason.rows.len());
        reason.rows.extend(rows.iter().take(free));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_and_their_first_rows_named() {
        let mut report = TableReport::new("alerts", "alerts");
        for row in 1..=9 {
            report.skip(row, "severity is missing");
        }
        report.skip(12, "timestamp is text, not a number");
        assert_eq!(report.skipped, 10);
        assert_eq!(report.reasons[0].count, 9);
        assert_eq!(report.reasons[0].rows, [1, 2, 3, 4, 5]);
        assert_eq!(report.reasons[1].rows, [12]);
    }

    #[test]
    fn however_many_reasons_there_are_the_list_stays_short() {
        let mut report = TableReport::default();
        for row in 0..1000 {
            report.skip(row, &format!("reason {row}"));
        }
        assert_eq!(report.reasons.len(), MOST_REASONS + 1);
        let counted: u64 = report.reasons.iter().map(|reason| reason.count).sum();
        assert_eq!(counted, 1000);
    }
}
