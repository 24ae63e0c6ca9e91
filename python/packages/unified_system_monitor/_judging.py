"""The part of a monitor that tells what it has found, and what is said to its alerts."""

from __future__ import annotations

from ._past import Remembering

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from ._components import (
        AdvancedAnalytics,
        AlertManager,
        CustomAlertRules,
        EnhancedToolRecommender,
        MachineLearningIntegration,
        PredictiveAnalytics,
    )
    from ._findings import (
        Advice,
        AlertRecord,
        AlertRule,
        Anomaly,
        Backtest,
        Correlation,
        Exhaustion,
        FindingRecord,
        Forecast,
        Incident,
        Insight,
        Notification,
        SecurityFinding,
        Silence,
    )
    from ._when import Duration, Time

_MOST = 1000


class Judging(Remembering):
    """What a monitor has found; findings are dicts whose items are attributes too."""

    _made: dict[str, Any] | None = None
    """The prototype's components, as far as somebody has asked for them."""

    # Now.

    @property
    def alerts(self) -> list[AlertRecord]:
        """Alerts that are not over, worst first: pending, firing or without data."""
        from ._findings import AlertRecord, findings

        return findings(AlertRecord, self._engine.found.alerts())

    @property
    def anomalies(self) -> list[Anomaly]:
        """Metrics that are outside their normal range, worst first."""
        from ._findings import Anomaly, findings

        return findings(Anomaly, self._engine.found.anomalies())

    @property
    def incidents(self) -> list[Incident]:
        """Anomalies with one cause, and the processes that moved with them."""
        from ._findings import Incident, findings

        return findings(Incident, self._engine.found.incidents())

    @property
    def insights(self) -> list[Insight]:
        """What is the matter, most severe first, and what could be done."""
        from ._findings import Insight, findings

        return findings(Insight, self._engine.found.insights())

    @property
    def forecasts(self) -> list[Forecast]:
        """Forecasts of the main series, in the order of their horizons."""
        return [one for some in self.predictions.values() for one in some.values()]

    @property
    def predictions(self) -> dict[str, dict[str, Forecast]]:
        """Forecasts by horizon (``15min``, ``1h``, ``6h``, ``24h``, ``7d``) and by series."""
        from ._findings import Forecast, findings

        return {
            horizon: {one.series: one for one in findings(Forecast, forecasts)}
            for horizon, forecasts in self._engine.found.predictions()["horizons"]
        }

    @property
    def exhaustions(self) -> list[Exhaustion]:
        """What runs out (file systems, memory and the like), soonest first."""
        from ._findings import Exhaustion, findings

        return findings(Exhaustion, self._engine.found.predictions()["exhaustion"])

    @property
    def correlations(self) -> list[Correlation]:
        """Series that move together, strongest first."""
        from ._findings import Correlation, findings

        return findings(Correlation, self._engine.found.correlations())

    @property
    def security_findings(self) -> list[SecurityFinding]:
        """What is wrong or new with the machine's security, what matters most first."""
        from ._findings import SecurityFinding, findings

        return findings(SecurityFinding, self._engine.found.security())

    @property
    def advice(self) -> list[Advice]:
        """What could be done, most urgent first."""
        from ._findings import Advice, findings

        return findings(Advice, self._engine.found.advice())

    # Over time.

    def findings(
        self,
        kind: str,
        since: Time | None = "24h",
        until: Time | None = None,
        *,
        open_only: bool = False,
        limit: int = _MOST,
    ) -> list[FindingRecord]:
        """Return findings of the past, oldest first, at most ``limit``, the newest.

        :param kind: ``alert``, ``anomaly``, ``incident``, ``insight``, ``security`` or
            ``silence``.
        :param since: those that lasted then or later; as in :meth:`history`.
        :param until: those that began before; ``None``: whenever.
        :param open_only: only those that have not ended.
        """
        from ._findings import finding_record

        first, last = _range(since, until)
        rows = self._engine.found.findings(kind, first, last, open_only, _count("limit", limit))
        return [finding_record(row) for row in rows]

    def forecast(
        self,
        select: str,
        horizons: Duration | Sequence[Duration] = ("15m", "1h", "6h", "24h", "7d"),
    ) -> list[Forecast]:
        """Forecast series out of their history: one for each that is selected and horizon."""
        from ._findings import Forecast, findings
        from ._when import seconds

        several: Any = horizons if isinstance(horizons, (list, tuple)) else [horizons]
        ahead = [seconds("horizons", horizon) for horizon in several]
        return findings(Forecast, self._engine.found.forecast(select, ahead))

    # Alerts and their rules.

    def alert_history(
        self, since: Time | None = "24h", until: Time | None = None, limit: int = _MOST
    ) -> list[AlertRecord]:
        """Return alerts that lasted in a range, oldest first, at most ``limit``, the newest."""
        from ._findings import AlertRecord, findings

        first, last = _range(since, until)
        alerts = self._engine.alert_desk.history(first, last, _count("limit", limit))
        return findings(AlertRecord, alerts)

    def alert_rules(self) -> list[AlertRule]:
        """Return the rules: the built-in ones, those of the rules' file and the added ones."""
        from ._findings import AlertRule, findings

        return findings(AlertRule, self._engine.alert_desk.rules())

    def add_alert_rule(
        self, rule: str | Mapping[str, Any] | None = None, **fields: Any
    ) -> AlertRule:
        """Add a rule, or put it in the place of the one of its name; it is kept.

        Give it as TOML, as a mapping, or in words:
        ``monitor.add_alert_rule(name="hot", when="temperature_celsius > 85", for_="5m")``;
        a key that is a word of Python ends in an underscore. ``InvalidArgumentError`` says
        where it is wrong and what was probably meant.
        """
        from ._findings import AlertRule, finding
        from ._toml import rule_text

        return finding(AlertRule, self._engine.alert_desk.set_rule(rule_text(rule, fields)))

    def enable_alert_rule(self, name: str, enabled: bool = True) -> None:
        """Switch a rule on or off; ``InvalidArgumentError`` when there is none of that name."""
        self._engine.alert_desk.enable_rule(name, enabled)

    def remove_alert_rule(self, name: str) -> bool:
        """Remove an added rule; a built-in one is again as it was. ``False`` if none is added."""
        return self._engine.alert_desk.remove_rule(name)

    def acknowledge_alert(self, id: int, by: str = "user", note: str | None = None) -> None:  # noqa: A002
        """Take note of an alert: it does not escalate any more.

        Where this monitor is not active, the process that monitors is asked to. A number that no
        alert has raises ``InvalidArgumentError``.
        """
        self._engine.alert_desk.acknowledge(_count("id", id), by, note)

    def silence_alerts(
        self,
        rule: str = "*",
        for_: Duration = "1h",
        labels: Mapping[str, str] | None = None,
        by: str = "user",
        reason: str | None = None,
    ) -> int | None:
        """Tell nobody of some alerts for a time; return the silence's number.

        ``None`` when this monitor is not active: then the process that monitors is asked to.

        :param rule: name of a rule; ``*`` and ``?`` may stand in it.
        :param labels: only of series that have these labels.
        """
        from ._when import seconds

        wanted = list((labels or {}).items())
        length = seconds("for_", for_)
        return self._engine.alert_desk.silence(rule, wanted, length, by, reason)

    def end_silence(self, id: int) -> bool:  # noqa: A002
        """End a silence; ``False`` when there is none of that number."""
        return self._engine.alert_desk.end_silence(_count("id", id))

    def silences(self) -> list[Silence]:
        """Return the silences that are in force or still to come."""
        from ._findings import Silence, findings

        return findings(Silence, self._engine.alert_desk.silences())

    def test_alert_rule(
        self,
        rule: str | Mapping[str, Any],
        over: Time = "24h",
        until: Time | None = None,
        *,
        progress: Callable[[float], object] | None = None,
    ) -> Backtest:
        """Tell when a rule would have fired in the history.

        :param rule: name of a rule that there is, or a rule as :meth:`add_alert_rule` takes it.
        :param over: beginning of the range, as ``since`` of :meth:`history`.
        :param progress: told the share that is done, 0 to 1. An exception in it, and Ctrl-C,
            end the test.
        """
        from ._findings import Backtest, finding
        from ._job import result_of
        from ._toml import rule_text

        first, last = _range(over, until)
        text = rule if isinstance(rule, str) else rule_text(rule, {})
        job = self._engine.alert_desk.test_rule(text, first, min(last, _now()))
        return finding(Backtest, result_of(job, progress))

    def alert_channels(self) -> dict[str, str]:
        """Return the channels that can be told: name and kind."""
        return dict(self._engine.alert_desk.channels())

    def test_channel(self, name: str) -> Notification:
        """Send a message of test to a channel and wait for what becomes of it."""
        from ._findings import Notification, finding

        return finding(Notification, self._engine.alert_desk.test_channel(name))

    def notifications(self, since: Time | None = "24h", limit: int = _MOST) -> list[Notification]:
        """Return who was told of what, oldest first, at most ``limit``, the newest."""
        from ._findings import Notification, findings

        first, _ = _range(since, None)
        rows = self._engine.alert_desk.notifications(first, _count("limit", limit))
        return findings(Notification, rows)

    # The prototype's components.

    @property
    def tool_recommender(self) -> EnhancedToolRecommender:
        """Which tool would show more of a problem."""
        made: EnhancedToolRecommender = self._component("EnhancedToolRecommender")
        return made

    @property
    def alert_manager(self) -> AlertManager:
        """The alerts, by the prototype's names."""
        made: AlertManager = self._component("AlertManager")
        return made

    @property
    def predictive_analytics(self) -> PredictiveAnalytics:
        """Trends, anomalies and forecasts, by the prototype's names."""
        made: PredictiveAnalytics = self._component("PredictiveAnalytics")
        return made

    @property
    def custom_alerts(self) -> CustomAlertRules:
        """Rules of one's own, by the prototype's names."""
        made: CustomAlertRules = self._component("CustomAlertRules")
        return made

    @property
    def ml_integration(self) -> MachineLearningIntegration:
        """What is learnt, by the prototype's names."""
        made: MachineLearningIntegration = self._component("MachineLearningIntegration")
        return made

    @property
    def advanced_analytics(self) -> AdvancedAnalytics:
        """Correlations, insights and baselines, by the prototype's names."""
        made: AdvancedAnalytics = self._component("AdvancedAnalytics")
        return made

    def _component(self, name: str) -> Any:
        from . import _components

        if self._made is None:
            self._made = {}
        made = self._made.get(name)
        if made is None:
            kind = getattr(_components, name)
            # Two threads may make one each: the first stays.
            made = self._made.setdefault(name, kind._of(self))
        return made


def _range(since: Time | None, until: Time | None) -> tuple[float, float]:
    from ._when import unix_seconds

    first = 0.0 if since is None else unix_seconds("since", since)
    return first, float("inf") if until is None else unix_seconds("until", until)


def _now() -> float:
    import time

    return time.time()


def _count(name: str, value: int) -> int:
    if value < 0:
        from ._when import refused

        raise refused(name, value, "0 or more")
    return value
