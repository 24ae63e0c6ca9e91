//! The binary interface is only ever added to: today's header against the accepted one, which
//! is in `ffi/abi` as a header (`usm.h`), as a list of facts (`interface.txt`) and as libabigail
//! describes it (`libusm.abi`).
//!
//! `make bless-abi` accepts what was added. It refuses what breaks programs that were compiled
//! earlier, unless `USM_ABI_BREAK=1` says that this is meant.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong in a test is a failed test, and it says what it skips"
)]

#[path = "support/declarations.rs"]
mod declarations;
#[path = "abi/interface.rs"]
mod interface;
#[path = "abi/library.rs"]
mod library;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use declarations::{Kind, items};
use interface::{Interface, read_header, said};
use support::root;

const WHAT_TO_DO: &str = "\n\nPrograms that were compiled earlier break. Take it back and add \
    something beside it: a function of another name, a constant, a field at the end of a struct \
    that begins with struct_size. Where it is meant to break (then USM_ABI_VERSION must be \
    raised, unless nothing was released with it): USM_ABI_BREAK=1 make bless-abi\n";

fn accepted() -> PathBuf {
    root().join("ffi/abi")
}

fn header_of_today() -> String {
    read_header(&root().join("include"))
}

/// What of the accepted interface a header breaks; the first part of it says which look found it.
fn breaks(accepted: &Path, header: &str) -> Vec<String> {
    let facts = std::fs::read_to_string(accepted.join("interface.txt")).unwrap();
    let mut breaks = match Interface::of(header) {
        Ok(now) => Interface::read(&facts).broken_by(&now),
        Err(error) => vec![format!("the header can't be compiled: {error}")],
    };
    if library::can_compare() {
        let before = read_header(accepted);
        let found = library::difference(&accepted.join("libusm.abi"), &before, header);
        breaks.extend(found.err().map(|found| format!("abidiff: {found}")));
    }
    breaks
}

/// Accepts a header; refuses one that breaks what was accepted before.
fn accept(folder: &Path, header: &str, may_break: bool) -> Result<(), String> {
    let facts = folder.join("interface.txt");
    if facts.exists() && !may_break {
        let breaks = breaks(folder, header);
        if !breaks.is_empty() {
            return Err(breaks.join("\n"));
        }
    }
    let description = library::description(header, &library::number_of(header))?;
    let now = Interface::of(header)?;
    for (name, text) in [
        ("usm.h", header),
        ("interface.txt", &now.write()),
        ("libusm.abi", &description),
    ] {
        std::fs::write(folder.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn is_measured_here() -> bool {
    let is = size_of::<usize>() == 8 && cfg!(target_os = "linux");
    if !is {
        println!("skipped: the accepted interface is that of 64-bit Linux");
    }
    is
}

#[test]
fn programs_that_were_compiled_earlier_still_find_everything() {
    if !is_measured_here() {
        return;
    }
    let header = header_of_today();
    if std::env::var_os("USM_BLESS_ABI").is_some() {
        let may_break = std::env::var_os("USM_ABI_BREAK").is_some_and(|value| value == "1");
        if let Err(error) = accept(&accepted(), &header, may_break) {
            panic!("not accepted:\n{error}{WHAT_TO_DO}");
        }
    }
    if !library::can_compare() {
        println!("partly skipped: abidw and abidiff (abigail-tools) are not installed");
    }
    let breaks = breaks(&accepted(), &header);
    assert!(breaks.is_empty(), "{}{WHAT_TO_DO}", breaks.join("\n"));
    let facts = std::fs::read_to_string(accepted().join("interface.txt")).unwrap();
    let now = Interface::of(&header).unwrap();
    for name in now.beyond(&Interface::read(&facts)) {
        println!("not accepted yet (make bless-abi): {name}");
    }
}

#[test]
fn what_is_accepted_is_one_interface_three_times() {
    if !is_measured_here() {
        return;
    }
    let header = read_header(&accepted());
    let facts = std::fs::read_to_string(accepted().join("interface.txt")).unwrap();
    assert!(
        Interface::of(&header).unwrap().write() == facts,
        "usm.h and interface.txt differ"
    );
    if library::can_compare() {
        let description = accepted().join("libusm.abi");
        library::difference(&description, &header, &header).unwrap();
    }
    let description = std::fs::read_to_string(accepted().join("libusm.abi")).unwrap();
    assert!(
        !description.contains("/tmp"),
        "a path of the machine is in libusm.abi"
    );
}

#[test]
fn the_library_exports_all_that_was_accepted() {
    let library = support::shared_library();
    let listed = said(
        Command::new("nm")
            .args(["-D", "--defined-only"])
            .arg(library),
    )
    .unwrap();
    let exported: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split_once(" T "))
        .map(|(_, symbol)| symbol.split('@').next().unwrap())
        .collect();
    let accepted = items(&read_header(&accepted()));
    let functions = accepted.iter().filter(|item| item.kind == Kind::Function);
    let gone: Vec<&str> = functions
        .map(|item| item.name.as_str())
        .filter(|name| !exported.contains(name))
        .collect();
    assert!(gone.is_empty(), "gone from libusm.so: {gone:?}{WHAT_TO_DO}");
}

#[test]
fn a_program_that_was_compiled_for_the_accepted_header_links_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = String::from("#include <stdio.h>\n#include \"usm.h\"\nint main(void) {\n");
    program += "typedef void (*function)(void);\nconst function functions[] = {\n";
    let accepted_items = items(&read_header(&accepted()));
    let functions = accepted_items
        .iter()
        .filter(|item| item.kind == Kind::Function);
    for item in functions.clone() {
        program = program + "(function)" + &item.name + ",\n";
    }
    program += "};\nsize_t i, found = 0;\nif (usm_abi_version() != USM_ABI_VERSION) return 1;\n\
        for (i = 0; i < sizeof functions / sizeof *functions; i++) found += functions[i] != 0;\n\
        printf(\"%zu\\n\", found);\nreturn 0;\n}\n";
    let source = folder.path().join("earlier.c");
    std::fs::write(&source, program).unwrap();
    let libraries: [(PathBuf, &[&str]); 2] = [
        (support::shared_library(), &[]),
        (support::static_library(), &["-lpthread", "-ldl", "-lm"]),
    ];
    for (library, options) in libraries {
        // As the linker named it: an installed one is found by this name.
        let soname = format!("libusm.so.{}", usm::version::USM_ABI_VERSION);
        let by_name = folder.path().join(soname);
        std::fs::copy(support::shared_library(), &by_name).unwrap();
        let executable = folder.path().join("earlier");
        said(
            Command::new("cc")
                .args(["-std=c99", "-Wall", "-Werror"])
                .arg(format!("-I{}", accepted().display()))
                .arg(&source)
                .arg("-o")
                .arg(&executable)
                .arg(library)
                .args(options)
                .arg(format!("-Wl,-rpath,{}", folder.path().display())),
        )
        .unwrap();
        let found = said(&mut Command::new(&executable)).unwrap();
        assert_eq!(found.trim(), functions.clone().count().to_string());
    }
}

#[test]
fn no_struct_has_a_hole() {
    let holes = Interface::of(&header_of_today()).unwrap().holes();
    assert!(holes.is_empty(), "{holes:#?}");
    let odd = "typedef struct usm_a {\n    uint32_t struct_size;\n    double b;\n} usm_a;\n\
               typedef struct usm_c {\n    double d;\n    uint32_t e;\n} usm_c;\n";
    let odd = format!("#include <stddef.h>\n#include <stdint.h>\n{odd}");
    let holes = Interface::of(&odd).unwrap().holes();
    assert_eq!(holes, ["before usm_a.b", "at the end of usm_c: 12 of 16"]);
}

#[test]
fn what_is_only_added_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    if !can_accept(folder.path()) {
        return;
    }
    for (before, after) in [
        (
            "} usm_metrics;",
            "    /** New. */\n    double more;\n} usm_metrics;",
        ),
        ("#define USM_OK 0", "#define USM_OK 0\n#define USM_NEWS 5"),
        (
            "uint32_t usm_abi_version(void);",
            "uint32_t usm_abi_version(void);\ndouble usm_news(const struct usm_state *state);",
        ),
        ("const char *name,\n", "const char *other_name,\n"),
        (
            "typedef struct usm_monitor usm_monitor;",
            "typedef struct usm_monitor usm_monitor;\n\
             typedef struct usm_more {\n    uint32_t struct_size;\n} usm_more;",
        ),
    ] {
        let header = changed(before, after);
        assert_eq!(
            breaks(folder.path(), &header),
            Vec::<String>::new(),
            "{after}"
        );
        accept(folder.path(), &header, false).unwrap();
        // From now on it stays.
        let kept = breaks(folder.path(), &header_of_today());
        assert_eq!(
            kept.is_empty(),
            after.contains("other_name"),
            "{after}: {kept:?}"
        );
        accept(folder.path(), &header_of_today(), true).unwrap();
    }
}

#[test]
fn every_kind_of_break_is_found_and_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    if !can_accept(folder.path()) {
        return;
    }
    // What is changed, into what, what is said of it, and whether abidiff sees it as well.
    for (before, after, said, seen) in [
        (
            "uint32_t usm_abi_version(void);",
            "",
            "function usm_abi_version",
            true,
        ),
        (
            "uint32_t usm_abi_version(void);",
            "uint64_t usm_abi_version(void);",
            "uint64_t",
            true,
        ),
        (
            "double timeout_seconds",
            "float timeout_seconds",
            "float, uint64_t *)",
            true,
        ),
        (
            "uint64_t after_sequence,\n",
            "",
            "function usm_monitor_wait",
            true,
        ),
        (
            "uint64_t *sequence)",
            "uint64_t *sequence, int more)",
            "uint64_t *, int)",
            true,
        ),
        (
            "const struct usm_event *event,\n",
            "uint32_t kind,\n",
            "callback usm_event_cal",
            true,
        ),
        (
            "typedef int32_t usm_status;",
            "typedef int64_t usm_status;",
            "type usm_status",
            true,
        ),
        (
            "    double cpu_percent;",
            "    double inserted;\n    double cpu_percent;",
            "is new",
            true,
        ),
        (
            "    uint64_t battery_plugged;\n",
            "",
            "field usm_metrics.battery_plugged",
            true,
        ),
        (
            "    uint64_t battery_plugged;",
            "    uint64_t is_plugged;",
            "is gone",
            false,
        ),
        (
            "    uint64_t battery_plugged;",
            "    double battery_plugged;",
            "size 8, double",
            true,
        ),
        (
            "    char name[64];",
            "    char name[72];",
            "field usm_process.user",
            true,
        ),
        (
            "    const char *rule;",
            "    char *rule;",
            "field usm_alert.rule",
            false,
        ),
        (
            "#define USM_OK 0",
            "#define USM_OK 1",
            "constant USM_OK was 0, and is 1",
            false,
        ),
        (
            "#define USM_ERR_PANIC (-14)",
            "",
            "constant USM_ERR_PANIC (-14) is gone",
            false,
        ),
        (
            "#define USM_ABI_VERSION 0",
            "#define USM_ABI_VERSION 1",
            "constant USM_ABI",
            true,
        ),
        (
            "USM_EVENT_BIT(kind)",
            "USM_EVENT_MASK(kind)",
            "macro USM_EVENT_BIT",
            false,
        ),
        (
            "void usm_metrics_init(struct",
            "void usm_metrics_clear(struct",
            "inline usm_met",
            false,
        ),
        (
            "uint32_t usm_abi_version(void);",
            "uint32_t usm_abi_version(void)",
            "compiled",
            true,
        ),
    ] {
        let header = changed(before, after);
        let breaks = breaks(folder.path(), &header);
        let is_said = breaks.iter().any(|line| line.contains(said));
        assert!(is_said, "{before} to {after}: {said} is not in {breaks:#?}");
        let is_seen = breaks.iter().any(|line| line.starts_with("abidiff: "));
        assert_eq!(is_seen, seen, "{before} to {after}: {breaks:#?}");
    }
    // Two fields change places.
    let swapped = changed("    double load_average_1;", "    double load_average_X;")
        .replacen(
            "    double load_average_5;",
            "    double load_average_1;",
            1,
        )
        .replacen(
            "    double load_average_X;",
            "    double load_average_5;",
            1,
        );
    let breaks = breaks(folder.path(), &swapped);
    assert!(
        breaks
            .iter()
            .any(|line| line.contains("load_average_1 was offset")),
        "{breaks:#?}"
    );
    // It is not accepted, unless it is meant.
    let refused = accept(folder.path(), &swapped, false).unwrap_err();
    assert!(refused.contains("load_average_1"), "{refused}");
    let facts = std::fs::read_to_string(folder.path().join("interface.txt")).unwrap();
    assert_eq!(Interface::of(&header_of_today()).unwrap().write(), facts);
    accept(folder.path(), &swapped, true).unwrap();
    assert_eq!(read_header(folder.path()), swapped);
}

/// Accepts today's header in a folder of the test's own; false where that can't be done.
fn can_accept(folder: &Path) -> bool {
    if !library::can_compare() {
        println!("skipped: abidw and abidiff (abigail-tools) are not installed");
        return false;
    }
    accept(folder, &header_of_today(), false).unwrap();
    true
}

/// Today's header with one thing changed.
fn changed(before: &str, after: &str) -> String {
    let header = header_of_today();
    assert!(header.contains(before), "{before} is not in the header");
    header.replacen(before, after, 1)
}
