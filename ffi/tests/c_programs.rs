//! The ABI from C and C++: programs built with all warnings as errors against the header and
//! the library just built, run plain, under valgrind and with the compiler's sanitizers.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test, which says what it leaves out"
)]

mod support;

use std::process::Command;
use std::sync::Mutex;

use support::{Language, Leaks, Workshop, run};

/// Sources below `tests/c`.
const PROGRAMS: &[(&str, Language)] = &[
    ("lifecycle.c", Language::C99),
    ("processes.c", Language::C99),
    ("state_parts.c", Language::C99),
    ("state_fixtures.c", Language::C99),
    ("state_misuse.c", Language::C11),
    ("settings.c", Language::C99),
    ("misuse.c", Language::C99),
    ("events.c", Language::C99),
    ("event_data.c", Language::C99),
    ("fetched.c", Language::C99),
    ("freed.c", Language::C99),
    ("callbacks.c", Language::C99),
    ("thrown.cpp", Language::Cpp17),
    ("threads.c", Language::C11),
    ("threads_all.c", Language::C11),
    ("threads_free.c", Language::C11),
    ("raii.cpp", Language::Cpp17),
    ("owners.cpp", Language::Cpp17),
    ("results.cpp", Language::Cpp17),
    ("callbacks.cpp", Language::Cpp17),
    ("ranges.cpp", Language::Cpp17),
    ("files.cpp", Language::Cpp17),
    ("parts.cpp", Language::Cpp17),
    ("without_exceptions.cpp", Language::Cpp17),
    ("stuck.c", Language::C99),
    ("forked.c", Language::C99),
    ("forked_inside.c", Language::C11),
    ("leave.c", Language::C99),
    ("optimizer_misuse.c", Language::C99),
    ("optimizer.c", Language::C99),
    ("optimizer_files.c", Language::C99),
    ("optimizer_raii.cpp", Language::Cpp17),
    ("optimizer_forked.c", Language::C99),
    ("history_misuse.c", Language::C99),
    ("history.c", Language::C99),
    ("arrow.c", Language::C99),
    ("history_threads.c", Language::C11),
    ("history_raii.cpp", Language::Cpp17),
    ("history_forked.c", Language::C99),
    ("models.c", Language::C99),
    ("alerts.c", Language::C99),
    ("alerts_misuse.c", Language::C99),
    ("alerts_threads.c", Language::C11),
    ("alerts_raii.cpp", Language::Cpp17),
    ("alerts_forked.c", Language::C99),
    ("exports.c", Language::C99),
    ("asks.c", Language::C99),
    ("migrations.c", Language::C99),
    ("saved_settings.c", Language::C99),
    ("logging.c", Language::C99),
    ("service.c", Language::C99),
    ("files_forked.c", Language::C99),
];

/// Programs that end with memory in use: a callback that never returns keeps what it owns, a
/// forked child leaves alone what is its parent's, and one just leaves.
const UNCLEAN: &[&str] = &[
    "stuck.c",
    "forked.c",
    "forked_inside.c",
    "leave.c",
    "optimizer_forked.c",
    "history_forked.c",
    "alerts_forked.c",
    "files_forked.c",
];

/// Programs that take 20 s or more each under valgrind. `make valgrind` runs them too, and those in
/// C++, whose face has no code of its own in the library. The sanitizers see all of them each time.
const DEAR: &[&str] = &[
    "alerts.c",
    "callbacks.c",
    "exports.c",
    "files_forked.c",
    "forked_inside.c",
    "freed.c",
    "history.c",
    "history_forked.c",
    "history_threads.c",
    "lifecycle.c",
    "models.c",
    "optimizer.c",
    "optimizer_forked.c",
    "threads.c",
    "threads_all.c",
    "threads_free.c",
];

/// Programs whose child goes on after fork() without exec().
const FORKED: &[&str] = &[
    "forked.c",
    "forked_inside.c",
    "optimizer_forked.c",
    "history_forked.c",
    "alerts_forked.c",
    "files_forked.c",
];

const UNDEFINED: [&str; 2] = ["-fsanitize=undefined", "-fno-sanitize-recover=all"];
const ADDRESS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

fn source(name: &str) -> String {
    format!("tests/c/{name}")
}

#[test]
fn header_and_library_are_of_one_version() {
    let workshop = Workshop::new();
    run(&mut Command::new(workshop.build(
        &source("layout.c"),
        Language::C11,
        &[],
    )));
}

#[test]
fn the_program_in_the_readme_runs_as_it_stands() {
    let readme = std::fs::read_to_string(support::root().join("README.md")).unwrap();
    let code = readme
        .split("```c\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let workshop = Workshop::new();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("readme.c");
    std::fs::write(&source, code).unwrap();
    let program = workshop.build(source.to_str().unwrap(), Language::C99, &[]);
    let said = run(&mut Command::new(program));
    assert!(
        said.starts_with("processors ") && said.contains("health"),
        "{said}"
    );
}

#[test]
fn programs_run() {
    let workshop = Workshop::new();
    for &(name, language) in PROGRAMS {
        run(&mut Command::new(workshop.build(
            &source(name),
            language,
            &[],
        )));
    }
}

#[test]
fn a_program_runs_with_the_static_library() {
    let workshop = Workshop::new();
    run(&mut Command::new(
        workshop.build_static(&source("lifecycle.c"), Language::C99),
    ));
}

#[test]
fn programs_run_with_the_sanitizers() {
    let workshop = Workshop::new();
    if !workshop.can(&ADDRESS) {
        println!("skipped: cc has no address and undefined-behaviour sanitizers here");
        return;
    }
    two_at_a_time(PROGRAMS.iter(), |name, language| {
        // A child forked while another thread is inside the address sanitizer's allocator
        // (before LLVM 17) hangs at its first allocation, whatever it calls.
        let sanitizers = match FORKED.contains(&name) {
            true => &UNDEFINED,
            false => &ADDRESS,
        };
        let program = workshop.build(&source(name), language, sanitizers);
        let leaks = match UNCLEAN.contains(&name) {
            true => "detect_leaks=0",
            false => "detect_leaks=1",
        };
        run(Command::new(program).env("ASAN_OPTIONS", leaks));
    });
}

#[test]
fn programs_run_under_valgrind() {
    if support::valgrind(Leaks::AreFaults).is_none() {
        return;
    }
    let workshop = Workshop::new();
    let all = std::env::var_os("USM_VALGRIND_ALL").is_some();
    let chosen = |&&(name, language): &&(&str, Language)| {
        all || !(DEAR.contains(&name) || language.is_cpp())
    };
    // It runs the threads of a program one at a time.
    two_at_a_time(PROGRAMS.iter().filter(chosen), |name, language| {
        let program = workshop.build(&source(name), language, &[]);
        let leaks = match UNCLEAN.contains(&name) {
            true => Leaks::AreMeant,
            false => Leaks::AreFaults,
        };
        run(support::valgrind(leaks).unwrap().arg(program));
    });
}

/// For two processors; what fails in one fails the test when the other has ended.
fn two_at_a_time<'p>(
    programs: impl Iterator<Item = &'p (&'static str, Language)> + Send,
    run: impl Fn(&'static str, Language) + Sync,
) {
    let left = Mutex::new(programs);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().next();
                    let Some(&(name, language)) = next else { break };
                    run(name, language);
                }
            });
        }
    });
}

#[test]
fn the_examples_run() {
    let workshop = Workshop::new();
    for (name, language) in [
        ("examples/status.c", Language::C99),
        ("examples/status.cpp", Language::Cpp17),
    ] {
        let program = workshop.build(name, language, &[]);
        let said = run(Command::new(program).arg("2"));
        assert!(said.contains("* monitor_started: {"), "{name}:\n{said}");
        assert_eq!(
            said.lines().filter(|line| line.starts_with('#')).count(),
            2,
            "{said}"
        );
        assert!(said.contains("health"), "{name}:\n{said}");
    }
}

#[test]
fn the_example_of_the_optimizer_shows_a_demo() {
    let workshop = Workshop::new();
    let program = workshop.build("examples/optimize.c", Language::C99, &[]);
    let said = run(Command::new(program).arg("--demo"));
    assert!(said.contains("would be done: "), "{said}");
    assert!(!said.contains("\ndone: "), "{said}");
}

#[test]
fn the_example_of_the_history_draws_a_chart() {
    let workshop = Workshop::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.usm");
    let config = usm_core::Config {
        refresh_interval: 0.1,
        ..usm_core::Config::default()
    };
    let recorder = usm_core::Recorder::start(config, &path).unwrap();
    let patience = std::time::Duration::from_secs(60);
    recorder.monitor().wait_for_state(5, patience).unwrap();
    recorder.finish().unwrap();
    let program = workshop.build("examples/history.c", Language::C99, &[]);
    let said = run(Command::new(program)
        .args(["memory_percent", "5s"])
        .arg(path));
    assert!(said.contains("memory_percent (percent)\n"), "{said}");
    assert!(said.contains('#'), "{said}");
}

#[test]
fn the_example_of_the_alerts_takes_note_of_one() {
    let workshop = Workshop::new();
    let program = workshop.build("examples/alerts.c", Language::C99, &[]);
    // Some memory is always in use; what is not, the second run never finds.
    let said = run(Command::new(&program).args(["0", "60"]));
    assert!(said.contains("alert_triggered: memory is "), "{said}");
    assert!(said.contains("\nacknowledged\n"), "{said}");
    let said = run(Command::new(&program).args(["100", "1"]));
    assert!(said.contains("nothing fired"), "{said}");
}
