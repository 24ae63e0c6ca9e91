//! Batteries and mains: `/sys/class/power_supply`. Read by a worker: a battery may answer
//! through a slow embedded controller.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Tick;
use super::roots::Roots;
use super::slow_jobs::{JobKey, SlowJobs};
use super::source::{Availability, SourceReport, availability_of};
use super::supply::{Supply, read_supply};

/// One system battery (mice and headsets, scope `Device`, are left out).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BatterySample {
    /// Name, e.g. `BAT0`.
    pub name: Arc<str>,
    /// Charge, 0 to 100 (`capacity`, or energy or charge now / full).
    pub charge_percent: Option<f64>,
    /// The kernel's word: `Charging`, `Discharging`, `Full`, `Not charging`.
    pub status: Option<Arc<str>>,
    /// Power drawn or taken in watts (`power_now`, or current × voltage).
    pub power_watts: Option<f64>,
    /// Until empty at the present power, while it discharges.
    pub seconds_to_empty: Option<f64>,
    /// Present full charge against the design's, 0 to 100: its health.
    pub capacity_percent: Option<f64>,
}

/// Power supply of the machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PowerSample {
    /// Mains or USB power is online; `None` where no supply tells, and where none is online
    /// but there is no battery either (a desktop's empty USB-C ports are supplies too).
    pub plugged: Option<bool>,
    /// The system's batteries; empty on a machine without one.
    pub batteries: Vec<BatterySample>,
}

/// Seconds between two readings.
const READ_EVERY_SECONDS: f64 = 5.0;

/// Seconds between two looks for supplies that came or went.
const LOOK_EVERY_SECONDS: f64 = 60.0;

/// How long a supply may take. Only the first reading waits for it.
const DEADLINE: Duration = Duration::from_millis(250);

/// A tick that comes as seldom as a reading waits this long for the newest values.
const GRACE: Duration = Duration::from_millis(20);

/// The last answer of a supply that hangs is shown this long, and then nothing.
const ANSWER_AGE_MAX: Duration = Duration::from_secs(60);

/// Reads every power supply by a worker; the tick only takes the newest values.
pub(crate) struct PowerReader {
    folder: PathBuf,
    failure: Option<rustix::io::Errno>,
    supplies: Vec<(PathBuf, JobKey)>,
    jobs: SlowJobs<Supply>,
    looked_at: Option<f64>,
    asked_at: Option<f64>,
}

impl PowerReader {
    /// Nothing is read or started before the first `read`.
    pub(crate) fn new(roots: &Roots) -> PowerReader {
        PowerReader {
            folder: roots.sys("class/power_supply"),
            failure: None,
            supplies: Vec::new(),
            jobs: SlowJobs::new("usm-power", DEADLINE),
            looked_at: None,
            asked_at: None,
        }
    }

    /// The newest values. Waits only in the first call, for at most a quarter of a second.
    pub(crate) fn read(&mut self, tick: &Tick<'_>, _buffer: &mut Vec<u8>, into: &mut PowerSample) {
        let now = tick.moment.monotonic_seconds;
        let is_first = self.asked_at.is_none();
        let is_due = |last: Option<f64>, every: f64| {
            // A little early rather than a whole tick late.
            last.is_none_or(|last| !(0.0..every - 0.1).contains(&(now - last)))
        };
        if is_due(self.looked_at, LOOK_EVERY_SECONDS) {
            self.looked_at = Some(now);
            self.look();
        }
        if is_due(self.asked_at, READ_EVERY_SECONDS) {
            self.asked_at = Some(now);
            self.jobs.ask();
            if is_first {
                self.jobs.wait(DEADLINE);
            } else if tick
                .elapsed_seconds
                .is_some_and(|s| s >= READ_EVERY_SECONDS)
            {
                self.jobs.wait(GRACE);
            }
        }
        self.jobs.tend();
        self.collect(into);
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        let mut slow = 0;
        self.jobs
            .each(|_, view| slow += usize::from(view.is_overdue));
        let (availability, reason) = match (self.failure, self.jobs.spawn_failure()) {
            (Some(errno), _) => (
                availability_of(errno),
                Some(std::io::Error::from(errno).to_string()),
            ),
            (None, Some(failure)) => (Availability::Failed, Some(failure.to_string())),
            (None, None) if self.supplies.is_empty() => (
                Availability::Absent,
                Some("the folder is empty".to_string()),
            ),
            (None, None) if slow > 0 => (
                Availability::Slow,
                Some(format!("{slow} do not answer within the deadline")),
            ),
            (None, None) => (Availability::Available, None),
        };
        out.push(SourceReport {
            source: self.folder.display().to_string(),
            gives: "mains and batteries".to_string(),
            availability,
            reason,
        });
    }

    /// Lists the folder again; supplies that are still there keep their job.
    fn look(&mut self) {
        let mut folders: Vec<PathBuf> = Vec::new();
        self.failure = None;
        match std::fs::read_dir(&self.folder) {
            Ok(entries) => folders.extend(entries.flatten().map(|entry| entry.path())),
            Err(error) => self.failure = rustix::io::Errno::from_io_error(&error),
        }
        folders.sort_unstable();
        let before = std::mem::take(&mut self.supplies);
        for folder in folders {
            let known = before.iter().find(|(path, _)| *path == folder);
            let key = match known {
                Some((_, key)) => *key,
                None => {
                    let path = folder.clone();
                    self.jobs.add(true, Arc::new(move || read_supply(&path)))
                }
            };
            self.supplies.push((folder, key));
        }
        let keys: Vec<JobKey> = self.supplies.iter().map(|(_, key)| *key).collect();
        self.jobs.arrange(&keys);
    }

    fn collect(&self, into: &mut PowerSample) {
        let mut filled = 0;
        let mut plugged = None;
        let batteries = &mut into.batteries;
        self.jobs.each(|_, view| {
            let is_recent = view.answer_age.is_some_and(|age| age <= ANSWER_AGE_MAX);
            match view.answer.filter(|_| is_recent || !view.is_overdue) {
                Some(Supply::Outside {
                    is_online: Some(is_online),
                }) => plugged = Some(plugged.unwrap_or(false) || *is_online),
                Some(Supply::Battery(battery)) => {
                    match batteries.get_mut(filled) {
                        Some(slot) => slot.clone_from(battery),
                        None => batteries.push(battery.clone()),
                    }
                    filled += 1;
                }
                _ => {}
            }
        });
        batteries.truncate(filled);
        into.plugged = plugged.filter(|plugged| *plugged || filled > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::slow_jobs::tests::until;
    use super::super::{HostFacts, Moment};
    use super::*;

    fn has_answered(reader: &PowerReader) -> bool {
        let mut all = true;
        reader.jobs.each(|_, view| all &= view.answer.is_some());
        all
    }

    fn read(reader: &mut PowerReader, now: f64, into: &mut PowerSample) {
        let tick = Tick {
            moment: Moment {
                unix_seconds: now,
                monotonic_seconds: now,
            },
            elapsed_seconds: None,
            host: &HostFacts::default(),
        };
        reader.read(&tick, &mut Vec::new(), into);
    }

    fn report(reader: &PowerReader) -> SourceReport {
        let mut out = Vec::new();
        reader.report(&mut out);
        assert_eq!(out.len(), 1);
        out.remove(0)
    }

    #[test]
    fn a_laptop_on_battery_tells_how_long_it_lasts() {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/laptop");
        let mut reader = PowerReader::new(&Roots::tree(fixtures));
        let mut power = PowerSample {
            plugged: Some(true),
            batteries: vec![BatterySample::default(); 5],
        };
        until(|| {
            read(&mut reader, 1.0, &mut power);
            has_answered(&reader)
        });
        read(&mut reader, 1.0, &mut power);
        // AC offline, the USB-C port offline. BAT1 is an empty bay and the mouse is a
        // device, so two batteries are left.
        assert_eq!(power.plugged, Some(false));
        assert_eq!(power.batteries.len(), 2);
        // BAT0, the capture: 49.45 Wh of 50.06 Wh at 4.83 W is 10.238095 h = 36857.142857 s;
        // it holds more than its design's 47.52 Wh: as good as new.
        let one = &power.batteries[0];
        assert_eq!(&*one.name, "BAT0");
        assert_eq!(one.charge_percent, Some(98.0));
        assert_eq!(one.status.as_deref(), Some("Discharging"));
        assert_eq!(one.power_watts, Some(4.83));
        assert!((one.seconds_to_empty.unwrap() - 36_857.142_857).abs() < 1e-3);
        assert_eq!(one.capacity_percent, Some(100.0));
        // BAT2, ours: 1.5 Ah of 2 Ah is 75 %; 0.75 A (shown negative) at 8 V is 6 W and
        // 2 h; 2 Ah of 2.5 Ah by design is 80 %.
        let two = &power.batteries[1];
        assert_eq!(&*two.name, "BAT2");
        assert_eq!(two.charge_percent, Some(75.0));
        assert_eq!(two.power_watts, Some(6.0));
        assert_eq!(two.seconds_to_empty, Some(7200.0));
        assert_eq!(two.capacity_percent, Some(80.0));
        assert_eq!(report(&reader).availability, Availability::Available);
    }

    #[test]
    fn a_machine_without_supplies_is_absent_and_runs_no_thread() {
        let folder = tempfile::tempdir().unwrap();
        let mut reader = PowerReader::new(&Roots::tree(folder.path()));
        let mut power = PowerSample {
            plugged: Some(true),
            batteries: vec![BatterySample::default()],
        };
        for tick in 0..100 {
            read(&mut reader, f64::from(tick), &mut power);
        }
        assert_eq!(power, PowerSample::default());
        assert!(!reader.jobs.has_worker());
        assert_eq!(report(&reader).availability, Availability::Absent);
    }

    #[test]
    fn a_desktop_with_empty_usb_ports_is_not_unplugged() {
        let folder = tempfile::tempdir().unwrap();
        let port = folder.path().join("sys/class/power_supply/ucsi-1");
        std::fs::create_dir_all(&port).unwrap();
        std::fs::write(port.join("type"), "USB\n").unwrap();
        std::fs::write(port.join("online"), "0\n").unwrap();
        let mut reader = PowerReader::new(&Roots::tree(folder.path()));
        let mut power = PowerSample::default();
        until(|| {
            read(&mut reader, 1.0, &mut power);
            has_answered(&reader)
        });
        read(&mut reader, 1.0, &mut power);
        assert_eq!(power.plugged, None);
        // It is read again after five seconds, not before.
        std::fs::write(port.join("online"), "1\n").unwrap();
        read(&mut reader, 3.0, &mut power);
        assert_eq!(power.plugged, None);
        read(&mut reader, 6.1, &mut power);
        until(|| {
            read(&mut reader, 6.2, &mut power);
            power.plugged == Some(true)
        });
    }
}
