"""The exceptions of this package: one base, and Python's own class beside it where there is one.

Which kind of core's errors becomes which class is written in one table, in
``python/src/errors.rs``.
"""

from __future__ import annotations


class MonitorError(Exception):
    """Base of every exception of this package."""


class InvalidArgumentError(MonitorError, ValueError):
    """A setting or an argument is out of its range or of the wrong type."""

    field: str | None = None
    """Name of the setting or argument."""
    value: str | None = None
    """The value that was given, as text."""
    allowed: str | None = None
    """What would have been allowed, in words."""


class NotFoundError(MonitorError, FileNotFoundError):
    """A file, folder or process that is needed does not exist."""


class PermissionDeniedError(MonitorError, PermissionError):
    """The system refused, for want of a privilege."""


class IoError(MonitorError, OSError):
    """Any other failed read or write."""


class MalformedError(MonitorError, ValueError):
    """A file's content is not what its format promises."""

    path: str | None = None
    """The file."""


class StoreError(MonitorError):
    """The database could not be opened, read or written."""

    path: str | None = None
    """The database file."""


class InvalidStateError(MonitorError, RuntimeError):
    """The call is not possible in the state that the object is in."""


class TimedOutError(MonitorError, TimeoutError):
    """The wait ended before what it waited for came."""


class ForkedError(MonitorError, RuntimeError):
    """The object was made by the parent of this forked process."""


class UnsupportedError(MonitorError, NotImplementedError):
    """The call is beyond this system or kernel."""


class RefusedError(MonitorError):
    """The rules of safety forbid the act: outside the scope, protected, or not what was meant."""


class InternalError(MonitorError):
    """A defect of this library."""
