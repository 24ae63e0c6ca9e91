//! The profiles that come with the library.
//!
//! | profile | for | cpu | memory | disk | network | waits | most risk |
//! |---|---|---|---|---|---|---|---|
//! | `balanced` | any machine | 80 | 85 | 90 | 70 | 20 | low |
//! | `server` | steady answers: looks sooner at waits, later at memory, which caches fill | 85 | 90 | 85 | 70 | 15 | low |
//! | `desktop` | whoever sits there: the least waits count, the session is favoured | 75 | 80 | 90 | 80 | 10 | low |
//! | `batch` | throughput: full use is wanted; what keeps others from working at all counts | 95 | 92 | 95 | 90 | 40 | low |
//! | `low_power` | little use of energy: acts early, may hold processes for a while | 60 | 80 | 90 | 50 | 10 | medium |
//!
//! None allows high risk: no built-in profile kills, though `balanced` holds the prototype's
//! rule for it, which takes effect where a caller allows that risk in a profile of its own.

use super::action::{ActionKind, RiskLevel};
use super::profile::{Profile, Rule};
use super::target::{Priority, Resource};

/// The name of the profile that is in force unless another was chosen.
pub(crate) const DEFAULT_PROFILE: &str = "balanced";

/// CPU of one process from which on it is looked at, percent of one core, as in the prototype.
const PROCESS_CPU_THRESHOLD: f64 = 50.0;

/// Memory of one process, percent of the machine, as in the prototype.
const PROCESS_MEMORY_THRESHOLD: f64 = 10.0;

/// Thresholds in percent: cpu, memory, disk, network, waits.
type Thresholds = [f64; 5];

/// What relieves processors without stopping anybody.
const GENTLE_CPU: [ActionKind; 6] = [
    ActionKind::SetBatch,
    ActionKind::LowerPriority,
    ActionKind::SetIdle,
    ActionKind::SetAutogroup,
    ActionKind::SetAffinity,
    ActionKind::LimitCpu,
];

/// What relieves memory.
const GENTLE_MEMORY: [ActionKind; 2] = [ActionKind::ReclaimMemory, ActionKind::LimitMemory];

/// What relieves disks of traffic.
const GENTLE_DISK: [ActionKind; 2] = [ActionKind::SetIoPriority, ActionKind::LimitIo];

/// What holds a process still, with a lease.
const HOLDS: [ActionKind; 2] = [ActionKind::Freeze, ActionKind::SuspendProcess];

/// All of them, the default one first.
pub(crate) fn built_in() -> Vec<Profile> {
    vec![balanced(), server(), desktop(), batch(), low_power()]
}

fn balanced() -> Profile {
    let mut profile = profile(DEFAULT_PROFILE, [80.0, 85.0, 90.0, 70.0, 20.0]);
    profile.add(Resource::Cpu, ActionKind::KillProcess, 90.0, Priority::High);
    profile.clean(85.0, 95.0);
    profile.be_gentle();
    // Holding a process is of medium risk: for those who allow that.
    profile.hold(90.0);
    profile
}

fn server() -> Profile {
    let mut profile = profile("server", [85.0, 90.0, 85.0, 70.0, 15.0]);
    profile.clean(90.0, 90.0);
    profile.be_gentle();
    profile
}

fn desktop() -> Profile {
    let mut profile = profile("desktop", [75.0, 80.0, 90.0, 80.0, 10.0]);
    profile.clean(80.0, 95.0);
    profile.be_gentle();
    profile.hold(90.0);
    profile.foreground = names(&[
        "gnome-shell",
        "kwin_wayland",
        "kwin_x11",
        "plasmashell",
        "sway",
        "Hyprland",
        "Xorg",
        "Xwayland",
        "pipewire",
        "wireplumber",
        "pulseaudio",
    ]);
    profile
}

fn batch() -> Profile {
    let mut profile = profile("batch", [95.0, 92.0, 95.0, 90.0, 40.0]);
    profile.clean(92.0, 97.0);
    // Work is to be done: it may run behind others, but is given no fewer processors.
    for kind in [ActionKind::SetBatch, ActionKind::LowerPriority] {
        profile.on_waits(Resource::Cpu, kind);
        profile.on_waits(Resource::Process, kind);
    }
    for kind in GENTLE_MEMORY {
        profile.on_waits(Resource::Memory, kind);
    }
    for kind in GENTLE_DISK {
        profile.on_waits(Resource::Disk, kind);
    }
    profile
}

fn low_power() -> Profile {
    let mut profile = profile("low_power", [60.0, 80.0, 90.0, 50.0, 10.0]);
    profile.allowed_risk = RiskLevel::Medium;
    profile.process_cpu_threshold = 30.0;
    profile.clean(80.0, 95.0);
    profile.be_gentle();
    profile.hold(80.0);
    profile
}

/// A profile without rules.
fn profile(name: &str, thresholds: Thresholds) -> Profile {
    let [cpu, memory, disk, network, pressure] = thresholds;
    Profile {
        profile_name: name.to_string(),
        cpu_threshold: cpu,
        memory_threshold: memory,
        disk_threshold: disk,
        network_threshold: network,
        optimization_rules: Vec::new(),
        auto_optimize: false,
        created_at: 0.0,
        pressure_threshold: pressure,
        process_cpu_threshold: PROCESS_CPU_THRESHOLD,
        process_memory_threshold: PROCESS_MEMORY_THRESHOLD,
        protected: Vec::new(),
        foreground: Vec::new(),
        allowed_risk: RiskLevel::Low,
        built_in: true,
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_string()).collect()
}

impl Profile {
    /// A profile of a caller's own with the thresholds and rules of `balanced`.
    pub fn named_default(name: &str) -> Profile {
        Profile {
            profile_name: name.to_string(),
            built_in: false,
            ..balanced()
        }
    }

    fn add(&mut self, resource: Resource, action: ActionKind, threshold: f64, priority: Priority) {
        self.optimization_rules.push(Rule {
            resource,
            action,
            threshold,
            priority,
        });
    }

    /// From the profile's threshold of waits on: there is no target below it.
    fn on_waits(&mut self, resource: Resource, action: ActionKind) {
        self.add(resource, action, self.pressure_threshold, Priority::Medium);
    }

    fn clean(&mut self, memory_threshold: f64, disk_threshold: f64) {
        let memory = ActionKind::CleanupMemory;
        self.add(Resource::Memory, memory, memory_threshold, Priority::Medium);
        let disk = ActionKind::CleanupDisk;
        self.add(Resource::Disk, disk, disk_threshold, Priority::High);
    }

    fn be_gentle(&mut self) {
        for kind in GENTLE_CPU {
            self.on_waits(Resource::Cpu, kind);
            self.on_waits(Resource::Process, kind);
        }
        self.on_waits(Resource::Cpu, ActionKind::LimitProcesses);
        for kind in GENTLE_MEMORY {
            self.on_waits(Resource::Memory, kind);
            self.on_waits(Resource::Process, kind);
        }
        for kind in GENTLE_DISK {
            self.on_waits(Resource::Disk, kind);
            // What reads so much that others lose their cached files.
            self.on_waits(Resource::Memory, kind);
        }
    }

    fn hold(&mut self, threshold: f64) {
        for kind in HOLDS {
            for resource in [Resource::Cpu, Resource::Memory, Resource::Disk] {
                self.add(resource, kind, threshold, Priority::Medium);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_valid_has_its_own_name_and_never_kills() {
        let all = built_in();
        for (at, profile) in all.iter().enumerate() {
            profile.validate().unwrap();
            assert!(profile.built_in && !profile.auto_optimize);
            assert!(profile.allowed_risk < RiskLevel::High);
            let name = &profile.profile_name;
            assert!(all[at + 1..].iter().all(|p| p.profile_name != *name));
        }
        assert_eq!(all[0].profile_name, DEFAULT_PROFILE);
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn balanced_holds_the_prototypes_thresholds_and_rules() {
        let balanced = balanced();
        let thresholds = [
            balanced.cpu_threshold,
            balanced.memory_threshold,
            balanced.disk_threshold,
            balanced.network_threshold,
        ];
        assert_eq!(thresholds, [80.0, 85.0, 90.0, 70.0]);
        let first: Vec<_> = balanced.optimization_rules[..3]
            .iter()
            .map(|r| (r.resource, r.action, r.threshold, r.priority))
            .collect();
        let expected = [
            (Resource::Cpu, ActionKind::KillProcess, 90.0, Priority::High),
            (
                Resource::Memory,
                ActionKind::CleanupMemory,
                85.0,
                Priority::Medium,
            ),
            (
                Resource::Disk,
                ActionKind::CleanupDisk,
                95.0,
                Priority::High,
            ),
        ];
        assert_eq!(first, expected);
        assert_eq!(balanced.allowed_risk, RiskLevel::Low);
    }

    #[test]
    fn a_named_default_is_the_callers_own() {
        let own = Profile::named_default("mine");
        assert_eq!((own.profile_name.as_str(), own.built_in), ("mine", false));
        assert_eq!(own.optimization_rules, balanced().optimization_rules);
        own.validate().unwrap();
    }
}
