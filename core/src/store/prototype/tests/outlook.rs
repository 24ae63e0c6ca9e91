//! Trends and forecasts, against the predictions that a state has.

use std::sync::Arc;

use super::findings::series;
use super::*;
use crate::judge::{MetricForecast, Outcome, Predictions};
use crate::series::Unit;
use crate::state::{PredictionRecords, SystemMetrics};
use crate::store::StateRow;

fn forecast(metric: &str, value: Option<f64>, outcome: Outcome) -> MetricForecast {
    MetricForecast {
        series: series(metric, &[]),
        unit: Unit::Percent,
        horizon_seconds: 0.0,
        now: None,
        value,
        interval_80: None,
        interval_95: value.map(|value| (value - 20.0, value + 20.0)),
        skill: Some(0.6),
        backtests: 9,
        outcome,
    }
}

fn state(timestamp: f64, horizons: Vec<(&str, Vec<MetricForecast>)>) -> Row {
    let predictions = PredictionRecords(Arc::new(Predictions {
        made_at: 0.0,
        horizons: horizons
            .into_iter()
            .map(|(name, all)| (name.to_owned(), all))
            .collect(),
        exhaustion: Vec::new(),
    }));
    let metrics = SystemMetrics {
        timestamp,
        cpu_percent: Some(40.0),
        network_sent_rate: Some(1.0),
        ..SystemMetrics::default()
    };
    Row::State(StateRow {
        timestamp,
        metrics_data: Some(serde_json::to_string(&metrics).unwrap()),
        predictions_data: Some(serde_json::to_string(&predictions).unwrap()),
        ..StateRow::default()
    })
}

#[test]
fn the_newest_predictions_are_forecasts_in_the_prototypes_units() {
    let rate = "network_sent_bytes_per_sec";
    let old = state(
        1.0,
        vec![(
            "1h",
            vec![forecast("cpu_percent", Some(1.0), Outcome::Forecast)],
        )],
    );
    let new = state(
        2.0,
        vec![
            (
                "15min",
                vec![forecast("cpu_percent", Some(41.0), Outcome::Forecast)],
            ),
            (
                "1h",
                vec![
                    forecast("cpu_percent", Some(90.0), Outcome::Forecast),
                    forecast(rate, Some(3.0 * 1_048_576.0), Outcome::SameAsNow),
                    forecast("memory_percent", None, Outcome::Forecast),
                    forecast("swap_percent", Some(5.0), Outcome::Learning),
                ],
            ),
            (
                "7d",
                vec![forecast("cpu_percent", Some(40.01), Outcome::Forecast)],
            ),
        ],
    );
    let (_folder, _store, connection) = stored([old, new]);
    let rows = all(
        &connection,
        "SELECT metric_name, forecast_horizon, predicted_value, confidence_lower, \
         confidence_upper, trend_analysis, recommendations, timestamp \
         FROM performance_forecasts ORDER BY metric_name, forecast_horizon",
    );
    let row = |name: &str, horizon: &str, numbers: [f64; 3], words: &str| {
        let mut row = vec![text(name), text(horizon)];
        row.extend(numbers.map(Value::Real));
        row.extend([text(words), text("[]"), Value::Real(2.0)]);
        row
    };
    let mib = 1_048_576.0;
    assert_eq!(
        rows,
        [
            row(
                "cpu_percent",
                "168h",
                [40.01, 40.01 - 20.0, 40.01 + 20.0],
                "stays within 168 h"
            ),
            row(
                "cpu_percent",
                "1h",
                [90.0, 70.0, 100.0],
                "rises by 50.0 within 1 h"
            ),
            row(
                "network_sent_rate",
                "1h",
                [3.0, (3.0 * mib - 20.0) / mib, (3.0 * mib + 20.0) / mib],
                "nothing better can be told than: the same as now"
            ),
        ]
    );
    let numbers: i64 = one(
        &connection,
        "SELECT count(DISTINCT id) FROM performance_forecasts",
        [],
    );
    assert_eq!(numbers, 3);
}

#[test]
fn a_trend_is_the_way_from_now_to_the_next_hour() {
    let all_horizons = |value: f64| {
        ["1h", "6h", "24h"]
            .map(|name| {
                (
                    name,
                    vec![forecast("cpu_percent", Some(value), Outcome::Forecast)],
                )
            })
            .to_vec()
    };
    let mut horizons = all_horizons(42.5);
    horizons[0]
        .1
        .push(forecast("disk_percent", Some(5.0), Outcome::Forecast));
    let (_folder, _store, connection) = stored([state(2.0, horizons)]);
    let rows = all(&connection, "SELECT * FROM trend_analysis");
    assert_eq!(
        rows.len(),
        1,
        "of the other metric no value of now is known"
    );
    let number = Value::Real;
    assert_eq!(
        rows[0][1..11],
        [
            text("cpu_percent"),
            number(40.0),
            text("increasing"),
            number(0.25),
            number(2.5),
            number(42.5),
            number(42.5),
            number(42.5),
            number(0.6),
            number(2.0)
        ]
    );
}
