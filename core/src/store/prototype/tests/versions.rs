//! Files of earlier versions, and of others.

use super::*;
use crate::store::connection::prepare_process;
use crate::store::judged::JUDGED_TABLES;
use crate::store::schema::{Origin, RECORDING, Schema, TABLES, origin};
use crate::store::series::SERIES_TABLES;
use crate::store::{DATABASE_NAME, StoreStatus, unix_now};

static VERSION_1: Schema = Schema {
    version: 1,
    application_id: 0x5553_4D31,
    tables: &TABLES,
    further: &[],
    has_prototype: false,
};
static VERSION_2: Schema = Schema {
    version: 2,
    application_id: 0x5553_4D31,
    tables: &TABLES,
    further: &[&SERIES_TABLES],
    has_prototype: false,
};
static VERSION_3: Schema = Schema {
    version: 3,
    application_id: 0x5553_4D31,
    tables: &TABLES,
    further: &[&SERIES_TABLES, &JUDGED_TABLES],
    has_prototype: false,
};

/// As the prototype made it.
const VERSION_0: &str = "
    CREATE TABLE unified_system_states (id INTEGER PRIMARY KEY AUTOINCREMENT,
        timestamp REAL NOT NULL, health_score REAL, performance_score REAL,
        security_score REAL, metrics_data TEXT, alerts_data TEXT,
        recommendations_data TEXT, predictions_data TEXT, insights_data TEXT,
        created_at REAL DEFAULT (strftime('%s', 'now')))";

const STATE: &str = "INSERT INTO unified_system_states (timestamp, metrics_data) \
                     VALUES (?1, '{\"cpu_percent\": 7.5}')";

fn objects(connection: &Connection) -> Vec<Vec<Value>> {
    all(
        connection,
        "SELECT name, sql FROM sqlite_schema ORDER BY name",
    )
}

#[test]
fn a_file_of_each_earlier_version_becomes_as_a_new_one_and_keeps_its_rows() {
    let new = objects(&empty());
    for version in [&VERSION_1, &VERSION_2, &VERSION_3] {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, version).unwrap();
        connection.execute(STATE, [1.0]).unwrap();
        migrate(&connection, &MONITOR).unwrap();
        assert_eq!(objects(&connection), new, "{}", version.version);
        let cpu: f64 = one(&connection, "SELECT cpu_percent FROM system_metrics", []);
        assert_eq!(cpu, 7.5);
        let now: i32 = one(&connection, "PRAGMA user_version", []);
        assert_eq!(now, 4);
    }
}

#[test]
fn a_prototypes_own_file_gets_every_table() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(VERSION_0).unwrap();
    connection.execute(STATE, [1.0]).unwrap();
    assert_eq!(origin(&connection, &MONITOR).unwrap(), Origin::Prototype);
    migrate(&connection, &MONITOR).unwrap();
    let names =
        |connection: &Connection| all(connection, "SELECT name FROM sqlite_schema ORDER BY name");
    assert_eq!(names(&connection), names(&empty()));
    let cpu: f64 = one(&connection, "SELECT cpu_percent FROM system_metrics", []);
    assert_eq!(cpu, 7.5);
}

#[test]
fn a_view_of_ours_that_another_release_made_is_made_anew() {
    let connection = empty();
    let new = objects(&connection);
    connection
        .execute_batch(
            "DROP VIEW anomalies; CREATE VIEW anomalies (id) AS SELECT 1; \
             DROP TRIGGER usm_alerts_insert",
        )
        .unwrap();
    migrate(&connection, &MONITOR).unwrap();
    assert_eq!(objects(&connection), new);
}

#[test]
fn a_table_that_another_program_has_put_there_is_left_and_named() {
    for (sql, words) in [
        (
            "CREATE TABLE alerts (id INTEGER PRIMARY KEY, x TEXT)",
            "table alerts",
        ),
        (
            "CREATE VIEW system_metrics AS SELECT 1 AS x",
            "table system_metrics",
        ),
        (
            "CREATE TABLE tools (id INTEGER PRIMARY KEY, owner TEXT NOT NULL)",
            "column owner",
        ),
        (
            "CREATE VIEW saved_alerts AS SELECT 1 AS x",
            "table saved_alerts",
        ),
    ] {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        let before = objects(&connection);
        let fault = migrate(&connection, &MONITOR).unwrap_err();
        assert!(fault.cause.contains(words), "{sql}: {}", fault.cause);
        assert_eq!(objects(&connection), before, "{sql}");
    }
}

#[test]
fn a_table_of_the_prototypes_shape_that_lacks_a_column_gets_it() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE tools (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL); \
             INSERT INTO tools (name) VALUES ('htop')",
        )
        .unwrap();
    migrate(&connection, &MONITOR).unwrap();
    let rows = all(&connection, "SELECT name, tags, created_at FROM tools");
    assert_eq!(rows, [[text("htop"), Value::Null, Value::Null]]);
}

#[test]
fn a_program_that_is_reading_an_older_file_goes_on_and_then_sees_the_new_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_NAME);
    // Locks of a connection that is open before this would be of another kind than ours.
    prepare_process().unwrap();
    let reader = crate::store::open_beside(&path).unwrap();
    let _mode: String = one(&reader, "PRAGMA journal_mode = WAL", []);
    migrate(&reader, &RECORDING).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    for second in 0..500 {
        let at = unix_now() - f64::from(second);
        reader.execute(STATE, [at]).unwrap();
    }
    reader.execute_batch("COMMIT").unwrap();
    let mut statement = reader
        .prepare("SELECT timestamp FROM unified_system_states")
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    let store = Store::open(StoreSettings::new(folder.path())).unwrap();
    assert_eq!(store.health().cause, None);
    let mut seen = 1;
    while rows.next().unwrap().is_some() {
        seen += 1;
    }
    assert_eq!(seen, 500);
    drop(rows);
    drop(statement);
    let rows: i64 = one(&reader, "SELECT count(*) FROM system_metrics", []);
    assert_eq!(rows, 500);
}

#[test]
fn a_store_over_a_foreign_table_says_so_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_NAME);
    prepare_process().unwrap();
    let other = crate::store::open_beside(&path).unwrap();
    other
        .execute_batch("CREATE TABLE anomalies (id INTEGER PRIMARY KEY)")
        .unwrap();
    drop(other);
    let store = Store::open(StoreSettings::new(folder.path())).unwrap();
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Degraded);
    let cause = health.cause.clone().unwrap();
    assert!(cause.contains("table anomalies is not ours"), "{cause}");
    drop(store);
    let names = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 1, "no links to what is not ours");
}

#[test]
fn the_tables_of_the_prototype_take_little_room() {
    let pages = |schema: &Schema| -> i64 {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, schema).unwrap();
        one(&connection, "PRAGMA page_count", [])
    };
    let more = pages(&MONITOR) - pages(&VERSION_3);
    assert!(
        more * 4096 <= 192 << 10,
        "{more} pages more than {}",
        pages(&VERSION_3)
    );
}
