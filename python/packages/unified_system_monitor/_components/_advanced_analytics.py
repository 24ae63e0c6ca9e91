"""``AdvancedAnalytics``: correlations and baselines of the history, insights of the engine."""

from __future__ import annotations

import math
import time
from itertools import combinations
from typing import TYPE_CHECKING

from . import _statistics, _tables
from ._analytics_values import CorrelationAnalysis, PerformanceInsight, SystemCorrelation
from ._component import Component
from ._metric_names import known_number, plain_metrics, prototype_name
from ._rows import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .._findings import Insight
    from ._rows import Rows

# Of what only grows, the rate: two counters go together whatever happens.
_CORRELATED = (
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "network_sent_rate",
    "network_recv_rate",
    "process_count",
    "load_average_1",
    "load_average_5",
    "load_average_15",
)
_BASELINES = (
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "network_sent_rate",
    "network_recv_rate",
    "process_count",
)
_LEAST_CORRELATED = 50
_LEAST_ROWS = 20
_CHANCE = 0.05
"""Chance at which a relation may be none, all pairs together."""
_STRENGTHS = ((0.8, "strong"), (0.6, "moderate"), (0.4, "weak"))
_TYPES = {
    "leak_suspected": "trend",
    "disk_filling": "trend",
    "memory_filling": "trend",
    "correlated": "anomaly",
}


class AdvancedAnalytics(Component):
    """What goes together, what is the matter, and what is usual."""

    _file = "advanced_analytics.db"
    _tables = (
        "correlations",
        "performance_insights",
        "system_correlations",
        "performance_baselines",
    )

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        super().__init__(None, config)
        self.correlation_threshold = float(self.config.get("correlation_threshold", 0.7))
        """Least coefficient of :meth:`identify_system_correlations`."""
        self.insight_confidence_threshold = float(
            self.config.get("insight_confidence_threshold", 0.8)
        )
        """Insights that are less sure are left out."""

    def analyze_correlations(self, time_range: str = "7d") -> list[CorrelationAnalysis]:
        """Return Pearson's, Spearman's and Kendall's coefficient of each pair of metrics.

        Of those that vary, with 50 rows at least. Neighbours in time are alike, so a series of
        n rows counts as fewer in ``p_value``; and among 36 pairs some agree by chance, so
        ``significance`` is ``none`` unless the chance is below 5 % for all of them together.
        """
        rows = read(self._monitor, _CORRELATED, time_range)
        found: list[CorrelationAnalysis] = []
        tests = len(_CORRELATED) * (len(_CORRELATED) - 1) // 2
        for first, second in combinations(_CORRELATED, 2):
            xs, ys = rows.pairs(first, second)
            if len(xs) >= _LEAST_CORRELATED:
                found += _correlations(first, second, xs, ys, tests)
        key = ("metric1", "metric2", "correlation_type")
        self._keep("correlations", key, [dict(one.items()) for one in found])
        return found

    def generate_performance_insights(self, time_range: str = "7d") -> list[PerformanceInsight]:
        """Return the engine's insights, and what the means of the range say beside them."""
        insights = [_insight(one) for one in self._insights(time_range)]
        rows = read(self._monitor, _BASELINES, time_range)
        spoken_of = {insight.metric_name for insight in insights}
        of_means = [one for one in _of_means(rows) if one.metric_name not in spoken_of]
        key = ("insight_type", "metric_name")
        self._keep("performance_insights", key, [dict(one.items()) for one in of_means])
        self._keep_own("performance_insights", key, [dict(one.items()) for one in insights])
        insights += of_means
        return [one for one in insights if one.confidence >= self.insight_confidence_threshold]

    def identify_system_correlations(self, time_range: str = "7d") -> list[SystemCorrelation]:
        """Return the pairs that go together strongly and not by chance, each once."""
        best: dict[tuple[str, str], CorrelationAnalysis] = {}
        for one in self.analyze_correlations(time_range):
            strength = abs(one.correlation_value)
            if one.significance == "none" or strength < self.correlation_threshold:
                continue
            known = best.get((one.metric1, one.metric2))
            if known is None or strength > abs(known.correlation_value):
                best[one.metric1, one.metric2] = one
        found = [_system_correlation(one) for one in best.values()]
        key = ("correlation_id",)
        self._keep("system_correlations", key, [dict(one.items()) for one in found])
        return sorted(found, key=lambda one: -abs(one.correlation_strength))

    def calculate_performance_baselines(
        self, time_range: str = "7d"
    ) -> dict[str, dict[str, float]]:
        """Return what is usual: mean, median, std, min, max and percentiles by metric."""
        rows = read(self._monitor, _BASELINES, time_range)
        baselines: dict[str, dict[str, float]] = {}
        for name in _BASELINES:
            values = rows.known(name)
            if len(values) >= _LEAST_ROWS:
                baselines[name] = {
                    "mean": _statistics.mean(values),
                    "median": _statistics.quantile(values, 0.5),
                    "std": _statistics.deviation(values),
                    "min": min(values),
                    "max": max(values),
                    "percentile_95": _statistics.quantile(values, 0.95),
                    "percentile_99": _statistics.quantile(values, 0.99),
                    "sample_count": len(values),
                }
        kept = [
            {
                "metric_name": name,
                "baseline_type": "mean",
                "baseline_value": one["mean"],
                "standard_deviation": one["std"],
                "sample_count": int(one["sample_count"]),
                "time_period": time_range,
            }
            for name, one in baselines.items()
        ]
        self._keep("performance_baselines", ("metric_name", "baseline_type", "time_period"), kept)
        return baselines

    def detect_performance_anomalies(
        self, current_metrics: Any, baselines: dict[str, dict[str, float]] | None = None
    ) -> list[dict[str, Any]]:
        """Hold metrics against baselines: those that are more than two deviations away."""
        if baselines is None:
            baselines = self.calculate_performance_baselines()
        values = plain_metrics(current_metrics)
        now = known_number(values.get("timestamp")) or time.time()
        found: list[dict[str, Any]] = []
        for name, baseline in baselines.items():
            value, std = known_number(values.get(name)), known_number(baseline.get("std"))
            if value is None or not std:
                continue
            z = (value - baseline["mean"]) / std
            if abs(z) <= 2.0:
                continue
            found.append(
                {
                    "metric_name": name,
                    "current_value": value,
                    "baseline_mean": baseline["mean"],
                    "z_score": z,
                    "severity": "high" if abs(z) > 3.0 else "medium",
                    "description": (
                        f"{name} is {value:.1f}, {abs(z):.1f} deviations "
                        f"{'above' if z > 0 else 'below'} its mean of {baseline['mean']:.1f}"
                    ),
                    "timestamp": now,
                }
            )
        return found

    def display_analytics_summary(self) -> None:
        """Print what goes together, the insights and the baselines."""
        number = _tables.number
        _tables.show(
            "Correlations",
            ("Metrics", "Coefficient", "Kind", "Impact"),
            (
                (
                    " and ".join(one.metrics),
                    f"{one.correlation_strength:+.2f}",
                    one.correlation_type,
                    one.impact_level,
                )
                for one in self.identify_system_correlations()
            ),
        )
        _tables.show(
            "Insights",
            ("Kind", "Severity", "What"),
            (
                (one.insight_type, one.severity, one.description)
                for one in self.generate_performance_insights()
            ),
        )
        _tables.show(
            "Baselines",
            ("Metric", "Mean", "Deviation", "95 %"),
            (
                (name, number(one["mean"]), number(one["std"]), number(one["percentile_95"]))
                for name, one in self.calculate_performance_baselines().items()
            ),
        )

    def _insights(self, time_range: str) -> list[Insight]:
        monitor = self._monitor
        if not monitor.config.store_enabled:
            return monitor.insights
        past = [row.data for row in monitor.findings("insight", time_range)]
        # Each once, as it is now where it lasts.
        known = {(one.id, one.opened_at): one for one in [*past, *monitor.insights]}
        return list(known.values())


def _correlations(
    first: str, second: str, xs: Sequence[float], ys: Sequence[float], tests: int
) -> list[CorrelationAnalysis]:
    count = _statistics.independent(xs, ys)
    kinds: tuple[tuple[str, float | None, Callable[[float, float], float]], ...] = (
        ("pearson", _statistics.pearson(xs, ys), _statistics.p_of_r),
        ("spearman", _statistics.spearman(xs, ys), _statistics.p_of_r),
        ("kendall", _statistics.kendall(xs, ys), _statistics.p_of_tau),
    )
    found: list[CorrelationAnalysis] = []
    for kind, value, chance in kinds:
        # A constant series goes together with nothing.
        if value is None or math.isnan(value):
            continue
        p = chance(value, count)
        strength = abs(value)
        words = (word for least, word in _STRENGTHS if strength >= least)
        significance = next(words, "none") if p * tests < _CHANCE else "none"
        found.append(CorrelationAnalysis(first, second, kind, value, p, significance, len(xs)))
    return found


def _insight(found: Insight) -> PerformanceInsight:
    evidence = found.evidence
    return PerformanceInsight(
        insight_type=_TYPES.get(found.kind, "bottleneck"),
        metric_name=prototype_name(evidence[0].series) if evidence else "",
        description=found.text,
        severity=found.severity,
        confidence=found.confidence,
        recommendations=list(found.advice),
        timestamp=found.updated_at,
    )


def _of_means(rows: Rows) -> list[PerformanceInsight]:
    """Return what the means of a range say; nothing of fewer than 20 rows."""
    found: list[PerformanceInsight] = []

    def add(kind: str, name: str, severity: str, sure: float, text: str, advice: str) -> None:
        found.append(PerformanceInsight(kind, name, text, severity, sure, [advice], time.time()))

    means = {
        name: _statistics.mean(values)
        for name in _BASELINES
        if len(values := rows.known(name)) >= _LEAST_ROWS
    }
    cpu = means.get("cpu_percent")
    if cpu is not None and cpu > 70:
        severity = "high" if cpu > 80 else "medium"
        text = f"Processors were {cpu:.0f} % busy in the mean"
        add("bottleneck", "cpu_percent", severity, 0.9, text, "See which processes use them")
    elif cpu is not None and cpu < 20 and _statistics.deviation(rows.known("cpu_percent")) < 10:
        text = f"Processors were {cpu:.0f} % busy in the mean, and evenly so"
        add("optimization", "cpu_percent", "low", 0.8, text, "Fewer processors would do")
    memory = means.get("memory_percent")
    if memory is not None and memory > 80:
        severity = "critical" if memory > 90 else "high"
        text = f"{memory:.0f} % of the memory was in use in the mean"
        add("bottleneck", "memory_percent", severity, 0.95, text, "See what uses most of it")
    disk = means.get("disk_percent")
    if disk is not None and disk > 85:
        text = f"{disk:.0f} % of the disk was in use in the mean"
        add("bottleneck", "disk_percent", "critical", 0.95, text, "Remove what is not needed")
    processes = means.get("process_count")
    if processes is not None and processes > 200:
        text = f"{processes:.0f} processes in the mean"
        add("optimization", "process_count", "medium", 0.8, text, "End those that are not needed")
    return found


def _system_correlation(one: CorrelationAnalysis) -> SystemCorrelation:
    value = one.correlation_value
    strength = abs(value)
    way = "grow together" if value > 0 else "go opposite ways"
    impact = "high" if strength > 0.9 else "medium" if strength >= 0.8 else "low"
    names = {one.metric1, one.metric2}
    advice = [f"When {one.metric1} changes, expect {one.metric2} to change too"]
    if "cpu_percent" in names and any(name.startswith("load_average") for name in names):
        advice.append("The load is work for the processors: fewer or lighter tasks lower both")
    return SystemCorrelation(
        correlation_id=f"corr_{one.metric1}_{one.metric2}",
        metrics=[one.metric1, one.metric2],
        correlation_strength=value,
        correlation_type=one.correlation_type,
        description=f"{one.metric1} and {one.metric2} {way} ({value:+.2f})",
        impact_level=impact,
        recommendations=advice,
    )
