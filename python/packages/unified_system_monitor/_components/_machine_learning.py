"""``MachineLearningIntegration``: what the engine has learnt, by the prototype's names.

The engine's models learn from each sample as it comes and are kept with the database, so
there is nothing to train at a certain time, and nothing is claimed that was not measured.
"""

from __future__ import annotations

import math
import time
from importlib import import_module
from typing import TYPE_CHECKING

from . import _statistics, _tables
from ._component import Component
from ._learning_rows import feature_row, model_rows, prediction_row
from ._learning_values import SystemPattern
from ._metric_names import known_number, plain_metrics
from ._outlook import anomalies, forecasts
from ._rows import read

if TYPE_CHECKING:
    from typing import Any

    from .._findings import Forecast
    from ._rows import Rows

_NAN = float("nan")
_FEATURES = (
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
)
# The engine's models say nothing of a metric before they have seen this much of it.
_LEAST_SAMPLES = 100
_LEAST_SECONDS = 600.0
_LEAST_ROWS = 50
_BINS = ((25.0, "0-25%"), (50.0, "25-50%"), (75.0, "50-75%"), (math.inf, "75-100%"))
_USUAL_HORIZON = "1h"
# What an hour is called, the first that fits: metric, mean above, type, severity.
_KINDS = (
    ("cpu_percent", 70.0, "high_cpu_usage", "high"),
    ("memory_percent", 80.0, "high_memory_usage", "high"),
    ("disk_percent", 85.0, "high_disk_usage", "medium"),
)
_USUAL = ("normal_usage", "low")
# A pattern has the same number each time.
_NUMBERS = {kind: number for number, kind in enumerate([one[2] for one in _KINDS] + [_USUAL[0]])}
_SLOT = 60.0
"""Seconds within which a prediction takes the place of the one before."""
_HOUR = 3600.0
_WIDTH_95 = 3.92
"""Width of an interval of 95 % in standard deviations."""


class MachineLearningIntegration(Component):
    """Anomalies, predictions and patterns."""

    _file = "ml_integration.db"
    _tables = ("ml_models", "ml_predictions", "system_patterns", "feature_engineering")

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        super().__init__(None, config)
        self.feature_names = list(_FEATURES)
        """Names of the twelve features, in their order."""
        self.scalers: dict[str, Any] = {}
        """Nothing: the engine's models need no scaling."""

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """The models that have learnt enough to answer, by type."""
        status = self.get_model_status()
        return {name: one for name, one in status.items() if one["status"] == "trained"}

    def collect_training_data(self, time_range: str = "7d") -> Any:
        """Return the history as rows of the twelve features; NaN is what is not known.

        A NumPy array where NumPy is installed, else a list of lists.
        """
        rows = self._training_rows(time_range)
        self._keep(
            "feature_engineering", ("feature_name",), [feature_row(name) for name in _FEATURES]
        )
        columns = [rows.columns[name] for name in _FEATURES]
        data = [[_NAN if value is None else value for value in row] for row in zip(*columns)]
        try:
            numpy: Any = import_module("numpy")
        except ImportError:
            return data
        return numpy.array(data, dtype=float).reshape(len(data), len(_FEATURES))

    def train_anomaly_detection_model(self, time_range: str = "7d") -> str:
        """Say what the anomaly models have learnt from."""
        is_learnt = _has_seen_enough(self._training_rows("7d"))
        self._keep_models()
        return self._learnt("Anomaly detection", time_range, is_learnt=is_learnt)

    def train_performance_prediction_model(self, time_range: str = "7d") -> str:
        """Say what the forecasts have learnt from, and what their back-tests say."""
        forecasts = {name: self._forecast(name) for name in ("cpu_percent", "memory_percent")}
        is_learnt = any(forecast is not None for forecast in forecasts.values())
        self._keep_models()
        text = self._learnt("Performance prediction", time_range, is_learnt=is_learnt)
        proved = [
            f"{name} {_USUAL_HORIZON} ahead {forecast.skill:.0%} better than 'same as now'"
            for name, forecast in forecasts.items()
            if forecast is not None
            and forecast.outcome == "forecast"
            and forecast.skill is not None
        ]
        return f"{text} {'; '.join(proved)}." if proved else text

    def detect_anomalies(self, metrics: Any) -> dict[str, Any]:
        """Tell whether the machine is outside what is usual, by the engine's scores.

        Metrics other than the engine's newest can't be judged: ``message`` says so.
        """
        values = plain_metrics(metrics)
        state = self._monitor.current_state
        if state.metrics is None:
            state = self._state()
        if known_number(values.get("timestamp")) != state.timestamp:
            age = state.timestamp - (known_number(values.get("timestamp")) or 0.0)
            if abs(age) > 2 * self._monitor.config.refresh_interval:
                text = "samples are judged as they come; these metrics are not of the newest one"
                return {"anomalies": [], "message": text}
        rows = self._training_rows("7d")
        if not _has_seen_enough(rows):
            text = f"still learning: {len(rows.times)} samples over {_span(rows) / 60:.0f} min"
            return {"anomalies": [], "message": text}
        found = anomalies(self._monitor)
        score = max((one.worst_score for one in found), default=0.0)
        confidence = score if found else 1.0 - score
        answer = {
            "is_anomaly": bool(found),
            "confidence": confidence,
            "score": score,
            "features": [_feature(values.get(name)) for name in _FEATURES],
            "timestamp": state.timestamp,
            "anomalies": found,
        }
        told = {"is_anomaly": bool(found), "score": score}
        of = {"series": [one.series for one in found]}
        row = prediction_row("anomaly_detection", state.timestamp, told, confidence, _FEATURES, of)
        self._keep("ml_predictions", ("model_type",), [row], _SLOT)
        return answer

    def predict_performance(self, metrics: Any = None) -> dict[str, Any]:  # noqa: ARG002
        """Tell in which quarter CPU and memory will be in an hour, and how surely.

        The confidence is the share of the forecast's distribution that is in that quarter.
        """
        found: dict[str, Any] = {}
        for name, key in (
            ("cpu_percent", "cpu_prediction"),
            ("memory_percent", "memory_prediction"),
        ):
            forecast = self._forecast(name)
            if forecast is not None and forecast.value is not None and forecast.interval_95:
                found[key] = _quarter(forecast.value, *forecast.interval_95)
        if not found:
            text = "no forecast yet: the engine is still learning"
            return {"predictions": {}, "message": text}
        now = time.time()
        of = {"horizon": _USUAL_HORIZON}
        kept = [
            prediction_row(
                key, now, one, one["confidence"], [key.replace("_prediction", "_percent")], of
            )
            for key, one in found.items()
        ]
        self._keep("ml_predictions", ("model_type",), kept, _SLOT)
        return {**found, "timestamp": now}

    def identify_patterns(self, time_range: str = "7d") -> list[SystemPattern]:
        """Group the hours of the history by what they were busy with, the most frequent first.

        ``confidence`` is the share of the rows in these hours that are as their mean is.
        """
        rows = read(self._monitor, _FEATURES[:3], time_range)
        if len(rows.times) < _LEAST_ROWS:
            return []
        hours: dict[int, list[int]] = {}
        for place, at in enumerate(rows.times):
            hours.setdefault(int(at // _HOUR), []).append(place)
        groups: dict[tuple[str, str], list[list[int]]] = {}
        for places in hours.values():
            groups.setdefault(_kind(rows, places), []).append(places)
        ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
        found = [
            _pattern(_NUMBERS[kind[0]], kind, several, rows, len(hours))
            for kind, several in ordered
        ]
        self._keep("system_patterns", ("pattern_type",), [dict(one.items()) for one in found])
        return found

    def generate_ml_recommendations(
        self, metrics: Any, predictions: dict[str, Any] | None = None
    ) -> list[str]:
        """Return what follows from the predictions and anomalies, in words."""
        if predictions is None or not ({"cpu_prediction", "memory_prediction"} & set(predictions)):
            predictions = self.predict_performance(metrics)
        found: list[str] = []
        for key, what, advice in (
            ("cpu_prediction", "processors", "move or end work before"),
            ("memory_prediction", "memory", "see which processes grow"),
        ):
            one = predictions.get(key)
            if one and one["range"] == "75-100%" and one["confidence"] > 0.5:
                sure = f"{one['confidence']:.0%}"
                found.append(
                    f"In an hour {what} will be 75 to 100 % in use ({sure} sure): {advice}"
                )
        outside = self.detect_anomalies(metrics)
        if outside.get("is_anomaly"):
            names = ", ".join(one["series"] for one in outside["anomalies"][:3])
            found.append(f"Unusual now (score {outside['score']:.2f}): {names}")
        return found

    def get_model_status(self) -> dict[str, dict[str, Any]]:
        """Return each model with ``model_name``, ``accuracy``, ``status``, ``training_date``.

        ``accuracy`` is ``None``: there are no labels to measure it by. Forecasts have ``skill``,
        by their own back-tests, against "same as now".
        """
        rows = self._training_rows("30d")
        since = rows.times[0] if rows.times else None
        is_enough = _has_seen_enough(rows)
        models: dict[str, dict[str, Any]] = {
            "anomaly_detection": {
                "model_name": "streaming baselines",
                "accuracy": None,
                "status": "trained" if is_enough else "learning",
                "training_date": since,
            }
        }
        for name in ("cpu", "memory"):
            forecast = self._forecast(f"{name}_percent")
            learnt = forecast is not None
            models[f"{name}_prediction"] = {
                "model_name": "streaming forecasts",
                "accuracy": None,
                "status": "trained" if learnt else "learning",
                "training_date": since,
                "skill": None if forecast is None else forecast.skill,
                "backtests": 0 if forecast is None else forecast.backtests,
            }
        return models

    def display_ml_status(self) -> None:
        """Print the models."""
        rows = (
            (
                name,
                one["model_name"],
                one["status"],
                "-" if one.get("skill") is None else f"{one['skill']:.2f}",
            )
            for name, one in self.get_model_status().items()
        )
        _tables.show("Models", ("Type", "Model", "Status", "Skill"), rows)

    # Private.

    def _training_rows(self, time_range: str) -> Rows:
        return read(self._monitor, _FEATURES, time_range)

    def _keep_models(self) -> None:
        self._keep("ml_models", ("model_type",), model_rows(self.get_model_status(), _FEATURES))

    def _learnt(self, what: str, time_range: str, *, is_learnt: bool) -> str:
        rows = self._training_rows(time_range)
        seen = f"the history of the last {time_range} has {len(rows.times)} rows"
        if rows.times:
            seen += f" over {_span(rows) / _HOUR:.1f} h"
        if not is_learnt:
            return f"{what} is not available yet: still learning; {seen}."
        return f"{what} is trained successfully: it learns from each sample as it comes; {seen}."

    def _forecast(self, name: str) -> Forecast | None:
        return forecasts(self._monitor, [name]).get((name, 1))


def _span(rows: Rows) -> float:
    return rows.times[-1] - rows.times[0] if rows.times else 0.0


def _has_seen_enough(rows: Rows) -> bool:
    return len(rows.times) >= _LEAST_SAMPLES and _span(rows) >= _LEAST_SECONDS


def _feature(value: Any) -> float:
    if isinstance(value, bool):
        return float(value)
    number = known_number(value)
    return _NAN if number is None else number


def _quarter(value: float, low: float, high: float) -> dict[str, Any]:
    """Return the quarter that a value is in, and the share of its distribution in it."""
    value = max(0.0, min(100.0, value))
    place = next(place for place, (end, _) in enumerate(_BINS) if value < end)
    width = (high - low) / _WIDTH_95
    if width <= 0.0:
        share = 1.0
    else:
        start = -math.inf if place == 0 else _BINS[place - 1][0]
        share = _below((_BINS[place][0] - value) / width) - _below((start - value) / width)
    return {"range": _BINS[place][1], "confidence": share}


def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _means(rows: Rows, places: list[int]) -> dict[str, float]:
    means: dict[str, float] = {}
    for name, column in rows.columns.items():
        known = [value for place in places if (value := column[place]) is not None]
        if known:
            means[name] = _statistics.mean(known)
    return means


def _kind(rows: Rows, places: list[int]) -> tuple[str, str]:
    means = _means(rows, places)
    for name, limit, kind, severity in _KINDS:
        if means.get(name, 0.0) > limit:
            return kind, severity
    return _USUAL


def _pattern(
    number: int, kind: tuple[str, str], several: list[list[int]], rows: Rows, hours: int
) -> SystemPattern:
    places = [place for places in several for place in places]
    agree = sum(_kind(rows, [place]) == kind for place in places)
    means = _means(rows, places)
    usual = sorted({time.localtime(rows.times[some[0]]).tm_hour for some in several})
    words = ", ".join(f"{name.replace('_percent', '')} {v:.0f} %" for name, v in means.items())
    name = kind[0].replace("_", " ")
    return SystemPattern(
        pattern_type=kind[0],
        pattern_id=f"pattern_{number}",
        description=(
            f"{name.capitalize()} in {len(several)} of {hours} hours ({words}); "
            f"hours of the day: {', '.join(map(str, usual))}"
        ),
        confidence=agree / len(places),
        features=means,
        frequency=len(several) / hours,
        severity=kind[1],
    )
