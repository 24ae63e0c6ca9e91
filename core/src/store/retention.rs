//! Old rows go: by age, and by size so that the cap holds.

use super::database::Database;
use super::fault::{Fault, FaultKind};
use super::judged::{JUDGED_AGES, MOST_JUDGED_ROWS};
use super::prototype;
use super::schema::Schema;
use crate::sys::ForkGate;

/// Steps of pruning by age in one go; the rest waits for the next, so that fresh rows
/// never wait long.
const AGE_STEPS: usize = 16;

/// Rows of the tables may take one part in so many of the cap before the series give way.
const ROWS_SHARE: f64 = 4.0;

/// Rows whose sizes stand for the table's.
const SIZE_SAMPLE_ROWS: u32 = 8;

/// A table whose rows go.
#[derive(Debug)]
pub(super) struct Ageing {
    name: String,
    /// SQL of when a row was over, Unix seconds.
    stamp: String,
    /// SQL of its size in bytes, nearly; `None` where the size cap costs no rows.
    row_bytes: Option<String>,
    /// Most rows, whatever their age.
    most_rows: Option<u64>,
}

/// All of a file.
pub(super) fn ageing(schema: &Schema) -> Vec<Ageing> {
    let own = schema.tables.iter().map(|table| Ageing {
        name: table.name.to_owned(),
        stamp: table.stamp.to_owned(),
        row_bytes: Some(table.row_bytes.to_owned()),
        most_rows: None,
    });
    let judged = JUDGED_AGES.into_iter().map(|(name, stamp)| Ageing {
        name: name.to_owned(),
        stamp: stamp.to_owned(),
        row_bytes: None,
        most_rows: Some(MOST_JUDGED_ROWS),
    });
    let mut all: Vec<Ageing> = own.chain(judged).collect();
    if schema.has_prototype {
        all.extend(prototype::tables().into_iter().filter_map(|table| {
            Some(Ageing {
                row_bytes: Some(table.row_bytes()),
                most_rows: Some(prototype::MOST_ROWS),
                stamp: table.stamp?,
                name: table.name,
            })
        }));
    }
    all
}

impl Database {
    /// Deletes rows older than `cutoff` (Unix seconds) in small transactions. Returns
    /// whether there may be more.
    pub(crate) fn prune_by_age(&mut self, cutoff: f64) -> Result<bool, Fault> {
        let rows = self.cap.prune_rows();
        let mut steps = 0;
        for Ageing { name, stamp, .. } in &self.ageing {
            loop {
                let _inside = ForkGate::enter();
                // Most of the time there is nothing to do: look without a write lock.
                let due = self
                    .connection
                    .prepare(&format!("SELECT 1 FROM {name} WHERE {stamp} < ?1"))?
                    .exists([cutoff])?;
                if !due {
                    break;
                }
                if steps == AGE_STEPS {
                    return Ok(true);
                }
                steps += 1;
                self.delete(
                    &format!(
                        "DELETE FROM {name} WHERE rowid IN (SELECT rowid FROM {name} \
                         WHERE {stamp} < ?1 ORDER BY {stamp} LIMIT ?2)"
                    ),
                    (cutoff, rows as i64),
                    rows,
                )?;
            }
        }
        Ok(false)
    }

    /// Deletes rows beyond the bound in numbers. Returns whether there may be more.
    pub(crate) fn prune_by_count(&mut self) -> Result<bool, Fault> {
        for table in &self.ageing {
            let Some(most_rows) = table.most_rows else {
                continue;
            };
            let (name, stamp) = (&table.name, &table.stamp);
            let rows: i64 = {
                let _inside = ForkGate::enter();
                self.connection
                    .prepare_cached(&format!("SELECT count({stamp}) FROM {name}"))?
                    .query_row([], |row| row.get(0))?
            };
            let over = rows.unsigned_abs().saturating_sub(most_rows);
            if over > 0 {
                let step = over.min(self.cap.prune_rows());
                self.delete(
                    &format!(
                        "DELETE FROM {name} WHERE rowid IN (SELECT rowid FROM {name} \
                         WHERE {stamp} IS NOT NULL ORDER BY {stamp} LIMIT ?1)"
                    ),
                    [step as i64],
                    step,
                )?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes sure that `pages` more fit under the cap: deletes the oldest rows of the
    /// biggest table, step by step. What was deleted last is remembered for the report.
    pub(super) fn make_room(&mut self, pages: u64) -> Result<(), Fault> {
        if self.headroom_pages < pages {
            self.headroom_pages = self.look_for_headroom()?;
            if self.headroom_pages < pages {
                self.prune_to(pages + self.cap.spare_pages())?;
            }
        }
        self.headroom_pages -= pages.min(self.headroom_pages);
        Ok(())
    }

    /// Brings a file that is above the cap, or fragmented, back: rows first, then the
    /// free pages at its end. A step at a time; returns whether there may be more.
    pub(crate) fn shrink(&mut self) -> Result<bool, Fault> {
        if self.page_count()? > self.cap.max_pages {
            self.prune_to_cap()?;
        }
        if !self.can_shrink {
            return Ok(false);
        }
        for _ in 0..AGE_STEPS {
            let (pages, free) = (self.page_count()?, self.free_pages()?);
            let above = pages > self.cap.max_pages;
            if free == 0 || !above && free * 4 < pages + 256 {
                if above || self.was_above_cap {
                    self.empty_log()?;
                    self.limit_pages()?;
                }
                self.was_above_cap = above;
                return Ok(false);
            }
            self.was_above_cap |= above;
            let step = self.cap.vacuum_pages();
            self.begin(self.cap.vacuum_cost())?;
            let vacuumed = self.give_back(step).and_then(|()| self.commit());
            if vacuumed.is_err() {
                self.rollback();
            }
            vacuumed?;
        }
        Ok(true)
    }

    /// Gives free pages at the end of the file back, at most so many.
    pub(super) fn give_back(&self, pages: u64) -> Result<(), Fault> {
        let _inside = ForkGate::enter();
        let sql = format!("PRAGMA incremental_vacuum({pages})");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        // It frees one page per step.
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// Deletes rows until what lives fits under the cap with a little room.
    pub(super) fn prune_to_cap(&mut self) -> Result<(), Fault> {
        self.prune_to(self.cap.spare_pages())
    }

    fn prune_to(&mut self, wanted_pages: u64) -> Result<(), Fault> {
        loop {
            self.headroom_pages = self.look_for_headroom()?;
            if self.headroom_pages >= wanted_pages {
                return Ok(());
            }
            self.prune_oldest(wanted_pages - self.headroom_pages)?;
        }
    }

    fn look_for_headroom(&self) -> Result<u64, Fault> {
        let live = self.page_count()?.saturating_sub(self.free_pages()?);
        Ok(self.cap.max_pages.saturating_sub(live))
    }

    /// Takes one step off the series, or off the table that is the biggest now, no more than `pages` ask for.
    fn prune_oldest(&mut self, pages: u64) -> Result<(), Fault> {
        let _inside = ForkGate::enter();
        let mut biggest: Option<(f64, f64, usize)> = None;
        let mut total = 0.0;
        for (place, table) in self.ageing.iter().enumerate() {
            let Some(row_bytes) = &table.row_bytes else {
                continue;
            };
            let (rows, row_bytes) = self.table_size(&table.name, row_bytes)?;
            let bytes = rows * row_bytes;
            total += bytes;
            if bytes > biggest.map_or(0.0, |(most, ..)| most) {
                biggest = Some((bytes, row_bytes, place));
            }
        }
        // The rows give way until they take no more than their share, then the series.
        if total <= self.cap.max_bytes as f64 / ROWS_SHARE && self.prune_series_by_size(false)? {
            return Ok(());
        }
        let Some((_, row_bytes, place)) = biggest else {
            if self.prune_series_by_size(true)? {
                return Ok(());
            }
            return Err(Fault::new(
                FaultKind::Held,
                format!(
                    "the size cap of {} bytes is used up by what is not ours to prune",
                    self.cap.max_bytes
                ),
            ));
        };
        let rows = self.cap.rows_for(pages, row_bytes);
        let Ageing { name, stamp, .. } = &self.ageing[place];
        let newest: Option<f64> = self
            .connection
            .prepare(&format!(
                "SELECT max(stamp) FROM (SELECT {stamp} AS stamp FROM {name} ORDER BY rowid \
                 LIMIT ?1)"
            ))?
            .query_row([rows as i64], |row| row.get(0))?;
        self.delete(
            &format!(
                "DELETE FROM {name} WHERE rowid IN \
                 (SELECT rowid FROM {name} ORDER BY rowid LIMIT ?1)"
            ),
            [rows as i64],
            rows,
        )?;
        self.pruned_up_to = match (self.pruned_up_to, newest) {
            (Some(before), Some(now)) => Some(before.max(now)),
            (before, now) => now.or(before),
        };
        Ok(())
    }

    /// Nearly: rows by their numbers, and bytes per row by the oldest few.
    fn table_size(&self, name: &str, row_bytes: &str) -> Result<(f64, f64), Fault> {
        let _inside = ForkGate::enter();
        let mut statement = self.connection.prepare(&format!(
            "SELECT (SELECT max(rowid) FROM {name}) - (SELECT min(rowid) FROM {name}) + 1, \
             (SELECT avg(bytes) FROM (SELECT {row_bytes} AS bytes FROM {name} \
              ORDER BY rowid LIMIT {SIZE_SAMPLE_ROWS}))"
        ))?;
        let (rows, bytes): (Option<f64>, Option<f64>) =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((rows.unwrap_or(0.0), bytes.unwrap_or(0.0)))
    }

    fn delete(&self, sql: &str, values: impl rusqlite::Params, rows: u64) -> Result<(), Fault> {
        let _inside = ForkGate::enter();
        self.begin(self.cap.prune_pages(rows))?;
        let deleted = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values))
            .map_err(Fault::from);
        let deleted = deleted.and_then(|_| self.commit());
        if deleted.is_err() {
            self.rollback();
        }
        deleted
    }
}
