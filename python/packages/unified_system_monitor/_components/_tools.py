"""``EnhancedToolRecommender``: which tool would show more, by the prototype's names."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from .. import _native
from . import _tables
from ._component import Component
from ._files import File
from ._metric_names import known_number, plain_metrics
from ._values import Value, dataclass

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from typing import Any

    from .._monitor import UnifiedSystemMonitor


@dataclass
class ToolRecommendation(Value):
    """A tool that would help, and why.

    ``install_command`` is empty where the tool is there (``installed``) or how to install it on
    this distribution is not known: see ``doc_url``.
    """

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


_LIMIT = 5
_NOTHING = '{"tools": {}}'
_USAGE = ("cpu_percent", "memory_percent", "disk_percent", "process_count")
# The prototype's words for what is wrong, and the engine's.
_ISSUES = {
    "high_cpu": "cpu_bound",
    "high_memory": "memory_thrash",
    "low_disk": "disk_full",
    "slow_system": "general",
}
_OF_INSIGHT = {
    "cpu_bound": "cpu_bound",
    "steal": "cpu_bound",
    "memory_thrash": "memory_thrash",
    "memory_filling": "memory_thrash",
    "io_bound": "io_bound",
    "run_queue": "run_queue",
    "throttled": "throttled",
    "network_retransmits": "network_retransmits",
    "core_saturated": "core_saturated",
    "leak_suspected": "leak",
    "disk_filling": "disk_full",
}
_TABLES = {
    "recommendation_history": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "query TEXT",
        "recommended_tools TEXT",
        "system_context TEXT",
        "user_feedback TEXT",
        "created_at REAL DEFAULT (strftime('%s', 'now'))",
    ),
    "tools_learnt": ("id INTEGER PRIMARY KEY CHECK (id = 1)", "learnt TEXT NOT NULL"),
}
_MOST_ROWS = 10_000


class EnhancedToolRecommender(Component):
    """Recommends tools: for a question, and for what is wrong with the machine."""

    _file = "tool_analytics.db"

    category_triggers: Mapping[str, Sequence[str]] = {
        "monitoring": ("monitor", "cpu", "memory", "process", "performance"),
        "development": ("code", "develop", "program", "debug", "build"),
        "productivity": ("productive", "terminal", "shell", "search"),
        "security": ("security", "scan", "attack", "intrusion"),
        "utilities": ("utility", "convert", "download", "json"),
        "network": ("network", "packet", "bandwidth", "latency"),
        "storage": ("disk", "storage", "space", "file"),
        "multimedia": ("video", "audio", "image", "gpu"),
    }
    """Words that speak of a category; some of many, the engine knows more."""

    performance_triggers: Mapping[str, Mapping[str, Any]] = {
        "high_cpu": {
            "threshold": 80,
            "tools": ["htop", "pidstat", "perf"],
            "reason": "The processors are busy",
        },
        "high_memory": {
            "threshold": 85,
            "tools": ["htop", "vmstat", "smem"],
            "reason": "Memory is short",
        },
        "low_disk": {"threshold": 90, "tools": ["ncdu", "dust"], "reason": "A disk is nearly full"},
        "slow_system": {
            "threshold": 70,
            "tools": ["btop", "atop", "glances"],
            "reason": "The system is slow",
        },
    }
    """From which percentage on what is wrong, and the tools that come first to mind."""

    def __init__(
        self,
        db_path: str | os.PathLike[str] | None = None,
        system_monitor: Any = None,
    ) -> None:
        super().__init__(db_path)
        self.system_monitor = system_monitor
        """The component that samples; without one the engine's newest sample is taken."""
        self._store: File | None = None

    @classmethod
    def _of(cls, monitor: UnifiedSystemMonitor) -> EnhancedToolRecommender:
        made = super()._of(monitor)
        made.system_monitor = monitor.system_monitor
        return made

    def recommend_tools(self, query: str | None, context: Any = None) -> list[ToolRecommendation]:
        """Return at most five tools, the surest first.

        :param query: a question in words; none: only what is wrong counts.
        :param context: as :meth:`get_system_context` gives it, or metrics; ``None``: as the
            machine is now.
        """
        asked = json.dumps(self._now() if context is None else _context(context))
        found = _native.recommend_tools(query, asked, self._learnt(), _LIMIT, self._roots())
        made = [_recommendation(one) for one in found]
        return sorted(made, key=lambda one: -one.confidence_score)

    def get_system_context(self) -> dict[str, Any]:
        """Return what is wrong and how much is used, for :meth:`recommend_tools`."""
        known = self._now()
        usage = {name: known[name] for name in _USAGE}
        return {
            "timestamp": time.time(),
            "performance_issues": _native.performance_issues(json.dumps(known)),
            "resource_usage": {} if set(usage.values()) == {None} else usage,
            "recommendations": [],
        }

    def log_recommendation(
        self, query: str | None, recommendations: Sequence[ToolRecommendation], context: Any = None
    ) -> None:
        """Keep what was recommended, and learn that it was shown."""
        plain = [_plain(one) for one in recommendations]
        self._learn(shown=plain)
        names = json.dumps([one.name for one in recommendations])
        kept = None if context is None else json.dumps(_context(context))
        with self._files().work() as connection:
            done = connection.execute(
                "INSERT INTO recommendation_history (query, recommended_tools, system_context) "
                "VALUES (?, ?, ?)",
                (query, names, kept),
            )
            connection.execute(
                "DELETE FROM recommendation_history WHERE id <= ?",
                ((done.lastrowid or 0) - _MOST_ROWS,),
            )

    def record_feedback(self, name: str, taken: bool) -> None:
        """Learn that a tool was taken, or that it was turned down."""
        self._learn(taken=[name] if taken else [], dismissed=[] if taken else [name])

    def get_tool_analytics(self) -> dict[str, Any]:
        """Return ``top_tools``, ``category_distribution`` and ``total_tools``."""
        return _native.tool_analytics(self._learnt())

    def display_recommendations(
        self, recommendations: Sequence[ToolRecommendation], query: str = ""
    ) -> None:
        """Print tools, with how they are run or installed."""
        rows = (
            (
                one.name,
                f"{one.confidence_score:.0%}",
                one.reason,
                one.how_to_run if one.installed else one.install_command or one.doc_url,
            )
            for one in recommendations
        )
        title = f"Tools for {query!r}" if query else "Tools"
        _tables.show(title, ("Tool", "Confidence", "Why", "How"), rows)

    # Private.

    def _files(self) -> File:
        path = self.db_path
        if self._store is None or self._store.path != path:
            self._store = File(path, _TABLES)
        return self._store

    def _learnt(self) -> str:
        rows = self._files().rows("SELECT learnt FROM tools_learnt")
        return str(rows[0]["learnt"]) if rows else _NOTHING

    def _learn(
        self,
        shown: Sequence[dict[str, Any]] = (),
        taken: Sequence[str] = (),
        dismissed: Sequence[str] = (),
    ) -> None:
        with self._files().work() as connection:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT learnt FROM tools_learnt").fetchone()
            before = _NOTHING if row is None else row["learnt"]
            learnt = _native.learn_of_tools(
                before, json.dumps(list(shown)), taken, dismissed, self._roots()
            )
            connection.execute("INSERT OR REPLACE INTO tools_learnt VALUES (1, ?)", (learnt,))

    def _roots(self) -> tuple[str, str, str]:
        config = self._monitor.config
        return config.proc_root, config.sys_root, config.host_root

    def _now(self) -> dict[str, Any]:
        state = self._state()
        known = _context(state.metrics) if state.metrics is not None else _context({})
        known["performance_score"] = known_number(state.performance_score)
        known["problems"] = [
            {
                "problem": _OF_INSIGHT[insight.kind],
                "confidence": insight.confidence,
                "evidence": insight.text,
            }
            for insight in self._monitor.insights
            if insight.kind in _OF_INSIGHT and insight.closed_at is None
        ]
        return known


def _context(given: Any) -> dict[str, Any]:
    """Make the engine's context of the prototype's or of metrics."""
    values = plain_metrics(given)
    usage = values.get("resource_usage")
    if isinstance(usage, dict):
        values = {**values, **usage}
    known: dict[str, Any] = {name: known_number(values.get(name)) for name in _USAGE}
    count = known["process_count"]
    known["process_count"] = None if count is None or count < 0 else int(count)
    known["performance_score"] = known_number(values.get("performance_score"))
    issues = values.get("performance_issues") or ()
    known["problems"] = [
        {"problem": _ISSUES[issue], "confidence": 0.85, "evidence": issue.replace("_", " ")}
        for issue in issues
        if issue in _ISSUES
    ]
    return known


def _recommendation(found: dict[str, Any]) -> ToolRecommendation:
    values = {name: found[name] for name in ToolRecommendation.__match_args__}
    installed = found["installed"]
    return ToolRecommendation(
        **{
            **values,
            "install_command": found["install_command"] or "",
            "installed": None if installed is None else str(installed),
        }
    )


def _plain(one: ToolRecommendation) -> dict[str, Any]:
    return {**dict(one.items()), "install_command": one.install_command or None}
