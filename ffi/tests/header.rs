//! The committed header is the one that the source gives, and what it promises holds.
//!
//! `USM_BLESS=1 cargo test -p usm-ffi --test header` writes it anew.
#![allow(
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test"
)]

#[path = "support/declarations.rs"]
mod declarations;
#[path = "header/documentation.rs"]
mod documentation;
#[path = "header/languages.rs"]
mod languages;
#[path = "header/sections.rs"]
mod sections;
mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use declarations::{Kind, items};
use sections::Source;
use support::root;

/// The sources in the order in which the header shows what is in them.
const SOURCES: &[&str] = &[
    "status",
    "failure",
    "version",
    "text",
    "in_use",
    "config",
    "setting",
    "monitor",
    "config_read",
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
    "finding_advice",
    "event",
    "event_stream",
    "progress",
    "alerts",
    "alerts_ask",
    "tools",
    "detector",
    "forecaster",
    "history_state",
    "state_cpu",
    "state_memory",
    "state_pressure",
    "state_disk",
    "state_filesystem",
    "state_network",
    "state_sensor",
    "state_limits",
    "state_host",
    "state_health",
    "state_score",
    "state_process",
    "event_data",
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
    "monitor_notes",
    "monitor_settings",
    "monitor_store",
    "catalogues",
    "optimizer_process",
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
fn every_exported_function_passes_the_guard() {
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
        // "A" is the name of a version.
        .filter_map(|line| line.split_once(" T ").map(|(_, symbol)| symbol))
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

fn generate() -> String {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(own.join("cbindgen.toml")).unwrap();
    config.header = Some(introduction());
    config.after_includes = Some(ITEMS_BELOW.to_string());
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(source_path(source));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    let header = String::from_utf8(header).unwrap();
    let (before, declared) = header.split_once(ITEMS_BELOW).unwrap();
    let read = |&name: &&'static str| Source {
        name,
        text: std::fs::read_to_string(source_path(name)).unwrap(),
    };
    let sources: Vec<Source> = SOURCES.iter().map(read).collect();
    let (intro, guard) = before.split_once("\n#ifndef").unwrap();
    let inline = include_str!("../inline.h").split_once('\n').unwrap().1;
    [
        intro,
        &sections::contents(&sources),
        "\n#ifndef",
        &format!("{}\n", guard.trim_end()),
        &version_macros(),
        arrow().trim_end(),
        "\n",
        &sections::arranged(&tidy(declared), &sources),
        &sections::banner(sections::INLINE.0, sections::INLINE.1),
        "\n",
        inline,
        "\n#endif  /* USM_H */\n",
    ]
    .concat()
}

/// Where cbindgen's declarations begin.
const ITEMS_BELOW: &str = "/* ITEMS BELOW */";

/// What cbindgen has no setting for: short comments on one line, and negative numbers in
/// parentheses.
fn tidy(declared: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in declared.lines() {
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
    let items = items(header).into_iter();
    items
        .filter(|item| item.kind == Kind::Function)
        .map(|item| item.name)
        .collect()
}
