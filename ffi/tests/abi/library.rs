//! libabigail's look at the interface. Not at the library itself, whose debug information is
//! that of half a million lines of Rust, but at one of nothing but the header: each function
//! that it declares, with an empty body. That the library has the same functions is tested
//! beside this.

use std::path::Path;
use std::process::Command;

use crate::declarations::{Item, Kind, items};
use crate::interface::said;

/// Whether libabigail's tools are here.
pub fn can_compare() -> bool {
    ["abidw", "abidiff"].iter().all(|tool| {
        let version = Command::new(tool).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    })
}

/// The description of a header's interface, as `abidw` writes it.
pub fn description(header: &str, number: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut stub = String::from("#include \"usm.h\"\n");
    let items = items(header);
    for item in items.iter().filter(|item| item.kind == Kind::Function) {
        stub = stub + item.text.trim_end_matches(';') + " { __builtin_trap(); }\n";
    }
    std::fs::write(folder.join("usm.h"), header).unwrap();
    std::fs::write(folder.join("usm.c"), stub).unwrap();
    said(
        Command::new("cc")
            .current_dir(folder)
            .args([
                "-std=c11", "-g", "-fPIC", "-shared", "usm.c", "-o", "usm.so",
            ])
            .arg(format!("-Wl,-soname,libusm.so.{number}")),
    )?;
    said(
        Command::new("abidw")
            .current_dir(folder)
            .args([
                "--no-architecture",
                "--no-corpus-path",
                "--no-comp-dir-path",
            ])
            .args(["--no-show-locs", "--no-parameter-names", "--no-elf-needed"])
            .args(["--type-id-style", "hash", "usm.so"]),
    )
}

/// What `abidiff` finds between the accepted description and a header that may have more: what
/// is only added is taken out of it first, so that anything that is left is a break.
pub fn difference(description_before: &Path, before: &str, now: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("now.abi");
    let number = number_of(now);
    std::fs::write(
        &path,
        description(&without_additions(before, now), &number)?,
    )
    .unwrap();
    said(Command::new("abidiff").arg(description_before).arg(&path)).map(drop)
}

/// USM_ABI_VERSION of a header.
pub fn number_of(header: &str) -> String {
    let items = items(header);
    let number = items.iter().find(|item| item.name == "USM_ABI_VERSION");
    number.map_or_else(String::new, |item| item.value().to_string())
}

/// The header without functions that are new and fields at the end of structs that are new.
fn without_additions(before: &str, now: &str) -> String {
    let accepted = items(before);
    let same = |item: &Item| {
        let mut accepted = accepted.iter();
        accepted.find(|old| old.name == item.name && old.kind == item.kind)
    };
    let mut text = now.to_string();
    for item in items(now) {
        match (item.kind, same(&item)) {
            (Kind::Function, None) => text = text.replacen(&item.text, "", 1),
            (Kind::Struct, Some(old)) => {
                text = text.replacen(&item.text, &shortened(&item, old.fields().len()), 1);
            }
            _ => {}
        }
    }
    text
}

/// A struct with its first fields only.
fn shortened(item: &Item, fields: usize) -> String {
    let fields: Vec<String> = item
        .fields()
        .into_iter()
        .take(fields)
        .map(|field| match field.of_type.split_once(" [") {
            Some((of_type, length)) => format!("    {of_type} {}[{length};", field.name),
            None => format!("    {} {};", field.of_type, field.name),
        })
        .collect();
    let name = &item.name;
    format!(
        "typedef struct {name} {{\n{}\n}} {name};",
        fields.join("\n")
    )
}
