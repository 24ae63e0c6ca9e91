//! Many values become one.

use super::query::Aggregate;

/// The values of one stretch of time on their way to one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Cell {
    value: f64,
    /// Weight of the values; 0: there is none yet.
    weight: f64,
}

impl Cell {
    /// Takes in a value that is known.
    pub(super) fn add(&mut self, value: f64, weight: f64, aggregate: Aggregate) {
        let is_first = self.weight == 0.0;
        self.weight += weight;
        self.value = match aggregate {
            Aggregate::Mean | Aggregate::Sum => self.value + value * weight,
            Aggregate::Count => self.weight,
            Aggregate::Min if !is_first => self.value.min(value),
            Aggregate::Max if !is_first => self.value.max(value),
            _ => value,
        };
    }

    /// What became of them; `whole` is the weight that a mean is over.
    pub(super) fn result(&self, aggregate: Aggregate, whole: Option<f64>) -> f64 {
        match aggregate {
            _ if self.weight == 0.0 => f64::NAN,
            Aggregate::Mean => self.value / whole.unwrap_or(self.weight).max(self.weight),
            _ => self.value,
        }
    }
}

/// The quantile of values that each stand for a whole number of equal ones: of the sorted
/// values the one at `share` of the way from the first to the last, by the straight line
/// between two. Sorts them; NaN where there is none.
pub(super) fn quantile(values: &mut [(f64, f64)], share: f64) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = values.iter().map(|(_, count)| count).sum();
    let place = share * (all - 1.0).max(0.0);
    let (low, part) = (place.floor(), place.fract());
    let at = |wanted: f64| {
        let mut passed = 0.0;
        let found = values.iter().find(|(_, count)| {
            passed += count;
            passed > wanted
        });
        found
            .or(values.last())
            .map_or(f64::NAN, |(value, _)| *value)
    };
    match part > 0.0 {
        true => at(low) + (at(low + 1.0) - at(low)) * part,
        false => at(low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(values: &[(f64, f64)], aggregate: Aggregate) -> f64 {
        let mut cell = Cell::default();
        for (value, weight) in values {
            cell.add(*value, *weight, aggregate);
        }
        cell.result(aggregate, None)
    }

    #[test]
    fn each_aggregate_makes_one_of_many() {
        let values = [(4.0, 1.0), (-2.0, 3.0), (1.0, 2.0)];
        for (aggregate, wanted) in [
            (Aggregate::Mean, 0.0),
            (Aggregate::Min, -2.0),
            (Aggregate::Max, 4.0),
            (Aggregate::Last, 1.0),
            (Aggregate::Sum, 0.0),
            (Aggregate::Count, 6.0),
        ] {
            assert_eq!(folded(&values, aggregate), wanted, "{aggregate}");
            assert!(folded(&[], aggregate).is_nan());
        }
    }

    #[test]
    fn a_mean_over_more_than_its_own_values_counts_the_rest_as_nothing() {
        let mut cell = Cell::default();
        cell.add(10.0, 2.0, Aggregate::Mean);
        assert_eq!(cell.result(Aggregate::Mean, Some(8.0)), 2.5);
    }

    proptest! {
        #[test]
        fn a_quantile_is_that_of_the_values_written_out(
            values in prop::collection::vec((-100i32..100, 1usize..5), 1..20), share in 0f64..=1.0,
        ) {
            let mut all: Vec<f64> = values
                .iter()
                .flat_map(|(value, count)| vec![f64::from(*value); *count])
                .collect();
            all.sort_by(f64::total_cmp);
            let place = share * (all.len() - 1) as f64;
            let (low, high) = (all[place.floor() as usize], all[place.ceil() as usize]);
            let wanted = low + (high - low) * place.fract();
            let mut weighed: Vec<(f64, f64)> = values
                .iter()
                .map(|(value, count)| (f64::from(*value), *count as f64))
                .collect();
            prop_assert!((quantile(&mut weighed, share) - wanted).abs() < 1e-9);
        }
    }

    #[test]
    fn a_quantile_of_nothing_is_not_known() {
        assert!(quantile(&mut [], 0.5).is_nan());
    }
}
