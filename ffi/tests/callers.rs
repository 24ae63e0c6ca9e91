//! Programs of another version: structs that are smaller (they were compiled earlier) or larger
//! (later) than those that the library knows. The calls are generated from the header.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong in a test is a failed test, and it says what it skips"
)]

#[path = "callers/calls.rs"]
mod calls;
#[path = "support/declarations.rs"]
mod declarations;
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use declarations::Kind;
use support::{Language, Leaks, Workshop, root, run};

const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// The program for a header in this folder, built with these options.
fn build(workshop: &Workshop, header: &Path, options: &[&str]) -> PathBuf {
    let text = std::fs::read_to_string(header.join("usm.h")).unwrap();
    let (calls, _) = calls::written(&text);
    let folder = workshop.folder().join("calls");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("calls.h"), calls).unwrap();
    std::fs::write(folder.join("has.h"), calls::known(&text)).unwrap();
    // Looked into before the folder that the others include usm.h from.
    let quoted = format!("-iquote{}", header.display());
    let calls = format!("-iquote{}", folder.display());
    // Not every struct is needed in every way.
    let unused = ["-Wno-unused-function", "-Wno-unused-variable"];
    let options = [options, &unused, &[&quoted, &calls]].concat();
    workshop.build("tests/c/callers.c", Language::C11, &options)
}

/// Checks what the program could not call, and gives the smallest size that each struct may
/// have.
fn least_sizes(said: &str) -> BTreeMap<String, usize> {
    let absent = said.lines().filter_map(|line| line.strip_prefix("absent "));
    for function in absent {
        println!("not called, since this host has none: {function}");
        assert!(
            calls::MAY_BE_ABSENT.contains(&function),
            "{function} was not called"
        );
    }
    let mut least = BTreeMap::new();
    for line in said.lines().filter_map(|line| line.strip_prefix("least ")) {
        let (name, size) = line.split_once(' ').unwrap();
        let size: usize = size.parse().unwrap();
        // Of what several functions take, the one that takes least of it.
        let known = least.entry(name.to_string()).or_insert(size);
        *known = size.max(*known);
    }
    assert!(least.len() > 20, "{said}");
    least
}

#[test]
fn callers_of_every_version_get_what_they_know_and_nothing_beside_it() {
    let workshop = Workshop::new();
    let said = run(&mut Command::new(build(
        &workshop,
        &root().join("include"),
        &[],
    )));
    let least = least_sizes(&said);
    let path = root().join("ffi/abi/least_sizes.txt");
    let accepted = std::fs::read_to_string(&path).unwrap_or_default();
    let grown: Vec<String> = accepted
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, size)| Some((name, size.parse::<usize>().unwrap(), least.get(name)?)))
        .filter(|(_, accepted, now)| *now > accepted)
        .map(|(name, accepted, now)| format!("{name}: {accepted}, now {now}"))
        .collect();
    let is_meant = std::env::var_os("USM_ABI_BREAK").is_some_and(|value| value == "1");
    assert!(
        grown.is_empty() || is_meant,
        "structs of earlier versions are refused (smallest size): {grown:?}"
    );
    if std::env::var_os("USM_BLESS_ABI").is_some() {
        let lines: Vec<String> = least
            .iter()
            .map(|(name, size)| format!("{name} {size}\n"))
            .collect();
        std::fs::write(&path, lines.concat()).unwrap();
    }
}

#[test]
fn a_program_that_was_compiled_for_the_accepted_header_works() {
    let workshop = Workshop::new();
    let program = build(&workshop, &root().join("ffi/abi"), &[]);
    least_sizes(&run(&mut Command::new(program)));
}

#[test]
fn no_byte_that_is_not_the_callers_is_touched() {
    let workshop = Workshop::new();
    if !workshop.can(&SANITIZERS) {
        println!("skipped: cc has no address and undefined-behaviour sanitizers here");
        return;
    }
    let program = build(&workshop, &root().join("include"), &SANITIZERS);
    least_sizes(&run(
        Command::new(program).env("ASAN_OPTIONS", "detect_leaks=1")
    ));
}

/// For a minute: `make valgrind` runs it. Each time there are the sanitizer and the bytes behind.
#[test]
fn no_byte_that_is_not_the_callers_is_touched_as_valgrind_sees_it() {
    if std::env::var_os("USM_VALGRIND_ALL").is_none() {
        println!("skipped: make valgrind runs it");
        return;
    }
    let Some(mut valgrind) = support::valgrind(Leaks::AreFaults) else {
        return;
    };
    let workshop = Workshop::new();
    let program = build(&workshop, &root().join("include"), &[]);
    let said = run(valgrind.arg(program));
    least_sizes(&said);
}

#[test]
fn every_struct_takes_part() {
    let header = std::fs::read_to_string(root().join("include/usm.h")).unwrap();
    let (text, called) = calls::written(&header);
    assert!(called.len() > 25, "{called:?}");
    let items = declarations::items(&header);
    // The library makes these and lends them to a callback.
    let lent: Vec<String> = items
        .iter()
        .filter(|item| item.kind == Kind::Callback)
        .flat_map(|item| item.parameters())
        .map(|parameter| parameter.of_type)
        .collect();
    let without: Vec<&str> = items
        .iter()
        .filter(|item| item.kind == Kind::Struct)
        .map(|item| item.name.as_str())
        .filter(|name| !text.contains(&format!("\"{name}\", sizeof")))
        .filter(|name| !lent.contains(&format!("const struct {name} *")))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}
