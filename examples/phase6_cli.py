"""The prototype's command line as a file: ``python phase6_cli.py status``.

Copy it beside a script that calls ``python phase6_cli.py …`` or that imports from it; it works
under any name. Where it lies the package ``phase6_cli`` is hidden by it, and not needed.
"""

import sys

from unified_system_monitor._phase6 import RICH_AVAILABLE, Phase6CLI, main

__all__ = ["RICH_AVAILABLE", "Phase6CLI", "main"]

if __name__ == "__main__":
    sys.exit(main())
