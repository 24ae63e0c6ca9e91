//! Frames into the open log, in the transaction of the rows that came with them.

use rusqlite::{Connection, params};

use super::gathering::{ContextRow, Gathering, Most, made};
use super::keys::{KINDS, context_key};
use super::lease::{Owner, Standing};
use super::settings::SeriesSettings;
use super::tier_log::row_bytes;
use crate::series::codec::{pack_text, unpack_text};
use crate::series::{ContextKind, ContextPiece, Frame, Tier};
use crate::store::database::Database;
use crate::store::fault::Outcome;
use crate::store::row::Row;
use crate::sys::ForkGate;

/// What the writer of a file knows of its series.
#[derive(Debug)]
pub(crate) struct Series {
    pub(super) settings: SeriesSettings,
    pub(super) me: Owner,
    pub(super) standing: Standing,
    pub(super) gathering: Option<Gathering>,
    /// The newest context of each kind, whoever writes: who takes over can tell it.
    known: Vec<ContextPiece>,
    newest_us: Option<i64>,
    /// Between the last two frames.
    pub(super) sample_seconds: f64,
    /// Up to when the cap has cost rows of each tier, Unix microseconds.
    pub(super) pruned_up_to_us: [Option<i64>; 4],
}

impl Series {
    /// Nothing is written until it is set.
    pub(crate) fn off() -> Series {
        Series {
            settings: SeriesSettings {
                enabled: false,
                ..SeriesSettings::default()
            },
            me: Owner::new(),
            standing: Standing::Outside,
            gathering: None,
            known: Vec::new(),
            newest_us: None,
            sample_seconds: 0.0,
            pruned_up_to_us: [None; 4],
        }
    }

    /// What was gathered may not be in the file: it is read from there again.
    pub(crate) fn forget(&mut self) {
        self.gathering = None;
    }

    /// For the next connection: nothing that is only true of this one.
    pub(crate) fn take(&mut self) -> Series {
        let mut series = std::mem::replace(self, Series::off());
        series.forget();
        series.standing = Standing::Outside;
        series
    }

    /// The other process that writes the series.
    pub(crate) fn other_writer(&self) -> Option<i64> {
        match self.standing {
            Standing::Follower { pid, .. } => Some(pid),
            _ => None,
        }
    }

    /// In words, when another process writes the series.
    pub(crate) fn warning(&self) -> Option<String> {
        match self.standing {
            Standing::Follower { pid, .. } => Some(format!(
                "the history of this data folder is written by process {pid}; what this one \
                 samples is not added to it"
            )),
            _ => None,
        }
    }

    fn know(&mut self, frame: &Frame) {
        for piece in &frame.context {
            match self.known.iter_mut().find(|known| known.kind == piece.kind) {
                Some(known) => known.clone_from(piece),
                None => self.known.push(piece.clone()),
            }
        }
        if let Some(before) = self.newest_us.replace(frame.monotonic_us) {
            self.sample_seconds = (frame.monotonic_us.saturating_sub(before) as f64 / 1e6).max(0.0);
        }
    }
}

impl Database {
    /// What is kept of the series, from now on.
    pub(crate) fn set_series(&mut self, settings: SeriesSettings) -> Outcome<()> {
        if self.series.settings != settings {
            self.series.forget();
            self.series.settings = settings;
            self.series.pruned_up_to_us = [None; 4];
        }
        match made(&settings) {
            [] => self.leave_series(),
            _ => Ok(()),
        }
    }

    /// Makes what these rows bring to the open log, without touching the file yet. Returns
    /// the pages that it needs at most.
    pub(crate) fn gather(&mut self, rows: &[Row]) -> Outcome<u64> {
        let frames = || {
            rows.iter().filter_map(|row| match row {
                Row::Frame(frame) => Some(frame.as_ref()),
                _ => None,
            })
        };
        if frames().next().is_none() || made(&self.series.settings).is_empty() {
            return Ok(0);
        }
        let owns = self.owns_series()?;
        let mut gathering = match self.series.gathering.take() {
            Some(gathering) if owns => Some(gathering),
            _ if owns => Some(self.load_series()?),
            _ => None,
        };
        let most = Most::of(&self.cap);
        for frame in frames() {
            self.series.know(frame);
            if let Some(gathering) = &mut gathering {
                let context = match std::mem::take(&mut gathering.context_is_due) {
                    true => &self.series.known,
                    false => &frame.context,
                };
                let context = self.new_context(gathering, context)?;
                gathering.take(frame, &context, most);
            }
        }
        let pages = gathering.as_ref().map_or(0, |gathering| {
            let pending = &gathering.pending;
            let rows = pending.rows.iter().map(|row| row_bytes(row.data.len()));
            let context = pending.context.iter();
            let context = context.map(|row| row_bytes(row.piece.json.len()));
            self.cap.series_pages(rows.chain(context))
        });
        self.series.gathering = gathering;
        Ok(pages)
    }

    /// The pieces that the file does not have as they are.
    fn new_context(
        &self,
        gathering: &Gathering,
        pieces: &[ContextPiece],
    ) -> Outcome<Vec<ContextPiece>> {
        let mut new = Vec::new();
        for piece in pieces {
            let pending = gathering.pending.context.iter().rev();
            let mut pending = pending.filter(|row| row.kind == piece.kind);
            let is_known = match pending.next() {
                Some(row) => row.piece.json == piece.json,
                None => newest_context(&self.connection, piece.kind, i64::MAX)?
                    .is_some_and(|newest| newest.json == piece.json),
            };
            if !is_known {
                new.push(piece.clone());
            }
        }
        Ok(new)
    }

    /// In a transaction: puts what was gathered into the tables. Returns how many frames
    /// they have got; none when another process has taken over meanwhile.
    pub(crate) fn insert_series(&mut self) -> Outcome<u64> {
        if self.series.gathering.is_none() {
            return Ok(0);
        }
        if !self.still_owns_series()? {
            self.series.forget();
            return Ok(0);
        }
        let _inside = ForkGate::enter();
        let Some(gathering) = &self.series.gathering else {
            return Ok(0);
        };
        let mut head = self.connection.prepare_cached(
            "INSERT INTO series_head (id, run, unix_us, second, below, data) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for row in &gathering.pending.rows {
            let stamp = row.stamp;
            head.execute(params![
                row.key,
                row.run,
                stamp.unix_us,
                stamp.second,
                stamp.below,
                row.data
            ])?;
        }
        if !gathering.pending.context.is_empty() {
            let mut context = self.connection.prepare_cached(
                "INSERT OR REPLACE INTO series_context (id, data) VALUES (?1, ?2)",
            )?;
            for row in &gathering.pending.context {
                context.execute(params![row.key(), pack_text(&row.piece.json)])?;
            }
        }
        Ok(gathering.pending.frames)
    }

    /// What was gathered is committed.
    pub(crate) fn series_written(&mut self) {
        if let Some(gathering) = &mut self.series.gathering {
            let pending = &mut gathering.pending;
            pending.rows.clear();
            pending.context.clear();
            pending.frames = 0;
            // What a long fault has made it grow to is not kept for ever.
            pending.rows.shrink_to(16);
        }
    }
}

/// The newest piece of a kind that came with row `row` or before.
pub(super) fn newest_context(
    connection: &Connection,
    kind: ContextKind,
    row: i64,
) -> Outcome<Option<ContextPiece>> {
    let found = context_rows(
        connection,
        kind,
        "SELECT id, data FROM series_context WHERE id >= ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1",
        (0, row),
    )?;
    Ok(found.into_iter().next().map(|row| row.piece))
}

/// Pieces of a kind that came with rows from `rows.0` to `rows.1`. What can't be read is
/// left out: the next that is told takes its place.
pub(super) fn context_rows(
    connection: &Connection,
    kind: ContextKind,
    sql: &str,
    rows: (i64, i64),
) -> Outcome<Vec<ContextRow>> {
    let _inside = ForkGate::enter();
    let keys = [context_key(kind, rows.0), context_key(kind, rows.1)];
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map(keys, |row| {
        let key: i64 = row.get(0)?;
        let data = row.get_ref(1)?.as_blob().unwrap_or_default();
        Ok((super::keys::row_of(key), unpack_text(data).ok()))
    })?;
    let mut pieces = Vec::new();
    for row in found {
        if let (row, Some(json)) = row? {
            pieces.push(ContextRow {
                kind,
                row,
                piece: ContextPiece {
                    kind,
                    json: json.into(),
                },
            });
        }
    }
    Ok(pieces)
}

/// Every kind, for who reads them all.
pub(super) fn kinds() -> impl Iterator<Item = ContextKind> {
    KINDS.into_iter()
}

/// The tiers, by their place in arrays.
pub(super) fn place(tier: Tier) -> usize {
    usize::from(tier.code())
}
