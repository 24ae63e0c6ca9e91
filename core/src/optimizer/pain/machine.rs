//! Counters of the whole machine at one moment.

use std::time::Instant;

use super::counters::{keyed, stalled_usec};
use crate::sample::limits_reader::LimitsReader;
use crate::sample::rates::percent_of;
use crate::sample::{HostFacts, Limits, Moment, Roots, Tick};

/// What pressure and forks are computed from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    pub(super) at: Instant,
    pub(super) cpu_usec: Option<u64>,
    pub(super) memory_usec: Option<u64>,
    pub(super) memory_full_usec: Option<u64>,
    pub(super) io_usec: Option<u64>,
    pub(super) forks: Option<u64>,
}

/// Memory at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    pub(super) total_bytes: Option<u64>,
    pub(super) available_bytes: Option<u64>,
    /// Of the machine or of the own limit, whichever is tighter.
    pub(super) used_percent: Option<f64>,
}

impl Machine {
    pub(super) fn read(roots: &Roots) -> Machine {
        let text = |file: &str| std::fs::read(roots.proc(file)).unwrap_or_default();
        let memory = text("pressure/memory");
        Machine {
            at: Instant::now(),
            cpu_usec: stalled_usec(&text("pressure/cpu"), b"some"),
            memory_usec: stalled_usec(&memory, b"some"),
            memory_full_usec: stalled_usec(&memory, b"full"),
            io_usec: stalled_usec(&text("pressure/io"), b"some"),
            forks: keyed(&text("stat"), b"processes"),
        }
    }

    /// Percent of the time between two moments.
    pub(super) fn share(&self, before: &Machine, of: fn(&Machine) -> Option<u64>) -> Option<f64> {
        let stalled = of(self)?.checked_sub(of(before)?)?;
        percent_of(stalled as f64 / 1e6, self.seconds_since(before))
    }

    pub(super) fn seconds_since(&self, before: &Machine) -> f64 {
        self.at.duration_since(before.at).as_secs_f64()
    }
}

impl Memory {
    pub(super) fn read(roots: &Roots) -> Memory {
        let text = std::fs::read(roots.proc("meminfo")).unwrap_or_default();
        let bytes = |key: &[u8]| Some(keyed(&text, key)?.saturating_mul(1024));
        let total_bytes = bytes(b"MemTotal:");
        let available_bytes = bytes(b"MemAvailable:");
        let of_machine = total_bytes
            .zip(available_bytes)
            .and_then(|(total, free)| percent_of(total.saturating_sub(free) as f64, total as f64));
        let of_limit = own_limit(roots, total_bytes);
        Memory {
            total_bytes,
            available_bytes,
            used_percent: match (of_machine, of_limit) {
                (Some(machine), Some(limit)) => Some(machine.max(limit)),
                (one, other) => one.or(other),
            },
        }
    }
}

/// Use of the own control group, percent of its limit.
fn own_limit(roots: &Roots, total_bytes: Option<u64>) -> Option<f64> {
    let tick = Tick {
        moment: Moment::default(),
        elapsed_seconds: None,
        host: &HostFacts::default(),
    };
    let mut limits = Limits::default();
    let mut buffer = Vec::new();
    LimitsReader::new(roots).read(&tick, &mut buffer, total_bytes, None, &mut limits);
    limits.memory_used_percent
}
