//! The headers compile without a warning in every language that they are for.
#![allow(clippy::print_stdout, reason = "a test says what it skips")]

use std::path::Path;
use std::process::Command;

use crate::support::root;

const C: [&str; 4] = ["c99", "c11", "c17", "c2x"];
const CPP: [&str; 5] = ["c++11", "c++14", "c++17", "c++20", "c++2b"];

const WARNINGS: [&str; 10] = [
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Wsign-conversion",
    "-Wshadow",
    "-Wpedantic",
    "-Wundef",
    "-Wcast-qual",
    "-Wdouble-promotion",
    "-Werror",
];
/// Only C knows them.
const WARNINGS_OF_C: [&str; 4] = [
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wc++-compat",
    "-Wwrite-strings",
];

/// The same compilers, by the language.
const COMPILERS: [(&str, &str); 2] = [("gcc", "g++"), ("clang", "clang++")];

/// Tries a source; false when there is no such compiler, or it does not know the language.
fn compiles(compiler: &str, standard: &str, options: &[&str], text: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let is_cpp = standard.contains("++");
    let source = |name: &str, text: &str| {
        let name = format!("{name}.{}", if is_cpp { "cpp" } else { "c" });
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let command = |path: &Path| {
        let mut command = Command::new(compiler);
        command.arg(format!("-std={standard}")).arg("-fsyntax-only");
        command.arg(path);
        command
    };
    let empty = source("empty", "int main(void) { return 0; }\n");
    if !command(&empty)
        .output()
        .is_ok_and(|output| output.status.success())
    {
        println!("skipped: {compiler} -std={standard} is not to be had here");
        return false;
    }
    let mut command = command(&source("source", text));
    command.args(WARNINGS).args(options);
    if !is_cpp {
        command.args(WARNINGS_OF_C);
    }
    let output = command
        .arg("-I")
        .arg(root().join("include"))
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{compiler} -std={standard}:\n{complaints}"
    );
    true
}

/// Tries a source with all compilers and in all these languages; fails where none knows them.
fn compiles_everywhere(standards: &[&str], options: &[&str], text: &str) {
    let mut tried = 0;
    for (of_c, of_cpp) in COMPILERS {
        for standard in standards {
            let compiler = if standard.contains("++") {
                of_cpp
            } else {
                of_c
            };
            tried += usize::from(compiles(compiler, standard, options, text));
        }
    }
    assert!(tried > 0, "none of {standards:?} could be tried");
}

/// Uses each macro with arguments and each inline function, which else are only parsed.
const USE: &str = "
int main(void) {
    usm_metrics metrics;
    usm_query query;
    const struct usm_execute_options execute = USM_EXECUTE_OPTIONS_INIT;
    const struct usm_extract_options extract = USM_EXTRACT_OPTIONS_INIT;
    const struct usm_detector_options detector = USM_DETECTOR_OPTIONS_INIT;
    const struct usm_forecaster_options forecaster = USM_FORECASTER_OPTIONS_INIT;
    const uint32_t mask = USM_EVENT_BIT(USM_EVENT_STATE_UPDATE) | USM_EVENT_BIT(31);
    usm_metrics_init(&metrics);
    usm_query_init(&query);
    (void)execute; (void)extract; (void)detector; (void)forecaster; (void)mask;
    return usm_metrics_has(&metrics, USM_METRIC_SECURITY_SCORE);
}
";

/// Who speaks Arrow brings these structs; ours must step back.
const ARROW_BEFORE: &str = "
#include <stdint.h>
#define ARROW_C_DATA_INTERFACE
struct ArrowSchema { const char *format, *name, *metadata; int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary; void (*release)(struct ArrowSchema *);
    void *private_data; };
struct ArrowArray { int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers; struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *); void *private_data; };
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream { int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *); void *private_data; };
";

const TWICE: &str = "#include \"usm.h\"\n#include \"usm.h\"\n";

#[test]
fn the_header_is_clean_c() {
    compiles_everywhere(&C, &[], &format!("{TWICE}{USE}"));
}

#[test]
fn the_header_is_clean_cpp() {
    let options = ["-Wold-style-cast", "-fno-exceptions", "-fno-rtti"];
    compiles_everywhere(&CPP, &options, &format!("{TWICE}{USE}"));
}

#[test]
fn the_header_goes_with_arrows_own() {
    let text = format!("{ARROW_BEFORE}{TWICE}{USE}");
    compiles_everywhere(&["c99", "c11"], &[], &text);
    compiles_everywhere(&["c++11", "c++17"], &[], &text);
}

#[test]
fn the_header_says_that_c99_is_the_floor() {
    let header = std::fs::read_to_string(root().join("include/usm.h")).unwrap();
    assert!(header.contains("C99"), "the introduction does not say it");
}

#[test]
fn the_face_for_cpp_is_clean() {
    let text = "#include \"usm.hpp\"\n#include \"usm.hpp\"\n#include \"usm.h\"\n\
                int main() { return 0; }\n";
    let standards = ["c++17", "c++20", "c++2b"];
    compiles_everywhere(&standards, &["-Wnon-virtual-dtor"], text);
    compiles_everywhere(&standards, &["-fno-rtti"], text);
}
