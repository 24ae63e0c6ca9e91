//! One chip with sensors, a folder of `/sys/class/hwmon` or a zone of
//! `/sys/class/thermal`: which files it has, and which of their values can be believed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::parse::{number, signed, trim};
use super::sensors::{SensorKind, SensorSample};
use super::source::read_once;

/// Readings between two looks for new or vanished files of a chip.
const LOOKUP_READINGS: u32 = 12;

/// What is believed of a temperature, thousandths of a degree: below is −273.15 °C and
/// its kin, above are all-ones registers.
const BELIEVED_MILLIDEGREES: std::ops::RangeInclusive<i64> = -100_000..=250_000;

/// The end of an 8 bit register: what chips say for an input that is not connected,
/// and for a trip point that was never set.
const REGISTER_END_MILLIDEGREES: std::ops::RangeInclusive<i64> = 127_000..=128_000;

/// All ones in 16 bit.
const ALL_ONES: i64 = 0xFFFF;

/// No fan turns faster.
const FAN_RPM_MAX: i64 = 100_000;

/// Where a chip's files lie and how they are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChipKind {
    Hwmon,
    ThermalZone,
}

/// A chip that is read again and again, always by one thread at a time.
#[derive(Debug)]
pub(crate) struct Chip {
    pub(crate) folder: PathBuf,
    pub(crate) name: Arc<str>,
    kind: ChipKind,
    inputs: Mutex<Inputs>,
}

#[derive(Debug, Default)]
struct Inputs {
    list: Vec<Input>,
    look_again_in: u32,
}

/// One measured value and what its maker says of it.
#[derive(Debug)]
struct Input {
    path: PathBuf,
    fault: Option<PathBuf>,
    kind: SensorKind,
    label: Arc<str>,
    high: Option<f64>,
    critical: Option<f64>,
}

impl Chip {
    pub(crate) fn new(kind: ChipKind, folder: PathBuf, name: Arc<str>) -> Chip {
        Chip {
            folder,
            name,
            kind,
            inputs: Mutex::default(),
        }
    }

    /// The driver's own name for a chip in `folder`; `None` when it has none.
    pub(crate) fn driver_name(kind: ChipKind, folder: &Path) -> Option<String> {
        let files: &[&str] = match kind {
            // Drivers of before 2013 have all their files one folder deeper.
            ChipKind::Hwmon => &["name", "device/name"],
            ChipKind::ThermalZone => &["type"],
        };
        files.iter().find_map(|file| text(&folder.join(file)))
    }

    /// Every sensor that gives a believable value now. May take as long as the bus does.
    pub(crate) fn read(&self) -> Vec<SensorSample> {
        let mut inputs = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
        if inputs.look_again_in == 0 {
            inputs.list = match self.kind {
                ChipKind::Hwmon => hwmon_inputs(&self.folder),
                ChipKind::ThermalZone => zone_inputs(&self.folder),
            };
            inputs.look_again_in = LOOKUP_READINGS;
        }
        inputs.look_again_in -= 1;
        let sample = |input: &Input| {
            Some(SensorSample {
                chip: Arc::clone(&self.name),
                label: Arc::clone(&input.label),
                kind: input.kind,
                value: input.read()?,
                high: input.high,
                critical: input.critical,
                stale: false,
            })
        };
        inputs.list.iter().filter_map(sample).collect()
    }
}

impl Input {
    fn read(&self) -> Option<f64> {
        let raw = integer(&self.path)?;
        let value = match self.kind {
            SensorKind::Temperature => degrees(raw)?,
            SensorKind::Fan => turns(raw)?,
        };
        let is_faulty = self.fault.as_deref().and_then(integer) == Some(1);
        (!is_faulty).then_some(value)
    }
}

/// A measured temperature in °C; `None` for what no sensor measures.
fn degrees(raw: i64) -> Option<f64> {
    let is_believed = BELIEVED_MILLIDEGREES.contains(&raw)
        && !REGISTER_END_MILLIDEGREES.contains(&raw)
        && raw != ALL_ONES;
    is_believed.then(|| raw as f64 / 1000.0)
}

/// A trip point in °C; one at or below zero was never set.
fn trip_point(raw: i64) -> Option<f64> {
    degrees(raw).filter(|degrees| *degrees > 0.0)
}

/// A fan's speed. 0 is one that stands still, which many do by intent.
fn turns(raw: i64) -> Option<f64> {
    let is_believed = (0..=FAN_RPM_MAX).contains(&raw) && raw != ALL_ONES;
    is_believed.then_some(raw as f64)
}

fn hwmon_inputs(folder: &Path) -> Vec<Input> {
    let mut inputs = Vec::new();
    for (kind, prefix) in [(SensorKind::Temperature, "temp"), (SensorKind::Fan, "fan")] {
        let mut found: Vec<(u64, PathBuf)> = numbered_inputs(folder, prefix);
        if found.is_empty() {
            found = numbered_inputs(&folder.join("device"), prefix);
        }
        found.sort_unstable();
        for (number, base) in found {
            let file = |suffix: &str| base.join(format!("{prefix}{number}_{suffix}"));
            let limit = |suffix: &str| {
                (kind == SensorKind::Temperature)
                    .then(|| integer(&file(suffix)).and_then(trip_point))
                    .flatten()
            };
            inputs.push(Input {
                path: file("input"),
                fault: Some(file("fault")).filter(|path| path.exists()),
                kind,
                label: text(&file("label"))
                    .unwrap_or_else(|| format!("{prefix}{number}"))
                    .into(),
                high: limit("max"),
                critical: limit("crit"),
            });
        }
    }
    inputs
}

/// The numbers N for which `prefixN_input` exists, with the folder that it is in.
fn numbered_inputs(folder: &Path, prefix: &str) -> Vec<(u64, PathBuf)> {
    // A folder that can't be listed has no files for us.
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let numbered = |name: &str| {
        let middle = name.strip_prefix(prefix)?.strip_suffix("_input")?;
        number(middle.as_bytes())
    };
    entries
        .flatten()
        .filter_map(|entry| numbered(entry.file_name().to_str()?))
        .map(|number| (number, folder.to_path_buf()))
        .collect()
}

fn zone_inputs(folder: &Path) -> Vec<Input> {
    // Trip points are numbered without gaps.
    let trips: Vec<(String, f64)> = (0..64)
        .map_while(|n| text(&folder.join(format!("trip_point_{n}_type"))).map(|kind| (n, kind)))
        .filter_map(|(n, kind)| {
            let raw = integer(&folder.join(format!("trip_point_{n}_temp")))?;
            Some((kind, trip_point(raw)?))
        })
        .collect();
    let lowest = |wanted: &str| {
        trips
            .iter()
            .filter(|(kind, _)| kind == wanted)
            .map(|(_, degrees)| *degrees)
            .min_by(f64::total_cmp)
    };
    vec![Input {
        path: folder.join("temp"),
        fault: None,
        kind: SensorKind::Temperature,
        label: "temp1".into(),
        // Where the kernel begins to slow the processor down.
        high: lowest("hot").or_else(|| lowest("passive")),
        critical: lowest("critical"),
    }]
}

/// A file with one whole number. Empty, unreadable (ENODATA, EIO, EAGAIN of a sensor
/// that is off or busy) and anything else is `None`.
fn integer(path: &Path) -> Option<i64> {
    signed(trim(read_once(path, &mut Vec::new()).ok()?))
}

/// A file with one line of text that is not empty.
fn text(path: &Path) -> Option<String> {
    let mut buffer = Vec::new();
    let line = trim(read_once(path, &mut buffer).ok()?);
    (!line.is_empty()).then(|| String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chip_with(
        kind: ChipKind,
        files: &[(&str, &[u8])],
    ) -> (tempfile::TempDir, Vec<SensorSample>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let samples = Chip::new(kind, folder.path().to_path_buf(), "chip".into()).read();
        (folder, samples)
    }

    #[test]
    fn sentinels_are_no_temperatures() {
        for raw in [
            -273_150,
            -128_000,
            -100_001,
            127_000,
            127_500,
            128_000,
            250_001,
            255_000,
            65_535,
            65_261_850,
            i64::MIN,
            i64::MAX,
        ] {
            assert_eq!(degrees(raw), None, "{raw}");
        }
        assert_eq!(degrees(-44_000), Some(-44.0));
        assert_eq!(degrees(0), Some(0.0));
        assert_eq!(degrees(126_999), Some(126.999));
        assert_eq!(trip_point(0), None);
        assert_eq!(trip_point(-5_000), None);
        assert_eq!(trip_point(65_261_850), None);
        assert_eq!(trip_point(100_000), Some(100.0));
        assert_eq!(turns(65_535), None);
        assert_eq!(turns(-1), None);
        assert_eq!(turns(0), Some(0.0));
    }

    #[test]
    fn inputs_come_in_the_order_of_their_numbers_temperatures_first() {
        let (_folder, samples) = chip_with(
            ChipKind::Hwmon,
            &[
                ("temp10_input", b"50000\n"),
                ("temp2_input", b"40000\n"),
                ("temp2_label", b"Core 0\n"),
                ("temp2_max", b"80000\n"),
                ("temp2_crit", b"0\n"),
                ("fan1_input", b"1200\n"),
                ("in0_input", b"12000\n"),
                ("tempx_input", b"1\n"),
            ],
        );
        let seen: Vec<(&str, f64)> = samples.iter().map(|s| (&*s.label, s.value)).collect();
        assert_eq!(seen, [("Core 0", 40.0), ("temp10", 50.0), ("fan1", 1200.0)]);
        assert_eq!(samples[0].high, Some(80.0));
        assert_eq!(samples[0].critical, None);
        assert_eq!(samples[2].kind, SensorKind::Fan);
    }

    #[test]
    fn files_of_an_old_driver_are_found_below_device() {
        let (folder, samples) = chip_with(
            ChipKind::Hwmon,
            &[
                ("device/name", b"w83627\n"),
                ("device/temp1_input", b"31000\n"),
                ("device/temp1_fault", b"0\n"),
                ("device/temp2_input", b"32000\n"),
                ("device/temp2_fault", b"1\n"),
            ],
        );
        let name = Chip::driver_name(ChipKind::Hwmon, folder.path());
        assert_eq!(name.as_deref(), Some("w83627"));
        // The second says itself that it is broken.
        assert_eq!(samples.len(), 1);
        assert_eq!(samples[0].value, 31.0);
    }

    #[test]
    fn the_trip_points_of_a_zone_are_its_limits() {
        let (_folder, samples) = chip_with(
            ChipKind::ThermalZone,
            &[
                ("temp", b"49925\n"),
                ("trip_point_0_type", b"passive\n"),
                ("trip_point_0_temp", b"80000\n"),
                ("trip_point_1_type", b"critical\n"),
                ("trip_point_1_temp", b"110000\n"),
                ("trip_point_2_type", b"active\n"),
                ("trip_point_2_temp", b"55000\n"),
            ],
        );
        assert_eq!(samples.len(), 1);
        assert_eq!(samples[0].value, 49.925);
        assert_eq!(samples[0].high, Some(80.0));
        assert_eq!(samples[0].critical, Some(110.0));
    }

    #[test]
    fn a_sensor_that_appears_later_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let chip = Chip::new(ChipKind::Hwmon, folder.path().to_path_buf(), "chip".into());
        assert!(chip.read().is_empty());
        std::fs::write(folder.path().join("temp1_input"), "20000").unwrap();
        assert!((0..=LOOKUP_READINGS).any(|_| chip.read().len() == 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_content_gives_a_believable_value_or_none(content: Vec<u8>, raw: i64) {
            let raw = raw.to_string();
            for bytes in [&content[..], raw.as_bytes()] {
                let (_folder, samples) = chip_with(ChipKind::Hwmon, &[
                    ("temp1_input", bytes), ("temp1_label", bytes), ("temp1_max", bytes),
                    ("fan1_input", bytes), ("temp2_input", b"20000"), ("temp2_fault", bytes),
                ]);
                for sample in samples {
                    prop_assert!((-100.0..=100_000.0).contains(&sample.value));
                }
                let _ = chip_with(ChipKind::ThermalZone, &[
                    ("temp", bytes), ("trip_point_0_type", bytes), ("trip_point_0_temp", bytes),
                ]);
            }
        }
    }
}
