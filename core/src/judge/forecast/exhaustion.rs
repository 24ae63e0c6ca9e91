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
const SKILL_IF_OPEN: f64 = 0.7;

/// Seconds ahead from which a whole day's swing is ahead: 24 h, less the part of an hour that
/// the newest hourly mean is old.
const NEARLY_A_DAY: f64 = DAY_SECONDS - HOUR_SECONDS;
const DAY_SECONDS: f64 = 86_400.0;
const HOUR_SECONDS: f64 = 3600.0;
/// Part of a day's values that are higher than what is called its peak.
const PEAK: f64 = 0.03;

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
    // Whether it gets there at all is for the growth alone to say, not for a swing.
    let left = left.abs();
    let Some(seconds) = crossing(&curve, |change| change.middle, left, 0.0, furthest) else {
        return found;
    };
    let beside = curve.iter().find(|change| change.steps >= seconds);
    let Some(skill) = beside.or(curve.last()).map(|change| change.skill) else {
        return found;
    };
    found.skill = Some(skill);
    let peak = peak(model, &curve, sign);
    let reach = |which: fn(&Change) -> f64| crossing(&curve, which, left, peak, furthest);
    let slow = crossing(&curve, |change| change.low, left, 0.0, furthest);
    let wanted = if slow.is_some() { SKILL } else { SKILL_IF_OPEN };
    if skill < wanted {
        return found;
    }
    found.verdict = Verdict::Forecast;
    let seconds = reach(|change| change.middle).unwrap_or(seconds);
    found.seconds = Some(seconds);
    found.low_seconds = reach(|change| change.high)
        .map(|low| low.min(seconds))
        .or(Some(seconds));
    found.high_seconds = slow
        .and(reach(|change| change.low))
        .map(|high| high.max(seconds));
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
    for change in changes(&coarse) {
        let seconds = change.steps * HOUR_SECONDS - age;
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
    let known = (coarse.len() as f64 * HOUR_SECONDS).max(fine.len() as f64 * BUCKET_SECONDS);
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

/// How far the last day's highest value was above the line that leads to now: the daily
/// cycle, the tooth of a log before it is rotated, and noise come as high again.
fn peak(model: &Model, curve: &[Change], sign: f64) -> f64 {
    let Some(change) = curve.iter().find(|change| change.steps >= NEARLY_A_DAY) else {
        return 0.0;
    };
    let slope = change.middle * BUCKET_SECONDS / change.steps;
    let day = row(&model.day, model.bucket, sign);
    let newest = day.len() as f64 - 1.0;
    let mut above: Vec<f64> = day
        .iter()
        .enumerate()
        .filter(|(_, value)| !value.is_nan())
        .map(|(at, value)| f64::from(*value) + slope * (newest - at as f64) - sign * model.last)
        .collect();
    above.sort_unstable_by(|a, b| b.total_cmp(a));
    let at = (above.len() as f64 * PEAK) as usize;
    above.get(at).map_or(0.0, |above| above.max(0.0))
}

/// First time at which a curve of changes comes as far as `left`. From a day on the curve
/// is taken to swing as high as `peak` above itself. Beyond the last time that was tried it
/// goes on as fast as it came there.
fn crossing(
    curve: &[Change],
    which: fn(&Change) -> f64,
    left: f64,
    peak: f64,
    furthest: f64,
) -> Option<f64> {
    let (mut seconds, mut reached) = (0.0, 0.0);
    for change in curve {
        let swing = if change.steps >= NEARLY_A_DAY {
            peak
        } else {
            0.0
        };
        if swing > 0.0 && (change.steps + HOUR_SECONDS) % DAY_SECONDS > HOUR_SECONDS {
            // Within a day the curve has a swing of its own.
            continue;
        }
        let next = which(change) + swing;
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
    let swing = if seconds >= NEARLY_A_DAY { peak } else { 0.0 };
    let grown = reached - swing;
    let time = seconds * (left - swing) / grown;
    (grown > 0.0 && time <= furthest).then_some(time)
}
