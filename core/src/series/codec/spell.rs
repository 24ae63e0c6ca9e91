//! A byte of a text bit by bit, guessed from the bytes just before it.

use super::coder::{Bit, Coder};
use super::logistic::Mixer;

/// Guesses by so many bytes before, from none to this.
const ORDERS: usize = 5;
/// Of each order what it says and what that turned out to be worth; and the hint.
const GUESSES: usize = 2 * ORDERS + 1;
/// Bytes of a hint that were right and wrong are told apart up to these.
const RIGHT: usize = 16;
const WRONG: usize = 2;

/// The byte that an earlier stretch has here, and how that went so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hint {
    pub(super) byte: u8,
    pub(super) right: usize,
    pub(super) wrong: usize,
}

#[derive(Debug)]
pub(super) struct Speller {
    /// What is learnt of each bit after certain bytes, found by a hash.
    guesses: Vec<Bit>,
    /// What guesses of each order are worth, by how sure they are.
    worth: [[Bit; 128]; ORDERS],
    hints: [Bit; (RIGHT + 1) * (WRONG + 1)],
    mixers: [[Mixer<GUESSES>; ORDERS + 1]; 2],
}

impl Speller {
    /// With room for the guesses of about so many bytes, a power of two.
    pub(super) fn new(bytes: usize) -> Speller {
        Speller {
            guesses: vec![Bit::NEW; (8 * bytes).min(1 << 16)],
            worth: [[Bit::NEW; 128]; ORDERS],
            hints: [Bit::NEW; (RIGHT + 1) * (WRONG + 1)],
            mixers: [[Mixer::NEW; ORDERS + 1]; 2],
        }
    }

    /// Writes a byte, or reads one.
    pub(super) fn spell(
        &mut self,
        coder: &mut impl Coder,
        before: &[u8],
        hint: Option<Hint>,
        byte: u8,
    ) -> u8 {
        let newest = before[before.len().saturating_sub(ORDERS - 1)..].iter();
        let before = newest.fold(0, |before, byte| before << 8 | u64::from(*byte));
        let seeds: [u64; ORDERS] = std::array::from_fn(|order| {
            let context = before & ((1 << (8 * order)) - 1);
            (context << 3 | (order as u64 + 1)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        });
        let trust = hint.map_or(0, |hint| {
            hint.right.min(RIGHT) + (RIGHT + 1) * hint.wrong.min(WRONG)
        });
        let hinted = hint.map(|hint| 0x100 | u64::from(hint.byte));
        let mut node = 1u64;
        for place in (0..8).rev() {
            // As long as the bits so far are those of the hint.
            let hint = hinted.filter(|hinted| hinted >> (place + 1) == node);
            let hint = hint.map(|hinted| (hinted >> place) & 1 == 1);
            let spots = seeds.map(|seed| self.spot(seed, node));
            let bit = (byte >> place) & 1 == 1;
            let bit = self.bit(coder, &spots, hint.map(|hint| (hint, trust)), bit);
            node = node << 1 | u64::from(bit);
        }
        node as u8
    }

    fn spot(&self, seed: u64, node: u64) -> usize {
        let hash =
            (seed ^ node.wrapping_mul(0xD6E8_FEB8_6659_FD93)).wrapping_mul(0xA076_1D64_78BD_642F);
        (hash >> 40) as usize & (self.guesses.len() - 1)
    }

    fn bit(
        &mut self,
        coder: &mut impl Coder,
        spots: &[usize; ORDERS],
        hint: Option<(bool, usize)>,
        bit: bool,
    ) -> bool {
        let guesses = spots.map(|spot| self.guesses[spot]);
        let known = guesses.iter().filter(|guess| guess.seen() > 0).count();
        let mut ones = [1 << 14; GUESSES];
        for (order, guess) in guesses.iter().enumerate() {
            ones[2 * order] = guess.one();
            ones[2 * order + 1] = self.worth[order][sureness(*guess)].one();
        }
        if let Some((hint, trust)) = hint {
            let right = self.hints[trust].one();
            ones[2 * ORDERS] = if hint { right } else { (1 << 15) - right };
        }
        let mixer = &mut self.mixers[usize::from(hint.is_some())][known];
        let (one, mixed) = mixer.mix(ones);
        let bit = coder.decide(one, bit);
        mixer.learn(&mixed, bit);
        for (order, spot) in spots.iter().enumerate() {
            self.worth[order][sureness(guesses[order])].learn(bit);
            self.guesses[*spot].learn(bit);
        }
        if let Some((hint, trust)) = hint {
            self.hints[trust].learn(hint == bit);
        }
        bit
    }
}

/// How often a guess was learnt from, and what it says.
fn sureness(guess: Bit) -> usize {
    guess.seen().min(7) as usize * 16 + (guess.one() >> 11) as usize
}
