//! Metrics into states, where the tables and views of the prototype's names show them.

use std::cell::Cell;
use std::ops::ControlFlow;

use rusqlite::{Connection, params};

use super::Told;
use super::catalogue::{How, Side};
use super::copy::{Chunks, Fate, NO_ROOM, Way, Work};
use super::metrics::{self, Moment};
use super::plain::TOLD_ROWS;
use super::report::TableReport;
use super::target::Target;
use crate::Result;
use crate::store::Outcome;

const TABLE: &str = "unified_system_states";

/// Bytes of a state's metrics, nearly.
const STATE_BYTES: usize = 640;

/// What one takes in the file, with its place in the index.
const STORED_BYTES: u64 = 720;

/// States of this moment: number, metrics, and whether there is nothing else in it, as only a
/// migration leaves it.
const AT: &str = "SELECT id, metrics_data, health_score IS NULL AND performance_score IS NULL \
    AND security_score IS NULL AND alerts_data IS NULL AND recommendations_data IS NULL \
    AND predictions_data IS NULL AND insights_data IS NULL \
    FROM unified_system_states WHERE timestamp = ?1";
/// Time of the oldest state that a migration has left.
const OLDEST: &str = "SELECT min(timestamp) FROM unified_system_states WHERE metrics_data IS NOT \
    NULL AND health_score IS NULL AND performance_score IS NULL AND security_score IS NULL";
const INSERT: &str = "INSERT INTO unified_system_states (id, timestamp, metrics_data, created_at) \
    VALUES (?1, ?2, ?3, ?4)";
const UPDATE: &str = "UPDATE unified_system_states SET metrics_data = ?2 WHERE id = ?1";

struct Item {
    row: i64,
    number: Option<i64>,
    moment: Moment,
}

struct States {
    now: f64,
    /// The oldest that there is no room for, as far as they are still to come.
    surplus: Cell<u64>,
    /// What is older was left out before, too.
    not_before: Option<f64>,
}

pub(super) fn bring(
    work: &Work<'_>,
    target: &mut Target,
    told: &mut Told<'_>,
) -> Result<TableReport> {
    let spec = work.spec;
    let mut report = TableReport::new(spec.name, TABLE);
    let columns = match work.source.columns(spec.name) {
        Ok(theirs) => metrics::columns(spec.how, &theirs),
        Err(fault) => {
            report.error = Some(fault.cause);
            return Ok(report);
        }
    };
    let Some(columns) = columns else {
        report.error = Some("it lacks the columns that its rows need".into());
        return Ok(report);
    };
    let older = |newest| work.older("timestamp", newest);
    let mut order = target.order(Side::Monitor, TABLE, "timestamp", older)?;
    let there = target.look(Side::Monitor, |connection| {
        let sql = "SELECT count(*) FROM unified_system_states WHERE metrics_data IS NOT NULL";
        let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    })?;
    // Several rows of one metric each make a state.
    let state_bytes = match spec.how {
        How::Tall => STORED_BYTES / 7,
        _ => STORED_BYTES,
    };
    let surplus = work.surplus(target, state_bytes, there)?;
    let not_before = match surplus {
        0 => None,
        _ => target.look(Side::Monitor, |connection| {
            Ok(connection.query_row(OLDEST, [], |row| row.get(0))?)
        })?,
    };
    let states = States {
        now: work.now,
        surplus: Cell::new(surplus),
        not_before,
    };
    let mut chunks = Chunks::new(states, Side::Monitor);
    let torn = work.source.scan(spec.name, &columns, &mut |row, values| {
        report.found += 1;
        let moment = values.and_then(|values| Moment::of_row(spec.how, &columns, &values));
        let moment = moment.and_then(|moment| {
            work.check_age(moment.timestamp)?;
            Ok(moment)
        });
        match moment {
            Err(why) => report.skip(row, &why),
            Ok(moment) => {
                let item = Item {
                    row,
                    number: order.number(Some(moment.timestamp)),
                    moment,
                };
                chunks.push(item, target, &mut report)?;
            }
        }
        match report.found % TOLD_ROWS {
            0 => Ok(told.rows(report.found)),
            _ => Ok(ControlFlow::Continue(())),
        }
    })?;
    chunks.flush(target, &mut report)?;
    let is_full = report.reasons.iter().any(|reason| reason.why == NO_ROOM);
    report.error = report
        .error
        .or(torn)
        .or(is_full.then(|| NO_ROOM.to_owned()));
    Ok(report)
}

impl Way for States {
    type Item = Item;

    fn row(item: &Item) -> i64 {
        item.row
    }

    fn bytes(_: &Item) -> usize {
        STATE_BYTES
    }

    fn write(&self, connection: &Connection, item: &Item) -> Outcome<Fate> {
        let moment = &item.moment;
        let mut statement = connection.prepare_cached(AT)?;
        let mut rows = statement.query([moment.timestamp])?;
        let mut joined = None;
        while let Some(row) = rows.next()? {
            let (id, text, is_bare): (i64, Option<String>, bool) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let there = text.and_then(|text| Moment::of_json(moment.timestamp, &text));
            let Some(there) = there else { continue };
            if there.holds(moment) {
                return Ok(Fate::AlreadyThere);
            }
            if is_bare && joined.is_none() {
                joined = there.with(moment).map(|both| (id, both));
            }
        }
        match joined {
            Some((id, both)) => {
                let mut statement = connection.prepare_cached(UPDATE)?;
                statement.execute(params![id, both.to_json()])?;
            }
            None if self.surplus.get() > 0
                || self
                    .not_before
                    .is_some_and(|oldest| moment.timestamp < oldest) =>
            {
                self.surplus.set(self.surplus.get().saturating_sub(1));
                return Ok(Fate::Skipped(NO_ROOM.to_owned()));
            }
            None => {
                let mut statement = connection.prepare_cached(INSERT)?;
                statement.execute(params![
                    item.number,
                    moment.timestamp,
                    moment.to_json(),
                    self.now
                ])?;
            }
        }
        Ok(Fate::Imported)
    }
}
