//! Forecasts of one metric, with intervals from its own past errors, and the time until it
//! reaches a limit.
//!
//! Values are folded into means over five minutes. On each complete one, simple experts give
//! their opinions on the buckets 5 min to 7 d ahead (`model`); the opinions wait until those
//! buckets are known and are scored against "same as now" (`lead`); the scores say which
//! experts to believe (`learner`). So every forecast has been back-tested on the metric's own
//! past before it is shown, and one that can't beat "same as now" says so.

mod exhaustion;
mod fold;
mod growth;
mod lead;
mod learner;
mod model;
mod sparse;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use exhaustion::Exhaustion;
use fold::{Fold, Folded};
use lead::{ENOUGH, LEADS, Lead};
use model::{BUCKET_SECONDS, Model};

/// The horizons that are shown, in seconds: 15 min, 1 h, 6 h, 24 h, 7 d.
pub const HORIZONS: [f64; 5] = [900.0, 3600.0, 21_600.0, 86_400.0, 604_800.0];

/// What is known of a metric beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ForecastSettings {
    /// The least and the largest value that it can have, e.g. 0 and 100 for a percentage;
    /// no forecast and no interval goes beyond. An infinite side is no bound.
    pub bounds: Option<(f64, f64)>,
}

/// What a forecast is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In the back-test it was nearer to what came than "same as now".
    Forecast,
    /// It can't tell better than "same as now"; the value is the last one.
    SameAsNow,
    /// Too little is known of how good it would be.
    #[default]
    Learning,
}

/// What is expected of a metric at one horizon: its mean over the five minutes then.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Forecast {
    /// Seconds ahead of the newest value.
    pub horizon_seconds: f64,
    /// The expected value (a median); `None` while learning.
    pub value: Option<f64>,
    /// Lower end of the interval that holds 80 % of what comes; `None` while learning.
    pub low80: Option<f64>,
    /// Its upper end.
    pub high80: Option<f64>,
    /// Lower end of the interval that holds 95 % of what comes; `None` while learning.
    pub low95: Option<f64>,
    /// Its upper end.
    pub high95: Option<f64>,
    /// 1 − mean absolute error / mean absolute error of "same as now", both in the back-test
    /// on this metric's own past; `None` while learning and for a metric that never changed.
    pub skill: Option<f64>,
    /// Earlier forecasts of such a horizon that were scored.
    pub origins: u64,
    /// What it is worth.
    pub verdict: Verdict,
}

/// Learns one metric as it comes in and says what is to be expected of it. Its memory is
/// bounded (about 12 KB) and can be stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Forecaster {
    settings: ForecastSettings,
    fold: Fold,
    model: Model,
    leads: Vec<Lead>,
}

impl Forecaster {
    /// Knows nothing yet.
    pub fn new(settings: ForecastSettings) -> Forecaster {
        Forecaster {
            settings,
            fold: Fold::default(),
            model: Model::new(),
            leads: LEADS.map(Lead::new).into(),
        }
    }

    /// Takes the value at a time in Unix seconds. `None`, NaN, infinities and values beyond
    /// ±10¹⁸ are passed over, as are rows that come late by less than an hour; a clock set
    /// back further starts the newest hours afresh and keeps what is known of days.
    pub fn push(&mut self, unix_seconds: f64, value: Option<f64>) {
        match self.fold.push(unix_seconds, value) {
            Folded::Taken => {}
            Folded::Closed(bucket, mean) => self.close(bucket, mean),
            Folded::SetBack => {
                if let Some((bucket, _, _)) = self.fold.provisional() {
                    self.model.set_back(bucket);
                }
                self.leads.iter_mut().for_each(Lead::forget_waiting);
            }
        }
    }

    fn close(&mut self, bucket: i64, mean: f64) {
        if self.model.known > 0 {
            let value = mean - self.model.base;
            let mut merits = Default::default();
            for lead in &mut self.leads {
                lead.score(bucket, value);
                merits = lead.inherit(&merits);
            }
        }
        self.model.learn(bucket, mean);
        for lead in &mut self.leads {
            if let Some(ahead) = lead.turn(bucket) {
                lead.wait(bucket + ahead, &self.model.opinions(ahead));
            }
        }
    }

    /// The model as it is with the bucket that is still open.
    fn newest(&self) -> Option<Model> {
        let (bucket, mean, part) = self.fold.provisional()?;
        let mut model = self.model.clone();
        let joins = model.known > 0 && bucket - model.bucket == 1;
        let value = if joins {
            // The part that is missing is taken from the bucket before.
            part * mean + (1.0 - part) * (model.base + model.last)
        } else {
            mean
        };
        model.learn(bucket, value);
        Some(model)
    }

    /// What is expected so many seconds ahead of the newest value. Beyond 7 days nothing is
    /// back-tested, so nothing is said.
    pub fn forecast(&self, horizon_seconds: f64) -> Forecast {
        match self.newest() {
            Some(model) => self.forecast_with(&model, horizon_seconds),
            None => nothing(horizon_seconds, 0),
        }
    }

    /// The forecasts for all [`HORIZONS`].
    pub fn forecasts(&self) -> [Forecast; HORIZONS.len()] {
        let model = self.newest();
        HORIZONS.map(|horizon| match &model {
            Some(model) => self.forecast_with(model, horizon),
            None => nothing(horizon, 0),
        })
    }

    fn forecast_with(&self, model: &Model, horizon_seconds: f64) -> Forecast {
        let ahead = (horizon_seconds / BUCKET_SECONDS).round().max(1.0);
        let Some(longer) = LEADS.iter().position(|lead| *lead as f64 >= ahead) else {
            return nothing(horizon_seconds, 0);
        };
        // NaN ends as 1 in the line above; a horizon that is none gets no forecast.
        if horizon_seconds.is_nan() || horizon_seconds < 0.0 {
            return nothing(horizon_seconds, 0);
        }
        let shorter = longer.saturating_sub(1);
        let (Some(left), Some(right)) = (self.leads.get(shorter), self.leads.get(longer)) else {
            return nothing(horizon_seconds, 0);
        };
        let origins = left.origins.min(right.origins);
        if origins < ENOUGH {
            return nothing(horizon_seconds, origins);
        }
        let part = between(LEADS[shorter] as f64, LEADS[longer] as f64, ahead);
        let mix = |left: f64, right: f64| left + part * (right - left);
        let opinions = model.opinions(ahead as i64);
        let (nearer, farther) = (left.say(&opinions), right.say(&opinions));
        let mut value = mix(nearer, farther);
        // Where the two disagree, neither's errors speak of what is between them.
        let doubtful = part.min(1.0 - part) * (nearer - farther).abs();
        let (left_bands, right_bands) = (left.bands(), right.bands());
        let wider = 1.0 + model.doubt;
        let [mut inner, mut outer] = [0, 1].map(|k| {
            let bound = |side: usize| wider * mix(left_bands[k][side], right_bands[k][side]);
            [value + bound(0) - doubtful, value + bound(1) + doubtful]
        });
        let (left_errors, right_errors) = (left.mean_errors(), right.mean_errors());
        let own = mix(left_errors.0, right_errors.0);
        let naive = mix(left_errors.1, right_errors.1);
        let skill = (naive > 0.0).then(|| 1.0 - own / naive);
        let verdict = if skill.is_some_and(|skill| skill > 0.0) {
            Verdict::Forecast
        } else {
            // The intervals are those of the model, whose errors are known; they are widened
            // to hold what is now said.
            value = model.last;
            for band in [&mut inner, &mut outer] {
                *band = [band[0].min(value), band[1].max(value)];
            }
            Verdict::SameAsNow
        };
        // What is kept in 32 bits is known to that precision.
        let slack = 4.0 * f64::from(f32::EPSILON) * (model.base.abs() + value.abs());
        for band in [&mut inner, &mut outer] {
            *band = [band[0] - slack, band[1] + slack];
        }
        // Rounding must not put one inside out: not the value, nor the inner band.
        inner = [inner[0].min(value), inner[1].max(value)];
        outer = [outer[0].min(inner[0]), outer[1].max(inner[1])];
        let clamp = |v: f64| Some(self.clamp(model.base + v));
        Forecast {
            horizon_seconds,
            value: clamp(value),
            low80: clamp(inner[0]),
            high80: clamp(inner[1]),
            low95: clamp(outer[0]),
            high95: clamp(outer[1]),
            skill,
            origins,
            verdict,
        }
    }

    /// When the metric reaches a limit, from whichever side it is on; one that it is at
    /// already is reached at once. A metric that fills a disk is at home here; for the value
    /// at a time see [`Forecaster::forecast`].
    pub fn time_to(&self, limit: f64) -> Exhaustion {
        match self.newest() {
            Some(model) => exhaustion::time_to(&model, limit),
            None => Exhaustion {
                limit,
                ..Exhaustion::default()
            },
        }
    }

    fn clamp(&self, value: f64) -> f64 {
        match self.settings.bounds {
            // Not f64::clamp, which panics on bounds that are none.
            Some((low, high)) => value.max(low).min(high),
            None => value,
        }
    }
}

fn nothing(horizon_seconds: f64, origins: u64) -> Forecast {
    Forecast {
        horizon_seconds,
        origins,
        ..Forecast::default()
    }
}

/// Where between two leads, by their logarithms: errors grow about with those.
fn between(shorter: f64, longer: f64, ahead: f64) -> f64 {
    if longer > shorter {
        (ahead / shorter).ln() / (longer / shorter).ln()
    } else {
        0.0
    }
}

/// As it is stored; checked before it is used.
#[derive(Deserialize)]
struct Stored {
    settings: ForecastSettings,
    fold: Fold,
    model: Model,
    leads: Vec<Lead>,
}

impl TryFrom<Stored> for Forecaster {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Forecaster, &'static str> {
        let known = stored.leads.len() == LEADS.len();
        let sound = stored.fold.is_sound()
            && stored.model.is_sound()
            && stored.leads.iter().all(Lead::is_sound);
        if !known || !sound {
            return Err("the forecaster's rows have other lengths than this version's");
        }
        Ok(Forecaster {
            settings: stored.settings,
            fold: stored.fold,
            model: stored.model,
            leads: stored.leads,
        })
    }
}
