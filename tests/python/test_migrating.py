"""What docs/MIGRATING.md shows, run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "MIGRATING.md").read_text(encoding="utf-8")


def test_its_python_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    said = []
    for block in blocks:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block],
            cwd=tmp_path,
            env={**os.environ, "USM_DATA_DIR": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    where, report, row = said
    assert "unified_system_monitor" in where
    assert "Unified monitoring started" in report and "Unified monitoring stopped" in report
    assert row == "3\n"


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    for link in links:
        assert (ROOT / "docs" / link).exists(), link


def test_the_modules_that_it_names_are_there() -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith("| Modules |")]
    names = set(re.findall(r"`([a-z0-9_]+)`", row))
    assert len(names) == 14
    for name in names:
        assert (ROOT / "python" / "packages" / name / "__main__.py").exists(), name


def test_the_command_lines_of_the_new_output_are_understood(tmp_path: Path) -> None:
    from phase6_cli import Phase6CLI

    lines = re.findall(r"`\$ phase6-cli ([^`]+)`", TEXT)
    assert len(lines) >= 5
    for line in lines:
        assert Phase6CLI().parser.parse_args(line.split()).command
    assert list(tmp_path.iterdir()) == []
