//! What can be done but not taken back.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Applied, Door, Held, Lever, ProcessId, Undo, reclaim, stat};
use crate::error::{Error, Result};
use crate::sample::Roots;
use crate::sys::{ProcessSignal, trim_heap};
use crate::tree::through_tree;

/// The longest time that a process may be given to end by itself, seconds.
const LONGEST_GRACE_SECONDS: f64 = 3600.0;

/// How long the kernel may take to end a process after SIGKILL.
const LONGEST_KILL: Duration = Duration::from_secs(10);

/// An act that can't be taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnceChange {
    /// `Terminate`, `PageOut`, `Reclaim` or `TrimOwnHeap`.
    #[serde(deserialize_with = "through_tree")]
    pub lever: Lever,
    /// Name of the process, for people; empty where there is none.
    pub name: String,
}

impl OnceChange {
    pub(super) fn prepare(lever: &Lever, door: &Door) -> Result<OnceChange> {
        let name = match lever {
            Lever::Terminate {
                process,
                grace_seconds,
                ..
            } => {
                check_grace(*grace_seconds)?;
                door.admit(*process)?.name
            }
            Lever::PageOut { process } => door.admit(*process)?.name,
            Lever::Reclaim { cgroup, bytes } => {
                reclaim::check(cgroup, *bytes, door)?;
                String::new()
            }
            _ => {
                door.check_live()?;
                String::new()
            }
        };
        Ok(OnceChange {
            lever: lever.clone(),
            name,
        })
    }

    pub(crate) fn apply(&self, door: &Door) -> Result<Applied> {
        let what = match &self.lever {
            Lever::Terminate {
                process,
                grace_seconds,
                may_kill,
            } => terminate(&door.admit(*process)?, *grace_seconds, *may_kill)?,
            Lever::PageOut { process } => page_out(&door.admit(*process)?, &door.roots)?,
            Lever::TrimOwnHeap => trim_own_heap(door)?,
            Lever::Reclaim { cgroup, bytes } => reclaim::reclaim(cgroup, *bytes, door)?,
            other => return Err(Error::Internal(format!("{other:?} is no act of this kind"))),
        };
        Ok(Applied {
            what,
            lease_until: None,
        })
    }

    pub(crate) fn undo(&self, _door: &Door) -> Result<Undo> {
        Ok(Undo::Irreversible)
    }

    pub(crate) fn about(&self) -> String {
        let whom = |process: &ProcessId| format!("{} (pid {})", self.name, process.pid);
        match &self.lever {
            Lever::Terminate {
                process,
                grace_seconds,
                may_kill,
            } => {
                let then = match may_kill {
                    true => format!(", and SIGKILL after {grace_seconds} s"),
                    false => String::new(),
                };
                format!("end {} with SIGTERM{then}", whom(process))
            }
            Lever::PageOut { process } => {
                format!("write private memory of {} out to swap", whom(process))
            }
            Lever::Reclaim { cgroup, bytes } => {
                format!("reclaim {bytes} bytes from the control group {cgroup}")
            }
            _ => "give free memory of this program's own heap back to the system".into(),
        }
    }

    pub(crate) fn processes(&self) -> Vec<ProcessId> {
        match &self.lever {
            Lever::Terminate { process, .. } | Lever::PageOut { process } => vec![*process],
            _ => Vec::new(),
        }
    }
}

fn check_grace(seconds: f64) -> Result<()> {
    match (0.0..=LONGEST_GRACE_SECONDS).contains(&seconds) {
        true => Ok(()),
        false => Err(Error::invalid("grace_seconds", seconds, "0 to 3600")),
    }
}

fn terminate(held: &Held, grace_seconds: f64, may_kill: bool) -> Result<String> {
    check_grace(grace_seconds)?;
    let whom = format!("{} (pid {})", held.name, held.id.pid);
    let start = Instant::now();
    held.signal(ProcessSignal::Terminate)?;
    // One that is stopped would take the signal only when it goes on. It may have ended by it.
    match held.stat() {
        Ok(stat) if stat.state == b'T' => held.signal(ProcessSignal::Continue)?,
        _ => {}
    }
    if held.wait_for_end(Duration::from_secs_f64(grace_seconds))? {
        let seconds = start.elapsed().as_secs_f64();
        return Ok(format!("{whom} ended {seconds:.1} s after SIGTERM"));
    }
    if !may_kill {
        return Err(Error::TimedOut {
            what: format!("{whom} to end after SIGTERM; SIGKILL is not allowed"),
            seconds: grace_seconds,
        });
    }
    held.signal(ProcessSignal::Kill)?;
    if held.wait_for_end(LONGEST_KILL)? {
        return Ok(format!(
            "{whom} did not end within {grace_seconds} s of SIGTERM, and ended by SIGKILL"
        ));
    }
    Err(Error::TimedOut {
        what: format!("{whom} to end after SIGKILL"),
        seconds: LONGEST_KILL.as_secs_f64(),
    })
}

fn page_out(held: &Held, roots: &Roots) -> Result<String> {
    let path = roots.proc(&format!("{}/maps", held.id.pid));
    let text = std::fs::read(&path).map_err(|e| stat::file_error(&path, e))?;
    held.check()?;
    let ranges = private_ranges(&String::from_utf8_lossy(&text));
    let all_bytes: u64 = ranges.iter().map(|(_, length)| length).sum();
    let advised_bytes = held.pidfd().page_out(&ranges).map_err(|e| held.error(e))?;
    Ok(format!(
        "{} (pid {}): the kernel was asked to write out {advised_bytes} of {all_bytes} bytes of \
         private address space; what that freed shows in MemAvailable only",
        held.name, held.id.pid
    ))
}

/// Address and length of the private, writable, anonymous ranges of a `maps` file.
fn private_ranges(maps: &str) -> Vec<(u64, u64)> {
    let range = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (first, end) = words.next()?.split_once('-')?;
        let permissions = words.next()?.as_bytes();
        let inode = words.nth(2)?;
        let name = words.next().unwrap_or("");
        let is_anonymous =
            inode == "0" && (name.is_empty() || name == "[heap]" || name.starts_with("[anon:"));
        if permissions.get(1) != Some(&b'w') || permissions.get(3) != Some(&b'p') || !is_anonymous {
            return None;
        }
        let first = u64::from_str_radix(first, 16).ok()?;
        let end = u64::from_str_radix(end, 16).ok()?;
        Some((first, end.checked_sub(first)?))
    };
    maps.lines().filter_map(range).collect()
}

fn trim_own_heap(door: &Door) -> Result<String> {
    door.check_live()?;
    let before = own_anonymous_kib(&door.roots);
    let has_freed = trim_heap()
        .map_err(|_| Error::Unsupported("malloc_trim (another C library than glibc)".into()))?;
    let after = own_anonymous_kib(&door.roots);
    let size = match (before, after) {
        (Some(before), Some(after)) => format!("own anonymous memory {before} → {after} KiB"),
        _ => "own memory can't be read".into(),
    };
    Ok(match has_freed {
        true => format!("free heap given back: {size}"),
        false => format!("no free heap to give back: {size}"),
    })
}

fn own_anonymous_kib(roots: &Roots) -> Option<u64> {
    let text = std::fs::read_to_string(roots.proc("self/status")).ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_writable_anonymous_memory_is_paged_out() {
        let maps = "\
1000-3000 rw-p 00000000 00:00 0                          [heap]
3000-4000 rw-p 00000000 00:00 0 
4000-5000 r--p 00000000 00:00 0 
5000-6000 rw-s 00000000 00:01 7                          /dev/zero (deleted)
6000-7000 rw-p 00001000 fd:00 99                         /usr/lib/libc.so.6
7000-9000 rw-p 00000000 00:00 0                          [anon:jit]
9000-a000 rw-p 00000000 00:00 0                          [stack]
a000-b000 r--p 00000000 00:00 0                          [vvar]
garbage
";
        assert_eq!(
            private_ranges(maps),
            [(0x1000, 0x2000), (0x3000, 0x1000), (0x7000, 0x2000)]
        );
    }

    #[test]
    fn own_memory_is_read() {
        assert!(own_anonymous_kib(&Roots::default()).unwrap() > 0);
    }
}
