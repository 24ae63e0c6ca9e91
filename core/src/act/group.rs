//! A control group with limits, made beside or below the group of the processes that are
//! moved into it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::group_carry::{carried, merged};
use super::group_host;
use super::group_limits::{self, Surroundings, Text, kind_of, shows};
use super::group_members::{Company, companies, folders};
use super::group_move::{Room, write_existing};
use super::group_place::{base, check_base, new_name};
use super::hierarchy::{Hierarchies, Kind, Seat};
use super::{Applied, Door, Limit, ProcessId, Undo};
use crate::arrange::arrange_by_key;
use crate::error::{Error, Result};

/// A control group made, its limits, and the processes moved into it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupChange {
    /// What it limits.
    pub limits: Vec<Limit>,
    /// The group made in each hierarchy that a limit needs, as an absolute folder.
    pub folders: Vec<PathBuf>,
    /// The processes, and the folder of their group before, for each of `folders`. All of
    /// them were in the same groups.
    pub members: Vec<(ProcessId, Vec<PathBuf>)>,
    /// What is written into the files of `folders`, in this order.
    pub settings: Vec<GroupSetting>,
    /// What the limits do not do here, in words.
    pub reservations: Vec<String>,
}

/// A value for one file of a new group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSetting {
    /// The file.
    pub file: PathBuf,
    /// What is written.
    pub text: String,
    /// What takes the limit away again, before the group is removed.
    pub lifted: String,
}

impl GroupChange {
    /// One change for each set of groups that the processes and their descendants are in now.
    pub(crate) fn prepare(
        processes: &[ProcessId],
        limits: &[Limit],
        door: &Door,
    ) -> Result<Vec<GroupChange>> {
        group_limits::check(limits)?;
        let mut kinds: Vec<Kind> = limits.iter().map(kind_of).collect();
        arrange_by_key(&mut kinds, |kind| *kind);
        kinds.dedup();
        let hierarchies = Hierarchies::read(&door.roots)?;
        let seats_of = |text: &[u8]| -> Result<Vec<Seat>> {
            kinds.iter().map(|k| hierarchies.seat(*k, text)).collect()
        };
        let disks = group_host::disks(&door.roots);
        let disks: Vec<String> = disks.into_iter().map(|(_, device)| device).collect();
        let mut changes = Vec::new();
        for company in companies(processes, door, seats_of)? {
            let was_asked = company.was_asked;
            match GroupChange::plan(&kinds, &company, limits, &disks) {
                Ok(change) => changes.push(change),
                Err(error) if was_asked => return Err(error),
                // Descendants in groups where nothing can be made stay there.
                Err(_) => {}
            }
        }
        Ok(changes)
    }

    /// Decides; nothing is changed. `company.seats` are in the order of `kinds`.
    fn plan(
        kinds: &[Kind],
        company: &Company,
        limits: &[Limit],
        disks: &[String],
    ) -> Result<GroupChange> {
        // Controllers of one hierarchy share a group.
        let mut shared: Vec<(Seat, Vec<Kind>)> = Vec::new();
        for (kind, seat) in kinds.iter().zip(&company.seats) {
            match shared.iter_mut().find(|(known, _)| known == seat) {
                Some((_, kinds)) => kinds.push(*kind),
                None => shared.push((seat.clone(), vec![*kind])),
            }
        }
        let name = new_name();
        let seats: Vec<Seat> = shared.iter().map(|(seat, _)| seat.clone()).collect();
        let prior = folders(&seats);
        let mut change = GroupChange {
            limits: limits.to_vec(),
            folders: Vec::new(),
            members: company
                .members
                .iter()
                .map(|id| (*id, prior.clone()))
                .collect(),
            settings: Vec::new(),
            reservations: Vec::new(),
        };
        for (seat, kinds) in &shared {
            let base = base(seat, kinds)?;
            check_base(seat.version, base)?;
            let folder = base.join(&name);
            let here: Vec<&Limit> = limits
                .iter()
                .filter(|l| kinds.contains(&kind_of(l)))
                .collect();
            let setting = |text: Text| GroupSetting {
                file: folder.join(text.file),
                text: text.text,
                lifted: text.lifted,
            };
            change
                .settings
                .extend(texts(seat, base, &here, disks)?.into_iter().map(setting));
            for limit in here {
                let said = group_limits::reservations(limit, seat.version);
                change
                    .reservations
                    .extend(said.iter().map(|words| (*words).to_owned()));
                change.reservations.extend(narrow_weight(limit, seat, base));
            }
            change.folders.push(folder);
        }
        Ok(change)
    }

    pub(crate) fn apply(&self, door: &Door) -> Result<Applied> {
        self.check_settings()?;
        let room = self.room();
        room.make(door)?;
        for setting in &self.settings {
            write_existing(&setting.file, &setting.text)
                .map_err(|e| Error::io(&setting.file, e))?;
        }
        // After all are written: one file's value may depend on another's.
        for setting in &self.settings {
            read_back(setting)?;
        }
        let filled = room.fill(door)?;
        let mut what = format!(
            "{} processes moved into the control group {}: {}",
            filled.moved + filled.joined,
            self.places(),
            self.limits_in_words()
        );
        if filled.ended > 0 {
            what.push_str(&format!("; {} had ended", filled.ended));
        }
        for reservation in &self.reservations {
            what.push_str("; ");
            what.push_str(reservation);
        }
        Ok(Applied {
            what,
            lease_until: None,
        })
    }

    pub(crate) fn undo(&self, door: &Door) -> Result<Undo> {
        self.check_settings()?;
        let room = self.room();
        room.check_undoable()?;
        // Members that wait for memory under a limit would not move: the limits go first,
        // the last one first (while there is a memory limit, its OOM killer stays off).
        for setting in self.settings.iter().rev() {
            // A device may be gone, a group half made: what counts is that it gets empty.
            let _ = write_existing(&setting.file, &setting.lifted);
        }
        room.empty(door)
    }

    pub(crate) fn about(&self) -> String {
        let names = self.members.iter().map(|(id, _)| id.pid.to_string());
        let from = self
            .members
            .first()
            .map_or(String::new(), |(_, prior)| words_of(prior));
        format!(
            "processes {} from the control group {from} into {}: {}",
            names.collect::<Vec<_>>().join(", "),
            self.places(),
            self.limits_in_words()
        )
    }

    pub(crate) fn processes(&self) -> Vec<ProcessId> {
        self.members.iter().map(|(id, _)| *id).collect()
    }

    fn room(&self) -> Room<'_> {
        Room {
            folders: &self.folders,
            members: &self.members,
        }
    }

    fn places(&self) -> String {
        words_of(&self.folders)
    }

    fn limits_in_words(&self) -> String {
        let all: Vec<String> = self.limits.iter().map(group_limits::about).collect();
        all.join(", ")
    }

    /// A journal can't make this write anywhere else than into its own groups.
    fn check_settings(&self) -> Result<()> {
        let is_own = |s: &GroupSetting| {
            let folder = s.file.parent();
            let is_plain = s.file.file_name().is_some_and(|n| !n.is_empty());
            is_plain
                && self.folders.iter().any(|own| folder == Some(own))
                && folder.is_some_and(super::group_place::is_ours)
        };
        match self.settings.iter().find(|s| !is_own(s)) {
            None => Ok(()),
            Some(odd) => Err(Error::Refused(format!(
                "{} is not a file of a group that this library makes",
                odd.file.display()
            ))),
        }
    }
}

fn words_of(folders: &[PathBuf]) -> String {
    let all: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
    all.join(" and ")
}

/// A weight is one among siblings: below the root that says nothing against other branches.
fn narrow_weight(limit: &Limit, seat: &Seat, base: &Path) -> Option<String> {
    let root = &seat.levels.last()?.folder;
    (matches!(limit, Limit::CpuWeight(_)) && base != root).then(|| {
        format!(
            "the weight counts only against what runs in {}: processes of other groups gain by \
             a quota only",
            base.display()
        )
    })
}

/// All that is written for some limits of one hierarchy.
fn texts(seat: &Seat, base: &Path, limits: &[&Limit], disks: &[String]) -> Result<Vec<Text>> {
    let quotas = || {
        seat.levels
            .iter()
            .filter_map(|l| group_host::quota_percent(&l.folder))
    };
    let around = Surroundings {
        disks: disks.to_vec(),
        quota_above_percent: (seat.version == 1)
            .then(|| quotas().reduce(f64::min))
            .flatten(),
        page_bytes: u64::try_from(rustix::param::page_size()).unwrap_or(4096),
    };
    let mut ours = Vec::new();
    for limit in limits {
        ours.extend(group_limits::texts(limit, seat.version, &around)?);
    }
    let is_sibling = base != seat.folder();
    Ok(match is_sibling {
        true => merged(carried(seat.folder()), ours),
        false => ours,
    })
}

fn read_back(setting: &GroupSetting) -> Result<()> {
    let file = &setting.file;
    let found = std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?;
    let name = file
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    match shows(name, &setting.text, &found) {
        true => Ok(()),
        false => Err(Error::InvalidState(format!(
            "{}: {} was written, but {} is there",
            file.display(),
            setting.text,
            found.trim()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Roots;

    /// A machine of which all controllers are in version 2, as most are.
    #[test]
    fn in_version_2_one_sibling_holds_all_limits_and_those_of_the_former_group() {
        let top = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = top.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put(
            "proc/self/mountinfo",
            "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n",
        );
        put(
            "sys/fs/cgroup/s/cgroup.subtree_control",
            "cpu io memory pids\n",
        );
        put("sys/fs/cgroup/s/cgroup.procs", "");
        put("sys/fs/cgroup/s/a/cgroup.subtree_control", "\n");
        put("sys/fs/cgroup/s/a/memory.max", "104857600\n");
        put("sys/fs/cgroup/s/a/pids.max", "50\n");
        let all = Hierarchies::read(&Roots::tree(top.path())).unwrap();
        let kinds = [Kind::Cpu, Kind::Io, Kind::Memory, Kind::Pids];
        let limits = [
            Limit::CpuWeight(5),
            Limit::IoBytesPerSec(1 << 20),
            Limit::MemoryHighBytes(1 << 24),
            Limit::Processes(70),
        ];
        let id = ProcessId {
            pid: 5,
            start_time_ticks: 6,
        };
        let company = Company {
            seats: kinds.map(|k| all.seat(k, b"0::/s/a\n").unwrap()).to_vec(),
            members: vec![id],
            was_asked: true,
        };
        let disks = ["8:0".to_owned()];
        let change = GroupChange::plan(&kinds, &company, &limits, &disks).unwrap();
        let [folder] = &change.folders[..] else {
            panic!("{change:?}");
        };
        assert_eq!(folder.parent(), Some(&*top.path().join("sys/fs/cgroup/s")));
        assert_eq!(
            change.members,
            [(id, vec![top.path().join("sys/fs/cgroup/s/a")])]
        );
        let written: Vec<(&str, &str)> = change
            .settings
            .iter()
            .map(|s| {
                assert_eq!(s.file.parent(), Some(&**folder));
                (s.file.file_name().unwrap().to_str().unwrap(), &*s.text)
            })
            .collect();
        assert_eq!(
            written,
            [
                ("cpu.weight", "5"),
                ("io.max", "8:0 rbps=1048576 wbps=1048576"),
                ("memory.high", "16777216"),
                ("pids.max", "50"),
                ("memory.max", "104857600"),
            ]
        );
        let [weight, memory] = &change.reservations[..] else {
            panic!("{:?}", change.reservations);
        };
        assert!(weight.contains("counts only against"), "{weight}");
        assert!(memory.contains("former group"), "{memory}");
        assert!(!folder.exists(), "a plan makes nothing");
        // Without the right to write there it is said before.
        std::fs::remove_file(top.path().join("sys/fs/cgroup/s/cgroup.procs")).unwrap();
        let error = GroupChange::plan(&kinds, &company, &limits, &disks).unwrap_err();
        assert!(error.to_string().contains("cgroup.procs"), "{error}");
    }
}
