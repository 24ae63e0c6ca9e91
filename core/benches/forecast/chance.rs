//! Numbers by chance, the same in each run (SplitMix64).

pub struct Chance(pub u64);

impl Chance {
    /// 0 to 1.
    pub fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Mean 0, deviation 1.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.even()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.even()).cos()
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.even() * (high - low)
    }

    /// Even in the logarithm.
    pub fn scale(&mut self, low: f64, high: f64) -> f64 {
        (low.ln() + self.even() * (high / low).ln()).exp()
    }
}
