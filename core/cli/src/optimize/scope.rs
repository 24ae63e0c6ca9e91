//! `--scope`: what may be touched, as the user names it.

use usm_core::act::{ProcessId, Scope};
use usm_core::sample::Roots;

use crate::failure::{Failure, Outcome};
use crate::users::Users;

/// A scope as it was asked for; the processes are looked up when the command begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScopeAsked {
    Machine,
    /// A user by name or number; without, whoever runs this.
    User(Option<String>),
    Subtree(i32),
    Cgroup(String),
    List(Vec<i32>),
}

const ALLOWED: &str = "machine, user, user:UID, user:NAME, subtree:PID, cgroup:PATH or \
                       list:PID,PID";

impl ScopeAsked {
    /// # Errors
    /// What would have been allowed.
    pub(crate) fn parse(text: &str) -> Result<ScopeAsked, String> {
        let pid = |text: &str| match text.trim().parse() {
            Ok(pid) if pid > 0 => Ok(pid),
            _ => Err(format!("{text:?} is no process id")),
        };
        match text.split_once(':') {
            None if text == "machine" => Ok(ScopeAsked::Machine),
            None if text == "user" => Ok(ScopeAsked::User(None)),
            Some(("user", name)) if !name.is_empty() => Ok(ScopeAsked::User(Some(name.into()))),
            Some(("subtree", root)) => pid(root).map(ScopeAsked::Subtree),
            Some(("cgroup", path)) if path.starts_with('/') => Ok(ScopeAsked::Cgroup(path.into())),
            Some(("cgroup", _)) => {
                Err("the path of a control group begins with /, as in /proc/PID/cgroup".into())
            }
            Some(("list", list)) => {
                let list: Result<Vec<i32>, String> = list.split(',').map(pid).collect();
                list.map(ScopeAsked::List)
            }
            _ => Err(ALLOWED.into()),
        }
    }

    /// As [`ScopeAsked::parse`] reads it.
    pub(crate) fn to_text(&self) -> String {
        match self {
            ScopeAsked::Machine => "machine".into(),
            ScopeAsked::User(None) => "user".into(),
            ScopeAsked::User(Some(user)) => format!("user:{user}"),
            ScopeAsked::Subtree(pid) => format!("subtree:{pid}"),
            ScopeAsked::Cgroup(path) => format!("cgroup:{path}"),
            ScopeAsked::List(pids) => {
                let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
                format!("list:{}", pids.join(","))
            }
        }
    }

    /// The scope, with the processes as they are now.
    pub(crate) fn resolve(&self, roots: &Roots) -> Outcome<Scope> {
        Ok(match self {
            ScopeAsked::Machine => Scope::Machine,
            ScopeAsked::User(None) => Scope::User(rustix::process::geteuid().as_raw()),
            ScopeAsked::User(Some(user)) => Scope::User(user_id(user, roots)?),
            ScopeAsked::Subtree(pid) => Scope::Subtree(identity(*pid, roots)?),
            ScopeAsked::Cgroup(path) => Scope::Cgroup(path.clone()),
            ScopeAsked::List(pids) => {
                let list: Outcome<Vec<ProcessId>> =
                    pids.iter().map(|pid| identity(*pid, roots)).collect();
                Scope::List(list?)
            }
        })
    }
}

fn user_id(user: &str, roots: &Roots) -> Outcome<u32> {
    let known = user.parse().ok().or_else(|| Users::read(roots).id(user));
    known.ok_or_else(|| {
        Failure::usage(
            &format!("--scope: no user {user} in /etc/passwd"),
            Some("give the number: user:UID"),
        )
    })
}

/// The process that has this pid now.
fn identity(pid: i32, roots: &Roots) -> Outcome<ProcessId> {
    let path = roots.proc_root.join(pid.to_string()).join("stat");
    let found = std::fs::read(&path);
    match found.ok().as_deref().and_then(start_of) {
        Some(start_time_ticks) => Ok(ProcessId {
            pid,
            start_time_ticks,
        }),
        None => Err(Failure::usage(
            &format!("--scope: there is no process {pid}"),
            None,
        )),
    }
}

/// Field 22; the second, the name, may hold anything, parentheses and spaces too.
fn start_of(stat: &[u8]) -> Option<u64> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(stat.get(end + 1..)?).ok()?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_understood() {
        for (text, wanted) in [
            ("machine", ScopeAsked::Machine),
            ("user", ScopeAsked::User(None)),
            ("user:1000", ScopeAsked::User(Some("1000".into()))),
            ("subtree:12", ScopeAsked::Subtree(12)),
            ("cgroup:/a:b", ScopeAsked::Cgroup("/a:b".into())),
            ("list:1,2", ScopeAsked::List(vec![1, 2])),
        ] {
            assert_eq!(wanted.to_text(), text);
            assert_eq!(ScopeAsked::parse(text), Ok(wanted), "{text}");
        }
        for bad in [
            "",
            "all",
            "user:",
            "subtree:",
            "subtree:-1",
            "subtree:0",
            "list:",
            "list:1,,2",
            "cgroup:a",
            "machine:1",
        ] {
            assert!(ScopeAsked::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_that_looks_like_fields_does_not_change_the_start_time() {
        let stat = b"7 (a) R 1 1) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 9 9";
        assert_eq!(start_of(stat), Some(4242));
        assert_eq!(start_of(b"7 (a) S 1"), None);
    }

    #[test]
    fn the_processes_are_those_of_now() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let roots = Roots::default();
        let scope = ScopeAsked::List(vec![pid]).resolve(&roots).unwrap();
        let Scope::List(list) = scope else {
            panic!("{scope:?}");
        };
        assert!(list[0].pid == pid && list[0].start_time_ticks > 0);
        let gone = ScopeAsked::Subtree(i32::MAX).resolve(&roots);
        assert_eq!(gone.unwrap_err().code(), 2);
        let own = ScopeAsked::User(None).resolve(&roots).unwrap();
        assert_eq!(own, Scope::User(rustix::process::geteuid().as_raw()));
    }
}
