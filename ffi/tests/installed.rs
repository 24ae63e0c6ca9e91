//! `make install`: what it puts where, programs built from the installed tree by pkg-config and
//! by CMake, and `make uninstall`.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test"
)]

#[path = "support/linked.rs"]
mod linked;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use linked::{files, libraries, must, strict, there_is};
use support::{root, run};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Examples that end by themselves, with what they are told and a word that they say. The
/// others are only built, and only with the shared library.
const RUN: [(&str, &[&str], &str); 4] = [
    ("status.c", &["1"], "health"),
    ("status.cpp", &["1"], "health"),
    ("optimize.c", &["--demo"], "would be done: "),
    ("alerts.c", &["0", "60"], "acknowledged"),
];

#[test]
fn make_install_puts_each_file_at_its_place_and_make_uninstall_takes_just_these_away() {
    let folder = tempfile::tempdir().unwrap();
    let stage = folder.path().join("stage");
    let libdir = "/usr/lib/x86_64-linux-gnu";
    let foreign = stage.join("usr/include/other.h");
    std::fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    std::fs::write(&foreign, "").unwrap();
    let told = [
        "PREFIX=/usr".to_owned(),
        format!("LIBDIR={libdir}"),
        format!("DESTDIR={}", stage.display()),
    ];

    let said = make("install", &told);
    let there = all_files(&stage);
    let mut wanted: BTreeSet<String> = names_of_files(libdir, "/usr");
    for name in &wanted {
        let line = format!("{}{name}\n", stage.display());
        assert!(said.contains(&line), "{name} is not in:\n{said}");
    }
    wanted.insert("/usr/include/other.h".to_owned());
    assert_eq!(there, wanted);

    // A second time in place of the first.
    make("install", &told);
    assert_eq!(all_files(&stage), wanted);
    make("uninstall", &told);
    assert_eq!(
        all_files(&stage),
        BTreeSet::from(["/usr/include/other.h".to_owned()])
    );
    for own in [
        "include/usm",
        "share/doc/usm",
        "lib/x86_64-linux-gnu/cmake/usm",
    ] {
        assert!(!stage.join("usr").join(own).exists(), "{own} is left");
    }
    // Nothing to do is no failure.
    make("uninstall", &told);
}

#[test]
fn what_is_installed_names_neither_the_stage_nor_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    make(
        "install",
        &[
            format!("DESTDIR={place}/stage"),
            format!("PREFIX={place}/prefix"),
        ],
    );
    let found = Command::new("grep")
        .args(["-rlF", place])
        .arg(folder.path())
        .output()
        .unwrap();
    // 1 is grep's word for "nothing found".
    let names = String::from_utf8_lossy(&found.stdout);
    assert_eq!((found.status.code(), &*names), (Some(1), ""));
}

#[test]
fn a_folder_outside_of_the_prefix_is_named_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    // As it is, also with what means something to sed.
    make(
        "install",
        &[
            format!("PREFIX={place}/prefix"),
            format!("INCLUDEDIR={place}/head|ers&"),
        ],
    );
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let pc = text("prefix/lib/pkgconfig/usm.pc");
    assert!(
        pc.contains(&format!("\nincludedir={place}/head|ers&\n")),
        "{pc}"
    );
    assert!(pc.contains("\nlibdir=${prefix}/lib\n"), "{pc}");
    let cmake = text("prefix/lib/cmake/usm/usm-config.cmake");
    assert!(cmake.contains(&format!("\"{place}/head|ers&\"")), "{cmake}");
}

#[test]
fn the_examples_build_by_pkg_config_with_both_libraries() {
    if !there_is("pkg-config") {
        println!("skipped: pkg-config is not installed");
        return;
    }
    let tree = Tree::new("moved");
    assert_eq!(tree.pkg_config(&["--modversion", "usm"]), [VERSION]);
    for package in ["usm", "usm-static"] {
        let flags = tree.pkg_config(&["--cflags", "--libs", package]);
        for source in examples() {
            if package == "usm-static" && !is_run(&source) {
                continue;
            }
            let program = tree.built(&source, package);
            let mut build = compiler(&source);
            build
                .arg(&source)
                .args(&flags)
                .arg("-lm")
                .arg("-o")
                .arg(&program);
            must(&mut build);
            let needed = must(Command::new("readelf").arg("-d").arg(&program));
            assert_eq!(needed.contains("[libusm.so."), package == "usm", "{needed}");
            tree.run(&source, &program);
        }
    }
}

#[test]
fn a_program_that_is_static_as_a_whole_builds_by_pkg_config() {
    if !there_is("pkg-config") {
        println!("skipped: pkg-config is not installed");
        return;
    }
    let tree = Tree::new("static");
    let flags = tree.pkg_config(&["--static", "--cflags", "--libs", "usm"]);
    let empty = tree.folder.path().join("empty.c");
    std::fs::write(&empty, "int main(void) { return 0; }\n").unwrap();
    let mut build = Command::new("cc");
    build.arg("-static").arg(&empty).arg("-lm").arg("-o");
    if !build
        .arg(tree.folder.path().join("empty"))
        .output()
        .is_ok_and(|output| output.status.success())
    {
        println!("skipped: there is no static C library");
        return;
    }
    let source = root().join("examples/status.c");
    let program = tree.built(&source, "whole");
    // The linker warns of what glibc loads at run time.
    let mut build = Command::new("cc");
    build
        .args(["-std=c99", "-static"])
        .arg(&source)
        .args(&flags);
    must(build.arg("-o").arg(&program));
    tree.run(&source, &program);
}

#[test]
fn the_examples_build_by_cmake_with_both_libraries() {
    if !there_is("cmake") {
        println!("skipped: cmake is not installed");
        return;
    }
    let tree = Tree::new("moved elsewhere");
    let mut text = format!("find_package(usm {VERSION} EXACT REQUIRED)\n");
    let mut programs = Vec::new();
    for source in examples() {
        for library in ["usm", "static"] {
            if library == "static" && !is_run(&source) {
                continue;
            }
            let name = format!("{library}_{}", name_of(&source));
            text += &format!(
                "add_executable({name} \"{}\")
                target_link_libraries({name} PRIVATE usm::{library} m)\n",
                source.canonicalize().unwrap().display()
            );
            programs.push((source.clone(), name));
        }
    }
    tree.cmake(&text);
    let build = tree.folder.path().join("build");
    must(Command::new("cmake").arg("--build").arg(&build));
    for (source, name) in programs {
        let program = build.join(name);
        assert!(program.exists(), "{}", program.display());
        tree.run(&source, &program);
    }
}

#[test]
fn cmake_takes_this_version_for_what_it_is() {
    if !there_is("cmake") {
        println!("skipped: cmake is not installed");
        return;
    }
    let tree = Tree::new("moved");
    let number = |at: usize| -> u32 { VERSION.split('.').nth(at).unwrap().parse().unwrap() };
    let (major, minor, patch) = (number(0), number(1), number(2));
    let next = major + 1;
    let fits = [
        String::new(),
        format!("{major}"),
        format!("{major}.{minor}"),
        VERSION.to_owned(),
        format!("{VERSION} EXACT"),
        format!("{major}.{minor}...{next}"),
        format!("{major}.{minor}...{VERSION}"),
    ];
    let does_not = [
        format!("{major}.{minor}.{}", patch + 1),
        format!("{major}.{}", minor + 1),
        format!("{next}"),
        format!("0...<{VERSION}"),
        format!("{next}...{}", next + 1),
    ];
    let mut text = String::new();
    for (versions, wanted) in [(&fits[..], "NOT usm_FOUND"), (&does_not[..], "usm_FOUND")] {
        for version in versions {
            text += &format!(
                "find_package(usm {version} QUIET)
                if({wanted})
                    message(SEND_ERROR \"version '{version}': {wanted}\")
                endif()\n"
            );
        }
    }
    tree.cmake(&text);
}

/// An installed tree that was moved since, and what is built with it.
struct Tree {
    folder: tempfile::TempDir,
    prefix: PathBuf,
}

impl Tree {
    fn new(name: &str) -> Tree {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("made");
        let prefix = folder.path().join(name);
        make("install", &[format!("PREFIX={}", made.display())]);
        std::fs::rename(made, &prefix).unwrap();
        Tree { folder, prefix }
    }

    fn pkg_config(&self, asked: &[&str]) -> Vec<String> {
        let said = must(
            Command::new("pkg-config")
                .args(asked)
                .env("PKG_CONFIG_PATH", self.prefix.join("lib/pkgconfig")),
        );
        said.split_whitespace().map(str::to_owned).collect()
    }

    /// Configures a project in the folder `build`.
    fn cmake(&self, text: &str) {
        let project = self.folder.path().join("project");
        std::fs::create_dir(&project).unwrap();
        let begin = "cmake_minimum_required(VERSION 3.19)
            project(programs LANGUAGES C CXX)
            set(CMAKE_C_STANDARD 99)
            set(CMAKE_CXX_STANDARD 17)\n";
        std::fs::write(project.join("CMakeLists.txt"), format!("{begin}{text}\n")).unwrap();
        must(
            Command::new("cmake")
                .arg("-S")
                .arg(project)
                .arg("-B")
                .arg(self.folder.path().join("build"))
                .arg(format!("-DCMAKE_PREFIX_PATH={}", self.prefix.display())),
        );
    }

    fn built(&self, source: &Path, how: &str) -> PathBuf {
        let name = name_of(source);
        self.folder.path().join(format!("{how}_{name}"))
    }

    fn run(&self, source: &Path, program: &Path) {
        let name = name_of(source);
        let Some((_, told, word)) = RUN.iter().find(|example| example.0 == name) else {
            return;
        };
        let said = run(Command::new(program)
            .args(*told)
            .env("LD_LIBRARY_PATH", self.prefix.join("lib")));
        assert!(said.contains(word), "{}:\n{said}", program.display());
    }
}

fn examples() -> Vec<PathBuf> {
    files(&root().join("examples"), &["c", "cpp"])
}

fn is_run(example: &Path) -> bool {
    RUN.iter().any(|(name, ..)| *name == name_of(example))
}

fn name_of(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn compiler(source: &Path) -> Command {
    if source
        .extension()
        .is_some_and(|extension| extension == "cpp")
    {
        strict("c++", "-std=c++17")
    } else {
        strict("cc", "-std=c99")
    }
}

/// Makes a target of the Makefile with the libraries of this test.
fn make(target: &str, told: &[String]) -> String {
    let mut command = Command::new("make");
    command
        .arg("-C")
        .arg(root())
        .arg("--no-print-directory")
        .arg(target)
        .arg(format!("LIBRARIES={}", libraries().display()))
        .args(told);
    // Where `make test` runs this, its variables and jobs are not for here.
    for variable in [
        "MAKEFLAGS",
        "MFLAGS",
        "MAKELEVEL",
        "PREFIX",
        "DESTDIR",
        "LIBDIR",
    ] {
        command.env_remove(variable);
    }
    must(&mut command)
}

/// Every file that `make install` makes.
fn names_of_files(libdir: &str, prefix: &str) -> BTreeSet<String> {
    let abi = usm::version::USM_ABI_VERSION;
    let mut names: BTreeSet<String> = [
        format!("{libdir}/libusm.so.{VERSION}"),
        format!("{libdir}/libusm.so.{abi}"),
        format!("{libdir}/libusm.so"),
        format!("{libdir}/libusm.a"),
        format!("{libdir}/pkgconfig/usm.pc"),
        format!("{libdir}/pkgconfig/usm-static.pc"),
        format!("{libdir}/cmake/usm/usm-config.cmake"),
        format!("{libdir}/cmake/usm/usm-config-version.cmake"),
        format!("{prefix}/include/usm.h"),
        format!("{prefix}/include/usm.hpp"),
    ]
    .into();
    let mut add = |from: PathBuf, to: &str| {
        let name = name_of(&from);
        if from.exists() {
            names.insert(format!("{prefix}/{to}/{name}"));
        }
    };
    for text in [
        "README.md",
        "CHANGELOG.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "docs/EMBEDDING.md",
    ] {
        add(root().join(text), "share/doc/usm");
    }
    for example in examples() {
        add(example, "share/doc/usm/examples");
    }
    let parts = root().join("include/usm");
    if parts.is_dir() {
        for part in files(&parts, &["h", "hpp"]) {
            add(part, "include/usm");
        }
    }
    names
}

/// Every file and link below a folder, as a path that begins there.
fn all_files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path();
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                found.insert(format!("/{name}"));
            }
        }
    }
    found
}
