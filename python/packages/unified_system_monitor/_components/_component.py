"""What the components share: the monitor that answers, and the folder of their files.

A component of a monitor answers through it. One that is made by itself answers through the
monitor that this process has open for the same data folder, or else through one that all such
components share, which samples when it is asked. So there is one engine for each data folder,
and one sample where ten were.
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from typing import TYPE_CHECKING, Any
from weakref import ref

from .. import _lifecycle, _native
from .._config import IntegrationConfig
from .._errors import ForkedError, StoreError
from .._monitor import UnifiedSystemMonitor
from ._files import File, log, place_of
from ._plain import columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from weakref import ReferenceType

    from typing_extensions import Self

    from .._records import SystemMetrics, SystemState

_making = allocate_lock()


def _after_fork_in_child() -> None:
    # Who held it stayed in the parent.
    global _making
    _making = allocate_lock()


os.register_at_fork(after_in_child=_after_fork_in_child)


class Component:
    """Base of the components."""

    _file = "unified_system.db"
    """Name of the file that the prototype's component kept."""

    _tables: Sequence[str] = ()
    """Tables of it that the component works with."""

    def __init__(
        self,
        db_path: str | os.PathLike[str] | None = None,
        config: dict[str, Any] | None = None,
    ) -> None:
        self.config: dict[str, Any] = dict(config or {})
        """The settings that were given."""
        self._db_path = None if db_path is None else os.path.abspath(os.fspath(db_path))  # noqa: PTH100
        self._kept_in: File | None = None
        self._given: UnifiedSystemMonitor | None = None
        self._shared: UnifiedSystemMonitor | None = None
        self._adopted: ReferenceType[UnifiedSystemMonitor] | None = None

    @classmethod
    def _of(cls, monitor: UnifiedSystemMonitor) -> Self:
        """Make the component of a monitor."""
        made = cls()
        made._given = monitor
        return made

    @property
    def console(self) -> Any:
        """A rich console, or ``None`` where rich is not installed."""
        from .._display import console

        return console()

    @property
    def db_path(self) -> str | None:
        """Where the component's tables are; ``None`` when nothing is stored.

        The file that was given; else the prototype's name for it in the data folder, which is a
        link to the monitor's database.
        """
        if self._db_path is not None:
            return self._db_path
        unified = self._monitor.unified_db
        return None if unified is None else place_of(unified, self._file)

    @property
    def _monitor(self) -> UnifiedSystemMonitor:
        """The monitor that answers."""
        if self._given is not None:
            return self._given
        known = self._shared
        if known is None and self._adopted is not None:
            known = self._adopted()
        if known is not None and _is_usable(known):
            return known
        with _making:
            folder = self._folder()
            found = _open_monitor(folder)
            self._shared = None
            if found is None:
                self._shared = found = UnifiedSystemMonitor(_settings(folder))
                _shared[id(found)] = ref(found)
            elif id(found) in _shared:
                # Nobody else holds it.
                self._shared = found
            self._adopted = ref(found)
        return found

    def _kept(self) -> File:
        """Return the file of the component's tables."""
        path = self.db_path
        if self._kept_in is None or self._kept_in.path != path:
            self._kept_in = File(path, self._tables)
        return self._kept_in

    def _keep(
        self,
        table: str,
        key: Sequence[str],
        rows: Sequence[Mapping[str, Any]],
        slot: float | None = None,
    ) -> None:
        """Keep what was found, each in the place of the one with the same key.

        A file that can't be written costs nobody what was found: the log says so.
        """
        self._try_keep(table, key, rows, slot, is_engines_too=True)

    def _keep_own(self, table: str, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep in a file of one's own what the engine's database has from the engine."""
        self._try_keep(table, key, rows, None, is_engines_too=False)

    def _try_keep(
        self,
        table: str,
        key: Sequence[str],
        rows: Sequence[Mapping[str, Any]],
        slot: float | None,
        *,
        is_engines_too: bool,
    ) -> None:
        try:
            file = self._kept()
            if is_engines_too or not file.is_engines:
                file.keep(table, key, [columns(row) for row in rows], slot)
        except StoreError as problem:
            log("%s: what %s found is not kept: %s", table, type(self).__name__, problem)

    def _folder(self) -> str:
        if self._db_path is not None:
            return os.path.dirname(self._db_path)  # noqa: PTH120
        return IntegrationConfig.layered().data_dir or os.fspath(_native.default_data_dir())

    def _state(self) -> SystemState:
        """Return the newest state; a sample is taken only where nobody monitors."""
        monitor = self._monitor
        if not monitor.monitoring_active:
            return monitor.collect()
        state = monitor.current_state
        return state if state.metrics is not None else monitor.wait(timeout=10)

    def _metrics(self) -> SystemMetrics | None:
        return self._state().metrics


# Those that were made for components: they live as long as one of these holds them.
_shared: dict[int, ReferenceType[UnifiedSystemMonitor]] = {}


def _settings(folder: str) -> IntegrationConfig:
    config = IntegrationConfig.layered()
    config.data_dir = folder
    return config


def _is_usable(monitor: UnifiedSystemMonitor) -> bool:
    native = monitor._native
    if native is None or native.closed:
        return False
    try:
        native.check_process()
    except ForkedError:
        return False
    return True


def _open_monitor(folder: str) -> UnifiedSystemMonitor | None:
    """Return an open monitor of a data folder, rather one that is active."""
    for number in [number for number, known in _shared.items() if known() is None]:
        del _shared[number]
    best = None
    for known in list(_lifecycle._open.values()):
        monitor = known()
        if not isinstance(monitor, UnifiedSystemMonitor) or not _is_usable(monitor):
            continue
        path = monitor.unified_db
        if path is None or not _is_same(os.path.dirname(path), folder):  # noqa: PTH120
            continue
        if monitor.monitoring_active:
            return monitor
        best = best or monitor
    return best


def _is_same(folder: str, other: str) -> bool:
    return os.path.realpath(folder) == os.path.realpath(other)
