"""Live views of a monitor, where the prototype had lists and dicts of its own.

A view holds nothing itself: it shows what the monitor has at the moment of each look.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from ._records import state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._callbacks import CallbackList, Dispatcher, _Callback
    from ._monitor import UnifiedSystemMonitor
    from ._records import SystemState

PARTS = ("metrics", "alerts", "recommendations", "predictions", "insights")
"""Keys of the cache that show a part of the newest state each."""


class StateHistory(Sequence["SystemState"]):
    """The states of the recent past, oldest first; it grows as they come, and can't be changed.

    Equal to a list of the same states; a slice is a list.
    """

    __slots__ = ("_monitor",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, monitor: UnifiedSystemMonitor) -> None:
        self._monitor = monitor

    def __len__(self) -> int:
        return len(self._states())

    @overload
    def __getitem__(self, index: int) -> SystemState: ...
    @overload
    def __getitem__(self, index: slice) -> list[SystemState]: ...
    def __getitem__(self, index: int | slice) -> SystemState | list[SystemState]:
        return self._states()[index]

    def __iter__(self) -> Iterator[SystemState]:
        # Of one look: what comes meanwhile is seen by the next.
        return iter(tuple(self._states()))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StateHistory):
            return self._states() == other._states()
        return self._states() == other if isinstance(other, list) else NotImplemented

    def __add__(self, other: list[SystemState]) -> list[SystemState]:
        return self._states() + other

    def __repr__(self) -> str:
        return repr(self._states())

    def copy(self) -> list[SystemState]:
        """Return the states as they are now, as a list of your own."""
        return list(self._states())

    def _states(self) -> list[SystemState]:
        native = self._monitor._engine
        sequence, most = native.sequence(), self._monitor.max_history_size
        known = self._monitor._seen_history
        if known is not None and known[:2] == (sequence, most):
            return known[2]
        states = [state_of(values) for values in native.history()]
        newest = self._monitor.current_state
        if states and states[-1] == newest:
            # The very object, as in the prototype.
            states[-1] = newest
        self._monitor._seen_history = (sequence, most, states)
        return states


class Cache(MutableMapping[str, Any]):
    """What needs not be computed again: the parts of the newest state, and what is kept.

    ``metrics``, ``alerts``, ``recommendations``, ``predictions`` and ``insights`` are those of
    the newest state. A value that is written is what ``_get_cached_or_fresh`` serves for
    ``cache_duration``; the engine measures and judges without it. What is deleted, and all by
    ``clear()``, is away until the next state or the next computation.
    """

    __slots__ = ("_monitor",)

    def __init__(self, monitor: UnifiedSystemMonitor) -> None:
        self._monitor = monitor

    def __getitem__(self, key: str) -> Any:
        return self._entries()[key][0]

    def __setitem__(self, key: str, value: Any) -> None:
        self._monitor._kept[key] = (value, time.time())

    def __delitem__(self, key: str) -> None:
        if key not in self._entries():
            raise KeyError(key)
        monitor = self._monitor
        monitor._kept.pop(key, None)
        if key in PARTS:
            monitor._hidden[key] = monitor._engine.sequence()
        else:
            monitor._engine.notes.forget_cached(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries())

    def __len__(self) -> int:
        return len(self._entries())

    def __repr__(self) -> str:
        return repr(dict(self.items()))

    def clear(self) -> None:
        """Forget everything."""
        for key in self._entries():
            self.pop(key, None)

    def _entries(self) -> dict[str, tuple[Any, float]]:
        """Return each key with its value and the time of that."""
        monitor = self._monitor
        native = monitor._engine
        now = time.time()
        entries = {}
        if not native.closed:
            entries = {key: (value, now - age) for key, value, age in native.cached()}
        state, sequence = monitor.current_state, native.sequence()
        if state.metrics is not None:
            for key in PARTS:
                value = getattr(state, key)
                if value is not None and monitor._hidden.get(key) != sequence:
                    entries[key] = (value, state.timestamp)
        limit = monitor.config.cache_duration
        for key, (value, at) in tuple(monitor._kept.items()):
            # An old one gives way to what is measured.
            if key not in entries or 0 <= now - at < limit:
                entries[key] = (value, at)
        return entries


class CacheTimestamps(MutableMapping[str, float]):
    """When each value of ``cache`` was computed, Unix seconds.

    Written, it makes a value younger or older; deleted, it forgets the value.
    """

    __slots__ = ("_cache",)

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def __getitem__(self, key: str) -> float:
        return self._cache._entries()[key][1]

    def __setitem__(self, key: str, seconds: float) -> None:
        value, _ = self._cache._entries()[key]
        self._cache._monitor._kept[key] = (value, float(seconds))

    def __delitem__(self, key: str) -> None:
        del self._cache[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cache)

    def __len__(self) -> int:
        return len(self._cache)

    def __repr__(self) -> str:
        return repr(dict(self.items()))


class Callbacks(MutableMapping[str, "CallbackList"]):
    """The callbacks of each event; adding to a list and taking from it acts at once.

    The prototype's five events are always there, others when somebody has subscribed.
    """

    __slots__ = ("_dispatcher", "_first", "_names")

    def __init__(self, dispatcher: Dispatcher, names: Sequence[str]) -> None:
        self._dispatcher = dispatcher
        self._names = names
        self._first = names[:5]

    def __getitem__(self, event: str) -> CallbackList:
        if event not in self._names:
            raise KeyError(event)
        return self._dispatcher.subscribers[event]

    def __setitem__(self, event: str, callbacks: Iterable[_Callback]) -> None:
        subscribers, wanted = self[event], list(callbacks)
        subscribers.clear()
        subscribers.extend(wanted)

    def __delitem__(self, event: str) -> None:
        self[event].clear()

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._names if name in self)

    def __contains__(self, event: object) -> bool:
        return event in self._first or (
            event in self._names and bool(self._dispatcher.subscribers[str(event)])
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self.items()))
