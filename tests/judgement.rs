//! What a monitor finds, from the rule to who was told, through its public face, on this
//! machine.
// The whole file is tests, their helpers too.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::time::Duration;

use usm_core::alert::{AlertSeverity, AlertStatus};
use usm_core::store::{FindingFilter, FindingKind};
use usm_core::{Config, Event, EventData, EventKind, EventSet, EventStream, Monitor};

const LONG: Duration = Duration::from_secs(30);

/// Holds of every machine that runs.
const ALWAYS: &str = "name = \"always\"\nwhen = \"process_count > 0\"\nseverity = \"critical\"\n";

fn config(folder: &Path) -> Config {
    Config {
        refresh_interval: 0.05,
        commit_interval: 0.0,
        data_dir: Some(folder.into()),
        ..Config::default()
    }
}

/// Waits for the next event of an alert of a rule.
fn next(stream: &EventStream, rule: &str) -> Event {
    loop {
        let event = stream.next(Some(LONG)).unwrap();
        match &event.data {
            EventData::Alert(alert) if alert.rule == rule => return event,
            _ => {}
        }
    }
}

fn of_alert(event: &Event) -> (EventKind, u64) {
    match &event.data {
        EventData::Alert(alert) => (event.kind, alert.id),
        other => panic!("{other:?}"),
    }
}

fn alerts() -> EventSet {
    [EventKind::AlertTriggered, EventKind::AlertResolved]
        .into_iter()
        .collect()
}

#[test]
fn an_alert_is_told_once_remembered_taken_note_of_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    let stream = monitor.stream(alerts()).unwrap();
    monitor.set_alert_rule(ALWAYS).unwrap();
    monitor.start().unwrap();
    let (kind, id) = of_alert(&next(&stream, "always"));
    assert_eq!(kind, EventKind::AlertTriggered);

    // It goes on firing, and nobody is told again.
    let fired = monitor.state().sequence;
    let state = monitor.wait_for_state(fired + 10, LONG).unwrap();
    let alert = state.alerts.iter().find(|alert| alert.id == id).unwrap();
    assert_eq!(alert.status, AlertStatus::Firing);
    assert_eq!(alert.severity, AlertSeverity::Critical);
    assert!(alert.value.is_some_and(|count| count >= 1.0));
    let summary = monitor.report()["alerts_summary"].clone();
    assert!(summary["critical"].as_u64().unwrap() >= 1, "{summary}");
    for word in ["total", "critical", "high", "medium", "low"] {
        assert!(summary[word].is_u64(), "{summary}");
    }

    // Another handle asks through the database.
    let other = Monitor::new(config(folder.path())).unwrap();
    assert!(other.acknowledge_alert(id + 1_000, "kim", None).is_err());
    other.acknowledge_alert(id, "kim", Some("I look")).unwrap();
    let taken = loop {
        let seen = monitor.state().sequence;
        let state = monitor.wait_for_state(seen, LONG).unwrap();
        let mut alerts = state.alerts.iter();
        if let Some(taken) = alerts.find_map(|alert| alert.acknowledged.clone()) {
            break taken;
        }
    };
    assert_eq!(
        (taken.by.as_str(), taken.note.as_deref()),
        ("kim", Some("I look"))
    );

    assert!(monitor.remove_alert_rule("always").unwrap());
    assert!(!monitor.remove_alert_rule("always").unwrap());
    assert_eq!(
        of_alert(&next(&stream, "always")),
        (EventKind::AlertResolved, id)
    );
    // What is told of a sample is remembered before the next one is taken.
    let seen = monitor.state().sequence;
    monitor.wait_for_state(seen, LONG).unwrap();
    monitor.flush(LONG).unwrap();
    let past = monitor.alert_history(0.0, f64::INFINITY, 10_000).unwrap();
    let one = past.iter().find(|alert| alert.id == id).unwrap();
    assert_eq!(one.status, AlertStatus::Resolved);
    assert!(one.acknowledged.is_some() && one.resolved_at.is_some());
    let told: Vec<_> = monitor
        .notifications(0.0, 1_000)
        .unwrap()
        .into_iter()
        .filter(|told| told.alert_id == id)
        .collect();
    let words: Vec<(&str, &str)> = told
        .iter()
        .map(|told| (told.channel.as_str(), told.status.as_str()))
        .collect();
    assert!(words.contains(&("log", "firing")), "{words:?}");
    assert!(told.iter().all(|told| told.ok), "{told:?}");
}

#[test]
fn what_fires_goes_on_over_a_restart_without_being_told_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = Monitor::new(config(folder.path())).unwrap();
    let stream = first.stream(alerts()).unwrap();
    first.set_alert_rule(ALWAYS).unwrap();
    first.start().unwrap();
    let (_, id) = of_alert(&next(&stream, "always"));
    first.stop().unwrap();
    drop(first);

    let second = Monitor::new(config(folder.path())).unwrap();
    let stream = second.stream(alerts()).unwrap();
    second.start().unwrap();
    let state = second.wait_for_state(5, LONG).unwrap();
    let mut alerts = state.alerts.iter();
    assert!(alerts.any(|alert| alert.id == id && alert.rule == "always"));
    while let Some(event) = stream.next(Some(Duration::ZERO)) {
        if let EventData::Alert(alert) = &event.data {
            assert_ne!(alert.rule, "always", "{event:?}");
        }
    }
    second.remove_alert_rule("always").unwrap();
    assert_eq!(
        of_alert(&next(&stream, "always")),
        (EventKind::AlertResolved, id)
    );
}

#[test]
fn a_silence_covers_what_fires_and_a_rule_that_is_off_does_not_fire() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    monitor.set_alert_rule(ALWAYS).unwrap();
    monitor.start().unwrap();
    let silence = monitor
        .silence_alerts("alw*", &[], 3_600.0, "kim", Some("maintenance"))
        .unwrap()
        .unwrap();
    let covered = |monitor: &Monitor| loop {
        let seen = monitor.state().sequence;
        let state = monitor.wait_for_state(seen, LONG).unwrap();
        let alerts = state.alerts.iter();
        let silenced: Vec<bool> = alerts
            .filter(|alert| alert.rule == "always")
            .map(|alert| alert.silenced_until.is_some())
            .collect();
        if !silenced.is_empty() {
            return silenced[0];
        }
    };
    while !covered(&monitor) {}
    assert_eq!(monitor.silences().unwrap()[0].by, "kim");
    assert!(monitor.end_silence(silence).unwrap());
    assert!(!monitor.end_silence(silence).unwrap());
    while covered(&monitor) {}

    monitor.enable_alert_rule("always", false).unwrap();
    loop {
        let seen = monitor.state().sequence;
        let state = monitor.wait_for_state(seen, LONG).unwrap();
        if !state.alerts.iter().any(|alert| alert.rule == "always") {
            break;
        }
    }
    let error = monitor
        .enable_alert_rule("alwys", true)
        .unwrap_err()
        .to_string();
    assert!(error.contains("always"), "{error}");
}

#[test]
fn a_rule_is_tested_on_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    monitor.start().unwrap();
    let state = monitor.wait_for_state(20, LONG).unwrap();
    let mut shares = Vec::new();
    let mut progress = |share: f64| {
        shares.push(share);
        true
    };
    let range = (state.timestamp - 3_600.0, state.timestamp + 3_600.0);
    let test = monitor
        .test_alert_rule(ALWAYS, range.0, range.1, &mut progress)
        .unwrap();
    assert_eq!(test.alerts.len(), 1, "{test:?}");
    assert!(test.samples >= 10, "{test:?}");
    assert!(test.firing_percent.is_some_and(|share| share > 99.0));
    assert_eq!(shares.last(), Some(&1.0));
    let never = ALWAYS.replace("> 0", "< 0");
    let test = monitor
        .test_alert_rule(&never, range.0, range.1, &mut |_| true)
        .unwrap();
    assert!(test.alerts.is_empty());
    let error = monitor
        .test_alert_rule("no such rule", 0.0, 1.0, &mut |_| true)
        .unwrap_err();
    assert!(error.to_string().contains("no such rule"), "{error}");
}

#[test]
fn a_wrong_rule_is_refused_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    let before = monitor.alert_rules().unwrap();
    assert!(before.len() > 20);
    let wrong = "name = \"mine\"\nwhen = \"memory_percnt > 80\"\n";
    let error = monitor.set_alert_rule(wrong).unwrap_err().to_string();
    for part in ["line 2", "memory_percent"] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(monitor.alert_rules().unwrap(), before);
    let unheard = "name = \"mine\"\nwhen = \"memory_percent > 80\"\nchannels = [\"ops\"]\n";
    let error = monitor.set_alert_rule(unheard).unwrap_err().to_string();
    assert!(error.contains("ops"), "{error}");
    assert_eq!(monitor.alert_rules().unwrap(), before);
}

#[test]
fn alerts_that_are_switched_off_do_not_fire() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(Config {
        enable_alerts: false,
        ..config(folder.path())
    })
    .unwrap();
    monitor.set_alert_rule(ALWAYS).unwrap();
    monitor.start().unwrap();
    let state = monitor.wait_for_state(10, LONG).unwrap();
    assert!(state.alerts.is_empty(), "{:?}", state.alerts);
}

#[test]
fn what_was_learnt_is_kept_and_findings_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    monitor.start().unwrap();
    monitor.wait_for_state(3, LONG).unwrap();
    monitor.stop().unwrap();
    monitor.flush(LONG).unwrap();
    let connection = rusqlite::Connection::open(monitor.store_path().unwrap()).unwrap();
    let bytes = |name: &str| -> i64 {
        connection
            .query_row(
                "SELECT length(data) FROM model_memory WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .unwrap()
    };
    assert!(bytes("judge") > 1_000);
    assert!(bytes("alerts") > 0);
    // Weak settings and the like are there from the first look on.
    let security = monitor
        .findings(&FindingFilter {
            kind: FindingKind::Security,
            since: 0.0,
            until: f64::INFINITY,
            open_only: true,
            limit: 1_000,
        })
        .unwrap();
    assert_eq!(security.len(), monitor.state().security.len());
}

#[test]
fn tools_are_recommended_and_what_is_said_of_them_is_learnt() {
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(config(folder.path())).unwrap();
    let found = monitor.recommend_tools(Some("disk full"), 5).unwrap();
    assert!(!found.is_empty() && found.len() <= 5, "{found:?}");
    let name = found[0].name.clone();
    for _ in 0..3 {
        monitor.answer_tool(&name, false).unwrap();
    }
    let again = monitor.recommend_tools(Some("disk full"), 5).unwrap();
    let confidence = |tools: &[usm_core::tools::ToolRecommendation]| {
        let one = tools.iter().find(|tool| tool.name == name);
        one.map_or(0.0, |tool| tool.confidence_score)
    };
    assert!(confidence(&again) < confidence(&found), "{again:?}");
    assert!(monitor.answer_tool("no such tool", true).is_err());
    drop(monitor);
    // And not forgotten.
    let later = Monitor::new(config(folder.path())).unwrap();
    let again = later.recommend_tools(Some("disk full"), 5).unwrap();
    assert!(confidence(&again) < confidence(&found), "{again:?}");
}
