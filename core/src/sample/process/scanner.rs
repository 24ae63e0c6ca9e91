//! The seam of the process scan: whichever reader does it, the same table comes out.

#[cfg(any(feature = "sysinfo-backend", not(target_os = "linux"), test))]
use super::by_sysinfo::SysinfoScan;
#[cfg(target_os = "linux")]
use super::scan::NativeScan;
use super::{ProcessBackend, ProcessSettings, ProcessTable};
use crate::error::{Error, Result};
use crate::sample::source::SourceReport;
use crate::sample::{HostFacts, Moment, Roots, Tick};

/// Reads all processes, each tick into the same table.
///
/// It holds open files; use and drop it on one thread when that thread has a file table
/// of its own.
///
/// ```
/// use usm_core::sample::{HostFacts, Moment, ProcessScanner, ProcessSettings, ProcessTable, Roots};
///
/// let host = HostFacts {
///     page_size_bytes: 4096,
///     clock_ticks_per_second: 100,
///     ..HostFacts::default()
/// };
/// let mut scanner = ProcessScanner::new(&Roots::default(), ProcessSettings::default());
/// let mut table = ProcessTable::default();
/// scanner.scan(Moment::default(), &host, &mut table)?;
/// assert_eq!(table.total, table.list.len());
/// # Ok::<(), usm_core::Error>(())
/// ```
#[derive(Debug)]
pub struct ProcessScanner {
    roots: Roots,
    settings: ProcessSettings,
    reader: Reader,
}

#[derive(Debug)]
enum Reader {
    #[cfg(target_os = "linux")]
    Native(Box<NativeScan>),
    #[cfg(any(feature = "sysinfo-backend", not(target_os = "linux"), test))]
    Sysinfo(Box<SysinfoScan>),
    Missing(&'static str),
}

impl Reader {
    fn new(roots: &Roots, settings: &ProcessSettings) -> Reader {
        let native = match settings.backend {
            ProcessBackend::Auto => cfg!(target_os = "linux"),
            ProcessBackend::Native => true,
            ProcessBackend::Sysinfo => false,
        };
        if native {
            #[cfg(target_os = "linux")]
            return Reader::Native(Box::new(NativeScan::new(roots, settings.clone())));
            #[cfg(not(target_os = "linux"))]
            return Reader::Missing("the native process scan is for Linux");
        }
        #[cfg(any(feature = "sysinfo-backend", not(target_os = "linux"), test))]
        return match cfg!(target_os = "linux") && !roots.is_live() {
            true => Reader::Missing("the sysinfo backend reads /proc itself, no other root"),
            false => Reader::Sysinfo(Box::new(SysinfoScan::new(settings.clone()))),
        };
        #[cfg(not(any(feature = "sysinfo-backend", not(target_os = "linux"), test)))]
        Reader::Missing("the sysinfo backend was not compiled in (feature sysinfo-backend)")
    }
}

impl ProcessScanner {
    /// A scanner of the processes below the given roots. Nothing is opened yet.
    pub fn new(roots: &Roots, settings: ProcessSettings) -> ProcessScanner {
        ProcessScanner {
            roots: roots.clone(),
            reader: Reader::new(roots, &settings),
            settings,
        }
    }

    /// Reads all processes into `into`, whose memory is used again: nothing is allocated while
    /// the processes stay the same. Rates are over the time since this scanner's previous
    /// scan; memory and processors are those of `host`.
    ///
    /// # Errors
    /// When the folder of the processes can't be listed (`into` is left as it was), and
    /// `Unsupported` when the backend asked for does not exist here. What can't be read of
    /// single processes is left out or `None`, and told by [`report`](Self::report).
    pub fn scan(
        &mut self,
        moment: Moment,
        host: &HostFacts,
        into: &mut ProcessTable,
    ) -> Result<()> {
        self.read_at(
            moment,
            host,
            host.memory_total_bytes,
            host.logical_cpus,
            into,
        )
    }

    /// The same within a tick, with the memory and the processors just read.
    pub(crate) fn read(
        &mut self,
        tick: &Tick<'_>,
        memory_total_bytes: Option<u64>,
        logical_cpus: Option<u32>,
        into: &mut ProcessTable,
    ) -> Result<()> {
        self.read_at(
            tick.moment,
            tick.host,
            memory_total_bytes,
            logical_cpus,
            into,
        )
    }

    fn read_at(
        &mut self,
        moment: Moment,
        host: &HostFacts,
        memory_total_bytes: Option<u64>,
        logical_cpus: Option<u32>,
        into: &mut ProcessTable,
    ) -> Result<()> {
        match &mut self.reader {
            #[cfg(target_os = "linux")]
            Reader::Native(scan) => scan.read(moment, host, memory_total_bytes, logical_cpus, into),
            #[cfg(any(feature = "sysinfo-backend", not(target_os = "linux"), test))]
            Reader::Sysinfo(scan) => {
                scan.read(moment, host, memory_total_bytes, logical_cpus, into)
            }
            Reader::Missing(why) => Err(Error::Unsupported((*why).to_string())),
        }
    }

    /// Appends what became of the sources in the last scan.
    pub fn report(&self, out: &mut Vec<SourceReport>) {
        match &self.reader {
            #[cfg(target_os = "linux")]
            Reader::Native(scan) => scan.report(out),
            #[cfg(any(feature = "sysinfo-backend", not(target_os = "linux"), test))]
            Reader::Sysinfo(scan) => scan.report(out),
            Reader::Missing(why) => out.push(SourceReport {
                source: "processes".to_string(),
                gives: "processes".to_string(),
                availability: crate::sample::Availability::Absent,
                reason: Some((*why).to_string()),
            }),
        }
    }

    /// Changes what is read from the next scan on. What is known of the processes is kept,
    /// unless the backend changes.
    pub fn set_settings(&mut self, settings: ProcessSettings) {
        let same = self.settings.backend == settings.backend;
        self.settings = settings.clone();
        match &mut self.reader {
            #[cfg(target_os = "linux")]
            Reader::Native(scan) if same => scan.set_settings(settings),
            #[cfg(any(feature = "sysinfo-backend", not(target_os = "linux"), test))]
            Reader::Sysinfo(scan) if same => scan.set_settings(settings),
            reader => *reader = Reader::new(&self.roots, &settings),
        }
    }
}
