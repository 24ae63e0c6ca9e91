//! The prototype's tables: by the contract's lists, against the engine's values, and as other
//! programs see them.

mod contract;
mod findings;
mod kept;
mod linked;
mod listed;
mod measured;
mod outlook;
mod versions;
mod writes;

use std::time::Duration;

use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, Params};

use crate::store::schema::{MONITOR, migrate};
use crate::store::{Row, Store, StoreSettings};

const PATIENCE: Duration = Duration::from_secs(60);

/// An empty file of the monitor's, in memory.
fn empty() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection, &MONITOR).unwrap();
    connection
}

/// A store whose rows never are too old, with these written.
fn stored(rows: impl IntoIterator<Item = Row>) -> (tempfile::TempDir, Store, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings {
        retention: Duration::from_secs(200 * 365 * 86_400),
        ..StoreSettings::new(folder.path())
    })
    .unwrap();
    rows.into_iter().for_each(|row| store.append(row));
    store.flush(PATIENCE).unwrap();
    let connection = crate::store::open_beside(store.path()).unwrap();
    connection.busy_timeout(PATIENCE).unwrap();
    (folder, store, connection)
}

fn one<T: FromSql>(connection: &Connection, sql: &str, values: impl Params) -> T {
    connection.query_row(sql, values, |row| row.get(0)).unwrap()
}

/// All rows of a query, each as its values.
fn all(connection: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect());
    rows.unwrap().map(|row| row.unwrap()).collect()
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}
