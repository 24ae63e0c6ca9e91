//! Keys and clicks out of the bytes that a terminal sends.

/// A key, or what a mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    /// With the letter that was held down with Control, e.g. `c`.
    Control(char),
    Enter,
    Escape,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    /// The left button, at a column and a row from 0.
    Click(u16, u16),
    WheelUp,
    WheelDown,
}

/// Most bytes of one sequence; what is longer is none that we know.
const LONGEST: usize = 64;

/// Reads keys; what is not complete yet waits for the bytes that follow.
#[derive(Debug, Default)]
pub(super) struct Input {
    waiting: Vec<u8>,
}

impl Input {
    /// The keys in these bytes. An Escape at their end is the key: a terminal sends a
    /// sequence in one piece.
    pub(super) fn keys(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.waiting.extend_from_slice(bytes);
        let mut keys = Vec::new();
        let mut rest: &[u8] = &self.waiting;
        while !rest.is_empty() {
            match next(rest) {
                Some((key, used)) => {
                    keys.extend(key);
                    rest = rest.get(used.max(1)..).unwrap_or_default();
                }
                None if rest.len() > LONGEST => rest = &[],
                None => break,
            }
        }
        self.waiting = rest.to_vec();
        keys
    }
}

/// The first key and its bytes; no key for what is not known, `None` when more must come.
fn next(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let first = *bytes.first()?;
    Some(match first {
        0x1b => return escaped(bytes),
        b'\r' | b'\n' => (Some(Key::Enter), 1),
        b'\t' => (Some(Key::Tab), 1),
        0x7f | 0x08 => (Some(Key::Backspace), 1),
        0x01..=0x1a => (Some(Key::Control(char::from(first - 1 + b'a'))), 1),
        0x00..=0x1f => (None, 1),
        b' '..=b'~' => (Some(Key::Char(char::from(first))), 1),
        _ => return letter(bytes),
    })
}

/// A character of several bytes.
fn letter(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((None, 1)),
    };
    let held = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(held) {
        Ok(text) => {
            let typed = text.chars().next().filter(|c| !c.is_control());
            Some((typed.map(Key::Char), length))
        }
        Err(error) if error.error_len().is_none() && held.len() < length => None,
        Err(_) => Some((None, 1)),
    }
}

fn escaped(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    match bytes.get(1) {
        None | Some(0x1b) => Some((Some(Key::Escape), 1)),
        Some(b'[') => sequence(bytes),
        Some(b'O') => Some(match bytes.get(2) {
            None => (None, 2),
            Some(end) => (cursor(*end), 3),
        }),
        // With Alt: nothing of ours.
        Some(_) => Some((None, 2)),
    }
}

/// `ESC [ parameters end`.
fn sequence(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let end = bytes
        .iter()
        .skip(2)
        .position(|b| (0x40..=0x7e).contains(b))?
        + 2;
    let text = std::str::from_utf8(&bytes[2..end]).unwrap_or_default();
    let key = match bytes[end] {
        b'~' => match text.split(';').next() {
            Some("1" | "7") => Some(Key::Home),
            Some("3") => Some(Key::Delete),
            Some("4" | "8") => Some(Key::End),
            Some("5") => Some(Key::PageUp),
            Some("6") => Some(Key::PageDown),
            _ => None,
        },
        b'Z' => Some(Key::BackTab),
        end @ (b'M' | b'm') => text.strip_prefix('<').and_then(|rest| mouse(rest, end)),
        end => cursor(end),
    };
    Some((key, end + 1))
}

fn cursor(end: u8) -> Option<Key> {
    Some(match end {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'M' => Key::Enter,
        _ => return None,
    })
}

/// `button;column;row`, where a big M is a button going down.
fn mouse(text: &str, end: u8) -> Option<Key> {
    let mut numbers = text.split(';').map(str::parse::<u16>);
    let (button, column, row) = (
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
        numbers.next()?.ok()?,
    );
    match (button, end) {
        (0, b'M') => Some(Key::Click(column.saturating_sub(1), row.saturating_sub(1))),
        (64, b'M') => Some(Key::WheelUp),
        (65, b'M') => Some(Key::WheelDown),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        Input::default().keys(bytes)
    }

    #[test]
    fn letters_and_control_letters_are_themselves() {
        assert_eq!(
            keys("aü プ\x03\x1a\r\t\x7f".as_bytes()),
            [
                Key::Char('a'),
                Key::Char('ü'),
                Key::Char(' '),
                Key::Char('プ'),
                Key::Control('c'),
                Key::Control('z'),
                Key::Enter,
                Key::Tab,
                Key::Backspace,
            ]
        );
    }

    #[test]
    fn sequences_of_both_kinds_are_keys() {
        for (bytes, wanted) in [
            (&b"\x1b[A"[..], Key::Up),
            (b"\x1bOB", Key::Down),
            (b"\x1b[1;5C", Key::Right),
            (b"\x1b[Z", Key::BackTab),
            (b"\x1b[5~", Key::PageUp),
            (b"\x1b[6~", Key::PageDown),
            (b"\x1b[1~", Key::Home),
            (b"\x1bOF", Key::End),
            (b"\x1b[3~", Key::Delete),
            (b"\x1b", Key::Escape),
            (b"\x1b[<0;10;3M", Key::Click(9, 2)),
            (b"\x1b[<65;10;3M", Key::WheelDown),
        ] {
            assert_eq!(keys(bytes), [wanted], "{bytes:?}");
        }
        assert_eq!(keys(b"\x1b\x1b[A"), [Key::Escape, Key::Up]);
        assert_eq!(keys(b"\x1b[<0;10;3m\x1bx\x1b[99~q"), [Key::Char('q')]);
    }

    #[test]
    fn what_comes_in_pieces_is_put_together() {
        let mut input = Input::default();
        assert_eq!(input.keys(&[0xe3, 0x83]), []);
        assert_eq!(input.keys(&[0x97]), [Key::Char('プ')]);
        assert_eq!(input.keys(b"\x1b[1;"), []);
        assert_eq!(input.keys(b"5A"), [Key::Up]);
    }

    #[test]
    fn whatever_comes_ends_in_keys_and_never_grows() {
        let mut input = Input::default();
        for byte in 0..=u8::MAX {
            input.keys(&[0x1b, b'[', byte, 0xff, byte]);
            input.keys(&[byte; 100]);
            assert!(input.waiting.len() <= LONGEST, "{byte}");
        }
        input.keys(b"\x1b[");
        for _ in 0..100 {
            input.keys(b"1");
        }
        assert_eq!(input.keys(b"\rq").last(), Some(&Key::Char('q')));
    }
}
