//! What a monitor of this machine found, in place of what a single look can't know: what
//! lasted, what is normal, what is to come.

use serde_json::{Map, Value, json};
use usm_core::alert::Alert;
use usm_core::judge::{Incident, Insight, Severity};
use usm_core::store::FindingKind;

use crate::failure::Outcome;
use crate::found::{Found, MOST, Wanted};
use crate::monitor::newest;
use crate::options::GlobalOptions;

/// Lays it over the sections of a report; answers what the reader should know.
pub(super) fn lay_over(report: &mut Value, global: &GlobalOptions) -> Outcome<Vec<String>> {
    let Some(mut found) = Found::open_if_there(global)? else {
        let note = "Nobody has monitored here yet: alerts, forecasts and most insights need \
                    more than one look.";
        return Ok(vec![note.into()]);
    };
    if !found.is_watched() {
        return Ok(found.notes());
    }
    let alerts = found.of::<Alert>(FindingKind::Alert, Wanted::Open, MOST)?;
    let insights = found.of::<Insight>(FindingKind::Insight, Wanted::Open, MOST)?;
    let incidents = found.of::<Incident>(FindingKind::Incident, Wanted::Open, MOST)?;
    let alerts: Vec<Alert> = alerts.into_iter().map(|past| past.value).collect();
    let insights: Vec<Insight> = insights.into_iter().map(|past| past.value).collect();
    let incidents: Vec<Incident> = incidents.into_iter().map(|past| past.value).collect();
    let newest = found.reader().latest_state()?;
    let predictions = newest.and_then(|row| row.predictions_data);
    put(report, "alerts_summary", of_alerts(&alerts));
    put(report, "insights", of_insights(&insights, &incidents));
    if let Some(predictions) = predictions.and_then(|data| of_predictions(&data)) {
        put(report, "predictions", predictions);
    }
    let mut notes = found.notes();
    notes.extend(newest::lay_over(report, &found, global)?);
    Ok(notes)
}

/// In place of a section that the report has.
fn put(report: &mut Value, name: &str, section: Value) {
    if let Some(place) = report.get_mut(name) {
        *place = section;
    }
}

/// How many fire, by severity: the prototype's words always; and what they say.
fn of_alerts(alerts: &[Alert]) -> Value {
    let mut counts = Map::new();
    for name in ["total", "critical", "high", "medium", "low"] {
        counts.insert(name.into(), json!(0));
    }
    let fire: Vec<&Alert> = alerts.iter().filter(|a| a.fired_at.is_some()).collect();
    for alert in &fire {
        let count = |name: &str| fire.iter().filter(|a| a.severity.name() == name).count();
        let name = alert.severity.name();
        counts.insert(name.into(), json!(count(name)));
    }
    counts.insert("total".into(), json!(fire.len()));
    let messages: Vec<&str> = fire.iter().map(|alert| alert.message.as_str()).collect();
    counts.insert("firing".into(), json!(messages));
    Value::Object(counts)
}

fn of_insights(insights: &[Insight], incidents: &[Incident]) -> Value {
    let high = insights.iter().filter(|one| one.severity >= Severity::High);
    let texts: Vec<&str> = insights.iter().map(|one| one.text.as_str()).collect();
    let summaries: Vec<&str> = incidents.iter().map(|one| one.summary.as_str()).collect();
    json!({
        "total": insights.len(),
        "high_severity": high.count(),
        "open": texts,
        "incidents": summaries,
    })
}

/// `None` while nothing is foretold.
fn of_predictions(data: &str) -> Option<Value> {
    let horizons: Map<String, Value> = serde_json::from_str(data).ok()?;
    let count: usize = horizons
        .values()
        .filter_map(|series| series.as_object().map(Map::len))
        .sum();
    let names: Vec<&String> = horizons.keys().collect();
    (count > 0).then(|| {
        json!({
            "available": true,
            "prediction_count": count,
            "horizons": names,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::tests::alert;
    use usm_core::alert::AlertSeverity;

    #[test]
    fn only_what_fires_is_counted_and_the_prototypes_words_are_always_there() {
        let pending = Alert {
            fired_at: None,
            ..alert(2, AlertSeverity::Critical)
        };
        let list = [
            alert(1, AlertSeverity::Critical),
            pending,
            alert(3, AlertSeverity::Warning),
        ];
        let summary = of_alerts(&list);
        for (name, wanted) in [
            ("total", 2),
            ("critical", 1),
            ("warning", 1),
            ("high", 0),
            ("medium", 0),
            ("low", 0),
        ] {
            assert_eq!(summary[name], wanted, "{name}");
        }
        assert_eq!(summary["firing"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn forecasts_are_counted_over_the_horizons() {
        let data = r#"{"1h":{"cpu_percent":{},"memory_percent":{}},"24h":{"cpu_percent":{}}}"#;
        let section = of_predictions(data).unwrap();
        assert_eq!(section["prediction_count"], 3);
        assert_eq!(of_predictions("{}"), None);
        assert_eq!(of_predictions("no JSON"), None);
    }

    #[test]
    fn a_section_that_was_not_asked_for_is_not_added() {
        let mut report = json!({ "timestamp": 1.0 });
        put(&mut report, "insights", json!({}));
        assert_eq!(report, json!({ "timestamp": 1.0 }));
    }
}
