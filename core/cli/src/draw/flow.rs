//! A label and pieces after it, which go on in the next line where the width ends.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::escape::escape;
use super::{Line, Page, Tone};

/// Columns between two pieces.
const BETWEEN: usize = 2;

/// Builds the lines of one entry.
#[derive(Debug)]
pub(crate) struct Flow {
    line: Line,
    done: Vec<Line>,
    indent: usize,
    width: usize,
    /// A piece stands in the line already, so that the next needs room before it.
    needs_space: bool,
}

impl Flow {
    /// Begins with `first`; its pieces stand from column `indent` on, in every line.
    pub(crate) fn new(page: &Page, first: Line, indent: usize) -> Flow {
        Flow {
            line: first.padded(indent),
            done: Vec::new(),
            indent,
            width: page.width(),
            needs_space: false,
        }
    }

    /// Adds a piece that stays together, unless it alone is wider than a line.
    pub(crate) fn add(&mut self, piece: Line) {
        if piece.width() > self.width.saturating_sub(self.indent) {
            for (tone, text) in piece.pieces() {
                self.words(tone, text);
            }
            return;
        }
        let space = if self.needs_space { BETWEEN } else { 0 };
        if self.needs_space && self.line.width() + space + piece.width() > self.width {
            let next = Line::new().padded(self.indent);
            self.done.push(std::mem::replace(&mut self.line, next));
        } else {
            self.line.push(Tone::Plain, " ".repeat(space));
        }
        self.line.append(piece);
        self.needs_space = true;
    }

    /// Adds text word by word; a word that is longer than a line is broken, never cut off.
    pub(crate) fn words(&mut self, tone: Tone, text: &str) {
        let room = self.width.saturating_sub(self.indent).max(2);
        for word in text.split_whitespace() {
            for (at, part) in parts(&escape(word), room).into_iter().enumerate() {
                let space = usize::from(self.needs_space && at == 0);
                let is_full = self.line.width() + space + part.width() > self.width;
                if self.needs_space && is_full {
                    let next = Line::new().padded(self.indent);
                    self.done.push(std::mem::replace(&mut self.line, next));
                } else {
                    self.line.push(tone, " ".repeat(space));
                }
                self.line.push(tone, part);
                self.needs_space = true;
            }
        }
    }

    /// What is added next stands in a new line.
    pub(crate) fn end_line(&mut self) {
        if self.needs_space {
            let next = Line::new().padded(self.indent);
            self.done.push(std::mem::replace(&mut self.line, next));
            self.needs_space = false;
        }
    }

    pub(crate) fn end(mut self, page: &mut Page) {
        // Empty after `end_line`; a label on its own is an entry all the same.
        if self.needs_space || self.done.is_empty() {
            self.done.push(self.line);
        }
        for line in self.done {
            page.push(line);
        }
    }
}

/// What the reader should know, each below the other.
pub(crate) fn notes(notes: &[impl AsRef<str>], page: &mut Page) {
    for note in notes {
        let mut flow = Flow::new(page, Line::of(Tone::Warning, "●"), 2);
        flow.words(Tone::Plain, note.as_ref());
        flow.end(page);
    }
}

/// The word in pieces of at most `room` columns.
fn parts(word: &str, room: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, character) in word.char_indices() {
        let columns = character.width().unwrap_or(0);
        if used + columns > room {
            parts.push(&word[start..at]);
            (start, used) = (at, 0);
        }
        used += columns;
    }
    parts.push(&word[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    #[test]
    fn what_does_not_fit_goes_on_below_the_first_piece() {
        let mut page = Page::new(Style {
            width: 16,
            unicode: true,
            colour: false,
        });
        let mut flow = Flow::new(&page, Line::of(Tone::Label, "Load"), 6);
        for piece in ["0.52", "0.61", "0.70"] {
            flow.add(Line::of(Tone::Plain, piece));
        }
        flow.end(&mut page);
        assert_eq!(page.render(), "Load  0.52  0.61\n      0.70\n");
    }

    #[test]
    fn a_piece_wider_than_a_line_is_broken_between_its_words() {
        let mut page = Page::new(Style {
            width: 12,
            unicode: true,
            colour: false,
        });
        let mut flow = Flow::new(&page, Line::of(Tone::Label, "Low"), 4);
        flow.add(Line::of(Tone::Quiet, "−6 ").and(Tone::Plain, "waiting for disks"));
        flow.end(&mut page);
        assert_eq!(page.render(), "Low −6\n    waiting\n    for\n    disks\n");
    }

    #[test]
    fn words_are_kept_whole_unless_they_are_longer_than_a_line() {
        let mut page = Page::new(Style {
            width: 10,
            unicode: true,
            colour: false,
        });
        let mut flow = Flow::new(&page, Line::new(), 2);
        flow.words(Tone::Plain, "one two incomprehensible");
        flow.end(&mut page);
        assert_eq!(page.render(), "  one two\n  incompre\n  hensible\n");
    }
}
