//! Parses `/proc/PID/io`: what a process read from storage and sent to it.

use crate::sample::parse::{lines, number, trim};

/// Bytes since the process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Io {
    pub(super) read_bytes: u64,
    pub(super) write_bytes: u64,
}

/// `None` unless both lines are there and whole.
pub(super) fn parse(text: &[u8]) -> Option<Io> {
    if !text.ends_with(b"\n") {
        return None;
    }
    let (mut read_bytes, mut write_bytes) = (None, None);
    for line in lines(text) {
        if let Some(value) = line.strip_prefix(b"read_bytes:") {
            read_bytes = number(trim(value));
        } else if let Some(value) = line.strip_prefix(b"write_bytes:") {
            write_bytes = number(trim(value));
        }
    }
    Some(Io {
        read_bytes: read_bytes?,
        write_bytes: write_bytes?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_bytes_are_taken_and_cancelled_ones_are_not_mistaken_for_them() {
        let text = b"rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\n\
            write_bytes: 8192\ncancelled_write_bytes: 7\n";
        assert_eq!(
            parse(text),
            Some(Io {
                read_bytes: 4096,
                write_bytes: 8192
            })
        );
        assert_eq!(parse(&text[..text.len() - 1]), None);
        assert_eq!(parse(b"rchar: 1\nread_bytes: 4096\n"), None);
        assert_eq!(parse(b""), None);
    }
}
