"""Processes as a tree: a parent's children below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _display
from ._tables import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._processes import Process


def children_of(processes: Iterable[Process]) -> dict[int, list[int]]:
    """Return the process ids of the children of each process that has some."""
    children: dict[int, list[int]] = {}
    for process in processes:
        children.setdefault(process.parent_pid, []).append(process.pid)
    return children


def rich_tree(processes: list[Process], root_pid: int, max_depth: int) -> Any:
    """Return a rich tree; ``None`` without rich, or without such a process."""
    known = {process.pid: process for process in processes}
    if not _display.RICH_AVAILABLE or root_pid not in known:
        return None
    from rich.text import Text
    from rich.tree import Tree

    children = children_of(processes)
    # As text, so that nothing in a name is taken for markup.
    root = Tree(Text(_about(known[root_pid])))
    # Not by recursion: a chain may be deeper than Python's stack.
    waiting = [(root, root_pid, 0, {root_pid})]
    while waiting:
        node, pid, depth, above = waiting.pop()
        if depth >= max_depth:
            continue
        for child in children.get(pid, []):
            if child not in above:
                below = node.add(Text(_about(known[child])))
                waiting.append((below, child, depth + 1, above | {child}))
    return root


def lines(processes: list[Process], root_pid: int, max_depth: int) -> list[str]:
    """Return the tree as lines of text."""
    known = {process.pid: process for process in processes}
    if root_pid not in known:
        return []
    children = children_of(processes)
    found = []
    waiting = [(root_pid, 0, frozenset({root_pid}), "")]
    while waiting:
        pid, depth, above, lead = waiting.pop()
        found.append(f"{lead}{_about(known[pid])}")
        if depth >= max_depth:
            continue
        indent = lead.replace("├─ ", "│  ").replace("└─ ", "   ")
        below = [child for child in children.get(pid, []) if child not in above]
        for place, child in reversed(list(enumerate(below))):
            branch = "└─ " if place == len(below) - 1 else "├─ "
            waiting.append((child, depth + 1, above | {child}, indent + branch))
    return found


def _about(process: Process) -> str:
    cpu, memory = (
        "unknown" if value is None else f"{value:.1f}%"
        for value in (process.cpu_core_percent, process.memory_percent)
    )
    return plain(f"{process.name} (PID: {process.pid}, CPU: {cpu}, MEM: {memory})")
