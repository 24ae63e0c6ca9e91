//! Exports of the recording of an hour.

use std::path::PathBuf;

use serde_json::Value;

use crate::fixture::{NASTY, START, day};
use crate::metrics::{self, COLUMNS};
use crate::{Format, Kind, Report, ReportKind, Source, Wanted, export, report_to};

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
fn the_hour_in_half_hours_is_as_it_always_was() {
    let (_, all) = hour();
    let wanted = Wanted {
        step_seconds: Some(1800.0),
        ..all
    };
    let csv = text(Kind::Metrics, Format::Csv, Some(wanted));
    let golden = [
        [1_795_874_400.0, 99.890_615, 20.914_505, 55.984_295],
        [1_795_876_200.0, 99.502_706, 12.686_156, 49.648_506],
        [1_795_878_000.0, 99.996_339, 17.922_507, 62.532_359],
    ];
    assert_eq!(csv.lines().count(), 1 + golden.len());
    for (line, wanted) in csv.lines().skip(1).zip(golden) {
        for (field, wanted) in line.split(',').zip(wanted) {
            let value: f64 = field.parse().unwrap();
            assert!((value - wanted).abs() < 1e-6, "{value} for {wanted}");
        }
    }
}

#[test]
fn alerts_are_rows_with_the_prototypes_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (source, wanted) = day(folder.path());
    let rows = |wanted: &Wanted| -> Vec<Value> {
        let mut to = Vec::new();
        export(
            &source,
            Kind::Alerts,
            Format::Json,
            wanted,
            &mut to,
            &mut |_| true,
        )
        .unwrap();
        serde_json::from_slice(&to).unwrap()
    };
    let all = rows(&wanted);
    let keys: Vec<&String> = all[0].as_object().unwrap().keys().take(11).collect();
    let prototype = [
        "id",
        "timestamp",
        "alert_type",
        "metric_name",
        "metric_value",
        "threshold",
        "severity",
        "message",
        "acknowledged",
        "acknowledged_by",
        "acknowledged_at",
    ];
    assert_eq!(keys, prototype);
    let ids: Vec<u64> = all.iter().filter_map(|row| row["id"].as_u64()).collect();
    assert_eq!(ids, [1, 2, 4, 3]);
    assert_eq!(all[0]["timestamp"], START + 3.0 * 3600.0);
    assert_eq!(all[1]["acknowledged_by"], NASTY);
    assert_eq!(
        (&all[3]["status"], &all[3]["resolved_at"]),
        (&"firing".into(), &Value::Null)
    );
    assert!(all.iter().all(|row| row["status"] != "saved"));
    // What lasted in a part of the day, also when it fired before.
    let part = rows(&Wanted::range(START + 15.5 * 3600.0, START + 16.0 * 3600.0));
    assert_eq!(part.len(), 1);
    assert_eq!(part[0]["id"], 2);
}

#[test]
fn a_health_report_has_the_prototypes_keys_and_ours_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let (source, wanted) = day(folder.path());
    let read = |recommendations| {
        let report = Report::read(
            &source,
            ReportKind::Health,
            &wanted,
            recommendations,
            &mut |_| true,
        );
        report.unwrap().unwrap().json().unwrap()
    };
    let health = read(true);
    let keys: Vec<&String> = health.as_object().unwrap().keys().take(7).collect();
    let prototype = [
        "report_type",
        "time_range",
        "generated_at",
        "current_metrics",
        "health_summary",
        "historical_data",
        "recommendations",
    ];
    assert_eq!(keys, prototype);
    assert_eq!(health["report_type"], "system_health");
    assert_eq!(health["time_range"], "24h");
    assert_eq!(health["health_summary"]["alerts_in_range"], 4);
    assert_eq!(health["health_summary"]["active_alerts"], 1);
    assert_eq!(health["health_summary"]["status"], "warning");
    assert_eq!(health["current_metrics"].as_object().unwrap().len(), 17);
    assert!(!health["recommendations"].as_array().unwrap().is_empty());
    assert_eq!(read(false)["recommendations"], serde_json::json!([]));
    let rows = health["historical_data"].as_array().unwrap();
    assert!((250..=500).contains(&rows.len()), "{}", rows.len());
    let of = |name: &str| rows[0][name].as_f64().unwrap();
    assert!(of("cpu_percent_min") < of("cpu_percent") && of("cpu_percent") < of("cpu_percent_max"));
    assert_eq!(health["top_processes"]["by_cpu"][0]["name"], "postgres");
    assert_eq!(health["incidents"].as_array().unwrap().len(), 1);
}

#[test]
fn a_trend_report_tells_a_rise_from_chance() {
    let folder = tempfile::tempdir().unwrap();
    let (source, wanted) = day(folder.path());
    let report = Report::read(&source, ReportKind::Trends, &wanted, true, &mut |_| true);
    let trends = report.unwrap().unwrap().json().unwrap();
    assert_eq!(trends["report_type"], "performance_trends");
    let names: Vec<&String> = trends["trends"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["cpu", "memory", "disk"]);
    let memory = &trends["trends"]["memory"];
    assert_eq!(memory["trend"], "increasing");
    let slope = memory["slope_per_hour"].as_f64().unwrap();
    assert!((slope - 1.1).abs() < 0.05, "{slope}");
    for name in ["average", "max", "min"] {
        assert!(memory[name].as_f64().is_some(), "{name}");
    }
    assert_eq!(trends["other_trends"]["network_sent"]["trend"], "stable");
}

#[test]
fn of_what_was_never_recorded_there_is_no_report() {
    let (source, _) = hour();
    for kind in [ReportKind::Health, ReportKind::Trends] {
        let before = Wanted::range(0.0, 1000.0);
        let report = Report::read(&source, kind, &before, true, &mut |_| true).unwrap();
        assert!(report.is_none());
        let ended = Report::read(
            &source,
            kind,
            &Wanted::range(0.0, f64::MAX),
            true,
            &mut |_| false,
        );
        assert!(ended.is_err());
    }
}

#[test]
fn reports_of_one_second_have_names_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let (source, all) = hour();
    let write = || {
        let kind = ReportKind::Trends;
        report_to(
            folder.path(),
            &source,
            kind,
            Format::Json,
            &all,
            true,
            &mut |_| true,
        )
        .unwrap()
    };
    let (first, second) = (write().path.unwrap(), write().path.unwrap());
    assert_ne!(first, second);
    let name = first.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("performance_trends_report_75min_"),
        "{name}"
    );
    let text = std::fs::read_to_string(second).unwrap();
    assert!(serde_json::from_str::<Value>(&text).unwrap()["trends"]["cpu"].is_object());
}

#[test]
fn alerts_that_programs_saved_are_exported_too() {
    let folder = tempfile::tempdir().unwrap();
    let (source, wanted) = day(folder.path());
    let program = rusqlite::Connection::open(source.path()).unwrap();
    let sql = "INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, threshold, \
               severity, message) VALUES (?1, 'queue_long', 'queue', 7, 5, 'warning', ?2)";
    program.execute(sql, (START + 4.0 * 3600.0, NASTY)).unwrap();
    let written = |format| {
        let mut to = Vec::new();
        let kind = Kind::Alerts;
        let exported = export(&source, kind, format, &wanted, &mut to, &mut |_| true).unwrap();
        assert_eq!(exported.rows, 5);
        String::from_utf8(to).unwrap()
    };
    let rows: Vec<Value> = serde_json::from_str(&written(Format::Json)).unwrap();
    let types: Vec<&Value> = rows.iter().map(|row| &row["alert_type"]).collect();
    assert_eq!(types[..3], ["cpu_busy", "queue_long", "cpu_busy"]);
    assert_eq!(
        (&rows[1]["status"], &rows[1]["message"]),
        (&"saved".into(), &NASTY.into())
    );
    let page = written(Format::Html);
    assert!(page.contains("Alerts that programs saved") && page.contains(">queue_long<"));
    assert!(!page.contains("<script"));
}
