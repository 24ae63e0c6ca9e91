"""The prototype's own test: ``python -m test_phase6`` tries out this installation.

It starts and stops a monitor and plans optimizations; it executes none.
"""

from __future__ import annotations

from ._tester import Phase6Tester, main

__all__ = ["Phase6Tester", "main"]
