"""The optimizer, with the prototype's names."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unified_system_monitor import IntegrationConfig, MonitorError, UnifiedSystemMonitor
from unified_system_monitor import _lifecycle as lifecycle
from unified_system_monitor import _native as native

from . import _convert as convert
from ._identity import native_scope, refused
from ._inside import Inside
from ._records import OptimizationAction, OptimizationTarget
from ._results import action_id_of, report_with, undone
from ._run import drive

if TYPE_CHECKING:
    import os
    from types import TracebackType

    from typing_extensions import Self

    from ._identity import Scope
    from ._run import Cancel, Progress

_OWN_KEYS = ("optimization_dir", "optimization_threshold")


class PerformanceOptimizer(Inside):
    """Finds what is wrong on this host, plans, acts, measures, and takes back what did not help.

    Nothing is changed unless you ask for it: :meth:`execute_optimization_actions` is in demo
    mode by default. Every method may be called from any thread. Use it as a context manager,
    or call :meth:`close`: that takes back what was changed, unless ``rollback_on_close`` is
    off. After ``os.fork()`` the child's copy raises ``ForkedError``: make a new one there.
    """

    _native: native.Optimizer | None = None
    """The engine; ``None`` only when making it failed."""

    def __init__(
        self,
        config: dict[str, Any] | None = None,
        *,
        monitor: UnifiedSystemMonitor | None = None,
        scope: Scope | None = None,
        profile: str | None = None,
        data_dir: str | os.PathLike[str] | None = None,
        **settings: Any,
    ) -> None:
        """Make an optimizer; with a ``monitor`` it uses that one's states.

        ``config`` holds the prototype's keys (``optimization_dir`` and
        ``optimization_threshold`` are kept and otherwise not used) and any setting; so does
        ``settings``, which goes first. ``scope`` is what may be touched: ``'machine'``,
        ``'user'``, ``('user', uid)``, ``('subtree', pid)``, ``('cgroup', path)`` or
        ``('list', [pids])``; by default the processes of the user that runs this program.
        """
        if monitor is not None and not isinstance(monitor, UnifiedSystemMonitor):
            found = type(monitor).__name__
            raise TypeError(f"monitor must be a UnifiedSystemMonitor or None, not {found}")
        super().__init__()
        known = native.optimizer_settings()
        for name in settings:
            if name not in known:
                names = ", ".join(known)
                raise TypeError(f"unexpected setting {name!r}; there are {names}")
        if config is not None and not isinstance(config, dict):
            raise TypeError(f"config must be a dict or None, not {type(config).__name__}")
        self.config: dict[str, Any] = {} if config is None else config
        """The very dict that was given."""
        self.optimization_dir: str = self.config.get("optimization_dir", "optimizations")
        """As in the prototype; nothing is written there."""
        self.optimization_threshold: float = self.config.get("optimization_threshold", 0.8)
        """As in the prototype; thresholds are those of the profile in force."""
        self.optimization_history: list[dict[str, Any]] = []
        """What each execution of this optimizer came to, newest last."""
        self.max_history_size = 100
        """Most entries of ``optimization_history``."""
        self._monitor = monitor
        base = IntegrationConfig.layered() if monitor is None else monitor.config
        self._proc = base.proc_root
        wanted = {
            name: value for name, value in self.config.items() if name not in _OWN_KEYS
        } | settings
        named = {"scope": scope, "profile": profile, "data_dir": data_dir}
        wanted |= {name: value for name, value in named.items() if value is not None}
        wanted["scope"] = native_scope(wanted.get("scope"), self._proc)
        attached = None if monitor is None else monitor._engine
        self._native = native.Optimizer(wanted, vars(base), attached)
        lifecycle.opened(self)

    # Life.

    def close(self) -> None:
        """Take back what was changed and end everything; closing twice does no harm.

        An execution that is in progress on another thread is cancelled.
        """
        engine = self._native
        if engine is None or engine.closed:
            return
        try:
            engine.close()
        finally:
            lifecycle.closed(self)
            own, self._own_monitor = self._own_monitor, None
            if own is not None:
                own.close()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._native is None or self._native.closed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<PerformanceOptimizer {'closed' if self.closed else 'open'}>"

    # What is wrong, and what could be done.

    def analyze_system_performance(self) -> list[OptimizationTarget]:
        """Return what is wrong now, most urgent first; empty when nothing is.

        A host that can't be sampled is an exception, never an empty list.
        """
        return [convert.target_of(found) for found in self._engine.analyze()]

    def generate_optimization_plan(
        self, targets: Iterable[OptimizationTarget]
    ) -> list[OptimizationAction]:
        """Return what could be done, in the order in which it should be. Nothing is changed.

        Targets may be changed or made by hand. One made by hand that names no culprits gets
        those of a fresh analysis.
        """
        wanted = [convert.native_target(target, self._proc) for target in targets]
        unsaid = [
            target
            for target in wanted
            if not target["id"]
            and not target["culprits"]
            and target["target_type"] in ("cpu", "memory")
        ]
        if unsaid:
            found = self._engine.analyze()
            for target in unsaid:
                same = (t for t in found if t["target_type"] == target["target_type"])
                target["culprits"] = next((t["culprits"] for t in same), [])
        return [convert.action_of(action) for action in self._engine.plan(wanted)]

    # Acting.

    def execute_optimization_actions(
        self,
        actions: Iterable[OptimizationAction],
        *,
        dry_run: bool = True,
        allow_risk: str | None = None,
        verify: bool = True,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> dict[str, Any]:
        """Do the actions, or by default only say what would be done.

        For real each is measured before and after, and taken back if it did not help, unless
        ``verify`` is off. ``allow_risk`` is the most risk accepted (``'low'``, ``'medium'``,
        ``'high'``; by default what the profile allows). ``progress`` is called on this thread
        with a dict of ``stage``, ``what``, ``done`` and ``total``. ``cancel`` is a
        ``threading.Event`` or the like: once set, what has not begun is left undone, and what
        waits for its verdict is taken back. So it is when ``progress`` raises, and on Ctrl-C.
        """
        engine, given = self._engine, list(actions)
        failures: dict[int, Exception] = {}
        wanted: list[dict[str, Any]] = []
        for place, action in enumerate(given):
            try:
                wanted.append(convert.native_action(action))
            except MonitorError as error:
                failures[place] = error
        if not dry_run and any(action["action_type"] == "cleanup_memory" for action in wanted):
            # What Python itself can let go comes before the heap is given back.
            gc.collect()
        run = engine.execute(
            wanted,
            dry_run=dry_run,
            allow_risk=allow_risk,
            verify=verify,
            progress=progress is not None,
        )
        report = report_with(drive(run, progress, cancel), given, failures)
        with self._lock:
            self.optimization_history.append(report)
            surplus = len(self.optimization_history) - self.max_history_size
            del self.optimization_history[: max(0, surplus)]
        return report

    def rollback(
        self, action: OptimizationAction | dict[str, Any] | int | None = None
    ) -> list[dict[str, Any]]:
        """Take back what one action (or its id, or its result) has changed; ``None``: all.

        A value that somebody else has changed since is left alone, and that is told.
        """
        wanted = None if action is None else action_id_of(action)
        return [undone(change) for change in self._engine.rollback(wanted)]

    @property
    def auto_optimize(self) -> bool:
        """Acts by itself, as the profile allows; assign to it to begin or end that."""
        return not self.closed and bool(self._engine.status()["auto_optimize"])

    @auto_optimize.setter
    def auto_optimize(self, on: bool) -> None:
        self._engine.set_auto_optimize(bool(on))

    def halt(self) -> list[dict[str, Any]]:
        """End auto-optimization, take everything back, and forbid every change from now on.

        It holds for every optimizer of this data folder, until :meth:`resume`.
        """
        return [undone(change) for change in self._engine.halt(True)]

    def resume(self) -> None:
        """Allow changes again after :meth:`halt`."""
        self._engine.halt(False)

    def set_scope(self, scope: Scope | None) -> None:
        """Change what may be touched from now on; ``None`` for the default."""
        self._engine.set_scope(native_scope(scope, self._proc))

    # Disk.

    def cleanup_preview(
        self, progress: Progress | None = None, cancel: Cancel | None = None
    ) -> dict[str, Any]:
        """Return what ``cleanup_disk`` would put aside, rule by rule; nothing is changed."""
        run = self._engine.cleanup_preview(progress is not None)
        preview: dict[str, Any] = drive(run, progress, cancel)
        return preview

    def quarantines(self) -> list[dict[str, Any]]:
        """Return what ``cleanup_disk`` has put aside, newest first.

        Each holds the ``action_id`` whose rollback restores it.
        """
        return [{"action_id": row, **held} for row, held in self._engine.quarantines()]

    def growth(
        self,
        folder: str | os.PathLike[str],
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> dict[str, Any]:
        """Measure a folder and return which folders in it have ``grown`` since.

        Most growth first, with ``before_bytes`` and ``after_bytes``; the first look at a folder
        gives none, and ``since`` is ``None``.
        """
        run = self._engine.growth(Path(folder).absolute(), progress is not None)
        growth: dict[str, Any] = drive(run, progress, cancel)
        return growth

    # Asking.

    def history(self, limit: int = 100) -> list[dict[str, Any]]:
        """Return the newest entries of the stored history, newest first."""
        if limit < 0:
            raise refused("limit", limit, "0 or more")
        return self._engine.history(limit)

    def explain(self, action: OptimizationAction | dict[str, Any] | int) -> dict[str, Any]:
        """Return all about one action (or its id, or its result): why, what, before, after."""
        return self._engine.explain(action_id_of(action))

    def status(self) -> dict[str, Any]:
        """Return how it stands: changes in force, profile, scope, the last decision."""
        return self._engine.status()

    def facts(self) -> dict[str, Any]:
        """Return what decides here whether a lever can work."""
        return self._engine.facts()

    def settings(self) -> dict[str, Any]:
        """Return the settings."""
        return self._engine.settings()

    @property
    def optimizer_db(self) -> str:
        """Path of ``performance_optimizer.db``."""
        return str(self._engine.database())

    @property
    def console(self) -> Any:
        """A rich console, or ``None`` where rich is not installed."""
        from unified_system_monitor._display import console

        return console()

    def display_optimization_status(self) -> None:
        """Print CPU, memory and disk beside the thresholds of the profile in force."""
        from ._display import display

        display(self)

    # Private.

    def _end_callbacks(self, _patience: float) -> None:
        """Serve the end of the interpreter: an optimizer has no callbacks' thread."""
