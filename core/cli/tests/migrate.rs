//! `usm migrate` over prototype's folders that each test makes itself.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // a test program

mod support;

use std::path::Path;
use std::process::Output;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use serde_json::Value;
use support::usm;

fn output(home: &Path, args: &[&str]) -> Output {
    usm(home, args).output().unwrap()
}

/// Exit code, standard output and standard error.
fn run(home: &Path, args: &[&str]) -> (i32, String, String) {
    let output = output(home, args);
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs_f64().floor()
}

/// A home with a prototype's folder `db`: an hour of metrics, a sample every 30 seconds, and
/// two alerts, of which one is older than rows are kept.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("db");
    std::fs::create_dir(&folder).unwrap();
    let from = now() - 3600.0;
    let metrics = Connection::open(folder.join("system_metrics.db")).unwrap();
    metrics
        .execute_batch(&format!(
            "CREATE TABLE system_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, \
             timestamp REAL NOT NULL, cpu_percent REAL, memory_percent REAL, \
             process_count INTEGER, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 119) \
             INSERT INTO system_metrics (timestamp, cpu_percent, memory_percent, process_count) \
             SELECT {from} + 30 * i, i % 100, 50.5, 200 + i FROM n"
        ))
        .unwrap();
    let alerts = Connection::open(folder.join("system_alerts.db")).unwrap();
    alerts
        .execute_batch(&format!(
            "CREATE TABLE alerts (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL, \
             alert_type TEXT NOT NULL, metric_name TEXT NOT NULL, metric_value REAL, \
             threshold REAL, severity TEXT NOT NULL, message TEXT, acknowledged BOOLEAN \
             DEFAULT FALSE, acknowledged_by TEXT, acknowledged_at REAL, \
             created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
             INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, threshold, \
             severity, message) VALUES ({from}, 'CPU Warning', 'cpu_percent', 75, 70, \
             'warning', 'CPU Warning'), ({from} - 86400 * 60, 'CPU Warning', 'cpu_percent', 75, \
             70, 'warning', 'CPU Warning')"
        ))
        .unwrap();
    home
}

fn json(home: &Path, args: &[&str]) -> Value {
    let (code, out, errors) = run(home, args);
    assert_eq!((code, errors.as_str()), (0, ""), "{args:?}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_folder_comes_in_once_and_the_history_shows_it() {
    let home = home();
    let (code, dry, errors) = run(home.path(), &["migrate", "db", "--dry-run"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(
        dry.contains("121 rows, and 120 samples of the history, would come into"),
        "{dry}"
    );
    assert!(!home.path().join("data").exists());

    let (code, told, errors) = run(home.path(), &["migrate", "db"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    for part in [
        "system_metrics → unified_system_states",
        "system_metrics → history",
        "alerts: 1 skipped: older than retention_days (30)",
        "Not there: unified_system.db, performance_optimizer.db",
        "121 rows, and 120 samples of the history, came into",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let args = ["history", "cpu_percent", "--since", "2h", "--csv"];
    let (code, csv, _) = run(home.path(), &args);
    assert_eq!(code, 0);
    assert!(csv.lines().count() > 60, "{csv}");
    let link = Connection::open(home.path().join("data/system_metrics.db")).unwrap();
    let sql = "SELECT sum(process_count) FROM system_metrics";
    let sum: f64 = link.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(sum, 120.0 * 200.0 + 119.0 * 60.0);

    let (code, told, _) = run(home.path(), &["migrate", "db"]);
    assert_eq!(code, 0);
    assert!(told.contains("Nothing new for"), "{told}");
}

#[test]
fn json_tells_the_same_numbers() {
    let home = home();
    let report = json(home.path(), &["migrate", "db", "--json"]);
    assert_eq!(report["imported"], 241);
    assert_eq!(report["complete"], true);
    assert_eq!(report["dry_run"], false);
    let file = |name: &str| {
        let files = report["files"].as_array().unwrap();
        files
            .iter()
            .find(|file| file["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(file("tool_analytics.db")["status"], "missing");
    let metrics = file("system_metrics.db");
    assert_eq!(metrics["status"], "read");
    assert_eq!(metrics["tables"][1]["into"], "history");
    assert_eq!(metrics["tables"][1]["found"], 120);
    assert_eq!(
        file("system_alerts.db")["tables"][0]["reasons"][0]["rows"][0],
        2
    );
    let again = json(home.path(), &["migrate", "db", "--json"]);
    assert_eq!(again["imported"], 0);
}

#[test]
fn what_cannot_be_read_is_exit_code_1_and_a_wrong_folder_2() {
    let home = home();
    std::fs::write(
        home.path().join("db/ml_integration.db"),
        "no database, but long",
    )
    .unwrap();
    let (code, told, errors) = run(home.path(), &["migrate", "db"]);
    assert_eq!((code, errors.as_str()), (1, ""));
    assert!(
        told.contains("ml_integration.db") && told.contains("not a database"),
        "{told}"
    );
    assert!(
        told.contains("121 rows, and 120 samples of the history, came into"),
        "the others are there: {told}"
    );

    std::fs::create_dir(home.path().join("empty")).unwrap();
    for folder in ["nowhere", "empty", "db/system_metrics.db"] {
        let (code, out, errors) = run(home.path(), &["migrate", folder]);
        assert_eq!((code, out.as_str()), (2, ""), "{folder}");
        assert!(
            errors.starts_with("usm: error: ") && errors.contains(folder),
            "{errors}"
        );
    }
    assert_eq!(run(home.path(), &["migrate"]).0, 2);
}

#[test]
fn retention_can_be_set_for_it() {
    let home = home();
    let args = ["migrate", "db", "--json", "--set", "retention_days=90"];
    assert_eq!(json(home.path(), &args)["imported"], 242);
}
