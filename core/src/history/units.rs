//! Times and units on their way to and from the caller.

use super::query::Aggregate;
use super::question::Question;
use crate::series::Unit;

/// Unix microseconds; a time that is too far off becomes the farthest.
pub(super) fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

pub(super) fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// Unit of an answer's values.
pub(super) fn unit_of(unit: Unit, question: &Question) -> Unit {
    let counts = |aggregate: Aggregate| aggregate == Aggregate::Count;
    if counts(question.aggregate) || question.combine.is_some_and(counts) {
        return Unit::Count;
    }
    match question.rate && question.aggregate != Aggregate::Sum {
        true => per_second(unit),
        false => unit,
    }
}

fn per_second(unit: Unit) -> Unit {
    match unit {
        Unit::Bytes => Unit::BytesPerSecond,
        // Seconds of a second: a share.
        Unit::Seconds => Unit::Number,
        _ => Unit::PerSecond,
    }
}
