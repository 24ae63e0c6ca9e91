"""Runs ``phase6-cli`` for the tests: in processes of its own, with a data folder of its own."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0

# Hides rich, as if it were not installed.
_NO_RICH = """
import sys
class NoRich:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "rich":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, NoRich())
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "rich" else find(name, *rest)
from phase6_cli import RICH_AVAILABLE, main
assert not RICH_AVAILABLE
sys.exit(main())
"""


class Cli:
    """The command, with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("USM_")}
        plain = {name: value for name, value in kept.items() if name != "NO_COLOR"}
        return {**plain, "USM_DATA_DIR": str(self.data), "COLUMNS": "120", **more}

    def run(
        self, *arguments: str, rich: bool = True, given: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        start = ["-m", "phase6_cli"] if rich else ["-c", _NO_RICH]
        return subprocess.run(
            [sys.executable, "-W", "error", *start, *arguments],
            cwd=self.folder,
            env=self.environment(**environment),
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def said(self, *arguments: str, code: int = 0, **options: Any) -> str:
        """Run it, expect an exit code, and return what it said."""
        done = self.run(*arguments, **options)
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def json(self, *arguments: str, code: int = 0, **options: Any) -> Any:
        lines = self.said(*arguments, "--json", code=code, **options).splitlines()
        assert len(lines) == 1, lines
        return json.loads(lines[0], parse_constant=_refuse)

    def in_terminal(
        self, *arguments: str, script: str = "", typed: str = "", **environment: str
    ) -> tuple[int, str]:
        """Run it in a pseudo-terminal, answer its question, and return exit code and output."""
        main, sub = pty.openpty()
        start = [script] if script else ["-m", "phase6_cli"]
        process = subprocess.Popen(
            [sys.executable, "-W", "error", *start, *arguments],
            cwd=self.folder,
            env=self.environment(TERM="xterm-256color", **environment),
            stdin=sub,
            stdout=sub,
            stderr=sub,
            start_new_session=True,
        )
        os.close(sub)
        said, deadline = b"", time.monotonic() + PATIENCE
        try:
            while time.monotonic() < deadline:
                if select.select([main], [], [], 0.1)[0]:
                    try:
                        part = os.read(main, 65536)
                    except OSError:
                        break
                    if not part:
                        break
                    said += part
                    if typed and b"[y/N]" in said:
                        os.write(main, typed.encode())
                        typed = ""
            code = process.wait(timeout=PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            os.close(main)
        return code, said.decode("utf-8", "replace")


def _refuse(word: str) -> object:
    raise AssertionError(f"{word} is no JSON")


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    """The command; a monitor that it left in the background is ended."""
    made = Cli(tmp_path)
    yield made
    if (made.data / "monitor.lock").exists():
        made.run("monitor", "--stop")
        assert made.run("monitor", "--status").returncode == 3
