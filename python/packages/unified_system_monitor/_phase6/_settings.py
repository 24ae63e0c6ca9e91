"""``config``: the settings in force, and those that are kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .. import _native
from .._config import IntegrationConfig
from ._parser import REFRESH_INTERVAL
from ._say import CommandError, has

if TYPE_CHECKING:
    import argparse

    from ._cli import Phase6CLI

_SHOWN = {
    "enable_monitoring": "Monitoring",
    "enable_analytics": "Analytics",
    "enable_ml": "Machine Learning",
    "enable_export": "Export",
    "enable_dashboard": "Dashboard",
    "enable_alerts": "Alerts",
    "enable_process_management": "Process Management",
    "refresh_interval": "Refresh Interval",
    "max_threads": "Max Threads",
    "cache_duration": "Cache Duration",
}
_SECONDS = ("refresh_interval", "cache_duration")


def settings_in_force(folder: str | None) -> IntegrationConfig:
    """Return defaults under what is saved in the data folder under the environment."""
    values = {**_native.layered_settings(None)}
    if "refresh_interval" not in in_environment():
        values["refresh_interval"] = float(REFRESH_INTERVAL)
    values.update(_saved(folder))
    if folder is not None:
        values["data_dir"] = folder
    return IntegrationConfig(**values)


def folder_of(config: IntegrationConfig) -> str:
    """Return the data folder, absolute: whoever is started elsewhere has to find it."""
    return os.path.abspath(config.data_dir or os.fspath(_native.default_data_dir()))  # noqa: PTH100


def is_given(folder: str, name: str) -> bool:
    """Whether a setting comes from the file or the environment, not from the defaults."""
    return name in _saved(folder) or name in in_environment()


def show(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--show``: the ten that the prototype showed, or all."""
    config, voice = cli.config, cli._say(args)
    folder = folder_of(config)
    saved, environment = _saved(folder), in_environment()
    names = list(vars(config)) if has(args, "all") else list(_SHOWN)
    voice.heading("Configuration")
    rows: list[tuple[str, str, str]] = []
    for name in names:
        value = getattr(config, name)
        text = f"{value}s" if name in _SECONDS else str(value)
        origin = "environment" if name in environment else "saved" if name in saved else ""
        shown = f"{_SHOWN[name]} ({name})" if name in _SHOWN else name
        rows.append((shown, text, origin))
    voice.table(("Setting", "Value", "From"), rows)
    voice.json(dict(vars(config)))


def change(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--set KEY VALUE``: check it, keep it, and tell what it reaches."""
    name, text = args.set
    config, voice = cli.config, cli._say(args)
    folder = folder_of(config)
    value = _native.save_setting(folder, name, text)
    hidden = name in in_environment()
    if not hidden:
        setattr(config, name, value)
        cli._given[name] = getattr(config, name)
    voice.line(f"Set {name} = {value}", "green")
    if hidden:
        voice.line(f"USM_{name.upper()} in the environment goes before it", "yellow")
    running = bool(_native.service_status(folder).get("running"))
    live = any(row["live"] for row in _native.settings_table() if row["name"] == name)
    if running and live:
        voice.line("The monitor that runs is told.")
    elif running:
        voice.line("The monitor that runs takes it when it is started anew.", "yellow")
    voice.json(
        {
            "name": name,
            "value": value,
            "running": running,
            "acts_at_once": live,
            "in_environment": hidden,
        }
    )


def reset(cli: Phase6CLI, args: argparse.Namespace) -> None:
    """``--reset``: forget what was set; the monitor that runs is told, too."""
    data_dir = cli.config.data_dir
    folder = folder_of(cli.config)
    _native.reset_settings(folder)
    config = IntegrationConfig.layered()
    config.data_dir = data_dir
    cli.config = config
    cli._given = dict(vars(config))
    voice = cli._say(args)
    voice.line("Configuration reset to defaults", "green")
    voice.json({"reset": True})


def _saved(folder: str | None) -> dict[str, Any]:
    """Return what is saved and not overridden by the environment."""
    environment = in_environment()
    saved: dict[str, Any] = _native.saved_settings(folder)
    return {name: value for name, value in saved.items() if name not in environment}


def in_environment() -> set[str]:
    """Return the names of the settings that the environment gives."""
    hosts = {"proc_root": "HOST_PROC", "sys_root": "HOST_SYS", "host_root": "HOST_ROOT"}
    names = _native.setting_names()
    found = {name for name in names if os.environ.get(f"USM_{name.upper()}")}
    return found | {name for name, variable in hosts.items() if os.environ.get(variable)}


def differing(cli: Phase6CLI) -> dict[str, Any]:
    """Return what a script has changed in ``cli.config`` since it was made."""
    config = cli.config
    unlike = {
        name: value
        for name, value in vars(config).items()
        if name != "data_dir" and value != cli._given.get(name, value)
    }
    for name, value in unlike.items():
        if isinstance(value, (tuple, list, type(None))):
            raise CommandError(
                f"{name}: it can't be given to another process; save it in settings.toml"
            )
    return unlike
