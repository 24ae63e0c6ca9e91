//! The library in plug-ins that a program loads and unloads: shared, and a second copy of it
//! inside one of them.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what goes wrong in a test is a failed test"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Language, Workshop, compiler, root, run, shared_library, static_library};

#[test]
fn two_engines_get_on_and_plugins_come_and_go() {
    let workshop = Workshop::new();
    let folder = workshop.folder();
    let rpath = format!("-Wl,-rpath,{}", folder.display());
    let plugin = |name: &str, with: &[&str]| {
        let options = [&["-shared", "-fPIC"], with].concat();
        compiled("plugin.c", folder, name, &options)
    };
    let (shared, inside) = (shared_library(), static_library());
    let uses = plugin("uses.so", &[shared.to_str().unwrap(), &rpath]);
    let has = plugin(
        "has.so",
        &[
            inside.to_str().unwrap(),
            // Its copy is its own, and its threads may outlive a dlclose().
            "-Wl,--exclude-libs,ALL",
            "-Wl,-z,nodelete",
            "-lm",
        ],
    );
    let program = compiled("plugins.c", folder, "program", &["-ldl"]);
    run(Command::new(&program).args([&uses, &has]));
    run(Command::new(&program).args([&has, &uses]));
}

fn compiled(source: &str, folder: &Path, name: &str, options: &[&str]) -> PathBuf {
    let made = folder.join(name);
    let output = compiler("cc", Language::C99)
        .expect("cc is needed")
        .args(["-g", "-O1", "-pthread", "-D_GNU_SOURCE"])
        .arg(root().join("tests/c").join(source))
        .arg("-o")
        .arg(&made)
        .args(options)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{source}:\n{said}");
    made
}
