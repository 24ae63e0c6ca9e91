#!/bin/sh
# install.sh install|uninstall: puts what programs build with and run with into PREFIX, or takes
# just that away again. `make install` sets:
#
#   PREFIX      where it is used; /usr/local if not said otherwise
#   DESTDIR     what goes before every path, to stage a package
#   LIBRARIES   what build.sh made, or link.sh
#   LIBDIR, INCLUDEDIR, DOCDIR   in place of lib, include and share/doc/usm below PREFIX
set -eu
act=$1
root=$(cd "$(dirname "$0")/../.." && pwd)

absolute() {
    case $1 in
        /*) printf '%s' "${1%/}" ;;
        *) printf '%s/%s' "$PWD" "${1%/}" ;;
    esac
}
prefix=$(absolute "${PREFIX:-/usr/local}")
libdir=$(absolute "${LIBDIR:-$prefix/lib}")
includedir=$(absolute "${INCLUDEDIR:-$prefix/include}")
docdir=$(absolute "${DOCDIR:-$prefix/share/doc/usm}")
stage=${DESTDIR:-}
LIBRARIES=${LIBRARIES:-}

defined() { # defined NAME: the value that the header gives it
    sed -n "s/^#define $1 //p" "$root/include/usm.h" | tr -d '"'
}
version=$(defined USM_VERSION)
abi=$(defined USM_ABI_VERSION)

# From the library's folder up to PREFIX, so that the tree can be moved; a folder outside of
# PREFIX is named as it is.
below_prefix() {
    case $1/ in "$prefix"/*) return 0 ;; *) return 1 ;; esac
}
pc_prefix=$prefix pc_libdir=$libdir pc_includedir=$includedir cmake_includedir=$includedir
if below_prefix "$libdir"; then
    up=$(printf '%s' "${libdir#"$prefix"}" | sed 's:/[^/][^/]*:/..:g')
    pc_prefix="\${pcfiledir}/..$up"
    pc_libdir="\${prefix}${libdir#"$prefix"}"
    if below_prefix "$includedir"; then
        pc_includedir="\${prefix}${includedir#"$prefix"}"
        cmake_includedir="\${_usm_libdir}$up${includedir#"$prefix"}"
    fi
fi

# Each of the three puts one thing at its place below DESTDIR, or takes it away.
place() { # place MODE FILE TO
    remove_or "$3" || install -m "$1" "$2" "$stage$3"
}
link() { # link FILE TO
    remove_or "$2" || ln -sfn "$1" "$stage$2"
}
value() { # value TEXT: as sed takes it for a replacement
    printf '%s' "$1" | sed 's/[\\&|]/\\&/g'
}
fill() { # fill TEMPLATE TO: the template with the values of this installation
    remove_or "$2" || {
        sed -e "s|@VERSION@|$version|g" -e "s|@ABI@|$abi|g" \
            -e "s|@PREFIX@|$(value "$pc_prefix")|g" -e "s|@LIBDIR@|$(value "$pc_libdir")|g" \
            -e "s|@INCLUDEDIR@|$(value "$pc_includedir")|g" \
            -e "s|@CMAKE_INCLUDEDIR@|$(value "$cmake_includedir")|g" \
            -e "s|@POINTER_BYTES@|$pointer_bytes|g" "$root/ffi/install/$1" >"$stage$2"
        chmod 644 "$stage$2"
    }
}
remove_or() { # whether the place was to be emptied, and is; else its folder is there now
    if [ "$act" = uninstall ]; then
        rm -f "$stage$1"
    else
        install -d -m 755 "$stage$(dirname "$1")"
        echo "$stage$1"
        return 1
    fi
}

everything() {
    # install(1) makes a new file: a program that runs with the old one keeps it.
    place 755 "$LIBRARIES/libusm.so.$version" "$libdir/libusm.so.$version"
    link "libusm.so.$version" "$libdir/libusm.so.$abi"
    link "libusm.so.$abi" "$libdir/libusm.so"
    place 644 "$LIBRARIES/libusm.a" "$libdir/libusm.a"
    for header in "$root"/include/*.h "$root"/include/*.hpp; do
        place 644 "$header" "$includedir/${header##*/}"
    done
    for header in "$root"/include/usm/*; do
        [ ! -f "$header" ] || place 644 "$header" "$includedir/usm/${header##*/}"
    done
    fill usm.pc.in "$libdir/pkgconfig/usm.pc"
    fill usm-static.pc.in "$libdir/pkgconfig/usm-static.pc"
    fill usm-config.cmake.in "$libdir/cmake/usm/usm-config.cmake"
    fill usm-config-version.cmake.in "$libdir/cmake/usm/usm-config-version.cmake"
    for text in README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT docs/EMBEDDING.md; do
        [ ! -f "$root/$text" ] || place 644 "$root/$text" "$docdir/${text##*/}"
    done
    if [ "$act" = uninstall ] || [ -f "$LIBRARIES/crates.txt" ]; then
        place 644 "$LIBRARIES/crates.txt" "$docdir/crates.txt"
    fi
    for example in "$root"/examples/*.c "$root"/examples/*.cpp; do
        place 644 "$example" "$docdir/examples/${example##*/}"
    done
}

case $act in
    install)
        : "${LIBRARIES:?the folder with the libraries}"
        # The fifth byte of an ELF file is its class.
        case $(od -An -j4 -N1 -tu1 "$LIBRARIES/libusm.so.$version" | tr -d ' ') in
            1) pointer_bytes=4 ;;
            *) pointer_bytes=8 ;;
        esac
        everything
        echo "== libusm $version is installed in $stage$prefix"
        [ -n "$stage" ] || cat <<HINT
== Programs that do not find libusm.so.$abi: run ldconfig as root if $libdir is among its
   folders, else add that to LD_LIBRARY_PATH or link with -Wl,-rpath,$libdir
== pkg-config and CMake, where they do not look there by themselves:
   PKG_CONFIG_PATH=$libdir/pkgconfig, CMAKE_PREFIX_PATH=$prefix
HINT
        ;;
    uninstall)
        everything
        for folder in "$includedir/usm" "$libdir/cmake/usm" "$docdir/examples" "$docdir"; do
            [ ! -d "$stage$folder" ] || rmdir "$stage$folder" 2>/dev/null ||
                echo "kept, not empty: $stage$folder"
        done
        echo "== libusm $version is removed from $stage$prefix"
        ;;
    *)
        echo "install.sh: install or uninstall, not \"$act\"" >&2
        exit 2
        ;;
esac
