//! A table of the history with one row for each value.

use std::sync::Arc;

use usm_core::history::Table;

use crate::abi::ArrowArrayStream;
use crate::column::{Repeated, numbers, times};
use crate::stream::stream;
use crate::table::table_metadata;

/// A table in long form, as a stream of one batch: `time` (`timestamp[us, UTC]`), `metric`,
/// a column for each label that any series has (`core`, `device`, …; null where a series has
/// none of it), and `value`. Series by series, each ascending in time; what is not known has
/// no row. The texts are dictionaries: categories in a data frame.
pub fn long_stream(table: &Arc<Table>) -> ArrowArrayStream {
    let mut labels: Vec<(&str, Repeated<'_>)> = Vec::new();
    for (name, _) in table.columns.iter().flat_map(|column| &column.key.labels) {
        if !labels.iter().any(|(known, _)| known == name) {
            labels.push((name, Repeated::default()));
        }
    }
    let mut metric = Repeated::default();
    let mut when = Vec::new();
    let mut values = Vec::new();
    for column in &table.columns {
        let known = table.times.iter().zip(&column.values);
        let known = known.filter(|(_, value)| !value.is_nan());
        let before = values.len();
        for (time, value) in known {
            when.push(Some(*time));
            values.push(Some(*value));
        }
        let rows = values.len() - before;
        metric.push(Some(&column.key.metric), rows);
        for (name, texts) in &mut labels {
            let label = column.key.labels.iter().find(|(label, _)| label == name);
            texts.push(label.map(|(_, value)| value.as_str()), rows);
        }
    }
    let rows = values.len();
    let mut columns = vec![times("time", when.into_iter()), metric.column("metric")];
    columns.extend(labels.into_iter().map(|(name, texts)| texts.column(name)));
    columns.push(numbers("value", values));
    stream(rows, columns, &table_metadata(table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::{Value, read};
    use usm_core::history::{SeriesKey, TableColumn};
    use usm_core::series::{Kind, Unit};

    fn column(metric: &str, label: Option<(&str, &str)>, values: [f64; 2]) -> TableColumn {
        TableColumn {
            key: SeriesKey {
                metric: metric.into(),
                labels: label
                    .map(|(n, v)| (n.into(), v.into()))
                    .into_iter()
                    .collect(),
            },
            unit: Unit::Percent,
            kind: Kind::Gauge,
            values: values.to_vec(),
        }
    }

    #[test]
    fn each_known_value_has_a_row_with_its_labels() {
        let table = Arc::new(Table {
            times: vec![1.0, 2.0],
            columns: vec![
                column("cpu", None, [10.0, 20.0]),
                column("core", Some(("core", "0")), [f64::NAN, 30.0]),
                column("disk", Some(("device", "sda")), [40.0, f64::NAN]),
                column("core", Some(("core", "1")), [50.0, 60.0]),
            ],
            ..Table::default()
        });
        let batch = read(long_stream(&table));
        let text = |text: &str| Value::Text(text.into());
        let names: Vec<&str> = batch.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["time", "metric", "core", "device", "value"]);
        assert_eq!(
            batch.values("time"),
            [1, 2, 2, 1, 1, 2].map(|s| Value::Whole(s * 1_000_000))
        );
        assert_eq!(
            batch.values("metric"),
            ["cpu", "cpu", "core", "disk", "core", "core"].map(text)
        );
        let none = Value::Null;
        assert_eq!(
            batch.values("core"),
            [
                none.clone(),
                none.clone(),
                text("0"),
                none.clone(),
                text("1"),
                text("1")
            ]
        );
        assert_eq!(batch.values("device")[3], text("sda"));
        assert_eq!(
            batch.values("value"),
            [10.0, 20.0, 30.0, 40.0, 50.0, 60.0].map(Value::Number)
        );
        assert_eq!(Arc::strong_count(&table), 1);
    }
}
