//! The C++ face: its files stand alone, leave out no function of C, and do the same in every
//! C++ and by every compiler, with exceptions and without.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong in a test is a failed test, which says what it skips"
)]

#[path = "support/declarations.rs"]
mod declarations;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use declarations::{Kind, items};
use support::{Language, Workshop, compiler, root, run};

const COMPILERS: [&str; 2] = ["g++", "clang++"];
const BARE: [&str; 2] = ["-fno-exceptions", "-fno-rtti"];

/// Programs below `tests/c` that use the C++ face.
const PROGRAMS: &[&str] = &[
    "raii.cpp",
    "alerts_raii.cpp",
    "history_raii.cpp",
    "optimizer_raii.cpp",
    "owners.cpp",
    "results.cpp",
    "callbacks.cpp",
    "ranges.cpp",
    "files.cpp",
    "parts.cpp",
    "without_exceptions.cpp",
];

/// Functions of C that the face has no use for, and why.
const LEFT_OUT: &[(&str, &str)] = &[];

/// The files of the face, by their name for an `#include`.
fn files() -> Vec<String> {
    let mut files: Vec<String> = std::fs::read_dir(root().join("include/usm"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| format!("usm/{name}"))
        .collect();
    files.sort_unstable();
    files.insert(0, "usm.hpp".to_string());
    files
}

fn text_of(file: &str) -> String {
    std::fs::read_to_string(root().join("include").join(file)).unwrap()
}

/// Compiles, and fails with what the compiler said; false where there is no such compiler.
fn compiles(name: &str, arguments: &[&str]) -> bool {
    let Some(mut command) = compiler(name, Language::Cpp17) else {
        println!("skipped: {name} is not installed");
        return false;
    };
    command.args(["-pthread", "-D_GNU_SOURCE"]).args(arguments);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}:\n{said}");
    true
}

#[test]
fn every_file_can_be_included_alone_and_twice() {
    let folder = tempfile::tempdir().unwrap();
    for file in files() {
        let source = folder.path().join("alone.cpp");
        let text = format!("#include \"{file}\"\n#include \"{file}\"\nint main() {{}}\n");
        std::fs::write(&source, text).unwrap();
        compiles("g++", &["-fsyntax-only", source.to_str().unwrap()]);
    }
}

#[test]
fn the_one_header_includes_every_file_and_leaves_only_macros_of_its_own() {
    let whole = text_of("usm.hpp");
    for file in files().iter().skip(1) {
        let indirectly = file == "usm/namespace.hpp";
        assert!(
            indirectly || whole.contains(&format!("#include \"{file}\"")),
            "{file}"
        );
        let foreign: Vec<String> = text_of(file)
            .lines()
            .filter(|line| line.starts_with("#define "))
            .filter(|line| !line.starts_with("#define USM_"))
            .map(str::to_string)
            .collect();
        assert!(foreign.is_empty(), "{file}: {foreign:?}");
    }
}

#[test]
fn the_face_leaves_out_no_function_of_c() {
    let face: String = files().iter().map(|file| text_of(file)).collect();
    let words: std::collections::HashSet<&str> = face
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    let header = text_of("usm.h");
    let missing: Vec<String> = items(&header)
        .into_iter()
        .filter(|item| item.kind == Kind::Function)
        .map(|item| item.name)
        .filter(|name| !words.contains(name.as_str()))
        .filter(|name| !LEFT_OUT.iter().any(|(left, _)| left == name))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// As C++17 by the usual compiler they are built where they are run: in `c_programs`. One in three
/// is enough to see what another compiler thinks of that.
#[test]
fn programs_compile_in_every_language_by_every_compiler() {
    for (nth, name) in PROGRAMS.iter().enumerate() {
        let source = root().join("tests/c").join(name);
        let source = source.to_str().unwrap();
        for (compiler, standard, every) in [
            ("g++", "-std=c++20", 1),
            ("clang++", "-std=c++17", 3),
            ("clang++", "-std=c++20", 1),
        ] {
            if nth % every == 0 {
                compiles(compiler, &[standard, "-fsyntax-only", source]);
            }
        }
    }
}

#[test]
fn programs_run_as_cpp20_built_by_clang() {
    for name in ["owners.cpp", "results.cpp", "callbacks.cpp", "ranges.cpp"] {
        let source = root().join("tests/c").join(name);
        let Some(program) = Built::new("clang++", &["-std=c++20"], &[&source]) else {
            return;
        };
        run(&mut Command::new(&program.path));
    }
}

#[test]
fn a_program_runs_without_exceptions_and_rtti() {
    let source = root().join("tests/c/without_exceptions.cpp");
    for compiler in COMPILERS {
        if let Some(program) = Built::new(compiler, &BARE, &[&source]) {
            run(&mut Command::new(&program.path));
        }
    }
}

/// Both parts have the same inline functions by name, and each must keep its own.
#[test]
fn parts_with_and_without_exceptions_can_be_one_program() {
    let folder = tempfile::tempdir().unwrap();
    let source = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let throwing = source(
        "throwing.cpp",
        "#include \"usm.hpp\"\n\
         int without();\n\
         int main() {\n\
             try {\n\
                 usm::Config config;\n\
                 config.set(\"max_threads\", -1);\n\
             } catch (const usm::Error &error) {\n\
                 if (error.status() != USM_ERR_INVALID_ARGUMENT) return 2;\n\
                 return without();\n\
             }\n\
             return 1;\n\
         }\n",
    );
    let bare = source(
        "bare.cpp",
        "#include \"usm.hpp\"\n\
         int without();\n\
         int without() {\n\
             usm::Config config;\n\
             const auto set = usm::attempt([&] { config.set(\"max_threads\", -1); });\n\
             return set.status() == USM_ERR_INVALID_ARGUMENT ? 0 : 3;\n\
         }\n",
    );
    let (first, second) = (folder.path().join("a.o"), folder.path().join("b.o"));
    let parts = [(&throwing, &first, &[][..]), (&bare, &second, &BARE[..])];
    for (source, object, options) in parts {
        let mut options = options.to_vec();
        options.extend(["-O0", "-c", source.to_str().unwrap()]);
        options.extend(["-o", object.to_str().unwrap()]);
        compiles("g++", &options);
    }
    for objects in [[&first, &second], [&second, &first]] {
        let program = Built::new("g++", &[], &objects.map(PathBuf::as_path)).unwrap();
        run(&mut Command::new(&program.path));
    }
}

/// A program linked to the shared library, in a folder of its own.
struct Built {
    path: PathBuf,
    _workshop: Workshop,
}

impl Built {
    /// `None` where there is no such compiler.
    fn new(name: &str, options: &[&str], sources: &[&Path]) -> Option<Built> {
        let workshop = Workshop::new();
        let path = workshop.folder().join("program");
        let library = support::shared_library();
        let search = format!("-Wl,-rpath,{}", workshop.folder().display());
        let mut all = options.to_vec();
        all.extend(["-g", "-O1", "-o", path.to_str().unwrap(), search.as_str()]);
        all.extend(sources.iter().map(|source| source.to_str().unwrap()));
        all.extend([library.to_str().unwrap(), "-lm"]);
        compiles(name, &all).then_some(Built {
            path,
            _workshop: workshop,
        })
    }
}
