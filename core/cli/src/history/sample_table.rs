//! Tables made by hand, for the tests of pictures.

use usm_core::history::{SeriesKey, Table, TableColumn};
use usm_core::series::{Kind, Tier, Unit};

/// 2026-11-23 14:00:00 in UTC.
pub(super) const THEN: f64 = 1_795_442_400.0;

/// A column of a percentage, without labels.
pub(super) fn column(metric: &str, values: &[f64]) -> TableColumn {
    TableColumn {
        key: SeriesKey {
            metric: metric.into(),
            labels: Vec::new(),
        },
        unit: Unit::Percent,
        kind: Kind::Gauge,
        values: values.to_vec(),
    }
}

/// The same with a label.
pub(super) fn labelled(metric: &str, label: &str, value: &str, values: &[f64]) -> TableColumn {
    let mut column = column(metric, values);
    column.key.labels = vec![(label.into(), value.into())];
    column
}

/// A table with a row each minute.
pub(super) fn minutes(columns: Vec<TableColumn>) -> Table {
    let rows = columns.first().map_or(0, |column| column.values.len());
    Table {
        times: (0..rows).map(|row| THEN + 60.0 * row as f64).collect(),
        step_seconds: Some(60.0),
        columns,
        tiers: vec![Tier::Raw],
        notes: Vec::new(),
    }
}
