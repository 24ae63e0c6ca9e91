//! The recording, and what of it is written.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use usm_core::history::frames_of;
use usm_core::series::{ABSENT, Family, Frame};
use usm_core::store::{Row, SeriesSettings, Store, StoreSettings};

/// Which families of a sample are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Which {
    Whole,
    /// Without processes.
    Machine,
    Headline,
}

impl Which {
    pub fn name(self) -> &'static str {
        match self {
            Which::Whole => "whole samples",
            Which::Machine => "without processes",
            Which::Headline => "headline metrics alone",
        }
    }

    pub fn has(self, family: Family) -> bool {
        match self {
            Which::Whole => true,
            Which::Machine => family != Family::Process,
            Which::Headline => family == Family::Headline,
        }
    }
}

pub struct Recorded {
    pub frames: Vec<Frame>,
}

impl Recorded {
    pub fn read(path: &Path) -> Recorded {
        let frames = frames_of(path).expect("a recording, see USM_BENCH_RECORDING");
        assert!(frames.len() > 1, "a recording of two samples at least");
        Recorded { frames }
    }

    /// From the first sample to where the next loop begins.
    pub fn seconds(&self) -> f64 {
        self.span_us() as f64 / 1e6
    }

    pub fn span_us(&self) -> i64 {
        let (first, last) = (&self.frames[0], &self.frames[self.frames.len() - 1]);
        let span = last.monotonic_us - first.monotonic_us;
        span + span / (self.frames.len() as i64 - 1)
    }

    /// Known values.
    pub fn values(&self, which: Which) -> u64 {
        let parts = self.frames.iter().flat_map(|frame| &frame.parts);
        let parts = parts.filter(|part| which.has(part.family));
        parts
            .flat_map(|part| &part.values)
            .filter(|value| **value != ABSENT)
            .count() as u64
    }

    /// A frame in the loop number `turn`, so that the first loop begins at `start_us`.
    /// Context is told once.
    pub fn frame(&self, which: Which, place: usize, turn: i64, start_us: i64) -> Frame {
        let mut frame = self.frames[place].clone();
        let first_us = self.frames[0].unix_us;
        let shift = start_us - first_us + turn * self.span_us();
        frame.unix_us += shift;
        frame.monotonic_us += turn * self.span_us();
        frame.parts.retain(|part| which.has(part.family));
        if turn > 0 && place == 0 {
            frame.context.clear();
        }
        frame
    }

    /// Writes it once into a recording of its own; returns the bytes of the file.
    pub fn write_recording(&self, path: &Path, which: Which) -> u64 {
        let folder = path.parent().expect("folder");
        let none = Duration::ZERO;
        let store = Store::open(StoreSettings {
            file_name: path.file_name().expect("name").to_owned(),
            finish_on_close: true,
            commit_interval: Duration::from_secs(3600),
            max_bytes: 1 << 40,
            series: SeriesSettings {
                enabled: true,
                keep: [Duration::MAX, none, none, none],
            },
            ..StoreSettings::new(folder)
        })
        .expect("store");
        let start_us = self.frames[0].unix_us;
        for place in 0..self.frames.len() {
            let frame = self.frame(which, place, 0, start_us);
            store.append(Row::Frame(Arc::new(frame)));
            if place % 60 == 59 {
                store.flush(Duration::from_secs(60)).expect("flush");
            }
        }
        store.close().expect("close");
        std::fs::metadata(path).expect("recording").len()
    }
}
