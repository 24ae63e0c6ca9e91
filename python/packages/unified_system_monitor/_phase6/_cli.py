"""``Phase6CLI``: the prototype's commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .._config import IntegrationConfig
from .._errors import InvalidArgumentError, MonitorError
from ._parser import make_parser
from ._say import CommandError, Voice, has

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from performance_optimizer import PerformanceOptimizer

    from .._monitor import UnifiedSystemMonitor

USAGE = 2


class Phase6CLI:
    """The command line as an object; what costs time or makes files is made when it is used."""

    def __init__(self) -> None:
        self.parser: argparse.ArgumentParser = make_parser()
        """The arguments."""
        self.exit_code = 0
        """What the last :meth:`run` came to: 0 done, 1 failed, 2 wrong usage, 3 it does not run."""
        self._console: Any = None
        self._has_console = False
        self._config: IntegrationConfig | None = None
        self._given: dict[str, Any] = {}
        self._data_dir: str | None = None
        self._monitor: UnifiedSystemMonitor | None = None
        self._optimizer: PerformanceOptimizer | None = None

    @property
    def console(self) -> Any:
        """A rich console, or ``None`` where rich is not installed."""
        if not self._has_console:
            from .._display import console

            self._console, self._has_console = console(), True
        return self._console

    @console.setter
    def console(self, console: Any) -> None:
        self._console, self._has_console = console, True

    @property
    def config(self) -> IntegrationConfig:
        """The settings: saved ones over the defaults, and the environment's over both.

        The default of ``refresh_interval`` is 3.0 here.
        """
        if self._config is None:
            from ._settings import settings_in_force

            self._config = settings_in_force(self._data_dir)
            self._given = dict(vars(self._config))
        return self._config

    @config.setter
    def config(self, config: IntegrationConfig) -> None:
        self._config = config
        if self._monitor is not None:
            self._monitor.config = config

    @property
    def unified_monitor(self) -> UnifiedSystemMonitor:
        """A monitor of this process, on the same settings; made when it is asked for."""
        if self._monitor is None:
            from .._monitor import UnifiedSystemMonitor

            self._monitor = UnifiedSystemMonitor(self.config)
        return self._monitor

    @property
    def optimizer(self) -> PerformanceOptimizer:
        """The optimizer; made when it is asked for. What it changes stays at its end."""
        if self._optimizer is None:
            from performance_optimizer import PerformanceOptimizer

            folder = self.config.data_dir
            self._optimizer = PerformanceOptimizer(data_dir=folder, rollback_on_close=False)
        return self._optimizer

    def run(self, args: Sequence[str] | None = None) -> None:
        """Do what the arguments say (by default those of the process).

        Nothing is raised but what the parser raises (``SystemExit`` on ``--help`` and on wrong
        usage); whether it went well is in :attr:`exit_code`.
        """
        self.exit_code = 0
        parsed = self.parser.parse_args(args)
        handlers = {
            "monitor": self._handle_monitor,
            "status": self._handle_status,
            "optimize": self._handle_optimize,
            "report": self._handle_report,
            "config": self._handle_config,
            "completion": self._handle_completion,
        }
        if parsed.command is None:
            self.parser.print_help()
            return
        try:
            self._take_data_dir(parsed)
            handlers[parsed.command](parsed)
        except BrokenPipeError:
            raise
        except CommandError as failure:
            self._fail(parsed, str(failure), failure.code)
        except InvalidArgumentError as error:
            self._fail(parsed, str(error), USAGE)
        except (MonitorError, OSError) as error:
            self._fail(parsed, str(error), 1)

    def close(self) -> None:
        """End the monitor and the optimizer of this process, if they were made."""
        if self._optimizer is not None:
            self._optimizer.close()
        if self._monitor is not None:
            self._monitor.close()

    # One handler for each command.

    def _handle_monitor(self, args: argparse.Namespace) -> None:
        from . import _monitoring

        self._choose(
            args,
            {
                "start": _monitoring.start,
                "stop": _monitoring.stop,
                "status": _monitoring.status,
                "foreground": _monitoring.foreground,
            },
        )

    def _handle_status(self, args: argparse.Namespace) -> None:
        from ._looking import show_status

        show_status(self, args)

    def _handle_optimize(self, args: argparse.Namespace) -> None:
        from . import _optimizing

        self._choose(
            args,
            {
                "analyze": _optimizing.analyze,
                "plan": _optimizing.plan,
                "execute": _optimizing.execute,
                "auto": _optimizing.auto,
            },
        )

    def _handle_report(self, args: argparse.Namespace) -> None:
        from . import _reporting

        self._choose(
            args,
            {
                "comprehensive": _reporting.comprehensive,
                "optimization": _reporting.optimization,
                "performance": _reporting.performance,
            },
        )

    def _handle_config(self, args: argparse.Namespace) -> None:
        from . import _settings

        self._choose(
            args, {"show": _settings.show, "set": _settings.change, "reset": _settings.reset}
        )

    def _handle_completion(self, args: argparse.Namespace) -> None:
        from ._completion import script

        print(script(self.parser, args.shell), end="")

    # What the commands share.

    def _choose(self, args: argparse.Namespace, works: dict[str, Any]) -> None:
        """Do the first of the works that were asked for."""
        for name, work in works.items():
            if has(args, name):
                work(self, args)
                return
        flags = [f"--{name}" for name in works]
        said = f"{', '.join(flags[:-1])} or {flags[-1]}"
        command = getattr(args, "command", "") or "COMMAND"
        raise CommandError(
            f"say what to do: {said} (`phase6-cli {command} --help` shows how)", USAGE
        )

    def _take_data_dir(self, args: argparse.Namespace) -> None:
        folder = getattr(args, "data_dir", None)
        if folder is not None and folder != self._data_dir:
            self._data_dir = folder
            if self._config is not None:
                self._config.data_dir = folder

    def _say(self, args: argparse.Namespace) -> Voice:
        return Voice(self.console, as_json=has(args, "json"))

    def _fail(self, args: argparse.Namespace, text: str, code: int) -> None:
        self.exit_code = code
        if code == USAGE:
            print(f"phase6-cli: error: {text}", file=sys.stderr)
            return
        voice = self._say(args)
        voice.line(f"Error: {text}", "red")
        voice.json({"error": text})


def run(args: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    cli = Phase6CLI()
    if hasattr(sys.stdout, "reconfigure"):
        # What the terminal's encoding lacks is written out rather than refused.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        cli.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        return _lost_output(141)
    except OSError as error:
        print(f"phase6-cli: error: {error}", file=sys.stderr)
        return _lost_output(1)
    except SystemExit as end:
        # The parser ends with 0 or 2; with 1 it is rich, whose reader has gone away.
        if end.code != 1:
            raise
        return _lost_output(141)
    except KeyboardInterrupt:
        return 130
    finally:
        cli.close()
    return cli.exit_code


def _lost_output(code: int) -> int:
    """Nobody takes the output any more: nothing to say, also not at the interpreter's end."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
