//! What an analysis looks at, and the facts of single processes.

use std::collections::{BTreeSet, HashMap};

use crate::act::{Door, ProcessId};
use crate::arrange::arrange_by;
use crate::optimizer::pain::{Pain, ProcessPain, with_descendants};
use crate::optimizer::profile::Profile;
use crate::optimizer::target::{Culprit, Metric, Victim};
use crate::sample::parse::{lines, number, words};
use crate::sample::{ProcessSample, Sample};
use crate::state::State;

/// Culprits listed for one target.
pub(super) const MOST_CULPRITS: usize = 64;

/// Victims listed for one target.
const MOST_VICTIMS: usize = 16;

/// Characters of a name in a description.
const LONGEST_NAME: usize = 64;

/// All that one analysis looks at.
pub(super) struct View<'a> {
    pub(super) state: &'a State,
    pub(super) sample: &'a Sample,
    pub(super) pain: &'a Pain,
    pub(super) profile: &'a Profile,
    pub(super) door: &'a Door,
    pub(super) now: f64,
    /// Processors that may be used.
    pub(super) cores: f64,
    /// A fork storm is on, whose processes are neither culprits nor victims here.
    pub(super) has_storm: bool,
    rows: HashMap<ProcessId, &'a ProcessSample>,
    /// Held back already, by a change that is in force: neither culprits nor victims.
    held_back: BTreeSet<ProcessId>,
}

/// A process that may be a culprit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Suspect {
    pub(super) id: ProcessId,
    pub(super) name: String,
    pub(super) uid: Option<u32>,
    pub(super) session_id: Option<i32>,
    pub(super) cgroup: Option<String>,
    /// Processes of the same program with the same arguments are one group.
    pub(super) command: String,
    /// How much of the resource it uses.
    pub(super) usage: f64,
}

impl<'a> View<'a> {
    pub(super) fn new(
        state: &'a State,
        sample: &'a Sample,
        pain: &'a Pain,
        profile: &'a Profile,
        door: &'a Door,
        now: f64,
    ) -> View<'a> {
        let rows = sample.processes.list.iter().map(|row| (id_of(row), row));
        let cores = sample.limits.effective_cpus.or_else(|| {
            let cpus = sample.host.logical_cpus?;
            (cpus > 0).then_some(f64::from(cpus))
        });
        View {
            state,
            sample,
            pain,
            profile,
            door,
            now,
            cores: cores.filter(|cores| *cores > 0.0).unwrap_or(1.0),
            has_storm: false,
            rows: rows.collect(),
            held_back: pain
                .processes
                .iter()
                .filter(|p| p.is_culprit)
                .map(ProcessPain::id)
                .collect(),
        }
    }

    pub(super) fn row(&self, id: ProcessId) -> Option<&'a ProcessSample> {
        self.rows.get(&id).copied()
    }

    /// The facts of a process: out of the sample, else out of its own files.
    pub(super) fn suspect(&self, id: ProcessId, usage: f64) -> Suspect {
        if let Some(row) = self.row(id) {
            let details = &row.details;
            let command = details.command_line.as_deref().unwrap_or_default();
            return Suspect {
                id,
                name: plain(&details.name),
                uid: details.uid,
                session_id: row.session_id,
                cgroup: details.cgroup.as_deref().map(str::to_string),
                command: format!("{} {command}", details.name),
                usage,
            };
        }
        let status = self.status(id).unwrap_or_default();
        let field = |key: &[u8]| lines(&status).find_map(|line| line.strip_prefix(key));
        let name = field(b"Name:").map(|name| String::from_utf8_lossy(name).trim().to_string());
        let uid = field(b"Uid:").and_then(|ids| words(ids).nth(1).and_then(number));
        let name = plain(&name.unwrap_or_else(|| "?".into()));
        Suspect {
            id,
            command: name.clone(),
            name,
            uid: uid.and_then(|uid| u32::try_from(uid).ok()),
            session_id: None,
            cgroup: None,
            usage,
        }
    }

    /// How often it goes to sleep by itself and how often it is put off a processor: since
    /// its start.
    pub(super) fn switches(&self, id: ProcessId) -> Option<(u64, u64)> {
        let status = self.status(id)?;
        let field = |key: &[u8]| {
            let line = lines(&status).find_map(|line| line.strip_prefix(key))?;
            words(line).next().and_then(number)
        };
        Some((
            field(b"voluntary_ctxt_switches:")?,
            field(b"nonvoluntary_ctxt_switches:")?,
        ))
    }

    fn status(&self, id: ProcessId) -> Option<Vec<u8>> {
        let file = self.door.roots.proc(&format!("{}/status", id.pid));
        std::fs::read(file).ok()
    }

    /// It is never a culprit: the profile acts in its favour, or something is done about it
    /// already.
    pub(super) fn is_spared(&self, suspect: &Suspect) -> bool {
        if self.held_back.contains(&suspect.id) {
            return true;
        }
        let unit = suspect.cgroup.as_deref().and_then(|c| c.rsplit('/').next());
        let mut favoured = self.profile.foreground.iter();
        favoured.any(|name| *name == suspect.name || Some(name.as_str()) == unit)
    }

    /// The suspects as culprits, each with its share of `whole`.
    pub(super) fn culprits(&self, suspects: &[Suspect], unit: &str, whole: f64) -> Vec<Culprit> {
        let listed = suspects.iter().take(MOST_CULPRITS);
        listed.map(|one| self.culprit(one, unit, whole)).collect()
    }

    /// Who waits most, as far as single processes' waits are known.
    pub(super) fn victims(&self, metric: Metric, culprits: &[Culprit]) -> Vec<Victim> {
        let is_io = matches!(metric, Metric::IoWait | Metric::IoPressure);
        if !is_io && !matches!(metric, Metric::CpuWait | Metric::ProcessCpu) {
            return Vec::new();
        }
        let named: BTreeSet<ProcessId> = culprits.iter().map(|c| c.process).collect();
        let living = self.pain.processes.iter();
        let all = with_descendants(&named, living.clone().map(|p| (p.id(), p.parent_pid)));
        let waits = |p: &ProcessPain| match is_io {
            true => p.waiting_looks,
            false => p.wait_seconds,
        };
        let least = if is_io {
            1.0
        } else {
            0.005 * self.pain.window_seconds
        };
        let mut waiting: Vec<&ProcessPain> = living
            .filter(|p| !p.is_culprit && !all.contains(&p.id()) && waits(p) >= least)
            .collect();
        arrange_by(&mut waiting, |a, b| waits(b).total_cmp(&waits(a)));
        let listed = waiting.into_iter().take(MOST_VICTIMS).map(|process| {
            let suspect = self.suspect(process.id(), 0.0);
            Victim {
                process: suspect.id,
                name: suspect.name,
                session_id: suspect.session_id,
                wait_percent: match is_io {
                    true => 100.0 * process.waiting_looks / f64::from(process.looks.max(1)),
                    false => process.wait_percent(),
                },
            }
        });
        listed.collect()
    }

    fn culprit(&self, suspect: &Suspect, unit: &str, whole: f64) -> Culprit {
        let refusal = self.door.may_touch(suspect.id).err();
        let share = if whole > 0.0 {
            (suspect.usage / whole).clamp(0.0, 1.0)
        } else {
            0.0
        };
        Culprit {
            process: suspect.id,
            name: suspect.name.clone(),
            uid: suspect.uid,
            session_id: suspect.session_id,
            cgroup: suspect.cgroup.clone(),
            usage: suspect.usage,
            unit: unit.to_string(),
            share,
            may_be_touched: refusal.is_none(),
            untouchable_reason: refusal,
        }
    }
}

/// Identity of a row of the table.
pub(super) fn id_of(row: &ProcessSample) -> ProcessId {
    ProcessId {
        pid: row.pid,
        start_time_ticks: row.start_time_ticks,
    }
}

/// Their identities.
pub(super) fn ids(suspects: &[Suspect]) -> BTreeSet<ProcessId> {
    suspects.iter().map(|suspect| suspect.id).collect()
}

/// A name that is safe to show: control characters escaped, not too long.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::new();
    for c in name.chars().take(LONGEST_NAME) {
        if c.is_control() {
            plain.push_str(&format!("\\x{:02x}", u32::from(c)));
        } else {
            plain.push(c);
        }
    }
    plain
}

/// The first of the culprits in words, ending in `(PID: <n>)`.
pub(super) fn most_by(suspects: &[Suspect]) -> String {
    match suspects {
        [] => String::new(),
        [one] => format!("; by {} (PID: {})", one.name, one.id.pid),
        [first, rest @ ..] => format!(
            "; by {} processes, most by {} (PID: {})",
            rest.len() + 1,
            first.name,
            first.id.pid
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_plain_name_has_no_control_characters(name: String) {
            prop_assert!(!plain(&name).chars().any(char::is_control));
        }
    }
}
