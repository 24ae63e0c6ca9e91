//! By age and by size: what goes, and that the cap holds at every moment.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::support::*;
use crate::series::{Frame, Tier};
use crate::store::folder::total_bytes;
use crate::store::series::SeriesSettings;
use crate::store::{Row, StateRow, Store, StoreReader, StoreSettings, unix_now};

fn state(bytes: usize) -> Row {
    Row::State(StateRow {
        timestamp: unix_now(),
        metrics_data: Some("m".repeat(bytes)),
        ..StateRow::default()
    })
}

/// Frames up to now, a second apart.
fn recent(count: u64) -> Vec<Frame> {
    let start_us = now_us() - count as i64 * SECOND_US;
    (0..count)
        .map(|number| frame(number, start_us + number as i64 * SECOND_US))
        .collect()
}

fn busy(number: u64, start_us: i64) -> Frame {
    // Others every second, so that nothing packs well.
    let (cores, new) = (entities_for(300), entities_for(45));
    let labels = number * new..number * new + cores;
    frame_of(number, start_us + number as i64 * SECOND_US, labels)
}

/// Looks at the files all the time; the answer is the most that it has seen.
fn watch(path: PathBuf) -> (mpsc::Sender<()>, thread::JoinHandle<u64>) {
    let (stop, stopped) = mpsc::channel();
    let watch = thread::spawn(move || {
        let mut most = 0;
        while stopped.try_recv().is_err() {
            most = most.max(total_bytes(&path));
            thread::sleep(Duration::from_micros(200));
        }
        most
    });
    (stop, watch)
}

fn first_rows(path: &Path) -> Vec<(i64, i64)> {
    let reader = StoreReader::open(path).unwrap();
    let extents = reader.extents().unwrap();
    extents
        .iter()
        .map(|e| (e.first_us, e.rows as i64))
        .collect()
}

#[test]
fn each_tier_goes_by_its_own_age() {
    let folder = tempfile::tempdir().unwrap();
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let on = settings(folder.path());
    let store = Store::open(on.clone()).unwrap();
    let all = recent(6 * 3600);
    for batch in all.chunks(2000) {
        append_all(&store, batch);
    }
    assert_eq!(first_rows(store.path())[0].1, 6 * 3600);
    let max_bytes = 8 << 20;
    store
        .reconfigure(
            on.retention,
            max_bytes,
            on.commit_interval,
            SeriesSettings {
                enabled: true,
                keep: [hours(1), hours(3), hours(100), hours(100)],
            },
        )
        .unwrap();
    append_all(&store, &[frame(6 * 3600, now_us())]);
    // It goes step by step.
    (0..8).for_each(|_| wait_for_upkeep(&store));
    let rows: Vec<i64> = first_rows(store.path()).iter().map(|tier| tier.1).collect();
    assert!((3600..3600 + 1300).contains(&rows[0]), "{rows:?}");
    assert!((1080..1080 + 400).contains(&rows[1]), "{rows:?}");
    assert!(rows[2] > 350 && rows[3] > 34, "{rows:?}");
    let health = store.health();
    assert!(
        !health.retention_lost && health.warning.is_none(),
        "{health:?}"
    );
    let reader = StoreReader::open(store.path()).unwrap();
    let oldest = read_frames(&reader)[0].0;
    assert_eq!(
        reader.context_at(oldest).unwrap().len(),
        2,
        "what is in force stays"
    );
    // Coarser rows need what was in force before, but not without end.
    let older = reader.context_between(0, oldest).unwrap().len();
    let most = 2 * (1 + (max_bytes >> 19) as usize);
    assert!((3..=most).contains(&older), "{older} of {most}");
}

#[test]
fn a_small_cap_holds_at_every_moment_whatever_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let max_bytes = 2 << 20;
    let store = Store::open(StoreSettings {
        max_bytes,
        queue_rows: 100_000,
        queue_bytes: 1 << 30,
        series: SeriesSettings::default(),
        ..settings(folder.path())
    })
    .unwrap();
    let (stop, watch) = watch(store.path().to_path_buf());
    let start_us = now_us() - 6000 * SECOND_US;
    for number in 0..6000_u64 {
        store.append(row(busy(number, start_us)));
        if number % 10 == 0 {
            store.append(state((number * 7919 % 20_000) as usize));
        }
        if number % (1 + number / 100) == 0 {
            store.flush(PATIENCE).unwrap();
        }
    }
    store.flush(PATIENCE).unwrap();
    stop.send(()).unwrap();
    let most = watch.join().unwrap();
    assert!(most <= max_bytes, "{most} bytes seen, {max_bytes} allowed");
    assert!(most > max_bytes / 2, "the cap is used: {most}");
    let health = store.health();
    assert_eq!(health.rows_dropped, 0, "{health:?}");
    assert!(health.retention_lost);
    let warning = health.warning.clone().unwrap();
    assert!(warning.contains("samples reach back"), "{warning}");
    assert!(warning.contains("instead of 24.0 h"), "{warning}");
    // Every tier is there, and the rows of the tables keep a share too.
    let tiers = first_rows(store.path());
    assert_eq!(tiers.len(), 4, "{tiers:?}");
    assert!(count(store.path(), "unified_system_states") > 5);
    check_file(store.path());
    let path = store.path().to_path_buf();
    store.close().unwrap();
    // The newest are there, as they were.
    let reader = StoreReader::open(&path).unwrap();
    let found = read_frames(&reader);
    assert!(found.len() > 100, "{}", found.len());
    for (number, found) in &found {
        assert_eq!(plain(found), plain(&busy(*number as u64, start_us)));
    }
    assert_eq!(found[found.len() - 1].0, 5999);
}

#[test]
fn coarser_tiers_outlive_finer_ones_under_the_cap() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings {
        max_bytes: 3 << 20,
        queue_rows: 100_000,
        queue_bytes: 1 << 30,
        series: SeriesSettings::default(),
        ..settings(folder.path())
    })
    .unwrap();
    let start_us = now_us() - 12_000 * SECOND_US;
    for first in (0..12_000).step_by(1000) {
        let labels = |number: u64| (0..entities_for(300)).map(move |core| core + number / 4000);
        let batch: Vec<Frame> = (first..first + 1000)
            .map(|n| frame_of(n, start_us + n as i64 * SECOND_US, labels(n)))
            .collect();
        append_all(&store, &batch);
    }
    let tiers = first_rows(store.path());
    assert!(
        tiers[0].0 > tiers[1].0 && tiers[1].0 >= tiers[3].0,
        "{tiers:?}"
    );
    assert_eq!(
        tiers[3].0 / SECOND_US,
        start_us / SECOND_US / 600 * 600,
        "{tiers:?}"
    );
}

#[test]
fn a_reader_that_never_finishes_holds_up_nobody_and_the_cap_holds() {
    let folder = tempfile::tempdir().unwrap();
    let max_bytes = 5 << 19;
    let store = Store::open(StoreSettings {
        max_bytes,
        queue_rows: 100_000,
        queue_bytes: 1 << 30,
        ..settings(folder.path())
    })
    .unwrap();
    append_all(&store, &recent(700));
    let (stop, watch) = watch(store.path().to_path_buf());
    let other = crate::store::open_beside(store.path()).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM series_head")
        .unwrap();
    let start_us = now_us();
    let mut number = 1000;
    let error = loop {
        (0..10).for_each(|more| store.append(row(busy(number + more, start_us))));
        number += 10;
        if let Err(error) = store.flush(PATIENCE) {
            break error;
        }
        assert!(number < 100_000, "the cap is never reached");
    };
    assert!(number > 1050, "it went on for a while: {number}");
    assert!(error.to_string().contains("long read"), "{error}");
    assert!(store.health().rows_waiting >= 1);
    other.execute_batch("COMMIT").unwrap();
    store.flush(PATIENCE).unwrap();
    assert_eq!(
        (store.health().rows_waiting, store.health().rows_dropped),
        (0, 0)
    );
    stop.send(()).unwrap();
    let most = watch.join().unwrap();
    assert!(most <= max_bytes, "{most}");
    let reader = StoreReader::open(store.path()).unwrap();
    let found = read_frames(&reader);
    let newest: Vec<i64> = found
        .iter()
        .rev()
        .take(20)
        .map(|(_, f)| f.monotonic_us)
        .collect();
    let expected = (0..20).map(|back| (number as i64 - 1 - back) * SECOND_US + 5);
    assert_eq!(newest, expected.collect::<Vec<i64>>(), "none is missing");
}

#[test]
fn a_visit_of_segments_that_never_ends_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let max_bytes = 2 << 20;
    let store = Store::open(StoreSettings {
        max_bytes,
        queue_rows: 100_000,
        queue_bytes: 1 << 30,
        ..settings(folder.path())
    })
    .unwrap();
    append_all(&store, &recent(700));
    let reader = StoreReader::open(store.path()).unwrap();
    let start_us = now_us();
    let mut number = 1000;
    reader
        .segments(Tier::Raw, 0, i64::MAX, &[], &mut |_| {
            // While it is being visited, more is written than the cap would hold.
            let frames: Vec<Frame> = (0..1500).map(|n| busy(number + n, start_us)).collect();
            append_all(&store, &frames);
            number += 1500;
            Ok(match number > 4000 {
                true => std::ops::ControlFlow::Break(()),
                false => std::ops::ControlFlow::Continue(()),
            })
        })
        .unwrap();
    assert!(total_bytes(store.path()) <= max_bytes);
    assert_eq!(store.health().rows_waiting, 0);
}

#[test]
fn a_smaller_cap_takes_the_series_too_and_gives_the_space_back() {
    let folder = tempfile::tempdir().unwrap();
    let on = StoreSettings {
        queue_rows: 100_000,
        queue_bytes: 1 << 30,
        ..settings(folder.path())
    };
    let store = Store::open(on.clone()).unwrap();
    let start_us = now_us() - 5000 * SECOND_US;
    for first in (0..5000).step_by(500) {
        let batch: Vec<Frame> = (first..first + 500).map(|n| busy(n, start_us)).collect();
        append_all(&store, &batch);
    }
    let small = 1 << 20;
    assert!(
        total_bytes(store.path()) > 2 * small,
        "{}",
        total_bytes(store.path())
    );
    store
        .reconfigure(on.retention, small, on.commit_interval, on.series)
        .unwrap();
    for number in 5000..5200 {
        append_all(&store, &[busy(number, start_us)]);
        if total_bytes(store.path()) <= small {
            break;
        }
    }
    assert!(
        total_bytes(store.path()) <= small,
        "{}",
        total_bytes(store.path())
    );
    check_file(store.path());
}
