//! What a migration did: its report, as plain structs and as JSON.

use std::ffi::{CString, c_char};
use std::mem::offset_of;

use serde::Serialize;
use usm_core::migrate::{FileReport, FileStatus, Migration, Reason, TableReport};

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Opaque, free, open, out, out_pointer};
use crate::plain::{self, PlainSize};
use crate::status::usm_status;
use crate::text;

/// A database of the prototype; it was read.
pub const USM_MIGRATED_READ: u32 = 0;
/// There is none of this name.
pub const USM_MIGRATED_MISSING: u32 = 1;
/// The engine's own: there is nothing to bring in.
pub const USM_MIGRATED_OWN: u32 = 2;
/// It could not be read.
pub const USM_MIGRATED_UNREADABLE: u32 = 3;
/// The migration was ended before.
pub const USM_MIGRATED_NOT_REACHED: u32 = 4;

/// What usm_migrate() did. Ended by usm_migration_free(). It never changes, and any number of
/// threads may read it, also in a child after fork().
pub struct usm_migration {
    _opaque: (),
}

impl Opaque for usm_migration {
    type Value = Brought;
    const MAGIC: u64 = 0x7573_6d20_6d69_6772;
    const NAME: &'static str = "usm_migration";
}

/// The report, and its texts as C has them.
pub(crate) struct Brought {
    report: Migration,
    files: Vec<FileTexts>,
    /// Of all files, in their order.
    tables: Vec<TableTexts>,
    /// Of all tables, in their order.
    reasons: Vec<CString>,
}

struct FileTexts {
    name: CString,
    why: Option<CString>,
    notes: CString,
    foreign: CString,
}

struct TableTexts {
    table: CString,
    into: CString,
    error: Option<CString>,
    notes: CString,
}

/// A migration in numbers.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_migration_totals {
    /// sizeof(usm_migration_totals) in the caller's program, as usm_migration_totals_init()
    /// sets it.
    pub struct_size: u32,
    /// 1 when all that is there was read and could be written, else 0.
    pub is_complete: i32,
    /// 1 when the callback ended it early, else 0.
    pub cancelled: i32,
    /// 1 when nothing was written, else 0.
    pub dry_run: i32,
    /// Rows that could be read, of all tables on all their ways: samples are counted as states
    /// and once more as history.
    pub found: u64,
    /// Rows that were brought in; in a dry run, that would be.
    pub imported: u64,
    /// Rows that were there before.
    pub already_there: u64,
    /// Rows that were left out; see usm_migration_reasons().
    pub skipped: u64,
    /// States, events and timings are kept for so many days.
    pub retention_days: f64,
}

/// One file of the prototype. The texts are borrowed: they live as long as the migration.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_migrated_file {
    /// How many bytes of this struct the library has filled.
    pub struct_size: u32,
    /// USM_MIGRATED_...
    pub status: u32,
    /// Its size with its log or journal.
    pub bytes: u64,
    /// Its name.
    pub name: *const c_char,
    /// Why it was not read, in words; NULL when it was, or is missing.
    pub why: *const c_char,
    /// What is to be known of it, a line for each; empty when nothing is.
    pub notes: *const c_char,
    /// Its tables that are not the prototype's and were left alone, a line for each.
    pub foreign: *const c_char,
}

/// One table of the prototype, on one of its ways. The texts are borrowed: they live as long as
/// the migration.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_migrated_table {
    /// How many bytes of this struct the library has filled.
    pub struct_size: u32,
    /// Which file it is in: its place in usm_migration_files(), from 0.
    pub file: u32,
    /// Rows that could be read.
    pub found: u64,
    /// Rows that were brought in; in a dry run, that would be.
    pub imported: u64,
    /// Rows that were there before.
    pub already_there: u64,
    /// Rows that were left out.
    pub skipped: u64,
    /// The prototype's table.
    pub table: *const c_char,
    /// Where its rows go: a table, or "history".
    pub into: *const c_char,
    /// What could not be read or written; NULL when all could.
    pub error: *const c_char,
    /// What is to be known of it, a line for each; empty when nothing is.
    pub notes: *const c_char,
}

/// Why rows of a table were left out. The text is borrowed: it lives as long as the migration.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_migrated_reason {
    /// How many bytes of this struct the library has filled.
    pub struct_size: u32,
    /// Which table: its place in usm_migration_tables(), from 0.
    pub table: u32,
    /// How many rows.
    pub count: u64,
    /// Number of the first of them in the prototype's table; -1 when it is not known.
    pub first_row: i64,
    /// In words.
    pub why: *const c_char,
}

const TOTALS: PlainSize = PlainSize {
    least: offset_of!(usm_migration_totals, retention_days),
    allowed: "sizeof(usm_migration_totals); call usm_migration_totals_init() first",
};
const FILE: PlainSize = PlainSize {
    least: offset_of!(usm_migrated_file, why),
    allowed: "sizeof(usm_migrated_file)",
};
const TABLE: PlainSize = PlainSize {
    least: offset_of!(usm_migrated_table, error),
    allowed: "sizeof(usm_migrated_table)",
};
const REASON: PlainSize = PlainSize {
    least: size_of::<usm_migrated_reason>(),
    allowed: "sizeof(usm_migrated_reason)",
};

/// Ends a migration's report, and the texts that were borrowed from it.
///
/// - migration: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any; no other thread may use the handle.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_migration_free(migration: *mut *mut usm_migration) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(migration, "migration") });
}

/// Copies the numbers of a migration.
///
/// - totals: filled as far as its struct_size goes; see usm_migration_totals_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header
/// has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_migration_summary(
    migration: *const usm_migration,
    totals: *mut usm_migration_totals,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let brought = unsafe { open(migration, "migration")? };
        let make = |struct_size| usm_migration_totals::of(&brought.report, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(totals, "totals", TOTALS, make) }
    })
}

/// Copies what became of each of the prototype's nine files, there or not.
///
/// - array: takes the files; NULL when capacity is 0.
/// - element_size: sizeof(usm_migrated_file) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are, which may be more than capacity; the number of elements
///   written is the lesser of both.
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_migration_files(
    migration: *const usm_migration,
    array: *mut usm_migrated_file,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let count = unsafe { out(count, "count")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let brought = unsafe { open(migration, "migration")? };
        let files = brought.report.files.iter().zip(&brought.files);
        plain::check_array(array, element_size, capacity, FILE)?;
        for (at, (file, texts)) in files.enumerate().take(capacity) {
            let element = usm_migrated_file::of(file, texts, element_size);
            // SAFETY: `at` is below capacity, so by the contract of the header the element is
            // the caller's to write.
            unsafe { plain::put(array, at, element_size, &element) };
        }
        count.write(brought.files.len());
        Ok(())
    })
}

/// Copies what became of each table that was found, in the order of the files.
///
/// - array: takes the tables; NULL when capacity is 0.
/// - element_size: sizeof(usm_migrated_table) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are; see usm_migration_files().
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_migration_tables(
    migration: *const usm_migration,
    array: *mut usm_migrated_table,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let count = unsafe { out(count, "count")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let brought = unsafe { open(migration, "migration")? };
        plain::check_array(array, element_size, capacity, TABLE)?;
        let tables = tables(&brought.report).zip(&brought.tables);
        for (at, ((file, table), texts)) in tables.enumerate().take(capacity) {
            let element = usm_migrated_table::of(file, table, texts, element_size);
            // SAFETY: `at` is below capacity, so by the contract of the header the element is
            // the caller's to write.
            unsafe { plain::put(array, at, element_size, &element) };
        }
        count.write(brought.tables.len());
        Ok(())
    })
}

/// Copies why rows were left out, in the order of the tables.
///
/// - array: takes the reasons; NULL when capacity is 0.
/// - element_size: sizeof(usm_migrated_reason) in the caller's program.
/// - capacity: number of elements in the array.
/// - count: takes how many there are; see usm_migration_files().
///
/// Returns: USM_OK, also when there are more than fit; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_migration_reasons(
    migration: *const usm_migration,
    array: *mut usm_migrated_reason,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let count = unsafe { out(count, "count")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let brought = unsafe { open(migration, "migration")? };
        plain::check_array(array, element_size, capacity, REASON)?;
        let reasons = reasons(&brought.report).zip(&brought.reasons);
        for (at, ((table, reason), why)) in reasons.enumerate().take(capacity) {
            let element = usm_migrated_reason {
                struct_size: size_of::<usm_migrated_reason>().min(element_size) as u32,
                table,
                count: reason.count,
                first_row: reason.rows.first().copied().unwrap_or(-1),
                why: why.as_ptr(),
            };
            // SAFETY: `at` is below capacity, so by the contract of the header the element is
            // the caller's to write.
            unsafe { plain::put(array, at, element_size, &element) };
        }
        count.write(brought.reasons.len());
        Ok(())
    })
}

/// Gives a migration as JSON: all that the structs tell, with the folders, the numbers of more
/// rows for each reason, and what else in the source looks like a database ("others").
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_migration_json(
    migration: *const usm_migration,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let brought = unsafe { open(migration, "migration")? };
        *json = text::give(json_of(&brought.report)?)?;
        Ok(())
    })
}

fn json_of(report: &Migration) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Whole<'a> {
        #[serde(flatten)]
        report: &'a Migration,
        complete: bool,
        imported: u64,
    }
    text::json(&Whole {
        report,
        complete: report.is_complete(),
        imported: report.imported(),
    })
}

/// Each table with the place of its file.
fn tables(report: &Migration) -> impl Iterator<Item = (u32, &TableReport)> {
    let files = report.files.iter().zip(0..);
    files.flat_map(|(file, at)| file.tables.iter().map(move |table| (at, table)))
}

/// Each reason with the place of its table.
fn reasons(report: &Migration) -> impl Iterator<Item = (u32, &Reason)> {
    let tables = report.tables().zip(0..);
    tables.flat_map(|(table, at)| table.reasons.iter().map(move |reason| (at, reason)))
}

impl Brought {
    pub(crate) fn of(report: Migration) -> Brought {
        let lines = |list: &[String]| text::kept(&list.join("\n"));
        let files = report.files.iter().map(|file| FileTexts {
            name: text::kept(&file.name),
            why: text::kept_optional(match &file.status {
                FileStatus::Own(why) | FileStatus::Unreadable(why) => Some(why),
                FileStatus::Read | FileStatus::Missing | FileStatus::NotReached => None,
            }),
            notes: lines(&file.notes),
            foreign: lines(&file.foreign),
        });
        let tables = report.tables().map(|table| TableTexts {
            table: text::kept(&table.table),
            into: text::kept(&table.into),
            error: text::kept_optional(table.error.as_ref()),
            notes: lines(&table.notes),
        });
        Brought {
            files: files.collect(),
            tables: tables.collect(),
            reasons: reasons(&report)
                .map(|(_, reason)| text::kept(&reason.why))
                .collect(),
            report,
        }
    }
}

impl usm_migration_totals {
    fn of(report: &Migration, struct_size: u32) -> usm_migration_totals {
        let sum = |rows: fn(&TableReport) -> u64| report.tables().map(rows).sum();
        usm_migration_totals {
            struct_size,
            is_complete: report.is_complete().into(),
            cancelled: report.cancelled.into(),
            dry_run: report.dry_run.into(),
            found: sum(|table| table.found),
            imported: report.imported(),
            already_there: sum(|table| table.already_there),
            skipped: sum(|table| table.skipped),
            retention_days: report.retention_days,
        }
    }
}

impl usm_migrated_file {
    fn of(file: &FileReport, texts: &FileTexts, element_size: usize) -> usm_migrated_file {
        usm_migrated_file {
            struct_size: size_of::<usm_migrated_file>().min(element_size) as u32,
            status: match &file.status {
                FileStatus::Read => USM_MIGRATED_READ,
                FileStatus::Missing => USM_MIGRATED_MISSING,
                FileStatus::Own(_) => USM_MIGRATED_OWN,
                FileStatus::Unreadable(_) => USM_MIGRATED_UNREADABLE,
                FileStatus::NotReached => USM_MIGRATED_NOT_REACHED,
            },
            bytes: file.bytes,
            name: texts.name.as_ptr(),
            why: text::pointer(texts.why.as_ref()),
            notes: texts.notes.as_ptr(),
            foreign: texts.foreign.as_ptr(),
        }
    }
}

impl usm_migrated_table {
    fn of(
        file: u32,
        table: &TableReport,
        texts: &TableTexts,
        element_size: usize,
    ) -> usm_migrated_table {
        usm_migrated_table {
            struct_size: size_of::<usm_migrated_table>().min(element_size) as u32,
            file,
            found: table.found,
            imported: table.imported,
            already_there: table.already_there,
            skipped: table.skipped,
            table: texts.table.as_ptr(),
            into: texts.into.as_ptr(),
            error: text::pointer(texts.error.as_ref()),
            notes: texts.notes.as_ptr(),
        }
    }
}
