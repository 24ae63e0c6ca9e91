//! One column of values, packed and unpacked.

use super::coder::{Bit, Coder, Decoder, Encoder};
use super::predict::{Memory, Predictor};
use super::residual::{Residuals, size_of};
use super::{Damage, Times};
use crate::series::ABSENT;

/// How a column is packed: what its directory entry says of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Recipe {
    pub(super) known: Known,
    pub(super) predictor: Predictor,
    /// The first value.
    pub(super) first: i64,
    /// All values are so many steps from the first; never 0.
    pub(super) step: u64,
    /// Bits of the greatest miss; 0: the guess is always right.
    pub(super) most: u32,
    /// Place of the column it is predicted from, where it refers to one, and the factor.
    pub(super) other: usize,
    pub(super) factor: f32,
    /// Packed bytes.
    pub(super) bytes: usize,
}

/// In which rows a value is known. The number is part of the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Known {
    Never = 0,
    Always = 1,
    AtTimes = 2,
}

impl Recipe {
    pub(super) const ABSENT: Recipe = Recipe {
        known: Known::Never,
        predictor: Predictor::Held,
        first: 0,
        step: 1,
        most: 0,
        other: 0,
        factor: 0.0,
        bytes: 0,
    };
}

/// What another column tells about this one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Other<'a> {
    pub(super) predictor: Predictor,
    pub(super) place: usize,
    pub(super) values: &'a [i64],
    pub(super) factor: f32,
    /// The clock that rates are by.
    pub(super) clock_us: &'a [i64],
}

impl Other<'_> {
    /// What it says of row `row`, in steps of `step` from `first`; `before` is the row of
    /// the value before.
    #[inline]
    fn help(&self, row: usize, before: usize, first: i64, step: u64) -> i64 {
        let there = self.values.get(row).copied().unwrap_or(ABSENT);
        if there == ABSENT {
            return 0;
        }
        if self.predictor == Predictor::Sibling {
            let apart = there.wrapping_sub(first);
            return match step {
                1 => apart,
                step => nearest(apart as f64 / step as f64),
            };
        }
        let at = |row: usize| self.clock_us.get(row).copied().unwrap_or(0);
        let passed = at(row).wrapping_sub(at(before)) as f64 / 1e6;
        nearest(there as f64 * f64::from(self.factor) * passed / step as f64)
    }
}

fn nearest(value: f64) -> i64 {
    (value + 0.5_f64.copysign(value)) as i64
}

/// The values in the rows where they are known, as steps from the first.
struct Steps {
    first: i64,
    step: u64,
    rows: Vec<usize>,
    steps: Vec<i64>,
}

impl Steps {
    fn of(values: &[i64], rows: impl Iterator<Item = usize>) -> Option<Steps> {
        let rows: Vec<usize> = rows.filter(|row| values[*row] != ABSENT).collect();
        let first = values[*rows.first()?];
        let mut step = 0u64;
        for row in &rows {
            let apart = values[*row].wrapping_sub(first);
            match values[*row].checked_sub(first) {
                Some(_) if step == 1 => {}
                Some(_) => step = common_divisor(step, apart.unsigned_abs()),
                None => step = 1,
            }
            if step == 1 {
                break;
            }
        }
        let step = step.max(1);
        // The least i64 has no positive counterpart to divide by.
        let step = if step > i64::MAX as u64 { 1 } else { step };
        let steps = rows
            .iter()
            .map(|row| values[*row].wrapping_sub(first) / step as i64)
            .collect();
        Some(Steps {
            first,
            step,
            rows,
            steps,
        })
    }
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Packs a column. `rows` are those in which its entity is there.
pub(super) fn pack(values: &[i64], rows: &[usize], other: Option<Other<'_>>) -> (Recipe, Vec<u8>) {
    let Some(steps) = Steps::of(values, rows.iter().copied()) else {
        return (Recipe::ABSENT, Vec::new());
    };
    let (predictor, most) = cheapest(&steps, other);
    let mut recipe = Recipe {
        known: match steps.rows.len() == rows.len() {
            true => Known::Always,
            false => Known::AtTimes,
        },
        predictor,
        first: steps.first,
        step: steps.step,
        most,
        ..Recipe::ABSENT
    };
    let other = other.filter(|_| predictor.refers());
    if let Some(other) = &other {
        recipe.other = other.place;
        recipe.factor = other.factor;
    }
    let mut encoder = Encoder::new();
    let mut next = steps.steps.iter();
    run(
        &recipe,
        rows,
        other,
        &mut encoder,
        |row| match values[row] != ABSENT {
            true => next.next().copied(),
            false => None,
        },
        |_, _| {},
    );
    let bytes = encoder.finish();
    recipe.bytes = bytes.len();
    (recipe, bytes)
}

/// Unpacks a column into `values`, which is `ABSENT` throughout.
pub(super) fn unpack(
    recipe: &Recipe,
    bytes: &[u8],
    rows: &[usize],
    other: Option<Other<'_>>,
    values: &mut [i64],
) -> Result<(), Damage> {
    if recipe.known == Known::Never {
        return Ok(());
    }
    let mut decoder = Decoder::new(bytes);
    run(
        recipe,
        rows,
        other,
        &mut decoder,
        |_| None,
        |row, steps| {
            let apart = (recipe.step as i64).wrapping_mul(steps);
            values[row] = recipe.first.wrapping_add(apart);
        },
    );
    match decoder.overrun() {
        true => Err(Damage("a column is shorter than it says")),
        false => Ok(()),
    }
}

/// Takes a column through a coder: `give` names the value to write, `got` is told each.
#[inline]
fn run<C: Coder>(
    recipe: &Recipe,
    rows: &[usize],
    other: Option<Other<'_>>,
    coder: &mut C,
    mut give: impl FnMut(usize) -> Option<i64>,
    mut got: impl FnMut(usize, i64),
) {
    let mut known = [Bit::NEW; 4];
    let mut history = 0b11;
    let mut misses = (recipe.most > 0).then(|| Residuals::new(recipe.most));
    let mut memory = Memory::default();
    let mut before = None;
    for &row in rows {
        let value = give(row);
        if recipe.known == Known::AtTimes {
            let there = coder.bit(&mut known[history], value.is_some());
            history = (history << 1 | usize::from(there)) & 3;
            if !there {
                continue;
            }
        }
        let help = other.map_or(0, |other| {
            other.help(row, before.unwrap_or(row), recipe.first, recipe.step)
        });
        let guess = memory.guess(recipe.predictor, help);
        let value = match &mut misses {
            Some(misses) => {
                let miss = value.unwrap_or(0).wrapping_sub(guess);
                guess.wrapping_add(misses.code(coder, miss))
            }
            None => guess,
        };
        got(row, value);
        memory.take(value);
        before = Some(row);
    }
}

/// The predictor that seems to cost least, and the size of its greatest miss.
fn cheapest(steps: &Steps, other: Option<Other<'_>>) -> (Predictor, u32) {
    let mut cost = [0u64; 8];
    let mut most = [0u32; 8];
    let mut memory = Memory::default();
    let mut before = steps.rows.first().copied().unwrap_or(0);
    for (&row, &value) in steps.rows.iter().zip(&steps.steps) {
        let help = other.map_or(0, |other| other.help(row, before, steps.first, steps.step));
        for predictor in Predictor::ALL {
            let place = predictor as usize;
            let size = size_of(value.wrapping_sub(memory.guess(predictor, help)));
            // A hit costs little, a miss its bits and how many they are.
            cost[place] += if size == 0 {
                1
            } else {
                4 * u64::from(size) + 10
            };
            most[place] = most[place].max(size);
        }
        memory.take(value);
        before = row;
    }
    let usable = |predictor: &Predictor| {
        !predictor.refers() || other.is_some_and(|other| other.predictor == *predictor)
    };
    // Simple ones first: among equals the first is taken.
    let order = [
        Predictor::Held,
        Predictor::First,
        Predictor::Sibling,
        Predictor::Integral,
        Predictor::Line,
        Predictor::Steady,
        Predictor::Smooth2,
        Predictor::Smooth8,
    ];
    let best = order
        .into_iter()
        .filter(usable)
        .min_by_key(|predictor| cost[*predictor as usize])
        .unwrap_or(Predictor::Held);
    (best, most[best as usize])
}

/// The clock by which a column's rates are.
pub(super) fn clock(times: &Times, raw: bool) -> &[i64] {
    match raw {
        true => &times.second,
        false => &times.unix_us,
    }
}
