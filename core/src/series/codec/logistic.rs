//! Several guesses of one decision made one, by weights that are learnt.

/// Bits of a probability here.
const BITS: u32 = 12;
/// Log odds go from minus this to this, in steps of 1/256.
const FAR: i32 = 2047;
/// How fast weights are learnt.
const RATE: i32 = 12;

/// The logistic function at -8, -7.5 … 8, in parts of 2^12.
static CURVE: [i32; 33] = curve();
/// The log odds of each probability.
static ODDS: [i16; 1 << BITS] = odds();

const fn curve() -> [i32; 33] {
    // e^(1/2), so that nothing but multiplication is needed, which is exact everywhere.
    let root = 1.648_721_270_700_128_2_f64;
    let mut power = 1.0;
    let mut at = 0;
    while at < 16 {
        power /= root;
        at += 1;
    }
    let mut curve = [0; 33];
    let mut at = 0;
    while at < 33 {
        curve[at] = (4096.0 * power / (1.0 + power) + 0.5) as i32;
        power *= root;
        at += 1;
    }
    curve
}

const fn probability(odds: i32) -> i32 {
    let odds = if odds > FAR {
        FAR
    } else if odds < -FAR {
        -FAR
    } else {
        odds
    };
    let at = ((odds + 2048) >> 7) as usize;
    let part = (odds + 2048) & 127;
    (CURVE[at] * (128 - part) + CURVE[at + 1] * part + 64) >> 7
}

const fn odds() -> [i16; 1 << BITS] {
    let mut table = [FAR as i16; 1 << BITS];
    let mut next = 0;
    let mut odds = -FAR;
    while odds <= FAR {
        let reached = probability(odds) as usize;
        while next <= reached && next < table.len() {
            table[next] = odds as i16;
            next += 1;
        }
        odds += 1;
    }
    table
}

/// Mixes `N` guesses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mixer<const N: usize> {
    weights: [i32; N],
}

/// What was mixed, to be learnt from.
#[derive(Debug)]
pub(super) struct Mixed<const N: usize> {
    odds: [i32; N],
    together: i32,
}

impl<const N: usize> Mixer<N> {
    pub(super) const NEW: Mixer<N> = Mixer {
        weights: [(1 << 16) * 3 / 10; N],
    };

    /// Mixes probabilities of a one in parts of 2^15 into one.
    pub(super) fn mix(&self, guesses: [u32; N]) -> (u32, Mixed<N>) {
        let odds = guesses.map(|guess| i32::from(ODDS[(guess >> 3) as usize & 0xFFF]));
        let pairs = odds.iter().zip(&self.weights);
        let sum: i64 = pairs
            .map(|(odds, weight)| i64::from(*odds) * i64::from(*weight))
            .sum();
        let far = i64::from(FAR);
        let together = probability((sum >> 16).clamp(-far, far) as i32).clamp(1, 4095);
        ((together as u32) << 3, Mixed { odds, together })
    }

    /// Gives more weight to who was right.
    pub(super) fn learn(&mut self, mixed: &Mixed<N>, one: bool) {
        let wanted = i32::from(one) << BITS;
        let off = (wanted - mixed.together) * RATE;
        for (weight, odds) in self.weights.iter_mut().zip(mixed.odds) {
            let by = (odds * off + (1 << 15)) >> 16;
            *weight = (*weight + by).clamp(-(1 << 20), 1 << 20);
        }
    }
}
