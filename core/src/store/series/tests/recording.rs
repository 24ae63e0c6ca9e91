//! Recordings: one file, that stands by itself.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::support::*;
use crate::ErrorKind;
use crate::store::folder::SIDE_FILES;
use crate::store::folder::with_suffix;
use crate::store::series::SeriesFile;
use crate::store::{Store, StoreReader, StoreSettings};

fn side_files(path: &Path) -> usize {
    let there = |suffix: &&&str| with_suffix(path, suffix).exists();
    SIDE_FILES.iter().filter(there).count()
}

fn check(path: &Path, count: u64) {
    let found = read_frames(&StoreReader::open(path).unwrap());
    assert_eq!(found.len() as u64, count);
    for ((_, found), expected) in found.iter().zip(&frames(0, count)) {
        assert_eq!(plain(found), plain(expected));
    }
}

#[test]
fn a_live_recording_can_be_read_while_it_is_written_and_ends_as_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings {
        file_name: "trace.usm".into(),
        finish_on_close: true,
        ..settings(folder.path())
    })
    .unwrap();
    let path = store.path().to_path_buf();
    append_all(&store, &frames(0, 700));
    check(&path, 700);
    append_all(&store, &frames(700, 50));
    store.close().unwrap();
    assert_eq!(side_files(&path), 0);
    assert_eq!(count(&path, "series_head"), 0);
    assert_eq!(count(&path, "series_writer"), 0);
    check(&path, 750);
}

#[test]
fn a_recording_in_a_folder_that_may_not_be_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.usm");
    let mut file = SeriesFile::create(&path).unwrap();
    frames(0, 130).iter().for_each(|f| file.append(f).unwrap());
    assert_eq!(file.finish().unwrap(), fs::metadata(&path).unwrap().len());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    check(&path, 130);
    assert_eq!(side_files(&path), 0);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_file_of_ones_own_holds_what_was_put_into_it_and_the_context() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("extract.usm");
    let mut file = SeriesFile::create(&path).unwrap();
    frames(0, 1000).iter().for_each(|f| file.append(f).unwrap());
    file.finish().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(side_files(&path), 0);
    check(&path, 1000);
    let reader = StoreReader::open(&path).unwrap();
    assert_eq!(reader.context_at(999).unwrap().len(), 2);
    assert_eq!(reader.extents().unwrap().len(), 1, "raw only");
    let error = SeriesFile::create(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    check(&path, 1000);
}

#[test]
fn a_file_that_is_not_finished_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("extract.usm");
    let mut file = SeriesFile::create(&path).unwrap();
    frames(0, 200).iter().for_each(|f| file.append(f).unwrap());
    assert!(path.exists());
    drop(file);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let nowhere = folder.path().join("missing/extract.usm");
    let error = SeriesFile::create(&nowhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}
