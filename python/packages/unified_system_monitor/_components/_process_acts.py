"""Acts on one process through the optimizer: protected ones are refused, identities kept."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from .._errors import InvalidStateError, MonitorError, NotFoundError
from ._process_values import ProcessAction

if TYPE_CHECKING:
    from collections.abc import Callable

    from performance_optimizer import PerformanceOptimizer, ProcessId

    from .._monitor import UnifiedSystemMonitor

_MOST_PER_MINUTE = 600
_RESUMED = {"restored": "Process resumed", "unchanged": "It was running already"}
_KINDS = {"kill": "kill_process", "suspend": "suspend_process"}


class Acts:
    """What acts; an optimizer of its own is made with the first act."""

    def __init__(self) -> None:
        self._through: Callable[[], PerformanceOptimizer | None] | None = None
        self._own: tuple[UnifiedSystemMonitor, PerformanceOptimizer] | None = None
        self._making = threading.Lock()

    def act_through(self, optimizer: Callable[[], PerformanceOptimizer | None]) -> None:
        """Act through an optimizer that there is, within its scope."""
        self._through = optimizer

    def kill(
        self,
        monitor: UnifiedSystemMonitor,
        process: int | ProcessId,
        grace_seconds: float | None,
        *,
        dry_run: bool = False,
    ) -> ProcessAction:
        """SIGTERM, then SIGKILL after so many seconds; ``None``: by force, at once."""
        grace = grace_seconds or 0.0

        def lever(process: dict[str, int]) -> dict[str, Any]:
            ending = {"process": process, "grace_seconds": grace, "may_kill": True}
            return {"terminate": ending}

        action = self._act(monitor, process, "kill", lever, dry_run)
        if action.success:
            by_force = "SIGKILL" in action.reason
            action.reason = (
                "Force killed"
                if grace_seconds is None
                else "Force killed after timeout"
                if by_force
                else "Gracefully terminated"
            )
        return action

    def suspend(
        self, monitor: UnifiedSystemMonitor, pid: int, lease_seconds: float, dry_run: bool
    ) -> ProcessAction:
        """SIGSTOP with a lease."""

        def lever(process: dict[str, int]) -> dict[str, Any]:
            return {"stop": {"process": process, "lease_seconds": lease_seconds}}

        action = self._act(monitor, pid, "suspend", lever, dry_run)
        if action.success:
            action.reason = f"Process suspended for at most {lease_seconds:g} s"
        return action

    def resume(self, monitor: UnifiedSystemMonitor, pid: int) -> ProcessAction:
        """Let it go on, whoever has stopped it."""
        action = ProcessAction(pid, "resume", "User request", time.time(), False, None)
        try:
            optimizer = self._optimizer(monitor)
            process = optimizer._identity(pid)
            undone = optimizer._engine.resume_process(process._asdict())
        except (MonitorError, ValueError, TypeError, OSError) as error:
            action.error_message = str(error)
            return action
        if isinstance(undone, dict):
            # Left as it was, and why.
            action.error_message = str(next(iter(undone.values())))
        elif undone in _RESUMED:
            action.success, action.reason = True, _RESUMED[undone]
        else:
            action.error_message = f"it can't go on: {undone}"
        return action

    def refusal(self, monitor: UnifiedSystemMonitor, process: ProcessId) -> str | None:
        """Return why a process may not be ended; ``None`` when it may."""
        optimizer = self._optimizer(monitor)
        ending = {"process": process._asdict(), "grace_seconds": 0.0, "may_kill": True}
        detail = optimizer._act_on("kill_process", process, {"terminate": ending}, dry_run=True)
        why: str | None = detail["error"]
        return why

    def identity(self, monitor: UnifiedSystemMonitor, pid: int) -> ProcessId:
        """Return who has a pid now; ``NotFoundError`` when nobody has."""
        return self._optimizer(monitor)._identity(pid)

    def close(self) -> None:
        """End the optimizer; what it has suspended goes on when its lease ends."""
        own, self._own = self._own, None
        if own is not None:
            own[1].close()

    def _act(
        self,
        monitor: UnifiedSystemMonitor,
        whom: int | ProcessId,
        what: str,
        lever: Callable[[dict[str, int]], dict[str, Any]],
        dry_run: bool,
    ) -> ProcessAction:
        pid = whom[0] if isinstance(whom, tuple) else whom
        action = ProcessAction(pid, what, "User request", time.time(), False, None)
        try:
            optimizer = self._optimizer(monitor)
            process = optimizer._identity(whom)
            detail = optimizer._act_on(
                _KINDS[what], process, lever(process._asdict()), dry_run=dry_run
            )
        except NotFoundError:
            action.error_message = f"there is no process {pid}"
        except (MonitorError, ValueError, TypeError, OSError) as error:
            action.error_message = str(error)
        else:
            action.success = bool(detail["success"])
            done = "; ".join(detail["changes"]) or detail["reason"]
            action.reason = done
            if not action.success:
                action.reason, action.error_message = "User request", detail["error"]
            elif dry_run:
                action.success = False
                action.error_message = f"demo mode, nothing was changed; it would {done}"
        return action

    def _optimizer(self, monitor: UnifiedSystemMonitor) -> PerformanceOptimizer:
        if self._through is not None:
            through = self._through()
            if through is None:
                raise InvalidStateError("the optimizer that this belongs to is no more")
            return through
        # A forked child is told so, before a lock that the parent may have held.
        monitor._engine.check_process()
        with self._making:
            if self._own is not None:
                of, optimizer = self._own
                if of is monitor and not optimizer.closed:
                    return optimizer
                optimizer.close()
            from performance_optimizer import PerformanceOptimizer

            optimizer = PerformanceOptimizer(
                monitor=monitor,
                # Who names a process means that one. What is protected stays so.
                scope="machine",
                max_actions_per_minute=_MOST_PER_MINUTE,
                # A process that was suspended stays so when the program that did it ends.
                rollback_on_close=False,
            )
            # A profile that acts by itself is none of this object's.
            optimizer.auto_optimize = False
            self._own = (monitor, optimizer)
            return optimizer
