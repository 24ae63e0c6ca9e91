"""``optimize``: what is wrong, what could be done, and doing it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .. import _native
from ._say import CommandError, Voice, has, percent
from ._settings import folder_of

if TYPE_CHECKING:
    import argparse

    from performance_optimizer import OptimizationAction, OptimizationTarget

    from ._cli import Phase6CLI

_SHOWN = 5
"""Actions that ``--demo`` lists, as the prototype did."""
_TONES = {"high": "red", "medium": "yellow", "low": "green"}


def analyze(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--analyze``."""
    voice = cli._say(args)
    voice.heading("Performance Analysis")
    targets = cli.optimizer.analyze_system_performance()
    _tell_targets(voice, targets)
    voice.json({"targets": targets})


def plan(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--plan``."""
    voice = cli._say(args)
    voice.heading("Optimization Plan")
    targets, actions = planned(cli)
    _tell_targets(voice, targets)
    _tell_actions(voice, actions)
    voice.json({"targets": targets, "actions": actions})


def execute(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--execute``: for real when the user says yes; with ``--demo`` nothing is changed."""
    voice, demo = cli._say(args), has(args, "demo")
    voice.heading("Optimization Demo" if demo else "Optimization Execution")
    _, actions = planned(cli)
    if not demo:
        _tell_actions(voice, actions)
        if actions and not has(args, "yes") and not _asked(voice, len(actions)):
            voice.line("Nothing was done.")
            voice.json({"executed": 0, "declined": True})
            return
    result = cli.optimizer.execute_optimization_actions(actions, dry_run=demo)
    voice.json(result)
    if demo:
        _tell_demo(voice, result["details"])
        return
    voice.line(f"Successful: {result['successful']}", "green")
    voice.line(f"Failed: {result['failed']}", "red" if result["failed"] else "")
    for detail in result["details"]:
        if not detail["success"]:
            voice.line(f"  {detail['action']}: {detail.get('error') or detail['reason']}")
    voice.line(f"Total benefit: {percent(result['total_benefit'])}")
    if result["failed"]:
        cli.exit_code = 1


def auto(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--auto``: the monitor in the background acts by itself; it is started if need be."""
    from ._monitoring import begin, end

    voice, demo = cli._say(args), has(args, "demo")
    found = _native.service_status(folder_of(cli.config))
    started = False
    if not _acts(found, demo=demo):
        if found.get("running"):
            # Whether it acts is decided when it starts.
            end(cli)
        found = begin(cli, args, acts=True)
        started = bool(found.get("started"))
    if not _acts(found, demo=demo):
        raise CommandError("somebody else started a monitor that does not act; stop it, try again")
    voice.line("Auto-optimization enabled", "green")
    what = "only says what it would do" if demo else "acts by itself"
    pid = found.get("pid")
    voice.line(f"The monitor (pid {pid}) {what}, until `phase6-cli monitor --stop`.")
    voice.json({**found, "started": started})


def _acts(found: dict[str, Any], *, demo: bool) -> bool:
    return bool(found.get("running") and found.get("auto_optimize")) and found.get("demo") is demo


def planned(cli: Phase6CLI) -> tuple[list[OptimizationTarget], list[OptimizationAction]]:
    """Analyse and plan."""
    targets = cli.optimizer.analyze_system_performance()
    return targets, cli.optimizer.generate_optimization_plan(targets)


def _asked(voice: Voice, actions: int) -> bool:
    if voice.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(
            "nobody is here to be asked: --yes does it without asking, --demo only says what "
            "would be done",
            2,
        )
    question = "Execute this action?" if actions == 1 else f"Execute these {actions} actions?"
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _tell_targets(voice: Voice, targets: list[OptimizationTarget]) -> None:
    voice.line(f"Found {len(targets)} optimization targets")
    for target in targets:
        voice.line(f"  - {target.description} ({target.priority})", _TONES.get(target.priority, ""))


def _tell_actions(voice: Voice, actions: list[OptimizationAction]) -> None:
    voice.line(f"Generated {len(actions)} optimization actions")
    for action in actions:
        text = f"  - {action.description} ({action.priority}, risk {action.risk_level})"
        voice.line(text, _TONES.get(action.priority, ""))


def _tell_demo(voice: Voice, details: list[dict[str, Any]]) -> None:
    voice.line("Demo mode: nothing is changed")
    for detail in details[:_SHOWN]:
        if detail["success"]:
            voice.line(f"  Would execute: {detail['action']}")
        else:
            reason = detail.get("error") or detail["reason"]
            voice.line(f"  Would not execute: {detail['action']}: {reason}")
    if len(details) > _SHOWN:
        voice.line(f"  and {len(details) - _SHOWN} more")
    if not details:
        voice.line("  There is nothing to do.")
