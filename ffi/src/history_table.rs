//! An answer of the history in plain arrays.

use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::sync::Arc;

use usm_core::history::{Table, TableColumn};
use usm_core::series::Kind;

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, open, out, out_pointer};
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// A value that goes up and down.
pub const USM_SERIES_GAUGE: u32 = 0;
/// A count that only grows until it is reset.
pub const USM_SERIES_COUNTER: u32 = 1;

/// The answer to a query: one axis of time, and a column of values for each series. Ended by
/// usm_table_free(). It never changes, and any number of threads may read it.
pub struct usm_table {
    _opaque: (),
}

impl Opaque for usm_table {
    type Value = Answer;
    const MAGIC: u64 = 0x7573_6d20_7461_626c;
    const NAME: &'static str = "usm_table";
}

/// The table, and its texts as C has them.
pub(crate) struct Answer {
    pub(crate) table: Arc<Table>,
    texts: Vec<ColumnTexts>,
    notes: CString,
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Answer>();
};

struct ColumnTexts {
    name: CString,
    metric: CString,
    unit: CString,
    labels: Vec<(CString, CString)>,
}

/// One series of a table. What it points to is borrowed: it lives as long as the table.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_column {
    /// sizeof(usm_column) in the caller's program, as usm_column_init() sets it.
    pub struct_size: u32,
    /// How the metric behaves: USM_SERIES_...
    pub kind: u32,
    /// Name with labels, as a query reads it: core_busy_percent{core="0"}.
    pub name: *const c_char,
    /// Name of the metric.
    pub metric: *const c_char,
    /// Unit of the values, e.g. "percent", "bytes", "per_second"; of a rate the unit of which
    /// it is the increase per second.
    pub unit: *const c_char,
    /// Number of labels, for usm_table_label().
    pub label_count: usize,
    /// The values, one for each time; NaN where nothing is known. NULL in a table without rows.
    pub values: *const f64,
}

const COLUMN: PlainSize = PlainSize {
    least: offset_of!(usm_column, label_count),
    allowed: "sizeof(usm_column); call usm_column_init() first",
};

impl Answer {
    pub(crate) fn new(table: Table) -> Answer {
        Answer {
            texts: table.columns.iter().map(ColumnTexts::of).collect(),
            notes: text::kept(&table.notes.join("\n")),
            table: Arc::new(table),
        }
    }

    fn column(&self, index: usize, struct_size: u32) -> Result<usm_column, Failure> {
        let column = element(&self.table.columns, "column", index)?;
        let texts = element(&self.texts, "column", index)?;
        Ok(usm_column {
            struct_size,
            kind: match column.kind {
                Kind::Gauge => USM_SERIES_GAUGE,
                Kind::Counter => USM_SERIES_COUNTER,
            },
            name: texts.name.as_ptr(),
            metric: texts.metric.as_ptr(),
            unit: texts.unit.as_ptr(),
            label_count: texts.labels.len(),
            values: array_of(&column.values),
        })
    }
}

impl ColumnTexts {
    fn of(column: &TableColumn) -> ColumnTexts {
        let labels = column.key.labels.iter();
        ColumnTexts {
            name: text::kept(&column.key.to_string()),
            metric: text::kept(&column.key.metric),
            unit: text::kept(&text::word(&column.unit)),
            labels: labels
                .map(|(name, value)| (text::kept(name), text::kept(value)))
                .collect(),
        }
    }
}

/// Where an array begins; an empty one is nowhere.
fn array_of(values: &[f64]) -> *const f64 {
    match values.is_empty() {
        true => std::ptr::null(),
        false => values.as_ptr(),
    }
}

/// Ends a table. Arrow streams that came from it stay.
///
/// - table: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_free(table: *mut *mut usm_table) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(table, "table") });
}

/// Gives how large a table is.
///
/// - rows: takes the number of times; NULL when it is not wanted.
/// - columns: takes the number of series; NULL when it is not wanted.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_size(
    table: *const usm_table,
    rows: *mut usize,
    columns: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let table = &unsafe { at(table)? }.table;
        for (variable, name, value) in [
            (rows, "rows", table.times.len()),
            (columns, "columns", table.columns.len()),
        ] {
            if !variable.is_null() {
                // SAFETY: by the contract of the header: a variable of the caller's.
                unsafe { out(variable, name)? }.write(value);
            }
        }
        Ok(())
    })
}

/// Gives the axis of time: seconds since 1970, ascending; with a step, or of a coarser tier,
/// the beginning of each row.
///
/// - times: takes a borrowed array of as many numbers as there are rows, which lives as long
///   as the table; NULL without rows.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_times(
    table: *const usm_table,
    times: *mut *const f64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let times = unsafe { out_pointer(times.cast::<*mut f64>(), "times")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        *times = array_of(&unsafe { at(table)? }.table.times).cast_mut();
        Ok(())
    })
}

/// Gives the width of a row.
///
/// - step_seconds: takes the seconds; 0 for samples as they were taken.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_step_seconds(
    table: *const usm_table,
    step_seconds: *mut f64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let step_seconds = unsafe { out(step_seconds, "step_seconds")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        step_seconds.write(unsafe { at(table)? }.table.step_seconds.unwrap_or(0.0));
        Ok(())
    })
}

/// Gives what the reader should know: a torn block that was left out, a quantile of means, a
/// step that was made wider.
///
/// - notes: takes a borrowed text that lives as long as the table: a line for each note; empty
///   when there is nothing to know.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_notes(
    table: *const usm_table,
    notes: *mut *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let notes = unsafe { out_pointer(notes.cast::<*mut c_char>(), "notes")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        *notes = unsafe { at(table)? }.notes.as_ptr().cast_mut();
        Ok(())
    })
}

/// Gives a column, in the order of the query's series and then by labels.
///
/// - index: 0 to the number of columns - 1.
/// - column: filled as far as its struct_size goes; begin with usm_column_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_column(
    table: *const usm_table,
    index: usize,
    column: *mut usm_column,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let answer = unsafe { at(table)? };
        let found = answer.column(index, 0)?;
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe {
            plain::fill(column, "column", COLUMN, |struct_size| usm_column {
                struct_size,
                ..found
            })
        }
    })
}

/// Gives a label of a column.
///
/// - column: 0 to the number of columns - 1.
/// - index: 0 to usm_column.label_count - 1.
/// - name, value: take borrowed texts that live as long as the table.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a number beyond the end.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_label(
    table: *const usm_table,
    column: usize,
    index: usize,
    name: *mut *const c_char,
    value: *mut *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let name = unsafe { out_pointer(name.cast::<*mut c_char>(), "name") };
        // SAFETY: by the contract of the header: NULL or another variable of the caller's.
        let value = unsafe { out_pointer(value.cast::<*mut c_char>(), "value") };
        // Both are NULL before one of them is refused.
        let (name, value) = (name?, value?);
        // SAFETY: by the contract of the header: NULL or a handle.
        let table = unsafe { at(table)? };
        let texts = element(&table.texts, "column", column)?;
        let (label, is) = element(&texts.labels, "index", index)?;
        *name = label.as_ptr().cast_mut();
        *value = is.as_ptr().cast_mut();
        Ok(())
    })
}

/// The table behind a handle.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn at(table: *const usm_table) -> Result<Held<Answer>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(table, "table") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;
    use usm_core::history::SeriesKey;
    use usm_core::series::Unit;

    fn answer() -> Answer {
        Answer::new(Table {
            times: vec![1.0, 2.0],
            columns: vec![TableColumn {
                key: SeriesKey {
                    metric: "device_read_bytes_total".into(),
                    labels: vec![("device".into(), "s\0da".into())],
                },
                unit: Unit::BytesPerSecond,
                kind: Kind::Counter,
                values: vec![7.0, f64::NAN],
            }],
            notes: vec!["one".into(), "two".into()],
            ..Table::default()
        })
    }

    fn said(text: *const c_char) -> String {
        // SAFETY: the texts of an answer live as long as it.
        let text = unsafe { CStr::from_ptr(text) };
        text.to_str().unwrap().to_string()
    }

    #[test]
    fn a_column_is_told_with_names_and_borrowed_values() {
        let answer = answer();
        let column = answer.column(0, 56).unwrap();
        assert_eq!(said(column.metric), "device_read_bytes_total");
        assert_eq!(
            said(column.name),
            r#"device_read_bytes_total{device="s\0da"}"#
        );
        assert_eq!(said(column.unit), "bytes_per_second");
        assert_eq!((column.kind, column.label_count), (USM_SERIES_COUNTER, 1));
        assert_eq!(column.values, answer.table.columns[0].values.as_ptr());
        assert_eq!(answer.notes.to_str().unwrap(), "one\ntwo");
        assert!(answer.column(1, 56).is_err());
    }

    #[test]
    fn a_table_without_rows_has_no_arrays() {
        assert!(array_of(&[]).is_null());
        assert!(!array_of(&[1.0]).is_null());
    }
}
