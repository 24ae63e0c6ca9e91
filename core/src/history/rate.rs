//! How fast counters grow.

use std::collections::HashMap;

use super::strip::{Strip, Weights};
use crate::series::codec::Times;
use crate::series::{ABSENT, Entity, Metric, Tier};

/// A counter when it was last known.
#[derive(Debug, Clone, Copy)]
struct Before {
    raw: i64,
    unix_us: i64,
    elapsed_us: i64,
}

/// Rates of counters over rows in the order of writing.
///
/// Time is that of the clock that never jumps, where rows have it. A counter that has fallen
/// was reset: there is no rate then, and none where the clock began anew or nothing was
/// known for too long. A machine that was started again is seen by one or the other.
#[derive(Debug)]
pub(super) struct Rates {
    /// Longest time between two values that is bridged.
    bridge_us: i64,
    before: HashMap<(u16, Entity), Before>,
    row_before: Option<Before>,
}

impl Rates {
    pub(super) fn new(bridge_us: i64) -> Rates {
        Rates {
            bridge_us,
            before: HashMap::new(),
            row_before: None,
        }
    }

    /// Forgets what came before, for rows of another tier follow.
    pub(super) fn restart(&mut self) {
        self.before.clear();
        self.row_before = None;
    }

    /// The increase per second in each row, weighed by the seconds that it is over.
    pub(super) fn strip(
        &mut self,
        metric: &Metric,
        entity: &Entity,
        raws: &[i64],
        tier: Tier,
        times: &Times,
    ) -> Strip {
        let key = (metric.id, entity.clone());
        let mut before = self.before.get(&key).copied();
        let mut values = Vec::with_capacity(raws.len());
        let mut seconds = Vec::with_capacity(raws.len());
        for (row, raw) in raws.iter().copied().enumerate() {
            let now = Before {
                raw,
                ..at(row, tier, times)
            };
            let known = raw != ABSENT;
            let elapsed = before
                .filter(|_| known)
                .map_or(0, |b| self.elapsed(&b, &now));
            let grown = before.map_or(0, |b| raw.saturating_sub(b.raw));
            let passed = elapsed as f64 / 1e6;
            let is_known = elapsed > 0 && grown >= 0;
            seconds.push(passed);
            values.push(match is_known {
                true => metric.value(grown) / passed,
                false => f64::NAN,
            });
            if known {
                before = Some(now);
            }
        }
        if let Some(before) = before {
            self.before.insert(key, before);
        }
        Strip {
            values,
            weights: Weights::Rows(seconds),
        }
    }

    /// The seconds that each row is after the one before; 0 where that is too long ago.
    pub(super) fn spans(&mut self, tier: Tier, times: &Times) -> Weights {
        let mut spans = Vec::with_capacity(times.unix_us.len());
        for row in 0..times.unix_us.len() {
            let now = at(row, tier, times);
            let elapsed = self
                .row_before
                .map_or(0, |before| self.elapsed(&before, &now));
            spans.push(elapsed as f64 / 1e6);
            self.row_before = Some(now);
        }
        Weights::Rows(spans)
    }

    /// Microseconds between two rows; 0 when they can't be compared.
    fn elapsed(&self, before: &Before, now: &Before) -> i64 {
        let elapsed = now.elapsed_us.saturating_sub(before.elapsed_us);
        let by_wall = now.unix_us.saturating_sub(before.unix_us);
        let comparable = elapsed > 0 && elapsed <= self.bridge_us && by_wall <= self.bridge_us;
        if comparable { elapsed } else { 0 }
    }
}

fn at(row: usize, tier: Tier, times: &Times) -> Before {
    let unix_us = times.unix_us.get(row).copied().unwrap_or(0);
    let elapsed_us = match tier {
        Tier::Raw => times.second.get(row).copied().unwrap_or(0),
        _ => unix_us,
    };
    Before {
        raw: ABSENT,
        unix_us,
        elapsed_us,
    }
}
