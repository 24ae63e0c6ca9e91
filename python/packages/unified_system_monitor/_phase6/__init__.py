"""The prototype's command line, ``phase6-cli``; what costs time is imported when it is used.

It is here and not in ``phase6_cli`` alone, so that a script that is called ``phase6_cli.py``
and hides that package can offer the same.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._cli import Phase6CLI

    RICH_AVAILABLE: bool

__all__ = ["RICH_AVAILABLE", "Phase6CLI", "main"]


def main(args: Sequence[str] | None = None) -> int:
    """Run a command (those of the process by default) and return its exit code."""
    from ._cli import run

    return run(args)


if not TYPE_CHECKING:
    _MODULES = {"Phase6CLI": "._cli", "RICH_AVAILABLE": ".._display"}

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(module, __name__), name)
        globals()[name] = value
        return value
