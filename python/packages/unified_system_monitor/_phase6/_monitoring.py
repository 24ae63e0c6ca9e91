"""``monitor``: the monitor in the background, and the one in the foreground."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from .. import _native
from ._parser import Unsaid
from ._say import CommandError, has
from ._settings import differing, folder_of, in_environment, is_given

if TYPE_CHECKING:
    import argparse

    from ._cli import Phase6CLI

PATIENCE = 15.0
"""Seconds that a monitor has to start, or to stop."""
NOT_RUNNING = 3


def start(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--start``: in the background, unless one runs already."""
    _take_interval(cli, args)
    voice = cli._say(args)
    acts = has(args, "auto_optimize")
    answer = begin(cli, args, acts=acts)
    already = not answer.get("started", False)
    voice.line("Monitoring already active" if already else "Unified monitoring started", "green")
    if acts and answer.get("auto_optimize"):
        voice.line("Auto-optimization enabled", "yellow")
    for line in _about(answer):
        voice.line(line)
    if already and (acts or _said(args)):
        voice.line("It keeps its options; stop it first to give it others.", "yellow")
    voice.json(answer)


def begin(cli: Phase6CLI, args: argparse.Namespace, *, acts: bool) -> dict[str, Any]:
    """Start the background monitor; the answer says whether one ran already."""
    folder = folder_of(cli.config)
    running: dict[str, Any] = _native.service_status(folder)
    if running.get("running"):
        return {**running, "started": False, "already_running": True}
    if not cli.config.store_enabled:
        raise CommandError("store_enabled is off: nothing that it sees would be kept", 2)
    command = [sys.executable, "-m", "unified_system_monitor", *_arguments(cli, args, acts=acts)]
    answer: dict[str, Any] = _native.service_start(folder, command, PATIENCE)
    return answer


def stop(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--stop``: says that it has stopped only when it has."""
    voice = cli._say(args)
    answer = end(cli)
    voice.json(answer)
    if answer.get("stopped"):
        voice.line("Unified monitoring stopped", "green")
    else:
        voice.line("Monitoring is not running", "yellow")


def end(cli: Phase6CLI) -> dict[str, Any]:
    """Stop the monitor in the background, and that of this process."""
    own = cli._monitor
    here = own is not None and own.monitoring_active
    if own is not None and here:
        own.stop_monitoring()
    answer: dict[str, Any] = _native.service_stop(folder_of(cli.config), PATIENCE)
    return {**answer, "stopped": True} if here else answer


def status(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--status``: exit code 3 when nothing runs."""
    voice = cli._say(args)
    found = _native.service_status(folder_of(cli.config))
    voice.json(found)
    voice.heading("Monitoring")
    if not found.get("running"):
        cli.exit_code = NOT_RUNNING
        voice.line("Monitoring is not running", "yellow")
        for line in _of_the_last(found):
            voice.line(line)
        return
    voice.line("Monitoring is running", "green")
    for line in _about(found):
        voice.line(line)


def foreground(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--foreground``: here, until Ctrl-C, as ``usm monitor --foreground`` does."""
    from ..__main__ import main

    _take_interval(cli, args)
    arguments = _arguments(cli, args, acts=has(args, "auto_optimize"))
    cli.exit_code = main([*arguments, *(["--json"] if has(args, "json") else [])])


def _take_interval(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """Check ``--refresh-interval`` and have it act here, too; 0 is none, as it was."""
    if _said(args):
        cli.config.refresh_interval = args.refresh_interval
        cli._given["refresh_interval"] = args.refresh_interval


def _said(args: argparse.Namespace) -> bool:
    interval = getattr(args, "refresh_interval", None)
    return interval is not None and not isinstance(interval, Unsaid) and interval != 0


def _arguments(cli: Phase6CLI, args: argparse.Namespace, *, acts: bool) -> list[str]:
    """Return the arguments of ``usm`` for a monitor with these settings."""
    folder = folder_of(cli.config)
    changed = differing(cli)
    made: list[str] = []
    for name, value in changed.items():
        if name != "refresh_interval":
            text = str(value).lower() if isinstance(value, bool) else str(value)
            made += ["--set", f"{name}={text}"]
    made += ["--data-dir", folder, "monitor", "--foreground"]
    if _said(args) or "refresh_interval" in changed or not is_given(folder, "refresh_interval"):
        interval = repr(float(cli.config.refresh_interval))
        if "refresh_interval" in in_environment():
            made += ["--refresh-interval", interval]
        else:
            # Kept as a setting rather than given as an option, which would go before what is
            # set later, while it runs.
            _native.save_setting(folder, "refresh_interval", interval)
    if acts:
        made.append("--auto-optimize")
        made += ["--demo"] if has(args, "demo") else []
    elif has(args, "demo"):
        raise CommandError("--demo is for --auto-optimize", 2)
    return made


def _about(found: dict[str, Any]) -> list[str]:
    """Tell of the monitor that runs: who it is, since when, how it fares, where its log is."""
    since = found.get("started_at")
    lines = [f"pid {found.get('pid')}" + (f", since {_clock(since)}" if since else "")]
    interval = found.get("refresh_interval")
    if interval is not None:
        acting = ""
        if found.get("auto_optimize"):
            acting = ", says what it would do" if found.get("demo") else ", acts by itself"
        lines.append(f"every {interval} s{acting}")
    beat = found.get("beat") or {}
    if beat.get("state_at"):
        lines.append(f"newest state {_clock(beat['state_at'])}, alerts {beat.get('alerts_firing')}")
    if beat.get("store_degraded"):
        lines.append(f"the database is degraded: {beat['store_degraded']}")
    if found.get("settings_error"):
        lines.append(f"the settings stay as they were: {found['settings_error']}")
    lines += [f"log {found['log']}"] if found.get("log") else []
    return lines


def _of_the_last(found: dict[str, Any]) -> list[str]:
    """Tell of one that did not end in good order."""
    last = found.get("silence")
    if not last:
        return []
    how = "ended with the machine" if last.get("rebooted") else "was killed or crashed"
    return [f"The last one (pid {last.get('pid')}) {how} after {_clock(last['heard_at'])}."]


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
