//! How the next value of a column is guessed from the ones before.

/// A way of guessing. The number is part of the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Predictor {
    /// Always the first value.
    First = 0,
    /// The value before.
    Held = 1,
    /// It goes on as it went between the two before.
    Line = 2,
    /// A moving mean that follows by a half.
    Smooth2 = 3,
    /// A moving mean that follows by an eighth.
    Smooth8 = 4,
    /// The value before, and a moving mean of its increase.
    Steady = 5,
    /// The value before, and the rate in another column times the time that passed.
    Integral = 6,
    /// The value of another column.
    Sibling = 7,
    /// As another column moved since the first row, times a factor.
    Along = 8,
    /// The time that passed since the row before, times a factor.
    Passed = 9,
}

impl Predictor {
    /// Those that need nothing but the column itself; simple ones first.
    pub(super) const ALONE: [Predictor; 6] = [
        Predictor::Held,
        Predictor::First,
        Predictor::Line,
        Predictor::Steady,
        Predictor::Smooth2,
        Predictor::Smooth8,
    ];

    pub(super) fn from_code(code: u32) -> Option<Predictor> {
        Some(match code {
            0 => Predictor::First,
            1 => Predictor::Held,
            2 => Predictor::Line,
            3 => Predictor::Smooth2,
            4 => Predictor::Smooth8,
            5 => Predictor::Steady,
            6 => Predictor::Integral,
            7 => Predictor::Sibling,
            8 => Predictor::Along,
            9 => Predictor::Passed,
            _ => return None,
        })
    }

    /// It needs another column.
    pub(super) fn refers(self) -> bool {
        matches!(
            self,
            Predictor::Integral | Predictor::Sibling | Predictor::Along
        )
    }

    /// It has a factor.
    pub(super) fn scales(self) -> bool {
        matches!(
            self,
            Predictor::Integral | Predictor::Along | Predictor::Passed
        )
    }
}

/// What a column remembers of the values before, in its own steps from its first one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    last: i64,
    before: i64,
    /// Moving means, in sixteenths.
    mean2: i64,
    mean8: i64,
    increase: i64,
}

impl Memory {
    /// The guess; `help` is what the other column or the clock says, for those that refer.
    #[inline]
    pub(super) fn guess(&self, predictor: Predictor, help: i64) -> i64 {
        match predictor {
            Predictor::First => 0,
            Predictor::Held => self.last,
            Predictor::Line => self.last.wrapping_mul(2).wrapping_sub(self.before),
            Predictor::Smooth2 => self.mean2.wrapping_add(8) >> 4,
            Predictor::Smooth8 => self.mean8.wrapping_add(8) >> 4,
            Predictor::Steady => self.last.wrapping_add(self.increase.wrapping_add(8) >> 4),
            Predictor::Integral => self.last.wrapping_add(help),
            Predictor::Sibling | Predictor::Along | Predictor::Passed => help,
        }
    }

    /// Takes in the value that it was.
    #[inline]
    pub(super) fn take(&mut self, value: i64) {
        let follow = |mean: i64, to: i64, by: u32| {
            mean.wrapping_add((to.wrapping_mul(16)).wrapping_sub(mean) >> by)
        };
        self.mean2 = follow(self.mean2, value, 1);
        self.mean8 = follow(self.mean8, value, 3);
        self.increase = follow(self.increase, value.wrapping_sub(self.last), 2);
        self.before = self.last;
        self.last = value;
    }
}
