//! What is never touched, whatever the scope: what the host or this program stands on.

use std::path::Path;

use super::protected_names::{PROGRAMS, UNITS, is_match};
use super::scope::group_paths;
use super::stat::{self, Stat};
use super::{ProcessId, leases};
use crate::sample::Roots;

/// The kernel cuts the names that it shows here.
const LONGEST_NAME: usize = 15;

/// No chain of parents is longer; a fixture might go in circles.
const LONGEST_CHAIN: usize = 10_000;

/// Programs whose first argument is the program that matters.
const INTERPRETERS: &[&str] = &[
    "python*", "perl*", "ruby*", "node", "nodejs", "sh", "bash", "dash", "zsh", "busybox",
];

/// Why a process is protected, in words; `None` when it is not. `extra` names programs,
/// units and executables (absolute paths) besides the built-in ones. Only files below the
/// roots are read.
pub(crate) fn protection(roots: &Roots, process: ProcessId, extra: &[String]) -> Option<String> {
    let stat = match process.stat(roots) {
        Ok(stat) => stat,
        Err(error) => return Some(format!("protected: what it is can't be read ({error})")),
    };
    let reason = by_position(roots, process.pid, &stat)
        .or_else(|| by_unit(roots, process.pid, extra))
        .or_else(|| by_program(roots, process.pid, &stat, extra))?;
    Some(format!("protected: {reason}"))
}

/// This program's pid as the roots show it.
pub(super) fn own_pid(roots: &Roots) -> Option<i32> {
    let link = std::fs::read_link(roots.proc("self")).ok()?;
    link.to_str()?.parse().ok()
}

fn by_position(roots: &Roots, pid: i32, stat: &Stat) -> Option<String> {
    if pid == 1 {
        return Some("the first process (pid 1)".into());
    }
    // Pid 2 is the kernel's in the first pid namespace only.
    let is_of_kernel = |pid| stat::of_process(roots, pid).is_ok_and(|s| s.is_kernel_thread);
    if stat.is_kernel_thread || (stat.parent_pid == 2 && is_of_kernel(2)) {
        return Some("a thread of the kernel".into());
    }
    if stat.is_real_time() {
        return Some(format!("it runs with real-time policy {}", stat.policy));
    }
    if leases::is_keeper_name(&stat.name) && stat.session == pid {
        return Some("it keeps a lease of the optimizer".into());
    }
    let own = own_pid(roots)?;
    if pid == own {
        return Some("this program itself".into());
    }
    let own_stat = stat::of_process(roots, own).ok()?;
    if pid == own_stat.session {
        return Some("the leader of this program's session".into());
    }
    let mut ancestor = own_stat.parent_pid;
    for _ in 0..LONGEST_CHAIN {
        if ancestor == pid {
            return Some("an ancestor of this program".into());
        }
        match stat::of_process(roots, ancestor) {
            Ok(next) if ancestor > 1 => ancestor = next.parent_pid,
            _ => break,
        }
    }
    None
}

fn by_unit(roots: &Roots, pid: i32, extra: &[String]) -> Option<String> {
    let text = std::fs::read(roots.proc(&format!("{pid}/cgroup"))).ok()?;
    let text = String::from_utf8_lossy(&text);
    for path in group_paths(&text) {
        let mut units = path.rsplit('/').filter(|part| {
            [".service", ".scope", ".socket"]
                .iter()
                .any(|e| part.ends_with(e))
        });
        // Below a user's manager lies all that he runs: only the last unit says what it is.
        if let Some(unit) = units.next()
            && UNITS.iter().any(|pattern| is_match(pattern, unit))
        {
            return Some(format!("{unit} (unit)"));
        }
        let named = path
            .split('/')
            .filter(|part| part.contains('.'))
            .find(|part| extra.iter().any(|pattern| is_match(pattern, part)));
        if let Some(unit) = named {
            return Some(format!("{unit} (unit, by the settings)"));
        }
    }
    None
}

fn by_program(roots: &Roots, pid: i32, stat: &Stat, extra: &[String]) -> Option<String> {
    let is_named = |name: &str| extra.iter().any(|pattern| is_match(pattern, name));
    let is_built_in = |name: &str| PROGRAMS.iter().any(|pattern| is_match(pattern, name));
    // A name is cheaply taken, so it protects by itself only where the settings say so, or
    // where there is nothing better to go by.
    if is_named(&stat.name) {
        return Some(format!("{} (name, by the settings)", stat.name));
    }
    let Ok(link) = std::fs::read_link(roots.proc(&format!("{pid}/exe"))) else {
        let cut = |pattern: &&&str| {
            is_match(pattern, &stat.name)
                || (stat.name.len() == LONGEST_NAME && pattern.starts_with(&stat.name))
        };
        PROGRAMS.iter().find(cut)?;
        return Some(format!(
            "{} (name; its executable can't be read)",
            stat.name
        ));
    };
    let link = link.to_string_lossy().into_owned();
    let path = link.strip_suffix(" (deleted)").unwrap_or(&link);
    let program = base_name(path);
    if is_named(program) || is_named(path) {
        return Some(format!("{path} (executable, by the settings)"));
    }
    if is_built_in(program) {
        return Some(format!("{program} (executable)"));
    }
    if !INTERPRETERS
        .iter()
        .any(|pattern| is_match(pattern, program))
    {
        return None;
    }
    let path = script(roots, pid)?;
    let script = base_name(&path);
    if is_named(script) || is_named(&path) {
        return Some(format!("{path} (script, by the settings)"));
    }
    is_built_in(script).then(|| format!("{script} (script)"))
}

/// What an interpreter runs: its first argument that is no option.
fn script(roots: &Roots, pid: i32) -> Option<String> {
    let text = std::fs::read(roots.proc(&format!("{pid}/cmdline"))).ok()?;
    let mut arguments = text.split(|b| *b == 0).skip(1);
    let first = arguments.find(|a| !a.is_empty() && !a.starts_with(b"-"))?;
    Some(String::from_utf8_lossy(first).into_owned())
}

fn base_name(path: &str) -> &str {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::fixture::Tree;

    fn why(tree: &Tree, pid: i32) -> Option<String> {
        protection(&tree.roots, Tree::id(pid), &[])
    }

    /// 1 → 50 (the shell, session leader) → 51 → 52 (this program) → 53
    fn family() -> Tree {
        let tree = Tree::new();
        tree.process(1, 0, "x")
            .in_session(50, 1, 50)
            .in_session(51, 50, 50);
        tree.in_session(52, 51, 50).in_session(53, 52, 50).own(52);
        tree
    }

    #[test]
    fn what_this_program_stands_on() {
        let tree = family();
        assert_eq!(
            why(&tree, 1).unwrap(),
            "protected: the first process (pid 1)"
        );
        assert_eq!(why(&tree, 52).unwrap(), "protected: this program itself");
        assert_eq!(
            why(&tree, 51).unwrap(),
            "protected: an ancestor of this program"
        );
        assert_eq!(
            why(&tree, 50).unwrap(),
            "protected: the leader of this program's session"
        );
        assert_eq!(why(&tree, 53), None);
        assert!(why(&tree, 99).unwrap().contains("can't be read"));
    }

    #[test]
    fn threads_of_the_kernel_by_flag_and_never_by_name() {
        let tree = Tree::new();
        tree.kernel_thread(2, 0, "kthreadd")
            .kernel_thread(30, 2, "kworker/0:1");
        tree.process(31, 1, "kworker/0:1")
            .executable(31, "/home/u/x");
        tree.process(32, 1, "PID: 1").executable(32, "/home/u/x");
        tree.process(33, 1, "systemd").executable(33, "/home/u/x");
        assert_eq!(why(&tree, 30).unwrap(), "protected: a thread of the kernel");
        assert!(why(&tree, 2).is_some());
        for pid in [31, 32, 33] {
            assert_eq!(why(&tree, pid), None, "{pid}");
        }
        // In a container pid 2 is a process like any other.
        let tree = Tree::new();
        tree.process(2, 1, "work").executable(2, "/w");
        tree.process(3, 2, "work").executable(3, "/w");
        assert_eq!((why(&tree, 2), why(&tree, 3)), (None, None));
    }

    #[test]
    fn what_keeps_a_lease() {
        let tree = Tree::new();
        tree.process(20, 1, "usm-lease").executable(20, "/w");
        assert!(why(&tree, 20).unwrap().contains("keeps a lease"));
    }

    #[test]
    fn real_time_policies() {
        let tree = Tree::new();
        for (policy, expected) in [
            (0, false),
            (1, true),
            (2, true),
            (3, false),
            (5, false),
            (6, true),
        ] {
            let pid = 40 + policy as i32;
            tree.with_policy(pid, policy).executable(pid, "/w");
            assert_eq!(why(&tree, pid).is_some(), expected, "{policy}");
        }
    }

    #[test]
    fn by_executable_even_when_it_was_replaced_or_renamed_itself() {
        let tree = Tree::new();
        tree.process(60, 1, "innocent")
            .executable(60, "/usr/sbin/sshd (deleted)");
        tree.process(61, 1, "x")
            .executable(61, "/usr/bin/containerd-shim-runc-v2");
        tree.process(62, 1, "postgres");
        tree.process(63, 1, "containerd-shim"); // cut to 15 bytes, exe unreadable
        tree.process(64, 1, "x")
            .executable(64, "/usr/bin/python3.11");
        tree.command(64, &["python3", "-u", "/usr/bin/supervisord", "-n"]);
        tree.process(65, 1, "x")
            .executable(65, "/usr/bin/sleep")
            .command(65, &["sleep", "sshd"]);
        assert_eq!(why(&tree, 60).unwrap(), "protected: sshd (executable)");
        assert!(why(&tree, 61).unwrap().contains("containerd-shim-runc-v2"));
        assert!(why(&tree, 62).unwrap().contains("name; its executable"));
        assert!(why(&tree, 63).is_some());
        assert_eq!(why(&tree, 64).unwrap(), "protected: supervisord (script)");
        assert_eq!(why(&tree, 65), None);
    }

    #[test]
    fn by_the_last_unit_of_the_control_group() {
        let tree = Tree::new();
        let unit = |pid: i32, path: &str| {
            tree.process(pid, 1, "w").executable(pid, "/w");
            tree.groups(pid, &format!("4:memory:/\n0::{path}\n"));
            why(&tree, pid)
        };
        assert_eq!(
            unit(70, "/system.slice/dbus.service").unwrap(),
            "protected: dbus.service (unit)"
        );
        assert!(unit(71, "/system.slice/systemd-journald.service").is_some());
        assert!(unit(72, "/system.slice/docker.service/sub").is_some());
        let user = "/user.slice/user-1000.slice/user@1000.service";
        assert_eq!(unit(73, &format!("{user}/app.slice/app-x.service")), None);
        assert!(unit(74, &format!("{user}/init.scope")).is_some());
        assert_eq!(unit(75, "/system.slice/docker-0123.scope"), None);
        assert_eq!(
            unit(76, "/user.slice/user-1000.slice/session-3.scope"),
            None
        );
        assert_eq!(unit(77, "/home/ssh.service.d"), None);
    }

    #[test]
    fn what_the_settings_name() {
        let tree = Tree::new();
        tree.process(80, 1, "w")
            .executable(80, "/opt/app/bin/server-7");
        tree.groups(80, "0::/app.slice/shop.service/worker\n");
        let why = |extra: &str| protection(&tree.roots, Tree::id(80), &[extra.to_string()]);
        for named in [
            "server-7",
            "server*",
            "/opt/app/bin/server-7",
            "/opt/app/*",
            "shop.service",
            "app.slice",
            "w",
        ] {
            assert!(
                why(named).is_some_and(|r| r.contains("by the settings")),
                "{named}"
            );
        }
        for other in [
            "Server-7",
            "server",
            "/opt/app/bin/server",
            "shop",
            "bin",
            "worker",
            "",
        ] {
            assert_eq!(why(other), None, "{other}");
        }
    }
}
