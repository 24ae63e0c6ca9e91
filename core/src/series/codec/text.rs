//! Texts: whole stretches as an earlier one has them, the rest byte by byte.

use super::coder::{Bit, Coder, Decoder, Encoder};
use super::number::Number;
use super::spell::{Hint, Speller};
use super::{Damage, envelope};

/// An earlier stretch is looked up by this many bytes.
const ALIKE: usize = 6;
/// After so many right bytes in a row the next one is only said to be right.
const SURE: usize = 16;
/// How long it went right is told apart up to this.
const LONGEST: usize = 31;
/// A stretch is given up when it was wrong so often in short time.
const PATIENCE: usize = 8;
/// A text by itself is no longer.
const MOST_BYTES: usize = 1 << 22;

/// What is learnt of the texts of one block.
#[derive(Debug)]
pub(super) struct TextModel {
    length: Number,
    speller: Speller,
    /// All texts so far.
    before: Vec<u8>,
    /// Where the bytes of a hash last ended in them.
    ends: Vec<u32>,
    /// Where the byte is that is expected next.
    expected: Option<usize>,
    /// How many were right in a row, and how often lately one was wrong.
    right: usize,
    wrong: usize,
    goes_on: [Bit; LONGEST + 1],
}

impl TextModel {
    /// For about so many bytes of text in all; writer and reader must say the same.
    pub(super) fn new(bytes: usize) -> TextModel {
        let ends = bytes.next_power_of_two().clamp(1 << 8, 1 << 16);
        TextModel {
            length: Number::NEW,
            speller: Speller::new(ends),
            before: Vec::new(),
            ends: vec![0; ends],
            expected: None,
            right: 0,
            wrong: 0,
            goes_on: [Bit::NEW; LONGEST + 1],
        }
    }

    pub(super) fn write(&mut self, encoder: &mut Encoder, text: &str) {
        self.length.code(encoder, text.len() as u64);
        for byte in text.bytes() {
            self.byte(encoder, byte);
        }
    }

    /// Reads a text, with which all together may have `most` bytes.
    pub(super) fn read(
        &mut self,
        decoder: &mut Decoder<'_>,
        most: usize,
    ) -> Result<String, Damage> {
        let length = self.length.code(decoder, 0);
        let start = self.before.len();
        if length > most.saturating_sub(start) as u64 {
            return Err(Damage("a text is longer than it can be"));
        }
        for _ in 0..length {
            self.byte(decoder, 0);
            if decoder.overrun() {
                return Err(Damage("a text is shorter than it says"));
            }
        }
        let text = self.before[start..].to_vec();
        String::from_utf8(text).map_err(|_| Damage("a text is no UTF-8"))
    }

    /// Writes a byte, or reads one.
    fn byte(&mut self, coder: &mut impl Coder, byte: u8) {
        let expected = self.expected.and_then(|at| self.before.get(at).copied());
        let byte = match expected.filter(|_| self.right >= SURE) {
            Some(sure) => {
                let model = &mut self.goes_on[(self.right - SURE).min(LONGEST)];
                match coder.bit(model, byte == sure) {
                    true => sure,
                    false => self.speller.spell(coder, &self.before, None, byte),
                }
            }
            None => {
                let hint = expected.map(|byte| Hint {
                    byte,
                    right: self.right,
                    wrong: self.wrong,
                });
                self.speller.spell(coder, &self.before, hint, byte)
            }
        };
        if expected == Some(byte) {
            self.right += 1;
            if self.right >= SURE {
                self.wrong = 0;
            }
        } else {
            self.right = 0;
            self.wrong += 1;
        }
        self.before.push(byte);
        self.expected = match self.wrong < PATIENCE {
            true => self.expected.map(|at| at + 1),
            false => None,
        };
        self.look_up();
    }

    /// Finds what the newest bytes repeat, and notes where they are.
    fn look_up(&mut self) {
        let Some(newest) = self.before.last_chunk::<ALIKE>() else {
            return;
        };
        let hash = newest.iter().fold(0u32, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x9E37_79B1)
        });
        let place = (hash >> 12) as usize & (self.ends.len() - 1);
        let end = self.before.len() as u32;
        let earlier = std::mem::replace(&mut self.ends[place], end) as usize;
        // A stretch that was wrong just before is given up for another one.
        let is_open = self.right < ALIKE && self.expected != Some(earlier);
        if is_open && self.before[..earlier].ends_with(newest) {
            self.expected = Some(earlier);
            self.right = 0;
            self.wrong = 0;
        }
    }
}

/// Packs a text (labels, context); returns it with its own length.
pub(crate) fn pack_text(text: &str) -> Vec<u8> {
    let mut body = Vec::new();
    envelope::put_size(&mut body, text.len());
    let mut encoder = Encoder::new();
    TextModel::new(text.len()).write(&mut encoder, text);
    body.extend_from_slice(&encoder.finish());
    envelope::seal(&body)
}

/// Unpacks it.
pub(crate) fn unpack_text(bytes: &[u8]) -> Result<String, Damage> {
    let mut body = envelope::unseal(bytes)?;
    let length = envelope::take_size(&mut body)?;
    TextModel::new(length).read(&mut Decoder::new(body), MOST_BYTES)
}
