"""The end of the interpreter with everything still running: clean, quick, code 0."""

from __future__ import annotations

import time

import pytest
from conftest import RunPython

HEAD = """
import sys, threading, time
from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor
monitor = UnifiedSystemMonitor(IntegrationConfig(refresh_interval=0.02))
"""
START = "monitor.start_monitoring(); monitor.wait(20)\n"
DAEMON = "threading.Thread(target=work, daemon=True).start(); time.sleep(0.2)\n"

VARIANTS = {
    "monitoring": START,
    "never started": "",
    "closed": START + "monitor.close()\n",
    "a callback": "monitor.add_callback('state_update', lambda state: None)\n" + START,
    "a busy callback": """
def busy(state):
    until = time.monotonic() + 0.05
    while time.monotonic() < until: pass
monitor.add_callback('state_update', busy)
"""
    + START
    + "time.sleep(0.1)\n",
    "a callback that waits natively": """
entered = threading.Event()
def waits(state): entered.set(); monitor.wait()
monitor.add_callback('state_update', waits)
"""
    + START
    + "entered.wait()\n",
    "a callback that sleeps for ever": """
entered = threading.Event()
def sleeps(state): entered.set(); time.sleep(1000)
monitor.add_callback('state_update', sleeps)
"""
    + START
    + "entered.wait()\n",
    "a daemon thread that waits for a state that never comes": """
def work(): monitor.wait()
"""
    + DAEMON,
    "daemon threads that wait for states": START
    + """
def work():
    while True: monitor.wait()
"""
    + DAEMON * 3,
    "a daemon thread that collects": """
def work():
    while True: monitor.collect()
"""
    + DAEMON,
    "daemon threads that read": START
    + """
def work():
    while True:
        monitor.current_state, monitor.state_history, monitor.live.all(), monitor.snapshot()
        monitor.get_comprehensive_report(), monitor.top_processes()
"""
    + DAEMON * 3,
    "a daemon thread that starts and stops": """
def work():
    while True: monitor.start_monitoring(); monitor.stop_monitoring()
"""
    + DAEMON,
    "an asynchronous reader": START
    + """
import asyncio
async def first():
    async for state in monitor.states(): return
asyncio.run(first())
""",
    "several monitors": START
    + """
others = [UnifiedSystemMonitor(IntegrationConfig(data_dir=f"{monitor.unified_db}-{n}"))
          for n in range(4)]
for other in others: other.add_callback('state_update', print); other.start_monitoring()
""",
    "a cycle": START + "monitor.itself = monitor; del monitor\n",
    "sys.exit in a with block": "with monitor:\n    monitor.start_monitoring()\n    sys.exit(0)\n",
    "an atexit hook that reads": START
    + "import atexit; atexit.register(lambda: monitor.collect().metrics.cpu_percent)\n",
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_exit_is_clean_and_quick(run_python: RunPython, variant: str) -> None:
    begun = time.monotonic()
    result = run_python(HEAD + VARIANTS[variant], timeout=60)
    took = time.monotonic() - begun
    errors = result.stderr
    assert (result.returncode, errors) == (0, "")
    # Not a matter of speed: it must not have waited for what never returns.
    assert took < 30


def test_an_exception_ends_the_program_as_ever(run_python: RunPython) -> None:
    result = run_python(HEAD + START + "raise ValueError('a test')")
    assert result.returncode == 1
    assert result.stderr.rstrip().endswith("ValueError: a test")


def test_what_was_measured_is_stored_at_exit(run_python: RunPython) -> None:
    result = run_python(HEAD + START + "print(monitor.unified_db, monitor.current_state.timestamp)")
    path, timestamp = result.stdout.split()
    import sqlite3

    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT count(*) FROM unified_system_states WHERE timestamp = ?", (float(timestamp),)
    ).fetchone()
    connection.close()
    assert rows == (1,)


def test_ctrl_c_ends_a_wait(run_python: RunPython) -> None:
    result = run_python(
        HEAD
        + """
import os, signal
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try: monitor.wait()
except KeyboardInterrupt: print('interrupted')
"""
    )
    assert (result.stdout, result.stderr, result.returncode) == ("interrupted\n", "", 0)


def test_ctrl_c_ends_the_command_as_a_signal(run_python: RunPython) -> None:
    result = run_python(
        """
import os, signal, subprocess, sys, time
command = [sys.executable, '-m', 'unified_system_monitor', 'status', '--watch']
child = subprocess.Popen(command, stdout=subprocess.PIPE)
child.stdout.read(1)
child.send_signal(signal.SIGINT)
print(child.wait(20))
child.stdout.close()
"""
    )
    assert (result.stderr, result.stdout.strip()) == ("", "-2")
