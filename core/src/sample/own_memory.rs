//! The anonymous memory of a process: of its own, not to be read from a file again.

use super::parse::{lines, number, words};
use super::roots::Roots;

/// Resident anonymous memory of this process (`RssAnon` in `/proc/self/status`), bytes;
/// `None` where it can't be read, and below a captured tree, which is not this process's.
pub(crate) fn own_anonymous_bytes(roots: &Roots) -> Option<u64> {
    if !roots.is_live() {
        return None;
    }
    in_status(roots, "self")
}

/// The same of another process; `None` also when it has ended.
pub(crate) fn anonymous_bytes(roots: &Roots, pid: i32) -> Option<u64> {
    in_status(roots, &pid.to_string())
}

fn in_status(roots: &Roots, folder: &str) -> Option<u64> {
    let text = std::fs::read(roots.proc(&format!("{folder}/status"))).ok()?;
    let line = lines(&text).find_map(|line| line.strip_prefix(b"RssAnon:"))?;
    let kib = words(line).next().and_then(number)?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_taken_and_written_shows() {
        let roots = Roots::default();
        let before = own_anonymous_bytes(&roots).unwrap();
        let taken = vec![1u8; 64 << 20];
        let after = own_anonymous_bytes(&roots).unwrap();
        assert!(after > before + (32 << 20), "{before} {after}");
        drop(taken);
        assert_eq!(own_anonymous_bytes(&Roots::tree("/nowhere")), None);
    }
}
