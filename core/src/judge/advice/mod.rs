//! What the user could do, each advice with the numbers that made it.

mod found;
mod full;
mod learned;
mod scores;
#[cfg(test)]
mod tests;
mod top;

use std::borrow::Cow;
use std::cmp::Reverse;

pub(crate) use learned::Learned;
use serde::{Deserialize, Serialize};

use super::SecurityFinding;
use super::{Incident, Insight, Predictions, Severity};
use crate::arrange::arrange_by;
use crate::sample::Sample;
use crate::score::Scores;

/// Most that are given at once, as in the prototype's report.
const MOST: usize = 10;

/// What an advice comes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The newest sample.
    #[default]
    Sample,
    /// A score that is low.
    Score,
    /// An insight.
    Insight,
    /// An incident.
    Incident,
    /// A forecast of when something is used up.
    Forecast,
    /// A security finding.
    Security,
}

/// One recommendation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Advice {
    /// Stable name of the rule, with the object it speaks of, e.g. `disk_full:/var`.
    pub id: Cow<'static, str>,
    /// What is the matter, with its numbers, and what could be done.
    pub text: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it would bring, in words, e.g. `frees about 3.0 GiB`; `None` when nobody can tell.
    #[serde(default)]
    pub benefit: Option<String>,
    /// What it comes from.
    #[serde(default)]
    pub source: Source,
}

/// What advice is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grounds<'a> {
    pub(crate) sample: &'a Sample,
    pub(crate) scores: &'a Scores,
    pub(crate) security: &'a [SecurityFinding],
    pub(crate) incidents: &'a [Incident],
    pub(crate) insights: &'a [Insight],
    pub(crate) predictions: &'a Predictions,
    pub(crate) learned: &'a Learned,
}

/// What is behind an advice. No two speak of the same.
#[derive(Debug, Clone, PartialEq)]
enum Cause {
    Processors,
    Memory,
    Disks,
    Space(String),
    Inodes(String),
    Network,
}

/// The advice for one sample, most severe first.
pub(crate) fn advise(grounds: &Grounds<'_>) -> Vec<Advice> {
    let mut out = Vec::new();
    let mut known = Vec::new();
    found::insights(grounds.insights, &mut known, &mut out);
    found::forecasts(grounds.predictions, &mut out);
    found::incidents(grounds.incidents, &mut known, &mut out);
    let count = out.len();
    full::filesystems(grounds.sample, &known, &mut out);
    full::memory(grounds.sample, &known, &mut out);
    known.extend(out[count..].iter().filter_map(full::cause));
    scores::advise(grounds.sample, grounds.scores, &known, &mut out);
    scores::security(grounds.scores, grounds.security, &mut out);
    let weight = |advice: &Advice| grounds.learned.weight(&advice.id);
    arrange_by(&mut out, |a, b| {
        let by_severity = Reverse(a.severity).cmp(&Reverse(b.severity));
        by_severity.then(weight(b).total_cmp(&weight(a)))
    });
    out.truncate(MOST);
    out
}
