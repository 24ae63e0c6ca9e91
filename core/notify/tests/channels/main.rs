//! Every channel against real servers on this host and real programs, made by the tests.
// The whole crate is tests, their helpers too.
#![allow(clippy::unwrap_used, clippy::panic)]

mod command;
mod console;
mod email;
#[cfg(feature = "tls")]
mod encrypted;
mod host;
mod http_server;
mod log;
mod notifier;
mod smtp_server;
mod support;
mod webhook;
