//! Bytes of the kernel to text that is safe to show: nothing in it can move a cursor,
//! end a line or turn the direction of writing.

use std::fmt::Write;

/// Appends `bytes` to `out`. Control characters, marks that turn the direction of writing,
/// and what is not UTF-8 are written as `\x0a`, byte by byte.
pub(super) fn escape_into(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_plain(character) {
                out.push(character);
            } else {
                let mut utf8 = [0; 4];
                escape_bytes(character.encode_utf8(&mut utf8).as_bytes(), out);
            }
        }
        escape_bytes(chunk.invalid(), out);
    }
}

/// Whether `text` is what `bytes` are escaped to. Allocates nothing for plain names.
pub(super) fn is_escaped(bytes: &[u8], text: &str) -> bool {
    // Whatever has to be escaped grows, so equal bytes are plain ones.
    if bytes == text.as_bytes() {
        return true;
    }
    if bytes.iter().all(|b| (b' '..=b'~').contains(b)) {
        return false;
    }
    let mut escaped = String::new();
    escape_into(bytes, &mut escaped);
    escaped == text
}

fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape_bytes(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(out, "\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(bytes: &[u8]) -> String {
        let mut out = String::new();
        escape_into(bytes, &mut out);
        out
    }

    #[test]
    fn what_could_disturb_a_terminal_is_escaped_and_the_rest_is_left() {
        assert_eq!(escaped(b"a (b) c"), "a (b) c");
        assert_eq!(escaped("größe 日".as_bytes()), "größe 日");
        assert_eq!(escaped(b"a\nb\x1b[2J"), "a\\x0ab\\x1b[2J");
        assert_eq!(escaped(b"caf\xe9"), "caf\\xe9");
        assert_eq!(
            escaped("\u{202e}x\u{9b}".as_bytes()),
            "\\xe2\\x80\\xaex\\xc2\\x9b"
        );
    }

    proptest! {
        #[test]
        fn no_control_character_survives(bytes: Vec<u8>) {
            let text = escaped(&bytes);
            prop_assert!(text.chars().all(|c| !c.is_control()));
            prop_assert!(is_escaped(&bytes, &text));
        }
    }
}
