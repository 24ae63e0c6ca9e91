"""After fork() the child's copy says so; it never hangs, and the parent goes on."""

from __future__ import annotations

from conftest import RunPython

HEAD = """
import os, sys, threading, time
from unified_system_monitor import (
    ForkedError, IntegrationConfig, InvalidStateError, UnifiedSystemMonitor)
monitor = UnifiedSystemMonitor(IntegrationConfig(refresh_interval=0.02))
monitor.add_callback('state_update', lambda state: None)
monitor.start_monitoring(); monitor.wait(20)
def wait_until_closed():
    try:
        while True: monitor.wait()
    except InvalidStateError: pass
threading.Thread(target=wait_until_closed, daemon=True).start()
"""
PARENT = """
monitor.wait(20)
monitor.close()
"""
# Python 3.12 warns of any fork with threads; the threads here are what is tested.
OPTIONS = ("-W", "ignore::DeprecationWarning")


def test_the_childs_calls_raise_and_its_end_is_clean(run_python: RunPython) -> None:
    result = run_python(
        HEAD
        + """
pid = os.fork()
if pid == 0:
    calls = [monitor.start_monitoring, monitor.stop_monitoring, monitor.collect, monitor.wait,
             monitor.get_comprehensive_report, monitor.snapshot, monitor.top_processes,
             monitor.flush, monitor.sources, monitor._get_component_status,
             lambda: monitor.current_state, lambda: monitor.state_history,
             lambda: monitor.live.cpu_percent, lambda: monitor.unified_db,
             lambda: monitor.live.all(), lambda: monitor.cache,
             lambda: monitor.add_callback('state_update', print)]
    for number, call in enumerate(calls):
        try: call()
        except ForkedError as error: assert isinstance(error, RuntimeError)
        else: raise AssertionError(number)
    assert not monitor.monitoring_active
    monitor.config.refresh_interval = 1.0
    monitor.close()
    data = f'{os.environ["USM_DATA_DIR"]}-child'
    with UnifiedSystemMonitor(IntegrationConfig(data_dir=data)) as own:
        seen = []
        own.add_callback('state_update', seen.append)
        assert own.collect().metrics.cpu_percent is not None
    assert len(seen) >= 1
    sys.exit(7)
_, status = os.waitpid(pid, 0)
assert os.WEXITSTATUS(status) == 7, status
"""
        + PARENT,
        *OPTIONS,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_child_that_drops_the_monitor_ends_cleanly(run_python: RunPython) -> None:
    result = run_python(
        HEAD
        + """
for _ in range(10):
    pid = os.fork()
    if pid == 0:
        del monitor
        sys.exit(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
"""
        + PARENT,
        *OPTIONS,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_pool_of_forked_workers_works(run_python: RunPython) -> None:
    result = run_python(
        HEAD
        + """
import multiprocessing
def work(number):
    try: monitor.current_state
    except ForkedError: return number
with multiprocessing.get_context('fork').Pool(2) as pool:
    print(pool.map(work, range(4)))
    pool.close(); pool.join()
"""
        + PARENT,
        *OPTIONS,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.strip() == "[0, 1, 2, 3]"


def test_a_childs_components_say_so_too(run_python: RunPython) -> None:
    result = run_python(
        HEAD
        + """
pool, manager = monitor.thread_pool, monitor.process_manager
assert manager.get_process_info(os.getpid()) is not None
assert not manager.suspend_process(1).success
pid = os.fork()
if pid == 0:
    calls = [lambda: monitor.thread_pool, lambda: monitor.cache_timestamps,
             lambda: monitor._track_performance('a', 'b', 1.0),
             lambda: monitor.system_monitor.collect_metrics(),
             lambda: monitor.system_monitor.start_monitoring(1),
             lambda: manager.get_top_processes(1)]
    for number, call in enumerate(calls):
        try: call()
        except ForkedError: pass
        else: raise AssertionError(number)
    for act in (manager.kill_process, manager.suspend_process, manager.resume_process):
        done = act(1)
        assert not done.success and 'process' in done.error_message, done
    sys.exit(7)
_, status = os.waitpid(pid, 0)
assert os.WEXITSTATUS(status) == 7, status
"""
        + PARENT,
        *OPTIONS,
    )
    assert (result.returncode, result.stderr) == (0, "")
