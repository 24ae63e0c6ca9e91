//! The libraries as they are installed: linked by `ffi/install/link.sh` from the archive that
//! cargo built for this test.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;

use crate::support::{root, static_library};

/// The folder with libusm.a, libusm.so and its other names. Made once: it takes seconds.
pub fn libraries() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("linked");
        let script = root().join("ffi/install/link.sh");
        let sources = [
            static_library(),
            script.clone(),
            root().join("ffi/install/usm.map"),
        ];
        // The archive is what it puts there last.
        let made = changed(&folder.join("libusm.a"));
        if made.is_none() || sources.iter().any(|source| changed(source) >= made) {
            must(Command::new(script).arg(static_library()).arg(&folder));
        }
        folder
    });
    &FOLDER
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// Whether there is such a command.
pub fn there_is(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// Runs a command that must do well, and gives what it said on its standard output.
pub fn must(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, complaints) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{said}\n{complaints}",
        output.status
    );
    said
}

/// A compiler that takes warnings, also the linker's, for errors.
pub fn strict(compiler: &str, standard: &str) -> Command {
    let mut command = Command::new(compiler);
    command
        .arg(standard)
        .args(["-Wall", "-Wextra", "-pedantic", "-Werror", "-pthread"])
        .arg("-Wl,--fatal-warnings");
    command
}

/// The files of a folder with one of the extensions, sorted.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
            extensions.contains(&extension)
        })
        .collect();
    files.sort();
    files
}
