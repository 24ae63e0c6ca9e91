//! An adaptive binary range coder: each decision costs what it surprises.

/// Bits of a probability.
const BITS: u32 = 15;
/// No decision is taken for surer than this many parts in 2^16, so that being wrong costs
/// about a byte and a half.
const LEAST: u32 = 24;
/// Below this the range is widened by a byte.
const NARROW: u32 = 1 << 24;
/// Bytes by which a reader may look beyond the end: the writer leaves out closing zeros.
const CLOSING: usize = 4;

/// How likely a decision is, learnt from how it went: every decision counts the same at
/// first, later the newest ones more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bit {
    /// Probability of a one in parts of 2^16.
    one: u16,
    seen: u16,
}

/// Decisions that are counted.
const MOST_SEEN: u16 = 30;

/// Weight of the newest decision, of 2^16, by how many were seen.
static WEIGHTS: [u32; MOST_SEEN as usize + 1] = weights();

const fn weights() -> [u32; MOST_SEEN as usize + 1] {
    let mut weights = [0; MOST_SEEN as usize + 1];
    let mut seen = 0;
    while seen < weights.len() {
        // Half a decision of each kind, nearly, is taken as seen before.
        weights[seen] = 655_360 / (10 * seen as u32 + 16);
        seen += 1;
    }
    weights
}

impl Bit {
    pub(super) const NEW: Bit = Bit {
        one: 1 << 15,
        seen: 0,
    };

    /// Probability of a one, in parts of 2^15.
    #[inline]
    pub(super) fn one(self) -> u32 {
        u32::from(self.one).clamp(LEAST, 65_536 - LEAST) >> (16 - BITS)
    }

    /// How many decisions it has learnt from, up to a number.
    pub(super) fn seen(self) -> u32 {
        u32::from(self.seen)
    }

    #[inline]
    pub(super) fn learn(&mut self, one: bool) {
        let weight = WEIGHTS[usize::from(self.seen.min(MOST_SEEN))];
        let toward = if one { 65_535 } else { 0 };
        let apart = toward - i32::from(self.one);
        self.one = (i32::from(self.one) + ((apart * weight as i32) >> 16)) as u16;
        self.seen += u16::from(self.seen < MOST_SEEN);
    }
}

/// What decisions go through, written or read, so that a model is described once for both.
pub(super) trait Coder {
    /// Writes `bit`, or reads a decision and ignores `bit`; returns the decision. A one has
    /// probability `one` in parts of 2^15, neither 0 nor all.
    fn decide(&mut self, one: u32, bit: bool) -> bool;

    /// The same with a probability that is learnt.
    #[inline]
    fn bit(&mut self, model: &mut Bit, bit: bool) -> bool {
        let bit = self.decide(model.one(), bit);
        model.learn(bit);
        bit
    }

    /// The same for the lowest `count` bits of a number, all equally likely; at most 16.
    fn plain(&mut self, count: u32, bits: u32) -> u32;
}

/// Writes decisions.
#[derive(Debug)]
pub(super) struct Encoder {
    low: u64,
    range: u32,
    /// The byte that a carry may still change, and how many 0xFF after it.
    held: Option<u8>,
    pending: usize,
    bytes: Vec<u8>,
}

impl Encoder {
    pub(super) fn new() -> Encoder {
        Encoder {
            low: 0,
            range: u32::MAX,
            held: None,
            pending: 0,
            bytes: Vec::new(),
        }
    }

    fn shift(&mut self) {
        let carry = (self.low >> 32) as u8;
        if self.low as u32 >= 0xFF00_0000 && carry == 0 {
            self.pending += 1;
        } else {
            if let Some(held) = self.held {
                self.bytes.push(held.wrapping_add(carry));
            }
            let more = self.bytes.len() + self.pending;
            self.bytes.resize(more, 0xFFu8.wrapping_add(carry));
            self.pending = 0;
            self.held = Some((self.low >> 24) as u8);
        }
        self.low = (self.low & 0x00FF_FFFF) << 8;
    }

    fn widen(&mut self) {
        while self.range < NARROW {
            self.range <<= 8;
            self.shift();
        }
    }

    /// The bytes of all decisions.
    pub(super) fn finish(mut self) -> Vec<u8> {
        // Of the numbers in the range that all mean the same, the one with most zeros.
        let end = self.low + u64::from(self.range);
        let round = [32u32, 24, 16, 8, 0].into_iter().map(|zeros| {
            let mask = (1u64 << zeros) - 1;
            (self.low + mask) & !mask
        });
        self.low = round.into_iter().find(|low| *low < end).unwrap_or(self.low);
        for _ in 0..5 {
            self.shift();
        }
        let least = self.bytes.len().saturating_sub(CLOSING);
        while self.bytes.len() > least && self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes
    }
}

impl Coder for Encoder {
    #[inline]
    fn decide(&mut self, one: u32, bit: bool) -> bool {
        let bound = (self.range >> BITS) * one;
        if bit {
            self.range = bound;
        } else {
            self.low += u64::from(bound);
            self.range -= bound;
        }
        self.widen();
        bit
    }

    #[inline]
    fn plain(&mut self, count: u32, bits: u32) -> u32 {
        let bits = bits & ((1 << count) - 1);
        self.range >>= count;
        self.low += u64::from(self.range) * u64::from(bits);
        self.widen();
        bits
    }
}

/// Reads decisions.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    code: u32,
    range: u32,
    bytes: &'a [u8],
    next: usize,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Decoder<'a> {
        let mut decoder = Decoder {
            code: 0,
            range: u32::MAX,
            bytes,
            next: 0,
        };
        for _ in 0..4 {
            decoder.take();
        }
        decoder
    }

    #[inline]
    fn take(&mut self) {
        let byte = self.bytes.get(self.next).copied().unwrap_or(0);
        self.code = (self.code << 8) | u32::from(byte);
        self.next += 1;
    }

    #[inline]
    fn widen(&mut self) {
        while self.range < NARROW {
            self.range <<= 8;
            self.take();
        }
    }

    /// More was read than was written.
    pub(super) fn overrun(&self) -> bool {
        self.next > self.bytes.len() + CLOSING
    }
}

impl Coder for Decoder<'_> {
    #[inline]
    fn decide(&mut self, one: u32, _: bool) -> bool {
        let bound = (self.range >> BITS) * one;
        let bit = self.code < bound;
        if bit {
            self.range = bound;
        } else {
            self.code -= bound;
            self.range -= bound;
        }
        self.widen();
        bit
    }

    #[inline]
    fn plain(&mut self, count: u32, _: u32) -> u32 {
        self.range >>= count;
        let bits = (self.code / self.range).min((1 << count) - 1);
        self.code -= bits * self.range;
        self.widen();
        bits
    }
}
