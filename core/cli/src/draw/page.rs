//! A picture: lines from top to bottom.

use super::{Line, Style, Tone};

#[derive(Debug, Clone)]
pub(crate) struct Page {
    style: Style,
    lines: Vec<Line>,
}

impl Page {
    pub(crate) fn new(style: Style) -> Page {
        Page {
            style,
            lines: Vec::new(),
        }
    }

    pub(crate) fn style(&self) -> Style {
        self.style
    }

    pub(crate) fn width(&self) -> usize {
        self.style.width
    }

    pub(crate) fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// From top to bottom.
    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Another picture of the same style below this one.
    pub(crate) fn append(&mut self, other: Page) {
        self.lines.extend(other.lines);
    }

    pub(crate) fn gap(&mut self) {
        self.lines.push(Line::new());
    }

    /// The heading of a part: its name, more about it, and a rule to the right edge.
    pub(crate) fn heading(&mut self, name: &str, about: &str) {
        self.gap();
        let mut line = Line::of(Tone::Strong, name).and(Tone::Plain, " ");
        if !about.is_empty() {
            line.push(Tone::Quiet, format!("{about} "));
        }
        let rest = self.width().saturating_sub(line.width());
        line.push(Tone::Quiet, "─".repeat(rest));
        self.push(line);
    }

    /// Keeps the first lines only.
    pub(crate) fn crop(&mut self, most: usize) {
        self.lines.truncate(most);
    }

    /// The text, with the escape sequences of its colours if the style has any.
    pub(crate) fn render(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            line.render(self.style, &mut out);
            out.push('\n');
        }
        out
    }
}
