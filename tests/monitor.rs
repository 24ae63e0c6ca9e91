//! The monitor through its public face, on this machine.
// The whole file is tests, their helpers too.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use usm_core::{
    Config, ErrorKind, Event, EventData, EventKind, EventSet, Monitor, Started, State, Stopped,
};

const LONG: Duration = Duration::from_secs(30);

fn config(folder: &Path) -> Config {
    Config {
        refresh_interval: 0.05,
        commit_interval: 0.0,
        data_dir: Some(folder.join("data")),
        ..Config::default()
    }
}

fn monitor() -> (tempfile::TempDir, Monitor) {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    (folder, monitor)
}

#[test]
fn start_and_stop_are_idempotent_and_it_starts_again() {
    let (_folder, monitor) = monitor();
    assert_eq!(monitor.stop().unwrap(), Stopped::Already);
    for _ in 0..3 {
        assert!(!monitor.is_active());
        let before = monitor.state().sequence;
        assert_eq!(monitor.start().unwrap(), Started::Now);
        assert_eq!(monitor.start().unwrap(), Started::Already);
        assert!(monitor.is_active());
        assert!(monitor.wait_for_state(before, LONG).unwrap().sequence > before);
        assert_eq!(monitor.stop().unwrap(), Stopped::Now);
        assert_eq!(monitor.stop().unwrap(), Stopped::Already);
    }
}

#[test]
fn the_first_published_state_is_complete() {
    let (_folder, monitor) = monitor();
    let before = monitor.state();
    assert_eq!((before.sequence, before.sample.is_none()), (0, true));
    assert!(before.timestamp > 1.7e9);
    monitor.start().unwrap();
    let state = monitor.wait_for_state(0, LONG).unwrap();
    let metrics = state.metrics;
    assert!(
        metrics
            .cpu_percent
            .is_some_and(|p| (0.0..=100.0).contains(&p)),
        "{metrics:?}"
    );
    assert!(metrics.memory_total_bytes.is_some_and(|b| b > 1 << 20));
    assert!(metrics.process_count.is_some_and(|n| n > 1));
    assert!(
        state
            .scores
            .health
            .value
            .is_some_and(|s| (0.0..=100.0).contains(&s))
    );
    let sample = state.sample.as_deref().unwrap();
    assert!(sample.interval_seconds.is_some());
    let own = i32::try_from(std::process::id()).unwrap();
    let own = sample.processes.list.iter().find(|p| p.pid == own).unwrap();
    assert!(own.cpu_core_percent.is_some() && own.rss_bytes > 0);
}

#[test]
fn a_long_interval_delays_neither_stop_nor_collect_nor_a_change_of_it() {
    let (_folder, monitor) = monitor();
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(86_400.0)))
        .unwrap();
    monitor.start().unwrap();
    let first = monitor.wait_for_state(0, LONG).unwrap();
    let second = monitor.collect().unwrap();
    assert!(second.sequence > first.sequence);
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(0.02)))
        .unwrap();
    monitor.wait_for_state(second.sequence + 2, LONG).unwrap();
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(86_400.0)))
        .unwrap();
    assert_eq!(monitor.stop().unwrap(), Stopped::Now);
}

#[test]
fn a_setting_changed_right_after_the_start_is_taken_up() {
    let (_folder, monitor) = monitor();
    for _ in 0..3 {
        monitor
            .reconfigure(|c| c.set("refresh_interval", json!(86_400.0)))
            .unwrap();
        let before = monitor.state().sequence;
        monitor.start().unwrap();
        monitor
            .reconfigure(|c| c.set("refresh_interval", json!(0.02)))
            .unwrap();
        monitor.wait_for_state(before + 3, LONG).unwrap();
        monitor.stop().unwrap();
    }
}

#[test]
fn an_inactive_monitor_collects_a_complete_state() {
    let (_folder, monitor) = monitor();
    let state = monitor.collect().unwrap();
    assert!(state.metrics.cpu_percent.is_some());
    assert!(!monitor.is_active());
    assert!(!monitor.sources().is_empty());
    assert!(monitor.collect().unwrap().sequence > state.sequence);
}

#[test]
fn a_sample_asked_for_right_after_another_has_its_shares() {
    let (_folder, monitor) = monitor();
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(86_400.0)))
        .unwrap();
    monitor.start().unwrap();
    monitor.wait_for_state(0, LONG).unwrap();
    for _ in 0..5 {
        assert!(monitor.collect().unwrap().metrics.cpu_percent.is_some());
    }
}

#[test]
fn what_is_collected_was_sampled_after_the_call() {
    let (_folder, monitor) = monitor();
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(0.01)))
        .unwrap();
    monitor.start().unwrap();
    monitor.wait_for_state(0, LONG).unwrap();
    // Most of these calls come while a sample is being taken.
    for _ in 0..40 {
        let asked = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        let state = monitor.collect().unwrap();
        // The time of a sample is kept to the millisecond.
        assert!(state.timestamp >= asked.as_secs_f64() - 0.001);
        std::thread::sleep(Duration::from_millis(7));
    }
}

#[test]
fn a_collect_outlives_a_stop_that_comes_in_between() {
    let (_folder, monitor) = monitor();
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(86_400.0)))
        .unwrap();
    for _ in 0..5 {
        monitor.start().unwrap();
        std::thread::scope(|scope| {
            // While the loop waits for its second sample.
            let collected = scope.spawn(|| monitor.collect());
            std::thread::sleep(Duration::from_millis(20));
            monitor.stop().unwrap();
            assert!(collected.join().unwrap().is_ok());
        });
    }
}

#[test]
fn wrong_settings_are_refused_with_field_value_and_range() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("refresh_interval", json!(-1.0)),
        ("max_threads", json!(0)),
        ("refresh_interval", json!("soon")),
    ] {
        let error = config(folder.path()).set(name, value.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains(name) && error.to_string().contains(&value.to_string()));
    }
    let mut wrong = config(folder.path());
    wrong.refresh_interval = f64::NAN;
    assert_eq!(
        Monitor::new(wrong).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    let mut nowhere = config(folder.path());
    nowhere.proc_root = folder.path().join("no/proc");
    let error = Monitor::new(nowhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.os_error(), Some(2));
    assert!(error.to_string().contains("no/proc"), "{error}");

    let monitor = Monitor::new(config(folder.path())).unwrap();
    let before = monitor.config();
    monitor
        .reconfigure(|c| c.set("jitter_percent", json!(99)))
        .unwrap_err();
    assert_eq!(*monitor.config(), *before);
}

#[test]
fn events_tell_what_happens_in_order() {
    let (_folder, monitor) = monitor();
    let (sent, received) = mpsc::channel::<Event>();
    let kinds: EventSet = [
        EventKind::MonitorStarted,
        EventKind::ConfigChanged,
        EventKind::MonitorStopped,
    ]
    .into_iter()
    .collect();
    let forward =
        Box::new(move |event: &Event| sent.send(event.clone()).map_err(|e| e.to_string()));
    let subscription = monitor.subscribe(kinds, forward).unwrap();
    let states = monitor.stream(EventKind::StateUpdate).unwrap();

    monitor.start().unwrap();
    let event = states.next(Some(LONG)).unwrap();
    assert!(matches!(event.data, EventData::State(state) if state.sequence == 1));
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(0.04)))
        .unwrap();
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(0.04)))
        .unwrap();
    monitor.stop().unwrap();

    assert_eq!(
        received.recv_timeout(LONG).unwrap().kind,
        EventKind::MonitorStarted
    );
    let changed = received.recv_timeout(LONG).unwrap();
    assert_eq!(
        changed.data,
        EventData::Settings(vec!["refresh_interval".into()])
    );
    assert_eq!(
        received.recv_timeout(LONG).unwrap().kind,
        EventKind::MonitorStopped
    );
    assert!(monitor.unsubscribe(subscription).unwrap());
    assert!(!monitor.unsubscribe(subscription).unwrap());
    assert!(
        received.recv_timeout(LONG).is_err(),
        "the callback was not dropped"
    );
}

#[test]
fn a_state_that_is_held_does_not_change() {
    let (_folder, monitor) = monitor();
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(0.01)))
        .unwrap();
    monitor.start().unwrap();
    let mut held: Vec<(Arc<State>, State)> = Vec::new();
    for _ in 0..20 {
        let after = held.last().map_or(0, |(state, _)| state.sequence);
        let state = monitor.wait_for_state(after, LONG).unwrap();
        held.push((state.clone(), State::clone(&state)));
    }
    for (state, copy) in &held {
        assert_eq!(**state, *copy);
        let sample = state.sample.as_deref().unwrap();
        assert_eq!(sample.moment.unix_seconds, state.timestamp);
    }
}

#[test]
fn the_history_is_bounded_and_follows_its_setting() {
    let (_folder, monitor) = monitor();
    monitor
        .reconfigure(|c| c.set("refresh_interval", json!(0.01)))
        .unwrap();
    monitor
        .reconfigure(|c| c.set("max_history_size", json!(5)))
        .unwrap();
    monitor.start().unwrap();
    monitor.wait_for_state(8, LONG).unwrap();
    monitor.stop().unwrap();
    let history = monitor.history();
    assert_eq!(history.len(), 5);
    assert!(
        history
            .windows(2)
            .all(|two| two[0].timestamp < two[1].timestamp)
    );
    assert_eq!(history[4].timestamp, monitor.state().timestamp);
}

#[test]
fn the_report_has_its_eight_sections_and_invents_nothing() {
    let (_folder, monitor) = monitor();
    monitor.start().unwrap();
    let state = monitor.wait_for_state(1, LONG).unwrap();
    monitor.stop().unwrap();
    let report = monitor.report();
    let keys: Vec<&String> = report.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 8, "{keys:?}");
    assert_eq!(report["component_status"].as_object().unwrap().len(), 9);
    assert_eq!(report["component_status"]["system_monitor"], "active");
    assert_eq!(report["component_status"]["alert_manager"], "active");
    assert_eq!(report["component_status"]["export_reporter"], "active");
    let alerts = report["alerts_summary"]["total"].as_u64();
    let listed = report["system_state"]["alerts"].as_array().unwrap();
    assert_eq!(alerts, Some(listed.len() as u64), "{report}");
    assert!(report["insights"]["total"].is_u64() && report["insights"]["high_severity"].is_u64());
    // Of half a second nothing can be foretold.
    assert_eq!(report["predictions"], json!({ "available": false }));
    let health = report["system_state"]["health_score"].as_f64().unwrap();
    assert!((0.0..=100.0).contains(&health));
    let count = report["performance_metrics"]["unified_monitor"]["operation_count"].as_u64();
    assert!(count.is_some_and(|n| n >= state.sequence), "{report}");
    for component in ["system_monitor", "process_manager", "judge", "event"] {
        let seconds = report["performance_metrics"][component]["avg_execution_time"].as_f64();
        assert!(seconds.is_some_and(|s| s > 0.0), "{component}: {report}");
    }
    assert!(report["system_state"]["metrics"]["cpu_percent"].is_number());
}

#[test]
fn states_timings_and_events_are_in_the_database() {
    let (_folder, monitor) = monitor();
    monitor.start().unwrap();
    monitor.wait_for_state(2, LONG).unwrap();
    monitor.stop().unwrap();
    monitor.flush(LONG).unwrap();
    let database = rusqlite::Connection::open(monitor.store_path().unwrap()).unwrap();
    let count = |table: &str| -> i64 {
        database
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))
            .unwrap()
    };
    assert_eq!(
        count("unified_system_states"),
        monitor.history().len() as i64
    );
    assert!(count("performance_metrics") >= count("unified_system_states"));
    let (health, metrics): (f64, String) = database
        .query_row(
            "SELECT health_score, metrics_data FROM unified_system_states ORDER BY id DESC LIMIT 1",
            [],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .unwrap();
    assert_eq!(Some(health), monitor.state().scores.health.value);
    let metrics: usm_core::SystemMetrics = serde_json::from_str(&metrics).unwrap();
    assert_eq!(Some(metrics), monitor.state().record().metrics);
    let stored = monitor.stored_states(0.0, f64::MAX, 1000).unwrap();
    assert_eq!(stored.len(), monitor.history().len());
}

#[test]
fn an_unwritable_data_folder_degrades_the_store_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    // A file where the folder should be: refused to root as well.
    std::fs::write(folder.path().join("data"), "not a folder").unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    monitor.start().unwrap();
    monitor.wait_for_state(2, LONG).unwrap();
    let health = monitor.store_health().unwrap();
    assert_eq!(health.status, usm_core::state::StoreStatus::Degraded);
    let cause = health.cause.clone().unwrap();
    assert!(cause.contains("data"), "{cause}");
    assert!(monitor.flush(Duration::from_secs(5)).is_err());
    // The storage comes back: what waited is written.
    std::fs::remove_file(folder.path().join("data")).unwrap();
    monitor.stop().unwrap();
    monitor.flush(LONG).unwrap();
    assert_eq!(
        monitor.stored_states(0.0, f64::MAX, 10_000).unwrap().len(),
        monitor.history().len()
    );
}

#[test]
fn nothing_is_stored_when_that_is_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.store_enabled = false;
    let monitor = Monitor::new(config).unwrap();
    monitor.collect().unwrap();
    assert_eq!(monitor.store_path(), None);
    assert_eq!(
        monitor.flush(LONG).unwrap_err().kind(),
        ErrorKind::InvalidState
    );
    assert!(!folder.path().join("data").exists());
}

#[test]
fn a_proc_root_that_goes_away_is_told_and_the_last_state_stays() {
    let folder = tempfile::tempdir().unwrap();
    let proc = folder.path().join("tree/proc");
    std::fs::create_dir_all(&proc).unwrap();
    std::fs::write(
        proc.join("stat"),
        "cpu  1 0 1 8 0 0 0 0 0 0\ncpu0 1 0 1 8 0 0 0 0 0 0\n",
    )
    .unwrap();
    let mut config = config(folder.path());
    config.proc_root = proc.clone();
    config.sys_root = folder.path().join("tree/sys");
    let monitor = Monitor::new(config).unwrap();
    let failures = monitor.stream(EventKind::SamplingFailed).unwrap();
    monitor.start().unwrap();
    monitor.wait_for_state(1, LONG).unwrap();
    std::fs::rename(folder.path().join("tree"), folder.path().join("gone")).unwrap();
    std::fs::remove_dir_all(folder.path().join("gone")).unwrap();
    let told = failures.next(Some(LONG)).expect("an event");
    assert!(matches!(told.data, EventData::Text(reason) if reason.contains("tree/proc")));
    assert!(monitor.state().sequence >= 1);
    assert!(monitor.is_active());
    monitor
        .reconfigure(|c| c.set("call_timeout", json!(0.2)))
        .unwrap();
    let late = monitor.collect().unwrap_err();
    assert_eq!(late.kind(), ErrorKind::TimedOut);
    let late = late.to_string();
    assert!(late.contains("tree/proc"), "{late}");
}

#[test]
fn dear_facts_are_read_for_a_chosen_process_and_kept() {
    let (_folder, monitor) = monitor();
    let own = i32::try_from(std::process::id()).unwrap();
    assert_eq!(
        monitor.process_extra(own).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    monitor.collect().unwrap();
    let extra = monitor.process_extra(own).unwrap();
    assert!(
        extra.pss_bytes.is_some_and(|bytes| bytes > 100_000),
        "{extra:?}"
    );
    assert!(extra.open_files.is_some_and(|files| files > 2), "{extra:?}");
    assert_eq!(monitor.process_extra(own).unwrap(), extra);
    assert_eq!(monitor.cache().keys().len(), 1);
    assert_eq!(
        monitor.process_extra(-1).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn many_threads_may_use_one_monitor_at_once() {
    let (_folder, monitor) = monitor();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let monitor = &monitor;
            scope.spawn(move || {
                for round in 0..20 {
                    match (n + round) % 5 {
                        0 => drop(monitor.start().unwrap()),
                        1 => drop(monitor.stop().unwrap()),
                        2 => drop(monitor.collect().unwrap()),
                        3 => {
                            let id = monitor
                                .subscribe(EventSet::ALL, Box::new(|_| Ok(())))
                                .unwrap();
                            assert!(monitor.unsubscribe(id).unwrap());
                        }
                        _ => monitor
                            .reconfigure(|c| {
                                c.set("refresh_interval", json!(0.01 + f64::from(round) / 1e3))
                            })
                            .unwrap(),
                    }
                    let state = monitor.state();
                    assert_eq!(state.sequence == 0, state.sample.is_none());
                }
            });
        }
    });
}

#[test]
fn closing_a_monitor_wakes_who_waits_for_a_state_and_it_stays_closed() {
    let (_folder, monitor) = monitor();
    monitor.start().unwrap();
    let newest = monitor.wait_for_state(0, LONG).unwrap().sequence;
    std::thread::scope(|scope| {
        // For a state that never comes.
        let waits = scope.spawn(|| monitor.wait_for_state(u64::MAX, Duration::MAX));
        monitor.close().unwrap();
        let error = waits.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
    });
    assert!(!monitor.is_active());
    assert!(monitor.state().sequence >= newest);
    for refused in [monitor.start().err(), monitor.collect().err()] {
        assert_eq!(refused.unwrap().kind(), ErrorKind::InvalidState);
    }
    assert_eq!(monitor.stop().unwrap(), Stopped::Already);
}

#[test]
fn a_monitor_may_be_dropped_by_its_own_callback() {
    let (_folder, monitor) = monitor();
    let slot = Arc::new(Mutex::new(None));
    let (done, is_done) = mpsc::channel();
    let callback = Box::new({
        let slot = slot.clone();
        move |_: &Event| {
            let monitor: Option<Monitor> = slot.lock().map_err(|e| e.to_string())?.take();
            drop(monitor);
            done.send(()).map_err(|e| e.to_string())
        }
    });
    monitor.subscribe(EventKind::StateUpdate, callback).unwrap();
    let mut guard = slot.lock().unwrap();
    monitor.start().unwrap();
    *guard = Some(monitor);
    drop(guard);
    is_done.recv_timeout(LONG).unwrap();
}
