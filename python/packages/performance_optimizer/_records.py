"""What the optimizer tells and takes: targets, actions, profiles.

The prototype's fields come first, in its order, and they alone count for ``==`` and ``repr``.
What this library knows beyond them follows, with defaults: give those by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


def _extra(default: Any = None) -> Any:
    """Make a field beyond the prototype's."""
    if isinstance(default, type):
        return field(default_factory=default, compare=False, repr=False)
    return field(default=default, compare=False, repr=False)


class ProcessId(NamedTuple):
    """What identifies a process within one boot."""

    pid: int
    """Process id."""
    start_time_ticks: int
    """Start in clock ticks after boot."""


class Baseline(NamedTuple):
    """The host's own normal for a metric."""

    typical: float
    """Median."""
    high: float
    """95th percentile."""
    samples: int
    """Samples that it rests upon."""


@dataclass
class Culprit:
    """A process that causes a target."""

    process: ProcessId
    """Which."""
    name: str
    """Name of its program."""
    usage: float
    """What it uses of the resource, in ``unit``."""
    unit: str
    """``percent of one core``, ``bytes``, ``bytes per second`` or ``processes per second``."""
    share: float
    """Its share of what all use, 0 to 1."""
    may_be_touched: bool
    """It is inside the scope and not protected."""
    untouchable_reason: str | None = None
    """Why not."""
    uid: int | None = None
    """User id."""
    session_id: int | None = None
    """Session id."""
    cgroup: str | None = None
    """Control group."""


@dataclass
class Victim:
    """A process that suffers from a target."""

    process: ProcessId
    """Which."""
    name: str
    """Name of its program."""
    wait_percent: float
    """Of the time in which it wanted to go on, the share in which it waited."""
    session_id: int | None = None
    """Session id."""


@dataclass
class OptimizationTarget:
    """Something that is wrong."""

    target_type: str
    """``cpu``, ``memory``, ``disk``, ``network`` or ``process``."""
    current_value: float
    """Now, in the unit of ``metric``."""
    target_value: float
    """What it should come down to."""
    priority: str
    """``high``, ``medium`` or ``low``."""
    description: str
    """In a sentence."""
    optimization_method: str
    """``process_optimization``, ``memory_cleanup``, ``disk_cleanup`` and the like."""
    estimated_impact: str
    """What relief would bring, in words."""

    id: int = _extra(0)
    """Row in the table ``optimization_targets``; 0 while it is not stored."""
    metric: str | None = _extra()
    """What ``current_value`` measures; ``None`` for a target made by hand."""
    subject: str | None = _extra()
    """Mount point, device or interface, where it is about one."""
    since: float | None = _extra()
    """Since when, Unix seconds; ``None`` when that was not watched."""
    confidence: float = _extra(0.5)
    """How sure the diagnosis is, 0 to 1."""
    baseline: Baseline | None = _extra()
    """The host's own normal."""
    culprits: list[Culprit] = _extra(list)
    """Whoever causes it, most first."""
    evidence: list[str] = _extra(list)
    """The numbers that led to it, each in a sentence."""
    advice: str | None = _extra()
    """What you could do beyond what a plan can."""
    victims: list[Victim] = _extra(list)
    """Who suffers, most first."""
    size_bytes: int | None = _extra()
    """Size of the file system, for a target of space."""
    utilisation_percent: float | None = _extra()
    """Use of the resource itself, percent, beside the waits that ``current_value`` may tell."""


@dataclass
class OptimizationAction:
    """Something that could be done. The first seven fields are enough to make one by hand."""

    action_type: str
    """What it does: ``lower_priority``, ``kill_process``, ``cleanup_disk`` and so on."""
    target_id: str
    """Pid as text, ``system_memory`` or ``system_disk``."""
    description: str
    """In a sentence."""
    priority: str
    """``high``, ``medium`` or ``low``."""
    estimated_benefit: float
    """Percent points of the target's metric that it may bring."""
    risk_level: str
    """``low``, ``medium`` or ``high``."""
    execution_time: float
    """Estimated duration in seconds."""

    id: int = _extra(0)
    """Row in the table ``optimization_actions``; 0 while it is not stored."""
    process: ProcessId | None = _extra()
    """The process acted on; of an action made by hand, that of ``target_id`` when executed."""
    risk_score: float | None = _extra()
    """0 (no risk) to 100."""
    risk_reasons: list[str] = _extra(list)
    """Why, each in a sentence."""
    reversible: bool | None = _extra()
    """Whether a rollback restores what was, with the privileges at hand."""
    reversible_reason: str = _extra("")
    """Why."""
    effect_expected: bool | None = _extra()
    """Whether it can have any effect here."""
    effect_reason: str = _extra("")
    """Why."""
    resource: str | None = _extra()
    """For which resource."""
    metric: str | None = _extra()
    """The metric by which the effect is judged."""
    subject: str | None = _extra()
    """Mount point, device or interface of the target."""
    culprits: list[ProcessId] = _extra(list)
    """All culprits of its target: whoever else waits is a victim."""
    lever: dict[str, Any] | str | None = _extra()
    """What is done to the host, e.g. ``{"nice": {"process": …, "nice": 10}}``."""
    token: str = _extra("")
    """Token of the plan; empty for an action made by hand."""
    planned_at: float = _extra(0.0)
    """When it was planned, Unix seconds; 0 for an action made by hand."""


@dataclass
class PerformanceProfile:
    """Thresholds, and what a plan may do about them. ``None``: as in ``balanced``."""

    profile_name: str
    """Letters, digits, ``_`` and ``-``, at most 64."""
    cpu_threshold: float
    """CPU use of the machine, percent."""
    memory_threshold: float
    """Memory use, percent of the machine or of the own limit."""
    disk_threshold: float
    """Space or inodes of a file system in use, percent."""
    network_threshold: float
    """Traffic of an interface, percent of its speed."""
    optimization_rules: list[dict[str, Any]]
    """What may be planned: ``type``, ``action``, ``threshold`` and ``priority`` each."""
    auto_optimize: bool
    """Acts by itself."""
    created_at: float
    """When it was made, Unix seconds."""

    pressure_threshold: float | None = _extra()
    """Waiting of others from which on a busy resource is a problem, percent."""
    process_cpu_threshold: float | None = _extra()
    """CPU of one process, percent of one core."""
    process_memory_threshold: float | None = _extra()
    """Memory of one process, percent of the machine."""
    protected: list[str] | None = _extra()
    """Programs and units that are never touched, besides the built-in ones."""
    foreground: list[str] | None = _extra()
    """Programs in whose favour a plan acts: never culprits."""
    allowed_risk: str | None = _extra()
    """Most risk that a plan may hold."""
    built_in: bool = _extra(False)
    """It comes with the library and can't be deleted."""
