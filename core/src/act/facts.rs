//! What decides whether a lever can work on this host, read when it is asked for.

use serde::{Deserialize, Serialize};

use crate::sample::Roots;

/// Where a controller's groups can be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFacts {
    /// Hierarchy version, 1 or 2; 0 where the controller is not there.
    pub version: u8,
    /// Whether this process may make groups in it.
    pub writable: bool,
    /// Why not, in words.
    pub reason: String,
}

/// What decides whether a lever can work here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Effective user.
    pub euid: u32,
    /// CAP_SYS_NICE is effective.
    pub may_raise_priority: bool,
    /// Lowest nice value that RLIMIT_NICE allows (20 without any).
    pub lowest_nice: i32,
    /// CAP_KILL is effective.
    pub may_signal_others: bool,
    /// `sched_autogroup_enabled`: nice works within a session only.
    pub autogroup: bool,
    /// Free swap (zram included), bytes; `None` when unknown.
    pub swap_free_bytes: Option<u64>,
    /// Block devices and the scheduler of their queue.
    pub io_schedulers: Vec<(String, String)>,
    /// CPU controller.
    pub cpu: GroupFacts,
    /// I/O controller.
    pub io: GroupFacts,
    /// Memory controller.
    pub memory: GroupFacts,
    /// Controller of the number of processes.
    pub pids: GroupFacts,
    /// Freezer.
    pub freezer: GroupFacts,
}

impl Facts {
    /// Reads them.
    pub fn read(_roots: &Roots) -> Facts {
        let none = GroupFacts {
            version: 0,
            writable: false,
            reason: "not built yet".into(),
        };
        Facts {
            euid: 0,
            may_raise_priority: false,
            lowest_nice: 20,
            may_signal_others: false,
            autogroup: false,
            swap_free_bytes: None,
            io_schedulers: Vec::new(),
            cpu: none.clone(),
            io: none.clone(),
            memory: none.clone(),
            pids: none.clone(),
            freezer: none,
        }
    }
}
