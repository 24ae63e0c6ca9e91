//! An answer: one axis of time, one column per series.

use serde::{Deserialize, Serialize};

use crate::series::{Kind, SeriesKey, Tier, Unit};

/// One series over the range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableColumn {
    /// Name and labels.
    pub key: SeriesKey,
    /// Unit of the values; of a rate the unit per second.
    pub unit: Unit,
    /// How the metric behaves.
    pub kind: Kind,
    /// One for each time; NaN where nothing is known.
    pub values: Vec<f64>,
}

/// The answer to a query. Times without any value are left out, except with a step, where
/// every step of the range has a row from the first to the last that has a value.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Table {
    /// Unix seconds, ascending; with a step or of a coarser tier the beginning of each row.
    pub times: Vec<f64>,
    /// Width of a row in seconds; `None` for samples as they were taken.
    pub step_seconds: Option<f64>,
    /// The columns, in the order of the selectors and then by labels.
    pub columns: Vec<TableColumn>,
    /// The tiers that the values come from, from fine to coarse.
    pub tiers: Vec<Tier>,
    /// What the reader should know: a torn block that was left out, a quantile of means, a
    /// step that was made wider.
    pub notes: Vec<String>,
}

/// A column in a few numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Values that are known.
    pub count: usize,
    /// Least; `None` where no value is known.
    pub min: Option<f64>,
    /// Mean of the values, each counted once.
    pub mean: Option<f64>,
    /// Greatest.
    pub max: Option<f64>,
    /// Newest.
    pub last: Option<f64>,
}

impl TableColumn {
    /// The column in a few numbers.
    pub fn summary(&self) -> Summary {
        let known = || self.values.iter().copied().filter(|value| !value.is_nan());
        let count = known().count();
        Summary {
            count,
            min: known().reduce(f64::min),
            mean: (count > 0).then(|| known().sum::<f64>() / count as f64),
            max: known().reduce(f64::max),
            last: known().next_back(),
        }
    }
}

impl Table {
    /// The column of a series by its whole key as it is shown, or by the name of its metric
    /// where that has only one column.
    pub fn column(&self, name: &str) -> Option<&TableColumn> {
        let by_key = |column: &&TableColumn| column.key.to_string() == name;
        if let Some(column) = self.columns.iter().find(by_key) {
            return Some(column);
        }
        let mut of_metric = self.columns.iter().filter(|c| c.key.metric == name);
        let only = of_metric.next();
        only.filter(|_| of_metric.next().is_none())
    }

    /// There is no value.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Each column in a few numbers, in their order.
    pub fn summaries(&self) -> Vec<Summary> {
        self.columns.iter().map(TableColumn::summary).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(metric: &str, core: Option<&str>, values: &[f64]) -> TableColumn {
        TableColumn {
            key: SeriesKey {
                metric: metric.into(),
                labels: core
                    .map(|core| ("core".into(), core.into()))
                    .into_iter()
                    .collect(),
            },
            unit: Unit::Percent,
            kind: Kind::Gauge,
            values: values.to_vec(),
        }
    }

    #[test]
    fn a_summary_leaves_out_what_is_not_known() {
        let summary = column("a", None, &[f64::NAN, 3.0, 1.0, 2.0, f64::NAN]).summary();
        let wanted = Summary {
            count: 3,
            min: Some(1.0),
            mean: Some(2.0),
            max: Some(3.0),
            last: Some(2.0),
        };
        assert_eq!(summary, wanted);
        assert_eq!(column("a", None, &[f64::NAN]).summary(), Summary::default());
    }

    #[test]
    fn a_column_is_found_by_its_key_or_by_a_name_that_only_it_has() {
        let table = Table {
            columns: vec![
                column("busy", Some("0"), &[0.0]),
                column("busy", Some("1"), &[1.0]),
                column("idle", Some("0"), &[2.0]),
            ],
            ..Table::default()
        };
        let value = |name: &str| table.column(name).map(|column| column.values[0]);
        assert_eq!(value("busy{core=\"1\"}"), Some(1.0));
        assert_eq!(value("idle"), Some(2.0));
        assert_eq!(value("busy"), None);
        assert_eq!(value("busy{core=\"2\"}"), None);
    }

    #[test]
    fn what_is_not_known_is_null_in_json() {
        let json = serde_json::to_value(column("a", None, &[1.5, f64::NAN])).unwrap();
        assert_eq!(json["values"], serde_json::json!([1.5, null]));
    }
}
