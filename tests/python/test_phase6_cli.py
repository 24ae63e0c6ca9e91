"""``phase6-cli``: every sub-command and flag of the prototype, through processes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from phase6 import Cli, cli

__all__ = ["cli"]

ROOT = Path(__file__).parent.parent.parent
COMMANDS = ["monitor", "status", "optimize", "report", "config", "completion"]
COMPONENTS = 9
ENABLES = [
    "enable_monitoring",
    "enable_analytics",
    "enable_ml",
    "enable_export",
    "enable_dashboard",
    "enable_alerts",
    "enable_process_management",
]


# Help and usage.


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_teaches_and_makes_nothing(cli: Cli, command: str) -> None:
    said = cli.said(*([command] if command else []), "--help")
    assert "examples:" in said and "phase6-cli" in said
    assert list(cli.folder.iterdir()) == []


def test_without_a_command_there_is_help(cli: Cli) -> None:
    said = cli.said()
    assert all(command in said for command in COMMANDS)
    assert "exit codes: 0 done, 1 failed, 2 wrong usage" in said


@pytest.mark.parametrize("command", ["monitor", "optimize", "report", "config"])
def test_a_command_without_a_flag_says_how(cli: Cli, command: str) -> None:
    done = cli.run(command)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"phase6-cli {command} --help" in done.stderr
    assert list(cli.folder.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["status", "--no-such-flag"],
        ["monitor", "--start", "--refresh-interval", "often"],
        ["config", "--set", "refresh_interval"],
        ["completion", "tcsh"],
    ],
)
def test_wrong_usage_is_code_2(cli: Cli, arguments: list[str]) -> None:
    done = cli.run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error" in done.stderr


# Looking.


@pytest.mark.parametrize("rich", [True, False])
def test_status_shows_components_and_real_scores(cli: Cli, rich: bool) -> None:
    said = cli.said("status", rich=rich)
    assert sum("active" in line or "disabled" in line for line in said.splitlines()) == COMPONENTS
    scores = next(line for line in said.splitlines() if line.startswith("System Health:"))
    assert scores.count("%") == 3
    assert not scores.startswith("System Health: 0.0%")
    assert "From a sample taken now." in said
    assert not cli.data.exists(), "a look leaves no trace"


def test_detailed_status_names_the_components_when_asked(cli: Cli) -> None:
    detailed = cli.said("status", "--detailed")
    listed = cli.said("status", "--detailed", "--components")
    assert "system_monitor: active" in listed
    assert "system_monitor: active" not in detailed
    assert "system_monitor: active" not in cli.said("status", "--components")


def test_status_as_json_has_all_of_it(cli: Cli) -> None:
    found = cli.json("status")
    assert 0 < found["state"]["health_score"] <= 100
    assert len(found["state"]["metrics"]) == 17
    assert len(found["components"]) == COMPONENTS
    assert found["performance_metrics"]["unified_monitor"]["operation_count"] >= 1
    assert found["monitor"]["running"] is False


@pytest.mark.parametrize("rich", [True, False])
def test_the_comprehensive_report_counts_sections_and_tells_scores(cli: Cli, rich: bool) -> None:
    said = cli.said("report", "--comprehensive", rich=rich)
    assert "8 sections" in said
    assert said.count("%") == 2
    assert " 0.0%" not in said


def test_the_comprehensive_report_as_json_is_the_whole_report(cli: Cli) -> None:
    report = cli.json("report", "--comprehensive")
    assert set(report) == {
        "timestamp",
        "system_state",
        "component_status",
        "performance_metrics",
        "recommendations",
        "alerts_summary",
        "predictions",
        "insights",
    }
    assert report["system_state"]["metrics"]["memory_percent"] > 0


def test_the_other_reports(cli: Cli) -> None:
    said = cli.said("report", "--optimization")
    assert "Targets found: " in said and "Actions generated: " in said
    counts = cli.json("report", "--optimization")
    assert set(counts) == {
        "targets_found",
        "actions_generated",
        "high_priority_actions",
        "estimated_total_benefit",
    }
    said = cli.said("report", "--performance")
    assert all(name in said for name in ("CPU", "Memory", "Disk"))
    resources = cli.json("report", "--performance")
    assert resources["memory"]["percent"] > 0
    assert resources["disk"]["threshold_percent"] == 90


# Optimizing.


@pytest.mark.parametrize("rich", [True, False])
def test_analysis_and_plan_count_what_they_found(cli: Cli, rich: bool) -> None:
    assert "Found " in (said := cli.said("optimize", "--analyze", rich=rich))
    assert " optimization targets" in said
    said = cli.said("optimize", "--plan", rich=rich)
    assert "Generated " in said and " optimization actions" in said
    assert isinstance(cli.json("optimize", "--analyze")["targets"], list)
    assert set(cli.json("optimize", "--plan")) == {"targets", "actions"}


def test_the_demo_changes_nothing(cli: Cli) -> None:
    assert "nothing is changed" in cli.said("optimize", "--execute", "--demo")
    result = cli.json("optimize", "--execute", "--demo")
    assert result["dry_run"] is True
    assert all(detail["dry_run"] for detail in result["details"])


# A plan with one action that would fail, so that what follows the question is seen.
_PLANNED = """
import sys
from performance_optimizer import OptimizationAction, PerformanceOptimizer
action = OptimizationAction("kill_process", "1", "end [red]\\x1b[2Jpid 1", "high", 1.0, "high", 1.0)
PerformanceOptimizer.generate_optimization_plan = lambda self, targets: [action]
from phase6_cli import main
sys.exit(main(sys.argv[1:]))
"""


def planned(cli: Cli, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _PLANNED, "optimize", "--execute", *arguments],
        cwd=cli.folder,
        env=cli.environment(),
        input="y\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_execution_asks_nobody_who_is_not_there(cli: Cli) -> None:
    for arguments in ([], ["--json"]):
        done = planned(cli, *arguments)
        assert done.returncode == 2
        assert "--yes" in done.stderr
        assert "Successful" not in done.stdout


def test_what_failed_is_told_and_reaches_the_exit_code(cli: Cli) -> None:
    done = planned(cli, "--yes")
    assert done.returncode == 1, done.stderr
    assert "Successful: 0" in done.stdout
    assert "Failed: 1" in done.stdout
    assert "Total benefit: 0.0%" in done.stdout


def test_names_reach_neither_the_terminal_nor_the_markup(cli: Cli) -> None:
    done = planned(cli, "--demo")
    assert "\x1b[2J" not in done.stdout
    assert "[red]\\x1b[2Jpid 1" in done.stdout


def test_with_nothing_to_do_execution_asks_nothing(cli: Cli) -> None:
    code = _PLANNED.replace("[action]", "[]")
    done = subprocess.run(
        [sys.executable, "-c", code, "optimize", "--execute"],
        env=cli.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Successful: 0" in done.stdout


# The file.


@pytest.mark.parametrize("name", ["phase6_cli.py", "mine.py"])
def test_the_file_works_wherever_it_is_copied(cli: Cli, name: str) -> None:
    shutil.copy(ROOT / "examples" / "phase6_cli.py", cli.folder / name)

    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=cli.folder,
            env=cli.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "3.0s" in python(name, "config", "--show")
    code = f"from {name[:-3]} import Phase6CLI, main, RICH_AVAILABLE; Phase6CLI().run(['status'])"
    assert "System Health" in python("-c", code)


def test_the_installed_command_runs(cli: Cli) -> None:
    command = Path(sys.executable).parent / "phase6-cli"
    if not command.exists():
        pytest.skip("phase6-cli is not installed beside this interpreter")
    done = subprocess.run(
        [command, "config", "--show"],
        env=cli.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "refresh_interval" in done.stdout


# As an object.


def test_the_object_has_the_prototypes_attributes_and_makes_them_late(cli: Cli) -> None:
    code = """
import sys
from phase6_cli import Phase6CLI
made = Phase6CLI()
assert "performance_optimizer" not in sys.modules
assert made.config.refresh_interval == 3.0
assert (made.config.max_threads, made.config.cache_duration) == (4, 30.0)
assert made.parser.parse_args(["monitor", "--start"]).refresh_interval == 3.0
assert made.run(["config", "--show"]) is None
assert made.unified_monitor.config is made.config
assert made.optimizer.auto_optimize is False
assert made.run(["config"]) is None and made.exit_code == 2
assert made.run(["status"]) is None and made.exit_code == 0
made._handle_status(made.parser.parse_args(["status"]))
made.close()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=cli.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# How it is shown.


def test_colours_are_for_terminals_that_want_them(cli: Cli) -> None:
    assert "\x1b[" not in cli.said("config", "--show")
    code, said = cli.in_terminal("status", "--detailed", "--components")
    assert code == 0 and "\x1b[" in said
    code, said = cli.in_terminal("status", "--detailed", "--components", NO_COLOR="1")
    assert code == 0 and "System Health" in said
    assert re.search(r"\x1b\[(\d+;)*[34]\dm", said) is None, "no colour"


def test_a_reader_who_goes_away_is_no_failure_to_tell_of(cli: Cli) -> None:
    shell = f"{sys.executable} -m phase6_cli config --show --all; echo $? >&2"
    command = f"({shell}) | true"
    done = subprocess.run(
        ["bash", "-c", command],
        env=cli.environment(PYTHONUNBUFFERED="1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.strip() in ("0", "141")


def test_an_output_that_lacks_signs_is_served_too(cli: Cli) -> None:
    said = cli.said("status", PYTHONIOENCODING="ascii")
    assert "System Health" in said


# Completion.


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_every_command_and_flag(cli: Cli, shell: str) -> None:
    script = cli.said("completion", shell)
    for word in ("monitor", "refresh-interval", "auto-optimize", "comprehensive", "fish"):
        assert word in script
    if shutil.which(shell) is None:
        return
    checked = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("phase6-cli mon", ["monitor"]),
        ("phase6-cli optimize --an", ["--analyze"]),
        ("phase6-cli monitor --st", ["--start", "--status", "--stop"]),
        ("phase6-cli config --set refresh_i", ["refresh_interval"]),
        ("phase6-cli completion ", ["bash", "fish", "zsh"]),
    ],
)
def test_bash_completes(cli: Cli, line: str, wanted: list[str]) -> None:
    words = line.split(" ")
    script = cli.said("completion", "bash")
    listed = " ".join(f"'{word}'" for word in words)
    probe = f"""
COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _phase6_cli
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "-euc", script + probe], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = [word for word in done.stdout.split() if not word.startswith(("-h", "--help"))]
    assert [word for word in sorted(found) if word in wanted or words[-1]] == wanted


# Settings.


@pytest.mark.parametrize("rich", [True, False])
def test_config_shows_the_prototypes_ten(cli: Cli, rich: bool) -> None:
    said = cli.said("config", "--show", rich=rich)
    for name in [*ENABLES, "refresh_interval", "max_threads", "cache_duration"]:
        assert sum(name in line for line in said.splitlines()) == 1, name
    assert "3.0s" in said and "30.0s" in said
    assert "log_level" not in said
    assert not cli.data.exists()
    assert "retention_days" in cli.said("config", "--show", "--all", rich=rich)


def test_what_is_set_is_kept(cli: Cli) -> None:
    assert "refresh_interval" in cli.said("config", "--set", "refresh_interval", "7")
    assert "7.0s" in cli.said("config", "--show")
    for word in ("false", "no", "0", "off"):
        cli.said("config", "--set", "enable_ml", "true")
        assert cli.json("config", "--show")["enable_ml"] is True
        cli.said("config", "--set", "enable_ml", word)
        assert cli.json("config", "--show")["enable_ml"] is False
    cli.said("config", "--set", "log_level", "DEBUG")
    found = cli.json("config", "--show")
    assert (found["refresh_interval"], found["log_level"]) == (7.0, "DEBUG")
    assert "reset to defaults" in cli.said("config", "--reset")
    assert cli.json("config", "--show")["enable_ml"] is True


def test_the_environment_goes_before_what_is_set(cli: Cli) -> None:
    cli.said("config", "--set", "refresh_interval", "7")
    assert cli.json("config", "--show", USM_REFRESH_INTERVAL="4")["refresh_interval"] == 4.0
    said = cli.said("config", "--set", "refresh_interval", "8", USM_REFRESH_INTERVAL="4")
    assert "USM_REFRESH_INTERVAL" in said


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("refresh_intervall", "5", "refresh_interval"),
        ("__class__", "5", "__class__"),
        ("refresh_interval", "-1", "refresh_interval"),
        ("refresh_interval", "nan", "refresh_interval"),
        ("max_threads", "many", "max_threads"),
        ("enable_ml", "banana", "enable_ml"),
    ],
)
def test_a_wrong_setting_is_refused_and_not_kept(
    cli: Cli, name: str, value: str, told: str
) -> None:
    before = cli.json("config", "--show")
    done = cli.run("config", "--set", name, value)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert cli.json("config", "--show") == before


def test_reset_in_a_script_gives_the_library_its_defaults(cli: Cli) -> None:
    code = """
from phase6_cli import Phase6CLI
made = Phase6CLI()
monitor = made.unified_monitor
made.run(["config", "--set", "refresh_interval", "9"])
assert monitor.config.refresh_interval == 9.0
made.run(["config", "--reset"])
assert made.config.refresh_interval == 2.0
assert monitor.config is made.config
made.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=cli.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_another_folder_can_be_named(cli: Cli) -> None:
    other = cli.folder / "other"
    cli.said("config", "--set", "refresh_interval", "7", "--data-dir", str(other))
    assert cli.json("config", "--show", "--data-dir", str(other))["refresh_interval"] == 7.0
    assert cli.json("config", "--show")["refresh_interval"] == 3.0
    assert not cli.data.exists()


def test_a_folder_that_nobody_can_write_is_told(cli: Cli) -> None:
    # Not even root makes a folder there.
    for arguments in (["config", "--set", "max_threads", "2"], ["monitor", "--start"]):
        said = cli.said(*arguments, "--data-dir", "/proc/usm-data", code=1)
        assert said.startswith("Error: ")
        assert "/proc/usm-data" in said


def test_a_data_folder_that_is_a_file_is_told(cli: Cli) -> None:
    cli.data.write_text("not a folder")
    for arguments in (["config", "--set", "max_threads", "2"], ["monitor", "--start"]):
        said = cli.said(*arguments, code=1)
        assert said.startswith("Error: ")
        assert str(cli.data) in said
        error = json.loads(cli.said(*arguments, "--json", code=1))
        assert str(cli.data) in error["error"]
