//! The ledger as a whole, on folders and files that the tests make themselves.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use super::*;

mod faults;
mod tables;

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    (folder, ledger)
}

/// Another program's view of the file.
fn other(path: &Path) -> Connection {
    let other = crate::store::open_beside(path).unwrap();
    other.busy_timeout(Duration::from_secs(60)).unwrap();
    other
}

fn ask<T: rusqlite::types::FromSql>(path: &Path, sql: &str) -> T {
    other(path).query_row(sql, [], |row| row.get(0)).unwrap()
}

fn change(action_id: i64) -> JournalRow {
    JournalRow {
        id: 0,
        action_id,
        created_at: 1_700_000_000.25,
        owner_pid: 4321,
        owner_start_time_ticks: u64::MAX - 5,
        boot_id: "a-boot".into(),
        change: r#"{"change":"nice"}"#.into(),
        about: "nice 0 → 10".into(),
        state: JournalState::Intended,
        stays_after_owner: true,
        lease_until: Some(1_700_000_030.5),
        detail: Some("first".into()),
        context: r#"{"profile":"balanced"}"#.into(),
    }
}

fn action(kind: &str) -> ActionRow {
    ActionRow {
        action_type: kind.into(),
        target_id: "17".into(),
        description: "d".into(),
        priority: "high".into(),
        estimated_benefit: 12.5,
        risk_level: "low".into(),
        execution_time: 0.5,
        details: Some("{}".into()),
        created_at: 1_700_000_000.0,
        ..ActionRow::default()
    }
}

fn profile(name: &str, cpu_threshold: f64) -> ProfileRow {
    ProfileRow {
        profile_name: name.into(),
        cpu_threshold,
        memory_threshold: 85.0,
        disk_threshold: 90.0,
        network_threshold: 70.0,
        optimization_rules: "[]".into(),
        auto_optimize: true,
        created_at: 5.5,
        settings: Some("{\"a\":1}".into()),
    }
}

#[test]
fn a_change_is_read_as_it_was_written_and_its_states_are_kept_apart() {
    let (_folder, ledger) = ledger();
    let mut ids = Vec::new();
    for state in JournalState::ALL {
        let id = ledger.journal_begin(&change(7)).unwrap();
        ledger.journal_mark(id, state, None).unwrap();
        ids.push(id);
    }
    let open = ledger.journal_open().unwrap();
    let states: Vec<_> = open.iter().map(|row| row.state).collect();
    assert_eq!(
        states,
        [
            JournalState::Kept,
            JournalState::Applied,
            JournalState::Intended
        ],
        "newest first"
    );
    let expected = JournalRow {
        id: ids[0],
        ..change(7)
    };
    assert_eq!(open[2], expected);
    let all = ledger.journal_of_action(7).unwrap();
    assert_eq!(all.len(), JournalState::ALL.len());
    assert_eq!(ledger.journal_of_action(8).unwrap(), []);

    ledger
        .journal_mark(ids[0], JournalState::Left, Some("nice is 3 by now"))
        .unwrap();
    ledger.journal_lease(ids[1], None).unwrap();
    let all = ledger.journal_of_action(7).unwrap();
    let row = |id| all.iter().find(|row| row.id == id).unwrap();
    assert_eq!(row(ids[0]).detail.as_deref(), Some("nice is 3 by now"));
    assert_eq!(row(ids[1]).lease_until, None);
    let error = ledger
        .journal_mark(99, JournalState::Undone, None)
        .unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::InvalidState, "{error}");
}

#[test]
fn the_names_in_json_and_in_the_table_are_the_same() {
    for state in JournalState::ALL {
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(json, format!("\"{}\"", state.name()));
        assert_eq!(JournalState::parse(state.name()), state);
        assert_eq!(
            journal::CLOSED.contains(&format!("'{}'", state.name())),
            !state.is_open()
        );
    }
    assert!(JournalState::parse("what is this").is_open());
}

#[test]
fn a_state_of_an_unknown_name_is_still_taken_back() {
    let (_folder, ledger) = ledger();
    let id = ledger.journal_begin(&change(1)).unwrap();
    other(ledger.path())
        .execute("UPDATE usm_journal SET state = 'half'", [])
        .unwrap();
    assert_eq!(ledger.prune(f64::MAX).unwrap(), 0);
    let open = ledger.journal_open().unwrap();
    assert_eq!((open[0].id, open[0].state), (id, JournalState::Applied));
    // Nor does a row that somebody has spoilt hide the others.
    let whole = ledger.journal_begin(&change(2)).unwrap();
    other(ledger.path())
        .execute(
            "UPDATE usm_journal SET owner_pid = 'x', about = x'ff' WHERE id = ?1",
            [id],
        )
        .unwrap();
    let open = ledger.journal_open().unwrap();
    assert_eq!((open[0].id, open[1].owner_pid), (whole, 0));
}

#[test]
fn the_status_goes_by_row_and_not_by_target() {
    let (_folder, ledger) = ledger();
    let ids = ledger
        .save_actions(&[action("set_idle"), action("suspend_process")])
        .unwrap();
    ledger
        .set_action_status(ids[1], "completed", Some("{\"success\":true}"))
        .unwrap();
    ledger
        .set_action_status(ids[1], "rolled_back", None)
        .unwrap();
    let first = ledger.action(ids[0]).unwrap().unwrap();
    let expected = ActionRow {
        id: ids[0],
        status: "pending".into(),
        ..action("set_idle")
    };
    assert_eq!(first, expected);
    let second = ledger.action(ids[1]).unwrap().unwrap();
    assert_eq!(second.status, "rolled_back");
    assert_eq!(second.result.as_deref(), Some("{\"success\":true}"));
    assert_eq!(ledger.action(99).unwrap(), None);
    assert!(ledger.set_action_status(99, "failed", None).is_err());
}

#[test]
fn history_comes_newest_first_and_what_is_not_known_is_null() {
    let (_folder, ledger) = ledger();
    let row = |number: i64| HistoryRow {
        id: number,
        optimization_type: "batch_optimization".into(),
        target_component: "system".into(),
        before_value: Some(f64::NAN),
        after_value: Some(f64::INFINITY),
        improvement_percentage: Some(-3.5),
        execution_time: None,
        status: "completed".into(),
        action_id: Some(3),
        verdict: Some("helped".into()),
        reason: Some("because".into()),
        details: None,
        created_at: number as f64,
    };
    for number in 1..=3 {
        assert_eq!(ledger.append_history(&row(number)).unwrap(), number);
    }
    let expected = |number| HistoryRow {
        before_value: None,
        after_value: None,
        ..row(number)
    };
    assert_eq!(ledger.history(2).unwrap(), [expected(3), expected(2)]);
    assert_eq!(ledger.history(usize::MAX).unwrap().len(), 3);
    assert_eq!(ledger.history_row(1).unwrap(), Some(expected(1)));
    assert_eq!(ledger.history_row(4).unwrap(), None);
    let nulls = "SELECT count(*) FROM optimization_history \
                 WHERE before_value IS NULL AND after_value IS NULL";
    assert_eq!(ask::<i64>(ledger.path(), nulls), 3);
    ledger
        .save_targets(&[TargetRow {
            target_type: "cpu".into(),
            current_value: f64::NAN,
            ..TargetRow::default()
        }])
        .unwrap();
    let target = "SELECT current_value IS NULL AND target_value = 0 AND created_at > 1e9 \
                  FROM optimization_targets";
    assert!(ask::<bool>(ledger.path(), target));
}

#[test]
fn a_profile_is_one_row_for_each_name() {
    let (_folder, ledger) = ledger();
    ledger.put_profile(&profile("b", 80.0)).unwrap();
    ledger.put_profile(&profile("a", 70.0)).unwrap();
    ledger.put_profile(&profile("b", 60.0)).unwrap();
    assert_eq!(
        ledger.profiles().unwrap(),
        [profile("a", 70.0), profile("b", 60.0)]
    );
    assert_eq!(ledger.profile("b").unwrap(), Some(profile("b", 60.0)));
    assert_eq!(ledger.profile("c").unwrap(), None);
    assert!(ledger.delete_profile("b").unwrap());
    assert!(!ledger.delete_profile("b").unwrap());
    assert_eq!(ledger.profiles().unwrap().len(), 1);
}

#[test]
fn a_note_is_replaced_and_stays_for_the_next_opening() {
    let (folder, ledger) = ledger();
    assert_eq!(ledger.note("profile").unwrap(), None);
    ledger.put_note("profile", "server").unwrap();
    ledger.put_note("profile", "batch").unwrap();
    drop(ledger);
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(ledger.note("profile").unwrap().as_deref(), Some("batch"));
}

#[test]
fn old_rows_go_but_never_what_is_still_to_be_taken_back() {
    let (_folder, ledger) = ledger();
    let old = |kind: &str| ActionRow {
        created_at: 100.0,
        ..action(kind)
    };
    let ids = ledger
        .save_actions(&[old("set_idle"), old("freeze"), action("kill_process")])
        .unwrap();
    let journal = |action_id, state| {
        let row = JournalRow {
            created_at: 100.0,
            ..change(action_id)
        };
        let id = ledger.journal_begin(&row).unwrap();
        ledger.journal_mark(id, state, None).unwrap();
        id
    };
    journal(ids[0], JournalState::Undone);
    let open = journal(ids[1], JournalState::Kept);
    for created_at in [100.0, 2e9] {
        let row = HistoryRow {
            created_at,
            ..HistoryRow::default()
        };
        ledger.append_history(&row).unwrap();
    }
    let targets = vec![
        TargetRow {
            created_at: 100.0,
            ..TargetRow::default()
        };
        2500
    ];
    ledger.save_targets(&targets).unwrap();
    // One closed change, the first action, one of history, the targets.
    assert_eq!(ledger.prune(200.0).unwrap(), 3 + 2500);
    assert_eq!(ledger.journal_open().unwrap()[0].id, open);
    assert!(ledger.action(ids[0]).unwrap().is_none());
    assert!(ledger.action(ids[1]).unwrap().is_some());
    assert!(ledger.action(ids[2]).unwrap().is_some());
    assert_eq!(ledger.history(9).unwrap().len(), 1);
    assert_eq!(ledger.prune(f64::NAN).unwrap(), 0);
    assert!(ask::<i64>(ledger.path(), "PRAGMA freelist_count") < 5);
}
