//! How good and how fast the anomaly detector is: the Numenta Anomaly Benchmark through the
//! library's public face, one value at a time, and false alarms on noise.
//!
//!     NAB=FOLDER make nab
//!
//! FOLDER has the benchmark's `data/` and `labels/`. One CSV per series is written below
//! `nab-results` in the build's folder, as the benchmark's own scorer reads it.
// A program: it prints, and ends with what went wrong.
#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

mod data;
mod noise;
mod score;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use usm_core::judge::anomaly::{Detector, DetectorSettings};

use data::{Outcome, Series};
use score::{Judged, PROFILES, Profile, Summary};

/// Where to look when nothing is said.
const USUAL_FOLDER: &str = "../shared/nab";

const WHERE_FROM: &str = "set NAB to a folder with the data/ and labels/ of the Numenta Anomaly \
                          Benchmark (github.com/numenta/NAB): NAB=FOLDER make nab";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("nab: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let all = data::load(&folder()?)?;
    let results = results_folder();
    let mut judged = Vec::with_capacity(all.len());
    let (mut seconds, mut rows) = (0.0, 0);
    for series in &all {
        let began = Instant::now();
        let scores = detect(series);
        seconds += began.elapsed().as_secs_f64();
        rows += scores.len();
        write(&results, series, &scores)?;
        judged.push(Judged::new(series, &scores)?);
    }
    println!("{} series, {rows} rows: {}", all.len(), results.display());
    for profile in &PROFILES {
        print_scores(&judged, profile);
    }
    println!(
        "{:.3} µs per value; {} bytes per detector and 960 of its profile",
        seconds * 1e6 / rows as f64,
        size_of::<Detector>(),
    );
    noise::print();
    Ok(())
}

fn folder() -> Outcome<PathBuf> {
    // What cargo bench adds to the arguments begins with dashes.
    let argument = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let named = argument.or_else(|| std::env::var("USM_NAB").ok().filter(|f| !f.is_empty()));
    if let Some(named) = named {
        return Ok(named.into());
    }
    // A bench runs in its package's folder.
    let usual = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(USUAL_FOLDER);
    if usual.join("labels").is_dir() {
        return Ok(usual);
    }
    Err(WHERE_FROM.to_owned())
}

fn results_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    target.unwrap_or_else(usual).join("nab-results")
}

/// The score of each value, before the next one is seen; 0 while learning.
fn detect(series: &Series) -> Vec<f64> {
    let mut detector = Detector::default();
    let rows = series.seconds.iter().zip(&series.values);
    rows.map(|(&at, &value)| detector.push(at, Some(value)).score)
        .map(|score| if score.is_finite() { score } else { 0.0 })
        .collect()
}

fn write(results: &Path, series: &Series, scores: &[f64]) -> Outcome<()> {
    let path = results.join(&series.name);
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    if let Some(category) = path.parent() {
        fs::create_dir_all(category).map_err(failed)?;
    }
    let mut text = String::from("timestamp,value,anomaly_score\n");
    for ((stamp, value), score) in series.stamps.iter().zip(&series.values).zip(scores) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{stamp},{value},{score}");
    }
    fs::write(&path, text).map_err(failed)
}

fn print_scores(judged: &[Judged], profile: &Profile) {
    let best = score::best_threshold(judged, profile);
    let default = DetectorSettings::default().threshold();
    println!(
        "\n{:<24} {:>26}   {:>26}",
        profile.name,
        format!("best threshold {best:.4}"),
        format!("default {default}")
    );
    let line = |name: &str, best: Summary, default: Summary| {
        let column = |s: Summary| {
            let score = s.score().map_or("-".to_owned(), |s| format!("{s:.2}"));
            format!(
                "{score:>7} {:>3}/{:<3} false {:>3}",
                s.found, s.windows, s.false_rows
            )
        };
        println!(
            "  {name:<22} {:>26}   {:>26}",
            column(best),
            column(default)
        );
    };
    let sum = |category: Option<&str>, threshold: f64| {
        let some = judged
            .iter()
            .filter(|j| category.is_none_or(|c| j.category == c));
        score::summary(some, threshold, profile)
    };
    line("all", sum(None, best), sum(None, default));
    let categories: BTreeSet<&str> = judged.iter().map(|j| j.category.as_str()).collect();
    for name in categories {
        line(name, sum(Some(name), best), sum(Some(name), default));
    }
}
