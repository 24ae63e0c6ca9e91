"""Alerts in the prototype's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._when import refused
from ._values import Value, Word, dataclass

if TYPE_CHECKING:
    from .._findings import AlertRecord

_NAMES = {"emergency": "critical"}


class AlertSeverity(Word):
    """How bad an alert is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @classmethod
    def of(cls, name: str | AlertSeverity) -> AlertSeverity:
        """Return the severity of that name; the engine's ``emergency`` is critical."""
        if isinstance(name, cls):
            return name
        word = str(name).lower()
        try:
            return cls(_NAMES.get(word, word))
        except ValueError:
            raise refused("severity", repr(name), "info, warning or critical") from None

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(AlertSeverity).index(self)


@dataclass
class Alert(Value):
    """An alert; ``id`` is ``None`` until it is saved."""

    id: int | None
    timestamp: float
    alert_type: str
    metric_name: str
    metric_value: float | None
    threshold: float | None
    severity: AlertSeverity
    message: str
    acknowledged: bool = False
    acknowledged_by: str | None = None
    acknowledged_at: float | None = None


def alert_of(record: AlertRecord) -> Alert:
    """Make the prototype's alert of one of the engine's."""
    taken = record.acknowledged
    return Alert(
        id=record.id,
        timestamp=record.since if record.fired_at is None else record.fired_at,
        alert_type=record.rule,
        metric_name=record.series,
        metric_value=record.value,
        threshold=record.threshold,
        severity=AlertSeverity.of(record.severity),
        message=record.message,
        acknowledged=taken is not None,
        acknowledged_by=None if taken is None else taken.by,
        acknowledged_at=None if taken is None else taken.at,
    )
