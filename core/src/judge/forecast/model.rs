//! What a metric's past says of its future: levels of several memories, the shape of the
//! day and of the week, a damped trend. Each is an expert with an opinion of its own; which
//! of them to believe is learned elsewhere.

use serde::{Deserialize, Serialize};

use super::sparse;

/// Seconds of a bucket: a forecast speaks of the mean over one.
pub(super) const BUCKET_SECONDS: f64 = 300.0;
/// Buckets of an hour and of a day, hours of a week.
pub(super) const HOUR: i64 = 12;
pub(super) const DAY: i64 = 288;
pub(super) const WEEK_HOURS: i64 = 168;

/// How many experts there are, the regression among them.
pub(super) const EXPERTS: usize = 14;
/// What each expert says of one future bucket.
pub(super) type Opinions = [f32; EXPERTS];
/// The places of some of them in the row.
pub(super) const LAST: usize = 0;
pub(super) const REGRESSION: usize = EXPERTS - 1;

/// Memories of the exponential levels, in buckets: 15 min, 1 h, 6 h, 24 h.
const MEMORIES: [f64; 4] = [3.0, 12.0, 72.0, 288.0];
/// Share of a day in the day's shape once it knows some: about a week is remembered.
const DAY_SHAPE_RATE: f64 = 0.15;
/// Share of an hour in the hour's shape: about a day is remembered.
const HOUR_SHAPE_RATE: f64 = 0.05;
/// An outlier moves a shape no further than so many usual distances would.
const OUTLIER: f64 = 4.0;
/// An offset from the day's shape is believed for about 3 h ahead.
const OFFSET_MEMORY: f64 = 36.0;
/// Part of the trend that is left after a bucket: it ends within days, so that nothing runs
/// away.
const TREND_DAMPING: f64 = 0.9995;

/// Level and shape of one metric, in buckets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Model {
    /// Newest bucket that was learned.
    pub(super) bucket: i64,
    /// Buckets learned.
    pub(super) known: u64,
    /// The first value. All others are kept as differences from it, so that 32 bits are
    /// enough for a slow fill of a large disk.
    pub(super) base: f64,
    /// The newest mean.
    pub(super) last: f64,
    levels: [f64; 4],
    /// Offset from level and day's shape in the last hour.
    offset: f64,
    /// Usual distance from the day's level.
    spread: f64,
    /// Levels that hurry when they are wrong to one side: of the values, and of the values
    /// without the day's shape.
    plain: Follower,
    shapeless: Follower,
    /// 0 to 1: how far the past is doubted since a long gap.
    pub(super) doubt: f64,
    /// The last 24 h.
    #[serde(with = "sparse")]
    pub(super) day: Vec<f32>,
    /// Usual difference from the day's level by time of day.
    #[serde(with = "sparse")]
    shape: Vec<f32>,
    /// Usual difference from the median of 3 h by minute of the hour: what runs hourly or
    /// every quarter of an hour.
    hour_shape: [f32; HOUR as usize],
    /// Medians of the last 1 h, 3 h and 24 h.
    medians: [f64; 3],
    /// Means of the last 168 hours.
    #[serde(with = "sparse")]
    pub(super) week: Vec<f32>,
    hour_sum: f64,
    hour_count: u32,
}

impl Model {
    pub(super) fn new() -> Model {
        Model {
            bucket: 0,
            known: 0,
            base: 0.0,
            last: 0.0,
            levels: [0.0; 4],
            offset: 0.0,
            spread: 0.0,
            plain: Follower::default(),
            shapeless: Follower::default(),
            doubt: 0.0,
            day: vec![f32::NAN; DAY as usize],
            shape: vec![f32::NAN; DAY as usize],
            hour_shape: [0.0; HOUR as usize],
            medians: [0.0; 3],
            week: vec![f32::NAN; WEEK_HOURS as usize],
            hour_sum: 0.0,
            hour_count: 0,
        }
    }

    /// Whether the rows have the lengths that all code here counts on; a stored state may be
    /// of anyone's making.
    pub(super) fn is_sound(&self) -> bool {
        self.day.len() == DAY as usize
            && self.bucket.abs() <= i64::from(i32::MAX)
            && self.shape.len() == DAY as usize
            && self.week.len() == WEEK_HOURS as usize
    }

    /// The clock was set back: what is known of levels and shapes stays, what hangs on the
    /// newest buckets goes.
    pub(super) fn set_back(&mut self, bucket: i64) {
        self.bucket = bucket - 1;
        self.day.fill(f32::NAN);
        self.week.fill(f32::NAN);
        self.hour_sum = 0.0;
        self.hour_count = 0;
        self.doubt = 1.0;
    }

    /// Takes the mean of a bucket that is newer than all before.
    pub(super) fn learn(&mut self, bucket: i64, value: f64) {
        if self.known == 0 {
            self.base = value;
            self.bucket = bucket - 1;
        }
        let value = value - self.base;
        let gap = (bucket - self.bucket).max(1);
        self.known += 1;
        self.remember(bucket, gap, value);
        // After a gap the day's level is not that of the hour in which it ends.
        let usual = if gap > HOUR {
            self.shape_at(bucket)
        } else {
            0.0
        };
        for (level, (memory, value)) in self.levels.iter_mut().zip([
            (MEMORIES[0], value),
            (MEMORIES[1], value),
            (MEMORIES[2], value),
            (MEMORIES[3], value - usual),
        ]) {
            let rate = (1.0 - (-(gap as f64) / memory).exp()).max(1.0 / self.known as f64);
            *level += rate * (value - *level);
        }
        self.medians = self.medians(bucket);
        self.learn_shapes(bucket, value);
        let shape = self.shape_at(bucket);
        let left = value - self.levels[3] - shape;
        self.offset += (1.0 - (-(gap as f64) / HOUR as f64).exp()) * (left - self.offset);
        self.plain.follow(value);
        self.shapeless.follow(value - shape);
        self.doubt *= (-1.0 / MEMORIES[2]).exp();
        if gap > HOUR {
            self.doubt = (self.doubt + gap as f64 / DAY as f64).min(1.0);
        }
        self.last = value;
        self.bucket = bucket;
    }

    /// Puts the value into the last day and the last week; what was missed is not known.
    fn remember(&mut self, bucket: i64, gap: i64, value: f64) {
        for missed in 1..gap.min(DAY + 1) {
            self.day[place(bucket - missed, DAY)] = f32::NAN;
        }
        self.day[place(bucket, DAY)] = value as f32;
        let hours = bucket.div_euclid(HOUR) - self.bucket.div_euclid(HOUR);
        let hour = bucket.div_euclid(HOUR);
        if hours > 0 {
            for missed in 1..hours.min(WEEK_HOURS + 1) {
                self.week[place(hour - missed, WEEK_HOURS)] = f32::NAN;
            }
            self.hour_sum = 0.0;
            self.hour_count = 0;
        }
        self.hour_sum += value;
        self.hour_count += 1;
        let mean = self.hour_sum / f64::from(self.hour_count);
        self.week[place(hour, WEEK_HOURS)] = mean as f32;
    }

    fn learn_shapes(&mut self, bucket: i64, value: f64) {
        let away = value - self.levels[3];
        self.spread += (1.0 / self.known as f64).max(0.005) * (away.abs() - self.spread);
        let most = OUTLIER * self.spread;
        let away = away.clamp(-most, most);
        let held = &mut self.shape[place(bucket, DAY)];
        if held.is_nan() {
            *held = away as f32;
        } else {
            let days = self.known as f64 / DAY as f64;
            let rate = (1.0 / (days + 1.0)).max(DAY_SHAPE_RATE);
            *held += (rate * (away - f64::from(*held))) as f32;
        }
        let away = (value - self.medians[1]).clamp(-most, most);
        let held = &mut self.hour_shape[place(bucket, HOUR)];
        *held += (HOUR_SHAPE_RATE * (away - f64::from(*held))) as f32;
    }

    /// Usual difference from the day's level at a bucket's time of day: a weighted mean of
    /// the five buckets around it.
    fn shape_at(&self, bucket: i64) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for step in -2..=2i64 {
            let held = self.shape[place(bucket + step, DAY)];
            if !held.is_nan() {
                let share = (3 - step.abs()) as f64;
                sum += share * f64::from(held);
                weight += share;
            }
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    /// The mean at the same hour of the last week, between the middles of hours.
    fn week_at(&self, bucket: i64) -> Option<f64> {
        let along = (bucket as f64 + 0.5) / HOUR as f64 - 0.5;
        let (hour, part) = (along.floor() as i64, along - along.floor());
        let at = |hour| {
            let held = self.week[place(hour, WEEK_HOURS)];
            (!held.is_nan()).then_some(f64::from(held))
        };
        match (at(hour), at(hour + 1)) {
            (Some(left), Some(right)) => Some(left + part * (right - left)),
            (left, right) => left.or(right),
        }
    }

    fn medians(&self, bucket: i64) -> [f64; 3] {
        let mut row = [0.0f32; DAY as usize];
        [HOUR, 3 * HOUR, DAY].map(|reach| {
            let mut count = 0;
            for back in 0..reach {
                let held = self.day[place(bucket - back, DAY)];
                if !held.is_nan() {
                    row[count] = held;
                    count += 1;
                }
            }
            if count == 0 {
                return 0.0;
            }
            let (_, middle, _) = row[..count].select_nth_unstable_by(count / 2, f32::total_cmp);
            f64::from(*middle)
        })
    }

    /// The opinions on the bucket so many ahead; the regression's place holds the last value.
    pub(super) fn opinions(&self, lead: i64) -> Opinions {
        let [hour, three_hours, day] = self.medians;
        // Two memories lag a steady trend by their lengths: their difference shows it.
        let trend = (self.levels[2] - self.levels[3]) / (MEMORIES[3] - MEMORIES[2]);
        let run = (1.0 - TREND_DAMPING.powi(lead as i32)) / (1.0 - TREND_DAMPING);
        let ahead = self.bucket + lead;
        let shape = self.shape_at(ahead);
        let usual = self.levels[3] + shape;
        [
            self.last,
            self.levels[0],
            self.last + trend * run,
            self.plain.level,
            self.shapeless.level + shape,
            hour,
            three_hours,
            three_hours + f64::from(self.hour_shape[place(ahead, HOUR)]),
            day,
            usual,
            usual + (-(lead as f64) / OFFSET_MEMORY).exp() * self.offset,
            self.levels[0] + shape - self.shape_at(self.bucket),
            self.week_at(ahead).unwrap_or(usual),
            self.last,
        ]
        .map(|opinion| opinion as f32)
    }
}

/// A level whose rate is how one-sided its errors are (Trigg and Leach): slow in noise, fast
/// after a step.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Follower {
    level: f64,
    bias: f64,
    size: f64,
    begun: bool,
}

impl Follower {
    /// Share of a new error in bias and size: about 100 min.
    const RATE: f64 = 0.05;
    /// The slowest rate: about 8 h.
    const SLOWEST: f64 = 0.01;

    fn follow(&mut self, value: f64) {
        if !self.begun {
            self.begun = true;
            self.level = value;
        }
        let miss = value - self.level;
        let held = if self.size > 0.0 {
            miss.clamp(-4.0 * self.size, 4.0 * self.size)
        } else {
            miss
        };
        self.bias += Self::RATE * (held - self.bias);
        self.size += Self::RATE * (held.abs() - self.size);
        let rate = if self.size > 0.0 {
            // Cubed, so that noise alone hardly moves it.
            (self.bias.abs() / self.size)
                .powi(3)
                .clamp(Self::SLOWEST, 1.0)
        } else {
            Self::SLOWEST
        };
        self.level += rate * miss;
    }
}

fn place(number: i64, places: i64) -> usize {
    number.rem_euclid(places) as usize
}
