//! The series against a disk that fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

mod small_disk;

use rusqlite::Connection;
use small_disk::SmallDisk;
use usm_core::series::{Entity, Family, Frame, PartRow, catalog};
use usm_core::store::{Row, Store, StoreReader, StoreSettings, StoreStatus};

const PATIENCE: Duration = Duration::from_secs(60);
/// Room for a file of a monitor with all its tables, and for a copy.
const DISK_KIB: u32 = 1024;

/// Sixteen cores whose numbers do not pack well.
fn frame(number: u64) -> Row {
    let metrics = catalog::of_family(Family::Core).len() as u64;
    let mixed = |core: u64, metric: u64| {
        let seed = number ^ (core << 24) ^ (metric << 48);
        (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 12) as i64
    };
    let cores = 0..16_u64;
    let entities: Vec<Arc<Entity>> = cores
        .clone()
        .map(|core| Arc::new(Entity::new([Some(core.to_string().into())])))
        .collect();
    Row::Frame(Arc::new(Frame {
        unix_us: (1_790_000_000 + number as i64) * 1_000_000,
        monotonic_us: number as i64 * 1_000_000 + 1,
        parts: vec![PartRow {
            family: Family::Core,
            entities: entities.into(),
            values: cores
                .flat_map(|core| (0..metrics).map(move |metric| mixed(core, metric)))
                .collect(),
        }],
        context: Vec::new(),
    }))
}

fn settings(folder: &Path) -> StoreSettings {
    let mut settings = StoreSettings {
        commit_interval: Duration::from_secs(3600),
        ..StoreSettings::new(folder)
    };
    // The stamps are numbers here, as old as can be.
    settings.series.keep = [Duration::from_secs(1 << 40); 4];
    settings
}

/// Rows of the raw tier by their numbers: how many, and the greatest.
fn raw_rows(path: &Path) -> (u64, u64) {
    let file = Connection::open(path).unwrap();
    file.query_row(
        "SELECT total(rows), max(first + rows) FROM \
         (SELECT id & 0xFFFFFFFFF AS first, rows FROM series_blocks WHERE id >> 36 = 3 \
          UNION ALL SELECT id & 0xFFFFFFFFF, 1 FROM series_head WHERE id >> 36 = 3)",
        [],
        |row| Ok((row.get::<_, f64>(0)? as u64, row.get::<_, i64>(1)? as u64)),
    )
    .unwrap()
}

fn check(path: &Path) {
    let file = Connection::open(path).unwrap();
    let check: String = file
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}

#[test]
fn on_a_full_disk_samples_wait_and_are_written_when_there_is_room() {
    let Some(disk) = SmallDisk::with_kib(DISK_KIB) else {
        eprintln!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    let ballast = disk.path().join("ballast");
    let store = Store::open(settings(disk.path())).unwrap();
    let path = store.path().to_path_buf();
    store.append(frame(0));
    store.flush(PATIENCE).unwrap();
    std::fs::write(&ballast, vec![1; 250 << 10]).unwrap();
    let mut appended = 1;
    let error = loop {
        store.append(frame(appended));
        appended += 1;
        if let Err(error) = store.flush(PATIENCE) {
            break error;
        }
        assert!(appended < 10_000, "the disk never filled up");
    };
    assert!(error.to_string().contains("full"), "{error}");
    assert_eq!(store.health().status, StoreStatus::Degraded);
    for _ in 0..30 {
        store.append(frame(appended));
        appended += 1;
    }
    assert!(store.health().rows_waiting >= 31);
    std::fs::remove_file(&ballast).unwrap();
    store.flush(PATIENCE).unwrap();
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Ok, "{health:?}");
    assert_eq!((health.rows_written, health.rows_dropped), (appended, 0));
    assert_eq!(raw_rows(&path), (appended, appended));
    store.close().unwrap();
    check(&path);
}

#[test]
fn when_the_folder_is_replaced_the_series_begin_anew_there() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    let store = Store::open(settings(&folder)).unwrap();
    (0..25).for_each(|number| store.append(frame(number)));
    store.flush(PATIENCE).unwrap();
    std::fs::rename(&folder, root.path().join("moved")).unwrap();
    (25..60).for_each(|number| store.append(frame(number)));
    store.flush(PATIENCE).unwrap();
    assert_eq!(raw_rows(store.path()), (35, 35));
    let path = store.path().to_path_buf();
    store.close().unwrap();
    check(&path);
    check(&root.path().join("moved").join(path.file_name().unwrap()));
}

/// A copy in an archive, say: with the marks of a database that is being written, and no way
/// to make the side files of one.
#[test]
fn a_database_on_a_read_only_file_system_is_read() {
    let Some(disk) = SmallDisk::with_kib(DISK_KIB) else {
        eprintln!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    let store = Store::open(settings(disk.path())).unwrap();
    (0..25).for_each(|number| store.append(frame(number)));
    store.flush(PATIENCE).unwrap();
    let odd = disk.path().join("a copy? 100%#1.db");
    let path = store.path().to_path_buf();
    store.close().unwrap();
    std::fs::copy(&path, &odd).unwrap();
    disk.remount("ro");
    for path in [&path, &odd] {
        let reader = StoreReader::open(path).unwrap();
        assert_eq!(reader.latest_state().unwrap(), None, "{}", path.display());
    }
    disk.remount("rw");
}
