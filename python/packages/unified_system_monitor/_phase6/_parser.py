"""The arguments of ``phase6-cli``: the prototype's, and a few beside them."""

from __future__ import annotations

import argparse

EXAMPLES = """\
examples:
  phase6-cli monitor --start                    watch in the background; survives the shell
  phase6-cli monitor --status                   whether it runs; exit code 3 if it does not
  phase6-cli status                             components and scores
  phase6-cli optimize --plan                    what could be done; nothing is changed
  phase6-cli optimize --execute --demo          what would be done; nothing is changed
  phase6-cli report --comprehensive --json      the whole report, for a script
  phase6-cli config --set refresh_interval 5    kept, and told to the monitor that runs
  phase6-cli monitor --stop

exit codes: 0 done, 1 failed, 2 wrong usage; of `monitor --status` 3: it does not run.
`usm --help` shows the larger command line: history, alerts, forecasts and more."""

_MONITOR = """\
examples:
  phase6-cli monitor --start --refresh-interval 5
  phase6-cli monitor --start --auto-optimize        acts by itself, too
  phase6-cli monitor --foreground                   here, until Ctrl-C
  phase6-cli monitor --status --json
  phase6-cli monitor --stop                         says so when it has stopped"""
_STATUS = """\
examples:
  phase6-cli status
  phase6-cli status --detailed --components         why each component has its status, too
  phase6-cli status --json | jq .state.health_score

A monitor that runs is asked for its newest state; without one a sample is taken."""
_OPTIMIZE = """\
examples:
  phase6-cli optimize --analyze                     what is wrong
  phase6-cli optimize --plan                        what could be done about it
  phase6-cli optimize --execute --demo              what would be done; nothing is changed
  phase6-cli optimize --execute                     does it when you say yes
  phase6-cli optimize --execute --yes               for a script that has nobody to ask
  phase6-cli optimize --auto                        the monitor acts by itself from now on"""
_REPORT = """\
examples:
  phase6-cli report --comprehensive
  phase6-cli report --comprehensive --json > report.json
  phase6-cli report --optimization
  phase6-cli report --performance"""
_CONFIG = """\
examples:
  phase6-cli config --show
  phase6-cli config --show --all                    every setting
  phase6-cli config --set refresh_interval 5
  phase6-cli config --reset

What is set is kept in settings.toml of the data folder; USM_REFRESH_INTERVAL=5 and the like
in the environment go before it."""
_COMPLETION = """\
examples:
  eval "$(phase6-cli completion bash)"
  phase6-cli completion zsh > ~/.zfunc/_phase6-cli
  phase6-cli completion fish > ~/.config/fish/completions/phase6-cli.fish"""


class Unsaid(float):
    """The default of an option: equal to the number, but known not to have been given."""


REFRESH_INTERVAL = Unsaid(3.0)


def make_parser() -> argparse.ArgumentParser:
    """Make the parser."""
    parser = argparse.ArgumentParser(
        prog="phase6-cli",
        description="Monitor and optimize this machine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="as one JSON object")
    common.add_argument("--data-dir", metavar="DIR", help="folder of the databases")

    def command(name: str, about: str, epilog: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.",
            epilog=epilog,
            parents=[common],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def flag(to: argparse.ArgumentParser, name: str, about: str) -> None:
        to.add_argument(name, action="store_true", help=about)

    monitor = command("monitor", "start and stop monitoring", _MONITOR)
    flag(monitor, "--start", "watch in the background")
    flag(monitor, "--stop", "end that; says so when it has ended")
    flag(monitor, "--status", "whether it runs, since when, and what it does")
    flag(monitor, "--foreground", "watch here, until Ctrl-C")
    flag(monitor, "--auto-optimize", "with --start or --foreground: act by itself, too")
    flag(monitor, "--demo", "with --auto-optimize: only say what would be done")
    monitor.add_argument(
        "--refresh-interval",
        type=float,
        default=REFRESH_INTERVAL,
        metavar="SECONDS",
        help="with --start or --foreground: time between two states (3.0)",
    )

    status = command("status", "show components and scores", _STATUS)
    flag(status, "--detailed", "under another heading")
    flag(status, "--components", "with --detailed: each component, and why it has its status")

    optimize = command("optimize", "find what hurts, and relieve it", _OPTIMIZE)
    flag(optimize, "--analyze", "what is wrong now")
    flag(optimize, "--plan", "what could be done about it")
    flag(optimize, "--execute", "do it; asks before")
    flag(optimize, "--auto", "have the monitor act by itself; starts it if need be")
    flag(optimize, "--demo", "with --execute or --auto: only say what would be done")
    flag(optimize, "--yes", "with --execute: don't ask")

    report = command("report", "make a report", _REPORT)
    flag(report, "--comprehensive", "state, components, recommendations, alerts, forecasts")
    flag(report, "--optimization", "how much could be done")
    flag(report, "--performance", "CPU, memory and disk beside their thresholds")

    config = command("config", "show and change settings", _CONFIG)
    flag(config, "--show", "the settings in force")
    flag(config, "--all", "with --show: every one")
    config.add_argument("--set", nargs=2, metavar=("KEY", "VALUE"), help="change one and keep it")
    flag(config, "--reset", "forget what was set")

    completion = command("completion", "write a script that completes in a shell", _COMPLETION)
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    return parser
