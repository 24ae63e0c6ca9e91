//! The sampler: calls every reader once for each sample and measures what that costs.

use std::sync::Arc;
use std::time::Duration;

use super::battery::PowerReader;
use super::cpu::CpuReader;
use super::disk::DiskReader;
use super::filesystem::FilesystemReader;
use super::hardening::HardeningReader;
use super::host::read_host_facts;
use super::kernel::KernelReader;
use super::limits_reader::LimitsReader;
use super::memory::MemoryReader;
use super::network::NetworkReader;
use super::pressure::PressureReader;
use super::process::{ProcessScanner, ProcessSettings, ProcessTable};
use super::security::SecurityReader;
use super::sensors::SensorReader;
use super::source::{Availability, KeptFile, SourceReport};
use super::{HostFacts, Moment, Roots, Sample, Tick, parse};
use crate::error::Result;
use crate::sys;

/// What a sampler reads, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplerSettings {
    /// Where the kernel's files are.
    pub roots: Roots,
    /// Read each processor's frequency.
    pub cpu_frequency: bool,
    /// Scan the processes; without it the table is empty and marked stale.
    pub scan_processes: bool,
    /// How the processes are scanned.
    pub processes: ProcessSettings,
    /// How long a tick waits for a file system or sensor that does not answer.
    pub slow_source_deadline: Duration,
    /// Planned time between two samples; the base of the budget.
    pub interval: Duration,
    /// Most that a sampler may cost, percent of one core; beyond it processes are scanned
    /// less often.
    pub overhead_budget_percent: f64,
}

impl Default for SamplerSettings {
    fn default() -> SamplerSettings {
        SamplerSettings {
            roots: Roots::default(),
            cpu_frequency: false,
            scan_processes: true,
            processes: ProcessSettings::default(),
            slow_source_deadline: Duration::from_millis(250),
            interval: Duration::from_secs(1),
            overhead_budget_percent: 1.0,
        }
    }
}

/// Ticks between two looks at which sources can be read.
const REPORT_EVERY: u64 = 30;

/// Most ticks between two scans of the processes.
const MOST_TICKS_BETWEEN_SCANS: u32 = 60;

/// Reads the host. It keeps files open: use and drop it on one thread where that thread has
/// a file-descriptor table of its own.
pub struct Sampler {
    settings: SamplerSettings,
    host: Arc<HostFacts>,
    cpu: CpuReader,
    memory: MemoryReader,
    pressure: PressureReader,
    disks: DiskReader,
    filesystems: FilesystemReader,
    network: NetworkReader,
    sensors: SensorReader,
    power: PowerReader,
    limits: LimitsReader,
    kernel: KernelReader,
    hardening: HardeningReader,
    security: SecurityReader,
    processes: ProcessScanner,
    own_statm: KeptFile,
    buffer: Vec<u8>,
    sequence: u64,
    previous: Option<Moment>,
    previous_cpu_seconds: Option<f64>,
    /// CPU seconds of a process scan, smoothed.
    scan_cpu_seconds: f64,
    /// CPU seconds of everything else in a tick, smoothed.
    rest_cpu_seconds: f64,
    scan_every: u32,
    next_scan_in: u32,
    unavailable: Arc<[SourceReport]>,
}

impl std::fmt::Debug for Sampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sampler")
            .field("settings", &self.settings)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Sampler {
    /// # Errors
    /// `NotFound`, `PermissionDenied` or `InvalidArgument` when the proc root is not a folder
    /// that can be listed.
    pub fn new(settings: SamplerSettings) -> Result<Sampler> {
        settings.roots.check()?;
        let roots = &settings.roots;
        let deadline = settings.slow_source_deadline;
        Ok(Sampler {
            host: Arc::new(read_host_facts(roots)),
            cpu: CpuReader::new(roots, settings.cpu_frequency),
            memory: MemoryReader::new(roots),
            pressure: PressureReader::new(roots),
            disks: DiskReader::new(roots),
            filesystems: FilesystemReader::new(roots, deadline),
            network: NetworkReader::new(roots),
            sensors: SensorReader::new(roots, deadline),
            power: PowerReader::new(roots),
            limits: LimitsReader::new(roots),
            kernel: KernelReader::new(roots),
            hardening: HardeningReader::new(roots),
            security: SecurityReader::new(roots, deadline),
            processes: ProcessScanner::new(roots, settings.processes.clone()),
            own_statm: KeptFile::new("/proc/self/statm".into(), "own memory").with_short_records(),
            buffer: Vec::new(),
            sequence: 0,
            previous: None,
            previous_cpu_seconds: None,
            scan_cpu_seconds: 0.0,
            rest_cpu_seconds: 0.0,
            scan_every: 1,
            next_scan_in: 0,
            unavailable: Arc::default(),
            settings,
        })
    }

    /// Facts of the host.
    pub fn host(&self) -> &Arc<HostFacts> {
        &self.host
    }

    /// Takes up the settings that can change while it runs: frequency, process scan and
    /// budget.
    pub fn set_settings(&mut self, settings: SamplerSettings) {
        self.cpu.set_frequency(settings.cpu_frequency);
        self.processes.set_settings(settings.processes.clone());
        self.settings = SamplerSettings {
            roots: self.settings.roots.clone(),
            slow_source_deadline: self.settings.slow_source_deadline,
            ..settings
        };
    }

    /// Reads everything now. `into` is overwritten; giving back an older sample reuses its
    /// memory. When the processes are not scanned in this tick (see
    /// [`Sampler::scans_processes_next`]), `into.processes` is left as it is, marked stale.
    ///
    /// # Errors
    /// When the proc root can't be listed any more; whatever else can't be read is `None`.
    pub fn sample(&mut self, into: &mut Sample) -> Result<()> {
        self.sample_at(sys::moment(), into)
    }

    /// The same at a moment that is given, for tests and for captured trees.
    ///
    /// # Errors
    /// As [`Sampler::sample`].
    pub fn sample_at(&mut self, moment: Moment, into: &mut Sample) -> Result<()> {
        let started = std::time::Instant::now();
        let cpu_started = sys::thread_cpu_seconds();
        let elapsed_seconds = self
            .previous
            .map(|previous| moment.monotonic_seconds - previous.monotonic_seconds)
            .filter(|seconds| *seconds > 0.0);
        let scans = self.scans_processes_next();
        let tick = Tick {
            moment,
            elapsed_seconds,
            host: &self.host,
        };
        let buffer = &mut self.buffer;

        self.cpu.read(&tick, buffer, &mut into.cpu);
        self.memory.read(&tick, buffer, &mut into.memory);
        self.pressure.read(&tick, buffer, &mut into.pressure);
        self.disks.read(&tick, buffer, &mut into.disks);
        self.network.read(&tick, buffer, &mut into.network);
        self.filesystems.read(&tick, buffer, &mut into.filesystems);
        self.sensors.read(&tick, buffer, &mut into.sensors);
        self.power.read(&tick, buffer, &mut into.power);
        let tasks = into.cpu.load_average.map(|load| load.tasks);
        self.kernel.read(&tick, buffer, tasks, &mut into.kernel);
        self.hardening.read(buffer, &mut into.hardening);
        let cpus = u32::try_from(into.cpu.cores.len())
            .ok()
            .filter(|cpus| *cpus > 0);
        let memory_total = into.memory.total_bytes;
        self.limits
            .read(&tick, buffer, memory_total, cpus, &mut into.limits);

        let cpu_before_scan = sys::thread_cpu_seconds();
        let scan_started = std::time::Instant::now();
        if scans {
            self.processes
                .read(&tick, memory_total, cpus, &mut into.processes)?;
            self.next_scan_in = self.scan_every;
        }
        if !self.settings.scan_processes {
            into.processes = ProcessTable::default();
        }
        into.processes.stale = !scans;
        self.next_scan_in = self.next_scan_in.saturating_sub(1);
        let cpu_after_scan = match scans {
            true => sys::thread_cpu_seconds(),
            false => cpu_before_scan,
        };
        self.security.read(
            &tick,
            self.network.listening(),
            &into.processes,
            &mut self.buffer,
            &mut into.security,
        );
        into.overhead.process_scan_seconds = scans.then(|| scan_started.elapsed().as_secs_f64());

        self.sequence += 1;
        if self.sequence % REPORT_EVERY == 1 {
            self.look_at_sources();
        }
        into.sequence = self.sequence;
        into.moment = moment;
        into.interval_seconds = elapsed_seconds;
        into.host = self.host.clone();
        into.unavailable = self.unavailable.clone();
        self.previous = Some(moment);

        // The first tick opens everything and tells nothing of those after it.
        if self.sequence > 1 {
            let scan_cost = since(cpu_before_scan, cpu_after_scan).filter(|_| scans);
            self.keep_budget(since(cpu_started, cpu_before_scan), scan_cost);
        }
        into.overhead.sample_seconds = started.elapsed().as_secs_f64();
        into.overhead.sample_cpu_seconds = since(cpu_started, cpu_after_scan);
        let library_cpu_seconds = sys::library_cpu_seconds();
        into.overhead.cpu_core_percent = elapsed_seconds
            .zip(since(self.previous_cpu_seconds, library_cpu_seconds))
            .map(|(seconds, cpu)| 100.0 * cpu / seconds);
        self.previous_cpu_seconds = library_cpu_seconds;
        into.overhead.process_rss_bytes = self.own_rss_bytes();
        into.overhead.process_scan_every = self.scan_every;
        Ok(())
    }

    /// Whether the next sample scans the processes; if not, the caller should hand in a
    /// sample that holds the last table.
    pub fn scans_processes_next(&self) -> bool {
        self.settings.scan_processes && self.next_scan_in == 0
    }

    /// Every source and whether it can be read; complete after the first sample.
    pub fn sources(&self) -> Vec<SourceReport> {
        let mut out = Vec::new();
        self.cpu.report(&mut out);
        self.memory.report(&mut out);
        self.pressure.report(&mut out);
        self.disks.report(&mut out);
        self.network.report(&mut out);
        self.filesystems.report(&mut out);
        self.sensors.report(&mut out);
        self.power.report(&mut out);
        self.limits.report(&mut out);
        self.kernel.report(&mut out);
        self.hardening.report(&mut out);
        self.security.report(&mut out);
        self.processes.report(&mut out);
        out
    }

    fn look_at_sources(&mut self) {
        let mut reports = self.sources();
        reports.retain(|r| {
            !matches!(
                r.availability,
                Availability::Available | Availability::Unknown
            )
        });
        if *self.unavailable != *reports {
            self.unavailable = reports.into();
        }
    }

    /// Scans less often when scan and rest together would exceed the budget, and more often
    /// again when they would not.
    fn keep_budget(&mut self, rest: Option<f64>, scan: Option<f64>) {
        let smooth = |old: f64, new: f64| {
            if old == 0.0 {
                new
            } else {
                old + 0.2 * (new - old)
            }
        };
        if let Some(rest) = rest {
            self.rest_cpu_seconds = smooth(self.rest_cpu_seconds, rest);
        }
        if let Some(scan) = scan {
            self.scan_cpu_seconds = smooth(self.scan_cpu_seconds, scan);
        }
        let allowed =
            self.settings.interval.as_secs_f64() * self.settings.overhead_budget_percent / 100.0;
        // What other work takes comes off first, but the scan keeps a tenth of the budget.
        let for_scans = (allowed - self.rest_cpu_seconds).max(allowed / 10.0);
        let every = (self.scan_cpu_seconds / for_scans).ceil();
        self.scan_every = (every as u32).clamp(1, MOST_TICKS_BETWEEN_SCANS);
        self.next_scan_in = self.next_scan_in.min(self.scan_every - 1);
    }

    fn own_rss_bytes(&mut self) -> Option<u64> {
        let text = self.own_statm.read(&mut self.buffer)?;
        let pages = parse::words(text).nth(1).and_then(parse::number)?;
        pages.checked_mul(self.host.page_size_bytes)
    }
}

/// CPU time between two readings.
fn since(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    Some((after? - before?).max(0.0))
}
