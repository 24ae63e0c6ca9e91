//! Records of CSV (RFC 4180) out of a stream, one at a time.

use std::io::{BufRead, BufReader, Read};

use super::refused;
use crate::{Error, Result};

/// Longest record: a line end that never comes must not fill the memory.
const MOST_BYTES: usize = 16 << 20;

/// Reads records; the memory of one is used for the next.
pub(super) struct Records<'r> {
    from: BufReader<&'r mut dyn Read>,
    text: Vec<u8>,
    /// Where each field of the record ends in the text.
    ends: Vec<usize>,
    /// Line that the record begins in, and the one that is being read.
    line: u64,
    next_line: u64,
}

/// Where in a record the reading is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Within {
    /// At the beginning of a field.
    Start,
    Plain,
    Quotes,
    /// After a quote that may end the field, or be half of one that is meant.
    AfterQuote,
}

impl<'r> Records<'r> {
    pub(super) fn new(from: &'r mut dyn Read) -> Records<'r> {
        Records {
            from: BufReader::with_capacity(64 << 10, from),
            text: Vec::new(),
            ends: Vec::new(),
            line: 0,
            next_line: 1,
        }
    }

    /// Line that the record begins in, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Fields of the record.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field of the record, from 0.
    ///
    /// # Errors
    /// `InvalidArgument` when it is no UTF-8.
    pub(super) fn field(&self, at: usize) -> Result<&str> {
        let start = match at {
            0 => 0,
            at => self.ends[at - 1],
        };
        let bytes = &self.text[start..self.ends[at]];
        std::str::from_utf8(bytes).map_err(|_| {
            let shown = String::from_utf8_lossy(bytes);
            refused(self.line, at + 1, &shown, "text in UTF-8")
        })
    }

    /// Reads the next record; false at the end. Empty lines are passed over.
    ///
    /// # Errors
    /// `InvalidArgument` for a quote out of place or a record without end; `Io`.
    pub(super) fn read(&mut self) -> Result<bool> {
        loop {
            if !self.read_line()? {
                return Ok(false);
            }
            let is_empty = self.text.is_empty() && self.ends.len() == 1;
            if !is_empty {
                return Ok(true);
            }
        }
    }

    fn read_line(&mut self) -> Result<bool> {
        self.text.clear();
        self.ends.clear();
        self.line = self.next_line;
        let mut within = Within::Start;
        let mut is_begun = false;
        loop {
            let bytes = match self.from.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io("CSV input", error)),
            };
            if bytes.is_empty() {
                if within == Within::Quotes {
                    return Err(self.wrong("the quotes to be closed"));
                }
                if is_begun {
                    self.end_field(within);
                }
                return Ok(is_begun);
            }
            is_begun = true;
            let mut used = 0;
            let mut ended = false;
            let mut wrong = None;
            for &byte in bytes {
                used += 1;
                within = match (within, byte) {
                    (Within::Quotes, b'"') => Within::AfterQuote,
                    (Within::Quotes, byte) => {
                        self.next_line += u64::from(byte == b'\n');
                        self.text.push(byte);
                        Within::Quotes
                    }
                    (Within::Start, b'"') => Within::Quotes,
                    (Within::AfterQuote, b'"') => {
                        self.text.push(b'"');
                        Within::Quotes
                    }
                    (_, b',') => {
                        self.ends.push(self.text.len());
                        Within::Start
                    }
                    (_, b'\n') => {
                        self.next_line += 1;
                        ended = true;
                        break;
                    }
                    (Within::AfterQuote, b'\r') => Within::AfterQuote,
                    (Within::AfterQuote, _) => {
                        wrong = Some("a comma or the line's end after the quotes");
                        break;
                    }
                    (Within::Plain, b'"') => {
                        wrong = Some("quotes around the whole field");
                        break;
                    }
                    (_, byte) => {
                        self.text.push(byte);
                        Within::Plain
                    }
                };
            }
            self.from.consume(used);
            if let Some(allowed) = wrong {
                return Err(self.wrong(allowed));
            }
            if ended {
                self.end_field(within);
                return Ok(true);
            }
            if self.text.len() + self.ends.len() > MOST_BYTES {
                return Err(self.wrong("lines of at most 16 MiB"));
            }
        }
    }

    fn end_field(&mut self, within: Within) {
        if within == Within::Plain && self.text.last() == Some(&b'\r') {
            self.text.pop();
        }
        self.ends.push(self.text.len());
    }

    fn wrong(&self, allowed: &str) -> Error {
        let start = self.ends.last().copied().unwrap_or(0);
        let shown = String::from_utf8_lossy(&self.text[start..]);
        refused(self.line, self.ends.len() + 1, &shown, allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &[u8]) -> Result<Vec<(u64, Vec<String>)>> {
        let mut from = text;
        let mut records = Records::new(&mut from);
        let mut all = Vec::new();
        while records.read()? {
            let fields = (0..records.len()).map(|at| Ok(records.field(at)?.to_string()));
            all.push((records.line(), fields.collect::<Result<Vec<String>>>()?));
        }
        Ok(all)
    }

    fn wrong(text: &[u8]) -> String {
        records(text).unwrap_err().to_string()
    }

    #[test]
    fn fields_are_parted_by_commas_and_may_be_quoted() {
        let all = records(b"a,\"b,\"\"c\"\"\nd\",\r\n\r\n1,,\"\"\n,\nlast").unwrap();
        assert_eq!(
            all[0],
            (1, vec!["a".into(), "b,\"c\"\nd".into(), String::new()])
        );
        assert_eq!(all[1], (4, vec!["1".into(), String::new(), String::new()]));
        assert_eq!(all[2], (5, vec![String::new(), String::new()]));
        assert_eq!(all[3], (6, vec!["last".into()]));
        assert!(records(b"").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_csv_is_refused_with_its_place() {
        assert!(wrong(b"a\nb,c\"d\n").contains("line 2, column 2"));
        assert!(wrong(b"a,\"b\"c\n").contains("line 1, column 2"));
        assert!(wrong(b"a,\"b\n\n").contains("closed"));
        assert!(wrong(b"a\n\xff\n").contains("line 2, column 1"));
        assert!(wrong(&vec![b'a'; MOST_BYTES + 70_000]).contains("16 MiB"));
    }
}
