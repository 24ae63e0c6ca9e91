//! The security score.

use super::{SecurityFinding, SecurityKind};
use crate::judge::Severity;
use crate::sample::SecuritySample;
use crate::score::{Score, ScorePart};

/// Most points that one part takes off.
const MOST_OF_PART: f64 = 40.0;
/// Most that findings of low severity take off in one part: many services that wait for a
/// restart are no break-in.
const MOST_OF_LOW: f64 = 5.0;

fn points(severity: Severity) -> f64 {
    match severity {
        Severity::Low => 1.0,
        Severity::Medium => 8.0,
        Severity::High => 20.0,
        Severity::Critical => 40.0,
    }
}

/// A part, its kinds of findings, and whether it could be looked at.
type Part = (
    &'static str,
    &'static [SecurityKind],
    fn(&SecuritySample) -> bool,
);

const PARTS: [Part; 6] = [
    ("listeners", &[SecurityKind::Listener], |s| {
        s.listeners.is_some()
    }),
    (
        "programs",
        &[
            SecurityKind::DeletedProgram,
            SecurityKind::TemporaryProgram,
            SecurityKind::MemoryProgram,
        ],
        |s| s.programs.is_some(),
    ),
    ("setuid", &[SecurityKind::Setuid], |s| s.programs.is_some()),
    ("kernel_names", &[SecurityKind::KernelName], |s| {
        s.programs.is_some()
    }),
    ("failed_logins", &[SecurityKind::FailedLogins], |s| {
        s.logins.is_some()
    }),
    ("search_path", &[SecurityKind::SearchPath], |s| {
        s.search_path.is_some()
    }),
];

/// security = 100 − k − Σ pᵢ, clamped to 0: k the points of the weak kernel settings (their
/// share of the weight of those that can be read, see [`super::super::hardening`]), and for
/// each part i pᵢ = min(40, 40·c + 20·h + 8·m + min(5, l)), with c, h, m and l its critical,
/// high, medium and low findings that are neither known nor allowed. A part that can't be
/// looked at takes no part; the score is unknown when none can. 100: nothing was found.
pub(super) fn score(
    sample: &SecuritySample,
    findings: &[SecurityFinding],
    hardening: Score,
) -> Score {
    let mut parts = hardening.parts;
    for part in &mut parts {
        let id = format!("{}:{}", SecurityKind::WeakSetting.name(), part.name);
        if part.loss.is_some() && findings.iter().any(|f| f.allowed && f.id == id) {
            part.loss = Some(0.0);
        }
    }
    parts.extend(PARTS.iter().map(|(name, kinds, is_known)| {
        let is_known = is_known(sample);
        let counted = findings
            .iter()
            .filter(|f| kinds.contains(&f.kind) && !f.known && !f.allowed);
        let (mut count, mut low, mut rest) = (0, 0.0, 0.0);
        for finding in counted {
            count += 1;
            match finding.severity {
                Severity::Low => low += points(finding.severity),
                severity => rest += points(severity),
            }
        }
        ScorePart {
            name: (*name).into(),
            input: is_known.then_some(f64::from(count)),
            loss: is_known.then(|| (f64::min(low, MOST_OF_LOW) + rest).min(MOST_OF_PART)),
        }
    }));
    let is_known = parts.iter().any(|part| part.loss.is_some());
    let loss: f64 = parts.iter().filter_map(|part| part.loss).sum();
    Score {
        value: is_known.then(|| (100.0 - loss).clamp(0.0, 100.0)),
        parts,
    }
}
