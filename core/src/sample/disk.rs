//! Block devices: `/proc/diskstats`, with `/sys/block` to tell whole devices from
//! partitions.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sample::parse::{lines, number, words};
use crate::sample::rates::{per_second, percent_of};
use crate::sample::roster::Roster;
use crate::sample::source::KeptFile;
use crate::sample::{Roots, SourceReport, Tick};

/// Cumulative counters of a device since boot, as in `/proc/diskstats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DiskCounters {
    /// Reads completed.
    pub reads_total: u64,
    /// Bytes read (sectors of 512 bytes).
    pub read_bytes_total: u64,
    /// Time spent reading in milliseconds, summed over requests.
    pub read_ms_total: u64,
    /// Writes completed.
    pub writes_total: u64,
    /// Bytes written.
    pub write_bytes_total: u64,
    /// Time spent writing in milliseconds, summed over requests.
    pub write_ms_total: u64,
    /// Time in which the device had anything to do, in milliseconds.
    pub busy_ms_total: u64,
    /// Requests in flight multiplied by time, in milliseconds.
    pub weighted_ms_total: u64,
}

/// One whole block device (no partitions, no device that was never used).
/// Rates are `None` in the first sample and after a counter reset.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DiskSample {
    /// Name of the device, e.g. `nvme0n1`.
    pub name: Arc<str>,
    /// It stands on other block devices or on a file (`dm-*`, `md*`, `loop*`, anything
    /// with `slaves` in `/sys/block`). What it moves is counted again below it, so it is
    /// left out of the machine's totals.
    pub is_stacked: bool,
    /// Bytes read per second.
    pub read_bytes_per_sec: Option<f64>,
    /// Bytes written per second.
    pub write_bytes_per_sec: Option<f64>,
    /// Reads completed per second.
    pub reads_per_sec: Option<f64>,
    /// Writes completed per second.
    pub writes_per_sec: Option<f64>,
    /// Mean time of a read in milliseconds, queueing included; `None` without a read.
    pub read_latency_ms: Option<f64>,
    /// Mean time of a write in milliseconds, queueing included; `None` without a write.
    pub write_latency_ms: Option<f64>,
    /// Share of time in which the device had anything to do, 0 to 100. A device that
    /// serves requests side by side (SSD, RAID) is not full at 100.
    pub utilisation_percent: Option<f64>,
    /// Mean number of requests in flight.
    pub queue_length: Option<f64>,
    /// Requests in flight now.
    pub in_flight: u64,
    /// Raw counters.
    pub counters: DiskCounters,
}

/// Columns of statistics that every whole device has had since Linux 2.6; later kernels
/// add 4 (discard) and 2 (flush).
const COLUMNS: usize = 11;
/// Columns of a partition before Linux 2.6.25.
const OLD_PARTITION_COLUMNS: usize = 4;

/// Reads the devices each tick.
#[derive(Debug)]
pub(crate) struct DiskReader {
    diskstats: KeptFile,
    block_folder: PathBuf,
    devices: Roster<Device>,
}

/// What is remembered of a line of `/proc/diskstats`, a partition's included.
#[derive(Debug)]
struct Device {
    kind: Kind,
    previous: Option<DiskCounters>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Partition,
    Whole { is_stacked: bool },
}

/// The numbers of one line.
struct Line {
    counters: DiskCounters,
    in_flight: u64,
    was_used: bool,
}

impl DiskReader {
    pub(crate) fn new(roots: &Roots) -> DiskReader {
        DiskReader {
            diskstats: KeptFile::new(roots.proc("diskstats"), "disk throughput and latency")
                .with_short_records(),
            block_folder: roots.sys("block"),
            devices: Roster::new(),
        }
    }

    pub(crate) fn read(
        &mut self,
        tick: &Tick<'_>,
        buffer: &mut Vec<u8>,
        into: &mut Vec<DiskSample>,
    ) {
        into.clear();
        let Some(text) = self.diskstats.read(buffer) else {
            self.devices.clear();
            return;
        };
        let mut wrong = false;
        // The last whole device, whose partitions follow it in the file.
        let mut parent: &[u8] = b"";
        self.devices.begin();
        for line in lines(text) {
            let mut words = words(line).skip(2);
            let Some(name) = words.next() else {
                wrong = true;
                continue;
            };
            let folder = &self.block_folder;
            let device = self.devices.find(name, |text| Device {
                kind: kind_of(folder, text, parent),
                previous: None,
            });
            let previous = device.remembered.previous.take();
            let Kind::Whole { is_stacked } = device.remembered.kind else {
                continue;
            };
            parent = name;
            match parse_line(words) {
                Ok(Some(line)) => {
                    device.remembered.previous = Some(line.counters);
                    if line.was_used {
                        let mut sample = rates(&line, previous, tick.elapsed_seconds);
                        sample.name = Arc::clone(&device.name);
                        sample.is_stacked = is_stacked;
                        into.push(sample);
                    }
                }
                Ok(None) => {}
                Err(()) => wrong = true,
            }
        }
        self.devices.end();
        if wrong {
            self.diskstats
                .malformed("`major minor name` and 11 numbers or more in each line");
        }
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        out.push(self.diskstats.report());
    }
}

/// Asked once for each name, when it first appears.
fn kind_of(block_folder: &std::path::Path, name: &str, parent: &[u8]) -> Kind {
    // In names of files `/` is written `!`, e.g. `cciss!c0d0`.
    let folder = block_folder.join(name.replace('/', "!"));
    let is_whole = if block_folder.is_dir() {
        folder.is_dir()
    } else {
        // Without /sys the name has to tell: partitions follow their device.
        !is_partition_name(name.as_bytes(), parent)
    };
    if !is_whole {
        return Kind::Partition;
    }
    let numbered = |prefix: &str| {
        let rest = name.strip_prefix(prefix).map(str::as_bytes);
        rest.is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
    };
    let stands_on_others = || {
        let slaves = std::fs::read_dir(folder.join("slaves"));
        slaves.is_ok_and(|mut slaves| slaves.next().is_some())
    };
    Kind::Whole {
        is_stacked: numbered("dm-") || numbered("md") || numbered("loop") || stands_on_others(),
    }
}

/// The kernel's own rule: the device's name, a `p` if that ends in a digit, and a number.
fn is_partition_name(name: &[u8], parent: &[u8]) -> bool {
    let Some(last) = parent.last() else {
        return false;
    };
    let rest = name.strip_prefix(parent).and_then(|rest| {
        if last.is_ascii_digit() {
            rest.strip_prefix(b"p")
        } else {
            Some(rest)
        }
    });
    rest.is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
}

/// The statistics after the name: `Ok(None)` for a partition of an old kernel.
fn parse_line<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> Result<Option<Line>, ()> {
    let mut columns = [0; COLUMNS];
    let mut found = 0;
    for (column, word) in columns.iter_mut().zip(words.by_ref()) {
        *column = number(word).ok_or(())?;
        found += 1;
    }
    match found {
        COLUMNS => {}
        OLD_PARTITION_COLUMNS => return Ok(None),
        _ => return Err(()),
    }
    let [
        reads,
        _,
        read_sectors,
        read_ms,
        writes,
        _,
        written_sectors,
        write_ms,
        in_flight,
        busy_ms,
        weighted_ms,
    ] = columns;
    // A sector is 512 bytes here, whatever the device's own sectors are.
    let bytes = |sectors: u64| sectors.checked_mul(512).ok_or(());
    Ok(Some(Line {
        counters: DiskCounters {
            reads_total: reads,
            read_bytes_total: bytes(read_sectors)?,
            read_ms_total: read_ms,
            writes_total: writes,
            write_bytes_total: bytes(written_sectors)?,
            write_ms_total: write_ms,
            busy_ms_total: busy_ms,
            weighted_ms_total: weighted_ms,
        },
        in_flight,
        // Discards and flushes, in the columns that follow, are use too.
        was_used: columns.iter().any(|column| *column != 0) || words.any(|word| word != b"0"),
    }))
}

fn rates(line: &Line, previous: Option<DiskCounters>, elapsed_seconds: Option<f64>) -> DiskSample {
    let now = &line.counters;
    let mut sample = DiskSample {
        in_flight: line.in_flight,
        counters: *now,
        ..DiskSample::default()
    };
    // One counter that went back (a device taken out and put in again, or a 32 bit
    // counter of milliseconds that wrapped) makes the others doubtful as well.
    let Some(before) = previous.filter(|before| before.is_not_after(now)) else {
        return sample;
    };
    let rate =
        |field: fn(&DiskCounters) -> u64| per_second(field(&before), field(now), elapsed_seconds);
    let mean = |time: fn(&DiskCounters) -> u64, count: fn(&DiskCounters) -> u64| {
        let completed = count(now) - count(&before);
        let milliseconds = time(now) - time(&before);
        (completed > 0 && elapsed_seconds.is_some()).then(|| milliseconds as f64 / completed as f64)
    };
    sample.read_bytes_per_sec = rate(|c| c.read_bytes_total);
    sample.write_bytes_per_sec = rate(|c| c.write_bytes_total);
    sample.reads_per_sec = rate(|c| c.reads_total);
    sample.writes_per_sec = rate(|c| c.writes_total);
    sample.read_latency_ms = mean(|c| c.read_ms_total, |c| c.reads_total);
    sample.write_latency_ms = mean(|c| c.write_ms_total, |c| c.writes_total);
    sample.utilisation_percent =
        rate(|c| c.busy_ms_total).and_then(|busy_ms| percent_of(busy_ms, 1000.0));
    sample.queue_length = rate(|c| c.weighted_ms_total).map(|weighted| weighted / 1000.0);
    sample
}

impl DiskCounters {
    /// True when no counter is greater than in `later`.
    fn is_not_after(&self, later: &DiskCounters) -> bool {
        self.reads_total <= later.reads_total
            && self.read_bytes_total <= later.read_bytes_total
            && self.read_ms_total <= later.read_ms_total
            && self.writes_total <= later.writes_total
            && self.write_bytes_total <= later.write_bytes_total
            && self.write_ms_total <= later.write_ms_total
            && self.busy_ms_total <= later.busy_ms_total
            && self.weighted_ms_total <= later.weighted_ms_total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fixture::{Fixture, assert_disks_are_sound};
    use crate::sample::source::Availability;
    use proptest::prelude::*;

    const DISKSTATS: &str = "   8  0 sda 100 0 2000 500 50 0 1000 250 0 400 750 0 0 0 0 9 9\n\
           8  1 sda1 100 0 2000 500 50 0 1000 250 0 400 750 0 0 0 0\n\
         252  0 dm-0 10 0 20 5 5 0 10 2 0 4 7\n";

    fn read(reader: &mut DiskReader, fixture: &Fixture, elapsed: Option<f64>) -> Vec<DiskSample> {
        let mut disks = vec![DiskSample::default(); 3];
        reader.read(&fixture.tick(elapsed), &mut Vec::new(), &mut disks);
        disks
    }

    fn names(disks: &[DiskSample]) -> Vec<&str> {
        disks.iter().map(|disk| &*disk.name).collect()
    }

    #[test]
    fn rates_and_latencies_come_from_the_difference_of_two_readings() {
        let fixture = Fixture::new();
        fixture.folder("sys/block/sda");
        fixture.write("proc/diskstats", DISKSTATS);
        let mut reader = DiskReader::new(&fixture.roots());
        let first = read(&mut reader, &fixture, None);
        assert_eq!(names(&first), ["sda"]);
        assert_eq!(first[0].reads_per_sec, None);
        assert_eq!(first[0].counters.read_bytes_total, 2000 * 512);

        let later = "8 0 sda 140 0 2400 620 50 0 1000 250 3 1400 1750\n";
        fixture.write("proc/diskstats", later);
        let second = &read(&mut reader, &fixture, Some(2.0))[0];
        assert_eq!(second.reads_per_sec, Some(20.0));
        assert_eq!(second.read_bytes_per_sec, Some(200.0 * 512.0));
        assert_eq!(second.read_latency_ms, Some(3.0));
        assert_eq!(second.write_latency_ms, None);
        assert_eq!(second.writes_per_sec, Some(0.0));
        assert_eq!(second.utilisation_percent, Some(50.0));
        assert_eq!(second.queue_length, Some(0.5));
        assert_eq!(second.in_flight, 3);
    }

    #[test]
    fn one_counter_that_went_back_leaves_all_rates_of_the_device_unknown() {
        let fixture = Fixture::new();
        fixture.folder("sys/block/sda");
        fixture.write("proc/diskstats", DISKSTATS);
        let mut reader = DiskReader::new(&fixture.roots());
        read(&mut reader, &fixture, None);
        fixture.write("proc/diskstats", DISKSTATS.replace(" 750 ", " 3 "));
        let wrapped = read(&mut reader, &fixture, Some(1.0));
        assert_eq!(wrapped[0].reads_per_sec, None);
        assert_eq!(wrapped[0].queue_length, None);
        let after = read(&mut reader, &fixture, Some(1.0));
        assert_eq!(after[0].reads_per_sec, Some(0.0));
    }

    #[test]
    fn devices_on_top_of_others_are_marked() {
        let fixture = Fixture::new();
        for folder in ["sda", "dm-0", "bcache0/slaves/sda", "cciss!c0d0", "mdt"] {
            fixture.folder(&format!("sys/block/{folder}"));
        }
        let line = |name: &str| format!("1 1 {name} 1 1 1 1 1 1 1 1 1 1 1\n");
        let devices = [
            "sda",
            "sda1",
            "dm-0",
            "bcache0",
            "cciss/c0d0",
            "cciss/c0d0p1",
            "mdt",
        ];
        fixture.write("proc/diskstats", devices.map(line).concat());
        let mut reader = DiskReader::new(&fixture.roots());
        let disks = read(&mut reader, &fixture, None);
        let stacked: Vec<_> = disks.iter().map(|d| (&*d.name, d.is_stacked)).collect();
        let expected = [
            ("sda", false),
            ("dm-0", true),
            ("bcache0", true),
            ("cciss/c0d0", false),
            ("mdt", false),
        ];
        assert_eq!(stacked, expected);
    }

    #[test]
    fn without_sys_partitions_are_told_by_their_names() {
        let fixture = Fixture::new();
        let line = |name: &str| format!("1 1 {name} 1 1 1 1 1 1 1 1 1 1 1\n");
        let devices = [
            "sda",
            "sda1",
            "sda12",
            "sdaa",
            "sdaa1",
            "nvme0n1",
            "nvme0n1p1",
            "nvme0n12",
            "loop1",
            "loop10",
            "loop10p2",
        ];
        fixture.write("proc/diskstats", devices.map(line).concat());
        let mut reader = DiskReader::new(&fixture.roots());
        let disks = read(&mut reader, &fixture, None);
        assert_eq!(
            names(&disks),
            ["sda", "sdaa", "nvme0n1", "nvme0n12", "loop1", "loop10"]
        );
    }

    #[test]
    fn a_device_never_used_appears_with_its_first_request() {
        let fixture = Fixture::new();
        fixture.folder("sys/block/zram0");
        fixture.write(
            "proc/diskstats",
            "253 0 zram0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        );
        let mut reader = DiskReader::new(&fixture.roots());
        assert_eq!(read(&mut reader, &fixture, None), []);
        fixture.write(
            "proc/diskstats",
            "253 0 zram0 0 0 0 0 8 0 64 4 0 4 4 0 0 0 0\n",
        );
        let used = read(&mut reader, &fixture, Some(2.0));
        assert_eq!(used[0].writes_per_sec, Some(4.0));
        assert_eq!(used[0].write_latency_ms, Some(0.5));
    }

    #[test]
    fn partitions_of_old_kernels_have_fewer_columns_and_confuse_nobody() {
        let fixture = Fixture::new();
        fixture.folder("sys/block/hda");
        fixture.folder("sys/block/hda1");
        let text = "3 0 hda 1 2 3 4 5 6 7 8 9 10 11\n3 1 hda1 1 2 3 4\n";
        fixture.write("proc/diskstats", text);
        let mut reader = DiskReader::new(&fixture.roots());
        assert_eq!(names(&read(&mut reader, &fixture, None)), ["hda"]);
        assert_eq!(reader.diskstats.availability(), Availability::Available);
        fixture.write("proc/diskstats", "3 0 hda 1 2 3 4 5 6\n");
        assert_eq!(read(&mut reader, &fixture, None), []);
        assert_eq!(reader.diskstats.availability(), Availability::Malformed);
    }

    proptest! {
        #[test]
        fn any_content_is_read_without_panic(
            first in Fixture::content(DISKSTATS), second in Fixture::content(DISKSTATS),
            seconds in -1.0f64..5.0, with_sys: bool,
        ) {
            let fixture = Fixture::new();
            if with_sys {
                fixture.folder("sys/block/sda");
            }
            fixture.write("proc/diskstats", &first);
            let mut reader = DiskReader::new(&fixture.roots());
            read(&mut reader, &fixture, None);
            fixture.write("proc/diskstats", &second);
            assert_disks_are_sound(&read(&mut reader, &fixture, Some(seconds)));
        }
    }
}
