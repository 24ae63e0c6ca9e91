//! How a metric grew over windows of its past, and what that makes of its future: each way
//! of seeing growth is tried on that past, and those that were right count most.

/// Times ahead that are looked at, in steps.
const AHEAD: [usize; 9] = [1, 2, 3, 6, 12, 24, 36, 48, 72];
/// Windows of the straight lines (least squares), in steps.
const WINDOWS: [usize; 6] = [3, 6, 12, 24, 48, 96];
/// Windows over which growth is taken from end to end. In hours they are whole days, so that
/// a daily cycle and a nightly clean-up are in them as a whole.
const SPANS: [usize; 3] = [24, 48, 96];
/// The last of these spans is repeated with its shape.
const SHAPE_SPAN: usize = 24;
/// Lines, spans, the shape of the span before, no growth.
const WAYS: usize = WINDOWS.len() + SPANS.len() + 2;
const SHAPE: usize = WAYS - 2;
const NO_GROWTH: usize = WAYS - 1;
/// Part of a line's values that must be known.
const LINE_KNOWN: f64 = 0.7;
/// Origins that must have been tried, at the least.
const ENOUGH: usize = 6;
/// A way's weight is its past error to the power of minus this.
const SHARPNESS: i32 = 4;
/// Origins count for less with age: steps until they count e times less, and how much longer
/// for each step ahead.
const MEMORY: f64 = 48.0;
const MEMORY_PER_STEP: f64 = 2.0;
/// Errors of the tried origins, with weights found on the same origins, are too small by
/// about so much.
const WIDER: f64 = 1.5;
/// What the past can't show: rates that will change. Part of the change, for a time ahead as
/// long as the past.
const UNSEEN: f64 = 0.1;

/// The change expected until some steps ahead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) steps: f64,
    /// Nine in ten are above.
    pub(super) low: f64,
    pub(super) middle: f64,
    /// Nine in ten are below.
    pub(super) high: f64,
    /// 1 − error / error of "no change", on the past.
    pub(super) skill: f64,
}

/// What the past, oldest first, says of the times ahead. Empty when it says nothing.
pub(super) fn changes(past: &[f32]) -> Vec<Change> {
    let Some(now) = Ways::new(past, past.len()) else {
        return Vec::new();
    };
    // Neighbouring origins tell nearly the same: no more than about a hundred.
    let every = past.len() / 100 + 1;
    let tried: Vec<Ways> = (ENOUGH..past.len())
        .step_by(every)
        .filter_map(|end| Ways::new(past, end))
        .collect();
    AHEAD
        .iter()
        .filter_map(|&steps| change(past, &now, &tried, every, steps))
        .collect()
}

/// The ways as they are after the first `end` values of the past.
struct Ways {
    end: usize,
    /// Offset from the last value, growth per step.
    lines: [Option<(f64, f64)>; WAYS],
}

impl Ways {
    fn new(past: &[f32], end: usize) -> Option<Ways> {
        let last = value(past, end.checked_sub(1)?)?;
        let mut lines = [None; WAYS];
        let (straight_lines, others) = lines.split_at_mut(WINDOWS.len());
        for (line, window) in straight_lines.iter_mut().zip(WINDOWS) {
            *line = straight(past, end, window).map(|(level, slope)| (level - last, slope));
        }
        for (line, span) in others.iter_mut().zip(SPANS) {
            let before = end
                .checked_sub(1 + span)
                .and_then(|begin| value(past, begin));
            *line = before.map(|before| (0.0, (last - before) / span as f64));
        }
        lines[NO_GROWTH] = Some((0.0, 0.0));
        Some(Ways { end, lines })
    }

    fn change(&self, past: &[f32], way: usize, steps: usize) -> Option<f64> {
        if way == SHAPE {
            return self.shape(past, steps);
        }
        self.lines[way].map(|(offset, slope)| offset + slope * steps as f64)
    }

    fn shape(&self, past: &[f32], steps: usize) -> Option<f64> {
        let begin = (self.end - 1).checked_sub(SHAPE_SPAN)?;
        let first = value(past, begin)?;
        let whole = value(past, self.end - 1)? - first;
        let rest = value(past, begin + steps % SHAPE_SPAN)? - first;
        Some((steps / SHAPE_SPAN) as f64 * whole + rest)
    }
}

/// One time at which the ways were tried.
struct Trial {
    said: [Option<f64>; WAYS],
    came: f64,
    share: f64,
}

fn change(past: &[f32], now: &Ways, tried: &[Ways], every: usize, steps: usize) -> Option<Change> {
    let trials: Vec<Trial> = tried
        .iter()
        .filter_map(|ways| {
            let then = ways.end - 1 + steps;
            let came = value(past, then)? - value(past, ways.end - 1)?;
            let age = (past.len() - then) as f64;
            Some(Trial {
                said: std::array::from_fn(|way| ways.change(past, way, steps)),
                came,
                share: (-age / (MEMORY + MEMORY_PER_STEP * steps as f64)).exp(),
            })
        })
        .collect();
    if trials.len() < ENOUGH.max(steps / 2 / every) {
        return None;
    }
    let idle = mean_error(&trials, |trial| trial.said[NO_GROWTH])?;
    let said: [Option<f64>; WAYS] = std::array::from_fn(|way| now.change(past, way, steps));
    let weights = std::array::from_fn(|way| said[way].map_or(0.0, |_| weight(&trials, way, idle)));
    let middle = blend(&weights, &said)?;
    let own = mean_error(&trials, |trial| blend(&weights, &trial.said))?;
    let mut errors: Vec<f64> = trials
        .iter()
        .filter_map(|trial| Some(trial.came - blend(&weights, &trial.said)?))
        .collect();
    errors.sort_unstable_by(f64::total_cmp);
    let tenth = errors.len() / 10;
    let (low, high) = (errors.get(tenth)?, errors.get(errors.len() - 1 - tenth)?);
    let unseen = UNSEEN * middle.abs() * steps as f64 / past.len() as f64;
    Some(Change {
        steps: steps as f64,
        low: middle + (WIDER * low).min(0.0) - unseen,
        middle,
        high: middle + (WIDER * high).max(0.0) + unseen,
        skill: if idle > 0.0 { 1.0 - own / idle } else { 0.0 },
    })
}

fn mean_error(trials: &[Trial], said: impl Fn(&Trial) -> Option<f64>) -> Option<f64> {
    let (mut sum, mut shares) = (0.0, 0.0);
    for trial in trials {
        if let Some(said) = said(trial) {
            sum += trial.share * (said - trial.came).abs();
            shares += trial.share;
        }
    }
    (shares > 0.0).then(|| sum / shares)
}

fn weight(trials: &[Trial], way: usize, idle: f64) -> f64 {
    let known = trials.iter().filter(|t| t.said[way].is_some()).count();
    if known < ENOUGH || idle <= 0.0 {
        // Where nothing ever changed, only "no growth" is left.
        return f64::from(way == NO_GROWTH);
    }
    // No way is right to more than a thousandth: the weights stay finite.
    mean_error(trials, |trial| trial.said[way])
        .map_or(0.0, |error| (error / idle + 1e-3).powi(-SHARPNESS))
}

fn blend(weights: &[f64; WAYS], said: &[Option<f64>; WAYS]) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (weight, said) in weights.iter().zip(said) {
        if let Some(said) = said {
            sum += weight * said;
            total += weight;
        }
    }
    (total > 0.0).then(|| sum / total)
}

/// Least squares over the last values before `end`: level at the last one, growth per step.
fn straight(past: &[f32], end: usize, window: usize) -> Option<(f64, f64)> {
    let begin = end.checked_sub(window)?;
    let (mut n, mut x1, mut y1, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for at in begin..end {
        if let Some(y) = value(past, at) {
            let x = at as f64 - (end - 1) as f64;
            n += 1.0;
            x1 += x;
            y1 += y;
            xx += x * x;
            xy += x * y;
        }
    }
    let spread = n * xx - x1 * x1;
    if n < LINE_KNOWN * window as f64 || spread <= 0.0 {
        return None;
    }
    let slope = (n * xy - x1 * y1) / spread;
    Some(((y1 - slope * x1) / n, slope))
}

fn value(past: &[f32], at: usize) -> Option<f64> {
    past.get(at).filter(|v| !v.is_nan()).map(|v| f64::from(*v))
}
