#!/usr/bin/env bash
# Everything that must pass, step by step; stops at the first failure and ends with the
# number of tests that ran. Needs Rust, Python >= 3.9 with venv and a C compiler.
set -euo pipefail

# Where a shell started this in the background SIGINT is ignored, and the programs whose Ctrl-C is
# tested would inherit that.
if [ -z "${USM_SIGNALS_RESET:-}" ] && env --default-signal=INT true 2>/dev/null; then
    USM_SIGNALS_RESET=1 exec env --default-signal=INT bash "$0" "$@"
fi
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
venv=${VENV:-.venv}
log=$(mktemp -d)
current="the beginning"

on_exit() {
    local code=$?
    if [ "$code" -ne 0 ]; then
        printf '\n== FAILED: %s (exit code %s)\n' "$current" "$code"
        # Only while it runs: afterwards its number may be another process's.
        jobs -pr | xargs -r kill 2>/dev/null || true
    fi
    rm -rf "$log"
    exit "$code"
}
trap on_exit EXIT

step() { # step NAME COMMAND...: runs it, shows what it prints and keeps it for the summary
    current=$1
    shift
    printf '\n== %s\n' "$current"
    "$@" 2>&1 | tee -a "$log/all"
}

pip() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
env_pip() { MATURIN_PEP517_ARGS="--profile dev" pip "$@"; }
make_venv() {
    [ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
    pip -r tests/python/requirements.txt
    # Large ones: where they can't be had, their tests are skipped with the reason.
    pip -r tests/python/requirements-frames.txt ||
        echo "== no data frames: their tests will be skipped"
}
# It mostly waits for downloads: meanwhile the compiler works.
make_venv >"$log/venv" 2>&1 &
making_venv=$!

step "format" "$cargo" fmt --all --check
step "clippy" "$cargo" clippy --quiet --workspace --all-targets --all-features -- -D warnings
step "Rust and C tests" "$cargo" test --quiet --workspace --all-features --no-fail-fast
step "documentation" env RUSTDOCFLAGS="-D warnings" \
    "$cargo" doc --quiet --no-deps -p usm-core -p usm-arrow -p usm-notify -p usm-ffi

current="virtual environment"
printf '\n== %s\n' "$current"
wait "$making_venv" || { cat "$log/venv"; exit 1; }
cat "$log/venv"
# Built as the tests above were: what users install differs only in how it is optimised, and takes
# minutes more. `make develop` builds that.
step "install the Python package" env_pip ./python
# Their settings are in python/pyproject.toml.
bin=$PWD/$venv/bin
case $venv in /*) bin=$venv/bin ;; esac
in_python() { (cd python && "$@"); }
step "ruff" "$bin/ruff" check --config python/pyproject.toml \
    python tests/python tests/bench_python.py \
    examples
step "mypy" in_python "$bin/mypy"
step "stubtest" in_python "$bin/python" -m mypy.stubtest \
    unified_system_monitor performance_optimizer phase6_cli test_phase6 \
    advanced_analytics advanced_process_manager alert_manager custom_alert_rules \
    enhanced_tool_recommender export_reporting machine_learning_integration \
    monitoring_dashboard predictive_analytics system_monitor
# The one that the Rust and C tests built; without it the tests of its Arrow streams build another.
export USM_LIBRARY=${CARGO_TARGET_DIR:-$PWD/target}/debug/deps/libusm.so
step "Python tests" "$bin/python" -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder \
    tests/python

# "test result: ok. 12 passed; 0 failed; 1 ignored; ..." and "34 passed, 1 skipped in 5.6s"
awk '
    /^test result: / { rust += $4; failed += $6; ignored += $8 }
    /^[0-9]+ (passed|failed).* in [0-9.]+s/ {
        for (i = 2; i <= NF; i++) {
            if ($i ~ /^passed/) python += $(i - 1)
            if ($i ~ /^failed/) failed += $(i - 1)
            if ($i ~ /^skipped/) ignored += $(i - 1)
        }
    }
    END {
        printf "\n== all steps passed: %d Rust and C tests, %d Python tests\n", rust, python
        printf "%d passed, %d failed, %d skipped\n", rust + python, failed, ignored
    }' "$log/all"
