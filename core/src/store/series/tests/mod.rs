//! The series as a whole: what goes in comes out, whatever happens in between.

mod cap;
mod damage;
mod kill;
mod lease;
pub(crate) mod places;
mod readers;
mod recording;
mod round_trip;
mod support;
