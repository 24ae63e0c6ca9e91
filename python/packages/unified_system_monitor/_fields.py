"""What makes a plain class serve the functions of ``dataclasses``, without importing it.

Importing ``dataclasses`` costs three times as much as the rest of this package, and who
never calls ``asdict`` need not pay for it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from dataclasses import Field
    from typing import Any, ClassVar, TypeVar

    from typing_extensions import Self

    _RecordType = TypeVar("_RecordType", bound="type[Record]")


class Record:
    """A mutable value with named fields: those of its ``__init__``, in that order.

    Compares, prints, copies and pickles like a dataclass, and can be read as a mapping.
    """

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    __match_args__: tuple[str, ...] = ()

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return isinstance(other, Record) and self._astuple() == other._astuple()

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.items())
        return f"{self.__class__.__qualname__}({values})"

    def __replace__(self, **changes: Any) -> Self:
        """Serve ``copy.replace`` of Python 3.13."""
        return self.__class__(**{**dict(self.items()), **changes})

    def __getitem__(self, name: str) -> Any:
        if name in self.__match_args__:
            return getattr(self, name)
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a field, or ``default`` if there is no such field."""
        return getattr(self, name) if name in self.__match_args__ else default

    def keys(self) -> tuple[str, ...]:
        """Return the names of the fields."""
        return self.__match_args__

    def values(self) -> list[Any]:
        """Return the values of the fields."""
        return [getattr(self, name) for name in self.__match_args__]

    def items(self) -> list[tuple[str, Any]]:
        """Return name and value of each field."""
        return [(name, getattr(self, name)) for name in self.__match_args__]

    def __iter__(self) -> Iterator[str]:
        return iter(self.__match_args__)

    def __contains__(self, name: object) -> bool:
        return name in self.__match_args__

    def __len__(self) -> int:
        return len(self.__match_args__)

    def _astuple(self) -> tuple[Any, ...]:
        return tuple(self.values())


class _Fields:
    """Makes ``__dataclass_fields__`` when it is asked for, and then is replaced by it."""

    def __get__(self, _instance: object, owner: type[Record]) -> dict[str, Field[Any]]:
        import dataclasses

        init: Any = vars(owner)["__init__"]
        names = owner.__match_args__
        positional = names[: init.__code__.co_argcount - 1]
        defaults = dict(init.__kwdefaults__ or {})
        if init.__defaults__:
            defaults.update(zip(positional[-len(init.__defaults__) :], init.__defaults__))
        specification: list[Any] = []
        for name in names:
            kind = init.__annotations__.get(name, "object")
            if name in defaults:
                specification.append((name, kind, dataclasses.field(default=defaults[name])))
            else:
                specification.append((name, kind))
        made: Any = dataclasses.make_dataclass(owner.__name__, specification)
        fields: dict[str, Field[Any]] = made.__dataclass_fields__
        owner.__dataclass_fields__ = fields
        return fields


def record(cls: _RecordType) -> _RecordType:
    """Take the fields of a record from the arguments of its ``__init__``."""
    made: Any = cls
    code = made.__init__.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    made.__match_args__ = names  # type: ignore[misc]  # mypy: only in the class body
    made.__dataclass_fields__ = _Fields()
    return cls
