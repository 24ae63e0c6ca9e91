//! Processors: `/proc/stat`, `/proc/loadavg` and, on request, cpufreq.

use serde::{Deserialize, Serialize};

use crate::sample::cpu_frequency::FrequencyReader;
use crate::sample::cpu_ticks::CpuTicks;
use crate::sample::parse::{decimal, lines, number, words};
use crate::sample::rates::per_second_of;
use crate::sample::source::KeptFile;
use crate::sample::{Roots, SourceReport, Tick};

/// Where the time of one processor, or of all together, went. Shares of the whole
/// interval between two samples, 0 to 100; they add up to 100 (guest time is part of
/// user time and not counted twice, as in `user_percent` minus guest).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CpuShares {
    /// Everything but idle and iowait: 100 − idle − iowait.
    pub busy_percent: f64,
    /// Normal processes in user mode, without guests.
    pub user_percent: f64,
    /// Niced processes in user mode, without guests.
    pub nice_percent: f64,
    /// Kernel mode.
    pub system_percent: f64,
    /// Nothing to do.
    pub idle_percent: f64,
    /// Nothing to do while a task of this processor waits for a disk.
    pub iowait_percent: f64,
    /// Hardware interrupts.
    pub irq_percent: f64,
    /// Soft interrupts.
    pub softirq_percent: f64,
    /// Taken by the hypervisor for other machines.
    pub steal_percent: f64,
    /// Virtual processors of guests, niced ones included.
    pub guest_percent: f64,
}

/// Cumulative processor time since boot in seconds, as in `/proc/stat` (there in
/// ticks of 1/USER_HZ). `user` and `nice` include guest time, as the kernel counts it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CpuTimes {
    /// Normal processes in user mode.
    pub user_seconds_total: f64,
    /// Niced processes in user mode.
    pub nice_seconds_total: f64,
    /// Kernel mode.
    pub system_seconds_total: f64,
    /// Idle.
    pub idle_seconds_total: f64,
    /// Idle with a disk read or write outstanding.
    pub iowait_seconds_total: f64,
    /// Hardware interrupts.
    pub irq_seconds_total: f64,
    /// Soft interrupts.
    pub softirq_seconds_total: f64,
    /// Stolen by the hypervisor.
    pub steal_seconds_total: f64,
    /// Guests.
    pub guest_seconds_total: f64,
    /// Niced guests.
    pub guest_nice_seconds_total: f64,
}

/// One processor that is online.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CoreSample {
    /// Number of the processor, as in `cpuN`.
    pub id: u32,
    /// `None` in the first sample, and after the processor came online.
    pub shares: Option<CpuShares>,
    /// Raw counters.
    pub times: CpuTimes,
    /// Current frequency in MHz (`cpufreq/scaling_cur_freq`); only when asked for,
    /// since the read wakes the processor and may take milliseconds.
    pub frequency_mhz: Option<f64>,
}

/// Load averages and run queue: `/proc/loadavg`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LoadAverage {
    /// Mean number of runnable or uninterruptible tasks over 1 minute.
    pub one: f64,
    /// The same over 5 minutes.
    pub five: f64,
    /// The same over 15 minutes.
    pub fifteen: f64,
    /// Tasks that are runnable now (fourth field, before the slash).
    pub runnable: u64,
    /// Tasks that exist now, threads counted (after the slash).
    pub tasks: u64,
}

/// The processors of the machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CpuSample {
    /// All processors together; `None` in the first sample, when a counter went back that
    /// only grows, and when no tick passed.
    pub shares: Option<CpuShares>,
    /// Raw counters of all together; `None` when `/proc/stat` can't be read.
    pub times: Option<CpuTimes>,
    /// Every online processor, by number.
    pub cores: Vec<CoreSample>,
    /// Load averages; `None` when `/proc/loadavg` can't be read.
    pub load_average: Option<LoadAverage>,
    /// Context switches since boot (`ctxt`).
    pub context_switches_total: Option<u64>,
    /// Context switches per second.
    pub context_switches_per_sec: Option<f64>,
    /// Interrupts since boot (`intr`, first number).
    pub interrupts_total: Option<u64>,
    /// Interrupts per second.
    pub interrupts_per_sec: Option<f64>,
    /// Processes and threads made since boot (`processes`).
    pub forks_total: Option<u64>,
    /// Processes and threads made per second.
    pub forks_per_sec: Option<f64>,
    /// Tasks that are running or ready to run (`procs_running`).
    pub runnable: Option<u32>,
    /// Tasks blocked in a disk read or write (`procs_blocked`).
    pub blocked: Option<u32>,
}

/// Reads [`CpuSample`] each tick.
#[derive(Debug)]
pub(crate) struct CpuReader {
    stat: KeptFile,
    loadavg: KeptFile,
    frequency: Option<FrequencyReader>,
    roots: Roots,
    previous: Raw,
    /// Ticks of each processor in the last reading, in the order of the file.
    previous_cores: Vec<(u32, CpuTicks)>,
    cores: Vec<(u32, CpuTicks)>,
}

/// What `/proc/stat` says of the whole machine.
#[derive(Debug, Clone, Copy, Default)]
struct Raw {
    all: Option<CpuTicks>,
    context_switches: Option<u64>,
    interrupts: Option<u64>,
    forks: Option<u64>,
}

impl CpuReader {
    pub(crate) fn new(roots: &Roots, frequency: bool) -> CpuReader {
        let mut reader = CpuReader {
            stat: KeptFile::new(roots.proc("stat"), "processor time, interrupts, forks")
                .with_short_records(),
            loadavg: KeptFile::new(roots.proc("loadavg"), "load averages").with_short_records(),
            frequency: None,
            roots: roots.clone(),
            previous: Raw::default(),
            previous_cores: Vec::new(),
            cores: Vec::new(),
        };
        reader.set_frequency(frequency);
        reader
    }

    /// Whether the frequency of each processor is read too.
    pub(crate) fn set_frequency(&mut self, wanted: bool) {
        match (wanted, &self.frequency) {
            (true, None) => self.frequency = Some(FrequencyReader::new(&self.roots)),
            (true, Some(_)) => {}
            (false, _) => self.frequency = None,
        }
    }

    pub(crate) fn read(&mut self, tick: &Tick<'_>, buffer: &mut Vec<u8>, into: &mut CpuSample) {
        let mut kept = std::mem::take(&mut into.cores);
        kept.clear();
        *into = CpuSample {
            cores: kept,
            ..CpuSample::default()
        };
        self.read_stat(tick, buffer, into);
        into.load_average = self.read_loadavg(buffer);
        if let Some(frequency) = &mut self.frequency {
            frequency.read(buffer, &mut into.cores);
        }
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        out.push(self.stat.report());
        out.push(self.loadavg.report());
        out.extend(self.frequency.iter().map(FrequencyReader::report));
    }

    fn read_stat(&mut self, tick: &Tick<'_>, buffer: &mut Vec<u8>, into: &mut CpuSample) {
        let previous = std::mem::take(&mut self.previous);
        std::mem::swap(&mut self.cores, &mut self.previous_cores);
        self.cores.clear();
        let Some(text) = self.stat.read(buffer) else {
            return;
        };

        let ticks_per_second = tick.host.clock_ticks_per_second;
        let mut raw = Raw::default();
        let mut wrong = false;
        for line in lines(text) {
            let mut words = words(line);
            let Some(key) = words.next() else {
                continue;
            };
            let mut value = || words.next().and_then(number);
            match key {
                b"cpu" => raw.all = CpuTicks::parse(words),
                b"ctxt" => raw.context_switches = value(),
                b"intr" => raw.interrupts = value(),
                b"processes" => raw.forks = value(),
                b"procs_running" => into.runnable = value().and_then(|n| u32::try_from(n).ok()),
                b"procs_blocked" => into.blocked = value().and_then(|n| u32::try_from(n).ok()),
                _ => {
                    let Some(id) = key.strip_prefix(b"cpu") else {
                        continue;
                    };
                    let id = number(id).and_then(|id| u32::try_from(id).ok());
                    match id.zip(CpuTicks::parse(words)) {
                        Some((id, ticks)) => {
                            let shares = tick.elapsed_seconds.and_then(|_| {
                                let earlier = self.earlier(self.cores.len(), id)?;
                                ticks.shares_since(&earlier)
                            });
                            self.cores.push((id, ticks));
                            into.cores.push(CoreSample {
                                id,
                                shares,
                                times: ticks.times(ticks_per_second),
                                frequency_mhz: None,
                            });
                        }
                        None => wrong = true,
                    }
                }
            }
        }
        if raw.all.is_none() || wrong {
            self.stat.malformed("a line of ticks for each `cpu`");
        }

        let elapsed = tick.elapsed_seconds;
        into.times = raw.all.map(|ticks| ticks.times(ticks_per_second));
        into.shares = elapsed.and_then(|_| raw.all?.shares_since(&previous.all?));
        into.context_switches_total = raw.context_switches;
        into.context_switches_per_sec =
            per_second_of(previous.context_switches, raw.context_switches, elapsed);
        into.interrupts_total = raw.interrupts;
        into.interrupts_per_sec = per_second_of(previous.interrupts, raw.interrupts, elapsed);
        into.forks_total = raw.forks;
        into.forks_per_sec = per_second_of(previous.forks, raw.forks, elapsed);
        self.previous = raw;
    }

    /// Ticks of a processor in the last reading, where it most likely stands at place `at`;
    /// after one went offline or came back, by its number (the kernel lists them in order).
    fn earlier(&self, at: usize, id: u32) -> Option<CpuTicks> {
        match self.previous_cores.get(at) {
            Some((same, ticks)) if *same == id => Some(*ticks),
            _ => {
                let found = self
                    .previous_cores
                    .binary_search_by_key(&id, |(known, _)| *known);
                found.ok().map(|at| self.previous_cores[at].1)
            }
        }
    }

    fn read_loadavg(&mut self, buffer: &mut Vec<u8>) -> Option<LoadAverage> {
        let text = self.loadavg.read(buffer)?;
        let parsed = parse_loadavg(text);
        if parsed.is_none() {
            self.loadavg
                .malformed("three averages and `runnable/tasks`");
        }
        parsed
    }
}

/// `0.02 0.04 0.05 1/497 11947`.
fn parse_loadavg(text: &[u8]) -> Option<LoadAverage> {
    let mut words = words(text);
    let mut average = || words.next().and_then(decimal).filter(|load| *load >= 0.0);
    let (one, five, fifteen) = (average()?, average()?, average()?);
    let counts = words.next()?;
    let slash = counts.iter().position(|byte| *byte == b'/')?;
    Some(LoadAverage {
        one,
        five,
        fifteen,
        runnable: number(&counts[..slash])?,
        tasks: number(&counts[slash + 1..])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fixture::{Fixture, assert_cpu_is_sound};
    use crate::sample::source::Availability;
    use proptest::prelude::*;

    const STAT: &str = "cpu  10 0 10 80\ncpu0 5 0 5 40\ncpu1 5 0 5 40\nctxt 100\n";

    fn reader(fixture: &Fixture) -> CpuReader {
        CpuReader::new(&fixture.roots(), false)
    }

    fn read(reader: &mut CpuReader, fixture: &Fixture, elapsed: Option<f64>) -> CpuSample {
        let mut sample = CpuSample::default();
        reader.read(&fixture.tick(elapsed), &mut Vec::new(), &mut sample);
        sample
    }

    #[test]
    fn a_processor_that_goes_offline_and_comes_back_has_no_shares_at_first() {
        let fixture = Fixture::new();
        fixture.write("proc/stat", STAT);
        let mut reader = reader(&fixture);
        read(&mut reader, &fixture, None);

        fixture.write("proc/stat", "cpu  20 0 20 160\ncpu1 10 0 10 80\n");
        let alone = read(&mut reader, &fixture, Some(1.0));
        assert_eq!(alone.cores.len(), 1);
        assert_eq!(alone.cores[0].id, 1);
        assert_eq!(alone.cores[0].shares.unwrap().busy_percent, 20.0);

        fixture.write(
            "proc/stat",
            "cpu  30 0 30 240\ncpu0 6 0 6 48\ncpu1 15 0 15 120\n",
        );
        let both = read(&mut reader, &fixture, Some(1.0));
        assert_eq!(both.cores[0].shares, None);
        assert_eq!(both.cores[1].shares.unwrap().busy_percent, 20.0);
    }

    #[test]
    fn nothing_of_an_older_sample_survives() {
        let fixture = Fixture::new();
        fixture.write("proc/stat", STAT);
        fixture.write("proc/loadavg", "0.5 0.25 0.125 3/120 999\n");
        let mut reader = reader(&fixture);
        let mut sample = CpuSample::default();
        reader.read(&fixture.tick(None), &mut Vec::new(), &mut sample);
        assert_eq!(sample.load_average.unwrap().tasks, 120);
        assert_eq!(sample.context_switches_total, Some(100));

        fixture.write("proc/stat", "");
        fixture.write("proc/loadavg", "no numbers");
        reader.read(&fixture.tick(Some(1.0)), &mut Vec::new(), &mut sample);
        assert_eq!(sample, CpuSample::default());
        let mut reports = Vec::new();
        reader.report(&mut reports);
        for report in &reports {
            assert_eq!(report.availability, Availability::Malformed);
        }

        // After the gap the counters span more than the interval: no rates yet.
        fixture.write("proc/stat", STAT);
        reader.read(&fixture.tick(Some(1.0)), &mut Vec::new(), &mut sample);
        assert_eq!(sample.context_switches_per_sec, None);
        assert_eq!(sample.shares, None);
    }

    #[test]
    fn frequencies_are_read_only_while_they_are_asked_for() {
        let fixture = Fixture::new();
        fixture.write("proc/stat", STAT);
        fixture.write(
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq",
            "1800000\n",
        );
        let mut reader = reader(&fixture);
        let mut reports = Vec::new();
        reader.report(&mut reports);
        assert_eq!(reports.len(), 2);
        assert_eq!(
            read(&mut reader, &fixture, None).cores[1].frequency_mhz,
            None
        );
        reader.set_frequency(true);
        let sample = read(&mut reader, &fixture, None);
        assert_eq!(sample.cores[1].frequency_mhz, Some(1800.0));
        assert_eq!(sample.cores[0].frequency_mhz, None);
        reader.set_frequency(false);
        assert_eq!(
            read(&mut reader, &fixture, None).cores[1].frequency_mhz,
            None
        );
    }

    proptest! {
        #[test]
        fn any_content_is_read_without_panic(
            first in Fixture::content(STAT), second in Fixture::content(STAT),
            load in Fixture::content("0.02 0.04 0.05 1/497 11947\n"), seconds in -1.0f64..5.0,
        ) {
            let fixture = Fixture::new();
            fixture.write("proc/loadavg", &load);
            fixture.write("proc/stat", &first);
            let mut reader = reader(&fixture);
            read(&mut reader, &fixture, None);
            fixture.write("proc/stat", &second);
            assert_cpu_is_sound(&read(&mut reader, &fixture, Some(seconds)));
        }
    }
}
