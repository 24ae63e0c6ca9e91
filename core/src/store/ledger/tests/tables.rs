//! The tables as the prototype's programs see them, and files that it made.

use super::*;

/// Names of the prototype's columns, in their order.
const GOLDEN: [(&str, &[&str], &[&str]); 4] = [
    (
        "optimization_targets",
        &[
            "id",
            "target_type",
            "current_value",
            "target_value",
            "priority",
            "description",
            "optimization_method",
            "estimated_impact",
            "created_at",
        ],
        &["details"],
    ),
    (
        "optimization_actions",
        &[
            "id",
            "action_type",
            "target_id",
            "description",
            "priority",
            "estimated_benefit",
            "risk_level",
            "execution_time",
            "status",
            "created_at",
        ],
        &["details", "result"],
    ),
    (
        "performance_profiles",
        &[
            "id",
            "profile_name",
            "cpu_threshold",
            "memory_threshold",
            "disk_threshold",
            "network_threshold",
            "optimization_rules",
            "auto_optimize",
            "created_at",
        ],
        &["settings"],
    ),
    (
        "optimization_history",
        &[
            "id",
            "optimization_type",
            "target_component",
            "before_value",
            "after_value",
            "improvement_percentage",
            "execution_time",
            "status",
            "created_at",
        ],
        &["action_id", "verdict", "reason", "details"],
    ),
];

/// Tables as the prototype declares them, in rollback mode, with a profile twice.
const PROTOTYPE: &str = "
    CREATE TABLE optimization_targets (id INTEGER PRIMARY KEY AUTOINCREMENT,
        target_type TEXT NOT NULL, current_value REAL, target_value REAL, priority TEXT,
        description TEXT, optimization_method TEXT, estimated_impact TEXT,
        created_at REAL DEFAULT (strftime('%s', 'now')));
    CREATE TABLE optimization_actions (id INTEGER PRIMARY KEY AUTOINCREMENT,
        action_type TEXT NOT NULL, target_id TEXT, description TEXT, priority TEXT,
        estimated_benefit REAL, risk_level TEXT, execution_time REAL,
        status TEXT DEFAULT 'pending', created_at REAL DEFAULT (strftime('%s', 'now')));
    CREATE TABLE performance_profiles (id INTEGER PRIMARY KEY AUTOINCREMENT,
        profile_name TEXT NOT NULL, cpu_threshold REAL, memory_threshold REAL,
        disk_threshold REAL, network_threshold REAL, optimization_rules TEXT,
        auto_optimize BOOLEAN, created_at REAL DEFAULT (strftime('%s', 'now')));
    CREATE TABLE optimization_history (id INTEGER PRIMARY KEY AUTOINCREMENT,
        optimization_type TEXT NOT NULL, target_component TEXT, before_value REAL,
        after_value REAL, improvement_percentage REAL, execution_time REAL, status TEXT,
        created_at REAL DEFAULT (strftime('%s', 'now')));
    INSERT INTO optimization_actions (action_type, target_id) VALUES ('cleanup_disk', 'system_disk');
    INSERT INTO optimization_history (optimization_type, before_value) VALUES ('old', 'no number');
    INSERT INTO performance_profiles (profile_name, cpu_threshold, auto_optimize, created_at)
        VALUES ('balanced', 80, 0, 9e9), ('balanced', 75, 1, 1), ('mine', 50, 0, 2);
";

fn columns(path: &Path, table: &str) -> Vec<String> {
    let file = other(path);
    let mut statement = file
        .prepare("SELECT name FROM pragma_table_info(?1)")
        .unwrap();
    let names = statement.query_map([table], |row| row.get(0)).unwrap();
    names.map(|name| name.unwrap()).collect()
}

fn assert_golden(path: &Path) {
    for (table, prototype, ours) in GOLDEN {
        assert_eq!(columns(path, table), [prototype, ours].concat(), "{table}");
    }
}

#[test]
fn a_new_file_has_the_prototypes_columns_first_and_is_marked_as_ours() {
    let (_folder, ledger) = ledger();
    assert_golden(ledger.path());
    assert_eq!(ask::<i64>(ledger.path(), "PRAGMA user_version"), 1);
    assert_eq!(
        ask::<i64>(ledger.path(), "PRAGMA application_id"),
        0x5553_4D4F
    );
    assert_eq!(ask::<String>(ledger.path(), "PRAGMA journal_mode"), "wal");
    let synchronous = ledger.read(|connection| {
        Ok(connection.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0))?)
    });
    assert!(synchronous.unwrap() >= 2, "FULL at least");
    assert_eq!(ledger.warning(), None);
}

#[test]
fn a_prototypes_file_keeps_every_row_and_the_newest_profile_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(LEDGER_NAME);
    other(&path).execute_batch(PROTOTYPE).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_golden(&path);
    let old = ledger.action(1).unwrap().unwrap();
    assert_eq!(
        (old.target_id.as_str(), old.status.as_str()),
        ("system_disk", "pending")
    );
    assert!(old.estimated_benefit.is_nan() && old.created_at > 1e9);
    assert_eq!(ledger.history(1).unwrap()[0].before_value, None);

    let profiles = ledger.profiles().unwrap();
    let seen: Vec<_> = profiles
        .iter()
        .map(|p| (p.profile_name.as_str(), p.cpu_threshold, p.auto_optimize))
        .collect();
    assert_eq!(seen, [("balanced", 75.0, true), ("mine", 50.0, false)]);
    assert_eq!(profiles[0].optimization_rules, "[]");
    let rows = "SELECT count(*) FROM performance_profiles";
    assert_eq!(ask::<i64>(&path, rows), 3, "nothing is deleted");
    ledger.put_profile(&profile("balanced", 66.0)).unwrap();
    assert_eq!(ask::<i64>(&path, rows), 3);
    assert_eq!(
        ledger.profile("balanced").unwrap().unwrap().cpu_threshold,
        66.0
    );
    // The prototype may go on writing.
    other(&path)
        .execute_batch("INSERT INTO performance_profiles (profile_name, cpu_threshold) VALUES ('balanced', 44)")
        .unwrap();
    assert_eq!(
        ledger.profile("balanced").unwrap().unwrap().cpu_threshold,
        44.0
    );
    assert!(ledger.delete_profile("balanced").unwrap());
    assert_eq!(ledger.profile("balanced").unwrap(), None);
    ledger.journal_begin(&change(1)).unwrap();
}

#[test]
fn another_applications_and_a_newer_file_are_left_as_they_are() {
    for (mark, word) in [
        ("PRAGMA application_id = 77", "another application"),
        ("PRAGMA application_id = 1431522609", "another application"),
        ("PRAGMA user_version = 2", "version 2"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LEDGER_NAME);
        other(&path)
            .execute_batch(&format!("{mark}; CREATE TABLE t (a)"))
            .unwrap();
        let before = fs::read(&path).unwrap();
        let error = Ledger::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}
