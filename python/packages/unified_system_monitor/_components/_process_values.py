"""Processes and acts on them in the prototype's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._values import Value, dataclass

if TYPE_CHECKING:
    from .._processes import Process

_STATES = {"disk_sleep": "disk-sleep", "tracing": "tracing-stop"}
_NOT_A_NUMBER = float("nan")
_MIB = 1024.0**2


@dataclass
class ProcessInfo(Value):
    """A process as the newest sample has it."""

    pid: int
    """Process id."""
    name: str
    """Name of its program."""
    status: str
    """running, sleeping, disk-sleep, stopped, tracing-stop, zombie, idle, dead or other."""
    cpu_percent: float
    """CPU time of one core, percent; NaN until it was seen in two samples."""
    memory_percent: float
    """Resident memory, percent of the machine's; NaN when that is not known."""
    memory_mb: float
    """Resident memory, MiB."""
    num_threads: int | None
    """Threads; ``None`` when they can't be read."""
    create_time: float | None
    """Start, Unix seconds."""
    parent_pid: int | None
    """Process id of its parent; ``None`` for the first processes."""
    children: list[int]
    """Process ids of its children."""
    cmdline: list[str]
    """Words of its command line with secrets masked; none for a thread of the kernel."""
    username: str
    """User name, or the user's number, or nothing when neither can be read."""
    nice: int | None
    """Nice value."""
    io_counters: dict[str, int] | None
    """``read_bytes`` and ``write_bytes`` since its start; ``None`` without permission."""
    num_fds: int | None
    """Open file descriptors; ``None`` without permission, and in long lists."""


@dataclass
class ProcessAction(Value):
    """What was done to a process, or why it was not."""

    pid: int
    """Process id."""
    action: str
    """kill, suspend, resume or restart."""
    reason: str
    """What was done and why, in words."""
    timestamp: float
    """When, Unix seconds."""
    success: bool
    """It was done."""
    error_message: str | None
    """Why not."""


def info_of(process: Process, children: list[int], num_fds: int | None) -> ProcessInfo:
    """Make the prototype's form of a process."""
    read, written = process.read_bytes_total, process.write_bytes_total
    counters = (
        None if read is None or written is None else {"read_bytes": read, "write_bytes": written}
    )
    uid = "" if process.uid is None else str(process.uid)
    return ProcessInfo(
        pid=process.pid,
        name=process.name,
        status=_STATES.get(process.state, process.state),
        cpu_percent=_known(process.cpu_core_percent),
        memory_percent=_known(process.memory_percent),
        memory_mb=process.rss_bytes / _MIB,
        num_threads=process.threads,
        create_time=process.start_time_seconds,
        parent_pid=process.parent_pid or None,
        children=children,
        cmdline=(process.command_line or "").split(),
        username=process.user or uid,
        nice=process.nice,
        io_counters=counters,
        num_fds=num_fds,
    )


def _known(value: Any) -> float:
    return _NOT_A_NUMBER if value is None else float(value)
