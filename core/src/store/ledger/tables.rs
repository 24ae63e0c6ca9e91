//! The tables of `performance_optimizer.db`: the prototype's four, by their exact names and
//! columns with ours after them, the journal, and small named values.
//!
//! The prototype's `performance_profiles` may hold a name more than once, and the prototype
//! itself may write such a row at any time: the table has no UNIQUE. The newest row of a name
//! counts, and whoever writes through [`Ledger`](super::Ledger) changes it in its place.

use super::super::schema::{CREATED_AT, Schema, Table};

/// The optimizer's file.
pub(super) static SCHEMA: Schema = Schema {
    version: 1,
    // `USMO`
    application_id: 0x5553_4D4F,
    tables: &TABLES,
    further: &[],
    has_prototype: false,
};

/// Tables whose row numbers are handed out, and must not come back in a file begun anew.
pub(super) const NUMBERED: [&str; 4] = [
    "optimization_targets",
    "optimization_actions",
    "optimization_history",
    "usm_journal",
];

/// Not used here: the file has no cap that sizes would decide about.
const ROW_BYTES: &str = "100";

static TABLES: [Table; 6] = [
    Table {
        name: "optimization_targets",
        columns: &[
            ("target_type", "TEXT NOT NULL"),
            ("current_value", "REAL"),
            ("target_value", "REAL"),
            ("priority", "TEXT"),
            ("description", "TEXT"),
            ("optimization_method", "TEXT"),
            ("estimated_impact", "TEXT"),
            CREATED_AT,
            ("details", "TEXT"),
        ],
        stamp: "created_at",
        row_bytes: ROW_BYTES,
    },
    Table {
        name: "optimization_actions",
        columns: &[
            ("action_type", "TEXT NOT NULL"),
            ("target_id", "TEXT"),
            ("description", "TEXT"),
            ("priority", "TEXT"),
            ("estimated_benefit", "REAL"),
            ("risk_level", "TEXT"),
            ("execution_time", "REAL"),
            ("status", "TEXT DEFAULT 'pending'"),
            CREATED_AT,
            ("details", "TEXT"),
            ("result", "TEXT"),
        ],
        stamp: "created_at",
        row_bytes: ROW_BYTES,
    },
    Table {
        name: "performance_profiles",
        columns: &[
            ("profile_name", "TEXT NOT NULL"),
            ("cpu_threshold", "REAL"),
            ("memory_threshold", "REAL"),
            ("disk_threshold", "REAL"),
            ("network_threshold", "REAL"),
            ("optimization_rules", "TEXT"),
            ("auto_optimize", "BOOLEAN"),
            CREATED_AT,
            ("settings", "TEXT"),
        ],
        stamp: "created_at",
        row_bytes: ROW_BYTES,
    },
    Table {
        name: "optimization_history",
        columns: &[
            ("optimization_type", "TEXT NOT NULL"),
            ("target_component", "TEXT"),
            ("before_value", "REAL"),
            ("after_value", "REAL"),
            ("improvement_percentage", "REAL"),
            ("execution_time", "REAL"),
            ("status", "TEXT"),
            CREATED_AT,
            ("action_id", "INTEGER"),
            ("verdict", "TEXT"),
            ("reason", "TEXT"),
            ("details", "TEXT"),
        ],
        stamp: "created_at",
        row_bytes: ROW_BYTES,
    },
    Table {
        name: "usm_journal",
        columns: &[
            ("action_id", "INTEGER NOT NULL"),
            ("created_at", "REAL NOT NULL"),
            ("owner_pid", "INTEGER NOT NULL"),
            ("owner_start_time_ticks", "INTEGER NOT NULL"),
            ("boot_id", "TEXT NOT NULL"),
            ("change", "TEXT NOT NULL"),
            ("about", "TEXT NOT NULL"),
            ("state", "TEXT NOT NULL"),
            ("stays_after_owner", "BOOLEAN NOT NULL"),
            ("lease_until", "REAL"),
            ("detail", "TEXT"),
            ("context", "TEXT NOT NULL"),
            ("marked_at", "REAL"),
        ],
        stamp: "created_at",
        row_bytes: ROW_BYTES,
    },
    Table {
        name: "usm_notes",
        columns: &[
            ("name", "TEXT NOT NULL UNIQUE"),
            ("value", "TEXT NOT NULL"),
            ("changed_at", "REAL"),
        ],
        stamp: "changed_at",
        row_bytes: ROW_BYTES,
    },
];
