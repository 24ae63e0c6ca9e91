//! The committed header is the one that the source gives, and what it promises holds.
//!
//! `USM_BLESS=1 cargo test -p usm-ffi --test header` writes it anew.
#![allow(
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test"
)]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use support::{Language, compiler, root};

/// The sources in the order in which the header shows what is in them.
const SOURCES: [&str; 48] = [
    "status",
    "failure",
    "version",
    "text",
    "config",
    "monitor",
    "metrics",
    "process",
    "finding_numbers",
    "forecast",
    "findings",
    "finding_alerts",
    "finding_anomalies",
    "finding_incidents",
    "finding_insights",
    "finding_forecasts",
    "finding_security",
    "event",
    "progress",
    "alerts",
    "alerts_ask",
    "tools",
    "detector",
    "forecaster",
    "history_state",
    "history_query",
    "history",
    "history_table",
    "history_table_export",
    "history_recording",
    "history_replay",
    "optimizer_numbers",
    "optimizer",
    "optimizer_targets",
    "optimizer_actions",
    "optimizer_run",
    "optimizer_report",
    "optimizer_profile",
    "optimizer_ask",
    "folder",
    "saved_settings",
    "logging",
    "export",
    "report_file",
    "migrate",
    "migration",
    "service",
    "service_hold",
];

#[test]
fn the_committed_header_is_current() {
    let committed = root().join("include/usm.h");
    let generated = generate();
    if std::env::var_os("USM_BLESS").is_some() {
        std::fs::write(&committed, &generated).unwrap();
    }
    let current = std::fs::read_to_string(&committed).unwrap_or_default();
    let differs = current
        .lines()
        .zip(generated.lines())
        .position(|(a, b)| a != b);
    assert!(
        current == generated,
        "include/usm.h is not current (first in line {:?}): run USM_BLESS=1 cargo test -p usm-ffi \
         --test header",
        differs.map(|line| line + 1)
    );
}

#[test]
fn the_header_is_plain_ascii() {
    let odd: Vec<String> = generate()
        .lines()
        .filter(|l| !l.is_ascii())
        .map(String::from)
        .collect();
    assert!(odd.is_empty(), "{odd:#?}");
}

#[test]
fn the_header_compiles_without_a_warning_in_every_language() {
    let folder = tempfile::tempdir().unwrap();
    for language in Language::ALL {
        for compiler in ["gcc", "clang"] {
            let Some(mut compile) = compiler_named(compiler, language) else {
                println!("skipped: {compiler} for {language:?} is not installed");
                continue;
            };
            let source = folder
                .path()
                .join(format!("empty.{}", language.extension()));
            let text = "#include \"usm.h\"\n#include \"usm.h\"\nint main(void) { return 0; }\n";
            std::fs::write(&source, text).unwrap();
            let output = compile.arg("-fsyntax-only").arg(&source).output().unwrap();
            let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                output.status.success(),
                "{compiler} {language:?}:\n{complaints}"
            );
        }
    }
}

#[test]
fn every_exported_function_passes_the_guard_and_says_threads_and_version() {
    let mut functions = 0;
    for source in SOURCES {
        let text = std::fs::read_to_string(source_path(source)).unwrap();
        for item in text.split("#[unsafe(no_mangle)]").skip(1) {
            functions += 1;
            let end = item
                .find("\n}\n")
                .unwrap_or_else(|| panic!("{source}: no end of {item}"));
            let body = &item[..end];
            let name = body
                .split("fn ")
                .nth(1)
                .and_then(|rest| rest.split('(').next());
            let name = name.unwrap_or_else(|| panic!("{source}: no name in {body}"));
            assert!(name.starts_with("usm_"), "{name}");
            let guarded = body.contains("guard(") || body.contains("guard_value(");
            assert!(guarded, "{name} does not pass the guard");
        }
        let before: Vec<&str> = text.split("#[unsafe(no_mangle)]").collect();
        for doc in &before[..before.len() - 1] {
            let doc: Vec<&str> = doc
                .lines()
                .rev()
                .take_while(|line| line.starts_with("///"))
                .collect();
            for wanted in ["/// Threads: ", "/// Since: "] {
                let found = doc.iter().any(|line| line.starts_with(wanted));
                assert!(found, "{source}: {doc:#?} has no line {wanted:?}");
            }
        }
    }
    let exported = exported_functions(&generate());
    assert_eq!(functions, exported.len(), "{exported:#?}");
}

#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let library = support::shared_library();
    let listed = std::process::Command::new("nm")
        .args(["-D", "--defined-only"])
        .arg(&library)
        .output()
        .expect("nm (binutils) is needed");
    let mut symbols: Vec<String> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .map(|symbol| symbol.split('@').next().unwrap_or_default().to_string())
        .collect();
    symbols.sort_unstable();
    let mut declared = exported_functions(&generate());
    declared.sort_unstable();
    assert_eq!(symbols, declared);
}

#[cfg(target_os = "linux")]
#[test]
fn the_librarys_name_carries_the_number_of_its_interface() {
    let dynamic = std::process::Command::new("readelf")
        .arg("-dW")
        .arg(support::shared_library())
        .output()
        .expect("readelf (binutils) is needed");
    let dynamic = String::from_utf8_lossy(&dynamic.stdout).into_owned();
    let wanted = format!("[libusm.so.{}]", usm::version::USM_ABI_VERSION);
    assert!(dynamic.contains(&wanted), "no {wanted} in\n{dynamic}");
    // And it stays loaded, so that dlclose() can't take the code from under a thread.
    assert!(dynamic.contains("NODELETE"), "no NODELETE in\n{dynamic}");
}

fn source_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/{name}.rs"))
}

fn compiler_named(name: &str, language: Language) -> Option<std::process::Command> {
    let name = match (name, language.is_cpp()) {
        ("gcc", true) => "g++",
        ("clang", true) => "clang++",
        (name, _) => name,
    };
    compiler(name, language)
}

fn generate() -> String {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(own.join("cbindgen.toml")).unwrap();
    config.header = Some(introduction());
    config.after_includes = Some(version_macros() + &arrow());
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(source_path(source));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    tidy(&String::from_utf8(header).unwrap())
}

/// What cbindgen has no setting for: short comments on one line, negative numbers in
/// parentheses, and the inline functions before the end of the include guard.
fn tidy(header: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in header.lines() {
        let opened = lines.len() >= 2 && lines[lines.len() - 2].trim_start() == "/**";
        if line.trim_start() == "*/" && opened && lines[lines.len() - 1].len() < 90 {
            let text = lines.pop().unwrap();
            let text = text.trim_start().trim_start_matches('*');
            let open = lines.last_mut().unwrap();
            write!(open, "{text} */").unwrap();
        } else if let Some((name, number)) = line.split_once(" -").filter(|_| is_define(line)) {
            lines.push(format!("{name} (-{number})"));
        } else {
            lines.push(line.to_string());
        }
    }
    let inline = include_str!("../inline.h").lines().skip(1);
    let guard_end = lines.pop().unwrap();
    assert!(guard_end.starts_with("#endif"), "{guard_end}");
    lines.extend(inline.map(str::to_string));
    lines.extend([String::new(), guard_end]);
    lines.join("\n") + "\n"
}

fn is_define(line: &str) -> bool {
    line.starts_with("#define ")
}

/// The conventions, from the documentation of the crate.
fn introduction() -> String {
    let text = std::fs::read_to_string(source_path("lib")).unwrap();
    let mut comment = String::from(
        "/* Generated from the Rust source of ffi/ by its test `header`; do not edit. */\n\n/**\n",
    );
    for line in text.lines().map_while(|line| line.strip_prefix("//!")) {
        writeln!(comment, "{}", format!(" *{line}").trim_end()).unwrap();
    }
    comment + " */"
}

fn version_macros() -> String {
    let mut macros = String::new();
    for (name, value) in [
        ("MAJOR", env!("CARGO_PKG_VERSION_MAJOR")),
        ("MINOR", env!("CARGO_PKG_VERSION_MINOR")),
        ("PATCH", env!("CARGO_PKG_VERSION_PATCH")),
    ] {
        let part = name.to_lowercase();
        let text = format!("\n/** Version of this header: {part}. */\n");
        writeln!(macros, "{text}#define USM_VERSION_{name} {value}").unwrap();
    }
    let version = env!("CARGO_PKG_VERSION");
    let text = "/** Version of this header; usm_version() is that of the library that runs. */";
    writeln!(macros, "\n{text}\n#define USM_VERSION \"{version}\"").unwrap();
    macros
}

/// The structs of the Arrow C interface, which other headers may define as well.
fn arrow() -> String {
    let text = include_str!("../arrow.h");
    let (_, text) = text.split_once('\n').unwrap();
    format!("\n{text}")
}

/// The functions that a header declares, without those that it defines.
fn exported_functions(header: &str) -> Vec<String> {
    // The first one is around the structs of Arrow.
    let start = header.rfind("extern \"C\" {").unwrap();
    let end = header[start..]
        .find("}  // extern")
        .map_or(header.len(), |at| start + at);
    header[start..end]
        .lines()
        .filter(|line| !line.starts_with([' ', '/', '#', '}']) && !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('('))
        .filter_map(|(before, _)| before.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("usm_"))
        .map(str::to_string)
        .collect()
}
