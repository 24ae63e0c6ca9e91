//! Which program holds a socket: the kernel tells only its number, and the links in
//! `/proc/PID/fd` tell whose that is. They are many, so each socket is searched once, a few
//! links in each tick, and its listener is told when the search is over.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, RawDir};

use super::listening::{Listener, Listening, listeners_of};
use crate::sample::parse::number;
use crate::sample::{ProcessSample, Roots};

/// Links that are read in the first tick, which opens everything anyway.
const FIRST_LINKS: usize = 4096;
/// Links that are read in each further tick; the last process is read to its end.
const LINKS: usize = 128;
/// Most links of one process.
const MOST_LINKS: usize = 512;
/// Holds a piece of a folder.
const FOLDER_BYTES: usize = 8192;
/// Longest that a link to a socket is, with room.
const LINK_BYTES: usize = 64;

/// Searches, and makes the listeners of what it finds.
#[derive(Debug, Default)]
pub(super) struct OwnerSearch {
    /// Number of the list that was taken up last.
    look: u64,
    sockets: Vec<Listening>,
    /// By socket: the program, `None` where none that may be read holds it.
    owners: BTreeMap<u64, Option<Arc<str>>>,
    wanted: Vec<u64>,
    /// Processes with lower pids are still to be searched.
    below: i32,
    has_searched: bool,
    entries: Vec<u8>,
    listeners: Option<Arc<[Listener]>>,
}

impl OwnerSearch {
    /// `sockets` are those that listen to others, `look` the number of that list;
    /// `processes` those of a fresh scan.
    pub(super) fn read(
        &mut self,
        (sockets, look): (Option<&[Listening]>, u64),
        processes: Option<&[ProcessSample]>,
        roots: &Roots,
    ) -> Option<&Arc<[Listener]>> {
        let Some(sockets) = sockets else {
            *self = OwnerSearch::default();
            return None;
        };
        let mut has_changed = false;
        if self.look != look {
            self.look = look;
            has_changed = self.take_up(sockets);
        }
        if !self.wanted.is_empty()
            && let Some(processes) = processes
        {
            has_changed |= self.search(processes, roots);
        }
        self.has_searched |= processes.is_some();
        let is_first_done = self.listeners.is_some() || self.wanted.is_empty();
        if is_first_done && (has_changed || self.listeners.is_none()) {
            self.publish();
        }
        self.listeners.as_ref()
    }

    fn take_up(&mut self, sockets: &[Listening]) -> bool {
        if self.sockets == sockets {
            return false;
        }
        self.sockets.clear();
        self.sockets.extend_from_slice(sockets);
        let is_there = |inode: &u64| sockets.iter().any(|socket| socket.inode == Some(*inode));
        self.owners.retain(|inode, _| is_there(inode));
        self.wanted.retain(is_there);
        for inode in sockets.iter().filter_map(|socket| socket.inode) {
            if !self.owners.contains_key(&inode) && !self.wanted.contains(&inode) {
                self.wanted.push(inode);
                // From the newest process on: mostly it is that.
                self.below = i32::MAX;
            }
        }
        true
    }

    /// True when something was found, or nothing is left to be searched.
    fn search(&mut self, processes: &[ProcessSample], roots: &Roots) -> bool {
        let mut budget = match self.has_searched {
            true => LINKS,
            false => FIRST_LINKS,
        };
        let before = self.wanted.len();
        for process in processes.iter().rev() {
            if process.pid >= self.below || process.details.is_kernel_thread {
                continue;
            }
            if budget == 0 || self.wanted.is_empty() {
                return self.wanted.len() != before;
            }
            self.below = process.pid;
            let links = self.search_process(process, roots);
            budget = budget.saturating_sub(links + 1);
        }
        for inode in self.wanted.drain(..) {
            self.owners.insert(inode, None);
        }
        true
    }

    /// Reads the links of one process; what can't be read holds nothing that we know of.
    fn search_process(&mut self, process: &ProcessSample, roots: &Roots) -> usize {
        let path = roots.proc(&format!("{}/fd", process.pid));
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(folder) = rustix::fs::open(&path, flags, Mode::empty()) else {
            return 0;
        };
        self.entries.clear();
        self.entries.reserve(FOLDER_BYTES);
        let mut entries = RawDir::new(&folder, self.entries.spare_capacity_mut());
        let mut links = 0;
        while let Some(Ok(entry)) = entries.next() {
            if links == MOST_LINKS {
                break;
            }
            links += 1;
            let mut link = [std::mem::MaybeUninit::<u8>::uninit(); LINK_BYTES];
            let link = rustix::fs::readlinkat_raw(&folder, entry.file_name(), &mut link[..]);
            let Some(inode) = link.ok().and_then(|(link, _)| socket_of(link)) else {
                continue;
            };
            if let Some(at) = self.wanted.iter().position(|wanted| *wanted == inode) {
                self.wanted.swap_remove(at);
                self.owners
                    .insert(inode, Some(process.details.name.clone()));
            }
        }
        links
    }

    /// The listeners whose search is over.
    fn publish(&mut self) {
        let owner = |socket: &Listening| match socket.inode {
            Some(inode) => self.owners.get(&inode).cloned(),
            None => Some(None),
        };
        self.listeners = Some(listeners_of(&self.sockets, owner, self.listeners.as_ref()));
    }
}

/// `socket:[4711]`.
fn socket_of(link: &[u8]) -> Option<u64> {
    number(link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::ProcessDetails;
    use crate::sample::fixture::Fixture;

    fn socket(port: u16, inode: u64) -> Listening {
        Listening {
            port,
            address: "0.0.0.0".parse().unwrap(),
            uid: Some(0),
            inode: Some(inode),
        }
    }

    fn process(fixture: &Fixture, pid: i32, name: &str, links: &[String]) -> ProcessSample {
        fixture.folder(&format!("proc/{pid}/fd"));
        for (number, link) in links.iter().enumerate() {
            let path = fixture.path(&format!("proc/{pid}/fd/{number}"));
            std::os::unix::fs::symlink(link, path).unwrap();
        }
        let details = ProcessDetails {
            name: name.into(),
            ..ProcessDetails::default()
        };
        ProcessSample {
            pid,
            details: details.into(),
            ..ProcessSample::default()
        }
    }

    fn links(count: usize, socket: Option<u64>) -> Vec<String> {
        let mut links = vec!["/dev/null".to_string(); count];
        links.extend(socket.map(|inode| format!("socket:[{inode}]")));
        links
    }

    fn owners(listeners: Option<&Arc<[Listener]>>) -> Option<Vec<(u16, Option<&str>)>> {
        listeners.map(|list| {
            let shown = list.iter().map(|l| (l.port, l.program.as_deref()));
            shown.collect()
        })
    }

    #[test]
    fn the_newest_process_that_holds_the_socket_is_its_program() {
        let fixture = Fixture::new();
        let list = [
            process(&fixture, 10, "nginx", &links(3, Some(80))),
            process(&fixture, 11, "nginx: worker", &links(3, Some(80))),
            process(&fixture, 12, "cat", &links(3, None)),
        ];
        let mut search = OwnerSearch::default();
        let sockets = [socket(80, 80), socket(81, 81)];
        let found = search.read((Some(&sockets), 1), Some(&list), &fixture.roots());
        assert_eq!(
            owners(found).unwrap(),
            [(80, Some("nginx: worker")), (81, None)]
        );
        let first = found.cloned().unwrap();
        let again = search.read((Some(&sockets), 2), Some(&list), &fixture.roots());
        assert!(Arc::ptr_eq(&first, again.unwrap()));
    }

    #[test]
    fn a_new_listener_is_told_when_its_search_over_many_processes_is_over() {
        let fixture = Fixture::new();
        let mut list = vec![process(&fixture, 1, "init", &links(1, Some(22)))];
        for pid in 2..12 {
            list.push(process(&fixture, pid, "busy", &links(100, None)));
        }
        let roots = fixture.roots();
        let mut search = OwnerSearch::default();
        search.read((Some(&[]), 1), Some(&list), &roots);
        let sockets = [socket(22, 22)];
        let mut ticks = 0;
        loop {
            ticks += 1;
            let found = search.read((Some(&sockets), 2), Some(&list), &roots);
            let found = owners(found).unwrap();
            if !found.is_empty() {
                assert_eq!(found, [(22, Some("init"))]);
                break;
            }
            assert!(ticks < 20);
        }
        // Two of the busy ones in each tick.
        assert_eq!(ticks, 6);
        let ended = search.read((Some(&[]), 3), Some(&list), &roots);
        assert_eq!(owners(ended).unwrap(), []);
    }

    #[test]
    fn nothing_is_told_before_the_first_search_and_without_a_list_nothing_is_known() {
        let fixture = Fixture::new();
        let list = [process(&fixture, 1, "init", &links(1, Some(22)))];
        let roots = fixture.roots();
        let mut search = OwnerSearch::default();
        let sockets = [socket(22, 22)];
        assert_eq!(search.read((Some(&sockets), 1), None, &roots), None);
        assert!(
            search
                .read((Some(&sockets), 1), Some(&list), &roots)
                .is_some()
        );
        // A stale scan leaves what is known.
        assert!(search.read((Some(&sockets), 2), None, &roots).is_some());
        assert_eq!(search.read((None, 3), Some(&list), &roots), None);
    }

    #[test]
    fn only_links_to_sockets_are_numbers_of_sockets() {
        assert_eq!(socket_of(b"socket:[4711]"), Some(4711));
        for link in [
            "socket:[]",
            "socket:[x]",
            "pipe:[4711]",
            "socket:[1] (deleted)",
            "",
        ] {
            assert_eq!(socket_of(link.as_bytes()), None, "{link}");
        }
    }
}
