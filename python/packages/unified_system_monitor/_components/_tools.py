"""``EnhancedToolRecommender``: which tool would show more, by the prototype's names."""

from __future__ import annotations

import time
from dataclasses import field
from typing import TYPE_CHECKING

from . import _tables
from ._component import Component
from ._metric_names import known_number, plain_metrics
from ._values import Value, dataclass

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from typing import Any


@dataclass
class ToolRecommendation(Value):
    """A tool that would help, and why; ``install_command`` is empty where it is there."""

    name: str
    description: str
    category: str
    install_command: str
    doc_url: str
    tags: list[str]
    confidence_score: float
    reason: str
    system_impact: str
    alternatives: list[str] | None = None
    installed: str | None = None
    how_to_run: str = ""
    needs_root: bool = False
    problem: str | None = None
