//! The hogs, each a process of the benchmark's own.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::fs::{Mode, OFlags};

/// What hogs do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Spin, in the victim's session.
    Cpu,
    /// Spin, each in a session of its own.
    Sessions,
    /// Write directly to the disk.
    Disk,
    /// Read so much that the victim's page cache goes, in a common memory group.
    Memory,
    /// Make processes that end at once.
    Forks,
}

impl Kind {
    pub const ALL: [Kind; 5] = [
        Kind::Cpu,
        Kind::Sessions,
        Kind::Disk,
        Kind::Memory,
        Kind::Forks,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Cpu => "cpu",
            Kind::Sessions => "sessions",
            Kind::Disk => "disk",
            Kind::Memory => "memory",
            Kind::Forks => "forks",
        }
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How many are started.
    pub fn count(self) -> usize {
        let cpus = std::thread::available_parallelism().map_or(2, usize::from);
        match self {
            Kind::Cpu | Kind::Sessions => 2 * cpus,
            Kind::Disk => 4,
            Kind::Memory => 2,
            Kind::Forks => 2,
        }
    }
}

/// Hogs that run until this is dropped.
pub struct Hogs {
    children: Vec<Child>,
}

impl Hogs {
    pub fn start(kind: Kind, folder: &Path) -> Hogs {
        let children = (0..kind.count())
            .map(|_| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["role", "hog", kind.name()])
                    .arg(folder)
                    .stdin(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        Hogs { children }
    }

    pub fn pids(&self) -> Vec<i32> {
        self.children.iter().map(|c| c.id() as i32).collect()
    }

    /// Hogs that have ended although nobody ended them.
    pub fn dead(&mut self) -> usize {
        self.children
            .iter_mut()
            .filter_map(|child| child.try_wait().unwrap())
            .count()
    }
}

impl Drop for Hogs {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What a hog does until it is ended; it ends by itself when its parent does.
pub fn work(kind: Kind, folder: &Path) {
    let parent = rustix::process::getppid();
    let orphaned = || rustix::process::getppid() != parent;
    match kind {
        Kind::Cpu => spin(orphaned),
        Kind::Sessions => {
            rustix::process::setsid().unwrap();
            spin(orphaned);
        }
        Kind::Disk => write_directly(folder, orphaned),
        Kind::Memory => read_all(folder, orphaned),
        Kind::Forks => {
            rustix::process::setsid().unwrap();
            while !orphaned() {
                let mut batch: Vec<Child> = (0..8)
                    .filter_map(|_| Command::new("true").stdin(Stdio::null()).spawn().ok())
                    .collect();
                for child in &mut batch {
                    let _ = child.wait();
                }
            }
        }
    }
}

fn spin(orphaned: impl Fn() -> bool) {
    let mut sum = 0u64;
    while !orphaned() {
        for _ in 0..1_000_000 {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
    }
}

fn write_directly(folder: &Path, orphaned: impl Fn() -> bool) {
    const BLOCK: usize = 1 << 20;
    const FILE_BLOCKS: u64 = 64;
    let path = folder.join(format!("hog-{}", std::process::id()));
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::DIRECT;
    let file = rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR)
        // A file system without direct writes: synchronous ones.
        .or_else(|_| {
            let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::DSYNC;
            rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR)
        })
        .unwrap();
    let raw = vec![7u8; BLOCK + 4096];
    let start = raw.as_ptr().align_offset(4096);
    let block = &raw[start..start + BLOCK];
    let mut at = 0u64;
    while !orphaned() {
        let _ = rustix::io::pwrite(&file, block, (at % FILE_BLOCKS) * BLOCK as u64);
        at += 1;
    }
}

fn read_all(folder: &Path, orphaned: impl Fn() -> bool) {
    let file = std::fs::File::open(folder.join("big")).unwrap();
    let length = file.metadata().unwrap().len();
    let mut buffer = vec![0u8; 1 << 20];
    let mut at = 0u64;
    while !orphaned() {
        // Twice: what is read once only is given up before what others use.
        for _ in 0..2 {
            let _ = rustix::io::pread(&file, &mut buffer, at);
        }
        at = (at + buffer.len() as u64) % length;
    }
}
