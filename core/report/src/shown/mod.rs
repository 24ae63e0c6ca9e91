//! How numbers, units and axes are shown to people, in a terminal and in a page alike.

pub mod clock;
pub mod number;
pub mod quantity;
pub mod scale;
pub mod time_axis;

/// What stands where nothing could be read.
pub const UNKNOWN: &str = "–";
