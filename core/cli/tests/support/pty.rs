//! A terminal of the test's own.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A pseudo-terminal of this size: our end and the program's. `None`, with the reason
/// printed, where the machine gives none.
pub fn terminal(columns: u16, rows: u16) -> Option<(File, File)> {
    let open = || -> rustix::io::Result<(OwnedFd, std::ffi::CString)> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        // What the program does not have it can't keep open.
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        Ok((ours, name))
    };
    let (ours, name) = match open() {
        Ok(opened) => opened,
        Err(errno) => {
            eprintln!("skipped: no pseudo-terminal here: {errno}");
            return None;
        }
    };
    let path = std::ffi::OsStr::from_bytes(name.as_bytes());
    let theirs = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&theirs, size).unwrap();
    Some((File::from(ours), theirs))
}

/// What the terminal got until the program ended and its end was closed (EIO).
#[allow(dead_code)] // not every test program reads to the end
pub fn all(mut ours: File) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = ours.read(&mut buffer) {
        bytes.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(bytes).unwrap()
}
