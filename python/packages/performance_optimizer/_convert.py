"""Targets, actions and profiles in the engine's form and back; made by hand or not."""

from __future__ import annotations

import re
from dataclasses import asdict
from math import isfinite
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
    Victim,
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
_BY_HAND = "made by hand: it is looked at when it is executed"

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
    victims = [
        Victim(**{**victim, "process": process_of(victim["process"])})
        for victim in value["victims"]
    ]
    made = {
        **value,
        "baseline": None if baseline is None else Baseline(**baseline),
        "culprits": culprits,
        "victims": victims,
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
    made["victims"] = [
        {**asdict(victim), "process": native_process(victim.process)} for victim in target.victims
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


def native_action(action: OptimizationAction) -> dict[str, Any]:
    """Make the engine's form of an action.

    What one made by hand lacks (the process that has the pid now, the usual lever of its kind)
    the engine finds out at the act; what it does not lack is the engine's to check.
    """
    if not isinstance(action, OptimizationAction):
        raise TypeError(f"an action must be an OptimizationAction, not {type(action).__name__}")
    kind = _one_of("action_type", action.action_type, _KINDS)
    risk = _one_of("risk_level", action.risk_level, _LEVELS)
    process = None if action.process is None else native_process(ProcessId(*action.process))
    resource, metric = _KINDS[kind]
    subject = action.subject
    if subject is None and kind == "cleanup_disk" and not action.token:
        subject = "/"
    return {
        "id": action.id,
        "action_type": kind,
        "target_id": str(action.target_id),
        "description": str(action.description),
        "priority": _one_of("priority", action.priority, _LEVELS),
        "estimated_benefit": _number("estimated_benefit", action.estimated_benefit),
        "risk": {
            "level": risk,
            "score": _SCORES[risk] if action.risk_score is None else action.risk_score,
            "reasons": action.risk_reasons,
        },
        "execution_time": _number("execution_time", action.execution_time),
        "resource": action.resource or resource,
        "metric": action.metric or metric,
        "subject": subject,
        "process": process,
        "culprits": [native_process(ProcessId(*culprit)) for culprit in action.culprits],
        "lever": action.lever,
        "reversible": {
            "yes": bool(action.reversible),
            "reason": action.reversible_reason or _BY_HAND,
        },
        "effect": {
            "yes": action.effect_expected is not False,
            "reason": action.effect_reason or _BY_HAND,
        },
        "planned_at": action.planned_at,
        "token": action.token,
    }


def _number(argument: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise refused(argument, value, "a number")
    return value


def _one_of(argument: str, value: str, allowed: Any) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise refused(argument, value, f"one of {', '.join(allowed)}")
    return value
