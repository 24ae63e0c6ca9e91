//! Builds and runs `tests/c/bench_metrics.c` against the optimised library, and tells the
//! library's size: `cargo bench -p usm-ffi`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark is a program that prints, and ends where something is wrong"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::process::Command;

use support::{Language, Workshop, run, shared_library};

fn main() {
    let workshop = Workshop::new();
    let stripped = workshop.folder().join("stripped.so");
    let library = shared_library();
    let strip = Command::new("strip")
        .arg("-o")
        .arg(&stripped)
        .arg(&library)
        .status()
        .unwrap();
    assert!(strip.success(), "strip: {strip}");
    let bytes = std::fs::metadata(&stripped).unwrap().len();
    println!("libusm.so, stripped: {:.2} MB", bytes as f64 / 1e6);

    let program = workshop.build("tests/c/bench_metrics.c", Language::C99, &["-O2"]);
    print!("{}", run(&mut Command::new(program)));
}
