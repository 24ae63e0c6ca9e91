"""Rules of one's own in the prototype's shape."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from ._alert_values import AlertSeverity
from ._values import Value, Word, dataclass


class AlertCondition(Word):
    """How a value is held against a threshold."""

    GREATER_THAN = ">"
    LESS_THAN = "<"
    EQUAL_TO = "=="
    NOT_EQUAL_TO = "!="
    GREATER_EQUAL = ">="
    LESS_EQUAL = "<="
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"


class EscalationLevel(Word):
    """How far an alert has been escalated."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    EMERGENCY = "emergency"


@dataclass
class CustomAlertRule(Value):
    """A rule over one metric; ``escalation_delay`` is in minutes."""

    id: int | None
    name: str
    description: str
    metric_name: str
    condition: AlertCondition
    threshold: Any
    severity: AlertSeverity
    enabled: bool = True
    escalation_enabled: bool = False
    escalation_delay: float = 5
    escalation_levels: list[EscalationLevel] = field(default_factory=list)
    notification_channels: list[str] = field(default_factory=list)
    custom_message: str | None = None
    created_at: float = 0.0
    last_triggered: float | None = None


@dataclass
class ComplexAlertRule(Value):
    """A rule over several metrics, joined by ``AND`` or ``OR``."""

    id: int | None
    name: str
    description: str
    conditions: list[dict[str, Any]]
    operator: str
    severity: AlertSeverity
    enabled: bool = True
    escalation_enabled: bool = False
    escalation_delay: float = 5
    escalation_levels: list[EscalationLevel] = field(default_factory=list)
    notification_channels: list[str] = field(default_factory=list)
    custom_message: str | None = None
    created_at: float = 0.0
    last_triggered: float | None = None


@dataclass
class AlertEscalation(Value):
    """One step of an alert's escalation."""

    id: int | None
    alert_id: int
    rule_name: str
    escalation_level: EscalationLevel
    triggered_at: float
    message: str
    notification_sent: bool
    acknowledged: bool = False
    acknowledged_by: str | None = None
    acknowledged_at: float | None = None
