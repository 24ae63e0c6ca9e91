//! Cleaning on real files, each test in a folder of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, missing_docs)]

mod crash;
mod safety;
mod support;
mod tricks;
