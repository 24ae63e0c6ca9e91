//! Several stores with one folder: one of them writes the series.

use super::support::*;
use crate::store::series::SeriesSettings;
use crate::store::{Store, StoreReader};

#[test]
fn one_of_two_stores_writes_the_series_and_the_other_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(settings(folder.path())).unwrap();
    append_all(&first, &frames(0, 20));
    let second = Store::open(settings(folder.path())).unwrap();
    second.append(event());
    append_all(&second, &frames(500, 5));
    let health = second.health();
    assert_eq!(health.rows_written, 1, "the event, not the samples");
    assert_eq!(health.rows_dropped, 0);
    let warning = health.warning.clone().unwrap();
    assert!(
        warning.contains(&std::process::id().to_string()),
        "{warning}"
    );
    append_all(&first, &frames(20, 5));
    assert_eq!(first.health().warning, None);
    let path = first.path().to_path_buf();
    let reader = StoreReader::open(&path).unwrap();
    assert_eq!(read_frames(&reader).len(), 25);
    assert_eq!(count(&path, "integration_events"), 1);
}

#[test]
fn who_comes_next_writes_at_once_and_brings_the_context_that_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(settings(folder.path())).unwrap();
    append_all(&first, &frames(0, 20)[1..]);
    first.close().unwrap();
    assert_eq!(
        count(
            &folder.path().join(crate::store::DATABASE_NAME),
            "series_writer"
        ),
        0
    );
    let second = Store::open(settings(folder.path())).unwrap();
    append_all(&second, &frames(20, 5));
    assert_eq!(second.health().warning, None);
    let reader = StoreReader::open(second.path()).unwrap();
    assert_eq!(read_frames(&reader).len(), 24);
    assert_eq!(reader.context_at(i64::MAX).unwrap(), []);
}

#[test]
fn a_silent_owner_is_taken_over_and_finds_out() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(settings(folder.path())).unwrap();
    append_all(&first, &frames(0, 20));
    let path = first.path().to_path_buf();
    // It is long ago that it has said so.
    crate::store::open_beside(&path)
        .unwrap()
        .execute_batch("UPDATE series_writer SET valid_until = -1")
        .unwrap();
    let second = Store::open(settings(folder.path())).unwrap();
    append_all(&second, &frames(20, 15));
    assert_eq!(second.health().warning, None);
    append_all(&first, &frames(500, 5));
    append_all(&first, &frames(505, 5));
    assert!(first.health().warning.is_some());
    append_all(&second, &frames(35, 15));
    let reader = StoreReader::open(&path).unwrap();
    assert_eq!(read_frames(&reader).len(), 50);
    check_tiers(&reader);
    drop(first);
    assert_eq!(count(&path, "series_writer"), 1, "the other's claim stays");
}

#[test]
fn nothing_is_written_while_it_is_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let on = settings(folder.path());
    let store = Store::open(on.clone()).unwrap();
    append_all(&store, &frames(0, 20));
    let off = SeriesSettings {
        enabled: false,
        ..on.series
    };
    let again = |series| {
        store
            .reconfigure(on.retention, on.max_bytes, on.commit_interval, series)
            .unwrap();
    };
    again(off);
    append_all(&store, &frames(20, 20));
    assert_eq!(count(store.path(), "series_writer"), 0);
    again(on.series);
    append_all(&store, &frames(40, 20));
    let reader = StoreReader::open(store.path()).unwrap();
    let times: Vec<i64> = read_frames(&reader)
        .iter()
        .map(|(_, frame)| frame.monotonic_us / SECOND_US)
        .collect();
    assert_eq!(times, (0..20).chain(40..60).collect::<Vec<i64>>());
    check_tiers(&reader);
}
