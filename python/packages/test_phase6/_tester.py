"""The 22 checks. Each can fail; what went wrong is in ``errors``."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from performance_optimizer import OptimizationAction, OptimizationTarget, PerformanceOptimizer
from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from unified_system_monitor import SystemMetrics

_PATIENCE = 10.0
"""Seconds that a state may take to come; the prototype slept for 3."""
_SECTIONS = 8


class Phase6Tester:
    """Tries out monitor, optimizer, settings and database, as the prototype's did."""

    def __init__(self, config: IntegrationConfig | None = None) -> None:
        self.config = config or IntegrationConfig.layered()
        """The settings of the monitors that are tried."""
        self.test_results: dict[str, dict[str, bool]] = {}
        """What :meth:`run_all_tests` found: group, check, whether it passed."""
        self.errors: dict[str, str] = {}
        """Of each check that failed (``group.check``), why."""

    @property
    def console(self) -> Any:
        """A rich console, or ``None`` where rich is not installed."""
        from unified_system_monitor._display import console

        return console()

    def run_all_tests(self) -> dict[str, dict[str, bool]]:
        """Run the five groups and return what each check came to."""
        self.errors.clear()
        self.test_results = {
            "unified_monitoring": self.test_unified_monitoring(),
            "performance_optimization": self.test_performance_optimization(),
            "integration": self.test_integration(),
            "configuration": self.test_configuration(),
            "performance_metrics": self.test_performance_metrics(),
        }
        return self.test_results

    def display_results(self) -> None:
        """Print what was found: a line for each check, and the sum."""
        console = self.console
        checks = [check for group in self.test_results.values() for check in group.values()]
        for group, results in self.test_results.items():
            _print(console, group.replace("_", " ").title(), "bold")
            for check, passed in results.items():
                _print(
                    console, f"  {'PASS' if passed else 'FAIL'}  {check}", "" if passed else "red"
                )
                if not passed:
                    _print(console, f"        {self.errors.get(f'{group}.{check}', 'not run')}", "")
        _print(console, f"Passed {sum(checks)} of {len(checks)} checks", "bold")

    # The groups.

    def test_unified_monitoring(self) -> dict[str, bool]:
        """Start a monitor, look at its state and its report, and stop it."""
        group = _Group(self, "unified_monitoring")
        with UnifiedSystemMonitor(self.config) as monitor:
            group.check("monitor_start", lambda: "started" in monitor.start_monitoring().lower())
            group.check("state_collection", lambda: _sampled(monitor))
            group.check(
                "comprehensive_report", lambda: _is_whole(monitor.get_comprehensive_report())
            )
            group.check("component_status", lambda: _is_status(monitor._get_component_status()))
            group.check("monitor_stop", lambda: "stopped" in monitor.stop_monitoring().lower())
        return group.results

    def test_performance_optimization(self) -> dict[str, bool]:
        """Analyse and plan; nothing is executed."""
        group = _Group(self, "performance_optimization")
        with self._optimizer() as optimizer:
            targets = group.check(
                "performance_analysis", optimizer.analyze_system_performance, _is_list
            )
            plan = group.check(
                "optimization_plan",
                lambda: optimizer.generate_optimization_plan(targets or []),
                _is_list,
            )
            group.check("target_generation", lambda: _are(targets, OptimizationTarget))
            group.check("action_generation", lambda: _are(plan, OptimizationAction))
            group.check("optimization_status", optimizer.display_optimization_status, _returned)
        return group.results

    def test_integration(self) -> dict[str, bool]:
        """Optimize beside a monitor that was started anew."""
        group = _Group(self, "integration")
        with UnifiedSystemMonitor(self.config) as monitor:
            monitor.start_monitoring()
            monitor.stop_monitoring()
            monitor.start_monitoring()
            with self._optimizer(monitor) as optimizer:
                group.check("unified_optimization", lambda: _sampled(monitor))
                targets = group.check(
                    "real_time_analysis", optimizer.analyze_system_performance, _is_list
                )
                group.check(
                    "performance_tracking",
                    lambda: optimizer.generate_optimization_plan(targets or []),
                    _is_list,
                )
                monitor.stop_monitoring()
                group.check("optimization_history", optimizer.history, _is_list)
        return group.results

    def test_configuration(self) -> dict[str, bool]:
        """Make settings, change one, and give them to a monitor."""
        group = _Group(self, "configuration")
        made = group.check(
            "config_creation",
            lambda: IntegrationConfig(
                enable_monitoring=True,
                enable_analytics=True,
                enable_ml=True,
                refresh_interval=2.0,
                max_threads=4,
                data_dir=self.config.data_dir,
            ),
            lambda config: config.refresh_interval == 2.0,
        )
        config = made or IntegrationConfig(data_dir=self.config.data_dir)

        def modified() -> bool:
            config.refresh_interval = 5.0
            return config.refresh_interval == 5.0

        def integrated() -> bool:
            with UnifiedSystemMonitor(config) as monitor:
                return monitor.config is config and monitor.config == config

        group.check("config_modification", modified)
        group.check(
            "config_validation",
            lambda: config.enable_monitoring and config.enable_analytics and config.max_threads > 0,
        )
        group.check("component_integration", integrated)
        return group.results

    def test_performance_metrics(self) -> dict[str, bool]:
        """Collect metrics, look at the timings, and open the database."""
        group = _Group(self, "performance_metrics")
        with UnifiedSystemMonitor(self.config) as monitor:
            group.check("metrics_collection", monitor.system_monitor.collect_metrics, _is_measured)
            group.check(
                "performance_tracking",
                monitor._get_performance_metrics,
                lambda metrics: metrics["unified_monitor"]["operation_count"] >= 1,
            )
            with self._optimizer(monitor) as optimizer:
                group.check(
                    "optimization_metrics",
                    optimizer.analyze_system_performance,
                    lambda targets: all(target.current_value is not None for target in targets),
                )
            monitor.flush()
            group.check("database_operations", lambda: _tables(monitor.unified_db) >= 1)
        return group.results

    def _optimizer(self, monitor: UnifiedSystemMonitor | None = None) -> PerformanceOptimizer:
        return PerformanceOptimizer(monitor=monitor, data_dir=self.config.data_dir)


class _Group:
    """The checks of a group, each with its result."""

    def __init__(self, tester: Phase6Tester, name: str) -> None:
        self._tester, self._name = tester, name
        self.results: dict[str, bool] = {}

    def check(
        self, name: str, call: Callable[[], Any], accepts: Callable[[Any], object] = bool
    ) -> Any:
        """Do something, keep whether what it returned is accepted, and return that."""
        returned = None
        try:
            returned = call()
            passed = bool(accepts(returned))
            reason = f"not accepted: {returned!r}"
        except Exception as error:
            # A check that raises has failed; the others go on.
            passed, reason = False, f"{type(error).__name__}: {error}"
        self.results[name] = passed
        if not passed:
            self._tester.errors[f"{self._name}.{name}"] = reason
        return returned


def _sampled(monitor: UnifiedSystemMonitor) -> bool:
    if monitor.current_state.metrics is None:
        monitor.wait(timeout=_PATIENCE)
    return bool(monitor.current_state.metrics)


def _is_whole(report: dict[str, Any]) -> bool:
    return len(report) >= _SECTIONS and "error" not in report


def _is_status(status: dict[str, str]) -> bool:
    return bool(status) and set(status.values()) <= {"active", "disabled"}


def _is_measured(metrics: SystemMetrics) -> bool:
    return metrics.memory_percent is not None and 0 <= metrics.memory_percent <= 100


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _returned(_nothing: object) -> bool:
    return True


def _are(values: object, kind: type) -> bool:
    return isinstance(values, list) and all(isinstance(value, kind) for value in values)


def _tables(path: str | None) -> int:
    if path is None:
        return 0
    with closing(sqlite3.connect(path)) as connection:
        count = "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
        return int(connection.execute(count).fetchone()[0])


def _print(console: Any, text: str, style: str) -> None:
    if console is None:
        print(text)
        return
    from rich.text import Text

    console.print(Text(text, style=style))


def main() -> int:
    """Run the checks and print what they came to; return 1 if one failed."""
    tester = Phase6Tester()
    results = tester.run_all_tests()
    tester.display_results()
    return 0 if all(all(group.values()) for group in results.values()) else 1
