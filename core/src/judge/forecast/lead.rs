//! The back-test of one lead: forecasts made earlier wait here until their time comes, are
//! scored against "same as now", and their errors become the interval.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::learner::{Learner, Merits, Regression};
use super::model::{DAY, EXPERTS, HOUR, LAST, Opinions};
use super::sparse;

/// Leads that are back-tested, in buckets: 5 min, 15 min, 1 h, 3 h, 6 h, 1 d, 7 d.
/// Between them is interpolated.
pub(super) const LEADS: [i64; 7] = [1, 3, 12, 36, 72, 288, 2016];
/// Forecasts that wait at any time, at most: more would overlap more than they tell.
const WAITING: i64 = 8;
/// And with those whose time varies.
const MOST_WAITING: usize = 12;
/// The regression helps up to 3 h; beyond there are too few scores for its coefficients.
const REGRESSION_LEAD: i64 = 36;
/// Errors that an interval is made of.
const ERRORS: usize = 64;
/// Scores before a lead is shown: the tenths of fewer errors are no more than guesses.
pub(super) const ENOUGH: u64 = 12;
/// Smallest share of a score in the averages: about 100 scores are remembered.
const AVERAGE_RATE: f64 = 0.01;
/// Lower and upper quantiles of the 80 % and the 95 % interval, and how often each may miss.
const QUANTILES: [(f64, f64, f64); 2] = [(0.1, 0.9, 0.2), (0.025, 0.975, 0.05)];
/// How fast the widths follow the misses (adaptive conformal inference, on the logarithm).
const WIDTH_RATE: f64 = 0.05;
const WIDTHS: (f64, f64) = (0.7, 4.0);
/// Few independent errors are known of a long lead, and the outermost of few is not far
/// enough out: the 95 % width of a day's lead starts that much wider.
const LONG_LEAD_WIDENING: f64 = 0.4;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Waiting {
    due: i32,
    opinions: Opinions,
    forecast: f32,
    /// Lower and upper bounds around the forecast, 80 % and 95 %.
    bands: [[f32; 2]; 2],
}

/// One lead.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Lead {
    buckets: i64,
    /// When the last forecast was put in line, in units of the thinning.
    turn: Option<i64>,
    waiting: VecDeque<Waiting>,
    learner: Learner,
    regression: Option<Box<Regression>>,
    /// Usual error of an expert.
    scale: f64,
    model_error: f64,
    naive_error: f64,
    /// Forecasts scored.
    pub(super) origins: u64,
    /// Errors of the newest forecasts, the oldest is overwritten.
    #[serde(with = "sparse")]
    errors: Vec<f32>,
    /// Factors on the widths of the intervals.
    widths: [f64; 2],
}

impl Lead {
    pub(super) fn new(buckets: i64) -> Lead {
        let long = (buckets as f64 / DAY as f64).min(1.0).sqrt();
        Lead {
            buckets,
            turn: None,
            waiting: VecDeque::with_capacity(buckets.min(WAITING + 1) as usize),
            learner: Learner::new(),
            regression: (buckets <= REGRESSION_LEAD).then(Box::default),
            scale: 0.0,
            model_error: 0.0,
            naive_error: 0.0,
            origins: 0,
            errors: Vec::with_capacity(ERRORS),
            widths: [1.0, 1.0 + LONG_LEAD_WIDENING * long],
        }
    }

    /// Forgets the forecasts that wait: their time will not come, or came already.
    pub(super) fn forget_waiting(&mut self) {
        self.waiting.clear();
        self.turn = None;
    }

    /// Scores what was said of this bucket.
    pub(super) fn score(&mut self, bucket: i64, value: f64) {
        let mut at = 0;
        while let Some(due) = self.waiting.get(at).map(|w| i64::from(w.due)) {
            if due > bucket {
                at += 1;
                continue;
            }
            // With values 10 min apart the bucket itself is empty and the next one is meant.
            if let Some(said) = self.waiting.remove(at).filter(|_| bucket - due <= 1) {
                self.score_one(&said, value);
            }
        }
    }

    fn score_one(&mut self, said: &Waiting, value: f64) {
        let count = said.opinions.len() as f64;
        let off = |opinion: f32| (f64::from(opinion) - value).abs();
        let usual = said.opinions.iter().map(|o| off(*o)).sum::<f64>() / count;
        let error = value - f64::from(said.forecast);
        self.origins += 1;
        let rate = (1.0 / self.origins as f64).max(AVERAGE_RATE);
        self.model_error += rate * (error.abs() - self.model_error);
        self.naive_error += rate * (off(said.opinions[LAST]) - self.naive_error);
        if self.errors.len() as u64 >= ENOUGH {
            self.adapt_widths(said, error);
        }
        let at = ((self.origins - 1) % ERRORS as u64) as usize;
        match self.errors.get_mut(at) {
            Some(held) => *held = error as f32,
            None => self.errors.push(error as f32),
        }
        // As the weights are now, not as they were then.
        let forecast = self.forecast(&said.opinions);
        self.scale += rate * (usual - self.scale);
        if let Some(regression) = &mut self.regression {
            regression.score(&said.opinions, value, self.scale);
        }
        self.learner
            .score(&said.opinions, forecast, value, self.scale);
    }

    fn adapt_widths(&mut self, said: &Waiting, error: f64) {
        // A bound that was met to the last bit of 32 is met.
        let slack = f64::from(f32::EPSILON) * 4.0 * f64::from(said.forecast).abs();
        for ((width, band), (_, _, may_miss)) in
            self.widths.iter_mut().zip(said.bands).zip(QUANTILES)
        {
            let missed = error < f64::from(band[0]) - slack || error > f64::from(band[1]) + slack;
            let push = if missed { 1.0 - may_miss } else { -may_miss };
            *width = (*width * (WIDTH_RATE * push).exp()).clamp(WIDTHS.0, WIDTHS.1);
        }
    }

    /// Takes over what the next shorter lead learned; see [`Learner::inherit`].
    pub(super) fn inherit(&mut self, shorter: &Merits) -> Merits {
        self.learner.inherit(shorter)
    }

    /// How many buckets ahead to forecast now; `None` when it isn't time for one.
    ///
    /// The number goes up and down around the lead by up to half an hour: what happens hourly
    /// would otherwise always be met in the same phase, where "same as now" is right.
    pub(super) fn turn(&mut self, bucket: i64) -> Option<i64> {
        let every = (self.buckets + WAITING - 1) / WAITING;
        let turn = bucket.div_euclid(every);
        if self.turn == Some(turn) || self.waiting.len() >= MOST_WAITING {
            return None;
        }
        self.turn = Some(turn);
        let spread = (self.buckets / 6).clamp(1, HOUR);
        Some(self.buckets - spread / 2 + turn.rem_euclid(spread))
    }

    /// Puts a forecast of a bucket in line.
    pub(super) fn wait(&mut self, due: i64, opinions: &Opinions) {
        let Ok(due) = i32::try_from(due) else {
            return;
        };
        let mut opinions = *opinions;
        self.complete(&mut opinions);
        self.waiting.push_back(Waiting {
            due,
            opinions,
            forecast: self.forecast(&opinions) as f32,
            bands: self.bands().map(|band| band.map(|bound| bound as f32)),
        });
    }

    fn complete(&self, opinions: &mut Opinions) {
        if let Some(regression) = &self.regression {
            regression.complete(opinions);
        }
    }

    fn forecast(&self, opinions: &Opinions) -> f64 {
        self.learner.blend(opinions)
    }

    /// What this lead makes of opinions on a bucket that need not be its own.
    pub(super) fn say(&self, opinions: &Opinions) -> f64 {
        let mut opinions = *opinions;
        self.complete(&mut opinions);
        self.forecast(&opinions)
    }

    /// The 80 % and the 95 % interval around a forecast, from the errors of earlier ones.
    pub(super) fn bands(&self) -> [[f64; 2]; 2] {
        if self.errors.is_empty() {
            return [[0.0; 2]; 2];
        }
        let mut row = [0.0; ERRORS];
        let count = self.errors.len().min(ERRORS);
        let row = &mut row[..count];
        row.copy_from_slice(&self.errors[..count]);
        row.sort_unstable_by(f32::total_cmp);
        let [inner, outer] = [0, 1].map(|k| {
            let (low, high, _) = QUANTILES[k];
            // An interval holds its own forecast, however one-sided the errors were.
            let low = quantile(row, low).min(0.0) * self.widths[k];
            [low, quantile(row, high).max(0.0) * self.widths[k]]
        });
        // Whatever the widths do, the wider interval holds the narrower.
        [inner, [outer[0].min(inner[0]), outer[1].max(inner[1])]]
    }

    /// Mean absolute error of the forecasts and of "same as now".
    pub(super) fn mean_errors(&self) -> (f64, f64) {
        (self.model_error, self.naive_error)
    }

    pub(super) fn is_sound(&self) -> bool {
        self.buckets > 0
            && self.errors.len() <= ERRORS
            && self.waiting.len() <= MOST_WAITING
            && self.errors.len() as u64 == self.origins.min(ERRORS as u64)
    }
}

/// As far out as a new error would be expected: position q·(n + 1) among n.
fn quantile(sorted: &[f32], q: f64) -> f64 {
    let last = sorted.len() as f64 - 1.0;
    let along = (q * (sorted.len() as f64 + 1.0) - 1.0).clamp(0.0, last);
    let left = f64::from(sorted[along.floor() as usize]);
    let right = f64::from(sorted[along.ceil() as usize]);
    left + along.fract() * (right - left)
}

/// How many experts there are is part of what is stored.
const _: () = assert!(EXPERTS <= 32, "serde writes arrays of up to 32");
