"""The newest state that another process has written to ``unified_system.db``."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._records import SystemMetrics, SystemState
from ._say import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATE = """
SELECT timestamp, metrics_data, alerts_data, recommendations_data, predictions_data,
       insights_data, health_score, performance_score, security_score
FROM unified_system_states ORDER BY timestamp DESC LIMIT 1
"""
_TIMINGS = """
SELECT component_name, avg(execution_time), count(*) FROM performance_metrics
WHERE timestamp > ? GROUP BY component_name
"""
_HOUR = 3600.0
_UNKNOWN = float("nan")


def newest(folder: str) -> tuple[SystemState, dict[str, Any]] | None:
    """Return the newest state and the timings of the last hour; ``None`` if there is none yet."""
    path = Path(folder) / "unified_system.db"
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute(_STATE).fetchone()
            timed = connection.execute(_TIMINGS, (time.time() - _HOUR,)).fetchall()
    except sqlite3.Error as error:
        raise CommandError(f"{path}: {error}") from error
    if row is None:
        return None
    timings = {
        component: {"avg_execution_time": seconds, "operation_count": count}
        for component, seconds, count in timed
    }
    timestamp, metrics, *found = row[:6]
    scores: list[Any] = [_UNKNOWN if score is None else score for score in row[6:]]
    try:
        parts: list[Any] = [None if text is None else json.loads(text) for text in found]
        return SystemState(timestamp, _metrics_of(metrics), *parts, *scores), timings
    except ValueError as error:
        raise CommandError(f"{path}: the newest state is no JSON: {error}") from error


def _metrics_of(text: str | None) -> SystemMetrics | None:
    if text is None:
        return None
    values = json.loads(text)
    load = values.get("load_average")
    values["load_average"] = None if load is None else tuple(load)
    return SystemMetrics(**{name: values.get(name) for name in SystemMetrics.__match_args__})


def report_of(
    state: SystemState, components: Mapping[str, str], timings: Mapping[str, Any]
) -> dict[str, Any]:
    """Make the prototype's report of eight sections, as the engine makes it of its own state."""
    alerts = [alert for alert in state.alerts or () if alert.get("fired_at") is not None]
    counts = dict.fromkeys(("total", "critical", "high", "medium", "low"), 0)
    for alert in alerts:
        counts["total"] += 1
        severity = str(alert.get("severity"))
        counts[severity] = counts.get(severity, 0) + 1
    predictions = state.predictions or {}
    insights = [one for one in state.insights or () if one.get("closed_at") is None]
    foretold: dict[str, Any] = {"available": False}
    if predictions:
        foretold = {
            "available": True,
            "prediction_count": sum(len(series) for series in predictions.values()),
            "horizons": list(predictions),
        }
    return {
        "timestamp": time.time(),
        "system_state": {
            **dict(state.items()),
            "metrics": None if state.metrics is None else dict(state.metrics.items()),
        },
        "component_status": dict(components),
        "performance_metrics": dict(timings),
        "recommendations": list(state.recommendations or ())[:10],
        "alerts_summary": counts,
        "predictions": foretold,
        "insights": {
            "total": len(insights),
            "high_severity": sum(one.get("severity") in ("critical", "high") for one in insights),
        },
    }
