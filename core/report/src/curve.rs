//! Series over a range in as many points as a chart has room for: the mean of each stretch,
//! and the least and the greatest within it.

use serde::Serialize;
use usm_core::Result;
use usm_core::history::{Aggregate, Query, Selector, Table};
use usm_core::series::Unit;

use crate::Source;

/// Points of a chart, at most.
pub(crate) const MOST_POINTS: f64 = 300.0;

/// Widths of a stretch, seconds: such as coarser rows are made of.
const STEPS: [f64; 20] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0,
    10_800.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0, 604_800.0,
];

/// The width at which a range has about so many stretches, or fewer.
pub(crate) fn step((since, until): (f64, f64), most: f64) -> f64 {
    let least = (until - since) / most;
    let fits = STEPS.into_iter().find(|step| *step >= least);
    fits.unwrap_or_else(|| (least / 604_800.0).ceil() * 604_800.0)
}

/// One series.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The engine's name.
    pub metric: String,
    /// Unit of the values.
    pub unit: Unit,
    /// Mean of each stretch; NaN where nothing is known.
    pub mean: Vec<f64>,
    /// Least within each.
    pub least: Vec<f64>,
    /// Greatest within each.
    pub greatest: Vec<f64>,
}

/// Several series along one axis of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curves {
    /// Beginning of each stretch, Unix seconds, without gaps.
    pub times: Vec<f64>,
    /// Width of a stretch, seconds.
    pub step_seconds: f64,
    /// Those that have a value.
    pub list: Vec<Curve>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// A series in a few numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Figures {
    /// Mean over the time that is known.
    pub average: Option<f64>,
    /// Greatest of the samples.
    pub max: Option<f64>,
    /// Least of the samples.
    pub min: Option<f64>,
    /// Newest.
    pub last: Option<f64>,
}

impl Curves {
    /// Reads these metrics of the machine.
    pub(crate) fn read(source: &Source, metrics: &[&str], range: (f64, f64)) -> Result<Curves> {
        let step_seconds = step(range, MOST_POINTS);
        let mut selectors = metrics.iter().map(|metric| Selector::parse(metric));
        let Some(first) = selectors.next() else {
            return Ok(Curves::default());
        };
        let mut query = Query::new(first?, range.0, range.1);
        for selector in selectors {
            query.select.push(selector?);
        }
        query.step_seconds = Some(step_seconds);
        let mut ask = |aggregate| {
            query.aggregate = aggregate;
            source.history.query(&query)
        };
        let mean = ask(Aggregate::Mean)?;
        let least = ask(Aggregate::Min)?;
        let greatest = ask(Aggregate::Max)?;
        let of = |table: &Table, metric: &str| -> Vec<f64> {
            let column = table.columns.iter().find(|c| c.key.metric == metric);
            let values = column.map(|column| column.values.as_slice());
            aligned(&mean.times, &table.times, values.unwrap_or_default())
        };
        let list = mean.columns.iter().map(|column| Curve {
            metric: column.key.metric.clone(),
            unit: column.unit,
            mean: column.values.clone(),
            least: of(&least, &column.key.metric),
            greatest: of(&greatest, &column.key.metric),
        });
        Ok(Curves {
            list: list
                .filter(|curve| curve.mean.iter().any(|value| !value.is_nan()))
                .collect(),
            times: mean.times.clone(),
            step_seconds,
            notes: mean.notes.clone(),
        })
    }

    /// The series of this name, if anything is known of it.
    pub fn get(&self, metric: &str) -> Option<&Curve> {
        self.list.iter().find(|curve| curve.metric == metric)
    }
}

impl Curve {
    /// In a few numbers.
    pub fn figures(&self) -> Figures {
        let known = |values: &[f64]| -> Vec<f64> {
            let known = values.iter().copied().filter(|value| !value.is_nan());
            known.collect()
        };
        let mean = known(&self.mean);
        let least = known(&self.least).into_iter().reduce(f64::min);
        let greatest = known(&self.greatest).into_iter().reduce(f64::max);
        Figures {
            average: (!mean.is_empty()).then(|| mean.iter().sum::<f64>() / mean.len() as f64),
            max: greatest.or_else(|| mean.iter().copied().reduce(f64::max)),
            min: least.or_else(|| mean.iter().copied().reduce(f64::min)),
            last: mean.last().copied(),
        }
    }

    /// Points for a trend.
    pub(crate) fn points(&self, times: &[f64]) -> Vec<(f64, f64)> {
        times
            .iter()
            .copied()
            .zip(self.mean.iter().copied())
            .collect()
    }
}

/// Values at these times, of others at theirs; NaN where there is none. Both ascend.
fn aligned(times: &[f64], own: &[f64], values: &[f64]) -> Vec<f64> {
    if times == own {
        return values.to_vec();
    }
    let mut own = own.iter().zip(values).peekable();
    let at = |time: &f64| {
        while own.next_if(|(other, _)| *other < time).is_some() {}
        match own.next_if(|(other, _)| *other == time) {
            Some((_, value)) => *value,
            None => f64::NAN,
        }
    };
    times.iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::hour;

    #[test]
    fn the_mean_lies_between_the_extremes_and_few_points_tell_it() {
        let (source, all) = hour();
        let range = (all.since, all.until);
        let curves = Curves::read(&source, &["cpu_percent", "memory_percent"], range).unwrap();
        assert_eq!(curves.step_seconds, 20.0);
        assert!(curves.times.len() <= 301);
        let memory = curves.get("memory_percent").unwrap();
        let of = memory
            .mean
            .iter()
            .zip(memory.least.iter().zip(&memory.greatest));
        for (mean, (least, greatest)) in of.filter(|(mean, _)| !mean.is_nan()) {
            assert!(
                least <= mean && mean <= greatest,
                "{least} {mean} {greatest}"
            );
        }
        let figures = memory.figures();
        assert!(figures.min < figures.average && figures.average < figures.max);
        // What this machine does not have is no curve.
        assert_eq!(
            Curves::read(&source, &["battery_percent"], range)
                .unwrap()
                .list,
            []
        );
    }

    #[test]
    fn the_width_of_a_stretch_is_round_and_follows_the_range() {
        for (seconds, wanted) in [
            (60.0, 1.0),
            (3600.0, 20.0),
            (86_400.0, 300.0),
            (7.0 * 86_400.0, 3600.0),
            (30.0 * 86_400.0, 10_800.0),
            (365.0 * 86_400.0, 172_800.0),
            (100.0 * 365.0 * 86_400.0, 10_886_400.0),
        ] {
            assert_eq!(step((0.0, seconds), MOST_POINTS), wanted, "{seconds}");
        }
    }

    #[test]
    fn values_are_put_where_their_times_are() {
        let at = aligned(&[1.0, 2.0, 3.0], &[0.0, 2.0, 4.0], &[9.0, 5.0, 7.0]);
        assert!(at[0].is_nan() && at[1] == 5.0 && at[2].is_nan());
    }
}
