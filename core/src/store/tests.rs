//! The store as a whole, on folders and files that the tests make themselves.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::mpsc;
use std::time::Instant;

use super::folder::{total_bytes, with_suffix};
use super::*;

/// Long enough for a loaded machine; nothing waits for it in a good run.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tables as the prototype declares them, in rollback mode.
const PROTOTYPE: &str = "
    CREATE TABLE unified_system_states (id INTEGER PRIMARY KEY AUTOINCREMENT,
        timestamp REAL NOT NULL, health_score REAL, performance_score REAL,
        security_score REAL, metrics_data TEXT, alerts_data TEXT,
        recommendations_data TEXT, predictions_data TEXT, insights_data TEXT,
        created_at REAL DEFAULT (strftime('%s', 'now')));
    CREATE TABLE performance_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT,
        component_name TEXT NOT NULL, operation_name TEXT NOT NULL, execution_time REAL,
        memory_usage REAL, cpu_usage REAL, timestamp REAL,
        created_at REAL DEFAULT (strftime('%s', 'now')));
    CREATE TABLE integration_events (id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_type TEXT NOT NULL, event_data TEXT, severity TEXT, component_name TEXT,
        timestamp REAL, created_at REAL DEFAULT (strftime('%s', 'now')));
    INSERT INTO performance_metrics (component_name, operation_name, execution_time, timestamp)
        VALUES ('unified_monitor', 'state_collection', 1.5, strftime('%s', 'now'));
    INSERT INTO integration_events (event_type, timestamp) VALUES ('error', strftime('%s', 'now'));
";

fn lazy(folder: &Path) -> StoreSettings {
    StoreSettings {
        commit_interval: Duration::from_secs(3600),
        ..StoreSettings::new(folder)
    }
}

fn state(timestamp: f64, bytes: usize) -> Row {
    Row::State(StateRow {
        timestamp,
        health_score: Some(80.0),
        metrics_data: Some("m".repeat(bytes)),
        ..StateRow::default()
    })
}

fn timing(component: &'static str, seconds: f64) -> Row {
    Row::Performance(PerformanceRow {
        component_name: component.into(),
        operation_name: "operation".into(),
        execution_time: seconds,
        memory_usage: None,
        cpu_usage: None,
        timestamp: unix_now(),
    })
}

fn event(text: &str) -> Row {
    Row::Event(EventRow {
        event_type: "test".into(),
        event_data: Some(text.to_owned()),
        severity: Some("low".into()),
        component_name: None,
        timestamp: Some(unix_now()),
    })
}

/// Another program's view of the file.
fn ask<T: rusqlite::types::FromSql>(path: &Path, sql: &str) -> T {
    let other = open_beside(path).unwrap();
    other.busy_timeout(PATIENCE).unwrap();
    other.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn wait_until(what: &str, mut reached: impl FnMut() -> bool) {
    let start = Instant::now();
    while !reached() {
        assert!(start.elapsed() < PATIENCE, "never reached: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_is_appended_is_read_back_by_us_and_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    assert_eq!(store.health().status, StoreStatus::Ok);
    let full = StateRow {
        timestamp: unix_now(),
        health_score: Some(91.5),
        performance_score: None,
        security_score: Some(100.0),
        metrics_data: Some("{\"cpu\": \"ü\"}".to_owned()),
        alerts_data: Some("[]".to_owned()),
        recommendations_data: None,
        predictions_data: Some("{}".to_owned()),
        insights_data: Some("[1]".to_owned()),
    };
    store.append(Row::State(full.clone()));
    store.append(timing("b", 1.0));
    store.append(timing("a", 1.0));
    store.append(timing("a", 2.0));
    store.append(event("first"));
    store.append(event("second"));
    store.flush(PATIENCE).unwrap();

    let reader = StoreReader::open(store.path()).unwrap();
    assert_eq!(reader.latest_state().unwrap(), Some(full.clone()));
    assert!(reader.states(0.0, full.timestamp, 10).unwrap().is_empty());
    assert_eq!(reader.states(0.0, f64::MAX, 10).unwrap(), [full]);
    let summary = reader.performance_summary(unix_now() - 3600.0).unwrap();
    let names: Vec<&str> = summary.iter().map(|t| t.component_name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(summary[0].avg_execution_time, Some(1.5));
    assert_eq!(summary[0].operation_count, 2);
    let events = reader.events(0.0, 1).unwrap();
    assert_eq!(events[0].event_data.as_deref(), Some("second"));

    let age: f64 = ask(
        store.path(),
        "SELECT strftime('%s', 'now') - created_at FROM unified_system_states",
    );
    assert!(age.abs() < 3600.0, "created_at is in epoch seconds: {age}");
    let kind: String = ask(
        store.path(),
        "SELECT typeof(created_at) FROM integration_events",
    );
    assert_eq!(kind, "real");
    let health = store.health();
    assert_eq!((health.rows_written, health.rows_waiting), (6, 0));
    assert_eq!(health.bytes, total_bytes(store.path()));
    drop(reader);
    store.close().unwrap();
    assert!(!with_suffix(&folder.path().join(DATABASE_NAME), "-wal").exists());
}

#[test]
fn every_file_is_for_the_owner_only() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    let store = Store::open(lazy(&folder)).unwrap();
    store.append(event("x"));
    store.flush(PATIENCE).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&with_suffix(store.path(), suffix)), 0o600, "{suffix}");
    }
}

#[test]
fn a_commit_comes_by_itself_after_the_interval() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings {
        commit_interval: Duration::from_millis(20),
        ..StoreSettings::new(folder.path())
    })
    .unwrap();
    store.append(event("x"));
    wait_until("commit", || store.health().rows_written == 1);
}

#[test]
fn dropping_the_store_commits_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    let path = store.path().to_path_buf();
    store.append(event("x"));
    drop(store);
    assert_eq!(
        ask::<i64>(&path, "SELECT count(*) FROM integration_events"),
        1
    );
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let good = || StoreSettings::new("/nowhere");
    for (field, settings) in [
        (
            "folder",
            StoreSettings {
                folder: PathBuf::new(),
                ..good()
            },
        ),
        (
            "queue_rows",
            StoreSettings {
                queue_rows: 0,
                ..good()
            },
        ),
        (
            "queue_bytes",
            StoreSettings {
                queue_bytes: 0,
                ..good()
            },
        ),
        (
            "retention",
            StoreSettings {
                retention: Duration::ZERO,
                ..good()
            },
        ),
        (
            "max_bytes",
            StoreSettings {
                max_bytes: 1000,
                ..good()
            },
        ),
        (
            "commit_interval",
            StoreSettings {
                commit_interval: Duration::from_secs(86_400),
                ..good()
            },
        ),
    ] {
        let error = Store::open(settings).unwrap_err();
        assert!(error.to_string().starts_with(field), "{error}");
    }
}

#[test]
fn a_prototypes_file_keeps_its_rows_and_gets_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_NAME);
    open_beside(&path)
        .unwrap()
        .execute_batch(PROTOTYPE)
        .unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    assert_eq!(store.health().cause, None);
    assert_eq!(store.health().warning, None);
    store.append(timing("unified_monitor", 0.5));
    store.append(state(unix_now(), 10));
    store.flush(PATIENCE).unwrap();
    let reader = StoreReader::open(&path).unwrap();
    let summary = reader.performance_summary(0.0).unwrap();
    assert_eq!(summary[0].operation_count, 2);
    assert_eq!(summary[0].avg_execution_time, Some(1.0));
    assert_eq!(reader.events(0.0, 10).unwrap().len(), 1);
    assert_eq!(
        ask::<i64>(&path, "SELECT max(id) FROM performance_metrics"),
        2
    );
    assert_eq!(ask::<String>(&path, "PRAGMA journal_mode"), "wal");
    assert_eq!(
        ask::<i64>(&path, "PRAGMA auto_vacuum"),
        2,
        "it can shrink now"
    );
}

#[test]
fn a_newer_or_foreign_file_is_left_untouched_and_named() {
    for (sql, word) in [
        ("PRAGMA user_version = 99; CREATE TABLE t (x)", "version 99"),
        (
            "PRAGMA application_id = 5; CREATE TABLE t (x)",
            "another application",
        ),
        (
            "CREATE VIEW integration_events AS SELECT 1 AS x",
            "not ours",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DATABASE_NAME);
        open_beside(&path).unwrap().execute_batch(sql).unwrap();
        let before = fs::read(&path).unwrap();
        let store = Store::open(lazy(folder.path())).unwrap();
        let health = store.health();
        assert_eq!(health.status, StoreStatus::Degraded);
        assert!(
            health.cause.as_deref().unwrap().contains(word),
            "{health:?}"
        );
        store.append(event("x"));
        assert!(store.close().unwrap_err().to_string().contains(word));
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_file_that_is_no_database_is_set_aside_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_NAME);
    let rubbish = b"not a database at all. ".repeat(500);
    fs::write(&path, &rubbish).unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    store.append(event("x"));
    store.flush(PATIENCE).unwrap();
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Ok);
    let aside = health.set_aside.clone().unwrap();
    assert_eq!(fs::read(&aside).unwrap(), rubbish);
    assert_eq!(
        ask::<i64>(&path, "SELECT count(*) FROM integration_events"),
        1
    );
}

#[test]
fn corruption_in_mid_run_is_survived_without_losing_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    let path = store.path().to_path_buf();
    (0..200).for_each(|_| store.append(state(unix_now(), 4000)));
    store.flush(PATIENCE).unwrap();
    // The log is emptied into the file, so that the damage is met.
    let other = open_beside(&path).unwrap();
    other
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    // Every page but the first; the lock bytes that SQLite holds are not touched.
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    use std::os::unix::fs::FileExt;
    let length = file.metadata().unwrap().len();
    let noise = vec![0xA5; 4096];
    (1..length / 4096).for_each(|page| file.write_all_at(&noise, page * 4096).unwrap());
    drop(other);
    store.append(event("survives"));
    store.flush(PATIENCE).unwrap();
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Ok, "{health:?}");
    assert!(health.set_aside.clone().unwrap().exists());
    let reader = StoreReader::open(&path).unwrap();
    let events = reader.events(0.0, 10).unwrap();
    assert_eq!(events[0].event_data.as_deref(), Some("survives"));
}

#[test]
fn a_folder_that_cannot_be_made_degrades_and_heals() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    fs::write(&folder, "in the way").unwrap();
    let store = Store::open(lazy(&folder)).unwrap();
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Degraded);
    assert!(
        health.cause.as_deref().unwrap().contains("data"),
        "{health:?}"
    );
    let (sender, changes) = mpsc::channel();
    store.set_watcher(Box::new(move |health| {
        sender.send((health.status, health.rows_written)).unwrap();
    }));
    store.append(event("one"));
    assert!(store.flush(PATIENCE).is_err());
    assert_eq!(store.health().rows_waiting, 1);
    fs::remove_file(&folder).unwrap();
    store.append(event("two"));
    store.flush(PATIENCE).unwrap();
    assert_eq!(store.health().rows_written, 2);
    assert_eq!(
        changes.recv_timeout(PATIENCE).unwrap(),
        (StoreStatus::Ok, 2)
    );
}

#[test]
fn a_deleted_folder_is_made_again_and_the_rows_go_there() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    let store = Store::open(lazy(&folder)).unwrap();
    store.append(event("lost with the folder"));
    store.flush(PATIENCE).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    store.append(event("kept"));
    store.flush(PATIENCE).unwrap();
    assert_eq!(store.health().status, StoreStatus::Ok);
    let reader = StoreReader::open(store.path()).unwrap();
    let events = reader.events(0.0, 10).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event_data.as_deref(), Some("kept"));
}

#[test]
fn closing_a_moved_file_leaves_the_new_ones_log_alone() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(lazy(folder.path())).unwrap();
    first.append(event("old file"));
    first.flush(PATIENCE).unwrap();
    let path = first.path().to_path_buf();
    for suffix in ["", "-wal", "-shm"] {
        let from = with_suffix(&path, suffix);
        fs::rename(&from, folder.path().join(format!("moved{suffix}"))).unwrap();
    }
    let second = Store::open(lazy(folder.path())).unwrap();
    second.append(event("new file"));
    second.flush(PATIENCE).unwrap();
    assert!(with_suffix(&path, "-wal").exists());
    drop(first);
    assert!(with_suffix(&path, "-wal").exists());
    drop(second);
    assert_eq!(
        ask::<i64>(&path, "SELECT count(*) FROM integration_events"),
        1
    );
    let integrity: String = ask(&path, "PRAGMA integrity_check");
    assert_eq!(integrity, "ok");
}

#[test]
fn a_lock_of_another_program_is_waited_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    let other = open_beside(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.append(event("x"));
    let error = store.flush(PATIENCE).unwrap_err();
    assert!(error.to_string().contains("locked"), "{error}");
    assert_eq!(store.health().status, StoreStatus::Degraded);
    assert_eq!(store.health().rows_waiting, 1);
    other.execute_batch("ROLLBACK").unwrap();
    // Without being asked, after the pause.
    wait_until("healing", || store.health().status == StoreStatus::Ok);
    assert_eq!(store.health().rows_written, 1);
}

#[test]
fn appending_to_a_broken_store_drops_the_oldest_and_never_waits() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    fs::write(&folder, "in the way").unwrap();
    let store = Store::open(StoreSettings {
        queue_rows: 10,
        ..lazy(&folder)
    })
    .unwrap();
    (0..25).for_each(|n| store.append(event(&n.to_string())));
    let health = store.health();
    assert_eq!((health.rows_waiting, health.rows_dropped), (10, 15));
    fs::remove_file(&folder).unwrap();
    store.flush(PATIENCE).unwrap();
    let reader = StoreReader::open(store.path()).unwrap();
    let events = reader.events(0.0, 100).unwrap();
    assert_eq!(events.len(), 10);
    assert_eq!(events[0].event_data.as_deref(), Some("15"));
}

#[test]
fn two_stores_share_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        Store::open(StoreSettings {
            commit_interval: Duration::from_millis(1),
            ..StoreSettings::new(folder.path())
        })
        .unwrap()
    };
    let stores = [open(), open()];
    for round in 0..200 {
        stores
            .iter()
            .for_each(|s| s.append(event(&round.to_string())));
    }
    stores.iter().for_each(|s| s.flush(PATIENCE).unwrap());
    let path = stores[0].path();
    assert_eq!(
        ask::<i64>(path, "SELECT count(*) FROM integration_events"),
        400
    );
}

#[test]
fn a_row_that_cannot_be_stored_is_counted_and_does_not_block_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings {
        max_bytes: 1 << 20,
        ..lazy(folder.path())
    })
    .unwrap();
    // SQLite takes NaN for NULL, which the column must not be.
    store.append(state(f64::NAN, 10));
    store.append(state(1e9 + unix_now(), 900_000));
    store.append(state(unix_now(), 10));
    assert!(store.flush(PATIENCE).is_err());
    let health = store.health();
    assert_eq!((health.rows_written, health.rows_dropped), (1, 2));
    assert_eq!(health.status, StoreStatus::Ok);
    assert!(health.warning.is_some());
}

#[test]
fn old_rows_go_and_young_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    let now = unix_now();
    (0..2000).for_each(|n| store.append(state(now - 7200.0 - f64::from(n), 1000)));
    (0..10).for_each(|n| store.append(state(now - f64::from(n), 1000)));
    store.flush(PATIENCE).unwrap();
    let cap = 256 << 20;
    store
        .reconfigure(
            Duration::from_secs(3600),
            cap,
            Duration::from_secs(3600),
            SeriesSettings::default(),
        )
        .unwrap();
    let count = "SELECT count(*) FROM unified_system_states";
    wait_until("pruned", || {
        // It goes on with the next batch, so as not to keep fresh rows waiting.
        store.flush(PATIENCE).unwrap();
        ask::<i64>(store.path(), count) == 10
    });
    wait_until("given back", || {
        store.flush(PATIENCE).unwrap();
        ask::<i64>(store.path(), "PRAGMA page_count") < 300
    });
    assert!(!store.health().retention_lost);
}

#[test]
fn the_size_cap_holds_at_every_moment() {
    let folder = tempfile::tempdir().unwrap();
    let max_bytes = 1 << 20;
    let store = Store::open(StoreSettings {
        max_bytes,
        commit_interval: Duration::ZERO,
        ..StoreSettings::new(folder.path())
    })
    .unwrap();
    let (stop, stopped) = mpsc::channel::<()>();
    let path = store.path().to_path_buf();
    let watch = thread::spawn(move || {
        let mut most = 0;
        while stopped.try_recv() == Err(mpsc::TryRecvError::Empty) {
            most = most.max(total_bytes(&path));
        }
        most
    });
    let sizes = [4000, 100, 4000, 9000, 1500, 40_000];
    for round in 0..3000_usize {
        // Stamps that jump about, as after changes of the clock.
        let stamp = unix_now() - (round * 7919 % 3600) as f64;
        store.append(state(stamp, sizes[round % sizes.len()]));
        store.append(timing("component", 0.1));
        store.append(event(&"e".repeat(round % 300)));
        if round % 10 == 0 {
            store.flush(PATIENCE).unwrap();
        }
    }
    store.flush(PATIENCE).unwrap();
    stop.send(()).unwrap();
    let most = watch.join().unwrap();
    assert!(most <= max_bytes, "{most} bytes seen, {max_bytes} allowed");
    assert!(most > max_bytes / 2, "the cap is used: {most}");
    let health = store.health();
    assert!(health.retention_lost);
    assert_eq!(health.rows_dropped, 0);
    let rows: i64 = ask(store.path(), "SELECT count(*) FROM unified_system_states");
    assert!(rows > 7, "each table keeps its share: {rows}");
    assert_eq!(ask::<String>(store.path(), "PRAGMA integrity_check"), "ok");
}

#[test]
fn a_smaller_cap_shrinks_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    (0..1500).for_each(|n| {
        store.append(state(unix_now(), 4000));
        if n % 300 == 0 {
            store.flush(PATIENCE).unwrap();
        }
    });
    store.flush(PATIENCE).unwrap();
    let small = 2 << 20;
    assert!(total_bytes(store.path()) > 2 * small);
    let month = Duration::from_secs(30 * 86_400);
    store
        .reconfigure(month, small, Duration::ZERO, SeriesSettings::default())
        .unwrap();
    wait_until("below the cap", || {
        store.append(event("x"));
        store.flush(PATIENCE).unwrap();
        total_bytes(store.path()) <= small
    });
    assert!(store.health().retention_lost);
    assert_eq!(ask::<String>(store.path(), "PRAGMA integrity_check"), "ok");
}

#[test]
fn a_prototypes_file_above_the_cap_is_brought_below_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE_NAME);
    let prototype = open_beside(&path).unwrap();
    prototype.execute_batch(PROTOTYPE).unwrap();
    prototype
        .execute_batch(
            "INSERT INTO unified_system_states (timestamp, metrics_data) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
             SELECT strftime('%s', 'now') - 1000 + i, hex(randomblob(2000)) FROM n",
        )
        .unwrap();
    drop(prototype);
    let max_bytes = 2 << 20;
    assert!(total_bytes(&path) > max_bytes);
    let store = Store::open(StoreSettings {
        max_bytes,
        ..lazy(folder.path())
    })
    .unwrap();
    store.append(event("x"));
    store.flush(PATIENCE).unwrap();
    assert!(total_bytes(&path) <= max_bytes);
    let newest: i64 = ask(&path, "SELECT max(id) FROM unified_system_states");
    assert_eq!(newest, 1000, "the oldest went");
}

#[test]
fn a_long_read_at_the_cap_degrades_rather_than_breaks_the_cap() {
    let folder = tempfile::tempdir().unwrap();
    let max_bytes = 2 << 20;
    let store = Store::open(StoreSettings {
        max_bytes,
        queue_rows: 100_000,
        queue_bytes: 1 << 30,
        ..lazy(folder.path())
    })
    .unwrap();
    (0..600).for_each(|_| store.append(state(unix_now(), 4000)));
    store.flush(PATIENCE).unwrap();
    let reader = open_beside(store.path()).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM unified_system_states")
        .unwrap();
    (0..600).for_each(|_| store.append(state(unix_now(), 4000)));
    let error = store.flush(PATIENCE).unwrap_err();
    assert!(error.to_string().contains("long read"), "{error}");
    assert!(total_bytes(store.path()) <= max_bytes);
    reader.execute_batch("COMMIT").unwrap();
    store.flush(PATIENCE).unwrap();
    assert!(total_bytes(store.path()) <= max_bytes);
    assert_eq!(store.health().rows_waiting, 0);
}

#[test]
fn a_read_only_file_degrades_an_ordinary_user() {
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root may write everything");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(lazy(folder.path())).unwrap());
    let path = folder.path().join(DATABASE_NAME);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    let store = Store::open(lazy(folder.path())).unwrap();
    let cause = store.health().cause.clone().unwrap();
    assert!(cause.contains("os error 13"), "{cause}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    store.flush(PATIENCE).unwrap();
}

#[test]
fn a_panicking_watcher_does_not_end_the_writer() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    fs::write(&folder, "in the way").unwrap();
    let store = Store::open(lazy(&folder)).unwrap();
    store.set_watcher(Box::new(|_| panic!("expected in this test")));
    fs::remove_file(&folder).unwrap();
    store.flush(PATIENCE).unwrap();
    store.append(event("x"));
    store.flush(PATIENCE).unwrap();
    store.close().unwrap();
}

#[test]
fn a_reader_is_told_what_is_no_file() {
    let temp = tempfile::tempdir().unwrap();
    let refusal = StoreReader::open(temp.path()).unwrap_err();
    assert!(
        refusal.to_string().contains("this is a folder"),
        "{refusal}"
    );
    let device = StoreReader::open("/dev/null").unwrap_err();
    assert_eq!(device.kind(), crate::ErrorKind::InvalidArgument);
}

#[test]
fn a_file_that_this_user_may_not_read_is_told_as_one() {
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root may read everything");
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("secret.db");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    let refusal = StoreReader::open(&file).unwrap_err();
    assert_eq!(refusal.kind(), crate::ErrorKind::PermissionDenied);
}
