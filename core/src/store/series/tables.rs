//! The tables of the series.

/// What the schema holds beside the tables of rows. Keys are explained in `keys`.
pub(crate) static SERIES_TABLES: [(&str, &str); 5] = [
    // The open log: the newest rows of each tier. Rows of one `run` stand by themselves.
    (
        "series_head",
        "id INTEGER PRIMARY KEY, run INTEGER NOT NULL, unix_us INTEGER NOT NULL, \
         second INTEGER NOT NULL, below INTEGER NOT NULL, data BLOB NOT NULL",
    ),
    // Sealed blocks: which rows, from when to when, of how many bytes.
    (
        "series_blocks",
        "id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, first_us INTEGER NOT NULL, \
         last_us INTEGER NOT NULL, below INTEGER NOT NULL, bytes INTEGER NOT NULL",
    ),
    // Their columns, a family at a time, so that a query reads its families only.
    ("series_parts", "id INTEGER PRIMARY KEY, data BLOB NOT NULL"),
    // What is no number, from a row of the raw tier on.
    (
        "series_context",
        "id INTEGER PRIMARY KEY, data BLOB NOT NULL",
    ),
    // The process that writes all this, until when it may be silent.
    (
        "series_writer",
        "id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, \
         start_time_ticks INTEGER NOT NULL, boot_id TEXT NOT NULL, pid_space TEXT NOT NULL, \
         instance INTEGER NOT NULL, valid_until REAL NOT NULL",
    ),
];
