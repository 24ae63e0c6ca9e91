"""What the judgement finds, as dicts whose items are attributes too.

They are dicts, so that they go through ``json`` as they are and keep whatever a later engine
adds; the classes tell an editor and a type checker what is in them. A series is written as a
selector reads it, ``core_busy_percent{core="0"}``, with ``metric`` and ``labels`` beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterable


class Finding(dict[str, Any]):
    """A dict whose items can be read as attributes: ``anomaly.score`` is ``anomaly["score"]``."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            kind = type(self).__name__
            raise AttributeError(f"{kind!r} has no {name!r}; it has {', '.join(self)}") from None

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        items = ", ".join(f"{name}={value!r}" for name, value in self.items())
        return f"{type(self).__name__}({items})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)

    def copy(self) -> Finding:
        """Return a copy of the same class."""
        return type(self)(self)


class Acknowledgement(Finding):
    """Who took note of an alert."""

    if TYPE_CHECKING:
        by: str
        at: float
        note: str | None


class AlertRecord(Finding):
    """One rule that holds for one series, from ``pending`` to ``resolved``."""

    if TYPE_CHECKING:
        id: int
        rule: str
        series: str
        metric: str
        labels: dict[str, str]
        severity: str
        status: str
        value: float | None
        threshold: float | None
        message: str
        since: float
        fired_at: float | None
        resolved_at: float | None
        updated_at: float
        acknowledged: Acknowledgement | None
        silenced_until: float | None
        is_flapping: bool
        escalation_step: int


class AlertRule(Finding):
    """A rule of alerts, as a table of the rules' file: ``when``, ``for``, ``severity`` etc."""

    if TYPE_CHECKING:
        name: str
        description: str
        enabled: bool


class Silence(Finding):
    """Nobody is told of the alerts that it covers, until it ends."""

    if TYPE_CHECKING:
        id: int
        rule: str
        labels: dict[str, str]
        until: float
        by: str
        reason: str | None


class Backtest(Finding):
    """When a rule would have fired."""

    if TYPE_CHECKING:
        samples: int
        without_data: int
        range: tuple[float, float] | None
        alerts: list[AlertRecord]
        firing_percent: float | None
        notes: list[str]


class Notification(Finding):
    """One attempt to tell a channel of an alert."""

    if TYPE_CHECKING:
        alert_id: int
        rule: str
        channel: str
        status: str
        ok: bool
        attempts: int
        error: str | None
        queued_at: float
        finished_at: float


class Anomaly(Finding):
    """A metric that is outside its normal range.

    ``score`` is of this sample, how much news it is: it falls when the same goes on.
    """

    if TYPE_CHECKING:
        series: str
        metric: str
        labels: dict[str, str]
        score: float | None
        worst_score: float
        value: float | None
        expected: tuple[float, float] | None
        since: float
        updated_at: float
        incident: int | None


class Culprit(Finding):
    """A process whose usage moved with an incident."""

    if TYPE_CHECKING:
        pid: int
        start_time_ticks: int
        name: str
        user: str | None
        metric: str
        share_percent: float
        text: str


class Incident(Finding):
    """Anomalies with one cause, and the processes that moved with them."""

    if TYPE_CHECKING:
        id: int
        severity: str
        summary: str
        since: float
        updated_at: float
        closed_at: float | None
        anomalies: list[Anomaly]
        culprits: list[Culprit]


class Evidence(Finding):
    """One number that an insight stands on."""

    if TYPE_CHECKING:
        series: str
        metric: str
        labels: dict[str, str]
        value: float
        unit: str
        against: float | None


class Insight(Finding):
    """What is the matter, in words with numbers, and what could be done."""

    if TYPE_CHECKING:
        id: str
        kind: str
        severity: str
        confidence: float
        text: str
        evidence: list[Evidence]
        advice: list[str]
        opened_at: float
        updated_at: float
        closed_at: float | None


class Forecast(Finding):
    """A forecast of one series for one horizon, with its intervals.

    ``outcome`` says what it is worth: ``forecast``, ``same_as_now`` (nothing better can be
    told) or ``learning``.
    """

    if TYPE_CHECKING:
        series: str
        metric: str
        labels: dict[str, str]
        unit: str
        horizon_seconds: float
        now: float | None
        value: float | None
        interval_80: tuple[float, float] | None
        interval_95: tuple[float, float] | None
        skill: float | None
        backtests: int
        outcome: str


class Exhaustion(Finding):
    """When something is used up."""

    if TYPE_CHECKING:
        series: str
        metric: str
        labels: dict[str, str]
        limit: float
        now: float | None
        seconds: float | None
        earliest_seconds: float | None
        latest_seconds: float | None
        outcome: str


class Correlation(Finding):
    """Two series that move together, not by chance; ``leader`` and ``follower`` are names."""

    if TYPE_CHECKING:
        leader: str
        follower: str
        coefficient: float
        lag_seconds: float
        p_value: float
        sample_count: float


class SecurityFinding(Finding):
    """Something about the machine's security that the user should know.

    ``known``: it was there when the machine was first looked at; ``allowed``: by the setting
    ``security_allow``, or since every machine has it.
    """

    if TYPE_CHECKING:
        id: str
        kind: str
        severity: str
        subject: str
        text: str
        advice: str
        since: float
        known: bool
        allowed: bool
        raised: float | None


class Advice(Finding):
    """What could be done."""

    if TYPE_CHECKING:
        id: str
        text: str
        severity: str
        benefit: str | None
        source: str


class FindingRecord(Finding):
    """A finding in the database, from its beginning to its end; ``data`` is the finding."""

    if TYPE_CHECKING:
        kind: str
        key: str
        opened_at: float
        updated_at: float
        closed_at: float | None
        severity: str | None
        title: str | None
        data: Any


class Change(Finding):
    """An event as a callback gets it: ``event``, ``timestamp`` and what it carries."""

    if TYPE_CHECKING:
        event: str
        timestamp: float


_Kind = TypeVar("_Kind", bound=Finding)

_INNER: dict[str, type[Finding]] = {
    "acknowledged": Acknowledgement,
    "alerts": AlertRecord,
    "anomalies": Anomaly,
    "anomaly": Anomaly,
    "culprits": Culprit,
    "evidence": Evidence,
    "incident": Incident,
}

_OF_KIND: dict[str, type[Finding]] = {
    "alert": AlertRecord,
    "anomaly": Anomaly,
    "incident": Incident,
    "insight": Insight,
    "security": SecurityFinding,
    "silence": Silence,
}


def finding(kind: type[_Kind], values: dict[str, Any]) -> _Kind:
    """Make a finding of what the engine gives, with those that are in it."""
    made = kind()
    for name, value in values.items():
        if isinstance(value, dict) and value.keys() == {"metric", "labels"}:
            labels = dict(value["labels"])
            made[name] = series_name(value["metric"], labels)
            if name == "series":
                made["metric"], made["labels"] = value["metric"], labels
        elif name == "labels" and isinstance(value, list):
            made[name] = dict(value)
        else:
            made[name] = _inner(name, value)
    return made


def findings(kind: type[_Kind], values: list[dict[str, Any]]) -> list[_Kind]:
    """Make a list of findings."""
    return [finding(kind, one) for one in values]


def finding_record(row: dict[str, Any]) -> FindingRecord:
    """Make a row of the database readable, with the finding that it carries."""
    kind = _OF_KIND.get(row["kind"], Finding)
    made = FindingRecord(row)
    made["data"] = finding(kind, row["data"])
    return made


def series_name(metric: str, labels: dict[str, str]) -> str:
    """Write a series as a selector reads it."""
    if not labels:
        return metric
    quoted = (
        f'{name}="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for name, value in labels.items()
    )
    return f"{metric}{{{','.join(quoted)}}}"


def _inner(name: str, value: Any) -> Any:
    kind = _INNER.get(name)
    if kind is None:
        return value
    if isinstance(value, dict):
        return finding(kind, value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return findings(kind, cast("list[dict[str, Any]]", value))
    return value
