//! What is asked of the history.

use serde::{Deserialize, Serialize};

use crate::series::Selector;
use crate::series::Tier;
use crate::{Error, Result};

/// Least width of a step, seconds.
const LEAST_STEP: f64 = 0.001;

/// Greatest width of a step, seconds: a hundred years.
const GREATEST_STEP: f64 = 100.0 * 365.0 * 86_400.0;

/// How several values become one.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Mean, weighted by samples; of a rate by the time that passed.
    #[default]
    Mean,
    /// Least.
    Min,
    /// Greatest.
    Max,
    /// Newest.
    Last,
    /// Sum over the samples; of a rate the increase of the counter.
    Sum,
    /// Number of samples.
    Count,
    /// Quantile, 0 to 1, between two values by the straight line. Of a coarser tier than raw
    /// it is taken over the means of its stretches, and the table says so.
    Quantile(f64),
}

impl Aggregate {
    /// Reads `mean`, `min`, `max`, `last`, `sum`, `count`, `median` or `p95`, `p99.9`.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn parse(text: &str) -> Result<Aggregate> {
        let aggregate = match text.trim() {
            "mean" | "avg" => Some(Aggregate::Mean),
            "min" => Some(Aggregate::Min),
            "max" => Some(Aggregate::Max),
            "last" => Some(Aggregate::Last),
            "sum" => Some(Aggregate::Sum),
            "count" => Some(Aggregate::Count),
            "median" => Some(Aggregate::Quantile(0.5)),
            other => percent(other).map(|percent| Aggregate::Quantile(percent / 100.0)),
        };
        let allowed = "one of mean, min, max, last, sum, count, median, p95 and the like (p0 to \
            p100, p99.9)";
        aggregate.ok_or_else(|| Error::invalid("aggregate", format!("{text:?}"), allowed))
    }

    fn check(self, field: &str) -> Result<()> {
        match self {
            Aggregate::Quantile(share) if !(0.0..=1.0).contains(&share) => {
                Err(Error::invalid(field, share, "a quantile from 0 to 1"))
            }
            _ => Ok(()),
        }
    }
}

impl std::fmt::Display for Aggregate {
    /// As [`Aggregate::parse`] reads it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Aggregate::Mean => "mean",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::Last => "last",
            Aggregate::Sum => "sum",
            Aggregate::Count => "count",
            Aggregate::Quantile(share) if *share == 0.5 => "median",
            // Rounded, for 0.999 * 100 is 99.9 and a little.
            Aggregate::Quantile(share) => {
                return write!(f, "p{}", (share * 1e10).round() / 1e8);
            }
        })
    }
}

fn percent(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('p')?;
    let is_plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let percent: f64 = digits.parse().ok().filter(|_| is_plain)?;
    (0.0..=100.0).contains(&percent).then_some(percent)
}

/// A question about series over a range of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The series; each gives one column per entity that it matches.
    pub select: Vec<Selector>,
    /// From this Unix time on.
    pub since: f64,
    /// To before this Unix time.
    pub until: f64,
    /// Width of a row in seconds, at least 0.001, aligned to multiples of it; `None`: the
    /// rows of the tier as they are. The first and the last row hold only what is in the
    /// range, as exactly as the tiers that still reach there can tell.
    pub step_seconds: Option<f64>,
    /// How the values of a step become one. Without a step it chooses which value of a
    /// coarser tier is given (mean, min, max, last).
    pub aggregate: Aggregate,
    /// The increase per second of a counter; a reset gives a gap, not a fall. With
    /// [`Aggregate::Sum`] the increase itself.
    pub rate: bool,
    /// Puts the columns of one metric together that agree in these labels; with an empty list
    /// all of them. It is done sample by sample, before the values of a step become one.
    pub by: Option<Vec<String>>,
    /// How the values of columns that are put together become one (all but `Last`). In a sum
    /// what is not there counts nothing.
    pub combine: Aggregate,
    /// Only the so many columns of each metric whose mean over the range is greatest; what
    /// is not there counts nothing.
    pub top: Option<usize>,
    /// From this tier only. `None`: of a mean, minimum, maximum, last value, sum or count
    /// over steps, the coarsest whose rows divide the step; else the finest that covers the
    /// range. What that tier does not have (yet or any more) comes from the others.
    pub tier: Option<Tier>,
}

impl Query {
    /// A query of one selector, with the defaults: rows as they are, mean.
    pub fn new(select: Selector, since: f64, until: f64) -> Query {
        Query {
            select: vec![select],
            since,
            until,
            step_seconds: None,
            aggregate: Aggregate::Mean,
            rate: false,
            by: None,
            combine: Aggregate::Sum,
            top: None,
            tier: None,
        }
    }

    /// Checks what can be checked without the history.
    pub(super) fn check(&self) -> Result<()> {
        if self.select.is_empty() {
            return Err(Error::invalid("select", "nothing", "at least one series"));
        }
        check_range(self.since, self.until)?;
        if let Some(step) = self.step_seconds
            && !(LEAST_STEP..=GREATEST_STEP).contains(&step)
        {
            let allowed = "from 0.001 seconds to a hundred years";
            return Err(Error::invalid("step", step, allowed));
        }
        if self.top == Some(0) {
            return Err(Error::invalid("top", 0, "at least 1"));
        }
        self.aggregate.check("aggregate")?;
        self.combine.check("combine")?;
        if self.by.is_some() && self.combine == Aggregate::Last {
            let allowed = "mean, min, max, sum, count or a quantile";
            return Err(Error::invalid("combine", "last", allowed));
        }
        Ok(())
    }
}

/// Refuses what is no range of time.
pub(super) fn check_range(since: f64, until: f64) -> Result<()> {
    for (field, time) in [("since", since), ("until", until)] {
        if time.is_nan() {
            return Err(Error::invalid(field, time, "a Unix time in seconds"));
        }
    }
    match since < until {
        true => Ok(()),
        false => Err(Error::invalid(
            "since",
            since,
            format!("a time before {until}, where the range ends"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregates_are_read_and_shown_alike() {
        for text in [
            "mean", "min", "max", "last", "sum", "count", "median", "p95", "p99.9", "p0", "p100",
        ] {
            assert_eq!(Aggregate::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Aggregate::parse(" p50 ").unwrap(), Aggregate::Quantile(0.5));
        for text in [
            "", "p", "p101", "p-1", "p1e1", "pnan", "p.", "average", "P95",
        ] {
            let error = Aggregate::parse(text).unwrap_err().to_string();
            assert!(error.contains("median"), "{text}: {error}");
        }
    }

    #[test]
    fn what_can_not_be_asked_is_refused_by_name() {
        let good = Query::new(Selector::parse("core_busy_percent").unwrap(), 0.0, 10.0);
        good.check().unwrap();
        type Change = fn(&mut Query);
        let wrong: [(&str, Change); 9] = [
            ("select", |q| q.select.clear()),
            ("since", |q| q.since = 10.0),
            ("until", |q| q.until = f64::NAN),
            ("step", |q| q.step_seconds = Some(0.0001)),
            ("step", |q| q.step_seconds = Some(f64::NAN)),
            ("step", |q| q.step_seconds = Some(f64::INFINITY)),
            ("top", |q| q.top = Some(0)),
            ("aggregate", |q| q.aggregate = Aggregate::Quantile(1.5)),
            ("combine", |q| {
                q.by = Some(Vec::new());
                q.combine = Aggregate::Last;
            }),
        ];
        for (field, change) in wrong {
            let mut query = good.clone();
            change(&mut query);
            let error = query.check().unwrap_err().to_string();
            assert!(error.starts_with(field), "{field}: {error}");
        }
    }
}
