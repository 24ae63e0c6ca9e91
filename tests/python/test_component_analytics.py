"""The prototype's analytics: what they say of a past that is known."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import pytest
from conftest import MakeMonitor
from past_machine import PastMachine, metrics, part_of
from unified_system_monitor import (
    AdvancedAnalytics,
    CorrelationAnalysis,
    FindingRecord,
    Insight,
    PerformanceInsight,
    SystemMetrics,
)

NOW = time.time()


def past(count: int, **columns: list[float]) -> list[SystemMetrics]:
    return [
        metrics(
            NOW - count + place,
            **{name: values[place] for name, values in columns.items()},
        )
        for place in range(count)
    ]


def noise(seed: int, count: int, middle: float = 50.0) -> list[float]:
    source = random.Random(seed)  # noqa: S311
    return [middle + source.gauss(0, 5) for _ in range(count)]


def of(found: list[CorrelationAnalysis], *names: str) -> dict[str, CorrelationAnalysis]:
    return {one.correlation_type: one for one in found if {one.metric1, one.metric2} == set(names)}


def insight(**changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": "leak_suspected:1:2",
        "kind": "leak_suspected",
        "severity": "high",
        "confidence": 0.9,
        "text": "memory of x grows",
        "evidence": [],
        "advice": ["restart it"],
        "opened_at": NOW,
        "updated_at": NOW,
        "closed_at": None,
    }
    return {**values, **changed}


def test_a_real_relation_is_found_and_chance_is_not() -> None:
    cpu = noise(1, 300)
    memory = [1.6 * value + extra for value, extra in zip(cpu, noise(2, 300, 0.0))]
    machine = PastMachine(
        past(300, cpu_percent=cpu, memory_percent=memory, disk_percent=noise(3, 300))
    )
    found = part_of(AdvancedAnalytics, machine).analyze_correlations("1h")
    real = of(found, "cpu_percent", "memory_percent")
    assert set(real) == {"pearson", "spearman", "kendall"}
    assert real["pearson"].significance == "strong"
    assert real["pearson"].p_value < 1e-9
    assert real["pearson"].sample_size == 300
    for name in ("cpu_percent", "memory_percent"):
        for one in of(found, name, "disk_percent").values():
            assert one.significance == "none"


def test_significance_respects_the_chance() -> None:
    # Two walks that know nothing of each other: the coefficient is high, and means nothing.
    def walk(seed: int) -> list[float]:
        source = random.Random(seed)  # noqa: S311
        value, values = 50.0, []
        for _ in range(120):
            value += source.gauss(0, 0.3)
            values.append(value)
        return values

    strong = 0
    for seed in range(30):
        machine = PastMachine(past(120, cpu_percent=walk(seed), memory_percent=walk(seed + 100)))
        found = part_of(AdvancedAnalytics, machine).analyze_correlations("1h")
        pearson = of(found, "cpu_percent", "memory_percent")["pearson"]
        strong += abs(pearson.correlation_value) >= 0.6
        assert pearson.significance == "none", (seed, pearson)
    assert strong >= 3


def test_constant_and_missing_metrics_spoil_nothing() -> None:
    cpu = noise(1, 100)
    states = past(100, cpu_percent=cpu, memory_percent=[value / 2 for value in cpu])
    for one in states[::7]:
        one.memory_percent = None
    states[3].cpu_percent = math.nan
    found = part_of(AdvancedAnalytics, PastMachine(states)).analyze_correlations("1h")
    assert {name for one in found for name in (one.metric1, one.metric2)} == {
        "cpu_percent",
        "memory_percent",
    }
    assert of(found, "cpu_percent", "memory_percent")["pearson"].significance == "strong"
    assert not any(math.isnan(one.correlation_value) for one in found)


def test_fewer_than_fifty_rows_tell_nothing() -> None:
    cpu = noise(1, 49)
    machine = PastMachine(past(49, cpu_percent=cpu, memory_percent=cpu))
    assert part_of(AdvancedAnalytics, machine).analyze_correlations("1h") == []


def test_each_pair_that_goes_together_is_told_once() -> None:
    cpu = noise(1, 200)
    machine = PastMachine(past(200, cpu_percent=cpu, memory_percent=[v * 0.5 for v in cpu]))
    (found,) = part_of(AdvancedAnalytics, machine).identify_system_correlations("1h")
    assert found.correlation_id == "corr_cpu_percent_memory_percent"
    assert found.metrics == ["cpu_percent", "memory_percent"]
    assert found.impact_level == "high"
    # The load is no part of it, so nothing is said about it.
    assert not any("load" in text for text in found.recommendations)


def test_baselines_are_those_of_the_right_columns() -> None:
    disk = [float(value) for value in range(100)]
    machine = PastMachine(past(100, disk_percent=disk))
    baselines = part_of(AdvancedAnalytics, machine).calculate_performance_baselines("1h")
    one = baselines["disk_percent"]
    assert set(one) == {
        "mean",
        "median",
        "std",
        "min",
        "max",
        "percentile_95",
        "percentile_99",
        "sample_count",
    }
    assert (one["mean"], one["median"], one["min"], one["max"]) == (49.5, 49.5, 0.0, 99.0)
    assert one["percentile_95"] == pytest.approx(94.05)
    assert one["sample_count"] == 100
    assert part_of(AdvancedAnalytics, PastMachine([])).calculate_performance_baselines() == {}


def test_what_is_far_from_the_baseline_is_told_both_ways() -> None:
    analytics = part_of(AdvancedAnalytics, PastMachine(past(100, cpu_percent=noise(1, 100))))
    high = analytics.detect_performance_anomalies(metrics(NOW, cpu_percent=95.0))
    assert [(one["metric_name"], one["severity"]) for one in high] == [("cpu_percent", "high")]
    assert high[0]["z_score"] > 3
    assert high[0]["timestamp"] == NOW
    low = analytics.detect_performance_anomalies({"cpu_percent": 1.0})
    assert low[0]["z_score"] < -3
    assert analytics.detect_performance_anomalies({"cpu_percent": None}) == []
    assert analytics.detect_performance_anomalies({"cpu_percent": 50.0}) == []
    given = {"queue": {"mean": 1.0, "std": 0.5}}
    assert analytics.detect_performance_anomalies({"queue": 9.0}, given)[0]["z_score"] == 16.0


def test_insights_are_the_engines_and_what_the_means_say_beside_them() -> None:
    machine = PastMachine(past(60, cpu_percent=noise(1, 60, 85.0)), insights=[Insight(insight())])
    trend, mean = part_of(AdvancedAnalytics, machine).generate_performance_insights("1h")
    assert isinstance(trend, PerformanceInsight)
    assert (trend.insight_type, trend.severity, trend.recommendations) == (
        "trend",
        "high",
        ["restart it"],
    )
    assert (mean.metric_name, mean.severity, mean.confidence) == ("cpu_percent", "high", 0.9)
    surer = part_of(AdvancedAnalytics, machine, insight_confidence_threshold=0.95)
    assert surer.generate_performance_insights("1h") == []


def test_an_unknown_range_is_refused() -> None:
    analytics = part_of(AdvancedAnalytics, PastMachine([]))
    with pytest.raises(ValueError, match="a while"):
        analytics.analyze_correlations("a while")


def test_a_summary_is_printed_with_and_without_rich(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from unified_system_monitor import _display

    cpu = noise(1, 100)
    machine = PastMachine(past(100, cpu_percent=cpu, memory_percent=cpu))
    for rich in (True, False):
        monkeypatch.setattr(_display, "RICH_AVAILABLE", rich)
        part_of(AdvancedAnalytics, machine).display_analytics_summary()
        text = capsys.readouterr().out
        assert "Correlations" in text
        assert "cpu_percent" in text


def test_an_insight_that_lasts_is_told_once(make_monitor: MakeMonitor) -> None:
    class Stored(PastMachine):
        def findings(self, kind: str, _since: str) -> list[FindingRecord]:
            assert kind == "insight"
            old = Insight(insight(opened_at=NOW - 500, closed_at=NOW - 400))
            lasting = Insight(insight(text="as it was"))
            return [FindingRecord(data=old), FindingRecord(data=lasting)]

    machine = Stored([], insights=[Insight(insight(text="as it is"))])
    machine.config = make_monitor().config
    analytics = part_of(AdvancedAnalytics, machine)
    found = analytics._insights("24h")
    assert [one.text for one in found] == ["memory of x grows", "as it is"]
