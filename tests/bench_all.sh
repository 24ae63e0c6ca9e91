#!/usr/bin/env bash
# Every benchmark, one after the other: ratios taken in one run beside a bare C loop over
# the same files, sysinfo and psutil ($USM_BENCH_PYTHON is a Python that has it). Wants a
# quiet machine and takes about five minutes; starts sleeping processes and ends them.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

for bench in scan tick monitor store optimizer; do
    printf '\n== usm-core: %s\n' "$bench"
    "$cargo" bench --quiet -p usm-core --bench "$bench"
done

printf '\n== libusm: a C program that monitors\n'
"$cargo" bench --quiet -p usm-ffi --bench c_program

printf '\n== Python\n'
"${USM_BENCH_PYTHON:-python3}" tests/bench_python.py
