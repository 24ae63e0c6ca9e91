"""``ExportReporting``: what was measured and found as files, by the prototype's names."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _native
from .._errors import InvalidStateError, MonitorError
from .._when import refused, unix_seconds
from . import _tables
from ._component import Component

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._when import Time
    from ._alert_manager import AlertManager
    from ._predictive import PredictiveAnalytics
    from ._system_monitor import SystemMonitor

FORMATS = ("json", "csv", "html")
"""Of exports; reports are ``json`` or ``html``."""

_FILES = {
    "metrics": "system_metrics",
    "alerts": "system_alerts",
    "predictions": "predictive_analytics",
}
_NOTHING = {
    "metrics": "No data found for the specified time range",
    "alerts": "No alerts found for the specified time range",
    "predictions": "No predictive data found for the specified time range",
}
_RANGES = {"1h": 1, "6h": 6, "24h": 24, "7d": 168, "30d": 720}


class ExportReporting(Component):
    """Writes metrics, alerts, predictions and reports to files.

    The methods of the prototype answer a text, also when something went wrong. Who wants to
    know for sure calls :meth:`export` and :meth:`report`, which answer the path or raise.

    ``config``: ``export_dir`` and ``report_dir``, the folders, made when something is written.
    """

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        super().__init__(None, config)
        self.export_dir: str = os.fspath(self.config.get("export_dir", "exports"))
        """Folder of the exports."""
        self.report_dir: str = os.fspath(self.config.get("report_dir", "reports"))
        """Folder of the reports."""

    # The components beside it.

    @property
    def system_monitor(self) -> SystemMonitor:
        """The component that samples."""
        return self._monitor.system_monitor

    @property
    def predictive_analytics(self) -> PredictiveAnalytics:
        """Trends, anomalies and forecasts."""
        return self._monitor.predictive_analytics

    @property
    def alert_manager(self) -> AlertManager:
        """The alerts."""
        return self._monitor.alert_manager

    # With a path or an error.

    def export(
        self,
        kind: str,
        format: str = "json",  # noqa: A002
        since: Time | None = "24h",
        until: Time | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> Path:
        """Write ``metrics``, ``alerts`` or ``predictions`` of a range to a file; return its path.

        :param format: ``json``, ``csv`` or ``html``.
        :param path: the file; by default a new one in ``export_dir``.
        """
        if kind not in _FILES:
            raise refused("kind", kind, f"one of {', '.join(_FILES)}")
        if format not in FORMATS:
            raise refused("format", format, f"one of {', '.join(FORMATS)}")
        first, last = _range(since, until)
        return self._written(
            self.export_dir,
            path,
            lambda to: _native.export_data(self._data(), kind, format, first, last, to),
        )

    def report(
        self,
        kind: str,
        format: str = "json",  # noqa: A002
        since: Time | None = "24h",
        until: Time | None = None,
        path: str | os.PathLike[str] | None = None,
        *,
        recommendations: bool = True,
    ) -> Path:
        """Write a report on ``health`` or ``trends`` of a range to a file; return its path.

        :param format: ``json`` or ``html``.
        :param path: the file; by default a new one in ``report_dir``.
        :param recommendations: with what could be done.
        """
        if kind not in ("health", "trends"):
            raise refused("kind", kind, "one of health, trends")
        if format not in ("json", "html"):
            raise refused("format", format, "one of json, html")
        first, last = _range(since, until)
        return self._written(
            self.report_dir,
            path,
            lambda to: _native.write_report(
                self._data(), kind, format, first, last, to, recommendations
            ),
        )

    # With a text, as the prototype.

    def export_system_metrics(
        self,
        start_time: Time | None = None,
        end_time: Time | None = None,
        format: str = "json",  # noqa: A002
    ) -> str:
        """Export metrics, by default of the last 24 hours; say where they are, or what failed."""
        return self._told("metrics", start_time, end_time, format)

    def export_alerts(
        self,
        start_time: Time | None = None,
        end_time: Time | None = None,
        format: str = "json",  # noqa: A002
    ) -> str:
        """Export alerts, by default of the last 24 hours; say where they are, or what failed."""
        return self._told("alerts", start_time, end_time, format)

    def export_predictive_data(
        self,
        start_time: Time | None = None,
        end_time: Time | None = None,
        format: str = "json",  # noqa: A002
    ) -> str:
        """Export trends, anomalies and forecasts; say where they are, or what failed."""
        return self._told("predictions", start_time, end_time, format)

    def generate_system_health_report(
        self, time_range: str = "24h", include_recommendations: bool = True
    ) -> str:
        """Write a report on the machine's health; say where it is, or what failed."""
        return self._reported("health", "system health", time_range, "24h", include_recommendations)

    def generate_performance_trend_report(self, time_range: str = "7d") -> str:
        """Write a report on how CPU, memory and disk went; say where it is, or what failed."""
        return self._reported("trends", "performance trends", time_range, "7d", True)

    def display_export_options(self) -> None:
        """Print what can be exported."""
        formats = ", ".join(form.upper() for form in FORMATS)
        rows = [
            ("System Metrics", "What was measured", formats, "any"),
            ("Alerts", "What fired", formats, "any"),
            ("Predictive Data", "Trends, anomalies, forecasts", formats, "any"),
            ("System Health Report", "Health now and over a time", "JSON, HTML", "1h to 30d"),
            ("Performance Trends", "CPU, memory and disk over a time", "JSON, HTML", "24h to 30d"),
        ]
        head = ("Option", "Description", "Format", "Time Range")
        _tables.show("Export and Reporting Options", head, rows)

    # Private.

    def _told(self, kind: str, start: Time | None, end: Time | None, form: str) -> str:
        if form not in FORMATS:
            return f"Unsupported format: {form}"
        try:
            path = self.export(kind, form, "24h" if start is None else start, end)
        except _NothingThereError:
            return _NOTHING[kind]
        except (MonitorError, OSError, ValueError, TypeError) as error:
            return f"Error: {error}"
        return f"✅ Exported {_FILES[kind]} to {path}"

    def _reported(
        self, kind: str, words: str, time_range: str, usual: str, recommendations: bool
    ) -> str:
        # What is no range was the usual one in the prototype; here the text says so.
        known = time_range in _RANGES
        try:
            path = self.report(
                kind,
                "json",
                time_range if known else usual,
                recommendations=recommendations,
            )
        except (MonitorError, OSError, ValueError, TypeError) as error:
            return f"Error: {error}"
        note = "" if known else f" ({time_range!r} is no range of {', '.join(_RANGES)}: {usual})"
        return f"✅ Generated {words} report{note}: {path}"

    def _data(self) -> str:
        """Return the folder of the data, with all that was measured so far in it."""
        monitor = self._monitor
        unified = monitor.unified_db
        if unified is None:
            raise InvalidStateError("nothing is stored: store_enabled is false")
        monitor.flush()
        return os.path.dirname(unified)  # noqa: PTH120

    def _written(
        self,
        folder: str,
        path: str | os.PathLike[str] | None,
        write: Callable[[Path], dict[str, Any]],
    ) -> Path:
        """Have a file written, or a new one in a folder, which is made for it."""
        to = Path(folder if path is None else path)
        is_made = path is None and not to.exists()
        if path is None:
            to.mkdir(parents=True, exist_ok=True)
        try:
            written = write(to)["path"]
        except BaseException:
            _forget(to, is_made)
            raise
        if written is None:
            _forget(to, is_made)
            raise _NothingThereError("there is nothing in this range")
        return Path(written)


def _forget(folder: Path, is_made: bool) -> None:
    """Remove a folder that was made for nothing; what others put there meanwhile keeps it."""
    if is_made:
        with suppress(OSError):
            folder.rmdir()


class _NothingThereError(InvalidStateError):
    """Nothing was found in the range."""


def _range(since: Time | None, until: Time | None) -> tuple[float, float]:
    first = 0.0 if since is None else unix_seconds("since", since)
    return first, time.time() if until is None else unix_seconds("until", until)
