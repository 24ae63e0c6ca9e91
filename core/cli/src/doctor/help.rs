//! What would help where a source can't be read.

use usm_core::sample::{Availability, SourceReport};

/// The way to have this source, where there is one.
pub(super) fn of(source: &SourceReport, is_root: bool) -> Option<&'static str> {
    let path = source.source.as_str();
    Some(match source.availability {
        Availability::Available | Availability::Unknown => return None,
        Availability::Absent => return absent(path),
        Availability::Forbidden if is_root => {
            "refused even to root: a security module, or a process of another user namespace"
        }
        Availability::Forbidden if is_of_process(path) => {
            "run as root, or with the capability CAP_SYS_PTRACE"
        }
        Availability::Forbidden if path.contains("pressure") => {
            "run as root, or let this user read /proc/pressure"
        }
        Availability::Forbidden => "run as root, or let this user read the file",
        Availability::Slow => {
            "see whether its server or device answers; the last known values are shown meanwhile"
        }
        Availability::Malformed => {
            "please report it as a defect of usm, with the content of this file"
        }
        Availability::Failed => "the kernel's log (dmesg) may tell more",
    })
}

fn absent(path: &str) -> Option<&'static str> {
    Some(if path.contains("/pressure") {
        "Linux 4.20 or newer with CONFIG_PSI, and psi=1 on the kernel's command line"
    } else if path.contains("hwmon") || path.contains("thermal") {
        "a virtual machine or container has no sensors of its own; on hardware load their \
         drivers (sensors-detect)"
    } else if path.contains("power_supply") {
        "only machines with a battery have it"
    } else if path.contains("cgroup") {
        "without a mounted cgroup file system nothing limits this process"
    } else if path.contains("yama") {
        "a kernel with CONFIG_SECURITY_YAMA"
    } else if path.contains("cpufreq") {
        "a virtual machine shows no frequencies"
    } else if path.contains("diskstats") || path.contains("/sys/block") {
        "in a container, mount the host's /proc and /sys: --proc-root, --sys-root"
    } else {
        return None;
    })
}

/// `/proc/123/io`, `/proc/[pid]/io`, `/proc/PID/io`.
fn is_of_process(path: &str) -> bool {
    path.contains("PID")
        || path.contains("[pid]")
        || path
            .split('/')
            .any(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(source: &str, availability: Availability) -> Option<&'static str> {
        let gives = String::new();
        of(
            &SourceReport {
                source: source.into(),
                gives,
                availability,
                reason: None,
            },
            false,
        )
    }

    #[test]
    fn what_can_be_helped_gets_a_way() {
        let way = |path, availability| help(path, availability).unwrap_or_default();
        assert!(way("/proc/PID/io", Availability::Forbidden).contains("CAP_SYS_PTRACE"));
        assert!(way("/proc/12/io", Availability::Forbidden).contains("CAP_SYS_PTRACE"));
        assert!(way("/proc/pressure/cpu", Availability::Absent).contains("psi=1"));
        assert!(way("/mnt/nfs", Availability::Slow).contains("server"));
    }

    #[test]
    fn what_is_well_needs_no_help() {
        assert_eq!(help("/proc/stat", Availability::Available), None);
        assert_eq!(help("/proc/stat", Availability::Absent), None);
    }
}
