//! A table of the history: a column of times, and one of doubles for each series.

use std::sync::Arc;

use serde::Serialize;
use usm_core::history::{Table, TableColumn};

use crate::abi::{ArrowArrayStream, ArrowSchema};
use crate::column::{Column, shared_doubles, times};
use crate::field::Field;
use crate::stream::stream;

/// A table as a stream of one batch.
///
/// The first column is `time` (`timestamp[us, UTC]`); the others are doubles, named as a
/// selector reads them (`core_busy_percent{core="0"}`), with `metric`, `labels` (a JSON
/// object), `unit` and `kind` in their metadata. What is not known is null. The metadata of
/// the schema are `step_seconds` (with a step), `tiers` and `notes` (JSON arrays).
///
/// The values are not copied: the table lives until the consumer has released them.
pub fn table_stream(table: Arc<Table>) -> ArrowArrayStream {
    let mut columns = vec![time_column(&table)];
    for (at, column) in table.columns.iter().enumerate() {
        let name = column.key.to_string();
        let mut shared = shared_doubles(&name, &table, |table| &table.columns[at].values);
        shared.field = shared.field.with_metadata(&column_metadata(column));
        columns.push(shared);
    }
    stream(table.times.len(), columns, &table_metadata(&table))
}

/// The schema of [`table_stream`], without the values.
pub fn table_schema(table: &Table) -> ArrowSchema {
    let mut fields = vec![time_column(&Table::default()).field];
    fields.extend(table.columns.iter().map(|column| {
        let field = Field::new(&column.key.to_string(), c"g").nullable();
        field.with_metadata(&column_metadata(column))
    }));
    Field::record(fields)
        .with_metadata(&table_metadata(table))
        .export()
}

fn time_column(table: &Table) -> Column {
    times("time", table.times.iter().copied().map(Some))
}

pub(crate) fn table_metadata(table: &Table) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if let Some(step) = table.step_seconds {
        pairs.push(("step_seconds", step.to_string()));
    }
    pairs.push(("tiers", json(&table.tiers)));
    pairs.push(("notes", json(&table.notes)));
    pairs
}

fn column_metadata(column: &TableColumn) -> [(&'static str, String); 4] {
    let labels = column.key.labels.iter();
    let labels = labels.map(|(name, value)| (name.clone(), value.as_str().into()));
    let labels: serde_json::Map<String, serde_json::Value> = labels.collect();
    [
        ("metric", column.key.metric.clone()),
        ("labels", json(&labels)),
        ("unit", word(&column.unit)),
        ("kind", word(&column.kind)),
    ]
}

/// The word that stands for it in JSON.
pub(crate) fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_string()
}

fn json(value: &impl Serialize) -> String {
    // What is written here has no way to fail: texts, numbers, words.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::ArrowArray;
    use crate::consumer::{Value, next_of, read, read_batch, read_column, schema_of};
    use usm_core::history::SeriesKey;
    use usm_core::series::{Kind, Tier, Unit};

    fn column(metric: &str, labels: &[(&str, &str)], values: &[f64]) -> TableColumn {
        let labels = labels.iter();
        TableColumn {
            key: SeriesKey {
                metric: metric.into(),
                labels: labels.map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            },
            unit: Unit::BytesPerSecond,
            kind: Kind::Gauge,
            values: values.to_vec(),
        }
    }

    fn table() -> Arc<Table> {
        Arc::new(Table {
            times: vec![1_795_000_000.123_456, 1_795_000_001.0],
            step_seconds: Some(60.0),
            columns: vec![
                column("a", &[], &[1.5, 2.5]),
                column("b", &[("core", "0"), ("odd", "q\"\n")], &[f64::NAN, -0.25]),
            ],
            tiers: vec![Tier::Raw, Tier::TenSeconds],
            notes: vec!["torn".into()],
        })
    }

    #[test]
    fn a_table_arrives_with_its_names_units_values_and_gaps() {
        let batch = read(table_stream(table()));
        let names: Vec<&str> = batch.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["time", "a", r#"b{core="0",odd="q\"\n"}"#]);
        assert_eq!(batch.column("time").format, "tsu:UTC");
        let micros = [1_795_000_000_123_456, 1_795_000_001_000_000].map(Value::Whole);
        assert_eq!(batch.values("time"), micros);
        assert_eq!(batch.values("a"), [1.5, 2.5].map(Value::Number));
        let gappy = &batch.columns[2];
        assert_eq!(gappy.values, [Value::Null, Value::Number(-0.25)]);
        assert!(gappy.nullable);
        assert_eq!(gappy.metadata["metric"], "b");
        assert_eq!(gappy.metadata["labels"], r#"{"core":"0","odd":"q\"\n"}"#);
        assert_eq!(gappy.metadata["unit"], "bytes_per_second");
        assert_eq!(gappy.metadata["kind"], "gauge");
        assert_eq!(batch.metadata["step_seconds"], "60");
        assert_eq!(batch.metadata["tiers"], r#"["raw","ten_seconds"]"#);
        assert_eq!(batch.metadata["notes"], r#"["torn"]"#);
    }

    #[test]
    fn values_are_not_copied_and_live_until_the_consumer_releases_them() {
        let table = table();
        let weak = Arc::downgrade(&table);
        let places: Vec<_> = table.columns.iter().map(|c| c.values.as_ptr()).collect();
        let mut stream = table_stream(table);
        let (schema, array) = (schema_of(&mut stream), next_of(&mut stream));
        drop(stream);
        let batch = read_batch(&schema, &array);
        assert_eq!(batch.columns[1].data, places[0].cast());
        assert_eq!(batch.columns[2].data, places[1].cast());
        assert!(weak.upgrade().is_some());
        drop(array);
        assert!(weak.upgrade().is_none());
    }

    #[test]
    fn a_stream_that_nobody_reads_releases_its_table_once() {
        let table = table();
        let mut stream = table_stream(table.clone());
        let release = stream.release.unwrap();
        // SAFETY: it is released here, and the second call sees that.
        unsafe {
            release(&mut stream);
            assert_eq!(Arc::strong_count(&table), 1);
            assert!(stream.release.is_none());
            release(&mut stream);
        }
    }

    #[test]
    fn a_column_that_was_moved_away_outlives_its_batch() {
        let table = table();
        let mut stream = table_stream(table.clone());
        let (schema, array) = (schema_of(&mut stream), next_of(&mut stream));
        drop(stream);
        // SAFETY: a move as the specification describes it: copied, and marked in its old
        // place as released.
        let (moved_schema, moved) = unsafe {
            let (old_schema, old) = (*schema.children.add(2), *array.children.add(2));
            let moved = (old_schema.read(), old.read());
            (*old_schema).release = None;
            (*old).release = None;
            moved
        };
        drop((schema, array));
        let column = read_column(&moved_schema, &moved);
        assert_eq!(column.values, [Value::Null, Value::Number(-0.25)]);
        assert_eq!(Arc::strong_count(&table), 2);
        drop((moved_schema, moved));
        assert_eq!(Arc::strong_count(&table), 1);
    }

    #[test]
    fn the_end_is_told_again_and_again_and_a_missing_place_is_an_error() {
        let mut stream = table_stream(table());
        let (get_next, get_last_error) = (stream.get_next.unwrap(), stream.get_last_error.unwrap());
        // SAFETY: the stream is not released; NULL is what is tried.
        unsafe {
            assert!(get_last_error(&mut stream).is_null());
            assert_eq!(get_next(&mut stream, std::ptr::null_mut()), 22);
            let said = std::ffi::CStr::from_ptr(get_last_error(&mut stream));
            assert!(said.to_str().unwrap().contains("NULL"), "{said:?}");
        }
        assert_eq!(next_of(&mut stream).length, 2);
        for _ in 0..2 {
            let ArrowArray {
                length, release, ..
            } = &next_of(&mut stream);
            assert_eq!((*length, release.is_none()), (0, true));
        }
    }

    #[test]
    fn a_table_without_rows_or_columns_is_a_table() {
        let batch = read(table_stream(Arc::default()));
        assert_eq!(batch.columns.len(), 1);
        assert!(batch.values("time").is_empty());
        assert_eq!(batch.metadata.get("step_seconds"), None);

        let empty = Table {
            columns: vec![column("a", &[], &[])],
            ..Table::default()
        };
        assert!(read(table_stream(Arc::new(empty))).values("a").is_empty());
    }

    #[test]
    fn the_schema_alone_is_that_of_the_stream() {
        let table = table();
        let alone = table_schema(&table);
        let mut stream = table_stream(table.clone());
        let array = next_of(&mut stream);
        let (by_alone, by_stream) = (
            read_batch(&alone, &array),
            read_batch(&schema_of(&mut stream), &array),
        );
        assert_eq!(by_alone.metadata, by_stream.metadata);
        for (alone, stream) in by_alone.columns.iter().zip(&by_stream.columns) {
            assert_eq!(
                (&alone.name, &alone.format, alone.nullable, &alone.metadata),
                (
                    &stream.name,
                    &stream.format,
                    stream.nullable,
                    &stream.metadata
                )
            );
        }
    }

    #[test]
    fn presence_has_a_bit_for_each_of_many_rows() {
        let values: Vec<f64> = (0..1000)
            .map(|i| if i % 7 == 0 { f64::NAN } else { f64::from(i) })
            .collect();
        let table = Table {
            times: (0..1000).map(f64::from).collect(),
            columns: vec![column("a", &[], &values)],
            ..Table::default()
        };
        let batch = read(table_stream(Arc::new(table)));
        for (value, wanted) in batch.values("a").iter().zip(values) {
            match wanted.is_nan() {
                true => assert_eq!(*value, Value::Null),
                false => assert_eq!(*value, Value::Number(wanted)),
            }
        }
    }
}
