//! Tables that fit: the least important columns go first when there is little room, and one
//! column takes what is left.

use super::escape::escape;
use super::{Line, Page, Tone, fit};

/// Columns before the first, and between two.
const MARGIN: usize = 2;
const BETWEEN: usize = 2;
/// Least width of the column that takes what is left.
const LEAST_FLEXIBLE: usize = 16;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    title: &'static str,
    right: bool,
    /// The higher, the sooner it is left out; 0 stays.
    dispensable: u8,
    flexible: bool,
}

impl Column {
    /// Text, from the left.
    pub(crate) const fn text(title: &'static str) -> Column {
        Column {
            title,
            right: false,
            dispensable: 0,
            flexible: false,
        }
    }

    /// Numbers, from the right.
    pub(crate) const fn number(title: &'static str) -> Column {
        Column {
            title,
            right: true,
            dispensable: 0,
            flexible: false,
        }
    }

    /// Left out where there is little room; those of the highest order first.
    pub(crate) const fn dispensable(self, order: u8) -> Column {
        Column {
            dispensable: order,
            ..self
        }
    }

    /// Takes the width that the others leave, and is cut off there.
    pub(crate) const fn flexible(self) -> Column {
        Column {
            flexible: true,
            ..self
        }
    }
}

#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    titles: Vec<Line>,
    rows: Vec<Vec<Line>>,
    margin: usize,
}

impl Table {
    pub(crate) fn new(columns: &[Column]) -> Table {
        Table {
            columns: columns.to_vec(),
            titles: columns
                .iter()
                .map(|column| Line::of(Tone::Quiet, column.title))
                .collect(),
            rows: Vec::new(),
            margin: MARGIN,
        }
    }

    /// With one more column of numbers, whose title is not known beforehand.
    pub(crate) fn with_number(self, title: &str) -> Table {
        self.with_column(Column::number(""), title)
    }

    /// With one more column, whose title is not known beforehand.
    pub(crate) fn with_column(mut self, column: Column, title: &str) -> Table {
        self.columns.push(column);
        self.titles.push(Line::of(Tone::Quiet, title));
        self
    }

    /// Begins at this column: below what it belongs to.
    pub(crate) fn indented(self, margin: usize) -> Table {
        Table { margin, ..self }
    }

    pub(crate) fn row(&mut self, cells: Vec<Line>) {
        self.rows.push(cells);
    }

    pub(crate) fn draw(self, page: &mut Page) {
        let widths = self.widths(page.width());
        let is_shown = |at: usize| widths.get(at).is_some_and(Option::is_some);
        let last = (0..self.columns.len()).rev().find(|at| is_shown(*at));
        for cells in std::iter::once(&self.titles).chain(&self.rows) {
            let mut line = Line::new().padded(self.margin);
            for (at, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
                let Some(width) = widths[at] else { continue };
                let cell = cell.clone().cut(width);
                let start = line.width();
                if column.right {
                    line = line.padded(start + width.saturating_sub(cell.width()));
                }
                line.append(cell);
                if Some(at) != last {
                    line = line.padded(start + width + BETWEEN);
                }
            }
            page.push(line);
        }
    }

    /// Width of each column; `None` for those that are left out.
    fn widths(&self, room: usize) -> Vec<Option<usize>> {
        let cells = |at: usize| self.rows.iter().filter_map(move |row| row.get(at));
        // A column in which nothing stands says nothing.
        let wanted = |(at, title): (usize, &Line)| {
            let widest = cells(at)
                .map(Line::width)
                .max()
                .filter(|width| *width > 0)?;
            Some(widest.max(title.width()))
        };
        let mut widths: Vec<Option<usize>> = self.titles.iter().enumerate().map(wanted).collect();
        loop {
            let shown = widths.iter().flatten().count();
            let gaps = self.margin + BETWEEN * shown.saturating_sub(1);
            let total: usize = gaps + widths.iter().flatten().sum::<usize>();
            if total <= room {
                return widths;
            }
            let flexible = self.columns.iter().position(|column| column.flexible);
            if let Some(at) = flexible
                && let Some(width) = widths[at]
            {
                let left = room.saturating_sub(total - width);
                if left >= LEAST_FLEXIBLE {
                    widths[at] = Some(left.min(width));
                    return widths;
                }
            }
            let next = (0..self.columns.len())
                .filter(|at| widths[*at].is_some())
                .map(|at| self.columns[at].dispensable)
                .max()
                .filter(|order| *order > 0);
            match next {
                // All of that order at once: they belong together.
                Some(order) => {
                    for (width, column) in widths.iter_mut().zip(&self.columns) {
                        if column.dispensable == order {
                            *width = None;
                        }
                    }
                }
                // Nothing can be left out any more: the page cuts off the lines.
                None => {
                    if let Some(at) = flexible {
                        widths[at] = widths[at].map(|width| width.min(LEAST_FLEXIBLE));
                    }
                    return widths;
                }
            }
        }
    }
}

impl Line {
    /// One piece of text at most `width` wide, for a cell; a line of several pieces (a bar
    /// with its number) has a fixed width and is left as it is.
    fn cut(self, width: usize) -> Line {
        match self.only_piece() {
            Some((tone, text)) if self.width() > width => Line::of(tone, fit(&escape(text), width)),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    fn drawn(width: usize) -> String {
        let mut page = Page::new(Style {
            width,
            unicode: true,
            colour: false,
        });
        let mut table = Table::new(&[
            Column::number("PID"),
            Column::number("THREADS").dispensable(1),
            Column::text("COMMAND").flexible(),
        ]);
        for (pid, command) in [("1", "init"), ("23456", "a rather long command line")] {
            let cells = [pid, "4", command];
            table.row(cells.map(|cell| Line::of(Tone::Plain, cell)).to_vec());
        }
        table.draw(&mut page);
        page.render()
    }

    #[test]
    fn with_room_everything_is_shown() {
        assert_eq!(
            drawn(80),
            "    PID  THREADS  COMMAND\n      1        4  init\n  23456        4  a rather long command line\n"
        );
    }

    #[test]
    fn a_column_without_any_content_is_left_out() {
        let mut page = Page::new(Style {
            width: 80,
            unicode: true,
            colour: false,
        });
        let mut table = Table::new(&[Column::text("NAME"), Column::text("NOTE")]);
        table.row(vec![Line::of(Tone::Plain, "lo"), Line::new()]);
        table.draw(&mut page);
        assert_eq!(page.render(), "  NAME\n  lo\n");
    }

    #[test]
    fn the_flexible_column_is_cut_before_another_goes() {
        let row = |width| drawn(width).lines().nth(2).map(String::from);
        assert_eq!(
            row(36).as_deref(),
            Some("  23456        4  a rather long com…")
        );
        assert_eq!(row(28).as_deref(), Some("  23456  a rather long comm…"));
    }
}
