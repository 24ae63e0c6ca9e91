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
mod busiest;
mod csv;
mod curve;
pub mod document;
mod export;
mod file;
#[cfg(test)]
mod fixture;
mod foretold;
mod health;
mod html;
mod json;
mod kind;
mod metrics;
mod past_rows;
mod predictions;
mod report;
mod row;
#[doc(hidden)]
pub mod shown;
mod source;
#[cfg(test)]
mod tests;
mod trend;
mod trends;
mod wanted;
mod written;

pub use busiest::{Program, Programs};
pub use curve::{Curve, Curves, Figures};
pub use export::{Exported, export};
pub use file::NewFile;
pub use health::{Health, HealthSummary};
pub use kind::{Format, Kind};
pub use past_rows::PastRows;
pub use report::{Report, ReportKind, report_to};
pub use source::Source;
pub use trend::{Direction, Trend};
pub use trends::{Course, Courses, Trends};
pub use wanted::Wanted;
pub use written::{Written, export_to};
