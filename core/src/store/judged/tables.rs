//! The tables of what was judged.

/// Name, and columns as declared.
pub(crate) static JUDGED_TABLES: [(&str, &str); 5] = [
    // Alerts, incidents, insights, security findings: the newest state of each.
    (
        "findings",
        "kind TEXT NOT NULL, key TEXT NOT NULL, opened_at REAL NOT NULL, \
         updated_at REAL NOT NULL, closed_at REAL, severity TEXT, title TEXT, \
         data TEXT NOT NULL, PRIMARY KEY (kind, key)",
    ),
    // What the models remember.
    (
        "model_memory",
        "name TEXT PRIMARY KEY, version INTEGER NOT NULL, saved_at REAL NOT NULL, \
         data BLOB NOT NULL",
    ),
    // Rules of alerts that were made through the library, as TOML.
    (
        "rules",
        "name TEXT PRIMARY KEY, toml TEXT NOT NULL, updated_at REAL NOT NULL",
    ),
    // Who was told of what, and whether that worked.
    (
        "notifications",
        "id INTEGER PRIMARY KEY, alert_id INTEGER NOT NULL, rule TEXT NOT NULL, \
         channel TEXT NOT NULL, status TEXT NOT NULL, ok INTEGER NOT NULL, \
         attempts INTEGER NOT NULL, error TEXT, queued_at REAL NOT NULL, \
         finished_at REAL NOT NULL",
    ),
    // What another process asks of the one that monitors.
    (
        "requests",
        "id INTEGER PRIMARY KEY, made_at REAL NOT NULL, data TEXT NOT NULL, answered_at REAL",
    ),
];

/// What of them goes with age: table, and the column that tells when a row was over.
pub(crate) static JUDGED_AGES: [(&str, &str); 3] = [
    ("findings", "closed_at"),
    ("notifications", "finished_at"),
    ("requests", "answered_at"),
];

/// Most rows of a table of [`JUDGED_AGES`], whatever their age.
pub(crate) const MOST_JUDGED_ROWS: u64 = 20_000;
