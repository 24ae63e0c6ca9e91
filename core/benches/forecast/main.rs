//! How good the forecasts are: rolling-origin errors beside "same as now", coverage of the
//! intervals, time to exhaustion beside least squares, and what it all costs.
//!
//! `cargo bench -p usm-core --bench forecast -- [FOLDER] [--quiet]`
//!
//! FOLDER holds the Numenta Anomaly Benchmark's series (`data/CATEGORY/FILE.csv`); else
//! `$USM_NAB`, else `../shared/nab` beside the repository. Without it the generated series
//! alone are scored, and the exit code says so.

#![allow(clippy::print_stdout)] // its output is its purpose
#![allow(clippy::expect_used)] // a failed step ends the measurement

mod chance;
mod cost;
mod fills;
mod made;
mod recorded;
mod rolling;

use std::path::PathBuf;
use std::process::ExitCode;

use rolling::Table;

fn main() -> ExitCode {
    let mut folder = std::env::var_os("USM_NAB").map(PathBuf::from);
    let mut quiet = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--bench" => {} // cargo says it.
            "--quiet" => quiet = true,
            _ => folder = Some(argument.into()),
        }
    }
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/nab"));
    let folder = folder.unwrap_or_else(beside);
    let detail = !quiet;

    let mut code = ExitCode::SUCCESS;
    match recorded::read(&folder.join("data")) {
        Ok(all) => recorded_tables(&all, detail),
        Err(why) => {
            println!("recorded series left out: {}: {why}", folder.display());
            println!("say where they are with USM_NAB=FOLDER\n");
            code = ExitCode::FAILURE;
        }
    }
    let made = made::series();
    let table = Table::measure("generated series, 14 days each", &made);
    table.print(detail, false);
    fills::print(detail);
    cost::print(&made);
    code
}

/// The choice is by rule, before any result is known.
fn recorded_tables(all: &[recorded::Series], detail: bool) {
    println!(
        "recorded series: mostly 300 s apart, at least 9 days, at least 90 % of the steps there, \
         \"same as now\" not always right"
    );
    let chosen: Vec<_> = all.iter().filter(|s| s.is_fit()).cloned().collect();
    for series in all.iter().filter(|s| !s.is_fit()) {
        println!("  left out: {} ({})", series.name, series.why_not());
    }
    let (real, artificial): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|s| s.name.starts_with("real"));
    let real = Table::measure("recorded series", &real);
    real.print(detail, true);
    for (name, which) in [("even-numbered half", 0), ("odd-numbered half", 1)] {
        real.half(name, which).print(false, true);
    }
    Table::measure(
        "artificial series of the same folder (not in the score)",
        &artificial,
    )
    .print(detail, false);
}
