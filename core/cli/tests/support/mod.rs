//! Runs the built `usm` with an environment of its own.

use std::path::Path;
use std::process::{Command, Stdio};

/// `usm` with these arguments, whose data folder and home are `home`, with nothing of this
/// process's environment that would change what it does.
pub fn usm(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usm"));
    command
        .args(args)
        .env_clear()
        .env("HOME", home)
        .env("USM_DATA_DIR", home.join("data"))
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm-256color")
        .env("COLUMNS", "90")
        .current_dir(home)
        .stdin(Stdio::null());
    command
}
