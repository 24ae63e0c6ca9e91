//! Starting the monitor of a folder in the background.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::status::{ServiceStatus, status};
use super::{absolute, file, log, log_path};
use crate::error::{Error, Result};
use crate::sys;

/// The command with the monitor in it.
const PROGRAM: &str = "usm";

/// Between two looks whether it is ready.
const PAUSE: Duration = Duration::from_millis(10);

/// Lines of its log that say why it could not start.
const MOST_LINES: usize = 8;

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Started {
    /// It runs.
    Now(Box<ServiceStatus>),
    /// One ran already; nothing was changed.
    AlreadyRunning(Box<ServiceStatus>),
}

/// The command that is usually the monitor of a folder: `usm monitor --foreground`, with the
/// `usm` that is beside the running program and belongs to the same owner or to root, else the one
/// that is found in `PATH`.
pub fn usual_command() -> Vec<OsString> {
    let beside = std::env::current_exe().ok().and_then(|own| beside(&own));
    let program = beside.map_or_else(|| PROGRAM.into(), PathBuf::into_os_string);
    vec![program, "monitor".into(), "--foreground".into()]
}

/// The `usm` beside a program. In a folder where others may write, it may be somebody else's: who
/// runs the program trusts its owner and root, and nobody more.
pub(super) fn beside(program: &Path) -> Option<PathBuf> {
    let owner = std::fs::metadata(program).ok()?.uid();
    let there = program.with_file_name(PROGRAM);
    // Not itself: a program that happens to be called so is no monitor.
    if there == program {
        return None;
    }
    let found = std::fs::metadata(&there).ok()?;
    let is_trusted = (found.uid() == owner || found.uid() == 0) && found.mode() & 0o002 == 0;
    (found.is_file() && found.mode() & 0o111 != 0 && is_trusted).then_some(there)
}

/// Runs a command as the monitor of a folder: in a session of its own, without input, with `/`
/// as its folder and with its output added to the log; and waits until it is ready. The command
/// is to take the folder's lock, as `usm monitor --foreground` does; it finds the folder in
/// `USM_DATA_DIR`.
///
/// # Errors
/// `InvalidState` with what it said when it ended instead, `TimedOut` when it is not ready by
/// then (it goes on), `InvalidArgument` for a command without a program; `PermissionDenied`,
/// `Refused`, `Io` and the like for the folder and the log.
pub fn start(folder: &Path, command: &[OsString], wait: Duration) -> Result<Started> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Error::invalid(
            "command",
            "[]",
            "a program and its arguments",
        ));
    };
    let folder = absolute(folder)?;
    file::make_folder(&folder)?;
    let before = status(&folder)?;
    if before.running {
        return Ok(Started::AlreadyRunning(Box::new(before)));
    }
    let log_path = log_path(&folder);
    let log = log::open(&log_path)?;
    let of_log = |error| Error::io(&log_path, error);
    let told_before = log.metadata().map_err(of_log)?.len();
    let mut child = Command::new(program);
    child
        .args(arguments)
        .env("USM_DATA_DIR", &folder)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(of_log)?)
        .stderr(log);
    sys::detach(&mut child);
    let child = child.spawn().map_err(|error| Error::io(program, error))?;
    wait_for(child, &folder, told_before, wait)
}

fn wait_for(mut child: Child, folder: &Path, told_before: u64, wait: Duration) -> Result<Started> {
    let begun = Instant::now();
    let pid = child.id();
    loop {
        let ended = child
            .try_wait()
            .map_err(|error| Error::io(format!("/proc/{pid}"), error))?;
        let now = status(folder)?;
        let is_ready = now.running_record().is_some_and(|record| record.ready);
        if is_ready && ended.is_none() && now.pid().map(i32::unsigned_abs) == Some(pid) {
            reap_later(child);
            return Ok(Started::Now(Box::new(now)));
        }
        if let Some(how) = ended {
            return match now.running {
                // Another one was quicker.
                true => Ok(Started::AlreadyRunning(Box::new(now))),
                false => Err(ended_early(folder, told_before, how)),
            };
        }
        if begun.elapsed() > wait {
            reap_later(child);
            return Err(Error::TimedOut {
                what: format!("the monitor (process {pid}), which has not begun yet"),
                seconds: wait.as_secs_f64(),
            });
        }
        std::thread::sleep(PAUSE);
    }
}

/// Why it ended: what it said last.
fn ended_early(folder: &Path, told_before: u64, how: ExitStatus) -> Error {
    let path = log_path(folder);
    let lines = log::tail(&path, told_before).unwrap_or_default();
    let said: Vec<&str> = lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .collect();
    let said = &said[said.len().saturating_sub(MOST_LINES)..];
    let said = match said.is_empty() {
        true => format!("it said nothing in {}", path.display()),
        false => said.join("\n"),
    };
    Error::InvalidState(format!("the monitor ended at once ({how}): {said}"))
}

/// For a program that lives longer than the monitor: what has ended is not to stay a zombie.
fn reap_later(mut child: Child) {
    // Where no thread can be made, the zombie goes with this process.
    let _ = std::thread::Builder::new()
        .name("usm-reaper".into())
        .stack_size(64 * 1024)
        .spawn(move || child.wait());
}
