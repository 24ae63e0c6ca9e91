//! Sensors: `/sys/class/hwmon` (temperatures and fans), and `/sys/class/thermal`
//! where there is no hwmon. Read by a worker: a sensor on a slow bus (1-wire, i2c)
//! may take a second.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Tick;
use super::chip::{Chip, ChipKind};
use super::parse::number;
use super::roots::Roots;
use super::slow_jobs::{JobKey, SlowJobs};
use super::source::{Availability, SourceReport, availability_of};

/// What a sensor measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorKind {
    /// Degrees Celsius.
    #[default]
    Temperature,
    /// Turns per minute.
    Fan,
}

/// One sensor that gave a believable value (sentinels such as −273.15 °C or 65,535 and
/// empty files are left out).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SensorSample {
    /// Chip, e.g. `coretemp`; a second one of the same name is `nvme #2`.
    pub chip: Arc<str>,
    /// Label, e.g. `Package id 0`; `temp1` where there is none.
    pub label: Arc<str>,
    /// What is measured.
    pub kind: SensorKind,
    /// °C for a temperature, rpm for a fan.
    pub value: f64,
    /// Temperature at which the maker calls it high, °C (of a thermal zone: its `hot`, else
    /// its `passive` trip point).
    pub high: Option<f64>,
    /// Temperature at which the maker calls it critical, °C.
    pub critical: Option<f64>,
    /// The sensor did not answer in time; the value is the last known one.
    pub stale: bool,
}

/// Seconds between two readings: what sensors measure changes slowly, and some take
/// long to answer.
const READ_EVERY_SECONDS: f64 = 5.0;

/// Seconds between two looks for chips that came or went.
const LOOK_EVERY_SECONDS: f64 = 60.0;

/// A tick that comes as seldom as a reading waits this long for the newest values, so
/// that it does not show those of the tick before.
const GRACE: Duration = Duration::from_millis(20);

type ReadChip = Arc<dyn Fn(&Chip) -> Vec<SensorSample> + Send + Sync>;

/// Reads every chip by a worker; the tick only takes the newest values.
pub(crate) struct SensorReader {
    hwmon: Family,
    zones: Family,
    /// hwmon gives no temperature, so the thermal zones are read too.
    uses_zones: bool,
    jobs: SlowJobs<Vec<SensorSample>>,
    read_chip: ReadChip,
    deadline: Duration,
    looked_at: Option<f64>,
    asked_at: Option<f64>,
}

/// The chips of one folder of `/sys/class`.
struct Family {
    kind: ChipKind,
    folder: PathBuf,
    prefix: &'static str,
    members: Vec<Member>,
    failure: Option<rustix::io::Errno>,
}

struct Member {
    chip: Arc<Chip>,
    /// Set while it is being read.
    job: Option<JobKey>,
}

impl SensorReader {
    /// Nothing is read or started before the first `read`. `deadline` is how long a chip
    /// may take before its values count as stale.
    pub(crate) fn new(roots: &Roots, deadline: Duration) -> SensorReader {
        SensorReader::with_chip_reader(roots, deadline, Arc::new(Chip::read))
    }

    fn with_chip_reader(roots: &Roots, deadline: Duration, read_chip: ReadChip) -> SensorReader {
        SensorReader {
            hwmon: Family::new(ChipKind::Hwmon, roots.sys("class/hwmon"), "hwmon"),
            zones: Family::new(
                ChipKind::ThermalZone,
                roots.sys("class/thermal"),
                "thermal_zone",
            ),
            uses_zones: false,
            jobs: SlowJobs::new("usm-sensors", deadline),
            read_chip,
            deadline,
            looked_at: None,
            asked_at: None,
        }
    }

    /// The newest values. Waits only in the first call, for at most the deadline.
    pub(crate) fn read(
        &mut self,
        tick: &Tick<'_>,
        _buffer: &mut Vec<u8>,
        into: &mut Vec<SensorSample>,
    ) {
        let now = tick.moment.monotonic_seconds;
        let is_first = self.asked_at.is_none();
        let is_due = |last: Option<f64>, every: f64| {
            // A little early rather than a whole tick late.
            last.is_none_or(|last| !(0.0..every - 0.1).contains(&(now - last)))
        };
        if is_due(self.looked_at, LOOK_EVERY_SECONDS) {
            self.looked_at = Some(now);
            self.hwmon.look();
            self.zones.look();
            self.arrange();
        }
        let patience = match is_first {
            true => self.deadline,
            false
                if tick
                    .elapsed_seconds
                    .is_some_and(|s| s >= READ_EVERY_SECONDS) =>
            {
                GRACE.min(self.deadline)
            }
            false => Duration::ZERO,
        };
        if is_due(self.asked_at, READ_EVERY_SECONDS) {
            self.asked_at = Some(now);
            self.ask(patience);
        }
        if self.choose_family() {
            self.arrange();
            self.ask(patience);
        }
        self.jobs.tend();
        self.collect(into);
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        let mut has_value = false;
        let mut slow = Vec::new();
        self.jobs.each(|key, view| {
            has_value |= view.answer.is_some_and(|answer| !answer.is_empty());
            if view.is_overdue {
                slow.push(key);
            }
        });
        let families = [
            Some(&self.hwmon),
            Some(&self.zones).filter(|_| self.uses_zones),
        ];
        for family in families.into_iter().flatten() {
            out.push(family.report(has_value));
            for member in &family.members {
                if member.job.is_some_and(|job| slow.contains(&job)) {
                    out.push(SourceReport {
                        source: member.chip.folder.display().to_string(),
                        gives: format!("sensors of {}", member.chip.name),
                        availability: Availability::Slow,
                        reason: Some("does not answer within the deadline".to_string()),
                    });
                }
            }
        }
        if let Some(failure) = self.jobs.spawn_failure() {
            out.push(SourceReport {
                source: "sensors".to_string(),
                gives: "temperatures and fans".to_string(),
                availability: Availability::Failed,
                reason: Some(failure.to_string()),
            });
        }
    }

    fn ask(&mut self, patience: Duration) {
        self.jobs.ask();
        if !patience.is_zero() {
            self.jobs.wait(patience);
        }
    }

    /// Decides whether the thermal zones are needed, as soon as every hwmon chip has
    /// answered. True when that has changed.
    fn choose_family(&mut self) -> bool {
        let members = &self.hwmon.members;
        let (mut answered, mut has_temperature) = (0, false);
        self.jobs.each(|key, view| {
            if let Some(answer) = view.answer
                && members.iter().any(|member| member.job == Some(key))
            {
                answered += 1;
                has_temperature |= answer
                    .iter()
                    .any(|sample| sample.kind == SensorKind::Temperature);
            }
        });
        let before = self.uses_zones;
        if has_temperature {
            self.uses_zones = false;
        } else if answered == members.len() {
            self.uses_zones = !self.zones.members.is_empty();
        }
        self.uses_zones != before
    }

    /// Makes the jobs those of the chips that are to be read.
    fn arrange(&mut self) {
        let mut keys = Vec::new();
        let families = [(&mut self.hwmon, true), (&mut self.zones, self.uses_zones)];
        for (family, is_used) in families {
            for member in &mut family.members {
                if !is_used {
                    member.job = None;
                    continue;
                }
                let key = match member.job {
                    Some(key) => key,
                    None => {
                        let (chip, read) = (Arc::clone(&member.chip), Arc::clone(&self.read_chip));
                        self.jobs.add(true, Arc::new(move || read(&chip)))
                    }
                };
                member.job = Some(key);
                keys.push(key);
            }
        }
        self.jobs.arrange(&keys);
    }

    fn collect(&self, into: &mut Vec<SensorSample>) {
        let mut filled = 0;
        self.jobs.each(|_, view| {
            for sample in view.answer.into_iter().flatten() {
                match into.get_mut(filled) {
                    Some(slot) => slot.clone_from(sample),
                    None => into.push(sample.clone()),
                }
                into[filled].stale = view.is_overdue;
                filled += 1;
            }
        });
        into.truncate(filled);
    }
}

impl Family {
    fn new(kind: ChipKind, folder: PathBuf, prefix: &'static str) -> Family {
        Family {
            kind,
            folder,
            prefix,
            members: Vec::new(),
            failure: None,
        }
    }

    /// Lists the folder again; chips that are still there keep their job.
    fn look(&mut self) {
        let mut found: Vec<(u64, PathBuf)> = Vec::new();
        self.failure = None;
        match std::fs::read_dir(&self.folder) {
            Ok(entries) => {
                let numbered = |name: &str| number(name.strip_prefix(self.prefix)?.as_bytes());
                found.extend(entries.flatten().filter_map(|entry| {
                    Some((numbered(entry.file_name().to_str()?)?, entry.path()))
                }));
            }
            Err(error) => self.failure = rustix::io::Errno::from_io_error(&error),
        }
        found.sort_unstable();
        let mut names: Vec<String> = Vec::new();
        let mut before = std::mem::take(&mut self.members);
        for (number, folder) in found {
            let name = Chip::driver_name(self.kind, &folder)
                .unwrap_or_else(|| format!("{}{number}", self.prefix));
            names.push(name.clone());
            let shown: Arc<str> = match names.iter().filter(|other| **other == name).count() {
                1 => name.into(),
                count => format!("{name} #{count}").into(),
            };
            let known = before
                .iter()
                .position(|old| old.chip.folder == folder && old.chip.name == shown);
            self.members.push(match known {
                Some(index) => before.swap_remove(index),
                None => Member {
                    chip: Arc::new(Chip::new(self.kind, folder, shown)),
                    job: None,
                },
            });
        }
    }

    fn report(&self, has_value: bool) -> SourceReport {
        let (availability, reason) = match self.failure {
            Some(errno) => (
                availability_of(errno),
                Some(std::io::Error::from(errno).to_string()),
            ),
            None if self.members.is_empty() => (
                Availability::Absent,
                Some("the folder is empty".to_string()),
            ),
            None if !has_value => (
                Availability::Absent,
                Some("no sensor gives a believable value".to_string()),
            ),
            None => (Availability::Available, None),
        };
        SourceReport {
            source: self.folder.display().to_string(),
            gives: "temperatures and fans".to_string(),
            availability,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::slow_jobs::tests::{Gate, until};
    use super::super::{HostFacts, Moment};
    use super::*;

    const PATIENT: Duration = Duration::from_secs(60);

    struct Bench {
        reader: SensorReader,
        host: HostFacts,
        now: f64,
        into: Vec<SensorSample>,
    }

    impl Bench {
        fn new(reader: SensorReader) -> Bench {
            Bench {
                reader,
                host: HostFacts::default(),
                now: 100.0,
                into: vec![SensorSample::default(); 3],
            }
        }

        fn tick(&mut self, seconds: f64) {
            self.now += seconds;
            let tick = Tick {
                moment: Moment {
                    unix_seconds: self.now,
                    monotonic_seconds: self.now,
                },
                elapsed_seconds: Some(seconds),
                host: &self.host,
            };
            self.reader.read(&tick, &mut Vec::new(), &mut self.into);
        }

        fn reports(&self) -> Vec<SourceReport> {
            let mut out = Vec::new();
            self.reader.report(&mut out);
            out
        }
    }

    fn fixture(name: &str) -> Roots {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures");
        Roots::tree(format!("{fixtures}/{name}"))
    }

    fn row(
        chip: &str,
        label: &str,
        value: f64,
        high: Option<f64>,
        critical: Option<f64>,
    ) -> SensorSample {
        SensorSample {
            chip: chip.into(),
            label: label.into(),
            kind: SensorKind::Temperature,
            value,
            high,
            critical,
            stale: false,
        }
    }

    #[test]
    fn a_laptops_chips_are_read_without_their_nonsense() {
        let mut bench = Bench::new(SensorReader::new(&fixture("laptop"), PATIENT));
        bench.tick(1.0);
        let fan = |label: &str, value| SensorSample {
            kind: SensorKind::Fan,
            ..row("thinkpad", label, value, None, None)
        };
        // By hand from the files: hwmon0 acpitz 47.000 °C (crit 128 °C is never set);
        // hwmon1, hwmon2 two nvme: the second's max is 65261.85 °C, all ones; hwmon4
        // coretemp; hwmon5 thinkpad: temp2 is empty, temp3 -273.15 °C, temp4 128 °C, its
        // second fan 65535; hwmon10 has its files in device/.
        let wanted = [
            row("acpitz", "temp1", 47.0, None, None),
            row("nvme", "Composite", 38.85, Some(81.85), Some(84.85)),
            row("nvme #2", "Composite", 41.85, None, Some(84.85)),
            row("coretemp", "Package id 0", 52.0, Some(100.0), Some(100.0)),
            row("coretemp", "Core 0", 50.0, Some(100.0), Some(100.0)),
            row("thinkpad", "CPU", 51.0, None, None),
            fan("fan1", 2103.0),
            row("lm75", "temp1", -5.5, Some(80.0), None),
        ];
        assert_eq!(bench.into, wanted);
        assert_eq!(bench.reports().len(), 1);
        assert_eq!(bench.reports()[0].availability, Availability::Available);
    }

    #[test]
    fn thermal_zones_stand_in_where_hwmon_has_no_temperature() {
        let mut bench = Bench::new(SensorReader::new(&fixture("thermal-only"), PATIENT));
        bench.tick(1.0);
        // The capture: 49925 and -44000 thousandths; our additions: a second zone of the
        // same type with trip points, a zone without a value, an hwmon with only a fan.
        let wanted = [
            SensorSample {
                kind: SensorKind::Fan,
                ..row("pwmfan", "fan1", 0.0, None, None)
            },
            row("bcm2835_thermal", "temp1", 49.925, None, None),
            row("acpitz", "temp1", -44.0, None, None),
            row("bcm2835_thermal #2", "temp1", 51.0, Some(80.0), Some(110.0)),
        ];
        assert_eq!(bench.into, wanted);
    }

    #[test]
    fn a_machine_without_sensors_says_so_and_runs_no_thread() {
        let folder = tempfile::tempdir().unwrap();
        let mut bench = Bench::new(SensorReader::new(&Roots::tree(folder.path()), PATIENT));
        for _ in 0..200 {
            bench.tick(1.0);
        }
        assert!(bench.into.is_empty());
        assert!(!bench.reader.jobs.has_worker());
        let reports = bench.reports();
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].availability, Availability::Absent);
        assert!(reports[0].reason.as_deref().unwrap().contains("os error 2"));
    }

    #[test]
    fn a_chip_that_hangs_is_stale_and_the_others_go_on() {
        let gate = Arc::new(Gate::default());
        let held = Arc::clone(&gate);
        let read: ReadChip = Arc::new(move |chip| {
            if &*chip.name == "coretemp" {
                held.pass();
            }
            chip.read()
        });
        let deadline = Duration::from_millis(100);
        let mut bench = Bench::new(SensorReader::with_chip_reader(
            &fixture("laptop"),
            deadline,
            read,
        ));
        until(|| {
            bench.tick(5.0);
            bench.into.len() == 8
        });
        gate.shut();
        let is_stale = |bench: &Bench, chip: &str| {
            let mut of_chip = bench.into.iter().filter(|s| &*s.chip == chip);
            of_chip.all(|s| s.stale)
        };
        // The gate stays shut: a tick that waited for it would never return.
        until(|| {
            bench.tick(5.0);
            is_stale(&bench, "coretemp") && !is_stale(&bench, "lm75") && gate.inside() == 1
        });
        assert_eq!(bench.into.len(), 8);
        let is_slow = |r: &SourceReport| r.availability == Availability::Slow;
        assert!(
            bench
                .reports()
                .iter()
                .any(|r| is_slow(r) && r.gives.contains("coretemp"))
        );
        gate.open();
        until(|| {
            bench.tick(5.0);
            bench.into.iter().all(|s| !s.stale)
        });
    }
}
