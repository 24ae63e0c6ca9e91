"""What the modules with the prototype's names share: each gives names of this package."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def reexports(module: str, names: Sequence[str]) -> Callable[[str], object]:
    """Return a module's ``__getattr__`` that fetches these names when they are asked for."""

    def fetch(name: str) -> object:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        import sys

        import unified_system_monitor

        value = getattr(unified_system_monitor, name)
        setattr(sys.modules[module], name, value)
        return value

    return fetch


def show(picture: Callable[[], object]) -> int:
    """Print a picture; return the exit code."""
    import sys

    from ._errors import MonitorError

    try:
        picture()
    except (MonitorError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
