//! Columns of the prototype's tables, and the tables that hold rows.

/// One column after `id`.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Column {
    pub(in crate::store) name: &'static str,
    /// As declared.
    pub(in crate::store) declared: &'static str,
}

/// A column.
pub(super) const fn column(name: &'static str, declared: &'static str) -> Column {
    Column { name, declared }
}

/// When a row was written, as text in UTC.
pub(super) const CREATED_AT: Column = column("created_at", "DATETIME DEFAULT CURRENT_TIMESTAMP");

impl Column {
    /// What it holds where a program gives nothing, as SQL.
    pub(super) fn default(&self) -> Option<&'static str> {
        self.declared.split_once("DEFAULT ").map(|(_, value)| value)
    }

    fn is_text(&self) -> bool {
        self.declared.starts_with("TEXT") || self.declared.starts_with("BLOB")
    }
}

/// A table that holds rows.
#[derive(Debug)]
pub(in crate::store) struct Kept {
    pub(in crate::store) name: String,
    /// Columns after `id`.
    pub(in crate::store) columns: Vec<Column>,
    /// Numbers of its rows are greater than this.
    pub(in crate::store) above: i64,
    /// SQL of when a row was over, Unix seconds; `None` where rows are kept for ever.
    pub(in crate::store) stamp: Option<String>,
}

impl Kept {
    /// As it is made.
    pub(in crate::store) fn sql(&self) -> String {
        let columns: String = self
            .columns
            .iter()
            .map(|column| format!(", {} {}", column.name, column.declared))
            .collect();
        format!(
            "CREATE TABLE {} (id INTEGER PRIMARY KEY AUTOINCREMENT{columns})",
            self.name
        )
    }

    /// SQL of a row's size in bytes, nearly.
    pub(in crate::store) fn row_bytes(&self) -> String {
        let texts = self.columns.iter().filter(|column| column.is_text());
        let lengths = texts.map(|column| format!(" + ifnull(length({}), 0)", column.name));
        format!("100{}", lengths.collect::<String>())
    }
}

/// SQL of when a row was over: one of its columns, or else when it was written.
pub(super) fn stamp(columns: &[Column], of: Option<&str>) -> Option<String> {
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    // A row of a prototype's may have either form.
    let written = "CASE typeof(created_at) WHEN 'text' THEN CAST(strftime('%s', created_at) AS REAL) \
                   ELSE created_at END";
    match (of, has("created_at")) {
        (Some(name), true) => Some(format!("ifnull({name}, {written})")),
        (Some(name), false) => Some(name.to_owned()),
        (None, true) => Some(written.to_owned()),
        (None, false) => None,
    }
}
