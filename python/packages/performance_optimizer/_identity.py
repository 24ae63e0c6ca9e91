"""Which process, and what may be touched: pids become identities at once."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, Union

from unified_system_monitor import InvalidArgumentError, NotFoundError

from ._records import ProcessId

Scope = Union[str, "tuple[str, Any]", "dict[str, Any]"]

_ALLOWED = (
    "'machine', 'user', ('user', uid), ('subtree', pid), ('cgroup', path) or ('list', [pids])"
)


def refused(argument: str, value: object, allowed: str) -> InvalidArgumentError:
    """Make the exception for an argument."""
    error = InvalidArgumentError(f"{argument}: {value!r} is not allowed: {allowed}")
    error.field, error.value, error.allowed = argument, repr(value), allowed
    return error


def identity(pid: object, proc: str = "/proc") -> ProcessId:
    """Return the identity of the process that has a pid now; NotFoundError if there is none."""
    if isinstance(pid, ProcessId):
        return pid
    if isinstance(pid, tuple) and len(pid) == 2 and all(isinstance(part, int) for part in pid):
        return ProcessId(*pid)
    if isinstance(pid, bool) or not isinstance(pid, int) or not 0 < pid < 1 << 31:
        raise refused("pid", pid, "a process id, or (pid, start_time_ticks)")
    path = Path(proc, str(pid), "stat")
    try:
        text = path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        raise NotFoundError(errno.ENOENT, "no such process", str(path)) from None
    # The name in parentheses may hold anything, parentheses too.
    fields = text[text.rindex(b")") + 2 :].split()
    return ProcessId(pid, int(fields[19]))


def native_process(process: ProcessId) -> dict[str, int]:
    """Make the engine's form of an identity."""
    return {"pid": process.pid, "start_time_ticks": process.start_time_ticks}


def native_scope(scope: Scope | None, proc: str = "/proc") -> Any:
    """Make the engine's form of a scope."""
    if scope is None or scope == "machine" or isinstance(scope, dict):
        return scope
    if scope == "user":
        return {"user": os.geteuid()}
    if not isinstance(scope, (tuple, list)) or len(scope) != 2:
        raise refused("scope", scope, _ALLOWED)
    kind, what = scope
    if kind == "user" and isinstance(what, int) and not isinstance(what, bool):
        return {"user": what}
    if kind == "subtree":
        return {"subtree": native_process(identity(what, proc))}
    if kind == "cgroup" and isinstance(what, str):
        return {"cgroup": what}
    if kind == "list" and isinstance(what, (list, tuple, set, frozenset)):
        return {"list": [native_process(identity(pid, proc)) for pid in what]}
    raise refused("scope", scope, _ALLOWED)
