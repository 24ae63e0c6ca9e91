"""``EnhancedToolRecommender``: tools for a question and for what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import MakeMonitor
from unified_system_monitor import EnhancedToolRecommender, InvalidArgumentError, ToolRecommendation

QUIET: dict[str, Any] = {"resource_usage": {}, "performance_issues": []}


@pytest.fixture
def recommender(make_monitor: MakeMonitor) -> EnhancedToolRecommender:
    """That of a monitor."""
    return make_monitor().tool_recommender


def names(found: list[ToolRecommendation]) -> list[str]:
    return [one.name for one in found]


def test_a_question_is_answered_with_tools_and_how_to_get_them(
    recommender: EnhancedToolRecommender,
) -> None:
    found = recommender.recommend_tools("my disk is full", QUIET)
    assert 1 <= len(found) <= 5
    assert "ncdu" in names(found)
    confidences = [one.confidence_score for one in found]
    assert confidences == sorted(confidences, reverse=True)
    assert 0 < confidences[0] <= 1
    for one in found:
        assert one.description
        assert one.reason
        assert one.doc_url.startswith("http")
        assert one.system_impact in ("Low", "Medium", "High")
        # Nobody is told to use Homebrew on Linux.
        assert not one.install_command.startswith("brew")
        assert one.how_to_run


@pytest.mark.parametrize("query", ["", "%", "_", "' OR 1=1 --", None])
def test_nothing_asked_and_nothing_wrong_is_nothing(
    recommender: EnhancedToolRecommender, query: str | None
) -> None:
    assert recommender.recommend_tools(query, QUIET) == []


def test_what_is_wrong_asks_too(recommender: EnhancedToolRecommender) -> None:
    by_usage = recommender.recommend_tools(None, {"resource_usage": {"disk_percent": 97.0}})
    by_issue = recommender.recommend_tools("", {"performance_issues": ["low_disk"]})
    assert {one.problem for one in by_usage} == {"disk_full"}
    assert "ncdu" in names(by_usage)
    assert names(by_issue)
    slow = recommender.recommend_tools("", {"performance_issues": ["slow_system", "no such"]})
    assert names(slow)


def test_the_context_is_what_the_machine_is_like(recommender: EnhancedToolRecommender) -> None:
    context = recommender.get_system_context()
    assert set(context) == {
        "timestamp",
        "performance_issues",
        "resource_usage",
        "recommendations",
    }
    assert context["resource_usage"]["memory_percent"] > 0
    assert set(context["performance_issues"]) <= set(recommender.performance_triggers)
    metrics = recommender.system_monitor.collect_metrics()
    # A context and metrics alike will do, as will none.
    for given in (context, metrics, None):
        assert isinstance(recommender.recommend_tools("memory", given), list)


def test_what_was_shown_is_counted_truly(recommender: EnhancedToolRecommender) -> None:
    before = recommender.get_tool_analytics()
    assert before["top_tools"] == []
    assert before["total_tools"] >= 19
    assert sum(count for _, count in before["category_distribution"]) == before["total_tools"]
    found = recommender.recommend_tools("disk full", QUIET)
    for _ in range(2):
        recommender.log_recommendation("disk full", found, QUIET)
    assert dict(recommender.get_tool_analytics()["top_tools"]) == dict.fromkeys(names(found), 2)


def test_what_is_turned_down_loses_a_little(recommender: EnhancedToolRecommender) -> None:
    def confidence() -> float:
        found = recommender.recommend_tools("ncdu", QUIET)
        return {one.name: one.confidence_score for one in found}["ncdu"]

    before = confidence()
    for _ in range(5):
        recommender.record_feedback("ncdu", taken=False)
    assert 0 < confidence() < before
    for _ in range(20):
        recommender.record_feedback("ncdu", taken=True)
    assert confidence() >= before
    with pytest.raises(InvalidArgumentError, match="no such tool"):
        recommender.record_feedback("no such tool", taken=True)


def test_tools_are_printed(
    recommender: EnhancedToolRecommender,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from unified_system_monitor import _display

    monkeypatch.setenv("COLUMNS", "160")
    for rich in (True, False):
        monkeypatch.setattr(_display, "RICH_AVAILABLE", rich)
        found = recommender.recommend_tools("ncdu", QUIET)
        recommender.display_recommendations(found, "ncdu")
        assert "ncdu" in capsys.readouterr().out
