//! Exports of the recording of an hour.

use std::path::PathBuf;

use serde_json::Value;

use crate::metrics::{self, COLUMNS};
use crate::{Format, Kind, Source, Wanted, export};

pub(crate) fn hour() -> (Source, Wanted) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/hour.usm");
    let source = Source::open(path).unwrap();
    let (since, until) = source.extent().unwrap().unwrap();
    (source, Wanted::range(since, until))
}

fn text(kind: Kind, format: Format, wanted: Option<Wanted>) -> String {
    let (source, all) = hour();
    let wanted = wanted.unwrap_or(all);
    let mut to = Vec::new();
    export(&source, kind, format, &wanted, &mut to, &mut |_| true).unwrap();
    String::from_utf8(to).unwrap()
}

#[test]
fn every_sample_is_a_row_with_the_prototypes_keys_in_their_order() {
    let rows: Vec<Value> = serde_json::from_str(&text(Kind::Metrics, Format::Json, None)).unwrap();
    let keys: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let wanted = [
        "timestamp",
        "cpu_percent",
        "memory_percent",
        "disk_percent",
        "network_sent_mb",
        "network_recv_mb",
        "process_count",
        "load_average_1",
        "load_average_5",
        "load_average_15",
        "temperature",
        "battery_percent",
        "battery_plugged",
    ];
    assert_eq!(keys, wanted);
    let (source, _) = hour();
    let raw = source.history.extents().unwrap()[0];
    assert_eq!(rows.len() as u64, raw.rows);
    let first = &rows[0];
    assert_eq!(first["timestamp"], 1_795_874_851.388);
    assert_eq!(first["memory_percent"], 9.8);
    assert_eq!(first["process_count"], 113);
    // This machine has no sensor and no battery: not known, never 0.
    assert!(rows.iter().all(|row| row["temperature"].is_null()));
    assert!(rows.iter().all(|row| row["battery_plugged"].is_null()));
}

#[test]
fn csv_and_json_hold_the_same() {
    let csv = text(Kind::Metrics, Format::Csv, None);
    let rows: Vec<Value> = serde_json::from_str(&text(Kind::Metrics, Format::Json, None)).unwrap();
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(lines.clone().count(), rows.len());
    for (line, row) in lines.zip(&rows) {
        for (name, field) in names.iter().zip(line.split(',')) {
            match row[*name].as_f64() {
                Some(number) => assert_eq!(field.parse::<f64>().unwrap(), number, "{name}"),
                None => assert_eq!(field, "", "{name}"),
            }
        }
    }
}

#[test]
fn a_range_is_read_in_pieces_and_comes_to_the_same_as_at_once() {
    let (source, all) = hour();
    let whole = |wanted: &Wanted| {
        let mut rows = Vec::new();
        let read = metrics::read(
            &source,
            wanted,
            &mut |row| {
                rows.push(format!("{row:?}"));
                Ok(())
            },
            &mut |_| true,
        );
        (rows, read.unwrap())
    };
    // A step of 2 s has pieces of 6 h; one of a fiftieth of a second has many.
    let (coarse, _) = whole(&Wanted {
        step_seconds: Some(2.0),
        ..all
    });
    let (fine, read) = whole(&Wanted {
        step_seconds: Some(0.02),
        ..all
    });
    assert!(
        fine.len() > coarse.len() && coarse.len() > 1000,
        "{}",
        coarse.len()
    );
    assert!(read.most_held < fine.len() / 5, "{read:?}");
    let (rows, _) = whole(&all);
    let middle = (all.since + all.until) / 2.0;
    let (mut parts, _) = whole(&Wanted {
        until: middle,
        ..all
    });
    parts.extend(
        whole(&Wanted {
            since: middle,
            ..all
        })
        .0,
    );
    assert_eq!(parts, rows);
}

#[test]
fn a_step_has_its_extremes_beside_its_mean() {
    let (_, all) = hour();
    let wanted = Wanted {
        step_seconds: Some(600.0),
        extremes: true,
        ..all
    };
    let rows: Vec<Value> =
        serde_json::from_str(&text(Kind::Metrics, Format::Json, Some(wanted))).unwrap();
    assert!((6..=9).contains(&rows.len()), "{}", rows.len());
    let mut differ = 0;
    for row in &rows {
        let of = |name: &str| row[name].as_f64().unwrap();
        let (least, mean, most) = (
            of("memory_percent_min"),
            of("memory_percent"),
            of("memory_percent_max"),
        );
        assert!(least <= mean && mean <= most, "{row}");
        differ += usize::from(least < most);
        assert!(row.get("network_sent_mb_min").is_none());
    }
    assert!(differ > 0);
    assert_eq!(
        rows[0].as_object().unwrap().len(),
        1 + COLUMNS.len() + 2 * 9
    );
}

#[test]
fn an_empty_range_is_an_empty_table() {
    let before = Some(Wanted::range(0.0, 1000.0));
    assert_eq!(text(Kind::Metrics, Format::Json, before), "[]\n");
    assert_eq!(text(Kind::Metrics, Format::Csv, before).lines().count(), 1);
    let empty: Value =
        serde_json::from_str(&text(Kind::Predictions, Format::Json, before)).unwrap();
    assert_eq!(
        empty,
        serde_json::json!({"trends": [], "anomalies": [], "forecasts": []})
    );
    // Of all time there is what there is.
    let always = Some(Wanted::range(f64::NEG_INFINITY, f64::INFINITY));
    assert_eq!(
        text(Kind::Metrics, Format::Csv, always),
        text(Kind::Metrics, Format::Csv, None)
    );
}

#[test]
fn predictions_are_three_tables_by_the_prototypes_names() {
    let found: Value = serde_json::from_str(&text(Kind::Predictions, Format::Json, None)).unwrap();
    let trends = found["trends"].as_array().unwrap();
    assert_eq!(trends.len(), 7);
    for key in [
        "metric_name",
        "current_value",
        "trend_direction",
        "trend_strength",
        "change_rate",
        "prediction_1h",
        "prediction_6h",
        "prediction_24h",
        "confidence",
    ] {
        assert!(!trends[0][key].is_null(), "{key}");
    }
    let csv = text(Kind::Predictions, Format::Csv, None);
    for name in ["trends\nmetric_name,", "\n\nanomalies\n", "\n\nforecasts\n"] {
        assert!(csv.contains(name), "{name:?}");
    }
}

#[test]
fn show_reports() {
    let (source, all) = hour();
    let t = std::time::Instant::now();
    let health = crate::Health::read(&source, &all, true, &mut |_| true)
        .unwrap()
        .unwrap();
    println!("health {:?}", t.elapsed());
    let v = serde_json::to_value(&health).unwrap();
    let mut v2 = v.clone();
    v2["historical_data"] = Value::Null;
    println!("{}", serde_json::to_string_pretty(&v2).unwrap());
    let t = std::time::Instant::now();
    let trends = crate::Trends::read(&source, &all, &mut |_| true)
        .unwrap()
        .unwrap();
    println!("trends {:?}", t.elapsed());
    let mut v = serde_json::to_value(&trends).unwrap();
    v["historical_data"] = Value::Null;
    println!("{}", serde_json::to_string_pretty(&v).unwrap());
}
