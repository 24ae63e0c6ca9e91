//! Values on their way in and out of the file. Coming in, only finite numbers are stored.
//! Coming out, a value of another type than declared, which a foreign writer can leave, costs
//! that value and not the whole row.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::super::writer::unix_now;

/// The number, or NULL if it is none.
pub(super) fn finite(value: impl Into<Option<f64>>) -> Option<f64> {
    value.into().filter(|value| value.is_finite())
}

/// The stamp, or the present time in its place.
pub(super) fn stamp(seconds: f64) -> f64 {
    if seconds.is_finite() && seconds > 0.0 {
        seconds
    } else {
        unix_now()
    }
}

/// A number; `None` for NULL and for what is no number.
pub(super) fn real(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<f64>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Real(value) => Some(value),
        ValueRef::Integer(value) => Some(value as f64),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .filter(|value: &f64| value.is_finite()),
        ValueRef::Null | ValueRef::Blob(_) => None,
    })
}

/// A number, NaN where there is none.
pub(super) fn real_or_nan(row: &Row<'_>, at: usize) -> rusqlite::Result<f64> {
    Ok(real(row, at)?.unwrap_or(f64::NAN))
}

/// A whole number; `None` for anything else.
pub(super) fn whole(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<i64>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(value) => Some(value),
        _ => None,
    })
}

/// A text; `None` for NULL and for what is none.
pub(super) fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Integer(value) => Some(value.to_string()),
        ValueRef::Real(value) => Some(value.to_string()),
        ValueRef::Null | ValueRef::Blob(_) => None,
    })
}

/// A text, empty where there is none.
pub(super) fn text_or_empty(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(text(row, at)?.unwrap_or_default())
}

/// Most rows of an answer, as SQL takes it.
pub(super) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
