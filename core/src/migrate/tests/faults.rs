//! Originals that are read-only, torn, open, or no databases at all.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::*;
use crate::ErrorKind;
use crate::migrate::FileStatus;

/// Name, bytes and time of change of every file in a folder.
fn traces(folder: &Path) -> Vec<(String, Vec<u8>, (i64, i64))> {
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let found = entry.metadata().unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            let bytes = fs::read(entry.path()).unwrap();
            (name, bytes, (found.mtime(), found.mtime_nsec()))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn the_originals_keep_every_byte_and_their_times_also_when_read_only() {
    let place = Place::new();
    place.prototype.run_loop(place.now - 100.0, 2.0, 10);
    place.prototype.save_metrics(place.now - 100.0, 2.0, 10);
    let folder = &place.prototype.folder;
    let before = traces(folder);
    for entry in fs::read_dir(folder).unwrap() {
        fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(0o400)).unwrap();
    }
    fs::set_permissions(folder, Permissions::from_mode(0o500)).unwrap();
    let report = place.migrate();
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    assert!(report.is_complete(), "{report:#?}");
    assert_eq!(report.imported(), 10 + 1 + 10 + 10);
    assert_eq!(traces(folder), before);
    let mode = fs::metadata(place.data()).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o700);
}

#[test]
fn rows_that_are_still_in_the_log_come_along_and_the_log_stays() {
    let place = Place::new();
    let connection = place.prototype.open("unified_system.db");
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection
        .pragma_update(None, "wal_autocheckpoint", 0)
        .unwrap();
    let sql = "INSERT INTO integration_events (event_type, timestamp) VALUES ('a', ?1)";
    connection.execute(sql, [place.now]).unwrap();
    // As a killed program leaves it: the log is there, the program is not.
    let left = place.root.path().join("left");
    fs::create_dir(&left).unwrap();
    for name in ["unified_system.db", "unified_system.db-wal"] {
        fs::copy(place.prototype.folder.join(name), left.join(name)).unwrap();
    }
    drop(connection);
    let before = traces(&left);
    let report = run(&left, &place.data());
    assert_eq!(
        counts(&report, "integration_events", "integration_events"),
        [1, 1, 0, 0]
    );
    assert!(
        report.files[0].notes[0].contains("-wal"),
        "{:?}",
        report.files[0]
    );
    assert_eq!(traces(&left), before);
}

#[test]
fn a_transaction_that_a_crash_has_left_half_done_is_undone_in_the_copy_only() {
    let place = Place::new();
    place.prototype.run_loop(place.now - 100.0, 2.0, 50);
    let connection = place.prototype.open("unified_system.db");
    // So small that the file is written before the commit.
    connection.pragma_update(None, "cache_size", 1).unwrap();
    connection.pragma_update(None, "cache_spill", 1).unwrap();
    connection
        .execute_batch(
            "BEGIN; UPDATE performance_metrics SET execution_time = -1; \
             INSERT INTO performance_metrics (component_name, operation_name) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
             SELECT 'x', hex(randomblob(50)) FROM n",
        )
        .unwrap();
    let left = place.root.path().join("left");
    fs::create_dir(&left).unwrap();
    for name in ["unified_system.db", "unified_system.db-journal"] {
        fs::copy(place.prototype.folder.join(name), left.join(name)).unwrap();
    }
    connection.execute_batch("ROLLBACK").unwrap();
    let before = traces(&left);
    let report = run(&left, &place.data());
    assert_eq!(
        counts(&report, "performance_metrics", "performance_metrics"),
        [50, 50, 0, 0]
    );
    let least = place.number("SELECT min(execution_time) FROM performance_metrics");
    assert_eq!(least, 1.0);
    assert!(
        report.files[0].notes[0].contains("-journal"),
        "{:?}",
        report.files[0]
    );
    assert_eq!(traces(&left), before);
}

#[test]
fn a_prototype_that_has_the_files_open_does_not_hinder_it() {
    let place = Place::new();
    place.prototype.run_loop(place.now - 100.0, 2.0, 10);
    let connection = place.prototype.open("unified_system.db");
    connection
        .execute_batch(
            "BEGIN IMMEDIATE; INSERT INTO integration_events (event_type) VALUES ('not yet')",
        )
        .unwrap();
    let report = place.migrate();
    assert_eq!(
        counts(&report, "performance_metrics", "performance_metrics"),
        [10, 10, 0, 0]
    );
    assert_eq!(
        counts(&report, "integration_events", "integration_events")[0],
        1
    );
    connection.execute_batch("COMMIT").unwrap();
}

#[test]
fn of_a_torn_file_what_can_be_read_comes_and_the_rest_is_said() {
    let place = Place::new();
    place.prototype.run_loop(place.now - 9000.0, 2.0, 4000);
    place.prototype.save_metrics(place.now - 100.0, 2.0, 10);
    let path = place.prototype.folder.join("unified_system.db");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 4096 / 2 * 4096;
    bytes[middle..middle + 4096].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    let report = place.migrate();
    assert!(!report.is_complete());
    let timings = table(&report, "performance_metrics", "performance_metrics");
    let error = timings.error.as_deref().unwrap();
    assert!(
        error.contains("can't be read") && error.contains("corrupt"),
        "{error}"
    );
    assert!(
        timings.imported > 3800 && timings.imported < 4000,
        "{}",
        timings.imported
    );
    assert_eq!(timings.imported, timings.found);
    assert_eq!(counts(&report, "system_metrics", "history"), [10, 10, 0, 0]);
    // The last row is behind the tear.
    let last = place.number("SELECT max(execution_time) FROM performance_metrics");
    assert!((last - 4.999).abs() < 1e-9, "{last}");
    assert_eq!(place.migrate().imported(), 0);
}

#[test]
fn files_that_are_no_databases_are_named_and_the_others_come() {
    let place = Place::new();
    place.prototype.run_loop(place.now - 100.0, 2.0, 10);
    let folder = &place.prototype.folder;
    fs::write(
        folder.join("ml_integration.db"),
        "not a database at all, but long enough",
    )
    .unwrap();
    fs::write(folder.join("tool_analytics.db"), "").unwrap();
    fs::remove_file(folder.join("system_alerts.db")).unwrap();
    fs::create_dir(folder.join("system_alerts.db")).unwrap();
    fs::remove_file(folder.join("advanced_analytics.db")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("advanced_analytics.db")).unwrap();
    fs::write(folder.join("other.db"), "x").unwrap();
    let report = place.migrate();
    let status = |name: &str| {
        let file = report.files.iter().find(|file| file.name == name).unwrap();
        &file.status
    };
    for (name, word) in [
        ("ml_integration.db", "not a database"),
        ("system_alerts.db", "not a file"),
        ("advanced_analytics.db", "No such file"),
    ] {
        assert!(
            matches!(status(name), FileStatus::Unreadable(words) if words.contains(word)),
            "{name}: {:?}",
            status(name)
        );
    }
    assert_eq!(status("tool_analytics.db"), &FileStatus::Read);
    assert_eq!(report.others, ["other.db"]);
    assert!(!report.is_complete());
    assert_eq!(
        counts(&report, "performance_metrics", "performance_metrics"),
        [10, 10, 0, 0]
    );
}

#[test]
fn a_wrong_folder_is_refused_and_nothing_is_made() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let refused = |source: &Path| {
        migrate(source, &settings(&data), &mut |_| ControlFlow::Continue(())).unwrap_err()
    };
    let error = refused(&root.path().join("none"));
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = refused(root.path());
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("system_metrics.db"), "{error}");
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(refused(&file).kind(), ErrorKind::InvalidArgument);
    assert!(!data.exists());
}

#[test]
fn two_at_once_are_kept_apart() {
    let place = Place::new();
    place.prototype.run_loop(place.now - 100.0, 2.0, 10);
    let mut second = None;
    let report = migrate(
        &place.prototype.folder,
        &settings(&place.data()),
        &mut |_| {
            if second.is_none() {
                let settings = settings(&place.data());
                let go_on = &mut |_: &crate::migrate::MigrationProgress| ControlFlow::Continue(());
                second = Some(migrate(&place.prototype.folder, &settings, go_on));
            }
            ControlFlow::Continue(())
        },
    );
    assert!(report.unwrap().is_complete());
    let error = second.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("another migration"), "{error}");
}

#[test]
fn at_the_size_cap_nothing_of_ours_gives_way() {
    let place = Place::new();
    place
        .prototype
        .run_loop(place.now - 20_000.0, 2.0, 30_000 / 4);
    place
        .prototype
        .save_metrics(place.now - 20_000.0, 2.0, 4000);
    let tight = MigrateSettings::of(&Config {
        data_dir: Some(place.data()),
        max_store_bytes: 4 << 20,
        ..Config::default()
    })
    .unwrap();
    let go_on = &mut |_: &crate::migrate::MigrationProgress| ControlFlow::Continue(());
    let report = migrate(&place.prototype.folder, &tight, go_on).unwrap();
    assert!(!report.is_complete());
    let states = table(&report, "system_metrics", "unified_system_states");
    assert!(states.skipped > 0 && states.imported > 0, "{states:?}");
    assert!(states.error.as_deref().unwrap().contains("max_store_bytes"));
    let timings = counts(&report, "performance_metrics", "performance_metrics");
    let kept = place.number("SELECT count(*) FROM performance_metrics");
    assert_eq!(kept, timings[1] as f64, "none was given up for another");
    let newest = place.number("SELECT max(timestamp) FROM performance_metrics");
    assert_eq!(
        newest,
        place.now - 20_000.0 + 2.0 * 7499.0,
        "the oldest are left out"
    );
    let again = migrate(&place.prototype.folder, &tight, go_on).unwrap();
    let second = counts(&again, "performance_metrics", "performance_metrics");
    assert_eq!((second[1], second[2]), (0, timings[1]));
    let first = counts(&report, "system_metrics", "unified_system_states");
    let second = counts(&again, "system_metrics", "unified_system_states");
    assert_eq!((second[1], second[2]), (0, first[1]));
    let report = place.migrate();
    assert!(report.is_complete(), "{report:#?}");
}
