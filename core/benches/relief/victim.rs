//! The victim: units of real work in a loop, each timed. A line for each: when it ended, and
//! how long it took, in microseconds of the monotonic clock.

use std::hash::{DefaultHasher, Hasher};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::time::{ClockId, clock_gettime};

use super::hogs::Kind;

pub fn now_usec() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1000
}

/// What is hashed in a unit, and what is written.
const HASHED_BYTES: usize = 256 << 10;
const WRITTEN_BYTES: usize = 4 << 10;
/// What a victim of memory reads in a unit, out of its file, and how often it hashes: so slowly
/// that what it has read last is long ago when it comes round again.
const READ_BYTES: usize = 64 << 10;
const MEMORY_HASHES: usize = 8;

/// Works until a file `stop` appears in the folder.
pub fn work(kind: Kind, folder: &Path) {
    let parent = rustix::process::getppid();
    let mut log = BufWriter::new(std::fs::File::create(folder.join("units")).unwrap());
    let data = vec![5u8; HASHED_BYTES];
    let small = vec![6u8; WRITTEN_BYTES];
    let out = std::fs::File::create(folder.join("small")).unwrap();
    let hashes = if kind == Kind::Memory {
        MEMORY_HASHES
    } else {
        1
    };
    let own = (kind == Kind::Memory).then(|| std::fs::File::open(folder.join("own")).unwrap());
    let own_bytes = own.as_ref().map_or(0, |f| f.metadata().unwrap().len());
    let mut buffer = vec![0u8; READ_BYTES];
    let mut at = 0u64;
    for unit in 0u64.. {
        let begun = now_usec();
        for _ in 0..hashes {
            let mut hasher = DefaultHasher::new();
            hasher.write(&data);
            std::hint::black_box(hasher.finish());
        }
        if let Some(own) = &own {
            rustix::io::pread(own, &mut buffer, at).unwrap();
            at = (at + READ_BYTES as u64) % own_bytes;
        }
        rustix::io::pwrite(&out, &small, (unit % 256) * WRITTEN_BYTES as u64).unwrap();
        if kind == Kind::Disk {
            rustix::fs::fdatasync(&out).unwrap();
        }
        let ended = now_usec();
        writeln!(log, "{ended} {}", ended - begun).unwrap();
        if unit % 64 == 0 && (folder.join("stop").exists() || rustix::process::getppid() != parent)
        {
            return;
        }
    }
}

/// A running victim.
pub struct Victim {
    child: Child,
    folder: PathBuf,
}

impl Victim {
    pub fn start(kind: Kind, folder: &Path) -> Victim {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["role", "victim", kind.name()])
            .arg(folder)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Victim {
            child,
            folder: folder.to_path_buf(),
        }
    }

    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Ends it and gives its units: when each ended, and how long it took.
    pub fn finish(mut self) -> Vec<(u64, u64)> {
        std::fs::write(self.folder.join("stop"), "").unwrap();
        self.child.wait().unwrap();
        let text = std::fs::read_to_string(self.folder.join("units")).unwrap();
        text.lines()
            .filter_map(|line| {
                let (ended, took) = line.split_once(' ')?;
                Some((ended.parse().ok()?, took.parse().ok()?))
            })
            .collect()
    }
}

/// What was done between two moments.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub per_sec: f64,
    pub p99_usec: f64,
}

pub fn rate(units: &[(u64, u64)], from: u64, until: u64) -> Rate {
    let mut took: Vec<u64> = units
        .iter()
        .filter(|(ended, _)| (from..until).contains(ended))
        .map(|(_, took)| *took)
        .collect();
    took.sort_unstable();
    let p99 = took.get(took.len().saturating_sub(1 + took.len() / 100));
    Rate {
        per_sec: took.len() as f64 * 1e6 / (until - from).max(1) as f64,
        p99_usec: p99.map_or(f64::NAN, |took| *took as f64),
    }
}
