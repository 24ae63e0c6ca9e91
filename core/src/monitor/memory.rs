//! What the judgement remembers, kept in the database from one run to the next.

use std::sync::Arc;

use super::shared::Shared;
use crate::Result;
use crate::alert::Book;
use crate::judge::Judge;
use crate::logging::{Level, tell};
use crate::store::{
    FindingFilter, FindingKind, FindingRow, JudgedRow, MemoryRow, Row, StoreReader,
};
use crate::sys;

/// Seconds between two saves: what a crash costs the models.
pub(super) const SAVE_EVERY: f64 = 900.0;

/// Names in the database.
const JUDGE: &str = "judge";
pub(super) const BOOK: &str = "alerts";

/// The memory may take one part in so many of the database's cap: a smaller one goes without.
const CAP_SHARE: u64 = 16;

/// What lasted when the monitor last ended.
pub(super) type OpenFindings = Vec<FindingRow>;

/// Reads the memory, if there is any. A file that is not there or can't be read is a fresh
/// start: what is wrong with it, the store tells.
pub(super) fn restore(shared: &Arc<Shared>) -> OpenFindings {
    let Some(store) = shared.store.as_ref().filter(|_| !shared.is_recording) else {
        return Vec::new();
    };
    let read = || -> Result<OpenFindings> {
        let reader = StoreReader::open(store.path())?;
        if let Some((_, data)) = reader.model_memory(JUDGE, Judge::MEMORY_VERSION)? {
            shared.lock_judge().restore(&data)?;
        }
        if let Some((_, data)) = reader.model_memory(BOOK, Book::MEMORY_VERSION)? {
            shared.alerts.restore(&data)?;
        }
        // Without the memory no number must come again.
        let next = reader.greatest_alert()?.saturating_add(1);
        shared.alerts.lock_book().set_next_id(next);
        let mut open = Vec::new();
        for kind in [
            FindingKind::Alert,
            FindingKind::Anomaly,
            FindingKind::Incident,
            FindingKind::Insight,
            FindingKind::Security,
        ] {
            open.extend(reader.findings(&FindingFilter {
                kind,
                since: 0.0,
                until: f64::INFINITY,
                open_only: true,
                limit: 10_000,
            })?);
        }
        Ok(open)
    };
    read().unwrap_or_else(|error| {
        tell(
            Level::Warn,
            format_args!("what was learnt before is not taken up: {error}"),
        );
        Vec::new()
    })
}

/// Hands the memory to the store.
pub(super) fn save(shared: &Shared) {
    save_alerts(shared);
    let memory = shared.lock_judge().memory();
    save_part(shared, JUDGE, Judge::MEMORY_VERSION, memory);
}

/// Hands the memory of the alerts to the store: it is small, and each change counts.
pub(super) fn save_alerts(shared: &Shared) {
    save_part(shared, BOOK, Book::MEMORY_VERSION, shared.alerts.memory());
}

fn save_part(shared: &Shared, name: &'static str, version: u32, memory: Result<Vec<u8>>) {
    let Some(store) = shared.store.as_ref().filter(|_| !shared.is_recording) else {
        return;
    };
    let most = shared.config.load().max_store_bytes / CAP_SHARE;
    let saved_at = sys::moment().unix_seconds;
    match memory {
        Ok(data) if data.len() as u64 <= most => {
            store.append(Row::Judged(JudgedRow::Memory(MemoryRow {
                name,
                version,
                saved_at,
                data,
            })))
        }
        Ok(data) => tell(
            Level::Info,
            format_args!(
                "what was learnt ({} bytes) is not kept: max_store_bytes is small",
                data.len()
            ),
        ),
        Err(error) => tell(
            Level::Warn,
            format_args!("what was learnt can't be kept: {error}"),
        ),
    }
}
