//! A series in four numbers.

use usm_core::history::{Table, TableColumn};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub(super) least: f64,
    pub(super) mean: f64,
    pub(super) greatest: f64,
    pub(super) last: f64,
}

/// The least and the greatest of the samples in each step, which a mean hides.
#[derive(Debug)]
pub(super) struct Extremes {
    pub(super) least: Table,
    pub(super) greatest: Table,
}

impl Summary {
    /// Of the values that are known; NaN where none is.
    pub(super) fn of(column: &TableColumn, extremes: Option<&Extremes>) -> Summary {
        let least = extremes.map_or(column, |tables| same(column, &tables.least));
        let greatest = extremes.map_or(column, |tables| same(column, &tables.greatest));
        let of_steps = column.summary();
        Summary {
            least: least.summary().min.unwrap_or(f64::NAN),
            mean: of_steps.mean.unwrap_or(f64::NAN),
            greatest: greatest.summary().max.unwrap_or(f64::NAN),
            last: of_steps.last.unwrap_or(f64::NAN),
        }
    }
}

/// The column of the same series in another table; itself where there is none.
fn same<'a>(column: &'a TableColumn, table: &'a Table) -> &'a TableColumn {
    let found = table.columns.iter().find(|other| other.key == column.key);
    found.unwrap_or(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::sample_table::column;

    #[test]
    fn what_is_unknown_counts_for_nothing() {
        let gaps = column("cpu_percent", &[f64::NAN, 1.0, 3.0, f64::NAN]);
        let summary = Summary::of(&gaps, None);
        let numbers = [summary.least, summary.mean, summary.greatest, summary.last];
        assert_eq!(numbers, [1.0, 2.0, 3.0, 3.0]);
        let nothing = Summary::of(&column("cpu_percent", &[f64::NAN]), None);
        assert!(nothing.least.is_nan() && nothing.mean.is_nan() && nothing.last.is_nan());
    }

    #[test]
    fn the_extremes_are_of_the_samples_not_of_the_steps() {
        let table = |values: &[f64]| Table {
            columns: vec![column("cpu_percent", values)],
            ..Table::default()
        };
        let extremes = Extremes {
            least: table(&[0.5, 2.0]),
            greatest: table(&[4.0, 99.0]),
        };
        let summary = Summary::of(&column("cpu_percent", &[1.0, 3.0]), Some(&extremes));
        assert_eq!((summary.least, summary.greatest), (0.5, 99.0));
        assert_eq!(summary.mean, 2.0);
    }
}
