"""The prototype's inner attributes and methods, which scripts and its own tests reach into.

Each does the real thing through the engine. What fails is told: to the caller by an exception,
or where the prototype returned all the same, to ``sys.unraisablehook`` and to the database.
"""

from __future__ import annotations

from _thread import allocate_lock

from . import _native
from ._callbacks import _call
from ._errors import InvalidStateError, TimedOutError
from ._judging import Judging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor
    from typing import Any

    from ._components import AdvancedProcessManager, ExportReporting, SystemMonitor
    from ._live import Cache, CacheTimestamps, StateHistory
    from ._monitor import UnifiedSystemMonitor
    from ._records import SystemState

_NOT_A_NUMBER = float("nan")


class Inside(Judging):
    """What the prototype's monitor held in attributes of its own."""

    _seen_history: tuple[int, int, list[SystemState]] | None = None
    """Number of the newest state, most states, and the states, at the last look."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, float]] = {}
        """What scripts have put into the cache, and when."""
        self._hidden: dict[str, int] = {}
        """Parts of the cache that were deleted, and in which state."""
        self._pool: ThreadPoolExecutor | None = None
        self._pool_threads = 0
        self._pool_lock = allocate_lock()

    @property
    def _whole(self) -> UnifiedSystemMonitor:
        """Return this object as what it is."""
        return self  # type: ignore[return-value]

    # Attributes.

    @property
    def state_history(self) -> StateHistory:
        """The states of the recent past, oldest first, at most ``max_history_size``.

        A live view that reads as a list does; the engine alone adds to it.
        """
        from ._live import StateHistory

        self._engine.check_process()
        return StateHistory(self._whole)

    @property
    def cache(self) -> Cache:
        """What needs not be computed again; a live view, and ``clear()`` works."""
        from ._live import Cache

        self._engine.check_process()
        return Cache(self._whole)

    @property
    def cache_timestamps(self) -> CacheTimestamps:
        """When each value of ``cache`` was computed, Unix seconds; a live view."""
        from ._live import CacheTimestamps

        return CacheTimestamps(self.cache)

    @property
    def thread_pool(self) -> ThreadPoolExecutor:
        """Threads for a program's own work, ``max_threads`` of them, made when first asked for.

        The engine has its own. When ``max_threads`` changes the next look gives another pool,
        and what was submitted to the old one is still done. Closing the monitor ends it: what
        has not begun is cancelled.
        """
        self._engine.check_process()
        if self._engine.closed:
            raise InvalidStateError("the monitor is closed")
        from concurrent.futures import ThreadPoolExecutor

        threads = self._whole._config.max_threads
        with self._pool_lock:
            if self._pool is None or self._pool_threads != threads:
                former = self._pool
                self._pool = ThreadPoolExecutor(threads, thread_name_prefix="usm-pool")
                self._pool_threads = threads
                if former is not None:
                    former.shutdown(wait=False)
            return self._pool

    # The prototype's components that are not the judgement's.

    @property
    def system_monitor(self) -> SystemMonitor:
        """The component that samples."""
        made: SystemMonitor = self._component("SystemMonitor")
        return made

    @property
    def process_manager(self) -> AdvancedProcessManager:
        """The processes, by the prototype's names: lists, tree, and acts on one of them."""
        made: AdvancedProcessManager = self._component("AdvancedProcessManager")
        return made

    @property
    def export_reporter(self) -> ExportReporting:
        """Exports and reports as files, by the prototype's names."""
        made: ExportReporting = self._component("ExportReporting")
        return made

    def _end_components(self) -> None:
        """End what acts through this monitor, before it."""
        manager = (self._made or {}).get("AdvancedProcessManager")
        if manager is not None:
            manager.close()

    def _end_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    # Reports.

    def _get_component_status(self) -> dict[str, str]:
        return {row["name"]: row["status"] for row in self._engine.component_status()}

    def _get_performance_metrics(self) -> dict[str, Any]:
        metrics: dict[str, Any] = self._engine.report()["performance_metrics"]
        return metrics

    def _get_alerts_summary(self) -> dict[str, int]:
        summary: dict[str, int] = self._engine.report()["alerts_summary"]
        return summary

    def _get_predictions_summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = self._engine.report()["predictions"]
        return summary

    def _get_insights_summary(self) -> dict[str, int]:
        summary: dict[str, int] = self._engine.report()["insights"]
        return summary

    def _generate_comprehensive_recommendations(self) -> list[str]:
        """Return what could be done, most urgent first, at most ten."""
        advice: list[str] = self._engine.report()["recommendations"]
        return advice

    # Samples and scores.

    def _collect_system_state(self) -> SystemState:
        return self._whole.collect()

    def _get_cached_or_fresh(self, key: str, getter: Callable[[], Any]) -> Any:
        """Return what is cached and younger than ``cache_duration``, else what ``getter`` gives.

        A sample (``metrics``) counts as fresh for the interval at most. When ``getter`` raises,
        that is told, and the older value is returned, or ``None``.
        """
        import time

        known = self.cache._entries().get(key)
        limit = self._whole._config.cache_duration
        if key == "metrics":
            limit = min(limit, self._whole._config.refresh_interval)
        if known is not None and 0 <= time.time() - known[1] < limit:
            return known[0]
        try:
            value = getter()
        except Exception as error:
            _native.report_unraisable(error, getter)
            text = f"{key}: {type(error).__name__}: {error}"
            self._log_integration_event("error", text, "high", "unified_monitor")
            return None if known is None else known[0]
        self.cache[key] = value
        return value

    def _calculate_health_score(self, metrics: Any) -> float:
        """Return how much of the resources is left, 0 to 100; 0 without metrics, NaN if unknown.

        ``metrics`` is a ``SystemMetrics`` or a dict of its fields. Those of a state that the
        engine has published have its score, which weighs limits of the container, too.
        """
        state = self._state_of(metrics)
        return self._scores(metrics)[0] if state is None else state.health_score

    def _calculate_performance_score(self, metrics: Any) -> float:
        """Return how little work has to wait, 0 to 100; 0 without metrics, NaN if unknown.

        As :meth:`_calculate_health_score`; of the metrics alone, the load of each processor.
        """
        state = self._state_of(metrics)
        return self._scores(metrics)[1] if state is None else state.performance_score

    def _calculate_security_score(self, state: SystemState) -> float:
        """Return how little was found, 0 to 100: that of the state, or else the newest.

        It rests on the engine's findings about this machine, which a state made by hand does
        not hold. NaN while nothing was looked at.
        """
        known = self._state_at(state.timestamp) or self._whole.current_state
        return _NOT_A_NUMBER if known.metrics is None else known.security_score

    def _state_of(self, metrics: Any) -> SystemState | None:
        """Return the state that these metrics are of."""
        from ._records import SystemMetrics

        if not isinstance(metrics, SystemMetrics):
            return None
        state = self._state_at(metrics.timestamp)
        return state if state is not None and state.metrics == metrics else None

    def _state_at(self, timestamp: float) -> SystemState | None:
        newest = self._whole.current_state
        if newest.timestamp == timestamp:
            return newest
        past = reversed(self.state_history)
        return next((state for state in past if state.timestamp == timestamp), None)

    def _scores(self, metrics: Any) -> tuple[float, float]:
        if metrics is None:
            return 0.0, 0.0
        from ._components._metric_names import known_number, plain_metrics

        plain = plain_metrics(metrics)
        named = {name: known_number(plain.get(name)) for name in _SCORED}
        cpus = self._engine.live.logical_cpus
        if cpus is None:
            import os

            cpus = os.cpu_count()
        scores = _native.scores_of({**named, "logical_cpus": cpus})
        health, performance = (_NOT_A_NUMBER if score is None else score for score in scores)
        return health, performance

    # Telling and remembering.

    def _trigger_callbacks(self, event_type: str, data: Any) -> None:
        """Call the callbacks of an event with ``data``, here and now.

        One that raises is told to ``sys.unraisablehook`` and counted; the others are called.
        """
        _call(self._whole._subscribers(event_type), data, self._whole._callbacks.tally)

    def _save_system_state(self, state: SystemState) -> None:
        """Store a state that was made by hand; those of the engine are stored by it."""
        if self._state_of(state.metrics) is not None and state in self.state_history:
            return
        from ._components._metric_names import known_number
        from ._jsonable import json_text

        row: dict[str, Any] = {"timestamp": state.timestamp}
        for score in ("health_score", "performance_score", "security_score"):
            row[score] = known_number(getattr(state, score))
        for part in ("metrics", "alerts", "recommendations", "predictions", "insights"):
            row[f"{part}_data"] = json_text(getattr(state, part))
        self._engine.notes.state(row)

    def _track_performance(self, component: str, operation: str, execution_time: float) -> None:
        """Note how many seconds an operation took; ``_get_performance_metrics`` counts it."""
        self._engine.notes.timing(component, operation, execution_time)

    def _log_integration_event(
        self,
        event_type: str,
        event_data: str,
        severity: str = "medium",
        component: str = "unified_monitor",
    ) -> None:
        """Note something that happened, in the table ``integration_events``."""
        self._engine.notes.event(event_type, event_data, severity, component)

    def _monitoring_loop(self) -> None:
        """Return when monitoring has ended: the loop itself is the engine's thread."""
        while self._whole.monitoring_active:
            try:
                self._whole.wait(timeout=0.5)
            except TimedOutError:
                continue
            except InvalidStateError:
                # Closed meanwhile.
                return

    def _init_unified_database(self) -> None:
        """Have the database and its tables made now, if anything is stored."""
        if self._whole._config.store_enabled:
            self._engine.flush(5.0)


_SCORED = (
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "load_average_1",
    "load_average_5",
    "load_average_15",
)
