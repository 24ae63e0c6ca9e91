"""The monitor, with the prototype's names."""

from __future__ import annotations

from . import _lifecycle, _native
from ._callbacks import ENDED, Dispatcher
from ._config import IntegrationConfig
from ._errors import InvalidArgumentError, InvalidStateError
from ._live_inside import Inside
from ._records import SystemState, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from ._callbacks import CallbackList, _Callback
    from ._live import Callbacks
    from ._native import Monitor as NativeMonitor
    from ._processes import Process


class UnifiedSystemMonitor(Inside):
    """Watches this host: samples it, judges the sample, tells callbacks and remembers.

    Every method may be called from any thread, and from a callback. Use it as a context
    manager, or call :meth:`close`; what was measured stays readable afterwards. After
    ``os.fork()`` the child's copy raises :class:`ForkedError`: make a new one there.
    """

    def __init__(self, config: IntegrationConfig | None = None) -> None:
        if config is None:
            config = IntegrationConfig.layered()
        elif not isinstance(config, IntegrationConfig):
            found = type(config).__name__
            raise TypeError(f"config must be an IntegrationConfig or None, not {found}")
        super().__init__()
        self._config = config
        native = _native.Monitor(vars(config))
        self._native = native
        self._callbacks = Dispatcher(native)
        # Apart from the callbacks, so that a slow one does not delay asynchronous readers.
        self._states = Dispatcher(native)
        self._newest: tuple[int, SystemState] | None = None
        self._assigned: SystemState | None = None
        self._console: Any = None
        self.live = native.live
        """The newest values, one attribute each, read without waiting: ``live.cpu_percent``."""
        config._bind(native)
        _lifecycle.opened(self)

    # Life.

    def start_monitoring(self) -> str:
        """Start sampling in the background; the first state comes within about 0.2 s."""
        started = self._engine.start()
        return "Unified monitoring started" if started else "Monitoring already active"

    def stop_monitoring(self) -> str:
        """Stop sampling; it may be started again."""
        self._engine.stop()
        return "Unified monitoring stopped"

    def close(self) -> None:
        """Stop, end every subscription and write what waits for the database.

        A callback that is running has a second to return. Closing twice does no harm.
        """
        native = self._native
        if native is None or native.closed:
            return
        try:
            native.check_process()
        except Exception:
            # The parent's, in a forked child: not ours to end.
            return
        try:
            if native.is_active():
                native.stop()
            self._end_components()
        finally:
            self._end_callbacks(_lifecycle.CALLBACK_PATIENCE)
            self._end_pool()
            self._config._unbind(native)
            native.close()
            _lifecycle.closed(self)

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
        native = self._native
        if native is None or native.closed:
            return
        if native.is_active():
            import warnings

            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        self.close()

    def __repr__(self) -> str:
        native = self._native
        state = (
            "closed"
            if native is None or native.closed
            else "active"
            if native.is_active()
            else "stopped"
        )
        return f"<UnifiedSystemMonitor {state}>"

    # What it sees.

    @property
    def current_state(self) -> SystemState:
        """The newest state; before the first sample its ``metrics`` are ``None``."""
        native = self._engine
        sequence = native.sequence()
        known = self._newest
        if known is not None and known[0] == sequence:
            return known[1]
        state = state_of(native.state())
        self._newest = (sequence, state)
        return state

    @current_state.setter
    def current_state(self, state: SystemState) -> None:
        """Show a state made by hand, here and in the report, until the next sample."""
        if not isinstance(state, SystemState):
            raise TypeError(f"a state must be a SystemState, not {type(state).__name__}")
        self._newest, self._assigned = (self._engine.sequence(), state), state

    @property
    def max_history_size(self) -> int:
        """How many states ``state_history`` holds at most; a setting."""
        return self._config.max_history_size

    @max_history_size.setter
    def max_history_size(self, states: int) -> None:
        self._config.max_history_size = states

    def collect(self) -> SystemState:
        """Take a sample now, publish it and return it."""
        return state_of(self._engine.collect())

    def wait(self, timeout: float | None = None) -> SystemState:
        """Wait for the next state; ``TimedOutError`` if none comes within ``timeout`` seconds."""
        native = self._engine
        return state_of(native.wait(native.sequence(), timeout))

    async def states(self) -> AsyncIterator[SystemState]:
        """Yield each state as it comes, until monitoring is stopped.

        Who is too slow loses the oldest ones, beyond ``event_queue_size``.
        """
        import asyncio
        from collections import deque

        loop = asyncio.get_running_loop()
        waiting: deque[SystemState] = deque(maxlen=self._config.event_queue_size)
        arrived = asyncio.Event()
        ended = False

        def arrive(state: SystemState) -> None:
            waiting.append(state)
            arrived.set()

        def end() -> None:
            nonlocal ended
            ended = True
            arrived.set()

        def on_state(state: SystemState) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(arrive, state)

        def on_end(_payload: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(end)

        self._engine.check_process()
        wanted = {"state_update": on_state, "monitor_stopped": on_end, ENDED: on_end}
        for event, callback in wanted.items():
            self._states.subscribers[event].append(callback)
        try:
            while True:
                while waiting:
                    yield waiting.popleft()
                if ended or self._engine.closed:
                    return
                arrived.clear()
                await arrived.wait()
        finally:
            for event, callback in wanted.items():
                self._states.subscribers[event].remove(callback)

    def snapshot(self) -> dict[str, Any]:
        """Everything that is known of the newest state: processors, disks, processes and so on."""
        return self._engine.snapshot()

    def top_processes(self, n: int = 10, by: str = "cpu") -> list[Process]:
        """Return the first ``n`` by ``cpu``, ``memory``, ``io``, ``threads`` or ``age``."""
        if n < 0:
            raise _refused("n", n, "0 or more")
        return self._processes(n, by)

    def processes(self) -> list[Process]:
        """Every process of the newest sample, by pid."""
        return self._processes(None, None)

    def process_extra(self, pid: int) -> dict[str, int | None]:
        """``pss_bytes`` and ``open_files`` of one process of the newest sample.

        Dear to read, so only for a process that you choose, and kept for ``cache_duration``;
        ``None`` without permission. ``NotFoundError`` when there is no such process (any more).
        """
        return self._engine.process_extra(pid)

    def sources(self) -> list[dict[str, Any]]:
        """Every source of facts, and why it can't be read if it can't."""
        return self._engine.sources()

    # The prototype's reports.

    def get_comprehensive_report(self) -> dict[str, Any]:
        """Return the report of eight sections; it collects nothing new."""
        report = self._engine.report()
        if self._assigned is not None and self.current_state is self._assigned:
            from dataclasses import asdict

            report["system_state"] = asdict(self._assigned)
            return report
        metrics = report["system_state"].get("metrics")
        if metrics is not None and metrics["load_average"] is not None:
            metrics["load_average"] = tuple(metrics["load_average"])
        return report

    def display_unified_status(self) -> None:
        """Print the components and the three scores, as a table where rich is installed."""
        from ._display import display

        display(self)

    @property
    def console(self) -> Any:
        """A rich console, or ``None`` where rich is not installed; one may be assigned."""
        from . import _display

        if not _display.RICH_AVAILABLE:
            return None
        if self._console is None:
            self._console = _display.console()
        return self._console

    @console.setter
    def console(self, console: Any) -> None:
        self._console = console

    def component_details(self) -> list[dict[str, str]]:
        """Each component with ``name``, ``status`` and ``detail``: why it has that status."""
        return self._engine.component_status()

    # Callbacks.

    @property
    def callbacks(self) -> Callbacks:
        """The callbacks of each event; a live view: what is added or taken away acts at once.

        The prototype's five events are always there, others when somebody subscribed.
        """
        from ._live import Callbacks

        return Callbacks(self._callbacks, _native.event_names())

    def add_callback(self, event_type: str, callback: _Callback) -> None:
        """Have ``callback`` called with each event of a type, on the callbacks' thread.

        ``state_update`` gives a :class:`SystemState`; every other event a dict, whose items are
        attributes too, with ``event``, ``timestamp`` and what the event carries: the alert
        (``alert_triggered``), the ``anomaly`` and its ``incident`` with the culprits
        (``performance_anomaly``), the finding (``security_issue``), the advice
        (``recommendation_generated``).
        """
        self._engine.check_process()
        if self._engine.closed:
            raise InvalidStateError("the monitor is closed")
        self._subscribers(event_type).append(callback)

    def remove_callback(self, event_type: str, callback: _Callback) -> bool:
        """End a subscription; ``False`` if there was none. One call may still be in progress."""
        subscribers = self._subscribers(event_type)
        if callback not in subscribers:
            return False
        subscribers.remove(callback)
        return True

    @property
    def callback_errors(self) -> int:
        """How many calls of callbacks have raised; each was told to ``sys.unraisablehook``."""
        return self._callbacks.tally.failed

    @property
    def callback_drops(self) -> int:
        """How many events were dropped since the callbacks were too slow."""
        stream = self._callbacks.stream
        return 0 if stream is None else stream.dropped

    # Its own condition.

    @property
    def config(self) -> IntegrationConfig:
        """The settings: the very object that was given. Assignments to it act at once."""
        return self._config

    @config.setter
    def config(self, config: IntegrationConfig) -> None:
        if not isinstance(config, IntegrationConfig):
            found = type(config).__name__
            raise TypeError(f"config must be an IntegrationConfig, not {found}")
        native = self._engine
        native.reconfigure(vars(config))
        self._config._unbind(native)
        self._config = config
        config._bind(native)

    @property
    def monitoring_active(self) -> bool:
        """Whether the host is being sampled."""
        return self._native is not None and self._native.is_active()

    @property
    def monitoring_thread(self) -> MonitoringThread | None:
        """The engine's thread while it samples, else ``None``."""
        return MonitoringThread(self._engine) if self.monitoring_active else None

    @property
    def unified_db(self) -> str | None:
        """Path of the SQLite file; ``None`` with ``store_enabled`` false."""
        path = self._engine.store_path()
        return None if path is None else str(path)

    @property
    def store_health(self) -> dict[str, Any] | None:
        """How the database is doing, and why if it is degraded."""
        return self._engine.store_health()

    def flush(self, timeout: float = 5.0) -> None:
        """Wait until everything that was measured so far is in the database."""
        self._engine.flush(timeout)

    def stored_states(self, since: float, until: float, limit: int = 1000) -> list[dict[str, Any]]:
        """States in the database between two Unix times, oldest first."""
        return self._engine.stored_states(since, until, limit)

    # Private.

    def _subscribers(self, event: str) -> CallbackList:
        names = _native.event_names()
        if event not in names:
            raise _refused("event_type", repr(event), f"one of {', '.join(names)}")
        return self._callbacks.subscribers[event]

    def _processes(self, most: int | None, by: str | None) -> list[Process]:
        from ._processes import Process

        return [Process._make(values) for values in self._engine.processes(most, by)]

    def _end_callbacks(self, patience: float) -> None:
        self._callbacks.close(patience)
        self._states.close(patience)


def _refused(argument: str, value: object, allowed: str) -> InvalidArgumentError:
    error = InvalidArgumentError(f"{argument}: {value} is not allowed: {allowed}")
    error.field, error.value, error.allowed = argument, str(value), allowed
    return error


class MonitoringThread:
    """The engine's thread, as far as it can be seen from Python."""

    name = "usm-monitor"
    daemon = True

    def __init__(self, native: NativeMonitor) -> None:
        self._native = native

    def is_alive(self) -> bool:
        """Whether it samples."""
        return self._native.is_active()

    def join(self, timeout: float | None = None) -> None:
        """Wait until it samples no more, or for so many seconds."""
        import time

        end = None if timeout is None else time.monotonic() + timeout
        while self.is_alive() and (end is None or time.monotonic() < end):
            time.sleep(0.02)
