#!/bin/sh
# link.sh ARCHIVE FOLDER: from the static library that cargo builds to what is installed:
#
#   FOLDER/libusm.so.VERSION, libusm.so.ABI and libusm.so   shows usm_*@@USM_ABI and nothing else
#   FOLDER/libusm.a                                         one object, only usm_* global
#
# Cargo's archive shows Rust's and SQLite's symbols too, so that a program could have no other
# Rust library and no SQLite of its own. And rustc gives a shared library a version script
# without a version, beside which linkers accept no other; so both come from the archive.
#
# Wants GNU ld and objcopy. CC, LD and OBJCOPY choose others.
set -eu
archive=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
header=$here/../../include/usm.h

CC=${CC:-cc}
LD=${LD:-$(command -v ld.bfd || echo ld)}
OBJCOPY=${OBJCOPY:-objcopy}

defined() { # defined NAME: the value that the header gives it
    sed -n "s/^#define $1 //p" "$header" | tr -d '"'
}
version=$(defined USM_VERSION)
abi=$(defined USM_ABI_VERSION)
grep -q "^USM_$abi {" "$here/usm.map" || {
    echo "link.sh: usm.map has no node USM_$abi, the ABI of include/usm.h" >&2
    exit 1
}

mkdir -p "$folder"
work=$(mktemp -d "$folder/.link.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

nm -g --defined-only "$archive" 2>/dev/null |
    awk 'NF == 3 && $3 ~ /^usm_/ { print $3 }' | sort -u >"$work/functions"
[ -s "$work/functions" ] || {
    echo "link.sh: $archive defines no usm_ function" >&2
    exit 1
}

# All that these functions need becomes one object; the rest of Rust's standard library stays
# out. Groups are dissolved, since the linker would merge them with those of another Rust
# library, whose names are no longer the same.
sed 's/^/--undefined=/' "$work/functions" >"$work/wanted"
"$LD" -r --force-group-allocation --gc-sections "@$work/wanted" "$archive" -o "$work/all.o"
# .llvmbc and .llvmcmd: the bitcode of crates that were built for link-time optimisation.
"$OBJCOPY" --strip-unneeded --remove-section=.llvmbc --remove-section=.llvmcmd \
    --keep-global-symbols="$work/functions" "$work/all.o" "$work/usm.o"
(cd "$work" && "${AR:-ar}" rcsD libusm.a usm.o)

# dlclose() must not unmap code that a thread or a fork handler may still run: nodelete.
"$CC" -shared -o "$work/libusm.so" "$work/usm.o" \
    -Wl,-soname,"libusm.so.$abi" -Xlinker "--version-script=$here/usm.map" \
    -Wl,-z,nodelete,-z,relro,-z,now,-z,noexecstack,-z,defs \
    -Wl,--gc-sections,--as-needed,--hash-style=gnu,-O1,--strip-all \
    -lpthread -ldl -lm

# By renaming: a program that runs with the old one keeps it.
chmod 644 "$work/libusm.a"
chmod 755 "$work/libusm.so"
mv -f "$work/libusm.so" "$folder/libusm.so.$version"
ln -sf "libusm.so.$version" "$folder/libusm.so.$abi"
ln -sf "libusm.so.$abi" "$folder/libusm.so"
mv -f "$work/libusm.a" "$folder/libusm.a"
