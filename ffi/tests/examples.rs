//! The examples in C and C++, and every block of code in docs/EMBEDDING.md: built with all
//! warnings as errors, run, and ended by Ctrl-C.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test"
)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use support::{Language, Workshop, compiler, root};

/// An example, and options with which it ends by itself soon.
const SHORT: [(&str, &[&str]); 3] = [
    ("examples/status_bar.c", &["--lines", "2"]),
    ("examples/shed_load.cpp", &["--seconds", "1"]),
    ("examples/game_loop.c", &["--seconds", "0.5", "--fps", "40"]),
];

fn language(path: &str) -> Language {
    match path.ends_with(".cpp") {
        true => Language::Cpp17,
        false => Language::C99,
    }
}

/// A program with a data folder of its own, which is gone with it.
struct Program {
    path: PathBuf,
    data: tempfile::TempDir,
}

impl Program {
    fn new(path: PathBuf) -> Program {
        let data = tempfile::tempdir().unwrap();
        Program { path, data }
    }

    fn command(&self) -> Command {
        self.set_up(Command::new(&self.path))
    }

    fn set_up(&self, mut command: Command) -> Command {
        command
            .env("USM_DATA_DIR", self.data.path())
            .current_dir(self.data.path())
            .stdin(Stdio::null());
        command
    }

    /// What it says on standard output; it must end well.
    fn says(&self, arguments: &[&str]) -> String {
        said(&self.command().args(arguments).output().unwrap())
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}\n{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// A program that runs until it gets a signal.
struct Running {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    seen: String,
}

impl Running {
    fn new(mut command: Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Running {
            child,
            lines,
            seen: String::new(),
        }
    }

    /// Reads until a line holds a text, however long that takes.
    fn wait_for(&mut self, text: &str) {
        loop {
            let begin = self.seen.len();
            let length = self.lines.read_line(&mut self.seen).unwrap();
            assert!(length > 0, "no {text:?} in:\n{}", self.seen);
            if self.seen.get(begin..).unwrap().contains(text) {
                return;
            }
        }
    }

    /// Sends a signal; gives all that was said. It must end well.
    fn end(mut self, signal: &str) -> String {
        let sent = Command::new("sh")
            .args(["-c", "kill -s \"$0\" \"$1\"", signal])
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(sent.success());
        self.lines.read_to_string(&mut self.seen).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{signal}: {status}\n{}", self.seen);
        std::mem::take(&mut self.seen)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // After a failed test it may still run; after end() there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_example_compiles_with_every_compiler_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_str().unwrap();
        if !name.ends_with(".c") && !name.ends_with(".cpp") {
            continue;
        }
        seen += 1;
        let compilers = match language(name).is_cpp() {
            true => ["g++", "clang++"],
            false => ["gcc", "clang"],
        };
        for compiler_name in compilers {
            let Some(mut command) = compiler(compiler_name, language(name)) else {
                println!("skipped: there is no {compiler_name} here");
                continue;
            };
            // As it stands in its own comment: without -D_GNU_SOURCE.
            let output = command
                .args(["-O2", "-c"])
                .arg(&path)
                .arg("-o")
                .arg(folder.path().join("example.o"))
                .output()
                .unwrap();
            said(&output);
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn each_says_how_it_is_used() {
    let workshop = Workshop::new();
    for (source, _) in SHORT {
        let program = Program::new(workshop.build(source, language(source), &[]));
        assert!(program.says(&["--help"]).starts_with("usage: "), "{source}");
        for wrong in [&["--nonsense"][..], &["--seconds"], &["--lines"]] {
            let output = program.command().args(wrong).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{source} {wrong:?}");
            assert!(output.stdout.is_empty(), "{source} {wrong:?}");
            assert!(output.stderr.starts_with(b"usage: "), "{source} {wrong:?}");
        }
    }
}

#[test]
fn a_setting_that_is_refused_ends_each_with_its_name() {
    let workshop = Workshop::new();
    for (source, arguments) in SHORT {
        let program = Program::new(workshop.build(source, language(source), &[]));
        let output = program
            .command()
            .args(arguments)
            .env("USM_MAX_THREADS", "many")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{source}");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.to_lowercase().contains("max_threads"), "{error}");
    }
}

#[test]
fn the_status_bar_writes_plain_lines_to_a_pipe() {
    let workshop = Workshop::new();
    let program = Program::new(workshop.build("examples/status_bar.c", Language::C99, &[]));
    let text = program.says(&["--lines", "3", "--interval", "0.1"]);
    assert_eq!(text.lines().count(), 3, "{text}");
    for line in text.lines() {
        assert!(
            line.contains("  cpu ") && line.contains("  wait "),
            "{line}"
        );
        assert!(!line.contains('\x1b') && !line.contains("nan"), "{line}");
    }
    let files = std::fs::read_dir(program.data.path()).unwrap().count();
    assert_eq!(files, 0, "a bar writes no history");
}

#[test]
fn the_status_bar_speaks_the_protocol_of_i3bar_until_it_is_told_to_end() {
    let workshop = Workshop::new();
    let program = Program::new(workshop.build("examples/status_bar.c", Language::C99, &[]));
    for signal in ["INT", "TERM"] {
        let mut command = program.command();
        command.args(["--json", "--interval", "0.1"]);
        let mut bar = Running::new(command);
        bar.wait_for("health");
        bar.wait_for("health");
        let text = bar.end(signal);
        let (head, body) = text.split_once('\n').unwrap();
        assert_eq!(head, "{\"version\":1}");
        let lines: serde_json::Value = serde_json::from_str(body).unwrap();
        let block = &lines[0][1];
        assert_eq!(block["name"], "cpu");
        assert!(block["full_text"].as_str().unwrap().starts_with("cpu "));
        assert!(block["color"].as_str().unwrap().starts_with('#'));
    }
}

#[test]
fn the_service_sheds_load_while_its_rule_fires() {
    let workshop = Workshop::new();
    let source = "examples/shed_load.cpp";
    let program = Program::new(workshop.build(source, Language::Cpp17, &[]));
    // Its load holds 128 MB for some seconds, which are seen for certain: pressure would also
    // come from what else this machine does.
    let mut command = program.command();
    command.args(["--load", "--when", "monitor_rss_bytes > 100MB clear 90MB"]);
    let mut service = Running::new(command);
    service.wait_for("* short: monitor_rss_bytes is ");
    assert!(!service.seen.contains("* over"), "{}", service.seen);
    service.wait_for("* over: monitor_rss_bytes is ");
    service.wait_for(" s  answered ");
    let text = service.end("INT");
    let (before, after) = text.split_once("* short").unwrap();
    let refused = |part: &str| {
        part.lines()
            .filter_map(|line| line.split_once("refused "))
            .filter_map(|(_, rest)| rest.split_whitespace().next()?.parse::<u32>().ok())
            .sum::<u32>()
    };
    assert_eq!(refused(before), 0, "{text}");
    assert!(refused(after) > 0, "{text}");
}

#[test]
fn the_service_lets_everything_in_when_it_is_told_to() {
    let workshop = Workshop::new();
    let source = "examples/shed_load.cpp";
    let program = Program::new(workshop.build(source, Language::Cpp17, &[]));
    let mut command = program.command();
    command.args(["--when", "process_count > 0", "--no-shedding"]);
    let mut service = Running::new(command);
    service.wait_for("* short: process_count is ");
    service.wait_for(" s  answered ");
    service.wait_for(" s  answered ");
    let text = service.end("TERM");
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(" s  ")).collect();
    assert!(
        lines.iter().all(|line| line.contains("refused   0")),
        "{text}"
    );
}

#[test]
fn the_game_loop_compares_frames_with_and_without_a_monitor() {
    let workshop = Workshop::new();
    let program = Program::new(workshop.build("examples/game_loop.c", Language::C99, &[]));
    let text = program.says(&["--seconds", "0.9", "--fps", "100"]);
    for row in ["\nwithout monitor ", "\nwith monitor "] {
        let (_, rest) = text.split_once(row).unwrap_or_else(|| panic!("{text}"));
        let frames = rest.lines().next().unwrap().split_whitespace().last();
        // Four phases of 11 frames: 0.9 s at 100 a second in 9 phases, rounded up.
        assert_eq!(frames, Some("44"), "{text}");
    }
    assert!(text.contains("a read of the state: p50 "), "{text}");
    assert!(!text.contains("nan"), "{text}");
}

#[test]
fn the_game_loop_tells_what_it_has_when_it_is_ended_early() {
    let workshop = Workshop::new();
    let program = Program::new(workshop.build("examples/game_loop.c", Language::C99, &[]));
    let mut command = program.command();
    command.args(["--seconds", "90"]);
    let mut game = Running::new(command);
    game.wait_for("phase 0");
    let text = game.end("INT");
    assert!(text.contains("\nwithout monitor "), "{text}");
}

#[test]
fn the_examples_run_clean_under_valgrind() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: valgrind is not installed");
        return;
    }
    let workshop = Workshop::new();
    for (source, arguments) in SHORT {
        let program = Program::new(workshop.build(source, language(source), &[]));
        let mut command = program.set_up(Command::new("valgrind"));
        command
            .args(["-q", "--error-exitcode=9", "--fair-sched=yes"])
            .args(["--leak-check=full", "--show-leak-kinds=definite"])
            .arg("--errors-for-leak-kinds=definite")
            // It does not follow a thread with descriptors of its own.
            .env("USM_PRIVATE_DESCRIPTORS", "false")
            .arg(&program.path)
            .args(arguments);
        said(&command.output().unwrap());
    }
}

/// The blocks of a language in a text of Markdown.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(begun) = line.strip_prefix("```") else {
            continue;
        };
        assert!(!begun.is_empty(), "a block without a language");
        let inside = lines.by_ref().take_while(|line| *line != "```");
        let block: String = inside.flat_map(|line| [line, "\n"]).collect();
        if begun == language {
            blocks.push(block);
        }
    }
    blocks
}

/// A block that is a program stays as it is; one that is a part of a function gets a program
/// around it, which gives it a monitor with a state.
fn completed(block: &str, language: Language) -> String {
    if block.starts_with("#include") {
        return block.to_owned();
    }
    let (parameter, program) = match language.is_cpp() {
        true => ("usm::Monitor &monitor", PROGRAM_OF_CPP),
        false => ("usm_monitor *monitor", PROGRAM_OF_C),
    };
    format!(
        "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n\
         {}\nstatic int part({parameter}) {{\n{block}\nreturn 0; }}\n{program}",
        match language.is_cpp() {
            true => "#include <usm.hpp>",
            false => "#include <usm.h>",
        }
    )
}

const PROGRAM_OF_C: &str = "int main(void) {
    usm_monitor *monitor = NULL;
    int result = 1;
    if (usm_monitor_new(NULL, &monitor) == USM_OK && usm_monitor_start(monitor) == USM_OK &&
        usm_monitor_wait(monitor, 0, INFINITY, NULL) == USM_OK) result = part(monitor);
    if (result != 0) fprintf(stderr, \"%s\\n\", usm_last_error_message());
    usm_monitor_free(&monitor);
    return result;
}
";

const PROGRAM_OF_CPP: &str = "int main() {
    usm::Monitor monitor;
    monitor.start();
    monitor.wait(0, std::chrono::minutes(1));
    return part(monitor);
}
";

fn the_guide_runs(language: Language, at_least: usize) {
    let guide = std::fs::read_to_string(root().join("docs/EMBEDDING.md")).unwrap();
    let workshop = Workshop::new();
    let folder = tempfile::tempdir().unwrap();
    let extension = language.extension();
    let blocks = blocks(&guide, extension);
    assert!(blocks.len() >= at_least, "{}", blocks.len());
    for (i, block) in blocks.iter().enumerate() {
        let source: &Path = &folder.path().join(format!("block_{i}.{extension}"));
        std::fs::write(source, completed(block, language)).unwrap();
        let path = workshop.build(source.to_str().unwrap(), language, &["-Wno-unused"]);
        let program = Program::new(path);
        let text = program.says(&[]);
        // Programs say something; so do most parts.
        assert!(
            !block.starts_with("#include") || !text.is_empty(),
            "silent:\n{block}"
        );
    }
}

#[test]
fn every_block_of_c_in_the_guide_is_built_and_runs() {
    the_guide_runs(Language::C99, 10);
}

#[test]
fn every_block_of_cpp_in_the_guide_is_built_and_runs() {
    the_guide_runs(Language::Cpp17, 3);
}
