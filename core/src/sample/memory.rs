//! Memory: `/proc/meminfo` and `/proc/vmstat`.

use serde::{Deserialize, Serialize};

use crate::sample::parse::{lines, number, trim, words};
use crate::sample::rates::{per_second_of, percent_of};
use crate::sample::source::KeptFile;
use crate::sample::{Roots, SourceReport, Tick};

/// Memory and swap of the machine. A field is `None` where the kernel does not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MemorySample {
    /// Memory that the kernel can use (`MemTotal`).
    pub total_bytes: Option<u64>,
    /// What new programs could get without swapping (`MemAvailable`; before Linux 3.14
    /// estimated, see `available_is_estimated`).
    pub available_bytes: Option<u64>,
    /// True where the kernel has no `MemAvailable` and it was estimated as
    /// free + buffers + page cache + reclaimable slab − shmem, at most total; the last two
    /// are left out where the kernel does not tell them either.
    pub available_is_estimated: bool,
    /// total − available; `None` where the kernel says that more is available than there is.
    pub used_bytes: Option<u64>,
    /// 100 · used / total.
    pub used_percent: Option<f64>,
    /// Not used for anything (`MemFree`).
    pub free_bytes: Option<u64>,
    /// Block device buffers (`Buffers`).
    pub buffers_bytes: Option<u64>,
    /// Page cache with shmem (`Cached`).
    pub cached_bytes: Option<u64>,
    /// Kernel data structures (`Slab`).
    pub slab_bytes: Option<u64>,
    /// The part of slab that can be reclaimed (`SReclaimable`).
    pub slab_reclaimable_bytes: Option<u64>,
    /// Shared memory and tmpfs (`Shmem`).
    pub shmem_bytes: Option<u64>,
    /// Waiting to be written to disk (`Dirty`).
    pub dirty_bytes: Option<u64>,
    /// Being written to disk (`Writeback`).
    pub writeback_bytes: Option<u64>,
    /// Anonymous memory (`AnonPages`).
    pub anonymous_bytes: Option<u64>,
    /// Swap space (`SwapTotal`); 0 when the machine has none.
    pub swap_total_bytes: Option<u64>,
    /// SwapTotal − SwapFree; `None` where more is said to be free than there is.
    pub swap_used_bytes: Option<u64>,
    /// 100 · swap used / swap total; `None` without swap.
    pub swap_used_percent: Option<f64>,
    /// Read back from swap since boot (`pswpin` pages).
    pub swap_in_bytes_total: Option<u64>,
    /// Read back from swap per second.
    pub swap_in_bytes_per_sec: Option<f64>,
    /// Written to swap since boot (`pswpout` pages).
    pub swap_out_bytes_total: Option<u64>,
    /// Written to swap per second.
    pub swap_out_bytes_per_sec: Option<f64>,
    /// Page faults that needed a disk since boot (`pgmajfault`).
    pub major_faults_total: Option<u64>,
    /// Page faults that needed a disk, per second.
    pub major_faults_per_sec: Option<f64>,
    /// Processes killed for want of memory since boot (`oom_kill`, Linux ≥ 4.13).
    pub oom_kills_total: Option<u64>,
    /// Processes killed for want of memory since the previous sample.
    pub oom_kills_since_last: Option<u64>,
}

/// Reads [`MemorySample`] each tick.
#[derive(Debug)]
pub(crate) struct MemoryReader {
    meminfo: KeptFile,
    vmstat: KeptFile,
    previous: Counters,
}

/// The counters of `/proc/vmstat`, swap in bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Counters {
    swap_in: Option<u64>,
    swap_out: Option<u64>,
    major_faults: Option<u64>,
    oom_kills: Option<u64>,
}

impl MemoryReader {
    pub(crate) fn new(roots: &Roots) -> MemoryReader {
        MemoryReader {
            meminfo: KeptFile::new(roots.proc("meminfo"), "memory and swap").with_short_records(),
            vmstat: KeptFile::new(roots.proc("vmstat"), "swapping, major faults, OOM kills")
                .with_short_records(),
            previous: Counters::default(),
        }
    }

    pub(crate) fn read(&mut self, tick: &Tick<'_>, buffer: &mut Vec<u8>, into: &mut MemorySample) {
        *into = MemorySample::default();
        self.read_meminfo(buffer, into);
        self.read_vmstat(tick, buffer, into);
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        out.push(self.meminfo.report());
        out.push(self.vmstat.report());
    }

    fn read_meminfo(&mut self, buffer: &mut Vec<u8>, into: &mut MemorySample) {
        let Some(text) = self.meminfo.read(buffer) else {
            return;
        };
        let swap_free = parse_meminfo(text, into);
        if into.total_bytes.is_none() {
            self.meminfo.malformed("`MemTotal: N kB`");
        }
        if into.available_bytes.is_none() {
            into.available_bytes = estimate_available(into);
            into.available_is_estimated = into.available_bytes.is_some();
        }

        if let (Some(total), Some(available)) = (into.total_bytes, into.available_bytes) {
            into.used_bytes = total.checked_sub(available);
            if into.used_bytes.is_none() {
                self.meminfo
                    .malformed("`MemAvailable` not above `MemTotal`");
            }
        }
        if let (Some(total), Some(free)) = (into.swap_total_bytes, swap_free) {
            into.swap_used_bytes = total.checked_sub(free);
            if into.swap_used_bytes.is_none() {
                self.meminfo.malformed("`SwapFree` not above `SwapTotal`");
            }
        }
        let percent = |used: Option<u64>, total: Option<u64>| -> Option<f64> {
            percent_of(used? as f64, total? as f64)
        };
        into.used_percent = percent(into.used_bytes, into.total_bytes);
        into.swap_used_percent = percent(into.swap_used_bytes, into.swap_total_bytes);
    }

    fn read_vmstat(&mut self, tick: &Tick<'_>, buffer: &mut Vec<u8>, into: &mut MemorySample) {
        let previous = std::mem::take(&mut self.previous);
        let Some(text) = self.vmstat.read(buffer) else {
            return;
        };
        let Some(now) = parse_vmstat(text, tick.host.page_size_bytes) else {
            self.vmstat.malformed("lines of `name number`");
            return;
        };

        let elapsed = tick.elapsed_seconds;
        into.swap_in_bytes_total = now.swap_in;
        into.swap_in_bytes_per_sec = per_second_of(previous.swap_in, now.swap_in, elapsed);
        into.swap_out_bytes_total = now.swap_out;
        into.swap_out_bytes_per_sec = per_second_of(previous.swap_out, now.swap_out, elapsed);
        into.major_faults_total = now.major_faults;
        into.major_faults_per_sec = per_second_of(previous.major_faults, now.major_faults, elapsed);
        into.oom_kills_total = now.oom_kills;
        into.oom_kills_since_last = elapsed
            .and(now.oom_kills.zip(previous.oom_kills))
            .and_then(|(now, before)| now.checked_sub(before));
        self.previous = now;
    }
}

/// Fields that are read, `SwapFree` included: when all are found the rest is not looked at.
const MEMINFO_FIELDS: usize = 13;

/// Fills in what `/proc/meminfo` says; returns `SwapFree`.
fn parse_meminfo(text: &[u8], into: &mut MemorySample) -> Option<u64> {
    let mut swap_free = None;
    let mut found = 0;
    for line in lines(text) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let field = match &line[..colon] {
            b"MemTotal" => &mut into.total_bytes,
            b"MemFree" => &mut into.free_bytes,
            b"MemAvailable" => &mut into.available_bytes,
            b"Buffers" => &mut into.buffers_bytes,
            b"Cached" => &mut into.cached_bytes,
            b"SwapTotal" => &mut into.swap_total_bytes,
            b"SwapFree" => &mut swap_free,
            b"Dirty" => &mut into.dirty_bytes,
            b"Writeback" => &mut into.writeback_bytes,
            b"AnonPages" => &mut into.anonymous_bytes,
            b"Shmem" => &mut into.shmem_bytes,
            b"Slab" => &mut into.slab_bytes,
            b"SReclaimable" => &mut into.slab_reclaimable_bytes,
            _ => continue,
        };
        *field = kibibytes(&line[colon + 1..]);
        found += 1;
        if found == MEMINFO_FIELDS {
            break;
        }
    }
    swap_free
}

/// `  15666184 kB` in bytes. The kernel writes kB and means KiB.
fn kibibytes(value: &[u8]) -> Option<u64> {
    let mut words = words(value);
    let number = words.next().and_then(number)?;
    (words.next() == Some(b"kB")).then(|| number.checked_mul(1024))?
}

fn estimate_available(memory: &MemorySample) -> Option<u64> {
    let reclaimable = memory.slab_reclaimable_bytes.unwrap_or(0);
    let sum = memory
        .free_bytes?
        .checked_add(memory.buffers_bytes?)?
        .checked_add(memory.cached_bytes?)?
        .checked_add(reclaimable)?;
    let estimate = sum.saturating_sub(memory.shmem_bytes.unwrap_or(0));
    Some(estimate.min(memory.total_bytes?))
}

/// The counters that are wanted of the 100 to 200 lines of `/proc/vmstat`; one that the
/// kernel does not have is `None`. `None` as a whole when a number is no number.
///
/// The other lines are not taken apart: a search for four words costs a tenth of that.
fn parse_vmstat(text: &[u8], page_size_bytes: u64) -> Option<Counters> {
    let value = |name: &[u8], unit: u64| match find_line(text, name) {
        None => Some(None),
        Some(value) => Some(Some(number(trim(value))?.checked_mul(unit)?)),
    };
    Some(Counters {
        swap_in: value(b"\npswpin ", page_size_bytes)?,
        swap_out: value(b"\npswpout ", page_size_bytes)?,
        major_faults: value(b"\npgmajfault ", 1)?,
        oom_kills: value(b"\noom_kill ", 1)?,
    })
}

/// What follows `name`, given with the line end before it, up to the next line end. (The
/// first line of the file is `nr_free_pages`, so nothing is missed.)
fn find_line<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let start = memchr::memmem::find(text, name)? + name.len();
    let length = memchr::memchr(b'\n', &text[start..]).unwrap_or(text.len() - start);
    Some(&text[start..start + length])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fixture::{Fixture, assert_memory_is_sound};
    use crate::sample::source::Availability;
    use proptest::prelude::*;

    const MEMINFO: &str = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 600 kB\n\
        Buffers: 50 kB\nCached: 400 kB\nSwapTotal: 200 kB\nSwapFree: 150 kB\n\
        Shmem: 30 kB\nSReclaimable: 20 kB\n";
    const VMSTAT: &str = "nr_free_pages 25\npgmajfault 7\npswpin 3\npswpout 4\noom_kill 1\n";

    fn read(reader: &mut MemoryReader, fixture: &Fixture, elapsed: Option<f64>) -> MemorySample {
        let mut sample = MemorySample::default();
        reader.read(&fixture.tick(elapsed), &mut Vec::new(), &mut sample);
        sample
    }

    fn meminfo(text: &str) -> (MemorySample, Availability) {
        let fixture = Fixture::new();
        fixture.write("proc/meminfo", text);
        let mut reader = MemoryReader::new(&fixture.roots());
        let sample = read(&mut reader, &fixture, None);
        (sample, reader.meminfo.availability())
    }

    #[test]
    fn kernel_kilobytes_are_units_of_1024_bytes() {
        let (sample, _) = meminfo(MEMINFO);
        assert_eq!(sample.total_bytes, Some(1_024_000));
        assert_eq!(sample.used_bytes, Some(409_600));
        assert_eq!(sample.used_percent, Some(40.0));
        assert_eq!(sample.swap_used_percent, Some(25.0));
        assert!(!sample.available_is_estimated);
        let (sample, availability) = meminfo("MemTotal: 1000 pages\n");
        assert_eq!(sample.total_bytes, None);
        assert_eq!(availability, Availability::Malformed);
    }

    #[test]
    fn available_memory_is_estimated_where_the_kernel_does_not_tell() {
        let (sample, _) = meminfo(&MEMINFO.replace("MemAvailable", "Other"));
        assert_eq!(
            sample.available_bytes,
            Some((100 + 50 + 400 + 20 - 30) * 1024)
        );
        assert!(sample.available_is_estimated);
        let (sample, _) = meminfo("MemTotal: 1000 kB\nMemFree: 100 kB\nCached: 400 kB\n");
        assert_eq!(sample.available_bytes, None);
        assert!(!sample.available_is_estimated);
    }

    #[test]
    fn more_available_than_there_is_leaves_used_unknown_and_is_reported() {
        let (sample, availability) = meminfo(&MEMINFO.replace("600", "6000"));
        assert_eq!(sample.used_bytes, None);
        assert_eq!(sample.used_percent, None);
        assert_eq!(sample.available_bytes, Some(6000 * 1024));
        assert_eq!(availability, Availability::Malformed);
        let (sample, _) = meminfo(&MEMINFO.replace("150", "1500"));
        assert_eq!(sample.swap_used_bytes, None);
    }

    #[test]
    fn a_machine_without_swap_has_no_swap_percentage() {
        let text = MEMINFO.replace("200", "0").replace("150", "0");
        let (sample, availability) = meminfo(&text);
        assert_eq!(sample.swap_total_bytes, Some(0));
        assert_eq!(sample.swap_used_bytes, Some(0));
        assert_eq!(sample.swap_used_percent, None);
        assert_eq!(availability, Availability::Available);
    }

    #[test]
    fn swapping_is_counted_in_bytes_and_a_reset_gives_no_rate() {
        let fixture = Fixture::new();
        fixture.write("proc/vmstat", VMSTAT);
        let mut reader = MemoryReader::new(&fixture.roots());
        let first = read(&mut reader, &fixture, None);
        assert_eq!(first.swap_in_bytes_total, Some(3 * 4096));
        assert_eq!(first.oom_kills_since_last, None);

        fixture.write(
            "proc/vmstat",
            "nr_free_pages 25\npgmajfault 17\npswpin 13\npswpout 1\noom_kill 3\n",
        );
        let second = read(&mut reader, &fixture, Some(2.0));
        assert_eq!(second.swap_in_bytes_per_sec, Some(5.0 * 4096.0));
        assert_eq!(second.swap_out_bytes_per_sec, None);
        assert_eq!(second.major_faults_per_sec, Some(5.0));
        assert_eq!(second.oom_kills_since_last, Some(2));
    }

    proptest! {
        #[test]
        fn any_content_is_read_without_panic(
            info in Fixture::content(MEMINFO), first in Fixture::content(VMSTAT),
            second in Fixture::content(VMSTAT), seconds in -1.0f64..5.0,
        ) {
            let fixture = Fixture::new();
            fixture.write("proc/meminfo", &info);
            fixture.write("proc/vmstat", &first);
            let mut reader = MemoryReader::new(&fixture.roots());
            read(&mut reader, &fixture, None);
            fixture.write("proc/vmstat", &second);
            assert_memory_is_sound(&read(&mut reader, &fixture, Some(seconds)));
        }
    }
}
