//! What a reader gets of the series: segments of rows, sealed or still open.

use std::ops::ControlFlow;

use rusqlite::Connection;

use super::keys::{row_of, tier_keys};
use super::scan::{self, Block, Found};
use super::writing::{context_rows, kinds, newest_context};
use crate::Result;
use crate::arrange::arrange_by_key;
use crate::logging::{Level, tell};
use crate::series::codec::{Damage, EntityColumns, PartView, Sub, Times};
use crate::series::{ContextPiece, Entity, Family, Tier};
use crate::store::StoreReader;
use crate::store::fault::Outcome;
use crate::sys::ForkGate;

/// Blocks that are looked for at a time.
const BLOCKS_AT_A_TIME: usize = 64;

/// How much a tier holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extent {
    pub(crate) tier: Tier,
    /// Least and greatest time of a row, Unix microseconds; of a coarser tier the beginning
    /// of the first and the end of the last stretch.
    pub(crate) first_us: i64,
    pub(crate) last_us: i64,
    pub(crate) rows: u64,
    /// Bytes of the packed blocks and of the open log.
    pub(crate) bytes: u64,
}

/// Columns of one family in a segment.
#[derive(Debug)]
pub(crate) enum PartData {
    /// Of a sealed block: columns are unpacked when they are read.
    Packed(PartView),
    /// Of the open log.
    Open(Vec<EntityColumns>),
    /// It was there, but can't be read: nothing is known of it.
    Torn,
}

impl PartData {
    fn entities(&self) -> Vec<&Entity> {
        match self {
            PartData::Packed(view) => view.entities().iter().collect(),
            PartData::Open(entities) => entities.iter().map(|e| &e.entity).collect(),
            PartData::Torn => Vec::new(),
        }
    }

    fn len(&self) -> usize {
        match self {
            PartData::Packed(view) => view.entities().len(),
            PartData::Open(entities) => entities.len(),
            PartData::Torn => 0,
        }
    }
}

/// Consecutive rows of one tier, as they were written: within one their times ascend.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) tier: Tier,
    /// Number of the first row: rows of a tier are numbered in the order of writing.
    pub(crate) first_row: i64,
    pub(crate) times: Times,
    /// A family with very many entities has several.
    pub(crate) parts: Vec<(Family, PartData)>,
}

impl Segment {
    /// The entities of a family; none if the segment has none of it.
    pub(crate) fn entities(&self, family: Family) -> Vec<&Entity> {
        let parts = self.parts_of(family);
        parts.flat_map(PartData::entities).collect()
    }

    /// One column, a value for each row; `None` when there is no such column.
    pub(crate) fn read(
        &self,
        family: Family,
        entity: usize,
        metric: u16,
        sub: Sub,
    ) -> std::result::Result<Option<Vec<i64>>, Damage> {
        match self.place(family, entity) {
            None | Some((PartData::Torn, _)) => Ok(None),
            Some((PartData::Packed(view), place)) => view.read(place, metric, sub, &self.times),
            Some((PartData::Open(entities), place)) => {
                let mut columns = entities[place].columns.iter();
                let column = columns.find(|c| c.metric == metric && c.sub == sub);
                Ok(column.map(|column| column.values.clone()))
            }
        }
    }

    /// Metric and sub-value of each column of an entity. A sealed block has only those with
    /// a value.
    pub(crate) fn columns(&self, family: Family, entity: usize) -> Vec<(u16, Sub)> {
        match self.place(family, entity) {
            None | Some((PartData::Torn, _)) => Vec::new(),
            Some((PartData::Packed(view), place)) => view.columns(place),
            Some((PartData::Open(entities), place)) => {
                let columns = entities[place].columns.iter();
                columns.map(|column| (column.metric, column.sub)).collect()
            }
        }
    }

    /// In which rows an entity is there; `None`: in all.
    pub(crate) fn present(
        &self,
        family: Family,
        entity: usize,
    ) -> std::result::Result<Option<Vec<bool>>, Damage> {
        match self.place(family, entity) {
            None | Some((PartData::Torn, _)) => Ok(None),
            Some((PartData::Packed(view), place)) => view.present(place),
            Some((PartData::Open(entities), place)) => Ok(entities[place].present.clone()),
        }
    }

    fn parts_of(&self, family: Family) -> impl Iterator<Item = &PartData> {
        let parts = self.parts.iter();
        parts
            .filter(move |(f, _)| *f == family)
            .map(|(_, part)| part)
    }

    fn place(&self, family: Family, mut entity: usize) -> Option<(&PartData, usize)> {
        for part in self.parts_of(family) {
            match entity.checked_sub(part.len()) {
                None => return Some((part, entity)),
                Some(rest) => entity = rest,
            }
        }
        None
    }
}

/// Which sealed block it is. Rows of a tier are numbered once and for all; the times are
/// there for a database that was begun anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BlockKey {
    pub(crate) tier: Tier,
    pub(crate) first_row: i64,
    pub(crate) rows: i64,
    pub(crate) first_us: i64,
    pub(crate) last_us: i64,
}

/// Who is shown the segments of a tier.
pub(crate) trait SegmentVisitor {
    /// A sealed block comes next; whoever has it already says so, and it is not read.
    fn has(&mut self, block: &BlockKey) -> Result<bool>;

    /// A segment that was read.
    fn visit(&mut self, segment: Segment) -> Result<ControlFlow<()>>;
}

/// Visits each segment.
struct All<'a>(&'a mut dyn FnMut(Segment) -> Result<ControlFlow<()>>);

impl SegmentVisitor for All<'_> {
    fn has(&mut self, _: &BlockKey) -> Result<bool> {
        Ok(false)
    }

    fn visit(&mut self, segment: Segment) -> Result<ControlFlow<()>> {
        (self.0)(segment)
    }
}

impl StoreReader {
    /// Has everything that `read` does see the same content of the database. Not for what
    /// takes long: until it is over the writer's log grows, and at the size cap rows wait.
    pub(crate) fn snapshot<T>(&self, read: impl FnOnce(&StoreReader) -> Result<T>) -> Result<T> {
        // One within another is part of it.
        let begins = self.with(|connection| Ok(connection.is_autocommit()))?;
        if !begins {
            return read(self);
        }
        self.with(|connection| run(connection, "BEGIN"))?;
        let view = View(self);
        let answer = read(self);
        drop(view);
        answer
    }

    /// How much each tier holds; tiers without a row are left out.
    pub(crate) fn extents(&self) -> Result<Vec<Extent>> {
        self.snapshot(|reader| {
            reader.with(|connection| {
                let mut extents = Vec::new();
                if scan::has_tables(connection)? {
                    for tier in Tier::ALL {
                        extents.extend(extent(connection, tier)?);
                    }
                }
                Ok(extents)
            })
        })
    }

    /// Visits the segments of a tier that have a row in `since_us..until_us`, with the parts
    /// of these families only, in the order of writing, until `visit` breaks. Rows outside
    /// the range may come along. Returns what could not be read (torn blocks), in words.
    ///
    /// Each segment is read by itself, and nothing is held while it is visited: however long
    /// that takes, it holds up nobody. So rows that are written meanwhile come along, and
    /// what becomes too old meanwhile is left out. Within [`StoreReader::snapshot`] all is
    /// of one moment.
    pub(crate) fn segments(
        &self,
        tier: Tier,
        since_us: i64,
        until_us: i64,
        families: &[Family],
        visit: &mut dyn FnMut(Segment) -> Result<ControlFlow<()>>,
    ) -> Result<Vec<String>> {
        self.segments_for(tier, since_us, until_us, families, &mut All(visit))
    }

    /// As [`StoreReader::segments`], for a visitor that may have blocks already.
    pub(crate) fn segments_for(
        &self,
        tier: Tier,
        since_us: i64,
        until_us: i64,
        families: &[Family],
        visitor: &mut dyn SegmentVisitor,
    ) -> Result<Vec<String>> {
        let width_us = i64::from(tier.seconds().unwrap_or(0)) * 1_000_000;
        let range_us = (since_us.saturating_sub(width_us), until_us);
        let mut notes = Vec::new();
        let mut next_row = 0;
        'all: while let Some(next) = self.next(tier, next_row, range_us, families)? {
            match next {
                Next::Blocks(blocks) => {
                    for block in blocks {
                        next_row = block.end_row();
                        let key = BlockKey {
                            tier,
                            first_row: block.first_row(),
                            rows: block.rows,
                            first_us: block.first_us,
                            last_us: block.last_us,
                        };
                        if visitor.has(&key)? {
                            continue;
                        }
                        let read = |c: &Connection| scan::read_block(c, tier, &block, families);
                        if hand_on(self.with(read)?, &mut notes, visitor)?.is_break() {
                            break 'all;
                        }
                    }
                }
                Next::Run {
                    found,
                    end_row,
                    is_last,
                } => {
                    next_row = end_row;
                    if hand_on(found, &mut notes, visitor)?.is_break() || is_last {
                        break 'all;
                    }
                }
            }
        }
        Ok(notes)
    }

    /// What comes at or after a row: looked for and, if it is of the open log, read in one
    /// view, since a run becomes a block between two.
    fn next(
        &self,
        tier: Tier,
        next_row: i64,
        range_us: (i64, i64),
        families: &[Family],
    ) -> Result<Option<Next>> {
        self.snapshot(|reader| {
            reader.with(|connection| {
                if !scan::has_tables(connection)? {
                    return Ok(None);
                }
                let mut runs = scan::runs(connection, tier, next_row)?.into_iter();
                let run = runs.find(|run| run.last_us >= range_us.0 && run.first_us < range_us.1);
                let before = run.map_or(tier_keys(tier).end, |run| run.key);
                let blocks = scan::blocks(
                    connection,
                    tier,
                    next_row,
                    before,
                    range_us,
                    BLOCKS_AT_A_TIME,
                )?;
                if !blocks.is_empty() {
                    return Ok(Some(Next::Blocks(blocks)));
                }
                let Some(run) = run else {
                    return Ok(None);
                };
                let newest_block = scan::newest_block(connection, tier)?;
                Ok(Some(Next::Run {
                    found: scan::read_run(connection, tier, &run, families)?,
                    end_row: row_of(run.last_key) + 1,
                    is_last: runs.next().is_none()
                        && newest_block.is_none_or(|block| block.key < run.key),
                }))
            })
        })
    }

    /// The context that is in force for row `row` of the raw tier (the newest piece of each
    /// kind at or before it).
    pub(crate) fn context_at(&self, row: i64) -> Result<Vec<ContextPiece>> {
        self.with(|connection| {
            let mut pieces = Vec::new();
            if scan::has_tables(connection)? {
                for kind in kinds() {
                    pieces.extend(newest_context(connection, kind, row)?);
                }
            }
            Ok(pieces)
        })
    }

    /// Pieces that came with rows `from..to` of the raw tier, with the row of each, in order.
    pub(crate) fn context_between(&self, from: i64, to: i64) -> Result<Vec<(i64, ContextPiece)>> {
        let sql = "SELECT id, data FROM series_context WHERE id >= ?1 AND id < ?2 ORDER BY id";
        let mut pieces = self.with(|connection| {
            let mut pieces = Vec::new();
            if from < to && scan::has_tables(connection)? {
                for kind in kinds() {
                    pieces.extend(context_rows(connection, kind, sql, (from, to))?);
                }
            }
            Ok(pieces)
        })?;
        arrange_by_key(&mut pieces, |piece| piece.row);
        Ok(pieces.into_iter().map(|p| (p.row, p.piece)).collect())
    }
}

/// Shows what was read, and keeps what could not be.
fn hand_on(
    (segment, found_notes): Found,
    notes: &mut Vec<String>,
    visitor: &mut dyn SegmentVisitor,
) -> Result<ControlFlow<()>> {
    notes.extend(found_notes);
    segment.map_or(Ok(ControlFlow::Continue(())), |segment| {
        visitor.visit(segment)
    })
}

/// Ends the view, also when `read` panics.
struct View<'a>(&'a StoreReader);

impl Drop for View<'_> {
    fn drop(&mut self) {
        // Nothing was written: a failure leaves nothing behind but the view.
        if let Err(error) = self.0.with(|connection| run(connection, "ROLLBACK")) {
            tell(Level::Debug, format_args!("{error}"));
        }
    }
}

fn run(connection: &Connection, sql: &str) -> Outcome<()> {
    let _inside = ForkGate::enter();
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

enum Next {
    Blocks(Vec<Block>),
    Run {
        found: Found,
        /// Number of the row after its last.
        end_row: i64,
        /// It was the newest when it was read, so it may have grown since: what comes after
        /// it now is not what comes after the rows that were read.
        is_last: bool,
    },
}

fn extent(connection: &Connection, tier: Tier) -> Outcome<Option<Extent>> {
    let _inside = ForkGate::enter();
    let keys = tier_keys(tier);
    let mut statement = connection.prepare_cached(
        "SELECT min(first_us), max(last_us), total(rows), total(bytes) FROM \
         (SELECT first_us, last_us, rows, bytes FROM series_blocks WHERE id >= ?1 AND id < ?2 \
          UNION ALL \
          SELECT min(unix_us), max(unix_us), count(*), total(length(data)) FROM series_head \
          WHERE id >= ?1 AND id < ?2 HAVING count(*) > 0)",
    )?;
    let found = statement.query_row([keys.start, keys.end], |row| {
        let (first, last): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
        let (rows, bytes): (f64, f64) = (row.get(2)?, row.get(3)?);
        Ok(first.zip(last).map(|(first_us, last_us)| Extent {
            tier,
            first_us,
            last_us: last_us + i64::from(tier.seconds().unwrap_or(0)) * 1_000_000,
            rows: rows as u64,
            bytes: bytes as u64,
        }))
    });
    Ok(found?)
}
