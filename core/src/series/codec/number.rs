//! Numbers of a directory: how many bits they have is learnt, the bits hardly.

use super::coder::{Bit, Coder};

/// The low bits of a number as they are, however many.
pub(super) fn plain_bits(coder: &mut impl Coder, count: u32, bits: u64) -> u64 {
    let mut value = 0;
    let mut left = count;
    while left > 0 {
        let now = left.min(16);
        left -= now;
        value = (value << now) | u64::from(coder.plain(now, (bits >> left) as u32 & 0xFFFF));
    }
    value
}

/// A decision tree of `DEPTH` bits from the highest down; `nodes` holds 2^DEPTH of them.
pub(super) fn tree_bits(coder: &mut impl Coder, nodes: &mut [Bit], depth: u32, bits: u32) -> u32 {
    let mut node = 1usize;
    for place in (0..depth).rev() {
        let bit = (bits >> place) & 1 == 1;
        node = 2 * node + usize::from(coder.bit(&mut nodes[node], bit));
    }
    node as u32 & ((1 << depth) - 1)
}

/// What is known of one kind of number.
#[derive(Debug, Clone)]
pub(super) struct Number {
    /// Bits of the value: 0 to 64.
    width: [Bit; 128],
    /// The bit below the highest one.
    second: [Bit; 65],
}

impl Number {
    pub(super) const NEW: Number = Number {
        width: [Bit::NEW; 128],
        second: [Bit::NEW; 65],
    };

    /// Writes `value`, or reads one.
    pub(super) fn code(&mut self, coder: &mut impl Coder, value: u64) -> u64 {
        let width = tree_bits(coder, &mut self.width, 7, 64 - value.leading_zeros()).min(64);
        match width {
            0 => 0,
            1 => 1,
            width => {
                let rest = width - 2;
                let bit = (value >> rest) & 1 == 1;
                let second = coder.bit(&mut self.second[width as usize], bit);
                (2 + u64::from(second)) << rest | plain_bits(coder, rest, value)
            }
        }
    }

    /// The same for a number with a sign.
    pub(super) fn code_signed(&mut self, coder: &mut impl Coder, value: i64) -> i64 {
        let folded = ((value << 1) ^ (value >> 63)) as u64;
        let folded = self.code(coder, folded);
        (folded >> 1) as i64 ^ -((folded & 1) as i64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::coder::{Decoder, Encoder};
    use super::*;

    proptest! {
        #[test]
        fn numbers_of_every_size_come_back(
            values in prop::collection::vec((any::<i64>(), 0u32..64), 0..200),
        ) {
            let values: Vec<i64> = values.iter().map(|(value, by)| value >> by).collect();
            let mut encoder = Encoder::new();
            let mut model = Number::NEW;
            for value in &values {
                model.code_signed(&mut encoder, *value);
                model.code(&mut encoder, *value as u64);
            }
            let bytes = encoder.finish();
            let mut decoder = Decoder::new(&bytes);
            let mut model = Number::NEW;
            for value in &values {
                prop_assert_eq!(model.code_signed(&mut decoder, 0), *value);
                prop_assert_eq!(model.code(&mut decoder, 0), *value as u64);
            }
            prop_assert!(!decoder.overrun());
        }
    }
}
