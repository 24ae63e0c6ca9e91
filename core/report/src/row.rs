//! Values of a row, as JSON and CSV have them.

use std::borrow::Cow;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Not known: null in JSON, nothing in CSV. Never 0.
    Unknown,
    Real(f64),
    Whole(i64),
    Flag(bool),
    Text(Cow<'a, str>),
    List(Vec<Cow<'a, str>>),
}

impl<'a> Cell<'a> {
    /// What is not finite is not known.
    pub(crate) fn real(value: impl Into<Option<f64>>) -> Cell<'a> {
        match value.into() {
            Some(value) if value.is_finite() => Cell::Real(value),
            _ => Cell::Unknown,
        }
    }

    /// To the nearest whole number.
    pub(crate) fn whole(value: f64) -> Cell<'a> {
        match value.is_finite() {
            true => Cell::Whole(value.round() as i64),
            false => Cell::Unknown,
        }
    }

    pub(crate) fn text(value: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Text(value.into())
    }

    /// Nothing where there is no text.
    pub(crate) fn maybe_text(value: Option<&'a str>) -> Cell<'a> {
        value.map_or(Cell::Unknown, Cell::text)
    }
}

/// Takes the rows of one table.
pub(crate) trait Rows {
    /// Begins a table with these columns.
    fn begin(&mut self, columns: &[Cow<'static, str>]) -> usm_core::Result<()>;
    /// One row, with a cell for each column.
    fn row(&mut self, cells: &[Cell<'_>]) -> usm_core::Result<()>;
    /// Ends the table.
    fn end(&mut self) -> usm_core::Result<()>;
}
