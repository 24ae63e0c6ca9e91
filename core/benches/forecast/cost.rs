//! What a forecaster costs in time and memory.

use std::hint::black_box;
use std::time::Instant;

use usm_core::judge::forecast::{ForecastSettings, Forecaster};

use super::chance::Chance;
use super::recorded::Series;

const KEPT: usize = 2000;

pub fn print(series: &[Series]) {
    println!("\ncost");
    let mut chance = Chance(1);
    let mut each_second = Forecaster::new(ForecastSettings::default());
    let seconds = 5 * 86_400;
    let begun = Instant::now();
    for second in 0..seconds {
        let value = 20.0 + chance.even();
        each_second.push(1.7e9 + f64::from(second), Some(value));
    }
    let whole = begun.elapsed().as_secs_f64() / f64::from(seconds);
    println!(
        "push, one value a second:  {:7.3} µs, goal ≤ 5",
        whole * 1e6
    );

    let mut full = Forecaster::new(ForecastSettings::default());
    let begun = Instant::now();
    let mut pushes = 0;
    for one in series {
        let mut forecaster = Forecaster::new(ForecastSettings::default());
        for (time, value) in &one.rows {
            forecaster.push(*time, Some(*value));
        }
        pushes += one.rows.len();
        full = forecaster;
    }
    let each = begun.elapsed().as_secs_f64() / pushes as f64;
    println!("push, a value each 5 min:  {:7.3} µs", each * 1e6);
    println!(
        "five forecasts:            {:7.3} µs",
        micros(500, || full.forecasts())
    );
    println!(
        "time to a limit:           {:7.1} µs",
        micros(100, || full.time_to(1e3))
    );

    let before = resident_bytes();
    let kept = vec![full.clone(); KEPT];
    if let (Some(before), Some(after)) = (before, resident_bytes()) {
        let bytes = (after - before) / kept.len() as f64;
        println!("memory of one:             {bytes:7.0} bytes, goal ≤ 12,000");
    }
    let text = serde_json::to_string(&full).expect("a forecaster as JSON");
    println!("stored as JSON:            {:7} bytes", text.len());
}

fn micros<T>(rounds: u32, mut what: impl FnMut() -> T) -> f64 {
    let begun = Instant::now();
    for _ in 0..rounds {
        black_box(what());
    }
    begun.elapsed().as_secs_f64() / f64::from(rounds) * 1e6
}

fn resident_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|l| l.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024.0)
}
