//! What the tables hold of a tier: blocks and runs, one at a time.

use rusqlite::{Connection, OptionalExtension};

use super::columns::{self, Wanted};
use super::keys::{TIMES, family_keys, part_key, row_key, row_of, tier_keys};
use super::reading::{PartData, Segment};
use crate::series::codec::{Damage, PartView, Times, pack_part, unpack_times};
use crate::series::{Family, Tier};
use crate::store::fault::{Fault, Outcome};
use crate::sys::ForkGate;

/// Values of the open log that a reader gets as they are: two megabytes.
const MOST_OPEN_CELLS: usize = 256 << 10;

/// A block as `series_blocks` has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    pub(super) key: i64,
    pub(super) rows: i64,
    pub(super) first_us: i64,
    pub(super) last_us: i64,
    pub(super) below: i64,
    pub(super) bytes: i64,
}

impl Block {
    pub(super) const COLUMNS: &str = "id, rows, first_us, last_us, below, bytes";

    pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Block> {
        Ok(Block {
            key: row.get(0)?,
            rows: row.get(1)?,
            first_us: row.get(2)?,
            last_us: row.get(3)?,
            below: row.get(4)?,
            bytes: row.get(5)?,
        })
    }

    pub(super) fn first_row(&self) -> i64 {
        row_of(self.key)
    }

    /// Number of the row after its last.
    pub(super) fn end_row(&self) -> i64 {
        self.first_row() + self.rows
    }
}

/// A run of the open log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OpenRun {
    pub(super) key: i64,
    pub(super) rows: i64,
    pub(super) bytes: i64,
    /// Key of its last row.
    pub(super) last_key: i64,
    pub(super) first_us: i64,
    pub(super) last_us: i64,
}

/// A segment, or none because nothing of it can be read, and what could not be.
pub(super) type Found = (Option<Segment>, Vec<String>);

/// Whether the file has series at all: one of an older release has none.
pub(super) fn has_tables(connection: &Connection) -> Outcome<bool> {
    let _inside = ForkGate::enter();
    let sql = "SELECT count(*) = 4 FROM sqlite_schema WHERE type = 'table' AND name IN \
        ('series_head', 'series_blocks', 'series_parts', 'series_context')";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Blocks of a tier from row `from_row` on and below key `before` that reach into the range
/// of time, in their order, at most `limit`.
pub(super) fn blocks(
    connection: &Connection,
    tier: Tier,
    from_row: i64,
    before: i64,
    range_us: (i64, i64),
    limit: usize,
) -> Outcome<Vec<Block>> {
    let _inside = ForkGate::enter();
    let sql = format!(
        "SELECT {} FROM series_blocks WHERE id >= ?1 AND id < ?2 AND last_us >= ?3 \
         AND first_us < ?4 ORDER BY id LIMIT ?5",
        Block::COLUMNS
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map(
        (
            row_key(tier, from_row),
            before,
            range_us.0,
            range_us.1,
            limit as i64,
        ),
        Block::read,
    )?;
    Ok(found.collect::<rusqlite::Result<Vec<Block>>>()?)
}

/// The newest block of a tier.
pub(super) fn newest_block(connection: &Connection, tier: Tier) -> Outcome<Option<Block>> {
    let _inside = ForkGate::enter();
    let sql = format!(
        "SELECT {} FROM series_blocks WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 1",
        Block::COLUMNS
    );
    let keys = tier_keys(tier);
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row([keys.start, keys.end], Block::read);
    Ok(found.optional()?)
}

/// The runs of the open log of a tier from row `from_row` on, in their order.
pub(super) fn runs(connection: &Connection, tier: Tier, from_row: i64) -> Outcome<Vec<OpenRun>> {
    let _inside = ForkGate::enter();
    let keys = tier_keys(tier);
    let mut statement = connection.prepare_cached(
        "SELECT run, count(*), sum(length(data)), max(id), min(unix_us), max(unix_us) \
         FROM series_head WHERE id >= ?1 AND id < ?2 AND run >= ?1 GROUP BY run ORDER BY run",
    )?;
    let found = statement.query_map([keys.start + from_row, keys.end], |row| {
        Ok(OpenRun {
            key: row.get(0)?,
            rows: row.get(1)?,
            bytes: row.get(2)?,
            last_key: row.get(3)?,
            first_us: row.get(4)?,
            last_us: row.get(5)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<Vec<OpenRun>>>()?)
}

/// A sealed block with the parts of these families. One that is gone by now, because it
/// became too old, is no damage.
pub(super) fn read_block(
    connection: &Connection,
    tier: Tier,
    block: &Block,
    families: &[Family],
) -> Outcome<Found> {
    let _inside = ForkGate::enter();
    let mut notes = Vec::new();
    let note = |what: &str, damage: Damage| {
        format!(
            "{what} of {} rows from Unix time {:.0} on of tier {tier:?} can't be read: {}",
            block.rows,
            block.first_us as f64 / 1e6,
            damage.0
        )
    };
    let times = match times_of(connection, block)? {
        None => return Ok((None, notes)),
        Some(Ok(times)) => times,
        Some(Err(damage)) => {
            notes.push(note("a block", damage));
            return Ok((None, notes));
        }
    };
    let mut parts = Vec::new();
    for &family in families {
        let keys = family_keys(block.key, family);
        let mut statement = connection.prepare_cached(
            "SELECT data FROM series_parts WHERE id >= ?1 AND id < ?2 ORDER BY id",
        )?;
        let mut rows = statement.query([keys.start, keys.end])?;
        while let Some(row) = rows.next()? {
            let data = row.get_ref(0)?.as_blob().unwrap_or_default().to_vec();
            let opened =
                PartView::open(data).and_then(|view| match view.rows() == times.unix_us.len() {
                    true => Ok(view),
                    false => Err(Damage("it has another number of rows")),
                });
            match opened {
                Ok(view) => parts.push((family, PartData::Packed(view))),
                Err(damage) => {
                    notes.push(note(&format!("family {family:?}"), damage));
                    parts.push((family, PartData::Torn));
                }
            }
        }
    }
    let segment = Segment {
        tier,
        first_row: block.first_row(),
        times,
        parts,
    };
    Ok((Some(segment), notes))
}

/// When the rows of a block were; `None` when it is gone.
fn times_of(connection: &Connection, block: &Block) -> Outcome<Option<Result<Times, Damage>>> {
    let Ok(key) = part_key(block.key, TIMES, 0) else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached("SELECT data FROM series_parts WHERE id = ?1")?;
    let data = statement.query_row([key], |row| {
        Ok(row.get_ref(0)?.as_blob().unwrap_or_default().to_vec())
    });
    let Some(data) = data.optional()? else {
        let mut statement =
            connection.prepare_cached("SELECT 1 FROM series_blocks WHERE id = ?1")?;
        return Ok(match statement.exists([block.key])? {
            true => Some(Err(Damage("the times of its rows are missing"))),
            false => None,
        });
    };
    let times = unpack_times(&data).and_then(|times| {
        let rows = usize::try_from(block.rows).unwrap_or(0);
        match times.unix_us.len() == rows && times.second.len() == rows {
            true => Ok(times),
            false => Err(Damage("it has another number of rows")),
        }
    });
    Ok(Some(times))
}

/// A run of the open log with the parts of these families.
pub(super) fn read_run(
    connection: &Connection,
    tier: Tier,
    run: &OpenRun,
    families: &[Family],
) -> Outcome<Found> {
    let mut segment = Segment {
        tier,
        first_row: row_of(run.key),
        times: Times::default(),
        parts: Vec::new(),
    };
    let mut notes = Vec::new();
    let mut start = Some(0);
    while let Some(from) = start {
        let wanted = Wanted {
            families,
            start: from,
            sound_rows: (from > 0).then_some(segment.times.unix_us.len()),
        };
        let mut pass = columns::pass(connection, tier, run.key, wanted)?;
        if from == 0 {
            segment.times.clone_from(&pass.times);
            if let Some(damage) = &pass.damage {
                notes.push(format!(
                    "the open log of tier {tier:?} can't be read from row {} on: {}",
                    segment.first_row + segment.times.unix_us.len() as i64,
                    damage.0
                ));
            }
        }
        // What takes much memory is kept packed until it is asked for.
        let is_small = from == 0 && pass.next.is_none() && pass.dense_cells() <= MOST_OPEN_CELLS;
        start = pass.next;
        pass.columns::<Fault>(&mut |family, entities| {
            let data = match is_small {
                true => PartData::Open(entities),
                false => match PartView::open(pack_part(&entities, &segment.times)) {
                    Ok(view) => PartData::Packed(view),
                    Err(damage) => {
                        notes.push(format!("family {family:?}: {}", damage.0));
                        PartData::Torn
                    }
                },
            };
            segment.parts.push((family, data));
            Ok(())
        })?;
    }
    Ok((Some(segment).filter(|s| !s.times.unix_us.is_empty()), notes))
}

/// Up to which row of the tier below a coarser tier has come; `None` without a row.
pub(super) fn newest_below(connection: &Connection, tier: Tier) -> Outcome<Option<i64>> {
    let _inside = ForkGate::enter();
    let keys = tier_keys(tier);
    let mut statement = connection.prepare_cached(
        "SELECT below FROM series_head WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 1",
    )?;
    let open = statement.query_row([keys.start, keys.end], |row| row.get(0));
    match open.optional()? {
        Some(below) => Ok(Some(below)),
        None => Ok(newest_block(connection, tier)?.map(|block| block.below)),
    }
}

/// Number of the row that comes next in a tier.
pub(super) fn next_row(connection: &Connection, tier: Tier) -> Outcome<i64> {
    let _inside = ForkGate::enter();
    let keys = tier_keys(tier);
    let mut statement =
        connection.prepare_cached("SELECT max(id) FROM series_head WHERE id >= ?1 AND id < ?2")?;
    let open: Option<i64> = statement.query_row([keys.start, keys.end], |row| row.get(0))?;
    let after_open = open.map_or(0, |key| row_of(key) + 1);
    let after_blocks = newest_block(connection, tier)?.map_or(0, |block| block.end_row());
    Ok(after_open.max(after_blocks))
}

/// Blocks of a tier that have a row from number `from_row` on.
pub(super) fn blocks_from(
    connection: &Connection,
    tier: Tier,
    from_row: i64,
) -> Outcome<Vec<Block>> {
    let _inside = ForkGate::enter();
    let sql = format!(
        "SELECT {} FROM series_blocks WHERE id >= ?1 AND id < ?2 AND id + rows > ?3 ORDER BY id",
        Block::COLUMNS
    );
    let keys = tier_keys(tier);
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map([keys.start, keys.end, keys.start + from_row], Block::read)?;
    Ok(found.collect::<rusqlite::Result<Vec<Block>>>()?)
}
