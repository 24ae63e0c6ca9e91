//! Frames made by number, and what a reader sees of them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::series::rollup::RollUp;
use crate::series::{
    ABSENT, ContextKind, ContextPiece, Entity, Family, Frame, PartRow, Stat, Tier, TierRow, catalog,
};
use crate::store::series::SeriesSettings;
use crate::store::series::segment_rows::SegmentRows;
use crate::store::{EventRow, Row, Store, StoreReader, StoreSettings, unix_now};

/// Long enough for a loaded machine; nothing waits for it in a good run.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

pub(super) const SECOND_US: i64 = 1_000_000;

pub(super) fn settings(folder: &Path) -> StoreSettings {
    StoreSettings {
        commit_interval: Duration::from_secs(3600),
        series: SeriesSettings {
            // The stamps of the tests are of any age.
            keep: [Duration::from_secs(1 << 40); 4],
            ..SeriesSettings::default()
        },
        ..StoreSettings::new(folder)
    }
}

pub(super) fn row(frame: Frame) -> Row {
    Row::Frame(Arc::new(frame))
}

pub(super) fn now_us() -> i64 {
    (unix_now() * 1e6) as i64
}

/// `count` frames, a second apart, the newest a moment ago.
pub(super) fn frames(first: u64, count: u64) -> Vec<Frame> {
    let start_us = 1_790_000_000 * SECOND_US;
    (first..first + count)
        .map(|number| frame(number, start_us + number as i64 * SECOND_US))
        .collect()
}

/// A frame whose content follows from its number: six cores, now and then one less, and
/// values that stay, grow, jump and go missing.
pub(super) fn frame(number: u64, unix_us: i64) -> Frame {
    let cores = 6 - usize::from(number % 11 == 3);
    let labels = (0..cores as u64).map(|core| core + u64::from(number % 97 > 90) * (number % 5));
    frame_of(number, unix_us, labels)
}

/// Entities that bring about so many values.
pub(super) fn entities_for(values: usize) -> u64 {
    (values / catalog::of_family(Family::Core).len()) as u64
}

/// With as many entities of labels of their own as there are in `labels`.
pub(super) fn frame_of(number: u64, unix_us: i64, labels: impl Iterator<Item = u64>) -> Frame {
    let metrics = catalog::of_family(Family::Core).len() as u64;
    let labels: Vec<u64> = labels.collect();
    let entities: Vec<Arc<Entity>> = labels
        .iter()
        .map(|label| Arc::new(Entity::new([Some(label.to_string().into())])))
        .collect();
    let values = labels
        .iter()
        .flat_map(|label| (0..metrics).map(move |metric| value(number, *label, metric)));
    Frame {
        unix_us,
        monotonic_us: number as i64 * SECOND_US + 5,
        parts: vec![PartRow {
            family: Family::Core,
            values: values.collect(),
            entities: entities.into(),
        }],
        context: context(number),
    }
}

fn value(number: u64, label: u64, metric: u64) -> i64 {
    let mixed = (number ^ (label << 20) ^ (metric << 40)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    match (metric + label) % 5 {
        _ if mixed >> 58 == 0 => ABSENT,
        0 => 10_000 + (mixed >> 54) as i64,
        1 => number as i64 * 100 + (mixed >> 60) as i64,
        2 => 42,
        3 => -((mixed >> 40) as i64),
        _ => (mixed >> 62) as i64,
    }
}

/// All of it in the first frame, a change in every hundredth.
fn context(number: u64) -> Vec<ContextPiece> {
    let piece = |kind, json: String| ContextPiece {
        kind,
        json: json.into(),
    };
    match number {
        0 => vec![
            piece(ContextKind::Host, "{\"name\":\"host\"}".into()),
            piece(ContextKind::Filesystems, "[0]".into()),
        ],
        number if number % 100 == 0 => {
            vec![piece(ContextKind::Filesystems, format!("[{number}]"))]
        }
        _ => Vec::new(),
    }
}

/// A row in an order that does not depend on how entities came.
pub(super) type Plain<T> = (i64, i64, BTreeMap<(u8, String), Vec<T>>);

pub(super) fn plain(frame: &Frame) -> Plain<i64> {
    let mut values = BTreeMap::new();
    for part in &frame.parts {
        let width = catalog::of_family(part.family).len();
        let all = part.entities.iter().zip(part.values.chunks_exact(width));
        for (entity, own) in all {
            values.insert(
                (part.family.code(), format!("{:?}", entity.labels)),
                own.to_vec(),
            );
        }
    }
    (frame.unix_us, frame.monotonic_us, values)
}

pub(super) fn plain_row(row: &TierRow) -> Plain<Stat> {
    let mut values = BTreeMap::new();
    for part in &row.parts {
        let width = catalog::of_family(part.family).len();
        let all = part.entities.iter().zip(part.stats.chunks_exact(width));
        for (entity, own) in all {
            values.insert(
                (part.family.code(), format!("{:?}", entity.labels)),
                own.to_vec(),
            );
        }
    }
    (row.start_us, i64::from(row.samples), values)
}

/// Every frame that a reader finds, with its number.
pub(super) fn read_frames(reader: &StoreReader) -> Vec<(i64, Frame)> {
    let mut frames = Vec::new();
    let notes = visit(reader, Tier::Raw, |number, rows, place| {
        frames.push((number, rows.frame(place)));
    });
    assert_eq!(notes, Vec::<String>::new());
    frames
}

pub(super) fn read_rows(reader: &StoreReader, tier: Tier) -> Vec<TierRow> {
    let mut found = Vec::new();
    let notes = visit(reader, tier, |_, rows, place| {
        found.push(rows.tier_row(place))
    });
    assert_eq!(notes, Vec::<String>::new());
    found
}

/// Visits every row; returns what could not be read.
pub(super) fn visit(
    reader: &StoreReader,
    tier: Tier,
    mut each: impl FnMut(i64, &SegmentRows<'_>, usize),
) -> Vec<String> {
    let families = &Family::ALL;
    reader
        .segments(tier, i64::MIN, i64::MAX, families, &mut |segment| {
            let times = &segment.times.unix_us;
            assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
            let rows = SegmentRows::new(&segment);
            (0..rows.len()).for_each(|place| each(segment.first_row + place as i64, &rows, place));
            Ok(ControlFlow::Continue(()))
        })
        .unwrap()
}

/// That each tier is what the one below it gives, from the very first row on.
pub(super) fn check_tiers(reader: &StoreReader) {
    let mut rollup = RollUp::new(Tier::TenSeconds);
    let frames = read_frames(reader);
    let made = frames
        .iter()
        .filter_map(|(_, frame)| rollup.push_frame(frame));
    let mut expected: Vec<TierRow> = made.collect();
    for tier in &Tier::ALL[1..] {
        let found = read_rows(reader, *tier);
        let plain_rows = |rows: &[TierRow]| rows.iter().map(plain_row).collect::<Vec<_>>();
        assert_eq!(plain_rows(&found), plain_rows(&expected), "{tier:?}");
        if let Some(coarser) = tier.coarser() {
            let mut rollup = RollUp::new(coarser);
            expected = found
                .iter()
                .filter_map(|row| rollup.push_row(row))
                .collect();
        }
    }
}

pub(super) fn append_all(store: &Store, frames: &[Frame]) {
    frames
        .iter()
        .for_each(|frame| store.append(row(frame.clone())));
    store.flush(PATIENCE).unwrap();
}

pub(super) fn event() -> Row {
    Row::Event(EventRow {
        event_type: "test".into(),
        event_data: None,
        severity: None,
        component_name: None,
        timestamp: Some(unix_now()),
    })
}

/// Waits until the writer has also done what comes after a commit: sealing, upkeep.
pub(super) fn wait_for_upkeep(store: &Store) {
    store.append(event());
    store.flush(PATIENCE).unwrap();
}

pub(super) fn count(path: &Path, table: &str) -> i64 {
    let other = crate::store::open_beside(path).unwrap();
    other.busy_timeout(PATIENCE).unwrap();
    let sql = format!("SELECT count(*) FROM {table}");
    other.query_row(&sql, [], |row| row.get(0)).unwrap()
}

pub(super) fn check_file(path: &Path) {
    let other = crate::store::open_beside(path).unwrap();
    other.busy_timeout(PATIENCE).unwrap();
    let check: String = other
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}
