//! What identifies and describes a process or a thread: its line in `stat`.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::sample::Roots;

/// Flag of a kernel thread in field 9 (include/linux/sched.h).
const PF_KTHREAD: u64 = 0x0020_0000;
/// Flag of what is about to end: from here on its control groups are shown as the roots.
const PF_EXITING: u64 = 0x0000_0004;

/// The fields used here, by the numbers of proc_pid_stat(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stat {
    /// Field 2 without its parentheses.
    pub(super) name: String,
    /// Field 3.
    pub(super) state: u8,
    /// Field 4.
    pub(super) parent_pid: i32,
    /// Field 6; 0 when the leader is not visible from here.
    pub(super) session: i32,
    /// Of field 9.
    pub(super) is_kernel_thread: bool,
    /// Of field 9.
    is_exiting: bool,
    /// Field 22.
    pub(super) start_time_ticks: u64,
    /// Field 41: SCHED_FIFO 1, SCHED_RR 2, SCHED_DEADLINE 6.
    pub(super) policy: u32,
}

impl Stat {
    /// Real-time policies: never touched.
    pub(super) fn is_real_time(&self) -> bool {
        matches!(self.policy, 1 | 2 | 6)
    }

    /// Stopped by a signal or held by a debugger.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.state, b'T' | b't')
    }

    /// Ended or about to: no group holds it any more.
    pub(super) fn is_leaving(&self) -> bool {
        self.is_exiting || self.has_ended()
    }

    /// Ended, and waits for its parent.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x')
    }
}

/// Reads the line of a process.
pub(super) fn of_process(roots: &Roots, pid: i32) -> Result<Stat> {
    read(&roots.proc(&format!("{pid}/stat")))
}

/// Reads the line of one of its threads.
pub(super) fn of_thread(roots: &Roots, pid: i32, tid: i32) -> Result<Stat> {
    read(&roots.proc(&format!("{pid}/task/{tid}/stat")))
}

/// The threads that a process has now, ascending.
pub(super) fn threads(roots: &Roots, pid: i32) -> Result<Vec<i32>> {
    let folder = roots.proc(&format!("{pid}/task"));
    let mut tids = numbered(&folder)?;
    tids.sort_unstable();
    Ok(tids)
}

/// Every process that the folder shows.
pub(super) fn processes(roots: &Roots) -> Result<Vec<i32>> {
    numbered(&roots.proc_root)
}

fn numbered(folder: &Path) -> Result<Vec<i32>> {
    let entries = std::fs::read_dir(folder).map_err(|e| file_error(folder, e))?;
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry.map_err(|e| file_error(folder, e))?.file_name();
        let number = name
            .to_str()
            .filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
        numbers.extend(number.and_then(|n| n.parse::<i32>().ok()));
    }
    Ok(numbers)
}

fn read(path: &PathBuf) -> Result<Stat> {
    let text = std::fs::read(path).map_err(|e| file_error(path, e))?;
    parse(&text).ok_or_else(|| Error::malformed(path, "the fields of proc_pid_stat(5)"))
}

/// A process that ends while its file is read answers ESRCH: it is not there.
pub(super) fn file_error(path: impl AsRef<Path>, source: std::io::Error) -> Error {
    match source.raw_os_error() == Some(ESRCH) {
        true => Error::NotFound {
            path: path.as_ref().to_path_buf(),
            source,
        },
        false => Error::io(path, source),
    }
}

/// No such process.
const ESRCH: i32 = 3;

/// A name may hold blanks, parentheses and what looks like other fields: it ends at the last
/// `)` of the line, since no later field has one.
fn parse(text: &[u8]) -> Option<Stat> {
    let open = text.iter().position(|b| *b == b'(')?;
    let close = text
        .iter()
        .rposition(|b| *b == b')')
        .filter(|c| *c > open)?;
    let rest = std::str::from_utf8(&text[close + 1..]).ok()?;
    // Field 3 is the first of them.
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).copied();
    let [state] = field(3)?.as_bytes() else {
        return None;
    };
    let flags: u64 = field(9)?.parse().ok()?;
    Some(Stat {
        name: String::from_utf8_lossy(&text[open + 1..close]).into_owned(),
        state: *state,
        parent_pid: field(4)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        is_kernel_thread: flags & PF_KTHREAD != 0,
        is_exiting: flags & PF_EXITING != 0,
        start_time_ticks: field(22)?.parse().ok()?,
        policy: match field(41) {
            Some(word) => word.parse().ok()?,
            None => 0,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(name: &str) -> Vec<u8> {
        format!(
            "77 ({name}) S 5 77 70 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 9001 10 11 12 13 14 15 \
             16 17 18 19 20 21 22 23 24 17 1 0 3 0 0 0\n"
        )
        .into_bytes()
    }

    #[test]
    fn fields_are_those_of_the_manual() {
        let stat = parse(&line("work")).unwrap();
        assert_eq!(stat.name, "work");
        assert_eq!((stat.parent_pid, stat.session), (5, 70));
        assert_eq!((stat.start_time_ticks, stat.policy), (9001, 3));
        assert!(!stat.is_kernel_thread && !stat.is_real_time() && !stat.is_stopped());
    }

    #[test]
    fn a_line_cut_short_is_none() {
        assert_eq!(parse(b""), None);
        assert_eq!(parse(b"77 (x"), None);
        assert_eq!(parse(b"77 (x) S 1 2"), None);
        assert_eq!(parse(b")("), None);
    }

    #[test]
    fn of_this_process_they_are_the_systems_own() {
        let pid = std::process::id() as i32;
        let roots = Roots::default();
        let stat = of_process(&roots, pid).unwrap();
        assert_eq!(stat.parent_pid, std::os::unix::process::parent_id() as i32);
        assert!(threads(&roots, pid).unwrap().contains(&pid));
        let thread = of_thread(&roots, pid, pid).unwrap();
        assert_eq!(thread.start_time_ticks, stat.start_time_ticks);
        assert!(of_process(&roots, i32::MAX).is_err());
    }

    proptest! {
        #[test]
        fn no_name_passes_for_other_fields(name in r"[a-z() \n:0-9]{0,20}") {
            for tricky in [name.clone(), format!("{name}) S 1 (PID: 1")] {
                let stat = parse(&line(&tricky)).unwrap();
                prop_assert_eq!(stat.name, tricky);
                prop_assert_eq!((stat.parent_pid, stat.start_time_ticks), (5, 9001));
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(text: Vec<u8>) {
            let _ = parse(&text);
        }
    }
}
