//! Our two files, as what is brought in sees them.

use rusqlite::{Connection, OptionalExtension};

use super::catalogue::{Side, TableSpec};
use super::value::{Column, Kind};
use crate::Result;
use crate::store::{Intake, Ledger, Outcome, StoreSettings, Took};

/// Rows of one transaction in the optimizer's file.
const LEDGER_ROWS: usize = 256;
const LEDGER_BYTES: usize = 1 << 20;

/// The data folder's files; the optimizer's is opened when it is needed.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) intake: Intake,
    ledger: Option<Ledger>,
    store: StoreSettings,
}

/// A table of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// All but the row's number.
    pub(super) columns: Vec<Column>,
    /// Rows can be put into it.
    pub(super) takes_rows: bool,
}

/// Where a row that is ordered by age goes: behind what is there, or before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Order {
    /// Time of the row that stands last, `-∞` in an empty table.
    newest: f64,
    /// Number for the next row that is older.
    next: i64,
    /// Number of the first row that was there.
    least: i64,
}

impl Target {
    pub(super) fn open(store: &StoreSettings) -> Result<Target> {
        Ok(Target {
            intake: Intake::open(store)?,
            ledger: None,
            store: store.clone(),
        })
    }

    pub(super) fn ledger(&mut self) -> Result<&Ledger> {
        if self.ledger.is_none() {
            self.ledger = Some(Ledger::open(&self.store.folder)?);
        }
        match &self.ledger {
            Some(ledger) => Ok(ledger),
            None => Err(crate::Error::Internal(
                "no ledger after it was opened".into(),
            )),
        }
    }

    /// Most rows, and bytes, of one transaction.
    pub(super) fn batch(&self, side: Side) -> (usize, usize) {
        match side {
            Side::Monitor => self.intake.batch(),
            Side::Optimizer => (LEDGER_ROWS, LEDGER_BYTES),
        }
    }

    pub(super) fn look<T>(
        &mut self,
        side: Side,
        work: impl Fn(&Connection) -> Outcome<T>,
    ) -> Result<T> {
        match side {
            Side::Monitor => self.intake.look(work),
            Side::Optimizer => self.ledger()?.look(work),
        }
    }

    pub(super) fn bring<T>(
        &mut self,
        side: Side,
        row_bytes: impl Iterator<Item = u64>,
        work: impl Fn(&Connection) -> Outcome<T>,
    ) -> Result<Took<T>> {
        match side {
            Side::Monitor => self.intake.bring(row_bytes, work),
            Side::Optimizer => self.ledger()?.bring(work).map(Took::Done),
        }
    }

    /// The table that takes a table's rows; `None` when there is none.
    pub(super) fn shape(&mut self, side: Side, spec: &TableSpec) -> Result<Option<Shape>> {
        self.look(side, |connection| shape(connection, spec))
    }

    /// Where rows go in a table that is ordered by age, of which so many are to come that are
    /// not newer than what is there.
    pub(super) fn order(
        &mut self,
        side: Side,
        table: &str,
        stamp: &str,
        older: impl Fn(f64) -> u64,
    ) -> Result<Order> {
        let (least, newest) = self.look(side, |connection| {
            let least: Option<i64> =
                connection.query_row(&format!("SELECT min(id) FROM {table}"), [], |r| r.get(0))?;
            let newest: Option<Option<f64>> = connection
                .query_row(
                    &format!("SELECT {stamp} FROM {table} ORDER BY id DESC LIMIT 1"),
                    [],
                    |row| row.get(0),
                )
                .optional()?;
            Ok((least, newest))
        })?;
        let Some(least) = least else {
            return Ok(Order {
                newest: f64::NEG_INFINITY,
                next: 0,
                least: 0,
            });
        };
        // A row without a time stands last: nothing is newer.
        let newest = newest.flatten().unwrap_or(f64::INFINITY);
        let count = i64::try_from(older(newest)).unwrap_or(i64::MAX);
        Ok(Order {
            newest,
            next: least.saturating_sub(count),
            least,
        })
    }

    pub(super) fn close(self) -> Result<()> {
        self.intake.close()
    }
}

impl Order {
    /// The number for a row of this time; `None`: the next one.
    pub(super) fn number(&mut self, stamp: Option<f64>) -> Option<i64> {
        let is_newer = stamp.unwrap_or(f64::NEG_INFINITY) > self.newest;
        if is_newer || self.newest == f64::NEG_INFINITY || self.next >= self.least {
            return None;
        }
        let number = self.next;
        self.next = self.next.saturating_add(1);
        Some(number)
    }
}

fn shape(connection: &Connection, spec: &TableSpec) -> Outcome<Option<Shape>> {
    let kind: Option<String> = connection
        .query_row(
            "SELECT type FROM sqlite_schema WHERE name = ?1 AND type IN ('table', 'view')",
            [spec.name],
            |row| row.get(0),
        )
        .optional()?;
    let Some(kind) = kind else { return Ok(None) };
    let is_table = kind == "table";
    let names = column_names(connection, spec.name)?;
    // What a view shows has no types; what takes a program's rows in its place has.
    let behind = match (is_table, spec.name) {
        (true, name) => name.to_owned(),
        (false, "system_alerts") => "saved_alerts".to_owned(),
        (false, name) => format!("saved_{name}"),
    };
    let mut statement = connection.prepare(
        "SELECT name, type, \"notnull\" AND dflt_value IS NULL FROM pragma_table_info(?1) \
         WHERE name <> 'id'",
    )?;
    let mut rows = statement.query([&behind])?;
    let mut columns = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, declared): (String, String) = (row.get(0)?, row.get(1)?);
        if names.contains(&name) {
            columns.push(Column {
                kind: Kind::of(&declared),
                is_json: spec.json.contains(&name.as_str()),
                is_needed: row.get(2)?,
                name,
            });
        }
    }
    let takes_rows = is_table || {
        let mut statement = connection.prepare(
            "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 \
             AND sql LIKE '%INSTEAD OF INSERT%'",
        )?;
        statement.exists([spec.name])?
    };
    Ok(Some(Shape {
        columns,
        takes_rows,
    }))
}

fn column_names(connection: &Connection, table: &str) -> Outcome<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<Vec<String>>>()?)
}
