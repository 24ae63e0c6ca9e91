//! The prototype's names of files, in folders that the tests make.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::state::SystemMetrics;
use crate::store::prototype::{PROTOTYPE_FILES, make_links, prototype_files};
use crate::store::{DATABASE_NAME, StateRow, StoreReader, StoreStatus};

fn is_link(path: &Path) -> bool {
    fs::read_link(path).is_ok_and(|target| target == Path::new(DATABASE_NAME))
}

#[test]
fn opening_for_writing_makes_a_relative_link_for_each_name() {
    let (folder, store, _connection) = stored([]);
    for name in PROTOTYPE_FILES {
        assert!(is_link(&folder.path().join(name)), "{name}");
    }
    assert!(prototype_files(folder.path()).unwrap().is_empty());
    store.close().unwrap();
    // They stay, and a second opening finds them good.
    let store = Store::open(StoreSettings::new(folder.path())).unwrap();
    assert_eq!(store.health().status, StoreStatus::Ok);
    assert!(is_link(&folder.path().join(PROTOTYPE_FILES[0])));
    // The folder may move: so nothing leads to where it was.
    drop(store);
    let moved = folder.path().join("moved");
    fs::create_dir(&moved).unwrap();
    for name in [DATABASE_NAME, PROTOTYPE_FILES[0]] {
        fs::rename(folder.path().join(name), moved.join(name)).unwrap();
    }
    let rows: i64 = one(
        &crate::store::open_beside(moved.join(PROTOTYPE_FILES[0])).unwrap(),
        "SELECT count(*) FROM system_metrics",
        [],
    );
    assert_eq!(rows, 0);
}

#[test]
fn what_stands_in_a_links_place_is_left_alone_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let victim = tempfile::tempdir().unwrap();
    let secret = victim.path().join("secret");
    fs::write(&secret, "mine").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let at = |place: usize| folder.path().join(PROTOTYPE_FILES[place]);
    fs::write(at(0), "a prototype's file").unwrap();
    symlink(&secret, at(1)).unwrap();
    symlink(victim.path().join("not there"), at(2)).unwrap();
    fs::create_dir(at(3)).unwrap();
    let store = Store::open(StoreSettings::new(folder.path())).unwrap();
    assert_eq!(store.health().cause, None);
    store.close().unwrap();
    assert_eq!(fs::read_to_string(at(0)).unwrap(), "a prototype's file");
    assert_eq!(fs::read_link(at(1)).unwrap(), secret);
    assert_eq!(fs::read_to_string(&secret).unwrap(), "mine");
    let mode = fs::metadata(&secret).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    assert!(
        !victim.path().join("not there").exists(),
        "no link was followed"
    );
    assert!(at(3).is_dir());
    for place in 4..PROTOTYPE_FILES.len() {
        assert!(is_link(&at(place)));
    }
    assert_eq!(
        prototype_files(folder.path()).unwrap(),
        [at(0), at(1), at(2), at(3)]
    );
}

#[test]
fn a_recording_and_a_file_of_another_name_make_no_links_and_no_such_tables() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings {
        file_name: "recording.db".into(),
        ..StoreSettings::new(folder.path())
    })
    .unwrap();
    let tables: i64 = one(
        &crate::store::open_beside(store.path()).unwrap(),
        "SELECT count(*) FROM sqlite_schema WHERE name IN ('alerts', 'tools', 'saved_alerts')",
        [],
    );
    assert_eq!(tables, 0);
    assert_eq!(store.health().cause, None);
    store.close().unwrap();
    let found = fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = found.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["recording.db"]);
}

#[test]
fn a_folder_that_is_not_there_has_no_such_files() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        prototype_files(&folder.path().join("none"))
            .unwrap()
            .is_empty()
    );
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = prototype_files(&file).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
}

#[test]
fn a_folder_that_may_not_be_written_gets_no_links_and_says_why() {
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root may write everywhere");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let (others, failure) = make_links(folder.path());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(others.is_empty());
    let failure = failure.unwrap();
    assert_eq!(
        failure.kind(),
        crate::ErrorKind::PermissionDenied,
        "{failure}"
    );
    assert!(prototype_files(folder.path()).unwrap().is_empty());
}

fn row(timestamp: f64) -> Row {
    let metrics = SystemMetrics {
        timestamp,
        cpu_percent: Some(12.5),
        ..SystemMetrics::default()
    };
    Row::State(StateRow {
        timestamp,
        metrics_data: Some(serde_json::to_string(&metrics).unwrap()),
        ..StateRow::default()
    })
}

#[test]
fn our_own_reader_reads_through_a_link_what_is_only_in_the_log() {
    let (folder, store, _connection) = stored([row(5.0)]);
    let reader = StoreReader::open(folder.path().join(PROTOTYPE_FILES[0])).unwrap();
    assert_eq!(reader.latest_state().unwrap().unwrap().timestamp, 5.0);
    store.append(row(6.0));
    store.flush(PATIENCE).unwrap();
    assert_eq!(reader.latest_state().unwrap().unwrap().timestamp, 6.0);
}

/// Reads each table through the link of its file, each time with a new connection, for as long
/// as it is asked.
const SCRIPT: &str = r#"
import sqlite3, sys
folder, names = sys.argv[1], sys.argv[2:]
for line in sys.stdin:
    for name in names:
        connection = sqlite3.connect(f"{folder}/{name}", timeout=30)
        (newest,) = connection.execute("SELECT max(timestamp) FROM system_metrics").fetchone()
        for table in ("alerts", "tools", "anomalies", "performance_history", "trend_analysis",
                      "notification_history", "system_correlations", "performance_forecasts"):
            connection.execute(f"SELECT * FROM {table}").fetchall()
        connection.execute(
            "INSERT INTO alerts (timestamp, alert_type, metric_name, severity, message) "
            "VALUES (?, 'script', 'queue', 'warning', ?)", (float(line), name))
        connection.commit()
        connection.close()
        print(newest, flush=True)
"#;

#[test]
fn another_sqlite_in_another_process_reads_and_writes_through_each_link_meanwhile() {
    let (folder, store, connection) = stored([row(1.0)]);
    let spawned = Command::new("python3")
        .arg("-c")
        .arg(SCRIPT)
        .arg(folder.path())
        .args(PROTOTYPE_FILES)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut python = match spawned {
        Ok(python) => python,
        Err(error) => {
            eprintln!("skipped: no python3: {error}");
            return;
        }
    };
    let mut asked = python.stdin.take().unwrap();
    let mut answers = BufReader::new(python.stdout.take().unwrap()).lines();
    for round in 2..6 {
        store.append(row(f64::from(round)));
        store.flush(PATIENCE).unwrap();
        writeln!(asked, "{round}").unwrap();
        for name in PROTOTYPE_FILES {
            store.append(row(0.5));
            let newest = answers.next().unwrap().unwrap();
            assert_eq!(newest, format!("{round}.0"), "{name}");
        }
    }
    drop(asked);
    assert!(python.wait().unwrap().success());
    store.flush(PATIENCE).unwrap();
    let saved: i64 = one(
        &connection,
        "SELECT count(DISTINCT message) FROM alerts WHERE alert_type = 'script'",
        [],
    );
    assert_eq!(saved, PROTOTYPE_FILES.len() as i64);
    assert_eq!(store.health().cause, None);
    assert_eq!(
        one::<String>(&connection, "PRAGMA integrity_check", []),
        "ok"
    );
}
