"""What rules of one's own are made of: their common settings and the usual channels."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .._errors import InvalidStateError
from .._when import refused
from ._custom_values import AlertCondition, EscalationLevel
from ._metric_names import known_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._custom_store import AnyRule

    _Channel = Callable[[AnyRule, dict[str, Any]], object]

_USUAL_LEVELS = (EscalationLevel.WARNING, EscalationLevel.CRITICAL)


def common_settings(
    escalation_enabled: bool,
    escalation_delay: float,
    escalation_levels: Sequence[EscalationLevel] | None,
    notification_channels: Sequence[str] | None,
    custom_message: str | None,
) -> dict[str, Any]:
    """Check and return what rules of both kinds have."""
    delay = known_number(escalation_delay)
    if delay is None or delay < 0:
        raise refused("escalation_delay", repr(escalation_delay), "minutes, 0 or more")
    levels = _USUAL_LEVELS if escalation_levels is None else escalation_levels
    channels = ["console"] if notification_channels is None else notification_channels
    return {
        "escalation_enabled": bool(escalation_enabled),
        "escalation_delay": delay,
        "escalation_levels": [EscalationLevel(level) for level in levels],
        "notification_channels": list(channels),
        "custom_message": custom_message,
        "created_at": time.time(),
    }


def check_threshold(condition: AlertCondition, threshold: Any) -> None:
    """Refuse a threshold that can't be compared in that way."""
    is_order = condition.value[0] in "<>"
    if is_order and known_number(threshold) is None:
        raise refused("threshold", repr(threshold), f"a number, for {condition.value}")
    if not isinstance(threshold, (bool, int, float, str)):
        raise refused("threshold", repr(threshold), "a number or a text")


def print_alert(_rule: AnyRule, alert: dict[str, Any]) -> None:
    """Print an alert; nothing in it acts on the terminal."""
    text = "".join(letter if letter.isprintable() else "?" for letter in alert["message"])
    print(f"[{alert['severity'].value}] {text}")


def not_configured(name: str) -> _Channel:
    """Return a channel that says how it is set up."""

    def refuse(_rule: AnyRule, _alert: dict[str, Any]) -> None:
        raise InvalidStateError(
            f"{name} is not configured: put a callable into notification_channels[{name!r}], or "
            f"a table [channels.{name}] into the engine's file of rules"
        )

    return refuse
