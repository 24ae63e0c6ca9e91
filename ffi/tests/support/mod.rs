//! Builds C and C++ programs against the header and the library just built, and runs them.
#![allow(dead_code, reason = "each test and the benchmark use a part of it")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "what goes wrong here is a failed test, and what is skipped is said"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A program that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(600);

/// A language that the header is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    C99,
    C11,
    Cpp11,
    Cpp17,
}

impl Language {
    pub const ALL: [Language; 4] = [
        Language::C99,
        Language::C11,
        Language::Cpp11,
        Language::Cpp17,
    ];

    pub fn is_cpp(self) -> bool {
        matches!(self, Language::Cpp11 | Language::Cpp17)
    }

    pub fn extension(self) -> &'static str {
        if self.is_cpp() { "cpp" } else { "c" }
    }

    fn standard(self) -> &'static str {
        match self {
            Language::C99 => "-std=c99",
            Language::C11 => "-std=c11",
            Language::Cpp11 => "-std=c++11",
            Language::Cpp17 => "-std=c++17",
        }
    }
}

/// The project's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The shared library that cargo built for this test: the one beside the test itself.
pub fn shared_library() -> PathBuf {
    library("libusm.so")
}

/// The static library that cargo built for this test.
pub fn static_library() -> PathBuf {
    library("libusm.a")
}

fn library(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.parent().unwrap().join(name);
    assert!(
        library.exists(),
        "{} was not built with this test",
        library.display()
    );
    library
}

/// A command that begins a compilation with all warnings as errors; `None` when there is no
/// such compiler.
pub fn compiler(name: &str, language: Language) -> Option<Command> {
    let there = Command::new(name)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !there.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut command = Command::new(name);
    command
        .arg(language.standard())
        .args([
            "-Wall",
            "-Wextra",
            "-Wconversion",
            "-Wshadow",
            "-pedantic",
            "-Werror",
        ])
        .arg("-I")
        .arg(root().join("include"));
    Some(command)
}

/// Programs built in a folder of their own, with the library beside them under its SONAME.
pub struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    pub fn new() -> Workshop {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("libusm.so.{}", usm::version::USM_ABI_VERSION);
        std::os::unix::fs::symlink(shared_library(), folder.path().join(name)).unwrap();
        Workshop { folder }
    }

    /// Where the programs are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Compiles a source of this project, linked to the shared library.
    pub fn build(&self, source: &str, language: Language, options: &[&str]) -> PathBuf {
        let name = if language.is_cpp() { "c++" } else { "cc" };
        let program = self.folder.path().join(program_name(source, options));
        let mut command = compiler(name, language).unwrap_or_else(|| panic!("{name} is needed"));
        command
            .args(["-g", "-O1", "-pthread", "-D_GNU_SOURCE"])
            .args(options)
            .arg(root().join(source))
            .arg("-o")
            .arg(&program)
            .arg(shared_library())
            .arg(format!("-Wl,-rpath,{}", self.folder.path().display()))
            .arg("-lm");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{source}:\n{}", said(&output));
        program
    }

    /// The same, linked to the static library.
    pub fn build_static(&self, source: &str, language: Language) -> PathBuf {
        let program = self.folder.path().join(program_name(source, &["static"]));
        let output = compiler("cc", language)
            .expect("cc is needed")
            .args(["-g", "-O1", "-pthread", "-D_GNU_SOURCE"])
            .arg(root().join(source))
            .arg("-o")
            .arg(&program)
            .arg(static_library())
            .args(["-lpthread", "-ldl", "-lm"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{source}:\n{}", said(&output));
        program
    }

    /// Whether programs can be built and run with these options: tried with an empty one.
    pub fn can(&self, options: &[&str]) -> bool {
        let source = self.folder.path().join("empty.c");
        std::fs::write(&source, "int main(void) { return 0; }\n").unwrap();
        let program = self.folder.path().join("empty");
        let built = Command::new("cc")
            .args(options)
            .arg(&source)
            .arg("-o")
            .arg(&program)
            .output();
        built.is_ok_and(|output| output.status.success())
            && Command::new(&program)
                .output()
                .is_ok_and(|output| output.status.success())
    }
}

fn program_name(source: &str, options: &[&str]) -> String {
    let mut name = source.replace(['/', '.'], "_");
    for option in options {
        name += &option.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    }
    name
}

/// Valgrind, ready for a program; `None`, which is said, where there is none.
pub fn valgrind(leaks: Leaks) -> Option<Command> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: valgrind is not installed");
        return None;
    }
    let mut command = Command::new("valgrind");
    command
        .args(["-q", "--error-exitcode=9", "--fair-sched=yes"])
        // Half of the time in which it starts, with a debug build.
        .arg("--read-inline-info=no")
        // "Possibly lost" is what a thread that is ending still points into.
        .args([
            "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite",
        ])
        .arg(match leaks {
            Leaks::AreFaults => "--leak-check=full",
            Leaks::AreMeant => "--leak-check=no",
        })
        // It does not follow a thread with descriptors of its own.
        .env("USM_PRIVATE_DESCRIPTORS", "false")
        .env("CHECK_SLOW", "1")
        // A sample takes seconds then.
        .env("USM_CALL_TIMEOUT", "120");
    Some(command)
}

/// Whether a program may end with memory in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaks {
    AreFaults,
    AreMeant,
}

/// Runs a program in a data folder of its own, and fails with what it said unless it ends
/// well and in time.
pub fn run(command: &mut Command) -> String {
    let folder = tempfile::tempdir().unwrap();
    let errors = folder.path().join("stderr");
    let said_to = folder.path().join("stdout");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let mut child = command
        .arg(&data)
        .env("USM_DATA_DIR", folder.path().join("default"))
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&said_to).unwrap())
        .stderr(std::fs::File::create(&errors).unwrap())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let text = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let (output, errors) = (text(&said_to), without_asides(&text(&errors)));
    let Some(status) = status else {
        panic!("{command:?} hangs:\n{output}\n{errors}");
    };
    assert!(
        status.success(),
        "{command:?}: {status}\n{output}\n{errors}"
    );
    output
}

/// Without what valgrind says of itself ("--123-- ..."), which would bury why a program failed.
fn without_asides(errors: &str) -> String {
    let is_aside = |line: &str| {
        let rest = line.strip_prefix("--").unwrap_or_default();
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.starts_with("-- ")
    };
    let lines = errors.lines().filter(|line| !is_aside(line));
    lines.map(|line| format!("{line}\n")).collect()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}
