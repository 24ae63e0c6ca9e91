//! Every field of every struct, from a state that has one finding of each kind.

use std::ffi::CStr;

use usm_core::judge::{
    Anomaly, Culprit, Evidence, Exhaustion, Incident, Insight, InsightKind, MetricForecast,
    Outcome, Predictions, SecurityFinding, SecurityKind, Severity,
};
use usm_core::series::{SeriesKey, Unit};

use super::*;
use crate::finding_anomalies::{usm_anomaly, usm_findings_anomaly_at};
use crate::finding_forecasts::{
    usm_findings_exhaustion_at, usm_findings_forecast_at, usm_findings_forecast_count,
};
use crate::finding_incidents::{
    usm_findings_incident_anomaly_at, usm_findings_incident_at, usm_findings_incident_culprit_at,
    usm_incident, usm_incident_culprit,
};
use crate::finding_insights::{
    usm_evidence, usm_findings_insight_advice_at, usm_findings_insight_at,
    usm_findings_insight_evidence_at, usm_insight,
};
use crate::finding_numbers::{
    USM_INSIGHT_IO_BOUND, USM_OUTCOME_FORECAST, USM_OUTCOME_SAME_AS_NOW, USM_SECURITY_LISTENER,
    USM_SEVERITY_CRITICAL, USM_SEVERITY_HIGH, USM_SEVERITY_MEDIUM,
};
use crate::finding_security::{
    usm_findings_security_at, usm_findings_security_evidence_at, usm_security_finding,
};
use crate::forecast::{usm_exhaustion, usm_forecast};
use crate::status::USM_OK;

fn series(metric: &str) -> SeriesKey {
    SeriesKey {
        metric: metric.into(),
        labels: vec![("mount".into(), "/a\"b".into())],
    }
}

fn anomaly(metric: &str, expected: Option<(f64, f64)>) -> Anomaly {
    Anomaly {
        series: series(metric),
        score: Some(0.6),
        worst_score: 0.9,
        value: expected.map(|_| 7.0),
        expected,
        since: 10.0,
        updated_at: 20.0,
        incident: expected.map(|_| 4),
    }
}

fn incident() -> Incident {
    Incident {
        id: 4,
        severity: Severity::Critical,
        summary: "two disks are busy".into(),
        since: 10.0,
        updated_at: 20.0,
        closed_at: None,
        anomalies: vec![anomaly("first", None), anomaly("second", Some((1.0, 2.0)))],
        culprits: vec![Culprit {
            pid: 42,
            start_time_ticks: 4711,
            name: "a\0b".into(),
            user: None,
            metric: "process_write_bytes_per_sec".into(),
            share_percent: 75.0,
            text: "a writes".into(),
        }],
    }
}

fn insight() -> Insight {
    Insight {
        id: "io_bound".into(),
        kind: InsightKind::IoBound,
        severity: Severity::High,
        confidence: 0.8,
        text: "the disk is the bottleneck".into(),
        evidence: vec![Evidence {
            series: series("device_busy_percent"),
            value: 99.0,
            unit: Unit::Percent,
            against: Some(80.0),
        }],
        advice: vec!["less".into(), "later".into()],
        opened_at: 10.0,
        updated_at: 20.0,
        closed_at: Some(30.0),
    }
}

fn forecast(metric: &str, horizon_seconds: f64, outcome: Outcome) -> MetricForecast {
    MetricForecast {
        series: series(metric),
        unit: Unit::Bytes,
        horizon_seconds,
        now: Some(5.0),
        value: Some(6.0),
        interval_80: Some((4.0, 8.0)),
        interval_95: Some((3.0, 9.0)),
        skill: None,
        backtests: 11,
        outcome,
    }
}

fn predictions() -> Predictions {
    let near = vec![
        forecast("a", 900.0, Outcome::Forecast),
        forecast("b", 900.0, Outcome::SameAsNow),
    ];
    let far = vec![forecast("a", 3600.0, Outcome::Forecast)];
    Predictions {
        made_at: 25.0,
        horizons: vec![
            ("15min".into(), near),
            ("none".into(), Vec::new()),
            ("1h".into(), far),
        ],
        exhaustion: vec![Exhaustion {
            series: series("filesystem_used_percent"),
            limit: 100.0,
            now: Some(90.0),
            seconds: Some(7200.0),
            earliest_seconds: Some(3600.0),
            latest_seconds: None,
            outcome: Outcome::Forecast,
        }],
    }
}

fn security() -> SecurityFinding {
    SecurityFinding {
        id: "listener:tcp:0.0.0.0:8080".into(),
        kind: SecurityKind::Listener,
        severity: Severity::Medium,
        subject: "0.0.0.0:8080".into(),
        text: "it listens".into(),
        evidence: vec!["/proc/net/tcp".into()],
        advice: "bind it to 127.0.0.1".into(),
        since: 10.0,
        known: true,
        allowed: false,
        raised: None,
    }
}

fn found() -> *mut usm_findings {
    new_handle(Found::of(Arc::new(State {
        anomalies: [anomaly("cpu", Some((1.0, 2.0)))].into(),
        incidents: [incident()].into(),
        insights: [insight()].into(),
        predictions: Arc::new(predictions()),
        security: [security()].into(),
        ..State::default()
    })))
    .unwrap()
}

/// A struct as its `_init` function leaves it.
macro_rules! fresh {
    ($kind:ty) => {{
        // SAFETY: plain numbers and pointers, for which zero is a value.
        let mut fresh: $kind = unsafe { std::mem::zeroed() };
        fresh.struct_size = size_of::<$kind>() as u32;
        fresh
    }};
}

fn words<'a>(text: *const c_char) -> &'a str {
    // SAFETY: the findings of the test live until its end.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap()
}

#[test]
fn an_incident_has_its_metrics_and_its_culprits() {
    let mut findings = found();
    let mut seen = fresh!(usm_incident);
    let mut metric = fresh!(usm_anomaly);
    let mut culprit = fresh!(usm_incident_culprit);
    // SAFETY: the handle and the structs are this test's own.
    unsafe {
        assert_eq!(usm_findings_incident_at(findings, 0, &mut seen), USM_OK);
        assert_eq!((seen.severity, seen.id), (USM_SEVERITY_CRITICAL, 4));
        assert_eq!((seen.anomaly_count, seen.culprit_count), (2, 1));
        assert_eq!((seen.since, seen.updated_at), (10.0, 20.0));
        assert!(seen.closed_at.is_nan());
        assert_eq!(words(seen.summary), "two disks are busy");

        let first = usm_findings_incident_anomaly_at(findings, 0, 0, &mut metric);
        assert_eq!((first, metric.incident), (USM_OK, 0));
        assert!(metric.value.is_nan() && metric.expected_low.is_nan());
        assert_eq!(words(metric.series), r#"first{mount="/a\"b"}"#);
        let second = usm_findings_incident_anomaly_at(findings, 0, 1, &mut metric);
        assert_eq!((second, metric.incident, metric.value), (USM_OK, 4, 7.0));
        assert_ne!(
            usm_findings_incident_anomaly_at(findings, 0, 2, &mut metric),
            USM_OK
        );

        let told = usm_findings_incident_culprit_at(findings, 0, 0, &mut culprit);
        assert_eq!(told, USM_OK);
        assert_eq!((culprit.pid, culprit.start_time_ticks), (42, 4711));
        assert_eq!(culprit.share_percent, 75.0);
        assert!(culprit.user.is_null());
        assert_eq!(words(culprit.name), "a\\0b");
        assert_eq!(words(culprit.metric), "process_write_bytes_per_sec");
        assert_eq!(words(culprit.text), "a writes");
        usm_findings_free(&mut findings);
    }
}

#[test]
fn an_anomaly_has_its_score_and_what_was_expected() {
    let mut findings = found();
    let mut seen = fresh!(usm_anomaly);
    // SAFETY: the handle and the struct are this test's own.
    unsafe {
        assert_eq!(usm_findings_anomaly_at(findings, 0, &mut seen), USM_OK);
        assert_eq!((seen.score, seen.worst_score), (0.6, 0.9));
        assert_eq!((seen.expected_low, seen.expected_high), (1.0, 2.0));
        assert_eq!((seen.since, seen.updated_at), (10.0, 20.0));
        usm_findings_free(&mut findings);
    }
}

#[test]
fn an_insight_has_its_evidence_and_advice() {
    let mut findings = found();
    let mut seen = fresh!(usm_insight);
    let mut evidence = fresh!(usm_evidence);
    let mut advice = std::ptr::null();
    // SAFETY: the handle, the structs and the variable are this test's own.
    unsafe {
        assert_eq!(usm_findings_insight_at(findings, 0, &mut seen), USM_OK);
        assert_eq!(
            (seen.severity, seen.kind),
            (USM_SEVERITY_HIGH, USM_INSIGHT_IO_BOUND)
        );
        assert_eq!((seen.evidence_count, seen.advice_count), (1, 2));
        assert_eq!((seen.confidence, seen.closed_at), (0.8, 30.0));
        assert_eq!((seen.opened_at, seen.updated_at), (10.0, 20.0));
        assert_eq!(words(seen.id), "io_bound");
        assert_eq!(words(seen.text), "the disk is the bottleneck");

        let told = usm_findings_insight_evidence_at(findings, 0, 0, &mut evidence);
        assert_eq!(told, USM_OK);
        assert_eq!((evidence.value, evidence.against), (99.0, 80.0));
        assert_eq!(words(evidence.unit), "percent");
        assert!(words(evidence.series).starts_with("device_busy_percent{"));

        assert_eq!(
            usm_findings_insight_advice_at(findings, 0, 1, &mut advice),
            USM_OK
        );
        assert_eq!(words(advice), "later");
        assert_ne!(
            usm_findings_insight_advice_at(findings, 0, 2, &mut advice),
            USM_OK
        );
        assert!(advice.is_null());
        usm_findings_free(&mut findings);
    }
}

#[test]
fn forecasts_come_by_horizon_and_say_what_they_can_tell() {
    let mut findings = found();
    let mut seen = fresh!(usm_forecast);
    let exhaustion = fresh!(usm_exhaustion);
    let mut count = 0;
    let mut all = Vec::new();
    // SAFETY: the handle, the struct and the variable are this test's own.
    unsafe {
        assert_eq!(usm_findings_forecast_count(findings, &mut count), USM_OK);
        for index in 0..count {
            assert_eq!(usm_findings_forecast_at(findings, index, &mut seen), USM_OK);
            let name = words(seen.series).split('{').next().unwrap();
            all.push((name, seen.horizon_seconds, seen.outcome));
        }
        assert_eq!(
            all,
            [
                ("a", 900.0, USM_OUTCOME_FORECAST),
                ("b", 900.0, USM_OUTCOME_SAME_AS_NOW),
                ("a", 3600.0, USM_OUTCOME_FORECAST),
            ]
        );
        assert_eq!((seen.now, seen.value, seen.made_at), (5.0, 6.0, 25.0));
        assert_eq!((seen.low_80, seen.high_80), (4.0, 8.0));
        assert_eq!((seen.low_95, seen.high_95), (3.0, 9.0));
        assert!(seen.skill.is_nan());
        assert_eq!((seen.backtests, words(seen.unit)), (11, "bytes"));

        let mut seen = exhaustion;
        assert_eq!(usm_findings_exhaustion_at(findings, 0, &mut seen), USM_OK);
        assert_eq!((seen.limit, seen.now, seen.made_at), (100.0, 90.0, 25.0));
        assert_eq!((seen.seconds, seen.earliest_seconds), (7200.0, 3600.0));
        assert!(seen.latest_seconds.is_nan());
        assert_eq!(seen.outcome, USM_OUTCOME_FORECAST);
        assert!(words(seen.series).starts_with("filesystem_used_percent{"));
        usm_findings_free(&mut findings);
    }
}

#[test]
fn a_security_finding_says_what_shows_it_and_what_could_be_done() {
    let mut findings = found();
    let mut seen = fresh!(usm_security_finding);
    let mut evidence = std::ptr::null();
    // SAFETY: the handle, the struct and the variable are this test's own.
    unsafe {
        assert_eq!(usm_findings_security_at(findings, 0, &mut seen), USM_OK);
        assert_eq!(
            (seen.severity, seen.kind),
            (USM_SEVERITY_MEDIUM, USM_SECURITY_LISTENER)
        );
        assert_eq!((seen.is_known, seen.is_allowed), (1, 0));
        assert_eq!((seen.since, seen.evidence_count), (10.0, 1));
        assert!(seen.raised_at.is_nan());
        assert_eq!(words(seen.id), "listener:tcp:0.0.0.0:8080");
        assert_eq!(words(seen.subject), "0.0.0.0:8080");
        assert_eq!(words(seen.text), "it listens");
        assert_eq!(words(seen.advice), "bind it to 127.0.0.1");
        let told = usm_findings_security_evidence_at(findings, 0, 0, &mut evidence);
        assert_eq!((told, words(evidence)), (USM_OK, "/proc/net/tcp"));
        usm_findings_free(&mut findings);
    }
}
