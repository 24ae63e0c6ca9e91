"""Values as JSON and SQLite hold them: of Python's own kinds, and nothing that is no number."""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON knows it; NaN and infinities are ``None``."""
    if value is None or isinstance(value, (str, bool, int)):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Enum):
        return plain(value.value)
    if hasattr(value, "keys"):
        return {str(name): plain(value[name]) for name in value.keys()}  # noqa: SIM118
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    # A number or an array of NumPy's.
    native = getattr(value, "tolist", None)
    return str(value) if native is None else plain(native())


def as_json(value: Any) -> str:
    """Write a value as JSON."""
    return json.dumps(plain(value))


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's values for SQLite; lists and mappings as JSON."""
    row: dict[str, Any] = {}
    for name, value in values.items():
        kept = plain(value)
        row[name] = json.dumps(kept) if isinstance(kept, (dict, list)) else kept
    return row
