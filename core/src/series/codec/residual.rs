//! What a predictor misses by, as decisions: whether at all, how many bits, to which side,
//! and the bits.

use super::coder::{Bit, Coder};
use super::number::{plain_bits, tree_bits};

/// Bits below the highest one that are learnt.
const LEARNT: u32 = 2;
const CALM: usize = 7;
const SIZES: usize = 4;

/// What is learnt of one column's misses.
#[derive(Debug)]
pub(super) struct Residuals {
    /// Levels of the tree of sizes.
    depth: u32,
    hit: [Bit; 8 + 8],
    size: [[Bit; 64]; SIZES],
    side: [Bit; 3],
    top: [[Bit; 1 << LEARNT]; 65],
    /// Hits in a row.
    calm: usize,
    /// Size of recent misses: a moving mean of their bits, in quarters.
    recent: u32,
    /// 0 none yet, 1 below, 2 above.
    last_side: usize,
}

/// Bits of a miss: 0 to 64.
pub(super) fn size_of(miss: i64) -> u32 {
    64 - miss.unsigned_abs().leading_zeros()
}

impl Residuals {
    /// For misses of at most `most` bits, which is not 0.
    pub(super) fn new(most: u32) -> Residuals {
        Residuals {
            depth: 32 - (most - 1).leading_zeros(),
            hit: [Bit::NEW; 16],
            size: [[Bit::NEW; 64]; SIZES],
            side: [Bit::NEW; 3],
            top: [[Bit::NEW; 1 << LEARNT]; 65],
            calm: 0,
            recent: 0,
            last_side: 0,
        }
    }

    /// Writes a miss, or reads one.
    #[inline]
    pub(super) fn code(&mut self, coder: &mut impl Coder, miss: i64) -> i64 {
        let place = match self.calm {
            0 => 8 + (self.recent as usize / 2).min(7),
            calm => calm.min(CALM),
        };
        if coder.bit(&mut self.hit[place], miss == 0) {
            self.calm += 1;
            self.recent -= self.recent.div_ceil(8);
            return 0;
        }
        self.calm = 0;
        let like = (self.recent as usize / 4).min(SIZES - 1);
        let bits = size_of(miss).wrapping_sub(1);
        let size = 1 + tree_bits(coder, &mut self.size[like], self.depth, bits);
        self.recent = (3 * self.recent + 4 * size + 2) / 4;
        let above = coder.bit(&mut self.side[self.last_side], miss > 0);
        self.last_side = 1 + usize::from(above);
        let learnt = LEARNT.min(size - 1);
        let rest = size - 1 - learnt;
        let magnitude = miss.unsigned_abs();
        let top = tree_bits(
            coder,
            &mut self.top[size as usize],
            learnt,
            (magnitude >> rest) as u32,
        );
        let high = (1u64 << learnt | u64::from(top)) << rest;
        let magnitude = high | plain_bits(coder, rest, magnitude);
        match above {
            true => magnitude as i64,
            false => (magnitude as i64).wrapping_neg(),
        }
    }
}
