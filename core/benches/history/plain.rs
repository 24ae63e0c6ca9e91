//! The same values as ordinary SQLite rows, one column for each series, and as JSON rows.

use std::path::Path;

use rusqlite::{Connection, params_from_iter};
use usm_core::series::{ABSENT, catalog};

use crate::recorded::{Recorded, Which};

#[derive(Debug, Clone, Copy)]
pub struct Plain {
    pub rows: u64,
    pub json: u64,
}

/// Bytes of both files. `None` where processes come and go: they have no columns.
pub fn sizes(recorded: &Recorded, which: Which, folder: &Path) -> Option<Plain> {
    if which == Which::Whole {
        return None;
    }
    let names = names(recorded, which);
    let (rows, json) = (
        folder.join(format!("{which:?}.rows")),
        folder.join(format!("{which:?}.json")),
    );
    let columns: Vec<String> = (0..names.len()).map(|n| format!("c{n}")).collect();
    let marks = vec!["?"; names.len() + 1].join(", ");
    let of_rows = Connection::open(&rows).expect("database");
    of_rows
        .execute_batch(&format!(
            "CREATE TABLE samples (unix REAL PRIMARY KEY, {}) WITHOUT ROWID; BEGIN",
            columns.join(", ")
        ))
        .expect("table");
    let of_json = Connection::open(&json).expect("database");
    of_json
        .execute_batch(
            "CREATE TABLE samples (unix REAL PRIMARY KEY, json TEXT) WITHOUT ROWID; BEGIN",
        )
        .expect("table");
    for frame in &recorded.frames {
        let unix = frame.unix_us as f64 / 1e6;
        let mut values: Vec<rusqlite::types::Value> = vec![unix.into()];
        let mut object = serde_json::Map::new();
        let parts = frame.parts.iter().filter(|part| which.has(part.family));
        for part in parts {
            let metrics = catalog::of_family(part.family);
            for (place, raw) in part.values.iter().enumerate() {
                let metric = &metrics[place % metrics.len()];
                let value = metric.value(*raw);
                let value = match (*raw, metric.steps_per_unit) {
                    (ABSENT, _) => rusqlite::types::Value::Null,
                    (raw, 1) => raw.into(),
                    _ => value.into(),
                };
                if let Some(name) = names.get(values.len() - 1) {
                    let json = match &value {
                        rusqlite::types::Value::Integer(value) => (*value).into(),
                        rusqlite::types::Value::Real(value) => (*value).into(),
                        _ => serde_json::Value::Null,
                    };
                    object.insert(name.clone(), json);
                    values.push(value);
                }
            }
        }
        values.resize(names.len() + 1, rusqlite::types::Value::Null);
        of_rows
            .prepare_cached(&format!("INSERT OR REPLACE INTO samples VALUES ({marks})"))
            .and_then(|mut insert| insert.execute(params_from_iter(values)))
            .expect("row");
        let text = serde_json::Value::Object(object).to_string();
        of_json
            .prepare_cached("INSERT OR REPLACE INTO samples VALUES (?, ?)")
            .and_then(|mut insert| insert.execute((unix, text)))
            .expect("row");
    }
    for connection in [&of_rows, &of_json] {
        connection.execute_batch("COMMIT; VACUUM").expect("commit");
    }
    drop((of_rows, of_json));
    let bytes = |path: &Path| std::fs::metadata(path).expect("file").len();
    Some(Plain {
        rows: bytes(&rows),
        json: bytes(&json),
    })
}

/// Names of the series of the first sample.
fn names(recorded: &Recorded, which: Which) -> Vec<String> {
    let parts = recorded.frames[0]
        .parts
        .iter()
        .filter(|part| which.has(part.family));
    parts
        .flat_map(|part| {
            part.entities.iter().flat_map(move |entity| {
                let label = entity.labels.iter().flatten().next().cloned();
                catalog::of_family(part.family)
                    .iter()
                    .map(move |metric| match &label {
                        Some(label) => format!("{}_{label}", metric.name),
                        None => metric.name.to_owned(),
                    })
            })
        })
        .collect()
}
