//! When a metric reaches a limit, with an interval.
//!
//! The past is looked at twice in the same way: the last day in steps of five minutes for
//! what fills within hours, the last week in steps of an hour for the rest.

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::growth::{Change, changes};
use super::model::{BUCKET_SECONDS, HOUR, Model};

/// Growth is followed no further than so many times the past that is known.
const FURTHEST: f64 = 4.0;
/// Part of the error of "no change" that must be gone before a time is named.
const SKILL: f64 = 0.2;
/// And this part, when even the slow end of the interval never gets there.
const SKILL_IF_OPEN: f64 = 0.6;

/// When a metric reaches a limit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Exhaustion {
    /// The limit.
    pub limit: f64,
    /// [`Verdict::Forecast`]: it is expected to. [`Verdict::SameAsNow`]: as far as can be
    /// told, it isn't.
    pub verdict: Verdict,
    /// Seconds from the newest value until then (a median); `None` unless it is expected.
    pub seconds: Option<f64>,
    /// Seconds before which only one in ten gets there; `None` unless it is expected.
    pub low_seconds: Option<f64>,
    /// Seconds until which nine in ten got there; `None` when that may be never.
    pub high_seconds: Option<f64>,
    /// 1 − error / error of "no change", on the metric's own past, for a time ahead as long
    /// as this; `None` while too little is known and when the limit is out of reach.
    pub skill: Option<f64>,
}

pub(super) fn time_to(model: &Model, limit: f64) -> Exhaustion {
    let mut found = Exhaustion {
        limit,
        ..Exhaustion::default()
    };
    let left = limit - model.base - model.last;
    if !left.is_finite() {
        return found;
    }
    // Down is up with the sign changed.
    let sign = if left < 0.0 { -1.0 } else { 1.0 };
    let (curve, known_seconds) = curve(model, sign);
    if curve.is_empty() {
        return found;
    }
    found.verdict = Verdict::SameAsNow;
    let furthest = FURTHEST * known_seconds;
    let reach = |which: fn(&Change) -> f64| crossing(&curve, which, left.abs(), furthest);
    let Some(seconds) = reach(|change| change.middle) else {
        return found;
    };
    let beside = curve.iter().find(|change| change.steps >= seconds);
    let Some(skill) = beside.or(curve.last()).map(|change| change.skill) else {
        return found;
    };
    found.skill = Some(skill);
    let slow = reach(|change| change.low);
    let wanted = if slow.is_some() { SKILL } else { SKILL_IF_OPEN };
    if skill < wanted {
        return found;
    }
    found.verdict = Verdict::Forecast;
    found.seconds = Some(seconds);
    found.low_seconds = reach(|change| change.high).or(Some(seconds));
    found.high_seconds = slow;
    found
}

/// Changes from now on by seconds ahead, and how many seconds of the past are known.
fn curve(model: &Model, sign: f64) -> (Vec<Change>, f64) {
    let fine = row(&model.day, model.bucket, sign);
    let hour = model.bucket.div_euclid(HOUR);
    let coarse = row(&model.week, hour, sign);
    let mut curve: Vec<Change> = changes(&fine)
        .into_iter()
        .map(|change| Change {
            steps: change.steps * BUCKET_SECONDS,
            ..change
        })
        .collect();
    // The newest hour's mean is that of its middle, as far as it has come.
    let age = (model.bucket - hour * HOUR + 1) as f64 / 2.0 * BUCKET_SECONDS;
    let since = coarse
        .last()
        .map_or(0.0, |mean| f64::from(*mean) - sign * model.last);
    let hour_seconds = HOUR as f64 * BUCKET_SECONDS;
    for change in changes(&coarse) {
        let seconds = change.steps * hour_seconds - age;
        if curve.last().is_none_or(|last| seconds > last.steps) {
            curve.push(Change {
                steps: seconds,
                low: change.low + since,
                middle: change.middle + since,
                high: change.high + since,
                skill: change.skill,
            });
        }
    }
    let known = (coarse.len() as f64 * hour_seconds).max(fine.len() as f64 * BUCKET_SECONDS);
    (curve, known)
}

/// A ring as a row, oldest first, from the first value that is known.
fn row(ring: &[f32], newest: i64, sign: f64) -> Vec<f32> {
    let length = ring.len() as i64;
    (newest + 1 - length..=newest)
        .map(|at| ring[at.rem_euclid(length) as usize] * sign as f32)
        .skip_while(|value| value.is_nan())
        .collect()
}

/// First time at which a curve of changes comes as far as `left`. Beyond the last time that
/// was tried it goes on as fast as it came there.
fn crossing(curve: &[Change], which: fn(&Change) -> f64, left: f64, furthest: f64) -> Option<f64> {
    let (mut seconds, mut reached) = (0.0, 0.0);
    for change in curve {
        let next = which(change);
        if next >= left {
            let part = if next > reached {
                (left - reached) / (next - reached)
            } else {
                0.0
            };
            return Some(seconds + part * (change.steps - seconds));
        }
        (seconds, reached) = (change.steps, next);
    }
    let time = seconds * left / reached;
    (reached > 0.0 && time <= furthest).then_some(time)
}
