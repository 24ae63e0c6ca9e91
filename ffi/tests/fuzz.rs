//! Every function of the header, in random sequences and with the worst arguments, under the
//! address and undefined-behaviour sanitizers: a short run of what `make fuzz` does for longer.
//!
//! `USM_FUZZ_SEED` and `USM_FUZZ_RUNS` choose other sequences; a failure says its seed.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test, which says what it leaves out"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Language, Workshop, root, run};

const OPTIONS: [&str; 1] = ["-DALONE"];
const SANITIZERS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// The driver's sources with the calls made from the header, in a folder of their own.
fn sources(folder: &Path) -> PathBuf {
    for name in ["driver.c", "driver.h", "values.h"] {
        std::fs::copy(root().join("ffi/fuzz").join(name), folder.join(name)).unwrap();
    }
    let calls = Command::new("python3")
        .arg(root().join("ffi/fuzz/calls.py"))
        .arg(root().join("include/usm.h"))
        .output()
        .expect("python3 is needed");
    let complaints = String::from_utf8_lossy(&calls.stderr).into_owned();
    assert!(calls.status.success(), "{complaints}");
    std::fs::write(folder.join("calls.inc"), calls.stdout).unwrap();
    folder.join("driver.c")
}

fn driver(workshop: &Workshop) -> PathBuf {
    let source = sources(workshop.folder());
    let mut options = OPTIONS.to_vec();
    if workshop.can(&SANITIZERS) {
        options.extend(SANITIZERS);
    } else {
        println!("without sanitizers: cc has none here");
    }
    workshop.build(source.to_str().unwrap(), Language::C11, &options)
}

/// With memory of the size of a hand: what is asked for by a hostile file is refused, not given.
fn patient(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("ASAN_OPTIONS", "allocator_may_return_null=1");
    command
}

#[test]
fn every_function_of_the_header_is_driven_or_says_why_not() {
    let folder = tempfile::tempdir().unwrap();
    sources(folder.path());
    let calls = std::fs::read_to_string(folder.path().join("calls.inc")).unwrap();
    let script = std::fs::read_to_string(root().join("ffi/fuzz/calls.py")).unwrap();
    let header = std::fs::read_to_string(root().join("include/usm.h")).unwrap();
    let mut functions = 0;
    for line in header.lines() {
        if !line.starts_with(|first: char| first.is_ascii_lowercase())
            || line.starts_with("static")
            || line.starts_with("typedef")
        {
            continue;
        }
        let Some((before, _)) = line.split_once('(') else {
            continue;
        };
        let name = before.rsplit([' ', '*']).next().unwrap();
        if !name.starts_with("usm_") {
            continue;
        }
        functions += 1;
        let driven = calls.contains(&format!("{{\"{name}\", do_{name}, "));
        assert!(
            driven || script.contains(&format!("\"{name}\": ")),
            "{name} is not driven"
        );
    }
    assert!(functions > 150, "only {functions} functions were found");
}

#[test]
fn random_sequences_of_calls_keep_every_promise() {
    let workshop = Workshop::new();
    run(&mut patient(&driver(&workshop)));
}

#[test]
fn what_once_failed_does_not_any_more() {
    let workshop = Workshop::new();
    let mut command = patient(&driver(&workshop));
    let mut inputs = 0;
    for entry in std::fs::read_dir(root().join("ffi/fuzz/corpus")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            command.arg(path.canonicalize().unwrap());
            inputs += 1;
        }
    }
    assert!(inputs > 0, "the corpus is empty");
    run(&mut command);
}
