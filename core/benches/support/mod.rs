//! What the benches share: peers that run as processes of their own, processes to be
//! scanned, rounds and the table of results.

pub mod crowd;
pub mod peer;
pub mod rounds;
