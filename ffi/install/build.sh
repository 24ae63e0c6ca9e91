#!/bin/sh
# build.sh FOLDER: builds the C library, optimised, and puts what is installed into FOLDER.
# USM_FEATURES, where it is set: with these features of ffi/Cargo.toml only, or with none.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-target}
crates=${CARGO_HOME:-$HOME/.cargo}/registry/src

# A panic names the file it came from: not by the folder in which that was built. The flags
# are parted by a byte, so that a path may have spaces.
flags=${CARGO_ENCODED_RUSTFLAGS:-$(printf '%s' "${RUSTFLAGS:-}" | tr -s ' ' '\037')}
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\037' ${flags:+"$flags"} \
    "--remap-path-prefix=$root=usm" "--remap-path-prefix=$crates=crates")
CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%?}
export CARGO_ENCODED_RUSTFLAGS

if [ -n "${USM_FEATURES+set}" ]; then
    set -- --no-default-features --features "$USM_FEATURES"
else
    set --
fi
# Not as a Rust library too: then core is optimised before it is linked, which makes it larger.
"${CARGO:-cargo}" rustc --release -p usm-ffi --lib --crate-type staticlib "$@"
# What is compiled in belongs to others, under these licences.
"${CARGO:-cargo}" tree --quiet --package usm-ffi "$@" --edges normal,no-proc-macro --prefix none \
    --format '{p}: {l}' | grep -vF "($root" | sed 's/ (\*)$//' | sort -u >"$folder/crates.txt"
"$root/ffi/install/link.sh" "$target/release/libusm.a" "$folder"

for path in "$crates/" "$root/core/" "$root/ffi/" "$root/target/"; do
    if grep -aqF "$path" "$folder/libusm.so" "$folder/libusm.a"; then
        echo "build.sh: a path of this machine got into the library: $path" >&2
        exit 1
    fi
done
