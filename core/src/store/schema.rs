//! The tables of the monitor's file: the prototype's, by their exact names and columns; and the
//! steps that bring an older file, this or the optimizer's, to its version.
//!
//! Policy. `user_version` is the version of the schema; the prototype's files have 0.
//! `application_id` is the schema's own. A file with another application's id, or with a version
//! that is newer than this library's, is left untouched and reported. Missing tables,
//! columns and indices are added; nothing is ever removed or renamed, but for our own views,
//! which hold nothing. A table of the right name that can't take our rows (a view,
//! `WITHOUT ROWID`, a further column that must be filled) and a table in the place of a view
//! make the file a foreign one: left untouched, too.

use rusqlite::{Connection, OptionalExtension};

use super::fault::{Fault, FaultKind};
use super::judged::JUDGED_TABLES;
use super::prototype::{self, View};
use super::series::SERIES_TABLES;

/// What a file of one kind holds.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Version that this library writes.
    pub(crate) version: i32,
    /// Four letters in ASCII that tell whose file it is.
    pub(crate) application_id: i32,
    pub(crate) tables: &'static [Table],
    /// Further tables: name, and columns as declared.
    pub(crate) further: &'static [&'static [(&'static str, &'static str)]],
    /// The tables of the prototype's other files are in it, too.
    pub(crate) has_prototype: bool,
}

/// The monitor's file.
pub(crate) static MONITOR: Schema = Schema {
    // 2: the series. 3: what was judged. 4: the tables of the prototype's other files.
    version: 4,
    // `USM1`
    application_id: 0x5553_4D31,
    tables: &TABLES,
    further: &[&SERIES_TABLES, &JUDGED_TABLES],
    has_prototype: true,
};

/// A recording: without what only the prototype's scripts look for.
pub(crate) static RECORDING: Schema = Schema {
    version: 3,
    application_id: 0x5553_4D31,
    tables: &TABLES,
    further: &[&SERIES_TABLES, &JUDGED_TABLES],
    has_prototype: false,
};

/// One of the tables, as far as it is handled alike with the others.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Columns after `id`, with their declared types.
    pub(crate) columns: &'static [(&'static str, &'static str)],
    /// The column that tells a row's age; it has an index.
    pub(crate) stamp: &'static str,
    /// SQL that tells a row's size in bytes, nearly.
    pub(crate) row_bytes: &'static str,
}

pub(crate) const CREATED_AT: (&str, &str) = ("created_at", "REAL DEFAULT (strftime('%s', 'now'))");

/// All tables of the monitor's file.
pub(crate) static TABLES: [Table; 3] = [
    Table {
        name: "unified_system_states",
        columns: &[
            ("timestamp", "REAL NOT NULL"),
            ("health_score", "REAL"),
            ("performance_score", "REAL"),
            ("security_score", "REAL"),
            ("metrics_data", "TEXT"),
            ("alerts_data", "TEXT"),
            ("recommendations_data", "TEXT"),
            ("predictions_data", "TEXT"),
            ("insights_data", "TEXT"),
            CREATED_AT,
        ],
        stamp: "timestamp",
        row_bytes: "100 + ifnull(length(metrics_data), 0) + ifnull(length(alerts_data), 0) \
                    + ifnull(length(recommendations_data), 0) \
                    + ifnull(length(predictions_data), 0) + ifnull(length(insights_data), 0)",
    },
    Table {
        name: "performance_metrics",
        columns: &[
            ("component_name", "TEXT NOT NULL"),
            ("operation_name", "TEXT NOT NULL"),
            ("execution_time", "REAL"),
            ("memory_usage", "REAL"),
            ("cpu_usage", "REAL"),
            ("timestamp", "REAL"),
            CREATED_AT,
        ],
        stamp: "timestamp",
        row_bytes: "100",
    },
    Table {
        name: "integration_events",
        columns: &[
            ("event_type", "TEXT NOT NULL"),
            ("event_data", "TEXT"),
            ("severity", "TEXT"),
            ("component_name", "TEXT"),
            ("timestamp", "REAL"),
            CREATED_AT,
        ],
        stamp: "timestamp",
        row_bytes: "100 + ifnull(length(event_data), 0)",
    },
];

/// What the file was before [`migrate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An empty file.
    New,
    /// Tables of version 0: the prototype's.
    Prototype,
    /// Made or migrated by this library.
    Ours,
}

/// Looks at the file's marks without changing anything.
pub(crate) fn origin(connection: &Connection, schema: &Schema) -> Result<Origin, Fault> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get(0));
    let (application, version): (i32, i32) = (number("application_id")?, number("user_version")?);
    if application != 0 && application != schema.application_id {
        return Err(Fault::new(
            FaultKind::Other,
            format!(
                "the file belongs to another application (application_id {application:#x}); \
                 it is left untouched: move it away or use another data folder"
            ),
        ));
    }
    if !(0..=schema.version).contains(&version) {
        return Err(Fault::new(
            FaultKind::Other,
            format!(
                "the file has schema version {version}, this library knows versions up to {}; \
                 it is left untouched: use a newer release or another data folder",
                schema.version
            ),
        ));
    }
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (objects, version) {
        (0, _) => Origin::New,
        (_, 0) => Origin::Prototype,
        _ => Origin::Ours,
    })
}

/// Brings the file to the version of the schema in one transaction, or changes nothing.
pub(crate) fn migrate(connection: &Connection, schema: &Schema) -> Result<(), Fault> {
    if is_complete(connection, schema)? {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = origin(connection, schema).and_then(|origin| build(connection, schema, origin));
    let done = done.and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    if done.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    done
}

fn is_complete(connection: &Connection, schema: &Schema) -> Result<bool, Fault> {
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != schema.version {
        return Ok(false);
    }
    for table in schema.tables {
        if !missing_columns(connection, table.name, &names(table.columns))?
            .is_some_and(|missing| missing.is_empty())
            || !exists(connection, "index", &index_name(table))?
        {
            return Ok(false);
        }
    }
    for (name, _) in schema.further.iter().copied().flatten() {
        if !exists(connection, "table", name)? {
            return Ok(false);
        }
    }
    if schema.has_prototype {
        for table in prototype::tables() {
            if !exists(connection, "table", &table.name)? {
                return Ok(false);
            }
        }
        for view in prototype::views() {
            if !is_as_made(connection, &view)? {
                return Ok(false);
            }
        }
        for (name, _) in prototype::INDICES {
            if !exists(connection, "index", name)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn build(connection: &Connection, schema: &Schema, origin: Origin) -> Result<(), Fault> {
    for table in schema.tables {
        let name = table.name;
        match missing_columns(connection, name, &names(table.columns))? {
            None => {
                let columns: String = table
                    .columns
                    .iter()
                    .map(|(column, declared)| format!(", {column} {declared}"))
                    .collect();
                connection.execute_batch(&format!(
                    "CREATE TABLE {name} (id INTEGER PRIMARY KEY AUTOINCREMENT{columns})"
                ))?;
            }
            Some(missing) => {
                let missing = table.columns.iter().filter(|(c, _)| missing.contains(c));
                add_columns(connection, name, missing.copied())?;
            }
        }
        connection.execute_batch(&format!(
            "CREATE INDEX IF NOT EXISTS {} ON {name} ({})",
            index_name(table),
            table.stamp
        ))?;
    }
    for (name, columns) in schema.further.iter().copied().flatten() {
        build_further(connection, name, columns)?;
    }
    if schema.has_prototype {
        build_prototype(connection, origin)?;
    }
    connection.execute_batch(&format!(
        "PRAGMA application_id = {}; PRAGMA user_version = {}",
        schema.application_id, schema.version
    ))?;
    Ok(())
}

fn add_columns(
    connection: &Connection,
    table: &str,
    columns: impl Iterator<Item = (&'static str, &'static str)>,
) -> Result<(), Fault> {
    for (column, declared) in columns {
        // A column added later can have neither NOT NULL nor a computed default; whoever
        // writes fills every column that matters.
        let kind = declared.split(' ').next().unwrap_or(declared);
        connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"))?;
    }
    Ok(())
}

/// The tables of the prototype's other files, the views over the engine's, and their triggers.
fn build_prototype(connection: &Connection, origin: Origin) -> Result<(), Fault> {
    for table in prototype::tables() {
        let name = table.name.as_str();
        let columns: Vec<&'static str> = table.columns.iter().map(|column| column.name).collect();
        match missing_columns(connection, name, &columns)? {
            None => {
                connection.execute_batch(&table.sql())?;
                if table.above > 0 {
                    connection.execute(
                        "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
                        (name, table.above),
                    )?;
                }
            }
            Some(missing) => {
                let missing = table.columns.iter().filter(|c| missing.contains(&c.name));
                add_columns(connection, name, missing.map(|c| (c.name, c.declared)))?;
            }
        }
    }
    for (name, on) in prototype::INDICES {
        connection.execute_batch(&format!("CREATE INDEX IF NOT EXISTS {name} ON {on}"))?;
    }
    for view in prototype::views() {
        if is_as_made(connection, &view)? {
            continue;
        }
        match sql_of(connection, view.name)? {
            None => {}
            Some((kind, _)) if kind == "view" && origin == Origin::Ours => {
                connection.execute_batch(&format!("DROP VIEW {}", view.name))?;
            }
            Some((kind, _)) => {
                let why =
                    format!("it is a {kind}, and the monitor shows its own rows by that name");
                return Err(foreign(view.name, &why));
            }
        }
        connection.execute_batch(&view.sql)?;
        for (_, trigger) in &view.triggers {
            connection.execute_batch(trigger)?;
        }
    }
    Ok(())
}

/// Whether a view and its triggers are there as this release makes them.
fn is_as_made(connection: &Connection, view: &View) -> Result<bool, Fault> {
    let triggers = view.triggers.iter().map(|(name, sql)| (name.as_str(), sql));
    for (name, sql) in std::iter::once((view.name, &view.sql)).chain(triggers) {
        let found = sql_of(connection, name)?;
        if found.is_none_or(|(_, found)| found.as_ref() != Some(sql)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What kind of object a name is of, and how it was made.
fn sql_of(connection: &Connection, name: &str) -> Result<Option<(String, Option<String>)>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT type, sql FROM sqlite_schema WHERE name = ?1")?;
    let found = statement.query_row([name], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// One that is there must have been declared so by us.
fn build_further(connection: &Connection, name: &str, columns: &str) -> Result<(), Fault> {
    let create = format!("CREATE TABLE {name} ({columns})");
    match sql_of(connection, name)? {
        None => connection.execute_batch(&create)?,
        Some((_, Some(sql))) if sql == create => {}
        Some(_) => return Err(foreign(name, "it has other columns")),
    }
    Ok(())
}

fn names(columns: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    columns.iter().map(|(name, _)| *name).collect()
}

/// Columns that an existing table lacks; `None` if there is no such table.
fn missing_columns(
    connection: &Connection,
    table: &str,
    columns: &[&'static str],
) -> Result<Option<Vec<&'static str>>, Fault> {
    let kind: Option<(String, bool)> = connection
        .query_row(
            "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1",
            [table],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match kind {
        None => return Ok(None),
        Some((kind, false)) if kind == "table" => {}
        Some((kind, _)) => return Err(foreign(table, &format!("it is a {kind} without row ids"))),
    }
    let mut found = Vec::new();
    let mut statement = connection.prepare(
        "SELECT name, \"notnull\" = 1 AND dflt_value IS NULL AND pk = 0 \
         FROM pragma_table_xinfo(?1)",
    )?;
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        let (column, must_be_filled): (String, bool) = (row.get(0)?, row.get(1)?);
        let ours = columns.contains(&column.as_str());
        if must_be_filled && !ours {
            return Err(foreign(table, &format!("column {column} must be filled")));
        }
        found.push(column);
    }
    let missing = columns.iter().copied();
    Ok(Some(
        missing
            .filter(|column| !found.iter().any(|name| name == column))
            .collect(),
    ))
}

fn foreign(table: &str, why: &str) -> Fault {
    Fault::new(
        FaultKind::Other,
        format!(
            "table {table} is not ours ({why}); the file is left untouched: move it away or \
             use another data folder"
        ),
    )
}

fn exists(connection: &Connection, kind: &str, name: &str) -> Result<bool, Fault> {
    let mut statement =
        connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = ?1 AND name = ?2")?;
    Ok(statement.exists([kind, name])?)
}

fn index_name(table: &Table) -> String {
    format!("usm_{}_{}", table.name, table.stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(connection: &Connection, table: &str) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .unwrap();
        let names = statement.query_map([table], |row| row.get(0)).unwrap();
        names.map(|name| name.unwrap()).collect()
    }

    #[test]
    fn a_new_file_gets_the_prototypes_tables_and_our_marks() {
        let connection = Connection::open_in_memory().unwrap();
        assert_eq!(origin(&connection, &MONITOR).unwrap(), Origin::New);
        migrate(&connection, &MONITOR).unwrap();
        assert_eq!(origin(&connection, &MONITOR).unwrap(), Origin::Ours);
        assert_eq!(
            columns(&connection, "unified_system_states"),
            [
                "id",
                "timestamp",
                "health_score",
                "performance_score",
                "security_score",
                "metrics_data",
                "alerts_data",
                "recommendations_data",
                "predictions_data",
                "insights_data",
                "created_at"
            ]
        );
        assert_eq!(
            columns(&connection, "performance_metrics"),
            [
                "id",
                "component_name",
                "operation_name",
                "execution_time",
                "memory_usage",
                "cpu_usage",
                "timestamp",
                "created_at"
            ]
        );
        assert_eq!(
            columns(&connection, "integration_events"),
            [
                "id",
                "event_type",
                "event_data",
                "severity",
                "component_name",
                "timestamp",
                "created_at"
            ]
        );
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, &MONITOR).unwrap();
        let version = |c: &Connection| -> i64 {
            c.pragma_query_value(None, "schema_version", |row| row.get(0))
                .unwrap()
        };
        let before = version(&connection);
        migrate(&connection, &MONITOR).unwrap();
        assert_eq!(version(&connection), before);
    }

    #[test]
    fn missing_columns_and_tables_are_added_and_rows_kept() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE integration_events (id INTEGER PRIMARY KEY, event_type TEXT); \
                 INSERT INTO integration_events (event_type) VALUES ('kept')",
            )
            .unwrap();
        assert_eq!(origin(&connection, &MONITOR).unwrap(), Origin::Prototype);
        migrate(&connection, &MONITOR).unwrap();
        let kept: String = connection
            .query_row("SELECT event_type FROM integration_events", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(kept, "kept");
        assert_eq!(columns(&connection, "integration_events").len(), 7);
        connection
            .execute_batch("DROP TABLE performance_metrics")
            .unwrap();
        migrate(&connection, &MONITOR).unwrap();
        assert_eq!(columns(&connection, "performance_metrics").len(), 8);
    }

    #[test]
    fn foreign_and_newer_files_are_refused_and_left_as_they_are() {
        for (sql, word) in [
            ("PRAGMA user_version = 99", "version 99"),
            ("PRAGMA application_id = 77", "another application"),
            (
                "CREATE VIEW performance_metrics AS SELECT 1 AS timestamp",
                "view",
            ),
            (
                "CREATE TABLE performance_metrics (k TEXT PRIMARY KEY) WITHOUT ROWID",
                "without row ids",
            ),
            (
                "CREATE TABLE integration_events (id INTEGER PRIMARY KEY, owner TEXT NOT NULL)",
                "owner",
            ),
        ] {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(sql).unwrap();
            let objects = |c: &Connection| -> i64 {
                c.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
                    .unwrap()
            };
            let before = objects(&connection);
            let fault = origin(&connection, &MONITOR)
                .and_then(|_| migrate(&connection, &MONITOR))
                .unwrap_err();
            assert!(fault.cause.contains(word), "{sql}: {}", fault.cause);
            assert_eq!(objects(&connection), before, "{sql}");
        }
    }
}
