"""``EnhancedToolRecommender``: which tool would show more, by the prototype's names."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, TypeVar

from .. import _native
from .._errors import StoreError
from . import _tables
from ._component import Component
from ._files import insert, log
from ._metric_names import known_number, plain_metrics
from ._plain import as_json
from ._values import Value, dataclass

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Mapping, Sequence
    from typing import Any

    from .._monitor import UnifiedSystemMonitor
    from ._files import File


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


_Kind = TypeVar("_Kind", "list[Any]", "dict[str, Any]")

_LIMIT = 5
_NOTHING = '{"tools": {}}'
_LATELY = 100
"""Recommendations that what a user says may be about."""
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


class EnhancedToolRecommender(Component):
    """Recommends tools: for a question, and for what is wrong with the machine."""

    _file = "tool_analytics.db"
    _tables = ("tools", "tool_analytics", "recommendation_history", "tools_learnt")

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
        self._listed_in: File | None = None

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
        row = {
            "query": query,
            "recommended_tools": as_json([one.name for one in recommendations]),
            "system_context": None if context is None else as_json(_context(context)),
        }
        with self._kept().work() as connection:
            insert(connection, "recommendation_history", row)
            self._kept().prune(connection, "recommendation_history")

    def record_feedback(self, name: str, taken: bool) -> None:
        """Learn that a tool was taken, or that it was turned down."""
        self._learn(taken=[name] if taken else [], dismissed=[] if taken else [name])
        word = "taken" if taken else "dismissed"
        with self._kept().work() as connection:
            for row in connection.execute(
                "SELECT id, recommended_tools, user_feedback FROM recommendation_history "
                "ORDER BY id DESC LIMIT ?",
                (_LATELY,),
            ):
                if name in _json(row["recommended_tools"], list):
                    said = {**_json(row["user_feedback"], dict), name: word}
                    connection.execute(
                        "UPDATE recommendation_history SET user_feedback = ? WHERE id = ?",
                        (as_json(said), row["id"]),
                    )
                    return

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

    def _kept(self) -> File:
        file = super()._kept()
        if self._listed_in is not file:
            self._listed_in = file
            self._list(file)
        return file

    def _list(self, file: File) -> None:
        """Have the catalogue in the table ``tools``, as it is for this machine."""
        try:
            known = {row["name"]: row for row in file.rows("SELECT * FROM tools")}
            listed = _native.tool_catalogue(self._roots())
            news = [
                tool
                for tool in listed
                if {**known.get(tool["name"], {}), **tool} != known.get(tool["name"])
            ]
            file.keep("tools", ("name",), news)
        except StoreError as problem:
            log("tools: the catalogue is not kept: %s", problem)

    def _learnt(self) -> str:
        rows = self._kept().rows("SELECT learnt FROM tools_learnt")
        return str(rows[0]["learnt"]) if rows else _NOTHING

    def _learn(
        self,
        shown: Sequence[dict[str, Any]] = (),
        taken: Sequence[str] = (),
        dismissed: Sequence[str] = (),
    ) -> None:
        with self._kept().work() as connection:
            row = connection.execute("SELECT learnt FROM tools_learnt").fetchone()
            before = _NOTHING if row is None else row["learnt"]
            learnt = _native.learn_of_tools(
                before, json.dumps(list(shown)), taken, dismissed, self._roots()
            )
            connection.execute(
                "INSERT OR REPLACE INTO tools_learnt (id, learnt) VALUES (1, ?)", (learnt,)
            )
            _count(connection, json.loads(before)["tools"], json.loads(learnt)["tools"])

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


def _count(connection: sqlite3.Connection, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Count the use of tools in the prototype's table."""
    for name, now in after.items():
        then = before.get(name, {})
        uses = now["taken"] - then.get("taken", 0)
        if not uses and now["dismissed"] == then.get("dismissed", 0):
            continue
        # One that was shown as missing and is there now was installed.
        was_installed = uses > 0 and then.get("is_awaited", False)
        known = connection.execute(
            "SELECT id FROM tool_analytics WHERE tool_name = ? ORDER BY id LIMIT 1", (name,)
        ).fetchone()
        number = (
            insert(connection, "tool_analytics", {"tool_name": name}) if known is None else known[0]
        )
        connection.execute(
            "UPDATE tool_analytics SET install_count = ifnull(install_count, 0) + ?, "
            "usage_count = ifnull(usage_count, 0) + ?, success_rate = ?, "
            "last_used = ifnull(?, last_used) WHERE id = ?",
            (
                int(was_installed),
                uses,
                now["taken"] / (now["taken"] + now["dismissed"]),
                time.time() if uses else None,
                number,
            ),
        )


def _json(text: str | None, kind: type[_Kind]) -> _Kind:
    # Of a program that keeps something else there, nothing is known.
    try:
        value = json.loads(text or "null")
    except ValueError:
        value = None
    return value if isinstance(value, kind) else kind()


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
