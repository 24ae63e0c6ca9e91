//! Alerts, anomalies and insights, against what the engine writes of them.

use std::sync::Arc;

use serde_json::Value as Json;

use super::*;
use crate::alert::{Acknowledgement, Alert, AlertSeverity, AlertStatus};
use crate::judge::{Anomaly, Evidence, Insight, InsightKind, Severity};
use crate::series::SeriesKey;
use crate::state::{AlertRecords, InsightRecords};
use crate::store::{FindingKind, FindingRow, JudgedRow, NotificationRow};

pub(super) fn series(metric: &str, labels: &[(&str, &str)]) -> SeriesKey {
    SeriesKey {
        metric: metric.into(),
        labels: labels
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
    }
}

pub(super) fn alert(id: u64, fired_at: Option<f64>) -> Alert {
    Alert {
        id,
        rule: format!("rule {id}"),
        series: series("disk_percent", &[("mount", "/a \"b\""), ("type", "ext4")]),
        severity: AlertSeverity::Warning,
        status: AlertStatus::Firing,
        value: Some(91.25),
        threshold: Some(90.0),
        message: "it's full".into(),
        since: 100.0,
        fired_at,
        resolved_at: None,
        updated_at: 130.5,
        acknowledged: None,
        silenced_until: None,
        is_flapping: false,
        escalation_step: 0,
    }
}

pub(super) fn alert_row(alert: &Alert) -> Row {
    Row::Judged(JudgedRow::Finding(FindingRow {
        kind: FindingKind::Alert,
        key: alert.id.to_string(),
        opened_at: alert.since,
        updated_at: alert.updated_at,
        closed_at: alert.resolved_at,
        severity: Some(alert.severity.name().into()),
        title: Some(alert.message.clone()),
        data: serde_json::to_string(alert).unwrap(),
    }))
}

fn finding(kind: FindingKind, key: &str, severity: &str, data: &impl serde::Serialize) -> Row {
    Row::Judged(JudgedRow::Finding(FindingRow {
        kind,
        key: key.into(),
        opened_at: 50.0,
        updated_at: 60.0,
        closed_at: None,
        severity: Some(severity.into()),
        title: Some(format!("{key} in words")),
        data: serde_json::to_string(data).unwrap(),
    }))
}

/// A row's value as JSON has it.
fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Blob(_) => panic!("no bytes here"),
    }
}

#[test]
fn an_alert_is_what_the_state_says_of_it() {
    let mut answered = alert(2, Some(120.0));
    answered.acknowledged = Some(Acknowledgement {
        by: "kim".into(),
        at: 125.0,
        note: None,
    });
    answered.value = None;
    answered.threshold = None;
    answered.severity = AlertSeverity::Critical;
    answered.series = series("cpu_percent", &[]);
    let all_of_them = [alert(1, Some(110.5)), answered, alert(3, None)];
    let (_folder, _store, connection) = stored(all_of_them.iter().map(alert_row));
    let records = AlertRecords(all_of_them.iter().cloned().map(Arc::new).collect());
    let records = serde_json::to_value(records).unwrap();
    let columns = "id timestamp alert_type metric_name metric_value threshold severity message \
                   acknowledged acknowledged_by acknowledged_at";
    let columns: Vec<&str> = columns.split(' ').collect();
    let rows = all(
        &connection,
        &format!("SELECT {} FROM alerts ORDER BY id", columns.join(", ")),
    );
    assert_eq!(rows.len(), 2, "what is only pending is no alert yet");
    for (row, record) in rows.iter().zip(records.as_array().unwrap()) {
        for (name, value) in columns.iter().zip(row) {
            let expected = match *name {
                "acknowledged" => i64::from(record[*name] == true).into(),
                name => record[name].clone(),
            };
            assert_eq!(json(value), expected, "{name}");
        }
    }
    let twin = all(
        &connection,
        "SELECT id, timestamp, alert_type, metric_name, metric_value, threshold, severity, \
         message, acknowledged FROM system_alerts ORDER BY id",
    );
    assert_eq!(
        twin,
        rows.iter().map(|row| row[..9].to_vec()).collect::<Vec<_>>()
    );
}

#[test]
fn an_emergency_is_a_critical_one_for_the_prototype() {
    let mut worst = alert(1, Some(110.0));
    worst.severity = AlertSeverity::Emergency;
    worst.series = series("temperature_celsius", &[]);
    let (_folder, _store, connection) = stored([alert_row(&worst)]);
    let rows = all(
        &connection,
        "SELECT severity, metric_name, created_at FROM alerts",
    );
    assert_eq!(
        rows,
        [[
            text("critical"),
            text("temperature"),
            text("1970-01-01 00:01:50")
        ]]
    );
}

#[test]
fn who_was_told_is_in_the_history_with_the_alerts_words() {
    let told = NotificationRow {
        alert_id: 1,
        rule: "rule 1".into(),
        channel: "ops".into(),
        status: "firing".into(),
        ok: false,
        attempts: 3,
        error: Some("refused".into()),
        queued_at: 10.0,
        finished_at: 12.5,
    };
    let of_none = NotificationRow {
        alert_id: 9,
        ok: true,
        error: None,
        ..told.clone()
    };
    let rows = [told, of_none].map(|row| Row::Judged(JudgedRow::Notification(row)));
    let (_folder, _store, connection) =
        stored(rows.into_iter().chain([alert_row(&alert(1, Some(110.0)))]));
    let rows = all(
        &connection,
        "SELECT rule_name, alert_id, channel, message, sent_at, success, error_message \
         FROM notification_history ORDER BY id",
    );
    let row = |alert: i64, message: Value, ok: i64, error: Value| {
        vec![
            text("rule 1"),
            Value::Integer(alert),
            text("ops"),
            message,
            Value::Real(12.5),
            Value::Integer(ok),
            error,
        ]
    };
    assert_eq!(
        rows,
        [
            row(1, text("it's full"), 0, text("refused")),
            row(9, Value::Null, 1, Value::Null)
        ]
    );
}

#[test]
fn an_anomaly_is_told_in_the_prototypes_words_and_units() {
    let anomaly = |series: SeriesKey, value: Option<f64>, expected, worst_score| Anomaly {
        series,
        score: Some(0.9),
        worst_score,
        value,
        expected,
        since: 50.0,
        updated_at: 60.0,
        incident: None,
    };
    let mib = 1024.0 * 1024.0;
    let cases = [
        anomaly(
            series("cpu_percent", &[]),
            Some(90.0),
            Some((10.0, 30.0)),
            0.9995,
        ),
        anomaly(
            series("network_sent_bytes_per_sec", &[]),
            Some(mib),
            Some((2.0 * mib, 4.0 * mib)),
            0.995,
        ),
        anomaly(series("swap_percent", &[("a", "b")]), None, None, 0.5),
    ];
    let rows = cases
        .iter()
        .map(|one| finding(FindingKind::Anomaly, &one.series.to_string(), "", one));
    let (_folder, _store, connection) = stored(rows);
    let rows = all(
        &connection,
        "SELECT metric_name, timestamp, value, expected_value, deviation, severity, \
         anomaly_type, confidence FROM anomalies ORDER BY id",
    );
    let number = Value::Real;
    assert_eq!(
        rows,
        [
            vec![
                text("cpu_percent"),
                number(60.0),
                number(90.0),
                number(20.0),
                number(70.0),
                text("critical"),
                text("spike"),
                number(0.95)
            ],
            vec![
                text("network_sent_rate"),
                number(60.0),
                number(1.0),
                number(3.0),
                number(2.0),
                text("high"),
                text("drop"),
                number(0.95)
            ],
            vec![
                text("swap_percent{a=\"b\"}"),
                number(60.0),
                Value::Null,
                Value::Null,
                Value::Null,
                text("low"),
                text("unknown"),
                number(0.5)
            ],
        ]
    );
}

fn insight(kind: InsightKind, evidence: Vec<Evidence>) -> Insight {
    Insight {
        id: "x".into(),
        kind,
        severity: Severity::Low,
        confidence: 0.75,
        text: "It is so.".into(),
        evidence,
        advice: vec!["do this".into(), "or \"that\"".into()],
        opened_at: 50.0,
        updated_at: 60.0,
        closed_at: None,
    }
}

fn evidence(series: SeriesKey, value: f64) -> Evidence {
    Evidence {
        series,
        value,
        unit: crate::series::Unit::Number,
        against: None,
    }
}

#[test]
fn an_insight_is_what_the_state_says_of_it() {
    let kinds = [
        InsightKind::CpuBound,
        InsightKind::LeakSuspected,
        InsightKind::DiskFilling,
        InsightKind::MemoryFilling,
        InsightKind::Correlated,
        InsightKind::Steal,
    ];
    let proof = || vec![evidence(series("load_average_1", &[("cpu", "0")]), 4.0)];
    let insights: Vec<Insight> = kinds.map(|kind| insight(kind, proof())).to_vec();
    let rows = insights
        .iter()
        .map(|one| finding(FindingKind::Insight, &format!("{:?}", one.kind), "low", one));
    let (_folder, _store, connection) = stored(rows);
    let records = serde_json::to_value(InsightRecords(insights.into())).unwrap();
    let columns = "insight_type metric_name description severity confidence timestamp";
    let columns: Vec<&str> = columns.split(' ').collect();
    let sql = format!(
        "SELECT {}, recommendations FROM performance_insights ORDER BY id",
        columns.join(", ")
    );
    let rows = all(&connection, &sql);
    assert_eq!(rows.len(), 6);
    for (row, record) in rows.iter().zip(records.as_array().unwrap()) {
        for (name, value) in columns.iter().zip(row) {
            assert_eq!(json(value), record[*name], "{name}");
        }
        let Value::Text(advice) = &row[6] else {
            panic!("{row:?}")
        };
        let advice: Json = serde_json::from_str(advice).unwrap();
        assert_eq!(advice, record["recommendations"]);
    }
}

#[test]
fn metrics_that_move_together_are_pairs() {
    let pair = insight(
        InsightKind::Correlated,
        vec![
            evidence(series("cpu_percent", &[]), -0.85),
            evidence(series("temperature_celsius", &[]), 10.0),
        ],
    );
    let other = insight(InsightKind::CpuBound, Vec::new());
    let (_folder, _store, connection) = stored([
        finding(FindingKind::Insight, "pair", "low", &pair),
        finding(FindingKind::Insight, "other", "low", &other),
    ]);
    let rows = all(
        &connection,
        "SELECT metric1, metric2, correlation_type, correlation_value, p_value, significance, \
         sample_size FROM correlations",
    );
    assert_eq!(
        rows,
        [[
            text("cpu_percent"),
            text("temperature"),
            text("pearson"),
            Value::Real(-0.85),
            Value::Null,
            text("strong"),
            Value::Null
        ]]
    );
    let rows = all(
        &connection,
        "SELECT correlation_id, metrics, correlation_strength, description, impact_level \
         FROM system_correlations",
    );
    assert_eq!(
        rows,
        [[
            text("corr_cpu_percent_temperature"),
            text("[\"cpu_percent\",\"temperature\"]"),
            Value::Real(-0.85),
            text("pair in words"),
            text("medium")
        ]]
    );
    let nameless: String = one(
        &connection,
        "SELECT metric_name FROM performance_insights WHERE insight_type = 'bottleneck'",
        [],
    );
    assert_eq!(nameless, "");
}
