"""The prototype's inner methods and components, which scripts and its own tests reach into."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import ref

from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

from . import _convert as convert
from ._identity import identity
from ._profiles import Profiles
from ._records import OptimizationAction, ProcessId

if TYPE_CHECKING:
    from unified_system_monitor import (
        AdvancedProcessManager,
        PredictiveAnalytics,
        SystemMonitor,
    )

    from ._optimizer import PerformanceOptimizer
    from ._records import OptimizationTarget


class Inside(Profiles):
    """What the prototype's optimizer held in attributes and methods of its own."""

    def __init__(self) -> None:
        self._own_monitor: UnifiedSystemMonitor | None = None
        self._manager: AdvancedProcessManager | None = None
        self._lock = threading.Lock()

    @property
    def _whole(self) -> PerformanceOptimizer:
        """Return this object as what it is."""
        return self  # type: ignore[return-value]

    # Components.

    @property
    def system_monitor(self) -> SystemMonitor:
        """The component that samples; its ``collect_metrics()`` takes a sample now."""
        return self._sampling().system_monitor

    @property
    def predictive_analytics(self) -> PredictiveAnalytics:
        """Trends, anomalies and forecasts of the samples that this optimizer's monitor takes."""
        return self._sampling().predictive_analytics

    @property
    def process_manager(self) -> AdvancedProcessManager:
        """The processes; its acts go through this optimizer, within its scope."""
        monitor = self._sampling()
        with self._lock:
            if self._manager is None:
                from unified_system_monitor import AdvancedProcessManager

                settings = self._engine.settings()
                manager = AdvancedProcessManager._of(monitor)
                manager.kill_timeout = settings["kill_timeout"]
                manager.lease_seconds = settings["lease_seconds"]
                manager._acts.act_through(ref(self._whole))
                self._manager = manager
            return self._manager

    def _sampling(self) -> UnifiedSystemMonitor:
        """Return the monitor that this optimizer was given, or one that stores nothing."""
        if self._whole._monitor is not None:
            return self._whole._monitor
        self._engine.check()
        with self._lock:
            if self._own_monitor is None:
                config = IntegrationConfig.layered()
                config.store_enabled = False
                self._own_monitor = UnifiedSystemMonitor(config)
            return self._own_monitor

    # Parts of an analysis, of a plan, of an execution.

    def _analyze_process_performance(self) -> list[OptimizationTarget]:
        found = self._whole.analyze_system_performance()
        return [target for target in found if target.target_type == "process"]

    def _generate_cpu_optimizations(self, target: OptimizationTarget) -> list[OptimizationAction]:
        return self._whole.generate_optimization_plan([target])

    _generate_memory_optimizations = _generate_cpu_optimizations
    _generate_disk_optimizations = _generate_cpu_optimizations
    _generate_process_optimizations = _generate_cpu_optimizations

    def _execute_single_action(
        self, action: OptimizationAction, *, dry_run: bool = True
    ) -> dict[str, Any]:
        report = self._whole.execute_optimization_actions([action], dry_run=dry_run)
        detail: dict[str, Any] = report["details"][0]
        return detail

    _execute_kill_process = _execute_single_action
    _execute_suspend_process = _execute_single_action
    _execute_memory_cleanup = _execute_single_action
    _execute_disk_cleanup = _execute_single_action

    def _identity(self, pid: object) -> ProcessId:
        return identity(pid, self._whole._proc)

    def _act_on(
        self, kind: str, process: ProcessId, lever: dict[str, Any], *, dry_run: bool
    ) -> dict[str, Any]:
        """Do what somebody asks for with one process; it is not weighed whether it helps."""
        words = kind.replace("_process", "")
        action = OptimizationAction(
            kind,
            str(process.pid),
            f"{words} process {process.pid}, as asked for",
            "high",
            0.0,
            "high",
            1.0,
            process=process,
            lever=lever,
        )
        report = self._whole.execute_optimization_actions(
            [action], dry_run=dry_run, allow_risk="high", verify=False
        )
        detail: dict[str, Any] = report["details"][0]
        return detail

    # Rows of the database.

    def _save_optimization_target(self, target: OptimizationTarget) -> None:
        """Store a target made by hand; those of an analysis are stored by it."""
        if not target.id:
            target.id = self._engine.record_target(convert.native_target(target, self._whole._proc))

    def _save_optimization_action(self, action: OptimizationAction) -> None:
        """Store an action made by hand as ``pending``; those of a plan are stored by it."""
        if not action.id:
            action.id = self._engine.record_action(convert.native_action(action))

    def _update_action_status(self, action: OptimizationAction, success: bool) -> None:
        """Set the status of this one action's row; an execution does so by itself."""
        self._save_optimization_action(action)
        self._engine.mark_action(action.id, bool(success))

    def _log_optimization_history(self, results: dict[str, Any]) -> None:
        """Store what an execution came to; one of this optimizer's is stored already."""
        if any(results is known for known in self._whole.optimization_history):
            return
        successful, failed = int(results.get("successful", 0)), int(results.get("failed", 0))
        self._engine.record_batch(successful, failed, float(results.get("execution_time", 0.0)))

    def _init_database(self) -> None:
        """Check that the database stands; it is made with the optimizer."""
        self._engine.check()

    def _create_default_profile(self) -> None:
        """Check that ``balanced`` is there; it is built in."""
        self._engine.profile("balanced")
