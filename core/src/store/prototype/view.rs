//! Views, and what happens when a program writes into one.

use super::columns::{Column, Kept, stamp};

/// Rows that programs wrote themselves are numbered from here on, so that the engine's numbers
/// are others.
pub(super) const ABOVE: i64 = 1_000_000_000;
/// The same where a number of the engine's is made of another.
pub(super) const FAR_ABOVE: i64 = 1_000_000_000_000_000;

/// A view with its triggers.
#[derive(Debug)]
pub(in crate::store) struct View {
    pub(in crate::store) name: &'static str,
    /// As it is made.
    pub(in crate::store) sql: String,
    /// Names and how they are made.
    pub(in crate::store) triggers: Vec<(String, String)>,
}

impl View {
    pub(super) fn new(name: &'static str, columns: &[Column], select: &str) -> View {
        View {
            name,
            sql: format!("CREATE VIEW {name} (id{}) AS {select}", names(columns, "")),
            triggers: Vec::new(),
        }
    }

    /// What `event` (`INSERT`, `UPDATE`, `DELETE`) does.
    pub(super) fn on(mut self, event: &str, body: &str) -> View {
        let name = format!("usm_{}_{}", self.name, event.to_lowercase());
        let sql = format!(
            "CREATE TRIGGER {name} INSTEAD OF {event} ON {} BEGIN {body}; END",
            self.name
        );
        self.triggers.push((name, sql));
        self
    }
}

/// A view over the engine's data and over rows that programs wrote themselves.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) name: &'static str,
    pub(super) columns: Vec<Column>,
    /// The engine's rows.
    pub(super) select: String,
    /// Numbers of the others are greater.
    pub(super) above: i64,
    /// SQL of when such a row was over; `None` where rows are kept for ever.
    pub(super) stamp: Option<String>,
    /// What changes a row of the engine, if that can be.
    pub(super) update: Option<String>,
    /// What deletes a row of the engine that is over.
    pub(super) delete: Option<String>,
}

impl Saved {
    /// Rows with the age that a column tells, those of the engine as `select` gives them.
    pub(super) fn new(
        name: &'static str,
        columns: Vec<Column>,
        age: &str,
        select: String,
    ) -> Saved {
        Saved {
            name,
            stamp: stamp(&columns, Some(age)),
            columns,
            select,
            above: ABOVE,
            update: None,
            delete: None,
        }
    }

    /// Rows with the age that tells when they were written.
    pub(super) fn by_creation(name: &'static str, columns: Vec<Column>, select: String) -> Saved {
        Saved {
            stamp: stamp(&columns, None),
            ..Saved::new(name, columns, "created_at", select)
        }
    }

    /// The table of the others' rows.
    pub(super) fn saved(&self) -> Kept {
        Kept {
            name: format!("saved_{}", self.name),
            columns: self.columns.clone(),
            above: self.above,
            stamp: self.stamp.clone(),
        }
    }

    pub(super) fn view(&self) -> View {
        let (name, columns, above) = (self.name, &self.columns, self.above);
        let plain = names(columns, "");
        let select = format!(
            "{} UNION ALL SELECT id{plain} FROM saved_{name}",
            self.select
        );
        let update = self.update.clone().unwrap_or_else(|| {
            format!(
                "SELECT RAISE(ABORT, '{name}: a row of the monitor can''t be changed') \
                 WHERE OLD.id <= {above}"
            )
        });
        let set: Vec<String> = columns
            .iter()
            .map(|column| format!("{0} = NEW.{0}", column.name))
            .collect();
        let of_saved = format!("DELETE FROM saved_{name} WHERE id = OLD.id");
        let delete = match &self.delete {
            Some(delete) => format!("{of_saved}; {delete}"),
            None => of_saved,
        };
        View::new(name, columns, &select)
            .on("INSERT", &insert(name, columns, above))
            .on(
                "UPDATE",
                &format!(
                    "{update}; UPDATE saved_{name} SET {} WHERE id = OLD.id",
                    set.join(", ")
                ),
            )
            .on("DELETE", &delete)
    }
}

/// What takes a program's row up. A number of its own counts only where it is none of the
/// engine's.
pub(super) fn insert(name: &str, columns: &[Column], above: i64) -> String {
    let values: String = columns
        .iter()
        .map(|column| match column.default() {
            Some(value) => format!(", ifnull(NEW.{}, {value})", column.name),
            None => format!(", NEW.{}", column.name),
        })
        .collect();
    format!(
        "INSERT INTO saved_{name} (id{}) VALUES (CASE WHEN NEW.id > {above} THEN NEW.id END{values})",
        names(columns, "")
    )
}

/// `, first, second …`, each behind `before`.
pub(super) fn names(columns: &[Column], before: &str) -> String {
    let names = columns
        .iter()
        .map(|column| format!(", {before}{}", column.name));
    names.collect()
}
