//! Texts: each byte guessed from the ones before it.

use super::coder::{Bit, Coder, Decoder, Encoder};
use super::number::Number;
use super::{Damage, envelope};

/// Guesses by so many bytes before, from none to this.
const ORDERS: usize = 5;
/// Trust in a guess by how many bytes it is made from.
const TRUST: [u32; ORDERS] = [1, 4, 20, 90, 300];
/// Guesses are kept in this many places, found by a hash.
const PLACES: usize = 1 << 14;
/// No text is longer.
const MOST_BYTES: usize = 1 << 24;

/// What is learnt of the texts of one block.
#[derive(Debug)]
pub(super) struct TextModel {
    guesses: Vec<Bit>,
    length: Number,
}

impl TextModel {
    pub(super) fn new() -> TextModel {
        TextModel {
            guesses: vec![Bit::NEW; PLACES],
            length: Number::NEW,
        }
    }

    pub(super) fn write(&mut self, encoder: &mut Encoder, text: &str) {
        self.length.code(encoder, text.len() as u64);
        let mut before = 0;
        for byte in text.bytes() {
            self.byte(encoder, before, byte);
            before = before << 8 | u64::from(byte);
        }
    }

    pub(super) fn read(&mut self, decoder: &mut Decoder<'_>) -> Result<String, Damage> {
        let length = self.length.code(decoder, 0);
        if length > MOST_BYTES as u64 {
            return Err(Damage("a text is too long"));
        }
        let mut text = Vec::new();
        let mut before = 0;
        for _ in 0..length {
            let byte = self.byte(decoder, before, 0);
            text.push(byte);
            before = before << 8 | u64::from(byte);
            if decoder.overrun() {
                return Err(Damage("a text is shorter than it says"));
            }
        }
        String::from_utf8(text).map_err(|_| Damage("a text is no UTF-8"))
    }

    fn byte(&mut self, coder: &mut impl Coder, before: u64, byte: u8) -> u8 {
        let seeds: [u64; ORDERS] = std::array::from_fn(|order| {
            let context = before & ((1 << (8 * order)) - 1);
            (context << 3 | order as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        });
        let mut node = 1u64;
        for place in (0..8).rev() {
            let places = seeds.map(|seed| {
                let hash = (seed ^ node.wrapping_mul(0xD6E8_FEB8_6659_FD93))
                    .wrapping_mul(0xA076_1D64_78BD_642F);
                (hash >> 40) as usize % PLACES
            });
            let bit = coder.decide(self.mix(&places), (byte >> place) & 1 == 1);
            for place in places {
                self.guesses[place].learn(bit);
            }
            node = node << 1 | u64::from(bit);
        }
        node as u8
    }

    /// The guesses together, those that know more with more weight.
    fn mix(&self, places: &[usize; ORDERS]) -> u32 {
        let (mut sum, mut weights) = (1 << 14, 1);
        for (place, trust) in places.iter().zip(TRUST) {
            let guess = self.guesses[*place];
            let weight = trust * guess.seen().min(6);
            sum += weight * guess.one();
            weights += weight;
        }
        (sum / weights).clamp(16, (1 << 15) - 16)
    }
}

/// Packs a text (labels, context); returns it with its own length.
pub(crate) fn pack_text(text: &str) -> Vec<u8> {
    let mut encoder = Encoder::new();
    TextModel::new().write(&mut encoder, text);
    envelope::seal(&encoder.finish())
}

/// Unpacks it.
pub(crate) fn unpack_text(bytes: &[u8]) -> Result<String, Damage> {
    let body = envelope::unseal(bytes)?;
    TextModel::new().read(&mut Decoder::new(body))
}
