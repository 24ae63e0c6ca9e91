"""The command line: ``usm …`` and ``python -m unified_system_monitor …``."""

from __future__ import annotations

import sys

from . import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command (those of the process by default) and return its exit code."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        # Ctrl-C shall end the command as it ends any other program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    sys.stderr.flush()
    return _native.run_cli(["usm", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    # By itself the module shows the status, as the prototype's did.
    sys.exit(main(sys.argv[1:] or ["status"]))
