"""One process of a sample."""

from __future__ import annotations

from typing import NamedTuple


class Process(NamedTuple):
    """A process as it was when the sample was read; what can't be read is ``None``.

    Its identity is (``pid``, ``start_time_ticks``). Rates are ``None`` until it has been seen
    in two samples.
    """

    pid: int
    """Process id."""
    parent_pid: int
    """Parent's process id; 0 for the first processes."""
    name: str
    """Name of the program, control characters escaped."""
    user: str | None
    """User name."""
    uid: int | None
    """Effective user id."""
    state: str
    """running, sleeping, disk_sleep, zombie, stopped, tracing, idle, dead or other."""
    cpu_core_percent: float | None
    """CPU time of one core, 0 to 100 times the cores, as ``top`` shows it."""
    cpu_machine_percent: float | None
    """CPU time of the whole machine, 0 to 100."""
    cpu_seconds_total: float
    """User and system time since its start."""
    rss_bytes: int
    """Resident memory."""
    memory_percent: float | None
    """Resident memory, percent of the machine's."""
    threads: int | None
    """Threads."""
    nice: int | None
    """Nice value, -20 to 19."""
    start_time_seconds: float | None
    """Start, Unix seconds."""
    start_time_ticks: int
    """Start in clock ticks after boot."""
    major_faults_total: int
    """Page faults that needed a disk, since its start."""
    read_bytes_total: int | None
    """Bytes read from storage since its start; ``None`` without permission."""
    write_bytes_total: int | None
    """Bytes sent to storage since its start."""
    read_bytes_per_sec: float | None
    """Bytes read from storage per second."""
    write_bytes_per_sec: float | None
    """Bytes sent to storage per second."""
    command_line: str | None
    """Command line with secrets masked; ``None`` for kernel threads."""
    cgroup: str | None
    """Control group."""
    is_kernel_thread: bool
    """A thread of the kernel."""
    pss_bytes: int | None
    """Proportional set size; only for the top ones, see ``process_extra_count``."""
    open_files: int | None
    """Open file descriptors; only for the top ones."""
