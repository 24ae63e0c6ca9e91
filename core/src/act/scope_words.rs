//! A scope in words, as it is given on a command line.

use std::fmt;

use super::{ProcessId, Scope};
use crate::error::{Error, Result};
use crate::sample::Roots;

const ALLOWED: &str = "machine, user:UID, subtree:PID, cgroup:/PATH or list:PID,PID,...";

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::User(uid) => write!(f, "user:{uid}"),
            Scope::Subtree(root) => write!(f, "subtree:{}", root.pid),
            Scope::Cgroup(path) => write!(f, "cgroup:{path}"),
            Scope::List(list) => {
                let pids: Vec<String> = list.iter().map(|p| p.pid.to_string()).collect();
                write!(f, "list:{}", pids.join(","))
            }
            Scope::Machine => f.write_str("machine"),
        }
    }
}

impl Scope {
    /// Reads `machine`, `user:1000`, `subtree:123`, `cgroup:/a/b` or `list:1,2`. The pids are
    /// those of now: their start times are read below the proc root.
    ///
    /// # Errors
    /// `InvalidArgument` for a text that is none of these; `NotFound` for a process that is
    /// not there.
    pub fn parse(text: &str, roots: &Roots) -> Result<Scope> {
        let refused = || Error::invalid("scope", text, ALLOWED);
        if text == "machine" {
            return Ok(Scope::Machine);
        }
        let (kind, rest) = text.split_once(':').ok_or_else(refused)?;
        let process = |word: &str| {
            let pid = number(word).and_then(|n| i32::try_from(n).ok());
            let pid = pid.filter(|pid| *pid > 0).ok_or_else(refused)?;
            ProcessId::now(roots, pid)
        };
        match kind {
            "user" => number(rest).map(Scope::User).ok_or_else(refused),
            "subtree" => process(rest).map(Scope::Subtree),
            "cgroup" if rest.starts_with('/') => Ok(Scope::Cgroup(rest.into())),
            "list" => Ok(Scope::List(
                rest.split(',').map(process).collect::<Result<_>>()?,
            )),
            _ => Err(refused()),
        }
    }
}

/// Digits only: no sign, no blanks.
fn number(word: &str) -> Option<u32> {
    let is_plain = word.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| word.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn own() -> i32 {
        i32::try_from(std::process::id()).unwrap()
    }

    #[test]
    fn each_kind_is_read() {
        let roots = Roots::default();
        let own = ProcessId::now(&roots, own()).unwrap();
        let pid = own.pid;
        for (text, wanted) in [
            ("machine".to_string(), Scope::Machine),
            ("user:1000".into(), Scope::User(1000)),
            ("user:0".into(), Scope::User(0)),
            ("cgroup:/".into(), Scope::Cgroup("/".into())),
            ("cgroup:/a:b,c".into(), Scope::Cgroup("/a:b,c".into())),
            (format!("subtree:{pid}"), Scope::Subtree(own)),
            (format!("list:{pid}"), Scope::List(vec![own])),
            (format!("list:{pid},{pid}"), Scope::List(vec![own, own])),
        ] {
            assert_eq!(Scope::parse(&text, &roots).unwrap(), wanted, "{text}");
            assert_eq!(wanted.to_string(), text);
        }
    }

    #[test]
    fn start_times_are_read_below_the_root_that_is_given() {
        let nothing = tempfile::tempdir().unwrap();
        let roots = Roots::tree(nothing.path());
        for kind in ["subtree", "list"] {
            let error = Scope::parse(&format!("{kind}:{}", own()), &roots).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        }
    }

    #[test]
    fn what_is_none_is_refused_with_what_would_be_one() {
        for text in [
            "",
            "Machine",
            "machine:",
            "user",
            "user:",
            "user:-1",
            "user:+1",
            "user: 1",
            "user:4294967296",
            "user:root",
            "subtree:",
            "subtree:0",
            "subtree:-1",
            "subtree:2147483648",
            "cgroup:",
            "cgroup:a",
            "list:",
            "list:1,",
            "list:,1",
            "list:0",
            "everything:1",
            ":",
        ] {
            let error = Scope::parse(text, &Roots::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}: {error}");
            assert!(error.to_string().contains("subtree:PID"), "{error}");
        }
    }
}
