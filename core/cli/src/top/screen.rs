//! The screen that ratatui draws to: what changed, as escape sequences, in one write.

use std::io::{self, Write};

use ratatui_core::backend::{Backend, ClearType, WindowSize};
use ratatui_core::buffer::Cell;
use ratatui_core::layout::{Position, Size};
use ratatui_core::style::{Color, Modifier};

/// Size where the terminal tells none.
const USUAL: Size = Size::new(80, 24);

/// A terminal behind `out`; what is drawn waits until it is flushed.
#[derive(Debug)]
pub(super) struct Screen<W: Write> {
    out: W,
    waiting: Vec<u8>,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(out: W) -> Screen<W> {
        Screen {
            out,
            waiting: Vec::with_capacity(16 << 10),
        }
    }

    fn put(&mut self, text: &str) {
        self.waiting.extend_from_slice(text.as_bytes());
    }

    fn look(&mut self, cell: &Cell) {
        self.put("\x1b[0");
        for (modifier, code) in [
            (Modifier::BOLD, ";1"),
            (Modifier::DIM, ";2"),
            (Modifier::UNDERLINED, ";4"),
            (Modifier::REVERSED, ";7"),
        ] {
            if cell.modifier.contains(modifier) {
                self.put(code);
            }
        }
        if let Some(code) = foreground(cell.fg) {
            self.put(";");
            self.put(code);
        }
        self.put("m");
    }
}

/// One column wide for every terminal: ASCII, and the dots of charts.
fn is_narrow(symbol: &str) -> bool {
    symbol.is_ascii()
        || symbol
            .chars()
            .all(|c| ('\u{2800}'..='\u{28ff}').contains(&c))
}

/// The code of a colour of the terminal's own palette; others are not drawn with.
fn foreground(colour: Color) -> Option<&'static str> {
    Some(match colour {
        Color::Black => "30",
        Color::Red => "31",
        Color::Green => "32",
        Color::Yellow => "33",
        Color::Blue => "34",
        Color::Magenta => "35",
        Color::Cyan => "36",
        Color::Gray => "37",
        Color::DarkGray => "90",
        Color::LightRed => "91",
        Color::LightGreen => "92",
        Color::LightYellow => "93",
        Color::LightBlue => "94",
        Color::LightMagenta => "95",
        Color::LightCyan => "96",
        Color::White => "97",
        _ => return None,
    })
}

impl<W: Write> Backend for Screen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut next: Option<(u16, u16)> = None;
        let mut last: Option<(Color, Modifier)> = None;
        for (x, y, cell) in content {
            if next != Some((x, y)) {
                self.put(&format!("\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1));
            }
            if last != Some((cell.fg, cell.modifier)) {
                self.look(cell);
                last = Some((cell.fg, cell.modifier));
            }
            self.put(cell.symbol());
            // After a wide character, and where the terminal may think otherwise of a width
            // than we do, the next cell is gone to by its place.
            next = is_narrow(cell.symbol()).then(|| (x.saturating_add(1), y));
        }
        if last.is_some() {
            self.put("\x1b[0m");
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.put("\x1b[?25l");
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.put("\x1b[?25h");
        Ok(())
    }

    /// Never asked of a terminal: its answer would come among the keys.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        self.put(&format!("\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1));
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.put("\x1b[0m\x1b[2J");
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        let size = terminal_size::terminal_size_of(io::stdout());
        Ok(
            size.map_or(USUAL, |(width, height)| match (width.0, height.0) {
                // Some terminals on a line tell no size.
                (0, _) | (_, 0) => USUAL,
                (width, height) => Size::new(width, height),
            }),
        )
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.waiting);
        self.waiting.clear();
        written.and_then(|()| self.out.flush())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(cells: &[(u16, u16, Cell)]) -> String {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out);
        screen
            .draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell)))
            .unwrap();
        screen.flush().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn cell(symbol: &'static str, colour: Color) -> Cell {
        let mut cell = Cell::new(symbol);
        cell.set_fg(colour);
        cell
    }

    #[test]
    fn neighbours_of_one_look_are_written_in_a_row() {
        let text = drawn(&[
            (2, 0, cell("a", Color::Red)),
            (3, 0, cell("b", Color::Red)),
            (0, 4, cell("c", Color::Reset)),
        ]);
        assert_eq!(text, "\x1b[1;3H\x1b[0;31mab\x1b[5;1H\x1b[0mc\x1b[0m");
    }

    #[test]
    fn after_a_wide_character_the_place_is_named_anew() {
        let text = drawn(&[
            (0, 0, cell("プ", Color::Reset)),
            (2, 0, cell("x", Color::Reset)),
        ]);
        assert_eq!(text, "\x1b[1;1H\x1b[0mプ\x1b[1;3Hx\x1b[0m");
        assert_eq!(drawn(&[]), "");
    }
}
