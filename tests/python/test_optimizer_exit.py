"""The end of the interpreter, and fork, with optimizers open and changes in force."""

from __future__ import annotations

import os
import time

import pytest
from conftest import RunPython

# The hog belongs to the test, so that what was taken back at exit can be seen.
HEAD = """
import os, sys, threading, time
from unified_system_monitor import ForkedError, IntegrationConfig, UnifiedSystemMonitor
from performance_optimizer import OptimizationAction, PerformanceOptimizer
hog = {hog}
optimizer = PerformanceOptimizer(scope=('list', [hog]), verify_seconds=0.3)
def act(optimizer=optimizer, **options):
    options = dict(dict(dry_run=False, verify=False, allow_risk='high'), **options)
    action = OptimizationAction('set_batch', str(hog), 'a test', 'low', 1.0, 'low', 0.1)
    return optimizer.execute_optimization_actions([action], **options)
"""
ACT = "assert act()['successful'] == 1\nassert os.sched_getscheduler(hog) == os.SCHED_BATCH\n"
DAEMON = "threading.Thread(target=work, daemon=True).start(); time.sleep(0.2)\n"

VARIANTS = {
    "nothing done": "",
    "changes in force": ACT,
    "closed": ACT + "optimizer.close()\n",
    "auto-optimization": ACT + "optimizer.auto_optimize = True\n",
    "beside a monitor that runs": """
monitor = UnifiedSystemMonitor(IntegrationConfig(refresh_interval=0.05))
monitor.start_monitoring(); monitor.wait(20)
other = PerformanceOptimizer(
    monitor=monitor, scope=('list', [hog]), data_dir=os.environ['USM_DATA_DIR'] + '-2')
other.auto_optimize = True
assert act(other)['successful'] == 1
""",
    "a daemon thread that executes": """
begun = threading.Event()
slow = PerformanceOptimizer(
    scope=('list', [hog]), verify_seconds=60.0, data_dir=os.environ['USM_DATA_DIR'] + '-2')
def work(): act(slow, verify=True, progress=lambda step: begun.set())
"""
    + DAEMON
    + "assert begun.wait(20)\n",
    "a progress callback that sleeps for ever": """
begun = threading.Event()
def sleeps(step): begun.set(); time.sleep(1000)
def work(): act(verify=True, progress=sleeps)
"""
    + DAEMON
    + "assert begun.wait(20)\n",
    "daemon threads that read": """
def work():
    while True: optimizer.status(), optimizer.history(), optimizer.list_profiles()
"""
    + DAEMON * 2,
    "a daemon thread that analyses": """
def work():
    while True: optimizer.generate_optimization_plan(optimizer.analyze_system_performance())
"""
    + DAEMON,
    "a cycle": ACT + "optimizer.itself = optimizer; del optimizer, act\n",
    "sys.exit in a with block": "with optimizer:\n    act()\n    sys.exit(0)\n",
    "its own component that samples": "optimizer.system_monitor.collect_metrics()\n",
}
# Python 3.12 warns of any fork with threads; the threads here are what is tested.
OPTIONS = ("-W", "ignore::DeprecationWarning")


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_exit_is_clean_and_takes_everything_back(
    hog: int, run_python: RunPython, variant: str
) -> None:
    begun = time.monotonic()
    result = run_python(HEAD.format(hog=hog) + VARIANTS[variant], timeout=60)
    took = time.monotonic() - begun
    assert (result.returncode, result.stderr) == (0, "")
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER
    # Not a matter of speed: it must not have waited for what never returns.
    assert took < 40


def test_what_is_to_stay_stays_and_a_later_optimizer_takes_it_back(
    hog: int, run_python: RunPython
) -> None:
    stays = HEAD.replace("verify_seconds=0.3", "rollback_on_close=False").format(hog=hog)
    assert run_python(stays + ACT).stderr == ""
    assert os.sched_getscheduler(hog) == os.SCHED_BATCH
    result = run_python(HEAD.format(hog=hog) + "print(optimizer.rollback()[0]['undo'])")
    assert (result.stdout, result.stderr) == ("restored\n", "")
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER


def test_after_a_kill_the_next_one_restores(hog: int, run_python: RunPython) -> None:
    died = run_python(
        HEAD.format(hog=hog) + ACT + "import signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert died.returncode == -9
    assert os.sched_getscheduler(hog) == os.SCHED_BATCH
    result = run_python(HEAD.format(hog=hog) + "print(optimizer.status()['changes'])")
    assert (result.stdout, result.stderr) == ("[]\n", "")
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER


def test_a_dropped_optimizer_takes_its_changes_back(hog: int, run_python: RunPython) -> None:
    result = run_python(
        HEAD.format(hog=hog)
        + ACT
        + """
del act, optimizer
import gc; gc.collect()
print(os.sched_getscheduler(hog))
"""
    )
    assert (result.stdout, result.stderr) == ("0\n", "")


def test_the_childs_calls_raise_and_the_parent_goes_on(hog: int, run_python: RunPython) -> None:
    result = run_python(
        HEAD.format(hog=hog)
        + ACT
        + """
optimizer.auto_optimize = True
pid = os.fork()
if pid == 0:
    calls = [optimizer.analyze_system_performance, optimizer.rollback, optimizer.halt,
             optimizer.status, optimizer.facts, optimizer.settings, optimizer.history, act,
             optimizer.list_profiles, lambda: optimizer.generate_optimization_plan([]),
             lambda: optimizer.current_profile, lambda: optimizer.optimizer_db,
             lambda: optimizer.auto_optimize, lambda: optimizer.growth('.'),
             lambda: optimizer.system_monitor.collect_metrics()]
    for number, call in enumerate(calls):
        try: call()
        except ForkedError as error: assert isinstance(error, RuntimeError)
        else: raise AssertionError(number)
    optimizer.close()
    assert os.sched_getscheduler(hog) == os.SCHED_BATCH
    data = os.environ['USM_DATA_DIR'] + '-child'
    with PerformanceOptimizer(scope=('list', [hog]), data_dir=data) as own:
        assert own.status()['changes'] == []
    sys.exit(7)
_, status = os.waitpid(pid, 0)
assert os.WEXITSTATUS(status) == 7, status
assert os.sched_getscheduler(hog) == os.SCHED_BATCH
for _ in range(5):
    pid = os.fork()
    if pid == 0:
        del act, optimizer
        sys.exit(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
assert os.sched_getscheduler(hog) == os.SCHED_BATCH
assert len(optimizer.status()['changes']) == 1
assert optimizer.rollback()[0]['undo'] == 'restored'
""",
        *OPTIONS,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER


def test_it_costs_the_monitor_nothing(run_python: RunPython) -> None:
    result = run_python(
        "import sys, unified_system_monitor; print('performance_optimizer' in sys.modules)"
    )
    assert (result.stdout, result.stderr) == ("False\n", "")
