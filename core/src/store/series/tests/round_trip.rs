//! Frames in, frames out.

use proptest::prelude::*;

use super::support::*;
use crate::series::{ContextKind, Family, Frame, Tier};
use crate::store::{Store, StoreReader};

fn check(frames: &[Frame], found: &[(i64, Frame)]) {
    let numbers: Vec<i64> = found.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (0..frames.len() as i64).collect::<Vec<_>>());
    for (expected, (number, found)) in frames.iter().zip(found) {
        assert_eq!(plain(found), plain(expected), "row {number}");
    }
}

#[test]
fn what_goes_in_comes_out_open_and_sealed_and_every_tier_follows_from_the_one_below() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let all = frames(0, 2000);
    for batch in all.chunks(170) {
        append_all(&store, batch);
    }
    assert_eq!(store.health().rows_written, 2000);
    let path = store.path().to_path_buf();
    wait_for_upkeep(&store);
    assert_eq!(count(&path, "series_blocks"), 3, "2000 / 600, raw only");
    let reader = StoreReader::open(&path).unwrap();
    check(&all, &read_frames(&reader));
    check_tiers(&reader);
    assert_eq!(read_rows(&reader, Tier::TenMinutes).len(), 3);
    let extents = reader.extents().unwrap();
    assert_eq!(extents.len(), 4);
    assert_eq!(extents[0].rows, 2000);
    assert_eq!(extents[0].first_us, all[0].unix_us);
    assert_eq!(extents[0].last_us, all[1999].unix_us);
    assert_eq!(extents[3].tier, Tier::TenMinutes);
    assert_eq!(extents[3].last_us - extents[3].first_us, 1800 * SECOND_US);
    drop(reader);
    store.close().unwrap();
    check_file(&path);
}

#[test]
fn a_writer_that_comes_later_goes_on_where_the_last_one_ended() {
    let folder = tempfile::tempdir().unwrap();
    let all = frames(0, 1500);
    // Not in step with stretches or blocks.
    for batch in all.chunks(137) {
        let store = Store::open(settings(folder.path())).unwrap();
        append_all(&store, batch);
        store.close().unwrap();
    }
    let reader = StoreReader::open(folder.path().join(crate::store::DATABASE_NAME)).unwrap();
    check(&all, &read_frames(&reader));
    check_tiers(&reader);
}

#[test]
fn a_range_and_a_family_are_read_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let all = frames(0, 1300);
    append_all(&store, &all);
    wait_for_upkeep(&store);
    let reader = StoreReader::open(store.path()).unwrap();
    let rows = |since: i64, until: i64, families: &[Family]| {
        let mut segments = Vec::new();
        reader
            .segments(Tier::Raw, since, until, families, &mut |segment| {
                segments.push((
                    segment.first_row,
                    segment.times.unix_us.len(),
                    segment.parts.len(),
                ));
                Ok(std::ops::ControlFlow::Continue(()))
            })
            .unwrap();
        segments
    };
    let core = &[Family::Core];
    assert_eq!(
        rows(all[700].unix_us, all[701].unix_us, core),
        [(600, 600, 1)]
    );
    assert_eq!(
        rows(all[700].unix_us, all[701].unix_us, &[]),
        [(600, 600, 0)]
    );
    assert_eq!(
        rows(all[599].unix_us, all[1200].unix_us + 1, core),
        [(0, 600, 1), (600, 600, 1), (1200, 100, 1)]
    );
    assert_eq!(rows(all[1299].unix_us + 1, i64::MAX, core), []);
    assert_eq!(rows(i64::MIN, all[0].unix_us, core), []);
}

#[test]
fn context_is_what_it_was_at_each_row() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    append_all(&store, &frames(0, 250));
    let reader = StoreReader::open(store.path()).unwrap();
    let at = |row: i64| -> Vec<(ContextKind, String)> {
        let pieces = reader.context_at(row).unwrap();
        pieces
            .iter()
            .map(|p| (p.kind, p.json.to_string()))
            .collect()
    };
    let host = (ContextKind::Host, "{\"name\":\"host\"}".to_owned());
    let filesystems = |json: &str| (ContextKind::Filesystems, json.to_owned());
    assert_eq!(at(0), [host.clone(), filesystems("[0]")]);
    assert_eq!(at(99), [host.clone(), filesystems("[0]")]);
    assert_eq!(at(100), [host.clone(), filesystems("[100]")]);
    assert_eq!(at(i64::MAX), [host, filesystems("[200]")]);
    let between = reader.context_between(1, 200).unwrap();
    assert_eq!(between.len(), 1);
    assert_eq!((between[0].0, between[0].1.json.as_ref()), (100, "[100]"));
    // The same once more, as after a restart, is not written again.
    drop(reader);
    store.close().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let mut again = frames(300, 1);
    again[0].context = vec![crate::series::ContextPiece {
        kind: ContextKind::Host,
        json: "{\"name\":\"host\"}".into(),
    }];
    append_all(&store, &again);
    assert_eq!(count(store.path(), "series_context"), 4);
}

#[test]
fn a_clock_that_goes_back_and_forth_loses_nothing_and_hides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let mut all = frames(0, 400);
    for (number, frame) in all.iter_mut().enumerate() {
        let jump = [0, -7200, 90_000, -3, 0][number / 80];
        frame.unix_us += jump * SECOND_US;
    }
    for batch in all.chunks(33) {
        append_all(&store, batch);
    }
    let reader = StoreReader::open(store.path()).unwrap();
    check(&all, &read_frames(&reader));
    check_tiers(&reader);
    wait_for_upkeep(&store);
    assert!(
        count(store.path(), "series_blocks") >= 3,
        "one for each step back"
    );
    // And when the machine was started again meanwhile.
    let mut later = frames(400, 20);
    later[10..]
        .iter_mut()
        .for_each(|frame| frame.monotonic_us -= 300 * SECOND_US);
    append_all(&store, &later);
    all.extend(later);
    check(&all, &read_frames(&reader));
}

#[test]
fn very_many_entities_are_sealed_and_read_a_part_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let start_us = 1_790_000_000 * SECOND_US;
    // Each second five others of them.
    let all: Vec<Frame> = (0..700)
        .map(|n| {
            frame_of(
                n,
                start_us + n as i64 * SECOND_US,
                n * 2..n * 2 + entities_for(150),
            )
        })
        .collect();
    append_all(&store, &all);
    wait_for_upkeep(&store);
    let reader = StoreReader::open(store.path()).unwrap();
    let mut most = 0;
    reader
        .segments(Tier::Raw, 0, i64::MAX, &[Family::Core], &mut |segment| {
            most = most.max(segment.parts.len());
            Ok(std::ops::ControlFlow::Continue(()))
        })
        .unwrap();
    assert!(most > 1, "{most}");
    check(&all, &read_frames(&reader));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_frames_in_any_batches_come_out_as_they_were(
        steps in prop::collection::vec(
            (
                prop_oneof![8 => Just(1_000_000_i64), 1 => -5_000_000_i64..20_000_000],
                prop::collection::vec(0_u64..12, 0..8),
                any::<bool>(),
                prop::option::weighted(0.02, any::<i64>()),
            ),
            1..900,
        )
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(settings(folder.path())).unwrap();
        let mut unix_us = 1_790_000_000 * SECOND_US;
        let mut all = Vec::new();
        for (number, (step_us, mut labels, flush, odd)) in steps.into_iter().enumerate() {
            unix_us += step_us;
            labels.sort_unstable();
            labels.dedup();
            if labels.is_empty() {
                labels.push(99);
            }
            let mut frame = frame_of(number as u64, unix_us, labels.into_iter());
            if let Some(odd) = odd {
                frame.parts[0].values[0] = odd;
            }
            all.push(frame.clone());
            store.append(row(frame));
            if flush {
                store.flush(PATIENCE).unwrap();
            }
            if number % 311 == 310 {
                store.close().unwrap();
                store = Store::open(settings(folder.path())).unwrap();
            }
        }
        store.flush(PATIENCE).unwrap();
        let reader = StoreReader::open(store.path()).unwrap();
        check(&all, &read_frames(&reader));
    }
}

#[test]
fn an_entity_that_comes_and_goes_is_one_column() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let start_us = 1_790_000_000 * SECOND_US;
    let all: Vec<Frame> = (0..700)
        .map(|n| {
            let labels = (0..4).filter(|label| *label == 0 || n / 3 % (label + 1) == 0);
            frame_of(n, start_us + n as i64 * SECOND_US, labels)
        })
        .collect();
    append_all(&store, &all);
    wait_for_upkeep(&store);
    let reader = StoreReader::open(store.path()).unwrap();
    reader
        .segments(Tier::Raw, 0, i64::MAX, &[Family::Core], &mut |segment| {
            assert_eq!(segment.entities(Family::Core).len(), 4);
            Ok(std::ops::ControlFlow::Continue(()))
        })
        .unwrap();
    check(&all, &read_frames(&reader));
    check_tiers(&reader);
}
