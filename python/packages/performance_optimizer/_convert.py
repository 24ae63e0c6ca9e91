"""Targets, actions and profiles in the engine's form and back; made by hand or not."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from unified_system_monitor import NotFoundError

from ._identity import identity, native_process, refused
from ._records import (
    Baseline,
    Culprit,
    OptimizationAction,
    OptimizationTarget,
    PerformanceProfile,
    ProcessId,
)

_LEVELS = ("low", "medium", "high")
_SCORES = {"low": 20.0, "medium": 50.0, "high": 80.0}
_CPU, _MEMORY, _DISK = ("cpu", "cpu_wait"), ("memory", "memory_used"), ("disk", "space_used")

# For which resource an action made by hand is, and by what it is judged.
_KINDS = {
    "set_batch": _CPU,
    "lower_priority": _CPU,
    "set_idle": _CPU,
    "set_autogroup": _CPU,
    "set_io_priority": ("disk", "io_wait"),
    "set_affinity": _CPU,
    "limit_cpu": _CPU,
    "limit_io": ("disk", "io_wait"),
    "limit_memory": ("memory", "memory_pressure"),
    "limit_processes": _CPU,
    "reclaim_memory": _MEMORY,
    "cleanup_memory": _MEMORY,
    "cleanup_disk": _DISK,
    "freeze": _CPU,
    "suspend_process": _CPU,
    "kill_process": _CPU,
}
_METRICS = {
    "cpu": "cpu_wait",
    "memory": "memory_used",
    "disk": "space_used",
    "network": "network_used",
    "process": "process_cpu",
}
_GENTLER_NICE = 10

# Anchored to the end: the text before it holds the process's name, which the process chooses.
_PID_AT_THE_END = re.compile(r"\(PID: ([0-9]{1,10})\)\s*\Z")


def process_of(value: dict[str, int] | None) -> ProcessId | None:
    """Take an identity from the engine."""
    return None if value is None else ProcessId(value["pid"], value["start_time_ticks"])


def target_of(value: dict[str, Any]) -> OptimizationTarget:
    """Take a target from the engine."""
    baseline = value["baseline"]
    culprits = [
        Culprit(**{**culprit, "process": process_of(culprit["process"])})
        for culprit in value["culprits"]
    ]
    made = {
        **value,
        "baseline": None if baseline is None else Baseline(**baseline),
        "culprits": culprits,
    }
    return OptimizationTarget(**made)


def action_of(value: dict[str, Any]) -> OptimizationAction:
    """Take an action from the engine."""
    made = dict(value)
    risk, reversible, effect = made.pop("risk"), made.pop("reversible"), made.pop("effect")
    culprits = [ProcessId(**culprit) for culprit in made.pop("culprits")]
    return OptimizationAction(
        **{**made, "process": process_of(value["process"])},
        culprits=culprits,
        risk_level=risk["level"],
        risk_score=risk["score"],
        risk_reasons=risk["reasons"],
        reversible=reversible["yes"],
        reversible_reason=reversible["reason"],
        effect_expected=effect["yes"],
        effect_reason=effect["reason"],
    )


def profile_of(value: dict[str, Any]) -> PerformanceProfile:
    """Take a profile from the engine."""
    return PerformanceProfile(**value)


def native_profile(profile: PerformanceProfile, missing: dict[str, Any]) -> dict[str, Any]:
    """Make the engine's form of a profile; what is ``None`` is taken from ``missing``."""
    return {
        name: fallback if (value := getattr(profile, name, None)) is None else value
        for name, fallback in missing.items()
    }


def is_made_by_hand(target: OptimizationTarget) -> bool:
    """Whether a target did not come from an analysis."""
    return target.metric is None


def native_target(target: OptimizationTarget, proc: str) -> dict[str, Any]:
    """Make the engine's form of a target."""
    if not isinstance(target, OptimizationTarget):
        raise TypeError(f"a target must be an OptimizationTarget, not {type(target).__name__}")
    made = {name: getattr(target, name) for name in target.__dataclass_fields__}
    culprits = target.culprits
    if is_made_by_hand(target):
        kind = _one_of("target_type", target.target_type, _METRICS)
        made["metric"] = _METRICS[kind]
        if kind == "process" and target.optimization_method == "memory_optimization":
            made["metric"] = "process_memory"
        if kind == "process" and not culprits:
            culprits = _named_in(target, proc)
        if kind == "disk" and target.subject is None:
            made["subject"] = "/"
    made["culprits"] = [
        {**asdict(culprit), "process": native_process(culprit.process)} for culprit in culprits
    ]
    made["baseline"] = None if target.baseline is None else target.baseline._asdict()
    return made


def _named_in(target: OptimizationTarget, proc: str) -> list[Culprit]:
    """Find the process of a target made by hand, as the prototype's descriptions end with it."""
    found = _PID_AT_THE_END.search(target.description)
    if found is None:
        return []
    try:
        process = identity(int(found[1]), proc)
    except NotFoundError:
        return []
    unit = "percent of one core"
    return [Culprit(process, str(process.pid), float(target.current_value), unit, 1.0, True)]


def native_action(
    action: OptimizationAction, settings: dict[str, Any], proc: str
) -> dict[str, Any]:
    """Make the engine's form of an action."""
    if not isinstance(action, OptimizationAction):
        raise TypeError(f"an action must be an OptimizationAction, not {type(action).__name__}")
    kind = _one_of("action_type", action.action_type, _KINDS)
    risk = _one_of("risk_level", action.risk_level, _LEVELS)
    process, lever = _meant(action, settings, proc)
    planned = lever is action.lever and process is action.process
    resource, metric = _KINDS[kind]
    subject = action.subject
    if subject is None and kind == "cleanup_disk":
        subject = "/"
    reversible, effect = action.reversible, action.effect_expected
    return {
        "id": action.id,
        "action_type": kind,
        "target_id": str(action.target_id),
        "description": action.description,
        "priority": _one_of("priority", action.priority, _LEVELS),
        "estimated_benefit": action.estimated_benefit,
        "risk": {
            "level": risk,
            "score": _SCORES[risk] if action.risk_score is None else action.risk_score,
            "reasons": action.risk_reasons,
        },
        "execution_time": action.execution_time,
        "resource": action.resource or resource,
        "metric": action.metric or metric,
        "subject": subject,
        "process": None if process is None else native_process(process),
        "culprits": [native_process(ProcessId(*culprit)) for culprit in action.culprits]
        or ([] if process is None else [native_process(process)]),
        "lever": lever,
        "reversible": {
            "yes": bool(reversible),
            "reason": action.reversible_reason or "made by hand",
        },
        "effect": {
            "yes": True if effect is None else effect,
            "reason": action.effect_reason or "made by hand",
        },
        "planned_at": action.planned_at if planned else 0.0,
        "token": action.token if planned else "",
    }


def _meant(
    action: OptimizationAction, settings: dict[str, Any], proc: str
) -> tuple[ProcessId | None, Any]:
    """Find process and lever: the plan's, or those that ``target_id`` and the type ask for."""
    if action.action_type == "cleanup_disk":
        return None, action.lever
    if action.action_type == "cleanup_memory":
        return None, action.lever or "trim_own_heap"
    process, lever, text = action.process, action.lever, str(action.target_id)
    names_pid = text.isascii() and text.isdigit()
    if lever is not None and (process is not None or action.token or not names_pid):
        if process is None or not names_pid or int(text) == process.pid:
            return process, lever
    elif not names_pid:
        raise refused("target_id", action.target_id, "a process id as text")
    elif lever is not None:
        return _found(int(text), proc), lever
    # By hand from the start, or the plan's action with another process put in.
    if process is None or int(text) != process.pid:
        process = _found(int(text), proc)
    return process, _lever(action, process, settings)


def _found(pid: int, proc: str) -> ProcessId:
    try:
        return identity(pid, proc)
    except NotFoundError:
        # No process has started then: the action's own result says that it is gone.
        return ProcessId(pid, 0)


def _lever(
    action: OptimizationAction, process: ProcessId, settings: dict[str, Any]
) -> dict[str, Any]:
    one = {"process": native_process(process)}
    several = {"processes": [native_process(process)]}
    lease = {"lease_seconds": settings["lease_seconds"]}
    levers: dict[str, dict[str, Any]] = {
        "set_batch": {"batch": one},
        "lower_priority": {"nice": {**one, "nice": _GENTLER_NICE}},
        "set_idle": {"idle": one},
        "set_autogroup": {"autogroup": {**one, "nice": _GENTLER_NICE}},
        "set_io_priority": {"io_priority": {**one, "class": "best_effort", "level": 7}},
        "reclaim_memory": {"page_out": one},
        "freeze": {"freeze": {**several, **lease}},
        "suspend_process": {"stop": {**one, **lease}},
        "kill_process": {
            "terminate": {
                **one,
                "grace_seconds": settings["kill_timeout"],
                # SIGKILL loses what SIGTERM would have saved: only where that is accepted.
                "may_kill": action.risk_level == "high",
            }
        },
    }
    if action.action_type not in levers:
        allowed = f"a lever is needed for {action.action_type}: how much is for you to say"
        raise refused("lever", None, allowed)
    return levers[action.action_type]


def _one_of(argument: str, value: str, allowed: Any) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise refused(argument, value, f"one of {', '.join(allowed)}")
    return value
