"""What the README shows, run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def blocks(language: str) -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)


def run(command: list[str], folder: Path) -> str:
    environment = {
        **os.environ,
        "USM_DATA_DIR": str(folder / "data"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    monitor, optimizer, history, judgement, prototype = blocks("python")
    said = run([sys.executable, "-W", "error", "-c", monitor], tmp_path)
    assert "Process(" in said
    said = run([sys.executable, "-W", "error", "-c", optimizer], tmp_path)
    assert said.rstrip().endswith(f"user:{os.geteuid()}")
    said = run([sys.executable, "-W", "error", "-c", history], tmp_path)
    assert "cpu_percent" in said
    assert said.rstrip().splitlines()[-1].startswith("raw ")
    said = run([sys.executable, "-W", "error", "-c", judgement], tmp_path)
    assert "busy" in said and "'info': 1" in said
    said = run([sys.executable, "-W", "error", "-c", prototype], tmp_path)
    assert said.startswith("Unified monitoring started")
    assert "health_report_1h" in said and said.rstrip().endswith("Unified monitoring stopped")


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    (lines,) = [block for block in blocks("sh") if "usm status" in block]
    assert lines.count("usm ") >= 5
    said = run(["bash", "-euo", "pipefail", "-c", lines], tmp_path)
    assert "Health" in said
    (lines,) = [block for block in blocks("sh") if "usm optimize" in block]
    said = run(["bash", "-euo", "pipefail", "-c", lines], tmp_path)
    assert "low_power" in said
    (lines,) = [block for block in blocks("sh") if "usm alerts" in block]
    # Its monitor ends with the shell, also when a command between fails.
    lines = "trap 'usm monitor --stop > /dev/null' EXIT\n" + lines
    said = run(["bash", "-euo", "pipefail", "-c", lines], tmp_path)
    assert "little memory" in said and "Security" in said
    (lines,) = [block for block in blocks("sh") if "usm history" in block]
    said = run(["bash", "-euo", "pipefail", "-c", lines], tmp_path)
    assert "As it was" in said
    assert (tmp_path / "bug.usm").stat().st_mode & 0o777 == 0o600
    (lines,) = [block for block in blocks("sh") if "usm monitor --log" in block]
    lines = "trap 'usm monitor --stop > /dev/null' EXIT\n" + lines
    said = run(["bash", "-euo", "pipefail", "-c", lines], tmp_path)
    assert "has started" in said and "has ended" in said
    (lines,) = [block for block in blocks("sh") if "usm export" in block]
    said = run(["bash", "-euo", "pipefail", "-c", lines], tmp_path)
    assert "Performance trends" in said
    assert "<svg" in (tmp_path / "health.html").read_text(encoding="utf-8")
    (lines,) = [block for block in blocks("sh") if "phase6-cli" in block]
    said = run(["bash", "-euo", "pipefail", "-c", lines], tmp_path)
    assert "System Health" in said


def test_the_rules_of_the_readme_are_understood(tmp_path: Path) -> None:
    (rules,) = [block for block in blocks("toml") if "[[rule]]" in block]
    (tmp_path / "alerts.toml").write_text(rules, encoding="utf-8")
    os.environ["SLACK_WEBHOOK_URL"] = "https://hooks.example.org/none"
    try:
        said = run(["bash", "-euo", "pipefail", "-c", "usm alerts check alerts.toml"], tmp_path)
    finally:
        del os.environ["SLACK_WEBHOOK_URL"]
    assert "3 rules" in said


def test_the_example_runs(tmp_path: Path) -> None:
    said = run([sys.executable, "-W", "error", str(ROOT / "examples/snapshot.py")], tmp_path)
    assert said.startswith("processors")
