//! Running programs of which something is out of the ordinary.

use super::allow::fits;
use super::memory::Memory;
use super::{Draft, Drafts, SecurityKind};
use crate::judge::Severity;
use crate::sample::{NotableProgram, ProgramPlace, Sample};

/// Seconds that a program runs from a temporary folder before it matters, unless it has
/// deleted its file: builds and installers run many short ones there.
const TEMPORARY_HOLD_SECONDS: f64 = 30.0;
/// Seconds that a process bears the name of a kernel thread before it matters: helpers that
/// the kernel starts bear it until they become their program.
const KERNEL_NAME_HOLD_SECONDS: f64 = 10.0;

/// Programs that set other rights by their purpose, by name; on usual paths they are what
/// every machine has.
const SETUID_PROGRAMS: [&str; 55] = [
    "Xorg",
    "Xorg.wrap",
    "at",
    "bwrap",
    "chage",
    "check_mail_queue",
    "chfn",
    "chrome-sandbox",
    "chrome_sandbox",
    "chsh",
    "crontab",
    "dbus-daemon-launch-helper",
    "doas",
    "dma",
    "exim",
    "exim4",
    "expiry",
    "firejail",
    "fusermount",
    "fusermount3",
    "gpasswd",
    "kdesud",
    "ksu",
    "mount",
    "mount.cifs",
    "mount.ecryptfs_private",
    "mount.nfs",
    "mtr-packet",
    "newgidmap",
    "newgrp",
    "newuidmap",
    "ntfs-3g",
    "passwd",
    "ping",
    "ping6",
    "pkexec",
    "polkit-agent-helper-1",
    "postdrop",
    "postqueue",
    "pppd",
    "screen",
    "sendmail",
    "sg",
    "snap-confine",
    "spice-client-glib-usb-acl-helper",
    "ssh-agent",
    "ssh-keysign",
    "su",
    "sudo",
    "sudoedit",
    "traceroute",
    "umount",
    "unix_chkpwd",
    "vmware-user-suid-wrapper",
    "wall",
];

/// Folders that only the administrator fills.
const SYSTEM_FOLDERS: [&str; 9] = [
    "/bin/",
    "/lib/",
    "/lib64/",
    "/nix/store/",
    "/opt/",
    "/run/wrappers/",
    "/sbin/",
    "/snap/",
    "/usr/",
];

/// Memory that container runtimes copy themselves to, so that no container can write to them
/// (`runc`, `crun`, `lxc`).
const RUNTIME_MEMORY: [&str; 4] = ["runc_cloned:*", "crun*", "lxc*", "libpod*"];

/// Programs that build tools and self-mounting images run in temporary folders.
const USUAL_TEMPORARY: [&str; 4] = [
    "/tmp/go-build*",
    "/tmp/.mount_*",
    "/tmp/cargo-install*",
    "/tmp/pip-*",
];

pub(super) fn programs(sample: &Sample, memory: &Memory, drafts: &mut Drafts) {
    let Some(programs) = &sample.security.programs else {
        return;
    };
    let ticks_per_second = sample.host.clock_ticks_per_second.max(1) as f64;
    for program in &programs.notable {
        let start_seconds = program.start_time_ticks as f64 / ticks_per_second;
        let age = drafts.now - start_seconds;
        of_kernel_name(program, age, drafts);
        of_executable(program, age, drafts);
        of_rights(program, memory.was_before(sample, start_seconds), drafts);
    }
}

/// True when the age is at least this; else it will be judged again when it is.
fn has_lasted(age: f64, seconds: f64, drafts: &mut Drafts) -> bool {
    // A clock that went back tells nothing of the age.
    let is_young = (0.0..seconds).contains(&age);
    if is_young {
        drafts.wait(seconds - age);
    }
    !is_young
}

/// `sleep (pid 42, user id 1000)`.
fn shown(program: &NotableProgram) -> String {
    let by = match program.effective_uid {
        Some(0) => ", root".to_string(),
        Some(uid) => format!(", user id {uid}"),
        None => String::new(),
    };
    format!("{} (pid {}{by})", program.name, program.pid)
}

fn link_of(program: &NotableProgram) -> String {
    let path = program.executable.as_deref().unwrap_or("?");
    match (program.place, program.is_deleted) {
        (ProgramPlace::Memory, _) => format!("/proc/{}/exe is in memory: {path}", program.pid),
        (_, true) => format!("/proc/{}/exe is {path}, deleted", program.pid),
        (_, false) => format!("/proc/{}/exe is {path}", program.pid),
    }
}

fn of_kernel_name(program: &NotableProgram, age: f64, drafts: &mut Drafts) {
    let Some(name) = &program.kernel_name else {
        return;
    };
    if !has_lasted(age, KERNEL_NAME_HOLD_SECONDS, drafts) {
        return;
    }
    let mut evidence = vec![format!(
        "/proc/{}/stat has no mark of a kernel thread (PF_KTHREAD)",
        program.pid
    )];
    let runs = match &program.executable {
        Some(path) => {
            evidence.push(link_of(program));
            format!("it runs {path}")
        }
        None => "its executable may not be read".to_string(),
    };
    drafts.list.push(Draft {
        kind: SecurityKind::KernelName,
        name: name.to_string(),
        severity: Severity::High,
        subject: name.to_string(),
        text: format!(
            "{} calls itself {name} like a thread of the kernel, but is none: {runs}.",
            shown(program)
        ),
        evidence,
        advice: "Look at what it is and who started it; malware hides like this.".into(),
        is_base_line: false,
        is_usual: false,
    });
}

fn of_executable(program: &NotableProgram, age: f64, drafts: &mut Drafts) {
    let path = program.executable.as_deref().unwrap_or("?");
    let who = shown(program);
    let is_root = program.effective_uid == Some(0);
    let mut is_usual = false;
    let (kind, severity, text, advice) = match (program.place, program.is_deleted) {
        (ProgramPlace::Memory, _) => {
            is_usual = RUNTIME_MEMORY.iter().any(|pattern| fits(pattern, path));
            (
                SecurityKind::MemoryProgram,
                Severity::High,
                format!("{who} runs from memory ({path}), not from a file."),
                "Look at what started it; programs that must leave no trace run like this."
                    .to_string(),
            )
        }
        (ProgramPlace::TemporaryFolder, is_deleted) => {
            let is_of_a_tool = USUAL_TEMPORARY.iter().any(|pattern| fits(pattern, path));
            let severity = match (is_of_a_tool, is_deleted || is_root) {
                (true, _) => Severity::Low,
                (false, true) => Severity::High,
                (false, false) => Severity::Medium,
            };
            if !is_deleted && !has_lasted(age, TEMPORARY_HOLD_SECONDS, drafts) {
                return;
            }
            let and_deleted = match is_deleted {
                true => " and has deleted its file",
                false => "",
            };
            (
                SecurityKind::TemporaryProgram,
                severity,
                format!("{who} runs from a temporary folder ({path}){and_deleted}."),
                format!(
                    "Any user can put programs there. If it is meant, install it elsewhere or \
                     allow `temporary_program:{path}`."
                ),
            )
        }
        (_, true) => (
            SecurityKind::DeletedProgram,
            Severity::Low,
            format!("{who} still runs {path}, which was deleted or replaced since."),
            "Mostly an update: restart it, so that it runs what is installed now.".to_string(),
        ),
        (_, false) => return,
    };
    drafts.list.push(Draft {
        kind,
        name: path.to_string(),
        severity: match is_usual {
            true => Severity::Low,
            false => severity,
        },
        subject: path.to_string(),
        text,
        evidence: vec![link_of(program)],
        advice,
        is_base_line: false,
        is_usual,
    });
}

/// A program with more or other rights than those of whoever started it. One that root
/// started and that has given up its rights is none.
fn of_rights(program: &NotableProgram, was_before: bool, drafts: &mut Drafts) {
    let (Some(real), Some(effective)) = (program.real_uid, program.effective_uid) else {
        return;
    };
    if real == effective || real == 0 {
        return;
    }
    let path = program.executable.as_deref();
    let is_system = path.map(|path| {
        program.place == ProgramPlace::Usual
            && SYSTEM_FOLDERS.iter().any(|folder| path.starts_with(folder))
    });
    let name = path
        .and_then(|path| path.rsplit('/').next())
        .unwrap_or(&program.name);
    // Whoever may not read the path has the name only, which the kernel cuts after 15 bytes.
    let is_listed = SETUID_PROGRAMS.iter().any(|known| {
        *known == name || (path.is_none() && name.len() == 15 && known.starts_with(name))
    });
    let is_usual = is_listed && is_system != Some(false);
    let is_hidden = matches!(
        program.place,
        ProgramPlace::TemporaryFolder | ProgramPlace::Memory
    );
    let severity = match (is_usual, is_hidden, is_system) {
        (true, _, _) => Severity::Low,
        (false, true, _) => Severity::Critical,
        (false, false, Some(false)) => Severity::High,
        (false, false, _) => Severity::Medium,
    };
    let whose = match effective {
        0 => "root".to_string(),
        uid => format!("user id {uid}"),
    };
    let what = path.unwrap_or(&program.name);
    let unread = match path {
        Some(_) => "",
        None => "; its executable may not be read",
    };
    drafts.list.push(Draft {
        kind: SecurityKind::Setuid,
        name: what.to_string(),
        severity,
        subject: what.to_string(),
        text: format!(
            "{what} (pid {}), started by user id {real}, has the rights of {whose}{unread}.",
            program.pid
        ),
        evidence: vec![format!(
            "/proc/{}/status: real user id {real}, effective {effective}",
            program.pid
        )],
        advice: format!(
            "If it needs no such rights, `chmod u-s` takes them; if it does, allow \
             `setuid:{what}`."
        ),
        is_base_line: was_before && severity <= Severity::Medium,
        is_usual,
    });
}
