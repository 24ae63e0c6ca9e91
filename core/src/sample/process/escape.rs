//! Bytes of the kernel to text that is safe to show: nothing in it can move a cursor,
//! end a line or turn the direction of writing.

use std::fmt::Write;

/// Appends `bytes` to `out`. Control characters, marks that turn the direction of writing,
/// and what is not UTF-8 are written as `\x0a`, byte by byte.
pub(crate) fn escape_into(bytes: &[u8], out: &mut String) {
    // Writing to a string does not fail.
    let _ = write_escaped(bytes, out);
}

/// Whether `text` is what `bytes` are escaped to. Allocates nothing: it is asked of every
/// process in every scan.
pub(super) fn is_escaped(bytes: &[u8], text: &str) -> bool {
    // Whatever has to be escaped grows, so equal bytes are plain ones.
    if bytes == text.as_bytes() {
        return true;
    }
    let mut expected = Expected(text);
    write_escaped(bytes, &mut expected).is_ok() && expected.0.is_empty()
}

/// What is still to come; writing anything else fails.
struct Expected<'a>(&'a str);

impl Write for Expected<'_> {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(std::fmt::Error)?;
        Ok(())
    }
}

fn write_escaped(bytes: &[u8], out: &mut impl Write) -> std::fmt::Result {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_plain(character) {
                out.write_char(character)?;
            } else {
                let mut utf8 = [0; 4];
                escape_bytes(character.encode_utf8(&mut utf8).as_bytes(), out)?;
            }
        }
        escape_bytes(chunk.invalid(), out)?;
    }
    Ok(())
}

fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape_bytes(bytes: &[u8], out: &mut impl Write) -> std::fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(out, "\\x{byte:02x}"))
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
            let longer = text.clone() + "x";
            prop_assert!(!is_escaped(&bytes, &longer));
            prop_assert!(bytes.is_empty() || !is_escaped(&bytes[1..], &text));
        }
    }
}
