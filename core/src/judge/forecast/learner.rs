//! Which experts to believe: weights learned from their past errors, at two speeds, and a
//! regression that is an expert itself.

use serde::{Deserialize, Serialize};

use super::model::{EXPERTS, LAST, Opinions, REGRESSION};

/// How strongly one score moves a merit, and which part of the merits is forgotten with it.
/// Slow and fast together do about as well as the better of them, so neither needs tuning.
const SPEEDS: [(f64, f64); 2] = [(0.1, 0.003), (0.2, 0.02)];
/// Part of a shorter lead's merit that counts for the next longer: what serves an hour ahead
/// mostly serves six, and is known five hours sooner.
const INHERITED: f32 = 0.4;
/// One score counts for no more than so many usual errors.
const SURPRISE: f64 = 3.0;

/// Logarithms of the weights, by speed.
pub(super) type Merits = [[f32; EXPERTS]; SPEEDS.len()];

/// The weights of one lead.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Learner {
    own: Merits,
    weights: [f32; EXPERTS],
}

impl Learner {
    pub(super) fn new() -> Learner {
        Learner {
            own: Merits::default(),
            weights: weights(&Merits::default()),
        }
    }

    /// Scores the opinions: `scale` is the usual size of an error.
    pub(super) fn score(&mut self, opinions: &Opinions, forecast: f64, value: f64, scale: f64) {
        if scale <= 0.0 {
            return;
        }
        for (merits, (rate, forgotten)) in self.own.iter_mut().zip(SPEEDS) {
            for (merit, opinion) in merits.iter_mut().zip(opinions) {
                let better = (value - forecast).abs() - (value - f64::from(*opinion)).abs();
                let gain = (better / scale).clamp(-SURPRISE, SURPRISE);
                *merit = ((1.0 - forgotten) * f64::from(*merit) + rate * gain) as f32;
            }
        }
    }

    /// Takes over from the next shorter lead; returns what the next longer one gets.
    pub(super) fn inherit(&mut self, shorter: &Merits) -> Merits {
        let mut merits = self.own;
        for (all, from) in merits.iter_mut().zip(shorter) {
            for (merit, from) in all.iter_mut().zip(from) {
                *merit += INHERITED * from;
            }
        }
        self.weights = weights(&merits);
        merits
    }

    /// The weighted median of the opinions: never outside what the experts say, and one that
    /// is far off does no harm.
    pub(super) fn blend(&self, opinions: &Opinions) -> f64 {
        let mut order: [u8; EXPERTS] = std::array::from_fn(|k| k as u8);
        order.sort_unstable_by(|a, b| {
            opinions[usize::from(*a)].total_cmp(&opinions[usize::from(*b)])
        });
        let mut sum = 0.0;
        for expert in order.map(usize::from) {
            sum += self.weights[expert];
            if sum >= 0.5 {
                return f64::from(opinions[expert]);
            }
        }
        f64::from(opinions[LAST])
    }
}

/// The mean of the weights at both speeds.
fn weights(merits: &Merits) -> [f32; EXPERTS] {
    let mut weights = [0.0; EXPERTS];
    for merits in merits {
        let top = merits.iter().copied().fold(f32::MIN, f32::max);
        let raw = merits.map(|merit| (merit - top).exp());
        let share = 1.0 / (raw.iter().sum::<f32>() * SPEEDS.len() as f32);
        for (weight, raw) in weights.iter_mut().zip(raw) {
            *weight += raw * share;
        }
    }
    weights
}

/// Inputs of the regression: how far these experts are from the last value.
const INPUTS: [usize; 7] = [1, 5, 6, 7, 8, 9, 11];
const N: usize = INPUTS.len();
/// What is assumed of their coefficients before there is evidence.
const PRIOR: [f64; N] = [0.0, 0.3, 0.15, 0.15, 0.3, 0.0, 0.0];
/// How much evidence, in scores of usual size, outweighs the assumption.
const PRIOR_SCORES: f64 = 10.0;
/// Further share of the evidence that pulls towards the assumption, so that inputs which
/// hardly differ can't play each other off.
const RIDGE: f64 = 0.02;
/// Part of the evidence that is left after a score: 500 scores.
const KEPT: f64 = 0.998;
/// A score's weight falls with its error (least absolute error by reweighting), from this
/// part of a usual error on.
const SMALL: f64 = 0.3;

/// A discounted regression of the change since now on how far the experts are from now.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Regression {
    /// The lower triangle of the inputs' products, row by row.
    products: [f32; N * (N + 1) / 2],
    targets: [f32; N],
    coefficients: [f32; N],
    begun: bool,
}

impl Regression {
    /// Puts the regression's own opinion into its place.
    pub(super) fn complete(&self, opinions: &mut Opinions) {
        let inputs = inputs(opinions);
        opinions[REGRESSION] = (f64::from(opinions[LAST]) + self.change(&inputs)) as f32;
    }

    fn change(&self, inputs: &[f64; N]) -> f64 {
        let coefficients = if self.begun {
            self.coefficients.map(f64::from)
        } else {
            PRIOR
        };
        inputs.iter().zip(coefficients).map(|(x, c)| x * c).sum()
    }

    pub(super) fn score(&mut self, opinions: &Opinions, value: f64, scale: f64) {
        if scale <= 0.0 {
            return;
        }
        let inputs = inputs(opinions);
        let target = value - f64::from(opinions[LAST]);
        let miss = (target - self.change(&inputs)).abs() / scale;
        let weight = 1.0 / miss.max(SMALL);
        let inputs = inputs.map(|input| input / scale);
        let mut at = 0;
        for row in 0..N {
            for column in 0..=row {
                let held = &mut self.products[at];
                *held = (KEPT * f64::from(*held) + weight * inputs[row] * inputs[column]) as f32;
                at += 1;
            }
            let held = &mut self.targets[row];
            *held = (KEPT * f64::from(*held) + weight * inputs[row] * target / scale) as f32;
        }
        self.begun = true;
        self.coefficients = self.solve().map(|c| c as f32);
    }

    /// Gauss's elimination; the ridge keeps every pivot above 0.
    fn solve(&self) -> [f64; N] {
        let mut matrix = [[0.0; N]; N];
        let mut right = self.targets.map(f64::from);
        // Row by row, as `score` writes them.
        let cells = (0..N).flat_map(|row| (0..=row).map(move |column| (row, column)));
        for ((row, column), held) in cells.zip(self.products) {
            matrix[row][column] = f64::from(held);
            matrix[column][row] = f64::from(held);
        }
        for row in 0..N {
            let pull = PRIOR_SCORES + RIDGE * matrix[row][row];
            matrix[row][row] += pull;
            right[row] += pull * PRIOR[row];
        }
        for pivot in 0..N {
            let top = matrix[pivot];
            for row in pivot + 1..N {
                let factor = matrix[row][pivot] / top[pivot];
                for column in pivot..N {
                    matrix[row][column] -= factor * top[column];
                }
                right[row] -= factor * right[pivot];
            }
        }
        for row in (0..N).rev() {
            for column in row + 1..N {
                right[row] -= matrix[row][column] * right[column];
            }
            right[row] /= matrix[row][row];
        }
        right.map(|c| if c.is_finite() { c } else { 0.0 })
    }
}

fn inputs(opinions: &Opinions) -> [f64; N] {
    INPUTS.map(|expert| f64::from(opinions[expert]) - f64::from(opinions[LAST]))
}
