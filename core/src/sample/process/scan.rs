//! The native scan: lists /proc and reads each process through kept-open files. Per
//! process and tick it costs one `pread` (two with `io`) and no memory.

use rustix::io::Errno;

use super::details::DetailsReader;
use super::extra::{self, Chosen};
use super::files::{LINE_BYTES, ProcFiles};
use super::known::{Facts, Known, fill, read_io, update_details};
use super::listing::Listing;
use super::stat;
use super::trouble::Troubles;
use super::users::Users;
use super::{ProcessSample, ProcessSettings, ProcessTable};
use crate::error::{Error, Result};
use crate::sample::source::SourceReport;
use crate::sample::{HostFacts, Moment, Roots};

/// Scans between two tries to read a process that refused (hidepid).
const RETRY_SCANS: u64 = 30;

/// Scans in which the details of all processes are read again once, a few in each: a
/// control group, a user or a command line may change without an exec.
const REFRESH_SCANS: usize = 512;

/// Least scans between two readings of one process's extra facts.
const EXTRA_SCANS: u64 = 10;

/// The processes known so far, by pid, and all that is kept for reading them.
#[derive(Debug)]
pub(super) struct NativeScan {
    roots: Roots,
    settings: ProcessSettings,
    files: Option<ProcFiles>,
    listing: Listing,
    details: DetailsReader,
    known: Vec<Known>,
    /// The memory of the list before, for the next change.
    spare: Vec<Known>,
    line: Box<[u8]>,
    io_line: Box<[u8]>,
    extra_text: Vec<u8>,
    /// A row for one more process, when there was none to be read into it last time.
    blank: Option<ProcessSample>,
    chosen: Chosen,
    /// Number of this scan, from 1.
    scan: u64,
    /// When the scan before began.
    previous_seconds: Option<f64>,
    refresh_credit: usize,
    refresh_next: usize,
    troubles: Troubles,
}

impl NativeScan {
    pub(super) fn new(roots: &Roots, settings: ProcessSettings) -> NativeScan {
        let users = Users::new(roots.host(std::path::Path::new("/etc/passwd")));
        NativeScan {
            roots: roots.clone(),
            settings,
            files: None,
            listing: Listing::new(),
            details: DetailsReader::new(users),
            known: Vec::new(),
            spare: Vec::new(),
            line: vec![0; LINE_BYTES].into_boxed_slice(),
            io_line: vec![0; LINE_BYTES].into_boxed_slice(),
            extra_text: Vec::new(),
            blank: None,
            chosen: Chosen::default(),
            scan: 0,
            previous_seconds: None,
            refresh_credit: 0,
            refresh_next: 0,
            troubles: Troubles::default(),
        }
    }

    pub(super) fn set_settings(&mut self, settings: ProcessSettings) {
        self.settings = settings;
        if let Some(files) = &mut self.files {
            if !self.settings.io {
                for known in &mut self.known {
                    files.close(&mut known.io);
                    known.io_bytes = None;
                }
            }
            files.most = self.settings.kept_files;
            close_surplus(files, &mut self.known);
        }
    }

    pub(super) fn report(&self, out: &mut Vec<SourceReport>) {
        self.troubles
            .report(&self.roots.proc_root, self.settings.io, out);
    }

    pub(super) fn read(
        &mut self,
        moment: Moment,
        host: &HostFacts,
        memory_total_bytes: Option<u64>,
        logical_cpus: Option<u32>,
        into: &mut ProcessTable,
    ) -> Result<()> {
        if let Err(error) = self.list() {
            self.troubles = Troubles::of_the_folder(&error);
            return Err(error);
        }
        let now = moment.monotonic_seconds;
        let facts = Facts {
            now,
            elapsed: self
                .previous_seconds
                .map(|before| now - before)
                .filter(|elapsed| *elapsed > 0.0),
            host,
            memory_total_bytes,
            logical_cpus,
        };
        self.previous_seconds = Some(now);
        self.scan += 1;
        self.reconcile();
        self.mark_for_refresh();
        self.troubles = Troubles::default();
        let mut list = std::mem::take(&mut into.list);
        let mut rows = 0;
        for at in 0..self.known.len() {
            if let Some(row) = list.get_mut(rows) {
                rows += usize::from(self.read_process(at, &facts, row));
                continue;
            }
            let mut row = self.blank.take().unwrap_or_default();
            if self.read_process(at, &facts, &mut row) {
                list.push(row);
                rows += 1;
            } else {
                self.blank = Some(row);
            }
        }
        list.truncate(rows);
        self.read_extras(&mut list);
        *into = super::count(list);
        into.interval_seconds = facts.elapsed;
        Ok(())
    }

    /// Lists the pids; opens the folder when it is not open yet.
    fn list(&mut self) -> Result<()> {
        let root = &self.roots.proc_root;
        let files = match &mut self.files {
            Some(files) => files,
            none => none.insert(ProcFiles::open(root, self.settings.kept_files)?),
        };
        self.listing
            .read(files.root(), files.is_procfs())
            .map_err(|errno| Error::io(root, errno))
    }

    /// Makes `known` hold exactly the pids listed. Both are sorted by pid: one walk.
    fn reconcile(&mut self) {
        let pids = &self.listing.pids;
        let same = self.known.iter().map(|known| known.pid);
        if self.known.len() == pids.len() && same.eq(pids.iter().copied()) {
            return;
        }
        let Some(files) = &mut self.files else { return };
        let mut next = std::mem::take(&mut self.spare);
        let mut before = self.known.drain(..).peekable();
        for pid in pids {
            while let Some(gone) = before.next_if(|known| known.pid < *pid) {
                forget(files, gone);
            }
            let known = before.next_if(|known| known.pid == *pid);
            next.push(known.unwrap_or_else(|| Known::new(*pid)));
        }
        before.for_each(|gone| forget(files, gone));
        self.spare = std::mem::replace(&mut self.known, next);
    }

    fn mark_for_refresh(&mut self) {
        self.refresh_credit += self.known.len();
        while self.refresh_credit >= REFRESH_SCANS {
            self.refresh_credit -= REFRESH_SCANS;
            let at = self.refresh_next % self.known.len().max(1);
            self.refresh_next = at + 1;
            if let Some(known) = self.known.get_mut(at) {
                known.details_due = true;
            }
        }
    }

    /// Writes the row of one process; `false` when it is gone or can't be read, which is
    /// counted.
    fn read_process(&mut self, at: usize, facts: &Facts<'_>, row: &mut ProcessSample) -> bool {
        let mut answer = self.try_process(at, facts, row);
        let Some(files) = &mut self.files else {
            return false;
        };
        if files.starved {
            // The program needs its files more than we do: keep fewer from now on.
            files.starved = false;
            let had_some = files.kept > 0;
            files.most = files.kept / 2;
            close_surplus(files, &mut self.known);
            self.known[at].details_due = true;
            if had_some && matches!(answer, Err(Trouble::System(_))) {
                answer = self.try_process(at, facts, row);
            }
        }
        match answer {
            Ok(()) => self.troubles.read += 1,
            Err(Trouble::Gone) => {}
            Err(Trouble::Refused) => self.troubles.refused += 1,
            Err(Trouble::Malformed) => self.troubles.malformed += 1,
            Err(Trouble::System(errno)) => {
                self.troubles.failed += 1;
                self.troubles.errno = Some(errno);
            }
        }
        answer.is_ok()
    }

    fn try_process(
        &mut self,
        at: usize,
        facts: &Facts<'_>,
        row: &mut ProcessSample,
    ) -> std::result::Result<(), Trouble> {
        let files = self.files.as_mut().ok_or(Trouble::Gone)?;
        let known = &mut self.known[at];
        if known.retry_at > self.scan {
            return Err(Trouble::Refused);
        }
        let line = match files.read_line(known.pid, "stat", &mut known.stat, &mut self.line) {
            Ok(line) => line,
            Err(errno) => {
                let trouble = Trouble::from(errno);
                if matches!(trouble, Trouble::Refused) {
                    known.retry_at = self.scan + RETRY_SCANS;
                }
                return Err(trouble);
            }
        };
        let stat = stat::parse(line).ok_or(Trouble::Malformed)?;
        if known.start_time_ticks != stat.start_time_ticks && known.read_in > 0 {
            // The pid was given to another process.
            let kept = known.stat.take();
            files.close(&mut known.io);
            *known = Known::new(known.pid);
            known.stat = kept;
        }
        known.start_time_ticks = stat.start_time_ticks;
        update_details(&mut self.details, files, known, &stat, facts.now);
        let io_bytes = if self.settings.io && !known.io_refused {
            read_io(files, known, &mut self.io_line)
        } else {
            None
        };
        self.troubles.io_refused += usize::from(known.io_refused);
        // A rate needs the reading of the scan just before this one.
        let elapsed = facts.elapsed.filter(|_| known.read_in + 1 == self.scan);
        fill(row, known, &stat, io_bytes, elapsed, facts);
        known.read_in = self.scan;
        known.cpu_ticks = stat.cpu_ticks;
        known.children_cpu_ticks = stat.children_cpu_ticks;
        known.io_bytes = io_bytes;
        Ok(())
    }

    fn read_extras(&mut self, list: &mut [ProcessSample]) {
        self.chosen.choose(list, self.settings.extra_count);
        let Some(files) = &mut self.files else { return };
        for row in &self.chosen.rows {
            let row = &mut list[*row as usize];
            let at = self.known.binary_search_by_key(&row.pid, |known| known.pid);
            let Some(known) = at.ok().and_then(|at| self.known.get_mut(at)) else {
                continue;
            };
            if known.extra.is_none() || known.extra_due <= self.scan {
                // The first wait differs, so that not all fall due in one scan.
                let spread = match known.extra {
                    None => u64::from(known.pid.unsigned_abs()) % EXTRA_SCANS,
                    Some(_) => 0,
                };
                known.extra_due = self.scan + EXTRA_SCANS + spread;
                known.extra = Some(extra::read(files, known.pid, &mut self.extra_text));
            }
            row.extra = known.extra;
        }
    }
}

/// Why a process has no row.
enum Trouble {
    Gone,
    Refused,
    Malformed,
    System(Errno),
}

impl From<Errno> for Trouble {
    fn from(errno: Errno) -> Trouble {
        match errno {
            Errno::NOENT | Errno::SRCH | Errno::NOTDIR => Trouble::Gone,
            Errno::ACCESS | Errno::PERM => Trouble::Refused,
            other => Trouble::System(other),
        }
    }
}

fn forget(files: &mut ProcFiles, mut gone: Known) {
    files.close(&mut gone.stat);
    files.close(&mut gone.io);
}

/// Closes the kept files beyond the most that may be kept, the last ones first.
fn close_surplus(files: &mut ProcFiles, known: &mut [Known]) {
    for known in known.iter_mut().rev() {
        if files.kept <= files.most {
            return;
        }
        files.close(&mut known.io);
        files.close(&mut known.stat);
    }
}
