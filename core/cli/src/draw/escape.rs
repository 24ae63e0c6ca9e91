//! Text of others (names of processes, disks, interfaces) made safe and made to fit.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Control characters, and those that change the direction or take no room, written out:
/// nothing that a program calls itself may steer the terminal or forge another line.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if !is_dangerous(character) {
            out.push(character);
        } else if u32::from(character) <= 0xff {
            out.push_str(&format!("\\x{:02x}", u32::from(character)));
        } else {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
        }
    }
    Cow::Owned(out)
}

/// The same for a message of several lines, which stay lines.
pub(crate) fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Text of at most `width` columns, with an ellipsis where something was cut off.
pub(crate) fn fit(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let room = width.saturating_sub(1);
    let mut used = 0;
    let mut out = String::new();
    for character in text.chars() {
        let columns = character.width().unwrap_or(0);
        if used + columns > room {
            break;
        }
        used += columns;
        out.push(character);
    }
    if width > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(
            escape("\x1b[31mred\n\u{9b}2J\u{7f}"),
            "\\x1b[31mred\\x0a\\x9b2J\\x7f"
        );
        assert_eq!(escape("a\u{202e}b\u{feff}"), "a\\u{202e}b\\u{feff}");
        assert_eq!(escape("naïve プロセス"), "naïve プロセス");
        assert_eq!(escape_lines("one\x07\ntwo"), "one\\x07\ntwo");
    }

    #[test]
    fn text_is_cut_at_columns_not_at_letters() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("プロセス", 4), "プ…");
        assert_eq!(fit("abc", 0), "");
        for width in 0..12 {
            assert!(fit("aプbロcセdス", width).width() <= width);
        }
    }
}
