//! Lines of a stream, each byte looked at once, however they drip in.

use std::io;

use super::Stream;

/// What was read of a stream and not yet used.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    read: Vec<u8>,
    /// In this much of it there is no end of a line.
    looked_at: usize,
}

impl Lines {
    /// The next line without its end; `None` when the other side hung up before that.
    ///
    /// # Errors
    /// `InvalidData` for a line of more than `most` bytes.
    pub(crate) fn next(
        &mut self,
        stream: &mut dyn Stream,
        most: usize,
    ) -> io::Result<Option<String>> {
        loop {
            let fresh = self.read.iter().skip(self.looked_at);
            if let Some(end) = fresh.clone().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=self.looked_at + end).collect();
                self.looked_at = 0;
                let line = String::from_utf8_lossy(&line);
                let line = line.strip_suffix('\n').unwrap_or(&line);
                return Ok(Some(line.strip_suffix('\r').unwrap_or(line).to_string()));
            }
            self.looked_at = self.read.len();
            if self.looked_at > most {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a line without end",
                ));
            }
            if self.more(stream)? == 0 {
                return Ok(None);
            }
        }
    }

    /// Up to `most` bytes of what follows, as much as comes until the other side ends it or
    /// the connection fails.
    pub(crate) fn beginning(mut self, stream: &mut dyn Stream, most: usize) -> Vec<u8> {
        while self.read.len() < most && matches!(self.more(stream), Ok(1..)) {}
        self.read.truncate(most);
        self.read
    }

    /// Whether nothing was read beyond the lines so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.read.is_empty()
    }

    fn more(&mut self, stream: &mut dyn Stream) -> io::Result<usize> {
        let mut buffer = [0; 1024];
        loop {
            return match stream.read(&mut buffer) {
                Ok(count) => {
                    self.read.extend_from_slice(&buffer[..count]);
                    Ok(count)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // The end without the farewell that encrypted connections have.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
                Err(error) => Err(error),
            };
        }
    }
}
