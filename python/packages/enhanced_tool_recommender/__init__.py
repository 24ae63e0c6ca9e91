"""The prototype's module of the component that recommends tools."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import EnhancedToolRecommender, ToolRecommendation

__all__ = [
    "EnhancedToolRecommender",
    "ToolRecommendation",
    "main",
]


def main() -> int:
    """Print which tools show more of this host."""
    from unified_system_monitor import EnhancedToolRecommender

    def picture() -> None:
        recommender, query = EnhancedToolRecommender(), "monitor system performance"
        recommender.display_recommendations(recommender.recommend_tools(query), query)

    return show(picture)


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
