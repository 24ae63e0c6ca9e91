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


def same(a: SystemState, b: SystemState) -> bool:
    """Whether two states say the same, NaN being equal to NaN."""
    return all(
        repr(getattr(a, name)) == repr(getattr(b, name)) for name in SystemState.__match_args__
    )
