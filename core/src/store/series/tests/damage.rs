//! Bytes that were damaged on the disk, and files of older releases.

use super::support::*;
use crate::series::{Family, Tier};
use crate::store::series::keys::{TIMES, part_key, row_key};
use crate::store::{DATABASE_NAME, JudgedRow, Row, RuleRow, Store, StoreReader, StoreStatus};

/// Turns a bit in the middle of a blob.
fn damage(path: &std::path::Path, table: &str, key: i64) {
    let file = crate::store::open_beside(path).unwrap();
    file.busy_timeout(PATIENCE).unwrap();
    let select = format!("SELECT data FROM {table} WHERE id = ?1");
    let mut data: Vec<u8> = file.query_row(&select, [key], |row| row.get(0)).unwrap();
    let middle = data.len() / 2;
    data[middle] ^= 0x10;
    let update = format!("UPDATE {table} SET data = ?2 WHERE id = ?1");
    assert_eq!(file.execute(&update, (key, data)).unwrap(), 1);
}

fn numbers(reader: &StoreReader) -> (Vec<i64>, Vec<String>) {
    let mut numbers = Vec::new();
    let notes = visit(reader, Tier::Raw, |number, _, _| numbers.push(number));
    (numbers, notes)
}

#[test]
fn a_torn_block_is_left_out_and_named_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let all = frames(0, 2000);
    append_all(&store, &all);
    wait_for_upkeep(&store);
    let path = store.path().to_path_buf();
    damage(
        &path,
        "series_parts",
        part_key(row_key(Tier::Raw, 600), TIMES, 0).unwrap(),
    );
    let torn = part_key(row_key(Tier::Raw, 0), Family::Core.code(), 0).unwrap();
    damage(&path, "series_parts", torn);
    let reader = StoreReader::open(&path).unwrap();
    let mut read = Vec::new();
    let notes = visit(&reader, Tier::Raw, |number, rows, place| {
        read.push((number, plain(&rows.frame(place))));
    });
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes[0].contains("Core") && notes[0].contains("1790000000"),
        "{notes:?}"
    );
    assert!(notes[1].contains("block of 600 rows"), "{notes:?}");
    let found: Vec<i64> = read.iter().map(|(number, _)| *number).collect();
    assert_eq!(found, (0..600).chain(1200..2000).collect::<Vec<i64>>());
    assert!(
        read[..600]
            .iter()
            .all(|(_, (_, _, values))| values.is_empty())
    );
    let expected = all[1200..].iter().map(plain);
    assert!(read[600..].iter().map(|(_, row)| row.clone()).eq(expected));
    // Writing goes on, and what is torn goes with its age.
    append_all(&store, &frames(2000, 700));
    assert_eq!(store.health().status, StoreStatus::Ok);
}

#[test]
fn a_damaged_row_of_the_open_log_costs_what_comes_after_it_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    append_all(&store, &frames(0, 700));
    let path = store.path().to_path_buf();
    store.close().unwrap();
    damage(&path, "series_head", row_key(Tier::Raw, 650));
    let reader = StoreReader::open(&path).unwrap();
    let (found, notes) = numbers(&reader);
    assert_eq!(found, (0..650).collect::<Vec<i64>>());
    assert!(notes[0].contains("from row 650 on"), "{notes:?}");
    // Who writes next seals what can be read and goes on.
    let store = Store::open(settings(folder.path())).unwrap();
    append_all(&store, &frames(700, 100));
    wait_for_upkeep(&store);
    let (found, notes) = numbers(&reader);
    assert_eq!(notes, Vec::<String>::new());
    assert_eq!(found, (0..650).chain(700..800).collect::<Vec<i64>>());
    assert_eq!(store.health().status, StoreStatus::Ok);
}

/// A file as version 1 made it.
fn version_1(path: &std::path::Path) {
    let file = crate::store::open_beside(path).unwrap();
    file.execute_batch(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
         CREATE TABLE unified_system_states (id INTEGER PRIMARY KEY AUTOINCREMENT,
            timestamp REAL NOT NULL, health_score REAL, performance_score REAL,
            security_score REAL, metrics_data TEXT, alerts_data TEXT,
            recommendations_data TEXT, predictions_data TEXT, insights_data TEXT,
            created_at REAL DEFAULT (strftime('%s', 'now')));
         CREATE INDEX usm_unified_system_states_timestamp ON unified_system_states (timestamp);
         INSERT INTO unified_system_states (timestamp, health_score)
            VALUES (strftime('%s', 'now'), 75);
         PRAGMA application_id = 0x55534D31; PRAGMA user_version = 1;",
    )
    .unwrap();
}

#[test]
fn a_file_of_version_1_keeps_its_rows_and_gets_the_series() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_NAME);
    version_1(&path);
    let reader = StoreReader::open(&path).unwrap();
    assert_eq!(reader.extents().unwrap(), [], "as it is");
    assert_eq!(reader.context_at(0).unwrap(), []);
    assert_eq!(read_frames(&reader), []);
    let store = Store::open(settings(folder.path())).unwrap();
    assert_eq!(store.health().cause, None);
    append_all(&store, &frames(0, 700));
    assert_eq!(read_frames(&reader).len(), 700);
    assert_eq!(
        reader.latest_state().unwrap().unwrap().health_score,
        Some(75.0)
    );
    let version: i64 = crate::store::open_beside(&path)
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 4);
}

#[test]
fn a_file_of_version_2_keeps_its_series_and_gets_the_findings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_NAME);
    let store = Store::open(settings(folder.path())).unwrap();
    append_all(&store, &frames(0, 50));
    store.close().unwrap();
    let connection = crate::store::open_beside(&path).unwrap();
    for table in [
        "findings",
        "model_memory",
        "rules",
        "notifications",
        "requests",
    ] {
        connection
            .execute_batch(&format!("DROP TABLE {table}"))
            .unwrap();
    }
    connection.pragma_update(None, "user_version", 2).unwrap();
    let reader = StoreReader::open(&path).unwrap();
    assert_eq!(reader.rules().unwrap(), [], "as it is");
    drop(connection);
    let store = Store::open(settings(folder.path())).unwrap();
    assert_eq!(store.health().cause, None);
    store.append(Row::Judged(JudgedRow::Rule(RuleRow {
        name: "a".into(),
        toml: Some("text".into()),
        updated_at: 1.0,
    })));
    store.flush(PATIENCE).unwrap();
    assert_eq!(reader.rules().unwrap().len(), 1);
    assert_eq!(read_frames(&reader).len(), 50);
}

#[test]
fn a_table_of_the_same_name_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_NAME);
    crate::store::open_beside(&path)
        .unwrap()
        .execute_batch("CREATE TABLE series_head (id INTEGER PRIMARY KEY, theirs TEXT)")
        .unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let cause = store.health().cause.clone().unwrap();
    assert!(
        cause.contains("series_head") && cause.contains("not ours"),
        "{cause}"
    );
}
