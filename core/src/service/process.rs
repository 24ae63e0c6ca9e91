//! Which process it is: its pid alone may be another's by now.

use serde::{Deserialize, Serialize};

/// What identifies a process beyond its life.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) pid: i32,
    /// Start in clock ticks after boot; `None` where /proc does not tell.
    pub(super) start_time_ticks: Option<u64>,
    pub(super) boot_id: String,
    /// Pids of another one mean nothing here.
    pub(super) pid_space: String,
}

impl Identity {
    /// Of this process.
    pub(super) fn own() -> Identity {
        let pid = rustix::process::getpid().as_raw_pid();
        let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        Identity {
            pid,
            start_time_ticks: start_of(pid),
            boot_id: boot_id(),
            pid_space: space.to_string_lossy().into_owned(),
        }
    }

    /// Whether its pid can mean a process here: the same boot of the same machine, and the same
    /// space of pids.
    pub(super) fn is_of_here(&self) -> bool {
        let own = Identity::own();
        self.boot_id == own.boot_id && self.pid_space == own.pid_space
    }

    /// Whether it lives: the pid is there, and is that process's.
    pub(super) fn is_alive(&self) -> bool {
        self.is_of_here() && self.has_its_start()
    }

    /// Whether who has the pid now started when this one did.
    pub(super) fn has_its_start(&self) -> bool {
        self.start_time_ticks.is_some() && start_of(self.pid) == self.start_time_ticks
    }
}

/// This boot of this machine.
pub(super) fn boot_id() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}

/// Start of a living process in clock ticks; a zombie counts as ended.
pub(super) fn start_of(pid: i32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    match fields.next() {
        Some("Z" | "X") => None,
        _ => fields.nth(18)?.parse().ok(),
    }
}

/// As which user it runs.
pub(super) fn owner_of(pid: i32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    // Real, effective, saved, of the file system.
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_another_start_or_boot_is_another_process() {
        let own = Identity::own();
        assert!(own.is_alive() && own.is_of_here());
        let other = Identity {
            start_time_ticks: own.start_time_ticks.map(|ticks| ticks + 1),
            ..own.clone()
        };
        assert!(other.is_of_here() && !other.is_alive());
        let rebooted = Identity {
            boot_id: "another".into(),
            ..own.clone()
        };
        assert!(!rebooted.is_of_here() && !rebooted.is_alive());
        let unknown = Identity {
            start_time_ticks: None,
            ..own
        };
        assert!(!unknown.is_alive());
        let user = rustix::process::geteuid().as_raw();
        assert_eq!(owner_of(own.pid), Some(user));
    }

    #[test]
    fn an_ended_process_that_nobody_asked_for_yet_has_ended() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        while start_of(pid).is_some() {
            std::thread::yield_now();
        }
        assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
        child.wait().unwrap();
    }
}
