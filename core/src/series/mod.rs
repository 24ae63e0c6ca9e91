//! A sample as named numbers: what series there are, in which unit and to which precision
//! they are kept, how a sample becomes one row of them ([`Frame`]) and becomes a sample
//! again, and how blocks of rows are packed. Pure: no clock, no files.

pub mod catalog;
mod chosen;
pub(crate) mod codec;
mod context;
mod entity;
mod field;
#[cfg(test)]
pub(crate) mod filled;
mod frame;
mod key;
mod listed;
mod metric;
pub(crate) mod pattern;
mod process;
mod raw;
mod rebuild;
pub(crate) mod rollup;
#[cfg(test)]
mod round_trip;
mod selector;
mod settle;
mod stat;
mod take;

pub use context::{ContextKind, ContextPiece};
pub use entity::Entity;
pub use frame::{Frame, MetricPlace, PartRow};
pub use key::SeriesKey;
pub use metric::{Family, Kind, Metric, Unit};
pub use raw::ABSENT;
pub(crate) use rebuild::Rebuild;
pub use selector::{Matcher, Selector};
pub(crate) use selector::{Resolved, label_place, shown_labels};
pub(crate) use settle::settle;
pub use stat::{Stat, Tier, TierPart, TierRow};
pub(crate) use take::FrameTaker;
