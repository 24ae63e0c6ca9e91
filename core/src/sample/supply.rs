//! One folder of `/sys/class/power_supply`: mains, a battery of the machine, or
//! something that does not power the machine.

use std::path::Path;

use super::battery::BatterySample;
use super::parse::{signed, trim};
use super::rates::percent_of;
use super::source::read_once;

/// What a power supply turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Supply {
    /// Gives power from outside; `None` when it does not tell whether it does now.
    Outside { is_online: Option<bool> },
    /// A battery that powers the machine.
    Battery(BatterySample),
    /// A mouse's or headset's battery, an empty bay, an uninterruptible supply.
    Other,
}

/// Reads one supply. May take long: some batteries answer through a slow controller.
pub(crate) fn read_supply(folder: &Path) -> Supply {
    let mut files = Files {
        folder,
        buffer: Vec::new(),
    };
    if files.word("scope").as_deref() == Some("Device") {
        return Supply::Other;
    }
    match files.word("type").as_deref() {
        Some("Battery") if files.integer("present") != Some(0) => {
            Supply::Battery(read_battery(&mut files))
        }
        // The kernel's names of before 4.18 for kinds of USB chargers, and Wireless.
        Some(kind) if kind == "Mains" || kind == "Wireless" || kind.starts_with("USB") => {
            Supply::Outside {
                // 2 means "online, with a programmable voltage".
                is_online: files.integer("online").map(|online| online > 0),
            }
        }
        _ => Supply::Other,
    }
}

fn read_battery(files: &mut Files<'_>) -> BatterySample {
    let name = files.folder.file_name().unwrap_or_default();
    let status = files.word("status");
    // Microwatt hours on most machines, microampere hours on some.
    let energy = Store::read(files, "energy");
    let charge = Store::read(files, "charge");
    // Some drivers show what flows out as negative.
    let current = files.integer("current_now").map(i64::unsigned_abs);
    let voltage = files.amount("voltage_now");
    let power = files
        .integer("power_now")
        .map(|microwatts| microwatts.unsigned_abs() as f64 / 1e6)
        .or_else(|| Some(current? as f64 * voltage? / 1e12));
    let charge_percent = files
        .amount("capacity")
        .map(|percent| percent.min(100.0))
        .or_else(|| energy.filled_percent())
        .or_else(|| charge.filled_percent());
    let hours_to_empty = energy
        .now
        .zip(power)
        .map(|(energy, watts)| energy / 1e6 / watts)
        .or_else(|| charge.now.zip(current).map(|(c, i)| c / i as f64))
        .filter(|hours| hours.is_finite());
    let is_discharging = status.as_deref() == Some("Discharging");
    BatterySample {
        name: name.to_string_lossy().into(),
        charge_percent,
        power_watts: power,
        seconds_to_empty: hours_to_empty
            .filter(|_| is_discharging)
            .map(|hours| hours * 3600.0),
        capacity_percent: energy.health_percent().or_else(|| charge.health_percent()),
        status: status.map(Into::into),
    }
}

/// The three marks of a battery, in millionths of its unit.
struct Store {
    now: Option<f64>,
    full: Option<f64>,
    full_design: Option<f64>,
}

impl Store {
    fn read(files: &mut Files<'_>, unit: &str) -> Store {
        Store {
            now: files.amount(&format!("{unit}_now")),
            full: files.amount(&format!("{unit}_full")),
            full_design: files.amount(&format!("{unit}_full_design")),
        }
    }

    fn filled_percent(&self) -> Option<f64> {
        percent_of(self.now?, self.full?)
    }

    fn health_percent(&self) -> Option<f64> {
        percent_of(self.full.filter(|full| *full > 0.0)?, self.full_design?)
    }
}

struct Files<'a> {
    folder: &'a Path,
    buffer: Vec<u8>,
}

impl Files<'_> {
    /// A file with one line of text that is not empty.
    fn word(&mut self, name: &str) -> Option<String> {
        let line = trim(read_once(&self.folder.join(name), &mut self.buffer).ok()?);
        (!line.is_empty()).then(|| String::from_utf8_lossy(line).into_owned())
    }

    fn integer(&mut self, name: &str) -> Option<i64> {
        signed(trim(
            read_once(&self.folder.join(name), &mut self.buffer).ok()?,
        ))
    }

    /// A number that can't be negative; one that is, is an error code of the driver.
    fn amount(&mut self, name: &str) -> Option<f64> {
        self.integer(name)
            .filter(|value| *value >= 0)
            .map(|value| value as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn supply(files: &[(&str, &[u8])]) -> Supply {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        read_supply(folder.path())
    }

    fn battery(files: &[(&str, &[u8])]) -> BatterySample {
        let mut all: Vec<(&str, &[u8])> = vec![("type", b"Battery\n")];
        all.extend_from_slice(files);
        match supply(&all) {
            Supply::Battery(battery) => battery,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_does_not_power_the_machine_is_left_out() {
        let mouse: [(&str, &[u8]); 2] = [("type", b"Battery\n"), ("scope", b"Device\n")];
        assert_eq!(supply(&mouse), Supply::Other);
        let empty_bay: [(&str, &[u8]); 2] = [("type", b"Battery\n"), ("present", b"0\n")];
        assert_eq!(supply(&empty_bay), Supply::Other);
        assert_eq!(supply(&[("type", b"UPS\n")]), Supply::Other);
        assert_eq!(supply(&[]), Supply::Other);
    }

    #[test]
    fn mains_and_usb_tell_whether_they_are_online() {
        let is = |is_online| Supply::Outside { is_online };
        assert_eq!(
            supply(&[("type", b"Mains\n"), ("online", b"1\n")]),
            is(Some(true))
        );
        assert_eq!(
            supply(&[("type", b"USB_PD\n"), ("online", b"2\n")]),
            is(Some(true))
        );
        assert_eq!(
            supply(&[("type", b"USB\n"), ("online", b"0\n")]),
            is(Some(false))
        );
        assert_eq!(supply(&[("type", b"USB\n")]), is(None));
    }

    #[test]
    fn what_the_driver_does_not_know_is_unknown() {
        // Error codes as values, no design charge, and nothing flows.
        let it = battery(&[
            ("capacity", b"-61\n"),
            ("energy_now", b"-61\n"),
            ("energy_full", b"50\n"),
            ("energy_full_design", b"0\n"),
            ("status", b"\n"),
        ]);
        assert_eq!(it.charge_percent, None);
        assert_eq!(it.capacity_percent, None);
        assert_eq!(
            (it.power_watts, it.seconds_to_empty, it.status),
            (None, None, None)
        );
    }

    #[test]
    fn nothing_drawn_means_no_end_in_sight() {
        let it = battery(&[
            ("status", b"Discharging\n"),
            ("energy_now", b"40000000\n"),
            ("power_now", b"0\n"),
            ("capacity", b"104\n"),
        ]);
        assert_eq!(it.power_watts, Some(0.0));
        assert_eq!(it.seconds_to_empty, None);
        assert_eq!(it.charge_percent, Some(100.0));
    }

    #[test]
    fn a_battery_that_charges_is_not_on_its_way_to_empty() {
        let it = battery(&[
            ("status", b"Charging\n"),
            ("energy_now", b"20000000\n"),
            ("energy_full", b"40000000\n"),
            ("power_now", b"-10000000\n"),
        ]);
        assert_eq!(it.seconds_to_empty, None);
        assert_eq!(it.power_watts, Some(10.0));
        assert_eq!(it.charge_percent, Some(50.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_content_is_read_without_panic_and_within_range(content: Vec<u8>, number: i64) {
            let number = number.to_string();
            for bytes in [&content[..], number.as_bytes()] {
                let _ = supply(&[("type", bytes), ("scope", bytes), ("online", bytes)]);
                let it = battery(&[
                    ("status", b"Discharging"), ("capacity", bytes), ("energy_now", bytes),
                    ("energy_full", bytes), ("energy_full_design", b"100"), ("charge_now", bytes),
                    ("charge_full", bytes), ("power_now", bytes), ("current_now", bytes),
                    ("voltage_now", bytes),
                ]);
                for percent in [it.charge_percent, it.capacity_percent].into_iter().flatten() {
                    prop_assert!((0.0..=100.0).contains(&percent));
                }
                if let Some(seconds) = it.seconds_to_empty {
                    prop_assert!(seconds >= 0.0 && seconds.is_finite());
                }
            }
        }
    }
}
