"""Dataclasses that can be read as mappings too, since scripts do either."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from .._fields import Record

__all__ = ["Value", "Word", "dataclass"]


class Value(Record):
    """Base of a dataclass: ``alert.severity`` is ``alert["severity"]`` and ``alert.get(…)``."""

    if not TYPE_CHECKING:

        def __init_subclass__(cls, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            # Python 3.9's dataclasses do not set it.
            cls.__match_args__ = tuple(getattr(cls, "__annotations__", ()))


if TYPE_CHECKING:

    class Word(Enum):
        """Base of an enum of words: ``json.dumps`` writes its value, all else is as of any enum."""

else:

    class Word(str, Enum):
        """Base of an enum of words: ``json.dumps`` writes its value, all else is as of any enum."""

        def __format__(self, specification: str) -> str:
            return format(str(self), specification)
