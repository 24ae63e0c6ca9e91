//! Generated series: what metrics look like, without any recording.

use super::chance::Chance;
use super::recorded::Series;

const DAY: f64 = 288.0;
/// Begins on a Monday.
const START: f64 = 1_704_067_200.0;
const EACH: u64 = 3;

type Shape = fn(&mut State, &mut Chance) -> f64;

/// What a shape remembers.
#[derive(Default)]
struct State {
    step: f64,
    a: f64,
    left: f64,
}

impl State {
    fn day(&self) -> f64 {
        (self.step / DAY * std::f64::consts::TAU).sin()
    }

    fn weekend(&self) -> bool {
        (self.step / DAY) as u64 % 7 >= 5
    }
}

/// A level that stays where it is but for steps.
fn steps(s: &mut State, c: &mut Chance) -> f64 {
    if c.even() < 1.0 / 200.0 {
        s.a = c.between(-20.0, 20.0);
    }
    40.0 + s.a + c.normal()
}

const SHAPES: [(&str, Shape); 12] = [
    ("noise around a level", |_, c| 20.0 + 3.0 * c.normal()),
    ("daily cycle", |s, c| {
        50.0 + 20.0 * s.day() + 3.0 * c.normal()
    }),
    ("daily cycle, quiet week-ends", |s, c| {
        let part = if s.weekend() { 0.3 } else { 1.0 };
        30.0 + part * (15.0 + 15.0 * s.day()) + 2.0 * c.normal()
    }),
    ("hourly job", |s, c| {
        let job = if s.step as u64 % 12 == 3 { 30.0 } else { 0.0 };
        5.0 + job + c.normal().abs()
    }),
    ("nightly job", |s, c| {
        let at = s.step as u64 % 288;
        let job = if (30..48).contains(&at) { 60.0 } else { 0.0 };
        10.0 + job + 2.0 * c.normal()
    }),
    ("random walk", |s, c| {
        s.a += c.normal();
        500.0 + s.a
    }),
    ("returns slowly to a mean", |s, c| {
        s.a = 0.97 * s.a + c.normal();
        50.0 + 2.0 * s.a
    }),
    ("steps between levels", steps),
    ("rare bursts", |s, c| {
        if c.even() < 1.0 / 60.0 {
            s.left = c.scale(1.0, 12.0);
        }
        s.left -= 1.0;
        if s.left > 0.0 {
            c.between(60.0, 100.0)
        } else {
            2.0 + c.even()
        }
    }),
    ("counts", |s, c| {
        let mean = 3.0 + 2.0 * s.day();
        // Knuth's way to a Poisson number.
        let (mut count, mut product) = (0.0, c.even());
        while product > (-mean).exp() {
            count += 1.0;
            product *= c.even();
        }
        count
    }),
    ("slow fill", |s, c| {
        s.a += 0.01 * c.even();
        30.0 + s.a + 0.02 * c.normal()
    }),
    ("saw-tooth of seven hours", |s, c| {
        20.0 + 30.0 * (s.step / 84.0).fract() + c.normal()
    }),
];

pub fn series() -> Vec<Series> {
    let mut all = Vec::new();
    for (number, (name, shape)) in SHAPES.iter().enumerate() {
        for seed in 0..EACH {
            let mut chance = Chance(number as u64 * 1000 + seed);
            let mut state = State::default();
            let rows = (0..(14.0 * DAY) as u32)
                .map(|step| {
                    state.step = f64::from(step);
                    (START + 300.0 * state.step, shape(&mut state, &mut chance))
                })
                .collect();
            all.push(Series {
                name: format!("{name} {seed}"),
                rows,
            });
        }
    }
    all
}
