//! The files that decide the limits of the own control group: few, kept open and read in each
//! tick.

use std::sync::Arc;

use super::bounds::{Bound, Bounds, Form, cfs_quota, value_of};
use super::cgroup::{Controller, Groups, Level};
use super::parse::{number, signed, trim};
use super::source::KeptFile;

/// The files that are read in each tick.
#[derive(Default)]
pub(super) struct Decisive {
    /// Which of the [`Bounds`] decide, to notice when others do.
    pub(super) chosen: Option<[Option<usize>; 3]>,
    pub(super) quota: Option<Decider>,
    pub(super) cpu_stat: Option<KeptFile>,
    pub(super) cpuacct_usage: Option<KeptFile>,
    pub(super) cpuset: Option<(KeptFile, Arc<str>)>,
    pub(super) memory: Option<Decider>,
    pub(super) memory_used: Option<KeptFile>,
    pub(super) memory_stat: Option<KeptFile>,
    pub(super) pids: Option<Decider>,
    pub(super) pids_current: Option<KeptFile>,
    pub(super) oom_kills: Option<KeptFile>,
}

/// The file that sets a limit.
pub(super) struct Decider {
    pub(super) file: KeptFile,
    pub(super) period: Option<KeptFile>,
    pub(super) form: Form,
    pub(super) source: Arc<str>,
}

impl Decisive {
    /// The files of the groups that were found, by which of the bounds decide.
    pub(super) fn choose(groups: &Groups, bounds: &Bounds, chosen: [Option<usize>; 3]) -> Decisive {
        let pick = |list: &[Bound], index: Option<usize>| index.map(|i| list[i].clone());
        let quota = pick(&bounds.quota, chosen[0]);
        let memory = pick(&bounds.memory, chosen[1]);
        let pids = pick(&bounds.pids, chosen[2]);
        let kept = |level: &Level, file: &str, gives| {
            let path = level.folder.join(file);
            path.exists()
                .then(|| KeptFile::new(path, gives).with_short_records())
        };
        let own = |controller| groups.of(controller).first();
        let unified = groups.unified.first();

        // Time used: by the group with the least quota, else by the own one. In version
        // 1 another controller counts it, for the group of the same path.
        let used = "CPU time of the control group";
        let cpu_level = quota.as_ref().map(|quota| &quota.level);
        let is_unified = match &quota {
            Some(quota) => quota.is_unified,
            None => own(Controller::Cpuacct).is_none(),
        };
        let cpu_stat = match is_unified {
            true => cpu_level.or(unified),
            false => cpu_level.or(own(Controller::Cpu)),
        }
        .and_then(|level| kept(level, "cpu.stat", used));
        let cpuacct_usage = groups
            .of(Controller::Cpuacct)
            .iter()
            .find(|level| cpu_level.is_none_or(|cpu| cpu.below_root == level.below_root))
            .or(own(Controller::Cpuacct))
            .filter(|_| !is_unified)
            .and_then(|level| kept(level, "cpuacct.usage", used));

        let mut cpuset_files = groups
            .of(Controller::Cpuset)
            .iter()
            .flat_map(|level| [(level, "cpuset.effective_cpus"), (level, "cpuset.cpus")])
            .chain(groups.unified.iter().map(|l| (l, "cpuset.cpus.effective")));
        let cpuset = cpuset_files
            .find_map(|(level, file)| kept(level, file, "processors of the control group"))
            .map(|file| {
                let source = file.path().display().to_string().into();
                (file, source)
            });

        let in_memory = |v2: &str, v1: &str| {
            let memory = memory.as_ref()?;
            let file = if memory.is_unified { v2 } else { v1 };
            kept(&memory.level, file, "memory of the control group")
        };
        let pids_level = match &pids {
            Some(pids) => Some(&pids.level),
            None => own(Controller::Pids).or(unified),
        };
        let killed = "processes killed for want of memory";
        let oom_kills = own(Controller::Memory)
            .and_then(|level| kept(level, "memory.oom_control", killed))
            .or_else(|| kept(unified?, "memory.events", killed));
        Decisive {
            chosen: Some(chosen),
            cpu_stat,
            cpuacct_usage,
            cpuset,
            memory_used: in_memory("memory.current", "memory.usage_in_bytes"),
            memory_stat: in_memory("memory.stat", "memory.stat"),
            pids_current: pids_level
                .and_then(|l| kept(l, "pids.current", "processes of the group")),
            oom_kills,
            quota: quota.map(|bound| Decider::new(bound, "quota of processor time")),
            memory: memory.map(|bound| Decider::new(bound, "limit of memory")),
            pids: pids.map(|bound| Decider::new(bound, "limit of processes")),
        }
    }

    /// CPU time used and time held back, both in microseconds.
    pub(super) fn read_cpu_times(&mut self, buffer: &mut Vec<u8>) -> (Option<u64>, Option<u64>) {
        let (mut usage, mut throttled) = (None, None);
        if let Some(text) = self.cpu_stat.as_mut().and_then(|file| file.read(buffer)) {
            usage = value_of(text, b"usage_usec");
            throttled = value_of(text, b"throttled_usec")
                .or_else(|| value_of(text, b"throttled_time").map(|nsec| nsec / 1000));
        }
        if self.cpuacct_usage.is_some() {
            usage = read_number(&mut self.cpuacct_usage, buffer).map(|nsec| nsec / 1000);
        }
        (usage, throttled)
    }

    /// File cache that is given back first. In version 1 `inactive_file` is the group's
    /// own, without its children, which the usage does count.
    pub(super) fn read_inactive_file(&mut self, buffer: &mut Vec<u8>) -> Option<u64> {
        let text = self.memory_stat.as_mut()?.read(buffer)?;
        value_of(text, b"total_inactive_file").or_else(|| value_of(text, b"inactive_file"))
    }
}

impl Decider {
    fn new(bound: Bound, gives: &'static str) -> Decider {
        let period = match &bound.form {
            Form::CfsQuota { period } => {
                Some(KeptFile::new(period.clone(), gives).with_short_records())
            }
            _ => None,
        };
        Decider {
            // The files of a group are one record each.
            file: KeptFile::new(bound.file, gives).with_short_records(),
            period,
            form: bound.form,
            source: bound.source,
        }
    }

    /// The limit as a number; `None` when there is none (any more).
    pub(super) fn read(&mut self, buffer: &mut Vec<u8>) -> Option<f64> {
        let text = self.file.read(buffer)?;
        match &mut self.period {
            None => self.form.parse(text),
            Some(period) => {
                let quota = signed(trim(text))?;
                cfs_quota(quota, number(trim(period.read(buffer)?))?)
            }
        }
    }
}

pub(super) fn read_number(file: &mut Option<KeptFile>, buffer: &mut Vec<u8>) -> Option<u64> {
    number(trim(file.as_mut()?.read(buffer)?))
}

pub(super) fn read_value(
    file: &mut Option<KeptFile>,
    buffer: &mut Vec<u8>,
    name: &[u8],
) -> Option<u64> {
    value_of(file.as_mut()?.read(buffer)?, name)
}
