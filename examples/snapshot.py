"""One look at the machine; run it as `python examples/snapshot.py`."""

from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

with UnifiedSystemMonitor(IntegrationConfig(store_enabled=False)) as monitor:
    state = monitor.collect()
    print(f"processors  {state.metrics.cpu_percent:.1f} % busy")
    print(f"memory      {state.metrics.memory_percent:.1f} % used")
    print(f"health      {state.health_score:.0f} of 100")
    for advice in state.recommendations or []:
        print(advice)
