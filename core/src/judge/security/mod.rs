//! Security findings: what an ordinary process can see that should not be, or that is new.
//!
//! Each has a stable id, so that one that stays is one finding, and one that was there before
//! a restart is no news. What a machine serves and runs with other rights when it is first
//! looked at is its base line: it is listed as known. An event is raised for what comes
//! later, and for what is wrong from the first look on.

mod allow;
mod logins;
mod memory;
mod places;
mod programs;
mod score;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Severity;
use super::hardening::{HardeningFinding, HardeningJudge};
use crate::arrange::arrange_by;
use crate::sample::{HardeningSample, Sample, SecuritySample};
use crate::score::Score;

pub(crate) use allow::Allow;
use memory::Memory;

/// What a finding is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityKind {
    /// A TCP socket listens on an address that other machines can reach.
    Listener,
    /// The executable of a running program was deleted or replaced.
    DeletedProgram,
    /// A program runs from a folder in which every user may put files.
    TemporaryProgram,
    /// A program runs that was never a file.
    MemoryProgram,
    /// A program runs with the rights of another user than the one who started it.
    Setuid,
    /// A program bears the name of a thread of the kernel.
    KernelName,
    /// Many logins failed.
    FailedLogins,
    /// Others may put a command where commands are searched.
    SearchPath,
    /// A setting of the kernel is weak.
    WeakSetting,
}

impl SecurityKind {
    /// Its name, with which the ids of its findings begin.
    pub fn name(self) -> &'static str {
        match self {
            SecurityKind::Listener => "listener",
            SecurityKind::DeletedProgram => "deleted_program",
            SecurityKind::TemporaryProgram => "temporary_program",
            SecurityKind::MemoryProgram => "memory_program",
            SecurityKind::Setuid => "setuid",
            SecurityKind::KernelName => "kernel_name",
            SecurityKind::FailedLogins => "failed_logins",
            SecurityKind::SearchPath => "search_path",
            SecurityKind::WeakSetting => "weak_setting",
        }
    }
}

/// Something about the machine's security that the user should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityFinding {
    /// Stable name, e.g. `listener:tcp:0.0.0.0:8080`; what `security_allow` speaks of.
    pub id: String,
    /// What it is of.
    pub kind: SecurityKind,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about: an address, a program, a folder, a setting.
    pub subject: String,
    /// What is the matter, with names and numbers.
    pub text: String,
    /// What says so, e.g. which file.
    pub evidence: Vec<String>,
    /// What could be done.
    pub advice: String,
    /// When it was first seen, Unix seconds.
    pub since: f64,
    /// It was there when the machine was first looked at, or for long by now, and is taken
    /// for its normal state: it costs no points.
    pub known: bool,
    /// The user allows it (`security_allow`), or it is what every machine has: it is listed
    /// only.
    pub allowed: bool,
    /// When an event was raised for it, Unix seconds; `None` for what is known or allowed, for
    /// what hardly matters, and for weak settings, which have an event of their own.
    pub raised: Option<f64>,
}

impl SecurityFinding {
    /// Whether the sample at this time (Unix seconds) is the one that raised its event.
    pub fn is_raised_at(&self, timestamp: f64) -> bool {
        self.raised == Some(timestamp)
    }
}

/// A finding before it is known whether it is news.
#[derive(Debug, Clone, PartialEq)]
struct Draft {
    kind: SecurityKind,
    /// Behind the kind in the id.
    name: String,
    severity: Severity,
    subject: String,
    text: String,
    evidence: Vec<String>,
    advice: String,
    /// It belongs to the machine's base line.
    is_base_line: bool,
    /// Every machine has it.
    is_usual: bool,
}

/// What was seen, and until when nothing changes by time alone.
struct Drafts {
    list: Vec<Draft>,
    now: f64,
    /// By the monotonic clock.
    due: f64,
}

impl Drafts {
    fn wait(&mut self, seconds: f64) {
        self.due = self.due.min(self.now + seconds);
    }
}

/// Judges the security of each sample; what is remembered can be kept over a restart.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SecurityJudge {
    memory: Memory,
    #[serde(skip)]
    settings: HardeningJudge,
    #[serde(skip)]
    judged: Option<Judged>,
}

/// The last judgement and what it was made of.
#[derive(Debug)]
struct Judged {
    security: SecuritySample,
    hardening: Arc<HardeningSample>,
    allow: Allow,
    at: f64,
    due: f64,
    weak: Arc<[HardeningFinding]>,
    findings: Arc<[SecurityFinding]>,
    score: Score,
}

impl Judged {
    fn holds(&self, sample: &Sample, allow: &Allow) -> bool {
        let now = sample.moment.monotonic_seconds;
        (self.at..self.due).contains(&now)
            && (Arc::ptr_eq(&self.hardening, &sample.hardening)
                || self.hardening == sample.hardening)
            && is_same(&self.security.listeners, &sample.security.listeners)
            && is_same(&self.security.programs, &sample.security.programs)
            && is_same(&self.security.logins, &sample.security.logins)
            && is_same(&self.security.search_path, &sample.security.search_path)
            && self.allow == *allow
    }
}

/// Shared, else equal.
fn is_same<T: ?Sized + PartialEq>(one: &Option<Arc<T>>, other: &Option<Arc<T>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
        (one, other) => one.is_none() && other.is_none(),
    }
}

impl SecurityJudge {
    /// The findings, those that matter most first, and the security score.
    pub(crate) fn judge(
        &mut self,
        sample: &Sample,
        allow: &Allow,
    ) -> (Arc<[SecurityFinding]>, Score) {
        if let Some(judged) = self.judged.as_ref().filter(|j| j.holds(sample, allow)) {
            return (judged.findings.clone(), judged.score.clone());
        }
        let (weak, hardening) = self.settings.judge(&sample.hardening);
        let now = sample.moment.monotonic_seconds;
        let mut drafts = Drafts {
            list: Vec::new(),
            now,
            due: f64::INFINITY,
        };
        self.memory.begin(sample);
        places::listeners(sample, &self.memory, &mut drafts);
        programs::programs(sample, &self.memory, &mut drafts);
        self.memory.logins.judge(sample, &mut drafts);
        places::search_path(sample, &mut drafts);
        places::weak_settings(&weak, &mut drafts);
        let mut findings = self.memory.settle(sample, &mut drafts, allow);
        arrange_by(&mut findings, |a, b| {
            let key = |f: &SecurityFinding| (f.allowed, f.known, std::cmp::Reverse(f.severity));
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        let score = score::score(&sample.security, &findings, hardening);
        let judged = Judged {
            security: sample.security.clone(),
            hardening: sample.hardening.clone(),
            allow: allow.clone(),
            at: now,
            due: drafts.due,
            weak,
            findings: findings.into(),
            score,
        };
        let outcome = (judged.findings.clone(), judged.score.clone());
        self.judged = Some(judged);
        outcome
    }

    /// The weak settings of the last sample.
    pub(crate) fn weak_settings(&self) -> Arc<[HardeningFinding]> {
        let judged = self.judged.as_ref();
        judged.map_or_else(Arc::default, |judged| judged.weak.clone())
    }
}
