"""What is learnt, in the prototype's shape."""

from __future__ import annotations

from typing import Any

from ._values import Value, dataclass


@dataclass
class MLModel(Value):
    """A model."""

    model_type: str
    model_name: str
    accuracy: float | None
    training_date: float | None
    features: list[str]
    parameters: dict[str, Any]
    status: str


@dataclass
class MLPrediction(Value):
    """A prediction."""

    timestamp: float
    model_type: str
    prediction: Any
    confidence: float
    features_used: list[str]
    metadata: dict[str, Any]


@dataclass
class SystemPattern(Value):
    """Hours that are alike."""

    pattern_type: str
    pattern_id: str
    description: str
    confidence: float
    features: dict[str, float]
    frequency: float
    severity: str
