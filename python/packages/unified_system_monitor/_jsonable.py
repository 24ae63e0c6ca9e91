"""Any value as JSON can hold it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

_DEEPEST = 32


def jsonable(value: Any, depth: int = _DEEPEST) -> Any:
    """Return a value in JSON's types: a record as its fields, an enumeration as its value.

    NaN and infinities are ``None``, and so is what lies too deep or contains itself.
    """
    if value is None or (isinstance(value, (bool, int, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return value if value - value == 0.0 else None
    if depth == 0:
        return None
    if isinstance(value, Enum):
        return jsonable(value.value, depth - 1)
    if isinstance(value, Mapping) or hasattr(value, "keys"):
        return {str(key): jsonable(value[key], depth - 1) for key in value.keys()}  # noqa: SIM118
    if dataclasses.is_dataclass(value):
        names = (field.name for field in dataclasses.fields(value))
        return {name: jsonable(getattr(value, name), depth - 1) for name in names}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item, depth - 1) for item in value]
    item = getattr(value, "item", None)
    if callable(item):
        # A number of numpy.
        return jsonable(item(), depth - 1)
    return str(value)


def json_text(value: Any) -> str | None:
    """Return a value as JSON text; ``None`` stays ``None``."""
    return None if value is None else json.dumps(jsonable(value))
