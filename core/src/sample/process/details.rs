//! What stays as it is while a process runs one program: name, user, control group and
//! command line. `status` above all is dear, so these are read once per program.

use std::sync::Arc;

use super::ProcessDetails;
use super::escape::escape_into;
use super::files::ProcFiles;
use super::mask::mask_into;
use super::stat::Stat;
use super::users::Users;
use crate::sample::parse::{lines, number, words};

/// Most bytes of a command line that are read: some programs have megabytes.
const COMMAND_LINE_BYTES: usize = 4096;

/// Texts remembered in order to share equal ones: processes of one kind come in rows.
const RECENT_TEXTS: usize = 16;

/// Reads details, with what the reading of one tells for the next.
#[derive(Debug)]
pub(super) struct DetailsReader {
    users: Users,
    buffer: Vec<u8>,
    masked: Vec<u8>,
    text: String,
    recent: Vec<Arc<str>>,
    oldest: usize,
}

impl DetailsReader {
    pub(super) fn new(users: Users) -> DetailsReader {
        DetailsReader {
            users,
            buffer: Vec::new(),
            masked: Vec::new(),
            text: String::new(),
            recent: Vec::with_capacity(RECENT_TEXTS),
            oldest: 0,
        }
    }

    /// Reads the details of a process whose `stat` has just been read. What can't be read is
    /// `None` in the answer; what is as it was `before` is shared with it.
    pub(super) fn read(
        &mut self,
        files: &mut ProcFiles,
        pid: i32,
        stat: &Stat<'_>,
        before: Option<&ProcessDetails>,
        now: f64,
    ) -> ProcessDetails {
        self.text.clear();
        escape_into(stable_name(stat), &mut self.text);
        let name = self.share(before.map(|before| &before.name));
        let uid = files
            .read_once(pid, "status", usize::MAX, &mut self.buffer)
            .ok()
            .and_then(effective_uid);
        let user = uid.and_then(|uid| self.users.name(uid, now, &mut self.buffer));
        self.text.clear();
        let cgroup = files
            .read_once(pid, "cgroup", usize::MAX, &mut self.buffer)
            .ok()
            .and_then(cgroup_path)
            .map(|path| escape_into(path, &mut self.text))
            .map(|()| self.share(before.and_then(|before| before.cgroup.as_ref())));
        let command_line = if stat.is_kernel_thread {
            None
        } else {
            let before = before.and_then(|before| before.command_line.as_ref());
            self.command_line(files, pid, before)
        };
        ProcessDetails {
            name,
            uid,
            user,
            cgroup,
            command_line,
            is_kernel_thread: stat.is_kernel_thread,
        }
    }

    fn command_line(
        &mut self,
        files: &mut ProcFiles,
        pid: i32,
        before: Option<&Arc<str>>,
    ) -> Option<Arc<str>> {
        let most = COMMAND_LINE_BYTES;
        let raw = files
            .read_once(pid, "cmdline", most, &mut self.buffer)
            .ok()?;
        let (arguments, is_cut) = arguments(raw, most);
        if arguments.is_empty() && !is_cut {
            return None;
        }
        mask_into(arguments, &mut self.masked);
        self.text.clear();
        escape_into(&self.masked, &mut self.text);
        if is_cut {
            self.text.push('…');
        }
        Some(self.share(before))
    }

    /// The text as a shared one: that of before, a recent equal one, or a new one.
    fn share(&mut self, before: Option<&Arc<str>>) -> Arc<str> {
        let mut known = before.into_iter().chain(&self.recent);
        if let Some(known) = known.find(|known| ***known == *self.text) {
            return known.clone();
        }
        let new: Arc<str> = self.text.as_str().into();
        if self.recent.len() < RECENT_TEXTS {
            self.recent.push(new.clone());
        } else {
            self.recent[self.oldest] = new.clone();
            self.oldest = (self.oldest + 1) % RECENT_TEXTS;
        }
        new
    }
}

/// The name without what a kernel worker is busy with: `kworker/0:1-events` is
/// `kworker/0:1`, or it would be another name in every tick.
pub(super) fn stable_name<'a>(stat: &Stat<'a>) -> &'a [u8] {
    if !stat.is_kernel_thread || !stat.comm.starts_with(b"kworker/") {
        return stat.comm;
    }
    let Some(colon) = stat.comm.iter().position(|b| *b == b':') else {
        return stat.comm;
    };
    let work = stat.comm[colon..]
        .iter()
        .position(|b| matches!(b, b'-' | b'+'));
    &stat.comm[..work.map_or(stat.comm.len(), |length| colon + length)]
}

/// The second number of `Uid:` in `status`.
fn effective_uid(status: &[u8]) -> Option<u32> {
    let line = lines(status).find_map(|line| line.strip_prefix(b"Uid:"))?;
    u32::try_from(number(words(line).nth(1)?)?).ok()
}

/// The path in the unified hierarchy, else that of the v1 cpu controller. In a hybrid
/// machine the unified one may be mounted without being used: its root says nothing there.
fn cgroup_path(text: &[u8]) -> Option<&[u8]> {
    let mut unified = None;
    let mut cpu = None;
    for line in lines(text) {
        let mut fields = line.splitn(3, |b| *b == b':');
        let (Some(id), Some(controllers), Some(path)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        if id == b"0" && controllers.is_empty() {
            unified = Some(path);
        } else if controllers.split(|b| *b == b',').any(|c| c == b"cpu") {
            cpu = Some(path);
        }
    }
    match (unified, cpu) {
        (Some(b"/") | None, Some(cpu)) => Some(cpu),
        (unified, _) => unified,
    }
}

/// The arguments without the NULs at their end, and whether the rest was cut off. What is cut
/// is left out as a whole word: half an address might show a password that the whole one
/// would have hidden.
fn arguments(raw: &[u8], most: usize) -> (&[u8], bool) {
    let is_cut = raw.len() >= most;
    let whole = if is_cut {
        let end = raw.iter().rposition(|b| *b == 0 || *b == b' ');
        &raw[..end.map_or(0, |at| at + 1)]
    } else {
        raw
    };
    let end = whole.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
    // The blank before the mark of what is missing.
    let end = if is_cut { whole.len() } else { end };
    (&whole[..end], is_cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::ProcessState;

    fn stat(comm: &[u8], is_kernel_thread: bool) -> Stat<'_> {
        Stat {
            comm,
            state: ProcessState::Idle,
            parent_pid: 2,
            session_id: 1,
            children_cpu_ticks: 0,
            is_kernel_thread,
            major_faults: 0,
            cpu_ticks: 0,
            nice: 0,
            threads: 1,
            start_time_ticks: 1,
            rss_pages: 0,
            start_code: 0,
        }
    }

    #[test]
    fn a_kernel_worker_keeps_its_name_whatever_it_works_on() {
        let name =
            |comm, kernel| String::from_utf8(stable_name(&stat(comm, kernel)).into()).unwrap();
        assert_eq!(name(b"kworker/0:1-events", true), "kworker/0:1");
        assert_eq!(name(b"kworker/u8:2+flush-8:0", true), "kworker/u8:2");
        assert_eq!(name(b"kworker/R-netns", true), "kworker/R-netns");
        assert_eq!(name(b"kworker/0:0H", true), "kworker/0:0H");
        assert_eq!(name(b"kworker/0:1-mine", false), "kworker/0:1-mine");
    }

    #[test]
    fn the_effective_user_is_the_second_number() {
        assert_eq!(effective_uid(b"Name:\tx\nUid:\t1000\t0\t0\t0\n"), Some(0));
        assert_eq!(effective_uid(b"Name:\tx\nUid:\t1000\n"), None);
        assert_eq!(effective_uid(b""), None);
    }

    #[test]
    fn the_control_group_is_the_one_that_says_something() {
        let path =
            |text: &'static str| cgroup_path(text.as_bytes()).map(|p| String::from_utf8_lossy(p));
        assert_eq!(path("0::/user.slice/a:b\n").unwrap(), "/user.slice/a:b");
        assert_eq!(
            path("3:cpu,cpuacct:/docker/1\n1:name=systemd:/x\n").unwrap(),
            "/docker/1"
        );
        assert_eq!(
            path("3:cpuacct,cpu:/docker/1\n0::/\n").unwrap(),
            "/docker/1"
        );
        assert_eq!(path("3:cpu:/docker/1\n0::/a\n").unwrap(), "/a");
        assert_eq!(path("4:cpuset:/b\n0::/\n").unwrap(), "/");
        assert_eq!(path("4:cpuset:/b\n"), None);
    }

    #[test]
    fn a_cut_command_line_loses_its_last_word_as_a_whole() {
        assert_eq!(arguments(b"a\0b\0\0", 100), (&b"a\0b"[..], false));
        assert_eq!(arguments(b"", 100), (&b""[..], false));
        assert_eq!(arguments(b"\0\0", 100), (&b""[..], false));
        assert_eq!(arguments(b"a\0redis://u:p", 13), (&b"a\0"[..], true));
        assert_eq!(arguments(b"postgres://u:p", 14), (&b""[..], true));
    }
}
