"""Events on their way to Python's callbacks: one thread for all of them.

The thread is made by Python, so that it may run Python at any time, and takes events from a
stream of the engine. A callback that raises is told to ``sys.unraisablehook`` and counted; the
others go on. One that never returns holds up those after it, but neither the sampling nor the
end of the program.
"""

from __future__ import annotations

from _thread import allocate_lock

from . import _native
from ._records import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable
    from typing import Any, SupportsIndex

    _Callback = Callable[[Any], object]

ENDED = "ended"
"""Name of the event that a dispatcher itself tells, with ``None``: no more will come."""


class CallbackList(list["_Callback"]):
    """The callbacks of one event. Who adds one by the list's own methods is subscribed too."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        super().__init__()
        self._dispatcher = dispatcher

    def append(self, callback: _Callback) -> None:
        """Subscribe a callback."""
        self.insert(len(self), callback)

    def insert(self, index: SupportsIndex, callback: _Callback) -> None:
        """Subscribe a callback ahead of others."""
        if not callable(callback):
            raise TypeError(f"a callback must be callable, not {type(callback).__name__}")
        super().insert(index, callback)
        self._dispatcher.start()

    def extend(self, callbacks: Iterable[_Callback]) -> None:
        """Subscribe callbacks."""
        for callback in callbacks:
            self.append(callback)

    def __iadd__(self, callbacks: Iterable[_Callback]) -> CallbackList:  # type: ignore[override, misc]
        self.extend(callbacks)
        return self


class Tally:
    """What happened on the thread so far."""

    def __init__(self) -> None:
        self.failed = 0
        self.stopped = False


class Dispatcher:
    """The callbacks of one monitor, and the thread that calls them once there is one."""

    def __init__(self, native: _native.Monitor) -> None:
        names = (*_native.event_names(), ENDED)
        self.subscribers = {name: CallbackList(self) for name in names}
        self.tally = Tally()
        self.stream: _native.EventStream | None = None
        self._native = native
        self._thread: threading.Thread | None = None
        self._starting = allocate_lock()

    def start(self) -> None:
        """Start the thread, unless it runs already."""
        if self._thread is not None:
            return
        import threading

        with self._starting:
            if self._thread is not None:
                return
            self.stream = self._native.stream()
            thread = threading.Thread(
                target=_deliver,
                args=(self.stream, self.subscribers, self.tally),
                name="usm-callbacks",
                daemon=True,
            )
            thread.start()
            self._thread = thread

    def is_current(self) -> bool:
        """Whether this is called from a callback."""
        import threading

        return self._thread is threading.current_thread()

    def close(self, patience: float) -> bool:
        """Deliver what waits and end the thread; False if a callback does not return in time."""
        if self.stream is None or self._thread is None or self.tally.stopped:
            return True
        self.stream.close()
        if self.is_current():
            # Who closes from inside a callback is not called any more.
            self.tally.stopped = True
            return True
        self._thread.join(patience)
        self.tally.stopped = True
        return not self._thread.is_alive()


def _deliver(
    stream: _native.EventStream, subscribers: dict[str, CallbackList], tally: Tally
) -> None:
    # No reference to the monitor: it shall be collectable while this thread waits.
    from ._findings import Change, finding

    while not tally.stopped:
        event = stream.next()
        if event is None:
            break
        callbacks = subscribers.get(event.name)
        if not callbacks:
            continue
        payload = event.payload()
        payload = state_of(payload) if event.name == "state_update" else finding(Change, payload)
        _call(callbacks, payload, tally)
    _call(subscribers[ENDED], None, tally)


def _call(callbacks: CallbackList, payload: Any, tally: Tally) -> None:
    for callback in tuple(callbacks):
        if tally.stopped:
            return
        try:
            callback(payload)
        except BaseException as error:
            tally.failed += 1
            _native.report_unraisable(error, callback)
