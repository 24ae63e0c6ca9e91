//! A scope in words, as it is given on a command line.

use std::fmt;

use super::Scope;

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
