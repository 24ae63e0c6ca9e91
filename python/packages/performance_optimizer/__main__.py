"""``python -m performance_optimizer``: how the host stands and what could be done."""

from __future__ import annotations

import sys

from unified_system_monitor import MonitorError

from ._optimizer import PerformanceOptimizer


def main() -> int:
    """Print targets and plan; return the exit code."""
    try:
        with PerformanceOptimizer() as optimizer:
            optimizer.display_optimization_status()
            targets = optimizer.analyze_system_performance()
            actions = optimizer.generate_optimization_plan(targets)
    except MonitorError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"Found {len(targets)} optimization targets")
    for target in targets:
        print(f"  {target.priority}: {target.description}")
    print(f"Generated {len(actions)} optimization actions; none was executed")
    for action in actions:
        print(f"  {action.description} (risk {action.risk_level})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
