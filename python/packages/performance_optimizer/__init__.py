"""Performance optimizer: finds what hurts this host, relieves it, and takes back what did not help.

>>> from performance_optimizer import PerformanceOptimizer
>>> with PerformanceOptimizer() as optimizer:
...     targets = optimizer.analyze_system_performance()
...     actions = optimizer.generate_optimization_plan(targets)
...     would = optimizer.execute_optimization_actions(actions)  # demo: nothing is changed
...     for detail in would["details"]:
...         print(detail["action"], detail["reason"])

For real with ``execute_optimization_actions(actions, dry_run=False)``.
"""

from __future__ import annotations

from unified_system_monitor import RICH_AVAILABLE
from unified_system_monitor._old_names import reexports

from ._optimizer import PerformanceOptimizer
from ._records import (
    Baseline,
    Culprit,
    OptimizationAction,
    OptimizationTarget,
    PerformanceProfile,
    ProcessId,
    Victim,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import AdvancedProcessManager, PredictiveAnalytics, SystemMonitor

__all__ = [
    "RICH_AVAILABLE",
    "AdvancedProcessManager",
    "Baseline",
    "Culprit",
    "OptimizationAction",
    "OptimizationTarget",
    "PerformanceOptimizer",
    "PerformanceProfile",
    "PredictiveAnalytics",
    "ProcessId",
    "SystemMonitor",
    "Victim",
    "main",
]


def main() -> int:
    """Print how this host stands and what could be done; nothing is changed."""
    from .__main__ import main

    return main()


if not TYPE_CHECKING:
    # Those that the prototype's module had imported.
    __getattr__ = reexports(__name__, __all__)
