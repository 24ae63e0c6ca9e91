"""The prototype's module of the component that exports and reports."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import ExportData, ExportReporting, ReportConfig

__all__ = [
    "ExportData",
    "ExportReporting",
    "ReportConfig",
    "main",
]


def main() -> int:
    """Print what can be exported."""
    from unified_system_monitor import ExportReporting

    return show(lambda: ExportReporting().display_export_options())


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
