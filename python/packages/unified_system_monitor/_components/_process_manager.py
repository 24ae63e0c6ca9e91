"""``AdvancedProcessManager``: processes by the prototype's names, and acts on one of them."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

from .._errors import MonitorError
from .._when import refused
from . import _process_tree as tree
from . import _tables
from ._component import Component
from ._metric_names import known_number
from ._process_acts import Acts
from ._process_values import ProcessAction, ProcessInfo, info_of

if TYPE_CHECKING:
    from .._processes import Process

_USUAL = {
    "kill_timeout": 5.0,
    "suspend_timeout": 3.0,
    "max_processes": 1000.0,
    "cpu_threshold": 80.0,
    "memory_threshold": 10.0,
    "io_threshold": 1_000_000.0,
    "lease_seconds": 3600.0,
}
_AGGRESSIVE = {"cpu_threshold": 50.0, "memory_threshold": 5.0}
_SHORT = 200
"""A list of so many processes has their open files, which are read for each."""
_MOST_KEPT = 1000
_FRESH_SECONDS = 1.0
"""Where nobody monitors, a sample younger than this serves another question."""
_ORDERS = ("cpu", "memory", "memory_mb", "threads", "age")


class AdvancedProcessManager(Component):
    """Lists processes, and kills, suspends, resumes and restarts one on request.

    Every act goes through the optimizer's narrow door: the process is the one that has the pid
    at the call, and what is protected (the system's own, this program, its ancestors) is
    refused. An act raises nothing: what went wrong is in its ``error_message``.

    ``config``: ``kill_timeout`` (seconds from SIGTERM to SIGKILL), ``cpu_threshold`` and
    ``memory_threshold`` (percent), ``lease_seconds`` (after which a suspended process goes on by
    itself, at most an hour). ``max_processes``, ``suspend_timeout`` and ``io_threshold`` are
    kept as in the prototype and otherwise not used: all processes are looked at.
    """

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        super().__init__(None, config)
        values = {name: self._setting(name, usual) for name, usual in _USUAL.items()}
        self.kill_timeout = values["kill_timeout"]
        """Seconds that SIGTERM gets before SIGKILL follows."""
        self.suspend_timeout = values["suspend_timeout"]
        """As in the prototype; not used."""
        self.max_processes = int(values["max_processes"])
        """As in the prototype; not used."""
        self.cpu_threshold = values["cpu_threshold"]
        """Percent of one core above which a process is a hog."""
        self.memory_threshold = values["memory_threshold"]
        """Percent of the memory above which a process is a hog."""
        self.io_threshold = values["io_threshold"]
        """As in the prototype; not used."""
        self.action_history: list[ProcessAction] = []
        """What was done, newest last; the last thousand."""
        self.lease_seconds = values["lease_seconds"]
        """Seconds after which a suspended process goes on by itself, at most 3600."""
        self._acts = Acts()
        self._restarted: list[subprocess.Popen[bytes]] = []

    def close(self) -> None:
        """End what acts; lists may still be asked for. Closing twice does no harm."""
        self._acts.close()

    # Looking.

    def get_process_info(self, pid: int) -> ProcessInfo | None:
        """Return one process, or ``None`` when there is none of that pid."""
        for is_new in (False, True):
            processes = self._processes(is_new)
            found = next((process for process in processes if process.pid == pid), None)
            if found is not None:
                return self._infos([found], processes)[0]
        return None

    def get_top_processes(self, limit: int = 20, sort_by: str = "cpu") -> list[ProcessInfo]:
        """Return the first ``limit`` by cpu, memory, memory_mb, threads or age."""
        if sort_by not in _ORDERS:
            raise refused("sort_by", sort_by, f"one of {', '.join(_ORDERS)}")
        processes = self._processes()
        chosen = sorted(processes, key=lambda process: _key(process, sort_by))
        return self._infos(chosen[: max(0, limit)], processes)

    def find_resource_hogs(
        self, cpu_threshold: float | None = None, memory_threshold: float | None = None
    ) -> list[ProcessInfo]:
        """Return processes with more CPU or more memory than a threshold, most CPU first."""
        processes = self._processes()
        return self._infos(self._hogs(processes, cpu_threshold, memory_threshold), processes)

    def get_process_tree(self, root_pid: int = 1, max_depth: int = 3) -> Any:
        """Return a process and its descendants as a rich ``Tree``.

        ``None`` without rich or without such a process; :meth:`process_tree_lines` needs none.
        """
        return tree.rich_tree(self._processes(), root_pid, max_depth)

    def process_tree_lines(self, root_pid: int = 1, max_depth: int = 3) -> list[str]:
        """Return a process and its descendants as lines of text; none without such a process."""
        return tree.lines(self._processes(), root_pid, max_depth)

    def get_system_summary(self) -> dict[str, Any]:
        """Return how many processes there are, and what they use together."""
        processes = self._processes()
        cpu = [p.cpu_core_percent for p in processes if p.cpu_core_percent is not None]
        memory = [p.memory_percent for p in processes if p.memory_percent is not None]
        return {
            "total_processes": len(processes),
            "running_processes": sum(p.state == "running" for p in processes),
            "sleeping_processes": sum(p.state == "sleeping" for p in processes),
            "total_cpu_percent": sum(cpu),
            "total_memory_percent": sum(memory),
            "total_memory_mb": sum(p.rss_bytes for p in processes) / 1024.0**2,
            "resource_hogs_count": len(self._hogs(processes, None, None)),
            "action_history_count": len(self.action_history),
        }

    # Acting.

    def kill_process(self, pid: int, force: bool = False) -> ProcessAction:
        """End a process: SIGTERM, and SIGKILL after ``kill_timeout``; ``force``: at once.

        ``success`` means that it has ended.
        """
        return self._noted(self._try("kill", pid, lambda: self._kill(pid, force)))

    def suspend_process(self, pid: int) -> ProcessAction:
        """Stop a process until :meth:`resume_process`, at most for ``lease_seconds``."""
        return self._noted(self._try("suspend", pid, lambda: self._suspend(pid)))

    def resume_process(self, pid: int) -> ProcessAction:
        """Let a process go on that was suspended, whoever has done it."""
        return self._noted(self._try("resume", pid, lambda: self._acts.resume(self._monitor, pid)))

    def restart_process(self, pid: int) -> ProcessAction:
        """End a process and start its program again, with the same arguments and folder.

        The new one is a child of this program, has its environment, and no terminal. It is
        refused for what another program looks after (a service of systemd): restart that there.
        """
        return self._noted(self._try("restart", pid, lambda: self._restart(pid)))

    def optimize_resources(
        self, aggressive: bool = False, *, dry_run: bool = True
    ) -> list[ProcessAction]:
        """Suspend the hogs among this user's processes; ``aggressive``: kill them.

        By default nothing is done, and ``error_message`` says what would be. ``aggressive``
        takes 50 % CPU and 5 % memory for the thresholds. ``PerformanceOptimizer`` is gentler:
        it measures whether an act helps, and takes back what did not.
        """
        limits = _AGGRESSIVE if aggressive else {}
        processes = self._processes()
        mine = os.geteuid()
        done = []
        for hog in self._hogs(processes, **limits):
            if hog.uid != mine or hog.is_kernel_thread:
                continue
            action = self._try(
                "kill" if aggressive else "suspend",
                hog.pid,
                self._relief(hog.pid, aggressive, dry_run),
            )
            words = "Aggressive" if aggressive else "Resource"
            usage = f"CPU: {_percent(hog.cpu_core_percent)}, MEM: {_percent(hog.memory_percent)}"
            action.reason = f"{words} optimization: {hog.name} ({usage})"
            done.append(self._noted(action))
        return done

    # Showing.

    def display_processes(self, processes: list[ProcessInfo], title: str = "Process List") -> None:
        """Print processes as a table."""
        number = _tables.number
        rows = (
            (
                process.pid,
                process.name[:20],
                process.status,
                number(process.cpu_percent),
                number(process.memory_percent),
                number(process.memory_mb),
                process.num_threads,
                process.username[:10],
            )
            for process in processes
        )
        head = ("PID", "Name", "Status", "CPU %", "Memory %", "Memory MB", "Threads", "User")
        _tables.show(title, head, rows)

    def display_process_tree(self, root_pid: int = 1) -> None:
        """Print a process and its descendants."""
        found = self.get_process_tree(root_pid)
        if found is not None:
            self.console.print(found)
            return
        lines = self.process_tree_lines(root_pid)
        print("\n".join(lines) if lines else f"There is no process {root_pid}")

    def display_action_history(self) -> None:
        """Print the last twenty acts."""
        if not self.action_history:
            print("No actions performed yet")
            return
        rows = (
            (
                time.strftime("%H:%M:%S", time.localtime(action.timestamp)),
                action.pid,
                action.action,
                action.reason,
                "SUCCESS" if action.success else "FAILED",
                action.error_message or "",
            )
            for action in self.action_history[-20:]
        )
        head = ("Time", "PID", "Action", "Reason", "Status", "Error")
        _tables.show("Process Action History", head, rows)

    # Private.

    def _setting(self, name: str, usual: float) -> float:
        value = known_number(self.config.get(name, usual))
        if value is None or value < 0:
            raise refused(name, self.config.get(name), "a number, 0 or more")
        return value

    def _processes(self, is_new: bool = False) -> list[Process]:
        """Return the processes of the newest sample; one is taken where nobody monitors."""
        monitor = self._monitor
        age = time.time() - monitor.current_state.timestamp
        has_sample = monitor.current_state.metrics is not None
        if (
            is_new
            or not has_sample
            or (not monitor.monitoring_active and not 0 <= age < _FRESH_SECONDS)
        ):
            monitor.collect()
        return monitor.processes()

    def _infos(self, chosen: list[Process], processes: list[Process]) -> list[ProcessInfo]:
        children = tree.children_of(processes)
        folder = self._monitor.config.proc_root
        has_files = len(chosen) <= _SHORT
        return [
            info_of(
                process,
                children.get(process.pid, []),
                _open_files(folder, process) if has_files else process.open_files,
            )
            for process in chosen
        ]

    def _hogs(
        self,
        processes: list[Process],
        cpu_threshold: float | None = None,
        memory_threshold: float | None = None,
    ) -> list[Process]:
        cpu = self.cpu_threshold if cpu_threshold is None else cpu_threshold
        memory = self.memory_threshold if memory_threshold is None else memory_threshold
        hogs = [
            process
            for process in processes
            if (process.cpu_core_percent or 0.0) > cpu or (process.memory_percent or 0.0) > memory
        ]
        return sorted(hogs, key=lambda process: _key(process, "cpu"))

    def _kill(self, pid: int, force: bool, dry_run: bool = False) -> ProcessAction:
        grace = None if force else self.kill_timeout
        return self._acts.kill(self._monitor, pid, grace, dry_run=dry_run)

    def _suspend(self, pid: int, dry_run: bool = False) -> ProcessAction:
        return self._acts.suspend(self._monitor, pid, self.lease_seconds, dry_run)

    def _relief(self, pid: int, aggressive: bool, dry_run: bool) -> Any:
        if aggressive:
            return lambda: self._kill(pid, True, dry_run)
        return lambda: self._suspend(pid, dry_run)

    def _restart(self, pid: int) -> ProcessAction:
        from ._process_restart import ProgramOf

        action = ProcessAction(pid, "restart", "User request", time.time(), False, None)
        identity = self._acts.identity(self._monitor, pid)
        # Before its program is looked at, which is told better by why it may not be ended.
        refusal = self._acts.refusal(self._monitor, identity)
        if refusal is not None:
            action.error_message = refusal
            return action
        program = ProgramOf(identity, self._monitor.config.proc_root)
        killed = self._acts.kill(self._monitor, identity, self.kill_timeout)
        if not killed.success:
            action.error_message = f"it was not ended: {killed.error_message}"
            return action
        # Those that were started earlier and have ended leave nothing behind.
        self._restarted = [child for child in self._restarted if child.poll() is None]
        child = program.start()
        self._restarted.append(child)
        action.success = True
        action.reason = f"Process killed and its program started again as pid {child.pid}"
        return action

    def _try(self, what: str, pid: int, act: Any) -> ProcessAction:
        try:
            done: ProcessAction = act()
        except (MonitorError, OSError, ValueError, TypeError) as error:
            return ProcessAction(pid, what, "User request", time.time(), False, str(error))
        return done

    def _noted(self, action: ProcessAction) -> ProcessAction:
        self.action_history.append(action)
        del self.action_history[:-_MOST_KEPT]
        return action


def _open_files(proc_root: str, process: Process) -> int | None:
    """Count them here: the engine's own count comes with a size that is dear to read."""
    if process.open_files is not None:
        return process.open_files
    try:
        return len(os.listdir(f"{proc_root}/{process.pid}/fd"))  # noqa: PTH208
    except OSError:
        # It has ended meanwhile, or is none of ours.
        return None


def _key(process: Process, order: str) -> tuple[bool, float, int]:
    """Make what sorts the largest first (``age``: the oldest), and what is not known last."""
    value: float | None
    if order == "cpu":
        value = process.cpu_core_percent
    elif order == "memory":
        value = process.memory_percent
    elif order == "memory_mb":
        value = process.rss_bytes
    elif order == "threads":
        value = process.threads
    else:
        value = -process.start_time_ticks
    return value is None, -(value or 0.0), process.pid


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}%"
