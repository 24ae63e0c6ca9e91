//! A recording looped into a database as the monitor keeps it, up to now.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use usm_core::store::{Row, Store, StoreSettings};

use crate::recorded::{Recorded, Which};

/// Samples in one commit; each is counted with its share of it.
const AT_A_TIME: usize = 60;
const PATIENCE: Duration = Duration::from_secs(600);

pub struct Written {
    pub path: PathBuf,
    pub since: f64,
    pub until: f64,
    pub samples: u64,
    pub values_per_sample: f64,
    pub seconds_of_writer: f64,
    /// Of all files at the end, and at most at any flush.
    pub bytes: u64,
    pub most_bytes: u64,
}

/// Writes `seconds` that end now.
pub fn write(folder: &Path, recorded: &Recorded, which: Which, seconds: f64) -> Written {
    let settings = StoreSettings {
        commit_interval: Duration::from_secs(3600),
        ..StoreSettings::new(folder)
    };
    let store = Store::open(settings).expect("store");
    let path = store.path().to_path_buf();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time after 1970");
    let until = now.as_secs_f64();
    let since = until - seconds;
    let start_us = (since * 1e6) as i64;
    let (mut samples, mut waiting, mut seconds_of_writer, mut most_bytes) = (0, 0, 0.0, 0);
    let mut flush = |most_bytes: &mut u64| {
        let before = cpu_seconds();
        store.flush(PATIENCE).expect("flush");
        seconds_of_writer += cpu_seconds() - before;
        *most_bytes = (*most_bytes).max(bytes_in(folder));
    };
    'all: for turn in 0.. {
        for place in 0..recorded.frames.len() {
            let frame = recorded.frame(which, place, turn, start_us);
            if frame.unix_us as f64 / 1e6 >= until {
                break 'all;
            }
            store.append(Row::Frame(Arc::new(frame)));
            samples += 1;
            waiting += 1;
            if waiting == AT_A_TIME {
                waiting = 0;
                flush(&mut most_bytes);
            }
        }
    }
    flush(&mut most_bytes);
    store.close().expect("close");
    Written {
        since,
        until,
        samples,
        values_per_sample: recorded.values(which) as f64 / recorded.frames.len() as f64,
        seconds_of_writer,
        bytes: bytes_in(folder),
        most_bytes,
        path,
    }
}

/// Processor time of this process: while it waits for a flush, that is the writer's.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn bytes_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("folder");
    files
        .filter_map(|file| file.and_then(|file| file.metadata()).ok())
        .map(|metadata| metadata.len())
        .sum()
}
