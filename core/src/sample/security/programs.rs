//! Running programs of which something is out of the ordinary: the executable is gone, lies
//! where anybody can put one or was never a file, runs with another user's rights, or is
//! named like a thread of the kernel.
//!
//! Each process is looked at once, a few in each tick, when it has been there for some
//! seconds; then slowly again, since a file can be deleted and a program can become another.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::kernel_names::resembles_kernel_thread;
use crate::sample::parse::{lines, number, words};
use crate::sample::process::escape_into;
use crate::sample::source::{availability_of, read_once};
use crate::sample::{Availability, ProcessDetails, ProcessSample, Roots, SourceReport, Tick};

/// Looks in the first tick, which opens everything anyway.
const FIRST_LOOKS: usize = 256;
/// Most first looks at processes in each further tick.
const LOOKS: usize = 8;
/// Scans in which all processes are looked at again once.
const AGAIN_SCANS: usize = 128;
/// Seconds that a process must have been there: most end before, and what runs a build makes
/// hundreds.
const LEAST_AGE_SECONDS: f64 = 3.0;
/// Most programs that are listed.
const MOST_PROGRAMS: usize = 64;
/// Longest link that the kernel writes.
const LINK_BYTES: usize = 4096;

/// Where an executable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgramPlace {
    /// It may not be read.
    #[default]
    Unknown,
    /// Anywhere else.
    Usual,
    /// In a folder where every user may put files: `/tmp`, `/var/tmp`, `/dev/shm`.
    TemporaryFolder,
    /// In memory, never in a file (`memfd_create`).
    Memory,
}

/// A program of which something is out of the ordinary; of processes that are the same in all
/// of it the one with the lowest pid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NotableProgram {
    /// Process id.
    pub pid: i32,
    /// Start in clock ticks after boot.
    pub start_time_ticks: u64,
    /// Name of the program (`comm`).
    pub name: Arc<str>,
    /// Path of the executable, or the name of the memory that it is in.
    pub executable: Option<Arc<str>>,
    /// Where that is.
    pub place: ProgramPlace,
    /// The file has been deleted or replaced since it was started.
    pub is_deleted: bool,
    /// User id of whoever started it.
    pub real_uid: Option<u32>,
    /// User id whose rights it has.
    pub effective_uid: Option<u32>,
    /// What it calls itself, when that is a name of the kernel's own threads and it is none.
    pub kernel_name: Option<Arc<str>>,
}

/// What was seen of the running programs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProgramSample {
    /// Those of which something is out of the ordinary, by pid.
    pub notable: Vec<NotableProgram>,
    /// There are more of them than are listed.
    pub is_cut: bool,
    /// The executables of some processes may not be read: of these only names and user ids
    /// are known.
    pub some_refused: bool,
}

/// Looks at the processes of each scan.
#[derive(Debug, Default)]
pub(super) struct ProgramReader {
    known: Vec<Known>,
    /// The memory of the list before, for the next change.
    spare: Vec<Known>,
    /// Some were not looked at yet.
    is_open: bool,
    has_looked: bool,
    again_credit: usize,
    again_next: usize,
    path: Vec<u8>,
    sample: Option<Arc<ProgramSample>>,
    /// Why the last executable that was refused can't be read.
    refusal: Option<Errno>,
}

/// One process.
#[derive(Debug)]
struct Known {
    pid: i32,
    start_time_ticks: u64,
    details: Arc<ProcessDetails>,
    looked: bool,
    refused: bool,
    notable: Option<Box<NotableProgram>>,
}

impl ProgramReader {
    /// Takes up a fresh scan.
    pub(super) fn read(
        &mut self,
        tick: &Tick<'_>,
        list: &[ProcessSample],
        roots: &Roots,
        buffer: &mut Vec<u8>,
    ) -> Option<&Arc<ProgramSample>> {
        let mut has_changed = self.sample.is_none() | self.follow(list);
        if self.is_open {
            let budget = match self.has_looked {
                true => LOOKS,
                false => FIRST_LOOKS,
            };
            has_changed |= self.look_at_new(tick, list, budget, roots, buffer);
            self.has_looked = true;
        }
        has_changed |= self.look_again(list, roots, buffer);
        if has_changed {
            self.gather();
        }
        self.sample.as_ref()
    }

    /// What was seen last, without a scan.
    pub(super) fn last(&self) -> Option<&Arc<ProgramSample>> {
        self.sample.as_ref()
    }

    pub(super) fn report(&self, roots: &Roots, out: &mut Vec<SourceReport>) {
        let (availability, reason) = match (&self.sample, self.refusal) {
            (Some(sample), Some(errno)) if sample.some_refused => (
                availability_of(errno),
                Some(format!(
                    "refused for some processes: {}",
                    std::io::Error::from(errno)
                )),
            ),
            (Some(_), _) => (Availability::Available, None),
            (None, _) => (Availability::Unknown, None),
        };
        out.push(SourceReport {
            source: roots.proc("PID/exe").display().to_string(),
            gives: "executables of processes".into(),
            availability,
            reason,
        });
    }

    /// Makes `known` hold exactly the processes of the list, which go by pid; true when one
    /// that was notable or refused is gone.
    fn follow(&mut self, list: &[ProcessSample]) -> bool {
        let is_same = self.known.len() == list.len()
            && self
                .known
                .iter()
                .zip(list)
                .all(|(known, row)| known.is(row) && Arc::ptr_eq(&known.details, &row.details));
        if is_same {
            return false;
        }
        let mut next = std::mem::take(&mut self.spare);
        let mut has_changed = false;
        let counts = |known: &Known| known.refused || known.notable.is_some();
        let mut before = self.known.drain(..).peekable();
        for row in list {
            while let Some(gone) = before.next_if(|known| known.pid < row.pid) {
                has_changed |= counts(&gone);
            }
            match before.next_if(|known| known.pid == row.pid) {
                Some(mut known) if known.is(row) => {
                    if !Arc::ptr_eq(&known.details, &row.details) {
                        // Another program, user or name.
                        known.details = row.details.clone();
                        known.looked = false;
                        self.is_open = true;
                    }
                    next.push(known);
                }
                gone => {
                    has_changed |= gone.as_ref().is_some_and(counts);
                    self.is_open = true;
                    next.push(Known::new(row));
                }
            }
        }
        has_changed |= before.fold(false, |any, gone| any | counts(&gone));
        self.spare = std::mem::replace(&mut self.known, next);
        has_changed
    }

    fn look_at_new(
        &mut self,
        tick: &Tick<'_>,
        list: &[ProcessSample],
        mut budget: usize,
        roots: &Roots,
        buffer: &mut Vec<u8>,
    ) -> bool {
        let ticks_per_second = tick.host.clock_ticks_per_second.max(1) as f64;
        let now = tick.moment.monotonic_seconds;
        let mut has_changed = false;
        self.is_open = false;
        for (at, row) in list.iter().enumerate() {
            let Some(known) = self.known.get_mut(at).filter(|known| !known.looked) else {
                continue;
            };
            if row.details.is_kernel_thread {
                // The kernel has no executable, and nobody else gets its mark.
                known.looked = true;
                has_changed |= known.set(false, None);
                continue;
            }
            let age = now - row.start_time_ticks as f64 / ticks_per_second;
            // A clock that runs elsewhere (a captured tree) tells nothing of the age.
            if budget == 0 || (0.0..LEAST_AGE_SECONDS).contains(&age) {
                self.is_open = true;
                continue;
            }
            budget -= 1;
            known.looked = true;
            has_changed |= look(
                known,
                row,
                true,
                roots,
                &mut self.path,
                buffer,
                &mut self.refusal,
            );
        }
        has_changed
    }

    fn look_again(&mut self, list: &[ProcessSample], roots: &Roots, buffer: &mut Vec<u8>) -> bool {
        let mut has_changed = false;
        self.again_credit = (self.again_credit + list.len()).min(LOOKS * AGAIN_SCANS);
        while self.again_credit >= AGAIN_SCANS {
            self.again_credit -= AGAIN_SCANS;
            let at = self.again_next % list.len().max(1);
            self.again_next = at + 1;
            let (Some(known), Some(row)) = (self.known.get_mut(at), list.get(at)) else {
                continue;
            };
            if known.looked && !row.details.is_kernel_thread {
                has_changed |= look(
                    known,
                    row,
                    false,
                    roots,
                    &mut self.path,
                    buffer,
                    &mut self.refusal,
                );
            }
        }
        has_changed
    }

    /// Makes the sample of what is known, unless it is as before.
    fn gather(&mut self) {
        let mut sample = ProgramSample::default();
        for known in &self.known {
            sample.some_refused |= known.refused;
            let Some(program) = &known.notable else {
                continue;
            };
            if sample.notable.iter().any(|listed| listed.is_like(program)) {
                continue;
            }
            if sample.notable.len() == MOST_PROGRAMS {
                sample.is_cut = true;
                continue;
            }
            sample.notable.push((**program).clone());
        }
        if self.sample.as_deref() != Some(&sample) {
            self.sample = Some(sample.into());
        }
    }
}

impl Known {
    fn new(row: &ProcessSample) -> Known {
        Known {
            pid: row.pid,
            start_time_ticks: row.start_time_ticks,
            details: row.details.clone(),
            looked: false,
            refused: false,
            notable: None,
        }
    }

    fn is(&self, row: &ProcessSample) -> bool {
        self.pid == row.pid && self.start_time_ticks == row.start_time_ticks
    }

    /// Keeps what was seen; true when it is not what was known.
    fn set(&mut self, refused: bool, notable: Option<Box<NotableProgram>>) -> bool {
        let has_changed = self.refused != refused || self.notable != notable;
        self.refused = refused;
        self.notable = notable;
        has_changed
    }
}

impl NotableProgram {
    /// All that matters is the same; only the process is another.
    fn is_like(&self, other: &NotableProgram) -> bool {
        let key = |p: &NotableProgram| (p.place, p.is_deleted, p.real_uid, p.effective_uid);
        let is_named_alike = match (&self.executable, &other.executable) {
            (None, None) => self.name == other.name,
            (one, two) => one == two,
        };
        is_named_alike && key(self) == key(other) && self.kernel_name == other.kernel_name
    }
}

/// Looks at one process; true when it is not what was known. The user ids are read only where
/// `with_users` says so, or the executable became another.
fn look(
    known: &mut Known,
    row: &ProcessSample,
    with_users: bool,
    roots: &Roots,
    path: &mut Vec<u8>,
    buffer: &mut Vec<u8>,
    refusal: &mut Option<Errno>,
) -> bool {
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;
    path.clear();
    path.extend_from_slice(roots.proc_root.as_os_str().as_bytes());
    // Writing to memory does not fail.
    let _ = write!(path, "/{}/exe", row.pid);
    let mut link = [std::mem::MaybeUninit::<u8>::uninit(); LINK_BYTES];
    let answer = rustix::fs::readlinkat_raw(rustix::fs::CWD, &*path, &mut link[..]);
    let (executable, refused) = match &answer {
        Ok((link, _)) => (Executable::of(link), false),
        Err(errno @ (Errno::ACCESS | Errno::PERM)) => {
            *refusal = Some(*errno);
            (Executable::default(), true)
        }
        // Ended, or a captured tree without links.
        Err(_) => (Executable::default(), false),
    };
    let before = known.notable.as_deref();
    let is_same_file = match before {
        Some(before) => before.executable.as_deref().map(str::as_bytes) == executable.path,
        None => !executable.is_notable(),
    };
    let users = match before {
        Some(before) if is_same_file && !with_users => (before.real_uid, before.effective_uid),
        None if is_same_file && !with_users => (None, None),
        _ => users(path, buffer),
    };
    let details = &row.details;
    let title = details.command_line.as_deref().unwrap_or_default();
    let title = title.split(' ').next().unwrap_or_default();
    let kernel_name = [&*details.name, title]
        .into_iter()
        .find(|name| resembles_kernel_thread(name));
    let is_notable = executable.is_notable() || users.0 != users.1 || kernel_name.is_some();
    if !is_notable {
        return known.set(refused, None);
    }
    let notable = NotableProgram {
        pid: row.pid,
        start_time_ticks: row.start_time_ticks,
        name: details.name.clone(),
        executable: executable.path.map(|path| {
            let mut text = String::new();
            escape_into(path, &mut text);
            text.into()
        }),
        place: executable.place,
        is_deleted: executable.is_deleted,
        real_uid: users.0,
        effective_uid: users.1,
        kernel_name: kernel_name.map(Arc::from),
    };
    known.set(refused, Some(Box::new(notable)))
}

/// What the link `exe` says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Executable<'a> {
    path: Option<&'a [u8]>,
    place: ProgramPlace,
    is_deleted: bool,
}

impl<'a> Executable<'a> {
    fn of(link: &'a [u8]) -> Executable<'a> {
        let (path, is_deleted) = match link.strip_suffix(b" (deleted)") {
            Some(path) => (path, true),
            None => (link, false),
        };
        if let (true, Some(name)) = (is_deleted, path.strip_prefix(b"/memfd:")) {
            // It never had a name in a folder, so nobody deleted it.
            return Executable {
                path: Some(name),
                place: ProgramPlace::Memory,
                is_deleted: false,
            };
        }
        const TEMPORARY: [&[u8]; 4] = [b"/tmp/", b"/var/tmp/", b"/dev/shm/", b"/run/shm/"];
        let is_temporary = TEMPORARY.iter().any(|folder| path.starts_with(folder));
        Executable {
            path: Some(path),
            place: match is_temporary {
                true => ProgramPlace::TemporaryFolder,
                false => ProgramPlace::Usual,
            },
            is_deleted,
        }
    }

    fn is_notable(&self) -> bool {
        self.is_deleted
            || matches!(
                self.place,
                ProgramPlace::TemporaryFolder | ProgramPlace::Memory
            )
    }
}

/// The real and the effective user id; unknown together. `path` is that of the link `exe`.
fn users(path: &mut Vec<u8>, buffer: &mut Vec<u8>) -> (Option<u32>, Option<u32>) {
    use std::os::unix::ffi::OsStrExt;
    path.truncate(path.len() - "exe".len());
    path.extend_from_slice(b"status");
    let file = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
    let found = read_once(file, buffer).ok().and_then(|status| {
        let line = lines(status).find_map(|line| line.strip_prefix(b"Uid:"))?;
        let mut ids = words(line).map(|word| number(word).and_then(|id| u32::try_from(id).ok()));
        Some((ids.next()??, ids.next()??))
    });
    match found {
        Some((real, effective)) => (Some(real), Some(effective)),
        None => (None, None),
    }
}
