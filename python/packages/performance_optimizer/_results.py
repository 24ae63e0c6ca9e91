"""What an execution or a rollback came to."""

from __future__ import annotations

from typing import Any

from ._identity import refused
from ._records import OptimizationAction


def action_id_of(action: OptimizationAction | dict[str, Any] | int) -> int:
    """Return the row of an action, given as it is, as its result or as its id."""
    if isinstance(action, OptimizationAction):
        number: Any = action.id
    elif isinstance(action, dict):
        number = action.get("action_id")
    else:
        number = action
    if isinstance(number, bool) or not isinstance(number, int) or number <= 0:
        raise refused("action", action, "an action that was planned or executed, or its id")
    return number


def undone(change: dict[str, Any]) -> dict[str, Any]:
    """Make a change taken back plain: ``undo`` is a word, ``detail`` what goes with it."""
    undo, detail = change["undo"], None
    if isinstance(undo, dict):
        ((undo, detail),) = undo.items()
    return {**change, "undo": undo, "detail": detail}


def report_with(
    report: dict[str, Any], given: list[OptimizationAction], failures: dict[int, Exception]
) -> dict[str, Any]:
    """Complete a report with the actions that could not even be understood."""
    details: list[dict[str, Any]] = []
    done = iter(report["details"])
    for place, action in enumerate(given):
        if place in failures:
            details.append(_failure(action, failures[place], report["dry_run"]))
            continue
        detail = next(done, None)
        if detail is None:
            continue
        if not action.id:
            # So that an action made by hand can be explained and rolled back.
            action.id = detail["action_id"]
        details.append(detail)
    return {
        **report,
        "executed": report["executed"] + len(failures),
        "failed": report["failed"] + len(failures),
        "details": details,
    }


def _failure(action: OptimizationAction, error: Exception, dry_run: bool) -> dict[str, Any]:
    return {
        "action": action.description,
        "success": False,
        "before_value": None,
        "after_value": None,
        "improvement": None,
        "error": str(error),
        "action_id": action.id,
        "action_type": action.action_type,
        "target_id": action.target_id,
        "metric": action.metric,
        "verdict": "not_measured",
        "rolled_back": False,
        "reason": str(error),
        "dry_run": dry_run,
        "lease_until": None,
        "changes": [],
        "freed_bytes": None,
        "quarantined_bytes": None,
        "execution_time": 0.0,
    }
