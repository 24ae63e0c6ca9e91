"""Conditions of rules of one's own: held against values, and as the engine writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _native
from .._when import refused
from ._custom_values import AlertCondition
from ._metric_names import NAMES, Name, known_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def condition_of(given: AlertCondition | str) -> AlertCondition:
    """Return a condition by its sign (``>=``) or its name (``GREATER_EQUAL``)."""
    if isinstance(given, AlertCondition):
        return given
    word = str(given).strip()
    for condition in AlertCondition:
        if word in (condition.value, condition.name):
            return condition
    signs = ", ".join(condition.value for condition in AlertCondition)
    raise refused("condition", repr(given), f"one of {signs}")


def holds(value: Any, condition: AlertCondition, threshold: Any) -> bool | None:
    """Hold a value against a threshold; ``None`` when the value is not known."""
    if value is None or value != value:
        return None
    if condition in (AlertCondition.CONTAINS, AlertCondition.NOT_CONTAINS):
        among = value if isinstance(value, (list, tuple, set, frozenset)) else str(value)
        is_in = threshold in among if among is value else str(threshold) in among
        return is_in == (condition is AlertCondition.CONTAINS)
    if condition is AlertCondition.EQUAL_TO:
        return bool(value == threshold)
    if condition is AlertCondition.NOT_EQUAL_TO:
        return bool(value != threshold)
    number, limit = known_number(value), known_number(threshold)
    if number is None or limit is None:
        return None
    if condition is AlertCondition.GREATER_THAN:
        return number > limit
    if condition is AlertCondition.LESS_THAN:
        return number < limit
    if condition is AlertCondition.GREATER_EQUAL:
        return number >= limit
    return number <= limit


def joined(operator: str, held: Sequence[bool | None]) -> bool | None:
    """Join conditions by ``AND`` or ``OR``; ``None`` as long as what is not known could decide."""
    decides = operator == "OR"
    if decides in held:
        return decides
    return None if None in held or not held else not decides


def engine_condition(metric_name: str, condition: AlertCondition, threshold: Any) -> str | None:
    """Write a condition as the engine reads it; ``None`` when it is not the engine's."""
    limit = known_number(threshold)
    known = NAMES.get(metric_name, Name(metric_name))
    if limit is None or known.metric not in _native.metric_names():
        return None
    if condition in (AlertCondition.CONTAINS, AlertCondition.NOT_CONTAINS):
        return None
    return f"{known.metric} {condition.value} {limit * known.divisor!r}"
