"""The prototype's module of the component that learns."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import (
        MachineLearningIntegration,
        MLModel,
        MLPrediction,
        SystemPattern,
    )

__all__ = [
    "SKLEARN_AVAILABLE",
    "MLModel",
    "MLPrediction",
    "MachineLearningIntegration",
    "SystemPattern",
    "main",
]

SKLEARN_AVAILABLE = True
"""What the prototype needed scikit-learn for works, always: it is not used."""


def main() -> int:
    """Print what has been learnt."""
    from unified_system_monitor import MachineLearningIntegration

    return show(lambda: MachineLearningIntegration().display_ml_status())


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
