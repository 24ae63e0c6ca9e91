"""What the history tells about itself."""

from __future__ import annotations

from typing import NamedTuple


class TierExtent(NamedTuple):
    """How much a tier of the history holds."""

    tier: str
    """``raw`` (samples as they were taken), ``10s``, ``1min`` or ``10min``."""
    first: float
    """Beginning of the first row, Unix seconds."""
    last: float
    """End of the last row, Unix seconds."""
    rows: int
    """Rows."""
    bytes: int
    """Bytes that they take."""


class SeriesInfo(NamedTuple):
    """One series that the history holds."""

    name: str
    """Metric and labels, as a selector reads them."""
    metric: str
    """Name of the metric."""
    labels: dict[str, str]
    """Labels by name; empty for the machine as a whole."""
    unit: str
    """Unit of the values: ``percent``, ``bytes``, ``seconds`` and so on."""
    kind: str
    """``gauge`` goes up and down; ``counter`` only grows until it is reset."""
    help: str
    """What is measured, in a sentence."""


class RecordingSummary(NamedTuple):
    """What a recording holds."""

    samples: int
    """Samples."""
    first: float | None
    """Time of the first, Unix seconds; ``None`` without any."""
    last: float | None
    """Time of the last, Unix seconds."""
    bytes: int
    """Size of the file."""
    notes: list[str]
    """What could not be read of the source and so is missing, in words."""
