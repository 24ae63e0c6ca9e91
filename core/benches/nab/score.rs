//! The metric of the Numenta Anomaly Benchmark (Lavin and Ahmad, arXiv:1510.03336), written
//! from its description.
//!
//! The first 15 % of a series (at most 750 rows) do not count. A labelled window earns
//! `s(y) / s(−1)` for its earliest detection, y from −1 at its first row to nearly 0 at its
//! last, s(y) = 2 / (1 + e^5y) − 1; without a detection it costs A_FN. A detection outside
//! costs A_FP·|s(y)|, y the distance past the end of the window before it in lengths of that
//! window, and all of A_FP where there is none or y > 3. The sum over all series at one
//! threshold is scaled so that silence gets 0 and a detection on each window's first row 100.

use crate::data::Series;

/// Share of a series that does not count, and of how many rows at most.
const PROBATION_SHARE: f64 = 0.15;
const PROBATION_ROWS: usize = 5_000;

/// What a missed window and a false detection cost; a found window is worth 1.
pub struct Profile {
    pub name: &'static str,
    pub false_positive: f64,
    pub false_negative: f64,
}

pub const PROFILES: [Profile; 3] = [
    Profile {
        name: "standard",
        false_positive: 0.11,
        false_negative: 1.0,
    },
    Profile {
        name: "reward low FP",
        false_positive: 0.22,
        false_negative: 1.0,
    },
    Profile {
        name: "reward low FN",
        false_positive: 0.11,
        false_negative: 2.0,
    },
];

/// +1 far before a window's end, 0 at it, −1 far after.
fn squash(y: f64) -> f64 {
    2.0 / (1.0 + (5.0 * y).exp()) - 1.0
}

/// A series with its scores, reduced to what any threshold and profile need.
pub struct Judged {
    pub category: String,
    /// Per window: the score and the reward of each row that counts.
    windows: Vec<Vec<(f64, f64)>>,
    /// Score and unweighted penalty (−1 to 0) of each row outside the windows.
    outside: Vec<(f64, f64)>,
}

/// What a group of series got at one threshold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Summary {
    pub raw: f64,
    pub found: usize,
    pub windows: usize,
    pub false_rows: usize,
    missed_cost: f64,
}

impl Summary {
    /// 0 for silence, 100 for perfection; `None` without windows.
    pub fn score(&self) -> Option<f64> {
        let windows = self.windows as f64;
        (self.windows > 0).then(|| {
            100.0 * (self.raw + self.missed_cost * windows) / ((1.0 + self.missed_cost) * windows)
        })
    }
}

impl Judged {
    /// `scores` has one finite number per row.
    pub fn new(series: &Series, scores: &[f64]) -> Result<Judged, String> {
        let rows = series.seconds.len();
        if scores.len() != rows || scores.iter().any(|s| !s.is_finite()) {
            return Err(format!("{}: not one finite score per row", series.name));
        }
        let probation = (PROBATION_SHARE * rows.min(PROBATION_ROWS) as f64) as usize;
        let mut inside = vec![false; rows];
        let mut penalty = vec![-1.0; rows];
        let mut windows = Vec::new();
        for &(first, last) in &series.windows {
            let within = |s: &f64| (first..=last).contains(s);
            let (Some(left), Some(right)) = (
                series.seconds.iter().position(within),
                series.seconds.iter().rposition(within),
            ) else {
                return Err(format!("{}: a window without a row", series.name));
            };
            inside[left..=right].fill(true);
            let length = (right - left).max(1) as f64;
            for (row, penalty) in penalty.iter_mut().enumerate().skip(right + 1) {
                let y = (row - right) as f64 / length;
                *penalty = if y > 3.0 { -1.0 } else { squash(y) };
            }
            let width = (right - left + 1) as f64;
            let reward = |row: usize| squash(-((right - row + 1) as f64) / width) / squash(-1.0);
            let counted = left.max(probation)..(right + 1).max(probation);
            windows.push(counted.map(|row| (scores[row], reward(row))).collect());
        }
        let outside = (probation..rows)
            .filter(|&row| !inside[row])
            .map(|row| (scores[row], penalty[row]))
            .collect();
        Ok(Judged {
            category: series.category().to_owned(),
            windows,
            outside,
        })
    }

    /// The change of the raw score as the threshold falls to each score.
    fn steps(&self, profile: &Profile, steps: &mut Vec<(f64, f64)>) {
        steps.extend(
            self.outside
                .iter()
                .map(|&(score, penalty)| (score, profile.false_positive * penalty)),
        );
        for window in &self.windows {
            // A row becomes the earliest detection at its own score only if no earlier row
            // reaches that score. The higher a record, the later it is: as the threshold
            // falls the detection walks back from record to record.
            let mut records: Vec<(f64, f64)> = Vec::new();
            for &(score, reward) in window {
                if records.last().is_none_or(|last| score > last.0) {
                    records.push((score, reward));
                }
            }
            let mut later = -profile.false_negative;
            for &(score, reward) in records.iter().rev() {
                steps.push((score, reward - later));
                later = reward;
            }
        }
    }

    fn add_to(&self, sum: &mut Summary, threshold: f64, profile: &Profile) {
        for &(_, penalty) in self.outside.iter().filter(|o| o.0 >= threshold) {
            sum.raw += profile.false_positive * penalty;
            sum.false_rows += 1;
        }
        for window in &self.windows {
            sum.windows += 1;
            match window.iter().find(|row| row.0 >= threshold) {
                Some(&(_, reward)) => {
                    sum.raw += reward;
                    sum.found += 1;
                }
                None => sum.raw -= profile.false_negative,
            }
        }
    }
}

/// The threshold with the highest sum over these series; infinite when silence is best.
pub fn best_threshold<'a>(all: impl IntoIterator<Item = &'a Judged>, profile: &Profile) -> f64 {
    let mut steps = Vec::new();
    for judged in all {
        judged.steps(profile, &mut steps);
    }
    steps.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut best, mut best_at, mut sum) = (0.0, f64::INFINITY, 0.0);
    for (index, &(score, change)) in steps.iter().enumerate() {
        sum += change;
        // Only where the next score is another one can a threshold lie.
        let is_last_of_tie = steps.get(index + 1).is_none_or(|next| next.0 < score);
        if is_last_of_tie && sum > best {
            (best, best_at) = (sum, score);
        }
    }
    best_at
}

pub fn summary<'a>(
    all: impl IntoIterator<Item = &'a Judged>,
    threshold: f64,
    profile: &Profile,
) -> Summary {
    let mut sum = Summary {
        missed_cost: profile.false_negative,
        ..Summary::default()
    };
    for judged in all {
        judged.add_to(&mut sum, threshold, profile);
    }
    sum
}
