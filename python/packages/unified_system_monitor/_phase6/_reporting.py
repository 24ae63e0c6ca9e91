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
    """``--performance``."""
    voice = cli._say(args)
    voice.heading("Performance Report")
    if not voice.as_json:
        cli.optimizer.display_optimization_status()
        return
    from performance_optimizer import _display

    head = [name.lower().replace(" ", "_") for name in _display._HEAD]
    voice.json({row[0].lower(): dict(zip(head, row)) for row in _display._rows(cli.optimizer)})
