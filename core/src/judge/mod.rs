//! What a sample means: scores, findings and advice. Pure: no clock, no files; the same
//! samples give the same judgement.

mod advice;
mod anomalies;
pub mod anomaly;
mod correlation;
mod fleet;
pub mod forecast;
mod hardening;
mod incident;
mod insight;
#[cfg(test)]
mod machine;
mod outlook;
mod process_use;
#[cfg(test)]
mod recording_tests;
mod security;
mod watch;
mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::sample::{Metrics, Sample};
use crate::score;
use crate::series::Frame;

pub use crate::score::{Score, ScorePart, Scores, scores_of};
pub use advice::{Advice, Source as AdviceSource};
pub use anomalies::Anomaly;
pub use correlation::Correlation;
pub use hardening::HardeningFinding;
pub use incident::{Culprit, Incident};
pub use insight::{Evidence, Insight, InsightKind};
pub use outlook::{Exhaustion, MetricForecast, Outcome, Predictions};
pub(crate) use outlook::{foretold, limits};
pub(crate) use security::Allow;
pub use security::{SecurityFinding, SecurityKind};

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

impl Severity {
    /// Its name, e.g. `medium`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// One sample, as the parts of the judgement see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observation<'a> {
    /// When it was read, Unix seconds.
    pub(crate) unix_seconds: f64,
    /// The same by the clock that never jumps.
    pub(crate) monotonic_seconds: f64,
    /// The sample as named numbers, by entity: what a replay has, too.
    pub(crate) frame: &'a Frame,
}

/// What the judgement is to look for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JudgeSettings {
    /// Anomalies, forecasts, correlations and insights.
    pub(crate) analytics: bool,
    /// What of the security findings the user allows.
    pub(crate) allow: Allow,
}

impl Default for JudgeSettings {
    fn default() -> JudgeSettings {
        JudgeSettings {
            analytics: true,
            allow: Allow::default(),
        }
    }
}

/// What was concluded from one sample.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Judgement {
    pub(crate) scores: Scores,
    pub(crate) hardening: Arc<[HardeningFinding]>,
    pub(crate) anomalies: Arc<[Anomaly]>,
    pub(crate) incidents: Arc<[Incident]>,
    pub(crate) predictions: Arc<Predictions>,
    pub(crate) correlations: Arc<[Correlation]>,
    pub(crate) insights: Arc<[Insight]>,
    pub(crate) security: Arc<[SecurityFinding]>,
    pub(crate) advice: Arc<[Advice]>,
}

/// What judging remembers from one sample to the next.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    settings: JudgeSettings,
    models: Models,
}

/// What is kept from one run of the program to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Models {
    security: security::SecurityJudge,
    baselines: anomalies::Baselines,
    incidents: incident::IncidentJudge,
    outlook: outlook::Outlook,
    correlations: correlation::CorrelationJudge,
    insights: insight::InsightJudge,
    learned: advice::Learned,
}

impl Judge {
    /// Version of what [`Judge::memory`] gives.
    pub(crate) const MEMORY_VERSION: u32 = 1;

    /// What was learnt, as bytes.
    ///
    /// # Errors
    /// `Internal`.
    pub(crate) fn memory(&self) -> Result<Vec<u8>> {
        postcard::to_stdvec(&self.models).map_err(|error| Error::Internal(error.to_string()))
    }

    /// Takes up what was learnt.
    ///
    /// # Errors
    /// `Internal` for bytes that are not of this version; nothing is changed.
    pub(crate) fn restore(&mut self, data: &[u8]) -> Result<()> {
        self.models = postcard::from_bytes(data)
            .map_err(|error| Error::Internal(format!("memory of the models: {error}")))?;
        Ok(())
    }

    /// Takes note of how an advice was answered.
    pub(crate) fn learn(&mut self, id: &str, is_taken: bool) {
        self.models.learned.learn(id, is_taken);
    }

    /// What to look for from now on.
    pub(crate) fn set_settings(&mut self, settings: JudgeSettings) {
        self.settings = settings;
    }

    /// Judges one settled sample. The frame is that of the sample; it is given the scores.
    pub(crate) fn judge(
        &mut self,
        sample: &Sample,
        metrics: &Metrics,
        frame: &mut Frame,
    ) -> Judgement {
        let of_security = &mut self.models.security;
        let (security, security_score) = of_security.judge(sample, &self.settings.allow);
        let scores = Scores {
            health: score::health(metrics),
            performance: score::performance(metrics, sample.limits.throttled_percent),
            security: security_score,
        };
        frame.set_scores(&scores);
        let mut judgement = Judgement {
            hardening: of_security.weak_settings(),
            security,
            ..Judgement::default()
        };
        if self.settings.analytics {
            let seen = Observation {
                unix_seconds: sample.moment.unix_seconds,
                monotonic_seconds: sample.moment.monotonic_seconds,
                frame,
            };
            self.models.judge(&seen, &mut judgement);
        }
        let grounds = advice::Grounds {
            sample,
            scores: &scores,
            security: &judgement.security,
            incidents: &judgement.incidents,
            insights: &judgement.insights,
            predictions: &judgement.predictions,
            learned: &self.models.learned,
        };
        judgement.advice = advice::advise(&grounds).into();
        judgement.scores = scores;
        judgement
    }
}

impl Models {
    fn judge(&mut self, seen: &Observation<'_>, judgement: &mut Judgement) {
        let anomalies = self.baselines.judge(seen);
        let (incidents, anomalies) = self.incidents.judge(seen, anomalies);
        judgement.predictions = self.outlook.judge(seen);
        judgement.correlations = self.correlations.judge(seen);
        judgement.insights = self.insights.judge(
            seen,
            &anomalies,
            &judgement.correlations,
            &judgement.predictions,
        );
        judgement.anomalies = anomalies;
        judgement.incidents = incidents;
    }
}
