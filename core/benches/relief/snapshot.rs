//! All that the optimizer could change of processes, to be compared.

use std::collections::BTreeMap;

/// Pid and start time.
pub type Identity = (i32, String);

/// What is looked at of each process: all of its threads' nice values, policies, I/O
/// priorities and processors, its autogroup, its control groups and whether it is stopped.
pub type Values = BTreeMap<Identity, BTreeMap<String, String>>;

/// Every process but those that are given with their descendants (`inside` false), or only
/// those (`inside` true).
pub fn take(root: i32, inside: bool) -> Values {
    let mut parents = BTreeMap::new();
    let mut identities = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|n| n.parse::<i32>().ok())
        else {
            continue;
        };
        if let Some((parent, start)) = parent_and_start(pid) {
            parents.insert(pid, parent);
            identities.insert(pid, start);
        }
    }
    let belongs = |mut pid: i32| loop {
        if pid == root {
            return true;
        }
        match parents.get(&pid) {
            Some(parent) if *parent > 0 => pid = *parent,
            _ => return false,
        }
    };
    identities
        .into_iter()
        .filter(|(pid, _)| belongs(*pid) == inside)
        .filter_map(|(pid, start)| Some(((pid, start), values(pid)?)))
        .collect()
}

fn parent_and_start(pid: i32) -> Option<(i32, String)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    Some((fields.get(1)?.parse().ok()?, (*fields.get(19)?).to_string()))
}

fn values(pid: i32) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut tids: Vec<i32> = std::fs::read_dir(format!("/proc/{pid}/task"))
        .ok()?
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.parse().ok())
        .collect();
    tids.sort_unstable();
    for tid in tids {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/task/{tid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let status = std::fs::read_to_string(format!("/proc/{pid}/task/{tid}/status")).ok()?;
        let allowed = status
            .lines()
            .find(|line| line.starts_with("Cpus_allowed_list"))?;
        let is_stopped = fields.first() == Some(&"T");
        let text = format!(
            "nice {} policy {} {allowed} stopped {is_stopped}",
            fields.get(16)?,
            fields.get(38)?,
        );
        found.insert(format!("thread {tid} of {}", fields.get(19)?), text);
    }
    for file in ["autogroup", "cgroup"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        found.insert(file.to_string(), text);
    }
    Some(found)
}

/// What is in both and has other values: whose, before and after. Threads and processes that
/// came or went are nobody's doing.
pub fn changed(before: &Values, after: &Values) -> Vec<String> {
    let mut out = Vec::new();
    for (identity, now) in after {
        let Some(then) = before.get(identity) else {
            continue;
        };
        for (what, value) in now {
            if let Some(earlier) = then.get(what).filter(|earlier| *earlier != value) {
                out.push(format!("{}, {what}: {earlier:?} -> {value:?}", identity.0));
            }
        }
    }
    out
}
