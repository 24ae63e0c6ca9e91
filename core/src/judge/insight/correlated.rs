//! Metrics that move together, in words.

use super::view::{Draft, View};
use super::{Evidence, InsightKind};
use crate::judge::words::{name, sentence, span};
use crate::judge::{Correlation, Severity};
use crate::series::Unit;

/// Most pairs that are told.
const MOST: usize = 3;
/// Less than this is told in the list of correlations only.
const STRONG: f64 = 0.6;
const STAYS_STRONG: f64 = 0.5;

/// The strongest pairs.
pub(super) fn judge(view: &View<'_>, out: &mut Vec<Draft>) {
    let told = view.correlations.iter().filter_map(|pair| {
        let id = format!("correlated:{}:{}", pair.leader, pair.follower);
        let is_strong = pair.coefficient.abs() >= view.level(&id, STRONG, STAYS_STRONG);
        is_strong.then(|| draft(id, pair))
    });
    out.extend(told.take(MOST));
}

fn draft(id: String, pair: &Correlation) -> Draft {
    let direction = match pair.coefficient < 0.0 {
        true => "falls when",
        false => "rises when",
    };
    let lag = match pair.lag_seconds > 0.0 {
        true => format!(", {} later", span(pair.lag_seconds)),
        false => String::new(),
    };
    let text = format!(
        "{} {direction} {} rises{lag} (correlation of their changes {:.2}, over about {:.0} \
         independent points).",
        name(&pair.follower),
        name(&pair.leader),
        pair.coefficient,
        pair.sample_count
    );
    Draft {
        id: id.into(),
        kind: InsightKind::Correlated,
        severity: Severity::Low,
        confidence: (1.0 - pair.p_value).clamp(0.0, 1.0) * pair.coefficient.abs(),
        text: sentence(&text),
        evidence: vec![
            Evidence {
                series: pair.leader.clone(),
                value: pair.coefficient,
                unit: Unit::Number,
                against: None,
            },
            Evidence {
                series: pair.follower.clone(),
                value: pair.lag_seconds,
                unit: Unit::Seconds,
                against: None,
            },
        ],
        advice: Vec::new(),
        hold_seconds: 0.0,
    }
}
