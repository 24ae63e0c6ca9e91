//! Again: the second time, after more was written, after a kill.

use std::process::{Command, Stdio};

use super::*;
use crate::store::LEDGER_NAME;

fn filled() -> Place {
    let place = Place::new();
    place.prototype.run_loop(place.now - 6000.0, 2.0, 3000);
    place
        .prototype
        .save_metrics(place.now - 86_400.0 * 20.0, 600.0, 1200);
    place.prototype.save_history(place.now - 3000.0, 5.0, 150);
    place.prototype.optimize(place.now);
    place.prototype.analyse(place.now - 100.0);
    place
}

/// Each table's rows, without their numbers and without when they were written.
fn contents(data: &Path) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for (file, table, columns) in [
        (
            DATABASE_NAME,
            "unified_system_states",
            "timestamp, metrics_data",
        ),
        (
            DATABASE_NAME,
            "performance_metrics",
            "component_name, execution_time, timestamp",
        ),
        (
            DATABASE_NAME,
            "integration_events",
            "event_type, event_data, timestamp",
        ),
        (
            LEDGER_NAME,
            "optimization_targets",
            "current_value, created_at",
        ),
        (
            LEDGER_NAME,
            "optimization_actions",
            "target_id, status, created_at",
        ),
        (
            LEDGER_NAME,
            "performance_profiles",
            "profile_name, cpu_threshold, created_at",
        ),
        (
            LEDGER_NAME,
            "optimization_history",
            "before_value, created_at",
        ),
    ] {
        let connection = crate::store::open_beside(data.join(file)).unwrap();
        let parts: Vec<&str> = columns.split(", ").collect();
        let sql = format!(
            "SELECT {} FROM {table} ORDER BY 1",
            parts.join(" || '|' || ")
        );
        let mut statement = connection.prepare(&sql).unwrap();
        let rows = statement
            .query_map([], |row| row.get::<_, String>(0))
            .unwrap();
        all.push((table.to_owned(), rows.map(|row| row.unwrap()).collect()));
    }
    all
}

#[test]
fn the_second_time_nothing_is_brought_in_and_all_is_there_already() {
    let place = filled();
    let first = place.migrate();
    assert!(first.is_complete(), "{first:#?}");
    let before = contents(&place.data());
    let second = place.migrate();
    assert_eq!(second.imported(), 0, "{second:#?}");
    for (one, other) in first.tables().zip(second.tables()) {
        assert_eq!(one.found, other.found, "{}", one.table);
        assert_eq!(
            other.already_there,
            one.imported + one.already_there,
            "{other:#?}"
        );
        assert_eq!(other.skipped, one.skipped, "{other:#?}");
    }
    assert_eq!(contents(&place.data()), before);
}

#[test]
fn what_was_written_in_between_is_all_that_comes() {
    let place = filled();
    place.migrate();
    place.prototype.run_loop(place.now - 5.0, 2.0, 3);
    place.prototype.save_metrics(place.now - 30.0, 5.0, 4);
    place.prototype.sql(
        "performance_optimizer.db",
        "UPDATE optimization_actions SET status = 'failed'",
    );
    let report = place.migrate();
    assert_eq!(report.imported(), 3 + 1 + 4 + 4, "{report:#?}");
    assert_eq!(
        counts(&report, "system_metrics", "history"),
        [1204, 4, 1200, 0]
    );
}

#[test]
fn rows_that_are_twice_in_the_prototype_are_twice_in_ours() {
    let place = Place::new();
    for _ in 0..2 {
        place.prototype.run_loop(place.now - 100.0, 2.0, 3);
    }
    let report = place.migrate();
    assert_eq!(
        counts(&report, "performance_metrics", "performance_metrics"),
        [6, 6, 0, 0]
    );
    place.prototype.run_loop(place.now - 100.0, 2.0, 3);
    let report = place.migrate();
    assert_eq!(
        counts(&report, "performance_metrics", "performance_metrics"),
        [9, 3, 6, 0]
    );
}

const CHILD_FOLDER: &str = "USM_TEST_KILLED_MIGRATION";
const CHILD_CALLS: &str = "USM_TEST_KILLED_MIGRATION_CALLS";

/// Not a test by itself: the child that the test below starts; it kills itself at one of the
/// moments when it tells how far it is.
#[test]
fn child_that_migrates_and_is_killed() {
    let Some(root) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let mut left: u32 = std::env::var(CHILD_CALLS).unwrap().parse().unwrap();
    let root = Path::new(&root);
    let done = migrate(&root.join("db"), &settings(&root.join("data")), &mut |_| {
        if left == 0 {
            let own = rustix::process::getpid();
            rustix::process::kill_process(own, rustix::process::Signal::KILL).unwrap();
        }
        left -= 1;
        ControlFlow::Continue(())
    });
    panic!("it ended: {done:?}");
}

#[test]
fn after_a_kill_the_next_one_brings_the_rest_and_nothing_twice() {
    let whole = filled();
    let mut calls = 0;
    migrate(
        &whole.prototype.folder,
        &settings(&whole.data()),
        &mut |_| {
            calls += 1;
            ControlFlow::Continue(())
        },
    )
    .unwrap();
    assert!(calls > 12, "{calls}");
    let wanted = contents(&whole.data());
    for calls in [2, 4, 7, 9] {
        let data = whole.data();
        std::fs::remove_dir_all(&data).unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args([
                "migrate::tests::again::child_that_migrates_and_is_killed",
                "--exact",
            ])
            .env(CHILD_FOLDER, whole.root.path())
            .env(CHILD_CALLS, calls.to_string())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(9)
        );
        let report = whole.migrate();
        assert!(report.is_complete(), "{report:#?}");
        assert_eq!(contents(&data), wanted, "killed at call {calls}");
        assert!(!data.join(".migrate").exists());
        assert_eq!(whole.migrate().imported(), 0, "killed at call {calls}");
    }
}

#[test]
fn one_that_is_ended_early_says_so_and_can_be_gone_on_with() {
    let place = filled();
    let mut calls = 0;
    let report = migrate(
        &place.prototype.folder,
        &settings(&place.data()),
        &mut |_| {
            calls += 1;
            match calls < 2 {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        },
    )
    .unwrap();
    assert!(report.cancelled && !report.is_complete());
    let first = counts(&report, "performance_metrics", "performance_metrics");
    assert!(first[1] >= 1000 && first[1] < 3000, "{first:?}");
    let report = place.migrate();
    let rest = counts(&report, "performance_metrics", "performance_metrics");
    assert_eq!(rest, [3000, 3000 - first[1], first[1], 0]);
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let place = filled();
    let dry = MigrateSettings {
        dry_run: true,
        ..settings(&place.data())
    };
    let look = || {
        migrate(&place.prototype.folder, &dry, &mut |_| {
            ControlFlow::Continue(())
        })
    };
    let before = look().unwrap();
    assert!(!place.data().exists());
    let done = place.migrate();
    assert_eq!(before.files, done.files);
    let stored = contents(&place.data());
    place.prototype.save_metrics(place.now - 30.0, 5.0, 4);
    assert_eq!(look().unwrap().imported(), 8);
    assert_eq!(contents(&place.data()), stored);
}

#[test]
fn what_is_saved_in_the_data_folder_is_in_force() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    crate::config::save(&data, "retention_days", "2").unwrap();
    let settings = MigrateSettings::in_force(Some(&data)).unwrap();
    assert_eq!(settings.folder(), data);
    assert_eq!(settings.store.retention.as_secs_f64(), 2.0 * 86_400.0);
    crate::config::save(&data, "retention_days", "3").unwrap();
    let settings = MigrateSettings::in_force(Some(&data)).unwrap();
    assert_eq!(settings.store.retention.as_secs_f64(), 3.0 * 86_400.0);
    assert!(!settings.dry_run);
}
