//! Several processes read while one writes.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::support::*;
use crate::store::{DATABASE_NAME, Store, StoreReader};

const CHILD_FOLDER: &str = "USM_TEST_SERIES_READER_FOLDER";

/// Rows that the parent writes, so many at a time.
const ROWS: u64 = 1400;
const ROWS_AT_A_TIME: usize = 50;

/// Not a test by itself: a reader that the test below starts. Whenever it looks it sees
/// every row up to some one, each once, be it in the open log or in a block.
#[test]
fn child_that_reads_series() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let reader = StoreReader::open(Path::new(&folder).join(DATABASE_NAME)).unwrap();
    let expected: Vec<_> = frames(0, ROWS).iter().map(plain).collect();
    let mut before = 0;
    while before < expected.len() {
        let found = read_frames(&reader);
        assert!(found.len() >= before, "{} < {before}", found.len());
        for (place, (number, frame)) in found.iter().enumerate() {
            assert_eq!(*number, place as i64);
            assert_eq!(plain(frame), expected[place], "row {place}");
        }
        before = found.len();
        reader.snapshot(check_in_one_view).unwrap();
    }
}

/// Within one view all agrees, however it is asked.
fn check_in_one_view(reader: &StoreReader) -> crate::Result<()> {
    let extents = reader.extents()?;
    let rows = extents.first().map_or(0, |raw| raw.rows);
    assert_eq!(rows, read_frames(reader).len() as u64);
    Ok(())
}

/// Ends with the test, however that ends.
struct Reader(Child);

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn two_processes_read_while_one_writes_and_each_sees_every_row_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let child = Command::new(std::env::current_exe().unwrap())
                .args([
                    "store::series::tests::readers::child_that_reads_series",
                    "--exact",
                    "--nocapture",
                ])
                .env(CHILD_FOLDER, folder.path())
                .stdout(Stdio::null())
                .spawn();
            Reader(child.unwrap())
        })
        .collect();
    for batch in frames(0, ROWS).chunks(ROWS_AT_A_TIME) {
        append_all(&store, batch);
    }
    for mut reader in readers {
        assert!(reader.0.wait().unwrap().success());
    }
    assert_eq!(store.health().rows_dropped, 0);
}
