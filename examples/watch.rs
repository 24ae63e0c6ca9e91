//! Watches the machine for ten seconds and says when tasks wait for a processor:
//! `cargo run -p usm-examples --bin watch`.

use std::io::Write;
use std::time::{Duration, Instant};

use usm_core::{Config, EventData, EventKind, Monitor, Result};

fn main() -> Result<()> {
    let config = Config {
        refresh_interval: 1.0,
        store_enabled: false,
        ..Config::layered(None)?
    };
    let monitor = Monitor::new(config)?;
    let events = monitor.stream(EventKind::StateUpdate)?;
    monitor.start()?;
    let end = Instant::now() + Duration::from_secs(10);
    while let Some(event) = events.next(Some(end.saturating_duration_since(Instant::now()))) {
        let EventData::State(state) = event.data else {
            continue;
        };
        let (Some(cpu), Some(waiting)) = (
            state.metrics.cpu_percent,
            state.metrics.pressure_cpu_some_percent,
        ) else {
            continue;
        };
        let crowded = if waiting > 20.0 { "  <- crowded" } else { "" };
        let mut out = std::io::stdout().lock();
        if writeln!(out, "busy {cpu:5.1} %  waiting {waiting:5.1} %{crowded}").is_err() {
            break;
        }
    }
    monitor.stop()?;
    Ok(())
}
