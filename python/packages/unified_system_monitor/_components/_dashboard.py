"""``MonitoringDashboard``: the live view in the terminal, which is ``usm top``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from .. import _native
from .._errors import InvalidStateError, UnsupportedError
from .._when import refused
from ._component import Component
from ._values import Value, dataclass

if TYPE_CHECKING:
    from .._records import SystemMetrics
    from ._alert_manager import AlertManager
    from ._alert_values import Alert
    from ._system_monitor import SystemMonitor
    from ._tools import EnhancedToolRecommender, ToolRecommendation

CURSES_AVAILABLE = True
"""What the prototype needed curses for works, always: curses is not used."""

_VIEWS = ("overview", "processes", "alerts", "tools")
_ORDERS = ("cpu", "memory", "name")
_MOST_ALERTS = 100


@dataclass
class DashboardState(Value):
    """How the dashboard begins."""

    current_view: str = "overview"
    """overview, processes, alerts or tools."""
    refresh_rate: float = 2
    """Seconds between two looks."""
    show_help: bool = False
    """The help is shown."""
    paused: bool = False
    """Nothing is drawn anew."""
    sort_by: str = "cpu"
    """cpu, memory or name."""
    sort_reverse: bool = True
    """Largest first."""
    selected_process: int | None = None
    """Process id."""
    filter_text: str = ""
    """Part of the names that are shown."""


class MonitoringDashboard(Component):
    """A live view of the host in the terminal; :meth:`run` shows it until somebody quits.

    ``config``: the fields of :class:`DashboardState`, with which it begins. It needs no curses,
    sets no signal handlers, and takes no samples of its own where a monitor runs.
    """

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        super().__init__(None, config)
        self.state = DashboardState()
        """How it begins."""
        for name in DashboardState.__dataclass_fields__:
            if name in self.config:
                setattr(self.state, name, self.config[name])
        self.running = False
        """It is shown."""
        self.metrics: SystemMetrics | None = None
        """The newest sample, after :meth:`refresh`."""
        self.alerts: list[Alert] = []
        """The alerts that are not over, at most a hundred."""
        self.processes: list[dict[str, Any]] = []
        """The first twenty processes."""
        self.recommendations: list[ToolRecommendation] = []
        """Tools that would show more of the newest alert."""
        self.last_update = 0.0
        """When :meth:`refresh` was called, Unix seconds."""

    @property
    def system_monitor(self) -> SystemMonitor:
        """The component that samples."""
        return self._monitor.system_monitor

    @property
    def alert_manager(self) -> AlertManager:
        """The alerts."""
        return self._monitor.alert_manager

    @property
    def tool_recommender(self) -> EnhancedToolRecommender:
        """The component that knows tools."""
        return self._monitor.tool_recommender

    def run(self) -> int:
        """Show it, and return the exit code when somebody has quit; it needs a terminal."""
        if self.running:
            raise InvalidStateError("it is shown already")
        arguments = self._arguments()
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UnsupportedError("a dashboard needs a terminal; usm status prints once")
        sys.stdout.flush()
        self.running = True
        try:
            return _native.run_cli(arguments)
        finally:
            self.running = False

    def refresh(self) -> None:
        """Take the newest of everything into the attributes."""
        import time

        manager = self._monitor.process_manager
        self.metrics = self._metrics()
        self.alerts = self.alert_manager.get_active_alerts()[:_MOST_ALERTS]
        order = self.state.sort_by
        infos = manager.get_top_processes(20, "cpu" if order == "name" else order)
        if order == "name":
            infos.sort(key=lambda info: info.name.lower())
        if self.state.sort_reverse == (order == "name"):
            infos.reverse()
        keys = ("pid", "name", "cpu_percent", "memory_percent", "status")
        self.processes = [{key: info[key] for key in keys} for info in infos]
        self.recommendations = []
        if self.alerts:
            newest = self.alerts[0]
            query = f"fix {newest.metric_name} {newest.alert_type}"
            self.recommendations = self.tool_recommender.recommend_tools(query)
        self.last_update = time.time()

    _update_data = refresh

    def _arguments(self) -> list[str]:
        """Return the command that shows it as the state says."""
        state = self.state
        if state.current_view not in _VIEWS:
            raise refused("current_view", state.current_view, f"one of {', '.join(_VIEWS)}")
        if state.sort_by not in _ORDERS:
            raise refused("sort_by", state.sort_by, f"one of {', '.join(_ORDERS)}")
        seconds = float(state.refresh_rate)
        if not 0.5 <= seconds <= 60:
            raise refused("refresh_rate", state.refresh_rate, "0.5 to 60 seconds")
        arguments = ["usm", "top", "--interval", f"{seconds:g}"]
        unified = self._monitor.unified_db
        if unified is not None:
            arguments += ["--data-dir", os.path.dirname(unified)]  # noqa: PTH120
        return arguments
