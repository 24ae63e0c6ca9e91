//! The way of the data is one direction: a part may import those to its left, never those
//! to its right. This test reads the `use` lines of core and holds them against the order.
// The whole file is tests, their helpers too.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The parts of core from the host to the conductor. A part may use those before it.
const ORDER: [&str; 24] = [
    "arrange",
    "tree",
    "error",
    "sys",
    "config",
    "logging",
    "sample",
    "score",
    "series",
    "judge",
    "tools",
    "alert",
    "state",
    "cache",
    "pool",
    "event",
    "store",
    "service",
    "history",
    "act",
    "monitor",
    "optimizer",
    "migrate",
    "lib",
];

/// Imports against the order that are meant so, each with its reason.
const ALLOWED: [(&str, &str, &str); 4] = [
    (
        "sys",
        "sample",
        "the clock answers in the sample's own type, Moment",
    ),
    (
        "config",
        "sample",
        "the roots are settings, and the sampler's own type",
    ),
    (
        "series",
        "judge",
        "its round trip is held against what is judged of it",
    ),
    ("judge", "history", "its tests run over a recording"),
];

fn core_source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src")
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The part that a file belongs to: its first folder below src, or its own name.
fn part_of(file: &Path) -> String {
    let relative = file.strip_prefix(core_source()).unwrap();
    let first = relative
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_string()
}

/// The parts named after `crate::` in a text, unit tests at its foot left out.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            rest[..end].to_string()
        })
        .filter(|name| ORDER.contains(&name.as_str()))
        .collect()
}

#[test]
fn every_part_of_core_has_its_place_and_imports_only_to_the_left() {
    let mut files = Vec::new();
    rust_files(&core_source(), &mut files);
    assert!(files.len() > 20, "only {} files found", files.len());
    let mut backward = Vec::new();
    let mut used_exceptions = BTreeSet::new();
    for file in files {
        let part = part_of(&file);
        if part == "lib" {
            continue;
        }
        let place = ORDER.iter().position(|p| *p == part);
        let place = place.unwrap_or_else(|| panic!("{part} has no place in the order"));
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            let of_import = ORDER.iter().position(|p| *p == import).unwrap();
            if of_import <= place {
                continue;
            }
            match ALLOWED.iter().find(|(p, i, _)| *p == part && *i == import) {
                Some(allowed) => {
                    used_exceptions.insert(*allowed);
                }
                None => backward.push(format!("{}: {part} uses {import}", file.display())),
            }
        }
    }
    assert!(backward.is_empty(), "{}", backward.join("\n"));
    assert_eq!(
        used_exceptions.len(),
        ALLOWED.len(),
        "an exception is not needed any more"
    );
}

#[test]
fn unsafe_code_stands_only_in_the_system_call_layer_and_at_the_borders() {
    let mut files = Vec::new();
    rust_files(&core_source(), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let has_unsafe = code.lines().any(|line| {
            let line = line.trim_start();
            !line.starts_with("//") && (line.contains("unsafe {") || line.contains("unsafe fn"))
        });
        let may = part_of(&file) == "sys";
        assert!(may || !has_unsafe, "{} holds unsafe code", file.display());
    }
}
