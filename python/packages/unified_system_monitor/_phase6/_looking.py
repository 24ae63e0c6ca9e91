"""``status``, and where its state comes from: the monitor that runs, or a sample of its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from .. import _native
from .._config import IntegrationConfig
from .._display import display
from .._monitor import UnifiedSystemMonitor
from ._newest import newest, report_of
from ._say import has
from ._settings import folder_of

if TYPE_CHECKING:
    import argparse

    from .._records import SystemState
    from ._cli import Phase6CLI

_LEAST_AGE = 15.0
"""Seconds that a state may be old in any case: the store commits every few seconds."""


class Look:
    """A state with what belongs to it; the status can be drawn of it as of a monitor."""

    def __init__(
        self,
        source: str,
        state: SystemState,
        components: list[dict[str, str]],
        timings: dict[str, Any],
        report: dict[str, Any] | None = None,
    ) -> None:
        self.source = source
        """Where it comes from, in words."""
        self.current_state = state
        """The state."""
        self.components = components
        """The components with ``name``, ``status`` and ``detail``."""
        self.console: Any = None
        """Where it is drawn; plain text with ``None``."""
        self._timings = timings
        self._report = report

    def _get_component_status(self) -> dict[str, str]:
        return {row["name"]: row["status"] for row in self.components}

    def _get_performance_metrics(self) -> dict[str, Any]:
        return self._timings

    def report(self) -> dict[str, Any]:
        """Return the report of eight sections."""
        if self._report is not None:
            return self._report
        return report_of(self.current_state, self._get_component_status(), self._timings)


def look(cli: Phase6CLI) -> Look:
    """Look at the monitor of this process, at the one in the background, or at the host."""
    own = cli._monitor
    if own is not None and own.monitoring_active:
        return _look_at(own, "this process")
    running = _native.service_status(folder_of(cli.config))
    if running.get("running"):
        found = newest(folder_of(cli.config))
        interval = running.get("refresh_interval") or cli.config.refresh_interval
        if found is not None:
            state, timings = found
            if -1.0 < time.time() - state.timestamp < max(_LEAST_AGE, 5 * interval):
                return Look("the running monitor", state, _components(cli), timings)
    with UnifiedSystemMonitor(_without_store(cli.config)) as monitor:
        monitor.collect()
        return _look_at(monitor, "a sample taken now")


def _look_at(monitor: UnifiedSystemMonitor, source: str) -> Look:
    report = monitor.get_comprehensive_report()
    timings = monitor._get_performance_metrics()
    return Look(source, monitor.current_state, monitor.component_details(), timings, report)


def _components(cli: Phase6CLI) -> list[dict[str, str]]:
    with UnifiedSystemMonitor(_without_store(cli.config)) as monitor:
        return monitor.component_details()


def _without_store(config: IntegrationConfig) -> IntegrationConfig:
    # A look leaves no trace, and disturbs nobody who writes.
    return IntegrationConfig(**{**vars(config), "store_enabled": False})


def show_status(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``status``."""
    voice = cli._say(args)
    found = look(cli)
    if voice.as_json:
        voice.json(
            {
                "source": found.source,
                "state": found.current_state,
                "components": found.components,
                "performance_metrics": found._get_performance_metrics(),
                "monitor": _native.service_status(folder_of(cli.config)),
            }
        )
        return
    detailed = has(args, "detailed")
    voice.heading("Detailed System Status" if detailed else "System Status")
    # It has what is drawn of a monitor.
    found.console = cli.console
    display(cast("UnifiedSystemMonitor", found))
    voice.line(f"From {found.source}.", "dim")
    if detailed and has(args, "components"):
        voice.heading("Component Status")
        for row in found.components:
            voice.line(f"{row['name']}: {row['status']}")
            voice.line(f"    {row['detail']}", "dim")
