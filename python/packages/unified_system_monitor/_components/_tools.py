"""``EnhancedToolRecommender``: which tool would show more, by the prototype's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._component import Component
from ._values import Value, dataclass

if TYPE_CHECKING:
    pass


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


class EnhancedToolRecommender(Component):
    """Recommends tools: for a question, and for what is wrong with the machine."""

    _file = "tool_analytics.db"
