//! How often a detector cries wolf: episodes per week on series in which nothing happens.

use std::f64::consts::TAU;

use usm_core::judge::anomaly::{Detector, Edge};

const DAY: f64 = 86_400.0;

/// Every how many seconds a value comes, how many series of each kind, and the days that the
/// three columns end at.
const RUNS: [(f64, u64, [f64; 3]); 2] =
    [(1.0, 4, [2.0, 7.0, 14.0]), (300.0, 20, [2.0, 28.0, 84.0])];

pub const KINDS: [&str; 10] = [
    "Gaussian",
    "AR(1), 0.95",
    "AR(1), 0.999",
    "Student t, 3",
    "log-normal",
    "Pareto, 1.5",
    "bursts",
    "Poisson, 0.3",
    "load, 0 to 100",
    "quantised",
];

/// Numbers that look random and are the same each time.
struct Noise(u64);

impl Noise {
    fn even(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.even().ln()).sqrt() * (TAU * self.even()).cos()
    }
}

/// One series: its kind, its source of chance, and what it remembers.
struct Source {
    kind: usize,
    noise: Noise,
    state: f64,
    is_on: bool,
}

impl Source {
    fn next(&mut self) -> f64 {
        let noise = &mut self.noise;
        match self.kind {
            0 => 100.0 + 10.0 * noise.normal(),
            1 => {
                self.state = 0.95 * self.state + noise.normal();
                50.0 + self.state
            }
            2 => {
                self.state = 0.999 * self.state + noise.normal();
                500.0 + self.state
            }
            3 => {
                let squares: f64 = (0..3).map(|_| noise.normal().powi(2)).sum();
                100.0 + 5.0 * noise.normal() / (squares / 3.0).sqrt()
            }
            4 => 10.0 * noise.normal().exp(),
            5 => noise.even().powf(-1.0 / 1.5),
            6 => {
                let flips = noise.even() < if self.is_on { 0.05 } else { 0.005 };
                self.is_on ^= flips;
                if flips {
                    self.state = 20.0 - 15.0 * noise.even().ln();
                }
                if self.is_on {
                    self.state + 3.0 * noise.normal()
                } else {
                    2.0 + 0.3 * noise.normal().abs()
                }
            }
            7 => {
                let (mut count, mut product) = (0.0, noise.even());
                while product > (-0.3_f64).exp() {
                    count += 1.0;
                    product *= noise.even();
                }
                count
            }
            8 => {
                if noise.even() < 0.02 {
                    self.state = -20.0 * noise.even().ln();
                }
                (self.state + 8.0 + 4.0 * noise.normal()).clamp(0.0, 100.0)
            }
            _ => (40.0 + 1.5 * noise.normal()).round(),
        }
    }
}

/// Prints the episodes per week and the share of values within the expected range.
pub fn print() {
    for (step, series, ends) in RUNS {
        let [first, second, third] = ends;
        println!("\nnoise, a value every {step} s: episodes per week and series");
        println!(
            "  {:<16} {:>9} {:>9} {:>9}   within the expected range",
            "",
            format!("day 0-{first}"),
            format!("{first}-{second}"),
            format!("{second}-{third}"),
        );
        for (kind, name) in KINDS.iter().enumerate() {
            let (mut began, mut inside, mut known) = ([0.0; 3], 0.0, 0.0);
            for seed in 1..=series {
                let mut source = Source {
                    kind,
                    noise: Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
                    state: 0.0,
                    is_on: false,
                };
                let mut detector = Detector::default();
                for row in 0..(third * DAY / step) as u64 {
                    let at = row as f64 * step;
                    let value = source.next();
                    let reading = detector.push(1.7e9 + at, Some(value));
                    if let Some((low, high)) = reading.expected {
                        known += 1.0;
                        inside += f64::from(u8::from(value >= low && value <= high));
                    }
                    if reading.edge == Some(Edge::Began) {
                        let column = ends.iter().position(|end| at < end * DAY).unwrap_or(2);
                        began[column] += 1.0;
                    }
                }
            }
            let weeks = |days: f64| series as f64 * days / 7.0;
            println!(
                "  {name:<16} {:9.2} {:9.2} {:9.2}   {:.1} %",
                began[0] / weeks(first),
                began[1] / weeks(second - first),
                began[2] / weeks(third - second),
                100.0 * inside / known,
            );
        }
    }
}
