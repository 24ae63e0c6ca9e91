//! How the recipes of a directory go. Those of one kind of column are mostly alike from
//! entity to entity, and many entities are there in a row or two only: what is learnt is
//! learnt of each kind of column and of each class of entities by itself.

use std::collections::HashMap;

use super::Sub;
use super::coder::{Bit, Coder};
use super::column::{Known, Recipe};
use super::directory::ColumnKey;
use super::number::{Number, tree_bits};
use super::predict::Predictor;

/// Entities by the number of rows in which they are there: one, a few, many.
const CLASSES: usize = 3;
const A_FEW: usize = 7;

/// Kinds of columns that are learnt by themselves; a family has far fewer.
const MOST_KEYS: usize = 512;

/// Factors that are common between a counter and its rate.
const FACTORS: [f32; 11] = [
    1.0, 0.1, 0.01, 0.001, 0.0001, 10.0, 100.0, 1000.0, 10_000.0, 0.00001, 0.000001,
];

/// What a column is like. The number is part of the file format; a column that is predicted
/// rightly from another one varies.
const NEVER: u32 = 0;
const CONSTANT: u32 = 1;
const CONSTANT_AT_TIMES: u32 = 2;
const VARIES: u32 = 3;
const VARIES_AT_TIMES: u32 = 4;

/// Of one kind of column.
#[derive(Debug, Clone)]
struct KeyModel {
    kind: [[Bit; 8]; CLASSES],
    as_expected: [Bit; CLASSES],
    first: Number,
    predictor: [Bit; 16],
    most: [Bit; 128],
    /// First value of the entity before.
    last_first: i64,
}

impl KeyModel {
    const NEW: KeyModel = KeyModel {
        kind: [[Bit::NEW; 8]; CLASSES],
        as_expected: [Bit::NEW; CLASSES],
        first: Number::NEW,
        predictor: [Bit::NEW; 16],
        most: [Bit::NEW; 128],
        last_first: 0,
    };
}

/// A count says nothing of the column after it. Not `Option`: optimised, the comparison came before
/// the look whether there is one, and valgrind complained in every program that seals a block.
const NOTHING_BEFORE: (ColumnKey, i64) = ((0, Sub::Count), 0);

/// Of all columns.
#[derive(Debug)]
pub(super) struct RecipeModel {
    /// What kinds that were not seen yet go by, and those that were.
    any: KeyModel,
    keys: HashMap<ColumnKey, KeyModel>,
    step: Number,
    other: Number,
    factor: Number,
    bytes: [Number; CLASSES],
    /// First value of the column before in the same entity, with its key; of the count
    /// before.
    before: (ColumnKey, i64),
    count: i64,
}

impl RecipeModel {
    pub(super) fn new() -> RecipeModel {
        RecipeModel {
            any: KeyModel::NEW,
            keys: HashMap::new(),
            step: Number::NEW,
            other: Number::NEW,
            factor: Number::NEW,
            bytes: [Number::NEW; CLASSES],
            before: NOTHING_BEFORE,
            count: 0,
        }
    }

    /// The next recipes are those of another entity.
    pub(super) fn begin_entity(&mut self) {
        self.before = NOTHING_BEFORE;
    }

    /// Writes a recipe or reads one, of an entity that is there in so many rows.
    pub(super) fn code(
        &mut self,
        coder: &mut impl Coder,
        key: ColumnKey,
        rows: usize,
        recipe: Recipe,
    ) -> Recipe {
        let class = match rows {
            0 | 1 => 0,
            rows if rows <= A_FEW => 1,
            _ => 2,
        };
        let known = self.keys.get_mut(&key);
        let is_new = known.is_none();
        let model = known.unwrap_or(&mut self.any);
        let kind = tree_bits(coder, &mut model.kind[class], 3, kind_of(&recipe));
        let mut read = match kind {
            CONSTANT | VARIES => Recipe {
                known: Known::Always,
                ..Recipe::ABSENT
            },
            CONSTANT_AT_TIMES | VARIES_AT_TIMES => Recipe {
                known: Known::AtTimes,
                ..Recipe::ABSENT
            },
            _ => Recipe::ABSENT,
        };
        if read.known != Known::Never {
            let expected = match (key.1, self.before) {
                (Sub::Count, _) => self.count,
                (_, ((metric, sub), first)) if metric == key.0 && sub != Sub::Count => first,
                _ => model.last_first,
            };
            let is_expected = recipe.first == expected;
            read.first = match coder.bit(&mut model.as_expected[class], is_expected) {
                true => expected,
                false => {
                    let apart = recipe.first.wrapping_sub(expected);
                    expected.wrapping_add(model.first.code_signed(coder, apart))
                }
            };
        }
        if matches!(kind, VARIES | VARIES_AT_TIMES) {
            let code = tree_bits(coder, &mut model.predictor, 4, recipe.predictor as u32);
            read.predictor = Predictor::from_code(code).unwrap_or(Predictor::Held);
            read.most = tree_bits(coder, &mut model.most, 7, recipe.most).min(64);
        }
        model.last_first = read.first;
        if is_new && self.keys.len() < MOST_KEYS {
            self.keys.insert(key, self.any.clone());
        }
        if key.1 == Sub::Count {
            self.count = read.first;
        }
        self.before = (key, read.first);
        match read.known {
            Known::Never => read,
            _ => self.rest(coder, class, recipe, read),
        }
    }

    /// What most recipes do not have.
    fn rest(
        &mut self,
        coder: &mut impl Coder,
        class: usize,
        recipe: Recipe,
        mut read: Recipe,
    ) -> Recipe {
        let helps = read.predictor.refers() || read.predictor.scales();
        if read.most > 0 || helps {
            let step = self.step.code(coder, recipe.step - 1);
            read.step = step.wrapping_add(1).max(1);
        }
        if read.predictor.refers() {
            read.other = self.other.code(coder, recipe.other as u64) as usize;
        }
        if read.predictor.scales() {
            read.factor = self.factor(coder, recipe.factor);
        }
        if read.most > 0 || read.known == Known::AtTimes {
            read.bytes = self.bytes[class].code(coder, recipe.bytes as u64) as usize;
        }
        read
    }

    fn factor(&mut self, coder: &mut impl Coder, factor: f32) -> f32 {
        let common = FACTORS.iter().position(|common| *common == factor);
        let other = FACTORS.len() as u64 + u64::from(factor.to_bits());
        let code = common.map_or(other, |place| place as u64);
        let code = self.factor.code(coder, code);
        match FACTORS.get(code as usize) {
            Some(common) => *common,
            None => f32::from_bits((code - FACTORS.len() as u64) as u32),
        }
    }
}

fn kind_of(recipe: &Recipe) -> u32 {
    let is_constant = recipe.most == 0 && recipe.predictor == Predictor::Held;
    match (recipe.known, is_constant) {
        (Known::Never, _) => NEVER,
        (Known::Always, true) => CONSTANT,
        (Known::AtTimes, true) => CONSTANT_AT_TIMES,
        (Known::Always, false) => VARIES,
        (Known::AtTimes, false) => VARIES_AT_TIMES,
    }
}
