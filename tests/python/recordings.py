"""A recording of this host, and what was seen while it was made."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from unified_system_monitor import RecordingSummary, SystemState


class Recorded(NamedTuple):
    """A recording, the states that were waited for, and what it said at its end."""

    path: Path
    states: list[SystemState]
    summary: RecordingSummary


def same(a: SystemState, b: SystemState, *, alone: bool = False) -> bool:
    """Whether two states say the same, NaN being equal to NaN.

    ``alone``: as far as a sample tells it without those before it.
    """
    names = set(SystemState.__match_args__)
    if alone:
        names -= {"alerts", "insights", "predictions", "recommendations"}
    return all(repr(getattr(a, name)) == repr(getattr(b, name)) for name in names)
