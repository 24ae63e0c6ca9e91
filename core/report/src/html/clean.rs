//! Characters that would change what other text looks like are shown as what they are.

use std::io::{self, Write};

/// Passes text on; control characters and those that turn the direction of text become
/// visible escapes such as `\u{202e}`, whatever part of a page they come in.
pub(super) struct Clean<'a> {
    pub(super) to: &'a mut dyn Write,
    pub(super) failure: Option<io::Error>,
}

impl std::fmt::Write for Clean<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_hidden) {
            let (plain, tail) = rest.split_at(at);
            let character = tail.chars().next().unwrap_or_default();
            self.put(plain)?;
            self.put(&format!("\\u{{{:x}}}", u32::from(character)))?;
            rest = &tail[character.len_utf8()..];
        }
        self.put(rest)
    }
}

impl Clean<'_> {
    fn put(&mut self, text: &str) -> std::fmt::Result {
        self.to.write_all(text.as_bytes()).map_err(|error| {
            self.failure = Some(error);
            std::fmt::Error
        })
    }
}

fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn hidden_characters_are_shown_and_all_others_are_kept() {
        let mut to = Vec::new();
        let mut clean = Clean {
            to: &mut to,
            failure: None,
        };
        clean
            .write_str("a\u{1b}[2J\u{202e}b\r\u{0}\n\tč שלום 日本")
            .unwrap();
        let text = String::from_utf8(to).unwrap();
        assert_eq!(text, "a\\u{1b}[2J\\u{202e}b\\u{d}\\u{0}\n\tč שלום 日本");
    }
}
