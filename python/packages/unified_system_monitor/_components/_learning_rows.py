"""What is learnt, as rows of the prototype's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._metric_names import NAMES
from ._rows import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_KINDS = {"_percent": "percent", "_mb": "counter", "_count": "count"}


def feature_row(name: str) -> dict[str, Any]:
    """Return how a feature is made."""
    known = NAMES[name]
    ends = (kind for end, kind in _KINDS.items() if name.endswith(end))
    method = f"the engine's {known.metric}"
    if known.divisor != 1.0:
        method += f" / {known.divisor:.0f}"
    return {
        "feature_name": name,
        "feature_type": "boolean" if name == "battery_plugged" else next(ends, "level"),
        "calculation_method": f"{method}, its mean where a range is longer than {MOST_ROWS} rows",
        "parameters": {"metric": known.metric, "divisor": known.divisor, "unknown": "NaN"},
        "status": "active",
    }


def model_rows(
    status: Mapping[str, Mapping[str, Any]], features: Sequence[str]
) -> list[dict[str, Any]]:
    """Return a row of each model; ``features`` are those of the one that judges all."""
    rows: list[dict[str, Any]] = []
    for model_type, one in status.items():
        values = dict(one)
        row = {"model_type": model_type}
        for name in ("model_name", "accuracy", "training_date", "status"):
            row[name] = values.pop(name)
        is_of_all = model_type == "anomaly_detection"
        names = features if is_of_all else [f"{model_type.partition('_')[0]}_percent"]
        rows.append({**row, "features": list(names), "parameters": values})
    return rows


def prediction_row(
    model_type: str,
    timestamp: float,
    prediction: Mapping[str, Any],
    confidence: float,
    features: Sequence[str],
    metadata: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the row of a prediction."""
    return {
        "timestamp": timestamp,
        "model_type": model_type,
        "prediction": prediction,
        "confidence": confidence,
        "features_used": list(features),
        "metadata": metadata,
    }
