"""Rules of alerts as TOML, made of Python's values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ._when import refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_WANTED = "texts, numbers, switches, timedeltas, and lists and tables of them"


def rule_text(rule: str | Mapping[str, Any] | None, fields: Mapping[str, Any]) -> str:
    """Return a rule as TOML: a text as it is, a mapping and keywords written out."""
    if isinstance(rule, str):
        if fields:
            raise TypeError("a rule is given as a text or by keywords, not both")
        return rule
    table = {**(rule or {}), **{key.rstrip("_"): value for key, value in fields.items()}}
    if not table:
        raise TypeError("a rule is needed: a text of TOML, a mapping, or keywords")
    lines = (f"{_key(key)} = {_value(key, value)}" for key, value in table.items())
    return "".join(f"{line}\n" for line in lines if not line.endswith("= None"))


def _value(key: str, value: Any) -> str:
    if value is None:
        # TOML knows no nothing: the key is left out.
        return "None"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, timedelta):
        return _text(f"{value.total_seconds():.3f}s")
    if isinstance(value, dict):
        items = ((name, _value(key, one)) for name, one in value.items())
        return (
            "{" + ", ".join(f"{_key(name)} = {one}" for name, one in items if one != "None") + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(key, one) for one in value) + "]"
    raise refused(key, repr(value), _WANTED)


def _key(key: str) -> str:
    return _text(key)


def _text(text: str) -> str:
    quoted = "".join(
        _ESCAPES.get(letter) or (letter if letter.isprintable() else _escaped(letter))
        for letter in text
    )
    return f'"{quoted}"'


def _escaped(letter: str) -> str:
    number = ord(letter)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
