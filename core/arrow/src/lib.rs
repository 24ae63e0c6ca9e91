//! What the monitor knows as Arrow C streams, which pandas, polars, pyarrow, DuckDB and the
//! like read without a copy: a [`Table`](usm_core::history::Table) of the history, wide or
//! long, and the processes of a sample.
//!
//! The interface is the [C stream interface] of Apache Arrow, written by hand from its
//! specification: three plain structs whose layout never changes. Nothing else of Arrow is
//! needed, and nothing else is here.
//!
//! ```no_run
//! use std::sync::Arc;
//! use usm_core::history::{History, Query, Selector};
//!
//! # fn main() -> usm_core::Result<()> {
//! let history = History::open("/home/me/.local/state/usm/unified_system.db")?;
//! let query = Query::new(Selector::parse("cpu_percent")?, 1.795e9, 1.7951e9);
//! let stream = usm_arrow::table_stream(Arc::new(history.query(&query)?));
//! // Now hand it to a consumer, which moves it away; dropped here, it is released.
//! # drop(stream);
//! # Ok(())
//! # }
//! ```
//!
//! [C stream interface]: https://arrow.apache.org/docs/format/CStreamInterface.html
#![allow(
    unsafe_code,
    reason = "the Arrow C interface is made of pointers and callbacks"
)]

mod abi;
mod array;
mod column;
#[cfg(test)]
mod consumer;
mod field;
mod long;
mod processes;
mod stream;
mod table;

pub use abi::{ArrowArray, ArrowArrayStream, ArrowSchema};
pub use long::long_stream;
pub use processes::processes_stream;
pub use table::{table_schema, table_stream};
