#!/usr/bin/env bash
# Random sequences of calls of every function of the header, guided by what they reach: libFuzzer
# with the address and undefined-behaviour sanitizers. Rust, SQLite and the driver are compiled
# for the address sanitizer, and Rust counts its branches for the fuzzer. Builds into a target
# folder of its own, which takes some minutes the first time. Needs clang, python3 and Linux on
# x86-64.
#
#     FUZZ_SECONDS=60 ffi/fuzz/run.sh [libFuzzer's own options]
#
# New inputs go to target/fuzz/corpus; what fails is in target/fuzz/crash-*, and belongs into
# ffi/fuzz/corpus, which `make test` runs, once it is mended.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo=${CARGO:-cargo}
target=x86_64-unknown-linux-gnu
out=${CARGO_TARGET_DIR:-target}/fuzz

# The sanitizer is for development versions of the compiler; a stable one takes it in this mode.
# The passes are stable. Overflows and debug assertions are on: they become USM_ERR_PANIC, which
# the driver takes for a failure.
echo "== building libusm.a for the fuzzer in $out"
RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$out CARGO_PROFILE_DEV_OPT_LEVEL=1 \
    RUSTFLAGS="-Zsanitizer=address -Cunsafe-allow-abi-mismatch=sanitizer -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing" \
    CC_x86_64_unknown_linux_gnu=clang \
    CFLAGS_x86_64_unknown_linux_gnu="-fsanitize=address -g1" \
    "$cargo" rustc --quiet -p usm-ffi --lib --crate-type staticlib --target $target

${PYTHON:-python3} ffi/fuzz/calls.py include/usm.h >"$out/calls.inc"
clang -std=c11 -D_GNU_SOURCE -g -O1 -pthread -Wall -Wextra -Werror \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -I include -I ffi/fuzz -I "$out" ffi/fuzz/driver.c "$out/$target/debug/libusm.a" \
    -lpthread -ldl -lrt -lm -lgcc_s -o "$out/driver"

folder=$(mktemp -d)
chmod 755 "$folder"
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
mkdir -p "$out/corpus"
# Leaks are looked for by `make test`, which runs the same driver: here threads of the library
# are always about.
USM_FUZZ_FOLDER=$folder USM_PRIVATE_DESCRIPTORS=false \
    ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:${ASAN_OPTIONS:-} \
    "$out/driver" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=4096 -timeout=60 \
    -rss_limit_mb=4096 -artifact_prefix="$PWD/$out/" -print_final_stats=1 "$@" \
    "$PWD/$out/corpus" "$PWD/ffi/fuzz/corpus"
