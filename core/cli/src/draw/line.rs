//! One line of a picture: pieces of text, each with its tone.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::escape::escape;
use super::{Style, Tone};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Line {
    pieces: Vec<(Tone, String)>,
    width: usize,
}

impl Line {
    pub(crate) fn new() -> Line {
        Line::default()
    }

    pub(crate) fn of(tone: Tone, text: impl AsRef<str>) -> Line {
        Line::new().and(tone, text)
    }

    /// The line with more text; control characters in it are written out.
    pub(crate) fn and(mut self, tone: Tone, text: impl AsRef<str>) -> Line {
        self.push(tone, text);
        self
    }

    pub(crate) fn push(&mut self, tone: Tone, text: impl AsRef<str>) {
        let text = escape(text.as_ref());
        self.width += text.width();
        match self.pieces.last_mut() {
            Some((last, so_far)) if *last == tone => so_far.push_str(&text),
            _ => self.pieces.push((tone, text.into_owned())),
        }
    }

    pub(crate) fn append(&mut self, other: Line) {
        for (tone, text) in other.pieces {
            self.push(tone, text);
        }
    }

    /// The line filled up with spaces to `column`.
    pub(crate) fn padded(mut self, column: usize) -> Line {
        let missing = column.saturating_sub(self.width);
        self.push(Tone::Plain, " ".repeat(missing));
        self
    }

    /// Columns that it takes.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Its pieces, from the left.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (Tone, &str)> {
        self.pieces
            .iter()
            .map(|(tone, text)| (*tone, text.as_str()))
    }

    /// Its piece, when it is one of one tone.
    pub(crate) fn only_piece(&self) -> Option<(Tone, &str)> {
        match self.pieces.as_slice() {
            [(tone, text)] => Some((*tone, text)),
            _ => None,
        }
    }

    /// Writes it without spaces at its end, cut off at the style's width.
    pub(crate) fn render(&self, style: Style, out: &mut String) {
        let mut room = style.width;
        let written: usize = self
            .pieces
            .iter()
            .map(|(_, text)| text.trim_end().len())
            .sum();
        if written == 0 {
            return;
        }
        let last = self
            .pieces
            .iter()
            .rposition(|(_, text)| !text.trim_end().is_empty());
        for (at, (tone, text)) in self.pieces.iter().enumerate() {
            let text = match Some(at) == last {
                true => text.trim_end(),
                false => text,
            };
            let mut end = text.len();
            for (index, character) in text.char_indices() {
                let columns = character.width().unwrap_or(0);
                if columns > room {
                    end = index;
                    room = 0;
                    break;
                }
                room -= columns;
            }
            let spelt = style.spell(&text[..end]);
            let look = tone.look();
            if style.colour && !look.is_plain() && !spelt.trim().is_empty() {
                out.push_str(&format!("{look}{spelt}{look:#}"));
            } else {
                out.push_str(&spelt);
            }
            if Some(at) == last || end < text.len() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(line: &Line, width: usize, colour: bool) -> String {
        let mut out = String::new();
        line.render(
            Style {
                width,
                unicode: true,
                colour,
            },
            &mut out,
        );
        out
    }

    #[test]
    fn a_line_is_cut_at_the_width_and_ends_without_spaces() {
        let line = Line::of(Tone::Plain, "abc ")
            .and(Tone::Strong, "def")
            .and(Tone::Plain, "   ");
        assert_eq!(rendered(&line, 80, false), "abc def");
        assert_eq!(rendered(&line, 5, false), "abc d");
        assert_eq!(rendered(&Line::of(Tone::Plain, "   "), 80, true), "");
    }

    #[test]
    fn colour_is_switched_on_and_off_around_each_piece() {
        let line = Line::of(Tone::Good, "ok").and(Tone::Plain, " then");
        assert_eq!(rendered(&line, 80, true), "\x1b[32mok\x1b[0m then");
    }

    #[test]
    fn control_characters_do_not_count_as_steering() {
        let line = Line::of(Tone::Plain, "a\x1b[2Jb");
        assert_eq!(line.width(), 9);
        assert_eq!(rendered(&line, 80, true), "a\\x1b[2Jb");
    }
}
