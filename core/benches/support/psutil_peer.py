"""psutil as a peer of the benches: ticks in, CPU seconds and a count out.

usage: psutil_peer.py stat|io|system
"""

import sys
import time

import psutil

# What /proc/PID/stat alone tells, and what the scan under test gives too.
ATTRIBUTES = ["name", "status", "cpu_percent", "memory_info", "num_threads", "create_time"]


def scan(attributes):
    count = 0
    for process in psutil.process_iter(attributes):
        count += process.info["name"] is not None
    return count


def system():
    psutil.cpu_times(percpu=True)
    psutil.cpu_stats()
    psutil.virtual_memory()
    psutil.swap_memory()
    psutil.getloadavg()
    psutil.disk_io_counters(perdisk=True)
    psutil.net_io_counters(pernic=True)
    psutil.boot_time()
    return 8


def main():
    mode = sys.argv[1]
    attributes = ATTRIBUTES + (["io_counters"] if mode == "io" else [])
    for line in sys.stdin:
        count = 0
        before = time.process_time()
        for _ in range(int(line)):
            count = system() if mode == "system" else scan(attributes)
        print(f"{time.process_time() - before:.9f} {count}", flush=True)


main()
