//! The values of one series in consecutive rows, and many of them put together row by row.

use super::fold::quantile;
use super::query::Aggregate;

/// Values in consecutive rows and what each weighs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Strip {
    /// NaN where nothing is known.
    pub(super) values: Vec<f64>,
    pub(super) weights: Weights,
}

/// What each value of a strip weighs.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Weights {
    /// All the same.
    Each(f64),
    /// One for each row; of no meaning where the value is not known.
    Rows(Vec<f64>),
}

impl Weights {
    pub(super) fn at(&self, row: usize) -> f64 {
        match self {
            Weights::Each(weight) => *weight,
            Weights::Rows(weights) => weights[row],
        }
    }
}

/// Puts strips over the same rows together. `spans` are the weights of the rows themselves:
/// in a sum, what is not there counts nothing, so the sum stands for the whole row.
/// `are_means` tells that the values are means over part of the row.
pub(super) fn combine(
    strips: &[Strip],
    how: Aggregate,
    spans: &Weights,
    are_means: bool,
    rows: usize,
) -> Strip {
    let mut values = Vec::with_capacity(rows);
    let mut weights = Vec::with_capacity(rows);
    let mut known: Vec<(f64, f64)> = Vec::with_capacity(strips.len());
    for row in 0..rows {
        known.clear();
        let all = strips.iter().map(|s| (s.values[row], s.weights.at(row)));
        known.extend(all.filter(|(value, _)| !value.is_nan()));
        if known.is_empty() {
            values.push(f64::NAN);
            weights.push(0.0);
            continue;
        }
        let span = spans.at(row);
        // Of a mean over part of a row's samples only that part of the row.
        let share = |weight: f64| match are_means && span > 0.0 {
            true => weight / span,
            false => 1.0,
        };
        let longest = known.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
        let (value, weight) = match how {
            Aggregate::Sum => (known.iter().map(|(v, w)| v * share(*w)).sum(), span),
            Aggregate::Count => (known.iter().map(|(_, w)| share(*w)).sum(), span),
            Aggregate::Min => (fold(&known, f64::min), longest),
            Aggregate::Max => (fold(&known, f64::max), longest),
            Aggregate::Quantile(share) => {
                (quantile(&mut counted(&known, are_means), share), longest)
            }
            Aggregate::Mean | Aggregate::Last => {
                let counted = counted(&known, are_means);
                let all: f64 = counted.iter().map(|(_, count)| count).sum();
                let sum: f64 = counted.iter().map(|(value, count)| value * count).sum();
                (sum / all, longest)
            }
        };
        values.push(value);
        weights.push(weight);
    }
    Strip {
        values,
        weights: Weights::Rows(weights),
    }
}

/// The values by the samples that each stands for; what is no mean counts once.
fn counted(known: &[(f64, f64)], are_means: bool) -> Vec<(f64, f64)> {
    let count = |weight: f64| if are_means { weight } else { 1.0 };
    known
        .iter()
        .map(|(value, weight)| (*value, count(*weight)))
        .collect()
}

fn fold(known: &[(f64, f64)], how: fn(f64, f64) -> f64) -> f64 {
    let values = known.iter().map(|(value, _)| *value);
    values.reduce(how).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: f64 = f64::NAN;

    fn strip(values: [f64; 3], weights: Weights) -> Strip {
        Strip {
            values: values.to_vec(),
            weights,
        }
    }

    /// Values as text, for NaN does not equal itself.
    fn shown(strips: &[Strip], how: Aggregate, spans: &Weights, are_means: bool) -> String {
        format!("{:?}", combine(strips, how, spans, are_means, 3).values)
    }

    #[test]
    fn strips_of_samples_are_put_together_row_by_row() {
        let one = Weights::Each(1.0);
        let strips = [
            strip([1.0, 2.0, NONE], one.clone()),
            strip([3.0, NONE, NONE], one.clone()),
            strip([8.0, 6.0, NONE], one.clone()),
        ];
        for (how, wanted) in [
            (Aggregate::Sum, "[12.0, 8.0, NaN]"),
            (Aggregate::Mean, "[4.0, 4.0, NaN]"),
            (Aggregate::Min, "[1.0, 2.0, NaN]"),
            (Aggregate::Max, "[8.0, 6.0, NaN]"),
            (Aggregate::Count, "[3.0, 2.0, NaN]"),
            (Aggregate::Quantile(0.5), "[3.0, 4.0, NaN]"),
        ] {
            assert_eq!(shown(&strips, how, &one, true), wanted, "{how}");
        }
    }

    #[test]
    fn a_mean_over_part_of_a_row_counts_by_that_part_in_a_sum() {
        let spans = Weights::Each(10.0);
        let short = strip([100.0, NONE, NONE], Weights::Each(2.0));
        let long = strip([5.0, NONE, NONE], Weights::Each(10.0));
        let strips = [short, long];
        let sum = |are_means| shown(&strips, Aggregate::Sum, &spans, are_means);
        assert_eq!(sum(true), "[25.0, NaN, NaN]");
        assert_eq!(sum(false), "[105.0, NaN, NaN]");
        let count = shown(&strips, Aggregate::Count, &spans, true);
        assert_eq!(count, "[1.2, NaN, NaN]");
    }
}
