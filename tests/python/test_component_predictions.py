"""The prototype's trends, anomalies, forecasts and models, answered by the engine."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import Any

import pytest
from conftest import MakeMonitor
from past_machine import PastMachine, metrics, part_of
from unified_system_monitor import (
    Anomaly,
    Forecast,
    MachineLearningIntegration,
    PredictiveAnalytics,
    SystemMetrics,
)

NOW = time.time()


def rising(count: int, seconds: float, per_hour: float) -> list[SystemMetrics]:
    step = seconds / (count - 1)
    return [
        metrics(NOW - seconds + place * step, cpu_percent=50.0 + per_hour * place * step / 3600)
        for place in range(count)
    ]


def forecast(value: float, half: float, **changed: Any) -> Forecast:
    values: dict[str, Any] = {
        "series": "cpu_percent",
        "metric": "cpu_percent",
        "labels": {},
        "unit": "percent",
        "horizon_seconds": 3600.0,
        "now": 20.0,
        "value": value,
        "interval_80": (value - half / 2, value + half / 2),
        "interval_95": (value - half, value + half),
        "skill": 0.25,
        "backtests": 40,
        "outcome": "forecast",
    }
    return Forecast({**values, **changed})


def trends(machine: PastMachine) -> dict[str, Any]:
    return {one.metric_name: one for one in part_of(PredictiveAnalytics, machine).analyze_trends()}


def test_a_trend_is_per_hour_whatever_the_number_of_samples() -> None:
    for count in (30, 300):
        trend = trends(PastMachine(rising(count, 1800.0, 6.0)))["cpu_percent"]
        assert trend.change_rate == pytest.approx(6.0)
        assert trend.trend_direction == "increasing"
        assert trend.trend_strength == pytest.approx(0.6)
        assert trend.current_value == pytest.approx(53.0)
        assert 0.1 <= trend.confidence <= 0.9


def test_hours_are_not_foretold_of_minutes() -> None:
    trend = trends(PastMachine(rising(100, 300.0, 60.0)))["cpu_percent"]
    assert trend.prediction_1h == trend.prediction_24h == trend.current_value


def test_the_engines_forecast_goes_before_the_line() -> None:
    machine = PastMachine(rising(100, 300.0, 60.0))
    machine.predictions = {"1h": {"cpu_percent": forecast(71.0, 5.0)}}
    assert trends(machine)["cpu_percent"].prediction_1h == 71.0


def test_what_is_foretold_can_be() -> None:
    trend = trends(PastMachine(rising(300, 7200.0, 30.0)))["cpu_percent"]
    assert trend.change_rate == pytest.approx(30.0)
    assert trend.prediction_1h == 100.0


def test_a_flat_metric_is_stable_and_few_or_sudden_samples_have_no_trend() -> None:
    assert trends(PastMachine(rising(60, 600.0, 0.0)))["cpu_percent"].trend_direction == "stable"
    assert trends(PastMachine(rising(19, 600.0, 5.0))) == {}
    assert trends(PastMachine(rising(60, 30.0, 5.0))) == {}
    assert trends(PastMachine([metrics(NOW)] * 50)) == {}


def test_traffic_is_judged_by_its_rate() -> None:
    # What was sent since boot only grows: no trend, and no anomaly.
    past = [metrics(NOW - 600 + place * 10, network_sent_mb=float(place)) for place in range(60)]
    found = trends(PastMachine(past))
    assert "network_sent_mb" not in found
    assert found["network_sent_rate"].trend_direction == "stable"
    history = part_of(PredictiveAnalytics, PastMachine(past)).metric_history
    assert len(history["network_sent_mb"]) == 60


def test_a_models_numbers_leave_the_newest_value_out() -> None:
    past = [metrics(NOW - 100 + place, cpu_percent=10.0) for place in range(99)]
    past.append(metrics(NOW, cpu_percent=100.0))
    model = part_of(PredictiveAnalytics, PastMachine(past)).anomaly_models["cpu_percent"]
    assert (model["mean"], model["std"], model["max"]) == (10.0, 0.0, 10.0)
    assert len(model["last_values"]) == 99


def test_anomalies_are_the_engines() -> None:
    found = Anomaly(
        series="cpu_percent",
        metric="cpu_percent",
        labels={},
        score=None,
        worst_score=0.995,
        value=90.0,
        expected=(10.0, 30.0),
        since=NOW - 5,
        updated_at=NOW,
        incident=1,
    )
    machine = PastMachine(rising(30, 600.0, 0.0), anomalies=[found])
    (one,) = part_of(PredictiveAnalytics, machine).detect_anomalies()
    assert (one.metric_name, one.value, one.expected_value, one.deviation) == (
        "cpu_percent",
        90.0,
        20.0,
        70.0,
    )
    assert (one.severity, one.anomaly_type, one.confidence) == ("high", "spike", 0.95)
    drop = Anomaly({**found, "value": -3.0, "expected": (0.0, 1.0)})
    machine.anomalies = [drop]
    assert part_of(PredictiveAnalytics, machine).detect_anomalies()[0].anomaly_type == "drop"
    machine.anomalies = [Anomaly({**found, "value": None, "expected": None})]
    (unknown,) = part_of(PredictiveAnalytics, machine).detect_anomalies()
    assert (unknown.anomaly_type, unknown.expected_value) == ("unknown", None)


def test_forecasts_are_by_horizon_and_a_week_has_two_names() -> None:
    week = forecast(80.0, 30.0, horizon_seconds=604800.0)
    same = forecast(20.0, 9.0, outcome="same_as_now", skill=-0.2)
    machine = PastMachine(rising(30, 600.0, 0.0))
    machine.predictions = {
        "1h": {"cpu_percent": same},
        "24h": {"cpu_percent": Forecast({**week, "value": None, "outcome": "learning"})},
        "7d": {"cpu_percent": week},
    }
    analytics = part_of(PredictiveAnalytics, machine)
    horizons = analytics.generate_forecast(machine.current_state.metrics)
    assert set(horizons) == {"1h", "168h"}
    assert horizons["7d"] is horizons["168h"]
    (one,) = horizons["7d"]
    assert one.predicted_value == 80.0
    # A share can't be above 100.
    assert one.confidence_interval == (50.0, 100.0)
    assert len(one.recommendations) == 1
    assert "rises by 60.0" in one.trend_analysis
    assert "same as now" in horizons["1h"][0].trend_analysis


def test_a_run_has_the_prototypes_keys(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    analysis = monitor.predictive_analytics.run_analysis()
    assert set(analysis) == {"trends", "anomalies", "forecasts", "timestamp"}
    collected = monitor.predictive_analytics.collect_metrics()
    assert collected is not None
    history = monitor.predictive_analytics.metric_history
    assert isinstance(history["memory_percent"], deque)
    assert collected.memory_percent in [value for _, value in history["memory_percent"]]


def test_a_prediction_is_the_quarter_of_the_forecast_with_its_share() -> None:
    machine = PastMachine(rising(30, 600.0, 0.0))
    learning = part_of(MachineLearningIntegration, machine)
    assert learning.predict_performance(None)["predictions"] == {}
    machine.predictions = {"1h": {"cpu_percent": forecast(100.0, 10.0)}}
    one = learning.predict_performance(None)["cpu_prediction"]
    assert one["range"] == "75-100%"
    assert one["confidence"] > 0.99
    machine.predictions = {"1h": {"cpu_percent": forecast(25.0, 10.0)}}
    one = learning.predict_performance(None)["cpu_prediction"]
    assert one["range"] == "25-50%"
    assert one["confidence"] == pytest.approx(0.5, abs=0.01)
    machine.predictions = {"1h": {"cpu_percent": forecast(-4.0, 1.0)}}
    assert learning.predict_performance(None)["cpu_prediction"]["range"] == "0-25%"


def test_nothing_is_claimed_that_was_not_learnt() -> None:
    machine = PastMachine(rising(150, 100.0, 0.0))
    learning = part_of(MachineLearningIntegration, machine)
    for text in (
        learning.train_anomaly_detection_model(),
        learning.train_performance_prediction_model("24h"),
    ):
        assert "not available yet" in text
        assert "150 rows" in text
    status = learning.get_model_status()
    assert {one["status"] for one in status.values()} == {"learning"}
    assert {one["accuracy"] for one in status.values()} == {None}
    assert learning.models == {}
    machine = PastMachine(rising(150, 3600.0, 0.0))
    machine.predictions = {"1h": {"cpu_percent": forecast(30.0, 5.0)}}
    learnt = part_of(MachineLearningIntegration, machine)
    assert "trained" in learnt.train_anomaly_detection_model()
    assert "25% better" in learnt.train_performance_prediction_model()
    assert set(learnt.models) == {"anomaly_detection", "cpu_prediction"}


def test_the_features_have_their_names_and_nothing_is_zero_that_is_not_known() -> None:
    machine = PastMachine(rising(5, 60.0, 0.0))
    learning = part_of(MachineLearningIntegration, machine)
    rows = [list(row) for row in learning.collect_training_data("1h")]
    assert len(rows) == 5
    row = dict(zip(learning.feature_names, rows[0]))
    assert len(row) == 12
    assert (row["cpu_percent"], row["disk_percent"], row["process_count"]) == (50.0, 50.0, 100.0)
    assert row["load_average_15"] == 0.3
    assert math.isnan(row["temperature"])
    assert math.isnan(row["battery_plugged"])


def test_only_the_newest_sample_is_judged() -> None:
    machine = PastMachine(rising(150, 3600.0, 0.0))
    learning = part_of(MachineLearningIntegration, machine)
    newest = learning.detect_anomalies(machine.current_state.metrics)
    assert newest["is_anomaly"] is False
    assert len(newest["features"]) == 12
    old = learning.detect_anomalies(metrics(NOW - 3000))
    assert old["anomalies"] == []
    assert "newest" in old["message"]


def test_patterns_are_hours_that_are_alike() -> None:
    start = (NOW // 3600 - 10) * 3600
    past = [
        metrics(start + hour * 3600 + minute * 60, cpu_percent=90.0 if hour < 3 else 5.0)
        for hour in range(10)
        for minute in range(60)
    ]
    machine = PastMachine(past)
    usual, busy = part_of(MachineLearningIntegration, machine).identify_patterns()
    assert (usual.pattern_type, usual.frequency, usual.severity) == ("normal_usage", 0.7, "low")
    assert (busy.pattern_type, busy.frequency, busy.severity) == ("high_cpu_usage", 0.3, "high")
    assert busy.features["cpu_percent"] == pytest.approx(90.0)
    assert busy.features["disk_percent"] == pytest.approx(50.0)
    assert busy.confidence == 1.0
    few = PastMachine(past[:49])
    assert part_of(MachineLearningIntegration, few).identify_patterns() == []


def test_recommendations_follow_from_the_predictions() -> None:
    machine = PastMachine(rising(150, 3600.0, 0.0))
    learning = part_of(MachineLearningIntegration, machine)
    newest = machine.current_state.metrics
    assert learning.generate_ml_recommendations(newest) == []
    machine.predictions = {"1h": {"cpu_percent": forecast(95.0, 5.0)}}
    (text,) = learning.generate_ml_recommendations(newest)
    assert "processors" in text
    # Forecasts of another shape, as the prototype's monitor passed them.
    assert learning.generate_ml_recommendations(newest, {"1h": []}) == [text]
