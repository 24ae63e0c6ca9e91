//! Lines of the house's own drawing on ratatui's buffer.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier, Style as Cells};

use crate::draw::chart::Marks;
use crate::draw::{Line, Page, Style, Tone};

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::top) struct Look {
    pub(in crate::top) unicode: bool,
    pub(in crate::top) colour: bool,
    pub(in crate::top) braille: bool,
}

impl Look {
    /// How to draw in so many columns.
    pub(in crate::top) fn style(self, columns: u16) -> Style {
        Style {
            width: columns.into(),
            unicode: self.unicode,
            colour: self.colour,
        }
    }

    pub(in crate::top) fn page(self, columns: u16) -> Page {
        Page::new(self.style(columns))
    }

    /// With which characters so many lines of a chart are drawn.
    pub(in crate::top) fn marks(self, series: usize) -> Marks {
        match self {
            Look { colour: false, .. } if series > 1 => Marks::Letters,
            Look {
                unicode: true,
                braille: true,
                ..
            } => Marks::Braille,
            _ => Marks::Points,
        }
    }
}

#[derive(Debug)]
pub(in crate::top) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub(in crate::top) look: Look,
}

impl<'a> Canvas<'a> {
    pub(in crate::top) fn new(buffer: &'a mut Buffer, look: Look) -> Canvas<'a> {
        Canvas { buffer, look }
    }

    pub(in crate::top) fn area(&self) -> Rect {
        self.buffer.area
    }

    /// A line at a row of an area, counted from its top; what is below it is not drawn.
    pub(in crate::top) fn line(&mut self, area: Rect, row: usize, line: &Line) {
        let Some(y) = self.row(area, row) else { return };
        let mut x = area.x;
        let style = self.look.style(area.width);
        for (tone, text) in line.pieces() {
            let room = usize::from(area.right().saturating_sub(x));
            let look = self.cells(tone);
            (x, _) = self.buffer.set_stringn(x, y, style.spell(text), room, look);
        }
    }

    /// The same, as the one that is chosen.
    pub(in crate::top) fn chosen(&mut self, area: Rect, row: usize, line: &Line) {
        self.line(area, row, line);
        if let Some(y) = self.row(area, row) {
            let row = Rect::new(area.x, y, area.width, 1);
            // Reversed colours of many tones are hard to read: the row has one.
            let plain = Cells::reset().add_modifier(Modifier::REVERSED);
            self.buffer.set_style(row, plain);
        }
    }

    /// Lines of a page from one on, as many as fit.
    pub(in crate::top) fn page(&mut self, area: Rect, page: &Page, from: usize) {
        let lines = page.lines().iter().skip(from);
        for (row, line) in lines.take(area.height.into()).enumerate() {
            self.line(area, row, line);
        }
    }

    pub(in crate::top) fn clear(&mut self, area: Rect) {
        for y in area.top()..area.bottom() {
            let blank = " ".repeat(area.width.into());
            self.buffer
                .set_stringn(area.x, y, blank, area.width.into(), Cells::reset());
        }
    }

    fn row(&self, area: Rect, row: usize) -> Option<u16> {
        let row = u16::try_from(row).ok().filter(|row| *row < area.height)?;
        let y = area.y.checked_add(row)?;
        (y < self.buffer.area.bottom()).then_some(y)
    }

    fn cells(&self, tone: Tone) -> Cells {
        let cells = Cells::reset();
        let coloured = |colour| match self.look.colour {
            true => cells.fg(colour),
            false => cells,
        };
        match tone {
            Tone::Plain => cells,
            Tone::Strong => cells.add_modifier(Modifier::BOLD),
            Tone::Label => coloured(Color::Cyan),
            Tone::Quiet => coloured(Color::DarkGray),
            Tone::Good => coloured(Color::Green),
            Tone::Warning => coloured(Color::Yellow),
            Tone::Bad => coloured(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Series(place) => coloured(SERIES[usize::from(place) % SERIES.len()]),
        }
    }
}

/// Colours of a chart's lines, as elsewhere in usm.
const SERIES: [Color; 6] = [
    Color::Cyan,
    Color::Yellow,
    Color::Magenta,
    Color::Green,
    Color::LightBlue,
    Color::Red,
];
