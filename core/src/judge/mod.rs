//! What a sample means: scores, findings and advice. Pure: no clock, no files; the same
//! samples give the same judgement.

mod advice;
pub mod anomaly;
mod hardening;
mod score;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sample::{Metrics, Sample};

pub use advice::Advice;
pub use hardening::HardeningFinding;
pub use score::{Score, ScorePart, Scores};

/// How much something matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    #[default]
    Low,
    /// Should be looked at.
    Medium,
    /// Should be looked at soon.
    High,
    /// Harm is being done.
    Critical,
}

/// What was concluded from one sample.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Judgement {
    pub(crate) scores: Scores,
    pub(crate) hardening: Arc<[HardeningFinding]>,
    pub(crate) advice: Arc<[Advice]>,
}

/// What judging remembers from one sample to the next.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    hardening: hardening::HardeningJudge,
}

impl Judge {
    pub(crate) fn judge(&mut self, sample: &Sample, metrics: &Metrics) -> Judgement {
        let (findings, security) = self.hardening.judge(&sample.hardening);
        let scores = Scores {
            health: score::health(metrics),
            performance: score::performance(metrics, sample.limits.throttled_percent),
            security,
        };
        let advice = advice::advise(sample, &scores, &findings).into();
        Judgement {
            scores,
            hardening: findings,
            advice,
        }
    }
}
