//! What it costs to keep a state row of about 4 KB: one per commit and 60 per commit,
//! beside a bare insert through rusqlite with the same settings. Medians of rounds taken
//! in turn. Run with `cargo bench -p usm-core --bench store`.

#![allow(clippy::print_stdout)] // its output is its purpose
#![allow(clippy::expect_used)] // a failed step ends the measurement

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use usm_core::store::{Row, StateRow, Store, StoreSettings};

const ROUNDS: usize = 9;
const COMMITS: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let text = metrics_text();
    println!(
        "state row: {} bytes of JSON; {COMMITS} commits per round, {ROUNDS} rounds",
        text.len()
    );
    println!("{:<44}{:>10}", "microseconds per row", "median");
    for batch in [1, 60] {
        let (mut ours, mut round_trip, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let name = |kind| folder.path().join(format!("{kind}-{batch}-{round}"));
            let (writer, caller) = through_store(&name("store"), &text, batch);
            ours.extend(writer);
            round_trip.extend(caller);
            bare.extend(through_rusqlite(&name("bare"), &text, batch));
        }
        println!(
            "{:<44}{:>10.1}",
            format!("bare rusqlite, {batch} per commit"),
            median(bare)
        );
        println!(
            "{:<44}{:>10.1}",
            format!("store (writer's transaction), {batch} per commit"),
            median(ours)
        );
        println!(
            "{:<44}{:>10.1}",
            format!("store (append to flushed), {batch} per commit"),
            median(round_trip)
        );
    }
    println!(
        "{:<44}{:>10.2}",
        "append alone",
        append_alone(&folder.path().join("append"), &text)
    );
}

fn metrics_text() -> String {
    let fields: Vec<String> = (0..150)
        .map(|n| format!("\"metric_{n:03}\": {}", f64::from(n) * 3.75 + 0.125))
        .collect();
    format!(
        "{{{}, \"pad\": \"{}\"}}",
        fields.join(", "),
        "x".repeat(700)
    )
}

fn row(text: &str, number: usize) -> StateRow {
    StateRow {
        timestamp: 1.8e9 + number as f64,
        health_score: Some(90.0),
        performance_score: Some(80.0),
        security_score: Some(100.0),
        metrics_data: Some(text.to_owned()),
        ..StateRow::default()
    }
}

/// Microseconds per row of each commit: as the writer's thread measures its transaction,
/// and as the caller sees it from the first append to the end of the flush.
fn through_store(folder: &Path, text: &str, batch: usize) -> (Vec<f64>, Vec<f64>) {
    let store = Store::open(StoreSettings {
        commit_interval: Duration::from_secs(3600),
        ..StoreSettings::new(folder)
    })
    .expect("store");
    let (mut writer, mut caller) = (Vec::new(), Vec::new());
    for commit in 0..COMMITS {
        let rows: Vec<StateRow> = (0..batch).map(|n| row(text, commit * batch + n)).collect();
        let start = Instant::now();
        rows.into_iter()
            .for_each(|row| store.append(Row::State(row)));
        store.flush(PATIENCE).expect("flush");
        caller.push(start.elapsed().as_secs_f64() * 1e6 / batch as f64);
        let health = store.health();
        assert_eq!(health.last_commit_rows, batch as u64);
        writer.push(health.last_commit_seconds.expect("a commit") * 1e6 / batch as f64);
    }
    store.close().expect("close");
    (writer, caller)
}

fn through_rusqlite(folder: &Path, text: &str, batch: usize) -> Vec<f64> {
    std::fs::create_dir(folder).expect("folder");
    let connection = Connection::open(folder.join("bare.db")).expect("database");
    connection
        .execute_batch(
            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
             PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256;
             CREATE TABLE states (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL,
                 a REAL, b REAL, c REAL, metrics TEXT);
             CREATE INDEX by_time ON states (timestamp)",
        )
        .expect("schema");
    let run = |sql| {
        connection
            .prepare_cached(sql)
            .and_then(|mut s| s.execute([]))
    };
    let mut times = Vec::new();
    for commit in 0..COMMITS {
        let rows: Vec<StateRow> = (0..batch).map(|n| row(text, commit * batch + n)).collect();
        let start = Instant::now();
        run("BEGIN IMMEDIATE").expect("begin");
        for row in &rows {
            connection
                .prepare_cached(
                    "INSERT INTO states (timestamp, a, b, c, metrics) VALUES (?1, ?2, ?3, ?4, ?5)",
                )
                .and_then(|mut insert| {
                    insert.execute(params![
                        row.timestamp,
                        row.health_score,
                        row.performance_score,
                        row.security_score,
                        row.metrics_data
                    ])
                })
                .expect("insert");
        }
        run("COMMIT").expect("commit");
        times.push(start.elapsed().as_secs_f64() * 1e6 / batch as f64);
    }
    times
}

fn append_alone(folder: &Path, text: &str) -> f64 {
    let store = Store::open(StoreSettings {
        commit_interval: Duration::from_secs(3600),
        ..StoreSettings::new(folder)
    })
    .expect("store");
    let mut times = Vec::new();
    for round in 0..20 {
        let rows: Vec<StateRow> = (0..100).map(|n| row(text, round * 100 + n)).collect();
        let start = Instant::now();
        rows.into_iter()
            .for_each(|row| store.append(Row::State(row)));
        times.push(start.elapsed().as_secs_f64() * 1e6 / 100.0);
        store.flush(PATIENCE).expect("flush");
    }
    median(times)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
