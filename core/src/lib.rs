//! Unified System Monitor: an engine that watches its host, judges what it sees and
//! tells the program that embeds it.
// The contract of the sampler's parts is laid before the parts that use it.
#![allow(dead_code)]

pub mod config;
pub mod error;
pub mod sample;
mod sys;

pub use error::{Error, ErrorKind, Result};
