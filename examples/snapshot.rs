//! One look at the machine: `cargo run -p usm-examples --bin snapshot`.

use std::io::Write;

use usm_core::{Config, Monitor, Result};

fn main() -> Result<()> {
    let monitor = Monitor::new(Config {
        store_enabled: false,
        ..Config::layered(None)?
    })?;
    let state = monitor.collect()?;
    let mut out = std::io::stdout().lock();
    let percent = |value: Option<f64>| value.map_or("unknown".into(), |v| format!("{v:.1} %"));
    let lines = [
        format!("processors  {}", percent(state.metrics.cpu_percent)),
        format!("memory      {}", percent(state.metrics.memory_percent)),
        format!("health      {}", percent(state.scores.health.value)),
    ];
    for line in lines
        .iter()
        .chain(state.recommendations.iter().map(|advice| &advice.text))
    {
        // A closed pipe is no failure of this example.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    Ok(())
}
