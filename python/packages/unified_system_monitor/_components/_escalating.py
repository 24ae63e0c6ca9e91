"""Steps of escalations that the engine takes for rules of one's own, in the prototype's table."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

from .._errors import StoreError
from ._custom_values import AlertEscalation, EscalationLevel
from ._files import log

if TYPE_CHECKING:
    from .._findings import AlertRecord
    from .._monitor import UnifiedSystemMonitor
    from ._custom_rules import CustomAlertRules


def follow(rules: CustomAlertRules, monitor: UnifiedSystemMonitor) -> None:
    """Have each step kept, for as long as the component lives.

    Who was told of it is not known yet at that moment: that is in ``notification_history``.
    """
    me = ref(rules)

    def on_alert(record: AlertRecord) -> None:
        mine = me()
        if mine is None or record.escalation_step < 1:
            return
        try:
            mine._engine_escalated(_step(record))
        except StoreError as problem:
            log("alert_escalations: a step of %s is not kept: %s", record.rule, problem)

    monitor.add_callback("alert_triggered", on_alert)


def _step(record: AlertRecord) -> AlertEscalation:
    return AlertEscalation(
        id=None,
        alert_id=record.id,
        rule_name=record.rule,
        escalation_level=EscalationLevel(record.severity),
        triggered_at=record.updated_at,
        message=record.message,
        notification_sent=False,
    )
