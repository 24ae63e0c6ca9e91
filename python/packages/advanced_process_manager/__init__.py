"""The prototype's module of the component that lists processes and acts on them."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import AdvancedProcessManager, ProcessAction, ProcessInfo

__all__ = [
    "AdvancedProcessManager",
    "ProcessAction",
    "ProcessInfo",
    "main",
]


def main() -> int:
    """Print the processes that use most."""
    from unified_system_monitor import AdvancedProcessManager

    def picture() -> None:
        manager = AdvancedProcessManager()
        manager.display_processes(manager.get_top_processes())

    return show(picture)


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
