"""The state as it was at a moment of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._fields import record
from ._processes import Process
from ._records import SystemMetrics, SystemState
from ._when import refused

if TYPE_CHECKING:
    from typing import Any

    from ._native import Moment


@record
class PastState(SystemState):
    """A :class:`SystemState` of the past, and the processes that were recorded with it.

    ``timestamp`` is when it was sampled; of a coarser tier, the beginning of its stretch.
    """

    _moment: Moment | None = None

    def __init__(
        self,
        timestamp: float,
        metrics: SystemMetrics | None = None,
        alerts: list[dict[str, Any]] | None = None,
        recommendations: list[str] | None = None,
        predictions: dict[str, Any] | None = None,
        insights: list[dict[str, Any]] | None = None,
        health_score: float = 0.0,
        performance_score: float = 0.0,
        security_score: float = 0.0,
        asked: float | None = None,
        tier: str | None = None,
    ) -> None:
        super().__init__(
            timestamp,
            metrics,
            alerts,
            recommendations,
            predictions,
            insights,
            health_score,
            performance_score,
            security_score,
        )
        self.asked = asked
        """The moment that was asked for, Unix seconds; of a replay the state's own."""
        self.tier = tier
        """The tier that held it: ``raw``, ``10s``, ``1min`` or ``10min``."""

    def snapshot(self) -> dict[str, Any]:
        """Everything that was recorded of it: processors, disks, processes and so on."""
        return {} if self._moment is None else self._moment.snapshot()

    def processes(self) -> list[Process]:
        """Return the processes that were recorded, by pid: the top ones by each measure."""
        return self._processes(None, None)

    def top_processes(self, n: int = 10, by: str = "cpu") -> list[Process]:
        """Return the first ``n`` by ``cpu``, ``memory``, ``io``, ``threads`` or ``age``."""
        if n < 0:
            raise refused("n", n, "0 or more")
        return self._processes(n, by)

    def _processes(self, most: int | None, by: str | None) -> list[Process]:
        rows = [] if self._moment is None else self._moment.processes(most, by)
        return [Process._make(values) for values in rows]


def past_state(moment: Moment) -> PastState:
    """Make a state of what the engine gives."""
    timestamp, metrics, *rest = moment.state()
    state = PastState(
        timestamp,
        None if metrics is None else SystemMetrics(*metrics),
        *rest,
    )
    state.asked, state.tier = moment.asked, moment.tier
    state._moment = moment
    return state
