//! Metrics in the history, and what a query answers.

use super::*;
use crate::history::{Aggregate, History, Query, Selector};
use crate::migrate::metrics::{COUNT, Moment};
use crate::series::{Entity, Tier};
use crate::store::{Row, Store, StoreSettings};
use std::sync::Arc;
use std::time::Duration;

const DAY: f64 = 86_400.0;

/// Samples of a monitor of ours, one every 2 seconds.
fn own_frames(first: f64, count: usize) -> Vec<Row> {
    let single: Arc<[Arc<Entity>]> = vec![Arc::new(Entity::single())].into();
    let frame = |n: usize| {
        let mut values = [None; COUNT];
        values[0] = Some(33.0);
        let moment = Moment {
            timestamp: first + 2.0 * n as f64,
            values,
        };
        let mut frame = moment.frame(&single).unwrap().unwrap();
        frame.monotonic_us = n as i64 * 2_000_000;
        Row::Frame(Arc::new(frame))
    };
    (0..count).map(frame).collect()
}

fn ask(place: &Place, metric: &str, since: f64, until: f64) -> crate::history::Table {
    let history = History::open(place.data().join(DATABASE_NAME)).unwrap();
    let select = Selector::parse(metric).unwrap();
    history.query(&Query::new(select, since, until)).unwrap()
}

#[test]
fn the_last_day_is_there_sample_by_sample() {
    let place = Place::new();
    let from = place.now - 3000.0;
    place.prototype.save_metrics(from, 5.0, 100);
    place.migrate();
    let table = ask(&place, "cpu_percent", from - 1.0, place.now);
    assert_eq!(table.times.len(), 100);
    assert_eq!(table.times[42], from + 210.0);
    assert_eq!(table.columns[0].values[42], 42.0);
    let bytes = ask(&place, "memory_total_bytes", from - 1.0, place.now);
    assert_eq!(bytes.columns[0].values[0], 16.0 * 1024.0 * 1024.0 * 1024.0);
    let network = ask(&place, "network_sent_bytes_total", from - 1.0, place.now);
    assert!(
        network.columns.is_empty(),
        "the prototype counted the loopback in"
    );
}

#[test]
fn each_age_goes_to_its_tier_and_all_of_it_can_be_asked_for() {
    let place = Place::new();
    for days in [0.5, 3.0, 30.0, 200.0] {
        place
            .prototype
            .save_metrics(place.now - days * DAY, 5.0, 240);
    }
    place
        .prototype
        .save_metrics(place.now - 4000.0 * DAY, 5.0, 3);
    let report = place.migrate();
    assert_eq!(
        counts(&report, "system_metrics", "history"),
        [963, 960, 0, 3]
    );
    let history = History::open(place.data().join(DATABASE_NAME)).unwrap();
    let extents = history.extents().unwrap();
    let first = |tier| {
        let extent = extents.iter().find(|extent| extent.tier == tier).unwrap();
        place.now - extent.first
    };
    assert!(first(Tier::Raw) <= DAY && first(Tier::TenSeconds) <= 14.0 * DAY);
    assert!(first(Tier::Minute) <= 90.0 * DAY && first(Tier::TenMinutes) >= 200.0 * DAY);
    for days in [0.5, 3.0, 30.0, 200.0] {
        let from = place.now - days * DAY;
        let mut query = Query::new(
            Selector::parse("cpu_percent").unwrap(),
            from - 600.0,
            from + 1800.0,
        );
        query.aggregate = Aggregate::Mean;
        query.step_seconds = Some(600.0);
        let table = history.query(&query).unwrap();
        let values: Vec<f64> = table.columns[0]
            .values
            .iter()
            .copied()
            .filter(|v| v.is_finite())
            .collect();
        assert!((2..=3).contains(&values.len()), "{days}: {values:?}");
        // 240 samples: 0 to 99 twice and 0 to 39.
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        assert!(
            least >= 0.0 && most <= 99.0 && most > 30.0,
            "{days}: {values:?}"
        );
    }
    assert_eq!(place.migrate().imported(), 0);
}

#[test]
fn what_our_own_history_covers_is_not_put_there_again() {
    let place = Place::new();
    let store = Store::open(StoreSettings::new(place.data())).unwrap();
    for frame in own_frames(place.now - 400.0, 100) {
        store.append(frame);
    }
    store.close().unwrap();
    let own = ask(&place, "cpu_percent", 0.0, place.now + 1.0);
    let first = own.times[0];
    assert_eq!(own.times.len(), 100);

    place.prototype.save_metrics(first - 100.0, 10.0, 10);
    place.prototype.save_metrics(first + 0.5, 10.0, 10);
    let report = place.migrate();
    let history = table(&report, "system_metrics", "history");
    assert_eq!((history.imported, history.skipped), (10, 10));
    assert!(history.reasons[0].why.contains("our own history"));
    let all = ask(&place, "cpu_percent", 0.0, place.now + 1.0);
    assert_eq!(all.times.len(), 110);
    assert_eq!(all.times[10..], own.times[..]);
    assert_eq!(all.columns[0].values[10..], own.columns[0].values[..]);
    assert_eq!(
        all.columns[0].values[..10],
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    );
}

#[test]
fn while_a_monitor_writes_the_history_rows_come_and_samples_wait() {
    let place = Place::new();
    place.prototype.save_metrics(place.now - 5000.0, 10.0, 50);
    let store = Store::open(StoreSettings::new(place.data())).unwrap();
    for frame in own_frames(place.now - 2.0, 1) {
        store.append(frame);
    }
    store.flush(Duration::from_secs(60)).unwrap();
    let report = place.migrate();
    assert_eq!(
        counts(&report, "system_metrics", "unified_system_states"),
        [50, 50, 0, 0]
    );
    let history = table(&report, "system_metrics", "history");
    assert_eq!(history.skipped, 50);
    assert!(
        history
            .error
            .as_deref()
            .unwrap()
            .contains("stop the monitor"),
        "{history:?}"
    );
    assert!(!report.is_complete());
    // The monitor was not disturbed, and lets go at its end.
    for frame in own_frames(place.now, 1) {
        store.append(frame);
    }
    store.flush(Duration::from_secs(60)).unwrap();
    store.close().unwrap();
    let report = place.migrate();
    assert!(report.is_complete(), "{report:#?}");
    assert_eq!(
        counts(&report, "system_metrics", "unified_system_states"),
        [50, 0, 50, 0]
    );
    assert_eq!(counts(&report, "system_metrics", "history"), [50, 50, 0, 0]);
}

#[test]
fn what_is_stored_later_does_not_disturb_what_was_brought_in() {
    let place = Place::new();
    place
        .prototype
        .save_metrics(place.now - 3.0 * DAY, 5.0, 1000);
    place.migrate();
    let mean = |place: &Place| {
        let from = place.now - 3.0 * DAY;
        let select = Selector::parse("cpu_percent").unwrap();
        let mut query = Query::new(select, from - 600.0, from + 6000.0);
        query.step_seconds = Some(600.0);
        let history = History::open(place.data().join(DATABASE_NAME)).unwrap();
        history.query(&query).unwrap()
    };
    let before = mean(&place);
    let store = Store::open(StoreSettings::new(place.data())).unwrap();
    for frame in own_frames(place.now - 100.0, 50) {
        store.append(frame);
    }
    store.close().unwrap();
    // Coarser rows round otherwise.
    let after = mean(&place);
    assert_eq!(after.times, before.times);
    let pairs = after.columns[0]
        .values
        .iter()
        .zip(&before.columns[0].values);
    for (now, then) in pairs {
        assert!((now - then).abs() < 0.01, "{now} {then}");
    }
    assert_eq!(place.migrate().imported(), 0);
}

#[test]
fn what_was_brought_in_ages_like_our_own_although_it_stands_behind_it() {
    let place = Place::new();
    let own = || {
        let store = Store::open(StoreSettings::new(place.data())).unwrap();
        for frame in own_frames(place.now - 500.0, 100) {
            store.append(frame);
        }
        store.close().unwrap();
    };
    own();
    place.prototype.save_metrics(place.now - 9000.0, 5.0, 700);
    place.migrate();
    let history = History::open(place.data().join(DATABASE_NAME)).unwrap();
    let reach = |tier| {
        let extents = history.extents().unwrap();
        let extent = extents.iter().find(|extent| extent.tier == tier).unwrap();
        place.now - extent.first
    };
    assert!(reach(Tier::Raw) > 8000.0);
    let mut settings = StoreSettings::new(place.data());
    settings.series.keep[0] = Duration::from_secs(3600);
    let store = Store::open(settings.clone()).unwrap();
    for frame in own_frames(place.now - 50.0, 2) {
        store.append(frame);
    }
    store.flush(Duration::from_secs(60)).unwrap();
    // Other limits have the upkeep done with the next rows.
    settings.series.keep[0] = Duration::from_secs(1800);
    let (retention, bytes) = (settings.retention, settings.max_bytes);
    store
        .reconfigure(retention, bytes, settings.commit_interval, settings.series)
        .unwrap();
    for frame in own_frames(place.now - 40.0, 2) {
        store.append(frame);
    }
    store.close().unwrap();
    assert!(reach(Tier::Raw) < 6000.0, "{}", reach(Tier::Raw));
    assert!(reach(Tier::TenSeconds) > 8000.0);
    let select = Selector::parse("cpu_percent").unwrap();
    let mut query = Query::new(select, place.now - 510.0, place.now - 290.0);
    query.tier = Some(Tier::Raw);
    let table = history.query(&query).unwrap();
    assert_eq!(table.times.len(), 100, "our own samples are there");
}
