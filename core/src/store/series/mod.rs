//! The tables of the series, in the same file as the rows: an open log of the newest rows
//! of each tier (`series_head`), sealed blocks (`series_blocks`) and their columns
//! (`series_parts`), what is no number (`series_context`), and who writes (`series_writer`).
//!
//! A sample is one row of the raw tier's log, written in the transaction of the rows that
//! came with it; in the same transaction come the rows of the coarser tiers that it ends.
//! The log of a tier is divided into runs. One that is long enough becomes a block, in a
//! transaction of its own. A row keeps its number on the way.

mod bytes;
mod columns;
mod file;
mod finishing;
mod gathering;
mod keys;
mod lease;
mod loading;
mod log;
mod past;
mod reading;
mod retention;
mod scan;
mod sealing;
mod segment_rows;
mod settings;
mod tables;
#[cfg(test)]
pub(crate) mod tests;
mod tier_log;
mod writing;

pub(crate) use file::SeriesFile;
pub(crate) use past::Past;
pub(crate) use reading::{BlockKey, Extent, PartData, Segment, SegmentVisitor};
pub use settings::SeriesSettings;
pub(super) use tables::SERIES_TABLES;
pub(super) use writing::Series;
