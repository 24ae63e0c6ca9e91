//! The nice value of a session's autogroup: `/proc/PID/autogroup`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Applied, Door, ProcessId, Undo, protect, stat};
use crate::error::{Error, Result};
use crate::sample::Roots;

/// Who lacks CAP_SYS_ADMIN may write once in 100 ms, all such users together.
const TRIES: u32 = 20;

/// Pause after a refused write.
const PAUSE: Duration = Duration::from_millis(60);

/// The nice value of a session's autogroup set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AutogroupChange {
    /// A process of the session, through which the value is written.
    pub process: ProcessId,
    /// Its name, for people.
    pub name: String,
    /// The autogroup's number, as the file tells it: another number is another group.
    pub autogroup: u64,
    /// Value before.
    pub prior: i32,
    /// Value set.
    pub intended: i32,
}

impl AutogroupChange {
    pub(super) fn prepare(
        process: ProcessId,
        nice: i32,
        door: &Door,
    ) -> Result<Option<AutogroupChange>> {
        let held = door.admit(process)?;
        let switch = door.roots.proc("sys/kernel/sched_autogroup_enabled");
        match std::fs::read_to_string(&switch) {
            Ok(text) if text.trim() != "0" => {}
            _ => {
                return Err(Error::Unsupported(
                    "sessions have no autogroups here (sched_autogroup_enabled)".into(),
                ));
            }
        }
        let (autogroup, prior) = read(&door.roots, process.pid)?
            .ok_or_else(|| Error::Unsupported(format!("{} belongs to no autogroup", held.name)))?;
        check_session(door, &held.stat()?, autogroup)?;
        held.check()?;
        Ok((prior != nice).then_some(AutogroupChange {
            process,
            name: held.name,
            autogroup,
            prior,
            intended: nice,
        }))
    }

    pub(crate) fn apply(&self, door: &Door) -> Result<Applied> {
        let held = door.admit(self.process)?;
        check_session(door, &held.stat()?, self.autogroup)?;
        match read(&door.roots, self.process.pid)? {
            Some((group, nice)) if group == self.autogroup && nice == self.prior => {}
            found => {
                return Err(Error::Refused(format!(
                    "the autogroup of {} is {} by now, not {} as it was when the change was \
                     prepared",
                    self.name,
                    words(found),
                    words(Some((self.autogroup, self.prior)))
                )));
            }
        }
        self.write(door, &held, self.intended)?;
        Ok(Applied {
            what: format!(
                "nice value of autogroup {} (session of {}, pid {}) set from {} to {}",
                self.autogroup, self.name, self.process.pid, self.prior, self.intended
            ),
            lease_until: None,
        })
    }

    pub(crate) fn undo(&self, door: &Door) -> Result<Undo> {
        // The group is reached through any process that is still in it.
        let held = match door.hold(self.process) {
            Err(Error::NotFound { .. }) => match self.another_member(door)? {
                Some(held) => held,
                None => return Ok(Undo::Gone),
            },
            held => held?,
        };
        let found = match read(&door.roots, held.id.pid) {
            Err(Error::NotFound { .. }) => return Ok(Undo::Gone),
            found => found?,
        };
        match found {
            Some((group, nice)) if group == self.autogroup => {
                if nice == self.prior {
                    return Ok(Undo::Unchanged);
                }
                if nice != self.intended {
                    let words = format!("autogroup {group} has nice value {nice}");
                    return Ok(Undo::Left(words));
                }
            }
            _ => return Ok(Undo::Gone),
        }
        self.write(door, &held, self.prior)?;
        Ok(Undo::Restored)
    }

    fn another_member(&self, door: &Door) -> Result<Option<super::Held>> {
        door.check_live()?;
        for pid in stat::processes(&door.roots)? {
            let is_member = |pid| matches!(read(&door.roots, pid), Ok(Some((group, _))) if group == self.autogroup);
            if is_member(pid)
                && let Ok(process) = ProcessId::now(&door.roots, pid)
                && let Ok(held) = door.hold(process)
                && is_member(pid)
            {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    fn write(&self, door: &Door, held: &super::Held, nice: i32) -> Result<()> {
        let path = door.roots.proc(&format!("{}/autogroup", held.id.pid));
        for attempt in 1.. {
            held.check()?;
            match std::fs::write(&path, nice.to_string()) {
                Ok(()) => break,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock && attempt < TRIES => {
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(stat::file_error(path, error)),
            }
        }
        held.check()?;
        match read(&door.roots, held.id.pid)? {
            Some((group, found)) if group == self.autogroup && found == nice => Ok(()),
            found => Err(Error::Refused(format!(
                "the autogroup of {} is {} after {nice} was written",
                self.name,
                words(found)
            ))),
        }
    }

    pub(crate) fn about(&self) -> String {
        format!(
            "nice value of autogroup {} (the whole session of {}, pid {}): {} → {}",
            self.autogroup, self.name, self.process.pid, self.prior, self.intended
        )
    }
}

fn words(found: Option<(u64, i32)>) -> String {
    match found {
        Some((group, nice)) => format!("number {group} with nice value {nice}"),
        None => "none".into(),
    }
}

/// Number and nice value of a process's autogroup; `None` when it has none of its own.
fn read(roots: &Roots, pid: i32) -> Result<Option<(u64, i32)>> {
    let path = roots.proc(&format!("{pid}/autogroup"));
    let text = std::fs::read_to_string(&path).map_err(|e| stat::file_error(&path, e))?;
    match text.trim() {
        "" => Ok(None),
        line => parse(line)
            .map(Some)
            .ok_or_else(|| Error::malformed(&path, "/autogroup-NUMBER nice NUMBER")),
    }
}

fn parse(line: &str) -> Option<(u64, i32)> {
    let (group, nice) = line.strip_prefix("/autogroup-")?.split_once(" nice ")?;
    Some((group.parse().ok()?, nice.parse().ok()?))
}

/// The value concerns all processes of the session: each must be one that may be touched.
fn check_session(door: &Door, of: &stat::Stat, autogroup: u64) -> Result<()> {
    let roots = &door.roots;
    let own = protect::own_pid(roots);
    for pid in stat::processes(roots)? {
        let Ok(stat) = stat::of_process(roots, pid) else {
            continue;
        };
        let in_session = of.session != 0 && stat.session == of.session;
        let in_group = matches!(read(roots, pid), Ok(Some((group, _))) if group == autogroup);
        if stat.has_ended() || !(in_session || in_group) {
            continue;
        }
        if own == Some(pid) {
            return Err(Error::Refused("it is this program's own session".into()));
        }
        let process = ProcessId {
            pid,
            start_time_ticks: stat.start_time_ticks,
        };
        if let Err(reason) = door.may_touch(process)
            && stat::of_process(roots, pid).is_ok_and(|s| !s.has_ended())
        {
            return Err(Error::Refused(format!(
                "its session holds {} (pid {pid}), which may not be touched: {reason}",
                stat.name
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_the_kernels() {
        assert_eq!(parse("/autogroup-25 nice -3"), Some((25, -3)));
        assert_eq!(parse("/autogroup-25"), None);
        assert_eq!(parse("/autogroup-x nice 0"), None);
        let roots = Roots::default();
        match read(&roots, std::process::id() as i32) {
            Ok(Some((number, nice))) => {
                assert!(number > 0 && (-20..20).contains(&nice));
            }
            other => println!("skipped: no autogroup here: {other:?}"),
        }
    }
}
