//! What is remembered of findings: since when each is there, and whether it was told.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::logins::LoginWindow;
use super::{Allow, Draft, Drafts, SecurityFinding, SecurityKind};
use crate::judge::Severity;
use crate::sample::Sample;

/// Most findings that are remembered; of those that are gone the oldest are forgotten first.
const MOST_REMEMBERED: usize = 1024;
const DAY_SECONDS: f64 = 86_400.0;
/// One that was gone for so long is news when it comes back.
const NEWS_AFTER_SECONDS: f64 = DAY_SECONDS;
/// The same of failed logins, which come in waves.
const LOGINS_NEWS_AFTER_SECONDS: f64 = 3600.0;
/// One that was gone for so long is forgotten.
const FORGOTTEN_AFTER_SECONDS: f64 = 30.0 * DAY_SECONDS;
/// A socket that listened for so long without being taken back is normal.
const NORMAL_AFTER_SECONDS: f64 = 7.0 * DAY_SECONDS;

/// All that is remembered from one sample to the next.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Boot and monotonic clock at the first look at programs.
    began: Option<Began>,
    /// The sockets of the base line are known.
    has_seen_listeners: bool,
    findings: BTreeMap<String, Remembered>,
    pub(super) logins: LoginWindow,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Began {
    boot_id: Option<Arc<str>>,
    monotonic_seconds: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Remembered {
    since: f64,
    is_base_line: bool,
    /// When an event was raised, and with which severity.
    raised: Option<(f64, Severity)>,
    /// Since when it is not there any more.
    gone: Option<f64>,
}

impl Memory {
    /// Takes note of the first look.
    pub(super) fn begin(&mut self, sample: &Sample) {
        if self.began.is_none() && sample.security.programs.is_some() {
            self.began = Some(Began {
                boot_id: sample.host.boot_id.clone(),
                monotonic_seconds: sample.moment.monotonic_seconds,
            });
        }
    }

    /// No socket was ever seen before this sample.
    pub(super) fn is_first_look_at_listeners(&self) -> bool {
        !self.has_seen_listeners
    }

    /// A process that started then (seconds after boot) was there at the first look.
    pub(super) fn was_before(&self, sample: &Sample, start_seconds: f64) -> bool {
        self.began.as_ref().is_some_and(|began| {
            began.boot_id == sample.host.boot_id && start_seconds <= began.monotonic_seconds
        })
    }

    /// Makes findings of what was seen, and remembers it.
    pub(super) fn settle(
        &mut self,
        sample: &Sample,
        drafts: &mut Drafts,
        allow: &Allow,
    ) -> Vec<SecurityFinding> {
        self.has_seen_listeners |= sample.security.listeners.is_some();
        let now = sample.moment.unix_seconds;
        let list = std::mem::take(&mut drafts.list);
        let mut findings: Vec<SecurityFinding> = Vec::with_capacity(list.len());
        for draft in list {
            let id = format!("{}:{}", draft.kind.name(), draft.name);
            // Several processes of one program are one finding.
            if let Some(same) = findings.iter_mut().find(|finding| finding.id == id) {
                merge(same, draft);
                continue;
            }
            findings.push(self.finding(id, draft, now, drafts, allow));
        }
        for finding in &mut findings {
            self.raise(finding, now);
        }
        self.note_gone(&findings, now);
        findings
    }

    fn finding(
        &mut self,
        id: String,
        draft: Draft,
        now: f64,
        drafts: &mut Drafts,
        allow: &Allow,
    ) -> SecurityFinding {
        let news_after = match draft.kind {
            SecurityKind::FailedLogins => LOGINS_NEWS_AFTER_SECONDS,
            _ => NEWS_AFTER_SECONDS,
        };
        let fresh = Remembered {
            since: now,
            is_base_line: draft.is_base_line,
            raised: None,
            gone: None,
        };
        let remembered = self
            .findings
            .entry(id.clone())
            .or_insert_with(|| fresh.clone());
        if let Some(gone) = remembered.gone.take()
            && !remembered.is_base_line
            && now - gone >= news_after
        {
            *remembered = fresh;
        }
        let age = now - remembered.since;
        let is_normal = draft.kind == SecurityKind::Listener && age >= NORMAL_AFTER_SECONDS;
        if draft.kind == SecurityKind::Listener && !is_normal {
            drafts.wait(NORMAL_AFTER_SECONDS - age);
        }
        let known = remembered.is_base_line || is_normal;
        SecurityFinding {
            allowed: draft.is_usual || allow.covers(&id),
            id,
            kind: draft.kind,
            severity: match known {
                true => Severity::Low,
                false => draft.severity,
            },
            subject: draft.subject,
            text: draft.text,
            evidence: draft.evidence,
            advice: draft.advice,
            since: remembered.since,
            known,
            raised: None,
        }
    }

    /// Raises an event when there is news, or when it matters more than when it was raised.
    fn raise(&mut self, finding: &mut SecurityFinding, now: f64) {
        let Some(remembered) = self.findings.get_mut(&finding.id) else {
            return;
        };
        let may_be_raised = !finding.allowed
            && !finding.known
            && finding.severity >= Severity::Medium
            && finding.kind != SecurityKind::WeakSetting;
        let is_more = |(_, severity): (f64, Severity)| finding.severity > severity;
        if may_be_raised && remembered.raised.is_none_or(is_more) {
            remembered.raised = Some((now, finding.severity));
        }
        finding.raised = remembered.raised.map(|(at, _)| at);
    }

    fn note_gone(&mut self, findings: &[SecurityFinding], now: f64) {
        let is_there = crate::arrange::set_of(findings.iter().map(|finding| &*finding.id));
        self.findings.retain(|id, remembered| {
            if is_there.contains(&**id) {
                return true;
            }
            let gone = *remembered.gone.get_or_insert(now);
            now - gone < FORGOTTEN_AFTER_SECONDS
        });
        while self.findings.len() > MOST_REMEMBERED {
            let oldest = self
                .findings
                .iter()
                .filter_map(|(id, remembered)| Some((remembered.gone?, id)))
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, id)| id.clone());
            let Some(oldest) = oldest else { return };
            self.findings.remove(&oldest);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.findings.len()
    }
}

/// Most evidence that is kept of one finding.
const MOST_EVIDENCE: usize = 4;

fn merge(into: &mut SecurityFinding, draft: Draft) {
    if draft.severity > into.severity && !into.known {
        into.severity = draft.severity;
        into.text = draft.text;
        into.advice = draft.advice;
    }
    for evidence in draft.evidence {
        if into.evidence.len() < MOST_EVIDENCE && !into.evidence.contains(&evidence) {
            into.evidence.push(evidence);
        }
    }
}
