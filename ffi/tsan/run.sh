#!/usr/bin/env bash
# ThreadSanitizer over the whole library: Rust, SQLite and the C programs with threads, all
# instrumented; the standard library is helped by std_sync.c. Builds into a target folder of
# its own, which takes some minutes the first time. Needs clang, nm and Linux on x86-64.
#
#     ffi/tsan/run.sh [PROGRAM.c ...]      below tests/c; without any, those listed here
#     TSAN_ROUNDS=200                      how long threads_all.c goes on
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo=${CARGO:-cargo}
target=x86_64-unknown-linux-gnu
out=${CARGO_TARGET_DIR:-target}/tsan
if [ $# -eq 0 ]; then
    set -- threads_all.c threads.c threads_free.c alerts_threads.c history_threads.c events.c \
        lifecycle.c processes.c
fi

# The flag is for development versions of the compiler; a stable one takes it in this mode. The
# standard library has no instrumentation, which the compiler wants to be told is on purpose.
echo "== building libusm.a for ThreadSanitizer in $out"
RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$out CARGO_PROFILE_DEV_OPT_LEVEL=1 \
    RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer" \
    CC_x86_64_unknown_linux_gnu=clang \
    CFLAGS_x86_64_unknown_linux_gnu="-fsanitize=thread -g1" \
    "$cargo" rustc --quiet -p usm-ffi --lib --crate-type staticlib --target $target
library=$out/$target/debug/libusm.a
runtime=$(rustc --print sysroot)/lib/rustlib/$target/lib/librustc-stable_rt.tsan.a

# The names of the standard library's functions differ from version to version. Each pattern
# has to fit exactly one.
nm "$library" 2>/dev/null | awk '$1 == "U" { print $2 }' | grep '3std3sys4sync' |
    sort -u >"$out/std_symbols"
wrap=(-Wl,--wrap=__tsan_atomic_thread_fence -Wl,--wrap=__tsan_atomic64_fetch_sub)
: >"$out/std_names.h"
name() { # name MACRO PATTERN
    local found
    found=$(grep -E "$2" "$out/std_symbols" || true)
    if [ "$(grep -c . <<<"$found")" -ne 1 ]; then
        echo "$0: not one function of the standard library is $1 ($2): \"$found\"" >&2
        exit 1
    fi
    echo "#define $1 $found" >>"$out/std_names.h"
    wrap+=("-Wl,--wrap=$found")
}
name MUTEX_LOCK_CONTENDED '5mutex5futex.*14lock_contended$'
name CONDVAR_WAIT '7condvar5futex.*7Condvar4wait$'
name CONDVAR_WAIT_TIMEOUT '7condvar5futex.*12wait_timeout$'
name RWLOCK_READ_CONTENDED '6rwlock5futex.*14read_contended$'
name RWLOCK_WRITE_CONTENDED '6rwlock5futex.*15write_contended$'
name ONCE_CALL '4once5futex.*4Once4call$'
clang -std=c11 -O1 -g -fexceptions -Wall -Wextra -Werror -I "$out" -c ffi/tsan/std_sync.c \
    -o "$out/std_sync.o"

build() { # build SOURCE PROGRAM; the runtime is the one that belongs to rustc, not clang's own
    clang -std=c11 -D_GNU_SOURCE -g -O1 -pthread -fsanitize=thread -I include -I tests/c \
        -c "$1" -o "$2.o"
    clang -pthread "$2.o" "$out/std_sync.o" "$library" "${wrap[@]}" \
        -Wl,--whole-archive "$runtime" -Wl,--no-whole-archive -Wl,--export-dynamic \
        -lpthread -ldl -lrt -lm -lgcc_s -o "$2"
}

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
# USM_PRIVATE_DESCRIPTORS: the sanitizer talks with its symbolizer through descriptors that a
# thread with a table of its own does not have.
run() { # run PROGRAM: its reports are in $log/said
    rm -rf "$log/data" "$log/default"
    mkdir "$log/data"
    TSAN_OPTIONS="suppressions=$PWD/ffi/tsan/suppressions.txt ${TSAN_OPTIONS:-}" \
        USM_PRIVATE_DESCRIPTORS=false USM_CALL_TIMEOUT=120 USM_DATA_DIR=$log/default \
        CHECK_ROUNDS=${TSAN_ROUNDS:-40} "$1" "$log/data" >"$log/said" 2>&1
}

build ffi/tsan/planted_race.c "$out/planted_race"
# A report names the whole stack: which of its frames is the innermost differs.
if run "$out/planted_race" || ! grep -q 'SUMMARY: .*data race' "$log/said" ||
    ! grep -q ' usm_monitor_metrics .*/ffi/src/metrics.rs' "$log/said"; then
    cat "$log/said"
    echo "== FAILED: the planted race was not found inside the library"
    exit 1
fi
echo "== the planted race was found: $(grep -m1 SUMMARY "$log/said" | grep -o 'data race.*')"

failed=0
for program in "$@"; do
    build "tests/c/$program" "$out/${program%.c}"
    if run "$out/${program%.c}"; then
        echo "== $program: no report"
    else
        cat "$log/said"
        echo "== FAILED: $program"
        failed=1
    fi
done
exit $failed
