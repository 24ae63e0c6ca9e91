"""Recording this host into a file of its own."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

from . import _lifecycle, _native
from ._config import IntegrationConfig
from ._errors import InvalidStateError
from ._records import state_of
from ._summaries import RecordingSummary

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from ._native import Recorder as NativeRecorder
    from ._records import SystemState


class Recorder:
    """A monitor that writes its samples into a recording and nothing else.

    Use it as a context manager, or call :meth:`finish`. :class:`History` reads the file, while
    it is being written too. Made by :func:`record`.
    """

    _native: NativeRecorder | None = None
    """The engine; ``None`` only when making it failed."""

    def __init__(
        self, path: str | os.PathLike[str], config: IntegrationConfig | None = None
    ) -> None:
        if config is None:
            config = IntegrationConfig.layered()
        elif not isinstance(config, IntegrationConfig):
            found = type(config).__name__
            raise TypeError(f"config must be an IntegrationConfig or None, not {found}")
        self.path = os.fspath(path)
        """The recording's file."""
        self.summary: RecordingSummary | None = None
        """What was recorded, once it is finished."""
        self._native = _native.Recorder(path, vars(config))
        _lifecycle.opened(self)

    @property
    def active(self) -> bool:
        """Whether it records."""
        return self._native is not None and self._native.is_active()

    @property
    def current_state(self) -> SystemState:
        """The newest state; before the first sample its ``metrics`` are ``None``."""
        return state_of(self._engine.state())

    def wait(self, timeout: float | None = None) -> SystemState:
        """Wait for the next state; ``TimedOutError`` if none comes within ``timeout`` seconds."""
        return state_of(self._engine.wait(timeout))

    def finish(self) -> RecordingSummary:
        """Stop, pack what is open and leave one file; return what it holds.

        Finishing twice does no harm. ``StoreError`` when not everything could be written.
        """
        done = self._engine.finish()
        _lifecycle.closed(self)
        if done is not None:
            self.summary = RecordingSummary._make(done)
        if self.summary is None:
            raise InvalidStateError("the recording was ended without a summary")
        return self.summary

    def close(self) -> None:
        """As :meth:`finish`, without a word when there is nothing to finish."""
        if self._native is not None:
            done = self._native.finish()
            _lifecycle.closed(self)
            if done is not None:
                self.summary = RecordingSummary._make(done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if self.active:
            warnings.warn(f"unfinished {self!r}", ResourceWarning, stacklevel=2, source=self)
            self.close()

    def __repr__(self) -> str:
        return f"<Recorder {self.path!r} {'active' if self.active else 'finished'}>"

    @property
    def _engine(self) -> NativeRecorder:
        if self._native is None:
            raise InvalidStateError("the recording was not begun")
        return self._native

    def _end_callbacks(self, patience: float) -> None:
        """Serve the end of the interpreter: nobody is called here."""


def record(path: str | os.PathLike[str], config: IntegrationConfig | None = None) -> Recorder:
    """Begin to record this host into a new file.

    >>> with record("today.usm", IntegrationConfig(refresh_interval=1.0)) as recorder:
    ...     run_the_workload()
    >>> recorder.summary.samples

    Settings are those of a monitor; ``data_dir`` and ``store_enabled`` have no meaning here.
    ``InvalidArgumentError`` when the file exists: nothing is written over.
    """
    return Recorder(path, config)
