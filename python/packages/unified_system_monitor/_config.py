"""The settings of a monitor, checked by the engine when they are made and when they change."""

from __future__ import annotations

from . import _native
from ._errors import ForkedError, InvalidArgumentError, InvalidStateError
from ._fields import Record, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from typing import Any, NoReturn
    from weakref import ReferenceType

    from typing_extensions import Self


@record
class IntegrationConfig(Record):
    """Settings of a :class:`UnifiedSystemMonitor`.

    The first eleven are the prototype's. Every value is checked, here and on each assignment:
    ``ValueError`` names the setting, the value and the range. A monitor keeps the object that
    it was given, and an assignment acts on it while it runs.
    """

    __slots__ = ("_monitors",)

    def __init__(
        self,
        enable_monitoring: bool = True,
        enable_analytics: bool = True,
        enable_ml: bool = True,
        enable_export: bool = True,
        enable_dashboard: bool = True,
        enable_alerts: bool = True,
        enable_process_management: bool = True,
        refresh_interval: float = 2.0,
        max_threads: int = 4,
        cache_duration: float = 30.0,
        log_level: str = "INFO",
        *,
        data_dir: str | os.PathLike[str] | None = None,
        store_enabled: bool = True,
        commit_interval: float = 5.0,
        retention_days: float = 30.0,
        max_store_bytes: int = 268435456,
        history_enabled: bool = True,
        history_raw_days: float = 1.0,
        history_10s_days: float = 14.0,
        history_1min_days: float = 90.0,
        history_10min_days: float = 3653.0,
        history_top_processes: int = 5,
        proc_root: str | os.PathLike[str] = "/proc",
        sys_root: str | os.PathLike[str] = "/sys",
        host_root: str | os.PathLike[str] = "/",
        cpu_frequency: bool = False,
        process_scan: bool = True,
        process_io: bool = True,
        process_extra_count: int = 0,
        sysinfo_backend: bool = False,
        private_descriptors: bool = True,
        slow_source_deadline: float = 0.25,
        overhead_budget_percent: float = 1.0,
        jitter_percent: float = 2.0,
        call_timeout: float = 10.0,
        max_history_size: int = 1000,
        event_queue_size: int = 1024,
        alert_rules_file: str | os.PathLike[str] | None = None,
        security_allow: Sequence[str] = (),
        **unknown: NoReturn,
    ) -> None:
        given: dict[str, Any] = locals()
        if unknown:
            name = next(iter(unknown))
            raise TypeError(f"IntegrationConfig() got an unexpected setting {_advice(name)}")
        checked = _native.check_settings({name: given[name] for name in self.__match_args__})
        monitors: list[ReferenceType[_native.Monitor]] = []
        object.__setattr__(self, "_monitors", monitors)
        vars(self).update((name, _fixed(checked[name])) for name in self.__match_args__)

    if TYPE_CHECKING:
        _monitors: list[ReferenceType[_native.Monitor]]
        enable_monitoring: bool
        enable_analytics: bool
        enable_ml: bool
        enable_export: bool
        enable_dashboard: bool
        enable_alerts: bool
        enable_process_management: bool
        refresh_interval: float
        max_threads: int
        cache_duration: float
        log_level: str
        data_dir: str | None
        store_enabled: bool
        commit_interval: float
        retention_days: float
        max_store_bytes: int
        history_enabled: bool
        history_raw_days: float
        history_10s_days: float
        history_1min_days: float
        history_10min_days: float
        history_top_processes: int
        proc_root: str
        sys_root: str
        host_root: str
        cpu_frequency: bool
        process_scan: bool
        process_io: bool
        process_extra_count: int
        sysinfo_backend: bool
        private_descriptors: bool
        slow_source_deadline: float
        overhead_budget_percent: float
        jitter_percent: float
        call_timeout: float
        max_history_size: int
        event_queue_size: int
        alert_rules_file: str | None
        security_allow: Sequence[str]

    @classmethod
    def layered(cls, file: str | os.PathLike[str] | None = None) -> Self:
        """Defaults, overridden by a TOML or JSON file, overridden by the environment.

        The environment is ``USM_REFRESH_INTERVAL=5`` and the like, and ``HOST_PROC``,
        ``HOST_SYS`` and ``HOST_ROOT`` for the three roots.
        """
        return cls(**_native.layered_settings(file))

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__match_args__:
            raise AttributeError(f"IntegrationConfig has no setting {_advice(name)}")
        checked = _native.check_setting(name, value)
        for native in self._open_monitors():
            try:
                native.reconfigure({name: checked})
            except (ForkedError, InvalidStateError):
                # Closed meanwhile, or the parent's: there is nothing left to change.
                continue
        vars(self)[name] = _fixed(checked)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{name}: a setting can't be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.__class__, dict(vars(self)))

    def _bind(self, native: _native.Monitor) -> None:
        """Have later assignments act on this monitor."""
        from weakref import ref

        self._monitors.append(ref(native))

    def _unbind(self, native: _native.Monitor) -> None:
        self._monitors[:] = [known for known in self._monitors if known() is not native]

    def _open_monitors(self) -> list[_native.Monitor]:
        found = [known() for known in self._monitors]
        return [native for native in found if native is not None and not native.closed]


def _fixed(value: Any) -> Any:
    """Make a list fixed: a change within it would not be seen."""
    return tuple(value) if isinstance(value, list) else value


def _rebuild(cls: type[IntegrationConfig], settings: dict[str, Any]) -> IntegrationConfig:
    return cls(**settings)


def _advice(name: str) -> str:
    """Name the setting that was probably meant."""
    try:
        _native.check_setting(name, None)
    except InvalidArgumentError as error:
        return f"{name!r}: {error.allowed}"
    return repr(name)
