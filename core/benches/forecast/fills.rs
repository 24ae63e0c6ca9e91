//! Time to exhaustion on generated fills, beside least squares over the last 24 h, and on
//! metrics that never fill.

use usm_core::judge::forecast::{Exhaustion, ForecastSettings, Forecaster, Verdict};

use super::chance::Chance;

const DAY: usize = 288;
const LIMIT: f64 = 100.0;
const EACH: u64 = 200;
/// Followed for so long after the origin.
const AFTER: usize = 20 * DAY;
/// |log(predicted / true)| of one that says nothing.
const NOTHING_SAID: f64 = 10.0;

#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    fills: bool,
    cycle: bool,
    tooth: bool,
    changes: bool,
}

const fn kind(name: &'static str, fills: bool, cycle: bool, tooth: bool, changes: bool) -> Kind {
    Kind {
        name,
        fills,
        cycle,
        tooth,
        changes,
    }
}

const KINDS: [Kind; 8] = [
    kind("trend and noise", true, false, false, false),
    kind("and a daily cycle", true, true, false, false),
    kind("and log rotation", true, false, true, false),
    kind("and rate changes", true, false, false, true),
    kind("and all of these", true, true, true, true),
    kind("flat", false, false, false, false),
    kind("flat, log rotation", false, false, true, false),
    kind("flat, daily cycle", false, true, false, false),
];

struct Fill {
    values: Vec<f64>,
    origin: usize,
}

/// A history of 2 to 7 days and what comes after; 2 h to 10 days are left at the usual rate.
/// A rate changes every two days or so, before the origin and after it alike.
fn fill(kind: Kind, chance: &mut Chance) -> Fill {
    let origin = (chance.between(2.0, 7.0) * DAY as f64) as usize;
    let left = chance.scale(24.0, 2880.0);
    let distance = chance.between(5.0, 40.0);
    let rate = if kind.fills { distance / left } else { 0.0 };
    let noise = distance * chance.scale(0.002, 0.05);
    let swing = if kind.fills {
        distance.min(rate * DAY as f64)
    } else {
        15.0
    };
    let cycle = swing * chance.between(0.1, 0.5) * f64::from(kind.cycle);
    let phase = chance.even();
    let tooth = distance * chance.between(0.1, 0.5) * f64::from(kind.tooth);
    let period = [72.0, 144.0, 288.0][(chance.even() * 3.0) as usize];
    let (mut level, mut factor) = (0.0, 1.0);
    let mut values: Vec<f64> = (0..origin + AFTER)
        .map(|step| {
            if kind.changes && chance.even() < 1.0 / (2.0 * DAY as f64) {
                factor = chance.scale(0.3, 3.0);
            }
            level += rate * factor;
            let step = step as f64;
            let turn = (step / DAY as f64 + phase) * std::f64::consts::TAU;
            let rotated = (step / period + phase).fract();
            level + cycle * turn.sin() + tooth * rotated + noise * chance.normal()
        })
        .collect();
    let top = if kind.fills {
        values[origin - 1] + distance
    } else {
        // Never reached, but not far away.
        values.iter().copied().fold(f64::MIN, f64::max) + 0.1 * distance
    };
    for value in &mut values {
        *value += LIMIT - top;
    }
    Fill { values, origin }
}

impl Fill {
    /// Steps from the origin until the limit; `None` when it was met before or isn't in sight.
    fn truth(&self) -> Option<f64> {
        let met = self.values.iter().position(|v| *v >= LIMIT)?;
        (met >= self.origin).then(|| (met - self.origin + 1) as f64)
    }

    fn told(&self) -> Exhaustion {
        let mut forecaster = Forecaster::new(ForecastSettings {
            bounds: Some((f64::NEG_INFINITY, LIMIT)),
        });
        for (step, value) in self.values[..self.origin].iter().enumerate() {
            forecaster.push(1.7e9 + 300.0 * step as f64, Some(*value));
        }
        forecaster.time_to(LIMIT)
    }

    /// Least squares over the last 24 h, followed to the limit.
    fn least_squares(&self) -> Option<f64> {
        let day = &self.values[self.origin - DAY..self.origin];
        let middle = (DAY as f64 - 1.0) / 2.0;
        let mean = day.iter().sum::<f64>() / DAY as f64;
        let (mut xy, mut xx) = (0.0, 0.0);
        for (step, value) in day.iter().enumerate() {
            let x = step as f64 - middle;
            xy += x * value;
            xx += x * x;
        }
        let slope = xy / xx;
        let now = mean + slope * middle;
        (slope > 0.0).then(|| ((LIMIT - now) / slope).max(1.0))
    }
}

#[derive(Default)]
struct Outcome {
    cases: f64,
    told: f64,
    within: f64,
    own: Vec<f64>,
    squares: Vec<f64>,
}

impl Outcome {
    fn add(&mut self, fill: &Fill, truth: f64) {
        let off = |steps: f64| (steps / truth).ln().abs();
        self.cases += 1.0;
        self.squares
            .push(fill.least_squares().map_or(NOTHING_SAID, off));
        let told = fill.told();
        let Some(seconds) = told.seconds else {
            self.own.push(NOTHING_SAID);
            return;
        };
        self.own.push(off(seconds / 300.0));
        self.told += 1.0;
        let low = told.low_seconds.map_or(0.0, |s| s / 300.0);
        let high = told.high_seconds.map_or(f64::INFINITY, |s| s / 300.0);
        // A step is the finest that can be told.
        self.within += f64::from(low - 1.0 <= truth && truth <= high + 1.0);
    }

    fn join(&mut self, other: &Outcome) {
        self.cases += other.cases;
        self.told += other.told;
        self.within += other.within;
        self.own.extend(&other.own);
        self.squares.extend(&other.squares);
    }

    fn print(&self, name: &str) {
        let (own, squares) = (median(&self.own), median(&self.squares));
        println!(
            "{name:22} | {own:6.3} {squares:6.3} {:6.2} | {:8.2} | {:5.2}",
            own / squares,
            self.within / self.told,
            self.told / self.cases
        );
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn print(detail: bool) {
    println!("\ntime to exhaustion, generated fills ({EACH} of each kind)");
    println!(
        "median |log(predicted / true)|: own, least squares over 24 h, ratio | 80 % interval holds it | told"
    );
    let mut all = Outcome::default();
    let (mut alarms, mut controls) = (0, 0);
    for (number, kind) in KINDS.iter().enumerate() {
        let mut outcome = Outcome::default();
        let mut here = 0;
        for seed in 0..EACH {
            let fill = fill(*kind, &mut Chance(number as u64 * 100_000 + seed));
            if !kind.fills {
                controls += 1;
                here += u32::from(fill.told().verdict == Verdict::Forecast);
            } else if let Some(truth) = fill.truth() {
                outcome.add(&fill, truth);
            }
        }
        alarms += here;
        if detail && kind.fills {
            outcome.print(kind.name);
        } else if detail {
            println!("{:22} | alarms {here} of {EACH}", kind.name);
        }
        all.join(&outcome);
    }
    all.print("all");
    println!("{:22} |            ≤ 0.50 | .75–.87", "goal");
    println!(
        "{:22} | alarms {alarms} of {controls}, goal 0",
        "flat controls"
    );
}
