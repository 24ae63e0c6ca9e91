//! What the rules read, and what they hand back.

use std::borrow::Cow;

use super::means::{Kind, Mean, Means, Members};
use super::{Evidence, InsightKind};
use crate::judge::process_use::{Crowd, ProcessUse, Use};
use crate::judge::{Correlation, Exhaustion, Outcome, Predictions, Severity};
use crate::series::{SeriesKey, Unit, catalog};

/// A process is named when it has at least this part of what the machine uses.
const NOTABLE_PART: f64 = 0.2;

/// What a rule has found.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: Cow<'static, str>,
    pub(super) kind: InsightKind,
    pub(super) severity: Severity,
    pub(super) confidence: f64,
    pub(super) text: String,
    pub(super) evidence: Vec<Evidence>,
    pub(super) advice: Vec<String>,
    /// It is told when it has lasted for so long.
    pub(super) hold_seconds: f64,
}

/// What the rules read.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) means: &'a Means,
    pub(super) cores: &'a Members,
    pub(super) devices: &'a Members,
    pub(super) filesystems: &'a Members,
    pub(super) interfaces: &'a Members,
    pub(super) processes: &'a ProcessUse,
    pub(super) correlations: &'a [Correlation],
    pub(super) predictions: &'a Predictions,
    /// Names of the findings that last.
    pub(super) open: Vec<&'a str>,
}

impl View<'_> {
    pub(super) fn get(&self, of: Mean) -> Option<f64> {
        self.means.get(of)
    }

    pub(super) fn is_open(&self, id: &str) -> bool {
        self.open.contains(&id)
    }

    /// The level that counts for a finding: one to begin, a lower one to go on.
    pub(super) fn level(&self, id: &str, to_open: f64, to_stay: f64) -> f64 {
        if self.is_open(id) { to_stay } else { to_open }
    }

    /// Processors that may be used.
    pub(super) fn cpus(&self) -> Option<f64> {
        let cpus = self
            .get(Mean::EffectiveCpus)
            .or(self.get(Mean::LogicalCpus));
        cpus.filter(|cpus| *cpus > 0.0)
    }

    /// A number of the machine as evidence.
    pub(super) fn evidence(&self, of: Mean, against: Option<f64>) -> Option<Evidence> {
        let metric = of.place()?.metric;
        Some(Evidence {
            series: key(metric.name, &[]),
            value: self.get(of)?,
            unit: metric.unit,
            against,
        })
    }

    /// Those numbers that are known.
    pub(super) fn all(&self, of: &[(Mean, Option<f64>)]) -> Vec<Evidence> {
        let each = of.iter();
        each.filter_map(|(of, against)| self.evidence(*of, *against))
            .collect()
    }

    /// The program that uses most of something, if that is a good part of what is used.
    pub(super) fn most(&self, of: Use) -> Option<Crowd<'_>> {
        let whole = self.processes.machine_now(of)?;
        let crowd = self.processes.crowd(of)?;
        (crowd.sum >= NOTABLE_PART * whole && crowd.sum > 0.0).then_some(crowd)
    }

    /// When something runs out, by a forecast that can be trusted.
    pub(super) fn exhaustion(&self, metrics: &[&str], label: Option<&str>) -> Option<&Exhaustion> {
        let is = |exhaustion: &&Exhaustion| {
            let series = &exhaustion.series;
            let labels = series.labels.first().map(|(_, value)| value.as_str());
            exhaustion.outcome == Outcome::Forecast
                && exhaustion
                    .seconds
                    .is_some_and(|seconds| seconds.is_finite())
                && metrics.contains(&series.metric.as_str())
                && labels == label
        };
        let all = self.predictions.exhaustion.iter().filter(is);
        all.min_by(|a, b| {
            let seconds = |e: &Exhaustion| e.seconds.unwrap_or(f64::INFINITY);
            seconds(a).total_cmp(&seconds(b))
        })
    }
}

/// The name of a series.
pub(super) fn key(metric: &str, labels: &[(&str, &str)]) -> SeriesKey {
    let labels = labels
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    SeriesKey {
        metric: metric.to_string(),
        labels: labels.collect(),
    }
}

/// A number of a core, disk, file system or interface as evidence.
pub(super) fn of_member(
    kind: &Kind,
    member: &str,
    means: &[f64],
    place: usize,
    against: Option<f64>,
) -> Option<Evidence> {
    let value = means
        .get(place)
        .copied()
        .filter(|value| value.is_finite())?;
    let metric = kind.metric(place);
    Some(Evidence {
        series: key(metric, &[(kind.label(), member)]),
        value,
        unit: catalog::by_name(metric).map_or(Unit::Number, |metric| metric.unit),
        against,
    })
}

/// What a program uses as evidence; of several processes, that of the greatest.
pub(super) fn of_crowd(crowd: &Crowd<'_>) -> Evidence {
    let process = crowd.first;
    let pid = process.pid.to_string();
    let labels = [
        ("pid", pid.as_str()),
        ("name", process.name.as_str()),
        ("user", process.user.as_deref().unwrap_or_default()),
    ];
    Evidence {
        series: key(crowd.of.metric(), &labels),
        value: process.now(crowd.of),
        unit: catalog::by_name(crowd.of.metric()).map_or(Unit::Number, |metric| metric.unit),
        against: None,
    }
}

/// The severity that a value has by three levels.
pub(super) fn graded(value: f64, medium: f64, high: f64, critical: f64) -> Severity {
    match value {
        v if v >= critical => Severity::Critical,
        v if v >= high => Severity::High,
        v if v >= medium => Severity::Medium,
        _ => Severity::Low,
    }
}
