//! What the libraries show to a program: the functions of the header, and nothing else. So a
//! program may have a SQLite and another Rust library of its own.
#![allow(
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test"
)]

#[path = "support/declarations.rs"]
mod declarations;
#[path = "support/linked.rs"]
mod linked;
mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use declarations::{Kind, items};
use linked::{libraries, must, strict, there_is};
use support::{root, run, shared_library};

/// How a program is linked to the library.
const LINKED: [&str; 2] = ["libusm.so", "libusm.a"];

#[test]
fn the_shared_library_shows_each_function_of_the_header_with_its_version_and_nothing_else() {
    let said = must(
        Command::new("nm")
            .args(["-D", "--defined-only", "--with-symbol-versions"])
            .arg(libraries().join("libusm.so")),
    );
    let node = format!("USM_{}", usm::version::USM_ABI_VERSION);
    let wanted = declared()
        .iter()
        .map(|name| format!("T {name}@@{node}"))
        .collect();
    let mut shown = shown(&said);
    // The version itself is a symbol too; not every nm says of itself that it has a version.
    assert!(shown.remove(&format!("A {node}")) || shown.remove(&format!("A {node}@@{node}")));
    same(&shown, &wanted);
}

#[test]
fn the_static_library_shows_each_function_of_the_header_and_nothing_else() {
    let said = must(
        Command::new("nm")
            .args(["-g", "--defined-only"])
            .arg(libraries().join("libusm.a")),
    );
    let wanted = declared().iter().map(|name| format!("T {name}")).collect();
    same(&shown(&said), &wanted);
}

#[test]
fn the_library_that_cargo_links_shows_the_same_functions() {
    let said = must(
        Command::new("nm")
            .args(["-D", "--defined-only"])
            .arg(shared_library()),
    );
    let wanted = declared().iter().map(|name| format!("T {name}")).collect();
    same(&shown(&said), &wanted);
}

#[test]
fn the_shared_library_has_its_name_stays_loaded_and_needs_only_the_c_library() {
    let said = must(
        Command::new("readelf")
            .args(["--dynamic", "--program-headers", "--wide"])
            .arg(libraries().join("libusm.so"))
            .env("LC_ALL", "C"),
    );
    let entries = |tag: &str| -> Vec<String> {
        said.lines()
            .filter(|line| line.contains(tag))
            .map(|line| line.split_once(tag).unwrap().1.to_owned())
            .collect()
    };
    let soname = format!("[libusm.so.{}]", usm::version::USM_ABI_VERSION);
    assert!(entries("(SONAME)")[0].contains(&soname), "{said}");
    assert!(entries("(FLAGS_1)")[0].contains("NODELETE"), "{said}");
    assert!(entries("(FLAGS_1)")[0].contains("NOW"), "{said}");
    for absent in ["(RPATH)", "(RUNPATH)", "(TEXTREL)"] {
        assert!(entries(absent).is_empty(), "{said}");
    }
    let stack = &entries("GNU_STACK")[0];
    assert!(!stack.contains('E'), "the stack can be run: {said}");
    assert!(said.contains("GNU_RELRO"), "{said}");
    for library in entries("(NEEDED)") {
        let name = library.split_once('[').unwrap().1;
        let expected = [
            "libc.",
            "libm.",
            "libgcc_s.",
            "ld-",
            "libpthread.",
            "libdl.",
            "librt.",
        ];
        assert!(
            expected.iter().any(|begin| name.starts_with(begin)),
            "{name} is needed"
        );
    }
}

#[test]
fn the_library_never_calls_functions_of_the_program_in_place_of_its_own() {
    for library in LINKED {
        let folder = tempfile::tempdir().unwrap();
        // Its names are visible to shared libraries, as a plug-in host makes them.
        let mut build = strict("cc", "-std=c99");
        build.arg("-rdynamic");
        run_with(build, "same_names.c", &[], library, folder.path());
    }
}

#[test]
fn a_program_has_a_sqlite_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    for sqlite in [["-lsqlite3"], ["-l:libsqlite3.a"]] {
        if !links(folder.path(), sqlite[0]) {
            println!("skipped: no {} with its header (libsqlite3-dev)", sqlite[0]);
            continue;
        }
        for library in LINKED {
            let build = strict("cc", "-std=c99");
            run_with(build, "own_sqlite.c", &sqlite, library, folder.path());
        }
    }
}

#[test]
fn a_program_has_another_library_written_in_rust() {
    if !there_is("rustc") {
        println!("skipped: there is no rustc");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("libother.a");
    must(
        Command::new("rustc")
            .args(["--edition=2024", "--crate-type=staticlib", "-o"])
            .arg(&other)
            .arg(root().join("tests/c/other_rust.rs")),
    );
    let other = [other.to_str().unwrap()];
    for library in LINKED {
        let build = strict("cc", "-std=c99");
        run_with(build, "other_rust.c", &other, library, folder.path());
    }
    // A linker takes what is missing from left to right.
    let mut build = strict("cc", "-std=c99");
    build.args(other);
    run_with(build, "other_rust.c", &other, "libusm.a", folder.path());
}

/// Builds a program of `tests/c` with one of our libraries, and runs it.
fn run_with(mut build: Command, source: &str, more: &[&str], library: &str, folder: &Path) {
    let program = folder.join("program");
    let mut path = std::ffi::OsString::from("-Wl,-rpath,");
    path.push(libraries());
    build
        .arg("-I")
        .arg(root().join("include"))
        .arg(root().join("tests/c").join(source))
        .arg(libraries().join(library))
        .args(more)
        .arg(path)
        .args(["-lpthread", "-ldl", "-lm", "-o"])
        .arg(&program);
    must(&mut build);
    run(&mut Command::new(program));
}

/// Whether a program with SQLite can be linked with this.
fn links(folder: &Path, sqlite: &str) -> bool {
    let source = folder.join("with_sqlite.c");
    let text =
        "#include <sqlite3.h>\nint main(void) { return sqlite3_libversion_number() == 0; }\n";
    std::fs::write(&source, text).unwrap();
    Command::new("cc")
        .arg(&source)
        .arg("-o")
        .arg(folder.join("with_sqlite"))
        .args([sqlite, "-lpthread", "-ldl", "-lm"])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// The functions that the header declares.
fn declared() -> BTreeSet<String> {
    let header = std::fs::read_to_string(root().join("include/usm.h")).unwrap();
    items(&header)
        .into_iter()
        .filter(|item| item.kind == Kind::Function)
        .map(|item| item.name)
        .collect()
}

/// From lines like "0000000000001000 T usm_version" what follows the address.
fn shown(said: &str) -> BTreeSet<String> {
    said.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, symbol)| symbol.to_owned())
        .collect()
}

fn same(shown: &BTreeSet<String>, wanted: &BTreeSet<String>) {
    let more: Vec<_> = shown.difference(wanted).collect();
    let less: Vec<_> = wanted.difference(shown).collect();
    assert!(
        more.is_empty() && less.is_empty(),
        "shown, but not in the header: {more:?}\nin the header, but not shown: {less:?}"
    );
}
