"""Times and stretches of time, in the kinds that Python has for them."""

from __future__ import annotations

import time as clock
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Union

from . import _native
from ._errors import InvalidArgumentError

if TYPE_CHECKING:
    from typing import SupportsFloat

Time = Union[str, "SupportsFloat", date, timedelta]
"""A moment: Unix seconds; a ``datetime`` (without a time zone: local time) or ``date`` (its
midnight); a ``timedelta`` before now; or a text: ``"24h"`` (before now), ``"now"``,
``"2026-11-23T14:05:00Z"``, ``"2026-11-23 14:05"`` (local time)."""

Duration = Union[str, "SupportsFloat", timedelta]
"""A stretch of time: seconds, a ``timedelta``, or a text such as ``"1m"`` or ``"1h30m"``."""

_TIMES = (
    'Unix seconds, a datetime, a timedelta before now, or a text such as "24h" or '
    '"2026-11-23 14:05"'
)


def unix_seconds(name: str, when: Time) -> float:
    """Return the Unix time of a moment; ``name`` is the argument's, for errors."""
    if isinstance(when, str):
        return _of_text(name, when)
    if isinstance(when, timedelta):
        return clock.time() - when.total_seconds()
    if isinstance(when, datetime):
        # A pandas.Timestamp without a zone takes itself for UTC; as a datetime it is local.
        plain = getattr(when, "to_pydatetime", None)
        moment: datetime = when if plain is None or when.tzinfo is not None else plain()
        return moment.timestamp()
    if isinstance(when, date):
        return datetime(when.year, when.month, when.day).timestamp()
    return _number(name, when, _TIMES)


def seconds(name: str, duration: Duration) -> float:
    """Return the length of a stretch of time in seconds."""
    if isinstance(duration, str):
        return _native.parse_duration(name, duration)
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    return _number(name, duration, 'seconds, a timedelta, or a text such as "1m"')


def _of_text(name: str, text: str) -> float:
    try:
        return _native.parse_time(name, text, clock.time())
    except InvalidArgumentError:
        try:
            # Local time needs the rules of the zone, which the engine leaves to its caller.
            return datetime.fromisoformat(text.strip()).timestamp()
        except (ValueError, OverflowError, OSError):
            pass
        raise


def _number(name: str, value: object, allowed: str) -> float:
    # A switch is a number in Python, and bytes read as one, but neither is a time.
    if not isinstance(value, (bool, bytes, bytearray)):
        try:
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            pass
    raise refused(name, repr(value), allowed)


def refused(argument: str, value: object, allowed: str) -> InvalidArgumentError:
    """Make the error for an argument, as the engine does."""
    error = InvalidArgumentError(f"{argument}: {value} is not allowed: {allowed}")
    error.field, error.value, error.allowed = argument, str(value), allowed
    return error
