//! Rows of the coarser tiers: what became of a value in each stretch of time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entity::Entity;
use super::metric::{Family, Kind};
use super::raw::ABSENT;

/// How finely time is divided. The number is part of the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Tier {
    /// Every sample as it was taken.
    Raw = 0,
    /// Stretches of 10 seconds.
    TenSeconds = 1,
    /// Stretches of a minute.
    Minute = 2,
    /// Stretches of 10 minutes.
    TenMinutes = 3,
}

impl Tier {
    /// From fine to coarse.
    pub const ALL: [Tier; 4] = [Tier::Raw, Tier::TenSeconds, Tier::Minute, Tier::TenMinutes];

    /// Width of a stretch in seconds; `None` for samples as they were taken.
    pub fn seconds(self) -> Option<u32> {
        match self {
            Tier::Raw => None,
            Tier::TenSeconds => Some(10),
            Tier::Minute => Some(60),
            Tier::TenMinutes => Some(600),
        }
    }

    /// The tier that is made from this one.
    pub fn coarser(self) -> Option<Tier> {
        Tier::ALL.get(self as usize + 1).copied()
    }

    /// The tier of a number in a file.
    pub fn from_code(code: u8) -> Option<Tier> {
        Tier::ALL.get(usize::from(code)).copied()
    }

    /// Its number in a file.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// What became of one value in a stretch of time, in steps of its metric. Of a counter only
/// `last` and `count` are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Samples in which it was known; with 0 the rest is [`ABSENT`].
    pub count: u32,
    /// Least.
    pub min: i64,
    /// Mean over the samples, rounded to a step.
    pub mean: i64,
    /// Greatest.
    pub max: i64,
    /// Newest.
    pub last: i64,
}

impl Stat {
    /// Of a value that was never known.
    pub const ABSENT: Stat = Stat {
        count: 0,
        min: ABSENT,
        mean: ABSENT,
        max: ABSENT,
        last: ABSENT,
    };
}

/// One family in one stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct TierPart {
    /// The family.
    pub family: Family,
    /// Its entities that were seen in the stretch.
    pub entities: Arc<[Arc<Entity>]>,
    /// Entity by entity, the metrics of the family in the catalogue's order.
    pub stats: Vec<Stat>,
}

/// Everything in one stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct TierRow {
    /// Its beginning in Unix microseconds: a multiple of the tier's width.
    pub start_us: i64,
    /// Samples in it.
    pub samples: u32,
    /// The families that had an entity, in the order of [`Family::ALL`].
    pub parts: Vec<TierPart>,
}

/// What is gathered of one value: samples, or stats of the tier below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gathered {
    count: u32,
    min: i64,
    max: i64,
    last: i64,
    sum: i128,
}

impl Gathered {
    /// Nothing yet.
    pub(crate) const NOTHING: Gathered = Gathered {
        count: 0,
        min: i64::MAX,
        max: ABSENT,
        last: ABSENT,
        sum: 0,
    };

    /// Takes in a sample's value, or nothing if it is not known.
    #[inline]
    pub(crate) fn take(&mut self, value: i64) {
        if value == ABSENT {
            return;
        }
        self.count = self.count.saturating_add(1);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.last = value;
        self.sum += i128::from(value);
    }

    /// Takes in a later stretch.
    pub(crate) fn take_stat(&mut self, stat: &Stat) {
        if stat.count == 0 {
            return;
        }
        self.count = self.count.saturating_add(stat.count);
        self.last = stat.last;
        // Of a counter there is no more than this.
        if stat.mean != ABSENT {
            self.min = self.min.min(stat.min);
            self.max = self.max.max(stat.max);
            self.sum += i128::from(stat.mean) * i128::from(stat.count);
        }
    }

    /// Sum over the samples, as far as the means that were taken in tell it.
    pub(crate) fn sum(&self) -> i128 {
        self.sum
    }

    /// What became of it.
    pub(crate) fn stat(&self, kind: Kind) -> Stat {
        match (self.count, kind) {
            (0, _) => Stat::ABSENT,
            (count, Kind::Counter) => Stat {
                count,
                last: self.last,
                ..Stat::ABSENT
            },
            (count, Kind::Gauge) => Stat {
                count,
                min: self.min,
                mean: rounded(self.sum, count),
                max: self.max,
                last: self.last,
            },
        }
    }
}

/// The nearest integer to `sum / count`, halves away from zero.
fn rounded(sum: i128, count: u32) -> i64 {
    let count = i128::from(count);
    let half = count * sum.signum();
    // Means are between the least and the greatest value, so it fits.
    i64::try_from((2 * sum + half) / (2 * count)).unwrap_or(ABSENT)
}
