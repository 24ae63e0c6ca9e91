//! Pressure stall information (PSI): `/proc/pressure/*`, Linux ≥ 4.20.

use serde::{Deserialize, Serialize};

use crate::sample::parse::{decimal, lines, number, words};
use crate::sample::rates::{per_second_of, percent_of};
use crate::sample::source::KeptFile;
use crate::sample::{Roots, SourceReport, Tick};

/// One line of a pressure file: the share of time in which tasks waited.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PressureLine {
    /// Percent of the last 10 seconds, 0 to 100.
    pub avg10_percent: f64,
    /// Percent of the last minute.
    pub avg60_percent: f64,
    /// Percent of the last 5 minutes.
    pub avg300_percent: f64,
    /// Time waited since boot in microseconds (`total`).
    pub stalled_usec_total: u64,
    /// Percent of the time since the previous sample; `None` in the first one.
    pub stalled_percent: Option<f64>,
}

/// Pressure on one resource.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PressureResource {
    /// At least one task waited.
    pub some: PressureLine,
    /// All non-idle tasks waited at once; `None` where the kernel does not tell (cpu
    /// before Linux 5.13; since then the machine's is there and always 0).
    pub full: Option<PressureLine>,
}

/// Pressure on the machine. A resource is `None` where the kernel does not account it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PressureSample {
    /// Waiting for a processor.
    pub cpu: Option<PressureResource>,
    /// Waiting for memory: reclaim, swap, refaults.
    pub memory: Option<PressureResource>,
    /// Waiting for a disk.
    pub io: Option<PressureResource>,
}

/// Reads [`PressureSample`] each tick.
#[derive(Debug)]
pub(crate) struct PressureReader {
    cpu: ResourceReader,
    memory: ResourceReader,
    io: ResourceReader,
}

#[derive(Debug)]
struct ResourceReader {
    file: KeptFile,
    previous_some: Option<u64>,
    previous_full: Option<u64>,
}

impl PressureReader {
    pub(crate) fn new(roots: &Roots) -> PressureReader {
        let resource = |file: &str, gives| ResourceReader {
            file: KeptFile::new(roots.proc(file), gives).with_short_records(),
            previous_some: None,
            previous_full: None,
        };
        PressureReader {
            cpu: resource("pressure/cpu", "pressure on processors"),
            memory: resource("pressure/memory", "pressure on memory"),
            io: resource("pressure/io", "pressure on disks"),
        }
    }

    pub(crate) fn read(
        &mut self,
        tick: &Tick<'_>,
        buffer: &mut Vec<u8>,
        into: &mut PressureSample,
    ) {
        *into = PressureSample {
            cpu: self.cpu.read(tick, buffer),
            memory: self.memory.read(tick, buffer),
            io: self.io.read(tick, buffer),
        };
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        for resource in [&self.cpu, &self.memory, &self.io] {
            out.push(resource.file.report());
        }
    }
}

impl ResourceReader {
    fn read(&mut self, tick: &Tick<'_>, buffer: &mut Vec<u8>) -> Option<PressureResource> {
        let previous_some = self.previous_some.take();
        let previous_full = self.previous_full.take();
        let text = self.file.read(buffer)?;
        let (mut some, mut full) = (None, None);
        for line in lines(text) {
            let mut words = words(line);
            let field = match words.next() {
                Some(b"some") => &mut some,
                Some(b"full") => &mut full,
                _ => continue,
            };
            *field = parse_line(words);
            if field.is_none() {
                self.file
                    .malformed("`some` or `full` with avg10, avg60, avg300, total");
            }
        }
        let Some(mut some) = some else {
            self.file.malformed("a line `some`");
            return None;
        };

        rate(&mut some, previous_some, tick.elapsed_seconds);
        if let Some(full) = &mut full {
            rate(full, previous_full, tick.elapsed_seconds);
        }
        self.previous_some = Some(some.stalled_usec_total);
        self.previous_full = full.map(|line| line.stalled_usec_total);
        Some(PressureResource { some, full })
    }
}

fn rate(line: &mut PressureLine, previous: Option<u64>, elapsed_seconds: Option<f64>) {
    line.stalled_percent = per_second_of(previous, Some(line.stalled_usec_total), elapsed_seconds)
        .and_then(|usec_per_second| percent_of(usec_per_second, 1e6));
}

/// `avg10=0.00 avg60=0.00 avg300=0.00 total=0`, in any order.
fn parse_line<'a>(words: impl Iterator<Item = &'a [u8]>) -> Option<PressureLine> {
    let (mut avg10, mut avg60, mut avg300, mut total) = (None, None, None, None);
    for word in words {
        let equals = word.iter().position(|byte| *byte == b'=')?;
        let value = &word[equals + 1..];
        match &word[..equals] {
            b"avg10" => avg10 = percent(value),
            b"avg60" => avg60 = percent(value),
            b"avg300" => avg300 = percent(value),
            b"total" => total = number(value),
            _ => {}
        }
    }
    Some(PressureLine {
        avg10_percent: avg10?,
        avg60_percent: avg60?,
        avg300_percent: avg300?,
        stalled_usec_total: total?,
        stalled_percent: None,
    })
}

/// The kernel's averages may exceed 100 by their rounding, never more.
fn percent(value: &[u8]) -> Option<f64> {
    decimal(value)
        .filter(|percent| (0.0..101.0).contains(percent))
        .map(|percent| percent.min(100.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fixture::{Fixture, assert_pressure_is_sound};
    use crate::sample::source::Availability;
    use proptest::prelude::*;

    const PRESSURE: &str = "some avg10=1.50 avg60=2.00 avg300=3.85 total=1000000\n\
        full avg10=0.20 avg60=3.00 avg300=4.95 total=250000\n";

    fn read(
        reader: &mut PressureReader,
        fixture: &Fixture,
        elapsed: Option<f64>,
    ) -> PressureSample {
        let mut sample = PressureSample::default();
        reader.read(&fixture.tick(elapsed), &mut Vec::new(), &mut sample);
        sample
    }

    #[test]
    fn the_share_of_time_since_the_last_sample_is_told_beside_the_kernels_averages() {
        let fixture = Fixture::new();
        fixture.write("proc/pressure/io", PRESSURE);
        let mut reader = PressureReader::new(&fixture.roots());
        let first = read(&mut reader, &fixture, None).io.unwrap();
        assert_eq!(first.some.avg10_percent, 1.5);
        assert_eq!(first.some.stalled_percent, None);

        let later = PRESSURE
            .replace("total=1000000", "total=1500000")
            .replace("total=250000", "total=9250000");
        fixture.write("proc/pressure/io", &later);
        let second = read(&mut reader, &fixture, Some(2.0)).io.unwrap();
        assert_eq!(second.some.stalled_percent, Some(25.0));
        // 9 s of waiting in 2 s can only be the reading's own delay.
        assert_eq!(second.full.unwrap().stalled_percent, Some(100.0));

        fixture.write("proc/pressure/io", PRESSURE);
        let reset = read(&mut reader, &fixture, Some(2.0)).io.unwrap();
        assert_eq!(reset.some.stalled_percent, None);
    }

    #[test]
    fn cpu_pressure_without_a_full_line_is_complete() {
        let fixture = Fixture::new();
        fixture.write(
            "proc/pressure/cpu",
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n",
        );
        let mut reader = PressureReader::new(&fixture.roots());
        let sample = read(&mut reader, &fixture, None);
        assert_eq!(sample.cpu.unwrap().full, None);
        assert_eq!(sample.cpu.unwrap().some.stalled_usec_total, 5);
        assert_eq!(sample.memory, None);
        assert_eq!(reader.cpu.file.availability(), Availability::Available);
        assert_eq!(reader.memory.file.availability(), Availability::Absent);
    }

    #[test]
    fn a_broken_line_is_unknown_and_reported() {
        let fixture = Fixture::new();
        fixture.write(
            "proc/pressure/io",
            PRESSURE.replace("avg60=3.00", "avg60=x"),
        );
        let mut reader = PressureReader::new(&fixture.roots());
        let sample = read(&mut reader, &fixture, None);
        assert_eq!(sample.io.unwrap().full, None);
        assert_eq!(reader.io.file.availability(), Availability::Malformed);
        fixture.write("proc/pressure/io", "");
        assert_eq!(read(&mut reader, &fixture, Some(1.0)).io, None);
        assert_eq!(reader.io.file.availability(), Availability::Malformed);
    }

    proptest! {
        #[test]
        fn any_content_is_read_without_panic(
            first in Fixture::content(PRESSURE), second in Fixture::content(PRESSURE),
            seconds in -1.0f64..5.0,
        ) {
            let fixture = Fixture::new();
            fixture.write("proc/pressure/memory", &first);
            let mut reader = PressureReader::new(&fixture.roots());
            read(&mut reader, &fixture, None);
            fixture.write("proc/pressure/memory", &second);
            assert_pressure_is_sound(&read(&mut reader, &fixture, Some(seconds)));
        }
    }
}
