use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::store::{Row, Store, StoreReader, StoreSettings};

const PATIENCE: Duration = Duration::from_secs(20);

fn finding(key: &str, opened_at: f64, closed_at: Option<f64>) -> FindingRow {
    FindingRow {
        kind: FindingKind::Insight,
        key: key.into(),
        opened_at,
        updated_at: closed_at.unwrap_or(opened_at),
        closed_at,
        severity: Some("high".into()),
        title: Some(format!("{key} is slow")),
        data: "{}".into(),
    }
}

fn filter() -> FindingFilter {
    FindingFilter {
        kind: FindingKind::Insight,
        since: 0.0,
        until: f64::INFINITY,
        open_only: false,
        limit: 100,
    }
}

fn stored(rows: Vec<JudgedRow>) -> (tempfile::TempDir, Store, StoreReader) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings {
        // Nothing is older than that in these tests, whose time begins in 1970.
        retention: Duration::from_secs(200 * 365 * 86_400),
        ..StoreSettings::new(folder.path())
    })
    .unwrap();
    for row in rows {
        store.append(Row::Judged(row));
    }
    store.flush(PATIENCE).unwrap();
    let reader = StoreReader::open(store.path()).unwrap();
    (folder, store, reader)
}

#[test]
fn a_finding_is_one_row_for_its_whole_life() {
    let (_folder, store, reader) = stored(vec![
        JudgedRow::Finding(finding("disk", 100.0, None)),
        JudgedRow::Finding(finding("leak", 200.0, None)),
    ]);
    let keys = |filter: FindingFilter| -> Vec<String> {
        let found = reader.findings(&filter).unwrap();
        found.into_iter().map(|row| row.key).collect()
    };
    assert_eq!(keys(filter()), ["disk", "leak"]);
    let closed = finding("disk", 100.0, Some(150.0));
    store.append(Row::Judged(JudgedRow::Finding(closed.clone())));
    store.flush(PATIENCE).unwrap();
    assert_eq!(reader.findings(&filter()).unwrap()[0], closed);
    let open_only = FindingFilter {
        open_only: true,
        ..filter()
    };
    assert_eq!(keys(open_only), ["leak"]);
    let later = FindingFilter {
        since: 151.0,
        ..filter()
    };
    assert_eq!(keys(later), ["leak"]);
    let earlier = FindingFilter {
        until: 200.0,
        ..filter()
    };
    assert_eq!(keys(earlier), ["disk"]);
    let newest = FindingFilter {
        limit: 1,
        ..filter()
    };
    assert_eq!(keys(newest), ["leak"]);
    let of_another_kind = FindingFilter {
        kind: FindingKind::Alert,
        ..filter()
    };
    assert!(keys(of_another_kind).is_empty());
}

#[test]
fn memory_is_read_back_in_its_version_only() {
    let memory = |data: &[u8]| {
        JudgedRow::Memory(MemoryRow {
            name: "judge",
            version: 3,
            saved_at: 7.0,
            data: data.to_vec(),
        })
    };
    let (_folder, _store, reader) = stored(vec![memory(&[1, 2]), memory(&[0, 255, 9])]);
    assert_eq!(
        reader.model_memory("judge", 3).unwrap(),
        Some((7.0, vec![0, 255, 9]))
    );
    assert_eq!(reader.model_memory("judge", 4).unwrap(), None);
    assert_eq!(reader.model_memory("other", 3).unwrap(), None);
    assert_eq!(
        reader.model_memories().unwrap(),
        [("judge".to_owned(), 3, 7.0, 3)]
    );
}

#[test]
fn a_rule_takes_the_place_of_the_one_of_its_name_and_goes_without_a_text() {
    let rule = |name: &str, toml: Option<&str>| {
        JudgedRow::Rule(RuleRow {
            name: name.into(),
            toml: toml.map(Into::into),
            updated_at: 1.0,
        })
    };
    let (_folder, _store, reader) = stored(vec![
        rule("b", Some("one")),
        rule("a", Some("two")),
        rule("b", Some("three")),
        rule("a", None),
    ]);
    let rules = reader.rules().unwrap();
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0].toml.as_deref(), Some("three"));
}

#[test]
fn who_was_told_is_read_back() {
    let told = NotificationRow {
        alert_id: 4,
        rule: "disk".into(),
        channel: "ops".into(),
        status: "firing".into(),
        ok: false,
        attempts: 3,
        error: Some("refused".into()),
        queued_at: 10.0,
        finished_at: 12.0,
    };
    let (_folder, _store, reader) = stored(vec![JudgedRow::Notification(told.clone())]);
    assert_eq!(reader.notifications(12.0, 9).unwrap(), [told]);
    assert!(reader.notifications(12.5, 9).unwrap().is_empty());
}

#[test]
fn a_request_of_another_process_is_passed_on_once_until_it_is_answered() {
    let (folder, store, _reader) = stored(Vec::new());
    let heard: Arc<Mutex<Vec<RequestRow>>> = Arc::default();
    let ear = heard.clone();
    store.set_request_watcher(Box::new(move |asked| ear.lock().unwrap().extend(asked)));
    let asks = |id| Request::Acknowledge {
        id,
        by: "kim".into(),
        note: None,
    };
    // As another process would.
    let other = Store::open(StoreSettings::new(folder.path())).unwrap();
    for id in [1, 2] {
        other.append(Row::Judged(JudgedRow::Request(RequestRow {
            id: 0,
            made_at: 5.0,
            request: asks(id),
        })));
    }
    other.flush(PATIENCE).unwrap();
    let touch = || {
        let row = JudgedRow::Finding(finding("x", 1.0, None));
        store.append(Row::Judged(row));
        store.flush(PATIENCE).unwrap();
    };
    touch();
    touch();
    // Closed, the writer has called for the last time.
    let numbers = |heard: &Mutex<Vec<RequestRow>>| -> Vec<i64> {
        heard.lock().unwrap().iter().map(|row| row.id).collect()
    };
    store.append(Row::Judged(JudgedRow::Answered(1, 6.0)));
    store.close().unwrap();
    assert_eq!(numbers(&heard), [1, 2]);
    assert_eq!(heard.lock().unwrap()[1].request, asks(2));
    // A monitor that starts later is told of what is still open.
    let later = Store::open(StoreSettings::new(folder.path())).unwrap();
    let heard_later: Arc<Mutex<Vec<RequestRow>>> = Arc::default();
    let ear = heard_later.clone();
    later.set_request_watcher(Box::new(move |asked| ear.lock().unwrap().extend(asked)));
    later.append(Row::Judged(JudgedRow::Finding(finding("x", 1.0, None))));
    later.close().unwrap();
    assert_eq!(numbers(&heard_later), [2]);
}

#[test]
fn what_is_over_goes_with_age_and_with_numbers() {
    let old: Vec<JudgedRow> = (0..30)
        .map(|n| {
            JudgedRow::Finding(finding(
                &format!("old {n}"),
                10.0,
                Some(20.0 + f64::from(n)),
            ))
        })
        .chain([JudgedRow::Finding(finding("open", 5.0, None))])
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings::new(folder.path());
    let store = Store::open(settings.clone()).unwrap();
    for row in old {
        store.append(Row::Judged(row));
    }
    store.close().unwrap();
    // Opening brings the upkeep.
    let store = Store::open(settings).unwrap();
    store.append(Row::Judged(JudgedRow::Answered(0, 0.0)));
    store.flush(PATIENCE).unwrap();
    let reader = StoreReader::open(store.path()).unwrap();
    let left = reader.findings(&filter()).unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].key, "open");
}
