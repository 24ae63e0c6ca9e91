"""The prototype's command line: ``phase6-cli …`` and ``python -m phase6_cli …``.

>>> from phase6_cli import Phase6CLI
>>> Phase6CLI().run(["config", "--show"])
"""

from __future__ import annotations

from unified_system_monitor._phase6 import main

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor._phase6 import RICH_AVAILABLE, Phase6CLI

__all__ = ["RICH_AVAILABLE", "Phase6CLI", "main"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from unified_system_monitor import _phase6

        return getattr(_phase6, name)
