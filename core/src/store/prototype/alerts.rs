//! Alerts, those of the engine and those that programs saved themselves, and who was told.

use super::columns::{CREATED_AT, Column, column};
use super::judged::{named, series_text};
use super::view::{ABOVE, Saved, View, insert};

const ALERT: [Column; 8] = [
    column("timestamp", "REAL NOT NULL"),
    column("alert_type", "TEXT NOT NULL"),
    column("metric_name", "TEXT NOT NULL"),
    column("metric_value", "REAL"),
    column("threshold", "REAL"),
    column("severity", "TEXT NOT NULL"),
    column("message", "TEXT"),
    column("acknowledged", "INTEGER DEFAULT 0"),
];
const BY: [Column; 2] = [
    column("acknowledged_by", "TEXT"),
    column("acknowledged_at", "REAL"),
];

/// Who acknowledged an alert that is over: the prototype has no other word for it, and what
/// nobody has acknowledged is an active one.
const RESOLVED: &str = "resolved";

/// The alerts that fired. What was asked of the running monitor counts already.
pub(super) fn alerts() -> Saved {
    let asked = |what: &str| {
        format!(
            "CASE WHEN closed_at IS NULL THEN (SELECT {what} FROM requests \
             WHERE answered_at IS NULL AND json_valid(data) AND \
             json_extract(data, '$.acknowledge.id') = CAST(findings.key AS INTEGER) LIMIT 1)"
        )
    };
    let by = format!(
        "ifnull(json_extract(data, '$.acknowledged.by'), {} ELSE '{RESOLVED}' END)",
        asked("json_extract(data, '$.acknowledge.by')")
    );
    let at = format!(
        "ifnull(json_extract(data, '$.acknowledged.at'), {} ELSE closed_at END)",
        asked("made_at")
    );
    let select = format!(
        "SELECT CAST(key AS INTEGER), json_extract(data, '$.fired_at'), \
         json_extract(data, '$.rule'), {}, json_extract(data, '$.value'), \
         json_extract(data, '$.threshold'), CASE severity WHEN 'emergency' THEN 'critical' \
         ELSE severity END, json_extract(data, '$.message'), {at} IS NOT NULL, \
         {by}, {at}, \
         datetime(json_extract(data, '$.fired_at'), 'unixepoch') FROM findings \
         WHERE kind = 'alert' AND json_valid(data) AND json_extract(data, '$.fired_at') IS NOT NULL",
        named(&series_text("data", "$.series")),
    );
    Saved {
        update: Some(update()),
        delete: Some(
            "DELETE FROM findings WHERE kind = 'alert' AND key = CAST(OLD.id AS TEXT) \
             AND closed_at IS NOT NULL"
                .to_owned(),
        ),
        ..Saved::new(
            "alerts",
            [&ALERT[..], &BY, &[CREATED_AT]].concat(),
            "timestamp",
            select,
        )
    }
}

/// Of an alert of the engine only its acknowledgement can be changed. While it lasts the
/// monitor is asked to note it; of one that is over nobody else writes.
fn update() -> String {
    let others: Vec<String> = ALERT[..7]
        .iter()
        .map(|column| format!("NEW.{0} IS NOT OLD.{0}", column.name))
        .collect();
    let at = "ifnull(NEW.acknowledged_at, (julianday('now') - 2440587.5) * 86400.0)";
    let of_engine = format!(
        "kind = 'alert' AND key = CAST(OLD.id AS TEXT) AND OLD.id <= {ABOVE} AND NEW.acknowledged"
    );
    format!(
        "SELECT RAISE(ABORT, 'alerts: of an alert of the monitor only acknowledged can be changed, \
         and not taken back') WHERE OLD.id <= {ABOVE} AND ({} OR \
         (OLD.acknowledged AND NOT ifnull(NEW.acknowledged, 0))); \
         INSERT INTO requests (made_at, data) SELECT {at}, json_object('acknowledge', \
         json_object('id', OLD.id, 'by', ifnull(NEW.acknowledged_by, 'user'), 'note', NULL)) \
         FROM findings WHERE {of_engine} AND closed_at IS NULL AND NOT OLD.acknowledged; \
         UPDATE findings SET data = json_set(data, '$.acknowledged', json_object('by', \
         ifnull(NEW.acknowledged_by, 'user'), 'at', {at}, 'note', NULL)) \
         WHERE {of_engine} AND closed_at IS NOT NULL \
         AND NEW.acknowledged_by IS NOT OLD.acknowledged_by \
         AND json_extract(data, '$.acknowledged.at') IS NULL",
        others.join(" OR ")
    )
}

/// The same alerts as the other of the prototype's files has them.
pub(super) fn system_alerts() -> View {
    let columns = [&ALERT[..], &[CREATED_AT]].concat();
    let select = "SELECT id, timestamp, alert_type, metric_name, metric_value, threshold, \
                  severity, message, acknowledged, created_at FROM alerts";
    let set: Vec<String> = columns
        .iter()
        .map(|column| format!("{0} = NEW.{0}", column.name))
        .collect();
    View::new("system_alerts", &columns, select)
        .on("INSERT", &insert("alerts", &columns, ABOVE))
        .on(
            "UPDATE",
            &format!("UPDATE alerts SET {} WHERE id = OLD.id", set.join(", ")),
        )
        .on("DELETE", "DELETE FROM alerts WHERE id = OLD.id")
}

/// Who was told of what.
pub(super) fn notification_history() -> Saved {
    let columns = vec![
        column("rule_name", "TEXT NOT NULL"),
        column("alert_id", "INTEGER"),
        column("channel", "TEXT NOT NULL"),
        column("message", "TEXT"),
        column("sent_at", "REAL"),
        column("success", "INTEGER"),
        column("error_message", "TEXT"),
        CREATED_AT,
    ];
    let select = "SELECT id, rule, alert_id, channel, (SELECT title FROM findings \
                  WHERE kind = 'alert' AND key = CAST(alert_id AS TEXT)), finished_at, ok, error, \
                  datetime(finished_at, 'unixepoch') FROM notifications";
    Saved {
        delete: Some("DELETE FROM notifications WHERE id = OLD.id".to_owned()),
        ..Saved::new(
            "notification_history",
            columns,
            "sent_at",
            select.to_owned(),
        )
    }
}
