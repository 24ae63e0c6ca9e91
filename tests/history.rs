//! The history through the monitor's public face, on this machine: what was sampled is
//! there again, as it was.
// The whole file is tests, their helpers too.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use usm_core::history::{History, Names, Query, Replay, Selector};
use usm_core::{Config, ErrorKind, EventData, EventKind, Monitor, Recorder, State};

const LONG: Duration = Duration::from_secs(30);
const FOR_EVER: f64 = 4e9;

fn config(folder: &Path) -> Config {
    Config {
        refresh_interval: 0.05,
        commit_interval: 0.0,
        data_dir: Some(folder.join("data")),
        ..Config::default()
    }
}

/// The next states that the monitor publishes.
fn states(monitor: &Monitor, count: usize) -> Vec<Arc<State>> {
    let stream = monitor.stream(EventKind::StateUpdate).unwrap();
    if !monitor.is_active() {
        monitor.start().unwrap();
    }
    (0..count)
        .map(|_| match stream.next(Some(LONG)).unwrap().data {
            EventData::State(state) => state,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn query(name: &str) -> Query {
    Query::new(Selector::parse(name).unwrap(), 0.0, FOR_EVER)
}

/// What judging made of it, and the numbers that it was made of.
fn findings(state: &State) -> String {
    let parts = (
        &state.metrics,
        &state.scores,
        &state.hardening,
        &state.recommendations,
    );
    serde_json::to_string(&parts).unwrap()
}

#[test]
fn every_published_sample_is_in_the_history_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    let seen = states(&monitor, 8);
    let table = monitor.query(&query("cpu_percent")).unwrap();
    for state in &seen {
        let row = table
            .times
            .iter()
            .position(|time| (time - state.timestamp).abs() < 1e-6)
            .unwrap_or_else(|| panic!("{} is missing in {:?}", state.timestamp, table.times));
        let value = table.columns[0].values[row];
        assert_eq!(
            Some(value).filter(|v| !v.is_nan()),
            state.metrics.cpu_percent
        );
    }
    assert_eq!(table.notes, Vec::<String>::new());
}

#[test]
fn the_state_at_a_moment_is_the_one_that_was_published_then() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    let seen = states(&monitor, 6);
    for state in &seen[..5] {
        let past = monitor.state_at(state.timestamp + 0.001).unwrap();
        assert_eq!(past.state.timestamp, state.timestamp);
        assert_eq!(findings(&past.state), findings(state));
        let sample = past.state.sample.as_deref().unwrap();
        assert!(!sample.processes.list.is_empty(), "top processes included");
        assert_eq!(sample.host, state.sample.as_deref().unwrap().host);
    }
    let before = monitor.state_at(seen[0].timestamp - 3600.0).unwrap_err();
    assert_eq!(before.kind(), ErrorKind::NotFound);
}

#[test]
fn a_recording_gives_the_same_findings_again_and_is_one_private_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.usm");
    let recorder = Recorder::start(config(folder.path()), &path).unwrap();
    let seen = states(recorder.monitor(), 8);
    // While it is being written too.
    assert!(Replay::open(&path, 0.0, FOR_EVER).is_ok());
    let summary = recorder.finish().unwrap();
    assert!(summary.samples >= 8, "{summary:?}");

    let files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["short.usm"]);
    let metadata = std::fs::metadata(&path).unwrap();
    assert_eq!(metadata.len(), summary.bytes);
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);

    let replayed: Vec<State> = Replay::open(&path, 0.0, FOR_EVER)
        .unwrap()
        .collect::<usm_core::Result<_>>()
        .unwrap();
    for state in &seen {
        let again = replayed
            .iter()
            .find(|again| again.timestamp == state.timestamp)
            .unwrap();
        assert_eq!(findings(again), findings(state));
    }
}

#[test]
fn a_stretch_of_the_history_becomes_a_recording_without_names() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    let seen = states(&monitor, 6);
    monitor.flush(LONG).unwrap();
    let masked = folder.path().join("masked.usm");
    let history = History::open(monitor.store_path().unwrap()).unwrap();
    let summary = history
        .extract(&masked, 0.0, FOR_EVER, Names::Masked, &mut |_| true)
        .unwrap();
    assert!(summary.samples >= 6, "{summary:?}");
    let host = &seen[0].sample.as_deref().unwrap().host;
    for state in Replay::open(&masked, 0.0, FOR_EVER).unwrap() {
        let state = state.unwrap();
        let sample = state.sample.as_deref().unwrap();
        assert_ne!(sample.host.hostname, host.hostname);
        for process in &sample.processes.list {
            assert_eq!(process.details.command_line, None);
        }
    }
}

#[test]
fn without_a_history_there_is_a_clear_answer() {
    let folder = tempfile::tempdir().unwrap();
    for (store_enabled, history_enabled, word) in [
        (false, true, "store_enabled"),
        (true, false, "history_enabled"),
    ] {
        let monitor = Monitor::new(Config {
            store_enabled,
            history_enabled,
            ..config(folder.path())
        })
        .unwrap();
        let error = monitor.query(&query("cpu_percent")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        assert!(error.to_string().contains(word), "{error}");
        assert!(monitor.state_at(1.0).is_err());
    }
}

#[test]
fn a_recording_never_writes_over_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("taken.usm");
    std::fs::write(&path, "mine").unwrap();
    let error = Recorder::start(config(folder.path()), &path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    let nowhere = folder.path().join("no/such/folder/x.usm");
    assert!(Recorder::start(config(folder.path()), nowhere).is_err());
}
