//! Standard output as something that core can write to.

use std::io::{self, Write};

use usm_core::history::Table;

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
