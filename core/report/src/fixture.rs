//! A machine's day with hostile names, for tests: its history, and what a monitor found.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use usm_core::history::{TextFormat, import};
use usm_core::store::{
    DATABASE_NAME, FindingKind, FindingRow, JudgedRow, Row, Store, StoreSettings,
};

use crate::{Source, Wanted};

/// 2026-11-23 14:05:00 in UTC.
pub(crate) const START: f64 = 1_795_442_700.0;
const HOURS: usize = 24;

/// A name that would do harm where it is taken for anything but a name.
pub(crate) const NASTY: &str =
    "<script>alert(1)</script>\"'&</title></svg>\u{202e}\u{1b}[2J\u{0}javascript:";

/// The day as CSV: a row each half minute, none for two hours.
fn csv() -> String {
    let quoted = NASTY.replace('"', "\\\"").replace(['\u{0}', '\u{1b}'], "");
    let name = |pid: u32, name: &str| {
        let key = format!("process_cpu_core_percent{{pid=\"{pid}\",name=\"{name}\"}}");
        format!("\"{}\"", key.replace('"', "\"\""))
    };
    let mut text = format!(
        "timestamp,cpu_percent,memory_percent,disk_percent,load_average_1,temperature_celsius,\
         network_received_bytes_per_sec,network_sent_bytes_per_sec,health_score,\
         performance_score,{},{}\n",
        name(77, "postgres"),
        name(4711, &quoted),
    );
    for row in 0..HOURS * 120 {
        let hour = row as f64 / 120.0;
        if (9.0..11.0).contains(&hour) {
            continue;
        }
        let day = (hour / 24.0 * std::f64::consts::TAU).sin();
        let wave = (row as f64 * 0.7).sin() * 4.0 + (row as f64 * 0.13).cos() * 3.0;
        let burst = if (15.0..15.7).contains(&hour) {
            45.0
        } else {
            0.0
        };
        let cpu = (28.0 + 18.0 * day + wave + burst).clamp(0.0, 100.0);
        let memory = 41.0 + 1.1 * hour + 0.4 * wave;
        let time = START + 30.0 * row as f64;
        text.push_str(&format!(
            "{time},{cpu:.2},{memory:.2},{:.2},{:.2},{},{:.0},{:.0},{:.1},{:.1},{:.1},{:.1}\n",
            61.0 + 0.2 * hour,
            cpu / 25.0,
            if hour < 1.0 {
                String::new()
            } else {
                format!("{:.1}", 48.0 + cpu / 5.0)
            },
            (1200.0 + 600.0 * day + 80.0 * wave) * 1024.0,
            (300.0 + 40.0 * wave) * 1024.0,
            100.0 - 0.4 * cpu - 0.3 * memory,
            100.0 - cpu * 0.5,
            cpu * 1.3,
            20.0 + burst,
        ));
    }
    text
}

fn finding(kind: FindingKind, key: &str, since: f64, end: Option<f64>, data: Value) -> Row {
    Row::Judged(JudgedRow::Finding(FindingRow {
        kind,
        key: key.into(),
        opened_at: since,
        updated_at: end.unwrap_or(since),
        closed_at: end,
        severity: None,
        title: None,
        data: data.to_string(),
    }))
}

fn alert(id: u64, rule: &str, metric: &str, hours: f64, lasted: Option<f64>, word: &str) -> Row {
    let since = START + hours * 3600.0;
    let end = lasted.map(|minutes| since + minutes * 60.0);
    let data = json!({
        "id": id, "rule": rule, "series": {"metric": metric, "labels": []},
        "severity": word, "status": if end.is_some() { "resolved" } else { "firing" },
        "value": 91.5, "threshold": 90.0,
        "message": format!("{metric} is 91.5 %, above 90 %; most of it {NASTY}"),
        "since": since - 60.0, "fired_at": since, "resolved_at": end, "updated_at": since,
        "acknowledged": if id == 2 { json!({"by": NASTY, "at": since, "note": null}) } else { json!(null) },
        "silenced_until": null, "is_flapping": false, "escalation_step": 0,
    });
    finding(FindingKind::Alert, &id.to_string(), since, end, data)
}

fn anomaly(metric: &str, hours: f64) -> Value {
    json!({
        "series": {"metric": metric, "labels": []}, "score": 0.9, "worst_score": 0.996,
        "value": 88.0, "expected": [20.0, 40.0], "since": START + hours * 3600.0,
        "updated_at": START + hours * 3600.0 + 60.0, "incident": null,
    })
}

fn findings() -> Vec<Row> {
    let hour = |hours: f64| START + hours * 3600.0;
    let incident = json!({
        "id": 1, "severity": "high",
        "summary": format!("Processors went from 40 % to 91 %: {NASTY} (pid 4711) accounts for 88 % of it"),
        "since": hour(15.0), "updated_at": hour(15.2), "closed_at": hour(15.7),
        "anomalies": [], "culprits": [],
    });
    let insight = json!({
        "id": "leak_suspected:77:1", "kind": "leak_suspected", "severity": "medium",
        "confidence": 0.9, "text": "Memory of postgres (pid 77) grows by 120 MiB an hour, for 9 hours now.",
        "evidence": [], "advice": ["Restart postgres, and watch whether it grows again."],
        "opened_at": hour(14.0), "updated_at": hour(23.0), "closed_at": null,
    });
    vec![
        alert(1, "cpu_busy", "cpu_percent", 3.0, Some(12.0), "warning"),
        alert(2, "cpu_busy", "cpu_percent", 15.05, Some(38.0), "critical"),
        alert(3, "memory_short", "memory_percent", 23.2, None, "warning"),
        alert(4, NASTY, "disk_percent", 18.0, Some(4.0), "info"),
        finding(
            FindingKind::Incident,
            "1",
            hour(15.0),
            Some(hour(15.7)),
            incident,
        ),
        finding(FindingKind::Insight, "leak", hour(14.0), None, insight),
        finding(
            FindingKind::Anomaly,
            "cpu",
            hour(15.0),
            Some(hour(15.6)),
            anomaly("cpu_percent", 15.0),
        ),
    ]
}

/// Makes the database in a folder and opens it.
pub(crate) fn day(folder: &Path) -> (Source, Wanted) {
    import(
        &mut csv().as_bytes(),
        TextFormat::Csv,
        &folder.join(DATABASE_NAME),
    )
    .unwrap();
    let store = Store::open(StoreSettings {
        retention: Duration::from_secs(100 * 365 * 86_400),
        ..StoreSettings::new(folder)
    })
    .unwrap();
    for row in findings() {
        store.append(row);
    }
    store.flush(Duration::from_secs(20)).unwrap();
    store.close().unwrap();
    let source = Source::open(folder).unwrap();
    (source, Wanted::range(START, START + 3600.0 * HOURS as f64))
}
