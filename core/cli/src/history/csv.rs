//! Standard output as something that core can write to.

use std::io::{self, Write};

use usm_core::history::Table;

use crate::draw::escape_lines;
use crate::failure::{Failure, Outcome};
use crate::outlet::Outlet;

/// Hands on what is written, and keeps why it could not be: core tells no more than that.
struct Pipe<'a> {
    out: &'a mut Outlet,
    failure: Option<Failure>,
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.out.write_bytes(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(failure) => {
                self.failure = Some(failure);
                Err(io::ErrorKind::Other.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn write(table: &Table, out: &mut Outlet) -> Outcome {
    if out.is_terminal() {
        // Names of others must not steer it; in a file or a pipe they are what they are.
        let mut text = Vec::new();
        table.write_csv(&mut text)?;
        let text = escape_lines(&String::from_utf8_lossy(&text));
        return out.write(&format!("{text}\n"));
    }
    let mut pipe = io::BufWriter::new(Pipe { out, failure: None });
    let written = table.write_csv(&mut pipe);
    let flushed = pipe.flush();
    let (pipe, _) = pipe.into_parts();
    match pipe.failure {
        Some(failure) => Err(failure),
        None => {
            written?;
            Ok(flushed?)
        }
    }
}
