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

/// What is told about a column from outside: by another column, by the clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outside<'a> {
    pub(super) predictor: Predictor,
    /// Place and values of the other column.
    pub(super) place: usize,
    pub(super) values: &'a [i64],
    pub(super) factor: f32,
    pub(super) clock_us: &'a [i64],
}

/// Rows that a guess is made from.
#[derive(Debug, Clone, Copy)]
struct At {
    row: usize,
    /// The one of the value before.
    before: usize,
    /// The one of the first value.
    start: usize,
}

impl Outside<'_> {
    /// What is told of a row, in steps of `step` from `first`.
    #[inline]
    fn help(&self, at: At, first: i64, step: u64) -> i64 {
        let other = |row: usize| self.values.get(row).copied().unwrap_or(ABSENT);
        let passed = |from: usize| {
            let clock = |row: usize| self.clock_us.get(row).copied().unwrap_or(0);
            clock(at.row).wrapping_sub(clock(from)) as f64
        };
        let factor = f64::from(self.factor);
        let there = other(at.row);
        match self.predictor {
            Predictor::Passed => {
                let value = nearest(passed(at.before) * factor);
                nearest(value.wrapping_sub(first) as f64 / step as f64)
            }
            _ if there == ABSENT => 0,
            Predictor::Integral => {
                nearest(there as f64 * factor * (passed(at.before) / 1e6) / step as f64)
            }
            Predictor::Along => match other(at.start) {
                ABSENT => 0,
                start => nearest(there.wrapping_sub(start) as f64 * factor / step as f64),
            },
            _ => match (there.wrapping_sub(first), step) {
                (apart, 1) => apart,
                (apart, step) => nearest(apart as f64 / step as f64),
            },
        }
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

/// Packs a column. `rows` are those in which its entity is there; `outside` is what may
/// help to predict it.
pub(super) fn pack<'a>(
    values: &[i64],
    rows: &[usize],
    outside: impl IntoIterator<Item = Outside<'a>>,
) -> (Recipe, Vec<u8>) {
    let Some(steps) = Steps::of(values, rows.iter().copied()) else {
        return (Recipe::ABSENT, Vec::new());
    };
    let mut best = alone(&steps);
    let mut chosen = None;
    if best.most > 0 {
        for outside in outside {
            let Some(outside) = fitted(outside, values, &steps) else {
                continue;
            };
            if let Some(better) = with(&outside, &steps, limit(&outside, best.cost)) {
                best = better;
                chosen = Some(outside);
            }
        }
    }
    let mut recipe = Recipe {
        known: match steps.rows.len() == rows.len() {
            true => Known::Always,
            false => Known::AtTimes,
        },
        predictor: best.predictor,
        first: steps.first,
        step: steps.step,
        most: best.most,
        ..Recipe::ABSENT
    };
    if let Some(outside) = &chosen {
        recipe.other = outside.place;
        recipe.factor = outside.factor;
    }
    let mut encoder = Encoder::new();
    let mut next = steps.steps.iter();
    let give = |row: usize| match values[row] != ABSENT {
        true => next.next().copied(),
        false => None,
    };
    run(&recipe, rows, chosen, &mut encoder, give, |_, _| {});
    let bytes = encoder.finish();
    recipe.bytes = bytes.len();
    (recipe, bytes)
}

/// Unpacks a column into `values`, which is `ABSENT` throughout.
pub(super) fn unpack(
    recipe: &Recipe,
    bytes: &[u8],
    rows: &[usize],
    outside: Option<Outside<'_>>,
    values: &mut [i64],
) -> Result<(), Damage> {
    if recipe.known == Known::Never {
        return Ok(());
    }
    let mut decoder = Decoder::new(bytes);
    run(
        recipe,
        rows,
        outside,
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
    outside: Option<Outside<'_>>,
    coder: &mut C,
    mut give: impl FnMut(usize) -> Option<i64>,
    mut got: impl FnMut(usize, i64),
) {
    let mut known = [Bit::NEW; 4];
    let mut history = 0b11;
    let mut misses = (recipe.most > 0).then(|| Residuals::new(recipe.most));
    let mut memory = Memory::default();
    let mut seen: Option<(usize, usize)> = None;
    for &row in rows {
        let value = give(row);
        if recipe.known == Known::AtTimes {
            let there = coder.bit(&mut known[history], value.is_some());
            history = (history << 1 | usize::from(there)) & 3;
            if !there {
                continue;
            }
        }
        let (start, before) = seen.unwrap_or((row, row));
        seen = Some((start, row));
        let help = outside.map_or(0, |outside| {
            let at = At { row, before, start };
            outside.help(at, recipe.first, recipe.step)
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
    }
}

/// What a predictor would cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    predictor: Predictor,
    /// About quarters of a bit.
    cost: u64,
    /// Size of the greatest miss.
    most: u32,
}

impl Cost {
    #[inline]
    fn add(&mut self, miss: i64) {
        let size = size_of(miss);
        // A hit costs little, a miss its bits and how many they are.
        self.cost += if size == 0 {
            1
        } else {
            4 * u64::from(size) + 10
        };
        self.most = self.most.max(size);
    }
}

/// The cheapest predictor that needs no help.
fn alone(steps: &Steps) -> Cost {
    let mut costs = Predictor::ALONE.map(|predictor| Cost {
        predictor,
        cost: 0,
        most: 0,
    });
    let mut memory = Memory::default();
    for &value in &steps.steps {
        for cost in &mut costs {
            cost.add(value.wrapping_sub(memory.guess(cost.predictor, 0)));
        }
        memory.take(value);
    }
    let [first, rest @ ..] = costs;
    let cheaper = |best: Cost, next: Cost| if next.cost < best.cost { next } else { best };
    rest.into_iter().fold(first, cheaper)
}

/// What it costs with help, if that is less than `limit`.
fn with(outside: &Outside<'_>, steps: &Steps, limit: u64) -> Option<Cost> {
    let mut cost = Cost {
        predictor: outside.predictor,
        // What the directory says of it.
        cost: match outside.predictor {
            Predictor::Along => 160,
            _ => 40,
        },
        most: 0,
    };
    let mut memory = Memory::default();
    let start = *steps.rows.first()?;
    let mut before = start;
    for (&row, &value) in steps.rows.iter().zip(&steps.steps) {
        let help = outside.help(At { row, before, start }, steps.first, steps.step);
        cost.add(value.wrapping_sub(memory.guess(outside.predictor, help)));
        if cost.cost >= limit {
            return None;
        }
        memory.take(value);
        before = row;
    }
    Some(cost)
}

/// With the factor that fits best, where that is not given.
fn fitted<'a>(outside: Outside<'a>, values: &[i64], steps: &Steps) -> Option<Outside<'a>> {
    if outside.factor != 0.0 || !outside.predictor.scales() {
        return Some(outside);
    }
    let start = *steps.rows.first()?;
    let factor = if outside.predictor == Predictor::Passed {
        // Time in some decimal unit.
        let (before, row) = (steps.rows.get(1)?, steps.rows.get(2)?);
        let clock = |row: &usize| outside.clock_us.get(*row).copied().unwrap_or(0);
        let passed = clock(row).wrapping_sub(clock(before));
        let ratio = values[*row] as f64 / passed as f64;
        let tens = [1.0, 0.1, 0.01, 0.001, 0.0001, 0.00001, 0.000_001];
        tens.into_iter()
            .find(|ten| (0.9..1.1).contains(&(ratio / ten)))?
    } else if outside.predictor == Predictor::Integral {
        // By what it grew in all.
        let clock = |row: usize| outside.clock_us.get(row).copied().unwrap_or(0);
        let passed = |pair: &[usize]| match outside.values.get(pair[1]) {
            None | Some(&ABSENT) => 0.0,
            Some(rate) => *rate as f64 * clock(pair[1]).wrapping_sub(clock(pair[0])) as f64 / 1e6,
        };
        let sum: f64 = steps.rows.windows(2).map(passed).sum();
        let last = values[*steps.rows.last()?];
        let factor = last.wrapping_sub(steps.first) as f64 / sum;
        if !factor.is_finite() {
            return None;
        }
        factor
    } else {
        // By the row where the other one is farthest from where it began.
        let other = |row: usize| outside.values.get(row).copied().filter(|v| *v != ABSENT);
        let first = other(start)?;
        let far = |row: &usize| other(*row).map_or(0, |value| value.abs_diff(first));
        let row = steps.rows.iter().copied().max_by_key(far)?;
        let moved = other(row)?.wrapping_sub(first);
        if moved == 0 {
            return None;
        }
        values[row].wrapping_sub(steps.first) as f64 / moved as f64
    };
    Some(Outside {
        factor: factor as f32,
        ..outside
    })
}

/// The clock by which a column's rates are.
pub(super) fn clock(times: &Times, raw: bool) -> &[i64] {
    match raw {
        true => &times.second,
        false => &times.unix_us,
    }
}

/// Another column has to be read too: to go along with one must save a fourth at least.
fn limit(outside: &Outside<'_>, cost: u64) -> u64 {
    match outside.predictor {
        Predictor::Along => cost - cost / 4,
        _ => cost,
    }
}
