"""``report``: three reports in a few lines, in full with ``--json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._looking import look
from ._optimizing import planned
from ._say import percent

if TYPE_CHECKING:
    import argparse

    from ._cli import Phase6CLI


def comprehensive(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--comprehensive``."""
    voice = cli._say(args)
    found = look(cli)
    report = found.report()
    state = found.current_state
    voice.heading("Comprehensive Report")
    voice.line(f"Report generated with {len(report)} sections", "green")
    voice.line(f"System Health: {percent(state.health_score)}")
    voice.line(f"Performance Score: {percent(state.performance_score)}")
    voice.line(f"From {found.source}; all of it with --json.", "dim")
    voice.json(report)


def optimization(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--optimization``."""
    voice = cli._say(args)
    targets, actions = planned(cli)
    report = {
        "targets_found": len(targets),
        "actions_generated": len(actions),
        "high_priority_actions": sum(action.priority == "high" for action in actions),
        "estimated_total_benefit": sum(action.estimated_benefit for action in actions),
    }
    voice.heading("Optimization Report")
    voice.line(f"Targets found: {report['targets_found']}")
    voice.line(f"Actions generated: {report['actions_generated']}")
    voice.line(f"Estimated benefit: {percent(report['estimated_total_benefit'])}")
    voice.json(report)


def performance(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """CPU, memory and disk beside their thresholds: ``--performance``."""
    voice = cli._say(args)
    voice.heading("Performance Report")
    if not voice.as_json:
        cli.optimizer.display_optimization_status()
        return
    metrics = cli.optimizer.system_monitor.collect_metrics()
    profile = cli.optimizer.current_profile
    measured = {
        "cpu": (metrics.cpu_percent, profile.cpu_threshold),
        "memory": (metrics.memory_percent, profile.memory_threshold),
        "disk": (metrics.disk_percent, profile.disk_threshold),
    }
    resources = {
        name: {
            "percent": value,
            "threshold_percent": threshold,
            "high": None if value is None else value > threshold,
        }
        for name, (value, threshold) in measured.items()
    }
    voice.json({"timestamp": metrics.timestamp, "profile": profile.profile_name, **resources})
