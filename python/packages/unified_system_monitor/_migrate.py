"""A prototype's databases, brought in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from . import _native
from ._errors import MonitorError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import Any


def migrate(
    folder: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[float], object] | None = None,
) -> dict[str, Any]:
    """Bring the databases of a prototype's ``folder`` into the data folder; return the report.

    The originals are copied, read, and never changed. What is there already is told by its
    content: it can be done again at any time, and never changes a row of ours. ``dry_run``
    only tells what would be done. ``progress`` is called with the share that is done; an
    exception in it, and Ctrl-C, end the work: what was brought in until then stays, and doing
    it again goes on.

    The report: ``source``, ``folder``, ``dry_run``, ``imported``, ``complete`` (all that is
    there was read and could be written), ``cancelled``, ``retention_days``, ``files`` and
    ``others`` (databases that are not the prototype's). A file has ``name``, ``status``
    (``read``, ``missing``, ``own``, ``unreadable``, ``not_reached``) with ``why``, ``bytes``,
    ``notes``, ``foreign`` and ``tables``; a table ``table``, ``into``, ``found``,
    ``imported``, ``already_there``, ``skipped``, ``reasons`` (``why``, ``count``, the first
    ``rows``), ``notes`` and ``error``.
    """
    job = _native.migrate(folder, data_dir, dry_run)
    told = -1.0
    try:
        while (share := job.step()) is not None:
            if progress is not None and share > told:
                told = share
                progress(share)
        report: dict[str, Any] = job.result()
        if progress is not None and told < 1.0:
            progress(1.0)
    except BaseException:
        job.cancel()
        while job.step() is not None:
            pass
        with suppress(MonitorError):
            job.result()
        raise
    return report
