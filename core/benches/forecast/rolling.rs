//! Rolling origins: after seven days, every 55 minutes the path to each horizon is forecast
//! and compared with what came, step by step.

use std::collections::HashMap;

use usm_core::judge::forecast::{Forecast, ForecastSettings, Forecaster, Verdict};

use super::recorded::Series;

/// 15 min, 1 h, 6 h and 24 h in steps of 5 min.
const STEPS: [usize; 4] = [3, 12, 72, 288];
const NAMES: [&str; 4] = ["15 min", "1 h", "6 h", "24 h"];
const GOALS: [f64; 4] = [0.82, 0.75, 0.77, 0.81];
const LEARN_SECONDS: f64 = 7.0 * 86_400.0;
/// Not a divisor of the day, so that all times of day are met.
const EVERY: usize = 11;

/// One series at one horizon.
#[derive(Default, Clone, Copy)]
struct Cell {
    error: f64,
    naive: f64,
    within80: f64,
    within95: f64,
    steps: f64,
    forecasts: f64,
    origins: f64,
}

pub struct Table {
    title: String,
    rows: Vec<(String, [Cell; 4])>,
}

impl Table {
    pub fn measure(title: &str, series: &[Series]) -> Table {
        Table {
            title: title.into(),
            rows: series
                .iter()
                .map(|s| (s.name.clone(), measure(s)))
                .filter(|(_, cells)| cells.iter().all(|c| c.naive > 0.0))
                .collect(),
        }
    }

    pub fn half(&self, name: &str, which: usize) -> Table {
        let rows = self.rows.iter().skip(which).step_by(2).cloned();
        Table {
            title: format!("{}, {name}", self.title),
            rows: rows.collect(),
        }
    }

    pub fn print(&self, detail: bool, goals: bool) {
        println!("\n{} ({})", self.title, self.rows.len());
        println!(
            "path error / error of \"same as now\", coverage of the 80 % and the 95 % interval"
        );
        print!("{:44}", "");
        for name in NAMES {
            print!(" | {name:>15}");
        }
        println!(" | origins, forecast shown");
        if detail {
            for (name, cells) in &self.rows {
                print!("{:44}", name.trim_start_matches("real"));
                for cell in cells {
                    print!(" | {:5.3} {}", cell.ratio(), cell.coverage());
                }
                let shown: Vec<String> = cells.iter().map(Cell::shown).collect();
                println!(" | {} {}", cells[3].origins, shown.join(" "));
            }
        }
        print!("{:44}", "all (geometric mean; mean)");
        for horizon in 0..4 {
            let ratio = self.mean(horizon, |cell| cell.ratio().max(1e-3).ln()).exp();
            let within80 = self.mean(horizon, |cell| cell.within80 / cell.steps);
            let within95 = self.mean(horizon, |cell| cell.within95 / cell.steps);
            print!(" | {ratio:5.3} {within80:4.2} {within95:4.2}");
        }
        println!();
        if goals {
            print!("{:44}", "goal");
            for goal in GOALS {
                print!(" | ≤{goal:4.2} .77–.85 .93–.97");
            }
            println!();
        }
    }

    fn mean(&self, horizon: usize, what: impl Fn(&Cell) -> f64) -> f64 {
        let sum: f64 = self.rows.iter().map(|row| what(&row.1[horizon])).sum();
        sum / self.rows.len() as f64
    }
}

impl Cell {
    fn ratio(&self) -> f64 {
        self.error / self.naive
    }

    fn coverage(&self) -> String {
        format!(
            "{:4.2} {:4.2}",
            self.within80 / self.steps,
            self.within95 / self.steps
        )
    }

    fn shown(&self) -> String {
        format!("{:3.0}%", 100.0 * self.forecasts / self.origins)
    }
}

fn measure(series: &Series) -> [Cell; 4] {
    let step = |time: f64| (time / 300.0).floor() as i64;
    let came: HashMap<i64, f64> = series.rows.iter().map(|r| (step(r.0), r.1)).collect();
    let (Some(first), Some(last)) = (series.rows.first(), series.rows.last()) else {
        return Default::default();
    };
    let mut cells = [Cell::default(); 4];
    let mut forecaster = Forecaster::new(ForecastSettings::default());
    for (number, &(time, value)) in series.rows.iter().enumerate() {
        forecaster.push(time, Some(value));
        let learned = time - first.0 >= LEARN_SECONDS;
        if !learned || number % EVERY != 0 || step(time) + 288 > step(last.0) {
            continue;
        }
        let path: Vec<Forecast> = (1..=288)
            .map(|ahead| forecaster.forecast(300.0 * f64::from(ahead)))
            .collect();
        for (cell, steps) in cells.iter_mut().zip(STEPS) {
            cell.add(&path[..steps], value, |ahead| {
                came.get(&(step(time) + ahead as i64)).copied()
            });
        }
    }
    cells
}

impl Cell {
    fn add(&mut self, path: &[Forecast], now: f64, came: impl Fn(usize) -> Option<f64>) {
        let (mut error, mut naive, mut count) = (0.0, 0.0, 0.0);
        for (number, forecast) in path.iter().enumerate() {
            let Some(came) = came(number + 1) else {
                continue;
            };
            let within = |low: Option<f64>, high: Option<f64>| {
                f64::from(low.is_some_and(|l| l <= came) && high.is_some_and(|h| came <= h))
            };
            // Whoever says nothing says "same as now", and no interval.
            error += (forecast.value.unwrap_or(now) - came).abs();
            naive += (now - came).abs();
            count += 1.0;
            self.within80 += within(forecast.low80, forecast.high80);
            self.within95 += within(forecast.low95, forecast.high95);
        }
        if count > 0.0 {
            self.error += error / count;
            self.naive += naive / count;
            self.steps += count;
            self.origins += 1.0;
            let last = path.last().map(|forecast| forecast.verdict);
            self.forecasts += f64::from(last == Some(Verdict::Forecast));
        }
    }
}
