//! Forecasts of the main metrics, and when something is used up.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use once_cell::sync::Lazy;

use super::Observation;
use super::fleet::{Fleet, Slot};
use super::forecast::{
    Exhaustion as Reached, Forecast, ForecastSettings, Forecaster, HORIZONS, Verdict,
};
use super::watch::{self, Watch};
use crate::arrange::arrange_by;
use crate::series::{SeriesKey, Unit};

/// What a forecast can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did better than "same as now" on the metric's own past.
    Forecast,
    /// It did not: the value is the one of now, the intervals still hold.
    SameAsNow,
    /// Too little has been seen to tell.
    #[default]
    Learning,
}

/// One metric, one horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricForecast {
    /// The series.
    pub series: SeriesKey,
    /// Unit of the values.
    pub unit: Unit,
    /// How far ahead, seconds.
    pub horizon_seconds: f64,
    /// Newest value.
    pub now: Option<f64>,
    /// The forecast.
    pub value: Option<f64>,
    /// Interval that holds the value in four cases of five: low and high.
    pub interval_80: Option<(f64, f64)>,
    /// Interval that holds the value in nineteen cases of twenty.
    pub interval_95: Option<(f64, f64)>,
    /// 1 − its error / the error of "same as now", in its own back-test; `None` before one.
    pub skill: Option<f64>,
    /// Forecasts that the back-test has scored.
    pub backtests: u64,
    /// What it can tell.
    pub outcome: Outcome,
}

/// When something is used up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhaustion {
    /// The series, e.g. `filesystem_used_percent{mount="/"}`.
    pub series: SeriesKey,
    /// The value at which it is.
    pub limit: f64,
    /// Newest value.
    pub now: Option<f64>,
    /// Seconds from now; `None` when it is not used up within the time that can be seen.
    pub seconds: Option<f64>,
    /// Interval of 80 %: not before, and (`None`: never) not after.
    pub earliest_seconds: Option<f64>,
    /// See `earliest_seconds`.
    pub latest_seconds: Option<f64>,
    /// Whether that can be told.
    pub outcome: Outcome,
}

/// All forecasts of one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Predictions {
    /// When they were made, Unix seconds.
    pub made_at: f64,
    /// Horizon (`15min`, `1h`, `6h`, `24h`, `7d`) → forecasts, in the order of the horizons.
    pub horizons: Vec<(String, Vec<MetricForecast>)>,
    /// What runs out, soonest first.
    pub exhaustion: Vec<Exhaustion>,
}

impl Predictions {
    /// The prototype's shape: horizon → metric → forecast.
    pub fn by_horizon(&self) -> BTreeMap<&str, BTreeMap<String, &MetricForecast>> {
        self.horizons
            .iter()
            .map(|(horizon, forecasts)| {
                let by_series = forecasts.iter().map(|f| (f.series.to_string(), f));
                (horizon.as_str(), by_series.collect())
            })
            .collect()
    }
}

/// Names of [`HORIZONS`], the keys of the prototype's dictionary.
const NAMES: [&str; HORIZONS.len()] = ["15min", "1h", "6h", "24h", "7d"];

/// Seconds from one set of forecasts to the next: they stand on five-minute means, and when
/// something runs out takes half a millisecond to work out.
const EVERY_SECONDS: f64 = 300.0;

/// Series that are worked out with one sample, so that no sample costs much.
const AT_ONCE: usize = 2;

static WATCHES: Lazy<Vec<Watch>> = Lazy::new(|| {
    let foretold = watch::all().into_iter();
    foretold.filter(|watch| watch.bounds.is_some()).collect()
});

/// The metrics that are foretold.
pub(crate) fn foretold() -> Vec<&'static str> {
    let names = WATCHES.iter().map(|watch| watch.place.metric.name);
    names.collect()
}

/// Those of them that something can be used up of, with the value at which it is.
pub(crate) fn limits() -> Vec<(&'static str, f64)> {
    let of = |watch: &Watch| Some((watch.place.metric.name, watch.limit?));
    WATCHES.iter().filter_map(of).collect()
}

/// The models of the main metrics.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outlook {
    models: Fleet<Foretold>,
    #[serde(skip)]
    published: Arc<Predictions>,
    #[serde(skip)]
    making: Option<Making>,
    /// When the last set was begun, by the clock that never jumps.
    #[serde(skip)]
    begun_at: Option<f64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Foretold {
    model: Forecaster,
    limit: Option<f64>,
    unit: Unit,
}

/// A set of forecasts under way.
#[derive(Debug, Clone)]
struct Making {
    next: usize,
    predictions: Predictions,
}

impl Outlook {
    /// The newest forecasts; the same value until they are made anew.
    pub(crate) fn judge(&mut self, seen: &Observation<'_>) -> Arc<Predictions> {
        self.models.each(&WATCHES, seen, model, |_, slot| {
            slot.model.model.push(seen.unix_seconds, slot.value);
        });
        let now = seen.monotonic_seconds;
        let is_due = self
            .begun_at
            .is_none_or(|begun| now < begun || now - begun >= EVERY_SECONDS);
        if self.making.is_none() && is_due {
            self.begun_at = Some(now);
            self.making = Some(Making {
                next: 0,
                predictions: Predictions {
                    made_at: seen.unix_seconds,
                    horizons: NAMES.map(|name| (name.to_owned(), Vec::new())).to_vec(),
                    exhaustion: Vec::new(),
                },
            });
        }
        self.go_on();
        self.published.clone()
    }

    /// Works out a few series of the set under way; publishes it after the last.
    fn go_on(&mut self) {
        let Some(making) = &mut self.making else {
            return;
        };
        let mut slots = self.models.slots().skip(making.next);
        for _ in 0..AT_ONCE {
            let Some(slot) = slots.next() else {
                let made = std::mem::take(&mut making.predictions);
                self.published = Arc::new(made.arranged());
                self.making = None;
                return;
            };
            making.next += 1;
            // Of a series that is gone nothing is foretold.
            if slot.value.is_some() {
                making.predictions.add(slot);
            }
        }
    }
}

fn model(watch: &Watch) -> Foretold {
    Foretold {
        model: Forecaster::new(ForecastSettings {
            bounds: watch.bounds,
        }),
        limit: watch.limit,
        unit: watch.place.metric.unit,
    }
}

impl Predictions {
    fn add(&mut self, slot: &Slot<Foretold>) {
        let forecasts = slot.model.model.forecasts();
        for ((_, of_horizon), forecast) in self.horizons.iter_mut().zip(&forecasts) {
            of_horizon.push(MetricForecast::new(
                slot.key.clone(),
                slot.model.unit,
                slot.value,
                forecast,
            ));
        }
        if let Some(limit) = slot.model.limit {
            let reached = slot.model.model.time_to(limit);
            let found = Exhaustion::new(slot.key.clone(), slot.value, &reached);
            self.exhaustion.push(found);
        }
    }

    /// A horizon of which nothing is known yet is left out; what runs out first comes first.
    fn arranged(mut self) -> Predictions {
        self.horizons.retain(|(_, all)| {
            all.iter()
                .any(|forecast| forecast.outcome != Outcome::Learning)
        });
        self.exhaustion
            .retain(|exhaustion| exhaustion.outcome != Outcome::Learning);
        let seconds = |one: &Exhaustion| one.seconds.unwrap_or(f64::INFINITY);
        arrange_by(&mut self.exhaustion, |a, b| {
            seconds(a).total_cmp(&seconds(b))
        });
        self
    }
}

impl Exhaustion {
    /// When a model expects a series, whose newest value is `now`, to reach its limit.
    pub(crate) fn new(series: SeriesKey, now: Option<f64>, reached: &Reached) -> Exhaustion {
        Exhaustion {
            series,
            limit: reached.limit,
            now,
            seconds: reached.seconds,
            earliest_seconds: reached.low_seconds,
            latest_seconds: reached.high_seconds,
            outcome: reached.verdict.into(),
        }
    }
}

impl MetricForecast {
    /// What a model foretells of a series, whose newest value is `now`.
    pub(crate) fn new(
        series: SeriesKey,
        unit: Unit,
        now: Option<f64>,
        forecast: &Forecast,
    ) -> MetricForecast {
        MetricForecast {
            series,
            unit,
            horizon_seconds: forecast.horizon_seconds,
            now,
            value: forecast.value,
            interval_80: forecast.low80.zip(forecast.high80),
            interval_95: forecast.low95.zip(forecast.high95),
            skill: forecast.skill,
            backtests: forecast.origins,
            outcome: forecast.verdict.into(),
        }
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Outcome {
        match verdict {
            Verdict::Forecast => Outcome::Forecast,
            Verdict::SameAsNow => Outcome::SameAsNow,
            Verdict::Learning => Outcome::Learning,
        }
    }
}
