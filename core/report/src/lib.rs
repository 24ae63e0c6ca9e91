//! What a history holds, for people and other programs: exports of metrics, alerts and
//! predictions, and reports of health and trends, as JSON, CSV or one HTML file.
//!
//! ```no_run
//! use usm_report::{Format, Kind, Source, Wanted, export_to};
//!
//! # fn main() -> usm_core::Result<()> {
//! let source = Source::open("/home/me/.local/state/usm")?;
//! let wanted = Wanted::last(86_400.0, 1_795_000_000.0);
//! let day = "day.csv".as_ref();
//! let written = export_to(day, &source, Kind::Metrics, Format::Csv, &wanted, &mut |_| true)?;
//! println!("{} rows, {} bytes", written.rows, written.bytes);
//! # Ok(())
//! # }
//! ```

mod alerts;
mod csv;
mod export;
mod file;
mod foretold;
mod json;
mod kind;
mod metrics;
mod predictions;
mod row;
#[doc(hidden)]
pub mod shown;
mod source;
#[cfg(test)]
mod tests;
mod trend;
mod wanted;
mod written;

pub use export::{Exported, export};
pub use file::NewFile;
pub use kind::{Format, Kind};
pub use source::Source;
pub use trend::{Direction, Trend};
pub use wanted::Wanted;
pub use written::{Written, export_to};
