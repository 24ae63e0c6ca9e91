//! Forecasts of any series, worked out of what was recorded of it.

use super::{Aggregate, History, Query, Selector, Table};
use crate::arrange::arrange_by;
use crate::judge::forecast::{ForecastSettings, Forecaster};
use crate::judge::{Exhaustion, MetricForecast, Outcome};
use crate::series::{Family, Kind, Metric, Unit, catalog};
use crate::{Error, Result};

/// How far back the past is learnt from: five weeks, so that a week has repeated itself.
const PAST_SECONDS: f64 = 35.0 * 86_400.0;

/// The models stand on means of five minutes.
const STEP_SECONDS: f64 = 300.0;

/// Most horizons of one question.
const MOST_HORIZONS: usize = 64;

impl History {
    /// Forecasts from `now` (Unix seconds) on: for each series that the selector names, each
    /// of the horizons (seconds ahead, to 7 days). Learnt from five-minute means of the five
    /// weeks before; of a counter the increase per second is foretold.
    ///
    /// # Errors
    /// `InvalidArgument` for the selector or a horizon; as [`History::query`].
    pub fn forecast(
        &self,
        selector: &Selector,
        now: f64,
        horizons: &[f64],
    ) -> Result<Vec<MetricForecast>> {
        if horizons.is_empty() || horizons.len() > MOST_HORIZONS {
            let allowed = format!("1 to {MOST_HORIZONS} of them");
            return Err(Error::invalid("horizons", horizons.len(), allowed));
        }
        let in_range = |horizon: &&f64| !(**horizon > 0.0 && **horizon <= 7.0 * 86_400.0);
        if let Some(wrong) = horizons.iter().find(in_range) {
            let allowed = "more than 0 s, at most 7 days (604800 s)";
            return Err(Error::invalid("horizon", wrong, allowed));
        }
        let metric = selector.resolve()?.metric;
        Ok(foretell(
            &self.past(selector, metric, now)?,
            metric,
            horizons,
        ))
    }

    /// When something is used up from `now` (Unix seconds) on: of each series of a metric that
    /// has a limit, learnt as in [`History::forecast`]; the soonest first. Of which too little
    /// is known is left out.
    ///
    /// # Errors
    /// As [`History::query`].
    pub fn exhaustion(&self, now: f64) -> Result<Vec<Exhaustion>> {
        let mut found = Vec::new();
        for (name, limit) in crate::judge::limits() {
            let selector = Selector::parse(name)?;
            let metric = selector.resolve()?.metric;
            let table = self.past(&selector, metric, now)?;
            for column in &table.columns {
                let (model, newest) = learnt(&table.times, &column.values, metric);
                let reached = model.time_to(limit);
                found.push(Exhaustion::new(column.key.clone(), newest, &reached));
            }
        }
        found.retain(|one| one.outcome != Outcome::Learning);
        let seconds = |one: &Exhaustion| one.seconds.unwrap_or(f64::INFINITY);
        arrange_by(&mut found, |a, b| seconds(a).total_cmp(&seconds(b)));
        Ok(found)
    }

    /// What there is to learn from.
    fn past(&self, selector: &Selector, metric: &Metric, now: f64) -> Result<Table> {
        let mut query = Query::new(selector.clone(), now - PAST_SECONDS, now);
        query.step_seconds = Some(STEP_SECONDS);
        query.aggregate = Aggregate::Mean;
        query.rate = metric.kind == Kind::Counter;
        self.query(&query)
    }
}

/// A model that has learnt a series, and the newest value.
fn learnt(times: &[f64], values: &[f64], metric: &Metric) -> (Forecaster, Option<f64>) {
    let mut model = Forecaster::new(ForecastSettings {
        bounds: bounds(metric),
    });
    let mut newest = None;
    for (time, value) in times.iter().zip(values) {
        let value = Some(*value).filter(|value| !value.is_nan());
        newest = value.or(newest);
        model.push(*time, value);
    }
    (model, newest)
}

fn foretell(table: &Table, metric: &Metric, horizons: &[f64]) -> Vec<MetricForecast> {
    let mut forecasts = Vec::new();
    for column in &table.columns {
        let (model, newest) = learnt(&table.times, &column.values, metric);
        forecasts.extend(horizons.iter().map(|horizon| {
            let forecast = model.forecast(*horizon);
            MetricForecast::new(column.key.clone(), column.unit, newest, &forecast)
        }));
    }
    forecasts
}

/// What a metric's values can't be: no percentage of the machine is above 100, and little is
/// below nothing.
fn bounds(metric: &Metric) -> Option<(f64, f64)> {
    match (metric.unit, metric.family) {
        (Unit::Celsius, _) => None,
        // A nice value.
        (Unit::Number, Family::Process) => None,
        // Of one core.
        (Unit::Percent, Family::Process) => Some((0.0, f64::INFINITY)),
        (Unit::Percent, _) => Some((0.0, 100.0)),
        (Unit::Flag, _) => Some((0.0, 1.0)),
        _ => Some((0.0, f64::INFINITY)),
    }
}

/// The names of metrics that a monitor foretells by itself.
pub fn foretold_metrics() -> Vec<&'static str> {
    let known = |name: &&'static str| catalog::by_name(name).is_some();
    crate::judge::foretold().into_iter().filter(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::SeriesKey;
    use crate::history::table::TableColumn;

    fn table(values: Vec<f64>) -> Table {
        Table {
            times: (0..values.len())
                .map(|row| 1_700_000_100.0 + STEP_SECONDS * row as f64)
                .collect(),
            step_seconds: Some(STEP_SECONDS),
            columns: vec![TableColumn {
                key: SeriesKey::default(),
                unit: Unit::Percent,
                kind: Kind::Gauge,
                values,
            }],
            ..Table::default()
        }
    }

    fn daily(days: usize) -> Vec<f64> {
        (0..days * 288)
            .map(|row| {
                let of_day = (row % 288) as f64 / 288.0 * std::f64::consts::TAU;
                50.0 + 30.0 * of_day.sin()
            })
            .collect()
    }

    #[test]
    fn a_day_that_repeats_itself_is_foretold() {
        let metric = catalog::by_name("cpu_percent").unwrap();
        let past = daily(20);
        let ahead = foretell(&table(past.clone()), metric, &[6.0 * 3600.0]);
        assert_eq!(ahead[0].outcome, Outcome::Forecast);
        // As it was six hours after this time of day.
        let truth = past[past.len() - 288 + 71];
        let value = ahead[0].value.unwrap();
        assert!((value - truth).abs() < 5.0, "{value} for {truth}");
        assert!(ahead[0].skill.unwrap() > 0.5);
        let (low, high) = ahead[0].interval_80.unwrap();
        assert!(low <= value && value <= high && low >= 0.0 && high <= 100.0);
    }

    #[test]
    fn what_fills_steadily_is_told_to_be_full_in_time() {
        let metric = catalog::by_name("filesystem_used_percent").unwrap();
        // A percent each hour, full in ten hours.
        let hours = |row: usize| 30.0 + row as f64 / 12.0;
        let past = table((0..60 * 12).map(hours).collect());
        let (model, newest) = learnt(&past.times, &past.columns[0].values, metric);
        let found = Exhaustion::new(SeriesKey::default(), newest, &model.time_to(100.0));
        assert_eq!(found.outcome, Outcome::Forecast);
        let seconds = found.seconds.unwrap();
        assert!((seconds / 36_000.0 - 1.0).abs() < 0.15, "{found:?}");
        assert!(found.earliest_seconds.unwrap() <= seconds);
        // Unknown values at the end do not hide the newest that is known.
        let mut gone = past.columns[0].values.clone();
        gone.extend([f64::NAN; 3]);
        let times: Vec<f64> = (0..gone.len()).map(|n| n as f64 * STEP_SECONDS).collect();
        assert_eq!(learnt(&times, &gone, metric).1, newest);
    }

    #[test]
    fn of_a_series_without_values_nothing_is_told() {
        let metric = catalog::by_name("cpu_percent").unwrap();
        let ahead = foretell(&table(vec![f64::NAN; 500]), metric, &[900.0]);
        assert_eq!((ahead[0].value, ahead[0].now), (None, None));
        assert_eq!(ahead[0].outcome, Outcome::Learning);
    }

    #[test]
    fn what_is_foretold_by_a_monitor_is_in_the_catalogue() {
        let names = foretold_metrics();
        assert_eq!(names.len(), crate::judge::foretold().len());
        assert!(names.contains(&"memory_percent"));
    }
}
